/* The documented database: what only SQLite has. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shop.h"

#define shop_test(function)                                                                                  \
    cmocka_unit_test_prestate_setup_teardown(function, shop_set_up, NULL, &shop_sqlite)

static void sqlite_side_table_comes_and_goes(void **state)
{
    const ShopFixture *fixture = *state;
    const char *count = "SELECT count(*) FROM sqlite_schema WHERE name = 'amx_comments'";
    shop_describe(fixture, "customer", "email", "text");
    assert_string_equal(support_sqlite_value(fixture->target.path, count), "1");
    Catalog *catalog = shop_read(fixture);
    assert_int_equal(catalog_find_table(catalog, NULL, "amx_comments"), -1);
    catalog_free(catalog);
    shop_describe(fixture, "customer", "email", NULL);
    assert_string_equal(support_sqlite_value(fixture->target.path, count), "0");
}

static void sqlite_reads_what_only_it_has(void **state)
{
    ShopFixture *fixture = *state;
    shop_new(fixture,
             "CREATE TABLE node (id INTEGER PRIMARY KEY AUTOINCREMENT, a INT, b INT /* CHECK (no) */,\n"
             "  parent REFERENCES NODE, code TEXT CHECK(code <> 'CHECK (x)' -- CHECK (never)\n"
             "  AND length(code) > (1 + 1)), CHECK (a < b), CONSTRAINT \"the \"\"one\" CHECK (a > 0));\n"
             "CREATE TABLE pair (a TEXT, b TEXT, PRIMARY KEY (b, a)) WITHOUT ROWID;\n"
             "CREATE TABLE leaf (x TEXT, y TEXT, g AS (x || y), FOREIGN KEY (x, y) REFERENCES pair,\n"
             "  FOREIGN KEY (x) REFERENCES nowhere);\n"
             "CREATE VIEW broken AS SELECT * FROM node; CREATE VIRTUAL TABLE words USING fts5(text)");
    shop_run(fixture, "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = "
                      "'CREATE VIEW broken AS SELECT * FROM dropped' WHERE name = 'broken'");
    Catalog *catalog = shop_read(fixture);
    assert_int_equal(catalog->table_count, 5); /* no shadow tables, no sqlite_sequence */
    const CatalogTable *node = shop_table(catalog, "node");
    assert_true(shop_column(catalog, "node", "id")->identity);
    assert_int_equal(node->check_count, 3);
    assert_string_equal(node->checks[0].expression,
                        "code <> 'CHECK (x)' -- CHECK (never)\n  AND length(code) > (1 + 1)");
    assert_string_equal(node->checks[1].expression, "a < b");
    assert_string_equal(node->checks[2].name, "the \"one");
    assert_true(shop_column(catalog, "pair", "a")->not_null);
    assert_false(shop_column(catalog, "pair", "a")->identity);
    assert_true(shop_column(catalog, "leaf", "g")->generated);
    assert_int_equal(shop_table(catalog, "words")->column_count, 1);
    assert_int_equal(shop_table(catalog, "broken")->column_count, 0);
    assert_true(text_starts(catalog->skipped[0], "main.broken: "));
    assert_true(text_starts(catalog->skipped[1], "main.leaf: its foreign key on x"));
    assert_null(catalog->skipped[2]);
    assert_int_equal(catalog->foreign_key_count, 2);
    for (size_t i = 0; i < 2; i++) {
        const CatalogForeignKey *key = &catalog->foreign_keys[i];
        if (!strcmp(key->to_table, "pair")) {
            assert_string_equal(key->to_columns[0], "b"); /* the primary key's order, not the table's */
            assert_string_equal(key->to_columns[1], "a");
        } else {
            assert_string_equal(catalog->tables[key->target].name, "node");
            assert_string_equal(key->to_columns[0], "id");
        }
    }
    catalog_free(catalog);
}

static void sqlite_file_must_be_there_and_be_one(void **state)
{
    (void)state;
    const char *folder = support_folder();
    char *missing = text_format("%s/missing.db", folder);
    const char *const paths[] = {missing,
                                 support_file(folder, "text.db",
                                              "this is not a database, it only has the length of one; "
                                              "it goes on for a while, longer than a header of 100 bytes")};
    for (size_t i = 0; i < 2; i++) {
        Error err = {0};
        Database *database = NULL;
        DatabaseTarget target = {.backend = BACKEND_SQLITE, .path = paths[i]};
        assert_false(database_open(&target, deadline_in(PATIENCE_MS), &database, &err));
        assert_int_equal(err.kind, ERROR_CONNECTION);
        assert_non_null(strstr(err.message, paths[i]));
        assert_true(*err.hint);
        assert_null(database);
    }
    assert_int_not_equal(access(missing, F_OK), 0);
    free(missing);
}

static void sqlite_tells_what_it_is_now_from_what_was_described(void **state)
{
    ShopFixture *fixture = *state;
    shop_new(fixture, "CREATE TABLE a (x INTEGER, y TEXT, z); CREATE VIEW b AS SELECT * FROM a;"
                      "CREATE TABLE gone (x); CREATE VIEW broken AS SELECT x FROM gone; DROP TABLE gone");
    CommentChange changes[] = {
        {.schema = "main", .table = "a", .column = "x", .made_for = "INTEGER", .new_text = "the same"},
        {.schema = "main", .table = "a", .column = "y", .made_for = "INTEGER", .new_text = "another"},
        {.schema = "main", .table = "a", .column = "z", .made_for = "DATE", .new_text = "none"},
        {.schema = "main", .table = "a", .made_for = "table", .new_text = "a table"},
        {.schema = "main", .table = "b", .made_for = "table", .new_text = "was a table"},
        {.schema = "main", .table = "b", .new_text = "whatever it is"},
        {.schema = "main", .table = "broken", .column = "x", .new_text = "can't be resolved"},
    };
    static const CommentOutcome outcomes[] = {COMMENT_APPLIED, COMMENT_CHANGED, COMMENT_CHANGED,
                                              COMMENT_APPLIED, COMMENT_CHANGED, COMMENT_APPLIED,
                                              COMMENT_MISSING};
    const size_t count = sizeof changes / sizeof *changes;
    shop_apply(fixture, changes, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(changes[i].outcome, outcomes[i]);
    }
    assert_string_equal(changes[1].error, "was INTEGER when drafted, is TEXT now");
    assert_string_equal(changes[2].error, "was DATE when drafted, is without a type now");
    assert_string_equal(changes[4].error, "was table when drafted, is view now");
    shop_free_changes(changes, count);
}

/* Overwrites the pages on which the side table lies. */
static void damage_comments(const char *path)
{
    char garbage[65536];
    memset(garbage, 0xff, sizeof garbage);
    long size = strtol(support_sqlite_value(path, "PRAGMA page_size"), NULL, 10);
    const char *pages = support_sqlite_value(
        path, "SELECT group_concat(rootpage, ' ') FROM sqlite_schema WHERE tbl_name = 'amx_comments'");
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    for (char *next = (char *)pages; *next;) {
        long page = strtol(next, &next, 10);
        assert_int_equal(fseek(file, (page - 1) * size, SEEK_SET), 0);
        assert_int_equal(fwrite(garbage, (size_t)size, 1, file), 1);
    }
    assert_int_equal(fclose(file), 0);
}

static void sqlite_comment_that_cannot_be_read_is_not_taken_for_none(void **state)
{
    const ShopFixture *fixture = *state;
    shop_describe(fixture, "customer", "email", "precious");
    damage_comments(fixture->target.path);
    Error err = {0};
    CommentChange change = {.schema = "main", .table = "customer", .column = "email", .new_text = "new"};
    Database *database = shop_open(fixture);
    assert_false(database_read_comments(database, &change, 1, deadline_in(PATIENCE_MS), &err));
    assert_int_equal(err.kind, ERROR_DATABASE);
    assert_non_null(strstr(err.message, "malformed"));
    err = (Error){0};
    assert_false(
        database_apply(database, &change, 1, &(DatabaseApplyRules){0}, deadline_in(PATIENCE_MS), &err));
    assert_int_equal(err.kind, ERROR_DATABASE);
    assert_int_equal(change.outcome, COMMENT_PENDING);
    comment_change_free(&change);
    database_close(database);
}

static void sqlite_fingerprint_is_the_real_path(void **state)
{
    const ShopFixture *fixture = *state;
    Error err = {0};
    const char *folder = support_folder();
    char *link = text_format("%s/link.db", folder), *dotted = text_format("%s/./x/../new.db", folder);
    char *below = text_format("%s/x", folder);
    char *print = NULL, *linked = NULL, *fresh = NULL, *none = NULL;
    assert_int_equal(mkdir(below, 0700), 0);
    assert_int_equal(symlink(fixture->target.path, link), 0);
    assert_true(database_fingerprint(&fixture->target, &print, &err));
    assert_true(
        database_fingerprint(&(DatabaseTarget){.backend = BACKEND_SQLITE, .path = link}, &linked, &err));
    assert_string_equal(print, linked);
    assert_true(
        database_fingerprint(&(DatabaseTarget){.backend = BACKEND_SQLITE, .path = dotted}, &fresh, &err));
    char *expected = text_format("sqlite:%s/new.db", folder);
    assert_string_equal(fresh, expected);
    DatabaseTarget nowhere = {.backend = BACKEND_SQLITE, .path = "/nonexistent/folder/x.db"};
    assert_false(database_fingerprint(&nowhere, &none, &err));
    assert_int_equal(err.kind, ERROR_CONFIG);
    char *const strings[] = {link, dotted, below, print, linked, fresh, expected};
    for (size_t i = 0; i < sizeof strings / sizeof *strings; i++) {
        free(strings[i]);
    }
}

static void sqlite_keys_are_what_sqlite_makes_of_them(void **state)
{
    ShopFixture *fixture = *state;
    shop_new(fixture, "CREATE TABLE a (id integer PRIMARY KEY DESC);"
                      "CREATE TABLE b (id integer, PRIMARY KEY (id DESC));"
                      "CREATE TABLE c (a text REFERENCES gone (id), b text REFERENCES b (gone), c text"
                      "  REFERENCES b, d text REFERENCES gone, FOREIGN KEY (a, b) REFERENCES b);");
    Catalog *catalog = shop_read(fixture);
    assert_false(shop_column(catalog, "a", "id")->identity || shop_column(catalog, "a", "id")->not_null);
    assert_true(shop_column(catalog, "b", "id")->identity); /* declared apart, it is the rowid all the same */
    assert_int_equal(catalog->foreign_key_count, 1);
    assert_string_equal(catalog->foreign_keys[0].columns[0], "c");
    assert_string_equal(catalog->foreign_keys[0].to_columns[0], "id");
    assert_string_equal(catalog->skipped[0],
                        "main.c: its foreign key on a leads to something of b that is not there");
    assert_non_null(catalog->skipped[3]);
    assert_null(catalog->skipped[4]);
    catalog_free(catalog);
}

static void sqlite_column_without_a_name_is_named_as_a_gap(void **state)
{
    ShopFixture *fixture = *state;
    shop_new(fixture, "CREATE TABLE t (\"\" integer, b text, PRIMARY KEY (\"\", b));"
                      "CREATE UNIQUE INDEX i ON t (b, \"\"); CREATE VIEW v AS SELECT * FROM t;"
                      "CREATE TABLE amx_comments (table_name, column_name, comment);"
                      "INSERT INTO amx_comments VALUES ('t', '', 'A table.')");
    Catalog *catalog = shop_read(fixture);
    const CatalogTable *table = shop_table(catalog, "t");
    assert_int_equal(table->column_count, 1);
    assert_string_equal(table->columns[0].name, "b");
    assert_string_equal(table->comment, "A table.");
    assert_false(table->columns[0].primary_key || table->columns[0].unique);
    assert_int_equal(table->unique_count, 0);
    assert_string_equal(shop_column(catalog, "v", "b")->source->column, "b");
    assert_string_equal(catalog->skipped[0],
                        "main.t: it has a column without a name, which can't be documented");
    catalog_free(catalog);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        shop_test(sqlite_side_table_comes_and_goes),
        shop_test(sqlite_reads_what_only_it_has),
        shop_test(sqlite_keys_are_what_sqlite_makes_of_them),
        shop_test(sqlite_column_without_a_name_is_named_as_a_gap),
        shop_test(sqlite_file_must_be_there_and_be_one),
        shop_test(sqlite_tells_what_it_is_now_from_what_was_described),
        shop_test(sqlite_comment_that_cannot_be_read_is_not_taken_for_none),
        shop_test(sqlite_fingerprint_is_the_real_path),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
