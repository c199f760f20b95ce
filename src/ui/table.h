/* A list report as aligned lines: the same table on paper and on the screen. */
#ifndef AMX_UI_TABLE_H
#define AMX_UI_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "report.h"
#include "text.h"

#define TABLE_GAP 2 /* cells between two columns */

typedef struct Table {
    size_t rows;
    size_t columns;
    ReportColumn *shown; /* the titled columns of the report */
    char **cells;        /* rows * columns, one line each, harmless */
    int *natural;        /* widest cell or title of each column */
    int *widths;         /* as laid out */
    bool *left_out;      /* there is no room for it */
    size_t skipped;      /* columns after the first that are scrolled out of sight */
} Table;

/* Reads the titled columns of a list report, into a table that holds nothing yet, and lays them out uncut.
 * The texts are copied, the columns' keys and titles borrowed: they are constants of the commands. */
void table_open(Table *table, const Report *report);
/* Fits the columns into `width` cells. Numbers and times stay whole, text is cut, the name of a thing least
 * of all; where that is not enough columns are left out, those that matter least first. 0: nothing is cut. */
void table_layout(Table *table, int width);
/* The same with `skipped` columns after the first out of sight. False when everything is in sight and nothing
 * is cut. */
bool table_scroll(Table *table, size_t skipped, int width);
/* Is the column not scrolled out of sight? The first one never is. */
bool table_shows(const Table *table, size_t column);
/* Which column is drawn `cell` cells from the left of the first one, as laid out; false between them. */
bool table_column_at(const Table *table, int cell, size_t *column);
/* Do both have the same columns, whatever is in them? */
bool table_same_columns(const Table *a, const Table *b);
/* Makes the columns wide enough for those of `other` as well, which are the same. */
void table_widen(Table *table, const Table *other);
/* What leaves the screen: the titles of the columns, or cells of a row, in full and with tabs between. */
void table_add_titles(Text *out, const Table *table);
void table_add_cells(Text *out, const Table *table, char *const *cells);
/* The headings, and one row (< rows), laid out, without blanks at the end; owned by the caller. */
char *table_heading(const Table *table);
char *table_line(const Table *table, size_t row);
/* Leaves the table zeroed. */
void table_close(Table *table);

#endif
