#include "llm_names.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "ask_llm_tokens.h"
#include "ask_llm_values.h"
#include "llm_prose.h"
#include "memory.h"
#include "object_name.h"
#include "sql_words.h"
#include "text.h"

enum { TOLD_NAMES = 6, TOLD_NAME_BYTES = 80 };

typedef struct Check {
    const LlmNames *names;
    const char *text;
    json_t *looked_up; /* names that the catalog was asked for: is it there? */
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

static void set(json_t *names, const char *name, bool value)
{
    if (json_object_set_new(names, name, json_boolean(value)) != 0) {
        memory_exhausted();
    }
}

static void know(json_t *names, const char *at, size_t length)
{
    char *lower = lower_case(at, length);
    set(names, lower, true);
    free(lower);
}

void llm_names_know(json_t *set, const char *name)
{
    know(set, name ? name : "", name ? strlen(name) : 0);
}

static char *unquoted(const char *at, size_t length)
{
    return *at == '"' ? memory_string_n(at + 1, length - 2) : memory_string_n(at, length);
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
    return is_in(check->names->known, name, strlen(name));
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

bool llm_names_knows(const json_t *set, const char *name)
{
    return is_in(set, name, strlen(name));
}

void llm_names_open(LlmNames *names, LlmNamesExist exists, void *context)
{
    *names = (LlmNames){.exists = exists,
                        .context = context,
                        .known = json_object(),
                        .told = json_object(),
                        .asked = json_object()};
}

void llm_names_close(LlmNames *names)
{
    json_decref(names->known);
    json_decref(names->told);
    json_decref(names->asked);
}

void llm_names_know_words(json_t *names, const char *text, bool paths)
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

/* The same, asking the catalog once for each name, however often a text has it. */
static bool exists(Check *check, const char *schema, const char *table, const char *column, bool *out)
{
    char *name = text_format("%s\n%s\n%s", schema ? schema : "", table ? table : "", column ? column : "");
    char *key = lower_case(name, strlen(name));
    const json_t *before = json_object_get(check->looked_up, key);
    bool ok = true;
    *out = json_is_true(before);
    if (!before) {
        ok = check->names->exists(check->names->context, schema, table, column, out, check->err);
        set(check->looked_up, key, *out);
    }
    free(key);
    free(name);
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
    if (check->names->may_echo && is_in(check->names->asked, at, length)) {
        return;
    }
    char *name = memory_string_n(at, length);
    if (!has(check->unknown, name)) {
        words_add(check->unknown, name);
    }
    free(name);
}

/* An answer that makes up that much is refused whatever else it names. */
static bool is_enough(const Check *check)
{
    return check->unknown->count >= LLM_NAMES_UNKNOWN;
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

/* A word of a description, where it does not stand for a table or column: whoever wrote that one may have
 * invented it. */
static bool is_told(const Check *check, const char *at, size_t length)
{
    return is_in(check->names->told, at, length) && !llm_prose_is_place(check->text, at, length);
}

/* A word that nothing says to be a table or column, and that is written where a value is, or stands in a
 * description. */
static bool is_value(Check *check, const char *at, const char *end)
{
    const size_t length = (size_t)(end - at);
    const AskLlmPlace place = place_of(check, at, end);
    if (ask_llm_value_is_object(&place) || states(at, end)) {
        return false;
    }
    bool placed = ask_llm_value_is_placed(&place);
    return is_told(check, at, length) || (placed && ask_llm_value_is_plain(at, end)) ||
           (placed && is_in(check->names->told, at, length));
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

/* What is compared with a value ("status = open") may be a column of any table. */
static bool check_token(Check *check, const Tokens *tokens, size_t index)
{
    const Token *token = &tokens->items[index];
    bool value = token->parts == 1 && ask_llm_token_is_sign(tokens, index + 1, '=') &&
                 !ask_llm_tokens_is_statement(tokens);
    bool found = false, ok = true;
    if (value) {
        char *name = unquoted(token->at, token->length);
        ok = exists(check, NULL, NULL, name, &found);
        free(name);
    }
    return ok && (found || check_path(check, token->at, token->length));
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
    for (size_t i = 0; ok && i < tokens.count && !is_enough(check); i++) {
        ok = needs_no_look(check, &tokens, i) || ask_llm_token_is_value(&tokens, i) ||
             check_token(check, &tokens, i);
    }
    free(tokens.items);
    return ok;
}

/* --- a passage outside backticks --- */

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

static bool is_heard(const Check *check, const char *at, size_t length)
{
    return is_told(check, at, length) || is_in(check->names->asked, at, length);
}

/* A table, or a column of any table. */
static bool is_anywhere(Check *check, const char *name, bool *out)
{
    *out = is_known(check, name) || is_alias(check, name);
    return *out || (exists(check, NULL, name, NULL, out) && (*out || exists(check, NULL, NULL, name, out)));
}

/* People write of the orders table where it is called order. */
static bool is_anywhere_inflected(Check *check, const char *name, bool *out)
{
    size_t length = strlen(name);
    char *plural = text_format("%ss", name);
    char *singular = memory_string_n(name, length > 2 && name[length - 1] == 's' ? length - 1 : length);
    bool ok = is_anywhere(check, name, out) && (*out || is_anywhere(check, plural, out)) &&
              (*out || is_anywhere(check, singular, out));
    free(singular);
    free(plural);
    return ok;
}

/* In prose a word with an underscore is a name: one of the catalog, or one that was heard before. */
static bool check_word(Check *check, const char *at, size_t length)
{
    bool text = at > check->text && at[-1] == '\'';
    char *name = unquoted(at, length);
    bool heard = is_heard(check, *at == '"' ? at + 1 : at, strlen(name));
    bool called = at[length] == '(' &&
                  (!llm_prose_is_place(check->text, at, length) || llm_prose_is_used(check->text, at));
    bool found = text || heard || called || sql_word(at, length) || llm_prose_is_term(at, length);
    bool ok = found || is_anywhere(check, name, &found);
    if (ok && !found) {
        add_unknown(check, at, length);
    }
    free(name);
    return ok;
}

/* A plain word that its place makes a name. */
static bool check_named(Check *check, const char *at, size_t length, LlmProse prose)
{
    char *name = unquoted(at, length);
    bool found = prose == LLM_PROSE_LIKELY && is_heard(check, *at == '"' ? at + 1 : at, strlen(name));
    bool ok = found || is_anywhere_inflected(check, name, &found);
    if (ok && !found) {
        add_unknown(check, name, strlen(name));
    }
    free(name);
    return ok;
}

static bool check_plain_name(Check *check, const char *at, size_t length, int parts)
{
    bool file = false;
    if (parts > 1) {
        return is_file(check, at, at + length, &file) && (file || check_path(check, at, length));
    }
    LlmProse prose = llm_prose_of(check->text, at, length);
    if (prose != LLM_PROSE_WORD) {
        return check_named(check, at, length, prose);
    }
    return !has_inner_underscore(at, length) || check_word(check, at, length);
}

/* What a statement without backticks reads, and from where; the rest of it is looked at like other words. */
static bool check_statement(Check *check, const char *at, const char *end)
{
    Tokens tokens = ask_llm_tokens_read(at, end);
    bool listed = false, ok = true;
    for (size_t i = 0; ok && i < tokens.count && !is_enough(check); i++) {
        bool table = ask_llm_token_leads_to_table(&tokens, i - 1);
        listed = (listed && !ask_llm_token_is_word(&tokens, i, "from")) ||
                 ask_llm_token_is_word(&tokens, i, "select");
        ok = (!listed && !table) || needs_no_look(check, &tokens, i) ||
             check_path(check, tokens.items[i].at, tokens.items[i].length);
    }
    free(tokens.items);
    return ok;
}

static bool check_plain(Check *check, const char *at, const char *end)
{
    const char *statement = at, *stop;
    while (!is_enough(check) && llm_prose_next_statement(check->text, &statement, end, &stop)) {
        if (!check_statement(check, statement, stop)) {
            return false;
        }
        statement = stop;
    }
    while (at < end && !is_enough(check)) {
        int parts;
        size_t used = ask_llm_path_length(at, &parts);
        if (parts > 0 && !check_plain_name(check, at, used, parts)) {
            return false;
        }
        if (used == 0) { /* a number with letters behind it is no name, and neither are the letters */
            for (size_t more; (more = ask_llm_name_character(at + used)) > 0;) {
                used += more;
            }
        }
        at += used > 0 ? used : 1;
    }
    return true;
}

/* --- columns in brackets --- */

/* A column of a table that people may call by its plural, or singular. */
static bool is_column_of(Check *check, const LlmProseList *list, const char *column, bool *out)
{
    const int length = (int)list->table_length;
    char *tables[] = {text_format("%.*s", length, list->table), text_format("%.*ss", length, list->table),
                      text_format("%.*s", length - 1, list->table)};
    bool ok = true;
    *out = false;
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        bool singular = i < 2 || list->table[length - 1] == 's';
        ok = ok && (*out || !singular || exists(check, NULL, tables[i], column, out));
        free(tables[i]);
    }
    return ok;
}

/* All of them are columns of that table, when the first one is. */
static bool check_columns(Check *check, LlmProseList list)
{
    const char *at;
    size_t length;
    bool listed = true, ok = true;
    for (int i = 0; ok && listed && llm_prose_next_item(&list, &at, &length); i++) {
        char *column = memory_string_n(at, length);
        bool found = false;
        ok = is_column_of(check, &list, column, &found);
        listed = found || i > 0;
        if (ok && listed && !found && !llm_prose_is_ordinary(at, length)) {
            add_unknown(check, at, length);
        }
        free(column);
    }
    return ok;
}

static bool check_brackets(Check *check, const char *text)
{
    LlmProseList list;
    bool ok = true;
    while (ok && !is_enough(check) && llm_prose_next_list(check->text, &text, &list)) {
        ok = check_columns(check, list);
    }
    return ok;
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
            continue;
        }
        for (const char *stop; llm_prose_next_statement(check->text, &at, end, &stop); at = stop) {
            bind_aliases(check, at, stop);
        }
    }
}

static bool check_text(Check *check, const char *text)
{
    const char *at, *end;
    bool quoted;
    read_aliases(check, text);
    while (!is_enough(check) && next_passage(&text, &at, &end, &quoted)) {
        if (quoted ? !check_quoted(check, at, end) : !check_plain(check, at, end)) {
            return false;
        }
    }
    return true;
}

bool llm_names_check(const LlmNames *names, const char *text, Words *unknown, Error *err)
{
    Check check = {.names = names, .text = text, .looked_up = json_object(), .unknown = unknown, .err = err};
    bool ok = check_text(&check, text) && check_brackets(&check, text);
    words_free(&check.aliases);
    json_decref(check.looked_up);
    return ok;
}

char *llm_names_tell(const Words *unknown)
{
    Text told = {0};
    text_add(&told, "it names what does not exist: ");
    for (size_t i = 0; i < unknown->count && i < TOLD_NAMES; i++) {
        char cut[TOLD_NAME_BYTES];
        text_copy(cut, sizeof cut, unknown->items[i]);
        char *visible = text_visible(cut);
        text_addf(&told, "%s%s", i ? ", " : "", visible);
        free(visible);
    }
    if (unknown->count > TOLD_NAMES) {
        text_add(&told, " and more");
    }
    return text_take(&told);
}
