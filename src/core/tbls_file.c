#include "tbls_file.h"

#include <string.h>

#include "memory.h"

#define SQLITE_SCHEMA "main"
#define PG_SCHEMA "public"

char *tbls_name(Backend backend, const char *schema, const char *name)
{
    return backend == BACKEND_SQLITE ? memory_string(name) : text_format("%s.%s", schema, name);
}

/* A dot may be part of a name: the first one counts that gives a table which is there, else the first one. */
static TblsTable parse_name(Backend backend, const Catalog *catalog, const char *written, YmlNode *node)
{
    const char *first = backend == BACKEND_SQLITE ? NULL : strchr(written, '.');
    for (const char *dot = first; dot; dot = strchr(dot + 1, '.')) {
        char *schema = memory_string_n(written, (size_t)(dot - written));
        if (catalog_find_table(catalog, schema, dot + 1) >= 0) {
            return (TblsTable){schema, memory_string(dot + 1), node};
        }
        free(schema);
    }
    if (first) {
        return (TblsTable){memory_string_n(written, (size_t)(first - written)), memory_string(first + 1),
                           node};
    }
    const char *schema = backend == BACKEND_SQLITE ? SQLITE_SCHEMA : PG_SCHEMA;
    return (TblsTable){memory_string(schema), memory_string(written), node};
}

static int compare_names(const char *schema, const char *name, const TblsTable *table)
{
    int order = strcmp(schema, table->schema);
    return order ? order : strcmp(name, table->name);
}

static int compare(const void *a, const void *b)
{
    const TblsTable *left = a;
    const TblsTable *right = b;
    int order = compare_names(left->schema, left->name, right);
    size_t here = yml_line(left->node), there = yml_line(right->node);
    return order ? order : (here > there) - (here < there);
}

void tbls_tables_read(const YmlNode *root, Backend backend, const Catalog *catalog, TblsTables *out)
{
    const YmlNode *comments = yml_get(root, "comments");
    *out = (TblsTables){0};
    for (size_t i = 0; yml_kind(comments) == YML_SEQUENCE && i < yml_count(comments); i++) {
        YmlNode *node = yml_item(comments, i);
        const char *written = yml_get_text(node, "table");
        if (written) {
            memory_grow((void **)&out->items, out->count, &out->capacity, sizeof *out->items);
            out->items[out->count++] = parse_name(backend, catalog, written, node);
        }
    }
    if (out->count > 0) {
        qsort(out->items, out->count, sizeof *out->items, compare);
    }
}

void tbls_tables_free(TblsTables *tables)
{
    for (size_t i = 0; i < tables->count; i++) {
        free(tables->items[i].schema);
        free(tables->items[i].name);
    }
    free(tables->items);
    *tables = (TblsTables){0};
}

YmlNode *tbls_tables_find(const TblsTables *tables, const char *schema, const char *name)
{
    size_t low = 0, high = tables->count;
    while (low < high) { /* to the first that comes after the name */
        size_t middle = low + (high - low) / 2;
        if (compare_names(schema, name, &tables->items[middle]) >= 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool found = low > 0 && compare_names(schema, name, &tables->items[low - 1]) == 0;
    return found ? tables->items[low - 1].node : NULL;
}
