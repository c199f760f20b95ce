/* The full-screen program. */
#ifndef AMX_UI_SCREEN_H
#define AMX_UI_SCREEN_H

#include <stdbool.h>

#include "command.h"

/* Opens the screen on the history-store picker and returns when the person leaves it. Standard input and
 * output must be a terminal. `args` gives the options that hold for every command run on it, `app` the
 * configuration and where files are kept. ERROR_SYSTEM: the terminal can't show it; ERROR_INTERRUPTED: ended
 * by a signal. The terminal is as before. */
bool screen_run(const Args *args, App *app, Error *err);

#endif
