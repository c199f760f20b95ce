/* ask: what tables do not have, and whether one refers to another. */
#include "asked.h"
#include "support_store.h"

static const char shop_sql[] =
    "CREATE TABLE customer(id INTEGER PRIMARY KEY, name TEXT, email TEXT, meta JSON);"
    "CREATE TABLE country(code TEXT PRIMARY KEY, name TEXT);"
    "CREATE TABLE orders(id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customer(id), placed DATE);"
    "CREATE TABLE item(id INTEGER PRIMARY KEY, order_id INTEGER REFERENCES orders(id),"
    "  parent INTEGER REFERENCES item(id));"
    "CREATE VIEW late AS SELECT id, placed FROM orders;";

static void tables_are_told_by_a_column_they_do_not_have(void **state)
{
    static const char without_email[] = "3 tables without a column email:\n    [1] country (table)\n"
                                        "    [2] item (table)\n    [3] orders (table)";
    (void)state;
    Asked shop = asked_open(shop_sql);
    asked_says(&shop, "which tables do not have an email column", without_email);
    asked_says(&shop, "which tables don't have an email?", without_email);
    asked_says(&shop, "tables without a column called email", without_email);
    asked_says(&shop, "which tables have no email", without_email);
    asked_says(&shop, "tables that lack an EMAIL", "3 tables without a column EMAIL:");
    asked_says(&shop, "views without a column name", "1 view without a column name:\n    [1] late (view)");
    asked_says(&shop, "tables and views without a column placed", "3 tables without a column placed:");
    asked_says(&shop, "tables without a column shoe_size", "No table has a column shoe_size.");
    asked_says(&shop, "tables without email in schema sales", "0 tables in schema sales without a column");
    asked_says_not(&shop, "which tables have an email column", "without");
    asked_close(&shop);
}

static void tables_are_told_by_a_type_they_do_not_have(void **state)
{
    static const char without_json[] = "3 tables without a column of type json:\n    [1] country (table)\n"
                                       "    [2] item (table)\n    [3] orders (table)";
    (void)state;
    Asked shop = asked_open(shop_sql);
    asked_says(&shop, "tables without a json column", without_json);
    asked_says(&shop, "tables without a column of type json", without_json);
    asked_says(&shop, "which tables do not have a json column", without_json);
    asked_says(&shop, "tables with a json column", "1 column of type json:\n    [1] customer.meta (JSON)");
    asked_close(&shop);
}

static void other_conditions_are_not_taken_for_columns(void **state)
{
    (void)state;
    Asked shop = asked_open(shop_sql);
    asked_says(&shop, "tables without a primary key", "0 tables without a primary key.");
    asked_says(&shop, "tables without comments", "4 tables, 1 view without a description:");
    asked_says(&shop, "tables without a foreign key", "2 tables without a foreign key:");
    asked_says_not(&shop, "tables without an email or a name", "without a column");
    asked_close(&shop);
}

static void tables_are_told_by_what_they_do_not_refer_to(void **state)
{
    static const char apart[] = "2 tables without a foreign key to customer:\n    [1] country (table)\n"
                                "    [2] item (table)";
    (void)state;
    Asked shop = asked_open(shop_sql);
    asked_says(&shop, "which tables don't reference customer?", apart);
    asked_says(&shop, "tables without a foreign key to customer", apart);
    asked_says(&shop, "which tables do not refer to customer", apart);
    asked_says(&shop, "which tables reference customer", "customer: 1 foreign key points to it.");
    asked_close(&shop);
}

static void whether_one_refers_to_the_other_is_a_yes_or_a_no(void **state)
{
    (void)state;
    Asked shop = asked_open(shop_sql);
    asked_says(&shop, "does orders reference customer?",
               "Yes: [1] orders has 1 foreign key to [2] customer:\n"
               "    [3] [4] orders.customer_id = customer.id");
    asked_says(&shop, "does customer reference orders?",
               "No: [1] customer has no foreign key to [2] orders.\n"
               "[3] orders has 1 foreign key to [4] customer:\n");
    asked_says(&shop, "does country refer to item?", "No: [1] country has no foreign key to [2] item.");
    asked_says(&shop, "is customer referenced by orders?", "Yes: [1] orders has 1 foreign key to");
    asked_says(&shop, "is orders referenced by customer?", "No: [1] customer has no foreign key to");
    asked_says(&shop, "is there a foreign key between customer and orders", "Yes: [1] orders has 1");
    asked_says(&shop, "does item reference itself?", "Yes: [1] item has 1 foreign key to itself:\n");
    asked_says(&shop, "does orders reference itself?", "No: [1] orders has no foreign key to itself.");
    asked_close(&shop);
}

static void whether_a_table_has_a_column_is_told_whichever_word_comes_first(void **state)
{
    (void)state;
    Asked shop = asked_open(shop_sql);
    asked_says(&shop, "does customer have an email column?", "customer has a column email:");
    asked_says(&shop, "does customer have a column email?", "customer has a column email:");
    asked_says(&shop, "does orders have an email column?", "orders has no column email.");
    asked_close(&shop);
}

static void what_is_in_a_schema_are_its_tables(void **state)
{
    static const char all[] = "4 tables, 1 view in schema main:\n    [1] country (table)\n";
    (void)state;
    Asked shop = asked_open(shop_sql);
    asked_says(&shop, "what is in main", all);
    asked_says(&shop, "what's in main?", all);
    asked_says(&shop, "what is in schema main", all);
    asked_says_not(&shop, "what is in customer", "in schema");
    asked_close(&shop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_are_told_by_a_column_they_do_not_have),
        cmocka_unit_test(tables_are_told_by_a_type_they_do_not_have),
        cmocka_unit_test(other_conditions_are_not_taken_for_columns),
        cmocka_unit_test(tables_are_told_by_what_they_do_not_refer_to),
        cmocka_unit_test(whether_one_refers_to_the_other_is_a_yes_or_a_no),
        cmocka_unit_test(whether_a_table_has_a_column_is_told_whichever_word_comes_first),
        cmocka_unit_test(what_is_in_a_schema_are_its_tables),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
