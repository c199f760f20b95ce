/* A real terminal for tests: the program runs in a private tmux server with a socket, a size and a
 * configuration of its own. Whatever goes wrong fails the test and shows the screen. */
#ifndef AMX_TESTS_TERMINAL_H
#define AMX_TESTS_TERMINAL_H

#include "support.h"

typedef struct Terminal Terminal;

/* Opens a terminal and runs amx in it with a shell's `arguments` ("db history-store"); when amx ends, the
 * screen says "left with N". `env` as in support_amx. To be closed with terminal_stop. */
Terminal *terminal_start(const char *const *env, int columns, int lines, const char *arguments);
/* The same with another build of amx. */
Terminal *terminal_start_build(const char *binary, const char *const *env, int columns, int lines,
                               const char *arguments);
void terminal_stop(Terminal *terminal);
/* For cmocka_unit_test_teardown: stops what a failed test left open. */
int terminal_teardown(void **state);

/* Sends keys by their tmux names ("Enter", "Tab", "d", "C-c"), all at once; ended by NULL. */
void terminal_keys(Terminal *terminal, ...) __attribute__((sentinel));
/* Types text as it is. */
void terminal_type(Terminal *terminal, const char *text);
/* Pastes text as a terminal does: bracketed when the program asked for that. */
void terminal_paste(Terminal *terminal, const char *text);
void terminal_resize(Terminal *terminal, int columns, int lines);
/* Sends a signal to the program itself. */
void terminal_signal(Terminal *terminal, int signal_number);

/* The device that the program writes to; owned by the support. */
const char *terminal_device(Terminal *terminal);
/* What the screen shows, line by line; owned by the support. */
const char *terminal_screen(Terminal *terminal);
/* The same with the escape sequences of its attributes and with blanks at the ends of lines, for
 * capture_read. */
const char *terminal_capture(Terminal *terminal);
/* What the program has put on the terminal's clipboard last; owned by the support. */
const char *terminal_clipboard(Terminal *terminal);
/* Wait until the screen shows, or no longer shows, a text. */
void terminal_expect(Terminal *terminal, const char *text);
void terminal_expect_gone(Terminal *terminal, const char *text);
/* Expects that amx has ended well (the exit code also tells that nothing leaked and nothing was misused), and
 * stops the terminal. */
void terminal_expect_end(Terminal *terminal);

/* Types a line after `:` and runs it. */
void terminal_command(Terminal *terminal, const char *line);
/* Leaves amx by q, which does that in the picker, once what still runs has ended; then as
 * terminal_expect_end. */
void terminal_leave(Terminal *terminal);

#endif
