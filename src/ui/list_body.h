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
/* For the clipboard: the selected row, its cells between tabs; NULL when there is none. For the pager: all
 * rows that the filter lets through, under the titles. Owned by the caller. */
char *list_body_copy(const ListModel *model);
char *list_body_text(const ListModel *model);

#endif
