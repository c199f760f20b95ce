/* A few values of the rows of a table: the same cases on PostgreSQL and SQLite. */
#include "support.h"

#include <libpq-fe.h>
#include <string.h>

#include "libpq.h"
#include "shop.h"
#include "text.h"

/* Reads one column, all of whose values are in `expected`, joined by |. */
static void expect_values(const ShopFixture *fixture, const char *table, const char *column,
                          const char *expected)
{
    Error err = {0};
    Text joined = {0};
    Catalog *catalog = shop_read(fixture);
    Database *database = shop_open(fixture);
    DatabaseSample sample = {.column = shop_column(catalog, table, column)};
    if (!database_read_samples(database, shop_table(catalog, table), &sample, 1, deadline_in(PATIENCE_MS),
                               &err)) {
        fail_msg("%s", err.message);
    }
    for (size_t i = 0; i < sample.count; i++) {
        text_addf(&joined, "%s%s", i ? "|" : "", sample.values[i]);
    }
    assert_string_equal(text_string(&joined), expected);
    text_free(&joined);
    database_sample_free(&sample);
    database_close(database);
    catalog_free(catalog);
}

static void a_few_values_that_differ_are_read(void **state)
{
    const ShopFixture *fixture = *state;
    expect_values(fixture, "customer", "email", "");
    shop_run(fixture, "INSERT INTO customer(id, email, status, \"Odd \"\"name\", price) VALUES "
                      "(1, 'a@x', 'new', NULL, 7), (2, 'b@x', 'new', 'odd', 7), (3, 'c@x', 'new', NULL, 7), "
                      "(4, 'd@x', ')old', NULL, NULL)");
    expect_values(fixture, "customer", "email", "a@x|b@x|c@x");
    expect_values(fixture, "customer", "status", "new|)old");
    expect_values(fixture, "customer", "Odd \"name", "odd");
    expect_values(fixture, "customer", "price", "7");
    expect_values(fixture, "customer", "quantity", "");
}

static void values_are_cut_and_can_be_shown(void **state)
{
    const ShopFixture *fixture = *state;
    shop_run(fixture, "CREATE TABLE letter (body text);"
                      "INSERT INTO letter VALUES ('\xc3\xa4"
                      "123456789012345678901234567890123456789cut off'),"
                      "('\x1b[31mred')");
    expect_values(fixture, "letter", "body",
                  "\xc3\xa4"
                  "123456789012345678901234567890123456789|\\x1b[31mred");
}

static void binary_columns_and_views_have_no_samples(void **state)
{
    const ShopFixture *fixture = *state;
    bool sqlite = fixture->target.backend == BACKEND_SQLITE;
    shop_run(fixture, sqlite ? "CREATE TABLE picture (name text, bytes BLOB)"
                             : "CREATE DOMAIN raw AS bytea; CREATE TABLE picture (name text, bytes raw)");
    shop_run(fixture, "INSERT INTO picture VALUES ('front', 'secret');"
                      "INSERT INTO customer(id, email, price, quantity) VALUES (1, 'a@x', 1000, 2)");
    expect_values(fixture, "picture", "bytes", "");
    expect_values(fixture, "picture", "name", "front");
    expect_values(fixture, "big", "email", "");
    if (sqlite) {
        shop_run(fixture, "INSERT INTO picture VALUES (x'00ff', 'b')");
        expect_values(fixture, "picture", "name", "front");
    }
}

/* Others can be read all the same. */
static void a_table_that_can_not_be_read_is_told_alone(void **state)
{
    const ShopFixture *fixture = *state;
    Error err = {0};
    Catalog *catalog = shop_read(fixture);
    shop_run(fixture, "DROP TABLE \"order\"; INSERT INTO customer(id, email) VALUES (1, 'a@x')");
    Database *database = shop_open(fixture);
    DatabaseSample gone = {.column = shop_column(catalog, "order", "note")};
    DatabaseSample here = {.column = shop_column(catalog, "customer", "email")};
    assert_false(database_read_samples(database, shop_table(catalog, "order"), &gone, 1,
                                       deadline_in(PATIENCE_MS), &err));
    assert_int_equal(err.kind, ERROR_DATABASE);
    assert_non_null(strstr(err.message, "order"));
    assert_int_equal(gone.count, 0);
    assert_true(database_read_samples(database, shop_table(catalog, "customer"), &here, 1,
                                      deadline_in(PATIENCE_MS), &err));
    assert_int_equal(here.count, 1);
    database_sample_free(&here);
    database_close(database);
    catalog_free(catalog);
}

/* PostgreSQL only: a lock is waited for shortly, and reading writes nothing whatever the table does. */
static void a_locked_table_is_not_waited_for(void **state)
{
    const ShopFixture *fixture = *state;
    Error err = {0};
    Catalog *catalog = shop_read(fixture);
    Database *database = shop_open(fixture);
    PGconn *holder = PQconnectdb(fixture->target.conninfo);
    PQclear(PQexec(holder, "BEGIN; LOCK TABLE customer IN ACCESS EXCLUSIVE MODE"));
    DatabaseSample sample = {.column = shop_column(catalog, "customer", "email")};
    assert_false(database_read_samples(database, shop_table(catalog, "customer"), &sample, 1,
                                       deadline_in(PATIENCE_MS), &err));
    assert_int_equal(err.kind, ERROR_DATABASE);
    PQfinish(holder);
    assert_true(database_read_samples(database, shop_table(catalog, "customer"), &sample, 1,
                                      deadline_in(PATIENCE_MS), &err));
    database_close(database);
    catalog_free(catalog);
}

/* What begins a transaction fails in its second statement. */
static int send_badly(PGconn *conn, const char *sql)
{
    return PQsendQuery(conn, text_equal(sql, "ROLLBACK") ? sql : "BEGIN; SET LOCAL statement_timeout = 'x'");
}

/* PostgreSQL only: others are read in a transaction of their own. */
static void a_transaction_that_can_not_be_set_up_is_over(void **state)
{
    const ShopFixture *fixture = *state;
    Error err = {0};
    Catalog *catalog = shop_read(fixture);
    Database *database = shop_open(fixture);
    DatabaseSample sample = {.column = shop_column(catalog, "customer", "email")};
    libpq.PQsendQuery = send_badly;
    assert_false(database_read_samples(database, shop_table(catalog, "customer"), &sample, 1,
                                       deadline_in(PATIENCE_MS), &err));
    libpq.PQsendQuery = PQsendQuery;
    assert_int_equal(err.kind, ERROR_DATABASE);
    if (!database_read_samples(database, shop_table(catalog, "customer"), &sample, 1,
                               deadline_in(PATIENCE_MS), &err)) {
        fail_msg("%s", err.message);
    }
    database_close(database);
    catalog_free(catalog);
}

#define ON_BOTH(test)                                                                                        \
    {#test " (postgresql)", test, shop_set_up, NULL, &shop_postgresql},                                      \
    {                                                                                                        \
#test " (sqlite)", test, shop_set_up, NULL, &shop_sqlite                                             \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH(a_few_values_that_differ_are_read),
        ON_BOTH(values_are_cut_and_can_be_shown),
        ON_BOTH(binary_columns_and_views_have_no_samples),
        ON_BOTH(a_table_that_can_not_be_read_is_told_alone),
        {"a_transaction_that_can_not_be_set_up_is_over", a_transaction_that_can_not_be_set_up_is_over,
         shop_set_up, NULL, &shop_postgresql},
        {"a_locked_table_is_not_waited_for", a_locked_table_is_not_waited_for, shop_set_up, NULL,
         &shop_postgresql},
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
