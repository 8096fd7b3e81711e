# The explorer's page (script/explorer) as bytes of a program: nullcline_asset_explorer_html and its end.
# Without emscripten and zopfli, or with NULLCLINE_EXPLORER off, there are none, and the program says so.
option(NULLCLINE_EXPLORER "Embed the live explorer into the command, where emscripten is installed" OFF)

function(nullcline_embed_explorer target)
  set(assembly ${CMAKE_CURRENT_BINARY_DIR}/explorer.s)
  set(incbin "")
  find_program(EMXX_PROGRAM em++)
  find_program(ZOPFLI_PROGRAM zopfli)
  if(NULLCLINE_EXPLORER AND EMXX_PROGRAM AND ZOPFLI_PROGRAM)
    set(page ${PROJECT_SOURCE_DIR}/build/explorer/explorer.html)
    set(incbin ".incbin \"${page}\"\n")
    # Always asked, as it alone knows what the page depends on; the program is linked again only if
    # the page is a new one.
    add_custom_target(nullcline_explorer COMMAND ${PROJECT_SOURCE_DIR}/script/explorer
      BYPRODUCTS ${page} VERBATIM USES_TERMINAL COMMENT "Building the explorer (minutes at first)")
    add_dependencies(${target} nullcline_explorer)
    set_source_files_properties(${assembly} PROPERTIES OBJECT_DEPENDS ${page})
  elseif(NULLCLINE_EXPLORER)
    message(STATUS "the command is built without the explorer, which needs Debian's packages emscripten and zopfli")
  endif()
  file(CONFIGURE OUTPUT ${assembly} CONTENT "# Generated: the explorer as read-only data.
.section .rodata
.global nullcline_asset_explorer_html
.global nullcline_asset_explorer_html_end
nullcline_asset_explorer_html:
${incbin}nullcline_asset_explorer_html_end:
.byte 0
.section .note.GNU-stack,\"\",%progbits
" @ONLY)
  target_sources(${target} PRIVATE ${assembly})
endfunction()
