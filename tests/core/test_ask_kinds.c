/* ask: the kinds of questions that have an answer of their own, and questions that point back. */
#include <stdlib.h>
#include <string.h>

#include "asked.h"
#include "memory.h"
#include "search.h"
#include "support_store.h"

static const char shop_sql[] =
    "CREATE TABLE country(code TEXT PRIMARY KEY, name TEXT);"
    "CREATE TABLE customers(id INTEGER PRIMARY KEY, country TEXT REFERENCES country(code), active BOOLEAN,"
    "  status INTEGER, details JSONB);"
    "CREATE TABLE orders(id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers(id),"
    "  paid BOOLEAN, placed TIMESTAMP);"
    "CREATE TABLE order_items(order_id INTEGER REFERENCES orders(id), line INTEGER, sku TEXT,"
    "  PRIMARY KEY(order_id, line));"
    "CREATE TABLE weather(day DATE, rain NUMERIC(5,1));"
    "CREATE TABLE amx_comments(table_name TEXT NOT NULL, column_name TEXT NOT NULL, comment TEXT NOT NULL,"
    "  updated_at TEXT NOT NULL, PRIMARY KEY(table_name, column_name));"
    "INSERT INTO amx_comments VALUES"
    "  ('customers', '', 'Everybody who bought something.', '2026-01-01'),"
    "  ('customers', 'status', 'Whether they may order: 0 no, 1 yes.', '2026-01-01');";

static void a_name_is_described(void **state)
{
    (void)state;
    Asked shop = asked_open(shop_sql);
    asked_says(&shop, "what is customers.status", "[1] customers.status (INTEGER): Whether they may order");
    asked_says(&shop, "What does customers.status mean?", "Whether they may order");
    asked_says(&shop, "describe table customers", "[1] customers (table): Everybody who bought something.");
    asked_says(&shop, "what is the status of customers?", "[1] customers.status (INTEGER)");
    asked_says(&shop, "describe main.\"orders\"", "[1] orders (table): no description yet");
    asked_says(&shop, "customers", "[2] customers.id (INTEGER)");
    asked_close(&shop);
}

static void a_join_is_told_hop_by_hop(void **state)
{
    (void)state;
    Asked shop = asked_open(shop_sql);
    asked_says(&shop, "how do I join order items to country",
               "[1] order_items joins [2] country over 3 foreign keys:\n"
               "    [3] [4] order_items.order_id = orders.id\n"
               "    [5] [6] orders.customer_id = customers.id\n"
               "    [7] [8] customers.country = country.code");
    asked_says(&shop, "how are country and orders related?", "[1] country joins [2] orders over 2");
    asked_says(&shop, "how do I join orders to weather",
               "[1] orders and [2] weather: no foreign key leads from one to the other");
    asked_says(&shop, "how do I join ordrs to customers", "Nothing is called ordrs; orders is near it.");
    asked_close(&shop);
}

static void keys_are_told_in_both_directions(void **state)
{
    (void)state;
    Asked shop = asked_open(shop_sql);
    asked_says(&shop, "primary key of order items", "is [2] order_id, [3] line.");
    asked_says(&shop, "what is the primary key of weather", "weather has no primary key.");
    asked_says(&shop, "what points to customers?",
               "1 foreign key points to it.\n    [2] [3] orders.customer_id");
    asked_says(&shop, "which tables reference country", "customers.country = country.code");
    asked_says(&shop, "tables referenced by orders", "orders: it has 1 foreign key.");
    asked_says(&shop, "is orders referenced by anything?", "orders: 1 foreign key points to it.");
    asked_says(&shop, "foreign keys of orders", "it has 1 foreign key.");
    asked_close(&shop);
}

static void columns_of_a_type_are_listed(void **state)
{
    (void)state;
    Asked shop = asked_open(shop_sql);
    asked_says(&shop, "columns of type boolean", "2 columns of type boolean:");
    asked_says(&shop, "which columns are bool?", "[2] orders.paid (BOOLEAN)");
    asked_says(&shop, "which columns are jsonb", "customers.details (JSONB)");
    asked_says(&shop, "decimal columns", "1 column of type decimal:\n    [1] weather.rain");
    asked_says(&shop, "columns of type uuid", "I do not know a column of type uuid.");
    asked_says(&shop, "which columns are dates?", "2 columns of type dates:");
    asked_says(&shop, "uuid columns in weather", "I do not know a column of type uuid.");
    asked_close(&shop);
}

static void a_type_that_is_elsewhere_is_not_unknown(void **state)
{
    (void)state;
    Asked shop = asked_open(shop_sql);
    asked_says(&shop, "columns of type boolean in weather",
               "0 columns of weather of type boolean.\nElsewhere 2 columns are of type boolean.");
    asked_says(&shop, "columns of type date in orders", "Elsewhere 1 column is of type date.");
    asked_says(&shop, "columns of type text in nosuch", "Nothing is called nosuch.");
    asked_close(&shop);
}

static void types_that_are_qualified_and_arrays_are_found(void **state)
{
    (void)state;
    Asked shop = asked_open(shop_sql);
    Error err = {0};
    CatalogTable *weather = &shop.catalog->tables[shop.catalog->table_count - 1];
    assert_string_equal(weather->name, "weather");
    free(weather->columns[0].type);
    free(weather->columns[1].type);
    weather->columns[0].type = memory_string("sales.mood");
    weather->columns[1].type = memory_string("text[]");
    assert_true(search_keep(shop.local, ASKED_PRINT, shop.catalog, &err));
    asked_says(&shop, "columns of type mood", "1 column of type mood:\n    [1] weather.day (sales.mood)");
    asked_says(&shop, "columns of type sales.mood", "[1] weather.day (sales.mood)");
    asked_says(&shop, "columns of type text[]", "1 column of type text[]:\n    [1] weather.rain (text[])");
    asked_says(&shop, "columns of type array", "1 column of type array:\n    [1] weather.rain");
    asked_says(&shop, "which columns are arrays", "1 column of type arrays:\n    [1] weather.rain");
    asked_says(&shop, "columns of type enum", "ask for one by its name");
    asked_close(&shop);
}

static void columns_of_a_type_are_listed_in_a_schema(void **state)
{
    (void)state;
    Asked shop = asked_open(shop_sql);
    asked_says(&shop, "which columns are booleans in main", "2 columns in schema main of type booleans:");
    asked_close(&shop);
}

static void what_has_no_description_is_listed(void **state)
{
    (void)state;
    Asked shop = asked_open(shop_sql);
    asked_says(&shop, "tables without descriptions", "4 tables without a description:");
    asked_says(&shop, "which columns of customers have no comment?",
               "4 columns of customers without a description:");
    asked_close(&shop);
}

static void tables_and_columns_are_counted(void **state)
{
    (void)state;
    Asked shop = asked_open(shop_sql);
    asked_says(&shop, "how many tables are there?", "5 tables:");
    asked_says(&shop, "which columns does orders have", "4 columns of orders:");
    asked_says(&shop, "which tables are there in schema main", "5 tables in schema main:");
    asked_says(&shop, "which tables are there in schema nowhere", "No schema is called nowhere.");
    asked_close(&shop);
}

static void who_described_what_is_told(void **state)
{
    (void)state;
    Asked shop = asked_open(shop_sql);
    asked_decide(&shop, "orders", NULL, "What was bought.");
    asked_decide(&shop, "gone", NULL, "No more.");
    asked_says(&shop, "what did I describe today?", "2 tables or columns were described by ada since ");
    asked_says(&shop, "what did ada describe this week", "[1] orders, accepted by ada at ");
    asked_says(&shop, "what did ada describe this week", "gone (not in the catalog now)");
    asked_says(&shop, "what did mert describe last week",
               "0 tables or columns were described by mert since ");
    asked_says(&shop, "who drafted orders?", "accepted by ada at ");
    asked_says(&shop, "who described orders?", "1 table or column was described in orders");
    asked_says(&shop, "what was accepted yesterday", "0 tables or columns were accepted since ");
    asked_says(&shop, "what was accepted since 2020-01-01",
               "2 tables or columns were accepted since 2020-01-01");
    support_local_sql(shop.local, "UPDATE run_results SET evaluated_at = '2026-01-01T00:00:00.000Z'");
    asked_says(&shop, "what did ada accept in the last 3 days", "0 tables or columns");
    asked_close(&shop);
}

static void later_questions_point_back(void **state)
{
    (void)state;
    Asked shop = asked_open(shop_sql);
    asked_says(&shop, "and its columns?", "nothing was asked before in this session");
    asked_forget(&shop);
    asked_answer(&shop, "describe orders");
    asked_says(&shop, "and its columns?", "4 columns of orders:");
    asked_says(&shop, "how do I join it to country?", "[1] orders joins [2] country over 2");
    asked_says(&shop, "and the second one?", "[1] country (table)");
    asked_answer(&shop, "which tables hold orders?");
    asked_says(&shop, "only those?", "The question before is about ");
    asked_says(&shop, "which of them have no description?", "without a description");
    asked_answer(&shop, "describe orders");
    asked_says(&shop, "which of them hold the status?", "none of the tables cited before fits");
    asked_answer(&shop, "describe orders");
    asked_says(&shop, "which of them were placed?", "[1] orders (table)");
    asked_says(&shop, "and the columns of weather?", "2 columns of weather:"); /* an own noun wins */
    asked_close(&shop);
}

static void what_is_gone_is_not_pointed_back_to(void **state)
{
    (void)state;
    Asked shop = asked_open(shop_sql);
    asked_keep_turn(&shop, "user", "vouchers", NULL);
    asked_keep_turn(&shop, "assistant", "[1] voucher",
                    "[{\"schema\":\"main\",\"table\":\"voucher\",\"column\":null}]");
    asked_says(&shop, "and its columns?", "the answer before cites no such table");
    asked_close(&shop);
}

static void a_name_is_not_another_one_that_only_its_capitals_make(void **state)
{
    (void)state;
    Asked shop = asked_open("CREATE TABLE \"straße\"(\"größe\" INTEGER); CREATE TABLE STRASSE(b INTEGER)");
    asked_says_not(&shop, "what is straße?", "STRASSE");
    asked_says(&shop, "what is Straße?", "[1] \"straße\" (table)");
    asked_says_not(&shop, "what is Straße?", "STRASSE");
    asked_says(&shop, "what is straße.Größe?", "\"größe\" (INTEGER)");
    asked_close(&shop);
}

static void a_model_is_given_the_best_tables(void **state)
{
    (void)state;
    Asked shop = asked_open(shop_sql);
    AskContext context = {0};
    Error err = {0};
    AskQuestion asked = {
        .local = shop.local, .fingerprint = ASKED_PRINT, .profile = "shop", .text = "who placed an order?"};
    assert_true(ask_context(&asked, &context, &err));
    json_t *first = json_array_get(context.tables, 0);
    assert_string_equal(json_string_value(json_object_get(first, "table")), "orders");
    assert_int_equal(json_array_size(json_object_get(first, "columns")), 4);
    assert_string_equal(json_string_value(json_array_get(json_object_get(first, "primary_key"), 0)), "id");
    assert_int_equal(json_integer_value(json_object_get(first, "more_columns")), 0);
    assert_string_equal(json_string_value(json_array_get(context.joins, 0)),
                        "order_items.order_id = orders.id");
    ask_context_free(&context);
    asked.text = "and how is it paid?";
    asked.turns =
        (const AskTurn[]){{.role = "user", .content = "country"},
                          {.role = "assistant",
                           .content = "[1] country",
                           .citations = "[{\"schema\":\"main\",\"table\":\"country\",\"column\":null}]"}};
    asked.turn_count = 2;
    assert_true(ask_context(&asked, &context, &err));
    first = json_array_get(context.tables, 0);
    assert_string_equal(json_string_value(json_object_get(first, "table")), "country");
    assert_string_equal(json_string_value(json_object_get(first, "kind")), "table");
    ask_context_free(&context);
    asked_close(&shop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_described),
        cmocka_unit_test(a_join_is_told_hop_by_hop),
        cmocka_unit_test(keys_are_told_in_both_directions),
        cmocka_unit_test(columns_of_a_type_are_listed),
        cmocka_unit_test(a_type_that_is_elsewhere_is_not_unknown),
        cmocka_unit_test(types_that_are_qualified_and_arrays_are_found),
        cmocka_unit_test(columns_of_a_type_are_listed_in_a_schema),
        cmocka_unit_test(what_has_no_description_is_listed),
        cmocka_unit_test(tables_and_columns_are_counted),
        cmocka_unit_test(who_described_what_is_told),
        cmocka_unit_test(later_questions_point_back),
        cmocka_unit_test(what_is_gone_is_not_pointed_back_to),
        cmocka_unit_test(a_name_is_not_another_one_that_only_its_capitals_make),
        cmocka_unit_test(a_model_is_given_the_best_tables),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
