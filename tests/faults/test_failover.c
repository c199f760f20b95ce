/* A shared store on two servers, a primary and its standby, named in one conninfo: the standby takes over in
 * the middle of a flush, or after it lagged behind. */
#include <libpq-fe.h>
#include <signal.h>
#include <stdlib.h>

#include "cli_store.h"
#include "daemon.h"
#include "text.h"

enum { TABLES = 1000 }; /* five rows each: a flush of more than one batch */

typedef struct Pair {
    const char *folders[2]; /* primary, standby */
    Daemon servers[2];
    const char *alone[2]; /* a conninfo of each */
    const char *both;
    Cli ann;
} Pair;

static Pair pair;

static const char *keep(char *text)
{
    const char *kept = support_read(support_file(support_folder(), "text", text));
    free(text);
    return kept;
}

static void start(int which)
{
    pair.servers[which] = daemon_postgres(pair.folders[which], NULL);
    daemon_await(&pair.servers[which], pair.alone[which]);
}

static bool is_streaming(void *context)
{
    (void)context;
    return strtol(support_sql_value(pair.alone[0], "SELECT count(*) FROM pg_stat_replication WHERE state = "
                                                   "'streaming'"),
                  NULL, 10) == 1;
}

static int set_up(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        pair.folders[i] = daemon_folder();
        pair.alone[i] = keep(text_format("host=%s user=tester dbname=postgres", pair.folders[i]));
    }
    pair.both = keep(text_format("host=%s,%s user=tester dbname=postgres target_session_attrs=read-write",
                                 pair.folders[0], pair.folders[1]));
    daemon_initdb(pair.folders[0]);
    start(0);
    const char *copy = keep(text_format("%s/data", pair.folders[1]));
    daemon_tool(pair.folders[1], "/usr/lib/postgresql/15/bin/pg_basebackup", "-R", "-c", "fast", "--no-sync",
                "-h", pair.folders[0], "-U", "tester", "-D", copy, NULL);
    start(1);
    assert_true(support_wait(is_streaming, NULL));

    pair.ann = cli_new("ann",
                       "db_profile shop { backend = sqlite\n path = shop.db }\nactive_db_profile = shop\n"
                       "db_profile team { backend = postgresql\n conninfo = \"%s\" }\n"
                       "history_store { profile = team }\ntimeouts { deliver_ms = 20000 }\n",
                       pair.both);
    Text sql = {0};
    for (int i = 0; i < TABLES; i++) {
        text_addf(&sql, "CREATE TABLE t%d (id INTEGER PRIMARY KEY, name TEXT, city TEXT, total REAL);", i);
    }
    support_sqlite(support_file(pair.ann.home, "shop.db", ""), text_string(&sql));
    text_free(&sql);
    cli_ok(&pair.ann, "db history-store enable");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        daemon_stop(&pair.servers[i], SIGQUIT);
    }
    return 0;
}

static void fail_over(void)
{
    daemon_stop(&pair.servers[0], SIGQUIT); /* immediate: no last word to the standby */
    assert_string_equal(support_sql_value(pair.alone[1], "SELECT pg_promote()"), "t");
}

/* Everything is on the new primary, once, under one origin. */
static void assert_arrived(void)
{
    CliStore store = {.file = false, .where = pair.alone[1]};
    const char *status = cli_ok(&pair.ann, "db history-store status --json").out;
    assert_string_equal(cli_json(status, "pending"), "0");
    assert_string_equal(cli_json(status, "in_sync"), "true");
    cli_store_same(&store, &pair.ann);
    assert_string_equal(cli_store_value(&store, "SELECT count(*) FROM @origins"), "1");
    assert_string_equal(cli_store_value(&store, "SELECT count(*) FROM @run_results"),
                        support_sqlite_value(pair.ann.history, "SELECT count(*) FROM run_results"));
    assert_string_equal(cli_json(cli_ok(&pair.ann, "history list --team --json").out, "items.0.created_by"),
                        "ann");
}

static bool is_waiting(void *context)
{
    (void)context;
    return strtol(support_sql_value(pair.alone[0], "SELECT count(*) FROM pg_stat_activity WHERE "
                                                   "application_name = 'amx' AND wait_event_type = 'Lock'"),
                  NULL, 10) == 1;
}

static bool has_delivered(void *context)
{
    (void)context;
    return strtol(support_sql_value(pair.alone[1], "SELECT count(*) FROM amx.run_results"), NULL, 10) > 0;
}

/* The second batch of the flush stops at a row, on the server, until the primary dies. */
static void test_standby_takes_over_in_mid_flush(void **state)
{
    (void)state;
    support_sql(pair.alone[0],
                "CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                "IF NEW.local_id = 4900 THEN PERFORM pg_advisory_xact_lock(1); END IF; RETURN NEW; END $$;"
                "CREATE TRIGGER hold BEFORE INSERT ON amx.run_results FOR EACH ROW EXECUTE FUNCTION hold()");
    PGconn *holder = PQconnectdb(pair.alone[0]);
    PQclear(PQexec(holder, "SELECT pg_advisory_lock(1)"));
    cli_ok(&pair.ann, "db history-store disable");
    cli_ok(&pair.ann, "run --all");
    cli_ok(&pair.ann, "db history-store enable");
    CliProcess flush = cli_start(&pair.ann, "db history-store migrate-from-local");
    assert_true(support_wait(is_waiting, NULL));
    assert_true(support_wait(has_delivered, NULL)); /* the first batch has reached the standby */

    fail_over();
    SupportRun cut = cli_wait(&flush);
    PQfinish(holder);
    if (cut.exit_code != 0) {
        assert_true(cli_queued(&pair.ann) > 0);
    }
    support_sql(pair.alone[1], "DROP TRIGGER hold ON amx.run_results");
    cli_ok(&pair.ann, "db history-store flush-pending");
    assert_arrived();
}

/* What the primary had confirmed and the standby never got is sent again: the store went back in time. */
static void test_standby_that_lagged_takes_over(void **state)
{
    (void)state;
    cli_ok(&pair.ann, "run --all t1");
    assert_true(support_wait(has_delivered, NULL));
    support_sql(pair.alone[1], "ALTER SYSTEM SET primary_conninfo = ''");
    support_sql(pair.alone[1], "SELECT pg_reload_conf()");
    support_sql(pair.alone[0], "SELECT pg_terminate_backend(pid) FROM pg_stat_replication");
    cli_ok(&pair.ann, "run --all");
    cli_ok(&pair.ann, "review 2 --accept low");
    assert_int_equal(cli_queued(&pair.ann), 0);
    assert_string_equal(support_sql_value(pair.alone[1], "SELECT count(*) FROM amx.runs"), "1");

    fail_over();
    cli_ok(&pair.ann, "run --all t2"); /* its delivery meets the older token */
    cli_ok(&pair.ann, "db history-store flush-pending");
    assert_arrived();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_standby_takes_over_in_mid_flush, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_standby_that_lagged_takes_over, set_up, tear_down),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
