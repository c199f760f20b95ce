#include "dbt_file.h"

#include <string.h>

#include "memory.h"

static bool opens_jinja(const char *at)
{
    return at[0] == '{' && (at[1] == '{' || at[1] == '%' || at[1] == '#');
}

char *dbt_literal(const char *text)
{
    Text out = {0};
    while (*text) {
        if (opens_jinja(text)) {
            text_addf(&out, "{{ '%.2s' }}", text);
            text += 2;
        } else {
            text_add_char(&out, *text++);
        }
    }
    return text_take(&out);
}

/* Is this {{ '{{' }}, or the same for {% or {#, as dbt_literal writes it? */
static bool is_escape(const char *at)
{
    return strncmp(at, "{{ '", 4) == 0 && opens_jinja(at + 4) && strncmp(at + 6, "' }}", 4) == 0;
}

char *dbt_literal_read(const char *written)
{
    Text out = {0};
    while (written && *written) {
        if (is_escape(written)) {
            text_add_n(&out, written + 4, 2);
            written += 10;
        } else if (opens_jinja(written)) {
            text_free(&out);
            return NULL;
        } else {
            text_add_char(&out, *written++);
        }
    }
    return written ? text_take(&out) : NULL;
}

static char *name_of(const YmlNode *node, const char *key, const char *otherwise)
{
    char *name = dbt_literal_read(yml_get_text(node, key));
    return name ? name : dbt_literal_read(yml_get_text(node, otherwise));
}

bool dbt_is_elsewhere(const YmlNode *source, const char *database)
{
    char *named = dbt_literal_read(yml_get_text(source, "database"));
    bool elsewhere = database && !text_is_empty(named) && strcmp(named, database) != 0;
    free(named);
    return elsewhere;
}

char *dbt_schema_of(const YmlNode *source)
{
    return name_of(source, "schema", "name");
}

char *dbt_table_of(const YmlNode *table)
{
    return name_of(table, "identifier", "name");
}

char *dbt_column_of(const YmlNode *column)
{
    return dbt_literal_read(yml_get_text(column, "name"));
}

static int compare_names(const char *schema, const char *name, const DbtTable *table)
{
    int order = strcmp(schema, table->schema);
    return order ? order : strcmp(name, table->name);
}

static int compare(const void *a, const void *b)
{
    const DbtTable *left = a;
    const DbtTable *right = b;
    int order = compare_names(left->schema, left->name, right);
    size_t here = yml_line(left->node), there = yml_line(right->node);
    return order ? order : (here > there) - (here < there);
}

static void add_tables(DbtTables *out, const YmlNode *source)
{
    const YmlNode *tables = yml_get(source, "tables");
    char *schema = dbt_schema_of(source);
    for (size_t i = 0; schema && yml_kind(tables) == YML_SEQUENCE && i < yml_count(tables); i++) {
        YmlNode *node = yml_item(tables, i);
        char *name = dbt_table_of(node);
        if (name) {
            memory_grow((void **)&out->items, out->count, &out->capacity, sizeof *out->items);
            out->items[out->count++] = (DbtTable){memory_string(schema), name, node};
        }
    }
    free(schema);
}

void dbt_tables_read(const YmlNode *root, const char *database, DbtTables *out)
{
    const YmlNode *sources = yml_get(root, "sources");
    *out = (DbtTables){0};
    for (size_t i = 0; yml_kind(sources) == YML_SEQUENCE && i < yml_count(sources); i++) {
        const YmlNode *source = yml_item(sources, i);
        if (!dbt_is_elsewhere(source, database)) {
            add_tables(out, source);
        }
    }
    if (out->count > 0) {
        qsort(out->items, out->count, sizeof *out->items, compare);
    }
}

void dbt_tables_free(DbtTables *tables)
{
    for (size_t i = 0; i < tables->count; i++) {
        free(tables->items[i].schema);
        free(tables->items[i].name);
    }
    free(tables->items);
    *tables = (DbtTables){0};
}

const DbtTable *dbt_tables_find(const DbtTables *tables, const char *schema, const char *name, size_t *count)
{
    size_t low = 0, high = tables->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_names(schema, name, &tables->items[middle]) > 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *count = 0;
    while (low + *count < tables->count && compare_names(schema, name, &tables->items[low + *count]) == 0) {
        ++*count;
    }
    return *count > 0 ? &tables->items[low] : NULL;
}
