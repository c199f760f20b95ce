/* Completion scripts for shells. They know nothing themselves: they ask the binary,
 *   amx __complete -- WORDS..
 * where WORDS are those after the program's name up to the one being typed, which comes last and may be
 * empty. It prints what may stand there, one per line; when that is nothing, the shell completes file names.
 */
#ifndef AMX_CORE_COMPLETION_H
#define AMX_CORE_COMPLETION_H

/* The script for "bash", "zsh" or "fish", a static string; NULL for any other shell. */
const char *completion_script(const char *shell);

#endif
