/* Which rows of a listing are wanted, and in which order: the command, and what the screen adds to it. Knows
 * no terminal. */
#ifndef AMX_UI_LIST_QUERY_H
#define AMX_UI_LIST_QUERY_H

#include <stdbool.h>

#include "page_model.h"

typedef struct ListQuery {
    char *line;       /* the command, without what is below */
    char *filter;     /* "": every row */
    const char *sort; /* key of a column, borrowed; NULL: as the listing comes */
    bool descending;
} ListQuery;

/* What the command of a listing, or of one thing out of it, can do. */
typedef struct ListTraits {
    bool paged;  /* it filters, sorts and pages by itself, and its line leaves that to the screen */
    bool local;  /* it reads history.db alone */
    bool team;   /* it lists the team's (--team, however that was written) .. */
    bool origin; /* .. or shows what is somebody's (--origin): read from the shared store */
    bool shared; /* it asks the shared store, for these or otherwise */
} ListTraits;

/* All false when the line is no command. */
ListTraits list_query_traits(const char *line);

/* Other words; the order stays. Both are copied, and may be the query's own. The query starts zeroed. */
void list_query_set(ListQuery *query, const char *line, const char *filter);
void list_query_copy(ListQuery *to, const ListQuery *from);
/* Leaves the query zeroed. */
void list_query_free(ListQuery *query);

/* The command line that reads a page; owned by the caller. */
char *list_query_page(const ListQuery *query, const PageWish *wish);
/* The next scope of a list of sessions (this profile, all profiles, team) , runs or events (mine,
 * team) as a command line, static; NULL for any other list. `alone`: there is no team to go to. */
const char *list_query_next_scope(const char *line, bool alone);
/* The scope in words, or NULL. */
const char *list_query_scope(const char *line);
/* What the line of any listing chooses, in words: "team, of ann@web1, since 2026-11-22"; "" when nothing.
 * Owned by the caller. */
char *list_query_choice(const char *line);

#endif
