/* app_events: what happened to the sharing itself. */
#ifndef AMX_STORE_EVENTS_H
#define AMX_STORE_EVENTS_H

#include "local.h"

/* Records an event; `detail` is a JSON object or NULL. Part of the caller's transaction, or one of its own.
 */
bool events_add(Local *local, const char *kind, const char *status, const char *detail, Error *err);

#endif
