#include "drafter_sql.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "memory.h"
#include "text.h"

typedef enum TokenKind {
    TOKEN_END,
    TOKEN_WORD,
    TOKEN_QUOTED,
    TOKEN_STRING,
    TOKEN_NUMBER,
    TOKEN_SYMBOL
} TokenKind;

typedef struct Token {
    TokenKind kind;
    const char *start;
    size_t length;
} Token;

typedef struct Tokens {
    Token *items; /* ends with TOKEN_END */
    size_t count; /* without the end */
    size_t capacity;
} Tokens;

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

static Token next_token(const char *at)
{
    Token token = {TOKEN_END, at, 0};
    const char *end = at;
    if (!*at) {
        return token;
    }
    if (*at == '\'') {
        token.kind = TOKEN_STRING;
        end = quoted_end(at, false);
    } else if ((*at == 'E' || *at == 'e') && at[1] == '\'') {
        token.kind = TOKEN_STRING;
        end = quoted_end(at + 1, true);
    } else if (*at == '"' || *at == '`') {
        token.kind = TOKEN_QUOTED;
        end = quoted_end(at, false);
    } else if (isdigit((unsigned char)*at)) {
        token.kind = TOKEN_NUMBER;
        while (isalnum((unsigned char)*end) || *end == '.') {
            end++;
        }
    } else if (in_identifier(*at)) {
        token.kind = TOKEN_WORD;
        while (in_identifier(*end)) {
            end++;
        }
    } else {
        token.kind = TOKEN_SYMBOL;
        bool pair = text_starts(at, "::") || text_starts(at, "<=") || text_starts(at, ">=") ||
                    text_starts(at, "<>") || text_starts(at, "!=") || text_starts(at, "||");
        end = at + (pair ? 2 : 1);
    }
    token.length = (size_t)(end - at);
    return token;
}

static Tokens tokens_read(const char *sql)
{
    Tokens tokens = {0};
    for (;;) {
        memory_grow((void **)&tokens.items, tokens.count, &tokens.capacity, sizeof *tokens.items);
        Token token = next_token(skip_blank(sql));
        tokens.items[tokens.count] = token;
        if (token.kind == TOKEN_END) {
            return tokens;
        }
        tokens.count++;
        sql = token.start + token.length;
    }
}

static bool is_word(const Token *token, const char *word)
{
    return token->kind == TOKEN_WORD && token->length == strlen(word) &&
           strncasecmp(token->start, word, token->length) == 0;
}

static bool is_any_word(const Token *token, const char *const *words)
{
    for (; *words; words++) {
        if (is_word(token, *words)) {
            return true;
        }
    }
    return false;
}

static bool is_symbol(const Token *token, const char *symbol)
{
    return token->kind == TOKEN_SYMBOL && token->length == strlen(symbol) &&
           strncmp(token->start, symbol, token->length) == 0;
}

static bool is_identifier(const Token *token)
{
    return token->kind == TOKEN_WORD || token->kind == TOKEN_QUOTED;
}

/* The name that an identifier token stands for, as it is written. */
static char *token_name(const Token *token)
{
    if (token->kind == TOKEN_WORD) {
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
static bool names_column(const Token *token, const char *column)
{
    if (!is_identifier(token)) {
        return false;
    }
    char *name = token_name(token);
    bool same = token->kind == TOKEN_WORD ? strcasecmp(name, column) == 0 : strcmp(name, column) == 0;
    free(name);
    return same;
}

/* The index after a cast's type, given the index of "::". */
static size_t cast_end(const Tokens *tokens, size_t at)
{
    static const char *const more[] = {"varying", "precision", "with", "without", "time", "zone", NULL};
    const Token *items = tokens->items;
    if (!is_identifier(&items[++at])) {
        return at;
    }
    at++;
    while (is_symbol(&items[at], ".") && is_identifier(&items[at + 1])) {
        at += 2;
    }
    for (;;) {
        if (is_any_word(&items[at], more)) {
            at++;
        } else if (is_symbol(&items[at], "(") && items[at + 1].kind == TOKEN_NUMBER) {
            while (items[at].kind != TOKEN_END && !is_symbol(&items[at], ")")) {
                at++;
            }
            at += items[at].kind != TOKEN_END;
        } else if (is_symbol(&items[at], "[") && is_symbol(&items[at + 1], "]")) {
            at += 2;
        } else {
            return at;
        }
    }
}

/* The tokens without casts and parentheses: what is left of the simple forms is flat. */
static Tokens tokens_flat(const char *sql)
{
    Tokens all = tokens_read(sql);
    Tokens flat = {.items = memory_zero(all.count + 1, sizeof *flat.items)};
    for (size_t i = 0; i < all.count;) {
        if (is_symbol(&all.items[i], "::")) {
            i = cast_end(&all, i);
            continue;
        }
        if (!is_symbol(&all.items[i], "(") && !is_symbol(&all.items[i], ")")) {
            flat.items[flat.count++] = all.items[i];
        }
        i++;
    }
    flat.items[flat.count] = all.items[all.count];
    free(all.items);
    return flat;
}

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
static char *read_literal(const Tokens *tokens, size_t *at)
{
    const Token *token = &tokens->items[*at];
    bool negative = is_symbol(token, "-") && token[1].kind == TOKEN_NUMBER;
    if (negative) {
        token++;
    }
    bool constant = is_word(token, "true") || is_word(token, "false");
    if (token->kind != TOKEN_STRING && token->kind != TOKEN_NUMBER && !constant) {
        return NULL;
    }
    *at += negative ? 2 : 1;
    const char *start = token->start;
    size_t length = token->length;
    if (token->kind == TOKEN_STRING && length > 3 && start[0] == '\'' && start[1] == '-' &&
        strspn(start + 2, "0123456789.") == length - 3) {
        start++;
        length -= 2;
    }
    return negative ? text_format("-%.*s", (int)length, start) : literal_on_a_line(start, length);
}

static SqlDefault function_default(const Token *first)
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
    bool sqlite_now = (is_word(first, "datetime") || is_word(first, "date")) &&
                      first[1].kind == TOKEN_STRING && first[1].length == 5 &&
                      strncmp(first[1].start, "'now'", 5) == 0;
    if (sqlite_now || is_any_word(first, now)) {
        return SQL_DEFAULT_NOW;
    }
    return is_any_word(first, uuid)    ? SQL_DEFAULT_UUID
           : is_word(first, "nextval") ? SQL_DEFAULT_NEXT
           : is_word(first, "null")    ? SQL_DEFAULT_NONE
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
    Tokens tokens = tokens_flat(default_value);
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
    Tokens tokens = tokens_read(expression);
    bool found = false;
    for (size_t i = 0; i < tokens.count && !found; i++) {
        found = names_column(&tokens.items[i], column);
    }
    free(tokens.items);
    return found;
}

/* "col IN (..)" and "col = ANY (ARRAY[..])", from the token after the column. */
static char *list_rule(const Tokens *tokens, size_t at)
{
    bool array = is_symbol(&tokens->items[at], "=") && is_word(&tokens->items[at + 1], "any");
    if (array) {
        at += 2;
        if (!is_word(&tokens->items[at], "array") || !is_symbol(&tokens->items[at + 1], "[")) {
            return NULL;
        }
        at += 2;
    } else if (is_word(&tokens->items[at], "in")) {
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
        if (!is_symbol(&tokens->items[at], ",")) {
            break;
        }
        at++;
    }
    at += array && is_symbol(&tokens->items[at], "]");
    if (at != tokens->count) {
        text_free(&rule);
        return NULL;
    }
    return text_take(&rule);
}

static const char *comparison_words(const Token *symbol)
{
    return is_symbol(symbol, ">=")                              ? "at least"
           : is_symbol(symbol, ">")                             ? "greater than"
           : is_symbol(symbol, "<=")                            ? "at most"
           : is_symbol(symbol, "<")                             ? "less than"
           : is_symbol(symbol, "=")                             ? "always"
           : is_symbol(symbol, "<>") || is_symbol(symbol, "!=") ? "not"
                                                                : NULL;
}

/* "col >= 0" and "col >= 0 AND col <= 9", from the column's token. */
static char *comparison_rule(const Tokens *tokens, size_t at, const char *column)
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
    } else if (is_word(&tokens->items[at], "and") && names_column(&tokens->items[at + 1], column)) {
        const char *also = comparison_words(&tokens->items[at + 2]);
        bool range = is_symbol(&tokens->items[symbol], ">=") && is_symbol(&tokens->items[at + 2], "<=");
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

static char *between_rule(const Tokens *tokens, size_t at)
{
    char *low = read_literal(tokens, &at);
    char *high = NULL;
    if (low && is_word(&tokens->items[at], "and")) {
        at++;
        high = read_literal(tokens, &at);
    }
    char *rule = high && at == tokens->count ? text_format("from %s to %s", low, high) : NULL;
    free(high);
    free(low);
    return rule;
}

char *sql_check_rule(const char *expression, const char *column)
{
    static const char *const lengths[] = {"length", "char_length", "character_length", NULL};
    Tokens tokens = tokens_flat(expression);
    char *rule = NULL;
    size_t at = is_word(&tokens.items[0], "check") ? 1 : 0;
    if (names_column(&tokens.items[at], column)) {
        rule = list_rule(&tokens, at + 1);
        if (!rule && is_word(&tokens.items[at + 1], "between")) {
            rule = between_rule(&tokens, at + 2);
        }
        if (!rule) {
            rule = comparison_rule(&tokens, at, column);
        }
    } else if (is_any_word(&tokens.items[at], lengths) && names_column(&tokens.items[at + 1], column)) {
        char *length = comparison_rule(&tokens, at + 1, "");
        rule = length ? text_format("length %s", length) : NULL;
        free(length);
    }
    free(tokens.items);
    return rule;
}

/* One level of parentheses in a view's definition. */
typedef struct Level {
    bool select; /* a SELECT stands here */
    bool from;   /* inside its FROM list */
    bool expect; /* a table comes next */
} Level;

typedef struct SourceReader {
    const Token *at;
    Level *levels;
    size_t depth; /* index of the current level */
    size_t capacity;
    SqlName *names;
    size_t count;
    size_t names_capacity;
} SourceReader;

static void add_source(SourceReader *reader, char *schema, char *name)
{
    for (size_t i = 0; i < reader->count; i++) {
        if (text_equal(reader->names[i].schema, schema) && strcmp(reader->names[i].name, name) == 0) {
            free(schema);
            free(name);
            return;
        }
    }
    memory_grow((void **)&reader->names, reader->count, &reader->names_capacity, sizeof *reader->names);
    reader->names[reader->count++] = (SqlName){schema, name};
}

/* A table's name where one is expected. */
static bool read_source(SourceReader *reader)
{
    if (!is_identifier(reader->at)) {
        return false;
    }
    char *schema = NULL;
    char *name = token_name(reader->at);
    if (is_symbol(reader->at + 1, ".") && is_identifier(reader->at + 2)) {
        schema = name;
        name = token_name(reader->at + 2);
        reader->at += 2;
    }
    add_source(reader, schema, name);
    reader->levels[reader->depth].expect = false;
    reader->at++;
    return !is_symbol(reader->at, "(") && !is_symbol(reader->at, "."); /* a function; a third part */
}

static void push_level(SourceReader *reader)
{
    memory_grow((void **)&reader->levels, reader->depth + 1, &reader->capacity, sizeof *reader->levels);
    Level inner = {.expect = reader->levels[reader->depth].expect};
    reader->levels[reader->depth].expect = false;
    reader->levels[++reader->depth] = inner;
}

static bool read_keyword(SourceReader *reader, bool after_distinct)
{
    static const char *const ends[] = {"where",  "group", "having", "order",     "limit",  "window",
                                       "offset", "fetch", "union",  "intersect", "except", NULL};
    Level *level = &reader->levels[reader->depth];
    if (is_word(reader->at, "select")) {
        *level = (Level){.select = true};
    } else if (is_word(reader->at, "with")) {
        return is_word(reader->at + 1, "time");
    } else if (is_word(reader->at, "from")) {
        if (level->select && !after_distinct) {
            if (level->from) {
                return false;
            }
            level->from = level->expect = true;
        }
    } else if (is_word(reader->at, "join")) {
        level->expect = true;
    } else if (is_any_word(reader->at, ends)) {
        level->from = false;
    }
    return true;
}

static bool read_view_token(SourceReader *reader)
{
    Level *level = &reader->levels[reader->depth];
    if (is_symbol(reader->at, "(")) {
        push_level(reader);
    } else if (is_symbol(reader->at, ")")) {
        if (level->expect || reader->depth == 0) {
            return false;
        }
        reader->depth--;
    } else if (level->expect && !is_word(reader->at, "select")) {
        bool skip = is_word(reader->at, "only") || is_word(reader->at, "lateral");
        return skip ? (reader->at++, true) : read_source(reader);
    } else if (is_symbol(reader->at, ",")) {
        level->expect = level->from;
    } else if (reader->at->kind == TOKEN_WORD) {
        if (!read_keyword(reader, is_word(reader->at - 1, "distinct"))) {
            return false;
        }
    }
    reader->at++;
    return true;
}

bool sql_view_sources(const char *definition, SqlName **out, size_t *count)
{
    /* a token in front, so that every token has one before it */
    char *sql = text_format("; %s", definition);
    Tokens tokens = tokens_read(sql);
    SourceReader reader = {.at = tokens.items + 1};
    memory_grow((void **)&reader.levels, 0, &reader.capacity, sizeof *reader.levels);
    reader.levels[0] = (Level){0};
    bool certain = true;
    while (certain && reader.at->kind != TOKEN_END) {
        certain = read_view_token(&reader);
    }
    certain = certain && reader.depth == 0 && reader.count > 0 && !reader.levels[0].expect;
    if (certain) {
        *out = reader.names;
        *count = reader.count;
    } else {
        sql_names_free(reader.names, reader.count);
        *out = NULL;
        *count = 0;
    }
    free(reader.levels);
    free(tokens.items);
    free(sql);
    return certain;
}

void sql_names_free(SqlName *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(names[i].schema);
        free(names[i].name);
    }
    free(names);
}
