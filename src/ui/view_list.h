/* A list report as rows: sessions, what waits in the outbox, runs. */
#ifndef AMX_UI_VIEW_LIST_H
#define AMX_UI_VIEW_LIST_H

#include "view.h"

/* Takes over the report of the outcome. */
void view_list_open(Screen *screen, Outcome *outcome);

extern const Bindings view_list_keys; /* its key table .. */
extern const Bindings view_list_event_keys;
extern const Bindings view_list_session_keys;
extern const Bindings view_list_run_keys; /* .. and those of lists with scopes */

#endif
