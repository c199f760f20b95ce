/* review: decide about one result (--result), by confidence (--accept), from lines (--from, --decisions), or
 * hand the results out to be edited (--export). */
#include "commands.h"

#include <stdlib.h>
#include <string.h>

#include "drafter.h"
#include "review_decide.h"
#include "runs.h"
#include "text.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const ReportColumn columns[] = {
    {"run", "run", REPORT_NUMBER},
    {"accepted", "accepted", REPORT_NUMBER},
    {"edited", "edited", REPORT_NUMBER},
    {"skipped", "skipped", REPORT_NUMBER},
    {"taken_back", "taken back", REPORT_NUMBER},
    {"undecided", "undecided", REPORT_NUMBER},
};

static const ReportColumn export_columns[] = {
    {"result", "ID", REPORT_NUMBER},       {"schema", "Schema", REPORT_TEXT},
    {"table", "Table", REPORT_TEXT},       {"column", "Column", REPORT_TEXT},
    {"confidence", "Conf", REPORT_NUMBER}, {"decision", "Decision", REPORT_TEXT},
    {"choice", NULL, REPORT_NUMBER},       {"text", "Text", REPORT_WIDE},
    {"base_text", NULL, REPORT_TEXT},      {"alternatives", NULL, REPORT_TEXT},
};

/* "2 accepted, 1 skipped, "; owned by the caller. */
static char *tally_text(const ReviewTally *tally)
{
    const struct {
        int64_t count;
        const char *name;
    } parts[] = {{tally->accepted, "accepted"},
                 {tally->edited, "edited"},
                 {tally->skipped, "skipped"},
                 {tally->taken_back, "taken back"}};
    Text text = {0};
    for (size_t i = 0; i < COUNT(parts); i++) {
        if (parts[i].count > 0) {
            text_addf(&text, "%lld %s, ", (long long)parts[i].count, parts[i].name);
        }
    }
    return text_take(&text);
}

/* What there is to do next; owned by the caller. */
static char *next_text(int64_t run_id, int64_t chosen, int64_t undecided)
{
    if (chosen > 0) {
        return text_format("next: amx apply %lld", (long long)run_id);
    }
    if (undecided > 0) {
        return text_format(
            "nothing waits to be applied; next: accept something, amx review %lld --accept high, "
            "or one by one on the screen: amx, then :review %lld",
            (long long)run_id, (long long)run_id);
    }
    return text_format("nothing waits to be applied");
}

static void report_tally(Report *report, const ResultList *list, const ReviewTally *tally)
{
    int64_t undecided = 0;
    int64_t chosen = 0; /* accepted or edited, and not written yet */
    for (size_t i = 0; i < list->count; i++) {
        const ResultItem *item = &list->items[i];
        undecided += item->evaluation == NULL;
        chosen += item->chosen_text && !item->applied_at;
    }
    report_object(report, "amx.review/1", columns, COUNT(columns));
    json_t *row = report_row(report);
    row_int(row, "run", list->run_id);
    row_int(row, "accepted", tally->accepted);
    row_int(row, "edited", tally->edited);
    row_int(row, "skipped", tally->skipped);
    row_int(row, "taken_back", tally->taken_back);
    row_int(row, "undecided", undecided);
    char *done = tally_text(tally);
    char *next = next_text(list->run_id, chosen, undecided);
    report_note(report, "%s%lld of %zu left undecided; %s", done, (long long)undecided, list->count, next);
    free(next);
    free(done);
}

/* --- --accept --- */

static bool parse_level(const char *level, double *least, Error *err)
{
    if (strcmp(level, "high") == 0) {
        *least = DRAFT_HIGH;
    } else if (strcmp(level, "medium") == 0) {
        *least = DRAFT_MEDIUM;
    } else if (strcmp(level, "low") == 0) {
        *least = 0;
    } else {
        return error_set(err, ERROR_USAGE, "--accept is high, medium or low, not \"%s\"", level);
    }
    return true;
}

static bool accept_level(Local *local, const ResultList *list, double least, ReviewTally *tally, Error *err)
{
    for (size_t i = 0; i < list->count; i++) {
        const ResultItem *item = &list->items[i];
        if (item->evaluation || !item->first || item->confidence < least) {
            continue;
        }
        if (!runs_evaluate(local, item->id, "accepted", item->first, err)) {
            return false;
        }
        tally->accepted++;
    }
    return true;
}

/* --- --result --- */

static bool decide_one(Local *local, const ResultList *list, const Args *args, ReviewTally *tally, Error *err)
{
    long long id = args_number(args, "result", 0);
    const ResultItem *item = result_list_find(list, id);
    const char *text = args_text(args, "text");
    ReviewDecision decision = {.verdict = text                          ? REVIEW_EDIT
                                          : args_flag(args, "skip")     ? REVIEW_SKIP
                                          : args_flag(args, "undecide") ? REVIEW_UNDECIDE
                                                                        : REVIEW_ACCEPT,
                               .choice = args_number(args, "choose", 1),
                               .text = text};
    if (!item) {
        error_set(err, ERROR_NOT_FOUND, "run %lld has no result %lld", (long long)list->run_id, id);
        return error_hint(err, "see them with: amx history drafts %lld", (long long)list->run_id);
    }
    return review_decide(local, item, &decision, tally, err);
}

/* --- --export --- */

/* The number, from 1, of the alternative that reads like this; 0 when none does. */
static size_t choice_of(const json_t *alternatives, const char *text)
{
    size_t index;
    const json_t *alternative_text;
    json_array_foreach(alternatives, index, alternative_text)
    {
        if (text_equal(json_string_value(alternative_text), text)) {
            return index + 1;
        }
    }
    return 0;
}

static void export_results(const ResultList *list, Report *report)
{
    report_list(report, "amx.decisions/1", export_columns, COUNT(export_columns));
    report->empty = "No results.";
    for (size_t i = 0; i < list->count; i++) {
        const ResultItem *item = &list->items[i];
        json_t *alternatives = json_loads(item->alternatives, 0, NULL);
        size_t choice = choice_of(alternatives, item->chosen_text);
        bool accepted = text_equal(item->evaluation, "accepted") && choice > 0;
        const char *decision = !item->evaluation                         ? NULL
                               : accepted                                ? "accept"
                               : text_equal(item->evaluation, "skipped") ? "skip"
                                                                         : "edit";
        json_t *row = report_row(report);
        row_int(row, "result", item->id);
        row_text(row, "schema", item->schema);
        row_text(row, "table", item->table);
        row_text(row, "column", item->column);
        row_real(row, "confidence", item->confidence);
        row_text(row, "decision", decision);
        if (accepted) {
            row_int(row, "choice", (long long)choice);
        }
        row_text(row, "text", item->chosen_text ? item->chosen_text : item->first);
        row_text(row, "base_text", item->base_text);
        row_json(row, "alternatives", alternatives ? alternatives : json_null());
    }
}

/* On a terminal and in a file alike: what --from reads. */
static void export_lines(const ResultList *list, Report *report)
{
    Report rows = {0};
    Text lines = {0};
    size_t index;
    const json_t *row;
    export_results(list, &rows);
    json_array_foreach(rows.items, index, row)
    {
        char *json = json_dumps(row, JSON_COMPACT | JSON_REAL_PRECISION(15));
        char *harmless = text_json_harmless(json);
        text_addf(&lines, "%s\n", harmless);
        free(harmless);
        free(json);
    }
    report_free(&rows);
    report_document(report, "amx.decisions/1", text_take(&lines));
}

/* Writes what the command line decides, inside a transaction. */
static bool decide(Local *local, const ResultList *list, const Args *args, ReviewTally *tally, Error *err)
{
    const char *level = args_text(args, "accept");
    const char *from = args_text(args, "from");
    const char *decisions = args_text(args, "decisions");
    double least = 0;
    if (from) {
        return review_decide_file(local, list, from, tally, err);
    }
    if (decisions) {
        return review_decide_lines(local, list, decisions, tally, err);
    }
    if (level) {
        return parse_level(level, &least, err) && accept_level(local, list, least, tally, err);
    }
    return decide_one(local, list, args, tally, err);
}

static bool export_run(App *app, const Args *args, int64_t run_id, Report *report, Error *err)
{
    Local *local = NULL;
    ResultList list = {0};
    bool ok = app_local_read(app, &local, err) && result_list_load(local, run_id, &list, err);
    if (ok && args->format == OUTPUT_TEXT) {
        export_lines(&list, report);
    } else if (ok) {
        export_results(&list, report);
    }
    result_list_free(&list);
    return ok;
}

static bool review(App *app, const Args *args, int64_t run_id, Report *report, Error *err)
{
    Local *local = NULL;
    ResultList list = {0};
    ReviewTally tally = {0};
    bool ok =
        app_local(app, &local, err) && result_list_load(local, run_id, &list, err) && local_begin(local, err);
    if (ok) {
        ok = decide(local, &list, args, &tally, err);
        if (ok) {
            ok = local_commit(local, err);
        } else {
            local_rollback(local);
        }
    }
    result_list_free(&list);
    ok = ok && result_list_load(local, run_id, &list, err);
    if (ok) {
        report_tally(report, &list, &tally);
        result_list_free(&list);
    }
    return ok;
}

static int count_given(const Args *args, const char *const *options, size_t count)
{
    int given = 0;
    for (size_t i = 0; i < count; i++) {
        given += args_flag(args, options[i]); /* given at all, whatever its kind */
    }
    return given;
}

/* Exactly one way to decide, and for one result exactly one decision. */
static bool check_ways(const Args *args, Error *err)
{
    static const char *const ways[] = {"result", "accept", "from", "decisions", "export"};
    static const char *const verdicts[] = {"choose", "text", "skip", "undecide"};
    int decided = count_given(args, verdicts, COUNT(verdicts));
    if (count_given(args, ways, COUNT(ways)) != 1) {
        error_set(err, ERROR_USAGE,
                  "review takes one of --result ID, --accept LEVEL, --from FILE, --decisions LINES and "
                  "--export");
        return error_hint(err, "see the drafts with: amx history drafts RUN");
    }
    if (args_flag(args, "result") ? decided != 1 : decided != 0) {
        return error_set(err, ERROR_USAGE,
                         "--result ID takes one of --choose N, --text TEXT, --skip and --undecide");
    }
    return true;
}

bool cmd_review(App *app, const Args *args, Report *report, Error *err)
{
    long long run_id;
    bool reads_input = text_equal(args_text(args, "from"), "-");
    return check_ways(args, err) && (!reads_input || app_may_read_input(app, err)) &&
           args_id(args, 0, "run number", &run_id, err) &&
           (args_flag(args, "export") ? export_run : review)(app, args, run_id, report, err);
}
