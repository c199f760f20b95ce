#include "shop.h"

#include <stdlib.h>

#include "support.h"

const char shop_tables[] = "CREATE TABLE customer (\n"
                           "  id integer PRIMARY KEY,\n"
                           "  email varchar(200) NOT NULL UNIQUE,\n"
                           "  status text NOT NULL DEFAULT 'new' CONSTRAINT status_known CHECK (status "
                           "IN ('new', ')old', 'a''b')),\n"
                           "  \"Odd \"\"name\" text,\n"
                           "  price integer, quantity integer,\n"
                           "  total integer GENERATED ALWAYS AS (price * quantity) STORED);\n"
                           "CREATE TABLE \"order\" (\n"
                           "  id integer PRIMARY KEY,\n"
                           "  customer_id integer NOT NULL REFERENCES customer,\n"
                           "  line integer,\n"
                           "  note text,\n"
                           "  CONSTRAINT line_once UNIQUE (customer_id, line));\n"
                           "CREATE UNIQUE INDEX note_once ON \"order\" (note) WHERE note IS NOT NULL;\n"
                           "CREATE UNIQUE INDEX note_lower ON \"order\" (lower(note));\n"
                           "CREATE VIEW big AS SELECT id, email FROM customer WHERE total > 1000;\n";

ShopFixture shop_postgresql = {.target.backend = BACKEND_POSTGRESQL, .schema = "public"};
ShopFixture shop_sqlite = {.target.backend = BACKEND_SQLITE, .schema = "main"};

void shop_run(const ShopFixture *fixture, const char *sql)
{
    if (fixture->target.backend == BACKEND_POSTGRESQL) {
        support_sql(fixture->target.conninfo, sql);
    } else {
        support_sqlite(fixture->target.path, sql);
    }
}

void shop_new(ShopFixture *fixture, const char *sql)
{
    if (fixture->target.backend == BACKEND_POSTGRESQL) {
        fixture->target.conninfo = support_database();
    } else {
        fixture->target.path = support_file(support_folder(), "shop.db", "");
    }
    shop_run(fixture, sql);
}

int shop_set_up(void **state)
{
    shop_new(*state, shop_tables);
    return 0;
}

Database *shop_open(const ShopFixture *fixture)
{
    Database *database = NULL;
    Error err = {0};
    if (!database_open(&fixture->target, deadline_in(PATIENCE_MS), &database, &err)) {
        fail_msg("%s", err.message);
    }
    return database;
}

Catalog *shop_read_scope(const ShopFixture *fixture, DatabaseScope scope)
{
    Catalog *catalog = NULL;
    Error err = {0};
    Database *database = shop_open(fixture);
    if (!database_read_catalog(database, &scope, deadline_in(PATIENCE_MS), &catalog, &err)) {
        fail_msg("%s", err.message);
    }
    database_close(database);
    return catalog;
}

Catalog *shop_read(const ShopFixture *fixture)
{
    return shop_read_scope(fixture, (DatabaseScope){0});
}

const CatalogTable *shop_table(const Catalog *catalog, const char *name)
{
    long index = catalog_find_table(catalog, NULL, name);
    if (index < 0) {
        fail_msg("no table %s", name);
    }
    return &catalog->tables[index];
}

const CatalogColumn *shop_column(const Catalog *catalog, const char *table, const char *name)
{
    const CatalogColumn *column = catalog_find_column(shop_table(catalog, table), name);
    if (!column) {
        fail_msg("no column %s.%s", table, name);
    }
    return column;
}

void shop_apply(const ShopFixture *fixture, CommentChange *changes, size_t count)
{
    Error err = {0};
    Database *database = shop_open(fixture);
    if (!database_apply(database, changes, count, &(DatabaseApplyRules){0}, deadline_in(PATIENCE_MS), &err)) {
        fail_msg("%s", err.message);
    }
    database_close(database);
}

void shop_free_changes(CommentChange *changes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        comment_change_free(&changes[i]);
    }
}

void shop_describe(const ShopFixture *fixture, const char *table, const char *column, const char *text)
{
    CommentChange change = {.schema = fixture->schema, .table = table, .column = column, .new_text = text};
    shop_apply(fixture, &change, 1);
    assert_int_equal(change.outcome, COMMENT_APPLIED);
    comment_change_free(&change);
}

void shop_expect_comment(const ShopFixture *fixture, const char *table, const char *column,
                         const char *expected)
{
    Catalog *catalog = shop_read(fixture);
    const char *comment =
        column ? shop_column(catalog, table, column)->comment : shop_table(catalog, table)->comment;
    if (expected) {
        assert_non_null(comment);
        assert_string_equal(comment, expected);
    } else {
        assert_null(comment);
    }
    catalog_free(catalog);
}
