# Where the things Heed is built from are found. Versions are pinned by scripts/setup.sh.

find_program(HEED_LLVM_CONFIG NAMES llvm-config-22 REQUIRED)
execute_process(COMMAND ${HEED_LLVM_CONFIG} --prefix OUTPUT_VARIABLE HEED_LLVM_PREFIX
  OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
find_package(MLIR 22.1 REQUIRED CONFIG HINTS "${HEED_LLVM_PREFIX}/lib/cmake/mlir")
list(APPEND CMAKE_MODULE_PATH "${MLIR_CMAKE_DIR}" "${LLVM_CMAKE_DIR}")
include(TableGen)
include(AddLLVM)
include(AddMLIR)

find_package(fmt REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(Threads REQUIRED)
find_package(Python3 REQUIRED COMPONENTS Interpreter)
set(Protobuf_USE_STATIC_LIBS ON) # its small runtime becomes a part of heedc
find_package(Protobuf 3.21 REQUIRED)

# MLIR's and LLVM's headers and shared libraries.
add_library(heed_mlir INTERFACE)
separate_arguments(HEED_LLVM_DEFINITIONS NATIVE_COMMAND "${LLVM_DEFINITIONS}")
target_compile_definitions(heed_mlir INTERFACE ${HEED_LLVM_DEFINITIONS})
target_include_directories(heed_mlir SYSTEM INTERFACE ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS})
target_link_libraries(heed_mlir INTERFACE MLIR LLVM)

# Halide's wheel brings a HalideConfig.cmake that needs CMake 3.28; an imported target does not.
set(HEED_HALIDE_ROOT "${PROJECT_SOURCE_DIR}/.deps/halide" CACHE PATH "the unpacked Halide wheel")
if(NOT EXISTS "${HEED_HALIDE_ROOT}/lib64/libHalide.so")
  message(FATAL_ERROR "No Halide in ${HEED_HALIDE_ROOT}: run scripts/setup.sh halide")
endif()
add_library(Halide::Halide SHARED IMPORTED)
set_target_properties(Halide::Halide PROPERTIES
  IMPORTED_LOCATION "${HEED_HALIDE_ROOT}/lib64/libHalide.so"
  INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${HEED_HALIDE_ROOT}/include"
  INTERFACE_INCLUDE_DIRECTORIES "${HEED_HALIDE_ROOT}/include"
  INTERFACE_COMPILE_DEFINITIONS "HALIDE_ENABLE_RTTI;HALIDE_WITH_EXCEPTIONS")

# Character tables for the tokenizer.
find_path(HEED_UTF8PROC_INCLUDE utf8proc.h REQUIRED)
find_library(HEED_UTF8PROC_LIBRARY NAMES libutf8proc.a utf8proc REQUIRED)
add_library(heed_utf8proc INTERFACE)
target_include_directories(heed_utf8proc SYSTEM INTERFACE ${HEED_UTF8PROC_INCLUDE})
target_link_libraries(heed_utf8proc INTERFACE ${HEED_UTF8PROC_LIBRARY})
