/* A run in detail: what it was, who made it, how far it is, and its results as a list below. */
#ifndef AMX_UI_VIEW_RUN_H
#define AMX_UI_VIEW_RUN_H

#include "view.h"

/* Takes over the report of `history show`, and asks for the results. */
void view_run_open(Screen *screen, Outcome *outcome);

/* Is this such a report? */
bool view_run_fits(const Outcome *outcome);

/* For the test that presses every key. */
extern const Bindings view_run_keys;

#endif
