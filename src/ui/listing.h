/* A listing on the screen, as a part of a view: its rows, which are read page by page where its command
 * pages, the filter that is applied while it is typed, the order, and the keys and clicks for all of that. */
#ifndef AMX_UI_LISTING_H
#define AMX_UI_LISTING_H

#include <stdint.h>

#include "list_query.h"
#include "list_rows.h"
#include "text.h"
#include "view.h"
#include "view_compare.h"

/* A listing is either paged, and then its command filters and sorts it, or it is here as a whole. */
typedef struct Listing {
    Screen *screen; /* for what it reads */
    ListTraits traits;
    ListRows rows;
    ListQuery shown;
    ListQuery wanted;        /* what is being read; else as `shown` */
    const CompareMark *mark; /* a row that has a sign, or NULL; borrowed */
    bool loaded;             /* rows were read, if only none */
    char *before;            /* the filter before one is typed, or NULL */
    size_t unfiltered;       /* rows without a filter .. */
    bool all_known;          /* .. or more */
    unsigned ticket;         /* of what is being read, or 0 */
    bool stale;              /* history.db changed while that was so */
    int first_line;          /* of the terminal: where the first row is drawn */
    size_t skipped;          /* columns that are scrolled out of sight */
    bool cut;                /* the columns do not fit */
    int sort_step;           /* the way in which the sort column moved last: -1, 1; 0: straight to it */
    uint64_t unsortable;     /* columns that the command does not sort by, one bit each */
} Listing;

/* What the keys of every listing do, for the key table of a view; they come after what Enter does. */
#define LISTING_BINDINGS                                                                                     \
    {{'/'}, "/", "filter", NULL, ACTION_FILTER, true},                                                       \
        {{'n'}, "n", "next row that matches", NULL, ACTION_NEXT, false},                                     \
        {{'N'}, "N", "row before that matches", NULL, ACTION_PREVIOUS, false},                               \
        {{'<'}, "<", "sort by the column before", NULL, ACTION_SORT_LEFT, false},                            \
        {{'>'}, ">", "sort by the next column", NULL, ACTION_SORT_RIGHT, false},                             \
    {                                                                                                        \
        {'!'}, "!", "sort the other way round", NULL, ACTION_SORT_REVERSE, false                             \
    }

/* Begins with what a command line lists: what it reported (taken over), or what it will, which is asked for
 * by listing_reload. The listing starts zeroed and must not move in memory. */
void listing_open(Listing *list, Screen *screen, const char *line, Report *report);
void listing_begin(Listing *list, Screen *screen, const char *line);
void listing_close(Listing *list);

/* Reads the same once more. */
void listing_reload(Listing *list, Screen *screen);
/* Lists what another command line does, under the same filter and order. What is shown stays until it is
 * there. */
void listing_turn_to(Listing *list, Screen *screen, const char *line);
/* Somebody wrote into history.db: reads anew, if that is where the rows come from. */
void listing_changed(Listing *list, Screen *screen);

typedef enum ListingNews {
    LISTING_OTHER,     /* it was not asked for by the listing */
    LISTING_UNDER_WAY, /* nothing to show: more is to come, or it is not wanted any more */
    LISTING_READ,
    LISTING_FAILED /* got->error is to be told; what is shown stays */
} ListingNews;
ListingNews listing_outcome(Listing *list, Screen *screen, Outcome *got);

/* Draws heading and rows, the selected row in sight, and what a filter finds standing out. */
void listing_draw(Listing *list, const Area *area);
/* For a title: the filter and how many rows of how many it lets through, "  /cust  3 of 5"; nothing before
 * there are any. And whether somebody waits for rows. */
void listing_add_count(Text *title, const Listing *list);
bool listing_is_awaited(const Listing *list);

/* The keys above, and those that move. False for what does something else. */
bool listing_act(Listing *list, Screen *screen, Action action);
/* Esc takes the filter away; false when there is none, or for any other key. */
bool listing_key(Listing *list, Screen *screen, Key key);
/* For ViewOps.awaits, with the key table of the view: is the key about a row, and are the rows of which the
 * title tells still to come, or is the selection under way to one? What filters, sorts and reads never
 * waits. */
bool listing_awaits(const Listing *list, Bindings own, Key key);
/* A click selects, and on the heading of a column it sorts by it. *open: the row is to be opened, too. */
bool listing_mouse(Listing *list, Screen *screen, const Mouse *event, bool *open);
json_t *listing_selected(const Listing *list); /* borrowed; NULL: none */
/* Is the team's shown? Another scope may be under way. */
bool listing_shows_team(const Listing *list);

/* For the clipboard: the selected row, its cells between tabs; NULL when there is none. For the pager: the
 * rows that are here, under the titles. Owned by the caller. */
char *listing_copy(const Listing *list);
char *listing_text(const Listing *list);

#endif
