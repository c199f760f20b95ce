/* session list. */
#include "commands.h"

#include <stdlib.h>
#include <string.h>

#include "delivery.h"
#include "record_report.h"
#include "session_command.h"
#include "text.h"

#define PAGE 50
#define COUNT(array) (sizeof(array) / sizeof *(array))

static const ReportColumn list_columns[] = {
    {"local_id", "ID", REPORT_NUMBER},      {"state", "", REPORT_TEXT},
    {"db_profile", "Profile", REPORT_TEXT}, {"who", "Who@host", REPORT_TEXT},
    {"client_version", "Ver", REPORT_TEXT}, {"turns", "Turns", REPORT_NUMBER},
    {"last_active", "Last", REPORT_AGE},    {"title", "Title or first question", REPORT_WIDE},
    {"fingerprint", NULL, REPORT_TEXT},     {"origin_id", NULL, REPORT_TEXT},
    {"started", NULL, REPORT_TIME},         {"ended", NULL, REPORT_TIME},
    {"created_at", NULL, REPORT_TIME},      {"created_by", NULL, REPORT_TEXT},
    {"hostname", NULL, REPORT_TEXT},        {"foreign", NULL, REPORT_TEXT},
    {"private", NULL, REPORT_TEXT},
};

/* What a person may do with a listed session. */
typedef struct Marker {
    Local *local; /* NULL: nothing was recorded here yet */
    bool team;
    const SessionBinding *binding; /* NULL: no profile is active */
    int64_t active;
} Marker;

/* Why a session can be read, but not gone on with; NULL when it can. Owned by the caller. */
static char *foreign_reason(const Marker *marker, const SyncedTable *table, const Value *values)
{
    const char *profile = record_text(table, values, "db_profile");
    const SessionBinding *binding = marker->binding;
    if (marker->team && !text_equal(record_text(table, values, "origin_id"), local_origin(marker->local))) {
        return text_format("belongs to %s@%s: view only", record_text(table, values, "created_by"),
                           record_text(table, values, "hostname"));
    }
    if (!binding || !text_equal(profile, binding->db_profile)) {
        return text_format("belongs to %s: view only", profile);
    }
    if (!text_equal(record_text(table, values, "fingerprint"), binding->fingerprint)) {
        return text_format("belongs to %s as it was (%s): view only", profile,
                           record_text(table, values, "fingerprint"));
    }
    return NULL;
}

static bool mark(void *context, json_t *row, const SyncedTable *table, const Value *values, Error *err)
{
    const Marker *marker = context;
    int64_t id = record_int(table, values, "local_id");
    if (!session_mark_private(marker->team ? NULL : marker->local, id, row, err)) {
        return false;
    }
    if (text_is_empty(record_text(table, values, "title"))) {
        row_text(row, "title", SESSION_UNTITLED);
    }
    char *foreign = foreign_reason(marker, table, values);
    bool active = !foreign && id == marker->active;
    row_bool(row, "active", active);
    row_bool(row, "resumable", !foreign);
    row_text(row, "foreign", foreign);
    char *state = text_format("%s%s",
                              active                                ? "*"
                              : foreign                             ? "R"
                              : record_text(table, values, "ended") ? "e"
                                                                    : "",
                              json_is_true(json_object_get(row, "private")) ? "p" : "");
    row_text(row, "state", state);
    free(state);
    free(foreign);
    RecordSharing sharing = RECORD_SHARED;
    if (!marker->team && !record_sharing(marker->local, table, id, &sharing, err)) {
        return false;
    }
    row_bool(row, "synced", sharing == RECORD_SHARED);
    return true;
}

static bool list_team(App *app, Local *local, const RecordFilter *filter, RecordCollector *collector,
                      Error *err)
{
    Shared *shared = NULL;
    if (!local) {
        error_set(err, ERROR_USAGE, "sharing was never switched on, so there are no team sessions");
        return error_hint(err, "switch it on with: amx db history-store enable --profile PROFILE");
    }
    if (!delivery_open_shared(app, local, app_deliver_deadline(app), &shared, err)) {
        return false;
    }
    bool ok = shared_list(shared, &synced_tables[SYNCED_SESSIONS], filter, app_deliver_deadline(app),
                          record_collect, collector, err);
    shared_close(shared);
    return ok;
}

static bool fill_list(App *app, RecordPage *page, Marker *marker, Report *report, Error *err)
{
    RecordCollector collector = {.report = report, .page = page, .more = mark, .context = marker};
    if (page->team ? !list_team(app, marker->local, &page->filter, &collector, err)
                   : marker->local && !record_list(marker->local, page->table, &page->filter, record_collect,
                                                   &collector, err)) {
        return false;
    }
    return record_collected(&collector, err) && record_page_total(page, marker->local, report, err);
}

bool cmd_session_list(App *app, const Args *args, Report *report, Error *err)
{
    SessionBinding binding;
    Error no_profile = {0};
    bool team = args_flag(args, "team");
    bool all = team || args_flag(args, "all-profiles");
    bool bound = session_bind(app, &binding, &no_profile);
    if (!bound && !all) {
        *err = no_profile;
        return false;
    }
    Marker marker = {.team = team, .binding = bound ? &binding : NULL};
    if (!app_local_read(app, &marker.local, err) ||
        (bound && marker.local && !sessions_active(marker.local, &binding, &marker.active, err))) {
        return false;
    }
    RecordPage page = {.table = &synced_tables[SYNCED_SESSIONS],
                       .team = team,
                       .limit = PAGE,
                       .filter = {.who = args_text(args, "who"), .host = args_text(args, "host")}};
    if (!all) {
        page.filter.match[0].column = "db_profile";
        page.filter.match[0].value = binding.db_profile;
    }
    report_list(report, "amx.sessions/1", list_columns, COUNT(list_columns));
    report->empty = args_text(args, "filter") ? "No session matches."
                    : all                     ? "No sessions yet. Ask something: amx ask \"..\""
                                              : "No sessions under this profile; see --all-profiles.";
    bool ok = record_page_begin(&page, args, report, err) && fill_list(app, &page, &marker, report, err);
    record_page_free(&page);
    return ok;
}
