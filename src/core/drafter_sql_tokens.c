#include "drafter_sql_tokens.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "memory.h"
#include "text.h"

static const char *skip_blank(const char *at)
{
    for (;;) {
        if (isspace((unsigned char)*at)) {
            at++;
        } else if (at[0] == '-' && at[1] == '-') {
            at += strcspn(at, "\n");
        } else if (at[0] == '/' && at[1] == '*') {
            const char *end = strstr(at + 2, "*/");
            at = end ? end + 2 : at + strlen(at);
        } else {
            return at;
        }
    }
}

/* The end of a quoted token that starts at `at`; a doubled quote stands for itself. */
static const char *quoted_end(const char *at, bool backslash)
{
    char quote = *at++;
    for (; *at; at++) {
        if (backslash && *at == '\\' && at[1]) {
            at++;
        } else if (*at == quote) {
            if (at[1] != quote) {
                return at + 1;
            }
            at++;
        }
    }
    return at;
}

static bool in_identifier(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '$' || (unsigned char)c >= 0x80;
}

static SqlToken next_token(const char *at)
{
    SqlToken token = {SQL_TOKEN_END, at, 0};
    const char *end = at;
    if (!*at) {
        return token;
    }
    if (*at == '\'') {
        token.kind = SQL_TOKEN_STRING;
        end = quoted_end(at, false);
    } else if ((*at == 'E' || *at == 'e') && at[1] == '\'') {
        token.kind = SQL_TOKEN_STRING;
        end = quoted_end(at + 1, true);
    } else if (*at == '"' || *at == '`') {
        token.kind = SQL_TOKEN_QUOTED;
        end = quoted_end(at, false);
    } else if (isdigit((unsigned char)*at)) {
        token.kind = SQL_TOKEN_NUMBER;
        while (isalnum((unsigned char)*end) || *end == '.') {
            end++;
        }
    } else if (in_identifier(*at)) {
        token.kind = SQL_TOKEN_WORD;
        while (in_identifier(*end)) {
            end++;
        }
    } else {
        token.kind = SQL_TOKEN_SYMBOL;
        bool pair = text_starts(at, "::") || text_starts(at, "<=") || text_starts(at, ">=") ||
                    text_starts(at, "<>") || text_starts(at, "!=") || text_starts(at, "||");
        end = at + (pair ? 2 : 1);
    }
    token.length = (size_t)(end - at);
    return token;
}

SqlTokens sql_tokens_read(const char *sql)
{
    SqlTokens tokens = {0};
    for (;;) {
        memory_grow((void **)&tokens.items, tokens.count, &tokens.capacity, sizeof *tokens.items);
        SqlToken token = next_token(skip_blank(sql));
        tokens.items[tokens.count] = token;
        if (token.kind == SQL_TOKEN_END) {
            return tokens;
        }
        tokens.count++;
        sql = token.start + token.length;
    }
}

bool sql_token_is_word(const SqlToken *token, const char *word)
{
    return token->kind == SQL_TOKEN_WORD && token->length == strlen(word) &&
           strncasecmp(token->start, word, token->length) == 0;
}

bool sql_token_is_any(const SqlToken *token, const char *const *words)
{
    for (; *words; words++) {
        if (sql_token_is_word(token, *words)) {
            return true;
        }
    }
    return false;
}

bool sql_token_is_symbol(const SqlToken *token, const char *symbol)
{
    return token->kind == SQL_TOKEN_SYMBOL && token->length == strlen(symbol) &&
           strncmp(token->start, symbol, token->length) == 0;
}

bool sql_token_is_identifier(const SqlToken *token)
{
    return token->kind == SQL_TOKEN_WORD || token->kind == SQL_TOKEN_QUOTED;
}

char *sql_token_name(const SqlToken *token)
{
    if (token->kind == SQL_TOKEN_WORD) {
        return memory_string_n(token->start, token->length);
    }
    Text name = {0};
    char quote = token->start[0];
    for (size_t i = 1; i + 1 < token->length; i++) {
        text_add_char(&name, token->start[i]);
        i += token->start[i] == quote;
    }
    return text_take(&name);
}

/* Unquoted identifiers are compared without regard to case: both databases fold them. */
bool sql_token_names(const SqlToken *token, const char *column)
{
    if (!sql_token_is_identifier(token)) {
        return false;
    }
    char *name = sql_token_name(token);
    bool same = token->kind == SQL_TOKEN_WORD ? strcasecmp(name, column) == 0 : strcmp(name, column) == 0;
    free(name);
    return same;
}
