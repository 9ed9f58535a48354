# SPDX-License-Identifier: MIT
include(CMakePackageConfigHelpers)

set(converge_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/converge)
foreach(component converge sqlite testing)
  if(TARGET converge_${component})
    install(TARGETS converge_${component} EXPORT converge_${component}_targets FILE_SET HEADERS)
    install(EXPORT converge_${component}_targets NAMESPACE converge:: DESTINATION ${converge_package_dir}
      FILE converge-${component}-targets.cmake)
  endif()
endforeach()

configure_package_config_file(cmake/converge-config.cmake.in ${PROJECT_BINARY_DIR}/converge-config.cmake
  INSTALL_DESTINATION ${converge_package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/converge-config-version.cmake
  COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES ${PROJECT_BINARY_DIR}/converge-config.cmake ${PROJECT_BINARY_DIR}/converge-config-version.cmake
  DESTINATION ${converge_package_dir})

configure_file(cmake/converge.pc.in ${PROJECT_BINARY_DIR}/converge.pc @ONLY)
configure_file(cmake/converge-sqlite.pc.in ${PROJECT_BINARY_DIR}/converge-sqlite.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/converge.pc ${PROJECT_BINARY_DIR}/converge-sqlite.pc
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
