/* The shortest way from one table to another along foreign keys: breadth first. */
#include "ask_joins.h"

#include <jansson.h>
#include <stdlib.h>

#include "clock.h"
#include "memory.h"

/* A table that was reached, and over which link from where. */
typedef struct Step {
    char *schema;
    char *table;
    size_t before;
    AskLink link; /* of all but the first */
} Step;

typedef struct Steps {
    Step *items;
    size_t count;
    size_t capacity;
    json_t *seen; /* the keys are "schema\ntable" */
} Steps;

static bool is_new(Steps *steps, AskPlace place)
{
    char *key = text_format("%s\n%s", place.schema, place.table);
    bool found = json_object_get(steps->seen, key) != NULL;
    if (!found) {
        json_object_set_new(steps->seen, key, json_true());
    }
    free(key);
    return !found;
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

static void add_step(Steps *steps, AskPlace place, size_t before, const AskLink *link)
{
    if (!is_new(steps, place)) {
        return;
    }
    memory_grow((void **)&steps->items, steps->count, &steps->capacity, sizeof *steps->items);
    steps->items[steps->count++] = (Step){.schema = memory_string(place.schema),
                                          .table = memory_string(place.table),
                                          .before = before,
                                          .link = link ? copy_link(link) : (AskLink){0}};
}

static bool expand(Local *local, const char *fingerprint, Steps *steps, size_t at, Error *err)
{
    AskLinks links = {0};
    AskPlace here = {steps->items[at].schema, steps->items[at].table};
    bool ok = ask_links_read(local, fingerprint, here, &links, err);
    for (size_t i = 0; ok && i < links.count; i++) {
        const AskLink *link = &links.items[i];
        add_step(steps, (AskPlace){link->from_schema, link->from_table}, at, link);
        add_step(steps, (AskPlace){link->to_schema, link->to_table}, at, link);
    }
    ask_links_free(&links);
    return ok;
}

/* The links from the first step to this one, in order. */
static void take_path(const Steps *steps, size_t at, AskLinks *path)
{
    size_t hops = 0;
    for (size_t i = at; i != 0; i = steps->items[i].before) {
        hops++;
    }
    path->items = memory_zero(hops, sizeof *path->items);
    path->count = path->capacity = hops;
    for (size_t i = at; i != 0; i = steps->items[i].before) {
        path->items[--hops] = copy_link(&steps->items[i].link);
    }
}

static void steps_free(Steps *steps)
{
    for (size_t i = 0; i < steps->count; i++) {
        AskLinks link = {.count = 1};
        free(steps->items[i].schema);
        free(steps->items[i].table);
        link.items = memory_alloc(sizeof *link.items);
        link.items[0] = steps->items[i].link;
        ask_links_free(&link);
    }
    free(steps->items);
    json_decref(steps->seen);
}

bool ask_path_find(Local *local, const char *fingerprint, AskPlace from, AskPlace to, AskLinks *path,
                   Error *err)
{
    Steps steps = {.seen = json_object()};
    bool ok = true;
    *path = (AskLinks){0};
    add_step(&steps, from, 0, NULL);
    for (size_t at = 0; ok && at < steps.count; at++) {
        if (text_equal(steps.items[at].table, to.table) && text_equal(steps.items[at].schema, to.schema)) {
            take_path(&steps, at, path);
            break;
        }
        ok = interrupt_requested()
                 ? error_set(err, ERROR_INTERRUPTED, "interrupted while looking for a way to join")
                 : expand(local, fingerprint, &steps, at, err);
    }
    steps_free(&steps);
    return ok;
}
