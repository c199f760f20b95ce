#include "ask_joins.h"

#include <stdlib.h>

#include "catalog_cache.h"
#include "memory.h"

typedef struct Place {
    char *schema;
    char *table;
} Place;

/* A foreign key. */
typedef struct Link {
    int64_t key;
    Place from;
    Place to;
    char *condition; /* "sales_order.customer_id = customer.customer_id" */
} Link;

typedef struct Links {
    Link *items;
    size_t count;
    size_t capacity;
} Links;

char *ask_name(const char *schema, const char *table, const char *column)
{
    Text name = {0};
    if (!text_equal(schema, "main")) {
        text_addf(&name, "%s.", schema);
    }
    text_add(&name, table);
    if (column) {
        text_addf(&name, ".%s", column);
    }
    char *visible = text_visible(text_string(&name));
    text_free(&name);
    return visible;
}

static void add_reference(void *context, const CatalogReference *reference)
{
    Links *links = context;
    char *left = ask_name(reference->schema, reference->table, reference->column);
    char *right = ask_name(reference->to_schema, reference->to_table, reference->to_column);
    Link *last = links->count ? &links->items[links->count - 1] : NULL;
    if (last && last->key == reference->key) {
        char *whole = text_format("%s and %s = %s", last->condition, left, right);
        free(last->condition);
        last->condition = whole;
    } else {
        memory_grow((void **)&links->items, links->count, &links->capacity, sizeof *links->items);
        links->items[links->count++] = (Link){
            .key = reference->key,
            .from = {memory_string(reference->schema), memory_string(reference->table)},
            .to = {memory_string(reference->to_schema), memory_string(reference->to_table)},
            .condition = text_format("%s = %s", left, right),
        };
    }
    free(left);
    free(right);
}

static void free_links(Links *links)
{
    for (size_t i = 0; i < links->count; i++) {
        Link *link = &links->items[i];
        free(link->from.schema);
        free(link->from.table);
        free(link->to.schema);
        free(link->to.table);
        free(link->condition);
    }
    free(links->items);
}

static bool is_same(const Place *a, const Place *b)
{
    return text_equal(a->table, b->table) && text_equal(a->schema, b->schema);
}

/* Where a link leads from a place; NULL when it does not touch it, or only leads back to it. */
static const Place *other_end(const Link *link, const Place *place)
{
    bool from = is_same(&link->from, place), to = is_same(&link->to, place);
    return from == to ? NULL : from ? &link->to : &link->from;
}

static bool add_direct(const Links *links, const Place *a, const Place *b, Text *out)
{
    bool found = false;
    for (size_t i = 0; i < links->count; i++) {
        const Place *end = other_end(&links->items[i], a);
        if (end && is_same(end, b)) {
            text_addf(out, "    %s\n", links->items[i].condition);
            found = true;
        }
    }
    return found;
}

/* Two tables that merely point to the same third one (a country, a status) seldom want to be joined over it.
 */
static bool only_meet(const Link *first, const Link *second, const Place *between)
{
    return is_same(&first->to, between) && is_same(&second->to, between);
}

static bool add_over_one(const Links *links, const Place *a, const Place *b, Text *out)
{
    for (size_t i = 0; i < links->count; i++) {
        const Link *first = &links->items[i];
        const Place *between = other_end(first, a);
        for (size_t j = 0; between && !is_same(between, b) && j < links->count; j++) {
            const Link *second = &links->items[j];
            const Place *end = other_end(second, between);
            if (end && is_same(end, b) && !only_meet(first, second, between)) {
                text_addf(out, "    %s and %s\n", first->condition, second->condition);
                return true;
            }
        }
    }
    return false;
}

static Place place_of(const AskTable *table)
{
    return (Place){table->schema, table->name};
}

typedef bool (*AddPath)(const Links *links, const Place *a, const Place *b, Text *out);

/* Joins a table to the best of those before it that this kind of path reaches. */
static bool add_nearest(const Links *links, const AskMatch *match, size_t table, AddPath add, Text *out)
{
    Place here = place_of(&match->tables[table]);
    for (size_t i = 0; i < table; i++) {
        Place there = place_of(&match->tables[i]);
        if (add(links, &here, &there, out)) {
            return true;
        }
    }
    return false;
}

bool ask_joins_add(Local *local, const char *fingerprint, const AskMatch *match, Text *out, Error *err)
{
    Links links = {0};
    bool ok =
        match->table_count < 2 || catalog_cache_references(local, fingerprint, add_reference, &links, err);
    for (size_t i = 1; ok && i < match->table_count; i++) {
        if (!add_nearest(&links, match, i, add_direct, out)) {
            add_nearest(&links, match, i, add_over_one, out);
        }
    }
    free_links(&links);
    return ok;
}
