# SPDX-License-Identifier: MIT
# Only for work on converge itself; none of this reaches a user of the library.

set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
find_program(converge_ccache ccache)
if(converge_ccache AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${converge_ccache})
endif()

# Each header compiles on its own: target all_verify_interface_header_sets.
foreach(component IN LISTS converge_components)
  set_target_properties(converge_${component} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
endforeach()
