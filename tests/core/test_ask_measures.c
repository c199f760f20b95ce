/* ask: tables by numbers, and conditions that the cached catalog does not know. */
#include "asked.h"
#include "memory.h"
#include "search.h"
#include "support_store.h"
#include "text.h"

static const char shop_sql[] =
    "CREATE TABLE customer(id INTEGER PRIMARY KEY, name TEXT, email TEXT, born DATE, phone TEXT);"
    "CREATE TABLE orders(id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customer(id),"
    "  gift_for INTEGER REFERENCES customer(id));"
    "CREATE TABLE region(code TEXT);"
    "CREATE TABLE note(id INTEGER PRIMARY KEY, reply_to INTEGER REFERENCES note(id));"
    "CREATE VIEW recent AS SELECT id FROM orders;";

/* The database's estimates: none for `note`. */
static Asked open_estimated(void)
{
    Asked shop = asked_open(shop_sql);
    asked_estimate(&shop, "customer", 1200);
    asked_estimate(&shop, "orders", 50000);
    asked_estimate(&shop, "region", 0);
    return shop;
}

static void tables_are_ranked_by_what_is_known_of_them(void **state)
{
    (void)state;
    Asked shop = open_estimated();
    asked_says(
        &shop, "which table has the most rows?",
        "The tables with the most rows, as the database estimates them (3 of 3):\n"
        "    [1] orders: about 50000 rows\n    [2] customer: about 1200 rows\n    [3] region: about 0 rows");
    asked_says(&shop, "largest tables", "[1] orders: about 50000 rows");
    asked_says(&shop, "the biggest table", "[1] orders: about 50000 rows");
    asked_says(&shop, "top 2 largest tables in main", "(2 of 3 in schema main):");
    asked_says(&shop, "smallest tables", "[1] region: about 0 rows");
    asked_says(&shop, "which table has the most columns", "[1] customer: 5 columns");
    asked_says(&shop, "which tables have the fewest columns", ": 1 column\n");
    asked_says(&shop, "most referenced tables", "[1] customer: 2 references");
    asked_says(&shop, "largest tables that glitter", "Not understood, and not taken into account: glitter.");
    asked_says(&shop, "largest tables without a primary key", "(1 of 1 without a primary key):");
    asked_says(&shop, "how many columns has orders", "3 columns of orders:");
    asked_says(&shop, "how many rows has customer?", "[1] customer: about 1200 rows");
    asked_says(&shop, "how many rows has note?", "note: the database has no estimate");
    asked_close(&shop);
}

static void tables_are_listed_by_their_references_and_rows(void **state)
{
    (void)state;
    Asked shop = open_estimated();
    asked_says(&shop, "tables that are not referenced by anything", "3 tables that nothing references:\n");
    asked_says(&shop, "which tables reference nothing", "2 tables that reference nothing:\n    [1] customer");
    asked_says(&shop, "unreferenced tables", "3 tables");
    asked_says(&shop, "empty tables",
               "1 table with no rows, as the database estimates them:\n    [1] region");
    asked_says(&shop, "which tables have no rows?", "[1] region (table)");
    asked_says(&shop, "tables that have rows", "2 tables with rows, as the database estimates them");
    asked_says(&shop, "isolated tables", "1 table that reference nothing and that nothing references");
    asked_says(&shop, "tables for empty phones", "phone (TEXT)"); /* is about phones */
    asked_says(&shop, "which table has the largest phone", "phone (TEXT)");
    asked_says(&shop, "empty tables that glitter", "not taken into account: glitter.");
    asked_says(&shop, "only those without a primary key", "1 of 1 table");
    asked_says(&shop, "phones that only have a code", "phone (TEXT)"); /* narrows nothing */
    asked_close(&shop);
}

static void a_condition_that_is_not_known_is_said(void **state)
{
    (void)state;
    Asked shop = open_estimated();
    asked_says(&shop, "which tables have triggers?", "I do not know about triggers:");
    asked_says(&shop, "tables created yesterday", "I do not know about when a table was created or changed:");
    support_sqlite(shop.path, "CREATE TABLE price_index(day DATE)");
    asked_read(&shop);
    asked_says(&shop, "which table has the index?", "[1] price_index (table)");
    asked_close(&shop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_are_ranked_by_what_is_known_of_them),
        cmocka_unit_test(tables_are_listed_by_their_references_and_rows),
        cmocka_unit_test(a_condition_that_is_not_known_is_said),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
