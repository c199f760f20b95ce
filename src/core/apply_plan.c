/* What an apply or a rollback is to write. */
#include "apply_work.h"

#include <stdlib.h>

#include "memory.h"
#include "object_name.h"
#include "record.h"
#include "review_decide.h"
#include "text.h"

static bool same_text(const char *a, const char *b)
{
    return text_equal(text_is_empty(a) ? NULL : a, text_is_empty(b) ? NULL : b);
}

static CatalogKind kind_of(const ResultItem *item)
{
    for (int kind = CATALOG_TABLE; kind <= CATALOG_FOREIGN_TABLE; kind++) {
        if (text_equal(item->kind, catalog_kind_name((CatalogKind)kind))) {
            return (CatalogKind)kind;
        }
    }
    return CATALOG_TABLE; /* of a column: COMMENT ON COLUMN is the same for all kinds */
}

static ApplyStep *add_step(ApplyWork *work, const ResultItem *item, const char *new_text)
{
    ApplyStep *step = &work->steps[work->count++];
    *step = (ApplyStep){.item = item, .target = object_name(item->schema, item->table, item->column)};
    step->change = (CommentChange){.schema = item->schema,
                                   .table = item->table,
                                   .column = item->column,
                                   .kind = kind_of(item),
                                   .new_text = new_text,
                                   .only_expected = work->only_expected};
    return step;
}

static void plan_apply(ApplyWork *work)
{
    for (size_t i = 0; i < work->list.count; i++) {
        const ResultItem *item = &work->list.items[i];
        if (item->chosen_text && !item->applied_at) {
            ApplyStep *step = add_step(work, item, item->chosen_text);
            step->change.expected = item->base_text;
            step->change.most_bytes = REVIEW_LONGEST_TEXT;
            step->change.made_for = work->force ? NULL : item->column ? item->type : item->kind;
        }
    }
}

/* What the applies since the last rollback did to one result: the last text they wrote, and what they
 * replaced first since somebody else wrote there. */
typedef struct Past {
    bool applied;
    bool done; /* an older rollback or somebody else's text was met: what lies before it is settled */
    char *old_text;
    char *new_text;
} Past;

/* Newest first, so the last one taken is the oldest. */
static void take_event(void *context, const SyncedTable *table, const Value *values)
{
    Past *past = context;
    bool rollback = text_equal(record_text(table, values, "kind"), "rollback");
    const char *outcome = record_text(table, values, "outcome");
    bool applied = text_equal(outcome, "applied");
    /* it may have reached the database, which is looked at before anything is written */
    bool doubtful = text_equal(outcome, "pending") || text_equal(outcome, APPLIES_UNKNOWN);
    if (past->done) {
        return;
    }
    if (rollback) {
        past->done = applied || text_equal(outcome, "unchanged");
        return;
    }
    if (!applied && !doubtful) {
        return;
    }
    if (past->applied && !same_text(past->old_text, record_text(table, values, "new_text"))) {
        past->done = true;
        return;
    }
    if (!past->applied) {
        past->new_text = memory_string(record_text(table, values, "new_text"));
    }
    past->applied = true;
    free(past->old_text);
    past->old_text = memory_string(record_text(table, values, "old_text"));
}

static bool read_past(const ApplyWork *work, const ResultItem *item, Past *past, Error *err)
{
    RecordFilter filter = {.parent = item->id};
    *past = (Past){0};
    if (record_list(work->local, &synced_tables[SYNCED_APPLY_EVENTS], &filter, take_event, past, err)) {
        return true;
    }
    free(past->old_text);
    free(past->new_text);
    return false;
}

static bool plan_rollback(ApplyWork *work, Error *err)
{
    for (size_t i = 0; i < work->list.count; i++) {
        const ResultItem *item = &work->list.items[i];
        Past past;
        apply_progress(work, "reading what was applied", i, work->list.count);
        if (!apply_may_go_on(work, err) || !read_past(work, item, &past, err)) {
            return false;
        }
        if (!past.applied) {
            continue;
        }
        ApplyStep *step = add_step(work, item, past.old_text);
        step->restore = past.old_text;
        step->expected = past.new_text;
        step->change.expected = past.new_text;
        step->change.orphaned = true; /* what was applied there is to go, whatever became of the table */
    }
    return true;
}

/* What a person applied, decided anew and applies again is nobody else's text. */
bool apply_expect_own(ApplyWork *work, Error *err)
{
    for (size_t i = 0; !work->rollback && i < work->count; i++) {
        ApplyStep *step = &work->steps[i];
        Past past;
        if (text_is_empty(step->change.old_text) ||
            text_equal(step->change.old_text, step->change.expected)) {
            continue;
        }
        if (!read_past(work, step->item, &past, err)) {
            return false;
        }
        free(past.old_text);
        if (past.applied && text_equal(past.new_text, step->change.old_text)) {
            free(step->expected);
            step->expected = past.new_text;
            step->change.expected = step->expected;
            if (step->change.outcome == COMMENT_CHANGED && !apply_is_retyped(step)) {
                step->change.outcome = COMMENT_PENDING;
            }
        } else {
            free(past.new_text);
        }
    }
    return true;
}

bool apply_overwrites(const ApplyStep *step)
{
    return (step->change.outcome == COMMENT_PENDING || step->change.outcome == COMMENT_APPLIED) &&
           !text_is_empty(step->change.old_text);
}

bool apply_replaces(const ApplyStep *step)
{
    return apply_overwrites(step) && !text_equal(step->change.old_text, step->change.expected);
}

bool apply_is_retyped(const ApplyStep *step)
{
    return step->change.outcome == COMMENT_CHANGED && step->change.error;
}

bool apply_plan(ApplyWork *work, Error *err)
{
    work->steps = memory_zero(work->list.count, sizeof *work->steps);
    work->changes = memory_zero(work->list.count, sizeof *work->changes);
    if (work->rollback) {
        return plan_rollback(work, err);
    }
    plan_apply(work);
    return true;
}

void apply_work_free(ApplyWork *work)
{
    for (size_t i = 0; i < work->count; i++) {
        comment_change_free(&work->steps[i].change);
        free(work->steps[i].restore);
        free(work->steps[i].expected);
        free(work->steps[i].target);
    }
    free(work->steps);
    free(work->changes);
    result_list_free(&work->list);
}
