# SPDX-License-Identifier: MIT
# The C client of NATS, as target converge_cnats::cnats. The package of Debian 12 has a CMake file of its own that names a static
# library which is not in the package, and so it cannot be used.

include(FindPackageHandleStandardArgs)
find_path(converge_cnats_include nats/nats.h)
find_library(converge_cnats_library nats)
mark_as_advanced(converge_cnats_include converge_cnats_library)
find_package_handle_standard_args(converge_cnats REQUIRED_VARS converge_cnats_library converge_cnats_include)
if(converge_cnats_FOUND AND NOT TARGET converge_cnats::cnats)
  add_library(converge_cnats::cnats UNKNOWN IMPORTED)
  set_target_properties(converge_cnats::cnats PROPERTIES
    IMPORTED_LOCATION ${converge_cnats_library} INTERFACE_INCLUDE_DIRECTORIES ${converge_cnats_include})
endif()
