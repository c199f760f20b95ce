#include "session_command.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "delivery.h"
#include "events.h"
#include "memory.h"
#include "record_report.h"
#include "text.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

#define BLANKS " \t\n\v\f\r"

enum { TITLE_LIMIT = 4096, SAVING_MS = 200 };

bool session_bind(App *app, SessionBinding *out, Error *err)
{
    const Profile *profile = NULL;
    if (!app_profile(app, &profile, err) || !app_fingerprint(app, profile, &out->fingerprint, err)) {
        return false;
    }
    out->db_profile = profile->name;
    return true;
}

bool session_choose(App *app, Local *local, const Args *args, long long *id, Error *err)
{
    SessionBinding binding;
    int64_t active = 0;
    *id = args_number(args, "id", -1);
    if (*id < 0 && args_word(args, 0)) {
        return args_id(args, 0, "session number", id, err);
    }
    if (*id >= 0) {
        return *id > 0 || error_set(err, ERROR_USAGE, "\"0\" is no session number");
    }
    if (!session_bind(app, &binding, err) || (local && !sessions_active(local, &binding, &active, err))) {
        return false;
    }
    *id = active;
    if (active == 0 && local && !sessions_none_left(local, &binding, &active, err)) {
        *id = active;
        return false;
    }
    if (active == 0) {
        error_set(err, ERROR_NOT_FOUND, "no session is active under profile %s", binding.db_profile);
        return error_hint(err, "name one with --id N (amx session list), or start one with: amx session new");
    }
    return true;
}

bool session_check_title(const char *title, Error *err)
{
    if (title && !text_is_utf8(title, strlen(title))) {
        return error_set(err, ERROR_USAGE, "the title is not valid UTF-8");
    }
    if (title && strlen(title) > TITLE_LIMIT) {
        return error_set(err, ERROR_USAGE, "the title is longer than %d bytes", TITLE_LIMIT);
    }
    if (title && strspn(title, BLANKS) == strlen(title)) {
        error_set(err, ERROR_USAGE, "the title is blank");
        return error_hint(err, "name what the session is about: --title TITLE");
    }
    if (title && strpbrk(title, "\n\r")) {
        error_set(err, ERROR_USAGE, "the title has more than one line");
        return error_hint(err, "write it in one");
    }
    return true;
}

static const ReportColumn session_columns[] = {
    {"local_id", "session", REPORT_NUMBER},
    {"db_profile", "profile", REPORT_TEXT},
    {"fingerprint", "database", REPORT_TEXT},
    {"title", "title", REPORT_WIDE},
    {"who", "who", REPORT_TEXT},
    {"client_version", "version", REPORT_TEXT},
    {"started", "started", REPORT_TIME},
    {"last_active", "last active", REPORT_TIME},
    {"ended", "ended", REPORT_TIME},
    {"active", "active", REPORT_TEXT},
    {"private", "private", REPORT_TEXT},
};

static void take_session(void *context, const SyncedTable *table, const Value *values)
{
    record_to_row(context, table, values);
}

bool session_mark_private(Local *local, int64_t id, json_t *row, Error *err)
{
    bool is_private = false;
    bool ok = !local || sessions_is_private(local, id, &is_private, err);
    row_bool(row, "private", is_private);
    return ok;
}

bool session_report(Local *local, int64_t id, bool active, Report *report, Error *err)
{
    RecordFilter filter = {.local_id = id, .limit = 1};
    report_object(report, "amx.session/1", session_columns, COUNT(session_columns));
    json_t *row = report_row(report);
    row_bool(row, "active", active);
    return record_list(local, &synced_tables[SYNCED_SESSIONS], &filter, take_session, row, err) &&
           session_mark_private(local, id, row, err);
}

bool session_stays_here(const App *app)
{
    return app_options(app)->local_only || !app_config(app)->share_sessions;
}

const char *session_why_here(const App *app)
{
    return app_options(app)->local_only ? "--local-only" : "history_store { share_sessions = false }";
}

/* amx.conf as it is now, not as the command read it. What is not there may be half saved: looks once more. */
static bool read_config_again(const App *app, const char *db_profile, Config **out, Error *err)
{
    const Paths *paths = app_paths(app);
    bool read = config_load(paths->config, paths->config_named, out, err);
    if (!read || !config_profile(*out, db_profile)) {
        if (read) {
            config_free(*out);
        }
        nanosleep(&(struct timespec){.tv_nsec = SAVING_MS * 1000L * 1000L}, NULL);
        read = config_load(paths->config, paths->config_named, out, err);
    }
    return read;
}

static bool compare_binding(const Config *now, const SessionBinding *binding, const char *what, Error *err)
{
    const Profile *profile = config_profile(now, binding->db_profile);
    char *fingerprint = NULL;
    Error why = {0};
    if (!profile) {
        return error_set(err, ERROR_GUARD, "%s is refused: profile %s is gone from amx.conf meanwhile", what,
                         binding->db_profile);
    }
    if (!database_fingerprint(&profile->target, &fingerprint, &why)) {
        return error_set(err, ERROR_GUARD, "%s is refused: where profile %s leads to is unknown now: %s",
                         what, binding->db_profile, why.message);
    }
    bool same = text_equal(fingerprint, binding->fingerprint);
    if (!same) {
        error_set(err, ERROR_GUARD, "%s is refused: profile %s was pointed to another database meanwhile",
                  what, binding->db_profile);
    }
    free(fingerprint);
    return same;
}

bool session_still_bound(App *app, const SessionBinding *binding, const char *what, bool *stays_here,
                         Error *err)
{
    Config *now = NULL;
    Error why = {0};
    if (!read_config_again(app, binding->db_profile, &now, &why)) {
        return error_set(err, ERROR_GUARD, "%s is refused: amx.conf can't be read just now: %s", what,
                         why.message);
    }
    bool same = compare_binding(now, binding, what, err);
    *stays_here = app_options(app)->local_only || !now->share_sessions;
    config_free(now);
    return same;
}

/* Keeps the profile of a session; owned by the caller. */
static void take_profile(void *context, const SyncedTable *table, const Value *values)
{
    const char *profile = record_text(table, values, "db_profile");
    *(char **)context = profile ? memory_string(profile) : NULL;
}

void session_hint_profile(const SessionSource *source, Error *err)
{
    char *profile = NULL;
    if (source->id > 0 && session_source_head(source, take_profile, &profile, NULL) && profile &&
        !config_profile(app_config(source->app), profile)) {
        error_hint(
            err,
            "amx.conf has no profile %s any more: put it back to go on there; the session is read with: "
            "amx session show --id %lld%s%s",
            profile, source->id, source->origin ? " --origin " : "", source->origin ? source->origin : "");
    }
    free(profile);
}

void session_record_refusal(Local *local, const char *kind, const char *origin, long long id,
                            const SessionBinding *binding)
{
    json_t *detail = json_pack("{s:I, s:s*, s:s, s:s}", "session", (json_int_t)id, "origin", origin,
                               "db_profile", binding->db_profile, "fingerprint", binding->fingerprint);
    char *text = json_dumps(detail, JSON_COMPACT);
    events_add(local, kind, "refused", text, NULL);
    free(text);
    json_decref(detail);
}

bool session_source_open(App *app, Local *local, const Args *args, SessionSource *out, Error *err)
{
    const char *origin = args_text(args, "origin");
    *out = (SessionSource){.app = app, .local = local};
    if (origin && args_number(args, "id", 0) == 0 && !args_word(args, 0)) {
        return error_set(err, ERROR_USAGE, "--origin needs --id: the number of the session there");
    }
    if (!session_choose(app, local, args, &out->id, err)) {
        return false;
    }
    if (!local) {
        error_set(err, ERROR_NOT_FOUND, "there is no session %lld: nothing has been recorded yet", out->id);
        return error_hint(err, "ask something: amx ask \"..\"");
    }
    out->origin = origin;
    return !origin || delivery_open_shared(app, local, app_deliver_deadline(app), &out->shared, err);
}

void session_source_close(SessionSource *source)
{
    shared_close(source->shared);
    source->shared = NULL;
}

bool session_source_read(const SessionSource *source, int table, const RecordFilter *filter, RecordEach each,
                         void *context, Error *err)
{
    return source->shared ? shared_list(source->shared, &synced_tables[table], filter,
                                        app_deliver_deadline(source->app), each, context, err)
                          : record_list(source->local, &synced_tables[table], filter, each, context, err);
}

/* Notes that there was a row. */
typedef struct Head {
    bool found;
    RecordEach each;
    void *context;
} Head;

static void take_head(void *context, const SyncedTable *table, const Value *values)
{
    Head *head = context;
    head->found = true;
    head->each(head->context, table, values);
}

bool session_source_head(const SessionSource *source, RecordEach each, void *context, Error *err)
{
    Head head = {.each = each, .context = context};
    RecordFilter filter = {.local_id = source->id, .origin = source->origin, .limit = 1};
    if (!session_source_read(source, SYNCED_SESSIONS, &filter, take_head, &head, err)) {
        return false;
    }
    if (!head.found) {
        error_set(err, ERROR_NOT_FOUND, "there is no session %lld", source->id);
        return error_hint(err, source->shared ? "list what there is with: amx session list --team"
                                              : "list what there is with: amx session list --all-profiles");
    }
    return true;
}

static void ignore_row(void *context, const SyncedTable *table, const Value *values)
{
    (void)context;
    (void)table;
    (void)values;
}

bool session_source_still_there(const SessionSource *source, Error *err)
{
    return session_source_head(source, ignore_row, NULL, err);
}
