# heed_add_kernel(NAME SOURCE file.mlir [TARGETS target...] [PLAN plan.json] [TABLE table.json])
#
# Compiles a description ahead of time and makes its library the target NAME: linking it gives the
# functions of <NAME.h> and the runtime. TARGETS are heedc's, e.g. `host`; without them the library
# holds every x86-64 target and picks at run time. The same function serves Heed's own tree and,
# through find_package(heed), everyone else's, in C and in C++ projects.
function(heed_add_kernel name)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "SOURCE;PLAN;TABLE" "TARGETS")
  if(NOT ARG_SOURCE OR ARG_UNPARSED_ARGUMENTS OR ARG_KEYWORDS_MISSING_VALUES)
    message(FATAL_ERROR "Usage: heed_add_kernel(NAME SOURCE file.mlir [TARGETS target...] [PLAN plan.json] [TABLE table.json])\n"
      "Given: heed_add_kernel(${ARGV})")
  endif()
  set(folder "${CMAKE_CURRENT_BINARY_DIR}/heed-kernels")
  set(files "${folder}/${name}.a" "${folder}/${name}.h" "${folder}/${name}.json")
  get_filename_component(source "${ARG_SOURCE}" ABSOLUTE)
  set(inputs "${source}")
  set(flags -o "${folder}/${name}")
  if(ARG_TARGETS)
    list(JOIN ARG_TARGETS "," targets)
    list(APPEND flags --target "${targets}")
  endif()
  foreach(option PLAN TABLE)
    if(ARG_${option})
      get_filename_component(file "${ARG_${option}}" ABSOLUTE)
      string(TOLOWER "--${option}" flag)
      list(APPEND inputs "${file}")
      list(APPEND flags ${flag} "${file}")
    endif()
  endforeach()
  add_custom_command(OUTPUT ${files}
    COMMAND heed::heedc "${source}" ${flags}
    DEPENDS ${inputs} heed::heedc
    COMMENT "Compiling the attention kernel ${name}" VERBATIM)
  add_custom_target(${name}_files DEPENDS ${files})

  file(MAKE_DIRECTORY "${folder}")
  add_library(${name} STATIC IMPORTED GLOBAL)
  set_target_properties(${name} PROPERTIES
    IMPORTED_LOCATION "${folder}/${name}.a"
    INTERFACE_INCLUDE_DIRECTORIES "${folder}"
    INTERFACE_LINK_LIBRARIES heed::heed)
  add_dependencies(${name} ${name}_files)
endfunction()
