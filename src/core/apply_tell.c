/* What an apply or a rollback tells about what it did. */
#include "apply_work.h"

#include <stdlib.h>

#include "delivery.h"
#include "text.h"
#include "text_writer.h"

#define MESSAGES_SHOWN 20
#define COUNT(array) (sizeof(array) / sizeof *(array))

static const ReportColumn apply_columns[] = {
    {"run", "run", REPORT_NUMBER},
    {"applied", "applied", REPORT_NUMBER},
    {"unchanged", "unchanged", REPORT_NUMBER},
    {"overwritten", "overwritten", REPORT_NUMBER},
    {"replaced", "replaced", REPORT_NUMBER},
    {"changed", "left alone", REPORT_NUMBER},
    {"missing", "missing", REPORT_NUMBER},
    {"failed", "failed", REPORT_NUMBER},
    {"held", "held back", REPORT_NUMBER},
    {"items", NULL, REPORT_TEXT},
};

static const ReportColumn rollback_columns[] = {
    {"run", "run", REPORT_NUMBER},
    {"restored", "restored", REPORT_NUMBER},
    {"unchanged", "unchanged", REPORT_NUMBER},
    {"replaced", "replaced", REPORT_NUMBER},
    {"changed", "left alone", REPORT_NUMBER},
    {"missing", "missing", REPORT_NUMBER},
    {"failed", "failed", REPORT_NUMBER},
    {"held", "held back", REPORT_NUMBER},
    {"items", NULL, REPORT_TEXT},
};

/* Whose text stands, or stood, in the way; the team's store is asked once there is something to ask. */
typedef struct Telling {
    ApplyWork *work;
    Shared *shared;
    bool asked;
    int64_t shown;
    int64_t hidden;
} Telling;

/* Is there room for one more message? */
static bool shows(Telling *telling)
{
    bool room = telling->shown < MESSAGES_SHOWN;
    telling->shown += room;
    telling->hidden += !room;
    return room;
}

static char *find_writer(Telling *telling, const ApplyStep *step)
{
    ApplyWork *work = telling->work;
    if (!telling->asked) {
        telling->asked = true;
        if (!delivery_rests(work->local)) {
            delivery_open_shared(work->app, work->local, app_deliver_deadline(work->app), &telling->shared,
                                 NULL);
        }
    }
    return text_writer_find(work->app, work->local, telling->shared, work->list.fingerprint, step->target,
                            step->change.old_text);
}

static void tell_replaced(Telling *telling, const ApplyStep *step)
{
    const ApplyWork *work = telling->work;
    char *who = find_writer(telling, step);
    if (who) {
        report_warning(work->report, "%s: replaced the text of %s: %s", step->target, who,
                       step->change.old_text);
    } else {
        report_warning(work->report, "%s: replaced a text that was written outside amx since the %s: %s",
                       step->target, work->rollback ? "apply" : "draft", step->change.old_text);
    }
    free(who);
}

static void tell_changed(Telling *telling, const ApplyStep *step)
{
    const ApplyWork *work = telling->work;
    if (apply_is_retyped(step)) {
        report_warning(work->report, "%s: %s; left alone (--force writes it all the same)", step->target,
                       step->change.error);
        return;
    }
    if (text_is_empty(step->change.old_text)) {
        report_warning(work->report, "%s: says nothing any more; left alone", step->target);
        return;
    }
    char *who = find_writer(telling, step);
    report_warning(work->report, "%s: says something else than %s; left alone, the text of %s: %s",
                   step->target, work->rollback ? "what was applied" : "when it was drafted",
                   who ? who : "somebody outside amx", step->change.old_text);
    free(who);
}

static void tell_refused(Telling *telling, const ApplyStep *step)
{
    if (step->change.outcome == COMMENT_CHANGED) {
        tell_changed(telling, step);
    } else {
        report_warning(telling->work->report, "%s: %s", step->target,
                       step->change.error ? step->change.error : "refused");
    }
}

static void end_telling(Telling *telling)
{
    if (telling->hidden > 0) {
        report_warning(telling->work->report, "%lld more; see: amx history applies %lld",
                       (long long)telling->hidden, (long long)telling->work->list.run_id);
    }
    shared_close(telling->shared);
}

void apply_tell_refused(ApplyWork *work)
{
    Telling telling = {.work = work};
    for (size_t i = 0; i < work->count; i++) {
        const ApplyStep *step = &work->steps[i];
        if (comment_refused(step->change.outcome) && shows(&telling)) {
            tell_refused(&telling, step);
        }
    }
    end_telling(&telling);
}

static void tell_all_replaced(ApplyWork *work)
{
    Telling telling = {.work = work};
    for (size_t i = 0; i < work->count; i++) {
        const ApplyStep *step = &work->steps[i];
        work->overwritten += step->change.outcome == COMMENT_APPLIED && apply_overwrites(step);
        if (step->change.outcome != COMMENT_APPLIED || !apply_replaces(step)) {
            continue;
        }
        work->replaced++;
        if (shows(&telling)) {
            tell_replaced(&telling, step);
        }
    }
    end_telling(&telling);
}

void apply_tell(ApplyWork *work)
{
    tell_all_replaced(work);
    apply_tell_refused(work);
}

void apply_tell_overwritten(ApplyWork *work)
{
    Text names = {0};
    long long count = 0;
    for (size_t i = 0; i < work->count; i++) {
        if (!apply_overwrites(&work->steps[i])) {
            continue;
        }
        count++;
        if (count <= MESSAGES_SHOWN) {
            text_addf(&names, "%s%s", count > 1 ? ", " : "", work->steps[i].target);
        }
    }
    if (count > 0) {
        report_note(work->report, "%lld of them replace%s a text that is there: %s%s", count,
                    count == 1 ? "s" : "", text_string(&names), count > MESSAGES_SHOWN ? ", .." : "");
    }
    text_free(&names);
}

/* What was not plainly written, by name, for programs. */
static json_t *exceptions(const ApplyWork *work)
{
    json_t *items = json_array();
    for (size_t i = 0; i < work->count; i++) {
        const ApplyStep *step = &work->steps[i];
        if (step->change.outcome == COMMENT_APPLIED && !apply_replaces(step)) {
            continue;
        }
        json_t *item = json_object();
        row_text(item, "object", step->target);
        row_text(item, "outcome", apply_outcome_name(step->change.outcome));
        row_text(item, "reason", apply_reason(work, step));
        row_text(item, "old_text", step->change.old_text);
        json_array_append_new(items, item);
    }
    return items;
}

static void add_counts(const ApplyWork *work, json_t *row)
{
    row_int(row, "run", work->list.run_id);
    row_int(row, work->rollback ? "restored" : "applied", work->outcomes[COMMENT_APPLIED]);
    row_int(row, "unchanged", work->outcomes[COMMENT_UNCHANGED]);
    if (!work->rollback) {
        row_int(row, "overwritten", work->overwritten);
    }
    row_int(row, "replaced", work->replaced);
    row_int(row, "changed", work->outcomes[COMMENT_CHANGED]);
    row_int(row, "missing", work->outcomes[COMMENT_MISSING]);
    row_int(row, "failed", work->outcomes[COMMENT_FAILED]);
    row_int(row, "held", work->outcomes[COMMENT_HELD]);
    row_json(row, "items", exceptions(work));
}

/* Only what was written can be undone. */
static void tell_written(const ApplyWork *work)
{
    long long written = work->outcomes[COMMENT_APPLIED];
    long long same = work->outcomes[COMMENT_UNCHANGED];
    Text over = {0};
    if (work->overwritten > 0) {
        text_addf(&over, ", %lld over a text that was there", (long long)work->overwritten);
    }
    if (written > 0 && work->rollback) {
        report_note(work->report, "%lld text%s restored", written, text_plural(written));
    } else if (written > 0) {
        report_note(work->report, "%lld description%s written%s; undo with: amx rollback %lld", written,
                    text_plural(written), text_string(&over), (long long)work->list.run_id);
    }
    if (same > 0) {
        report_note(work->report,
                    work->rollback ? "%lld text%s stood there again already; nothing to restore"
                                   : "%lld description%s stood there already; nothing to write",
                    same, text_plural(same));
    }
    text_free(&over);
}

void apply_report(ApplyWork *work)
{
    if (work->rollback) {
        report_object(work->report, "amx.rollback/1", rollback_columns, COUNT(rollback_columns));
    } else {
        report_object(work->report, "amx.apply/1", apply_columns, COUNT(apply_columns));
    }
    add_counts(work, report_row(work->report));
    int64_t bad = 0;
    for (int outcome = 0; outcome < COMMENT_OUTCOMES; outcome++) {
        bad += comment_refused((CommentOutcome)outcome) ? work->outcomes[outcome] : 0;
    }
    int64_t good = work->outcomes[COMMENT_APPLIED] + work->outcomes[COMMENT_UNCHANGED];
    bool held = work->all_or_nothing && bad > 0;
    if (bad > 0) {
        work->report->exit_code = error_exit_code(good > 0 && !held ? ERROR_PARTLY : ERROR_DATABASE);
    }
    if (held) {
        report_warning(work->report, "nothing was %s: %lld text%s can't be, and it was to be all or nothing",
                       work->rollback ? "restored" : "written", (long long)bad, text_plural(bad));
    } else {
        tell_written(work);
    }
}
