/* apply: write accepted descriptions to the database, keeping what they replace. rollback: restore that. */
#include "commands.h"

#include <stdlib.h>
#include <string.h>

#include "delivery.h"
#include "memory.h"
#include "object_name.h"
#include "run_results.h"
#include "runs.h"
#include "text.h"
#include "text_writer.h"

#define MESSAGES_SHOWN 20
#define COUNT(array) (sizeof(array) / sizeof *(array))

static const ReportColumn apply_columns[] = {
    {"run", "run", REPORT_NUMBER},
    {"applied", "applied", REPORT_NUMBER},
    {"unchanged", "unchanged", REPORT_NUMBER},
    {"replaced", "replaced", REPORT_NUMBER},
    {"changed", "left alone", REPORT_NUMBER},
    {"missing", "missing", REPORT_NUMBER},
    {"failed", "failed", REPORT_NUMBER},
};

static const ReportColumn rollback_columns[] = {
    {"run", "run", REPORT_NUMBER},
    {"restored", "restored", REPORT_NUMBER},
    {"unchanged", "unchanged", REPORT_NUMBER},
    {"changed", "left alone", REPORT_NUMBER},
    {"missing", "missing", REPORT_NUMBER},
    {"failed", "failed", REPORT_NUMBER},
};

/* One result on its way to the database. */
typedef struct Step {
    const ResultItem *item;
    CommentChange change;
    char *restore; /* owned text of a rollback: what is written, and what must be there now */
    char *expected;
    char *target;
    int64_t event_id;
} Step;

typedef struct Work {
    App *app;
    Local *local;
    Report *report;
    ResultList list;
    Step *steps;
    CommentChange *changes; /* the steps' changes in one array, as the store wants them */
    size_t count;
    bool rollback;
    int64_t outcomes[COMMENT_FAILED + 1];
    int64_t replaced;
    int shown;
} Work;

static const char *const outcome_names[] = {
    [COMMENT_PENDING] = "pending", [COMMENT_APPLIED] = "applied", [COMMENT_UNCHANGED] = "unchanged",
    [COMMENT_MISSING] = "missing", [COMMENT_CHANGED] = "changed", [COMMENT_FAILED] = "failed",
};

static const char *verb(const Work *work)
{
    return work->rollback ? "rollback" : "apply";
}

/* --- what is to be written --- */

static CatalogKind kind_of(const ResultItem *item)
{
    for (int kind = CATALOG_TABLE; kind <= CATALOG_FOREIGN_TABLE; kind++) {
        if (text_equal(item->kind, catalog_kind_name((CatalogKind)kind))) {
            return (CatalogKind)kind;
        }
    }
    return CATALOG_TABLE; /* of a column: COMMENT ON COLUMN is the same for all kinds */
}

static void add_step(Work *work, const ResultItem *item, const char *new_text)
{
    Step *step = &work->steps[work->count++];
    *step = (Step){.item = item, .target = object_name(item->schema, item->table, item->column)};
    step->change = (CommentChange){.schema = item->schema,
                                   .table = item->table,
                                   .column = item->column,
                                   .kind = kind_of(item),
                                   .new_text = new_text};
}

static void plan_apply(Work *work)
{
    for (size_t i = 0; i < work->list.count; i++) {
        const ResultItem *item = &work->list.items[i];
        if (item->chosen_text && !item->applied_at) {
            add_step(work, item, item->chosen_text);
        }
    }
}

/* What the applies since the last rollback did to one result: the first text they replaced, the last they
 * wrote. */
typedef struct Past {
    bool applied;
    bool done; /* an older rollback was met: what lies before it is settled */
    char *old_text;
    char *new_text;
} Past;

/* Newest first, so the last one taken is the oldest. */
static void take_event(void *context, const SyncedTable *table, const Value *values)
{
    Past *past = context;
    bool rollback = text_equal(record_text(table, values, "kind"), "rollback");
    const char *outcome = record_text(table, values, "outcome");
    /* one that was never settled may have reached the database: a rollback looks there before it writes */
    bool applied = text_equal(outcome, "applied") || text_equal(outcome, "pending");
    if (past->done) {
        return;
    }
    if (rollback) {
        past->done = applied || text_equal(outcome, "unchanged");
        return;
    }
    if (!applied) {
        return;
    }
    if (!past->applied) {
        past->new_text = memory_string(record_text(table, values, "new_text"));
    }
    past->applied = true;
    free(past->old_text);
    past->old_text = memory_string(record_text(table, values, "old_text"));
}

static bool plan_rollback(Work *work, Error *err)
{
    for (size_t i = 0; i < work->list.count; i++) {
        const ResultItem *item = &work->list.items[i];
        Past past = {0};
        RecordFilter filter = {.parent = item->id};
        if (!record_list(work->local, &synced_tables[SYNCED_APPLY_EVENTS], &filter, take_event, &past, err)) {
            free(past.old_text);
            free(past.new_text);
            return false;
        }
        if (!past.applied) {
            continue;
        }
        add_step(work, item, past.old_text);
        Step *step = &work->steps[work->count - 1];
        step->restore = past.old_text;
        step->expected = past.new_text;
        step->change.only_expected = true;
        step->change.expected = past.new_text;
    }
    return true;
}

/* --- who wrote what is replaced --- */

static bool replaces_somebody(const Step *step)
{
    return step->change.outcome == COMMENT_APPLIED && !text_is_empty(step->change.old_text) &&
           !text_equal(step->change.old_text, step->item->base_text);
}

static void tell_replaced(Work *work)
{
    Shared *shared = NULL;
    bool asked = false;
    for (size_t i = 0; i < work->count && !work->rollback; i++) {
        const Step *step = &work->steps[i];
        if (!replaces_somebody(step)) {
            continue;
        }
        work->replaced++;
        if (work->shown >= MESSAGES_SHOWN) {
            continue;
        }
        work->shown++;
        if (!asked) {
            asked = true;
            if (!delivery_rests(work->local)) {
                delivery_open_shared(work->app, work->local, app_deliver_deadline(work->app), &shared, NULL);
            }
        }
        char *who = text_writer_find(work->app, work->local, shared, work->list.fingerprint, step->target,
                                     step->change.old_text);
        if (who) {
            report_warning(work->report, "%s: replaced the text of %s: %s", step->target, who,
                           step->change.old_text);
        } else {
            report_warning(work->report,
                           "%s: replaced a text that was written outside amx since the draft: %s",
                           step->target, step->change.old_text);
        }
        free(who);
    }
    shared_close(shared);
}

/* --- doing it --- */

static void tell_not_written(Work *work)
{
    int64_t hidden = 0;
    for (size_t i = 0; i < work->count; i++) {
        const Step *step = &work->steps[i];
        CommentOutcome outcome = step->change.outcome;
        if (outcome != COMMENT_MISSING && outcome != COMMENT_CHANGED && outcome != COMMENT_FAILED) {
            continue;
        }
        if (work->shown++ >= MESSAGES_SHOWN) {
            hidden++;
            continue;
        }
        report_warning(work->report, "%s: %s", step->target,
                       outcome == COMMENT_MISSING   ? "is not there any more"
                       : outcome == COMMENT_CHANGED ? "says something else than what was applied; left alone"
                       : step->change.error         ? step->change.error
                                                    : "refused");
    }
    if (hidden > 0) {
        report_warning(work->report, "%lld more; see: amx history results %lld", (long long)hidden,
                       (long long)work->list.run_id);
    }
}

static RunApplied applied_of(const Work *work, const Step *step)
{
    return (RunApplied){.event_id = step->event_id,
                        .run_id = work->list.run_id,
                        .result_id = step->item->id,
                        .kind = verb(work),
                        .target = step->target,
                        .old_text = step->change.old_text,
                        .new_text = step->change.new_text};
}

/* Notes what is about to be replaced, before it is: whatever happens after this, the old texts are safe. */
static bool record_plan(Work *work, Error *err)
{
    bool ok = local_begin(work->local, err);
    if (!ok) {
        return false;
    }
    for (size_t i = 0; ok && i < work->count; i++) {
        RunApplied applied = applied_of(work, &work->steps[i]);
        ok = runs_plan_apply(work->local, &applied, err);
        work->steps[i].event_id = applied.event_id;
    }
    return local_end(work->local, ok, err);
}

static bool record_outcomes(Work *work, Error *err)
{
    bool ok = local_begin(work->local, err);
    if (!ok) {
        return false;
    }
    for (size_t i = 0; ok && i < work->count; i++) {
        const Step *step = &work->steps[i];
        CommentOutcome outcome = step->change.outcome;
        RunApplied applied = applied_of(work, step);
        applied.outcome = outcome_names[outcome];
        applied.error = step->change.error           ? step->change.error
                        : outcome == COMMENT_MISSING ? "not there any more"
                                                     : NULL;
        applied.written = outcome == COMMENT_APPLIED || outcome == COMMENT_UNCHANGED;
        ok = runs_settle_apply(work->local, &applied, err);
    }
    return local_end(work->local, ok, err);
}

/* Reads what stands there now into the steps. */
static bool read_present(Work *work, Database *database, Error *err)
{
    for (size_t i = 0; i < work->count; i++) {
        work->changes[i] = work->steps[i].change;
    }
    bool ok =
        database_read_comments(database, work->changes, work->count, app_query_deadline(work->app), err);
    for (size_t i = 0; i < work->count; i++) {
        work->steps[i].change = work->changes[i];
    }
    return ok;
}

/* The transaction did not happen as far as anybody knows. When the database said so itself, that is settled;
 * when the connection broke, nobody knows, and the events stay "pending". */
static bool record_refusal(Work *work, Error *err)
{
    if (err->kind != ERROR_DATABASE) {
        return error_hint(err, "what the database says now is not known; run it again: what is written "
                               "already is left as it is");
    }
    for (size_t i = 0; i < work->count; i++) {
        work->steps[i].change.outcome = COMMENT_FAILED;
    }
    record_outcomes(work, NULL);
    return false;
}

static void tell_progress(void *context, size_t done)
{
    const Work *work = context;
    app_progress(work->app, work->rollback ? "restoring" : "applying", (long long)done,
                 (long long)work->count);
}

static bool write_all(Work *work, Database *database, Error *err)
{
    for (size_t i = 0; i < work->count; i++) {
        work->changes[i] = work->steps[i].change;
    }
    tell_progress(work, 0);
    database_watch_apply(database, tell_progress, work);
    bool ok = database_apply(database, work->changes, work->count, app_query_deadline(work->app), err);
    database_watch_apply(database, NULL, NULL);
    for (size_t i = 0; i < work->count; i++) {
        work->steps[i].change = work->changes[i];
        work->outcomes[work->changes[i].outcome]++;
    }
    return ok;
}

static const char *plural(const Work *work)
{
    return work->count == 1 ? "" : "s";
}

static bool print_sql(Work *work, Database *database, Error *err)
{
    Text sql = {0};
    for (size_t i = 0; i < work->count; i++) {
        if (!database_comment_sql(database, &work->steps[i].change, &sql, err)) {
            text_free(&sql);
            return false;
        }
    }
    report_document(work->report, "amx.sql/1", text_take(&sql));
    report_note(work->report, "%zu description%s; nothing was changed", work->count, plural(work));
    return true;
}

static void report_work(Work *work)
{
    if (work->rollback) {
        report_object(work->report, "amx.rollback/1", rollback_columns, COUNT(rollback_columns));
    } else {
        report_object(work->report, "amx.apply/1", apply_columns, COUNT(apply_columns));
    }
    json_t *row = report_row(work->report);
    row_int(row, "run", work->list.run_id);
    row_int(row, work->rollback ? "restored" : "applied", work->outcomes[COMMENT_APPLIED]);
    row_int(row, "unchanged", work->outcomes[COMMENT_UNCHANGED]);
    if (!work->rollback) {
        row_int(row, "replaced", work->replaced);
    }
    row_int(row, "changed", work->outcomes[COMMENT_CHANGED]);
    row_int(row, "missing", work->outcomes[COMMENT_MISSING]);
    row_int(row, "failed", work->outcomes[COMMENT_FAILED]);
    int64_t bad =
        work->outcomes[COMMENT_CHANGED] + work->outcomes[COMMENT_MISSING] + work->outcomes[COMMENT_FAILED];
    int64_t good = work->outcomes[COMMENT_APPLIED] + work->outcomes[COMMENT_UNCHANGED];
    if (bad > 0) {
        work->report->exit_code = error_exit_code(good > 0 ? ERROR_PARTLY : ERROR_DATABASE);
    }
    if (good > 0) {
        report_note(work->report,
                    work->rollback ? "%lld texts restored"
                                   : "%lld descriptions written; undo with: amx rollback %lld",
                    (long long)good, (long long)work->list.run_id);
    }
}

/* A run is about one database: its texts have no business in another. */
static bool check_database(Work *work, Error *err)
{
    const Profile *profile = NULL;
    const char *fingerprint = NULL;
    if (!app_profile(work->app, &profile, err) || !app_fingerprint(work->app, profile, &fingerprint, err)) {
        return false;
    }
    if (!text_equal(fingerprint, work->list.fingerprint)) {
        error_set(err, ERROR_GUARD,
                  "run %lld was drafted for profile %s (%s); you work under profile %s (%s)",
                  (long long)work->list.run_id, work->list.db_profile, work->list.fingerprint, profile->name,
                  fingerprint);
        if (text_equal(profile->name, work->list.db_profile)) {
            return error_hint(err,
                              "let the profile point to that database again, or draft anew with: amx run");
        }
        return error_hint(err, "work under its profile: amx -p '%s' %s %lld", work->list.db_profile,
                          verb(work), (long long)work->list.run_id);
    }
    return true;
}

static bool check_allowed(Work *work, const Args *args, Error *err)
{
    if (!app_config(work->app)->apply_enabled && !args_flag(args, "dry-run")) {
        error_set(err, ERROR_GUARD, "%s is switched off here", verb(work));
        return error_hint(err, "apply { enabled } in %s says so; --dry-run prints the SQL all the same",
                          app_config(work->app)->path);
    }
    return check_database(work, err);
}

/* What an apply would do, as the database stands now. */
typedef struct Outlook {
    size_t writes;
    size_t same;    /* there already */
    size_t others;  /* of the writes: replace what somebody wrote since the draft */
    size_t missing; /* nowhere to write to */
} Outlook;

/* After read_present. */
static Outlook look_ahead(const Work *work)
{
    Outlook outlook = {0};
    for (size_t i = 0; i < work->count; i++) {
        const Step *step = &work->steps[i];
        const char *today = step->change.old_text ? step->change.old_text : "";
        if (step->change.outcome == COMMENT_MISSING) {
            outlook.missing++;
        } else if (text_equal(today, step->change.new_text)) {
            outlook.same++;
        } else {
            outlook.writes++;
            outlook.others += *today && !text_equal(today, step->item->base_text);
        }
    }
    return outlook;
}

static char *apply_question(const Work *work)
{
    Outlook outlook = look_ahead(work);
    Text text = {0};
    text_addf(&text, "Write %zu description%s to profile %s?", outlook.writes, outlook.writes == 1 ? "" : "s",
              work->list.db_profile);
    if (outlook.others > 0) {
        text_addf(&text, " Of these, %zu replace%s a text that somebody else wrote since the draft.",
                  outlook.others, outlook.others == 1 ? "s" : "");
    }
    if (outlook.same > 0) {
        text_addf(&text, " %zu more %s there already.", outlook.same, outlook.same == 1 ? "is" : "are");
    }
    if (outlook.missing > 0) {
        text_addf(&text, " For %zu there is no table or column any more.", outlook.missing);
    }
    return text_take(&text);
}

static char *question_of(const Work *work)
{
    return work->rollback ? text_format("Restore %zu text%s in profile %s?", work->count, plural(work),
                                        work->list.db_profile)
                          : apply_question(work);
}

/* Asks a person who can be asked; *yes says what the answer was. ERROR_USAGE where there is nobody. */
static bool confirm(Work *work, Database *database, const Args *args, bool *yes, Error *err)
{
    const AppOptions *options = app_options(work->app);
    *yes = args_flag(args, "yes");
    if (*yes) {
        return true;
    }
    if (!options->ask) {
        error_set(err, ERROR_USAGE, "%s has to be confirmed", verb(work));
        return error_hint(err, "confirm it with --yes, or look at the SQL with --dry-run");
    }
    if (!read_present(work, database, err)) {
        return false;
    }
    char *question = question_of(work);
    *yes = options->ask(options->ask_context, question);
    free(question);
    if (!*yes) {
        report_note(work->report, "nothing was changed");
    }
    return true;
}

/* Looks once more what stands there: a person takes time to answer. */
static bool do_it(Work *work, Database *database, Error *err)
{
    if (!read_present(work, database, err) || !record_plan(work, err)) {
        return false;
    }
    if (!write_all(work, database, err)) {
        return record_refusal(work, err);
    }
    if (!record_outcomes(work, err)) {
        return error_prefix(err, "the database was changed, but ");
    }
    tell_replaced(work);
    tell_not_written(work);
    report_work(work);
    return true;
}

static bool work_on(Work *work, const Args *args, Error *err)
{
    Database *database = NULL;
    if (!check_allowed(work, args, err)) {
        return false;
    }
    work->steps = memory_zero(work->list.count, sizeof *work->steps);
    work->changes = memory_zero(work->list.count, sizeof *work->changes);
    if (!work->rollback) {
        plan_apply(work);
    } else if (!plan_rollback(work, err)) {
        return false;
    }
    if (work->count == 0) {
        report_work(work);
        report_note(work->report,
                    work->rollback
                        ? "nothing to do: nothing of run %lld is applied"
                        : "nothing to do: no accepted description of run %lld waits (amx review %lld)",
                    (long long)work->list.run_id, (long long)work->list.run_id);
        return true;
    }
    if (!app_database(work->app, &database, err)) {
        return false;
    }
    if (args_flag(args, "dry-run")) {
        return print_sql(work, database, err);
    }
    bool yes;
    return confirm(work, database, args, &yes, err) && (!yes || do_it(work, database, err));
}

/* What only prints the SQL leaves history.db as it is. */
static bool open_local(Work *work, const Args *args, Error *err)
{
    return (args_flag(args, "dry-run") ? app_local_read : app_local)(work->app, &work->local, err);
}

static bool run(App *app, const Args *args, bool rollback, Report *report, Error *err)
{
    Work work = {.app = app, .report = report, .rollback = rollback};
    long long id;
    bool ok = args_id(args, 0, "run number", &id, err) && open_local(&work, args, err) &&
              result_list_load(work.local, id, &work.list, err) && work_on(&work, args, err);
    for (size_t i = 0; i < work.count; i++) {
        comment_change_free(&work.steps[i].change);
        free(work.steps[i].restore);
        free(work.steps[i].expected);
        free(work.steps[i].target);
    }
    free(work.steps);
    free(work.changes);
    result_list_free(&work.list);
    return ok;
}

bool cmd_apply(App *app, const Args *args, Report *report, Error *err)
{
    return run(app, args, false, report, err);
}

bool cmd_rollback(App *app, const Args *args, Report *report, Error *err)
{
    return run(app, args, true, report, err);
}
