/* What the keys that move mean, the same in every view. */
#ifndef AMX_UI_SCROLL_H
#define AMX_UI_SCROLL_H

#include <stdbool.h>

#include "keys.h"
#include "select.h"

/* How many rows an action moves, beyond the ends to get there; false for one that does something else. */
bool scroll_rows(Action action, const Select *select, long *by);

#endif
