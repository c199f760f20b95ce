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

static void add_row(Text *text, const ListModel *model, size_t shown)
{
    const Table *table = &model->table;
    table_add_cells(text, table, table->cells + model->rows[shown] * table->columns);
}

char *list_body_copy(const ListModel *model)
{
    if (model->select.count == 0) {
        return NULL;
    }
    Text text = {0};
    add_row(&text, model, model->select.selected);
    return text_take(&text);
}

char *list_body_text(const ListModel *model)
{
    Text text = {0};
    table_add_titles(&text, &model->table);
    for (size_t row = 0; row < model->select.count; row++) {
        text_add(&text, "\n");
        add_row(&text, model, row);
    }
    text_add(&text, "\n");
    return text_take(&text);
}
