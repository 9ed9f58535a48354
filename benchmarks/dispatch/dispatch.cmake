# SPDX-License-Identifier: MIT
# The workloads of the dispatch benchmark are generated, from fixed seeds, as each contender would have them written.
add_executable(dispatch_generator dispatch/generator/main.cpp)
target_include_directories(dispatch_generator PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(dispatch_generator PRIVATE converge_warnings)
target_compile_features(dispatch_generator PRIVATE cxx_std_20)

set(generated ${CMAKE_CURRENT_BINARY_DIR}/dispatch-workloads)
set(generated_headers)
foreach(workload order flat composed large)
  list(APPEND generated_headers ${generated}/${workload}.hpp ${generated}/${workload}_process.hpp ${generated}/${workload}_switch.hpp
    ${generated}/${workload}_statechart.hpp)
  if(NOT workload STREQUAL "large")
    list(APPEND generated_headers ${generated}/${workload}_msm.hpp)
  endif()
endforeach()
add_custom_command(OUTPUT ${generated_headers} COMMAND dispatch_generator ${generated} DEPENDS dispatch_generator
  COMMENT "Writing the workloads of the dispatch benchmark" VERBATIM)
add_custom_target(dispatch_workloads DEPENDS ${generated_headers})

file(GLOB contenders CONFIGURE_DEPENDS dispatch/contenders/*.cpp)
target_sources(bench_dispatch PRIVATE ${contenders})
target_include_directories(bench_dispatch PRIVATE ${generated})
add_dependencies(bench_dispatch dispatch_workloads)
# Boost.MSM takes minutes: it is built when it is asked for.
set_target_properties(bench_dispatch PROPERTIES EXCLUDE_FROM_ALL ON)
