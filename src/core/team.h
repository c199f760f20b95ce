/* The team's store, for commands that read it live; and listings that read either it or one's own. */
#ifndef AMX_CORE_TEAM_H
#define AMX_CORE_TEAM_H

#include "app.h"
#include "command.h"
#include "record_report.h"
#include "shared.h"

/* Opens the store that sharing is, or last was, switched to. *out is owned by the caller (shared_close).
 * ERROR_USAGE, with the way on, when sharing was never switched on; errors as delivery_open_shared. */
bool team_open(App *app, Shared **out, Error *err);

/* Whose run of that number is meant: --origin's, or with --team alone that of the only one in the team's
 * store who has such a run. *out is NULL where neither is given: one's own; it lives as long as the arguments
 * and `buffer`. ERROR_NOT_FOUND when the team has none, ERROR_USAGE when it has several; errors as team_open
 * and shared_list. */
bool team_choose_origin(App *app, const Args *args, int64_t run_id, char buffer[ID_SIZE], const char **out,
                        Error *err);

/* Collects a page of rows, live from the team's store where the page says so, else from one's own history,
 * which may not be there yet. Errors as team_open, shared_list and record_list. */
bool team_read_page(App *app, const RecordPage *page, RecordCollector *collector, Error *err);

#endif
