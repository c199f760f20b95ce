# What `cmake --install` puts in place. The man page and the completions come out of the binary itself, so that they
# can't fall behind it.
include(GNUInstallDirs)

set(AMX_DOCS ${CMAKE_CURRENT_BINARY_DIR}/docs)
file(MAKE_DIRECTORY ${AMX_DOCS})

# amx_document(FILE WORDS..): the output of `amx WORDS..` as docs/FILE.
function(amx_document name)
  add_custom_command(
    OUTPUT ${AMX_DOCS}/${name}
    # A folder of its own: the build must not depend on the builder's amx.conf.
    COMMAND ${CMAKE_COMMAND} -E env --unset=AMX_CONFIG AMX_HOME=${AMX_DOCS}/home
            $<TARGET_FILE:amx> ${ARGN} > ${AMX_DOCS}/${name}
    DEPENDS amx
    COMMENT "Writing docs/${name}"
    VERBATIM)
endfunction()

amx_document(amx.1 help --man)
amx_document(amx.bash completion bash)
amx_document(_amx completion zsh)
amx_document(amx.fish completion fish)
add_custom_target(docs ALL DEPENDS ${AMX_DOCS}/amx.1 ${AMX_DOCS}/amx.bash ${AMX_DOCS}/_amx ${AMX_DOCS}/amx.fish)

install(TARGETS amx RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES amx.conf.example DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES ${AMX_DOCS}/amx.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${AMX_DOCS}/amx.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME amx)
install(FILES ${AMX_DOCS}/_amx DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES ${AMX_DOCS}/amx.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
