/* Doing an apply or a rollback: noting what stands there, writing, noting what became of it. */
#include "apply_work.h"

#include <stdlib.h>

#include "text.h"

static const char *const outcome_names[] = {
    [COMMENT_PENDING] = "pending", [COMMENT_APPLIED] = "applied", [COMMENT_UNCHANGED] = "unchanged",
    [COMMENT_MISSING] = "missing", [COMMENT_CHANGED] = "changed", [COMMENT_HELD] = "held",
    [COMMENT_FAILED] = "failed",
};

static Applied applied_of(const ApplyWork *work, const ApplyStep *step)
{
    return (Applied){.event_id = step->event_id,
                     .run_id = work->list.run_id,
                     .result_id = step->item->id,
                     .kind = apply_verb(work),
                     .target = step->target,
                     .old_text = step->change.old_text,
                     .new_text = step->change.new_text};
}

/* So many steps are recorded at a time: between two parts the progress is told. */
enum { AT_ONCE = 500 };

static size_t part_of(const ApplyWork *work, size_t first)
{
    size_t left = work->count - first;
    return left < AT_ONCE ? left : AT_ONCE;
}

/* Notes what is about to be replaced, before it is: whatever happens after this, the old texts are safe. */
static bool record_plan(ApplyWork *work, Error *err)
{
    bool ok = local_begin(work->local, err);
    if (!ok) {
        return false;
    }
    ok = applies_begin(work->local, work->list.run_id, err);
    for (size_t i = 0, part; ok && i < work->count; i += part) {
        Applied applied[AT_ONCE];
        part = part_of(work, i);
        for (size_t k = 0; k < part; k++) {
            applied[k] = applied_of(work, &work->steps[i + k]);
        }
        apply_progress(work, "keeping what is there", i, work->count);
        ok = apply_may_go_on(work, err) && applies_plan_all(work->local, applied, part, err);
        for (size_t k = 0; k < part; k++) {
            work->steps[i + k].event_id = applied[k].event_id;
        }
    }
    return local_end(work->local, ok, err);
}

const char *apply_outcome_name(CommentOutcome outcome)
{
    return outcome_names[outcome];
}

const char *apply_reason(const ApplyWork *work, const ApplyStep *step)
{
    if (step->change.outcome == COMMENT_MISSING && !step->change.error) {
        return APPLY_GONE;
    }
    if (step->change.outcome == COMMENT_CHANGED && !apply_is_retyped(step)) {
        return work->rollback ? "said something else than what was applied; left alone"
                              : "said something else than when it was drafted; left alone";
    }
    return step->change.error;
}

/* What became of it. */
static Applied settled_of(const ApplyWork *work, const ApplyStep *step)
{
    CommentOutcome outcome = step->change.outcome;
    Applied applied = applied_of(work, step);
    applied.outcome = apply_outcome_name(outcome);
    applied.error = apply_reason(work, step);
    applied.written = outcome == COMMENT_APPLIED || outcome == COMMENT_UNCHANGED;
    return applied;
}

static bool record_outcomes(ApplyWork *work, Error *err)
{
    bool ok = local_begin(work->local, err);
    if (!ok) {
        return false;
    }
    for (size_t i = 0, part; ok && i < work->count; i += part) {
        Applied applied[AT_ONCE];
        part = part_of(work, i);
        for (size_t k = 0; k < part; k++) {
            applied[k] = settled_of(work, &work->steps[i + k]);
        }
        apply_progress(work, "recording", i, work->count);
        ok = applies_settle_all(work->local, applied, part, err);
    }
    ok = ok && applies_end(work->local, work->list.run_id, err);
    return local_end(work->local, ok, err);
}

/* What may have become of the missing is a guess that takes a look at the database: it comes after what is
 * known is safe, and nothing depends on it. */
static void record_gone(ApplyWork *work)
{
    if (!local_begin(work->local, NULL)) {
        return;
    }
    bool ok = true;
    for (size_t i = 0; ok && i < work->count; i++) {
        Applied applied = settled_of(work, &work->steps[i]);
        ok = work->steps[i].change.outcome != COMMENT_MISSING || applies_settle(work->local, &applied, NULL);
    }
    local_end(work->local, ok, NULL);
}

bool apply_read_present(ApplyWork *work, Database *database, Error *err)
{
    for (size_t i = 0; i < work->count; i++) {
        work->changes[i] = work->steps[i].change;
    }
    bool ok =
        database_read_comments(database, work->changes, work->count, app_query_deadline(work->app), err);
    for (size_t i = 0; i < work->count; i++) {
        work->steps[i].change = work->changes[i];
    }
    return ok && apply_expect_own(work, err);
}

/* Nothing was written, for certain. Should even this not be recorded, the database is asked later. */
static void record_nothing_written(ApplyWork *work, const Error *why)
{
    bool refused = why->kind == ERROR_DATABASE;
    if (!local_begin(work->local, NULL)) {
        return;
    }
    bool ok = true;
    for (size_t i = 0; ok && i < work->count; i++) {
        Applied applied = applied_of(work, &work->steps[i]);
        applied.outcome = refused ? "failed" : APPLIES_INTERRUPTED;
        applied.error = refused ? why->message : NULL;
        ok = applies_settle(work->local, &applied, NULL);
    }
    ok = ok && applies_end(work->local, work->list.run_id, NULL);
    local_end(work->local, ok, NULL);
}

static bool explain_nothing_written(const ApplyWork *work, Error *err)
{
    if (err->kind == ERROR_INTERRUPTED) {
        return apply_interrupted(work, err);
    }
    return err->kind == ERROR_DATABASE ? false
                                       : error_hint(err, "nothing was %s; begin it again with: amx %s %lld",
                                                    work->rollback ? "restored" : "written", apply_verb(work),
                                                    (long long)work->list.run_id);
}

static bool explain_doubt(const ApplyWork *work, Error *err)
{
    if (err->kind == ERROR_INTERRUPTED) {
        error_set(err, ERROR_INTERRUPTED, "%s of run %lld was interrupted while the database committed it",
                  apply_verb(work), (long long)work->list.run_id);
    }
    return error_hint(err,
                      "whether it is written is not known; the next apply, rollback or run there asks the "
                      "database: amx %s %lld",
                      apply_verb(work), (long long)work->list.run_id);
}

static void tell_progress(void *context, size_t done)
{
    const ApplyWork *work = context;
    apply_progress(work, work->rollback ? "restoring" : "applying", done, work->count);
}

/* Somebody else may have written between the plan and the transaction: what is replaced is what the
 * transaction found. Of a table or column that is gone nothing was found. */
static bool note_found(ApplyWork *work, const CommentChange *changes, Error *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < work->count; i++) {
        const ApplyStep *step = &work->steps[i];
        ok = changes[i].outcome == COMMENT_MISSING ||
             text_equal(changes[i].old_text, step->change.old_text) ||
             applies_found(work->local, step->event_id, changes[i].old_text, err);
    }
    return ok;
}

/* Whatever happens to the commit, who settles it finds the old texts and the transaction. */
static bool note_commit(void *context, const CommentChange *changes, const char *transaction, Error *err)
{
    ApplyWork *work = context;
    if (!local_begin(work->local, err)) {
        return false;
    }
    bool ok = note_found(work, changes, err) &&
              (!transaction || applies_commit(work->local, work->list.run_id, transaction, err));
    return local_end(work->local, ok, err);
}

static bool write_all(ApplyWork *work, Database *database, Error *err)
{
    for (size_t i = 0; i < work->count; i++) {
        work->changes[i] = work->steps[i].change;
        work->changes[i].old_text = NULL; /* the step keeps what it was planned with */
        work->changes[i].error = NULL;
    }
    apply_progress(work, "looking at what is there", 0, 0); /* and waiting for whoever writes there */
    database_watch_apply(database, tell_progress, note_commit, work);
    DatabaseApplyRules rules = {.all_or_nothing = work->all_or_nothing,
                                .statement_timeout_ms = app_config(work->app)->statement_timeout_ms};
    bool ok =
        database_apply(database, work->changes, work->count, &rules, app_query_deadline(work->app), err);
    database_watch_apply(database, NULL, NULL, NULL);
    for (size_t i = 0; i < work->count; i++) {
        comment_change_free(&work->steps[i].change);
        work->steps[i].change = work->changes[i];
        work->outcomes[work->changes[i].outcome]++;
    }
    return ok;
}

bool apply_write(ApplyWork *work, Database *database, Error *err)
{
    /* once more: a person takes time to answer */
    if (!apply_read_present(work, database, err) || !record_plan(work, err)) {
        return err->kind == ERROR_INTERRUPTED ? apply_interrupted(work, err) : false;
    }
    bool written = write_all(work, database, err);
    if (written && record_outcomes(work, err)) {
        if (work->outcomes[COMMENT_MISSING] > 0) {
            apply_explain_gone(work, database);
            record_gone(work);
        }
        return true;
    }
    if (!written && !database_apply_in_doubt(database)) {
        record_nothing_written(work, err);
        return explain_nothing_written(work, err);
    }
    applies_end(work->local, work->list.run_id, NULL); /* the next one settles what stays pending */
    return written ? error_prefix(err, "the database was changed, but ") : explain_doubt(work, err);
}
