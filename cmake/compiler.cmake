# g++ before 13 miscompiles coroutines, silently in some forms (docs/adr/0002-compiler.md).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  message(FATAL_ERROR "Ropewalk needs clang 19 (or g++ 13 and up): g++ ${CMAKE_CXX_COMPILER_VERSION} miscompiles coroutines. "
                      "Use `cmake --preset release`, which takes clang++-19.")
endif()

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

set(ROPEWALK_SANITIZE "" CACHE STRING "Sanitizers, e.g. address,undefined")
option(ROPEWALK_FUZZ "Instrument everything, so that fuzz targets see what an input reaches" OFF)
option(ROPEWALK_COVERAGE "Instrument for coverage" OFF)

find_program(CCACHE ccache)
if(CCACHE)
  # Paths relative to the checkout and no folder in the hash: a second clone finds what the first one built.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${CMAKE_CXX_COMPILER_LAUNCHER})
endif()

add_compile_options(-Wall -Wextra -Wshadow -Wnon-virtual-dtor -Wno-unused-parameter -fno-omit-frame-pointer -fstack-protector-strong)
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  add_compile_options(-fcf-protection -Wno-missing-field-initializers)
  add_link_options(-fuse-ld=lld-19)
endif()
add_link_options(-Wl,-z,relro,-z,now)

set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -DNDEBUG -D_FORTIFY_SOURCE=2")
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -gline-tables-only")
set(CMAKE_C_FLAGS_RELEASE ${CMAKE_CXX_FLAGS_RELEASE})
set(CMAKE_C_FLAGS_DEBUG ${CMAKE_CXX_FLAGS_DEBUG})
if(ROPEWALK_SANITIZE)
  add_compile_options(-fsanitize=${ROPEWALK_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${ROPEWALK_SANITIZE})
endif()
if(ROPEWALK_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(ROPEWALK_COVERAGE)
  add_compile_options(-fprofile-instr-generate -fcoverage-mapping)
  add_link_options(-fprofile-instr-generate)
endif()
# Asio: compiled once in common/asio.cc, never header-only; no deprecated names.
add_compile_definitions(BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_VISIBILITY
                        BOOST_BEAST_SEPARATE_COMPILATION)
