/* The documented database: the same cases on PostgreSQL and SQLite. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "shop.h"

static bool has_text(const char *text, const char *part)
{
    return text && strstr(text, part);
}

/* --- reading ------------------------------------------------------------------------------------ */

static void tables_and_views_are_listed_in_order(void **state)
{
    const ShopFixture *fixture = *state;
    Catalog *catalog = shop_read(fixture);
    assert_int_equal(catalog->table_count, 3);
    assert_string_equal(catalog->tables[0].name, "big");
    assert_string_equal(catalog->tables[1].name, "customer");
    assert_string_equal(catalog->tables[2].name, "order");
    assert_string_equal(catalog->tables[0].schema, fixture->schema);
    assert_int_equal(catalog->tables[0].kind, CATALOG_VIEW);
    assert_int_equal(catalog->tables[1].kind, CATALOG_TABLE);
    assert_true(has_text(catalog->tables[0].definition, "1000"));
    assert_null(catalog->tables[1].definition);
    assert_null(catalog->skipped);
    assert_int_equal(catalog_find_table(catalog, fixture->schema, "order"), 2);
    assert_int_equal(catalog_find_table(catalog, fixture->schema, "nothing"), -1);
    assert_int_equal(catalog_find_table(catalog, "nowhere", "order"), -1);
    catalog_free(catalog);
}

static void columns_tell_what_they_are(void **state)
{
    Catalog *catalog = shop_read(*state);
    const CatalogTable *customer = shop_table(catalog, "customer");
    assert_int_equal(customer->column_count, 7);
    assert_string_equal(customer->columns[3].name, "Odd \"name");
    const CatalogColumn *id = shop_column(catalog, "customer", "id");
    assert_true(id->primary_key && id->unique && id->not_null);
    const CatalogColumn *email = shop_column(catalog, "customer", "email");
    assert_true(email->unique && email->not_null && !email->primary_key);
    assert_true(has_text(email->type, "(200)"));
    const CatalogColumn *status = shop_column(catalog, "customer", "status");
    assert_true(has_text(status->default_value, "'new'"));
    assert_true(status->not_null && !status->unique);
    assert_true(shop_column(catalog, "customer", "total")->generated);
    assert_false(shop_column(catalog, "customer", "price")->generated);
    assert_int_equal(shop_table(catalog, "big")->column_count, 2);
    catalog_free(catalog);
}

static void keys_checks_and_references_are_read(void **state)
{
    const ShopFixture *fixture = *state;
    Catalog *catalog = shop_read(fixture);
    const CatalogTable *customer = shop_table(catalog, "customer"), *order = shop_table(catalog, "order");
    assert_int_equal(customer->check_count, 1);
    assert_string_equal(customer->checks[0].name, "status_known");
    assert_true(has_text(customer->checks[0].expression, "'a''b'"));
    assert_int_equal(order->unique_count, 1); /* neither the partial nor the expression index */
    assert_string_equal(order->uniques[0].columns[0], "customer_id");
    assert_string_equal(order->uniques[0].columns[1], "line");
    assert_null(order->uniques[0].columns[2]);
    assert_false(shop_column(catalog, "order", "note")->unique);
    assert_false(shop_column(catalog, "order", "line")->unique);
    assert_int_equal(catalog->foreign_key_count, 1);
    const CatalogForeignKey *key = &catalog->foreign_keys[0];
    assert_string_equal(catalog->tables[key->table].name, "order");
    assert_string_equal(key->columns[0], "customer_id");
    assert_string_equal(key->to_schema, fixture->schema);
    assert_string_equal(key->to_table, "customer");
    assert_string_equal(key->to_columns[0], "id");
    assert_null(key->to_columns[1]);
    assert_string_equal(catalog->tables[key->target].name, "customer");
    catalog_free(catalog);
}

static const CatalogIndex *index_of(const CatalogTable *table, const char *name)
{
    for (size_t i = 0; i < table->index_count; i++) {
        if (strcmp(table->indexes[i].name, name) == 0) {
            return &table->indexes[i];
        }
    }
    fail_msg("no index %s", name);
    return NULL;
}

static void indexes_tell_what_they_hold(void **state)
{
    const ShopFixture *fixture = *state;
    shop_run(fixture, "CREATE INDEX many ON \"order\" (line DESC, (line + 1), note);"
                      "CREATE INDEX one ON \"order\" (note)");
    Catalog *catalog = shop_read(fixture);
    const CatalogTable *order = shop_table(catalog, "order");
    const CatalogIndex *once = index_of(order, "note_once"), *lower = index_of(order, "note_lower");
    assert_true(once->unique && !once->primary && !once->expressions);
    assert_true(has_text(once->predicate, "note IS NOT NULL"));
    assert_string_equal(once->columns[0], "note");
    assert_true(lower->unique && !lower->predicate && !lower->columns);
    assert_string_equal(lower->expressions, "lower(note)");
    const CatalogIndex *many = index_of(order, "many");
    assert_false(many->unique);
    assert_string_equal(many->columns[0], "line");
    assert_string_equal(many->columns[1], "note");
    assert_null(many->columns[2]);
    assert_true(has_text(many->expressions, "(line + 1)"));
    const CatalogIndex *one = index_of(order, "one");
    assert_true(!one->unique && !one->predicate && !one->expressions);
    assert_false(shop_column(catalog, "order", "note")->unique);
    catalog_free(catalog);
}

static void expect_source(const Catalog *catalog, const char *view, const char *column, const char *table,
                          const char *of)
{
    const CatalogSource *source = shop_column(catalog, view, column)->source;
    if (!table) {
        assert_null(source);
        return;
    }
    assert_non_null(source);
    assert_string_equal(source->table, table);
    assert_string_equal(source->column, of);
}

static void columns_of_views_are_traced_to_their_tables(void **state)
{
    const ShopFixture *fixture = *state;
    shop_run(fixture,
             "CREATE VIEW bigger AS SELECT b.email AS mail, upper(b.email) AS loud, o.note"
             "  FROM big b JOIN \"order\" o ON o.customer_id = b.id;"
             "CREATE VIEW mixed AS SELECT email AS x FROM customer UNION ALL SELECT note FROM \"order\";"
             "CREATE VIEW over_mixed AS SELECT x FROM mixed;"
             "CREATE VIEW nested AS WITH c AS (SELECT id AS n FROM customer)"
             "  SELECT c.n AS \":resorigtbl {1} (\", s.line AS \"}) \\ 7\", s.next FROM c JOIN"
             "    (SELECT customer_id, line, line + 1 AS next FROM \"order\") s ON s.customer_id = c.n"
             "   WHERE EXISTS (SELECT price FROM customer);"
             "CREATE VIEW counted AS SELECT status, count(*) AS n FROM customer GROUP BY status");
    Catalog *catalog = shop_read(fixture);
    expect_source(catalog, "big", "email", "customer", "email");
    expect_source(catalog, "bigger", "mail", "customer", "email"); /* through the view below */
    expect_source(catalog, "bigger", "loud", NULL, NULL);
    expect_source(catalog, "bigger", "note", "order", "note");
    expect_source(catalog, "mixed", "x", NULL, NULL); /* of two tables at once */
    bool tells_views = fixture->target.backend == BACKEND_POSTGRESQL;
    expect_source(catalog, "over_mixed", "x", tells_views ? "mixed" : NULL, "x");
    expect_source(catalog, "nested", ":resorigtbl {1} (", "customer", "id");
    expect_source(catalog, "nested", "}) \\ 7", "order", "line");
    expect_source(catalog, "nested", "next", NULL, NULL);
    expect_source(catalog, "counted", "status", "customer", "status");
    expect_source(catalog, "counted", "n", NULL, NULL);
    expect_source(catalog, "customer", "email", NULL, NULL);
    assert_string_equal(shop_column(catalog, "big", "email")->source->schema, fixture->schema);
    assert_null(catalog->skipped);
    catalog_free(catalog);
    catalog = shop_read_scope(fixture, (DatabaseScope){.table = "bigger"});
    expect_source(catalog, "bigger", "mail", "customer", "email"); /* though nothing else was read */
    catalog_free(catalog);
}

static void row_estimates_come_from_analyze(void **state)
{
    const ShopFixture *fixture = *state;
    Catalog *catalog = shop_read(fixture);
    assert_true(shop_table(catalog, "customer")->rows < 0);
    assert_true(shop_table(catalog, "big")->rows < 0);
    catalog_free(catalog);
    shop_run(fixture,
             "INSERT INTO customer (id, email) VALUES (1, 'a@b.example'), (2, 'c@d.example'); ANALYZE");
    catalog = shop_read(fixture);
    assert_true(shop_table(catalog, "customer")->rows == 2);
    catalog_free(catalog);
}

static void scope_narrows_the_reading(void **state)
{
    const ShopFixture *fixture = *state;
    Catalog *catalog = shop_read_scope(fixture, (DatabaseScope){.table = "order"});
    assert_int_equal(catalog->table_count, 1);
    assert_int_equal(catalog->foreign_key_count, 1);
    assert_int_equal(catalog->foreign_keys[0].target, -1);
    assert_string_equal(catalog->foreign_keys[0].to_table, "customer");
    catalog_free(catalog);
    catalog = shop_read_scope(fixture, (DatabaseScope){.schema = fixture->schema});
    assert_int_equal(catalog->table_count, 3);
    catalog_free(catalog);
}

static void missing_scope_is_not_found(void **state)
{
    Database *database = shop_open(*state);
    static const DatabaseScope scopes[] = {{.schema = "nowhere"}, {.table = "nothing"}};
    for (size_t i = 0; i < 2; i++) {
        Catalog *catalog = NULL;
        Error err = {0};
        assert_false(database_read_catalog(database, &scopes[i], deadline_in(PATIENCE_MS), &catalog, &err));
        assert_int_equal(err.kind, ERROR_NOT_FOUND);
        assert_true(has_text(err.message, i ? "nothing" : "nowhere"));
        assert_null(catalog);
    }
    database_close(database);
}

static void empty_database_has_an_empty_catalog(void **state)
{
    ShopFixture *fixture = *state;
    shop_new(fixture, "SELECT 1");
    Catalog *catalog = shop_read(fixture);
    assert_int_equal(catalog->table_count, 0);
    catalog_free(catalog);
}

static void versions_are_named(void **state)
{
    const ShopFixture *fixture = *state;
    Database *database = shop_open(fixture);
    const char *version = database_version(database);
    assert_true(
        text_starts(version, fixture->target.backend == BACKEND_SQLITE ? "SQLite 3." : "PostgreSQL 15."));
    assert_null(strchr(version, '('));
    database_close(database);
}

/* --- writing ------------------------------------------------------------------------------------ */

static void comments_are_written_and_read_back(void **state)
{
    const ShopFixture *fixture = *state;
    static const char hostile[] = "It's \\ \"quoted\"\n\xc3\xa9\xf0\x9f\x90\x98; DROP TABLE customer; --";
    CommentChange changes[] = {
        {.schema = fixture->schema, .table = "customer", .new_text = hostile},
        {.schema = fixture->schema, .table = "customer", .column = "Odd \"name", .new_text = "An odd one."},
        {.schema = fixture->schema, .table = "big", .kind = CATALOG_VIEW, .new_text = "Big orders."},
        {.schema = fixture->schema,
         .table = "big",
         .column = "email",
         .kind = CATALOG_VIEW,
         .new_text = "Mail."},
    };
    shop_apply(fixture, changes, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(changes[i].outcome, COMMENT_APPLIED);
        assert_null(changes[i].old_text);
        assert_null(changes[i].error);
    }
    shop_expect_comment(fixture, "customer", NULL, hostile);
    shop_expect_comment(fixture, "customer", "Odd \"name", "An odd one.");
    shop_expect_comment(fixture, "big", NULL, "Big orders.");
    shop_expect_comment(fixture, "big", "email", "Mail.");
    shop_free_changes(changes, 4);
}

static void second_write_replaces_and_tells_the_old_text(void **state)
{
    const ShopFixture *fixture = *state;
    shop_describe(fixture, "customer", "email", "first");
    CommentChange change = {
        .schema = fixture->schema, .table = "customer", .column = "email", .new_text = "second"};
    shop_apply(fixture, &change, 1);
    assert_int_equal(change.outcome, COMMENT_APPLIED);
    assert_string_equal(change.old_text, "first");
    shop_expect_comment(fixture, "customer", "email", "second");
    shop_apply(fixture, &change, 1);
    assert_int_equal(change.outcome, COMMENT_UNCHANGED);
    assert_string_equal(change.old_text, "second");
    comment_change_free(&change);
}

static void nothing_and_empty_remove_a_comment(void **state)
{
    const ShopFixture *fixture = *state;
    static const char *const nothings[] = {NULL, ""};
    for (size_t i = 0; i < 2; i++) {
        shop_describe(fixture, "customer", NULL, "text");
        shop_describe(fixture, "customer", NULL, nothings[i]);
        shop_expect_comment(fixture, "customer", NULL, NULL);
        CommentChange again = {.schema = fixture->schema, .table = "customer", .new_text = nothings[i]};
        shop_apply(fixture, &again, 1);
        assert_int_equal(again.outcome, COMMENT_UNCHANGED);
        comment_change_free(&again);
    }
}

static void what_is_gone_is_missing_and_the_rest_is_written(void **state)
{
    const ShopFixture *fixture = *state;
    CommentChange changes[] = {
        {.schema = fixture->schema, .table = "gone", .new_text = "x"},
        {.schema = fixture->schema, .table = "customer", .column = "gone", .new_text = "x"},
        {.schema = "gone", .table = "customer", .new_text = "x"},
        {.schema = fixture->schema, .table = "customer", .new_text = "written"},
    };
    shop_apply(fixture, changes, 4);
    assert_int_equal(changes[0].outcome, COMMENT_MISSING);
    assert_int_equal(changes[1].outcome, COMMENT_MISSING);
    assert_int_equal(changes[2].outcome, COMMENT_MISSING);
    assert_int_equal(changes[3].outcome, COMMENT_APPLIED);
    shop_free_changes(changes, 4);
}

static void unexpected_text_is_left_alone(void **state)
{
    const ShopFixture *fixture = *state;
    shop_describe(fixture, "customer", "email", "somebody's");
    CommentChange changes[] = {
        {.schema = fixture->schema,
         .table = "customer",
         .column = "email",
         .new_text = "mine",
         .expected = "what I saw",
         .only_expected = true},
        {.schema = fixture->schema,
         .table = "customer",
         .column = "status",
         .new_text = "mine",
         .expected = "what I saw",
         .only_expected = true},
        {.schema = fixture->schema,
         .table = "customer",
         .column = "id",
         .new_text = "mine",
         .only_expected = true},
    };
    shop_apply(fixture, changes, 3);
    assert_int_equal(changes[0].outcome, COMMENT_CHANGED);
    assert_string_equal(changes[0].old_text, "somebody's");
    assert_int_equal(changes[1].outcome, COMMENT_CHANGED);
    assert_int_equal(changes[2].outcome, COMMENT_APPLIED);
    shop_expect_comment(fixture, "customer", "email", "somebody's");
    changes[0].expected = "somebody's";
    shop_apply(fixture, changes, 1);
    assert_int_equal(changes[0].outcome, COMMENT_APPLIED);
    shop_free_changes(changes, 3);
}

static void refused_text_fails_alone(void **state)
{
    const ShopFixture *fixture = *state;
    CommentChange changes[] = {
        {.schema = fixture->schema, .table = "customer", .new_text = "before"},
        {.schema = fixture->schema, .table = "customer", .column = "email", .new_text = "not utf-8 \xff"},
        {.schema = fixture->schema, .table = "customer", .column = "status", .new_text = "after"},
    };
    shop_apply(fixture, changes, 3);
    assert_int_equal(changes[0].outcome, COMMENT_APPLIED);
    assert_int_equal(changes[1].outcome, COMMENT_FAILED);
    assert_true(has_text(changes[1].error, "UTF-8"));
    assert_int_equal(changes[2].outcome, COMMENT_APPLIED);
    shop_expect_comment(fixture, "customer", "status", "after");
    shop_expect_comment(fixture, "customer", "email", NULL);
    shop_free_changes(changes, 3);
}

static void one_refusal_holds_back_all_when_that_is_wanted(void **state)
{
    const ShopFixture *fixture = *state;
    Error err = {0};
    CommentChange changes[] = {
        {.schema = fixture->schema, .table = "customer", .new_text = "held"},
        {.schema = fixture->schema, .table = "gone", .new_text = "x"},
        {.schema = fixture->schema, .table = "order", .new_text = "too long", .most_bytes = 7},
    };
    Database *database = shop_open(fixture);
    const DatabaseApplyRules rules = {.all_or_nothing = true};
    assert_true(database_apply(database, changes, 3, &rules, deadline_in(PATIENCE_MS), &err));
    assert_int_equal(changes[0].outcome, COMMENT_HELD);
    assert_int_equal(changes[1].outcome, COMMENT_MISSING);
    assert_int_equal(changes[2].outcome, COMMENT_FAILED);
    assert_true(has_text(changes[2].error, "8 bytes; a description has at most 7"));
    shop_expect_comment(fixture, "customer", NULL, NULL);
    assert_true(database_apply(database, changes, 1, &rules, deadline_in(PATIENCE_MS), &err));
    assert_int_equal(changes[0].outcome, COMMENT_APPLIED);
    shop_expect_comment(fixture, "customer", NULL, "held");
    database_close(database);
    shop_free_changes(changes, 3);
}

static void reading_comments_writes_nothing(void **state)
{
    const ShopFixture *fixture = *state;
    Error err = {0};
    shop_describe(fixture, "customer", NULL, "present");
    CommentChange changes[] = {
        {.schema = fixture->schema, .table = "customer", .new_text = "new"},
        {.schema = fixture->schema, .table = "order", .new_text = "new"},
        {.schema = fixture->schema, .table = "gone", .new_text = "new"},
    };
    Database *database = shop_open(fixture);
    assert_true(database_read_comments(database, changes, 3, deadline_in(PATIENCE_MS), &err));
    database_close(database);
    assert_string_equal(changes[0].old_text, "present");
    assert_null(changes[1].old_text);
    assert_int_equal(changes[1].outcome, COMMENT_PENDING);
    assert_int_equal(changes[2].outcome, COMMENT_MISSING);
    shop_expect_comment(fixture, "customer", NULL, "present");
    shop_free_changes(changes, 3);
}

static void printed_statement_does_what_apply_does(void **state)
{
    const ShopFixture *fixture = *state;
    Error err = {0};
    Text sql = {0};
    shop_describe(fixture, "customer", NULL, "makes the side table where there is one");
    CommentChange change = {
        .schema = fixture->schema, .table = "customer", .column = "Odd \"name", .new_text = "It's \\ done"};
    Database *database = shop_open(fixture);
    assert_true(database_comment_sql(database, &change, &sql, &err));
    database_close(database);
    assert_string_equal(sql.data + sql.length - 2, ";\n");
    shop_run(fixture, text_string(&sql));
    shop_expect_comment(fixture, "customer", "Odd \"name", "It's \\ done");
    text_free(&sql);
}

static void many_changes_are_written(void **state)
{
    enum { COLUMNS = 300 };
    const ShopFixture *fixture = *state;
    char names[COLUMNS][8];
    CommentChange changes[COLUMNS] = {0};
    Text sql = {0};
    text_add(&sql, "CREATE TABLE wide (");
    for (size_t i = 0; i < COLUMNS; i++) {
        snprintf(names[i], sizeof names[i], "c%zu", i);
        text_addf(&sql, "%s%s text", i ? ", " : "", names[i]);
        changes[i] = (CommentChange){
            .schema = fixture->schema, .table = "wide", .column = names[i], .new_text = names[i]};
    }
    text_add(&sql, ")");
    shop_run(fixture, text_string(&sql));
    text_free(&sql);
    changes[100].new_text = "\xff";
    shop_apply(fixture, changes, COLUMNS);
    for (size_t i = 0; i < COLUMNS; i++) {
        assert_int_equal(changes[i].outcome, i == 100 ? COMMENT_FAILED : COMMENT_APPLIED);
    }
    shop_expect_comment(fixture, "wide", "c299", "c299");
    shop_free_changes(changes, COLUMNS);
}

static void backends_have_names(void **state)
{
    (void)state;
    Backend backend;
    assert_true(backend_parse("sqlite", &backend));
    assert_int_equal(backend, BACKEND_SQLITE);
    assert_true(backend_parse("postgresql", &backend));
    assert_string_equal(backend_name(backend), "postgresql");
    assert_false(backend_parse("oracle", &backend));
}

#define ON_BOTH(test)                                                                                        \
    {#test " (postgresql)", test, shop_set_up, NULL, &shop_postgresql},                                      \
    {                                                                                                        \
#test " (sqlite)", test, shop_set_up, NULL, &shop_sqlite                                             \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH(tables_and_views_are_listed_in_order),
        ON_BOTH(columns_tell_what_they_are),
        ON_BOTH(keys_checks_and_references_are_read),
        ON_BOTH(indexes_tell_what_they_hold),
        ON_BOTH(columns_of_views_are_traced_to_their_tables),
        ON_BOTH(row_estimates_come_from_analyze),
        ON_BOTH(scope_narrows_the_reading),
        ON_BOTH(missing_scope_is_not_found),
        ON_BOTH(empty_database_has_an_empty_catalog),
        ON_BOTH(versions_are_named),
        ON_BOTH(comments_are_written_and_read_back),
        ON_BOTH(second_write_replaces_and_tells_the_old_text),
        ON_BOTH(nothing_and_empty_remove_a_comment),
        ON_BOTH(what_is_gone_is_missing_and_the_rest_is_written),
        ON_BOTH(unexpected_text_is_left_alone),
        ON_BOTH(refused_text_fails_alone),
        ON_BOTH(one_refusal_holds_back_all_when_that_is_wanted),
        ON_BOTH(reading_comments_writes_nothing),
        ON_BOTH(printed_statement_does_what_apply_does),
        ON_BOTH(many_changes_are_written),
        cmocka_unit_test(backends_have_names),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
