/* run: read the catalog, draft every table and column of the scope, keep the results. */
#include "commands.h"

#include <stdlib.h>

#include "apply_doubt.h"
#include "drafter.h"
#include "object_name.h"
#include "run_writer.h"
#include "runs.h"
#include "text.h"

#define SKIPPED_SHOWN 5

static const ReportColumn columns[] = {
    {"run", "run", REPORT_NUMBER},         {"status", "status", REPORT_TEXT},
    {"scope", "scope", REPORT_TEXT},       {"db_profile", "profile", REPORT_TEXT},
    {"planned", "planned", REPORT_NUMBER}, {"drafted", "drafted", REPORT_NUMBER},
    {"failed", "failed", REPORT_NUMBER},   {"no_draft", "no draft", REPORT_NUMBER},
    {"high", "high", REPORT_NUMBER},       {"medium", "medium", REPORT_NUMBER},
    {"low", "low", REPORT_NUMBER},
};

typedef struct Job {
    App *app;
    Local *local;
    Report *report;
    const Profile *profile;
    const char *fingerprint;
    const DrafterOps *ops;
    Drafter *drafter;
    Catalog *catalog;
    ObjectMatch match;
    bool all;
    bool dry; /* counts only: there is no local store then */
    int64_t run_id;
    int64_t planned;
    int64_t drafted;
    int64_t failed;
    int64_t levels[3]; /* high, medium, low */
    int64_t committed; /* drafts that are safe in the local store */
    int64_t silent;    /* tables and columns about which nothing can be said */
} Job;

static bool is_wanted(const Job *job, const CatalogTable *table, const CatalogColumn *column)
{
    const char *comment = column ? column->comment : table->comment;
    return object_matches(&job->match, table, column) && (job->all || text_is_empty(comment));
}

static int64_t count_wanted(const Job *job)
{
    int64_t wanted = 0;
    for (size_t t = 0; t < job->catalog->table_count; t++) {
        const CatalogTable *table = &job->catalog->tables[t];
        wanted += is_wanted(job, table, NULL);
        for (size_t c = 0; c < table->column_count; c++) {
            wanted += is_wanted(job, table, &table->columns[c]);
        }
    }
    return wanted;
}

/* A run over part of a database drafts with the evidence of all of it; what system schemas and partitions
 * hold is read only when the scope names them. */
static bool read_catalog(Job *job, const ObjectScope *scope, Error *err)
{
    Database *database = NULL;
    DatabaseScope everything = {0};
    DatabaseScope named = {.schema = scope->count > 0 ? scope->parts[0] : NULL,
                           .table = scope->count > 1 ? scope->parts[1] : NULL};
    app_progress(job->app, "reading the catalog", 0, 0);
    if (!app_database(job->app, &database, err) ||
        !database_read_catalog(database, &everything, app_query_deadline(job->app), &job->catalog, err)) {
        return false;
    }
    Error why = {0};
    if (object_scope_resolve(scope, job->catalog, &job->match, &why)) {
        return true;
    }
    Catalog *wider = NULL;
    if (database_read_catalog(database, &named, app_query_deadline(job->app), &wider, NULL)) {
        catalog_free(job->catalog);
        job->catalog = wider;
        return object_scope_resolve(scope, job->catalog, &job->match, err);
    }
    if (err) {
        *err = why;
    }
    return false;
}

/* False only when the local store fails; a draft that fails is counted. */
static bool draft_one(Job *job, RunWriter *writer, const CatalogTable *table, const CatalogColumn *column)
{
    Draft draft = {0};
    Error why = {0};
    bool ok = true;
    if (!job->ops->draft(job->drafter, table, column, &draft, &why)) {
        char *name = object_name(table->schema, table->name, column ? column->name : NULL);
        report_warning(job->report, "%s: %s", name, why.message);
        free(name);
        job->failed++;
    } else if (draft.alternative_count == 0) {
        job->silent++;
    } else {
        job->drafted++;
        job->levels[draft.confidence >= DRAFT_HIGH ? 0 : draft.confidence >= DRAFT_MEDIUM ? 1 : 2]++;
        ok = run_writer_add(writer, table, column, &draft);
    }
    draft_free(&draft);
    app_progress(job->app, "drafting", job->drafted + job->failed + job->silent, job->planned);
    return ok;
}

static bool draft_table(Job *job, RunWriter *writer, const CatalogTable *table)
{
    if (is_wanted(job, table, NULL) && !draft_one(job, writer, table, NULL)) {
        return false;
    }
    for (size_t c = 0; c < table->column_count && !interrupt_requested(); c++) {
        if (is_wanted(job, table, &table->columns[c]) && !draft_one(job, writer, table, &table->columns[c])) {
            return false;
        }
    }
    return true;
}

static bool draft_all(Job *job, Error *err)
{
    RunWriter *writer = run_writer_open(job->local, job->run_id, job->ops->name);
    for (size_t t = 0; t < job->catalog->table_count && !interrupt_requested(); t++) {
        if (!draft_table(job, writer, &job->catalog->tables[t])) {
            break;
        }
    }
    return run_writer_close(writer, &job->committed, err);
}

static void report_run(const Job *job, const char *status, const char *scope)
{
    report_object(job->report, "amx.run/1", columns, sizeof columns / sizeof *columns);
    json_t *row = report_row(job->report);
    if (job->run_id) {
        row_int(row, "run", job->run_id);
    } else {
        row_json(row, "run", json_null());
    }
    row_text(row, "status", status);
    row_text(row, "scope", scope);
    row_text(row, "db_profile", job->profile->name);
    row_int(row, "planned", job->planned);
    row_int(row, "drafted", job->drafted);
    row_int(row, "failed", job->failed);
    row_int(row, "no_draft", job->silent);
    row_int(row, "high", job->levels[0]);
    row_int(row, "medium", job->levels[1]);
    row_int(row, "low", job->levels[2]);
}

static void report_skipped(const Job *job)
{
    size_t count = 0;
    for (char **skipped = job->catalog->skipped; skipped && *skipped; skipped++, count++) {
        if (count < SKIPPED_SHOWN) {
            report_warning(job->report, "not read: %s", *skipped);
        }
    }
    if (count > SKIPPED_SHOWN) {
        report_warning(job->report,
                       count - SKIPPED_SHOWN == 1 ? "%zu more object was not read"
                                                  : "%zu more objects were not read",
                       count - SKIPPED_SHOWN);
    }
}

static bool start(Job *job, const char *scope, Error *err)
{
    RunStart row = {.scope = scope,
                    .db_profile = job->profile->name,
                    .fingerprint = job->fingerprint,
                    .drafter = job->ops->name,
                    .planned = job->planned,
                    .private_run = app_options(job->app)->local_only};
    return runs_start(job->local, &row, &job->run_id, err);
}

/* Keeps that reading failed in the middle: a run that began and came to nothing is history too. */
static bool record_failure(Job *job, const char *scope, Error *err)
{
    if (!job->dry && err->kind != ERROR_NOT_FOUND && start(job, scope, NULL)) {
        runs_finish(job->local, job->run_id, "failed", 0, 0, err->message, NULL);
        error_prefix(err, "run %lld failed: ", (long long)job->run_id);
    }
    return false;
}

static void tell_silent(const Job *job)
{
    report_note(job->report,
                job->silent == 1 ? "%lld has no draft: neither its name nor the structure says anything"
                                 : "%lld have no draft: neither their names nor the structure say anything",
                (long long)job->silent);
}

static bool says_something(const Job *job, const CatalogTable *table, const CatalogColumn *column)
{
    Draft draft = {0};
    bool says = !job->ops->draft(job->drafter, table, column, &draft, NULL) || draft.alternative_count > 0;
    draft_free(&draft);
    return says;
}

/* Is there anything that a run would come to? Mostly the first one asked about says so. What has been left
 * without a draft once would else make an empty run each time. */
static bool has_work(const Job *job)
{
    for (size_t t = 0; t < job->catalog->table_count; t++) {
        const CatalogTable *table = &job->catalog->tables[t];
        if (is_wanted(job, table, NULL) && says_something(job, table, NULL)) {
            return true;
        }
        for (size_t c = 0; c < table->column_count; c++) {
            if (is_wanted(job, table, &table->columns[c]) && says_something(job, table, &table->columns[c])) {
                return true;
            }
        }
    }
    return false;
}

static void report_no_work(Job *job, const char *scope)
{
    report_run(job, "nothing to do", scope);
    if (job->planned == 0) {
        report_note(job->report,
                    "nothing to do: everything there has a description (draft it anew with --all)");
    } else {
        report_note(job->report, "nothing to do: of what has no description, nothing can be drafted");
        tell_silent(job);
    }
}

static bool draft_and_record(Job *job, const char *scope, Error *err)
{
    if (!start(job, scope, err)) {
        return false;
    }
    bool drafted = draft_all(job, err);
    bool cancelled = drafted && interrupt_requested();
    const char *status = !drafted ? "failed" : cancelled ? "cancelled" : "ready";
    if (!drafted) {
        runs_finish(job->local, job->run_id, status, job->committed, job->failed, err->message, NULL);
        return false;
    }
    if (!runs_finish(job->local, job->run_id, status, job->drafted, job->failed,
                     cancelled ? "interrupted" : NULL, err)) {
        return false;
    }
    report_run(job, status, scope);
    if (cancelled) {
        interrupt_clear(); /* it has been obeyed; the delivery of what there is may go on */
        error_set(err, ERROR_INTERRUPTED, "run %lld was cancelled with %lld of %lld draft%s",
                  (long long)job->run_id, (long long)job->drafted, (long long)job->planned,
                  text_plural(job->planned));
        return error_hint(err, "what was drafted is kept; draft the rest with: amx run");
    }
    report_note(
        job->report,
        "run %lld: %lld draft%s (%lld high, %lld medium, %lld low); next: amx review %lld --accept high",
        (long long)job->run_id, (long long)job->drafted, text_plural(job->drafted), (long long)job->levels[0],
        (long long)job->levels[1], (long long)job->levels[2], (long long)job->run_id);
    if (job->silent > 0) {
        tell_silent(job);
    }
    if (job->failed > 0) {
        job->report->exit_code = error_exit_code(ERROR_PARTLY);
    }
    return true;
}

static bool draft_wanted(Job *job, const char *scope, Error *err)
{
    if (has_work(job)) {
        return draft_and_record(job, scope, err);
    }
    job->silent = job->planned;
    report_no_work(job, scope);
    return true;
}

/* Drafts rest on what the database says; what was cut off there is not worth failing for. */
static void settle_doubts(Job *job)
{
    bool settled;
    Error err = {0};
    if (!job->dry &&
        !apply_doubt_settle(job->app, job->local, job->fingerprint, job->report, &settled, &err) &&
        err.kind != ERROR_INTERRUPTED) {
        report_warning(job->report, "%s", err.message);
    }
}

static bool run(Job *job, const Args *args, const ObjectScope *scope, Error *err)
{
    const char *name = args_word(args, 0) ? args_word(args, 0) : "database";
    settle_doubts(job);
    if (!read_catalog(job, scope, err)) {
        return err->kind == ERROR_CONNECTION || err->kind == ERROR_TIMEOUT || err->kind == ERROR_DATABASE
                   ? record_failure(job, name, err)
                   : false;
    }
    report_skipped(job);
    job->planned = count_wanted(job);
    if (job->planned > 0 && job->dry) {
        report_run(job, "dry run", name);
        report_note(job->report,
                    job->planned == 1 ? "%lld table or column would be drafted"
                                      : "%lld tables and columns would be drafted",
                    (long long)job->planned);
        return true;
    }
    TextsElsewhere elsewhere;
    bool ok = texts_elsewhere_read(job->local, job->fingerprint, &elsewhere, err);
    if (ok) {
        job->drafter = job->ops->open(&(DrafterSources){.catalog = job->catalog, .elsewhere = &elsewhere});
        ok = draft_wanted(job, name, err);
        job->ops->close(job->drafter);
    }
    texts_elsewhere_free(&elsewhere);
    return ok;
}

bool cmd_run(App *app, const Args *args, Report *report, Error *err)
{
    Job job = {
        .app = app, .report = report, .all = args_flag(args, "all"), .dry = args_flag(args, "dry-run")};
    const char *drafter = args_text(args, "drafter");
    ObjectScope scope = {0};
    job.ops = drafter_find(drafter ? drafter : "builtin");
    if (!job.ops) {
        error_set(err, ERROR_USAGE, "there is no drafter \"%s\"", drafter);
        return error_hint(err, "there is: builtin");
    }
    if (job.all && args_flag(args, "missing-only")) {
        return error_set(err, ERROR_USAGE, "--all and --missing-only exclude each other");
    }
    if (args_word(args, 0) && !*args_word(args, 0)) {
        error_set(err, ERROR_USAGE, "the scope is empty");
        return error_hint(err, "leave it away to draft the whole database");
    }
    if (!object_scope_parse(args_word(args, 0), &scope, err)) {
        return false;
    }
    Database *database = NULL;
    bool ok = app_profile(app, &job.profile, err) &&
              app_fingerprint(app, job.profile, &job.fingerprint, err) &&
              (job.dry || app_local(app, &job.local, err)) && app_database(app, &database, err) &&
              run(&job, args, &scope, err);
    catalog_free(job.catalog);
    object_scope_free(&scope);
    return ok;
}
