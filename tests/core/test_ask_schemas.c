/* ask: tables of one name in two schemas, and the schemas themselves. */
#include "asked.h"
#include "support_store.h"

static const char shop_sql[] =
    "CREATE TABLE \"hr.customers\"(id INTEGER PRIMARY KEY, badge TEXT);"
    "CREATE TABLE \"hr.employees\"(id INTEGER PRIMARY KEY, active BOOLEAN,"
    "  manager INTEGER REFERENCES \"hr.employees\"(id));"
    "CREATE TABLE \"public.countries\"(code TEXT PRIMARY KEY);"
    "CREATE TABLE \"public.customers\"(id INTEGER PRIMARY KEY, email TEXT,"
    "  country TEXT REFERENCES \"public.countries\"(code));"
    "CREATE TABLE \"public.order_items\"(order_id INTEGER REFERENCES \"public.orders\"(id), line INTEGER);"
    "CREATE TABLE \"public.orders\"(id INTEGER PRIMARY KEY,"
    "  customer_id INTEGER REFERENCES \"public.customers\"(id));"
    "CREATE TABLE \"public.weather\"(day DATE);";

static void a_join_takes_the_nearest_tables_of_the_names(void **state)
{
    (void)state;
    Asked shop = asked_open(shop_sql);
    asked_says(&shop, "how do I join order_items to customers?",
               "[1] public.order_items joins [2] public.customers over 2 foreign keys:");
    asked_says(&shop, "how do I join order_items to customers?",
               "Called the same, but not taken: [7] hr.customers.");
    asked_says(&shop, "how do I join public.orders to customers", "[2] public.customers over 1 foreign key:");
    asked_says(&shop, "how are customers and countries related?",
               "[1] public.customers joins [2] public.countries over 1 foreign key:");
    asked_says(&shop, "how do I join ordrs to custmers", "joins [2] public.customers over 1 foreign key:");
    asked_says(&shop, "how do I join order_items to customers and countries",
               "public.customers joins [9] public.countries over 1");
    asked_says_not(&shop, "how do I join orders to public.customers", "Called the same");
    asked_close(&shop);
}

static void tables_of_one_name_that_nothing_joins_are_told_all(void **state)
{
    (void)state;
    Asked shop = asked_open(shop_sql);
    asked_says(&shop, "how do I join hr.customers to customers",
               "[1] hr.customers and [2] public.customers: no foreign key leads from one to the other");
    asked_says(&shop, "how do I join customers to weather",
               "[1] hr.customers, [2] public.customers and [3] public.weather: no foreign key leads from one "
               "to the other");
    asked_says(&shop, "how do I join hr.customers to public.orders",
               "[1] hr.customers and [2] public.orders: no foreign key");
    asked_says(&shop, "how do I join employees to employees", "[1] hr.employees refers to itself");
    asked_close(&shop);
}

static void who_and_what_are_told_of_all_tables_of_a_name(void **state)
{
    (void)state;
    Asked shop = asked_open(shop_sql);
    asked_decide(&shop, "hr.customers", "badge", "The number of the badge.");
    asked_decide(&shop, "public.customers", NULL, "Everybody who bought.");
    asked_decide(&shop, "public.customers", "email", "Where bills go.");
    asked_says(&shop, "who described customers", "1 table or column was described in hr.customers");
    asked_says(&shop, "who described customers", "2 tables or columns were described in public.customers");
    asked_says(&shop, "who described hr.customers", "described in hr.customers");
    asked_says_not(&shop, "who described hr.customers", "public.customers");
    asked_says(&shop, "who described customers and orders",
               "0 tables or columns were described in public.orders");
    asked_says(&shop, "describe customers", "hr.customers (table)");
    asked_says(&shop, "describe customers", "public.customers (table): Everybody who bought.");
    asked_close(&shop);
}

static void who_points_back(void **state)
{
    (void)state;
    Asked shop = asked_open(shop_sql);
    asked_decide(&shop, "public.orders", NULL, "What was bought.");
    const char *const questions[] = {"who described that?", "who accepted it?", "who described them?",
                                     "who accepted that one?"};
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
        asked_forget(&shop);
        asked_answer(&shop, "who described orders");
        asked_says(&shop, questions[i], "in public.orders");
        asked_says(&shop, questions[i], "] public.orders, accepted by ada at ");
    }
    asked_says(&shop, "describe that", "public.orders (table)");
    asked_close(&shop);
}

static void a_schema_needs_not_be_called_one(void **state)
{
    (void)state;
    Asked shop = asked_open(shop_sql);
    asked_decide(&shop, "hr.customers", NULL, "Who is served.");
    asked_says(&shop, "booleans in schema hr", "1 column in schema hr of type booleans:");
    asked_says(&shop, "booleans in hr", "[1] hr.employees.active (BOOLEAN)");
    asked_says(&shop, "tables in schema hr", "2 tables in schema hr:");
    asked_says(&shop, "tables in hr", "2 tables in schema hr:");
    asked_says(&shop, "which tables are in HR?", "2 tables in schema hr:");
    asked_says(&shop, "which tables are there in schema hr", "2 tables in schema hr:");
    asked_says(&shop, "tables without descriptions in hr", "1 table in schema hr without a description:");
    asked_close(&shop);
}

static void schemas_are_listed(void **state)
{
    (void)state;
    Asked shop = asked_open(shop_sql);
    const char *const questions[] = {"list schemas", "which schemas are there",
                                     "how many schemas are there?"};
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
        asked_says(&shop, questions[i],
                   "2 schemas:\n    hr: 2 tables or views\n    public: 5 tables or views");
        assert_true(shop.known);
    }
    asked_close(&shop);
}

static void tables_that_refer_to_themselves_are_listed(void **state)
{
    (void)state;
    Asked shop = asked_open(shop_sql);
    asked_says(&shop, "which tables refer to themselves?",
               "1 table with a foreign key to the same table:\n    [1] hr.employees (table)");
    asked_says(&shop, "self-referencing tables", "[1] hr.employees (table)");
    asked_close(&shop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_join_takes_the_nearest_tables_of_the_names),
        cmocka_unit_test(tables_of_one_name_that_nothing_joins_are_told_all),
        cmocka_unit_test(who_and_what_are_told_of_all_tables_of_a_name),
        cmocka_unit_test(who_points_back),
        cmocka_unit_test(a_schema_needs_not_be_called_one),
        cmocka_unit_test(schemas_are_listed),
        cmocka_unit_test(tables_that_refer_to_themselves_are_listed),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
