# find_package(heed): the targets heed::heed (the runtime), heed::heedc (the compiler) and
# heed::builder (descriptions from C++), and heed_add_kernel. Works wherever the installed folder is moved, in C and in C++ projects.
get_filename_component(HEED_PREFIX "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)

if(NOT TARGET heed::heed)
  add_library(heed::heed STATIC IMPORTED)
  set_target_properties(heed::heed PROPERTIES
    IMPORTED_LOCATION "${HEED_PREFIX}/lib/libheed.a"
    INTERFACE_INCLUDE_DIRECTORIES "${HEED_PREFIX}/include"
    INTERFACE_LINK_LIBRARIES "m;pthread")
  add_library(heed::builder STATIC IMPORTED)
  set_target_properties(heed::builder PROPERTIES
    IMPORTED_LOCATION "${HEED_PREFIX}/lib/libheed_builder.a"
    INTERFACE_INCLUDE_DIRECTORIES "${HEED_PREFIX}/include"
    INTERFACE_COMPILE_FEATURES cxx_std_20)
  add_executable(heed::heedc IMPORTED)
  set_target_properties(heed::heedc PROPERTIES IMPORTED_LOCATION "${HEED_PREFIX}/bin/heedc")
endif()

include("${CMAKE_CURRENT_LIST_DIR}/HeedKernels.cmake")
