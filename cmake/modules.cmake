# ropewalk_library(NAME SOURCES... DEPENDS ...): one module, one static library `ropewalk_<name>`.
function(ropewalk_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  add_library(ropewalk_${name} STATIC ${ARG_SOURCES})
  target_include_directories(ropewalk_${name} PUBLIC ${CMAKE_SOURCE_DIR})
  target_link_libraries(ropewalk_${name} PUBLIC ${ARG_DEPENDS})
endfunction()

# ropewalk_test(NAME SOURCES... DEPENDS ...): one GoogleTest program `test_<name>` and one CTest entry of that name.
function(ropewalk_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS;LABELS" ${ARGN})
  add_executable(test_${name} ${ARG_SOURCES})
  target_include_directories(test_${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(test_${name} PRIVATE ${ARG_DEPENDS} GTest::gmock_main)
  target_compile_definitions(test_${name} PRIVATE ROPEWALK_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  add_test(NAME ${name} COMMAND test_${name} --gtest_brief=1 WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES LABELS "unit;${ARG_LABELS}" TIMEOUT 300)
endfunction()

# ropewalk_fuzz(NAME SOURCE DEPENDS ...): a libFuzzer target `fuzz_<name>`; its corpus is tests/fuzz/corpus/<name>.
# Without ROPEWALK_FUZZ nothing is built. CTest replays the corpus.
function(ropewalk_fuzz name source)
  if(NOT ROPEWALK_FUZZ)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "DEPENDS" ${ARGN})
  add_executable(fuzz_${name} ${source})
  target_link_libraries(fuzz_${name} PRIVATE ${ARG_DEPENDS} -fsanitize=fuzzer)
  add_test(NAME fuzz_${name} COMMAND fuzz_${name} -runs=0 ${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${name})
  set_tests_properties(fuzz_${name} PROPERTIES LABELS "fuzz" TIMEOUT 300)
endfunction()
