/* Values inside command lines. */
#ifndef AMX_UI_QUOTE_H
#define AMX_UI_QUOTE_H

#include "text.h"

/* Adds a value to a command line as a shell and command_parse_line read it: in single quotes, unless it is a
 * plain word. */
void quote_add(Text *line, const char *value);

#endif
