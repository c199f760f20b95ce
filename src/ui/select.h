/* Selection and scrolling over a number of rows. Knows no terminal. */
#ifndef AMX_UI_SELECT_H
#define AMX_UI_SELECT_H

#include <stddef.h>

typedef struct Select {
    size_t count;    /* rows there are */
    size_t selected; /* < count, or 0 when there are none */
    size_t top;      /* first row shown */
    size_t height;   /* rows shown */
} Select;

/* The number of rows or the height changed: keeps the selection valid and in sight. */
void select_resize(Select *select, size_t count, size_t height);
/* Move the selection by so many rows, or to a row, and scroll it into sight; they stop at the ends. */
void select_move(Select *select, long by);
void select_to(Select *select, size_t row);
/* For text without a selection: moves the top line, the last page stays full. */
void select_scroll(Select *select, long by);

#endif
