/* A list model on the screen: its heading, its rows, and the keys that move in it. */
#ifndef AMX_UI_LIST_BODY_H
#define AMX_UI_LIST_BODY_H

#include "draw.h"
#include "keys.h"
#include "list_model.h"

/* Draws heading and rows into the area, the selected row in sight. */
void list_body_draw(ListModel *model, const Area *area);
/* Moves the selection; false for an action that does something else. */
bool list_body_move(ListModel *model, Action action);

#endif
