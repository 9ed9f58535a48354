# SPDX-License-Identifier: MIT
# The library: an INTERFACE target for each component. A component owns the headers that need its dependency, and is left out
# where the dependency is missing. A new one is added here and in converge-config.cmake.in.

file(GLOB_RECURSE converge_headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/include/converge/*.hpp)

# converge_component(NAME [HEADERS REGEX] LINKS TARGET...): takes the headers that match REGEX, or all that are left.
macro(converge_component name)
  cmake_parse_arguments(component "" "HEADERS" "LINKS" ${ARGN})
  set(component_headers ${converge_headers})
  if(component_HEADERS)
    list(FILTER component_headers INCLUDE REGEX "${component_HEADERS}")
    list(FILTER converge_headers EXCLUDE REGEX "${component_HEADERS}")
  endif()

  set(component_present TRUE)
  foreach(link ${component_LINKS})
    if(NOT TARGET ${link})
      set(component_present FALSE)
      message(STATUS "converge: without component ${name}, there is no ${link} here")
    endif()
  endforeach()

  if(component_present)
    list(APPEND converge_components ${name})
    add_library(converge_${name} INTERFACE)
    add_library(converge::${name} ALIAS converge_${name})
    set_target_properties(converge_${name} PROPERTIES EXPORT_NAME ${name})
    target_compile_features(converge_${name} INTERFACE cxx_std_20)
    target_sources(converge_${name} INTERFACE
      FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}/include FILES ${component_headers})
    target_link_libraries(converge_${name} INTERFACE ${component_LINKS})
    if(NOT name STREQUAL "converge")
      target_link_libraries(converge_${name} INTERFACE converge_converge)
    endif()
  endif()
endmacro()

find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_package(SQLite3 QUIET)
find_package(PostgreSQL 15 QUIET)
find_package(doctest QUIET)
list(APPEND CMAKE_MODULE_PATH ${PROJECT_SOURCE_DIR}/cmake)
find_package(converge_cnats QUIET)

set(converge_components)
converge_component(sqlite HEADERS "/store/sqlite[./]" LINKS SQLite::SQLite3)
converge_component(postgres HEADERS "/store/postgres[./]" LINKS PostgreSQL::PostgreSQL)
converge_component(jetstream HEADERS "/store/jetstream[./]" LINKS converge_cnats::cnats)
converge_component(testing HEADERS "/testing/(doctest|store_conformance)" LINKS doctest::doctest)
converge_component(converge LINKS Boost::headers Boost::json)
