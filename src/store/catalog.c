#include "catalog_build.h"

#include <string.h>

#include "memory.h"
#include "text.h"

/* --- freeing --- */

static void free_names(char **names)
{
    for (char **name = names; name && *name; name++) {
        free(*name);
    }
    free(names);
}

static void free_checks(CatalogCheck *checks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(checks[i].name);
        free(checks[i].expression);
    }
    free(checks);
}

static void free_source(CatalogSource *source)
{
    if (source) {
        free(source->schema);
        free(source->table);
        free(source->column);
        free(source);
    }
}

void catalog_free_column(CatalogColumn *column)
{
    free(column->name);
    free(column->type);
    free(column->default_value);
    free(column->comment);
    free_names(column->enum_labels);
    free_source(column->source);
}

static void free_index(CatalogIndex *index)
{
    free(index->name);
    free_names(index->columns);
    free(index->expressions);
    free(index->predicate);
}

static void free_domain(CatalogDomain *domain)
{
    free(domain->name);
    free(domain->base_type);
    free(domain->comment);
    free_checks(domain->checks, domain->check_count);
}

static void free_table(CatalogTable *table)
{
    for (size_t i = 0; i < table->column_count; i++) {
        catalog_free_column(&table->columns[i]);
    }
    for (size_t i = 0; i < table->unique_count; i++) {
        free(table->uniques[i].name);
        free_names(table->uniques[i].columns);
    }
    for (size_t i = 0; i < table->index_count; i++) {
        free_index(&table->indexes[i]);
    }
    free(table->columns);
    free_checks(table->checks, table->check_count);
    free(table->uniques);
    free(table->indexes);
    free(table->schema);
    free(table->name);
    free(table->comment);
    free(table->parent_schema);
    free(table->parent_table);
    free(table->definition);
}

void catalog_free_foreign_key(CatalogForeignKey *key)
{
    free(key->name);
    free(key->to_schema);
    free(key->to_table);
    free_names(key->columns);
    free_names(key->to_columns);
}

void catalog_free(Catalog *catalog)
{
    if (!catalog) {
        return;
    }
    for (size_t i = 0; i < catalog->table_count; i++) {
        free_table(&catalog->tables[i]);
    }
    for (size_t i = 0; i < catalog->foreign_key_count; i++) {
        catalog_free_foreign_key(&catalog->foreign_keys[i]);
    }
    for (size_t i = 0; i < catalog->domain_count; i++) {
        free_domain(&catalog->domains[i]);
    }
    free(catalog->tables);
    free(catalog->foreign_keys);
    free(catalog->domains);
    free_names(catalog->skipped);
    free_names(catalog->without_statistics);
    free(catalog);
}

/* --- finding --- */

static int compare_names(const char *schema, const char *name, const CatalogTable *table)
{
    int order = strcmp(schema, table->schema);
    return order ? order : strcmp(name, table->name);
}

static long find_in_any_schema(const Catalog *catalog, const char *name)
{
    for (size_t i = 0; i < catalog->table_count; i++) {
        if (!strcmp(catalog->tables[i].name, name)) {
            return (long)i;
        }
    }
    return -1;
}

long catalog_find_table(const Catalog *catalog, const char *schema, const char *name)
{
    if (!schema) {
        return find_in_any_schema(catalog, name);
    }
    size_t low = 0, high = catalog->table_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare_names(schema, name, &catalog->tables[middle]);
        if (order == 0) {
            return (long)middle;
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return -1;
}

CatalogColumn *catalog_column(CatalogTable *table, const char *name)
{
    for (size_t i = 0; i < table->column_count; i++) {
        if (!strcmp(table->columns[i].name, name)) {
            return &table->columns[i];
        }
    }
    return NULL;
}

const CatalogColumn *catalog_find_column(const CatalogTable *table, const char *name)
{
    return catalog_column((CatalogTable *)table, name);
}

const char *catalog_kind_name(CatalogKind kind)
{
    switch (kind) {
    case CATALOG_TABLE:
        return "table";
    case CATALOG_PARTITIONED:
        return "partitioned table";
    case CATALOG_VIEW:
        return "view";
    case CATALOG_MATERIALIZED_VIEW:
        return "materialized view";
    case CATALOG_FOREIGN_TABLE:
        return "foreign table";
    }
    return "object"; /* not reached: every kind has its case (-Wswitch) */
}

CatalogKind catalog_kind_of(const char *name)
{
    static const CatalogKind kinds[] = {CATALOG_PARTITIONED, CATALOG_VIEW, CATALOG_MATERIALIZED_VIEW,
                                        CATALOG_FOREIGN_TABLE};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!strcmp(name, catalog_kind_name(kinds[i]))) {
            return kinds[i];
        }
    }
    return CATALOG_TABLE;
}

/* --- filling --- */

/* The arrays carry no capacity: they are as large as the next power of two from 4 up. Returns the zeroed slot
 * behind the last element. */
static void *add_slot(void **array, size_t *count, size_t size)
{
    size_t used = *count;
    if (used == 0) {
        *array = memory_resize(NULL, 4, size);
    } else if (used >= 4 && (used & (used - 1)) == 0) {
        *array = memory_resize(*array, used * 2, size);
    }
    (*count)++;
    return memset((char *)*array + used * size, 0, size);
}

CatalogTable *catalog_add_table(Catalog *catalog)
{
    return add_slot((void **)&catalog->tables, &catalog->table_count, sizeof *catalog->tables);
}

CatalogColumn *catalog_add_column(CatalogTable *table)
{
    return add_slot((void **)&table->columns, &table->column_count, sizeof *table->columns);
}

CatalogCheck *catalog_add_check(CatalogCheck **checks, size_t *count)
{
    return add_slot((void **)checks, count, sizeof **checks);
}

CatalogUnique *catalog_add_unique(CatalogTable *table)
{
    return add_slot((void **)&table->uniques, &table->unique_count, sizeof *table->uniques);
}

CatalogIndex *catalog_add_index(CatalogTable *table)
{
    return add_slot((void **)&table->indexes, &table->index_count, sizeof *table->indexes);
}

CatalogDomain *catalog_add_domain(Catalog *catalog)
{
    return add_slot((void **)&catalog->domains, &catalog->domain_count, sizeof *catalog->domains);
}

CatalogForeignKey *catalog_add_foreign_key(Catalog *catalog)
{
    return add_slot((void **)&catalog->foreign_keys, &catalog->foreign_key_count,
                    sizeof *catalog->foreign_keys);
}

void catalog_add_name(char ***names, const char *name)
{
    size_t count = 0;
    while (*names && (*names)[count]) {
        count++;
    }
    *names = memory_resize(*names, count + 2, sizeof **names);
    (*names)[count] = memory_string(name);
    (*names)[count + 1] = NULL;
}

static void add_reason(char ***list, const char *schema, const char *name, const char *why)
{
    char *line = text_format("%s.%s: %s", schema, name, why);
    catalog_add_name(list, line);
    free(line);
}

void catalog_add_skipped(Catalog *catalog, const char *schema, const char *name, const char *why)
{
    add_reason(&catalog->skipped, schema, name, why);
}

void catalog_add_without_statistics(Catalog *catalog, const char *schema, const char *name, const char *why)
{
    add_reason(&catalog->without_statistics, schema, name, why);
}

/* Where no column has been dropped, a column's number says where it stands. */
CatalogColumn *catalog_column_number(CatalogTable *table, int number)
{
    if (number < 1 || table->column_count == 0) {
        return NULL;
    }
    size_t at = (size_t)number < table->column_count ? (size_t)number : table->column_count;
    while (at > 1 && table->columns[at - 1].number > number) {
        at--;
    }
    return table->columns[at - 1].number == number ? &table->columns[at - 1] : NULL;
}

static void mark_columns(CatalogTable *table, const CatalogIndex *key)
{
    for (char **name = key->columns; *name; name++) {
        CatalogColumn *column = catalog_column(table, *name);
        if (column) {
            column->primary_key = column->primary_key || key->primary;
            column->unique = column->unique || !key->columns[1];
        }
    }
}

void catalog_finish_keys(CatalogTable *table)
{
    for (size_t i = 0; i < table->index_count; i++) {
        const CatalogIndex *index = &table->indexes[i];
        if (!index->unique || index->predicate || index->expressions || !index->columns) {
            continue;
        }
        mark_columns(table, index);
        if (!index->primary) {
            CatalogUnique *unique = catalog_add_unique(table);
            unique->name = memory_string(index->name);
            unique->one_null = index->one_null;
            for (char **name = index->columns; *name; name++) {
                catalog_add_name(&unique->columns, *name);
            }
        }
    }
}

static int compare_foreign_keys(const void *a, const void *b)
{
    const CatalogForeignKey *left = a, *right = b;
    if (left->table != right->table) {
        return left->table < right->table ? -1 : 1;
    }
    return strcmp(left->name, right->name);
}

void catalog_finish_foreign_keys(Catalog *catalog)
{
    for (size_t i = 0; i < catalog->foreign_key_count; i++) {
        CatalogForeignKey *key = &catalog->foreign_keys[i];
        key->target = catalog_find_table(catalog, key->to_schema, key->to_table);
    }
    if (catalog->foreign_key_count > 1) {
        qsort(catalog->foreign_keys, catalog->foreign_key_count, sizeof *catalog->foreign_keys,
              compare_foreign_keys);
    }
}
