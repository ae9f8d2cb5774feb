# How a test is registered with ctest. tools/run-tests counts test by test, so it has to know what an entry is:
#
#   counterfoil_gtest(<name> <target>)          an executable of GoogleTest cases; each case counts. It must leave its result
#                                               file behind: an executable that crashes leaves none and counts as failed.
#   counterfoil_check(<name> COMMAND <...>)     one check, judged by its exit code; counts as one test.
#
# Both take TIMEOUT <seconds> (default 300) and ALONE (no other test runs at the same time) at their end. An entry that was
# registered with a bare add_test() counts as failed, because nobody can say how many tests it holds.
function(counterfoil_gtest name target)
  cmake_parse_arguments(ARG "ALONE" "TIMEOUT" "" ${ARGN})
  add_test(NAME ${name} COMMAND ${target})
  set_tests_properties(${name} PROPERTIES LABELS gtest
    ENVIRONMENT "GTEST_OUTPUT=xml:${CMAKE_BINARY_DIR}/results/${name}.xml")
  counterfoil_test_limits(${name} "${ARG_TIMEOUT}" ${ARG_ALONE})
endfunction()

function(counterfoil_check name)
  cmake_parse_arguments(ARG "ALONE" "TIMEOUT" "COMMAND" ${ARGN})
  add_test(NAME ${name} COMMAND ${ARG_COMMAND} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES LABELS check)
  counterfoil_test_limits(${name} "${ARG_TIMEOUT}" ${ARG_ALONE})
endfunction()

function(counterfoil_test_limits name timeout alone)
  if(timeout STREQUAL "")
    set(timeout 300)
  endif()
  set_tests_properties(${name} PROPERTIES TIMEOUT ${timeout} RUN_SERIAL ${alone})
endfunction()
