#include "list_body.h"

#include "scroll.h"
#include "text.h"

#define MARGIN 3 /* cells before the first column: the mark of the selected row */

static void draw_row(const ListModel *model, const Area *area, int line, size_t shown)
{
    bool selected = shown == model->select.selected;
    char *cells = table_line(&model->table, model->rows[shown]);
    char *marked = text_format(" %c %s", selected ? '>' : ' ', cells);
    draw_line(area, line, selected ? DRAW_SELECTED : DRAW_PLAIN, marked);
    free(marked);
    free(cells);
}

void list_body_draw(ListModel *model, const Area *area)
{
    if (model->select.count == 0) {
        const char *empty = model->report.empty ? model->report.empty : "Nothing here.";
        draw_text(area, 0, MARGIN, area->width - MARGIN, DRAW_PLAIN,
                  model->table.rows ? "No row matches the filter." : empty);
        return;
    }
    if (area->height < 2) {
        return;
    }
    table_layout(&model->table, area->width - 4);
    select_resize(&model->select, model->select.count, (size_t)area->height - 1);
    char *heading = table_heading(&model->table);
    draw_text(area, 0, MARGIN, area->width - MARGIN, DRAW_BOLD, heading);
    free(heading);
    for (size_t i = 0; i < model->select.height && model->select.top + i < model->select.count; i++) {
        draw_row(model, area, (int)i + 1, model->select.top + i);
    }
}

bool list_body_move(ListModel *model, Action action)
{
    long by = 0;
    bool moves = scroll_rows(action, &model->select, &by);
    select_move(&model->select, by);
    return moves;
}
