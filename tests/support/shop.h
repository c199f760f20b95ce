/* A documented database with a few tables of a shop, on PostgreSQL or in a SQLite file; what is read of it,
 * and what is written to it. Whatever goes wrong fails the test. */
#ifndef AMX_TESTS_SHOP_H
#define AMX_TESTS_SHOP_H

#include "database.h"

#define PATIENCE_MS 20000

typedef struct ShopFixture {
    DatabaseTarget target;
    const char *schema;
} ShopFixture;

extern ShopFixture shop_postgresql;
extern ShopFixture shop_sqlite;
/* SQL that both understand: the tables customer and "order", and the view big. */
extern const char shop_tables[];

/* For cmocka tests whose state is a fixture: a new database with shop_tables. */
int shop_set_up(void **state);
/* Points the fixture to a new database with the given tables. */
void shop_new(ShopFixture *fixture, const char *sql);
void shop_run(const ShopFixture *fixture, const char *sql);

/* To be closed with database_close. */
Database *shop_open(const ShopFixture *fixture);
/* To be freed with catalog_free. */
Catalog *shop_read(const ShopFixture *fixture);
Catalog *shop_read_scope(const ShopFixture *fixture, DatabaseScope scope);
/* Of a catalog, and belonging to it. */
const CatalogTable *shop_table(const Catalog *catalog, const char *name);
const CatalogColumn *shop_column(const Catalog *catalog, const char *table, const char *name);

/* Writes descriptions; each change says what became of it, until it is freed. */
void shop_apply(const ShopFixture *fixture, CommentChange *changes, size_t count);
void shop_free_changes(CommentChange *changes, size_t count);
/* Writes one description (column NULL: of the table; text NULL: none), ignoring what was there. */
void shop_describe(const ShopFixture *fixture, const char *table, const char *column, const char *text);
/* Expects a description, or with NULL none. */
void shop_expect_comment(const ShopFixture *fixture, const char *table, const char *column,
                         const char *expected);

#endif
