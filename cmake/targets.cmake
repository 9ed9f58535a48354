# SPDX-License-Identifier: MIT
# The library: an INTERFACE target for each component. A component owns the headers that need its dependency.

find_package(Boost 1.81 REQUIRED COMPONENTS json)

file(GLOB_RECURSE converge_headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/include/converge/*.hpp)
set(converge_sqlite_headers ${converge_headers})
list(FILTER converge_sqlite_headers INCLUDE REGEX "/store/sqlite")
set(converge_testing_headers ${converge_headers})
list(FILTER converge_testing_headers INCLUDE REGEX "/testing/")
list(REMOVE_ITEM converge_headers ${converge_sqlite_headers} ${converge_testing_headers})

function(converge_component name)
  add_library(converge_${name} INTERFACE)
  add_library(converge::${name} ALIAS converge_${name})
  set_target_properties(converge_${name} PROPERTIES EXPORT_NAME ${name})
  target_compile_features(converge_${name} INTERFACE cxx_std_20)
  if(ARGN)
    target_sources(converge_${name} INTERFACE
      FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}/include FILES ${ARGN})
  endif()
endfunction()

converge_component(converge ${converge_headers})
target_link_libraries(converge_converge INTERFACE Boost::headers Boost::json)

find_package(SQLite3 QUIET)
if(SQLite3_FOUND)
  converge_component(sqlite ${converge_sqlite_headers})
  target_link_libraries(converge_sqlite INTERFACE converge::converge SQLite::SQLite3)
endif()

find_package(doctest QUIET)
if(doctest_FOUND AND converge_testing_headers)
  converge_component(testing ${converge_testing_headers})
  target_link_libraries(converge_testing INTERFACE converge::converge doctest::doctest)
endif()
