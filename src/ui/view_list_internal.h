/* Shared by the files of the list: its state, and how it looks. */
#ifndef AMX_UI_VIEW_LIST_INTERNAL_H
#define AMX_UI_VIEW_LIST_INTERNAL_H

#include "listing.h"
#include "view_list.h"

#define DAYS 14 /* of runs, in the title */

typedef struct List {
    Listing listing;
    CompareMark mark;  /* the run to compare with the next one */
    unsigned going_on; /* ticket of what resumes or forks a session, or 0 */
    char *days;        /* runs a day as a row of characters, or NULL .. */
    char *days_line;   /* .. of what this line lists */
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
bool view_list_is_events(const List *list);
/* What is listed, in words: "Sessions", "History of main.customer"; owned by the caller. */
char *view_list_name(const List *list);

char *view_list_title(const View *view);
void view_list_draw(View *view, const Screen *screen, const Area *body);

#endif
