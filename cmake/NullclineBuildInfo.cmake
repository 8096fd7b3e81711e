# nullcline_build_info(target): generates build_info.hpp, which says what the library was built from.
# The commit is asked at every build and the file is touched only when it changed. This file is also
# the script that does it: cmake -D... -P NullclineBuildInfo.cmake
if(CMAKE_SCRIPT_MODE_FILE)
  set(NULLCLINE_COMMIT unknown)  # a source archive
  find_program(GIT git)
  if(GIT AND EXISTS ${SOURCE}/.git)
    execute_process(COMMAND ${GIT} -C ${SOURCE} describe --always --dirty --abbrev=12
      OUTPUT_VARIABLE described OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE status)
    if(status EQUAL 0)
      set(NULLCLINE_COMMIT ${described})
    endif()
  endif()
  configure_file(${SOURCE}/cmake/build_info.hpp.in ${OUTPUT} @ONLY)
  return()
endif()

function(nullcline_build_info target)
  set(folder ${PROJECT_BINARY_DIR}/generated)
  string(TOUPPER "${CMAKE_BUILD_TYPE}" type)
  get_directory_property(options COMPILE_OPTIONS)
  list(JOIN options " " options)
  # $<$<COMPILE_LANGUAGE:C,CXX>:-flag> says -flag to the reader of a result.
  string(REGEX REPLACE "\\$<\\$<[^>]*>:|>" "" options "${options}")
  string(STRIP "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${type}} ${options}" flags)
  string(REPLACE "\"" "\\\"" flags "${flags}")
  add_custom_target(nullcline_commit
    COMMAND ${CMAKE_COMMAND} -DSOURCE=${PROJECT_SOURCE_DIR} -DOUTPUT=${folder}/build_info.hpp
      -DNULLCLINE_VERSION=${PROJECT_VERSION} -DNULLCLINE_BUILD_TYPE=${CMAKE_BUILD_TYPE}
      "-DNULLCLINE_COMPILER_FLAGS=${flags}" -P ${CMAKE_CURRENT_FUNCTION_LIST_FILE}
    BYPRODUCTS ${folder}/build_info.hpp VERBATIM)
  add_dependencies(${target} nullcline_commit)
  target_include_directories(${target} PRIVATE ${folder})
endfunction()
