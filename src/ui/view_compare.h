/* Two runs side by side, those texts first that differ. */
#ifndef AMX_UI_VIEW_COMPARE_H
#define AMX_UI_VIEW_COMPARE_H

#include <jansson.h>

#include "view.h"

/* Takes over the report of `history compare`. */
void view_compare_open(Screen *screen, Outcome *outcome);

/* Is this such a report? */
bool view_compare_fits(const Outcome *outcome);

/* A run that waits to be compared with another one; zeroed: none. */
typedef struct CompareMark {
    json_t *run; /* its row in the list, or NULL */
    bool team;   /* the list is the team's */
} CompareMark;

/* A run of a list is chosen to be compared: the first one is kept in *mark, the second one is compared with
 * it, and the same one again is let go. */
void view_compare_mark(Screen *screen, CompareMark *mark, json_t *run, bool team);
void view_compare_unmark(CompareMark *mark);
/* Is it this run, in whichever list it stands? */
bool view_compare_marked(const CompareMark *mark, const json_t *run);
/* "run 3", or "run 3 of ann@web1" of the team's; owned by the caller. */
char *view_compare_name(const CompareMark *mark);

/* For the test that presses every key. */
extern const Bindings view_compare_keys;

#endif
