# filled when the binary can print its own man page and completions
