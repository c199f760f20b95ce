/* Shared by the files of the list: its state, and how it looks. */
#ifndef AMX_UI_VIEW_LIST_INTERNAL_H
#define AMX_UI_VIEW_LIST_INTERNAL_H

#include <stdint.h>

#include "list_query.h"
#include "list_rows.h"
#include "view_compare.h"
#include "view_list.h"

/* A list is either paged, and then its command filters and sorts it, or it is here as a whole. */
typedef struct List {
    Screen *screen; /* for what it reads */
    ListTraits traits;
    ListRows rows;
    ListQuery shown;
    ListQuery wanted;    /* what is being read; else as `shown` */
    char *before;        /* the filter before one is typed, or NULL */
    size_t unfiltered;   /* rows without a filter .. */
    bool all_known;      /* .. or more */
    unsigned ticket;     /* of what is being read, or 0 */
    bool stale;          /* history.db changed while that was so */
    int first_line;      /* of the terminal: where the first row is drawn */
    size_t skipped;      /* columns that are scrolled out of sight */
    bool cut;            /* the columns do not fit */
    int sort_step;       /* the way in which the sort column moved last: -1, 1; 0: straight to it */
    uint64_t unsortable; /* columns that the command does not sort by, one bit each */
    CompareMark mark;    /* the run to compare with the next one */
    unsigned resuming;   /* the session that is resumed: ticket, or 0 */
} List;

/* What is known of a kind of list beyond its columns. */
typedef struct ListKind {
    const char *schema;
    const char *title; /* unless the report has one */
    const char
        *open; /* the command that shows one row in full, by its local_id; NULL: the row itself is shown */
} ListKind;

/* NULL: only its columns are known. */
const ListKind *view_list_kind(const Report *report);
bool view_list_is_runs(const List *list);
bool view_list_is_sessions(const List *list);
/* What is listed, in words: "Sessions", "History of main.customer"; owned by the caller. */
char *view_list_name(const List *list);

char *view_list_title(const View *view);
void view_list_draw(View *view, const Screen *screen, const Area *body);
/* Whose heading is in this column of the terminal; false: none. */
bool view_list_heading_at(const List *list, int cell, size_t *column);

#endif
