/* ask: every example of docs/ask.md, over one shop. */
#include "asked.h"
#include "support_store.h"

static const char shop_sql[] =
    "CREATE TABLE \"hr.employees\"(id INTEGER PRIMARY KEY, active BOOLEAN);"
    "CREATE TABLE \"sales.addresses\"(id INTEGER PRIMARY KEY,"
    "  customer_id INTEGER REFERENCES \"sales.customer\"(id), street TEXT);"
    "CREATE TABLE \"sales.countries\"(code TEXT PRIMARY KEY);"
    "CREATE TABLE \"sales.customer\"(id INTEGER PRIMARY KEY,"
    "  country TEXT REFERENCES \"sales.countries\"(code), born DATE, details JSONB);"
    "CREATE TABLE \"sales.hosts\"(id INTEGER PRIMARY KEY, host TEXT);"
    "CREATE TABLE \"sales.items\"(id INTEGER PRIMARY KEY, host INTEGER REFERENCES \"sales.hosts\"(id));"
    "CREATE TABLE \"sales.order_items\"(order_id INTEGER REFERENCES \"sales.orders\"(id), sku TEXT);"
    "CREATE TABLE \"sales.orders\"(id INTEGER PRIMARY KEY,"
    "  customer_id INTEGER REFERENCES \"sales.customer\"(id),"
    "  user_id INTEGER REFERENCES \"sales.users\"(id), placed TIMESTAMP);"
    "CREATE TABLE \"sales.users\"(id INTEGER PRIMARY KEY, status INTEGER, paid BOOLEAN);"
    "CREATE TABLE \"sales.vbrk\"(netwr NUMERIC);"
    "CREATE VIEW \"sales.open_orders\" AS SELECT id, placed FROM \"sales.orders\";";

typedef struct Example {
    const char *question;
    const char *words; /* of the answer */
} Example;

static const Example examples[] = {
    {"which table has the most columns?", "The tables with the most columns"},
    {"which table has the most rows?", "estimate of its rows"},
    {"which table has the most foreign keys?", "The tables with the most foreign keys"},
    {"the 20 largest tables", "estimate of its rows"},
    {"how many rows has orders?", "sales.orders: the database has no estimate"},
    {"empty tables", "estimate of its rows"},
    {"tables that nothing references", "tables that nothing references:"},
    {"tables that reference nothing", "tables that reference nothing:"},
    {"which tables refer to themselves?", "0 tables with a foreign key to the same table."},
    {"indexes of orders", "sales.orders has 0 indexes beside its primary key."},
    {"is orders.placed indexed?", "No: [1] no index over all rows begins with sales.orders.placed."},
    {"tables without an index", "2 tables without an index:"},
    {"foreign keys without an index", "6 foreign keys whose first column no index begins with:"},
    {"tables created yesterday", "I do not know about when a table was created"},
    {"columns that may be null", "columns that may be null:"},
    {"required columns of orders", "1 column of sales.orders that may not be null:"},
    {"columns with a default", "0 columns with a default."},
    {"is users.status unique?", "sales.users.status: may be null, is not unique by itself, has no default."},
    {"tables with triggers", "I do not know about triggers"},
    {"tables without descriptions", "view without a description:"},
    {"which columns of hosts have no comment?", "2 columns of sales.hosts without a description:"},
    {"what did mert describe last week", "0 tables or columns were described by mert"},
    {"who described orders", "1 table or column was described in sales.orders"},
    {"what was accepted yesterday", "were accepted since"},
    {"what was accepted in june", "were accepted since"},
    {"what was accepted since may 2026", "accepted since 2026-05-01"},
    {"what did I describe today", "1 table or column was described by ada"},
    {"how do I join orders to countries", "sales.orders joins [2] sales.countries over 2 foreign keys:"},
    {"tables without a jsonb column", "9 tables without a column of type jsonb:"},
    {"which tables have no status?", "without a column status:"},
    {"which tables don't reference users?", "without a foreign key to sales.users:"},
    {"does orders reference users?", "Yes: [1] sales.orders has 1 foreign key to [2] sales.users:"},
    {"is there a foreign key between orders and users?", "Yes: [1] sales.orders has 1 foreign key to"},
    {"what is in hr", "1 table in schema hr:"},
    {"primary key of items", "The primary key of sales.items is [2] id."},
    {"what points to users?", "sales.users: 1 foreign key points to it."},
    {"which tables reference hosts", "sales.hosts: 1 foreign key points to it."},
    {"foreign keys of orders", "sales.orders: it has 2 foreign keys."},
    {"columns of type boolean", "2 columns of type boolean:"},
    {"which columns are jsonb", "1 column of type jsonb:"},
    {"columns of type text[]", "I do not know a column of type text[]."},
    {"booleans in schema hr", "1 column in schema hr of type booleans:"},
    {"booleans in hr", "1 column in schema hr of type booleans:"},
    {"columns of type bool", "2 columns of type bool:"},
    {"columns of type int4", "columns of type int4:"},
    {"columns of type string", "columns of type string:"},
    {"columns of type datetime", "columns of type datetime, with or without time zone:"},
    {"columns of type array", "I do not know a column of type array."},
    {"how many tables are there", "[1] hr.employees (table)"},
    {"which tables are there in schema hr", "1 table in schema hr:"},
    {"tables in hr", "1 table in schema hr:"},
    {"which schemas are there?", "2 schemas:\n    hr: 1 table or view\n    sales: 10 tables or views"},
    {"columns of hosts", "2 columns of sales.hosts:"},
    {"what is vbrk.netwr", "sales.vbrk.netwr (NUMERIC)"},
    {"what does users.status mean", "sales.users.status (INTEGER)"},
    {"describe table hosts", "sales.hosts (table)"},
    {"which tables hold customer addresses", "sales.addresses"},
    {"describe order items", "sales.order_items (table)"},
    {"describe custmer", "Nothing is called custmer; customer is near it."},
};

/* Each asked of a session of its own. */
static void every_example_of_the_manual_is_answered(void **state)
{
    (void)state;
    Asked shop = asked_open(shop_sql);
    asked_decide(&shop, "sales.orders", NULL, "What was bought.");
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        asked_forget(&shop);
        asked_says(&shop, examples[i].question, examples[i].words);
    }
    asked_close(&shop);
}

/* Each asked after the question that it points back to. */
static void every_example_that_points_back_is_answered(void **state)
{
    static const struct {
        const char *before;
        Example example;
    } pairs[] = {
        {"tables without descriptions", {"only the views", "only views."}},
        {"tables without descriptions", {"only the tables in sales", "only tables, in schema sales."}},
        {"tables without descriptions", {"only those with a date", "only of type date."}},
        {"tables without descriptions", {"only those without a primary key", "only without a primary key."}},
        {"columns of orders", {"only those with a foreign key to users", "1 of 4 columns"}},
        {"columns of orders", {"only those with a number", "3 of 4 columns"}},
        {"columns of orders", {"only those that start with cust", "1 of 4 columns"}},
        {"which tables are there?", {"which of them have no comment?", "only without a description."}},
        {"describe orders", {"and its columns?", "4 columns of sales.orders:"}},
        {"which tables hold orders?", {"only those?", "The question before is about"}},
        {"which tables are there?", {"and the second one?", "[1] sales.addresses (table)"}},
        {"describe orders", {"how do I join it to users?", "sales.orders joins [2] sales.users"}},
        {"who described orders", {"who described that?", "described in sales.orders"}},
    };
    (void)state;
    Asked shop = asked_open(shop_sql);
    asked_decide(&shop, "sales.orders", NULL, "What was bought.");
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        asked_forget(&shop);
        asked_answer(&shop, pairs[i].before);
        asked_says(&shop, pairs[i].example.question, pairs[i].example.words);
    }
    asked_close(&shop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_example_of_the_manual_is_answered),
        cmocka_unit_test(every_example_that_points_back_is_answered),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
