/* What people do with a mouse on the screen, and what makes two clicks a double one. Knows no terminal. */
#ifndef AMX_UI_MOUSE_H
#define AMX_UI_MOUSE_H

#include <stdint.h>

typedef enum MouseKind { MOUSE_CLICK, MOUSE_DOUBLE, MOUSE_WHEEL_UP, MOUSE_WHEEL_DOWN } MouseKind;

typedef struct Mouse {
    int row; /* of the terminal, from 0 */
    int column;
    MouseKind kind;
} Mouse;

/* The click before, as far as it may be the first half of a double click. Starts zeroed. */
typedef struct MouseClicks {
    int row;
    int column;
    int64_t until_ms; /* a second click counts up to then; 0: there was none */
} MouseClicks;

/* MOUSE_CLICK, or MOUSE_DOUBLE when the last click was on the same cell a moment ago. A third click begins
 * anew. */
MouseKind mouse_click(MouseClicks *clicks, int row, int column, int64_t now_ms);

#endif
