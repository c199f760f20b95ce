/* What keys and foreign keys say of tables: the facts that both rule books rest on. */
#include "drafter_rules.h"

#include <string.h>

#include "memory.h"

size_t rules_count(char *const *names)
{
    size_t count = 0;
    while (names && names[count]) {
        count++;
    }
    return count;
}

bool rules_key_has(const CatalogForeignKey *key, const char *column)
{
    for (size_t i = 0; key->columns && key->columns[i]; i++) {
        if (strcmp(key->columns[i], column) == 0) {
            return true;
        }
    }
    return false;
}

bool rules_same_columns(char *const *a, char *const *b)
{
    size_t count = rules_count(a);
    if (count != rules_count(b)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        bool found = false;
        for (size_t j = 0; j < count && !found; j++) {
            found = strcmp(a[i], b[j]) == 0;
        }
        if (!found) {
            return false;
        }
    }
    return true;
}

static const CatalogIndex *primary_index(const CatalogTable *table)
{
    for (size_t i = 0; i < table->index_count; i++) {
        if (table->indexes[i].primary) {
            return &table->indexes[i];
        }
    }
    return NULL;
}

bool rules_key_identifies(const CatalogTable *table)
{
    bool found = false;
    for (size_t i = 0; i < table->column_count; i++) {
        if (table->columns[i].primary_key && !table->columns[i].not_null) {
            return false;
        }
        found = found || table->columns[i].primary_key;
    }
    return found;
}

char **rules_primary_key(const CatalogTable *table)
{
    const CatalogIndex *index = primary_index(table);
    char **columns = memory_zero(table->column_count + 1, sizeof *columns);
    size_t count = 0;
    for (size_t i = 0; i < table->column_count; i++) {
        if (table->columns[i].primary_key) {
            columns[count++] = table->columns[i].name;
        }
    }
    if (index && rules_same_columns(index->columns, columns)) {
        memcpy(columns, index->columns, count * sizeof *columns);
    }
    return columns;
}

/* Is this set of columns the primary key or a unique key of the table? */
static bool is_key(const CatalogTable *table, char *const *columns)
{
    if (rules_count(columns) == 0) {
        return false;
    }
    char **key = rules_primary_key(table);
    bool found = rules_same_columns(key, columns);
    free(key);
    for (size_t i = 0; i < table->unique_count && !found; i++) {
        found = rules_same_columns(table->uniques[i].columns, columns);
    }
    if (!found && rules_count(columns) == 1) {
        const CatalogColumn *column = catalog_find_column(table, columns[0]);
        found = column && column->unique;
    }
    return found;
}

bool rules_link(const Drafter *drafter, size_t table, const CatalogForeignKey *keys[2])
{
    const CatalogTable *link = &drafter->catalog->tables[table];
    const CatalogForeignKey *a = keys[0] = drafter_outgoing(drafter, table, 0);
    const CatalogForeignKey *b = keys[1] = drafter_outgoing(drafter, table, 1);
    if (!a || !b || drafter_outgoing(drafter, table, 2) || a->unproven || b->unproven || link->has_children) {
        return false;
    }
    size_t first = rules_count(a->columns);
    size_t second = rules_count(b->columns);
    char **both = memory_zero(first + second + 1, sizeof *both);
    bool apart = first > 0 && second > 0;
    for (size_t i = 0; i < first; i++) {
        both[i] = a->columns[i];
        apart = apart && !rules_key_has(b, a->columns[i]);
    }
    for (size_t i = 0; i < second; i++) {
        both[first + i] = b->columns[i];
    }
    for (size_t i = 0; both[i] && apart; i++) {
        const CatalogColumn *column = catalog_find_column(link, both[i]);
        apart = column && column->not_null; /* a row without the other end links nothing */
    }
    bool found = apart && is_key(link, both) && !is_key(link, a->columns) && !is_key(link, b->columns);
    free(both);
    return found;
}
