#include "review_decide.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "runs.h"
#include "text.h"

/* --- one --- */

static bool accept(Local *local, const ResultItem *item, long long choice, Error *err)
{
    json_t *alternatives = json_loads(item->alternatives, 0, NULL);
    size_t count = json_array_size(alternatives);
    const char *text =
        choice >= 1 ? json_string_value(json_array_get(alternatives, (size_t)choice - 1)) : NULL;
    bool ok = text && *text;
    if (ok) {
        ok = runs_evaluate(local, item->id, "accepted", text, err);
    } else {
        error_set(err, ERROR_USAGE, "there is no alternative %lld; result %lld has %zu", choice,
                  (long long)item->id, count);
        error_hint(err, count > 0 ? "choose one of them, or write a text of your own (--text)"
                                  : "write a text of your own (--text), or skip it (--skip)");
    }
    json_decref(alternatives);
    return ok;
}

static bool edit(Local *local, const ResultItem *item, const char *text, Error *err)
{
    if (text_is_empty(text)) {
        error_set(err, ERROR_USAGE, "an edit needs a text, and that of result %lld is empty",
                  (long long)item->id);
        return error_hint(err, "write one, or leave the database as it is with a skip");
    }
    if (strlen(text) > REVIEW_LONGEST_TEXT) {
        error_set(err, ERROR_USAGE, "the text for result %lld is longer than %d bytes", (long long)item->id,
                  REVIEW_LONGEST_TEXT);
        return error_hint(err, "shorten it; the decision stays as it was");
    }
    return runs_evaluate(local, item->id, "edited", text, err);
}

bool review_decide(Local *local, const ResultItem *item, const ReviewDecision *decision, ReviewTally *tally,
                   Error *err)
{
    switch (decision->verdict) {
    case REVIEW_ACCEPT:
        tally->accepted++;
        return accept(local, item, decision->choice, err);
    case REVIEW_EDIT:
        tally->edited++;
        return edit(local, item, decision->text, err);
    case REVIEW_SKIP:
        tally->skipped++;
        return runs_evaluate(local, item->id, "skipped", NULL, err);
    case REVIEW_UNDECIDE:
        tally->taken_back++;
        return runs_evaluate(local, item->id, NULL, NULL, err);
    }
    return error_set(err, ERROR_USAGE, "an unknown decision");
}

/* --- many --- */

typedef struct Lines {
    const char *name; /* for messages */
    FILE *file;
    long number;
    char *line;
    size_t capacity;
} Lines;

static bool bad_line(const Lines *lines, Error *err)
{
    error_prefix(err, "%s:%ld: ", lines->name, lines->number);
    return error_hint(err, "nothing was recorded; a line is "
                           "{\"result\":7,\"decision\":\"accept\",\"choice\":1}, or \"edit\" with "
                           "\"text\", or \"skip\" or \"undecide\"; amx review RUN --export prints such "
                           "lines");
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

static bool parse_verdict(const char *name, ReviewVerdict *out)
{
    static const struct {
        const char *name;
        const char *recorded; /* as history.db calls it */
    } names[] = {[REVIEW_ACCEPT] = {"accept", "accepted"},
                 [REVIEW_EDIT] = {"edit", "edited"},
                 [REVIEW_SKIP] = {"skip", "skipped"},
                 [REVIEW_UNDECIDE] = {"undecide", "undecided"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (text_equal(name, names[i].name) || text_equal(name, names[i].recorded)) {
            *out = (ReviewVerdict)i;
            return true;
        }
    }
    return false;
}

static bool take_object(Local *local, const ResultList *list, const json_t *line, ReviewTally *tally,
                        Error *err)
{
    const ResultItem *item = item_of(list, line);
    const json_t *name = json_object_get(line, "decision");
    const json_t *choice = json_object_get(line, "choice");
    ReviewDecision decision = {.choice = json_is_integer(choice) ? json_integer_value(choice) : 1,
                               .text = json_string_value(json_object_get(line, "text"))};
    if (!item) {
        return error_set(err, ERROR_USAGE, "names no result of this run");
    }
    if (!json_is_string(name)) {
        return true; /* exported, and left undecided */
    }
    if (!parse_verdict(json_string_value(name), &decision.verdict)) {
        return error_set(err, ERROR_USAGE,
                         "the decision is not \"accept\", \"edit\", \"skip\" or \"undecide\"");
    }
    return review_decide(local, item, &decision, tally, err);
}

static bool take_line(Local *local, const ResultList *list, const Lines *lines, size_t length,
                      ReviewTally *tally, Error *err)
{
    json_error_t why;
    size_t mark =
        lines->number == 1 && text_starts(lines->line, "\xef\xbb\xbf") ? 3 : 0; /* some editors leave one */
    json_t *line = json_loadb(lines->line + mark, length - mark, JSON_REJECT_DUPLICATES, &why);
    bool ok = json_is_object(line)
                  ? take_object(local, list, line, tally, err)
                  : error_set(err, ERROR_USAGE, line ? "this is no JSON object" : "this is no JSON");
    json_decref(line);
    return ok || (err && err->kind != ERROR_USAGE ? false : bad_line(lines, err));
}

static bool read_lines(Local *local, const ResultList *list, Lines *lines, ReviewTally *tally, Error *err)
{
    ssize_t length;
    bool ok = true;
    while (ok && (length = getline(&lines->line, &lines->capacity, lines->file)) >= 0) {
        lines->number++;
        if (lines->line[strspn(lines->line, " \t\r\n")] != '\0') {
            ok = take_line(local, list, lines, (size_t)length, tally, err);
        }
    }
    ok = ok && (feof(lines->file) ||
                error_set(err, ERROR_USAGE, "%s can't be read: %s", lines->name, strerror(errno)));
    free(lines->line);
    return ok;
}

bool review_decide_file(Local *local, const ResultList *list, const char *name, ReviewTally *tally,
                        Error *err)
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
    return ok;
}

bool review_decide_lines(Local *local, const ResultList *list, const char *text, ReviewTally *tally,
                         Error *err)
{
    if (!*text) {
        return error_set(err, ERROR_USAGE, "--decisions is empty");
    }
    char *bytes = memory_string(text);
    Lines lines = {.name = "--decisions", .file = fmemopen(bytes, strlen(bytes), "r")};
    bool ok = lines.file ? read_lines(local, list, &lines, tally, err)
                         : error_set(err, ERROR_SYSTEM, "--decisions can't be read: %s", strerror(errno));
    if (lines.file) {
        fclose(lines.file);
    }
    free(bytes);
    return ok;
}
