/* apply: write accepted descriptions to the database, keeping what they replace. rollback: restore that. */
#include "commands.h"

#include <stdlib.h>

#include "apply_doubt.h"
#include "apply_work.h"
#include "text.h"

const char *apply_verb(const ApplyWork *work)
{
    return work->rollback ? "rollback" : "apply";
}

void apply_progress(const ApplyWork *work, const char *what, size_t done, size_t total)
{
    app_progress(work->app, what, (long long)done, (long long)total);
}

bool apply_interrupted(const ApplyWork *work, Error *err)
{
    error_set(err, ERROR_INTERRUPTED, "%s of run %lld was interrupted: nothing was %s", apply_verb(work),
              (long long)work->list.run_id, work->rollback ? "restored" : "written");
    return error_hint(err, "begin it again with: amx %s %lld", apply_verb(work),
                      (long long)work->list.run_id);
}

bool apply_may_go_on(const ApplyWork *work, Error *err)
{
    return !interrupt_requested() || apply_interrupted(work, err);
}

/* What would be written as the database stands now, and what would not. */
static bool print_sql(ApplyWork *work, Database *database, Error *err)
{
    Text sql = {0};
    size_t printed = 0;
    if (!apply_read_present(work, database, err)) {
        return err->kind == ERROR_INTERRUPTED ? apply_interrupted(work, err) : false;
    }
    for (size_t i = 0; i < work->count; i++) {
        if (work->steps[i].change.outcome != COMMENT_PENDING) {
            continue;
        }
        printed++;
        if (!database_comment_sql(database, &work->steps[i].change, &sql, err)) {
            text_free(&sql);
            return false;
        }
    }
    report_document(work->report, "amx.sql/1", text_take(&sql));
    apply_explain_gone(work, database);
    apply_tell_refused(work);
    report_note(work->report, "%zu description%s; nothing was changed", printed,
                text_plural((long long)printed));
    if (!work->rollback) {
        apply_tell_overwritten(work);
    }
    return true;
}

/* A run is about one database: its texts have no business in another. */
static bool check_database(ApplyWork *work, Error *err)
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
        return error_hint(err,
                          "work under its profile: amx -p '%s' %s %lld; or go over to it: amx db use '%s' "
                          "(on the screen :db use '%s')",
                          work->list.db_profile, apply_verb(work), (long long)work->list.run_id,
                          work->list.db_profile, work->list.db_profile);
    }
    return true;
}

static bool check_allowed(ApplyWork *work, const Args *args, Error *err)
{
    if (!app_config(work->app)->apply_enabled && !args_flag(args, "dry-run")) {
        error_set(err, ERROR_GUARD, "%s is switched off here", apply_verb(work));
        return error_hint(err, "apply { enabled } in %s says so; --dry-run prints the SQL all the same",
                          app_config(work->app)->path);
    }
    return check_database(work, err);
}

/* Asks a person who can be asked; *yes says what the answer was. ERROR_USAGE where there is nobody. */
static bool confirm(ApplyWork *work, Database *database, const Args *args, bool *yes, Error *err)
{
    const AppOptions *options = app_options(work->app);
    *yes = args_flag(args, "yes");
    if (*yes) {
        return true;
    }
    if (!options->ask) {
        error_set(err, ERROR_USAGE, "%s has to be confirmed", apply_verb(work));
        return error_hint(err, "confirm it with --yes, or look at the SQL with --dry-run");
    }
    if (!apply_read_present(work, database, err)) {
        return err->kind == ERROR_INTERRUPTED ? apply_interrupted(work, err) : false;
    }
    char *question = apply_question(work);
    *yes = options->ask(options->ask_context, question);
    free(question);
    if (!*yes) {
        report_note(work->report, "nothing was changed");
        work->report->exit_code = error_exit_code(ERROR_USAGE); /* for a script: it is not done */
    }
    return true;
}

static bool do_it(ApplyWork *work, Database *database, Error *err)
{
    if (!apply_write(work, database, err)) {
        return false;
    }
    if (interrupt_requested()) {
        interrupt_clear(); /* what follows is to be told and delivered */
        report_note(work->report, "the interrupt came too late: the database had committed already");
    }
    apply_tell(work);
    apply_report(work);
    return true;
}

/* What was cut off before is settled first: the plan follows from it. */
static bool settle_doubts(ApplyWork *work, Error *err)
{
    bool settled = false;
    int64_t id = work->list.run_id;
    if (!apply_doubt_settle(work->app, work->local, work->list.fingerprint, work->report, &settled, err)) {
        return err->kind == ERROR_INTERRUPTED ? apply_interrupted(work, err) : false;
    }
    if (settled) {
        result_list_free(&work->list);
    }
    return !settled || result_list_load(work->local, id, &work->list, err);
}

static bool work_on(ApplyWork *work, const Args *args, Error *err)
{
    Database *database = NULL;
    bool dry = args_flag(args, "dry-run");
    if (!check_allowed(work, args, err) || (!dry && !settle_doubts(work, err)) || !apply_plan(work, err)) {
        return false;
    }
    if (work->count == 0) {
        apply_report(work);
        report_note(work->report,
                    work->rollback
                        ? "nothing to do: nothing of run %lld is applied"
                        : "nothing to do: no accepted description of run %lld waits (amx review %lld)",
                    (long long)work->list.run_id, (long long)work->list.run_id);
        return true;
    }
    if (!app_database(work->app, &database, err)) {
        return err->kind == ERROR_INTERRUPTED ? apply_interrupted(work, err) : false;
    }
    if (dry) {
        return print_sql(work, database, err);
    }
    bool yes;
    return confirm(work, database, args, &yes, err) && (!yes || do_it(work, database, err));
}

/* What only prints the SQL leaves history.db as it is. */
static bool open_local(ApplyWork *work, const Args *args, Error *err)
{
    return (args_flag(args, "dry-run") ? app_local_read : app_local)(work->app, &work->local, err);
}

static bool run(App *app, const Args *args, bool rollback, Report *report, Error *err)
{
    ApplyWork work = {.app = app,
                      .report = report,
                      .rollback = rollback,
                      .force = args_flag(args, "force"),
                      .only_expected = rollback ? !args_flag(args, "force") : args_flag(args, "if-unchanged"),
                      .all_or_nothing = args_flag(args, "all-or-nothing")};
    long long id;
    bool ok = args_id(args, 0, "run number", &id, err) && open_local(&work, args, err) &&
              result_list_load(work.local, id, &work.list, err) && work_on(&work, args, err);
    apply_work_free(&work);
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
