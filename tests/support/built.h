/* A catalog built by hand, for tests that need no database. What it does not have room for fails the test. */
#ifndef AMX_TESTS_BUILT_H
#define AMX_TESTS_BUILT_H

#include "catalog.h"

enum { BUILT_TABLES = 12, BUILT_COLUMNS = 12, BUILT_KEYS = 16, BUILT_BLOCKS = 512 };

typedef struct Built {
    Catalog catalog;
    CatalogTable tables[BUILT_TABLES];
    CatalogForeignKey keys[BUILT_KEYS];
    void *blocks[BUILT_BLOCKS]; /* everything to be freed */
    size_t block_count;
} Built;

/* Everything added below belongs to it. */
Built *built_new(void);
void built_free(Built *b);

/* Tables must be added in byte order of their names. */
CatalogTable *built_table(Built *b, const char *name);
CatalogColumn *built_column(Built *b, CatalogTable *table, const char *name, const char *type);
/* A column of the primary key. */
CatalogColumn *built_key(Built *b, CatalogTable *table, const char *name);
/* "a,b" as a NULL-ended list; where columns are asked for below they are given like that. */
char **built_names(Built *b, const char *list);
void built_foreign_key(Built *b, const CatalogTable *from, const char *columns, const CatalogTable *to,
                       const char *to_columns);
void built_unique(Built *b, CatalogTable *table, const char *columns);
/* The only check of a table. */
void built_check(Built *b, CatalogTable *table, const char *expression);
/* A copy of a text, for a field of what was added. */
char *built_text(Built *b, const char *text);

#endif
