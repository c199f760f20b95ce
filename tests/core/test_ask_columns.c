/* ask: columns by their exact names, and lists under a condition. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "catalog_cache.h"
#include "database.h"
#include "memory.h"
#include "search.h"
#include "support_store.h"
#include "text.h"

#define PRINT "sqlite:/shop"

static const char shop_sql[] =
    "CREATE TABLE hosts(hostid INTEGER PRIMARY KEY, host TEXT);"
    "CREATE TABLE items(itemid INTEGER PRIMARY KEY, hostid INTEGER REFERENCES hosts(hostid));"
    "CREATE TABLE triggers(itemid INTEGER REFERENCES items(itemid), logeventid INTEGER, day DATE);"
    "CREATE TABLE event_log(eventid INTEGER, \"Clock\" INTEGER);"
    "CREATE VIEW item_hosts AS SELECT itemid, hostid FROM items;";

typedef struct Shop {
    Catalog *catalog;
    Local *local;
    AskTurn turns[6];
    char *kept[6];
    size_t turn_count;
} Shop;

static Shop open_shop(void)
{
    Shop shop = {0};
    Error err = {0};
    Database *database = NULL;
    DatabaseScope all = {0};
    const char *path = support_path("shop.db");
    DatabaseTarget target = {.backend = BACKEND_SQLITE, .path = path};
    support_sqlite(path, shop_sql);
    shop.local = support_local(support_path("history.db"), &support_ada);
    if (!database_open(&target, DEADLINE_NONE, &database, &err) ||
        !database_read_catalog(database, &all, DEADLINE_NONE, &shop.catalog, &err) ||
        !search_keep(shop.local, PRINT, shop.catalog, &err)) {
        fail_msg("%s", err.message);
    }
    database_close(database);
    return shop;
}

static void forget_turns(Shop *shop)
{
    for (size_t i = 0; i < shop->turn_count; i++) {
        free(shop->kept[i]);
        free((char *)shop->turns[i].citations);
    }
    shop->turn_count = 0;
}

static void close_shop(Shop *shop)
{
    forget_turns(shop);
    catalog_free(shop->catalog);
    local_close(shop->local);
}

static void assert_exist(const Shop *shop, const Answer *answer)
{
    size_t index;
    json_t *citation;
    json_array_foreach(answer->citations, index, citation)
    {
        bool there = false;
        Error err = {0};
        assert_true(ask_exists(shop->local, PRINT, json_string_value(json_object_get(citation, "schema")),
                               json_string_value(json_object_get(citation, "table")),
                               json_string_value(json_object_get(citation, "column")), &there, &err));
        assert_true(there);
    }
}

static void keep_turn(Shop *shop, const char *role, const char *content, const char *citations)
{
    shop->kept[shop->turn_count] = memory_string(content);
    shop->turns[shop->turn_count] = (AskTurn){role, shop->kept[shop->turn_count], memory_string(citations)};
    shop->turn_count++;
}

/* Asks, keeps both as turns, and gives the answer's text, which lives as long as the turns. */
static const char *ask(Shop *shop, const char *question)
{
    Answer answer = {0};
    Error err = {0};
    AskQuestion asked = {.local = shop->local,
                         .fingerprint = PRINT,
                         .profile = "shop",
                         .text = question,
                         .turns = shop->turns,
                         .turn_count = shop->turn_count,
                         .user = "ada"};
    if (!ask_answer(&asked, &answer, &err)) {
        fail_msg("\"%s\": %s", question, err.message);
    }
    assert_exist(shop, &answer);
    if (shop->turn_count == 6) {
        forget_turns(shop);
    }
    char *citations = json_dumps(answer.citations, 0);
    keep_turn(shop, "user", question, NULL);
    keep_turn(shop, "assistant", answer.text, citations);
    free(citations);
    answer_free(&answer);
    return shop->kept[shop->turn_count - 1];
}

static void assert_says(Shop *shop, const char *question, const char *words)
{
    const char *text = ask(shop, question);
    if (!strstr(text, words)) {
        fail_msg("\"%s\" was answered, without \"%s\":\n%s", question, words, text);
    }
}

static void an_exact_column_lists_every_table_that_has_it(void **state)
{
    (void)state;
    Shop shop = open_shop();
    assert_says(&shop, "which tables have a column itemid",
                "3 tables have a column itemid:\n    [1] item_hosts.itemid");
    assert_says(&shop, "tables with hostid", "3 tables have a column hostid:");
    assert_says(&shop, "columns named itemid", "[3] triggers.itemid (INTEGER), refers to items.itemid");
    assert_says(&shop, "hostid", "3 tables have a column hostid:");
    assert_says(&shop, "which tables have the hostid column?", "3 tables have a column hostid:");
    assert_says(&shop, "tables with a column called eventid",
                "1 table has a column eventid:\n    [1] event_log.eventid (INTEGER)");
    assert_says(&shop, "what is logeventid", "[1] triggers.logeventid");
    assert_says(&shop, "which tables have a column clock", "[1] event_log.Clock");
    assert_says(&shop, "which tables have a column host", "1 table has a column host:");
    close_shop(&shop);
}

static void a_column_that_is_not_there_is_said_to_be_missing(void **state)
{
    (void)state;
    Shop shop = open_shop();
    assert_says(&shop, "tables with a column called evntid", "No column is called evntid in profile shop.");
    assert_says(&shop, "columns named itemid in hosts", "hosts has no column itemid.");
    close_shop(&shop);
}

static void a_type_is_not_taken_for_a_name(void **state)
{
    (void)state;
    Shop shop = open_shop();
    assert_says(&shop, "which columns are of type date", "1 column of type date:");
    assert_says(&shop, "which tables have a date column", "1 column of type date:");
    close_shop(&shop);
}

static void a_list_answers_its_condition(void **state)
{
    (void)state;
    Shop shop = open_shop();
    assert_says(&shop, "list all views", "1 view:\n    [1] item_hosts (view)");
    assert_says(&shop, "how many views are there?", "1 view:");
    assert_says(&shop, "which tables have no primary key", "2 tables without a primary key:");
    assert_says(&shop, "which tables have foreign keys", "2 tables with a foreign key:");
    assert_says(&shop, "which tables have no rows", "I do not know which tables have rows");
    assert_says(&shop, "columns of hosts that are not null", "I do not know whether a column may be null");
    close_shop(&shop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_exact_column_lists_every_table_that_has_it),
        cmocka_unit_test(a_column_that_is_not_there_is_said_to_be_missing),
        cmocka_unit_test(a_type_is_not_taken_for_a_name),
        cmocka_unit_test(a_list_answers_its_condition),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
