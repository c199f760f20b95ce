/* session new, list, show, resume, end, delete. Guard 1 itself stands in store/sessions.c. */
#include "commands.h"

#include <stdlib.h>
#include <string.h>

#include "delivery.h"
#include "events.h"
#include "record_report.h"
#include "sessions.h"
#include "text.h"

#define PAGE 50
#define TURNS_PAGE 200
#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { TITLE_LIMIT = 4096 };

static const ReportColumn list_columns[] = {
    {"local_id", "ID", REPORT_NUMBER},      {"state", "", REPORT_TEXT},
    {"db_profile", "Profile", REPORT_TEXT}, {"who", "Who@host", REPORT_TEXT},
    {"client_version", "Ver", REPORT_TEXT}, {"turns", "Turns", REPORT_NUMBER},
    {"last_active", "Last", REPORT_AGE},    {"title", "Title or first question", REPORT_WIDE},
    {"fingerprint", NULL, REPORT_TEXT},     {"origin_id", NULL, REPORT_TEXT},
    {"started", NULL, REPORT_TIME},         {"ended", NULL, REPORT_TIME},
    {"created_at", NULL, REPORT_TIME},      {"created_by", NULL, REPORT_TEXT},
    {"hostname", NULL, REPORT_TEXT},        {"foreign", NULL, REPORT_TEXT},
};

static const ReportColumn turn_columns[] = {
    {"turn_index", "#", REPORT_NUMBER},  {"created_at", "When", REPORT_AGE},
    {"who", "Who@host", REPORT_TEXT},    {"role", "Role", REPORT_TEXT},
    {"content", "Text", REPORT_WIDE},    {"citations", NULL, REPORT_TEXT},
    {"session_id", NULL, REPORT_NUMBER}, {"client_version", NULL, REPORT_TEXT},
};

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
};

static bool bind(App *app, SessionBinding *out, Error *err)
{
    const Profile *profile = NULL;
    if (!app_profile(app, &profile, err) || !app_fingerprint(app, profile, &out->fingerprint, err)) {
        return false;
    }
    out->db_profile = profile->name;
    return true;
}

/* Fills an object report with one session. */
static void take_session(void *context, const SyncedTable *table, const Value *values)
{
    record_to_row(context, table, values);
}

static bool report_session(Local *local, int64_t id, bool active, Report *report, Error *err)
{
    RecordFilter filter = {.local_id = id, .limit = 1};
    report_object(report, "amx.session/1", session_columns, COUNT(session_columns));
    json_t *row = report_row(report);
    row_bool(row, "active", active);
    return record_list(local, &synced_tables[SYNCED_SESSIONS], &filter, take_session, row, err);
}

/* --id N, or the word after the command, or the active session. */
static bool choose(App *app, Local *local, const Args *args, long long *id, Error *err)
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
    if (!bind(app, &binding, err) || (local && !sessions_active(local, &binding, &active, err))) {
        return false;
    }
    *id = active;
    if (active == 0) {
        error_set(err, ERROR_NOT_FOUND, "no session is active under profile %s", binding.db_profile);
        return error_hint(err, "name one with --id N (amx session list), or start one with: amx session new");
    }
    return true;
}

/* A title is one line of text, which any store can hold. */
static bool check_title(const char *title, Error *err)
{
    if (title && !text_is_utf8(title, strlen(title))) {
        return error_set(err, ERROR_USAGE, "the title is not valid UTF-8");
    }
    if (title && strlen(title) > TITLE_LIMIT) {
        return error_set(err, ERROR_USAGE, "the title is longer than %d bytes", TITLE_LIMIT);
    }
    return true;
}

bool cmd_session_new(App *app, const Args *args, Report *report, Error *err)
{
    Local *local = NULL;
    SessionBinding binding;
    int64_t id = 0;
    if (!check_title(args_text(args, "title"), err) || !bind(app, &binding, err) ||
        !app_local(app, &local, err) ||
        !sessions_start(local, &binding, args_text(args, "title"), app_options(app)->local_only, &id, err)) {
        return false;
    }
    report_note(report, "session %lld is active under profile %s", (long long)id, binding.db_profile);
    return report_session(local, id, true, report, err);
}

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
    char *foreign = foreign_reason(marker, table, values);
    bool active = !foreign && id == marker->active;
    row_bool(row, "active", active);
    row_bool(row, "resumable", !foreign);
    row_text(row, "foreign", foreign);
    row_text(row, "state", active ? "*" : foreign ? "R" : record_text(table, values, "ended") ? "e" : "");
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
    bool bound = bind(app, &binding, &no_profile);
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

/* Where turns are read: one's own file, or the team's store. */
typedef struct Source {
    App *app;
    Local *local;
    Shared *shared;
} Source;

static bool read_rows(const Source *source, int table, const RecordFilter *filter, RecordEach each,
                      void *context, Error *err)
{
    return source->shared ? shared_list(source->shared, &synced_tables[table], filter,
                                        app_deliver_deadline(source->app), each, context, err)
                          : record_list(source->local, &synced_tables[table], filter, each, context, err);
}

typedef struct Head {
    bool found;
    char *line;
} Head;

static void take_head(void *context, const SyncedTable *table, const Value *values)
{
    Head *head = context;
    head->found = true;
    head->line = text_format(
        "session %lld of %s@%s, profile %s (%s)%s", (long long)record_int(table, values, "local_id"),
        record_text(table, values, "created_by"), record_text(table, values, "hostname"),
        record_text(table, values, "db_profile"), record_text(table, values, "fingerprint"),
        record_text(table, values, "ended") ? ", ended" : "");
}

/* What was said, set in. */
static void add_said(Text *out, const char *said)
{
    for (const char *line = said ? said : ""; *line;) {
        size_t length = strcspn(line, "\n");
        text_add(out, "    ");
        text_add_n(out, line, length);
        text_add(out, "\n");
        line += length + (line[length] == '\n');
    }
}

/* The turns as a conversation: "ann@web1 2026-11-22T21:50:43.123Z (amx 0.1.0) user>", and what was said. An
 * answer names what it cites itself. */
static char *conversation(const json_t *turns)
{
    Text out = {0};
    size_t index;
    json_t *turn;
    json_array_foreach(turns, index, turn)
    {
        text_addf(&out, "%s%s %s (amx %s) %s>\n", index ? "\n" : "",
                  json_string_value(json_object_get(turn, "who")),
                  json_string_value(json_object_get(turn, "created_at")),
                  json_string_value(json_object_get(turn, "client_version")),
                  json_string_value(json_object_get(turn, "role")));
        add_said(&out, json_string_value(json_object_get(turn, "content")));
    }
    return text_take(&out);
}

/* A conversation has no line at its end that says how to go on. */
static void say_where(Report *report)
{
    if (report->previous) {
        report_note(report, "turns before these: --before %s", report->previous);
    }
    if (report->next) {
        report_note(report, "turns after these: --after %s; the newest ones: --last", report->next);
    }
}

static bool fill_turns(const Source *source, RecordPage *page, Report *report, Error *err)
{
    RecordCollector collector = {.report = report, .page = page};
    if (!read_rows(source, SYNCED_SESSION_TURNS, &page->filter, record_collect, &collector, err) ||
        !record_collected(&collector, err) || !record_page_total(page, source->local, report, err)) {
        return false;
    }
    if (collector.count > 0) {
        report_text_form(report, conversation(report->items));
        say_where(report);
    }
    return true;
}

static bool show(const Source *source, const char *origin, long long id, const Args *args, Report *report,
                 Error *err)
{
    Head head = {0};
    RecordFilter session = {.local_id = id, .origin = origin, .limit = 1};
    RecordPage page = {.table = &synced_tables[SYNCED_SESSION_TURNS],
                       .team = source->shared != NULL,
                       .limit = TURNS_PAGE,
                       .filter = {.parent = id, .origin = origin}};
    if (!read_rows(source, SYNCED_SESSIONS, &session, take_head, &head, err)) {
        return false;
    }
    if (!head.found) {
        error_set(err, ERROR_NOT_FOUND, "there is no session %lld", id);
        return error_hint(err, "list what there is with: amx session list --all-profiles");
    }
    report_list(report, "amx.turns/1", turn_columns, COUNT(turn_columns));
    report->empty = "No turns yet.";
    report_note(report, "%s", head.line);
    free(head.line);
    bool ok = record_page_begin(&page, args, report, err) && fill_turns(source, &page, report, err);
    record_page_free(&page);
    return ok;
}

/* Reads only: the local store is opened so that not a byte of it changes. */
bool cmd_session_show(App *app, const Args *args, Report *report, Error *err)
{
    Source source = {.app = app};
    const char *origin = args_text(args, "origin");
    long long id;
    if (origin && args_number(args, "id", 0) == 0 && !args_word(args, 0)) {
        return error_set(err, ERROR_USAGE, "--origin needs --id: the number of the session there");
    }
    if (!app_local_read(app, &source.local, err) || !choose(app, source.local, args, &id, err)) {
        return false;
    }
    if (!source.local) {
        error_set(err, ERROR_NOT_FOUND, "there is no session %lld: nothing has been recorded yet", id);
        return error_hint(err, "ask something: amx ask \"..\"");
    }
    if (origin && !delivery_open_shared(app, source.local, app_deliver_deadline(app), &source.shared, err)) {
        return false;
    }
    bool ok = show(&source, origin, id, args, report, err);
    shared_close(source.shared);
    return ok;
}

/* A refusal is worth remembering: somebody meant to write into another database's conversation. */
static void record_refusal(Local *local, long long id, const SessionBinding *binding)
{
    json_t *detail = json_pack("{s:I, s:s, s:s}", "session", (json_int_t)id, "db_profile",
                               binding->db_profile, "fingerprint", binding->fingerprint);
    char *text = json_dumps(detail, JSON_COMPACT);
    events_add(local, "refused resume", "refused", text, NULL);
    free(text);
    json_decref(detail);
}

bool cmd_session_resume(App *app, const Args *args, Report *report, Error *err)
{
    Local *local = NULL;
    SessionBinding binding;
    long long id;
    if (!bind(app, &binding, err) || !app_local(app, &local, err) || !choose(app, local, args, &id, err)) {
        return false;
    }
    if (!sessions_resume(local, id, &binding, err)) {
        if (err->kind == ERROR_GUARD) {
            record_refusal(local, id, &binding);
        }
        return false;
    }
    report_note(report, "session %lld is active under profile %s", id, binding.db_profile);
    return report_session(local, id, true, report, err);
}

bool cmd_session_end(App *app, const Args *args, Report *report, Error *err)
{
    Local *local = NULL;
    long long id;
    if (!app_local(app, &local, err) || !choose(app, local, args, &id, err) ||
        !sessions_end(local, id, err)) {
        return false;
    }
    report_note(report, "session %lld is ended; resume opens it again", id);
    return report_session(local, id, false, report, err);
}

bool cmd_session_delete(App *app, const Args *args, Report *report, Error *err)
{
    Local *local = NULL;
    long long id;
    if (!app_local(app, &local, err) || !choose(app, local, args, &id, err)) {
        return false;
    }
    if (!args_flag(args, "yes")) {
        const AppOptions *options = app_options(app);
        char *question =
            text_format("Remove session %lld with all its turns, here and in the shared store?", id);
        bool yes = options->ask && options->ask(options->ask_context, question);
        free(question);
        if (!yes) {
            error_set(err, ERROR_USAGE,
                      options->ask ? "session %lld was not removed"
                                   : "removing session %lld has to be confirmed",
                      id);
            return error_hint(err, "confirm it with --yes");
        }
    }
    if (!sessions_delete(local, id, err)) {
        return false;
    }
    static const ReportColumn columns[] = {{"deleted", "deleted", REPORT_NUMBER}};
    report_object(report, "amx.session/1", columns, 1);
    row_int(report_row(report), "deleted", id);
    report_note(report, "session %lld is removed", id);
    return true;
}
