/* The shortest ways from one table to another along foreign keys: breadth first. */
#include "ask_joins.h"

#include <jansson.h>
#include <stdlib.h>

#include "catalog_cache.h"
#include "clock.h"
#include "memory.h"

enum {
    PATHS_LIMIT = 500,  /* of those that are looked at to find the best */
    MEETING_COST = 1000 /* of a table that both ends merely point to; more than any has columns */
};

/* A link to a table from one that is a step nearer to the beginning. */
typedef struct Way {
    size_t before;
    AskLink link;
} Way;

/* A table that was reached. */
typedef struct Step {
    char *schema;
    char *table;
    size_t distance;
    long cost; /* of going through it, -1: not looked at yet */
    Way *ways;
    size_t way_count;
    size_t way_capacity;
} Step;

typedef struct Steps {
    Local *local;
    const char *fingerprint;
    Step *items;
    size_t count;
    size_t capacity;
    json_t *indexes; /* by "schema\ntable" */
} Steps;

static AskPlace place_of(const Step *step)
{
    return (AskPlace){step->schema, step->table};
}

static bool is_at(AskPlace place, const char *schema, const char *table)
{
    return text_equal(place.table, table) && text_equal(place.schema, schema);
}

/* The step of a table, added at this distance when it is new. */
static size_t step_of(Steps *steps, AskPlace place, size_t distance)
{
    char *key = text_format("%s\n%s", place.schema, place.table);
    json_t *known = json_object_get(steps->indexes, key);
    size_t index = known ? (size_t)json_integer_value(known) : steps->count;
    if (!known) {
        json_object_set_new(steps->indexes, key, json_integer((json_int_t)index));
        memory_grow((void **)&steps->items, steps->count, &steps->capacity, sizeof *steps->items);
        steps->items[steps->count++] = (Step){.schema = memory_string(place.schema),
                                              .table = memory_string(place.table),
                                              .distance = distance,
                                              .cost = -1};
    }
    free(key);
    return index;
}

static void copy_words(Words *to, const Words *from)
{
    for (size_t i = 0; i < from->count; i++) {
        words_add(to, from->items[i]);
    }
}

static AskLink copy_link(const AskLink *link)
{
    AskLink copy = {.key = link->key,
                    .from_schema = memory_string(link->from_schema),
                    .from_table = memory_string(link->from_table),
                    .to_schema = memory_string(link->to_schema),
                    .to_table = memory_string(link->to_table)};
    copy_words(&copy.from_columns, &link->from_columns);
    copy_words(&copy.to_columns, &link->to_columns);
    return copy;
}

static bool expand(Steps *steps, size_t at, Error *err)
{
    AskLinks links = {0};
    AskPlace here = place_of(&steps->items[at]);
    size_t distance = steps->items[at].distance + 1;
    bool ok = ask_links_read(steps->local, steps->fingerprint, here, &links, err);
    for (size_t i = 0; ok && i < links.count; i++) {
        const AskLink *link = &links.items[i];
        bool leaves = is_at(here, link->from_schema, link->from_table);
        AskPlace there = leaves ? (AskPlace){link->to_schema, link->to_table}
                                : (AskPlace){link->from_schema, link->from_table};
        size_t index = step_of(steps, there, distance); /* which may move the items */
        Step *step = &steps->items[index];
        if (step->distance == distance) {
            memory_grow((void **)&step->ways, step->way_count, &step->way_capacity, sizeof *step->ways);
            step->ways[step->way_count++] = (Way){.before = at, .link = copy_link(link)};
        }
    }
    ask_links_free(&links);
    return ok;
}

static void steps_free(Steps *steps)
{
    for (size_t i = 0; i < steps->count; i++) {
        Step *step = &steps->items[i];
        for (size_t w = 0; w < step->way_count; w++) {
            ask_link_free(&step->ways[w].link);
        }
        free(step->ways);
        free(step->schema);
        free(step->table);
    }
    free(steps->items);
    json_decref(steps->indexes);
}

/* --- what a way costs: a table that does nothing but link costs nothing --- */

typedef struct Cost {
    Words own; /* columns that refer to nothing */
    long keys; /* those of them that are part of the primary key */
} Cost;

static void take_column(void *context, const CatalogObject *object)
{
    Cost *cost = context;
    if (object->column && !object->refers_to) {
        words_add(&cost->own, object->column);
    }
}

static void take_key(void *context, const char *column, int64_t tables)
{
    (void)tables;
    Cost *cost = context;
    for (size_t i = 0; i < cost->own.count; i++) {
        cost->keys += text_equal(cost->own.items[i], column);
    }
}

static bool find_cost(Steps *steps, Step *step, Error *err)
{
    Cost cost = {0};
    if (step->cost >= 0) {
        return true;
    }
    bool ok =
        catalog_cache_list(steps->local, steps->fingerprint, step->schema, step->table, take_column, &cost,
                           err) &&
        catalog_cache_key(steps->local, steps->fingerprint, step->schema, step->table, take_key, &cost, err);
    step->cost = (long)cost.own.count - cost.keys;
    words_free(&cost.own);
    return ok;
}

/* Two tables that merely point to the same third one (a country, a status) seldom want to be joined over it.
 */
static bool only_meet(const AskLink *first, const AskLink *second, const Step *between)
{
    return is_at(place_of(between), first->to_schema, first->to_table) &&
           is_at(place_of(between), second->to_schema, second->to_table);
}

/* --- the ways, from the end back to the beginning --- */

typedef struct Walk {
    Steps *steps;
    const Way **ways; /* of the way that is walked, from the beginning */
    size_t length;
    size_t at; /* the step that it ends at, and which of the places that is */
    size_t to;
    AskPaths *out;
} Walk;

static bool is_apart(const Walk *walk, size_t from)
{
    const Step *steps = walk->steps->items;
    return !text_equal(steps[from].schema, steps[walk->at].schema);
}

/* The places to begin at are the first steps. */
static bool take_path(Walk *walk, size_t from, Error *err)
{
    AskPaths *out = walk->out;
    memory_grow((void **)&out->items, out->count, &out->capacity, sizeof *out->items);
    AskPath *path = &out->items[out->count];
    *path = (AskPath){.from = from, .to = walk->to, .apart = is_apart(walk, from), .order = out->count++};
    for (size_t i = 0; i < walk->length; i++) {
        AskLinks *links = &path->links;
        memory_grow((void **)&links->items, links->count, &links->capacity, sizeof *links->items);
        links->items[links->count++] = copy_link(&walk->ways[i]->link);
        if (i > 0) {
            Step *between = &walk->steps->items[walk->ways[i]->before];
            if (!find_cost(walk->steps, between, err)) {
                return false;
            }
            path->cost += between->cost;
            path->cost +=
                only_meet(&walk->ways[i - 1]->link, &walk->ways[i]->link, between) ? MEETING_COST : 0;
        }
    }
    return true;
}

static bool walk_back(Walk *walk, size_t at, Error *err)
{
    const Step *step = &walk->steps->items[at];
    if (step->distance == 0) {
        return take_path(walk, at, err);
    }
    bool ok = true;
    for (size_t i = 0; ok && i < step->way_count && walk->out->count < PATHS_LIMIT; i++) {
        walk->ways[step->distance - 1] = &step->ways[i];
        ok = walk_back(walk, step->ways[i].before, err);
    }
    return ok;
}

static int by_cost(const void *left, const void *right)
{
    const AskPath *a = left, *b = right;
    return a->cost != b->cost     ? (a->cost > b->cost) - (a->cost < b->cost)
           : a->apart != b->apart ? a->apart - b->apart
                                  : (a->order > b->order) - (a->order < b->order);
}

/* Which of the places the step is; their count: none. */
static size_t index_of(const AskPlaces *places, AskPlace place)
{
    size_t i = 0;
    while (i < places->count && !is_at(place, places->items[i].schema, places->items[i].table)) {
        i++;
    }
    return i;
}

static bool take_paths(Steps *steps, size_t at, size_t to, AskPaths *paths, Error *err)
{
    Walk walk = {.steps = steps, .length = steps->items[at].distance, .at = at, .to = to, .out = paths};
    walk.ways = memory_zero(walk.length + 1, sizeof(const Way *));
    bool ok = walk_back(&walk, at, err);
    free((void *)walk.ways);
    return ok;
}

/* One search from all places at once; the first that it reaches is as near as any. */
bool ask_paths_find(Local *local, const char *fingerprint, AskPlaces from, AskPlaces to, AskPaths *paths,
                    Error *err)
{
    Steps steps = {.local = local, .fingerprint = fingerprint, .indexes = json_object()};
    bool ok = true;
    *paths = (AskPaths){0};
    for (size_t i = 0; i < from.count; i++) {
        step_of(&steps, from.items[i], 0);
    }
    for (size_t at = 0, nearest = SIZE_MAX; ok && at < steps.count && steps.items[at].distance <= nearest;
         at++) {
        size_t reached = index_of(&to, place_of(&steps.items[at]));
        if (reached < to.count) {
            nearest = steps.items[at].distance;
            ok = take_paths(&steps, at, reached, paths, err);
        } else if (nearest == SIZE_MAX) {
            ok = interrupt_requested()
                     ? error_set(err, ERROR_INTERRUPTED, "interrupted while looking for a way to join")
                     : expand(&steps, at, err);
        }
    }
    if (paths->count > 0) {
        qsort(paths->items, paths->count, sizeof *paths->items, by_cost);
    }
    steps_free(&steps);
    return ok;
}

void ask_paths_free(AskPaths *paths)
{
    for (size_t i = 0; i < paths->count; i++) {
        ask_links_free(&paths->items[i].links);
    }
    free(paths->items);
    *paths = (AskPaths){0};
}
