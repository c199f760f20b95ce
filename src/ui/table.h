/* A list report as aligned lines: the same table on paper and on the screen. */
#ifndef AMX_UI_TABLE_H
#define AMX_UI_TABLE_H

#include <stddef.h>

#include "report.h"

typedef struct Table {
    size_t rows;
    size_t columns;
    ReportColumn *shown; /* the titled columns of the report */
    char **cells;        /* rows * columns, one line each, harmless */
    int *natural;        /* widest cell or title of each column */
    int *widths;         /* as laid out */
} Table;

/* Reads the titled columns of a list report. */
void table_open(Table *table, const Report *report);
/* Fits the columns into `width` cells: long text gives way first, then the widest. 0: nothing is cut. */
void table_layout(Table *table, int width);
/* The headings, and one row, laid out; owned by the caller. */
char *table_heading(const Table *table);
char *table_line(const Table *table, size_t row);
void table_close(Table *table);

#endif
