# cmake --install: the library, its headers, the command, the shipped laws, and the package that makes
# find_package(nullcline) work out of tree.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/nullcline)

set_target_properties(nullcline_testing PROPERTIES EXPORT_NAME testing)
install(TARGETS nullcline nullcline_testing EXPORT nullclineTargets
  FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/testing/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN "*.hpp" PATTERN internal EXCLUDE)
if(TARGET nullcline_command)
  install(TARGETS nullcline_command RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/examples/ DESTINATION ${CMAKE_INSTALL_DATADIR}/nullcline/examples)
endif()
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

install(EXPORT nullclineTargets NAMESPACE nullcline:: DESTINATION ${package_dir})
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/nullclineConfig.cmake.in
  ${PROJECT_BINARY_DIR}/nullclineConfig.cmake INSTALL_DESTINATION ${package_dir})
# Before 1.0 a minor release may break its users.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/nullclineConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/nullclineConfig.cmake
  ${PROJECT_BINARY_DIR}/nullclineConfigVersion.cmake DESTINATION ${package_dir})
