#include "drafter_llm_told.h"

#include <string.h>

#include "config.h"
#include "memory.h"

static void *copy_of(const void *array, size_t count, size_t size)
{
    void *copy = memory_zero(count + 1, size);
    if (count > 0) {
        memcpy(copy, array, count * size);
    }
    return copy;
}

static void leave_out_statistics(CatalogColumn *column)
{
    column->format = NULL;
    column->null_fraction = column->distinct = column->low = column->high = 0;
    column->has_statistics = column->has_range = false;
}

static void tell_column(CatalogColumn *column, const Catalog *catalog, const Catalog *told, unsigned sends)
{
    if (column->domain) {
        column->domain = told->domains + (column->domain - catalog->domains);
    }
    if (!(sends & LLM_SENDS_COMMENTS)) {
        column->comment = NULL;
    }
    if (!(sends & LLM_SENDS_STATISTICS)) {
        leave_out_statistics(column);
    }
}

static void tell_table(CatalogTable *table, const Catalog *catalog, const Catalog *told, unsigned sends)
{
    table->columns = copy_of(table->columns, table->column_count, sizeof *table->columns);
    if (!(sends & LLM_SENDS_COMMENTS)) {
        table->comment = NULL;
    }
    if (!(sends & LLM_SENDS_STATISTICS)) {
        table->rows = -1;
    }
    for (size_t c = 0; c < table->column_count; c++) {
        tell_column(&table->columns[c], catalog, told, sends);
    }
}

Catalog *llm_told_catalog(const Catalog *catalog, unsigned sends)
{
    Catalog *told = copy_of(catalog, 1, sizeof *told);
    told->domains = copy_of(catalog->domains, catalog->domain_count, sizeof *told->domains);
    for (size_t i = 0; i < told->domain_count && !(sends & LLM_SENDS_COMMENTS); i++) {
        told->domains[i].comment = NULL;
    }
    told->tables = copy_of(catalog->tables, catalog->table_count, sizeof *told->tables);
    for (size_t i = 0; i < told->table_count; i++) {
        tell_table(&told->tables[i], catalog, told, sends);
    }
    return told;
}

void llm_told_free(Catalog *told)
{
    for (size_t i = 0; told && i < told->table_count; i++) {
        free(told->tables[i].columns);
    }
    if (told) {
        free(told->tables);
        free(told->domains);
    }
    free(told);
}
