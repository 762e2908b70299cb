# carillon_module(<name> DEPENDS <module>... [LINK <private library>...])
#
# One directory is one module is one target, carillon_<name>. Siblings by suffix:
#   x.cc  library     x_test.cc  unit tests     x_fuzz.cc  fuzz target     x_bench.cc  benchmark
include(GNUInstallDirs)

add_library(carillon_options INTERFACE)
target_include_directories(carillon_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_features(carillon_options INTERFACE cxx_std_20)

add_library(carillon_warnings INTERFACE)
target_compile_options(carillon_warnings INTERFACE
  # GCC 12 cries wolf on string concatenation and on std::variant; designated initialisers rely on
  # the defaults of what they do not name.
  -Wall -Wextra -Wconversion -Wshadow -Wno-missing-field-initializers
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict -Wno-maybe-uninitialized>
  $<$<BOOL:${CARILLON_WERROR}>:-Werror>)

if(CARILLON_SANITIZE)
  # UBSan's vptr check opens a pipe to look at memory: out of descriptors it cries wolf, and we test
  # that very state.
  add_compile_options(-fsanitize=${CARILLON_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all
    -fno-sanitize=vptr)
  add_link_options(-fsanitize=${CARILLON_SANITIZE})
endif()
set(CARILLON_LIBFUZZER OFF)
if(CARILLON_FUZZ AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND NOT CARILLON_FUZZ_REPLAY)
  set(CARILLON_LIBFUZZER ON)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

set_property(GLOBAL PROPERTY CARILLON_MODULES "")

function(carillon_module name)
  cmake_parse_arguments(arg "" "" "DEPENDS;LINK" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  file(GLOB headers CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.h)
  set(tests ${sources})
  set(fuzzers ${sources})
  set(benches ${sources})
  list(FILTER sources EXCLUDE REGEX "_(test|fuzz|bench)\\.cc$")
  list(FILTER headers EXCLUDE REGEX "_(test|contract)\\.h$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cc$")
  list(FILTER benches INCLUDE REGEX "_bench\\.cc$")

  set(target carillon_${name})
  list(TRANSFORM arg_DEPENDS PREPEND carillon_ OUTPUT_VARIABLE depends)
  if(sources)
    add_library(${target} STATIC ${sources})
    set(scope PUBLIC)
    target_link_libraries(${target} PRIVATE carillon_warnings ${arg_LINK})
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_link_libraries(${target} ${scope} carillon_options ${depends})
  # Each header compiles by itself, with what the module declares and nothing else.
  target_sources(${target} ${scope} FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}
    FILES ${headers})
  set_target_properties(${target} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
  set_property(GLOBAL APPEND PROPERTY CARILLON_MODULES ${name})
  set_property(GLOBAL PROPERTY CARILLON_HEADERS_${name} ${headers})
  set_property(GLOBAL PROPERTY CARILLON_LINK_${name} ${arg_LINK})

  if(CARILLON_TESTS AND tests)
    add_executable(${target}_test ${tests})
    target_link_libraries(${target}_test PRIVATE ${target} carillon_warnings ${arg_LINK}
      GTest::gtest_main GTest::gmock)
    add_test(NAME ${name} COMMAND ${target}_test)
    set_tests_properties(${name} PROPERTIES LABELS unit)
  endif()
  if(CARILLON_FUZZ)
    foreach(source IN LISTS fuzzers)
      carillon_fuzz_target(${source} ${target})
    endforeach()
  endif()
  if(CARILLON_BENCH AND benches)
    find_package(benchmark QUIET)
    if(benchmark_FOUND)
      add_executable(${target}_bench ${benches})
      target_link_libraries(${target}_bench PRIVATE ${target} carillon_warnings ${arg_LINK}
        benchmark::benchmark_main)
    endif()
  endif()
endfunction()

# With clang a libFuzzer binary; with any other compiler (or under coverage) a replayer that runs
# each file of the corpus given to it. The committed corpus is a test in both.
function(carillon_fuzz_target source module)
  get_filename_component(fuzzer ${source} NAME_WE)
  add_executable(${fuzzer} ${source})
  target_link_libraries(${fuzzer} PRIVATE ${module} carillon_warnings)
  set(replay_arguments "")
  if(CARILLON_LIBFUZZER)
    target_link_options(${fuzzer} PRIVATE -fsanitize=fuzzer)
    set(replay_arguments -runs=0)
  else()
    target_sources(${fuzzer} PRIVATE ${PROJECT_SOURCE_DIR}/fuzz/replay_main.cc)
  endif()
  string(REGEX REPLACE "_fuzz$" "" name ${fuzzer})
  set(corpus ${PROJECT_SOURCE_DIR}/fuzz/corpus/${name})
  if(CARILLON_TESTS AND EXISTS ${corpus})
    add_test(NAME fuzz_${name} COMMAND ${fuzzer} ${replay_arguments} ${corpus})
    set_tests_properties(fuzz_${name} PROPERTIES LABELS fuzz)
  endif()
endfunction()
