/* Text as rows of a width: which part of which line each row shows. Knows no terminal. */
#ifndef AMX_UI_LAYOUT_H
#define AMX_UI_LAYOUT_H

#include <stddef.h>

typedef struct LayoutRow {
    size_t line;
    size_t start; /* bytes into the line */
    size_t length;
} LayoutRow;

typedef struct Layout {
    char **lines; /* the lines of the text, tabs expanded; NULL until there is one */
    size_t line_count;
    LayoutRow *rows;
    size_t row_count;
    size_t row_capacity;
    int width;   /* cells, 0: a line is a row */
    int longest; /* cells of the longest line */
} Layout;

/* Lays out harmless text (text_visible_lines). The layout starts zeroed. */
void layout_text(Layout *layout, const char *text, int width);
/* Lays the same lines out again for another width. */
void layout_resize(Layout *layout, int width);
/* The row that shows this place of a line; the last one when there is none. */
size_t layout_row_at(const Layout *layout, size_t line, size_t at);
void layout_free(Layout *layout);

#endif
