/* The rows of a list, whether they are a window of pages or all here: what a view draws and moves in. Knows
 * no terminal. */
#ifndef AMX_UI_LIST_ROWS_H
#define AMX_UI_LIST_ROWS_H

#include "list_model.h"
#include "page_model.h"

typedef struct ListRows {
    bool paged;
    PageModel pages; /* when paged */
    ListModel whole; /* else */
} ListRows;

/* Starts without rows: they are to be read. The rows start zeroed. */
void list_rows_begin(ListRows *rows, bool paged);
/* Takes over the report: the first page, or everything. The rows start zeroed. */
void list_rows_open(ListRows *rows, bool paged, Report *report);
void list_rows_free(ListRows *rows);

/* A report that has the columns of the rows, and the sentence for when there are none; borrowed. */
const Report *list_rows_report(const ListRows *rows);
const Select *list_rows_select(const ListRows *rows);
/* The columns as they are laid out, borrowed; to be read, or to be laid out anew. */
const Table *list_rows_columns(const ListRows *rows);
Table *list_rows_layout(ListRows *rows);
/* The cells of a row that there is, counted as the selection counts them; borrowed. */
char *const *list_rows_cells(const ListRows *rows, size_t row);
json_t *list_rows_row(const ListRows *rows, size_t row); /* the row itself; borrowed */
json_t *list_rows_selected(const ListRows *rows);        /* borrowed; NULL: none */
/* Rows there are as far as is known; *all: there are no more. */
size_t list_rows_count(const ListRows *rows, bool *all);

/* The rows that fit on the screen; the selected one stays in sight. */
void list_rows_resize(ListRows *rows, size_t height);
/* Move the selection by so many rows, or to the first or the last one; a row that is not here yet is selected
 * when its page has come. */
void list_rows_move(ListRows *rows, long by);
void list_rows_jump(ListRows *rows, bool last);

#endif
