/* ask: columns by their exact names, and lists under a condition. */
#include "asked.h"
#include "support_store.h"
#include "text.h"

static const char shop_sql[] =
    "CREATE TABLE hosts(hostid INTEGER PRIMARY KEY, host TEXT);"
    "CREATE TABLE items(itemid INTEGER PRIMARY KEY, hostid INTEGER REFERENCES hosts(hostid));"
    "CREATE TABLE triggers(itemid INTEGER REFERENCES items(itemid), logeventid INTEGER, day DATE);"
    "CREATE TABLE event_log(eventid INTEGER, \"Clock\" INTEGER);"
    "CREATE VIEW item_hosts AS SELECT itemid, hostid FROM items;";

static void an_exact_column_lists_every_table_that_has_it(void **state)
{
    (void)state;
    Asked shop = asked_open(shop_sql);
    asked_says(&shop, "which tables have a column itemid",
               "3 tables have a column itemid:\n    [1] item_hosts.itemid");
    asked_says(&shop, "tables with hostid", "3 tables have a column hostid:");
    asked_says(&shop, "columns named itemid", "[3] triggers.itemid (INTEGER), refers to items.itemid");
    asked_says(&shop, "hostid", "3 tables have a column hostid:");
    asked_says(&shop, "which tables have the hostid column?", "3 tables have a column hostid:");
    asked_says(&shop, "tables with a column called eventid",
               "1 table has a column eventid:\n    [1] event_log.eventid (INTEGER)");
    asked_says(&shop, "what is logeventid", "[1] triggers.logeventid");
    asked_says(&shop, "which tables have a column clock", "[1] event_log.\"Clock\"");
    asked_says(&shop, "which tables have a column host", "1 table has a column host:");
    asked_close(&shop);
}

static void a_column_that_is_not_there_is_said_to_be_missing(void **state)
{
    (void)state;
    Asked shop = asked_open(shop_sql);
    asked_says(&shop, "tables with a column called evntid", "No column is called evntid in profile shop.");
    asked_says(&shop, "columns named itemid in hosts", "hosts has no column itemid.");
    asked_close(&shop);
}

static void a_type_is_not_taken_for_a_name(void **state)
{
    (void)state;
    Asked shop = asked_open(shop_sql);
    asked_says(&shop, "which columns are of type date", "1 column of type date:");
    asked_says(&shop, "which tables have a date column", "1 column of type date:");
    asked_close(&shop);
}

static void a_list_answers_its_condition(void **state)
{
    (void)state;
    Asked shop = asked_open(shop_sql);
    asked_says(&shop, "list all views", "1 view:\n    [1] item_hosts (view)");
    asked_says(&shop, "how many views are there?", "1 view:");
    asked_says(&shop, "which tables have no primary key", "2 tables without a primary key:");
    asked_says(&shop, "which tables have foreign keys", "2 tables with a foreign key:");
    asked_says(&shop, "which tables have no rows",
               "I do not know: no table of profile shop that fits has an estimate of its rows.");
    asked_says(&shop, "columns of hosts that are not null", "1 column of hosts that may not be null:");
    asked_close(&shop);
}

/* A question may name every table there is. */
static void an_answer_has_an_end_however_many_tables_are_named(void **state)
{
    enum { TABLES = 60, COLUMNS = 30 };
    Text sql = {0}, names = {0};
    (void)state;
    for (int i = 0; i < TABLES; i++) {
        text_addf(&sql, "CREATE TABLE box_%c%c(id INTEGER PRIMARY KEY", 'a' + i / 10, 'a' + i % 10);
        for (int c = 1; c < COLUMNS; c++) {
            text_addf(&sql, ", c%d TEXT", c);
        }
        text_add(&sql, ");");
        text_addf(&names, "%s box_%c%c", i ? "," : "", 'a' + i / 10, 'a' + i % 10);
    }
    Asked shop = asked_open(text_string(&sql));
    char *columns = text_format("columns of%s", text_string(&names));
    char *keys = text_format("primary key of%s", text_string(&names));
    char *rows = text_format("how many rows have%s?", text_string(&names));
    asked_says(&shop, columns, ".. and 55 more tables");
    assert_int_equal(shop.cited, 100);
    asked_says(&shop, keys, ".. and 40 more tables");
    asked_says(&shop, rows, ".. and 40 more tables");
    asked_close(&shop);
    free(columns);
    free(keys);
    free(rows);
    text_free(&sql);
    text_free(&names);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_exact_column_lists_every_table_that_has_it),
        cmocka_unit_test(a_column_that_is_not_there_is_said_to_be_missing),
        cmocka_unit_test(a_type_is_not_taken_for_a_name),
        cmocka_unit_test(a_list_answers_its_condition),
        cmocka_unit_test(an_answer_has_an_end_however_many_tables_are_named),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
