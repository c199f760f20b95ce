#include "ask_llm_values.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "ask_llm_tokens.h"
#include "memory.h"
#include "text.h"

enum { LINKS = 4, UUID_LENGTH = 36 };

static const char digits[] = "0123456789";

/* Do all characters belong to this set? */
static bool consists_of(const char *at, const char *end, const char *set)
{
    return at < end && at + strspn(at, set) >= end;
}

/* Is the word one of the list, in any case? The list ends with NULL. */
static bool is_one_of(const char *word, size_t length, const char *const *list)
{
    while (*list && (strlen(*list) != length || strncasecmp(*list, word, length) != 0)) {
        list++;
    }
    return *list != NULL;
}

/* --- the passage by itself --- */

static bool is_number(const char *at, const char *end)
{
    if (text_starts(at, "0x")) {
        return consists_of(at + 2, end, "0123456789abcdefABCDEF");
    }
    return (*at == '+' || *at == '-' || isdigit((unsigned char)*at)) &&
           consists_of(at, end, "0123456789+-.:/%, TZeE") && at + strcspn(at, digits) < end;
}

static bool is_uuid(const char *at, const char *end)
{
    return end - at == UUID_LENGTH && consists_of(at, end, "0123456789abcdefABCDEF-");
}

static bool is_format(const char *at, const char *end)
{
    return consists_of(at, end, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-:/. ") &&
           memchr(at, '-', (size_t)(end - at));
}

bool ask_llm_value_is_literal(const char *at, const char *end)
{
    const size_t length = (size_t)(end - at);
    bool quoted = length > 1 && *at == '\'' && memchr(at + 1, '\'', length - 1) == end - 1;
    return quoted || (length == 1 && isalpha((unsigned char)*at)) ||
           (length > 0 && (is_number(at, end) || is_uuid(at, end) || is_format(at, end)));
}

bool ask_llm_value_is_file(const char *at, const char *end)
{
    static const char *const kinds[] = {"avro",  "conf", "csv",    "db",   "gz",  "html",    "ini", "json",
                                        "jsonl", "log",  "md",     "ods",  "orc", "parquet", "pdf", "py",
                                        "sh",    "sql",  "sqlite", "toml", "tsv", "txt",     "xls", "xlsx",
                                        "xml",   "yaml", "yml",    "zip",  NULL};
    static const char characters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./~*";
    const char *dot = memrchr(at, '.', (size_t)(end - at));
    bool rooted = *at == '/' || text_starts(at, "./") || text_starts(at, "~/");
    return consists_of(at, end, characters) && !text_starts(at, "//") && end - at > 1 &&
           (rooted || (dot && dot > at && is_one_of(dot + 1, (size_t)(end - dot - 1), kinds)));
}

bool ask_llm_value_is_plain(const char *at, const char *end)
{
    bool lower = false, underscore = false;
    for (const char *c = at; c < end; c++) {
        if (*c != '-' && *c != ' ' &&
            (*c == '$' || ((unsigned char)*c < 0x80 && ask_llm_name_character(c) == 0))) {
            return false;
        }
        lower = lower || islower((unsigned char)*c);
        underscore = underscore || *c == '_';
    }
    return at < end && (!underscore || !lower);
}

/* --- the text around it --- */

/* What may stand between a passage and the words beside it. */
static const char wrapping[] = " \t\n`'\"(*";

static bool is_letter(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

/* Moves *at back to the beginning of the word before it; returns its bytes, 0 when something else is there,
 * behind which *at is then. */
static size_t word_before(const char *text, const char **at)
{
    while (*at > text && strchr(wrapping, (*at)[-1])) {
        --*at;
    }
    const char *end = *at;
    while (*at > text && is_letter((*at)[-1])) {
        --*at;
    }
    return (size_t)(end - *at);
}

/* The same of the word behind. */
static size_t word_behind(const char **at)
{
    size_t length = 0;
    *at += strspn(*at, "`'\")*");
    *at += strspn(*at, " \t\n");
    while (is_letter((*at)[length])) {
        length++;
    }
    return length;
}

/* "`open`, `closed` or `lost`": only that stands between it and a value. */
static bool continues_list(const AskLlmPlace *place)
{
    static const char *const words[] = {"and", "or", NULL};
    const char *at = place->value;
    while (at && at < place->at) {
        size_t length = 0;
        while (is_letter(at[length])) {
            length++;
        }
        if (length == 0 ? !strchr(" \t\n`'\",/|", *at) : !is_one_of(at, length, words)) {
            return false;
        }
        at += length > 0 ? length : 1;
    }
    return at != NULL;
}

/* "status = ", "status <> ". */
static bool is_compared(const char *text, const char *at)
{
    return at > text && (at[-1] == '=' || (at[-1] == '>' && at - 1 > text && at[-2] == '<'));
}

/* "status is ", "the value ", "status = ", "values: ". */
static bool is_led_to(const AskLlmPlace *place)
{
    static const char *const leads[] = {"value",    "values", "constant", "constants", "literal",
                                        "literals", "equals", "set",      "marked",    NULL};
    static const char *const links[] = {"is",    "are",  "was", "were", "be",     "can",
                                        "may",   "must", "not", "only", "always", "either",
                                        "equal", "such", "as",  "like", NULL};
    const char *at = place->at;
    bool to = false;
    for (int i = 0; i <= LINKS; i++) {
        size_t length = word_before(place->text, &at);
        if (length == 0 && i == 0 && at > place->text && at[-1] == ':') {
            at--;
            length = word_before(place->text, &at);
        }
        if (length == 0) {
            return is_compared(place->text, at);
        }
        if (is_one_of(at, length, leads)) {
            return true;
        }
        bool link = is_one_of(at, length, links);
        if (!link && !(i == 0 && length == 2 && strncasecmp(at, "to", length) == 0)) {
            char *name = memory_string_n(at, length);
            bool column = !to && place->is_column(place->context, name);
            free(name);
            return column;
        }
        to = to || !link;
    }
    return false;
}

bool ask_llm_value_is_placed(const AskLlmPlace *place)
{
    static const char *const what[] = {"value", "values",   "status",  "state",
                                       "flag",  "constant", "literal", NULL};
    const char *behind = place->end;
    size_t length = word_behind(&behind);
    return is_one_of(behind, length, what) || continues_list(place) || is_led_to(place);
}

bool ask_llm_value_is_object(const AskLlmPlace *place)
{
    static const char *const what[] = {"table", "tables", "column", "columns", "view",
                                       "views", "field",  "fields", "schema",  NULL};
    const char *before = place->at, *behind = place->end;
    size_t before_length = word_before(place->text, &before), behind_length = word_behind(&behind);
    return is_one_of(before, before_length, what) || is_one_of(behind, behind_length, what);
}
