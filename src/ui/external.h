/* Programs of the person's own that take the terminal for a while: the pager and the editor. The screen waits
 * for them; ^Z stops them and amx together. SIGTERM and SIGHUP end them, too: they are told, have two
 * seconds, and the signal is there for the screen then. */
#ifndef AMX_UI_EXTERNAL_H
#define AMX_UI_EXTERNAL_H

#include <stdbool.h>

#include "error.h"

/* Shows the text in $PAGER, else less, else more. The text reaches it through its standard input and is in no
 * file. Give it harmless text: what a pager makes of an escape sequence nobody knows. ERROR_SYSTEM. */
bool external_page(const char *text, Error *err);
/* Opens the text in $VISUAL, else $EDITOR, else vi, in a temporary file that only this user can read and that
 * is removed afterwards. *edited is what the file holds then, owned by the caller. False: the editor could
 * not be run or failed, and nothing counts as edited. ERROR_SYSTEM. */
bool external_edit(const char *text, char **edited, Error *err);

#endif
