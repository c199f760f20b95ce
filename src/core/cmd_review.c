/* review: decide by confidence (--accept), from a file (--from), or hand the results out to be edited
 * (--export). */
#include "commands.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drafter.h"
#include "object_name.h"
#include "run_results.h"
#include "runs.h"
#include "text.h"

#define LONGEST_TEXT 10000
#define COUNT(array) (sizeof(array) / sizeof *(array))

static const ReportColumn columns[] = {
    {"run", "run", REPORT_NUMBER},
    {"accepted", "accepted", REPORT_NUMBER},
    {"edited", "edited", REPORT_NUMBER},
    {"skipped", "skipped", REPORT_NUMBER},
    {"undecided", "undecided", REPORT_NUMBER},
};

static const ReportColumn export_columns[] = {
    {"result", "ID", REPORT_NUMBER},       {"schema", "Schema", REPORT_TEXT},
    {"table", "Table", REPORT_TEXT},       {"column", "Column", REPORT_TEXT},
    {"confidence", "Conf", REPORT_NUMBER}, {"decision", "Decision", REPORT_TEXT},
    {"choice", NULL, REPORT_NUMBER},       {"text", "Text", REPORT_WIDE},
    {"base_text", NULL, REPORT_TEXT},      {"alternatives", NULL, REPORT_TEXT},
};

typedef struct Tally {
    int64_t accepted, edited, skipped;
} Tally;

static void report_tally(Report *report, const ResultList *list, const Tally *tally)
{
    int64_t undecided = 0;
    for (size_t i = 0; i < list->count; i++) {
        undecided += list->items[i].evaluation == NULL;
    }
    report_object(report, "amx.review/1", columns, COUNT(columns));
    json_t *row = report_row(report);
    row_int(row, "run", list->run_id);
    row_int(row, "accepted", tally->accepted);
    row_int(row, "edited", tally->edited);
    row_int(row, "skipped", tally->skipped);
    row_int(row, "undecided", undecided);
    report_note(report,
                "%lld accepted, %lld edited, %lld skipped, %lld of %zu left undecided; next: amx apply %lld",
                (long long)tally->accepted, (long long)tally->edited, (long long)tally->skipped,
                (long long)undecided, list->count, (long long)list->run_id);
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

static bool accept_level(Local *local, const ResultList *list, double least, Tally *tally, Error *err)
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

/* --- --from --- */

typedef struct Lines {
    const char *name; /* for messages */
    FILE *file;
    long number;
    char *line;
    size_t capacity;
} Lines;

static bool bad_line(const Lines *lines, Error *err, const char *what)
{
    error_set(err, ERROR_USAGE, "%s:%ld: %s", lines->name, lines->number, what);
    return error_hint(err, "nothing was recorded; a line is "
                           "{\"result\":7,\"decision\":\"accept\",\"choice\":1}, or \"edit\" with "
                           "\"text\", or \"skip\"; amx review RUN --export prints such lines");
}

static const ResultItem *item_of(const ResultList *list, const json_t *line)
{
    const json_t *id = json_object_get(line, "result");
    if (json_is_integer(id)) {
        return result_list_find(list, json_integer_value(id));
    }
    const char *table = json_string_value(json_object_get(line, "table"));
    return table ? result_list_find_named(list, json_string_value(json_object_get(line, "schema")), table,
                                          json_string_value(json_object_get(line, "column")))
                 : NULL;
}

static const char *alternative(json_t *alternatives, const json_t *line)
{
    const json_t *choice = json_object_get(line, "choice");
    json_int_t number = json_is_integer(choice) ? json_integer_value(choice) : 1;
    return number >= 1 ? json_string_value(json_array_get(alternatives, (size_t)number - 1)) : NULL;
}

static bool decide(Local *local, const Lines *lines, const ResultItem *item, const json_t *line, Tally *tally,
                   Error *err)
{
    const char *decision = json_string_value(json_object_get(line, "decision"));
    const char *text = json_string_value(json_object_get(line, "text"));
    if (!decision) {
        return true; /* exported, and left undecided */
    }
    if (strcmp(decision, "skip") == 0 || strcmp(decision, "skipped") == 0) {
        tally->skipped++;
        return runs_evaluate(local, item->id, "skipped", NULL, err);
    }
    json_t *alternatives = json_loads(item->alternatives, 0, NULL);
    bool edit = strcmp(decision, "edit") == 0 || strcmp(decision, "edited") == 0;
    bool accept = strcmp(decision, "accept") == 0 || strcmp(decision, "accepted") == 0;
    const char *chosen = edit ? text : alternative(alternatives, line);
    bool ok;
    if (!edit && !accept) {
        ok = bad_line(lines, err, "the decision is not \"accept\", \"edit\" or \"skip\"");
    } else if (text_is_empty(chosen)) {
        ok = bad_line(lines, err, edit ? "an edit needs a text" : "there is no alternative with that number");
    } else if (strlen(chosen) > LONGEST_TEXT) {
        ok = bad_line(lines, err, "the text is longer than 10000 bytes");
    } else {
        tally->edited += edit;
        tally->accepted += accept;
        ok = runs_evaluate(local, item->id, edit ? "edited" : "accepted", chosen, err);
    }
    json_decref(alternatives);
    return ok;
}

static bool take_line(Local *local, const ResultList *list, const Lines *lines, size_t length, Tally *tally,
                      Error *err)
{
    json_error_t why;
    size_t mark =
        lines->number == 1 && text_starts(lines->line, "\xef\xbb\xbf") ? 3 : 0; /* some editors leave one */
    json_t *line = json_loadb(lines->line + mark, length - mark, JSON_REJECT_DUPLICATES, &why);
    bool ok;
    if (!json_is_object(line)) {
        ok = bad_line(lines, err, line ? "this is no JSON object" : "this is no JSON");
    } else {
        const ResultItem *item = item_of(list, line);
        ok = item ? decide(local, lines, item, line, tally, err)
                  : bad_line(lines, err, "names no result of this run");
    }
    json_decref(line);
    return ok;
}

static bool read_lines(Local *local, const ResultList *list, Lines *lines, Tally *tally, Error *err)
{
    ssize_t length;
    while ((length = getline(&lines->line, &lines->capacity, lines->file)) >= 0) {
        lines->number++;
        if (lines->line[strspn(lines->line, " \t\r\n")] != '\0' &&
            !take_line(local, list, lines, (size_t)length, tally, err)) {
            return false;
        }
    }
    return feof(lines->file) ||
           error_set(err, ERROR_USAGE, "%s can't be read: %s", lines->name, strerror(errno));
}

static bool accept_file(Local *local, const ResultList *list, const char *name, Tally *tally, Error *err)
{
    bool standard = strcmp(name, "-") == 0;
    Lines lines = {.name = standard ? "standard input" : name, .file = standard ? stdin : fopen(name, "re")};
    if (!lines.file) {
        return error_set(err, ERROR_USAGE, "%s can't be read: %s", name, strerror(errno));
    }
    bool ok = read_lines(local, list, &lines, tally, err);
    if (!standard) {
        fclose(lines.file);
    }
    free(lines.line);
    return ok;
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

static bool review(Local *local, const Args *args, int64_t run_id, Report *report, Error *err)
{
    const char *level = args_text(args, "accept");
    const char *from = args_text(args, "from");
    ResultList list;
    Tally tally = {0};
    double least = 0;
    bool ok = result_list_load(local, run_id, &list, err);
    if (ok && args_flag(args, "export")) {
        if (args->format == OUTPUT_TEXT) {
            export_lines(&list, report);
        } else {
            export_results(&list, report);
        }
        result_list_free(&list);
        return true;
    }
    ok = ok && (!level || parse_level(level, &least, err)) && local_begin(local, err);
    if (ok) {
        ok = from ? accept_file(local, &list, from, &tally, err)
                  : accept_level(local, &list, least, &tally, err);
        if (ok) {
            ok = local_commit(local, err);
        } else {
            local_rollback(local);
        }
    }
    result_list_free(&list);
    if (ok && (ok = result_list_load(local, run_id, &list, err))) {
        report_tally(report, &list, &tally);
        result_list_free(&list);
    }
    return ok;
}

bool cmd_review(App *app, const Args *args, Report *report, Error *err)
{
    Local *local = NULL;
    long long run_id;
    int ways =
        (args_text(args, "accept") != NULL) + (args_text(args, "from") != NULL) + args_flag(args, "export");
    if (ways != 1) {
        error_set(err, ERROR_USAGE, "review takes one of --accept LEVEL, --from FILE and --export");
        return error_hint(err, "see the drafts with: amx history results RUN");
    }
    return args_id(args, 0, "run number", &run_id, err) && app_local(app, &local, err) &&
           review(local, args, run_id, report, err);
}
