/* What happens to the shared store itself: its schema is dropped and made anew by somebody else, the making
 * of it is cut off, a standby answers in place of the primary. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "cli_team.h"
#include "daemon.h"
#include "text.h"

/* ---- the schema is dropped, and made anew by somebody else ---- */

static void assert_not_in_sync(const Cli *cli, const char *exists, long long pending)
{
    const char *status = cli_ok(cli, "db history-store status --json").out;
    assert_string_equal(cli_json(status, "exists"), exists);
    assert_string_equal(cli_json(status, "in_sync"), "false");
    assert_int_equal(cli_json_number(status, "pending"), pending);
}

static void a_schema_that_was_dropped_and_made_anew_gets_nothing(void **state)
{
    (void)state;
    CliStore store = cli_store_new(false);
    Cli ann = cli_team_person("ann", &store);
    Cli bob = cli_team_person("bob", &store);
    cli_team_work(&ann);
    cli_team_work(&bob);
    const char *old = cli_store_value(&store, "SELECT store_id FROM @store");

    support_sql(store.where, "DROP SCHEMA amx CASCADE");
    cli_team_assert_queued(&ann, "does not exist");
    cli_shows(cli_expect(&ann, 1, "db history-store flush-pending").err, "0 delivered, 5 pending");
    assert_not_in_sync(&ann, "false", CLI_TEAM_ROWS);

    Cli cyn = cli_team_person("cyn", &store);
    cli_team_assert_heals(&cyn, &store);
    assert_string_not_equal(cli_store_value(&store, "SELECT store_id FROM @store"), old);
    cli_shows(cli_expect(&ann, 6, "db history-store flush-pending").err, "made anew");
    cli_shows(cli_expect(&ann, 6, "db history-store enable").err, "5 rows are still queued");
    assert_not_in_sync(&ann, "true", CLI_TEAM_ROWS);
    assert_not_in_sync(&bob, "true", 0); /* nothing queued, but this is not what bob's rows went to */
    cli_team_assert_queued(&bob, "made anew");
    cli_expect(&bob, 6, "db history-store flush-pending");
    assert_string_equal(cli_store_value(&store, "SELECT string_agg(created_by, ' ') FROM @origins"), "cyn");
    assert_string_equal(cli_store_value(&store, "SELECT count(*) FROM @runs"), "0");

    cli_ok(&ann, "db history-store disable");
    cli_ok(&ann, "db history-store drop-pending");
    cli_ok(&ann, "db history-store enable");
    cli_ok(&ann, "db history-store migrate-from-local");
    cli_team_assert_heals(&ann, &store);
    assert_string_equal(cli_store_value(&store, "SELECT count(*) FROM @runs WHERE created_by = 'ann'"), "2");
    cli_team_assert_heals(&cyn, &store);
}

/* ---- the making of the schema is cut off ---- */

/* Everything that the script makes in the schema, as text. */
static const char made_sql[] =
    "SELECT string_agg(line, E'\\n' ORDER BY line) FROM ("
    "SELECT format('%s.%s %s %s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), "
    "a.attnotnull, col_description(c.oid, a.attnum)) AS line FROM pg_class c JOIN pg_attribute a ON "
    "a.attrelid = c.oid WHERE c.relnamespace = 'amx'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 "
    "UNION ALL SELECT format('%s: %s', relname, obj_description(oid)) FROM pg_class WHERE relnamespace = "
    "'amx'::regnamespace AND relkind = 'r' "
    "UNION ALL SELECT format('%s %s', conrelid::regclass, pg_get_constraintdef(oid)) FROM pg_constraint "
    "WHERE "
    "connamespace = 'amx'::regnamespace "
    "UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'amx') AS made";

#define MAX_MESSAGES 400

/* What enable sends to the server, message by message. */
typedef struct Script {
    bool comments[MAX_MESSAGES]; /* COMMENT ON TABLE or COLUMN */
    int first, last;             /* that make something: CREATE SCHEMA, and the store's own row */
} Script;

/* Messages of the thread that sends statements; another one connects. strace counts for each thread too. */
static Script read_script(const Cli *cli)
{
    Script script = {0};
    const char *trace = support_file(cli->home, "trace", "");
    char *command = text_format("ASAN_OPTIONS=detect_leaks=0 strace -f -qqq -e trace=sendto -s 64 -o %s "
                                "\"$AMX\" db history-store enable && grep \"^$(grep 'CREATE SCHEMA' %s | cut "
                                "-d' ' -f1) \" %s",
                                trace, trace, trace);
    SupportRun run = support_shell(cli->env, command);
    free(command);
    assert_int_equal(run.exit_code, 0);
    int number = 0;
    for (const char *line = strstr(run.out, "sendto("); line; line = strstr(line + 1, "sendto(")) {
        char *text = text_format("%.*s", (int)strcspn(line, "\n"), line);
        assert_true(++number < MAX_MESSAGES);
        script.comments[number] = strstr(text, "COMMENT ON TABLE") || strstr(text, "COMMENT ON COLUMN");
        script.first = strstr(text, "CREATE SCHEMA") ? number : script.first;
        bool makes = strstr(text, "CREATE ") || strstr(text, "COMMENT ON ") || strstr(text, ".store (id, ");
        script.last = makes ? number : script.last;
        free(text);
    }
    return script;
}

/* Each statement that makes something, and some of the many comments; AMX_TEST_LONG=1: every one. */
static bool is_cut_at(const Script *script, int number)
{
    return getenv("AMX_TEST_LONG") || !script->comments[number] || number % 25 == 0;
}

static int enable_killed_at(const Cli *cli, int number)
{
    char *command = text_format("ASAN_OPTIONS=detect_leaks=0 exec strace -f -qqq -o /dev/null -e "
                                "inject=sendto:signal=KILL:when=%d \"$AMX\" db history-store enable",
                                number);
    int code = support_shell(cli->env, command).exit_code;
    free(command);
    return code;
}

static void a_schema_that_is_cut_off_at_any_statement_is_completed(void **state)
{
    (void)state;
    CliStore store = cli_store_new(false);
    Cli ann = cli_team_person("ann", &store); /* her queue is for the first store */
    const char *whole = support_sql_value(store.where, made_sql);
    support_sql(store.where, "DROP SCHEMA amx CASCADE");
    cli_team_work(&ann);
    Cli bob = cli_new("bob", "%s", cli_store_conf(&store));
    Cli cyn = cli_new("cyn", "%s", cli_store_conf(&store));
    if (support_shell(NULL, "strace -f -qqq -o /dev/null true").exit_code != 0) {
        skip();
    }
    Script script = read_script(&cyn);
    assert_true(script.first > 0 && script.last > script.first);
    assert_string_equal(support_sql_value(store.where, made_sql), whole);
    for (int n = script.first; n <= script.last; n++) {
        if (!is_cut_at(&script, n)) {
            continue;
        }
        support_sql(store.where, "DROP SCHEMA amx CASCADE");
        assert_int_equal(enable_killed_at(&bob, n), 137);
        assert_string_equal(cli_json(cli_ok(&bob, "db history-store status --json").out, "exists"), "false");
        assert_int_not_equal(cli_run(&ann, "db history-store flush-pending").exit_code, 0);
        assert_int_equal(cli_queued(&ann), CLI_TEAM_ROWS);
        cli_ok(&cyn, "db history-store enable");
        if (strcmp(support_sql_value(store.where, made_sql), whole) != 0) {
            fail_msg("cut off at message %d, it was not completed: %s", n,
                     support_sql_value(store.where, made_sql));
        }
        assert_string_equal(cli_store_value(&store, "SELECT count(*) FROM @store"), "1");
    }
}

/* ---- a standby answers ---- */

static bool is_streaming(void *primary)
{
    return strcmp(support_sql_value(primary, "SELECT count(*) FROM pg_stat_replication WHERE state = "
                                             "'streaming'"),
                  "1") == 0;
}

static void a_standby_that_is_named_first_takes_no_rows(void **state)
{
    (void)state;
    CliStore store = cli_store_new(false);
    const SupportServer *primary = support_server();
    const char *database = support_sql_value(store.where, "SELECT current_database()");
    const char *folder = daemon_folder();
    char *data = text_format("%s/data", folder);
    char *alone = text_format("host=%s user=tester dbname=%s", folder, database);
    char *both = text_format("host=%s,%s port=%d user=tester dbname=%s", folder, primary->socket,
                             primary->port, database);
    char *writable = text_format("%s target_session_attrs=read-write", both);
    Cli ann = cli_team_person("ann", &store);
    daemon_tool(folder, "/usr/lib/postgresql/15/bin/pg_basebackup", "-R", "-c", "fast", "--no-sync", "-h",
                primary->socket, "-U", "tester", "-D", data, NULL);
    Daemon standby = daemon_postgres(folder, "-c", "max_connections=50", NULL); /* as the primary */
    daemon_await(&standby, alone);
    assert_true(support_wait(is_streaming, (void *)(uintptr_t)store.where));

    cli_team_configure(&ann, &store, both, 30000); /* libpq is content with the first that lets it in */
    cli_team_assert_queued(&ann, "read-only");
    SupportRun flush = cli_run(&ann, "db history-store flush-pending");
    assert_int_equal(flush.exit_code, 1);
    cli_shows(flush.err, "0 delivered, 5 pending");
    cli_shows(flush.err, "read-only");
    assert_string_equal(cli_store_value(&store, "SELECT count(*) FROM @runs"), "0");

    cli_team_configure(&ann, &store, writable, 30000);
    cli_team_assert_heals(&ann, &store); /* the next host is used */
    cli_team_work(&ann);
    assert_int_equal(cli_queued(&ann), 0);
    assert_string_equal(cli_store_value(&store, "SELECT count(*) FROM @runs"), "2");
    daemon_stop(&standby, SIGQUIT);
    free(writable);
    free(both);
    free(alone);
    free(data);
}

int main(int argc, char **argv)
{
    cmocka_set_test_filter(argc > 1 ? argv[1] : NULL); /* a glob: these tests only */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_schema_that_was_dropped_and_made_anew_gets_nothing),
        cmocka_unit_test(a_schema_that_is_cut_off_at_any_statement_is_completed),
        cmocka_unit_test(a_standby_that_is_named_first_takes_no_rows),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
