#include "pg_rule.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* A token, as pg_strtok() cuts them: a bracket, or what stands between blanks and brackets. A backslash takes
 * the meaning from the next character, so that no name is mistaken for a bracket. */
typedef struct Token {
    const char *start;
    size_t length; /* 0: the end */
} Token;

static Token next_token(const char **at)
{
    const char *start = *at + strspn(*at, " \t\n");
    const char *end = start;
    if (*end && strchr("(){}", *end)) {
        end++;
    } else {
        while (*end && !strchr(" \t\n(){}", *end)) {
            end += *end == '\\' && end[1] ? 2 : 1;
        }
    }
    *at = end;
    return (Token){start, (size_t)(end - start)};
}

static bool is(Token token, const char *text)
{
    return token.length == strlen(text) && !memcmp(token.start, text, token.length);
}

/* Passes the rest of what an opening bracket began. */
static void skip_group(const char **at)
{
    for (int depth = 1; depth > 0;) {
        Token token = next_token(at);
        if (token.length == 0) {
            return;
        }
        depth += is(token, "{") || is(token, "(");
        depth -= is(token, "}") || is(token, ")");
    }
}

/* The value of a field: one token, or a group that it opens and that is passed over. */
static Token next_value(const char **at)
{
    Token token = next_token(at);
    if (is(token, "{") || is(token, "(")) {
        skip_group(at);
    }
    return token;
}

/* One target entry behind its "{TARGETENTRY". */
static PgRuleColumn read_entry(const char **at, bool *junk)
{
    PgRuleColumn column = {0};
    *junk = false;
    for (Token field = next_token(at); field.length && !is(field, "}"); field = next_token(at)) {
        Token value = next_value(at);
        if (is(field, ":resno")) {
            column.number = (int)strtol(value.start, NULL, 10);
        } else if (is(field, ":resorigtbl")) {
            column.from_table = (unsigned)strtoul(value.start, NULL, 10);
        } else if (is(field, ":resorigcol")) {
            column.from_column = (int)strtol(value.start, NULL, 10);
        } else if (is(field, ":resjunk")) {
            *junk = is(value, "true");
        }
    }
    return column;
}

void pg_rule_columns(const char *action, void (*found)(void *context, const PgRuleColumn *column),
                     void *context)
{
    const char *at = action;
    if (!is(next_token(&at), "(") || !is(next_token(&at), "{") || !is(next_token(&at), "QUERY")) {
        return;
    }
    Token field = next_token(&at);
    while (field.length && !is(field, ":targetList")) {
        next_value(&at);
        field = next_token(&at);
    }
    if (!field.length || !is(next_token(&at), "(")) {
        return;
    }
    while (is(next_token(&at), "{") && is(next_token(&at), "TARGETENTRY")) {
        bool junk;
        PgRuleColumn column = read_entry(&at, &junk);
        if (!junk && column.number > 0 && column.from_table && column.from_column > 0) {
            found(context, &column);
        }
    }
}
