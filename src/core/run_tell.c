/* What a run tells. */
#include "run_work.h"

#include <stdlib.h>

#include "clock.h"
#include "text.h"

/* Those from MODEL_COLUMN on are of a run that asks a language model. */
static const ReportColumn columns[] = {
    {"run", "run", REPORT_NUMBER},
    {"status", "status", REPORT_TEXT},
    {"scope", "scope", REPORT_TEXT},
    {"db_profile", "profile", REPORT_TEXT},
    {"planned", "planned", REPORT_NUMBER},
    {"drafted", "drafted", REPORT_NUMBER},
    {"failed", "failed", REPORT_NUMBER},
    {"no_draft", "no draft", REPORT_NUMBER},
    {"high", "high", REPORT_NUMBER},
    {"medium", "medium", REPORT_NUMBER},
    {"low", "low", REPORT_NUMBER},
    {"drafter", "drafter", REPORT_TEXT},
    {"by_model", "by the model", REPORT_NUMBER},
    {"by_builtin", "built-in", REPORT_NUMBER},
    {"requests", "requests", REPORT_NUMBER},
    {"input_tokens", "tokens asked", REPORT_NUMBER},
    {"output_tokens", "tokens answered", REPORT_NUMBER},
    {"estimated", NULL, REPORT_TEXT},
    {"cost", "cost", REPORT_NUMBER},
    {"currency", "currency", REPORT_TEXT},
    {"estimated_cost", "estimated before", REPORT_NUMBER},
    {"left_out", "drafted before", REPORT_NUMBER},
};
enum { ALL_COLUMNS = sizeof columns / sizeof *columns, MODEL_COLUMN = 11 };

/* A dry run's bill is its estimate. */
static const DrafterBill *bill_of(const RunWork *work)
{
    return work->dry || !work->drafter ? &work->estimate : drafter_llm_bill(work->drafter);
}

static void tell_model(const RunWork *work, json_t *row)
{
    const DrafterBill *bill = bill_of(work);
    row_text(row, "drafter", work->drafter_name);
    row_int(row, "by_model", bill->by_model);
    row_int(row, "by_builtin", bill->by_builtin);
    row_int(row, "requests", bill->requests);
    row_int(row, "input_tokens", bill->input_tokens);
    row_int(row, "output_tokens", bill->output_tokens);
    row_bool(row, "estimated", bill->estimated);
    row_real(row, "cost", bill->cost);
    row_text(row, "currency", work->llm.currency);
    row_real(row, "estimated_cost", work->estimate.cost);
    row_int(row, "left_out", work->left_out);
}

void run_tell(const RunWork *work, const char *status)
{
    report_object(work->report, "amx.run/1", columns, run_asks_model(work) ? ALL_COLUMNS : MODEL_COLUMN);
    json_t *row = report_row(work->report);
    if (work->run_id) {
        row_int(row, "run", work->run_id);
    } else {
        row_json(row, "run", json_null());
    }
    row_text(row, "status", status);
    row_text(row, "scope", work->scope);
    row_text(row, "db_profile", work->profile->name);
    row_int(row, "planned", work->planned);
    row_int(row, "drafted", work->drafted);
    row_int(row, "failed", work->failed);
    row_int(row, "no_draft", work->silent);
    row_int(row, "high", work->levels[0]);
    row_int(row, "medium", work->levels[1]);
    row_int(row, "low", work->levels[2]);
    if (run_asks_model(work)) {
        tell_model(work, row);
    }
}

static void tell_left_out(const RunWork *work)
{
    if (work->left_out > 0 && !work->resumes) {
        report_note(work->report,
                    work->left_out == 1
                        ? "%lld was left out: a model drafted it before, and its draft waits (run %lld)"
                        : "%lld were left out: a model drafted them before, and their drafts wait (run %lld)",
                    (long long)work->left_out, (long long)work->before.run);
    }
}

static void tell_bill(const RunWork *work)
{
    const DrafterBill *bill = bill_of(work);
    const char *about = bill->estimated ? "about " : "";
    if (bill->cost > 0) {
        report_note(work->report, "%s: %lld request%s, %s%lld + %lld tokens, %s%.4f %s", work->llm.model,
                    bill->requests, text_plural(bill->requests), about, bill->input_tokens,
                    bill->output_tokens, about, bill->cost, work->llm.currency);
    } else {
        report_note(work->report, "%s: %lld request%s, %s%lld + %lld tokens", work->llm.model, bill->requests,
                    text_plural(bill->requests), about, bill->input_tokens, bill->output_tokens);
    }
}

void run_tell_dry(const RunWork *work)
{
    run_tell(work, "dry run");
    report_note(work->report,
                work->planned == 1 ? "%lld table or column would be drafted"
                                   : "%lld tables and columns would be drafted",
                (long long)work->planned);
    if (run_asks_model(work)) {
        tell_bill(work);
        tell_left_out(work);
    }
}

static void tell_silent(const RunWork *work)
{
    report_note(work->report,
                work->silent == 1 ? "%lld has no draft: neither its name nor the structure says anything"
                                  : "%lld have no draft: neither their names nor the structure say anything",
                (long long)work->silent);
}

/* A table or column that was named is there; a schema may be empty, and the database. */
static bool has_tables(const RunWork *work)
{
    const char *schema = work->match.schema;
    for (size_t t = 0; t < work->catalog->table_count; t++) {
        if (!schema || text_equal(schema, work->catalog->tables[t].schema)) {
            return true;
        }
    }
    return false;
}

void run_tell_no_work(RunWork *work)
{
    run_tell(work, "nothing to do");
    if (!has_tables(work)) {
        report_note(work->report, "nothing to do: there are no tables in %s%s",
                    work->match.schema ? "schema " : "this database",
                    work->match.schema ? work->match.schema : "");
    } else if (work->planned == 0 && work->left_out > 0) {
        report_note(work->report, "nothing to do (draft it anew with --all)");
        tell_left_out(work);
    } else if (work->planned == 0) {
        report_note(work->report,
                    "nothing to do: everything there has a description (draft it anew with --all)");
    } else {
        report_note(work->report, "nothing to do: of what has no description, nothing can be drafted");
        tell_silent(work);
    }
}

/* Whose drafts they are, where they are not all the model's. */
static void tell_stand_in(const RunWork *work)
{
    const DrafterBill *bill = bill_of(work);
    if (bill->by_builtin > 0) {
        report_warning(work->report, "%lld of %lld draft%s %s the built-in drafter's (source builtin): %s",
                       bill->by_builtin, (long long)work->drafted, text_plural(work->drafted),
                       bill->by_builtin == 1 ? "is" : "are", bill->trouble.message);
        if (*bill->trouble.hint) {
            report_note(work->report, "%s", bill->trouble.hint);
        }
    }
}

/* What was sound in the same answers is kept. */
static void tell_invented(const RunWork *work)
{
    const DrafterBill *bill = bill_of(work);
    if (bill->invented > 0) {
        char *name = text_visible(bill->first_invented);
        report_warning(work->report, "%lld column%s that nobody asked for %s left out of what %s said: %s%s",
                       bill->invented, text_plural(bill->invented), bill->invented == 1 ? "was" : "were",
                       work->llm.model, name, bill->invented == 1 ? "" : ", ..");
        free(name);
    }
}

static void tell_model_end(const RunWork *work)
{
    tell_invented(work);
    tell_stand_in(work);
    tell_bill(work);
    tell_left_out(work);
}

static bool tell_cancelled(const RunWork *work, Error *err)
{
    error_set(err, ERROR_INTERRUPTED, "run %lld was cancelled with %lld of %lld draft%s",
              (long long)work->run_id, (long long)work->drafted, (long long)work->planned,
              text_plural(work->planned));
    return error_hint(err, "what was drafted is kept; go on with: amx run --resume %lld",
                      (long long)work->run_id);
}

static void tell_stopped(const RunWork *work)
{
    long long left = work->planned - work->drafted - work->silent - work->failed;
    report_warning(work->report,
                   "%lld of %lld %s left: %s; go on with: amx run --resume %lld --budget AMOUNT (%s)", left,
                   (long long)work->planned, left == 1 ? "is" : "are", work->stopped.message,
                   (long long)work->run_id, work->stopped.hint);
    work->report->exit_code = error_exit_code(ERROR_PARTLY);
}

/* What to do next, where there is anything to review. */
static void tell_drafted(const RunWork *work)
{
    Text next = {0};
    if (work->drafted + work->former > 0) {
        text_addf(&next, "; next: amx review %lld %s", (long long)work->run_id,
                  run_asks_model(work) ? "--export" : "--accept high"); /* no model is sure enough for that */
    }
    report_note(work->report, "run %lld: %lld draft%s (%lld high, %lld medium, %lld low)%s",
                (long long)work->run_id, (long long)work->drafted, text_plural(work->drafted),
                (long long)work->levels[0], (long long)work->levels[1], (long long)work->levels[2],
                text_string(&next));
    text_free(&next);
}

bool run_tell_end(const RunWork *work, bool cancelled, Error *err)
{
    run_tell(work, cancelled || work->stopped.kind != ERROR_NONE ? "cancelled" : "ready");
    if (run_asks_model(work)) {
        tell_model_end(work);
    }
    if (cancelled) {
        return tell_cancelled(work, err);
    }
    tell_drafted(work);
    if (work->silent > 0) {
        tell_silent(work);
    }
    if (work->failed > 0) {
        work->report->exit_code = error_exit_code(ERROR_PARTLY);
    }
    if (work->stopped.kind != ERROR_NONE) {
        tell_stopped(work);
    }
    return true;
}
