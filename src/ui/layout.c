#include "layout.h"

#include <string.h>

#include "cells.h"
#include "memory.h"

static void add_row(Layout *layout, LayoutRow row)
{
    memory_grow((void **)&layout->rows, layout->row_count, &layout->row_capacity, sizeof *layout->rows);
    layout->rows[layout->row_count++] = row;
}

/* Wrapping drops the blanks at which it breaks: each piece is looked for behind them. */
static void add_wrapped(Layout *layout, size_t line)
{
    const char *text = layout->lines[line];
    char **pieces = cells_wrap(text, layout->width, NULL);
    size_t at = 0;
    for (size_t i = 0; pieces[i]; i++) {
        size_t length = strlen(pieces[i]);
        while (text[at] == ' ' && strncmp(text + at, pieces[i], length) != 0) {
            at++;
        }
        add_row(layout, (LayoutRow){.line = line, .start = at, .length = length});
        at += length;
    }
    cells_free_lines(pieces);
}

void layout_resize(Layout *layout, int width)
{
    layout->width = width;
    layout->row_count = 0;
    for (size_t i = 0; i < layout->line_count; i++) {
        if (width > 0) {
            add_wrapped(layout, i);
        } else {
            add_row(layout, (LayoutRow){.line = i, .length = strlen(layout->lines[i])});
        }
    }
}

void layout_text(Layout *layout, const char *text, int width)
{
    cells_free_lines(layout->lines);
    layout->lines = cells_wrap(text, 0, &layout->line_count);
    layout->longest = 0;
    for (size_t i = 0; i < layout->line_count; i++) {
        int cells = cells_width(layout->lines[i]);
        layout->longest = cells > layout->longest ? cells : layout->longest;
    }
    layout_resize(layout, width);
}

size_t layout_row_at(const Layout *layout, size_t line, size_t at)
{
    size_t first = 0;
    size_t after = layout->row_count;
    while (first + 1 < after) {
        size_t middle = first + (after - first) / 2;
        const LayoutRow *row = &layout->rows[middle];
        if (row->line < line || (row->line == line && row->start <= at)) {
            first = middle;
        } else {
            after = middle;
        }
    }
    return first;
}

void layout_free(Layout *layout)
{
    cells_free_lines(layout->lines);
    free(layout->rows);
    *layout = (Layout){0};
}
