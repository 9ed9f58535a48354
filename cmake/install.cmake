# SPDX-License-Identifier: MIT
include(CMakePackageConfigHelpers)

set(converge_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/converge)
foreach(component IN LISTS converge_components)
  install(TARGETS converge_${component} EXPORT converge_${component}_targets FILE_SET HEADERS)
  install(EXPORT converge_${component}_targets NAMESPACE converge:: DESTINATION ${converge_package_dir}
    FILE converge-${component}-targets.cmake)
endforeach()

configure_package_config_file(cmake/converge-config.cmake.in ${PROJECT_BINARY_DIR}/converge-config.cmake
  INSTALL_DESTINATION ${converge_package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/converge-config-version.cmake
  COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES ${PROJECT_BINARY_DIR}/converge-config.cmake ${PROJECT_BINARY_DIR}/converge-config-version.cmake
  cmake/Findconverge_cnats.cmake
  DESTINATION ${converge_package_dir})

# Relative to the .pc file, so that `cmake --install --prefix` and a moved tree work.
cmake_path(RELATIVE_PATH CMAKE_INSTALL_FULL_INCLUDEDIR BASE_DIRECTORY ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig
  OUTPUT_VARIABLE converge_pc_to_include)
foreach(component IN LISTS converge_components)
  if(EXISTS ${PROJECT_SOURCE_DIR}/cmake/pkg-config/${component}.pc.in)
    string(REPLACE "converge-converge" "converge" file converge-${component}.pc)
    configure_file(cmake/pkg-config/${component}.pc.in ${PROJECT_BINARY_DIR}/${file} @ONLY)
    install(FILES ${PROJECT_BINARY_DIR}/${file} DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
  endif()
endforeach()

install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
