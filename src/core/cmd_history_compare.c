/* history compare: two runs side by side, one's own or a teammate's. */
#include "commands.h"

#include <stdlib.h>
#include <string.h>

#include "drafter.h"
#include "memory.h"
#include "object_name.h"
#include "record_report.h"
#include "team.h"
#include "text.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const ReportColumn columns[] = {
    {"object", "Object", REPORT_WIDE}, {"change", "Change", REPORT_TEXT},
    {"a_state", "A", REPORT_TEXT},     {"a_level", "Conf. A", REPORT_TEXT},
    {"b_state", "B", REPORT_TEXT},     {"b_level", "Conf. B", REPORT_TEXT},
    {"a_text", "Text A", REPORT_WIDE}, {"b_text", "Text B", REPORT_WIDE},
    {"key", NULL, REPORT_TEXT},        {"a_confidence", NULL, REPORT_NUMBER},
    {"a_id", NULL, REPORT_NUMBER},     {"b_confidence", NULL, REPORT_NUMBER},
    {"b_id", NULL, REPORT_NUMBER},     {"schema_name", NULL, REPORT_TEXT},
    {"table_name", NULL, REPORT_TEXT}, {"column_name", NULL, REPORT_TEXT},
};

/* One result of a run, as far as it is compared. */
typedef struct Side {
    int64_t id;
    char *schema;
    char *table;
    char *column; /* NULL: the table */
    double confidence;
    const char *state;
    char *text; /* the chosen one, or the first draft; NULL: none */
} Side;

typedef struct ComparedRun {
    const char *name;     /* as it was typed */
    char origin[ID_SIZE]; /* "" = one's own */
    int64_t id;
    bool found;
    char *fingerprint;
    char *scope;
    char *label; /* for people: "12", or "12 of ann@web1" */
    Side *items;
    size_t count;
    size_t capacity;
} ComparedRun;

static void free_run(ComparedRun *run)
{
    for (size_t i = 0; i < run->count; i++) {
        free(run->items[i].schema);
        free(run->items[i].table);
        free(run->items[i].column);
        free(run->items[i].text);
    }
    free(run->items);
    free(run->label);
    free(run->scope);
    free(run->fingerprint);
}

/* "12", or "ORIGIN/12" of a teammate's. */
static bool parse_run(const char *word, ComparedRun *run, Error *err)
{
    const char *slash = strrchr(word, '/');
    const char *digits = slash ? slash + 1 : word;
    size_t length = slash ? (size_t)(slash - word) : 0;
    long long id = 0;
    run->name = word;
    if (!args_whole_number(digits, &id) || id <= 0 || length >= sizeof run->origin || slash == word) {
        error_set(err, ERROR_USAGE, "\"%s\" is no run", word);
        return error_hint(err, "write its number, or ORIGIN/NUMBER for a teammate's: amx history list --team "
                               "--json has both, as origin_id and local_id");
    }
    run->id = id;
    memcpy(run->origin, word, length);
    run->origin[length] = '\0';
    return true;
}

static const char *state_of(const SyncedTable *table, const Value *values)
{
    const char *evaluation = record_text(table, values, "evaluation");
    if (record_text(table, values, "apply_error")) {
        return "failed";
    }
    if (record_text(table, values, "applied_at")) {
        return "applied";
    }
    return text_equal(evaluation, "accepted")  ? "accepted"
           : text_equal(evaluation, "edited")  ? "edited"
           : text_equal(evaluation, "skipped") ? "skipped"
                                               : "draft";
}

/* The first of the drafts; owned by the caller. */
static char *first_draft(const char *alternatives)
{
    json_t *drafts = alternatives ? json_loads(alternatives, 0, NULL) : NULL;
    char *first = memory_string(json_string_value(json_array_get(drafts, 0)));
    json_decref(drafts);
    return first;
}

static void take_run(void *context, const SyncedTable *table, const Value *values)
{
    ComparedRun *run = context;
    if (run->found) {
        return;
    }
    run->found = true;
    run->fingerprint = memory_string(record_text(table, values, "fingerprint"));
    run->scope = memory_string(record_text(table, values, "scope"));
    run->label = *run->origin ? text_format("%lld of %s@%s", (long long)run->id,
                                            record_text(table, values, "created_by"),
                                            record_text(table, values, "hostname"))
                              : text_format("%lld", (long long)run->id);
}

static void take_result(void *context, const SyncedTable *table, const Value *values)
{
    ComparedRun *run = context;
    const char *chosen = record_text(table, values, "chosen_text");
    memory_grow((void **)&run->items, run->count, &run->capacity, sizeof *run->items);
    run->items[run->count++] = (Side){
        .id = record_int(table, values, "local_id"),
        .schema = memory_string(record_text(table, values, "schema_name")),
        .table = memory_string(record_text(table, values, "table_name")),
        .column = memory_string(record_text(table, values, "column_name")),
        .confidence = record_real(table, values, "confidence"),
        .state = state_of(table, values),
        .text = chosen ? memory_string(chosen) : first_draft(record_text(table, values, "alternatives")),
    };
}

static int by_object(const void *a, const void *b)
{
    const Side *left = a;
    const Side *right = b;
    int order = strcmp(left->schema, right->schema);
    order = order ? order : strcmp(left->table, right->table);
    return order ? order : strcmp(left->column ? left->column : "", right->column ? right->column : "");
}

static bool no_run(const ComparedRun *run, Error *err)
{
    error_set(err, ERROR_NOT_FOUND, "there is no run %s", run->name);
    return error_hint(err, "list what there is with: amx history list%s", *run->origin ? " --team" : "");
}

/* Reads a run with its results from its store; `shared` is opened when the first teammate's run needs it. */
static bool load(App *app, ComparedRun *run, Shared **shared, Error *err)
{
    const SyncedTable *runs = &synced_tables[SYNCED_RUNS];
    const SyncedTable *results = &synced_tables[SYNCED_RUN_RESULTS];
    const char *origin = *run->origin ? run->origin : NULL;
    RecordFilter one = {.local_id = run->id, .origin = origin, .limit = 1, .interruptible = true};
    RecordFilter below = {.parent = run->id, .origin = origin, .interruptible = true};
    Local *local = NULL;
    bool ok;
    if (origin) {
        Deadline deadline = app_deliver_deadline(app);
        ok = (*shared || team_open(app, shared, err)) &&
             shared_list(*shared, runs, &one, deadline, take_run, run, err) &&
             shared_list(*shared, results, &below, deadline, take_result, run, err);
    } else {
        ok = app_local_read(app, &local, err) &&
             (!local || (record_list(local, runs, &one, take_run, run, err) &&
                         record_list(local, results, &below, take_result, run, err)));
    }
    if (!ok || !run->found) {
        return ok ? no_run(run, err) : false;
    }
    if (run->count > 1) {
        qsort(run->items, run->count, sizeof *run->items, by_object);
    }
    return true;
}

static void add_side(json_t *row, const char *prefix, const Side *side)
{
    static const char *const members[] = {"state", "level", "confidence", "id", "text"};
    char *keys[COUNT(members)];
    for (size_t i = 0; i < COUNT(members); i++) {
        keys[i] = text_format("%s_%s", prefix, members[i]);
        row_json(row, keys[i], json_null());
    }
    if (side) {
        row_text(row, keys[0], side->state);
        row_text(row, keys[1], draft_confidence_name(side->confidence));
        row_real(row, keys[2], side->confidence);
        row_int(row, keys[3], side->id);
        row_text(row, keys[4], side->text);
    }
    for (size_t i = 0; i < COUNT(members); i++) {
        free(keys[i]);
    }
}

typedef struct Tally {
    long long same, changed, only_a, only_b;
} Tally;

/* A pair is the same when it says the same; where it stands with review and apply does not count. */
static const char *judge(const Side *a, const Side *b, Tally *tally)
{
    if (!a || !b) {
        *(a ? &tally->only_a : &tally->only_b) += 1;
        return a ? "only A" : "only B";
    }
    bool same = text_equal(a->text, b->text);
    *(same ? &tally->same : &tally->changed) += 1;
    return same ? "same" : "changed";
}

/* At least one of the two is there. */
static void add_pair(Report *report, const Side *a, const Side *b, Tally *tally)
{
    const Side *any = a ? a : b;
    if (!any) {
        return;
    }
    char *object = object_name(any->schema, any->table, any->column);
    json_t *row = report_row(report);
    row_text(row, "object", object);
    row_text(row, "key", object);
    row_text(row, "change", judge(a, b, tally));
    add_side(row, "a", a);
    add_side(row, "b", b);
    row_text(row, "schema_name", any->schema);
    row_text(row, "table_name", any->table);
    row_text(row, "column_name", any->column);
    free(object);
}

/* Both are sorted by object. */
static void add_pairs(Report *report, const ComparedRun *a, const ComparedRun *b, Tally *tally)
{
    size_t i = 0;
    size_t j = 0;
    while (i < a->count || j < b->count) {
        int order = i == a->count ? 1 : j == b->count ? -1 : by_object(&a->items[i], &b->items[j]);
        const Side *left = order <= 0 ? &a->items[i++] : NULL;
        const Side *right = order >= 0 ? &b->items[j++] : NULL;
        add_pair(report, left, right, tally);
    }
}

static void compare(const ComparedRun *a, const ComparedRun *b, Report *report)
{
    Tally tally = {0};
    report_list(report, "amx.compare/1", columns, COUNT(columns));
    report->empty = "Neither run has results.";
    report->title = text_equal(a->scope, b->scope)
                        ? text_format("Runs %s and %s: %s", a->label, b->label, a->scope)
                        : text_format("Run %s: %s, run %s: %s", a->label, a->scope, b->label, b->scope);
    add_pairs(report, a, b, &tally);
    if (!text_equal(a->fingerprint, b->fingerprint)) {
        report_warning(report, "the runs are of two databases: A of %s, B of %s", a->fingerprint,
                       b->fingerprint);
    }
    report_note(report,
                "A is run %s, B is run %s: %lld changed, %lld only in A, %lld only in B, %lld the same",
                a->label, b->label, tally.changed, tally.only_a, tally.only_b, tally.same);
}

bool cmd_history_compare(App *app, const Args *args, Report *report, Error *err)
{
    Shared *shared = NULL;
    ComparedRun a = {0};
    ComparedRun b = {0};
    bool ok = parse_run(args_word(args, 0), &a, err) && parse_run(args_word(args, 1), &b, err) &&
              load(app, &a, &shared, err) && load(app, &b, &shared, err);
    if (ok) {
        compare(&a, &b, report);
    }
    shared_close(shared);
    free_run(&a);
    free_run(&b);
    return ok;
}
