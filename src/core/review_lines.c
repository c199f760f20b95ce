#include "review_lines.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "object_name.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* --- reading --- */

static bool read_all(FILE *file, Text *out)
{
    char part[16 * 1024];
    size_t length;
    while ((length = fread(part, 1, sizeof part, file)) > 0) {
        text_add_n(out, part, length);
    }
    return !ferror(file);
}

static const char *shown_name(const char *name)
{
    return strcmp(name, "-") == 0 ? "standard input" : name;
}

bool review_lines_read(const char *name, Text *out, Error *err)
{
    FILE *file = strcmp(name, "-") == 0 ? stdin : fopen(name, "re");
    bool ok = file && read_all(file, out);
    if (!ok) {
        error_set(err, ERROR_USAGE, "%s can't be read: %s", shown_name(name), strerror(errno));
    }
    if (file && file != stdin) {
        fclose(file);
    }
    return ok;
}

/* --- what a line may say --- */

#define TYPE(type) (1u << (type))
#define ANY_NUMBER (TYPE(JSON_INTEGER) | TYPE(JSON_REAL))
#define TEXT_OR_NULL (TYPE(JSON_STRING) | TYPE(JSON_NULL))

static const struct Member {
    const char *key;
    const char *wanted;
    unsigned types;
} members[] = {
    {"result", "a whole number, without quotes", TYPE(JSON_INTEGER)},
    {"origin", "a text", TYPE(JSON_STRING)},
    {"schema", "a text", TYPE(JSON_STRING)},
    {"table", "a text", TYPE(JSON_STRING)},
    {"column", "a text, or null for the table itself", TEXT_OR_NULL},
    {"confidence", "a number", ANY_NUMBER},
    {"decision", "\"accept\", \"edit\", \"skip\", \"undecide\" or null", TEXT_OR_NULL},
    {"choice", "a whole number from 1, without quotes", TYPE(JSON_INTEGER)},
    {"text", "a text, or null", TEXT_OR_NULL},
    {"base_text", "a text, or null", TEXT_OR_NULL},
    {"alternatives", "a list of texts, or null", TYPE(JSON_ARRAY) | TYPE(JSON_NULL)},
};

static const struct Member *find_member(const char *key)
{
    for (size_t i = 0; i < COUNT(members); i++) {
        if (strcmp(key, members[i].key) == 0) {
            return &members[i];
        }
    }
    return NULL;
}

static bool check_members(json_t *line, Error *err)
{
    const char *key;
    json_t *value;
    json_object_foreach(line, key, value)
    {
        const struct Member *member = find_member(key);
        if (!member) {
            return error_set(err, ERROR_USAGE, "there is no key \"%.60s\"", key);
        }
        if (!(member->types & TYPE(json_typeof(value)))) {
            char *shown = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_ENSURE_ASCII);
            error_set(err, ERROR_USAGE, "\"%s\" is %.60s; it has to be %s", key, shown, member->wanted);
            free(shown);
            return false;
        }
    }
    return true;
}

static const char *text_of(const json_t *line, const char *key)
{
    return json_string_value(json_object_get(line, key));
}

/* --- which result it is about --- */

/* Everything the line says of the object's name is so. */
static bool fits(const json_t *line, const ResultItem *item)
{
    const char *schema = text_of(line, "schema");
    const char *table = text_of(line, "table");
    return (!schema || text_equal(schema, item->schema)) && (!table || text_equal(table, item->table)) &&
           (!json_object_get(line, "column") || text_equal(text_of(line, "column"), item->column));
}

/* The number means nothing here, or something else, and the names don't help. */
static void not_found(const json_t *line, const ResultItem *numbered, Error *err)
{
    const json_t *id = json_object_get(line, "result");
    char *named = object_name(text_of(line, "schema"), text_of(line, "table"), text_of(line, "column"));
    char *here = numbered ? object_name(numbered->schema, numbered->table, numbered->column) : NULL;
    if (!id) {
        error_set(err, ERROR_USAGE, *named ? "%s is no result of this run" : "names no result of this run",
                  named);
    } else if (here) {
        error_set(err, ERROR_USAGE, "result %lld is %s in this run, and not %s",
                  (long long)json_integer_value(id), here, named);
    } else {
        error_set(err, ERROR_USAGE, "result %lld is none of this run%s%s", (long long)json_integer_value(id),
                  *named ? ", nor is " : ", and the line names no table", named);
    }
    free(here);
    free(named);
}

/* By its number where that was given here and fits the names; else by the names. Without "column" a line is
 * about the table itself, unless a number told more. NULL after an error. */
static const ResultItem *find_result(Local *local, ResultList *list, const json_t *line, Error *err)
{
    const json_t *id = json_object_get(line, "result");
    const char *origin = text_of(line, "origin");
    const char *table = text_of(line, "table");
    bool ours = !origin || text_equal(origin, local_origin(local));
    bool named = table && (!id || json_object_get(line, "column"));
    const ResultItem *numbered = id && ours ? result_list_find(list, json_integer_value(id)) : NULL;
    const ResultItem *item = numbered && fits(line, numbered) ? numbered : NULL;
    if (!item && named &&
        !result_list_find_named(list, text_of(line, "schema"), table, text_of(line, "column"), &item, err)) {
        return NULL;
    }
    if (!item) {
        not_found(line, numbered, err);
    }
    return item;
}

/* --- what it decides --- */

static bool parse_verdict(const char *name, ReviewVerdict *out)
{
    static const struct {
        const char *name;
        const char *recorded; /* as history.db calls it */
    } names[] = {[REVIEW_ACCEPT] = {"accept", "accepted"},
                 [REVIEW_EDIT] = {"edit", "edited"},
                 [REVIEW_SKIP] = {"skip", "skipped"},
                 [REVIEW_UNDECIDE] = {"undecide", "undecided"}};
    for (size_t i = 0; i < COUNT(names); i++) {
        if (text_equal(name, names[i].name) || text_equal(name, names[i].recorded)) {
            *out = (ReviewVerdict)i;
            return true;
        }
    }
    return false;
}

/* The number, from 1, of the alternative that reads like this; 0 when none does. */
static long long number_of(const json_t *alternatives, const char *text)
{
    size_t index;
    const json_t *alternative;
    json_array_foreach(alternatives, index, alternative)
    {
        if (text_equal(json_string_value(alternative), text)) {
            return (long long)index + 1;
        }
    }
    return 0;
}

/* The text that the line accepts, of the alternatives that its writer saw; NULL after an error. */
static const char *accepted_text(const json_t *line, const json_t *seen, Error *err)
{
    const json_t *choice = json_object_get(line, "choice");
    const char *text = text_of(line, "text");
    long long number = choice ? json_integer_value(choice) : 1;
    const char *chosen = number > 0 ? json_string_value(json_array_get(seen, (size_t)number - 1)) : NULL;
    long long other = text ? number_of(seen, text) : 0;
    if (text && !choice) {
        return text;
    }
    if (!chosen) {
        error_set(err, ERROR_USAGE, "there is no alternative %lld; there are %zu", number,
                  json_array_size(seen));
        return NULL;
    }
    if (other && !text_equal(text, chosen)) {
        error_set(err, ERROR_USAGE,
                  "\"choice\" is %lld, and \"text\" is alternative %lld; leave one of them out", number,
                  other);
        return NULL;
    }
    return text ? text : chosen;
}

/* As a choice of this run's alternatives, where it is one; else it is a text of one's own. */
static bool resolve_accepted(const json_t *line, const json_t *own, ReviewDecision *decision, Error *err)
{
    const json_t *seen = json_object_get(line, "alternatives");
    const char *text = accepted_text(line, json_is_array(seen) ? seen : own, err);
    decision->choice = number_of(own, text);
    decision->verdict = decision->choice ? REVIEW_ACCEPT : REVIEW_EDIT;
    decision->text = text;
    return text;
}

/* A text of one's own: none that the writer of the line was shown, or that this run holds. */
static bool is_own_text(const json_t *line, const json_t *own, const ResultItem *item)
{
    const json_t *seen = json_object_get(line, "alternatives");
    const char *text = text_of(line, "text");
    return !text_is_blank(text) && number_of(json_is_array(seen) ? seen : own, text) == 0 &&
           !text_equal(text, item->chosen_text);
}

/* A text or a choice that nobody decided for would be lost without a word. */
static bool check_undecided(const json_t *line, const json_t *own, const ResultItem *item, Error *err)
{
    bool changed = is_own_text(line, own, item);
    return (!changed && !json_object_get(line, "choice")) ||
           error_set(err, ERROR_USAGE, "there is a %s and no decision; set \"decision\" to \"%s\"",
                     changed ? "text of your own" : "choice", changed ? "edit" : "accept");
}

/* And so would a text beside a decision that writes none. */
static bool check_textless(const json_t *line, const json_t *own, const ResultItem *item, Error *err)
{
    return !is_own_text(line, own, item) ||
           error_set(err, ERROR_USAGE,
                     "there is a text of your own, and the decision is \"%s\"; set \"decision\" to "
                     "\"edit\", or leave the text out",
                     text_of(line, "decision"));
}

static bool take_decision(Local *local, const ResultItem *item, const json_t *line, const json_t *own,
                          ReviewTally *tally, Error *err)
{
    const char *name = text_of(line, "decision");
    ReviewDecision decision = {.text = text_of(line, "text")};
    bool ok = false;
    if (!name) {
        return check_undecided(line, own, item, err);
    }
    if (!parse_verdict(name, &decision.verdict)) {
        return error_set(err, ERROR_USAGE,
                         "the decision is not \"accept\", \"edit\", \"skip\" or \"undecide\"");
    }
    switch (decision.verdict) {
    case REVIEW_ACCEPT:
        ok = resolve_accepted(line, own, &decision, err);
        break;
    case REVIEW_EDIT:
        ok = true;
        break;
    case REVIEW_SKIP:
    case REVIEW_UNDECIDE:
        ok = check_textless(line, own, item, err);
        break;
    }
    return ok && review_decide(local, item, &decision, tally, err);
}

static bool take_object(Local *local, ResultList *list, json_t *line, ReviewTally *tally, Error *err)
{
    const ResultItem *item = check_members(line, err) ? find_result(local, list, line, err) : NULL;
    if (!item) {
        return false;
    }
    json_t *own = json_loads(item->alternatives, 0, NULL);
    bool ok = take_decision(local, item, line, own, tally, err);
    json_decref(own);
    return ok;
}

/* --- lines --- */

static bool bad_line(const char *name, long number, Error *err)
{
    error_prefix(err, "%s:%ld: ", name, number);
    return error_hint(err, "nothing was recorded; a line is "
                           "{\"result\":7,\"decision\":\"accept\",\"choice\":1}, or \"edit\" with "
                           "\"text\", or \"skip\" or \"undecide\"; amx review RUN --export prints such "
                           "lines");
}

static bool is_blank(const char *line, size_t length)
{
    size_t i = 0;
    while (i < length && line[i] && strchr(" \t\r\n", line[i])) {
        i++;
    }
    return i == length;
}

static bool take_line(Local *local, ResultList *list, const char *line, size_t length, ReviewTally *tally,
                      Error *err)
{
    json_t *object = json_loadb(line, length, JSON_REJECT_DUPLICATES, NULL);
    bool ok = json_is_object(object)
                  ? take_object(local, list, object, tally, err)
                  : error_set(err, ERROR_USAGE, object ? "this is no JSON object" : "this is no JSON");
    json_decref(object);
    return ok;
}

bool review_lines_take(Local *local, ResultList *list, const char *name, const Text *lines,
                       ReviewTally *tally, Error *err)
{
    static const char mark[] = "\xef\xbb\xbf"; /* some editors leave one */
    const char *at = text_string(lines);
    const char *end = at + lines->length;
    long number = 0;
    bool ok = true;
    at += text_starts(at, mark) ? strlen(mark) : 0;
    while (ok && at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t length = (size_t)((stop ? stop : end) - at);
        number++;
        ok = is_blank(at, length) || take_line(local, list, at, length, tally, err);
        at += length + 1;
    }
    return ok || (err && err->kind != ERROR_USAGE ? false : bad_line(shown_name(name), number, err));
}
