/* Which casts in an expression may be overlooked: those that make of every value the value itself. PostgreSQL
 * adds such ones on its own; one that a person wrote may round, cut or fold what is compared. */
#include <string.h>

#include "drafter_sql_tokens.h"
#include "memory.h"
#include "text.h"

/* What is read, and the column whose type is known. */
typedef struct Reading {
    const SqlToken *items;
    const char *column;
    const char *type; /* or NULL */
} Reading;

/* Types of literals that no cast stands behind. */
#define STRING_TYPE "unknown"
#define NUMBER_TYPE "number" /* with a fraction or an exponent; another one is an integer */

static bool is_integer(const char *type)
{
    return text_equal(type, "smallint") || text_equal(type, "integer") || text_equal(type, "bigint");
}

/* "numeric" of "numeric(5,2)", "timestamp with time zone" of "timestamp(3) with time zone". */
static char *without_modifier(const char *type)
{
    const char *open = strchr(type, '(');
    const char *close = open ? strchr(open, ')') : NULL;
    return close ? text_format("%.*s%s", (int)(open - type), type, close + 1) : memory_string(type);
}

static bool keeps_values(const char *from, const char *to)
{
    static const char *const kept[][2] = {
        {"name", "text"},
        {"character varying", "text"},
        {"text", "character varying"},
        {"character", "bpchar"},
        {"smallint", "real"},
        {"smallint", "double precision"},
        {"integer", "double precision"},
        {"real", "double precision"},
        {"date", "timestamp without time zone"},
        {NUMBER_TYPE, "numeric"},
        {NUMBER_TYPE, "real"},
        {NUMBER_TYPE, "double precision"},
    };
    if (strcmp(from, to) == 0) {
        return true;
    }
    if (strchr(to, '(')) {
        return false;
    }
    char *base = without_modifier(from);
    /* among integers, what does not fit is an error and no other value */
    bool same = strcmp(base, to) == 0 || strcmp(base, STRING_TYPE) == 0 ||
                (is_integer(base) && (is_integer(to) || strcmp(to, "numeric") == 0));
    for (size_t i = 0; i < sizeof kept / sizeof *kept && !same; i++) {
        same = strcmp(base, kept[i][0]) == 0 && strcmp(to, kept[i][1]) == 0;
    }
    free(base);
    return same;
}

/* The index after a cast's type, given the index of "::". */
static size_t cast_end(const SqlToken *items, size_t at)
{
    static const char *const more[] = {"varying", "precision", "with", "without", "time", "zone", NULL};
    if (!sql_token_is_identifier(&items[++at])) {
        return at;
    }
    at++;
    while (sql_token_is_symbol(&items[at], ".") && sql_token_is_identifier(&items[at + 1])) {
        at += 2;
    }
    for (;;) {
        if (sql_token_is_any(&items[at], more)) {
            at++;
        } else if (sql_token_is_symbol(&items[at], "(") && items[at + 1].kind == SQL_TOKEN_NUMBER) {
            while (items[at].kind != SQL_TOKEN_END && !sql_token_is_symbol(&items[at], ")")) {
                at++;
            }
            at += items[at].kind != SQL_TOKEN_END;
        } else if (sql_token_is_symbol(&items[at], "[") && sql_token_is_symbol(&items[at + 1], "]")) {
            at += 2;
        } else {
            return at;
        }
    }
}

/* The type that the cast at `at` names, as it is written; owned by the caller. */
static char *cast_type(const SqlToken *items, size_t at)
{
    const SqlToken *first = &items[at + 1];
    const SqlToken *last = &items[cast_end(items, at) - 1];
    return last < first ? NULL
                        : memory_string_n(first->start, (size_t)(last->start - first->start) + last->length);
}

static int depth_of(const SqlToken *token)
{
    bool opens = sql_token_is_symbol(token, "(") || sql_token_is_symbol(token, "[");
    bool closes = sql_token_is_symbol(token, ")") || sql_token_is_symbol(token, "]");
    return opens - closes;
}

/* The index of the parenthesis or bracket that the one at `at` closes; `at` when there is none. */
static size_t opening(const SqlToken *items, size_t at)
{
    int depth = 0;
    for (size_t i = at + 1; i-- > 0;) {
        depth += depth_of(&items[i]);
        if (depth >= 0) {
            return i;
        }
    }
    return at;
}

/* Where what is cast at `at` begins; `at` when that is not certain, as behind another cast or a function. */
static size_t operand_start(const SqlToken *items, size_t at)
{
    static const char *const keywords[] = {"and", "any", "check", "in", "not", "or", NULL};
    if (at == 0 || (at > 1 && sql_token_is_symbol(&items[at - 2], "::"))) {
        return at;
    }
    if (depth_of(&items[at - 1]) == 0) {
        return at - 1;
    }
    size_t start = opening(items, at - 1);
    if (start == 0) {
        return start;
    }
    bool array = sql_token_is_symbol(&items[start], "[") && sql_token_is_word(&items[start - 1], "array");
    bool called =
        sql_token_is_identifier(&items[start - 1]) && !sql_token_is_any(&items[start - 1], keywords);
    return array ? start - 1 : called ? at : start;
}

static char *token_type(const Reading *reading, const SqlToken *token)
{
    if (token->kind == SQL_TOKEN_STRING) {
        return memory_string(STRING_TYPE);
    }
    if (token->kind == SQL_TOKEN_NUMBER) {
        bool whole = !memchr(token->start, '.', token->length) && !memchr(token->start, 'e', token->length) &&
                     !memchr(token->start, 'E', token->length);
        return memory_string(whole ? "integer" : NUMBER_TYPE);
    }
    return sql_token_names(token, reading->column) ? memory_string(reading->type) : NULL;
}

/* The type of the operand from `from` up to `to`: of a literal, an array of them, the column, or of what one
 * of these is cast to. NULL for anything else. Owned by the caller. */
static char *operand_type(const Reading *reading, size_t from, size_t to)
{
    const SqlToken *items = reading->items;
    while (from + 1 < to && sql_token_is_symbol(&items[from], "(") && opening(items, to - 1) == from) {
        from++;
        to--;
    }
    bool negative =
        from + 2 == to && sql_token_is_symbol(&items[from], "-") && items[from + 1].kind == SQL_TOKEN_NUMBER;
    if (from + 1 == to || negative) {
        return token_type(reading, &items[to - 1]);
    }
    if (from < to && sql_token_is_word(&items[from], "array")) { /* of one type, so that the first tells it */
        size_t end = from + 2;
        for (int depth = 0; end < to - 1 && (depth > 0 || !sql_token_is_symbol(&items[end], ",")); end++) {
            depth += depth_of(&items[end]);
        }
        char *element = end > from + 2 ? operand_type(reading, from + 2, end) : NULL;
        char *type = element ? text_format("%s[]", element) : NULL;
        free(element);
        return type;
    }
    for (size_t at = to; at-- > from + 1;) {
        if (sql_token_is_symbol(&items[at], "::")) {
            bool whole = cast_end(items, at) == to && operand_start(items, at) == from;
            return whole ? cast_type(items, at) : NULL;
        }
    }
    return NULL;
}

/* Where both end with "[]": what holds of the elements holds of arrays. */
static bool strip_array(char *from, char *to)
{
    size_t length = strlen(from), other = strlen(to);
    bool arrays =
        length > 2 && other > 2 && strcmp(from + length - 2, "[]") == 0 && strcmp(to + other - 2, "[]") == 0;
    if (arrays) {
        from[length - 2] = to[other - 2] = '\0';
    }
    return arrays;
}

/* May the cast at `at` be overlooked? */
static bool is_harmless(const Reading *reading, size_t at)
{
    size_t start = operand_start(reading->items, at);
    char *from = start < at ? operand_type(reading, start, at) : NULL;
    char *to = cast_type(reading->items, at);
    if (from && to) {
        strip_array(from, to);
    }
    bool harmless = from && to && keeps_values(from, to);
    free(to);
    free(from);
    return harmless;
}

SqlTokens sql_tokens_flat(const char *sql, const char *column, const char *type)
{
    SqlTokens all = sql_tokens_read(sql);
    Reading reading = {all.items, column, type};
    SqlTokens flat = {.items = memory_zero(all.count + 1, sizeof *flat.items)};
    for (size_t i = 0; i < all.count;) {
        bool cast = sql_token_is_symbol(&all.items[i], "::");
        size_t end = cast ? cast_end(all.items, i) : i + 1;
        for (bool kept = !cast || (column && !is_harmless(&reading, i)); kept && i < end; i++) {
            if (!sql_token_is_symbol(&all.items[i], "(") && !sql_token_is_symbol(&all.items[i], ")")) {
                flat.items[flat.count++] = all.items[i];
            }
        }
        i = end;
    }
    flat.items[flat.count] = all.items[all.count];
    free(all.items);
    return flat;
}
