/* Reviewing a run, one result at a time: decide, edit, take back, accept, apply. */
#ifndef AMX_UI_VIEW_REVIEW_H
#define AMX_UI_VIEW_REVIEW_H

#include "view.h"

/* Results that are read at once: the first ones are to be seen while the others are read. */
#define VIEW_REVIEW_PAGE 1000

/* Takes over the report of `history drafts` of the outcome. */
void view_review_open(Screen *screen, Outcome *outcome);

extern const Bindings view_review_keys; /* its key table */

#endif
