# ropewalk_library(NAME SOURCES... DEPENDS ...): one module, one static library `ropewalk_<name>`.
function(ropewalk_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  add_library(ropewalk_${name} STATIC ${ARG_SOURCES})
  target_include_directories(ropewalk_${name} PUBLIC ${CMAKE_SOURCE_DIR})
  target_link_libraries(ropewalk_${name} PUBLIC ${ARG_DEPENDS})
endfunction()

# ropewalk_test(NAME SOURCES... DEPENDS ...): one GoogleTest program `test_<name>` and one CTest entry of that name.
# Those with the label tsan run under the thread sanitizer, too; `thread_tests` builds them.
add_custom_target(thread_tests)
function(ropewalk_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS;LABELS" ${ARGN})
  add_executable(test_${name} ${ARG_SOURCES})
  target_include_directories(test_${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(test_${name} PRIVATE ${ARG_DEPENDS} GTest::gmock_main)
  target_compile_definitions(test_${name} PRIVATE ROPEWALK_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  add_test(NAME ${name} COMMAND test_${name} --gtest_brief=1 WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES LABELS "unit;${ARG_LABELS}" TIMEOUT 900)
  if("tsan" IN_LIST ARG_LABELS)
    add_dependencies(thread_tests test_${name})
  endif()
endfunction()

# ropewalk_fuzz(NAME SOURCE DEPENDS ...): a libFuzzer target `fuzz_<name>`; its corpus is tests/fuzz/corpus/<name>.
# Built with the address sanitizer. CTest replays the corpus, then tries inputs of its own for some seconds; what they
# find stays in the build folder.
set(ROPEWALK_FUZZ_SECONDS 5 CACHE STRING "How long CTest runs each fuzz target")
add_custom_target(fuzz)
function(ropewalk_fuzz name source)
  if(NOT ROPEWALK_SANITIZE MATCHES "address" OR NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "DEPENDS" ${ARGN})
  add_executable(fuzz_${name} ${source})
  target_compile_options(fuzz_${name} PRIVATE -fsanitize=fuzzer-no-link)
  target_link_libraries(fuzz_${name} PRIVATE ${ARG_DEPENDS} -fsanitize=fuzzer)
  set(found ${CMAKE_BINARY_DIR}/fuzz/${name})
  if(NOT ROPEWALK_FUZZ)
    set(seed -seed=1)  # the same inputs in every run of the tests; make fuzz tries others
  endif()
  file(MAKE_DIRECTORY ${found})
  add_test(NAME fuzz_${name} COMMAND fuzz_${name} ${seed} -max_total_time=${ROPEWALK_FUZZ_SECONDS} -timeout=20 -rss_limit_mb=4096
           -print_final_stats=1 -artifact_prefix=${found}/ ${found} ${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${name})
  add_dependencies(fuzz fuzz_${name})
  math(EXPR limit "${ROPEWALK_FUZZ_SECONDS} + 300")
  set_tests_properties(fuzz_${name} PROPERTIES LABELS "fuzz" TIMEOUT ${limit})
endfunction()
