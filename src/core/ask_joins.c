#include "ask_joins.h"

#include <stdlib.h>

#include "ask_name.h"
#include "catalog_cache.h"
#include "memory.h"

char *ask_link_condition(const AskLink *link)
{
    Text condition = {0};
    for (size_t i = 0; i < link->from_columns.count; i++) {
        char *left = ask_name(link->from_schema, link->from_table, link->from_columns.items[i]);
        char *right = ask_name(link->to_schema, link->to_table, link->to_columns.items[i]);
        text_addf(&condition, "%s%s = %s", i ? " and " : "", left, right);
        free(left);
        free(right);
    }
    return text_take(&condition);
}

/* The rows of a key come one after the other; a key that was read before is not read again. */
typedef struct Reading {
    AskLinks *links;
    size_t known; /* links that were there before */
    AskLink *link;
    int64_t skipped;
} Reading;

static bool is_known(const Reading *reading, int64_t key)
{
    for (size_t i = 0; i < reading->known; i++) {
        if (reading->links->items[i].key == key) {
            return true;
        }
    }
    return false;
}

static void add_reference(void *context, const CatalogReference *reference)
{
    Reading *reading = context;
    AskLinks *links = reading->links;
    if (reference->key == reading->skipped) {
        return;
    }
    if (!reading->link || reading->link->key != reference->key) {
        if (is_known(reading, reference->key)) {
            reading->skipped = reference->key;
            return;
        }
        memory_grow((void **)&links->items, links->count, &links->capacity, sizeof *links->items);
        reading->link = &links->items[links->count++];
        *reading->link = (AskLink){.key = reference->key,
                                   .from_schema = memory_string(reference->schema),
                                   .from_table = memory_string(reference->table),
                                   .to_schema = memory_string(reference->to_schema),
                                   .to_table = memory_string(reference->to_table)};
    }
    words_add(&reading->link->from_columns, reference->column);
    words_add(&reading->link->to_columns, reference->to_column);
}

bool ask_links_read(Local *local, const char *fingerprint, AskPlace place, AskLinks *links, Error *err)
{
    Reading reading = {.links = links, .known = links->count, .skipped = -1};
    return catalog_cache_references(local, fingerprint, place.schema, place.table, add_reference, &reading,
                                    err);
}

void ask_link_free(AskLink *link)
{
    free(link->from_schema);
    free(link->from_table);
    words_free(&link->from_columns);
    free(link->to_schema);
    free(link->to_table);
    words_free(&link->to_columns);
}

void ask_links_free(AskLinks *links)
{
    for (size_t i = 0; i < links->count; i++) {
        ask_link_free(&links->items[i]);
    }
    free(links->items);
    *links = (AskLinks){0};
}

static bool is_same(AskPlace a, AskPlace b)
{
    return text_equal(a.table, b.table) && text_equal(a.schema, b.schema);
}

static AskPlace from_of(const AskLink *link)
{
    return (AskPlace){link->from_schema, link->from_table};
}

static AskPlace to_of(const AskLink *link)
{
    return (AskPlace){link->to_schema, link->to_table};
}

/* Where a link leads from a place; false when it does not touch it, or only leads back to it. */
static bool other_end(const AskLink *link, AskPlace place, AskPlace *end)
{
    bool from = is_same(from_of(link), place), to = is_same(to_of(link), place);
    *end = from ? to_of(link) : from_of(link);
    return from != to;
}

static void add_line(const AskLink *link, const AskLink *second, Text *out)
{
    char *condition = ask_link_condition(link);
    char *more = second ? ask_link_condition(second) : NULL;
    text_addf(out, "    %s%s%s\n", condition, more ? " and " : "", more ? more : "");
    free(more);
    free(condition);
}

typedef struct Joins {
    AskLinks links;
    bool others; /* tell how many other ways there are */
    Text *out;
} Joins;

static bool add_direct(const Joins *joins, AskPlace a, AskPlace b)
{
    const AskLinks *links = &joins->links;
    bool found = false;
    AskPlace end;
    for (size_t i = 0; i < links->count; i++) {
        if (other_end(&links->items[i], a, &end) && is_same(end, b)) {
            add_line(&links->items[i], NULL, joins->out);
            found = true;
        }
    }
    return found;
}

/* Two tables that merely point to the same third one (a country, a status) seldom want to be joined over it.
 */
static bool only_meet(const AskLink *first, const AskLink *second, AskPlace between)
{
    return is_same(to_of(first), between) && is_same(to_of(second), between);
}

static void say_others(size_t others, AskPlace a, AskPlace b, Text *out)
{
    char *from = ask_name(a.schema, a.table, NULL), *to = ask_name(b.schema, b.table, NULL);
    text_addf(out, "    and %zu other way%s: how do I join %s to %s\n", others,
              text_plural((long long)others), from, to);
    free(to);
    free(from);
}

/* The first way over one table between, and how many others there are. */
static bool add_over_one(const Joins *joins, AskPlace a, AskPlace b)
{
    const AskLinks *links = &joins->links;
    size_t ways = 0;
    for (size_t i = 0; i < links->count; i++) {
        const AskLink *first = &links->items[i];
        AskPlace between, end;
        if (!other_end(first, a, &between) || is_same(between, b)) {
            continue;
        }
        for (size_t j = 0; j < links->count; j++) {
            const AskLink *second = &links->items[j];
            if (other_end(second, between, &end) && is_same(end, b) && !only_meet(first, second, between) &&
                ++ways == 1) {
                add_line(first, second, joins->out);
            }
        }
    }
    if (ways > 1 && joins->others) {
        say_others(ways - 1, a, b, joins->out);
    }
    return ways > 0;
}

static AskPlace place_of(const AskTable *table)
{
    return (AskPlace){table->schema, table->name};
}

typedef bool (*AddPath)(const Joins *joins, AskPlace a, AskPlace b);

/* Joins a table to the best of those before it that this kind of path reaches. */
static bool add_nearest(const Joins *joins, const AskMatch *match, size_t table, AddPath add)
{
    for (size_t i = 0; i < table; i++) {
        if (add(joins, place_of(&match->tables[table]), place_of(&match->tables[i]))) {
            return true;
        }
    }
    return false;
}

bool ask_joins_add(Local *local, const char *fingerprint, const AskMatch *match, bool others, Text *out,
                   Error *err)
{
    Joins joins = {.others = others, .out = out};
    bool ok = true;
    for (size_t i = 0; ok && match->table_count > 1 && i < match->table_count; i++) {
        ok = ask_links_read(local, fingerprint, place_of(&match->tables[i]), &joins.links, err);
    }
    for (size_t i = 1; ok && i < match->table_count; i++) {
        if (!add_nearest(&joins, match, i, add_direct)) {
            add_nearest(&joins, match, i, add_over_one);
        }
    }
    ask_links_free(&joins.links);
    return ok;
}
