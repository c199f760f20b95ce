/* The team's store, for commands that read it live; and listings that read either it or one's own. */
#ifndef AMX_CORE_TEAM_H
#define AMX_CORE_TEAM_H

#include "app.h"
#include "record_report.h"
#include "shared.h"

/* Opens the store that sharing is, or last was, switched to. *out is owned by the caller (shared_close).
 * ERROR_USAGE, with the way on, when sharing was never switched on; errors as delivery_open_shared. */
bool team_open(App *app, Shared **out, Error *err);

/* Collects a page of rows, live from the team's store where the page says so, else from one's own history,
 * which may not be there yet. Errors as team_open, shared_list and record_list. */
bool team_read_page(App *app, const RecordPage *page, RecordCollector *collector, Error *err);

#endif
