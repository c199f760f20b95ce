#include "list_rows.h"

void list_rows_begin(ListRows *rows, bool paged)
{
    rows->paged = paged;
    if (paged) {
        page_model_begin(&rows->pages);
    }
}

void list_rows_open(ListRows *rows, bool paged, Report *report)
{
    rows->paged = paged;
    if (paged) {
        page_model_open(&rows->pages, report);
    } else {
        list_model_take(&rows->whole, report);
    }
}

void list_rows_free(ListRows *rows)
{
    page_model_free(&rows->pages);
    list_model_free(&rows->whole);
}

const Report *list_rows_report(const ListRows *rows)
{
    return rows->paged ? &rows->pages.shown.pages[0].report : &rows->whole.report;
}

const Select *list_rows_select(const ListRows *rows)
{
    return rows->paged ? &rows->pages.select : &rows->whole.select;
}

const Table *list_rows_columns(const ListRows *rows)
{
    return rows->paged ? &rows->pages.layout : &rows->whole.table;
}

Table *list_rows_layout(ListRows *rows)
{
    return rows->paged ? &rows->pages.layout : &rows->whole.table;
}

char *const *list_rows_cells(const ListRows *rows, size_t row)
{
    const Table *table = &rows->whole.table;
    return rows->paged ? page_model_cells(&rows->pages, row)
                       : table->cells + rows->whole.rows[row] * table->columns;
}

json_t *list_rows_row(const ListRows *rows, size_t row)
{
    return rows->paged ? page_model_row(&rows->pages, row)
                       : json_array_get(rows->whole.report.items, rows->whole.rows[row]);
}

json_t *list_rows_selected(const ListRows *rows)
{
    return rows->paged ? page_model_selected(&rows->pages) : list_model_selected(&rows->whole);
}

size_t list_rows_count(const ListRows *rows, bool *all)
{
    if (rows->paged) {
        return page_model_count(&rows->pages, all);
    }
    *all = true;
    return rows->whole.select.count;
}

void list_rows_resize(ListRows *rows, size_t height)
{
    if (rows->paged) {
        page_model_resize(&rows->pages, height);
    } else {
        select_resize(&rows->whole.select, rows->whole.select.count, height);
    }
}

void list_rows_move(ListRows *rows, long by)
{
    if (rows->paged) {
        page_model_move(&rows->pages, by);
    } else {
        select_move(&rows->whole.select, by);
    }
}

void list_rows_jump(ListRows *rows, bool last)
{
    if (!rows->paged) {
        select_to(&rows->whole.select, last ? rows->whole.select.count : 0);
    } else if (last) {
        page_model_last(&rows->pages);
    } else {
        page_model_first(&rows->pages);
    }
}
