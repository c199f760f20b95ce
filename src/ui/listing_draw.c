/* How a listing looks. */
#include "listing_internal.h"

#include <stdlib.h>

#include "cells.h"
#include "match.h"
#include "memory.h"
#include "table_draw.h"

#define MARGIN 3 /* cells before the first column: the mark of the selected row */

void listing_add_count(Text *title, const Listing *list)
{
    bool all = true;
    size_t count = list_rows_count(&list->rows, &all);
    if (*list->wanted.filter) {
        text_addf(title, "  /%s", list->wanted.filter);
    }
    if (!list->loaded) {
        return;
    }
    if (!*list->shown.filter && !list->all_known) {
        text_addf(title, "  %zu+", count);
    } else {
        text_addf(title, "  %zu%s of %zu%s", count, all ? "" : "+", list->unfiltered,
                  list->all_known ? "" : "+");
    }
}

bool listing_is_awaited(const Listing *list)
{
    return list->ticket && (list->rows.pages.building || !list->traits.local);
}

static const char *arrow(bool descending)
{
    bool utf8 = cells_unicode();
    return descending ? (utf8 ? "↓" : "v") : (utf8 ? "↑" : "^");
}

static char *heading_of(const Listing *list, const ReportColumn *column)
{
    bool sorted = text_equal(column->key, list->shown.sort);
    return text_format("%s%s", column->title, sorted ? arrow(list->shown.descending) : "");
}

static void draw_heading(const Listing *list, const Area *body, const Table *layout)
{
    char **titles = memory_zero(layout->columns, sizeof *titles);
    for (size_t i = 0; i < layout->columns; i++) {
        titles[i] = heading_of(list, &layout->shown[i]);
    }
    table_draw(body, 0, MARGIN, DRAW_BOLD, layout, titles, "");
    for (size_t i = 0; i < layout->columns; i++) {
        free(titles[i]);
    }
    free(titles);
}

static void draw_rows(const Listing *list, const Area *body, const Table *layout)
{
    const Select *select = list_rows_select(&list->rows);
    char *needle = match_fold(list->wanted.filter);
    for (size_t i = 0; i < select->height && select->top + i < select->count; i++) {
        size_t row = select->top + i;
        bool selected = row == select->selected;
        bool marked = list->mark && view_compare_marked(list->mark, list_rows_row(&list->rows, row));
        DrawStyle style = selected ? DRAW_SELECTED : marked ? DRAW_BOLD : DRAW_PLAIN;
        const char sign[] = {marked ? 'A' : ' ', selected ? '>' : ' ', '\0'};
        draw_line(body, (int)i + 1, style, sign);
        table_draw(body, (int)i + 1, MARGIN, style, layout, list_rows_cells(&list->rows, row), needle);
    }
    free(needle);
}

/* Columns as wide as what is in them; the arrow of the sorted one needs a cell as well. */
static void lay_out(Listing *list, int width)
{
    Table *layout = list_rows_layout(&list->rows);
    for (size_t i = 0; i < layout->columns; i++) {
        char *heading = heading_of(list, &layout->shown[i]);
        int cells = cells_width(heading);
        layout->natural[i] = cells > layout->natural[i] ? cells : layout->natural[i];
        free(heading);
    }
    list->cut = table_scroll(layout, list->skipped, width - MARGIN - 1);
}

bool listing_heading_at(const Listing *list, int cell, size_t *column)
{
    return list_rows_select(&list->rows)->count > 0 &&
           table_column_at(list_rows_columns(&list->rows), cell - MARGIN, column);
}

void listing_draw(Listing *list, const Area *area)
{
    list->first_line = area->top + 1;
    if (area->height < 2) {
        return;
    }
    list_rows_resize(&list->rows, (size_t)area->height - 1);
    if (list_rows_select(&list->rows)->count == 0) {
        const char *empty = list_rows_report(&list->rows)->empty;
        draw_text(area, 1, MARGIN, area->width - MARGIN, DRAW_PLAIN,
                  *list->shown.filter ? "No row matches the filter."
                  : empty             ? empty
                                      : "Nothing here.");
        return;
    }
    lay_out(list, area->width);
    draw_heading(list, area, list_rows_columns(&list->rows));
    draw_rows(list, area, list_rows_columns(&list->rows));
}
