#include "ask_llm_names.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "ask_work.h"
#include "memory.h"
#include "object_name.h"

enum { QUOTED_LIMIT = 256, ALIAS_LETTERS = 2 };

typedef struct Check {
    const AskQuestion *question;
    json_t *known; /* schemas, types and columns that may stand by themselves, in lower case, each true */
    Words *unknown;
    Error *err;
} Check;

/* --- where names are in a text --- */

/* Bytes of the character, when it may be part of a name that is not quoted; else 0. The punctuation, arrows
 * and pictures beyond ASCII are no letters. */
static size_t name_character(const char *at)
{
    const unsigned char lead = (unsigned char)*at;
    if (lead < 0x80) {
        return isalnum(lead) || lead == '_' || lead == '$' ? 1 : 0;
    }
    bool sign = lead <= 0xc2 || lead == 0xe2 || lead == 0xef || lead >= 0xf0 ||
                (lead == 0xe3 && (unsigned char)at[1] == 0x80);
    return sign ? 0 : lead < 0xe0 ? 2 : 3;
}

/* Bytes of a part of a name: customer, "odd name"; 0: there is none. */
static size_t part_length(const char *at)
{
    if (*at == '"') {
        size_t length = strcspn(at + 1, "\"`\n");
        return at[1 + length] == '"' && length > 0 && length < QUOTED_LIMIT ? length + 2 : 0;
    }
    size_t length = 0;
    if (!isdigit((unsigned char)*at)) {
        for (size_t more; (more = name_character(at + length)) > 0;) {
            length += more;
        }
    }
    return length;
}

static size_t path_length(const char *at, int *parts)
{
    size_t length = part_length(at);
    *parts = length > 0;
    for (size_t more; length > 0 && at[length] == '.' && (more = part_length(at + length + 1)) > 0;) {
        length += 1 + more;
        ++*parts;
    }
    return length;
}

/* --- which of them are known --- */

static void know(Check *check, const char *name)
{
    char *lower = memory_string(name ? name : "");
    for (char *at = lower; *at; at++) {
        *at = (char)tolower((unsigned char)*at);
    }
    if (json_object_set_new(check->known, lower, json_true()) != 0) {
        memory_exhausted();
    }
    free(lower);
}

static bool is_known(const Check *check, const char *name)
{
    char *lower = memory_string(name);
    for (char *at = lower; *at; at++) {
        *at = (char)tolower((unsigned char)*at);
    }
    bool known = json_object_get(check->known, lower) != NULL;
    free(lower);
    return known;
}

static const char *member(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static void know_context(Check *check, const AskContext *context)
{
    size_t index, at;
    const json_t *table, *column;
    json_array_foreach(context->tables, index, table)
    {
        know(check, member(table, "schema"));
        json_array_foreach(json_object_get(table, "columns"), at, column)
        {
            know(check, member(column, "name"));
            know(check, member(column, "type"));
        }
    }
}

static void know_column(void *context, const CatalogObject *object)
{
    if (object->column) {
        know(context, object->column);
        know(context, object->type);
    }
}

static bool know_cited(Check *check, const json_t *citations)
{
    const AskQuestion *question = check->question;
    size_t index;
    const json_t *cited;
    bool ok = true;
    json_array_foreach(citations, index, cited)
    {
        know(check, member(cited, "schema"));
        ok = ok && catalog_cache_list(question->local, question->fingerprint, member(cited, "schema"),
                                      member(cited, "table"), know_column, check, check->err);
    }
    return ok;
}

static void take_table(void *context, const CatalogObject *object)
{
    ask_subject_add(context, object->schema, object->table, NULL);
}

typedef struct ColumnSearch {
    const char *name; /* in any case */
    bool found;
} ColumnSearch;

static void look_for(void *context, const CatalogObject *object)
{
    ColumnSearch *search = context;
    search->found = search->found || (object->column && strcasecmp(object->column, search->name) == 0);
}

/* Is there such a table (`schema` NULL: in any), with such a column when one is given? */
static bool exists(Check *check, const char *schema, const char *table, const char *column, bool *out)
{
    const AskQuestion *question = check->question;
    AskSubjects tables = {0};
    ColumnSearch search = {.name = column};
    bool ok = catalog_cache_named(question->local, question->fingerprint, schema, table, take_table, &tables,
                                  check->err);
    for (size_t i = 0; ok && column && !search.found && i < tables.count; i++) {
        ok = catalog_cache_list(question->local, question->fingerprint, tables.items[i].schema,
                                tables.items[i].table, look_for, &search, check->err);
    }
    *out = column ? search.found : tables.count > 0;
    ask_subjects_free(&tables);
    return ok;
}

/* o.customer_id, where o is an alias; and "e.g", which is no name at all. */
static bool is_aliased(const Check *check, const char *alias, const char *column)
{
    return strlen(alias) <= ALIAS_LETTERS && (is_known(check, column) || !column[1]);
}

static bool look_up(Check *check, char *const *parts, int count, bool *found)
{
    if (count == 3) {
        return exists(check, parts[0], parts[1], parts[2], found);
    }
    if (count == 2) {
        *found = is_aliased(check, parts[0], parts[1]);
        return *found || (exists(check, parts[0], parts[1], NULL, found) &&
                          (*found || exists(check, NULL, parts[0], parts[1], found)));
    }
    *found = is_known(check, parts[0]);
    return *found || exists(check, NULL, parts[0], NULL, found);
}

static bool has(const Words *words, const char *word)
{
    for (size_t i = 0; i < words->count; i++) {
        if (text_equal(words->items[i], word)) {
            return true;
        }
    }
    return false;
}

static bool check_path(Check *check, const char *at, size_t length)
{
    ObjectScope scope = {0};
    bool found = false, ok = true;
    char *path = memory_string_n(at, length);
    if (object_scope_parse(path, &scope, NULL)) {
        ok = look_up(check, scope.parts, scope.count, &found);
    }
    if (ok && !found && !has(check->unknown, path)) {
        words_add(check->unknown, path);
    }
    object_scope_free(&scope);
    free(path);
    return ok;
}

/* --- the text --- */

/* A passage: names of several parts are checked, and with `quoted` also one that is all of it. */
static bool check_passage(Check *check, const char *at, size_t length, bool quoted)
{
    const char *end = at + length;
    while (at < end) {
        int parts;
        size_t used = path_length(at, &parts);
        if ((parts > 1 || (quoted && parts == 1 && used == length)) && !check_path(check, at, used)) {
            return false;
        }
        if (used == 0) { /* a number with letters behind it is no name, and neither are the letters */
            for (size_t more; (more = name_character(at + used)) > 0;) {
                used += more;
            }
        }
        at += used > 0 ? used : 1;
    }
    return true;
}

/* Passages in turn: outside backticks, and between them. Backticks that nothing closes quote nothing. */
static bool check_text(Check *check, const char *at)
{
    while (*at) {
        size_t plain = strcspn(at, "`");
        if (!check_passage(check, at, plain, false)) {
            return false;
        }
        at += plain;
        size_t ticks = strspn(at, "`");
        char *fence = memory_string_n(at, ticks);
        const char *close = ticks ? strstr(at + ticks, fence) : NULL;
        free(fence);
        at += ticks;
        if (close) {
            if (!check_passage(check, at, (size_t)(close - at), true)) {
                return false;
            }
            at = close + ticks;
        }
    }
    return true;
}

bool ask_llm_names_check(const AskQuestion *question, const AskContext *context, const json_t *citations,
                         const char *text, Words *unknown, Error *err)
{
    Check check = {.question = question, .known = json_object(), .unknown = unknown, .err = err};
    know_context(&check, context);
    bool ok = know_cited(&check, citations) && check_text(&check, text);
    json_decref(check.known);
    return ok;
}
