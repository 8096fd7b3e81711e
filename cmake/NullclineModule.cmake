# nullcline_module(name): every source and header of src/nullcline/<name> joins the library.
# A source named *.simd.cpp is compiled three times (SSE2, AVX2 + FMA, AVX-512), each time with
# NULLCLINE_SIMD set to the namespace of that instruction set; dispatch happens at run time.
function(nullcline_module name)
  set(folder ${PROJECT_SOURCE_DIR}/src/nullcline/${name})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${folder}/*.cpp)
  file(GLOB headers CONFIGURE_DEPENDS ${folder}/*.hpp)
  foreach(source ${sources})
    if(source MATCHES "\\.simd\\.cpp$")
      nullcline_simd_source(${source})
    else()
      target_sources(nullcline PRIVATE ${source})
    endif()
  endforeach()
  if(headers)
    target_sources(nullcline PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}/src FILES ${headers})
  endif()
endfunction()

function(nullcline_simd_source source)
  get_filename_component(base ${source} NAME_WE)
  set(flags_sse2 "")
  set(flags_avx2 -mavx2 -mfma)
  set(flags_avx512 -mavx512f -mavx512dq -mavx512bw -mavx512vl -mavx512cd -mfma)
  foreach(isa sse2 avx2 avx512)
    set(object nullcline_${base}_${isa})
    add_library(${object} OBJECT ${source})
    target_compile_definitions(${object} PRIVATE NULLCLINE_SIMD=${isa})
    # Always optimised: intrinsics without inlining would make the debug build useless.
    # GCC 12 takes the undefined lanes of its own AVX-512 intrinsics for a mistake of ours.
    target_compile_options(${object} PRIVATE -O3 ${flags_${isa}}
      $<$<CXX_COMPILER_ID:GNU>:-Wno-uninitialized;-Wno-maybe-uninitialized>)
    if(NULLCLINE_SANITIZE)  # unrolled tiles take minutes each to instrument; their callers are checked
      target_compile_options(${object} PRIVATE -fno-sanitize=all)
    endif()
    target_include_directories(${object} PRIVATE ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(${object} PRIVATE nullcline_warnings)
    target_sources(nullcline PRIVATE $<TARGET_OBJECTS:${object}>)
  endforeach()
endfunction()

function(nullcline_finish_library)
  target_compile_features(nullcline PUBLIC cxx_std_20)
  target_link_libraries(nullcline
    PUBLIC Eigen3::Eigen
    # What has only headers is needed to build the library, not to link against it.
    PRIVATE TBB::tbb fmt::fmt PkgConfig::OPENBLAS PkgConfig::LAPACKE PkgConfig::HDF5 PkgConfig::LIBZIP
            $<BUILD_INTERFACE:nullcline_warnings> $<BUILD_INTERFACE:nlohmann_json::nlohmann_json>
            $<BUILD_INTERFACE:PkgConfig::TOMLPLUSPLUS>)
  set_target_properties(nullcline PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
endfunction()
