/* ask: every way in which tables join. */
#include "asked.h"
#include "support_store.h"
#include "text.h"

static const char hosts_sql[] =
    "CREATE TABLE hosts(hostid INTEGER PRIMARY KEY, name TEXT);"
    "CREATE TABLE hstgrp(groupid INTEGER PRIMARY KEY, name TEXT);"
    "CREATE TABLE group_prototype(id INTEGER PRIMARY KEY, hostid INTEGER REFERENCES hosts(hostid),"
    "  groupid INTEGER REFERENCES hstgrp(groupid), name TEXT);"
    "CREATE TABLE hosts_groups(id INTEGER PRIMARY KEY, hostid INTEGER REFERENCES hosts(hostid),"
    "  groupid INTEGER REFERENCES hstgrp(groupid));"
    "CREATE TABLE customers(id INTEGER PRIMARY KEY);"
    "CREATE TABLE invoices(id INTEGER PRIMARY KEY, bill_to INTEGER REFERENCES customers(id),"
    "  ship_to INTEGER REFERENCES customers(id));"
    "CREATE TABLE employees(id INTEGER PRIMARY KEY, manager INTEGER REFERENCES employees(id));"
    "CREATE TABLE media_type(id INTEGER PRIMARY KEY, name TEXT);"
    "CREATE TABLE users(id INTEGER PRIMARY KEY);"
    "CREATE TABLE media(id INTEGER PRIMARY KEY, userid INTEGER REFERENCES users(id),"
    "  typeid INTEGER REFERENCES media_type(id));";

static void the_table_that_only_links_comes_first(void **state)
{
    (void)state;
    Asked hosts = asked_open(hosts_sql);
    asked_says(&hosts, "how do I join hosts to hstgrp",
               "[1] hosts joins [2] hstgrp over 2 foreign keys, in 2 ways:\n"
               "  over hosts_groups, which only links:\n"
               "    [3] [4] hosts_groups.hostid = hosts.hostid\n"
               "    [5] [6] hosts_groups.groupid = hstgrp.groupid\n"
               "  over group_prototype:\n");
    asked_close(&hosts);
}

static void every_key_between_two_tables_is_told(void **state)
{
    (void)state;
    Asked hosts = asked_open(hosts_sql);
    asked_says(&hosts, "how do I join invoices to customers",
               "joins [2] customers over any of 2 foreign keys:");
    asked_says(&hosts, "how do I join invoices to customers", "invoices.bill_to = customers.id");
    asked_says(&hosts, "how do I join invoices to customers", "invoices.ship_to = customers.id");
    asked_close(&hosts);
}

static void a_table_joins_itself(void **state)
{
    (void)state;
    Asked hosts = asked_open(hosts_sql);
    asked_says(&hosts, "how do I join employees to employees", "[1] employees refers to itself");
    asked_says(&hosts, "how do I join employees to employees", "employees.manager = employees.id");
    asked_says(&hosts, "how do I join users to users", "no foreign key of it refers to itself");
    asked_close(&hosts);
}

static void what_is_not_there_is_named(void **state)
{
    (void)state;
    Asked hosts = asked_open(hosts_sql);
    asked_says(&hosts, "how do I join invoices to nowhere", "no table is called nowhere.");
    asked_close(&hosts);
}

static void an_answer_tells_that_there_are_other_ways_to_join(void **state)
{
    (void)state;
    Asked hosts = asked_open(hosts_sql);
    asked_says(&hosts, "which table has the hosts, and which the hstgrp?", "and 1 other way: how do I join ");
    asked_close(&hosts);
}

static void the_table_that_is_one_goes_before_those_that_belong_to_one(void **state)
{
    (void)state;
    Asked hosts = asked_open(
        "CREATE TABLE customer(id INTEGER PRIMARY KEY);"
        "CREATE TABLE sales_order(id INTEGER PRIMARY KEY, customer INTEGER REFERENCES customer(id));"
        "CREATE TABLE order_line(order_id INTEGER REFERENCES sales_order(id), orders TEXT);"
        "CREATE TABLE late_sales_order(id INTEGER PRIMARY KEY);");
    asked_says(&hosts, "describe customer", "[1] customer");
    asked_says(&hosts, "join them to orders",
               "No table is called orders; sales_order is taken for it.\n[1] customer joins [2] sales_order");
    asked_says(&hosts, "how do I join customer to order lines", "joins [2] order_line");
    asked_says(&hosts, "primary key of the orders", "The primary key of sales_order is");
    asked_close(&hosts);
}

static void two_words_are_one_name(void **state)
{
    (void)state;
    Asked hosts = asked_open(hosts_sql);
    asked_says(&hosts, "how do users relate to media types", "[1] users joins [2] media_type over 2");
    asked_close(&hosts);
}

/* More than there is room for at first: what is kept of them moves while it is read. */
static void a_table_that_many_others_point_to_is_joined(void **state)
{
    enum { TABLES = 70 };
    Text sql = {0};
    (void)state;
    text_add(&sql, "CREATE TABLE hub(id INTEGER PRIMARY KEY);");
    for (int i = 0; i < TABLES; i++) {
        text_addf(&sql, "CREATE TABLE spoke_%d(id INTEGER PRIMARY KEY, hub_id INTEGER REFERENCES hub(id));",
                  i);
    }
    Asked shop = asked_open(text_string(&sql));
    asked_says(&shop, "how do I join spoke_3 to spoke_69?", "spoke_69.hub_id = hub.id");
    asked_close(&shop);
    text_free(&sql);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_that_many_others_point_to_is_joined),
        cmocka_unit_test(the_table_that_only_links_comes_first),
        cmocka_unit_test(every_key_between_two_tables_is_told),
        cmocka_unit_test(a_table_joins_itself),
        cmocka_unit_test(what_is_not_there_is_named),
        cmocka_unit_test(an_answer_tells_that_there_are_other_ways_to_join),
        cmocka_unit_test(the_table_that_is_one_goes_before_those_that_belong_to_one),
        cmocka_unit_test(two_words_are_one_name),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
