/* Rows of a table on the screen, cell by cell. */
#ifndef AMX_UI_TABLE_DRAW_H
#define AMX_UI_TABLE_DRAW_H

#include "draw.h"
#include "table.h"

/* Draws one cell in every column of `layout` that is in sight, from the column `left` of the area on. What
 * `needle` (match_fold) finds in a cell stands out; "" finds nothing. */
void table_draw(const Area *area, int line, int left, DrawStyle style, const Table *layout,
                char *const *cells, const char *needle);

#endif
