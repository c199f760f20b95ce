#include "drafter_sql.h"

#include <string.h>
#include <strings.h>

#include "drafter_sql_tokens.h"
#include "memory.h"
#include "text.h"

/* A string literal on one line: what would break it is escaped. */
static char *literal_on_a_line(const char *literal, size_t length)
{
    static const char breaks[] = "\n\r\t", letters[] = "nrt";
    bool escaped = *literal == 'E' || *literal == 'e';
    bool breaking = false;
    for (size_t i = 0; i < length && !breaking; i++) {
        breaking = strchr(breaks, literal[i]);
    }
    if (!breaking) {
        return memory_string_n(literal, length);
    }
    Text text = {0};
    text_add(&text, escaped ? "" : "E");
    for (size_t i = 0; i < length; i++) {
        const char *found = strchr(breaks, literal[i]);
        if (found) {
            text_addf(&text, "\\%c", letters[found - breaks]);
        } else {
            text_add(&text, literal[i] == '\\' && !escaped ? "\\" : "");
            text_add_char(&text, literal[i]);
        }
    }
    return text_take(&text);
}

char *sql_literal(const char *string)
{
    Text literal = {0};
    text_add_char(&literal, '\'');
    for (; *string; string++) {
        text_add(&literal, *string == '\'' ? "'" : "");
        text_add_char(&literal, *string);
    }
    text_add_char(&literal, '\'');
    char *line = literal_on_a_line(text_string(&literal), literal.length);
    text_free(&literal);
    return line;
}

/* Reads a literal at *at and moves on; NULL when there is none. '-1', as PostgreSQL prints a negative number,
 * is shown without quotes. */
static char *read_literal(const SqlTokens *tokens, size_t *at)
{
    const SqlToken *token = &tokens->items[*at];
    bool negative = sql_token_is_symbol(token, "-") && token[1].kind == SQL_TOKEN_NUMBER;
    if (negative) {
        token++;
    }
    bool constant = sql_token_is_word(token, "true") || sql_token_is_word(token, "false");
    if (token->kind != SQL_TOKEN_STRING && token->kind != SQL_TOKEN_NUMBER && !constant) {
        return NULL;
    }
    *at += negative ? 2 : 1;
    const char *start = token->start;
    size_t length = token->length;
    if (token->kind == SQL_TOKEN_STRING && length > 3 && start[0] == '\'' && start[1] == '-' &&
        strspn(start + 2, "0123456789.") == length - 3) {
        start++;
        length -= 2;
    }
    return negative ? text_format("-%.*s", (int)length, start) : literal_on_a_line(start, length);
}

static SqlDefault function_default(const SqlToken *first)
{
    static const char *const now[] = {"now",
                                      "current_timestamp",
                                      "current_date",
                                      "localtimestamp",
                                      "statement_timestamp",
                                      "clock_timestamp",
                                      "transaction_timestamp",
                                      NULL};
    static const char *const uuid[] = {"gen_random_uuid", "uuid_generate_v1", "uuid_generate_v4",
                                       "uuidv4",          "uuidv7",           NULL};
    bool sqlite_now = (sql_token_is_word(first, "datetime") || sql_token_is_word(first, "date")) &&
                      first[1].kind == SQL_TOKEN_STRING && first[1].length == 5 &&
                      strncmp(first[1].start, "'now'", 5) == 0;
    if (sqlite_now || sql_token_is_any(first, now)) {
        return SQL_DEFAULT_NOW;
    }
    return sql_token_is_any(first, uuid)         ? SQL_DEFAULT_UUID
           : sql_token_is_word(first, "nextval") ? SQL_DEFAULT_NEXT
           : sql_token_is_word(first, "null")    ? SQL_DEFAULT_NONE
                                                 : SQL_DEFAULT_OTHER;
}

SqlDefault sql_default(const char *default_value, char **literal)
{
    if (literal) {
        *literal = NULL;
    }
    if (text_is_empty(default_value)) {
        return SQL_DEFAULT_NONE;
    }
    SqlTokens tokens = sql_tokens_flat(default_value, "", NULL); /* a cast may change what is written */
    size_t at = 0;
    SqlDefault kind = SQL_DEFAULT_OTHER;
    char *value = read_literal(&tokens, &at);
    if (value && at == tokens.count) {
        kind = SQL_DEFAULT_LITERAL;
        if (literal) {
            *literal = value;
            value = NULL;
        }
    } else if (!value && tokens.count > 0) {
        free(tokens.items);
        tokens = sql_tokens_flat(default_value, NULL, NULL);
        kind = function_default(&tokens.items[0]);
        /* now() + interval '1 day' is not now */
        size_t used = kind == SQL_DEFAULT_NEXT                             ? 2
                      : strncasecmp(tokens.items[0].start, "date", 4) == 0 ? 2
                                                                           : 1;
        if (tokens.count > used) {
            kind = SQL_DEFAULT_OTHER;
        }
    }
    free(value);
    free(tokens.items);
    return kind;
}

bool sql_mentions(const char *expression, const char *column)
{
    if (!strpbrk(column, "\"`") && !strcasestr(expression, column)) {
        return false; /* nearly always, and without reading tokens; a quote inside a name is written twice */
    }
    SqlTokens tokens = sql_tokens_read(expression);
    bool found = false;
    for (size_t i = 0; i < tokens.count && !found; i++) {
        found = sql_token_names(&tokens.items[i], column);
    }
    free(tokens.items);
    return found;
}

/* "col IN (..)" and "col = ANY (ARRAY[..])", from the token after the column. */
static char *list_rule(const SqlTokens *tokens, size_t at)
{
    bool array =
        sql_token_is_symbol(&tokens->items[at], "=") && sql_token_is_word(&tokens->items[at + 1], "any");
    if (array) {
        at += 2;
        if (!sql_token_is_word(&tokens->items[at], "array") ||
            !sql_token_is_symbol(&tokens->items[at + 1], "[")) {
            return NULL;
        }
        at += 2;
    } else if (sql_token_is_word(&tokens->items[at], "in")) {
        at++;
    } else {
        return NULL;
    }
    Text rule = {0};
    text_add(&rule, "one of ");
    for (bool first = true;; first = false) {
        char *value = read_literal(tokens, &at);
        if (!value) {
            text_free(&rule);
            return NULL;
        }
        text_addf(&rule, "%s%s", first ? "" : ", ", value);
        free(value);
        if (!sql_token_is_symbol(&tokens->items[at], ",")) {
            break;
        }
        at++;
    }
    at += array && sql_token_is_symbol(&tokens->items[at], "]");
    if (at != tokens->count) {
        text_free(&rule);
        return NULL;
    }
    return text_take(&rule);
}

static const char *comparison_words(const SqlToken *symbol)
{
    return sql_token_is_symbol(symbol, ">=")                                        ? "at least"
           : sql_token_is_symbol(symbol, ">")                                       ? "greater than"
           : sql_token_is_symbol(symbol, "<=")                                      ? "at most"
           : sql_token_is_symbol(symbol, "<")                                       ? "less than"
           : sql_token_is_symbol(symbol, "=")                                       ? "always"
           : sql_token_is_symbol(symbol, "<>") || sql_token_is_symbol(symbol, "!=") ? "not"
                                                                                    : NULL;
}

/* "col >= 0" and "col >= 0 AND col <= 9", from the column's token. */
static char *comparison_rule(const SqlTokens *tokens, size_t at, const char *column)
{
    const char *words = comparison_words(&tokens->items[at + 1]);
    size_t symbol = at + 1;
    at += 2;
    char *value = words ? read_literal(tokens, &at) : NULL;
    char *second = NULL;
    char *rule = NULL;
    if (!value) {
        return NULL;
    }
    if (at == tokens->count) {
        bool not_empty = strcmp(words, "not") == 0 && strcmp(value, "''") == 0;
        rule = not_empty ? memory_string("not empty") : text_format("%s %s", words, value);
    } else if (sql_token_is_word(&tokens->items[at], "and") &&
               sql_token_names(&tokens->items[at + 1], column)) {
        const char *also = comparison_words(&tokens->items[at + 2]);
        bool range = sql_token_is_symbol(&tokens->items[symbol], ">=") &&
                     sql_token_is_symbol(&tokens->items[at + 2], "<=");
        at += 3;
        second = also ? read_literal(tokens, &at) : NULL;
        if (second && at == tokens->count) {
            rule = range ? text_format("from %s to %s", value, second)
                         : text_format("%s %s and %s %s", words, value, also, second);
        }
    }
    free(second);
    free(value);
    return rule;
}

static char *between_rule(const SqlTokens *tokens, size_t at)
{
    char *low = read_literal(tokens, &at);
    char *high = NULL;
    if (low && sql_token_is_word(&tokens->items[at], "and")) {
        at++;
        high = read_literal(tokens, &at);
    }
    char *rule = high && at == tokens->count ? text_format("from %s to %s", low, high) : NULL;
    free(high);
    free(low);
    return rule;
}

/* What is compared is the column's value, from the column's token. */
static char *value_rule(const SqlTokens *tokens, size_t at, const char *column)
{
    char *rule = list_rule(tokens, at + 1);
    if (!rule && sql_token_is_word(&tokens->items[at + 1], "between")) {
        rule = between_rule(tokens, at + 2);
    }
    return rule ? rule : comparison_rule(tokens, at, column);
}

char *sql_check_rule(const char *expression, const SqlColumn *column)
{
    static const char *const lengths[] = {"length", "char_length", "character_length", NULL};
    SqlTokens tokens = sql_tokens_flat(expression, column->name, column->type);
    char *rule = NULL;
    size_t at = sql_token_is_word(&tokens.items[0], "check") ? 1 : 0;
    if (sql_token_names(&tokens.items[at], column->name)) {
        rule = column->lenient ? NULL : value_rule(&tokens, at, column->name);
    } else if (sql_token_is_any(&tokens.items[at], lengths) &&
               sql_token_names(&tokens.items[at + 1], column->name)) {
        char *length = comparison_rule(&tokens, at + 1, "");
        rule = length ? text_format("length %s", length) : NULL;
        free(length);
    }
    free(tokens.items);
    return rule;
}
