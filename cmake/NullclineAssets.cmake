# What pages carry, embedded into the library: templates, the style sheet, drawing scripts
# (assets/js bundled by esbuild) and Plotly (Debian's copy, minified by esbuild, compressed).
# Every asset becomes two symbols, nullcline_asset_<name> and nullcline_asset_<name>_end.
set(NULLCLINE_PLOTLY /usr/share/python3-plotly/plotly.js CACHE FILEPATH "Plotly's script")
find_program(ESBUILD_PROGRAM esbuild)
if(NOT ESBUILD_PROGRAM)
  message(FATAL_ERROR "esbuild not found; install Debian's package esbuild")
endif()
if(NOT EXISTS ${NULLCLINE_PLOTLY})
  message(FATAL_ERROR "${NULLCLINE_PLOTLY} not found; install Debian's package python3-plotly")
endif()
find_program(GZIP_PROGRAM gzip)
if(NOT GZIP_PROGRAM)
  message(FATAL_ERROR "gzip not found; install Debian's package gzip")
endif()

function(nullcline_embed_assets target folder)
  set(build ${CMAKE_CURRENT_BINARY_DIR}/assets)
  file(MAKE_DIRECTORY ${build})

  # The notice names the version that is embedded; its wording is checked here, not trusted.
  file(STRINGS ${NULLCLINE_PLOTLY} plotly_head LIMIT_COUNT 4)
  string(REGEX MATCH "plotly\\.js v[0-9.]+" PLOTLY_VERSION "${plotly_head}")
  string(REGEX MATCH "Copyright [-0-9]+, Plotly, Inc\\." PLOTLY_COPYRIGHT "${plotly_head}")
  if(NOT PLOTLY_VERSION OR NOT PLOTLY_COPYRIGHT)
    message(FATAL_ERROR "${NULLCLINE_PLOTLY}: no version and copyright in its first lines")
  endif()
  configure_file(${folder}/licenses.txt.in ${build}/licenses.txt @ONLY)

  file(GLOB modules CONFIGURE_DEPENDS ${folder}/js/*.js)
  foreach(bundle page=main portrait=portrait diagram=diagram evolution=evolution)
    string(REGEX MATCH "^([^=]+)=(.+)$" parts "${bundle}")
    add_custom_command(OUTPUT ${build}/${CMAKE_MATCH_1}.js
      COMMAND ${ESBUILD_PROGRAM} ${folder}/js/${CMAKE_MATCH_2}.js --bundle --format=iife --charset=ascii
              --target=es2021 --log-level=warning --outfile=${build}/${CMAKE_MATCH_1}.js
      DEPENDS ${modules} VERBATIM COMMENT "Bundling the script of a page")
  endforeach()
  # gzip -n leaves out name and time: same input, same bytes.
  add_custom_command(OUTPUT ${build}/plotly.js.gz
    COMMAND ${ESBUILD_PROGRAM} ${NULLCLINE_PLOTLY} --minify --charset=ascii --log-level=error
            --outfile=${build}/plotly.js
    COMMAND ${GZIP_PROGRAM} -9 -n -k -f ${build}/plotly.js
    DEPENDS ${NULLCLINE_PLOTLY} BYPRODUCTS ${build}/plotly.js
    VERBATIM COMMENT "Minifying and compressing Plotly")

  set(assembly "# Generated: the assets of a page as read-only data.\n.section .rodata\n")
  set(files)
  foreach(asset page_html=${folder}/page.html page_css=${folder}/page.css
          page_js=${build}/page.js portrait_html=${folder}/portrait.html
          portrait_js=${build}/portrait.js plotly_js_gz=${build}/plotly.js.gz
          diagram_html=${folder}/diagram.html diagram_js=${build}/diagram.js
          evolution_html=${folder}/evolution.html evolution_js=${build}/evolution.js
          licenses_txt=${build}/licenses.txt
          gallery_html=${folder}/gallery.html gallery_css=${folder}/gallery.css)
    string(REGEX MATCH "^([^=]+)=(.+)$" parts "${asset}")
    set(symbol nullcline_asset_${CMAKE_MATCH_1})
    list(APPEND files ${CMAKE_MATCH_2})
    string(APPEND assembly ".global ${symbol}\n.global ${symbol}_end\n"
      "${symbol}:\n.incbin \"${CMAKE_MATCH_2}\"\n${symbol}_end:\n.byte 0\n")
  endforeach()
  string(APPEND assembly ".section .note.GNU-stack,\"\",%progbits\n")
  file(CONFIGURE OUTPUT ${build}/assets.s CONTENT "${assembly}" @ONLY)
  set_source_files_properties(${build}/assets.s PROPERTIES OBJECT_DEPENDS "${files}")
  target_sources(${target} PRIVATE ${build}/assets.s)
endfunction()
