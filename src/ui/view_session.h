/* One session: what was asked and answered, read-only. One that can't be resumed here says why. */
#ifndef AMX_UI_VIEW_SESSION_H
#define AMX_UI_VIEW_SESSION_H

#include <jansson.h>

#include "view.h"

/* Opens the session of a row of `session list` at once, and reads its turns with `line`; both stay the
 * caller's. When they can't be read, the message line says why and the view stays, without them. */
void view_session_open(Screen *screen, const char *line, const json_t *row);
/* Shows what `session show` found; takes over the report of the outcome. */
void view_session_show(Screen *screen, Outcome *outcome);

extern const Bindings view_session_keys;         /* its key table .. */
extern const Bindings view_session_foreign_keys; /* .. and that of one that can only be read */

#endif
