/* ask: who described what, and in which time. */
#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "database.h"
#include "runs.h"
#include "search.h"
#include "support_store.h"
#include "text.h"

#define PRINT "sqlite:/hosts"

static const char hosts_sql[] = "CREATE TABLE customers(id INTEGER PRIMARY KEY, phone TEXT);"
                                "CREATE TABLE hosts(id INTEGER PRIMARY KEY);";

static Local *open_hosts(void)
{
    Error err = {0};
    Database *database = NULL;
    Catalog *catalog = NULL;
    DatabaseScope all = {0};
    const char *path = support_path("hosts.db");
    DatabaseTarget target = {.backend = BACKEND_SQLITE, .path = path};
    support_sqlite(path, hosts_sql);
    Local *local = support_local(support_path("history.db"), &support_ada);
    if (!database_open(&target, DEADLINE_NONE, &database, &err) ||
        !database_read_catalog(database, &all, DEADLINE_NONE, &catalog, &err) ||
        !search_keep(local, PRINT, catalog, &err)) {
        fail_msg("%s", err.message);
    }
    catalog_free(catalog);
    database_close(database);
    return local;
}

static void assert_says(Local *local, const char *question, const char *words)
{
    Answer answer = {0};
    Error err = {0};
    AskQuestion asked = {
        .local = local, .fingerprint = PRINT, .profile = "hosts", .text = question, .user = "ada"};
    if (!ask_answer(&asked, &answer, &err)) {
        fail_msg("\"%s\": %s", question, err.message);
    }
    if (!strstr(answer.text, words)) {
        fail_msg("\"%s\" was answered, without \"%s\":\n%s", question, words, answer.text);
    }
    answer_free(&answer);
}

static void decide(Local *local, const char *table, const char *column, const char *text)
{
    RunStart start = {.scope = "main", .db_profile = "shop", .fingerprint = PRINT, .drafter = "builtin"};
    RunResult result = {.schema = "main",
                        .table = table,
                        .column = column,
                        .kind = column ? "column" : "table",
                        .alternatives = "[]",
                        .evidence = "[]",
                        .source = "builtin"};
    Error err = {0};
    assert_true(runs_start(local, &start, &result.run_id, &err));
    assert_true(runs_add_result(local, &result, &err));
    assert_true(runs_evaluate(local, support_local_number(local, "SELECT max(local_id) FROM run_results"),
                              "accepted", text, &err));
}

/* Three decisions: customers and its phone, and hosts; made on these days. */
static Local *open_decided(void)
{
    Local *local = open_hosts();
    decide(local, "customers", NULL, "Who bought.");
    decide(local, "customers", "phone", "Where to call.");
    decide(local, "hosts", NULL, "Machines.");
    support_local_sql(local, "UPDATE run_results SET evaluated_at = '2019-06-03T10:00:00.000Z' WHERE "
                             "table_name = 'hosts'");
    support_local_sql(local, "UPDATE run_results SET evaluated_at = '2020-01-01T10:00:00.000Z' WHERE "
                             "table_name = 'customers'");
    return local;
}

static void a_period_is_a_day_month_or_year(void **state)
{
    (void)state;
    Local *local = open_decided();
    assert_says(local, "what was accepted on 2020-01-01",
                "2 tables or columns were accepted since 2020-01-01");
    assert_says(local, "what was accepted in 2019",
                "1 table or column was accepted since 2019-01-01, before 2020-01-01 (UTC)");
    assert_says(local, "what was accepted in 2019-06", "since 2019-06-01, before 2019-07-01 (UTC)");
    assert_says(local, "what was accepted before 2020",
                "1 table or column was accepted before 2020-01-01 (UTC)");
    assert_says(local, "what was accepted after 2019",
                "2 tables or columns were accepted since 2020-01-01 (UTC)");
    assert_says(local, "what was accepted 2 weeks ago", "0 tables or columns were accepted since 20");
    assert_says(local, "what was accepted since monday", "0 tables or columns were accepted since 20");
    local_close(local);
}

static void a_period_that_is_not_understood_is_said(void **state)
{
    (void)state;
    Local *local = open_decided();
    assert_says(local, "what was accepted since easter", "I do not understand the period 'since easter'.");
    assert_says(local, "who accepted anything since the launch",
                "I do not understand the period 'since the launch'.");
    assert_says(local, "who was the last to describe hosts", "1 table or column was described in hosts");
    assert_says(local, "what was accepted in the spring", "I do not understand the period 'in the spring'.");
    assert_says(local, "what was accepted on 2020-02-31", "I do not understand the period 'on 2020-02-31'.");
    local_close(local);
}

static void who_described_a_column_is_told(void **state)
{
    (void)state;
    Local *local = open_decided();
    assert_says(local, "who described customers.phone", "1 table or column was described in customers.phone");
    assert_says(local, "who described customers", "2 tables or columns were described in customers");
    assert_says(local, "who wrote the description of hosts", "1 table or column was described in hosts");
    assert_says(local, "who added the comment on hosts", "0 tables or columns were applied in hosts");
    assert_says(local, "what was rejected today", "0 tables or columns were skipped since ");
    local_close(local);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_period_is_a_day_month_or_year),
        cmocka_unit_test(a_period_that_is_not_understood_is_said),
        cmocka_unit_test(who_described_a_column_is_told),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
