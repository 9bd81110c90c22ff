# Sources of one module share their headers, and headers are most of what a compiler reads here: it gets them in batches.
# OFF compiles each alone, which is what editors and those who change one file again and again want. (CMake's own unity
# builds name files by absolute paths, which a second clone does not find in ccache.)
option(ROPEWALK_BATCHES "Compile several sources of a module as one translation unit" ON)
set(ROPEWALK_BATCH_SIZE 8 CACHE STRING "Sources in a translation unit")

# ropewalk_batches(OUT NAME SOURCES...): the files to compile for SOURCES.
function(ropewalk_batches out name)
  if(NOT ROPEWALK_BATCHES)
    set(${out} ${ARGN} PARENT_SCOPE)
    return()
  endif()
  list(LENGTH ARGN count)
  # Even shares: nine sources are batches of five and four, not of eight and one.
  math(EXPR number "(${count} + ${ROPEWALK_BATCH_SIZE} - 1) / ${ROPEWALK_BATCH_SIZE}")
  math(EXPR share "(${count} + ${number} - 1) / ${number}")
  set(batches)
  set(place 0)
  foreach(source ${ARGN})
    math(EXPR index "${place} / ${share}")
    math(EXPR place "${place} + 1")
    cmake_path(ABSOLUTE_PATH source)
    cmake_path(RELATIVE_PATH source BASE_DIRECTORY ${CMAKE_SOURCE_DIR})
    string(APPEND batch_${index} "#include \"${source}\"\n")
  endforeach()
  foreach(index RANGE ${index})
    set(batch ${CMAKE_CURRENT_BINARY_DIR}/${name}_batch_${index}.cc)
    file(CONFIGURE OUTPUT ${batch} CONTENT "${batch_${index}}")
    list(APPEND batches ${batch})
  endforeach()
  set(${out} ${batches} PARENT_SCOPE)
endfunction()

# ropewalk_library(NAME SOURCES... DEPENDS ...): one module, one static library `ropewalk_<name>`.
function(ropewalk_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  ropewalk_batches(sources ${name} ${ARG_SOURCES})
  add_library(ropewalk_${name} STATIC ${sources})
  target_include_directories(ropewalk_${name} PUBLIC ${CMAKE_SOURCE_DIR})
  target_link_libraries(ropewalk_${name} PUBLIC ${ARG_DEPENDS})
endfunction()

# ropewalk_test(NAME SOURCES... DEPENDS ...): one GoogleTest program `test_<name>` and one CTest entry of that name.
# What is tested is built as it is delivered; the tests themselves, without optimization, compile in half the time.
# Those with the label tsan run under the thread sanitizer, too; `thread_tests` builds them.
add_custom_target(thread_tests)
function(ropewalk_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS;LABELS" ${ARGN})
  ropewalk_batches(sources test_${name} ${ARG_SOURCES})
  add_executable(test_${name} ${sources})
  target_include_directories(test_${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_compile_options(test_${name} PRIVATE -O0 -U_FORTIFY_SOURCE)
  target_link_libraries(test_${name} PRIVATE ${ARG_DEPENDS} ropewalk_source_dir GTest::gmock_main)
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
