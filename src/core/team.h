/* The team's store, for commands that read it live. */
#ifndef AMX_CORE_TEAM_H
#define AMX_CORE_TEAM_H

#include "app.h"
#include "shared.h"

/* Opens the store that sharing is, or last was, switched to. *out is owned by the caller (shared_close).
 * ERROR_USAGE, with the way on, when sharing was never switched on; errors as delivery_open_shared. */
bool team_open(App *app, Shared **out, Error *err);

#endif
