/* What is done to a session while somebody else has their hands on it, or its profile; and that nothing of
 * what stays here gets into the shared schema. */
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "cli_store.h"
#include "synced.h"
#include "text.h"

/* A file that everybody of the team documents: the same database for all of them. */
static const char *shop_file(void)
{
    const char *path = support_file(support_folder(), "shop.db", "");
    support_sqlite(path,
                   "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT UNIQUE);"
                   "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customer);");
    return path;
}

static void configure(const Cli *cli, const char *shop, const CliStore *store, bool share)
{
    const char *team = cli_store_conf(store);
    const char *inside = strstr(team, "history_store {") + strlen("history_store {");
    cli_configure(cli,
                  "db_profile shop { backend = sqlite\n path = \"%s\" }\nactive_db_profile = shop\n"
                  "timeouts { deliver_ms = 60000 }\n%.*s share_sessions = %s\n%s",
                  shop, (int)(inside - team), team, share ? "true" : "false", inside);
}

static Cli person(const char *name, const char *shop, const CliStore *store, bool share)
{
    Cli cli = cli_new(name, "%s", "");
    support_sqlite(support_file(cli.home, "moved.db", ""), "CREATE TABLE customer (id INTEGER PRIMARY KEY)");
    configure(&cli, shop, store, share);
    cli_ok(&cli, "db history-store enable");
    return cli;
}

static const char *origin_of(const CliStore *store, const char *name)
{
    char *sql = text_format("SELECT origin_id FROM @sessions WHERE created_by = '%s'", name);
    const char *origin = cli_store_value(store, sql);
    free(sql);
    return origin;
}

/* ---- share_sessions = false, in the shared schema itself ---- */

/* How many texts of any synced table hold this. */
static int shared_texts(const CliStore *store, const char *text)
{
    int count = 0;
    for (int t = 0; t < SYNCED_TABLE_COUNT; t++) {
        for (size_t i = 0; i < synced_tables[t].column_count; i++) {
            char *sql = text_format("SELECT count(*) FROM @%s WHERE CAST(%s AS text) LIKE '%%%s%%'",
                                    synced_tables[t].name, synced_tables[t].columns[i].name, text);
            count += atoi(cli_store_value(store, sql));
            free(sql);
        }
    }
    return count;
}

static void keep_what_is_made_of_it(bool file)
{
    const char *shop = shop_file();
    CliStore store = cli_store_new(file);
    Cli ann = person("ann", shop, &store, false), bob = person("bob", shop, &store, true);
    cli_ok(&bob, "ask which tables hold an email?");
    const char *origin = origin_of(&store, "bob");
    const char *before = cli_store_value(&store, "SELECT max(row_version) FROM @session_turns");

    cli_ok(&ann, "session fork --id 1 --origin %s", origin);
    cli_ok(&ann, "ask who orders xylophones?");
    cli_ok(&ann, "session rename 1 --title 'About xylophones'");
    cli_shows(cli_ok(&ann, "session export --md").out, "# About xylophones");
    cli_ok(&ann, "session export --json -o %s/session.json", ann.home);
    cli_ok(&ann, "session fork 1");
    cli_ok(&ann, "session end 2");
    cli_ok(&ann, "db history-store migrate-from-local");
    cli_ok(&ann, "db history-store flush-pending");
    assert_string_equal(cli_store_value(&store, "SELECT count(*) FROM @sessions WHERE created_by = 'ann'"),
                        "0");
    assert_string_equal(
        cli_store_value(&store, "SELECT count(*) FROM @session_turns WHERE created_by = 'ann'"), "0");
    assert_int_equal(shared_texts(&store, "xylophones"), 0);
    assert_string_equal(cli_store_value(&store, "SELECT max(row_version) FROM @session_turns"), before);
    assert_string_equal(support_sqlite_value(ann.history, "SELECT count(*) FROM sessions"), "2");
    cli_store_same(&store, &ann);
}

static void nothing_made_of_a_session_is_shared_while_sharing_sessions_is_off(void **state)
{
    (void)state;
    keep_what_is_made_of_it(false);
    keep_what_is_made_of_it(true);
}

/* ---- while the network is read ---- */

typedef struct Held {
    CliStore store;
    const char *shop;
    Cli ann;
    const char *origin; /* of bob, whose session 1 is shared */
    PGconn *lock;       /* on the turns */
} Held;

static void execute(PGconn *connection, const char *sql)
{
    PGresult *result = PQexec(connection, sql);
    ExecStatusType status = PQresultStatus(result);
    PQclear(result);
    assert_true(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK);
}

static Held hold_turns(void)
{
    Held held = {.store = cli_store_new(false), .shop = shop_file()};
    held.ann = person("ann", held.shop, &held.store, true);
    Cli bob = person("bob", held.shop, &held.store, true);
    cli_ok(&bob, "ask which tables hold an email?");
    held.origin = origin_of(&held.store, "bob");
    held.lock = PQconnectdb(held.store.where);
    execute(held.lock, "BEGIN; LOCK TABLE amx.session_turns IN ACCESS EXCLUSIVE MODE");
    return held;
}

static bool is_waiting(void *context)
{
    return atoi(support_sql_value(context, "SELECT count(*) FROM pg_locks WHERE NOT granted")) > 0;
}

/* Starts it, and comes back when it has read the session, and waits for its turns. */
static CliProcess start(const Held *held, const char *command)
{
    CliProcess process = cli_start(&held->ann, "%s --id 1 --origin %s", command, held->origin);
    assert_true(support_wait(is_waiting, (void *)held->store.where));
    return process;
}

static SupportRun go_on(Held *held, const CliProcess *process, const char *sql)
{
    execute(held->lock, sql);
    PQfinish(held->lock);
    return cli_wait(process);
}

static void assert_nothing_came_of_it(const Held *held, const char *events)
{
    assert_string_equal(support_sqlite_value(held->ann.history, "SELECT count(*) FROM sessions"), "0");
    assert_string_equal(support_sqlite_value(held->ann.history,
                                             "SELECT count(*) FROM app_events WHERE kind = 'refused fork'"),
                        events);
}

static void a_profile_repointed_while_the_network_is_read_gets_no_fork(void **state)
{
    (void)state;
    Held held = hold_turns();
    CliProcess process = start(&held, "session fork");
    configure(&held.ann, "moved.db", &held.store, true);
    SupportRun run = go_on(&held, &process, "COMMIT");
    assert_int_equal(run.exit_code, 6);
    cli_shows(run.err, "the fork is refused: profile shop was pointed to another database meanwhile");
    assert_nothing_came_of_it(&held, "1");
}

static void sharing_switched_off_while_the_network_is_read_keeps_the_fork_here(void **state)
{
    (void)state;
    Held held = hold_turns();
    CliProcess process = start(&held, "session fork");
    configure(&held.ann, held.shop, &held.store, false);
    assert_int_equal(go_on(&held, &process, "COMMIT").exit_code, 0);
    assert_string_equal(support_sqlite_value(held.ann.history, "SELECT local_only FROM sessions"), "private");
    assert_string_equal(
        cli_store_value(&held.store, "SELECT count(*) FROM @sessions WHERE created_by = 'ann'"), "0");
}

/* ---- deleted in between ---- */

#define DELETED                                                                                              \
    "UPDATE amx.session_turns SET deleted_at = now(); UPDATE amx.sessions SET deleted_at = now(); COMMIT"

static void a_teammates_session_that_is_deleted_meanwhile_is_neither_forked_nor_exported(void **state)
{
    static const char *const commands[] = {"session fork", "session export --md", "session export --json"};
    (void)state;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        Held held = hold_turns();
        CliProcess process = start(&held, commands[i]);
        SupportRun run = go_on(&held, &process, DELETED);
        assert_int_equal(run.exit_code, 2);
        cli_shows(run.err, "there is no session 1");
        assert_string_equal(run.out, "");
        assert_nothing_came_of_it(&held, "0");
    }
}

static void what_was_deleted_is_not_renamed_forked_or_exported(void **state)
{
    static const char *const commands[] = {"session rename 1 --title Other", "session fork 1",
                                           "session export 1 --md", "session export 1 --json",
                                           "session end 1"};
    (void)state;
    CliStore store = cli_store_new(true);
    Cli ann = person("ann", shop_file(), &store, true);
    cli_ok(&ann, "ask which tables hold an email?");
    cli_ok(&ann, "session delete 1 --yes");
    const char *dump = "SELECT group_concat(name || value) FROM (SELECT 'version' AS name, max(seq) AS value "
                       "FROM outbox)";
    const char *before = support_sqlite_value(ann.history, dump);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        SupportRun run = cli_expect(&ann, 2, "%s", commands[i]);
        cli_shows(run.err, "there is no session 1");
        assert_string_equal(run.out, "");
    }
    assert_string_equal(support_sqlite_value(ann.history, dump), before);
    assert_string_equal(support_sqlite_value(ann.history, "SELECT count(*) FROM sessions"), "0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_made_of_a_session_is_shared_while_sharing_sessions_is_off),
        cmocka_unit_test(a_profile_repointed_while_the_network_is_read_gets_no_fork),
        cmocka_unit_test(sharing_switched_off_while_the_network_is_read_keeps_the_fork_here),
        cmocka_unit_test(a_teammates_session_that_is_deleted_meanwhile_is_neither_forked_nor_exported),
        cmocka_unit_test(what_was_deleted_is_not_renamed_forked_or_exported),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
