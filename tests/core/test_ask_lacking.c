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

static void of_several_of_one_name_those_that_are_linked_are_meant(void **state)
{
    (void)state;
    Asked shop = asked_open("CREATE TABLE \"hr.customer\"(id INTEGER PRIMARY KEY);"
                            "CREATE TABLE \"sales.customer\"(id INTEGER PRIMARY KEY);"
                            "CREATE TABLE \"sales.orders\"(id INTEGER PRIMARY KEY,"
                            "  customer_id INTEGER REFERENCES \"sales.customer\"(id));"
                            "CREATE TABLE \"sales.log\"(line TEXT);");
    asked_says(&shop, "does orders reference customer?",
               "Yes: [1] sales.orders has 1 foreign key to [2] sales.customer:");
    asked_says(&shop, "is customer referenced by orders?", "Yes: [1] sales.orders has 1 foreign key to");
    asked_says(&shop, "does log reference customer?",
               "No: [1] sales.log has no foreign key to [2] sales.customer.");
    asked_says(&shop, "which tables don't reference customer?",
               "2 tables without a foreign key to sales.customer:\n");
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

/* Nobody wants the opposite of what was asked. */
static void what_is_left_out_and_not_understood_is_no_answer(void **state)
{
    static const char *const questions[] = {"tables not in main",
                                            "which columns have no type",
                                            "which tables did ada not describe",
                                            "columns that are not text",
                                            "how do I join orders to item without customer",
                                            "largest tables not in main"};
    (void)state;
    Asked shop = asked_open(shop_sql);
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
        asked_says(&shop, questions[i], "I do not know what this question leaves out.");
        assert_int_equal(shop.cited, 0);
        assert_false(shop.known);
    }
    asked_forget(&shop);
    asked_answer(&shop, "which tables are there?");
    asked_says(&shop, "only those not in main", "I do not know what this question leaves out.");
    asked_says(&shop, "which tables don't have a primary key", "0 tables without a primary key.");
    asked_says(&shop, "views without descriptions", "1 view without a description:\n    [1] late (view)");
    asked_close(&shop);
}

static void a_foreign_key_to_a_table_points_to_it(void **state)
{
    static const char in[] = "[1] customer: 1 foreign key points to it.\n"
                             "    [2] [3] orders.customer_id = customer.id";
    (void)state;
    Asked shop = asked_open(shop_sql);
    asked_says(&shop, "tables with a foreign key to customer", in);
    asked_says(&shop, "foreign keys to customer", in);
    asked_says(&shop, "which tables have foreign keys pointing to customer", in);
    asked_says(&shop, "foreign keys of orders", "orders: it has 1 foreign key.");
    asked_says(&shop, "foreign keys in schema main", "3 foreign keys in schema main, of 2 tables:");
    asked_close(&shop);
}

static void what_is_called_like_nothing_is_said_to_be_missing(void **state)
{
    (void)state;
    Asked shop = asked_open(shop_sql);
    asked_says(&shop, "primary key of nosuch", "I do not know: nothing in profile shop is called nosuch.");
    asked_says(&shop, "foreign keys of nosuch", "I do not know: nothing in profile shop is called nosuch.");
    asked_says(&shop, "which tables are there in schema mian",
               "No schema is called mian. There is 1 schema:\n    main: 5 tables or views");
    asked_says(&shop, "columns of ordes", "3 columns of orders:");
    asked_says(&shop, "who owns orders", "I do not know about who owns a table");
    asked_says(&shop, "when was orders created", "I do not know about when a table was created");
    asked_close(&shop);
}

static void the_measure_is_what_is_named(void **state)
{
    (void)state;
    Asked shop = asked_open(shop_sql);
    asked_says(&shop, "smallest table by columns", "The tables with the fewest columns (4 of 4):");
    asked_says(&shop, "largest table by columns", "The tables with the most columns (4 of 4):");
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
    shop = asked_open("CREATE TABLE \"hr.staff\"(id INT); CREATE TABLE \"sales.orders\"(id INT);");
    asked_says(&shop, "tables in hr and sales",
               "1 table in schema hr:\n    [1] hr.staff (table)\n1 table in schema sales:\n");
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
        cmocka_unit_test(of_several_of_one_name_those_that_are_linked_are_meant),
        cmocka_unit_test(whether_a_table_has_a_column_is_told_whichever_word_comes_first),
        cmocka_unit_test(what_is_left_out_and_not_understood_is_no_answer),
        cmocka_unit_test(a_foreign_key_to_a_table_points_to_it),
        cmocka_unit_test(what_is_called_like_nothing_is_said_to_be_missing),
        cmocka_unit_test(the_measure_is_what_is_named),
        cmocka_unit_test(what_is_in_a_schema_are_its_tables),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
