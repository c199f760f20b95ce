/* ask: indexes, nulls, uniqueness and defaults. */
#include "asked.h"
#include "catalog_cache.h"
#include "local_sqlite.h"
#include "support_store.h"

static const char shop_sql[] =
    "CREATE TABLE customer(id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT UNIQUE, meta JSON);"
    "CREATE TABLE orders(id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customer(id),"
    "  total REAL DEFAULT 0, placed DATE);"
    "CREATE TABLE item(id INTEGER PRIMARY KEY, order_id INTEGER REFERENCES orders(id), qty INT);"
    "CREATE TABLE log(line TEXT);"
    "CREATE INDEX i_placed ON orders(placed);"
    "CREATE UNIQUE INDEX i_item ON item(order_id, qty);"
    "CREATE INDEX i_low ON customer(lower(name)) WHERE meta IS NOT NULL;"
    "CREATE VIEW late AS SELECT id, placed FROM orders;";

static void indexes_are_told(void **state)
{
    (void)state;
    Asked shop = asked_open(shop_sql);
    asked_says(&shop, "indexes of orders", "[1] orders has 1 index:\n    i_placed (placed)");
    asked_says(&shop, "which indexes does customer have?",
               "    i_low (lower(name)), where meta IS NOT NULL\n");
    asked_says(&shop, "unique indexes of orders", "[1] orders has 0 unique indexes beside its primary key.");
    asked_says(&shop, "what is the unique key of customer?",
               "customer has 1 unique index:\n    sqlite_autoindex_customer_1 (email), unique");
    asked_says(&shop, "unique indexes", "2 unique indexes:\n    [1] customer: ");
    asked_says(&shop, "how many indexes are there", "4 indexes:");
    asked_says(&shop, "indexes of log", "[1] log has 0 indexes.");
    asked_says(&shop, "is orders.placed indexed?",
               "Yes: [1] 1 index begins with orders.placed:\n    i_placed (placed)");
    asked_says(&shop, "is orders.total indexed?", "No: [1] no index over all rows begins with orders.total.");
    asked_says(&shop, "is orders.id indexed?", "Yes: [1] orders.id is the primary key.");
    asked_says(&shop, "is customer.name indexed?", "No: ");
    asked_close(&shop);
}

static void what_has_no_index_is_told(void **state)
{
    static const char keys[] = "1 foreign key whose first column no index begins with:\n"
                               "    [1] orders.customer_id, refers to customer.id";
    (void)state;
    Asked shop = asked_open(shop_sql);
    asked_says(&shop, "tables without an index", "1 table without an index:\n    [1] log (table)");
    asked_says(&shop, "which tables are not indexed", "1 table without an index:");
    asked_says(&shop, "foreign keys without an index", keys);
    asked_says(&shop, "which foreign keys are not indexed?", keys);
    asked_says(&shop, "unindexed foreign keys", keys);
    asked_close(&shop);
}

static void a_table_about_indexes_is_found_all_the_same(void **state)
{
    (void)state;
    Asked shop = asked_open("CREATE TABLE price_index(day DATE); CREATE TABLE log(line TEXT);");
    asked_says(&shop, "which table has the index?", "[1] price_index (table)");
    asked_close(&shop);
}

static void columns_are_told_by_what_is_demanded_of_them(void **state)
{
    (void)state;
    Asked shop = asked_open(shop_sql);
    asked_says(&shop, "nullable columns of orders",
               "2 columns of orders that may be null:\n    [1] orders.total (REAL)\n    [2] orders.placed");
    asked_says(&shop, "columns of orders that are not null", "2 columns of orders that may not be null:");
    asked_says(&shop, "which fields of customer are required?",
               "2 columns of customer that may not be null:");
    asked_says(&shop, "columns that are not nullable", "columns that may not be null:");
    asked_says(&shop, "columns with a default", "1 column with a default:\n    [1] orders.total (REAL)");
    asked_says(&shop, "generated columns of item", "1 column of item that the database fills:");
    asked_says(&shop, "unique columns of customer", "2 columns of customer that are unique by themselves:");
    asked_says_not(&shop, "columns that may be null", "late.");
    asked_close(&shop);
}

static void what_is_demanded_of_a_column_is_told(void **state)
{
    (void)state;
    Asked shop = asked_open(shop_sql);
    asked_says(&shop, "is orders.total nullable?",
               "[1] orders.total: may be null, is not unique by itself, has the default 0.");
    asked_says(&shop, "is customer.email unique?",
               "[1] customer.email: may be null, is unique by itself, has no default.");
    asked_says(&shop, "can customer.name be null?", "may not be null");
    asked_says(&shop, "what is the default of orders.total?", "has the default 0.");
    asked_says(&shop, "is late.placed nullable?",
               "a column of a view, of which the database does not tell it.");
    asked_close(&shop);
}

static void a_list_is_narrowed_by_what_is_demanded(void **state)
{
    (void)state;
    Asked shop = asked_open(shop_sql);
    asked_answer(&shop, "columns of orders");
    asked_says(&shop, "only those that are not null", "2 of 4 columns");
    asked_answer(&shop, "which tables are there?");
    asked_says(&shop, "only those with a default", "1 of 5 tables");
    asked_close(&shop);
}

/* An earlier amx kept neither. */
static void a_catalog_that_was_kept_without_it_is_read_anew(void **state)
{
    char taken_at[CLOCK_TEXT_SIZE];
    int64_t seconds = 0;
    (void)state;
    Asked shop = asked_open(shop_sql);
    assert_true(catalog_cache_age(shop.local, ASKED_PRINT, taken_at, &seconds, NULL));
    assert_string_not_equal(taken_at, "");
    assert_true(sqlite_run(local_sqlite(shop.local), NULL, "DELETE FROM catalog_rule", NULL, 0));
    assert_true(catalog_cache_age(shop.local, ASKED_PRINT, taken_at, &seconds, NULL));
    assert_string_equal(taken_at, "");
    asked_close(&shop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(indexes_are_told),
        cmocka_unit_test(what_has_no_index_is_told),
        cmocka_unit_test(a_table_about_indexes_is_found_all_the_same),
        cmocka_unit_test(columns_are_told_by_what_is_demanded_of_them),
        cmocka_unit_test(what_is_demanded_of_a_column_is_told),
        cmocka_unit_test(a_list_is_narrowed_by_what_is_demanded),
        cmocka_unit_test(a_catalog_that_was_kept_without_it_is_read_anew),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
