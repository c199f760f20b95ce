/* The `:` line: any amx command, with the grammar of the shell. */
#ifndef AMX_UI_COMMAND_LINE_H
#define AMX_UI_COMMAND_LINE_H

#include "view.h"

/* Opens the line; what is typed there runs by guard_run, and is kept for Up and Down. A line that can't be
 * kept in the file is told, and runs all the same. */
void command_line_open(Screen *screen);
/* The words that may stand at the end of `typed`, as PromptSpec's `complete` wants them; `app` may be NULL.
 */
char *command_line_complete(App *app, const char *typed, size_t *start);

#endif
