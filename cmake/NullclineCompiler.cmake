# Warnings are errors. No -march: the release build runs on any x86-64; the kernels choose AVX2 or
# AVX-512 at run time. No -ffast-math anywhere: interval bounds rely on IEEE rounding.
add_library(nullcline_warnings INTERFACE)
target_compile_options(nullcline_warnings INTERFACE $<$<COMPILE_LANGUAGE:CXX>:
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Werror
  # Clang's -Wconversion includes this one, GCC's does not: indices here are signed, sizes are not.
  $<$<CXX_COMPILER_ID:Clang>:-Wno-sign-conversion>
  # GCC 12 sees ghosts inside std::string (its bug 105651), nlohmann_json and Eigen when it optimises.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict -Wno-maybe-uninitialized -Wno-stringop-overread>>)
add_compile_options($<$<COMPILE_LANGUAGE:C,CXX>:-ffp-contract=off>)

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()

if(NULLCLINE_BUILD_FUZZERS AND NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  message(FATAL_ERROR "NULLCLINE_BUILD_FUZZERS needs Clang; use the preset asan")
endif()
if(NULLCLINE_SANITIZE OR NULLCLINE_BUILD_FUZZERS)
  add_compile_options("$<$<COMPILE_LANGUAGE:C,CXX>:-fsanitize=address,undefined;\
-fno-sanitize-recover=all;-fno-omit-frame-pointer>")
  add_link_options(-fsanitize=address,undefined)
endif()
if(NULLCLINE_BUILD_FUZZERS)
  # Coverage counters in the library; the targets themselves link with -fsanitize=fuzzer.
  add_compile_options($<$<COMPILE_LANGUAGE:C,CXX>:-fsanitize=fuzzer-no-link>)
endif()
if(NOT CMAKE_BUILD_TYPE AND PROJECT_IS_TOP_LEVEL)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()
