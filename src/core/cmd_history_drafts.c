/* history drafts: what a person needs to decide about the results of a run. history choices: what teammates
 * chose for the same tables and columns. */
#include "commands.h"

#include <stdlib.h>

#include "delivery.h"
#include "json_text.h"
#include "memory.h"
#include "object_name.h"
#include "record_report.h"
#include "run_results.h"
#include "text.h"

/* Teammates' runs over the same database that are looked at, newest first. */
#define RUNS_READ 30
/* Results on one page, unless --limit says otherwise: a report of all of a large run would fill the memory.
 */
#define DRAFTS_PAGE 5000
/* Teammates' results that are fetched at once. */
#define CHOICES_FETCHED 1000
#define COUNT(array) (sizeof(array) / sizeof *(array))

static const ReportColumn draft_columns[] = {
    {"local_id", "ID", REPORT_NUMBER},
    {"object", "Object", REPORT_TEXT},
    {"data_type", "Type", REPORT_TEXT},
    {"level", "Confidence", REPORT_TEXT},
    {"evaluation", "Decision", REPORT_TEXT},
    {"base_text", "Drafted from", REPORT_TEXT},
    {"today_text", "Now", REPORT_TEXT},
    {"text", "Text", REPORT_WIDE},
    {"run_id", NULL, REPORT_NUMBER},
    {"schema_name", NULL, REPORT_TEXT},
    {"table_name", NULL, REPORT_TEXT},
    {"column_name", NULL, REPORT_TEXT},
    {"kind", NULL, REPORT_TEXT},
    {"confidence", NULL, REPORT_NUMBER},
    {"chosen_text", NULL, REPORT_TEXT},
    {"alternatives", NULL, REPORT_TEXT},
    {"evidence", NULL, REPORT_TEXT},
    {"source", NULL, REPORT_TEXT},
    {"evaluated_at", NULL, REPORT_TIME},
    {"applied_at", NULL, REPORT_TIME},
    {"apply_error", NULL, REPORT_TEXT},
    {"today", NULL, REPORT_TEXT},
};

static const ReportColumn choice_columns[] = {
    {"result", "ID", REPORT_NUMBER},      {"object", "Object", REPORT_TEXT},
    {"evaluated_at", "When", REPORT_AGE}, {"who", "Who@host", REPORT_TEXT},
    {"chosen_text", "Text", REPORT_WIDE}, {"run_id", NULL, REPORT_NUMBER},
    {"origin_id", NULL, REPORT_TEXT},     {"client_version", NULL, REPORT_TEXT},
    {"applied_at", NULL, REPORT_TIME},
};

/* One's own store, for reading; without one there is no run. */
static bool open_local(App *app, long long run_id, Local **out, Error *err)
{
    if (!app_local_read(app, out, err)) {
        return false;
    }
    if (!*out) {
        error_set(err, ERROR_NOT_FOUND, "there is no run %lld", run_id);
        return error_hint(err, "draft descriptions with: amx run");
    }
    return true;
}

/* --- drafts --- */

static bool add_draft(void *context, json_t *row, const SyncedTable *table, const Value *values, Error *err)
{
    (void)context;
    (void)err;
    record_add_result(row, table, values);
    return true;
}

static void take_fingerprint(void *context, const SyncedTable *table, const Value *values)
{
    char **fingerprint = context;
    *fingerprint = memory_string(record_text(table, values, "fingerprint"));
}

/* Which database the run was about; ERROR_NOT_FOUND without such a run. Owned by the caller. */
static bool find_run(Local *local, long long run_id, char **fingerprint, Error *err)
{
    RecordFilter filter = {.local_id = run_id, .limit = 1, .interruptible = true};
    *fingerprint = NULL;
    if (!record_list(local, &synced_tables[SYNCED_RUNS], &filter, take_fingerprint, fingerprint, err)) {
        return false;
    }
    if (!*fingerprint) {
        error_set(err, ERROR_NOT_FOUND, "there is no run %lld", run_id);
        return error_hint(err, "list what there is with: amx history list");
    }
    return true;
}

static bool read_today(Database *database, json_t *rows, Deadline deadline, Error *err)
{
    size_t count = json_array_size(rows);
    size_t index;
    json_t *row;
    CommentChange *changes = memory_zero(count, sizeof *changes);
    json_array_foreach(rows, index, row)
    {
        changes[index] = (CommentChange){.schema = json_text(row, "schema_name", NULL),
                                         .table = json_text(row, "table_name", NULL),
                                         .column = json_text(row, "column_name", NULL)};
    }
    bool ok = database_read_comments(database, changes, count, deadline, err);
    json_array_foreach(rows, index, row)
    {
        bool missing = changes[index].outcome == COMMENT_MISSING;
        if (ok) {
            row_text(row, "today", missing ? "missing" : "there");
            row_text(row, "today_text", changes[index].old_text);
        }
        comment_change_free(&changes[index]);
    }
    free(changes);
    return ok;
}

/* What another database says today means nothing for this run. */
static bool add_today(App *app, const char *run_fingerprint, json_t *rows, Error *err)
{
    const Profile *profile = NULL;
    const char *fingerprint = NULL;
    Database *database = NULL;
    if (!app_profile(app, &profile, err) || !app_fingerprint(app, profile, &fingerprint, err)) {
        return false;
    }
    if (!text_equal(fingerprint, run_fingerprint)) {
        error_set(err, ERROR_GUARD, "the run was drafted for %s; you work under profile %s (%s)",
                  run_fingerprint, profile->name, fingerprint);
        return error_hint(err, "work under its profile with: amx -p PROFILE");
    }
    return app_database(app, &database, err) && read_today(database, rows, app_query_deadline(app), err);
}

/* One page of the results of a run. */
static bool list_drafts(Local *local, RecordPage *page, const Args *args, Report *report, Error *err)
{
    RecordCollector collector = {.report = report, .page = page, .more = add_draft};
    return record_page_begin(page, args, report, err) &&
           record_list(local, page->table, &page->filter, record_collect, &collector, err) &&
           record_collected(&collector, err) && record_page_total(page, local, report, err);
}

bool cmd_history_drafts(App *app, const Args *args, Report *report, Error *err)
{
    Local *local = NULL;
    long long run_id;
    char *fingerprint = NULL;
    int64_t version = 0; /* before the rows are read: what changes meanwhile is later */
    if (!args_id(args, 0, "run number", &run_id, err) || !open_local(app, run_id, &local, err) ||
        !find_run(local, run_id, &fingerprint, err)) {
        return false;
    }
    if (!local_version(local, &version, err)) {
        free(fingerprint);
        return false;
    }
    RecordPage page = {.table = &synced_tables[SYNCED_RUN_RESULTS],
                       .limit = DRAFTS_PAGE,
                       .filter = {.parent = run_id, .changed_since = args_number(args, "since", 0)}};
    report_list(report, "amx.drafts/1", draft_columns, COUNT(draft_columns));
    report->empty = "No results.";
    report->version = version;
    bool ok = list_drafts(local, &page, args, report, err) &&
              (!args_flag(args, "today") || add_today(app, fingerprint, report->items, err));
    record_page_free(&page);
    free(fingerprint);
    if (!ok) {
        report_free(report); /* half of what was asked for would look like all of it */
    }
    return ok;
}

/* --- choices --- */

/* A teammate's run over the same database. */
typedef struct TeamRun {
    int64_t id;
    char origin[ID_SIZE];
} TeamRun;

typedef struct Choices {
    Report *report;
    const char *own_origin;
    json_t *results; /* object name -> result of one's own run */
    TeamRun runs[RUNS_READ];
    size_t run_count;
    size_t fetched; /* of one run at once, and where they ended */
    int64_t last;
} Choices;

static void take_team_run(void *context, const SyncedTable *table, const Value *values)
{
    Choices *choices = context;
    const char *origin = record_text(table, values, "origin_id");
    if (choices->run_count < RUNS_READ && !text_equal(origin, choices->own_origin)) {
        TeamRun *run = &choices->runs[choices->run_count++];
        run->id = record_int(table, values, "local_id");
        text_copy(run->origin, sizeof run->origin, origin);
    }
}

/* What the columns tell, and no more: there may be as many as results. */
static void add_choice(json_t *row, const SyncedTable *table, const Value *values)
{
    static const char *const texts[] = {"chosen_text", "evaluated_at",   "applied_at", "created_by",
                                        "hostname",    "client_version", "origin_id"};
    for (size_t i = 0; i < COUNT(texts); i++) {
        row_text(row, texts[i], record_text(table, values, texts[i]));
    }
    char *who = text_format("%s@%s", record_text(table, values, "created_by"),
                            record_text(table, values, "hostname"));
    row_text(row, RECORD_WHO, who);
    row_int(row, "run_id", record_int(table, values, "run_id"));
    free(who);
}

static void take_choice(void *context, const SyncedTable *table, const Value *values)
{
    Choices *choices = context;
    choices->fetched++;
    choices->last = record_int(table, values, "local_id");
    if (!record_text(table, values, "chosen_text")) {
        return;
    }
    char *object = record_object(table, values);
    const json_t *result = json_object_get(choices->results, object);
    if (result) {
        json_t *row = report_row(choices->report);
        add_choice(row, table, values);
        row_int(row, "result", json_integer_value(result));
        row_text(row, "object", object);
    }
    free(object);
}

static json_t *name_results(const ResultList *list)
{
    json_t *results = json_object();
    for (size_t i = 0; i < list->count; i++) {
        const ResultItem *item = &list->items[i];
        char *object = object_name(item->schema, item->table, item->column);
        json_object_set_new(results, object, json_integer(item->id));
        free(object);
    }
    return results;
}

/* A part at a time: a driver holds all that one query finds in memory. */
static bool read_run_choices(Shared *shared, const TeamRun *run, Choices *choices, Deadline deadline,
                             Error *err)
{
    bool ok = true;
    choices->last = 0;
    do {
        RecordFilter results = {.parent = run->id,
                                .origin = run->origin,
                                .from = {.local_id = choices->last},
                                .limit = CHOICES_FETCHED};
        choices->fetched = 0;
        ok = shared_list(shared, &synced_tables[SYNCED_RUN_RESULTS], &results, deadline, take_choice, choices,
                         err);
    } while (ok && choices->fetched == CHOICES_FETCHED);
    return ok;
}

/* All of it before the one deadline. */
static bool read_choices(Shared *shared, const char *fingerprint, Choices *choices, Deadline deadline,
                         Error *err)
{
    RecordFilter runs = {.limit = RUNS_READ * 2, .match = {{"fingerprint", fingerprint}}};
    bool ok = shared_list(shared, &synced_tables[SYNCED_RUNS], &runs, deadline, take_team_run, choices, err);
    for (size_t i = 0; ok && i < choices->run_count; i++) {
        ok = read_run_choices(shared, &choices->runs[i], choices, deadline, err);
    }
    return ok;
}

bool cmd_history_choices(App *app, const Args *args, Report *report, Error *err)
{
    Local *local = NULL;
    Shared *shared = NULL;
    long long run_id;
    ResultList list = {0};
    if (!args_id(args, 0, "run number", &run_id, err) || !open_local(app, run_id, &local, err)) {
        return false;
    }
    Deadline deadline = app_deliver_deadline(app);
    bool ok = result_list_load(local, run_id, &list, err) &&
              delivery_open_shared(app, local, deadline, &shared, err);
    if (ok) {
        report_list(report, "amx.choices/1", choice_columns, COUNT(choice_columns));
        report->empty = "No teammate chose a text for these tables and columns.";
        Choices choices = {
            .report = report, .own_origin = local_origin(local), .results = name_results(&list)};
        ok = read_choices(shared, list.fingerprint, &choices, deadline, err);
        json_decref(choices.results);
    }
    shared_close(shared);
    result_list_free(&list);
    return ok;
}
