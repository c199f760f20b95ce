/* Reviewing a run, one result at a time: decide, edit, take back, accept, apply. */
#ifndef AMX_UI_VIEW_REVIEW_H
#define AMX_UI_VIEW_REVIEW_H

#include "view.h"

/* Takes over the report of `history drafts` of the outcome. */
void view_review_open(Screen *screen, Outcome *outcome);

extern const Bindings view_review_keys; /* its key table */

#endif
