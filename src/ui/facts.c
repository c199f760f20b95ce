#include "facts.h"

#include <stdbool.h>
#include <string.h>

#include "cells.h"
#include "memory.h"
#include "text.h"

#define NARROWEST_VALUE 10

void facts_add(Facts *facts, const char *name, const char *value)
{
    memory_grow((void **)&facts->items, facts->count, &facts->capacity, sizeof *facts->items);
    facts->items[facts->count++] = (Fact){.name = name, .value = text_visible(value)};
}

static bool is_in(const char *const *names, const char *name)
{
    while (*names && !text_equal(*names, name)) {
        names++;
    }
    return *names != NULL;
}

/* The lines by what they matter. */
static size_t *sort_lines(const Facts *facts, const char *const *order)
{
    size_t *lines = memory_zero(facts->count, sizeof *lines);
    size_t count = 0;
    for (const char *const *name = order; *name; name++) {
        for (size_t i = 0; i < facts->count; i++) {
            if (text_equal(facts->items[i].name, *name)) {
                lines[count++] = i;
            }
        }
    }
    for (size_t i = 0; i < facts->count; i++) {
        if (!is_in(order, facts->items[i].name)) {
            lines[count++] = i;
        }
    }
    return lines;
}

static size_t rows_of(const Fact *line, int width)
{
    size_t rows = 0;
    cells_free_lines(cells_wrap(line->value, width, &rows));
    return rows > 0 ? rows : 1;
}

/* How many rows each line gets: one while there is room for it, then as many as it needs. */
static size_t *share_rows(const Facts *facts, const char *const *order, int width, size_t left)
{
    size_t *rows = memory_zero(facts->count, sizeof *rows);
    size_t *lines = sort_lines(facts, order);
    for (size_t i = 0; i < facts->count && left > 0; i++, left--) {
        rows[lines[i]] = 1;
    }
    for (size_t i = 0; i < facts->count && left > 0; i++) {
        size_t more = rows_of(&facts->items[lines[i]], width) - 1;
        more = more < left ? more : left;
        rows[lines[i]] += more;
        left -= more;
    }
    free(lines);
    return rows;
}

static void add_value(Text *out, const Fact *line, size_t rows, int width)
{
    char **pieces = cells_wrap(line->value, width, NULL);
    const char *rest = line->value;
    for (size_t i = 0; i < rows && pieces[i]; i++) {
        bool cut = i + 1 == rows && pieces[i + 1];
        char *fitted = cut ? cells_fit(rest, width, 0) : memory_string(pieces[i]);
        text_addf(out, "%-*s%s\n", FACTS_NAME, i ? "" : line->name, fitted);
        rest += strlen(pieces[i]);
        rest += strspn(rest, " ");
        free(fitted);
    }
    cells_free_lines(pieces);
}

char *facts_text(const Facts *facts, const char *const *order, int width, int height)
{
    Text out = {0};
    int room = width - FACTS_NAME > NARROWEST_VALUE ? width - FACTS_NAME : NARROWEST_VALUE;
    size_t *rows = share_rows(facts, order, room, height > 0 ? (size_t)height : 0);
    for (size_t i = 0; i < facts->count; i++) {
        add_value(&out, &facts->items[i], rows[i], room);
    }
    free(rows);
    return text_take(&out);
}

void facts_free(Facts *facts)
{
    for (size_t i = 0; i < facts->count; i++) {
        free(facts->items[i].value);
    }
    free(facts->items);
    *facts = (Facts){0};
}
