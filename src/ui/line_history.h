/* The lines that were typed, kept in a file across programs. Knows no terminal. */
#ifndef AMX_UI_LINE_HISTORY_H
#define AMX_UI_LINE_HISTORY_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"

#define LINE_HISTORY_LINES 500

typedef struct LineHistory {
    char **lines; /* oldest first */
    size_t count;
    char *path; /* NULL: nothing is written */
} LineHistory;

/* Reads the file (a missing one is an empty one) and goes on writing to it; with `keep` false nothing is
 * written. `history` starts zeroed. What can't be read is left out: typing must not depend on it. */
void line_history_open(LineHistory *history, const char *path, bool keep);
/* Adds a line, unless it is the last one already or may hold a secret, and writes the file: 0600, replaced as
 * a whole, the last LINE_HISTORY_LINES lines of this and of every other amx. ERROR_SYSTEM; the line is
 * remembered all the same. */
bool line_history_add(LineHistory *history, const char *line, Error *err);
/* May this line be kept: does it give no option that is named like a secret (--password, --conninfo), and no
 * password within a value? */
bool line_history_keeps(const char *line);
/* The line `back` lines ago, 1 is the last; borrowed. 1 <= back <= count. */
const char *line_history_line(const LineHistory *history, size_t back);
void line_history_close(LineHistory *history);

#endif
