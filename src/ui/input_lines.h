/* An input of several lines as it is shown: wrapped to a width, with a cursor. Knows no terminal. */
#ifndef AMX_UI_INPUT_LINES_H
#define AMX_UI_INPUT_LINES_H

#include "input.h"

typedef struct InputLines {
    char **lines;
    size_t count; /* at least 1 */
    size_t capacity;
    size_t row;  /* of the cursor .. */
    int column;  /* .. in cells */
    char *under; /* the character that the cursor stands on; a blank at the end of a line */
} InputLines;

/* Lines of less than `width` (at least 3) cells, so that the cursor has room behind each; broken anywhere, so
 * that they do not jump while somebody types in them. Owned by the caller. */
InputLines input_lines_open(const Input *input, int width);
void input_lines_free(InputLines *lines);

#endif
