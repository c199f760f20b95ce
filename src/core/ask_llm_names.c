#include "ask_llm_names.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "ask_work.h"
#include "memory.h"
#include "object_name.h"
#include "sql_words.h"

enum { QUOTED_LIMIT = 256 };

typedef struct Check {
    const AskQuestion *question;
    json_t *known; /* schemas, types and columns that may stand by themselves, in lower case, each true */
    Words aliases; /* that statements in the text bind, in lower case */
    Words *unknown;
    Error *err;
} Check;

/* Of a passage in backticks: a name, with all its parts, or a sign. */
typedef struct Token {
    const char *at;
    size_t length;
    int parts; /* 0: a sign */
} Token;

typedef struct Tokens {
    Token *items;
    size_t count;
    size_t capacity;
} Tokens;

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

static char *lower_case(const char *at, size_t length)
{
    char *lower = memory_string_n(at, length);
    for (char *c = lower; *c; c++) {
        *c = (char)tolower((unsigned char)*c);
    }
    return lower;
}

static void know(Check *check, const char *name)
{
    char *lower = lower_case(name ? name : "", name ? strlen(name) : 0);
    if (json_object_set_new(check->known, lower, json_true()) != 0) {
        memory_exhausted();
    }
    free(lower);
}

static bool is_known(const Check *check, const char *name)
{
    char *lower = lower_case(name, strlen(name));
    bool known = json_object_get(check->known, lower) != NULL;
    free(lower);
    return known;
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

static bool is_alias(const Check *check, const char *name)
{
    char *lower = lower_case(name, strlen(name));
    bool bound = has(&check->aliases, lower);
    free(lower);
    return bound;
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

/* o.customer_id, where a statement binds o; and "e.g", which is no name at all. */
static bool is_aliased(const Check *check, const char *alias, const char *column)
{
    return (!alias[1] && !column[1]) ||
           (is_alias(check, alias) && (is_known(check, column) || is_alias(check, column)));
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

static void add_unknown(Check *check, const char *at, size_t length)
{
    char *name = memory_string_n(at, length);
    if (!has(check->unknown, name)) {
        words_add(check->unknown, name);
    }
    free(name);
}

static bool check_path(Check *check, const char *at, size_t length)
{
    ObjectScope scope = {0};
    bool found = false, ok = true;
    char *path = memory_string_n(at, length);
    if (object_scope_parse(path, &scope, NULL)) {
        ok = look_up(check, scope.parts, scope.count, &found);
    }
    if (ok && !found) {
        add_unknown(check, at, length);
    }
    object_scope_free(&scope);
    free(path);
    return ok;
}

/* --- a passage in backticks --- */

/* Bytes of a number, of a text in quotes, or of a parameter; 0: it is none of these. */
static size_t value_length(const char *at, const char *end)
{
    const char *from = at;
    if (*at == '\'') {
        const char *close = memchr(at + 1, '\'', (size_t)(end - at - 1));
        return close ? (size_t)(close + 1 - at) : 1;
    }
    if (*at == '$' || *at == ':') {
        for (at++; at < end && name_character(at) > 0;) {
            at += name_character(at);
        }
        return (size_t)(at - from);
    }
    while (at < end && isdigit((unsigned char)*at)) {
        at++;
    }
    return at < end && name_character(at) > 0 ? 0 : (size_t)(at - from);
}

/* A name may begin with a digit here. */
static size_t token_length(const char *at, int *parts)
{
    size_t length = path_length(at, parts);
    if (length == 0 && isdigit((unsigned char)*at)) {
        *parts = 1;
        for (size_t more; (more = name_character(at + length)) > 0;) {
            length += more;
        }
    }
    return length;
}

static Tokens read_tokens(const char *at, const char *end)
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

static bool is_sign(const Tokens *tokens, size_t index, char sign)
{
    return index < tokens->count && tokens->items[index].parts == 0 && *tokens->items[index].at == sign;
}

static bool is_word(const Tokens *tokens, size_t index, const char *word)
{
    return index < tokens->count && tokens->items[index].length == strlen(word) &&
           strncasecmp(tokens->items[index].at, word, strlen(word)) == 0;
}

static bool is_sql(const Token *token)
{
    return token->parts == 1 && *token->at != '"' && sql_word(token->at, token->length);
}

/* FROM, JOIN, ..: a table comes next. */
static bool leads_to_table(const Tokens *tokens, size_t index)
{
    static const char *const words[] = {"from", "join", "into", "update", "table", "references"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (is_word(tokens, index, words[i])) {
            return true;
        }
    }
    return false;
}

/* "x AS alias", "FROM x alias", ", x alias", ") alias", "alias AS (": the index before the first wraps, and
 * is no token. */
static bool binds_alias(const Tokens *tokens, size_t index)
{
    const Token *token = &tokens->items[index];
    if (token->parts != 1 || is_sql(token)) {
        return false;
    }
    bool follows_name = index > 0 && tokens->items[index - 1].parts > 0 && !is_sql(&tokens->items[index - 1]);
    return is_word(tokens, index - 1, "as") || is_sign(tokens, index - 1, ')') ||
           (is_word(tokens, index + 1, "as") && is_sign(tokens, index + 2, '(')) ||
           (follows_name && (leads_to_table(tokens, index - 2) || is_sign(tokens, index - 2, ',')));
}

static void bind_aliases(Check *check, const char *at, const char *end)
{
    Tokens tokens = read_tokens(at, end);
    for (size_t i = 0; i < tokens.count; i++) {
        if (binds_alias(&tokens, i)) {
            char *alias = lower_case(tokens.items[i].at, tokens.items[i].length);
            words_add(&check->aliases, alias);
            free(alias);
        }
    }
    free(tokens.items);
}

/* A sign, a word of SQL, a function that is called, or an alias. */
static bool needs_no_look(const Check *check, const Tokens *tokens, size_t index)
{
    const Token *token = &tokens->items[index];
    if (token->parts == 0 || is_sql(token)) {
        return true;
    }
    if (token->parts > 1) {
        return false;
    }
    char *name = memory_string_n(token->at, token->length);
    bool called = is_sign(tokens, index + 1, '(') && !leads_to_table(tokens, index - 1);
    bool bound = is_alias(check, name);
    free(name);
    return called || bound;
}

/* Is the passage, as it stands there, the name of a table, a column, a schema or a type? */
static bool is_name(Check *check, const char *at, const char *end, bool *out)
{
    char *name = memory_string_n(at, (size_t)(end - at));
    *out = is_known(check, name);
    bool ok = *out || exists(check, NULL, name, NULL, out);
    free(name);
    return ok;
}

/* user-secrets: one word with hyphens in it, which is no date. */
static bool is_hyphenated(const char *at, const char *end)
{
    bool hyphen = false, letter = false;
    for (; at < end; at++) {
        if (*at != '-' && name_character(at) == 0 && (unsigned char)*at < 0x80) {
            return false;
        }
        hyphen = hyphen || *at == '-';
        letter = letter || isalpha((unsigned char)*at);
    }
    return hyphen && letter;
}

static bool check_quoted(Check *check, const char *at, const char *end)
{
    bool named = false;
    if (!is_name(check, at, end, &named)) {
        return false;
    }
    if (named) {
        return true;
    }
    if (is_hyphenated(at, end)) {
        add_unknown(check, at, (size_t)(end - at));
        return true;
    }
    Tokens tokens = read_tokens(at, end);
    bool ok = true;
    for (size_t i = 0; ok && i < tokens.count; i++) {
        ok =
            needs_no_look(check, &tokens, i) || check_path(check, tokens.items[i].at, tokens.items[i].length);
    }
    free(tokens.items);
    return ok;
}

/* --- a passage outside backticks --- */

/* "table bank_accounts": what follows such a word is a name when it is no word of a language. */
static bool announces_name(const char *at, size_t length)
{
    static const char *const words[] = {"table", "tables", "column", "columns", "view", "views"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strlen(words[i]) == length && strncasecmp(at, words[i], length) == 0) {
            return true;
        }
    }
    return false;
}

static bool reads_as_name(const char *at, size_t length)
{
    return *at == '"' || memchr(at, '_', length) || memchr(at, '$', length);
}

static bool check_plain(Check *check, const char *at, const char *end)
{
    bool announced = false;
    while (at < end) {
        int parts;
        size_t used = path_length(at, &parts);
        if ((parts > 1 || (parts == 1 && announced && reads_as_name(at, used))) &&
            !check_path(check, at, used)) {
            return false;
        }
        announced = parts == 1 ? announces_name(at, used) : announced && *at == ' ';
        if (used == 0) { /* a number with letters behind it is no name, and neither are the letters */
            for (size_t more; (more = name_character(at + used)) > 0;) {
                used += more;
            }
        }
        at += used > 0 ? used : 1;
    }
    return true;
}

/* --- the text --- */

/* The next passage: outside backticks, or between them (`quoted`). Backticks that nothing closes quote
 * nothing. False at the end of the text. */
static bool next_passage(const char **text, const char **at, const char **end, bool *quoted)
{
    size_t ticks = strspn(*text, "`");
    char *fence = memory_string_n(*text, ticks);
    const char *close = ticks ? strstr(*text + ticks, fence) : NULL;
    free(fence);
    *quoted = close != NULL;
    *at = *text + ticks;
    *end = close ? close : *at + strcspn(*at, "`");
    *text = close ? close + ticks : *end;
    return *at < *end || *quoted || **text;
}

static void read_aliases(Check *check, const char *text)
{
    const char *at, *end;
    bool quoted;
    while (next_passage(&text, &at, &end, &quoted)) {
        if (quoted) {
            bind_aliases(check, at, end);
        }
    }
}

static bool check_text(Check *check, const char *text)
{
    const char *at, *end;
    bool quoted;
    read_aliases(check, text);
    while (next_passage(&text, &at, &end, &quoted)) {
        if (quoted ? !check_quoted(check, at, end) : !check_plain(check, at, end)) {
            return false;
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
    words_free(&check.aliases);
    json_decref(check.known);
    return ok;
}
