#include "drafter_llm_prompt.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "llm_names.h"
#include "llm_object.h"
#include "memory.h"
#include "object_name.h"
#include "text.h"

enum { TOLD_NAMES = 6, TOLD_NAME_BYTES = 80 }; /* of what was invented */

/* An answer that is read. */
typedef struct Reading {
    const LlmTold *told;
    size_t table;
    LlmNames names;
} Reading;

/* A `kind` of that name was invented. */
static void add_invented(json_t *faults, const char *kind, const char *what)
{
    char name[TOLD_NAME_BYTES];
    text_copy(name, sizeof name, what);
    char *text = text_format("%s \"%s\" was not asked for", kind, name);
    json_array_append_new(faults, json_string(text));
    free(text);
}

/* Letters, digits and what is beyond ASCII, in lower case, without a leading article. */
static char *bare(const char *text)
{
    static const char *const articles[] = {"the ", "a ", "an "};
    Text out = {0};
    for (size_t i = 0; i < sizeof articles / sizeof *articles; i++) {
        if (strncasecmp(text, articles[i], strlen(articles[i])) == 0) {
            text += strlen(articles[i]);
            break;
        }
    }
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c >= 0x80 || isalnum(c)) {
            text_add_char(&out, (char)(c < 0x80 ? tolower(c) : c));
        }
    }
    return text_take(&out);
}

/* Is the text, written as one word, no more than these names one after the other? */
static bool repeats(const char *said, const char *first, const char *second)
{
    char *names = text_format("%s%s", first, second);
    char *name = bare(names);
    bool same = strcmp(said, name) == 0;
    free(name);
    free(names);
    return same;
}

static bool only_repeats(const char *text, const CatalogTable *table, const CatalogColumn *column)
{
    char *said = bare(text);
    const char *own = column ? column->name : table->name;
    bool same = repeats(said, own, "") || repeats(said, own, column ? "column" : "table") ||
                repeats(said, table->name, own) || (column && repeats(said, own, table->name)) ||
                (!column && table->schema && repeats(said, table->schema, own));
    free(said);
    return same;
}

/* The code point at `*at` of valid UTF-8, behind which it moves. */
static uint32_t next_character(const unsigned char **at)
{
    const unsigned char *c = *at;
    size_t length = *c < 0x80 ? 1 : *c < 0xe0 ? 2 : *c < 0xf0 ? 3 : 4;
    uint32_t point = length == 1 ? *c : *c & (0xffU >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        point = point << 6 | (c[i] & 0x3fU);
    }
    *at += length;
    return point;
}

/* Why the text can't be used, or NULL. jansson gives valid UTF-8 without NUL. */
static const char *fault_of(const char *text, const CatalogTable *table, const CatalogColumn *column)
{
    size_t characters = 0;
    for (const unsigned char *at = (const unsigned char *)text; *at; characters++) {
        if (text_is_hostile(next_character(&at))) {
            return "it has control characters or line breaks";
        }
    }
    char *said = bare(text);
    bool says = *said;
    free(said);
    return !says                               ? "it was empty"
           : characters > LLM_TEXT_MOST        ? "it was longer than 1000 characters"
           : only_repeats(text, table, column) ? "it only repeated the name"
                                               : NULL;
}

static char *trimmed(const char *text)
{
    Text kept = {0};
    text_add(&kept, text);
    text_trim(&kept);
    return text_take(&kept);
}

static bool has_text(const Draft *draft, const char *text)
{
    for (size_t i = 0; i < draft->alternative_count; i++) {
        if (text_equal(draft->alternatives[i], text)) {
            return true;
        }
    }
    return false;
}

/* --- names --- */

static bool is_named(const char *name, const char *wanted)
{
    return !wanted || (name && strcasecmp(name, wanted) == 0);
}

static bool has_column(const CatalogTable *table, const char *column)
{
    bool found = !column;
    for (size_t c = 0; c < table->column_count && !found; c++) {
        found = is_named(table->columns[c].name, column);
    }
    return found;
}

static bool exists(void *context, const char *schema, const char *table, const char *column, bool *out,
                   Error *err)
{
    const Catalog *catalog = context;
    (void)err;
    *out = false;
    for (size_t t = 0; t < catalog->table_count && !*out; t++) {
        const CatalogTable *there = &catalog->tables[t];
        *out = is_named(there->schema, schema) && is_named(there->name, table) && has_column(there, column);
    }
    return true;
}

static void know_all(json_t *known, char *const *names)
{
    for (; names && *names; names++) {
        llm_names_know(known, *names);
    }
}

/* Columns that a text may name without their table: its own, and those of its keys. */
static void know_columns(json_t *known, const Catalog *catalog, size_t place)
{
    const CatalogTable *table = &catalog->tables[place];
    llm_names_know(known, table->schema);
    for (size_t c = 0; c < table->column_count; c++) {
        llm_names_know(known, table->columns[c].name);
        llm_names_know(known, table->columns[c].type);
    }
    for (size_t i = 0; i < catalog->foreign_key_count; i++) {
        const CatalogForeignKey *key = &catalog->foreign_keys[i];
        if (key->table == place || key->target == (long)place) {
            know_all(known, key->columns);
            know_all(known, key->to_columns);
        }
    }
}

/* What the model was told it may repeat, but for what it made up before. */
static void know_told(const LlmNames *names, const LlmPrompt *prompt)
{
    json_t *data = json_loads(prompt->data, 0, NULL);
    json_object_del(data, LLM_PROMPT_REFUSED);
    char *text = json_dumps(data, JSON_COMPACT);
    llm_names_know_words(names->told, text, true);
    llm_names_know_words(names->asked, text, true);
    free(text);
    json_decref(data);
}

static void open_reading(Reading *reading, const LlmTold *told, const LlmPrompt *prompt, size_t table)
{
    *reading = (Reading){.told = told, .table = table};
    llm_names_open(&reading->names, exists, (void *)told->catalog);
    reading->names.may_echo = true;
    know_columns(reading->names.known, told->catalog, table);
    know_told(&reading->names, prompt);
}

/* NULL: it makes up none. Owned by the caller. */
static char *fault_of_names(const Reading *reading, const char *text)
{
    Words unknown = {0};
    llm_names_check(&reading->names, text, &unknown, NULL);
    char *fault = unknown.count > 0 ? llm_names_tell(&unknown) : NULL;
    words_free(&unknown);
    return fault;
}

/* --- texts --- */

/* Why it can't be used, or NULL. Owned by the caller. */
static char *fault_of_value(const json_t *value, const char *text, const Reading *reading,
                            const LlmItem *item)
{
    const LlmTold *told = reading->told;
    if (!json_is_string(value)) {
        return memory_string("it was no text");
    }
    const char *fault = fault_of(text, &told->catalog->tables[reading->table], item->item->column);
    if (!fault && llm_samples_quoted(told->samples, reading->table, text)) {
        fault = "it repeated a value of a row";
    }
    return fault ? memory_string(fault) : fault_of_names(reading, text);
}

static void take_text(const json_t *value, const Reading *reading, LlmItem *item)
{
    Draft *draft = &item->item->draft;
    char *text = trimmed(json_is_string(value) ? json_string_value(value) : "");
    char *fault = fault_of_value(value, text, reading, item);
    if (fault) {
        text_copy(item->fault, sizeof item->fault, fault);
    } else if (!has_text(draft, text)) {
        draft->alternatives[draft->alternative_count++] = text;
        text = NULL;
    }
    free(fault);
    free(text);
}

/* A text by itself is as good as a list of one. What an earlier answer said stays where this one has none. */
static void take_texts(const json_t *value, const Reading *reading, LlmItem *item)
{
    size_t alternatives = (size_t)reading->told->alternatives;
    Draft *draft = &item->item->draft;
    Draft earlier = *draft;
    *draft = (Draft){0};
    text_copy(item->fault, sizeof item->fault, value ? "it was empty" : "it was missing");
    if (value && !json_is_array(value)) {
        take_text(value, reading, item);
    }
    for (size_t i = 0; i < json_array_size(value) && draft->alternative_count < alternatives; i++) {
        take_text(json_array_get(value, i), reading, item);
    }
    if (draft->alternative_count == 0) {
        *draft = earlier;
    } else {
        draft_free(&earlier);
        item->fault[0] = '\0';
    }
}

static bool is_asked(const LlmItem *items, size_t count, const char *column)
{
    for (size_t i = 0; i < count; i++) {
        if (items[i].item->column && text_equal(items[i].item->column->name, column)) {
            return true;
        }
    }
    return false;
}

static void refuse_invented(const json_t *columns, const CatalogTable *table, const LlmItem *items,
                            size_t count, json_t *faults, LlmInvented *out)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)columns, name, value)
    {
        if (is_asked(items, count, name)) {
            continue;
        }
        if (out->columns++ == 0) {
            text_copy(out->first, sizeof out->first, name);
        }
        if (out->columns <= TOLD_NAMES) {
            add_invented(faults, "column", name);
        }
        out->unknown += !catalog_find_column(table, name);
    }
    if (out->columns > TOLD_NAMES) {
        char *text = text_format("and %zu more columns were not asked for", out->columns - TOLD_NAMES);
        json_array_append_new(faults, json_string(text));
        free(text);
    }
}

/* A table that is not named is the one that was asked about. */
static bool is_about(const json_t *root, const CatalogTable *table, json_t *faults)
{
    const json_t *named = json_object_get(root, "table");
    const char *said = json_string_value(named);
    char *name = object_name(table->schema, table->name, NULL);
    bool same = !named || text_equal(said, name) || text_equal(said, table->name);
    free(name);
    if (!same) {
        add_invented(faults, "table", said ? said : "");
    }
    return same;
}

static void refuse_all(LlmItem *items, size_t count, const char *fault)
{
    for (size_t i = 0; i < count; i++) {
        text_copy(items[i].fault, sizeof items[i].fault, fault);
    }
}

static void take_answer(const json_t *root, const Reading *reading, LlmItem *items, size_t count)
{
    const json_t *columns = json_object_get(root, "columns");
    for (size_t i = 0; i < count; i++) {
        const CatalogColumn *column = items[i].item->column;
        take_texts(column ? json_object_get(columns, column->name) : json_object_get(root, "description"),
                   reading, &items[i]);
    }
}

void llm_answer_read(const char *text, const LlmTold *told, const LlmPrompt *prompt, size_t table,
                     LlmItem *items, size_t count, json_t *faults, LlmInvented *invented)
{
    static const char *const members[] = {"table", "description", "columns", NULL};
    json_t *root = llm_object_find(text, members);
    *invented = (LlmInvented){0};
    if (!root) {
        json_array_append_new(faults, json_string("the answer was no JSON object"));
        refuse_all(items, count, "the answer was no JSON object");
    } else if (!is_about(root, &told->catalog->tables[table], faults)) {
        refuse_all(items, count, "the answer was about another table");
    } else {
        Reading reading;
        refuse_invented(json_object_get(root, "columns"), &told->catalog->tables[table], items, count, faults,
                        invented);
        open_reading(&reading, told, prompt, table);
        take_answer(root, &reading, items, count);
        llm_names_close(&reading.names);
    }
    json_decref(root);
}
