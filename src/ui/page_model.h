/* A window over a listing of any length: the pages around the selected row, fetched by key as the selection
 * comes near their ends. Knows no terminal, no worker and no command; it says which page it wishes for, and
 * takes it when it is there. What it holds is bounded, whatever the listing holds. */
#ifndef AMX_UI_PAGE_MODEL_H
#define AMX_UI_PAGE_MODEL_H

#include <stdbool.h>

#include "report.h"
#include "select.h"
#include "table.h"

#define PAGE_ROWS 200 /* of a page */
#define PAGE_LIMIT 5  /* pages of a window */

typedef enum PageWhere { PAGE_FIRST, PAGE_LAST, PAGE_AFTER, PAGE_BEFORE } PageWhere;

typedef struct PageWish {
    PageWhere where;
    const char *key; /* of PAGE_AFTER and PAGE_BEFORE; borrowed until the model changes */
} PageWish;

typedef struct Page {
    Report report;
    Table table;
} Page;

/* Pages that follow each other in the listing. */
typedef struct PageWindow {
    Page pages[PAGE_LIMIT];
    size_t count;
    size_t rows; /* of all pages */
} PageWindow;

/* Which row is selected when a new window is there. */
typedef enum PageGoal {
    PAGE_SELECT_FIRST,
    PAGE_SELECT_LAST,
    PAGE_SELECT_SAME, /* by identity; when it is gone, the one in its place */
    PAGE_SELECT_FOUND /* by identity; when it is not there, the first */
} PageGoal;

typedef struct PageModel {
    PageWindow shown;
    PageWindow next; /* being built to take its place */
    bool building;
    PageWish start;  /* where `next` begins; its key is `start_key` */
    char *start_key; /* or NULL */
    size_t least;    /* rows that `next` should have */
    PageGoal goal;   /* what is selected then */
    bool other;      /* other rows are wanted than those that are shown */
    bool asked;      /* a page is under way .. */
    PageWhere where; /* .. from here */
    bool stuck;      /* the last one did not come: none is wished for until something is done */
    Table layout;    /* columns of all pages, and their widths; no rows */
    Select select;   /* over the rows of the window */
    long owed;       /* rows to go on when the page behind the window's end is there */
    long long total; /* rows of the listing, -1 unknown .. */
    long long known; /* .. but more than this */
} PageModel;

/* Starts with nothing, and wishes for the first page. The model starts zeroed. */
void page_model_begin(PageModel *model);
/* Starts with the first page of a listing, which it takes over. The model starts zeroed. */
void page_model_open(PageModel *model, Report *first);
void page_model_free(PageModel *model);

/* Other rows are wanted, under another filter, order or scope: begins at the first page. What is shown stays
 * until they are there. */
void page_model_renew(PageModel *model);
/* The same rows once more, as they are by now. */
void page_model_reload(PageModel *model);

/* These move the selection at once when the row is there, and else when it has come. */
void page_model_first(PageModel *model);
void page_model_last(PageModel *model);
void page_model_move(PageModel *model, long by);
/* The rows that fit on the screen. */
void page_model_resize(PageModel *model, size_t height);

/* True: `out` should be fetched now, PAGE_ROWS rows of it; to be answered by page_model_take or
 * page_model_fail. False while a page is under way, and when nothing is missing. */
bool page_model_ask(PageModel *model, PageWish *out);
/* Takes over the page that was asked for. True: what is shown is by now what is wanted; false while it is
 * still being built, and for a page that is not wanted any more. */
bool page_model_take(PageModel *model, Report *report);
/* It does not come. What is shown stays. */
void page_model_fail(PageModel *model);
/* It was stopped to make room, and may be asked for again. */
void page_model_retry(PageModel *model);

/* Row of the window, borrowed; NULL when there is none. */
json_t *page_model_row(const PageModel *model, size_t row);
/* Its cells, in the columns of `layout`; borrowed, NULL when there is no such row. */
char *const *page_model_cells(const PageModel *model, size_t row);
/* The selected row, borrowed; NULL when there is none. */
json_t *page_model_selected(const PageModel *model);
/* The rows of the listing as far as they are known; *all: there are no more. */
size_t page_model_count(const PageModel *model, bool *all);

/* Are these two the same row, whatever they say by now? By local_id, origin_id and table. */
bool page_same_row(const json_t *a, const json_t *b);

#endif
