/* ask: how many there are, and tables by how many of something they have. */
#include "asked.h"
#include "search.h"
#include "support_store.h"
#include "text.h"

static const char shop_sql[] =
    "CREATE TABLE customer(id INTEGER PRIMARY KEY, name TEXT, email TEXT, born DATE, phone TEXT);"
    "CREATE TABLE orders(id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customer(id),"
    "  gift_for INTEGER REFERENCES customer(id));"
    "CREATE TABLE region(code TEXT, name TEXT);"
    "CREATE VIEW recent AS SELECT id, customer_id, gift_for, 1 AS a, 2 AS b, 3 AS c FROM orders;";

static Asked open_counted(void)
{
    Asked shop = asked_open(shop_sql);
    asked_estimate(&shop, "customer", 1200);
    asked_estimate(&shop, "orders", 50000);
    return shop;
}

static void views_are_not_counted_as_tables(void **state)
{
    (void)state;
    Asked shop = open_counted();
    asked_says(&shop, "how many tables are there?", "3 tables, 1 view:\n");
    asked_says(&shop, "which tables are there in schema main", "3 tables, 1 view in schema main:\n");
    asked_says(&shop, "how many views are there?", "1 view:\n");
    asked_says(&shop, "which tables have no description?", "3 tables, 1 view without a description:\n");
    asked_says(&shop, "which table has the most columns?",
               "The tables with the most columns (3 of 3):\n    [1] customer: 5 columns");
    asked_says(&shop, "which view has the most columns?",
               "The views with the most columns (1 of 1):\n    [1] recent: 6 columns");
    asked_says(&shop, "tables and views with the most columns",
               "The tables and views with the most columns (4 of 4):\n    [1] recent: 6 columns");
    asked_says(&shop, "what has the most columns?", "The tables and views with the most columns (4 of 4):\n");
    asked_close(&shop);
}

static void keys_are_counted(void **state)
{
    (void)state;
    Asked shop = open_counted();
    asked_says(&shop, "how many foreign keys are there?",
               "2 foreign keys, of 1 table:\n    [1] orders: 2 foreign keys");
    asked_says(&shop, "how many foreign keys are there in main?",
               "2 foreign keys in schema main, of 1 table:");
    asked_says(&shop, "how many schemas are there?", "1 schema:\n    main: 4 tables or views");
    asked_says(&shop, "how many primary keys are there?", "2 tables with a primary key:");
    asked_says(&shop, "how many columns are there?", "16 columns:");
    asked_close(&shop);
}

static void a_number_of_columns_is_a_measure(void **state)
{
    (void)state;
    Asked shop = open_counted();
    asked_says(
        &shop, "top 2 tables by columns",
        "The tables with the most columns (2 of 3):\n    [1] customer: 5 columns\n    [2] orders: 3 columns");
    asked_says(&shop, "top 2 tables by number of rows", "The tables with the most rows, as the database");
    asked_says(&shop, "tables sorted by number of foreign keys", "[1] orders: 2 foreign keys");
    asked_says(&shop, "bottom 1 tables by columns",
               "The tables with the fewest columns (1 of 3):\n    [1] region: 2 columns");
    asked_close(&shop);
}

static void tables_are_listed_by_how_many_they_have(void **state)
{
    (void)state;
    Asked shop = open_counted();
    asked_says(&shop, "which tables have more than 3 columns?",
               "1 table with more than 3 columns:\n    [1] customer: 5 columns");
    asked_says(&shop, "tables with at least 3 columns", "2 tables with at least 3 columns:");
    asked_says(&shop, "tables with 3 or more columns", "2 tables with 3 or more columns:");
    asked_says(&shop, "tables with fewer than 3 columns",
               "1 table with fewer than 3 columns:\n    [1] region");
    asked_says(&shop, "tables with at most 3 columns", "2 tables with at most 3 columns:");
    asked_says(&shop, "tables with > 3 columns", "1 table with > 3 columns:");
    asked_says(&shop, "tables with >=3 columns", "2 tables with >=3 columns:");
    asked_says(&shop, "tables with between 2 and 3 columns", "2 tables with between 2 and 3 columns:");
    asked_says(&shop, "tables with exactly 3 columns", "1 table with exactly 3 columns:\n    [1] orders");
    asked_says(&shop, "how many tables have two columns", "1 table with two columns:\n    [1] region");
    asked_says(&shop, "tables with more than 30 columns", "0 tables with more than 30 columns.");
    asked_says(&shop, "views with more than 3 columns", "1 view with more than 3 columns:\n    [1] recent");
    asked_says(&shop, "which tables have more than 1 foreign key", "1 table with more than 1 foreign key:");
    asked_says(
        &shop, "tables with more than 1,500 rows",
        "1 table with more than 1500 rows, as the database estimates them:\n    [1] orders: about 50000");
    asked_says(&shop, "tables with over 10k rows", "1 table with over 10k rows, as");
    asked_says(&shop, "tables with more than 2 columns without a primary key",
               "0 tables with more than 2 columns, without a primary key.");
    asked_says(&shop, "tables with more than 3 columns that glitter", "not taken into account: glitter.");
    asked_close(&shop);
}

static void no_condition_is_dropped(void **state)
{
    (void)state;
    Asked shop = open_counted();
    asked_says(&shop, "which tables have no primary key and no foreign keys?",
               "1 table without a primary key, that reference nothing:\n    [1] region");
    asked_says(&shop, "tables without a description and without a primary key",
               "1 table without a description, without a primary key:\n    [1] region");
    asked_says(&shop, "common columns of customer and orders", "not taken into account: common.");
    asked_says(&shop, "columns of customer without a description that glitter", "into account: glitter.");
    asked_says_not(&shop, "which columns of customer are not described yet?", "not taken into account");
    asked_says_not(&shop, "columns of customer and of orders", "not taken into account");
    asked_says(&shop, "how many tables and columns are there?", "3 tables, 1 view:\n");
    asked_says(&shop, "how many tables and columns are there?", "16 columns:\n");
    asked_says(&shop, "which table has the fewest foreign keys?",
               "The tables with the fewest foreign keys (3 of 3):\n    [1] customer: 0 foreign keys");
    asked_says(&shop, "primary key columns of type integer", "7 columns of type integer:");
    asked_says(&shop, "primary key columns of type integer", "not taken into account: primary, key.");
    asked_says(&shop, "what type is orders.customer_id?", "[1] orders.customer_id (INTEGER)");
    asked_close(&shop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(views_are_not_counted_as_tables),
        cmocka_unit_test(keys_are_counted),
        cmocka_unit_test(a_number_of_columns_is_a_measure),
        cmocka_unit_test(tables_are_listed_by_how_many_they_have),
        cmocka_unit_test(no_condition_is_dropped),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
