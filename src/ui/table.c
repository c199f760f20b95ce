#include "table.h"

#include <string.h>

#include "cells.h"
#include "display.h"
#include "memory.h"
#include "text.h"

#define NARROWEST 4
#define NARROWEST_WIDE 12

void table_open(Table *table, const Report *report)
{
    *table = (Table){.rows = json_array_size(report->items)};
    table->shown = memory_zero(report->column_count, sizeof *table->shown);
    for (size_t i = 0; i < report->column_count; i++) {
        if (report->columns[i].title) {
            table->shown[table->columns++] = report->columns[i];
        }
    }
    table->cells = memory_zero(table->rows * table->columns, sizeof *table->cells);
    table->natural = memory_zero(table->columns, sizeof *table->natural);
    table->widths = memory_zero(table->columns, sizeof *table->widths);
    for (size_t column = 0; column < table->columns; column++) {
        const ReportColumn *shown = &table->shown[column];
        table->natural[column] = cells_width(shown->title);
        for (size_t row = 0; row < table->rows; row++) {
            json_t *value = json_object_get(json_array_get(report->items, row), shown->key);
            char *cell = display_value(value, shown->format);
            int width = cells_width(cell);
            table->cells[row * table->columns + column] = cell;
            table->natural[column] = width > table->natural[column] ? width : table->natural[column];
        }
    }
    table_layout(table, 0);
}

bool table_shows(const Table *table, size_t column)
{
    return column == 0 || column > table->skipped;
}

static int total_width(const Table *table)
{
    int total = 0;
    for (size_t i = 0; i < table->columns; i++) {
        total += table_shows(table, i) ? table->widths[i] + (i ? TABLE_GAP : 0) : 0;
    }
    return total;
}

/* Takes `excess` cells from the columns of long text, down to what still says something. */
static int shrink_wide(Table *table, int excess)
{
    for (size_t i = table->columns; i-- > 0 && excess > 0;) {
        int room = table->widths[i] - NARROWEST_WIDE;
        if (table->shown[i].format == REPORT_WIDE && room > 0 && table_shows(table, i)) {
            int taken = room < excess ? room : excess;
            table->widths[i] -= taken;
            excess -= taken;
        }
    }
    return excess;
}

/* Takes one cell at a time from whichever column is widest. */
static void shrink_widest(Table *table, int excess)
{
    while (excess-- > 0) {
        size_t widest = 0;
        for (size_t i = 1; i < table->columns; i++) {
            bool wider = table->widths[i] > table->widths[widest];
            widest = wider && table_shows(table, i) ? i : widest;
        }
        if (table->widths[widest] <= NARROWEST) {
            return;
        }
        table->widths[widest]--;
    }
}

bool table_scroll(Table *table, size_t skipped, int width)
{
    table->skipped = skipped;
    for (size_t i = 0; i < table->columns; i++) {
        table->widths[i] = table->natural[i];
    }
    int excess = total_width(table) - width;
    if (width > 0 && excess > 0 && table->columns > 0) {
        shrink_widest(table, shrink_wide(table, excess));
    }
    return skipped > 0 || (width > 0 && excess > 0);
}

void table_layout(Table *table, int width)
{
    table_scroll(table, 0, width);
}

bool table_same_columns(const Table *a, const Table *b)
{
    bool same = a->columns == b->columns;
    for (size_t i = 0; same && i < a->columns; i++) {
        same = text_equal(a->shown[i].key, b->shown[i].key);
    }
    return same;
}

void table_widen(Table *table, const Table *other)
{
    for (size_t i = 0; i < table->columns && i < other->columns; i++) {
        table->natural[i] = other->natural[i] > table->natural[i] ? other->natural[i] : table->natural[i];
    }
}

static void trim_end(Text *line)
{
    while (line->length > 0 && line->data[line->length - 1] == ' ') {
        line->data[--line->length] = '\0';
    }
}

static void add_cell(Text *line, const Table *table, size_t column, const char *cell)
{
    char *fitted = cells_fit(cell, table->widths[column], table->shown[column].format == REPORT_NUMBER);
    text_addf(line, "%*s%s", column ? TABLE_GAP : 0, "", fitted);
    free(fitted);
}

char *table_heading(const Table *table)
{
    Text line = {0};
    for (size_t i = 0; i < table->columns; i++) {
        add_cell(&line, table, i, table->shown[i].title);
    }
    trim_end(&line);
    return text_take(&line);
}

char *table_line(const Table *table, size_t row)
{
    Text line = {0};
    for (size_t i = 0; i < table->columns; i++) {
        add_cell(&line, table, i, table->cells[row * table->columns + i]);
    }
    trim_end(&line);
    return text_take(&line);
}

void table_close(Table *table)
{
    for (size_t i = 0; i < table->rows * table->columns; i++) {
        free(table->cells[i]);
    }
    free(table->cells);
    free(table->shown);
    free(table->natural);
    free(table->widths);
    *table = (Table){0};
}

void table_add_titles(Text *out, const Table *table)
{
    for (size_t i = 0; i < table->columns; i++) {
        text_addf(out, "%s%s", i ? "\t" : "", table->shown[i].title);
    }
}

void table_add_cells(Text *out, const Table *table, char *const *cells)
{
    for (size_t i = 0; i < table->columns; i++) {
        text_addf(out, "%s%s", i ? "\t" : "", cells[i]);
    }
}
