#include "drafter_llm_samples.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "llm_secret.h"
#include "memory.h"
#include "text.h"

enum { SHORTEST_QUOTE = 4 };

/* Of one table. */
typedef struct TableSamples {
    DatabaseSample *columns;
    size_t count;
    bool read;
} TableSamples;

struct LlmSamples {
    const Catalog *catalog;
    const DrafterModel *model;
    TableSamples *tables; /* at the places of the catalog's */
};

LlmSamples *llm_samples_open(const Catalog *catalog, const DrafterModel *model)
{
    if (!(model->profile->sends & LLM_SENDS_SAMPLES) || !model->sample) {
        return NULL;
    }
    LlmSamples *samples = memory_zero(1, sizeof *samples);
    samples->catalog = catalog;
    samples->model = model;
    samples->tables = memory_zero(catalog->table_count + 1, sizeof *samples->tables);
    return samples;
}

void llm_samples_close(LlmSamples *samples)
{
    for (size_t t = 0; samples && t < samples->catalog->table_count; t++) {
        for (size_t i = 0; i < samples->tables[t].count; i++) {
            database_sample_free(&samples->tables[t].columns[i]);
        }
        free(samples->tables[t].columns);
    }
    if (samples) {
        free(samples->tables);
    }
    free(samples);
}

static bool is_wanted(const CatalogColumn *column)
{
    return strncasecmp(column->type ? column->type : "", "bool", strlen("bool")) != 0 &&
           !llm_secret_is_name(column->name);
}

void llm_samples_read(LlmSamples *samples, size_t table, const DraftItem *items, size_t count)
{
    TableSamples *known = samples ? &samples->tables[table] : NULL;
    if (!known || known->read) {
        return;
    }
    known->read = true;
    if (llm_secret_is_name(samples->catalog->tables[table].name)) {
        return; /* whatever its columns hold */
    }
    known->columns = memory_zero(count + 1, sizeof *known->columns);
    for (size_t i = 0; i < count; i++) {
        if (items[i].column && is_wanted(items[i].column)) {
            known->columns[known->count++] =
                (DatabaseSample){.column = items[i].column, .refuses = llm_secret_is_value};
        }
    }
    if (known->count > 0) {
        samples->model->sample(samples->model->sample_context, &samples->catalog->tables[table],
                               known->columns, known->count);
    }
}

const DatabaseSample *llm_samples_of(const LlmSamples *samples, size_t table, const char *column)
{
    for (size_t i = 0; samples && i < samples->tables[table].count; i++) {
        if (text_equal(samples->tables[table].columns[i].column->name, column)) {
            return &samples->tables[table].columns[i];
        }
    }
    return NULL;
}

static bool is_word_character(char c)
{
    return (unsigned char)c >= 0x80 || isalnum((unsigned char)c);
}

/* Whatever was longer ends where it was cut, mostly in the middle of a word. */
static bool may_be_cut(const char *value)
{
    size_t characters = 0;
    for (const char *at = value; *at; at++) {
        characters += ((unsigned char)*at & 0xc0) != 0x80;
    }
    return characters >= DATABASE_SAMPLE_CHARACTERS;
}

static bool holds_words(const char *text, const char *words)
{
    bool open_end = may_be_cut(words);
    size_t length = strlen(words);
    for (const char *at = strcasestr(text, words); at; at = strcasestr(at + 1, words)) {
        bool begins = at == text || !is_word_character(at[-1]) || !is_word_character(*words);
        bool ends = open_end || !is_word_character(at[length]) || !is_word_character(words[length - 1]);
        if (begins && ends) {
            return true;
        }
    }
    return false;
}

static bool is_in_names(const CatalogTable *table, const char *value)
{
    bool found = strcasestr(table->name, value) != NULL;
    for (size_t c = 0; c < table->column_count && !found; c++) {
        found = strcasestr(table->columns[c].name, value) != NULL;
    }
    return found;
}

bool llm_samples_quoted(const LlmSamples *samples, size_t table, const char *text)
{
    for (size_t i = 0; samples && i < samples->tables[table].count; i++) {
        const DatabaseSample *sample = &samples->tables[table].columns[i];
        for (size_t v = 0; v < sample->count; v++) {
            const char *value = sample->values[v];
            if (strlen(value) >= SHORTEST_QUOTE && holds_words(text, value) &&
                !is_in_names(&samples->catalog->tables[table], value)) {
                return true;
            }
        }
    }
    return false;
}
