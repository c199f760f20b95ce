/* The clipboard of the terminal, by OSC 52: it works over ssh too, where the terminal allows it. */
#ifndef AMX_UI_CLIPBOARD_H
#define AMX_UI_CLIPBOARD_H

#include <stdbool.h>
#include <stddef.h>

#define CLIPBOARD_LIMIT ((size_t)100 * 1024) /* bytes of text: what terminals are known to take */

/* The sequence that puts the text on the clipboard; what is beyond the limit is cut at a character and *cut
 * set. Inside tmux it comes twice: for tmux's own buffer, and passed through to the terminal around it.
 * Owned by the caller. */
char *clipboard_sequence(const char *text, bool inside_tmux, bool *cut);
/* Sends it to the terminal of the screen. */
void clipboard_copy(const char *text, bool *cut);
/* "copied: sales.customer (14 characters)": how the text begins, and how much it is. Harmless, short, owned
 * by the caller. */
char *clipboard_told(const char *text);

#endif
