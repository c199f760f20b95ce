/* Two runs side by side, those texts first that differ. */
#ifndef AMX_UI_VIEW_COMPARE_H
#define AMX_UI_VIEW_COMPARE_H

#include <jansson.h>

#include "view.h"

/* Takes over the report of `history compare`. */
void view_compare_open(Screen *screen, Outcome *outcome);

/* Is this such a report? */
bool view_compare_fits(const Outcome *outcome);

/* A run of a list is chosen to be compared: the first one is kept in *marked (NULL at first; owned by the
 * caller, freed with free()), the second one is compared with it, and the same one again is let go. `team`:
 * the list is the team's. */
void view_compare_mark(Screen *screen, char **marked, const json_t *run, bool team);

/* For the test that presses every key. */
extern const Bindings view_compare_keys;

#endif
