# What `cmake --install` lays out:
#
#   bin/heedc, heed-*         find libHalide.so and libheed.a relative to themselves
#   include/heed/*.h          and DLPack's header, which they include
#   lib/libheed.a             what programs link
#   lib/libheed_builder.a     what programs that describe kernels link
#   lib/heed/libHalide.so     for these alone
#   lib/cmake/heed            find_package(heed)
#   lib/pkgconfig/heed.pc
#   share/heed/schedules      tables of tuned plans, by target
#   share/doc/heed            licences
include(CMakePackageConfigHelpers)

set(tools heedc heed-opt heed-bench heed-tune heed-run)
install(TARGETS ${tools} RUNTIME DESTINATION bin)
set_target_properties(${tools} PROPERTIES
  INSTALL_RPATH "$ORIGIN/../lib/heed;${HEED_LLVM_PREFIX}/lib")
install(TARGETS heed_runtime heed_builder ARCHIVE DESTINATION lib)
install(FILES ${HEED_HALIDE_ROOT}/lib64/libHalide.so DESTINATION lib/heed)
install(DIRECTORY runtime/include/heed compiler/builder/include/heed DESTINATION include)
install(FILES ${HEED_DLPACK_INCLUDE}/dlpack/dlpack.h DESTINATION include/dlpack)

write_basic_package_version_file(heedConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES cmake/package/heedConfig.cmake cmake/HeedKernels.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/heedConfigVersion.cmake DESTINATION lib/cmake/heed)
configure_file(cmake/package/heed.pc.in heed.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/heed.pc DESTINATION lib/pkgconfig)
install(DIRECTORY schedules/ DESTINATION share/heed/schedules FILES_MATCHING PATTERN "x86-64-*/*.json"
  PATTERN plan EXCLUDE PATTERN table EXCLUDE PATTERN families EXCLUDE)
install(FILES LICENSE THIRD_PARTY_NOTICES DESTINATION share/doc/heed)
install(FILES ${HEED_HALIDE_ROOT}/share/doc/Halide/LICENSE.txt DESTINATION share/doc/heed
  RENAME Halide-LICENSE.txt)
