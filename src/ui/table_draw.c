#include "table_draw.h"

#include "cells.h"
#include "match.h"
#include "memory.h"

#define MATCH_STYLE DRAW_WARNING

/* What the filter found in a cell, over what is drawn already. */
static void draw_matches(const Area *area, int line, int column, const char *cell, const char *needle)
{
    Matches matches = {0};
    match_add(&matches, 0, cell, needle);
    for (size_t i = 0; i < matches.count; i++) {
        char *before = memory_string_n(cell, matches.items[i].start);
        char *found = memory_string_n(cell + matches.items[i].start, matches.items[i].length);
        draw_text(area, line, column + cells_width(before), cells_width(found), MATCH_STYLE, found);
        free(found);
        free(before);
    }
    match_free(&matches);
}

void table_draw(const Area *area, int line, int left, DrawStyle style, const Table *layout,
                char *const *cells, const char *needle)
{
    for (size_t i = 0; i < layout->columns; i++) {
        if (table_shows(layout, i)) {
            char *cell = cells_fit(cells[i], layout->widths[i], layout->shown[i].format == REPORT_NUMBER);
            draw_text(area, line, left, layout->widths[i], style, cell);
            if (*needle) {
                draw_matches(area, line, left, cell, needle);
            }
            left += layout->widths[i] + TABLE_GAP;
            free(cell);
        }
    }
}
