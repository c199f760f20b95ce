#include "ask_llm_names.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "ask_llm_tokens.h"
#include "ask_llm_values.h"
#include "ask_work.h"
#include "memory.h"
#include "object_name.h"
#include "sql_words.h"

/* Sets of names are objects whose members, in lower case, are true. */
typedef struct Check {
    const AskQuestion *question;
    const char *text;
    json_t *known; /* schemas, types and columns that may stand by themselves */
    json_t *told;  /* words of the descriptions that the model was given */
    json_t *asked; /* names and words of the question */
    bool cites;
    const char *value; /* where the last passage ends that stands for a value, or NULL */
    Words aliases;     /* that statements in the text bind, in lower case */
    Words *unknown;
    Error *err;
} Check;

/* --- which of them are known --- */

static char *lower_case(const char *at, size_t length)
{
    char *lower = memory_string_n(at, length);
    for (char *c = lower; *c; c++) {
        *c = (char)tolower((unsigned char)*c);
    }
    return lower;
}

static void know(json_t *names, const char *at, size_t length)
{
    char *lower = lower_case(at, length);
    if (json_object_set_new(names, lower, json_true()) != 0) {
        memory_exhausted();
    }
    free(lower);
}

static void know_name(json_t *names, const char *name)
{
    know(names, name ? name : "", name ? strlen(name) : 0);
}

static bool is_in(const json_t *names, const char *at, size_t length)
{
    char *lower = lower_case(at, length);
    bool known = json_object_get(names, lower) != NULL;
    free(lower);
    return known;
}

static bool is_known(const Check *check, const char *name)
{
    return is_in(check->known, name, strlen(name));
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

/* The words of a text; with `paths` names of several parts, too. */
static void know_words(json_t *names, const char *text, bool paths)
{
    while (text && *text) {
        int parts = 0;
        size_t word = 0, path = ask_llm_path_length(text, &parts);
        for (size_t more; (more = ask_llm_name_character(text + word)) > 0;) {
            word += more;
        }
        if (word > 0) {
            know(names, text, word);
        }
        if (paths && parts > 1) {
            know(names, text, path);
        }
        text += word > 0 ? word : 1;
    }
}

static void know_context(const Check *check, const AskContext *context)
{
    size_t index, at;
    const json_t *table, *column;
    json_array_foreach(context->tables, index, table)
    {
        know_name(check->known, member(table, "schema"));
        know_words(check->told, member(table, "description"), false);
        json_array_foreach(json_object_get(table, "columns"), at, column)
        {
            know_name(check->known, member(column, "name"));
            know_name(check->known, member(column, "type"));
            know_words(check->told, member(column, "description"), false);
        }
    }
}

static void know_column(void *context, const CatalogObject *object)
{
    if (object->column) {
        know_name(context, object->column);
        know_name(context, object->type);
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
        know_name(check->known, member(cited, "schema"));
        ok = ok && catalog_cache_list(question->local, question->fingerprint, member(cited, "schema"),
                                      member(cited, "table"), know_column, check->known, check->err);
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

/* An answer that cites nothing may say that what was asked for is not there. */
static void add_unknown(Check *check, const char *at, size_t length)
{
    if (!check->cites && is_in(check->asked, at, length)) {
        return;
    }
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

static void bind_aliases(Check *check, const char *at, const char *end)
{
    Tokens tokens = ask_llm_tokens_read(at, end);
    for (size_t i = 0; i < tokens.count; i++) {
        if (ask_llm_token_binds_alias(&tokens, i)) {
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
    if (token->parts == 0 || ask_llm_token_is_sql(token)) {
        return true;
    }
    if (token->parts > 1) {
        return false;
    }
    char *name = memory_string_n(token->at, token->length);
    bool called =
        ask_llm_token_is_sign(tokens, index + 1, '(') && !ask_llm_token_leads_to_table(tokens, index - 1);
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
        if (*at != '-' && ask_llm_name_character(at) == 0 && (unsigned char)*at < 0x80) {
            return false;
        }
        hyphen = hyphen || *at == '-';
        letter = letter || isalpha((unsigned char)*at);
    }
    return hyphen && letter;
}

static bool is_column(void *context, const char *name)
{
    return is_known(context, name);
}

static AskLlmPlace place_of(Check *check, const char *at, const char *end)
{
    return (AskLlmPlace){.text = check->text,
                         .at = at,
                         .end = end,
                         .value = check->value,
                         .is_column = is_column,
                         .context = check};
}

static bool states(const char *at, const char *end)
{
    Tokens tokens = ask_llm_tokens_read(at, end);
    bool statement = ask_llm_tokens_is_statement(&tokens);
    free(tokens.items);
    return statement;
}

/* A word that nothing says to be a table or column, and that is written where a value is, or stands in a
 * description. */
static bool is_value(Check *check, const char *at, const char *end)
{
    const AskLlmPlace place = place_of(check, at, end);
    if (ask_llm_value_is_object(&place) || states(at, end)) {
        return false;
    }
    return is_in(check->told, at, (size_t)(end - at)) ||
           (ask_llm_value_is_plain(at, end) && ask_llm_value_is_placed(&place));
}

/* orders.csv, but not customer.csv where there is a table customer. */
static bool is_file(Check *check, const char *at, const char *end, bool *out)
{
    bool table = false, ok = true;
    *out = ask_llm_value_is_file(at, end);
    if (*out) {
        char *first = memory_string_n(at, strcspn(at, "."));
        ok = exists(check, NULL, first, NULL, &table);
        free(first);
    }
    *out = *out && !table;
    return ok;
}

static bool check_quoted(Check *check, const char *at, const char *end)
{
    bool named = false, file = false;
    if (!is_name(check, at, end, &named) || !is_file(check, at, end, &file)) {
        return false;
    }
    if (named) {
        return true;
    }
    if (file || ask_llm_value_is_literal(at, end) || is_value(check, at, end)) {
        check->value = end;
        return true;
    }
    if (is_hyphenated(at, end)) {
        add_unknown(check, at, (size_t)(end - at));
        return true;
    }
    Tokens tokens = ask_llm_tokens_read(at, end);
    bool ok = true;
    for (size_t i = 0; ok && i < tokens.count; i++) {
        ok = needs_no_look(check, &tokens, i) || ask_llm_token_is_value(&tokens, i) ||
             check_path(check, tokens.items[i].at, tokens.items[i].length);
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

/* tax_number, also in quotes; but not _stressed_. */
static bool has_inner_underscore(const char *at, size_t length)
{
    for (size_t i = 1; i + 1 < length; i++) {
        if (at[i] == '_' && isalnum((unsigned char)at[i - 1]) && isalnum((unsigned char)at[i + 1])) {
            return true;
        }
    }
    return false;
}

static void ignore(void *context, const CatalogObject *object)
{
    (void)context;
    (void)object;
}

/* Is there a column of this name, whatever its table? */
static bool is_any_column(const Check *check, const char *name, bool *out)
{
    const AskQuestion *question = check->question;
    const CatalogFilter filter = {.column = name, .columns = true};
    int64_t total = 0;
    bool ok = catalog_cache_select(question->local, question->fingerprint, &filter, 0, ignore, NULL, &total,
                                   check->err);
    *out = total > 0;
    return ok;
}

/* In prose a word with an underscore is a name: one of the catalog, or one that was heard before. */
static bool check_word(Check *check, const char *at, size_t length)
{
    bool text = at > check->text && at[-1] == '\'';
    bool heard = is_in(check->told, at, length) || is_in(check->asked, at, length);
    char *name = *at == '"' ? memory_string_n(at + 1, length - 2) : memory_string_n(at, length);
    bool found = text || heard || at[length] == '(' || sql_word(at, length) || is_alias(check, name);
    bool ok = found || is_any_column(check, name, &found);
    free(name);
    return ok && (found || check_path(check, at, length));
}

static bool check_plain_name(Check *check, const char *at, size_t length, int parts, bool announced)
{
    bool file = false;
    if (parts > 1) {
        return is_file(check, at, at + length, &file) && (file || check_path(check, at, length));
    }
    if (announced && reads_as_name(at, length)) {
        return check_path(check, at, length);
    }
    return !has_inner_underscore(at, length) || check_word(check, at, length);
}

static bool check_plain(Check *check, const char *at, const char *end)
{
    bool announced = false;
    while (at < end) {
        int parts;
        size_t used = ask_llm_path_length(at, &parts);
        if (parts > 0 && !check_plain_name(check, at, used, parts, announced)) {
            return false;
        }
        announced = parts == 1 ? announces_name(at, used) : announced && *at == ' ';
        if (used == 0) { /* a number with letters behind it is no name, and neither are the letters */
            for (size_t more; (more = ask_llm_name_character(at + used)) > 0;) {
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
    Check check = {.question = question,
                   .text = text,
                   .known = json_object(),
                   .told = json_object(),
                   .asked = json_object(),
                   .cites = json_array_size(citations) > 0,
                   .unknown = unknown,
                   .err = err};
    know_context(&check, context);
    know_words(check.asked, question->text, true);
    bool ok = know_cited(&check, citations) && check_text(&check, text);
    words_free(&check.aliases);
    json_decref(check.known);
    json_decref(check.told);
    json_decref(check.asked);
    return ok;
}
