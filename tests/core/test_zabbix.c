/* A real schema of some size, shared: the whole way, and crashes of the server on it. */
#include <libpq-fe.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "cli_store.h"
#include "schemas.h"
#include "synced.h"
#include "text.h"

typedef struct Team {
    const char *database;
    CliStore store;
    Cli ann;
} Team;

static Team new_team(void)
{
    Team team = {.database = support_database(), .store = cli_store_new(false)};
    support_sql(team.database, schemas_sql("zabbix"));
    team.ann =
        cli_new("ann",
                "db_profile zabbix { backend = postgresql\n conninfo = \"%s\" }\nactive_db_profile = zabbix\n"
                "timeouts { deliver_ms = 45000 }\n%s",
                team.database, cli_store_conf(&team.store));
    cli_ok(&team.ann, "db history-store enable");
    return team;
}

#define OURS "relnamespace = 'public'::regnamespace"

/* Tables, views and their columns, by the database itself. */
static long long object_count(const Team *team)
{
    const char *count = support_sql_value(
        team->database,
        "SELECT (SELECT count(*) FROM pg_class WHERE " OURS " AND relkind IN ('r', 'v')) + "
        "(SELECT count(*) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE c." OURS
        " AND c.relkind IN ('r', 'v') AND a.attnum > 0 AND NOT a.attisdropped)");
    return strtoll(count, NULL, 10);
}

/* What the database says, as psql's \d+ reads it: table.column=text. */
static const char *comments(const Team *team)
{
    return support_sql_value(
        team->database,
        "SELECT coalesce(string_agg(line, E'\\n' ORDER BY line COLLATE \"C\"), '') FROM (SELECT c.relname || "
        "'.' || "
        "coalesce(a.attname, '') || '=' || coalesce(col_description(c.oid, a.attnum), obj_description(c.oid, "
        "'pg_class')) AS line FROM pg_description d JOIN pg_class c ON c.oid = d.objoid AND d.classoid = "
        "'pg_class'::regclass AND c." OURS
        " LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.objsubid "
        "AND d.objsubid > 0) AS lines");
}

/* What was accepted, in the same form. */
static const char *accepted(const Team *team)
{
    return support_sqlite_value(
        team->ann.history,
        "SELECT group_concat(line, char(10)) FROM (SELECT table_name || '.' || coalesce(column_name, '') || "
        "'=' || chosen_text AS line FROM run_results WHERE evaluation = 'accepted' ORDER BY line)");
}

static void assert_in_sync(const Team *team)
{
    SupportRun shown = cli_ok(&team->ann, "db history-store status --json");
    assert_string_equal(cli_json(shown.out, "in_sync"), "true");
    assert_string_equal(cli_json(shown.out, "pending"), "0");
    cli_shows(shown.err, "in sync");
    cli_store_same(&team->store, &team->ann);
    for (int i = 0; i < SYNCED_TABLE_COUNT; i++) {
        char *sql = text_format(
            "SELECT count(*) FROM @%s WHERE created_by IS DISTINCT FROM 'ann' OR hostname = '' OR "
            "client_version <> '" AMX_VERSION "' OR local_id IS NULL",
            synced_tables[i].name);
        assert_string_equal(cli_store_value(&team->store, sql), "0");
        free(sql);
    }
}

static long long run_over_all(const Team *team)
{
    SupportRun run = cli_ok(&team->ann, "run --json");
    long long planned = cli_json_number(run.out, "planned");
    assert_true(planned > 1000);
    assert_int_equal(planned, object_count(team));
    assert_int_equal(cli_json_number(run.out, "drafted"), planned);
    assert_string_equal(cli_json(run.out, "status"), "ready");
    return planned;
}

static void test_the_whole_way(void **state)
{
    (void)state;
    Team team = new_team();
    long long planned = run_over_all(&team);
    assert_int_equal(cli_json_number(cli_ok(&team.ann, "history results 1 --json").out, "items.#"), planned);
    assert_in_sync(&team);

    long long high = cli_json_number(cli_ok(&team.ann, "review 1 --json --accept high").out, "accepted");
    assert_true(high > 200 && high < planned);
    assert_string_equal(comments(&team), "");
    assert_int_equal(cli_json_number(cli_ok(&team.ann, "apply 1 --yes --json").out, "applied"), high);
    assert_string_equal(comments(&team), accepted(&team));
    char *psql = text_format("psql -X -P pager=off -c '\\d+ hosts' '%s'", team.database);
    const char *described = support_shell(NULL, psql).out;
    cli_shows(described, support_sql_value(team.database, "SELECT col_description('hosts'::regclass, 1)"));
    cli_shows(described, "Identifier");
    free(psql);
    assert_in_sync(&team);
    assert_int_equal(
        strtoll(cli_store_value(&team.store, "SELECT count(*) FROM @apply_events WHERE outcome = 'applied'"),
                NULL, 10),
        high);

    assert_int_equal(cli_json_number(cli_ok(&team.ann, "rollback 1 --yes --json").out, "restored"), high);
    assert_string_equal(comments(&team), "");
    assert_in_sync(&team);
    cli_shows(cli_ok(&team.ann, "history list --team").out, "ann@");
}

/* amx stands before the lock that the test holds on the shared table. */
static bool delivery_hangs(void *context)
{
    const Team *team = context;
    return strcmp(support_sql_value(
                      team->store.where,
                      "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND "
                      "application_name = 'amx'"),
                  "t") == 0;
}

static PGconn *hold_lock(const Team *team)
{
    PGconn *holder = PQconnectdb(team->store.where);
    PGresult *locked = PQexec(holder, "BEGIN; LOCK TABLE amx.run_results IN ACCESS EXCLUSIVE MODE");
    assert_int_equal(PQresultStatus(locked), PGRES_COMMAND_OK);
    PQclear(locked);
    return holder;
}

/* Starts a command, crashes the server while its delivery hangs, and starts the server again. */
static SupportRun crash_during(const Team *team, const char *words)
{
    PGconn *holder = hold_lock(team);
    CliProcess process = cli_start(&team->ann, "%s", words);
    bool hangs = support_wait(delivery_hangs, (void *)(uintptr_t)team);
    if (!hangs) {
        kill(process.pid, SIGKILL);
        fail_msg("the delivery did not reach the lock");
    }
    support_server_stop("immediate");
    SupportRun run = cli_wait(&process);
    support_server_start();
    PQfinish(holder);
    return run;
}

static void test_crash_in_mid_run(void **state)
{
    (void)state;
    Team team = new_team();
    SupportRun run = crash_during(&team, "run --json");
    assert_int_equal(run.exit_code, 0);
    long long drafted = cli_json_number(run.out, "drafted");
    assert_true(drafted > 1000);
    char *told = text_format("queued, %lld pending", drafted + 1);
    cli_shows(run.err, told);
    free(told);
    assert_int_equal(cli_queued(&team.ann), drafted + 1);
    assert_string_equal(cli_store_value(&team.store, "SELECT count(*) FROM @run_results"), "0");
    assert_string_equal(cli_json(cli_ok(&team.ann, "db history-store status --json").out, "in_sync"),
                        "false");

    cli_ok(&team.ann, "db history-store flush-pending");
    assert_in_sync(&team);

    /* the work goes on; a crash while decisions travel */
    run = crash_during(&team, "review 1 --json --accept high");
    assert_int_equal(run.exit_code, 0);
    long long high = cli_json_number(run.out, "accepted");
    cli_shows(run.err, "pending");
    cli_ok(&team.ann, "db history-store flush-pending");
    assert_in_sync(&team);
    assert_int_equal(cli_json_number(cli_ok(&team.ann, "apply 1 --yes --json").out, "applied"), high);
    assert_string_equal(comments(&team), accepted(&team));
    assert_in_sync(&team);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_whole_way),
        cmocka_unit_test(test_crash_in_mid_run),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
