#include "built.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "support.h"
#include "text.h"

static void *keep(Built *b, void *block)
{
    assert_true(b->block_count < sizeof b->blocks / sizeof *b->blocks);
    b->blocks[b->block_count++] = block;
    return block;
}

char *built_text(Built *b, const char *text)
{
    return keep(b, memory_string(text));
}

Built *built_new(void)
{
    Built *b = memory_zero(1, sizeof *b);
    b->catalog.tables = b->tables;
    b->catalog.foreign_keys = b->keys;
    return b;
}

void built_free(Built *b)
{
    for (size_t i = 0; i < b->block_count; i++) {
        free(b->blocks[i]);
    }
    free(b);
}

CatalogTable *built_table(Built *b, const char *name)
{
    assert_true(b->catalog.table_count < BUILT_TABLES);
    CatalogTable *table = &b->tables[b->catalog.table_count++];
    *table = (CatalogTable){.schema = built_text(b, "public"), .name = built_text(b, name), .rows = -1};
    table->columns = keep(b, memory_zero(BUILT_COLUMNS, sizeof *table->columns));
    return table;
}

CatalogColumn *built_column(Built *b, CatalogTable *table, const char *name, const char *type)
{
    assert_true(table->column_count < BUILT_COLUMNS);
    CatalogColumn *column = &table->columns[table->column_count++];
    *column = (CatalogColumn){.name = built_text(b, name), .type = built_text(b, type)};
    return column;
}

CatalogColumn *built_key(Built *b, CatalogTable *table, const char *name)
{
    CatalogColumn *column = built_column(b, table, name, "bigint");
    column->primary_key = column->not_null = true;
    return column;
}

char **built_names(Built *b, const char *list)
{
    char **result = keep(b, memory_zero(8, sizeof *result));
    char *rest = built_text(b, list);
    for (size_t i = 0; rest && i < 7; i++) {
        result[i] = strsep(&rest, ",");
    }
    return result;
}

void built_foreign_key(Built *b, const CatalogTable *from, const char *columns, const CatalogTable *to,
                       const char *to_columns)
{
    assert_true(b->catalog.foreign_key_count < BUILT_KEYS);
    CatalogForeignKey *key = &b->keys[b->catalog.foreign_key_count++];
    *key = (CatalogForeignKey){.table = (size_t)(from - b->tables),
                               .columns = built_names(b, columns),
                               .to_schema = to->schema,
                               .to_table = to->name,
                               .to_columns = built_names(b, to_columns),
                               .target = to - b->tables};
    char *name = text_format("%s_%s_fkey", from->name, key->columns[0]);
    key->name = keep(b, name);
}

void built_check(Built *b, CatalogTable *table, const char *expression)
{
    table->checks = keep(b, memory_zero(1, sizeof *table->checks));
    table->checks[0] = (CatalogCheck){.name = built_text(b, "chk"), .expression = built_text(b, expression)};
    table->check_count = 1;
}

void built_unique(Built *b, CatalogTable *table, const char *columns)
{
    table->uniques = keep(b, memory_zero(1, sizeof *table->uniques));
    table->uniques[0] = (CatalogUnique){.name = built_text(b, "uq"), .columns = built_names(b, columns)};
    table->unique_count = 1;
}
