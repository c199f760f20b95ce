/* What the team does, live from the shared store: by engineer or by table, and how many runs a day. Out of
 * reach it says since when and why, and what is shown is as of when. */
#ifndef AMX_UI_VIEW_TEAM_H
#define AMX_UI_VIEW_TEAM_H

#include "view.h"

/* Opens it by engineer and asks the store. */
void view_team_open(Screen *screen);
/* Opens it with a report of `history stats --team`, which it takes over. */
void view_team_show(Screen *screen, Outcome *outcome);
/* Is this such a report? */
bool view_team_fits(const Outcome *outcome);

/* For the test that presses every key. */
extern const Bindings view_team_keys;

#endif
