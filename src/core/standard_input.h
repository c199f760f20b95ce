/* A text that a command takes from standard input: what `-` stands for. */
#ifndef AMX_CORE_STANDARD_INPUT_H
#define AMX_CORE_STANDARD_INPUT_H

#include <stddef.h>

#include "app.h"
#include "text.h"

/* Appends standard input to its end, or until there is more than `limit`: then the text is longer than that,
 * which is for the caller to refuse. `what` names it in errors. ERROR_USAGE where standard input belongs to
 * somebody else, or holds a NUL, ERROR_INTERRUPTED, ERROR_SYSTEM. */
bool standard_input_read(const App *app, size_t limit, const char *what, Text *out, Error *err);

#endif
