/* history list, show, results, events: one's own from history.db, the team's live from the shared store. */
#include "commands.h"

#include <limits.h>
#include <stdlib.h>

#include "apply_doubt.h"
#include "coverage.h"
#include "drafter.h"
#include "event_words.h"
#include "record_report.h"
#include "team.h"
#include "text.h"

#define PAGE 50

static const ReportColumn run_columns[] = {
    {"local_id", "Run", REPORT_NUMBER},     {"started", "When", REPORT_AGE},
    {"who", "Who@host", REPORT_TEXT},       {"client_version", "Ver", REPORT_TEXT},
    {"db_profile", "Profile", REPORT_TEXT}, {"scope", "Scope", REPORT_WIDE},
    {"drafted", "OK", REPORT_NUMBER},       {"failed", "Err", REPORT_NUMBER},
    {RECORD_STATE, "State", REPORT_TEXT},   {"shared", "Shared", REPORT_TEXT},
    {"status", NULL, REPORT_TEXT},          {"origin_id", NULL, REPORT_TEXT},
    {"planned", NULL, REPORT_NUMBER},       {"drafter", NULL, REPORT_TEXT},
    {"fingerprint", NULL, REPORT_TEXT},     {"ended", NULL, REPORT_TIME},
    {"error", NULL, REPORT_TEXT},           {"created_at", NULL, REPORT_TIME},
    {"created_by", NULL, REPORT_TEXT},      {"hostname", NULL, REPORT_TEXT},
    {"updated_at", NULL, REPORT_TIME},      {"input_tokens", NULL, REPORT_NUMBER},
    {"output_tokens", NULL, REPORT_NUMBER}, {"cost", NULL, REPORT_NUMBER},
    {"currency", NULL, REPORT_TEXT},
};

static const ReportColumn show_columns[] = {
    {"local_id", "run", REPORT_NUMBER},
    {RECORD_STATE, "state", REPORT_TEXT},
    {"status", NULL, REPORT_TEXT},
    {"scope", "scope", REPORT_TEXT},
    {"db_profile", "profile", REPORT_TEXT},
    {"fingerprint", "database", REPORT_TEXT},
    {"drafter", "drafter", REPORT_TEXT},
    {"planned", "planned", REPORT_NUMBER},
    {"drafted", "drafted", REPORT_NUMBER},
    {"failed", "failed", REPORT_NUMBER},
    {"high", "high", REPORT_NUMBER},
    {"medium", "medium", REPORT_NUMBER},
    {"low", "low", REPORT_NUMBER},
    {"accepted", "accepted", REPORT_NUMBER},
    {"skipped", "skipped", REPORT_NUMBER},
    {"applied", "applied", REPORT_NUMBER},
    {"bill", "bill", REPORT_TEXT},
    {"input_tokens", NULL, REPORT_NUMBER},
    {"output_tokens", NULL, REPORT_NUMBER},
    {"cost", NULL, REPORT_NUMBER},
    {"currency", NULL, REPORT_TEXT},
    {"described", NULL, REPORT_NUMBER},
    {"percent", NULL, REPORT_NUMBER},
    {"started", "started", REPORT_TIME},
    {"ended", "ended", REPORT_TIME},
    {"error", "error", REPORT_WIDE},
    {"who", "who", REPORT_TEXT},
    {"client_version", "version", REPORT_TEXT},
    {"shared", "shared", REPORT_TEXT},
    {"origin_id", "origin", REPORT_TEXT},
};

static const ReportColumn result_columns[] = {
    {"local_id", "ID", REPORT_NUMBER},       {"object", "Object", REPORT_TEXT},
    {"data_type", "Type", REPORT_TEXT},      {"level", "Confidence", REPORT_TEXT},
    {"evaluation", "Decision", REPORT_TEXT}, {"state", "State", REPORT_TEXT},
    {"text", "Text", REPORT_WIDE},           {"run_id", NULL, REPORT_NUMBER},
    {"schema_name", NULL, REPORT_TEXT},      {"table_name", NULL, REPORT_TEXT},
    {"column_name", NULL, REPORT_TEXT},      {"kind", NULL, REPORT_TEXT},
    {"confidence", NULL, REPORT_NUMBER},     {"base_text", NULL, REPORT_TEXT},
    {"chosen_text", NULL, REPORT_TEXT},      {"alternatives", NULL, REPORT_TEXT},
    {"evidence", NULL, REPORT_TEXT},         {"applied_at", NULL, REPORT_TIME},
    {"apply_error", NULL, REPORT_TEXT},      {"who", NULL, REPORT_TEXT},
};

static const ReportColumn event_columns[] = {
    {"local_id", "ID", REPORT_NUMBER},     {"created_at", "When", REPORT_AGE},
    {"who", "Who@host", REPORT_TEXT},      {"kind", "Kind", REPORT_TEXT},
    {"status", "Status", REPORT_TEXT},     {"words", "Detail", REPORT_WIDE},
    {"detail", NULL, REPORT_TEXT},         {"origin_id", NULL, REPORT_TEXT},
    {"client_version", NULL, REPORT_TEXT},
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static bool add_sharing(void *context, json_t *row, const SyncedTable *table, const Value *values, Error *err)
{
    RecordSharing sharing = RECORD_SHARED;
    Local *local = context;
    if (local && !record_sharing(local, table, record_int(table, values, "local_id"), &sharing, err)) {
        return false;
    }
    row_text(row, "shared", record_sharing_name(sharing));
    row_bool(row, "synced", sharing == RECORD_SHARED);
    return true;
}

static bool add_words(void *context, json_t *row, const SyncedTable *table, const Value *values, Error *err)
{
    (void)context;
    (void)table;
    (void)values;
    (void)err;
    char *words = event_words(json_object_get(row, "detail"));
    row_text(row, "words", words);
    free(words);
    return true;
}

static bool add_result(void *context, json_t *row, const SyncedTable *table, const Value *values, Error *err)
{
    (void)context;
    (void)err;
    record_add_result(row, table, values);
    return true;
}

/* How one's own rows are shared is looked up where they are. */
static bool read_rows(App *app, const RecordPage *page, RecordCollector *collector, Error *err)
{
    Local *local = NULL;
    if (!page->team && collector->more == add_sharing) {
        if (!app_local_read(app, &local, err)) {
            return false;
        }
        collector->context = local;
    }
    return team_read_page(app, page, collector, err);
}

static bool fill_page(App *app, RecordPage *page, Report *report, Error *err)
{
    Local *local = NULL;
    bool runs = page->table == &synced_tables[SYNCED_RUNS];
    bool events = page->table == &synced_tables[SYNCED_APP_EVENTS];
    RecordCollector collector = {.report = report,
                                 .page = page,
                                 .more = runs     ? add_sharing
                                         : events ? add_words
                                                  : NULL};
    return read_rows(app, page, &collector, err) && record_collected(&collector, err) &&
           app_local_read(app, &local, err) && record_page_total(page, local, report, err);
}

/* The page that the options ask for. */
static bool list_page(App *app, const Args *args, RecordPage *page, Report *report, Error *err)
{
    bool ok = record_page_begin(page, args, report, err) && fill_page(app, page, report, err);
    record_page_free(page);
    return ok;
}

bool cmd_history_list(App *app, const Args *args, Report *report, Error *err)
{
    bool team = args_flag(args, "team");
    char since[CLOCK_TEXT_SIZE];
    RecordPage page = {.table = &synced_tables[SYNCED_RUNS],
                       .team = team,
                       .limit = PAGE,
                       .filter = {.who = args_text(args, "who"), .host = args_text(args, "host")}};
    if (args_text(args, "since")) {
        page.filter.since = since;
        if (!record_parse_time(args_text(args, "since"), since, err)) {
            return error_prefix(err, "--since ");
        }
    }
    if (args_text(args, "state")) {
        page.filter.match[0].column = RECORD_STATE;
        page.filter.match[0].value = args_text(args, "state");
    }
    report_list(report, "amx.runs/1", run_columns, COUNT(run_columns));
    report->empty = team ? "No runs in the shared store." : "No runs yet. Draft descriptions with: amx run";
    return list_page(app, args, &page, report, err);
}

typedef struct Summary {
    int64_t high, medium, low, accepted, skipped, applied;
    Coverage coverage; /* once what was accepted is applied */
} Summary;

/* What was applied is what the database says by now. */
static void cover(Coverage *coverage, const SyncedTable *table, const Value *values)
{
    const char *chosen = record_text(table, values, "chosen_text");
    bool applied = record_text(table, values, "applied_at") != NULL;
    coverage_add(coverage, applied ? chosen : record_text(table, values, "base_text"),
                 applied ? NULL : chosen);
}

static void summarize(void *context, const SyncedTable *table, const Value *values)
{
    Summary *summary = context;
    double confidence = record_real(table, values, "confidence");
    const char *evaluation = record_text(table, values, "evaluation");
    summary->high += confidence >= DRAFT_HIGH;
    summary->medium += confidence >= DRAFT_MEDIUM && confidence < DRAFT_HIGH;
    summary->low += confidence < DRAFT_MEDIUM;
    summary->accepted += text_equal(evaluation, "accepted") || text_equal(evaluation, "edited");
    summary->skipped += text_equal(evaluation, "skipped");
    summary->applied += record_text(table, values, "applied_at") != NULL;
    cover(&summary->coverage, table, values);
}

/* What a language model took for a run: "24 + 68 tokens, 0.0016 EUR"; NULL: none was asked. */
static void add_bill(json_t *row)
{
    const char *currency = json_string_value(json_object_get(row, "currency"));
    double cost = json_number_value(json_object_get(row, "cost"));
    Text bill = {0};
    if (currency) {
        text_addf(&bill, "%lld + %lld tokens", json_integer_value(json_object_get(row, "input_tokens")),
                  json_integer_value(json_object_get(row, "output_tokens")));
    }
    if (currency && cost > 0) {
        text_addf(&bill, ", %.4f %s", cost, currency);
    }
    row_text(row, "bill", currency ? text_string(&bill) : NULL);
    text_free(&bill);
}

/* One row into an object report. */
typedef struct One {
    json_t *row;
    Local *local;
    bool found;
    Error trouble; /* met while it was looked up how the row is shared */
} One;

static void take_one(void *context, const SyncedTable *table, const Value *values)
{
    One *one = context;
    one->found = true;
    record_to_row(one->row, table, values);
    add_sharing(one->local, one->row, table, values, &one->trouble);
}

/* Reads a run and sums its results up, through `reader` of either store. */
static bool show(App *app, const char *origin, int64_t id, One *one, Summary *summary, Error *err)
{
    RecordFilter run = {.local_id = id, .origin = origin, .limit = 1, .interruptible = true};
    RecordFilter results = {.parent = id, .origin = origin, .interruptible = true};
    const SyncedTable *runs = &synced_tables[SYNCED_RUNS];
    const SyncedTable *run_results = &synced_tables[SYNCED_RUN_RESULTS];
    if (!origin) {
        return app_local_read(app, &one->local, err) &&
               (!one->local || (record_list(one->local, runs, &run, take_one, one, err) &&
                                record_list(one->local, run_results, &results, summarize, summary, err)));
    }
    Shared *shared = NULL;
    if (!team_open(app, &shared, err)) {
        return false;
    }
    bool ok = shared_list(shared, runs, &run, app_deliver_deadline(app), take_one, one, err) &&
              shared_list(shared, run_results, &results, app_deliver_deadline(app), summarize, summary, err);
    shared_close(shared);
    return ok;
}

static bool no_run(long long id, const char *origin, Error *err)
{
    error_set(err, ERROR_NOT_FOUND, "there is no run %lld%s%s", id, origin ? " of origin " : "",
              origin ? origin : "");
    return error_hint(err, "list what there is with: amx history list%s", origin ? " --team" : "");
}

bool cmd_history_show(App *app, const Args *args, Report *report, Error *err)
{
    long long id;
    char buffer[ID_SIZE];
    const char *origin = NULL;
    Summary summary = {0};
    if (!args_id(args, 0, "run number", &id, err) ||
        !team_choose_origin(app, args, id, buffer, &origin, err)) {
        return false;
    }
    report_object(report, "amx.run/1", show_columns, COUNT(show_columns));
    One one = {.row = report_row(report)};
    if (!show(app, origin, id, &one, &summary, err)) {
        return false;
    }
    if (one.trouble.kind != ERROR_NONE) {
        *err = one.trouble;
        return false;
    }
    if (!one.found) {
        report_free(report);
        return no_run(id, origin, err);
    }
    add_bill(one.row);
    row_int(one.row, "high", summary.high);
    row_int(one.row, "medium", summary.medium);
    row_int(one.row, "low", summary.low);
    row_int(one.row, "accepted", summary.accepted);
    row_int(one.row, "skipped", summary.skipped);
    row_int(one.row, "applied", summary.applied);
    row_int(one.row, "described", (long long)summary.coverage.described);
    row_int(one.row, "percent", coverage_percent(&summary.coverage));
    return origin || apply_doubt_tell(one.local, id, report, err);
}

static void take_found(void *context, const SyncedTable *table, const Value *values)
{
    (void)table;
    (void)values;
    *(bool *)context = true;
}

/* A run without results is something else than no run. */
static bool run_exists(App *app, long long id, const char *origin, bool *found, Error *err)
{
    RecordFilter filter = {.local_id = id, .origin = origin, .limit = 1, .interruptible = true};
    Local *local = NULL;
    Shared *shared = NULL;
    if (!origin) {
        return app_local_read(app, &local, err) &&
               (!local || record_list(local, &synced_tables[SYNCED_RUNS], &filter, take_found, found, err));
    }
    if (!team_open(app, &shared, err)) {
        return false;
    }
    bool ok = shared_list(shared, &synced_tables[SYNCED_RUNS], &filter, app_deliver_deadline(app), take_found,
                          found, err);
    shared_close(shared);
    return ok;
}

/* The results of a run; `found`: there is such a run. */
static bool fill_results(App *app, long long id, RecordPage *page, Report *report, bool *found, Error *err)
{
    Local *local = NULL;
    RecordCollector collector = {.report = report, .page = page, .more = add_result};
    page->filter.parent = id;
    if (!read_rows(app, page, &collector, err) || !record_collected(&collector, err)) {
        return false;
    }
    if (!app_local_read(app, &local, err) || !record_page_total(page, local, report, err)) {
        return false;
    }
    *found = collector.count > 0;
    return *found || run_exists(app, id, page->filter.origin, found, err);
}

bool cmd_history_results(App *app, const Args *args, Report *report, Error *err)
{
    long long id;
    bool found = false;
    char buffer[ID_SIZE];
    const char *origin = NULL;
    if (!args_id(args, 0, "run number", &id, err) ||
        !team_choose_origin(app, args, id, buffer, &origin, err)) {
        return false;
    }
    RecordPage page = {.table = &synced_tables[SYNCED_RUN_RESULTS],
                       .team = origin != NULL,
                       .limit = INT_MAX,
                       .filter = {.origin = origin}};
    report_list(report, "amx.results/1", result_columns, COUNT(result_columns));
    report->empty = "No results.";
    bool ok =
        record_page_begin(&page, args, report, err) && fill_results(app, id, &page, report, &found, err);
    record_page_free(&page);
    if (ok && !found) {
        report_free(report);
        return no_run(id, origin, err);
    }
    return ok;
}

bool cmd_history_events(App *app, const Args *args, Report *report, Error *err)
{
    RecordPage page = {
        .table = &synced_tables[SYNCED_APP_EVENTS], .team = args_flag(args, "team"), .limit = PAGE};
    report_list(report, "amx.events/1", event_columns, COUNT(event_columns));
    report->empty = "No events.";
    if (list_page(app, args, &page, report, err)) {
        return true;
    }
    if (err && err->kind == ERROR_LOCAL && !*err->hint) {
        error_hint(err,
                   "history.db is damaged, or was changed by hand: put a copy of it back, or rename it, and "
                   "amx begins a new one");
    }
    return false;
}
