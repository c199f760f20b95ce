/* Schemas: the one that a question is about, and all of them. */
#include "ask_kind.h"

#include <limits.h>
#include <stdlib.h>

#include "ask_fold.h"
#include "memory.h"
#include "search.h"

enum { LIST_LIMIT = 20 };

/* --- the one that is meant --- */

/* What stands beside the word "schema", whether there is such a schema or not. */
static const char *beside_schema(const AskWork *work)
{
    for (size_t i = 0; i < work->words.count; i++) {
        if (text_equal(work->words.items[i], "schema")) {
            return i + 1 < work->words.count && !ask_is_filler(work->words.items[i + 1])
                       ? work->raw.items[i + 1]
                   : i > 0 && !ask_is_filler(work->words.items[i - 1]) ? work->raw.items[i - 1]
                                                                       : NULL;
        }
    }
    return NULL;
}

static bool is_schema(const AskWork *work, const char *name, bool *out, Error *err)
{
    const CatalogFilter in = {.schema = name, .tables = true};
    int64_t tables = 0;
    bool ok = catalog_cache_select(work->question->local, work->question->fingerprint, &in, 0, NULL, NULL,
                                   &tables, err);
    *out = tables > 0;
    return ok;
}

/* Sets the schema when it is called so. */
static bool try_schema(AskWork *work, const char *name, Error *err)
{
    bool there = false;
    bool ok = is_schema(work, name, &there, err);
    work->schema = there ? name : NULL;
    return ok;
}

bool ask_schema_find(AskWork *work, Error *err)
{
    static const char *const before[] = {"in", "of", "from", "within", NULL};
    const char *beside = beside_schema(work);
    bool ok = true;
    for (size_t i = 0; ok && !work->schema && i < work->words.count; i++) {
        bool behind = i > 0 && words_is_one_of(work->words.items[i - 1], before);
        bool candidate = beside ? text_equal(work->raw.items[i], beside)
                                : behind && work->named.count == 0 && !ask_is_filler(work->words.items[i]);
        if (candidate) {
            ok = try_schema(work, work->raw.items[i], err) &&
                 (work->schema || try_schema(work, work->words.items[i], err));
        }
    }
    work->schema = work->schema ? work->schema : beside;
    return ok;
}

bool ask_is_schema(const AskWork *work, const char *word)
{
    return work->schema && ask_same_name(work->schema, word);
}

/* --- all of them --- */

typedef struct Schema {
    char *name;
    long long tables;
} Schema;

typedef struct Schemas {
    Schema *items;
    size_t count;
    size_t capacity;
} Schemas;

/* The tables of a schema come one after the other. */
static void count_table(void *context, const CatalogObject *table)
{
    Schemas *schemas = context;
    if (schemas->count == 0 || !text_equal(schemas->items[schemas->count - 1].name, table->schema)) {
        memory_grow((void **)&schemas->items, schemas->count, &schemas->capacity, sizeof *schemas->items);
        schemas->items[schemas->count++] = (Schema){.name = memory_string(table->schema)};
    }
    schemas->items[schemas->count - 1].tables++;
}

static void say_schemas(AskWork *work, const Schemas *schemas)
{
    int limit = ask_list_limit(work, LIST_LIMIT);
    text_addf(&work->text, "%zu schema%s%s\n", schemas->count, text_plural((long long)schemas->count),
              schemas->count ? ":" : ".");
    for (size_t i = 0; i < schemas->count && i < (size_t)limit; i++) {
        const Schema *schema = &schemas->items[i];
        char *name = text_visible(schema->name);
        text_addf(&work->text, "    %s: %lld table%s or view%s\n", name, schema->tables,
                  text_plural(schema->tables), text_plural(schema->tables));
        free(name);
    }
    ask_say_more(work, (int64_t)schemas->count, limit, "schema");
    work->out->known = true;
}

static bool list_all(AskWork *work, Error *err)
{
    const CatalogFilter all = {.tables = true};
    Schemas schemas = {0};
    int64_t total = 0;
    bool ok = catalog_cache_select(work->question->local, work->question->fingerprint, &all, INT_MAX,
                                   count_table, &schemas, &total, err);
    say_schemas(work, &schemas);
    for (size_t i = 0; i < schemas.count; i++) {
        free(schemas.items[i].name);
    }
    free(schemas.items);
    return ok;
}

bool ask_schema_missing(AskWork *work, bool *missing, Error *err)
{
    bool there = true;
    bool ok = !work->schema || is_schema(work, work->schema, &there, err);
    *missing = !there;
    if (ok && !there) {
        char *name = text_visible(work->schema);
        text_addf(&work->text, "No schema is called %s. There is ", name);
        free(name);
        ok = list_all(work, err);
        work->out->known = false;
    }
    return ok;
}

bool ask_schemas_named(AskWork *work, const char *const *known, Words *out, Error *err)
{
    bool ok = true, all = true;
    for (size_t i = 0; ok && all && i < work->words.count; i++) {
        if (!ask_is_filler(work->words.items[i]) && !words_is_one_of(work->words.items[i], known)) {
            ok = is_schema(work, work->raw.items[i], &all, err);
            words_add(out, work->raw.items[i]);
        }
    }
    if (!all) {
        words_free(out);
    }
    return ok;
}

/* Is nothing asked for but schemas? */
static bool is_bare(const AskWork *work)
{
    static const char *const bare[] = {"schema", "schemas", "number", "count", NULL};
    for (size_t i = 0; i < work->words.count; i++) {
        if (!search_is_stop_word(work->words.items[i]) && !words_is_one_of(work->words.items[i], bare)) {
            return false;
        }
    }
    return true;
}

bool ask_schemas(AskWork *work, bool *taken, Error *err)
{
    static const char *const plural[] = {"schemas", NULL};
    if (ask_word_at(work, plural) < 0 || work->points_back || !is_bare(work)) {
        return true;
    }
    *taken = true;
    return list_all(work, err);
}
