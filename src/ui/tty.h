/* The terminal under the screen: opening and restoring it, keys, signals. There is one per process. */
#ifndef AMX_UI_TTY_H
#define AMX_UI_TTY_H

#include <stdbool.h>
#include <sys/types.h>

#include "config.h"
#include "error.h"
#include "keys.h"
#include "mouse.h"

/* Switches the terminal to the screen, with the styles and the mouse that `config` chooses, and blocks the
 * signals that tty_signal reads, in this thread and in those it starts afterwards. Whatever ends the process
 * (exit, a crash, SIGTERM, SIGHUP, SIGQUIT) restores the terminal. ERROR_SYSTEM: the terminal type is unknown
 * or can't place the cursor. */
bool tty_open(const Config *config, bool color, Error *err);
/* Gives the terminal back as it was, and the signals; does nothing while it is not open. */
void tty_close(void);

/* Readable when a signal waits. */
int tty_signal_fd(void);
/* Takes one signal that waits and returns its number; 0 when there is none. */
int tty_signal(void);
/* The next key, without waiting; false when there is none. *pasted tells typed keys from pasted text. */
bool tty_key(Key *key, bool *pasted);
/* Counts the pastes that began: which one a pasted key is of. */
unsigned tty_pastes(void);
/* After the key KEY_MOUSE_EVENT: what the mouse did, one thing after the other; false when there is no more.
 */
bool tty_mouse(Mouse *out);
/* Takes the mouse, or leaves it to the terminal, whose own selecting of text works then. */
void tty_take_mouse(bool take);
/* What tty_take_mouse was told last. */
bool tty_has_mouse(void);
/* Throws away what was typed up to now, and what still arrives until the keyboard is quiet for a moment: a
 * key that repeats, a line sent at once. */
void tty_flush(void);
/* Follows a change of the terminal's size, and has everything drawn anew; a terminal that does not tell its
 * size keeps the one it had. */
void tty_resize(void);
/* Writes a control sequence to the terminal, as it is. */
void tty_send(const char *sequence);
/* Gives the terminal to another program. */
void tty_release(void);
/* Does this process group have the terminal, and may give it to another one? */
bool tty_is_ours(void);
/* Puts another process group into the terminal's foreground, or this one again. */
void tty_give(pid_t group);
void tty_take(void);
/* Takes it again, whatever the program did to it, in the size it has by now. ^C and ^Z that were meant for
 * the program are dropped. */
void tty_reclaim(void);
/* Stops the process group; returns when it continues. */
void tty_stop(void);
/* Gives the terminal back, stops the process group, and takes the terminal again when it continues. */
void tty_suspend(void);

#endif
