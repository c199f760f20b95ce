/* run: read the catalog, draft every table and column of the scope, keep the results. */
#include "commands.h"

#include <stdlib.h>

#include "apply_doubt.h"
#include "catalog_reading.h"
#include "run_work.h"
#include "runs.h"
#include "text.h"

static bool start(RunWork *work, Error *err)
{
    RunStart row = {.scope = work->scope,
                    .db_profile = work->profile->name,
                    .fingerprint = work->fingerprint,
                    .drafter = work->drafter_name,
                    .planned = work->planned,
                    .private_run = app_options(work->app)->local_only};
    if (!local_begin(work->local, err)) {
        return false;
    }
    bool ok = work->resumes ? runs_resume(work->local, work->run_id, err)
                            : runs_start(work->local, &row, &work->run_id, err);
    if (ok && (work->named || !work->resumes)) {
        ok = run_resume_note(work, err);
    }
    return local_end(work->local, ok, err);
}

/* Keeps that reading failed in the middle: a run that began and came to nothing is history too. One that is
 * resumed stays as it was. */
static bool record_failure(RunWork *work, Error *err)
{
    if (!work->dry && !work->resumes && err->kind != ERROR_NOT_FOUND && start(work, NULL)) {
        runs_finish(work->local, work->run_id, "failed", 0, 0, err->message, NULL);
        error_prefix(err, "run %lld failed: ", (long long)work->run_id);
    }
    return false;
}

static bool draft_and_record(RunWork *work, Error *err)
{
    if (!start(work, err)) {
        return false;
    }
    bool drafted = run_draft(work, err);
    bool cancelled = drafted && interrupt_requested();
    if (!drafted) {
        runs_finish(work->local, work->run_id, "failed", work->former + work->committed, work->failed,
                    err->message, NULL);
        return false;
    }
    bool stopped = work->stopped.kind != ERROR_NONE;
    if (!runs_finish(work->local, work->run_id, cancelled || stopped ? "cancelled" : "ready",
                     work->former + work->drafted, work->failed,
                     cancelled ? "interrupted"
                     : stopped ? work->stopped.message
                               : NULL,
                     err)) {
        return false;
    }
    if (cancelled) {
        interrupt_clear(); /* it has been obeyed; the delivery of what there is may go on */
    }
    return run_tell_end(work, cancelled, err);
}

static bool draft_wanted(RunWork *work, Error *err)
{
    if (work->resumes || run_has_work(work)) {
        return draft_and_record(work, err);
    }
    work->silent = work->planned;
    run_tell_no_work(work);
    return true;
}

/* A run that asks a model: what it takes is known before anything is sent. */
static bool ask_model(RunWork *work, const Args *args, Error *err)
{
    if (work->planned > 0 && args_flag(args, "show-prompt")) {
        return run_model_show_prompts(work, err);
    }
    if (!run_model_estimate(work, err)) {
        return false;
    }
    if (work->dry) {
        if (work->planned > 0) {
            run_tell_dry(work);
        } else {
            run_tell_no_work(work);
        }
        return true;
    }
    bool yes;
    return run_model_confirm(work, args, &yes, err) && (!yes || draft_wanted(work, err));
}

/* Drafts rest on what the database says; what was cut off there is not worth failing for. */
static void settle_doubts(RunWork *work)
{
    bool settled;
    Error err = {0};
    if (!work->dry &&
        !apply_doubt_settle(work->app, work->local, work->fingerprint, work->report, &settled, &err) &&
        err.kind != ERROR_INTERRUPTED) {
        report_warning(work->report, "%s", err.message);
    }
}

static bool draft(RunWork *work, const Args *args, Error *err)
{
    TextsElsewhere elsewhere;
    bool ok = texts_elsewhere_read(work->local, work->fingerprint, &elsewhere, err);
    if (ok) {
        work->drafter = work->ops->open(
            &(DrafterSources){.catalog = work->catalog, .elsewhere = &elsewhere, .model = &work->model});
        ok = run_asks_model(work) ? ask_model(work, args, err) : draft_wanted(work, err);
        work->ops->close(work->drafter);
    }
    texts_elsewhere_free(&elsewhere);
    return ok;
}

static bool run(RunWork *work, const Args *args, const ObjectScope *scope, Error *err)
{
    settle_doubts(work);
    /* over part of a database it drafts with the evidence of all of it */
    if (!catalog_reading_scope(work->app, scope, NULL, &work->catalog, &work->match, err)) {
        return err->kind == ERROR_CONNECTION || err->kind == ERROR_TIMEOUT || err->kind == ERROR_DATABASE
                   ? record_failure(work, err)
                   : false;
    }
    catalog_reading_tell_skipped(work->catalog, &work->match, true, work->dry ? SIZE_MAX : CATALOG_GAPS_TOLD,
                                 work->report);
    run_count(work);
    if (work->planned > 0 && work->dry && !run_asks_model(work)) {
        run_tell_dry(work);
        return true;
    }
    return draft(work, args, err);
}

static bool check_options(const Args *args, Error *err)
{
    const char *word = args_word(args, 0);
    if (args_flag(args, "all") && args_flag(args, "missing-only")) {
        return error_set(err, ERROR_USAGE, "--all and --missing-only exclude each other");
    }
    if (word && !*word) {
        error_set(err, ERROR_USAGE, "the scope is empty");
        return error_hint(err, "leave it away to draft the whole database");
    }
    if (word && args_text(args, "resume")) {
        return error_set(err, ERROR_USAGE, "--resume goes on with the scope of the run: leave SCOPE out");
    }
    return true;
}

static bool choose_drafter(RunWork *work, const Args *args, const RunBefore *before, Error *err)
{
    const char *named = args_text(args, "drafter");
    work->named = named != NULL;
    const char *drafter = named ? named : before->drafter ? before->drafter : drafter_builtin.name;
    if (text_equal(drafter, drafter_builtin.name)) {
        work->ops = &drafter_builtin;
        work->drafter_name = drafter_builtin.name;
        return run_model_refuse_options(args, err);
    }
    if (text_equal(drafter, drafter_llm.name) || text_starts(drafter, "llm:")) {
        return run_model_choose(work, named, before, args, err);
    }
    error_set(err, ERROR_USAGE, "there is no drafter \"%s\"", drafter);
    return error_hint(err, "there is: builtin, llm (the language model in use), llm:NAME (an llm_profile)");
}

/* What a model drafted and nobody has decided against is not paid for again, unless --all says so. */
static bool leave_out_drafted(RunWork *work, Error *err)
{
    return !run_asks_model(work) || work->all ||
           drafted_before_by_model(work->local, work->fingerprint, &work->before, err);
}

/* A dry run of the built-in drafter needs to know nothing of what was done before. */
static bool open_local(RunWork *work, const Args *args, Error *err)
{
    if (!work->dry) {
        return app_local(work->app, &work->local, err);
    }
    bool needed = args_text(args, "drafter") || args_text(args, "resume");
    return !needed || app_local_read(work->app, &work->local, err);
}

/* What is wrong with the command line is told before anything is made. */
static bool prepare(RunWork *work, const Args *args, RunBefore *before, Error *err)
{
    long long resumed = args_number(args, "resume", 0);
    if (!app_profile(work->app, &work->profile, err) ||
        !app_fingerprint(work->app, work->profile, &work->fingerprint, err)) {
        return false;
    }
    if (args_text(args, "resume") &&
        (!app_local_read(work->app, &work->local, err) || !run_resume_find(work, resumed, before, err) ||
         !run_resume_check_privacy(work, err))) {
        return false;
    }
    work->all = work->all || (before->all && !args_flag(args, "missing-only"));
    return choose_drafter(work, args, before, err) && run_resume_check_currency(work, before, err) &&
           open_local(work, args, err) && leave_out_drafted(work, err);
}

static bool begin(RunWork *work, const Args *args, RunBefore *before, Error *err)
{
    ObjectScope scope = {0};
    Database *database = NULL;
    const char *word = args_word(args, 0);
    bool ok = object_scope_parse(word, &scope, err) && prepare(work, args, before, err);
    if (ok && before->scope && !text_equal(before->scope, RUN_WHOLE_DATABASE)) {
        ok = object_scope_parse(before->scope, &scope, err);
    }
    work->scope = before->scope ? before->scope : word ? word : RUN_WHOLE_DATABASE;
    ok = ok && app_database(work->app, &database, err) && run(work, args, &scope, err);
    object_scope_free(&scope);
    return ok;
}

bool cmd_run(App *app, const Args *args, Report *report, Error *err)
{
    RunWork work = {.app = app,
                    .report = report,
                    .all = args_flag(args, "all"),
                    .dry = args_flag(args, "dry-run") || args_flag(args, "show-prompt")};
    RunBefore before = {0};
    bool ok = check_options(args, err) && begin(&work, args, &before, err);
    catalog_free(work.catalog);
    drafted_before_free(&work.before);
    run_resume_free(&before);
    free(work.source);
    return ok;
}
