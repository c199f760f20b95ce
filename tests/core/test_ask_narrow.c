/* ask: what is left of an answer by keys, types and parts of names. */
#include "asked.h"
#include "support_store.h"

static const char shop_sql[] =
    "CREATE TABLE hosts(hostid INTEGER PRIMARY KEY, host VARCHAR(64), job_name TEXT, active BOOLEAN);"
    "CREATE TABLE users(userid INTEGER PRIMARY KEY, note TEXT);"
    "CREATE TABLE job_items(itemid INTEGER, line INTEGER, hostid INTEGER REFERENCES hosts(hostid),"
    "  userid INTEGER REFERENCES users(userid), job_state TEXT, nightly_job TEXT, made DATE,"
    "  PRIMARY KEY(itemid, line));"
    "CREATE TABLE notes(body TEXT);";

static void columns_are_narrowed_by_their_own_keys(void **state)
{
    (void)state;
    Asked shop = asked_open(shop_sql);
    asked_answer(&shop, "columns of job_items");
    asked_says(&shop, "only those with a primary key", "2 of 7 columns");
    asked_answer(&shop, "columns of job_items");
    asked_says(&shop, "only those without a primary key", "5 of 7 columns");
    asked_answer(&shop, "columns of job_items");
    asked_says(&shop, "only those with a foreign key", "2 of 7 columns");
    asked_answer(&shop, "columns of job_items");
    asked_says(
        &shop, "only those with a foreign key to hosts",
        "1 of 7 columns that answer \"columns of job_items\" is left: only with a foreign key to hosts.\n"
        "    [1] job_items.hostid (INTEGER)");
    asked_answer(&shop, "columns of job_items");
    asked_says(&shop, "only those that refer to main.users", "[1] job_items.userid (INTEGER)");
    asked_answer(&shop, "columns of hosts");
    asked_says(&shop, "only those that are referenced", "1 of 4 columns");
    asked_answer(&shop, "columns of hosts");
    asked_answer(&shop, "only the text ones");
    asked_says(&shop, "only those with a foreign key", "0 of 2 columns");
    asked_close(&shop);
}

static void tables_are_narrowed_by_what_they_refer_to(void **state)
{
    (void)state;
    Asked shop = asked_open(shop_sql);
    asked_answer(&shop, "which tables are there?");
    asked_says(&shop, "only those with a foreign key to hosts", "1 of 4 tables");
    asked_answer(&shop, "which tables are there?");
    asked_says(&shop, "only those that reference notes", "0 of 4 tables");
    asked_answer(&shop, "which tables are there?");
    asked_says(&shop, "which of them reference hosts?", "1 of 4 tables");
    asked_close(&shop);
}

static void the_word_of_a_type_is_the_type(void **state)
{
    (void)state;
    Asked shop = asked_open(shop_sql);
    asked_answer(&shop, "which tables are there?");
    asked_says(&shop, "only those with a number", "3 of 4 tables");
    asked_answer(&shop, "columns of hosts");
    asked_says(&shop, "only the numbers", "1 of 4 columns");
    asked_answer(&shop, "columns of hosts");
    asked_says(&shop, "only the text ones", "2 of 4 columns");
    asked_answer(&shop, "columns of hosts");
    asked_says(&shop, "only those with a boolean", "1 of 4 columns");
    asked_answer(&shop, "columns of job_items");
    asked_says(&shop, "only those with a date", "1 of 7 columns");
    asked_close(&shop);
}

static void a_part_of_a_name_is_looked_for_in_names(void **state)
{
    (void)state;
    Asked shop = asked_open(shop_sql);
    asked_answer(&shop, "columns of job_items");
    asked_says(
        &shop, "only those that start with job",
        "1 of 7 columns that answer \"columns of job_items\" is left: only with a name that starts with "
        "job.\n    [1] job_items.job_state");
    asked_answer(&shop, "columns of job_items");
    asked_says(&shop, "only those whose name ends in 'ID'", "3 of 7 columns");
    asked_answer(&shop, "columns of job_items");
    asked_says(&shop, "only those beginning with the letter n", "1 of 7 columns");
    asked_answer(&shop, "columns of job_items");
    asked_says(&shop, "only those that contain job", "2 of 7 columns");
    asked_answer(&shop, "which tables are there?");
    asked_says(&shop, "only those starting with job_", "1 of 4 tables");
    asked_close(&shop);
}

static void what_nobody_can_tell_is_no_column(void **state)
{
    (void)state;
    Asked shop = asked_open(shop_sql);
    asked_answer(&shop, "columns of job_items");
    asked_says(&shop, "only those that start with", "I do not know how to tell");
    asked_says(&shop, "only the shiny with a line", "I do not know how to tell");
    asked_says(&shop, "only those with a purpose",
               "I do not know how to tell which of these are meant by: purpose");
    asked_says(&shop, "only those with a line", "1 of 7 columns");
    asked_close(&shop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_narrowed_by_their_own_keys),
        cmocka_unit_test(tables_are_narrowed_by_what_they_refer_to),
        cmocka_unit_test(the_word_of_a_type_is_the_type),
        cmocka_unit_test(a_part_of_a_name_is_looked_for_in_names),
        cmocka_unit_test(what_nobody_can_tell_is_no_column),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
