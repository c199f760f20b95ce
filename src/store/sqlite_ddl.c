/* Reading CHECK constraints out of CREATE TABLE text, and expressions out of CREATE INDEX text. SQLite has
 * parsed the text already, so it is well formed; what matters here is where tokens end, so that quotes,
 * comments and nested parentheses fool nobody.
 */
#include "database_sqlite.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "memory.h"

typedef struct Token {
    const char *start;
    size_t length;
} Token;

static bool is_word_character(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '$' || (unsigned char)c >= 0x80;
}

static const char *skip_blanks(const char *at)
{
    for (;;) {
        if (isspace((unsigned char)*at)) {
            at++;
        } else if (text_starts(at, "--")) {
            at += strcspn(at, "\n");
        } else if (text_starts(at, "/*")) {
            const char *end = strstr(at + 2, "*/");
            at = end ? end + 2 : at + strlen(at);
        } else {
            return at;
        }
    }
}

/* 'text' and "name" double their quotes to hold one; [name] can't hold a ']'. */
static size_t quoted_length(const char *start)
{
    char end = *start;
    const char *at = start + 1;
    if (end == '[') {
        end = ']';
    }
    while (*at && (*at != end || (end != ']' && at[1] == end))) {
        at += *at == end ? 2 : 1;
    }
    return (size_t)(at - start) + (*at != '\0');
}

static Token next_token(const char *at)
{
    at = skip_blanks(at);
    Token token = {.start = at};
    if (*at && strchr("'\"`[", *at)) {
        token.length = quoted_length(at);
    } else if (is_word_character(*at)) {
        while (is_word_character(at[token.length])) {
            token.length++;
        }
    } else {
        token.length = *at != '\0';
    }
    return token;
}

static bool is_word(Token token, const char *word)
{
    return token.length == strlen(word) && !strncasecmp(token.start, word, token.length);
}

static bool is_character(Token token, char c)
{
    return token.length == 1 && *token.start == c;
}

static char *unquoted(Token token)
{
    if (!strchr("'\"`[", *token.start)) {
        return memory_string_n(token.start, token.length);
    }
    Text name = {0};
    char quote = *token.start;
    for (size_t i = 1; i + 1 < token.length; i++) {
        text_add_char(&name, token.start[i]);
        i += token.start[i] == quote;
    }
    return text_take(&name);
}

/* The text between an opening parenthesis and the one that closes it, trimmed; *end is behind the latter. */
static char *parenthesized(const char *open, const char **end)
{
    int depth = 0;
    const char *first = skip_blanks(open + 1), *last = first;
    Token token = next_token(open);
    for (; token.length; token = next_token(token.start + token.length)) {
        depth += is_character(token, '(') - is_character(token, ')');
        if (depth == 0) {
            break;
        }
        last = token.start + token.length;
    }
    *end = token.start + token.length;
    return memory_string_n(first, last > first ? (size_t)(last - first) : 0);
}

void sqlite_ddl_checks(const char *create_table,
                       void (*found)(void *context, const char *name, const char *check), void *context)
{
    int depth = 0;
    char *name = NULL; /* of the constraint that CONSTRAINT has just named */
    for (Token token = next_token(create_table); token.length;
         token = next_token(token.start + token.length)) {
        depth += is_character(token, '(') - is_character(token, ')');
        Token next = next_token(token.start + token.length);
        if (depth == 1 && is_word(token, "CONSTRAINT")) {
            free(name);
            name = unquoted(next);
            token = next;
        } else if (depth == 1 && is_word(token, "CHECK") && is_character(next, '(')) {
            const char *end;
            char *check = parenthesized(next.start, &end);
            found(context, name, check);
            free(check);
            free(name);
            name = NULL;
            token = (Token){.start = end};
        } else if (name) {
            free(name);
            name = NULL;
        }
    }
    free(name);
}

/* One part of an index's key. A plain column is one word, after which only its order may stand. */
static void add_expression(Text *expressions, const char *start, const char *end)
{
    Token first = next_token(start);
    Token second = next_token(first.start + first.length);
    bool name = is_word_character(*first.start) || strchr("\"`[", *first.start);
    bool plain = name && (second.start >= end || is_word(second, "ASC") || is_word(second, "DESC") ||
                          is_word(second, "COLLATE"));
    if (!plain && first.start < end) {
        text_add(expressions, expressions->length ? ", " : "");
        text_add_n(expressions, first.start, (size_t)(end - first.start));
    }
}

void sqlite_ddl_index(const char *create_index, char **expressions, char **predicate)
{
    Text found = {0};
    int depth = 0;
    const char *part = NULL, *last = NULL; /* of the key, and where the token before ended */
    *predicate = NULL;
    for (Token token = next_token(create_index); token.length && !*predicate;
         token = next_token(token.start + token.length)) {
        depth += is_character(token, '(') - is_character(token, ')');
        bool closes = depth == 0 && is_character(token, ')');
        if (depth == 1 && is_character(token, '(') && !part) {
            part = token.start + 1;
        } else if (part && (closes || (depth == 1 && is_character(token, ',')))) {
            add_expression(&found, part, last);
            part = closes ? NULL : token.start + 1;
        } else if (depth == 0 && is_word(token, "WHERE")) {
            const char *rest = skip_blanks(token.start + token.length);
            *predicate = memory_string(rest);
        }
        last = token.start + token.length;
    }
    *expressions = found.length ? text_take(&found) : NULL;
}
