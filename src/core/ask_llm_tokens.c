#include "ask_llm_tokens.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "memory.h"
#include "sql_words.h"

enum { QUOTED_LIMIT = 256 };

/* The punctuation, arrows and pictures beyond ASCII are no letters. */
size_t ask_llm_name_character(const char *at)
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
        for (size_t more; (more = ask_llm_name_character(at + length)) > 0;) {
            length += more;
        }
    }
    return length;
}

size_t ask_llm_path_length(const char *at, int *parts)
{
    size_t length = part_length(at);
    *parts = length > 0;
    for (size_t more; length > 0 && at[length] == '.' && (more = part_length(at + length + 1)) > 0;) {
        length += 1 + more;
        ++*parts;
    }
    return length;
}

/* Bytes of a number, of a text in quotes, or of a parameter; 0: it is none of these. */
static size_t value_length(const char *at, const char *end)
{
    const char *from = at;
    if (*at == '\'') {
        const char *close = memchr(at + 1, '\'', (size_t)(end - at - 1));
        return close ? (size_t)(close + 1 - at) : 1;
    }
    if (*at == '$' || *at == ':') {
        for (at++; at < end && ask_llm_name_character(at) > 0;) {
            at += ask_llm_name_character(at);
        }
        return (size_t)(at - from);
    }
    while (at < end && isdigit((unsigned char)*at)) {
        at++;
    }
    return at < end && ask_llm_name_character(at) > 0 ? 0 : (size_t)(at - from);
}

/* A name may begin with a digit here. */
static size_t token_length(const char *at, int *parts)
{
    size_t length = ask_llm_path_length(at, parts);
    if (length == 0 && isdigit((unsigned char)*at)) {
        *parts = 1;
        for (size_t more; (more = ask_llm_name_character(at + length)) > 0;) {
            length += more;
        }
    }
    return length;
}

Tokens ask_llm_tokens_read(const char *at, const char *end)
{
    Tokens tokens = {0};
    while (at < end) {
        size_t skipped = isspace((unsigned char)*at) ? 1 : value_length(at, end);
        if (skipped > 0) {
            at += skipped;
            continue;
        }
        Token token = {.at = at};
        token.length = token_length(at, &token.parts);
        token.length = token.length > 0 ? token.length : 1;
        memory_grow((void **)&tokens.items, tokens.count, &tokens.capacity, sizeof *tokens.items);
        tokens.items[tokens.count++] = token;
        at += token.length;
    }
    return tokens;
}

bool ask_llm_token_is_sign(const Tokens *tokens, size_t index, char sign)
{
    return index < tokens->count && tokens->items[index].parts == 0 && *tokens->items[index].at == sign;
}

bool ask_llm_token_is_word(const Tokens *tokens, size_t index, const char *word)
{
    return index < tokens->count && tokens->items[index].length == strlen(word) &&
           strncasecmp(tokens->items[index].at, word, strlen(word)) == 0;
}

bool ask_llm_token_is_sql(const Token *token)
{
    return token->parts == 1 && *token->at != '"' && sql_word(token->at, token->length);
}

bool ask_llm_token_leads_to_table(const Tokens *tokens, size_t index)
{
    static const char *const words[] = {"from", "join", "into", "update", "table", "references"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (ask_llm_token_is_word(tokens, index, words[i])) {
            return true;
        }
    }
    return false;
}

bool ask_llm_token_binds_alias(const Tokens *tokens, size_t index)
{
    const Token *token = &tokens->items[index];
    if (token->parts != 1 || ask_llm_token_is_sql(token)) {
        return false;
    }
    bool follows_name =
        index > 0 && tokens->items[index - 1].parts > 0 && !ask_llm_token_is_sql(&tokens->items[index - 1]);
    return ask_llm_token_is_word(tokens, index - 1, "as") || ask_llm_token_is_sign(tokens, index - 1, ')') ||
           (ask_llm_token_is_word(tokens, index + 1, "as") &&
            ask_llm_token_is_sign(tokens, index + 2, '(')) ||
           (follows_name && (ask_llm_token_leads_to_table(tokens, index - 2) ||
                             ask_llm_token_is_sign(tokens, index - 2, ',')));
}

bool ask_llm_tokens_is_statement(const Tokens *tokens)
{
    static const char *const words[] = {"select", "where", "delete", "insert"};
    for (size_t i = 0; i < tokens->count; i++) {
        bool states = ask_llm_token_leads_to_table(tokens, i);
        for (size_t w = 0; w < sizeof words / sizeof *words; w++) {
            states = states || ask_llm_token_is_word(tokens, i, words[w]);
        }
        if (states) {
            return true;
        }
    }
    return false;
}

bool ask_llm_token_is_value(const Tokens *tokens, size_t index)
{
    const Token *token = &tokens->items[index];
    if (token->parts != 1 || memchr(token->at, '_', token->length) || ask_llm_tokens_is_statement(tokens)) {
        return false;
    }
    if (ask_llm_token_is_sign(tokens, index - 1, '=') ||
        (ask_llm_token_is_sign(tokens, index - 1, '>') && ask_llm_token_is_sign(tokens, index - 2, '<'))) {
        return true;
    }
    size_t first = index;
    while (first > 0 && (ask_llm_token_is_sign(tokens, first - 1, ',') ||
                         (first < index && tokens->items[first - 1].parts == 1))) {
        first--;
    }
    return ask_llm_token_is_sign(tokens, first - 1, '(') && ask_llm_token_is_word(tokens, first - 2, "in");
}
