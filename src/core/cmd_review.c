/* review: decide about some results (--result), by confidence (--accept), from lines (--from, --decisions),
 * or hand the results out to be edited (--export). */
#include "commands.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "apply_doubt.h"
#include "drafter.h"
#include "record.h"
#include "review_lines.h"
#include "runs.h"
#include "text.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const ReportColumn columns[] = {
    {"run", "run", REPORT_NUMBER},
    {"accepted", "accepted", REPORT_NUMBER},
    {"edited", "edited", REPORT_NUMBER},
    {"skipped", "skipped", REPORT_NUMBER},
    {"taken_back", "taken back", REPORT_NUMBER},
    {"replacing", "replacing", REPORT_NUMBER},
    {"undecided", "undecided", REPORT_NUMBER},
};

static const ReportColumn export_columns[] = {
    {"result", "ID", REPORT_NUMBER},       {"origin", NULL, REPORT_TEXT},
    {"schema", "Schema", REPORT_TEXT},     {"table", "Table", REPORT_TEXT},
    {"column", "Column", REPORT_TEXT},     {"confidence", "Conf", REPORT_NUMBER},
    {"decision", "Decision", REPORT_TEXT}, {"choice", NULL, REPORT_NUMBER},
    {"text", "Text", REPORT_WIDE},         {"base_text", NULL, REPORT_TEXT},
    {"alternatives", NULL, REPORT_TEXT},
};

/* "2 accepted, 1 skipped, 1 of them replaces a description that is there, "; owned by the caller. */
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
    if (tally->replacing > 0) {
        text_addf(&text, "%lld of them replace%s a description that is there, ", (long long)tally->replacing,
                  tally->replacing == 1 ? "s" : "");
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

/* How a run stands. */
typedef struct Standing {
    int64_t results;
    int64_t undecided;
    int64_t waiting; /* accepted or edited, and not written yet */
} Standing;

static bool count_waiting(Local *local, int64_t run_id, const char *evaluation, int64_t *waiting, Error *err)
{
    int64_t count = 0;
    RecordFilter filter = {.parent = run_id, .match = {{"evaluation", evaluation}, {"applied_at", NULL}}};
    bool ok = record_total(local, &synced_tables[SYNCED_RUN_RESULTS], &filter, INT64_MAX, &count, err);
    *waiting += count;
    return ok;
}

static bool count_results(Local *local, int64_t run_id, Standing *out, Error *err)
{
    const SyncedTable *table = &synced_tables[SYNCED_RUN_RESULTS];
    RecordFilter all = {.parent = run_id};
    RecordFilter undecided = {.parent = run_id, .match = {{"evaluation", NULL}}};
    return record_total(local, table, &all, INT64_MAX, &out->results, err) &&
           record_total(local, table, &undecided, INT64_MAX, &out->undecided, err) &&
           count_waiting(local, run_id, "accepted", &out->waiting, err) &&
           count_waiting(local, run_id, "edited", &out->waiting, err);
}

static void report_tally(Report *report, int64_t run_id, const Standing *standing, const ReviewTally *tally)
{
    report_object(report, "amx.review/1", columns, COUNT(columns));
    json_t *row = report_row(report);
    row_int(row, "run", run_id);
    row_int(row, "accepted", tally->accepted);
    row_int(row, "edited", tally->edited);
    row_int(row, "skipped", tally->skipped);
    row_int(row, "taken_back", tally->taken_back);
    row_int(row, "replacing", tally->replacing);
    row_int(row, "undecided", standing->undecided);
    char *done = tally_text(tally);
    char *next = next_text(run_id, standing->waiting, standing->undecided);
    report_note(report, "%s%lld of %lld left undecided; %s", done, (long long)standing->undecided,
                (long long)standing->results, next);
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
    static const ReviewDecision accept_first = {.verdict = REVIEW_ACCEPT, .choice = 1};
    for (size_t i = 0; i < list->count; i++) {
        const ResultItem *item = &list->items[i];
        if (!item->evaluation && item->first && item->confidence >= least &&
            !review_decide(local, item, &accept_first, tally, err)) {
            return false;
        }
    }
    return true;
}

/* --- --result --- */

/* One part of "7,9-12". */
typedef struct Range {
    long long first;
    long long last;
} Range;

/* Reads the next part and goes on behind it. */
static bool read_range(const char **at, Range *out)
{
    char *end = NULL;
    if (**at < '0' || **at > '9') {
        return false;
    }
    errno = 0;
    out->first = out->last = strtoll(*at, &end, 10);
    if (*end == '-' && end[1] >= '0' && end[1] <= '9') {
        out->last = strtoll(end + 1, &end, 10);
    }
    bool more = *end == ',' && end[1];
    *at = more ? end + 1 : end;
    return errno == 0 && (more || !*end) && out->first > 0 && out->last >= out->first;
}

static bool no_such_ids(const char *ids, Error *err)
{
    error_set(err, ERROR_USAGE, "--result \"%.60s\" names no results", ids);
    return error_hint(err, "write numbers, and from which to which: 7,9-12");
}

/* The number, when the option names just one result; else 0. */
static long long single_id(const Args *args)
{
    const char *at = args_text(args, "result");
    Range range;
    return at && read_range(&at, &range) && !*at && range.first == range.last ? range.first : 0;
}

static ReviewDecision decision_of(const Args *args)
{
    const char *text = args_text(args, "text");
    return (ReviewDecision){.verdict = text                          ? REVIEW_EDIT
                                       : args_flag(args, "skip")     ? REVIEW_SKIP
                                       : args_flag(args, "undecide") ? REVIEW_UNDECIDE
                                                                     : REVIEW_ACCEPT,
                            .choice = args_number(args, "choose", 1),
                            .text = text};
}

static bool decide_range(Local *local, const ResultList *list, const Range *range,
                         const ReviewDecision *decision, ReviewTally *tally, Error *err)
{
    for (long long id = range->first; id <= range->last; id++) {
        const ResultItem *item = result_list_find(list, id);
        if (!item) {
            error_set(err, ERROR_NOT_FOUND, "run %lld has no result %lld", (long long)list->run_id, id);
            return error_hint(err, "see them with: amx history drafts %lld", (long long)list->run_id);
        }
        if (!review_decide(local, item, decision, tally, err)) {
            return false;
        }
    }
    return true;
}

static bool decide_results(Local *local, const ResultList *list, const Args *args, ReviewTally *tally,
                           Error *err)
{
    const char *ids = args_text(args, "result");
    ReviewDecision decision = decision_of(args);
    Range range;
    const char *at = ids;
    do {
        if (!read_range(&at, &range)) {
            return no_such_ids(ids, err);
        }
        if (!decide_range(local, list, &range, &decision, tally, err)) {
            return false;
        }
    } while (*at);
    return true;
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

static void export_results(const ResultList *list, const char *origin, Report *report)
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
        row_text(row, "origin", origin);
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
static void export_lines(const ResultList *list, const char *origin, Report *report)
{
    Report rows = {0};
    Text lines = {0};
    size_t index;
    const json_t *row;
    export_results(list, origin, &rows);
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

/* What stands in the lines of --from or --decisions; to be freed, also after a failure. */
static bool read_lines(const Args *args, Text *lines, Error *err)
{
    const char *from = args_text(args, "from");
    const char *decisions = args_text(args, "decisions");
    if (decisions && !*decisions) {
        return error_set(err, ERROR_USAGE, "--decisions is empty");
    }
    text_add(lines, decisions ? decisions : "");
    return !from || review_lines_read(from, lines, err);
}

/* Writes what the command line decides, inside a transaction. */
static bool decide(Local *local, ResultList *list, const Args *args, const Text *lines, ReviewTally *tally,
                   Error *err)
{
    const char *level = args_text(args, "accept");
    const char *from = args_text(args, "from");
    double least = 0;
    if (from || args_text(args, "decisions")) {
        return review_lines_take(local, list, from ? from : "--decisions", lines, tally, err);
    }
    if (level) {
        return parse_level(level, &least, err) && accept_level(local, list, least, tally, err);
    }
    return decide_results(local, list, args, tally, err);
}

static bool export_run(App *app, const Args *args, int64_t run_id, Report *report, Error *err)
{
    Local *local = NULL;
    ResultList list = {0};
    bool ok = app_local_read(app, &local, err) && result_list_load(local, run_id, &list, err);
    if (ok && args->format == OUTPUT_TEXT) {
        export_lines(&list, local_origin(local), report);
    } else if (ok) {
        export_results(&list, local_origin(local), report);
    }
    result_list_free(&list);
    return ok;
}

/* What the decisions are about: of a large run, one result is not worth reading all. */
static bool load(Local *local, const Args *args, int64_t run_id, ResultList *list, Error *err)
{
    long long id = single_id(args);
    return id ? result_list_load_one(local, run_id, id, list, err)
              : result_list_load(local, run_id, list, err);
}

/* In one transaction, so that nobody decides between what is read here and what is written. */
static bool load_and_decide(Local *local, const Args *args, int64_t run_id, const Text *lines,
                            ReviewTally *tally, Error *err)
{
    ResultList list = {0};
    if (!local_begin(local, err)) {
        return false;
    }
    bool ok = load(local, args, run_id, &list, err) && decide(local, &list, args, lines, tally, err);
    result_list_free(&list);
    if (!ok) {
        local_rollback(local);
    }
    return ok && local_commit(local, err);
}

/* Input may be long in coming: nothing is locked while it is waited for. */
static bool review(App *app, const Args *args, int64_t run_id, Report *report, Error *err)
{
    Local *local = NULL;
    Text lines = {0};
    ReviewTally tally = {0};
    Standing standing = {0};
    bool ok = read_lines(args, &lines, err) && app_local(app, &local, err) &&
              load_and_decide(local, args, run_id, &lines, &tally, err) &&
              count_results(local, run_id, &standing, err);
    text_free(&lines);
    if (ok) {
        report_tally(report, run_id, &standing, &tally);
    }
    return ok && apply_doubt_tell(local, run_id, report, err);
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
                  "review takes one of --result IDS, --accept LEVEL, --from FILE, --decisions LINES and "
                  "--export");
        return error_hint(err, "see the drafts with: amx history drafts RUN");
    }
    if (args_flag(args, "result") ? decided != 1 : decided != 0) {
        return error_set(err, ERROR_USAGE,
                         "--result takes one of --choose N, --text TEXT, --skip and --undecide");
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
