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

static bool replaces_somebody(const ApplyStep *step)
{
    return step->change.outcome == COMMENT_APPLIED && !text_is_empty(step->change.old_text) &&
           !text_equal(step->change.old_text, step->item->base_text);
}

static void tell_replaced(ApplyWork *work)
{
    Shared *shared = NULL;
    bool asked = false;
    for (size_t i = 0; i < work->count && !work->rollback; i++) {
        const ApplyStep *step = &work->steps[i];
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

static void tell_not_written(ApplyWork *work)
{
    int64_t hidden = 0;
    for (size_t i = 0; i < work->count; i++) {
        const ApplyStep *step = &work->steps[i];
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

void apply_tell(ApplyWork *work)
{
    tell_replaced(work);
    tell_not_written(work);
}

void apply_report(ApplyWork *work)
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
                    work->rollback ? "%lld text%s restored"
                                   : "%lld description%s written; undo with: amx rollback %lld",
                    (long long)good, text_plural(good), (long long)work->list.run_id);
    }
}
