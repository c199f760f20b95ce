/* Sharing, as a team lives with it: switching, outages of every kind, queues, and the store's schema. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli_store.h"
#include "synced.h"
#include "text.h"

#define SECRET "hunter2secret"

static const char shop_sql[] =
    "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT UNIQUE);"
    "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customer);";

static void configure(const Cli *cli, const CliStore *store, const char *team)
{
    CliStore elsewhere = {store->file, team};
    cli_configure(cli,
                  "db_profile shop { backend = sqlite\n path = shop.db }\nactive_db_profile = shop\n"
                  "timeouts { deliver_ms = 1500\n connect_ms = 1500 }\n%s",
                  cli_store_conf(team ? &elsewhere : store));
}

/* Somebody with a database of their own, set up to share through a store. */
static Cli person(const char *name, const CliStore *store)
{
    Cli cli = cli_new(name, "%s", "");
    configure(&cli, store, NULL);
    support_sqlite(support_file(cli.home, "shop.db", ""), shop_sql);
    return cli;
}

/* Writes a run with results, and a decision. */
static SupportRun work(const Cli *cli)
{
    SupportRun run = cli_ok(cli, "run --all --json customer");
    cli_ok(cli, "review %s --accept low", cli_json(run.out, "run"));
    return run;
}

static const char *status(const Cli *cli, const char *key)
{
    return cli_json(cli_ok(cli, "db history-store status --json").out, key);
}

static void assert_in_sync(const CliStore *store, const Cli *cli)
{
    assert_string_equal(status(cli, "in_sync"), "true");
    assert_string_equal(status(cli, "pending"), "0");
    cli_shows(cli_ok(cli, "db history-store status").err, "in sync");
    cli_store_same(store, cli);
}

static void life_of(bool file)
{
    CliStore store = cli_store_new(file);
    Cli ann = person("ann", &store);
    assert_string_equal(status(&ann, "enabled"), "false");
    cli_expect(&ann, 2, "db history-store flush-pending");
    work(&ann);
    cli_ok(&ann, "db history-store enable");
    assert_string_equal(cli_store_value(&store, "SELECT count(*) FROM @runs"),
                        "0"); /* older rows stay here */
    work(&ann);
    assert_string_equal(cli_store_value(&store, "SELECT count(*) FROM @runs"), "1");
    assert_string_equal(cli_store_value(&store, "SELECT count(*) FROM @run_results"), "4");
    assert_in_sync(&store, &ann);

    SupportRun off = cli_ok(&ann, "db history-store disable </dev/null");
    cli_hides(off.err, "?");
    assert_string_equal(status(&ann, "enabled"), "false");
    work(&ann);
    assert_string_equal(cli_store_value(&store, "SELECT count(*) FROM @runs"), "1");
    cli_ok(&ann, "db history-store enable");
    assert_string_equal(cli_store_value(&store, "SELECT count(*) FROM @runs"), "1");
    cli_ok(&ann, "run --local-only --all orders");
    cli_ok(&ann, "db history-store migrate-from-local");
    assert_string_equal(cli_store_value(&store, "SELECT count(*) FROM @runs"),
                        "3"); /* all but the private one */
    assert_in_sync(&store, &ann);
    cli_ok(&ann, "db history-store migrate-from-local");
    assert_in_sync(&store, &ann);
}

static void test_life_on_postgresql(void **state)
{
    (void)state;
    life_of(false);
}

static void test_life_in_a_file(void **state)
{
    (void)state;
    life_of(true);
}

static void test_list_and_drop(void **state)
{
    (void)state;
    CliStore store = cli_store_new(true);
    Cli ann = person("ann", &store);
    cli_ok(&ann, "db history-store enable");
    char *away = text_format("%s.away", store.where);
    rename(store.where, away);
    work(&ann);
    long long queued = cli_queued(&ann);
    assert_int_equal(queued, 5);
    const char *list = cli_ok(&ann, "db history-store list-pending --json").out;
    assert_int_equal(cli_json_number(list, "items.#"), queued);
    assert_string_equal(cli_json(list, "items.0.table"), "runs");
    assert_string_not_equal(cli_json(list, "items.0.last_error"), "");
    assert_string_equal(cli_json(cli_ok(&ann, "db history-store list-pending --json -n 2").out, "items.#"),
                        "2");
    cli_shows(cli_expect(&ann, 6, "db history-store drop-pending --expect 4").err,
              "nothing was dropped: 5 queued by now, not 4");
    assert_int_equal(cli_queued(&ann), queued);
    SupportRun dropped = cli_ok(&ann, "db history-store drop-pending --expect 5 --json </dev/null");
    assert_int_equal(cli_json_number(dropped.out, "dropped_now"), queued);
    rename(away, store.where);
    cli_ok(&ann, "db history-store flush-pending");
    assert_string_equal(cli_store_value(&store, "SELECT count(*) FROM @runs"), "0");
    assert_string_equal(status(&ann, "in_sync"), "false"); /* dropped is not in sync */
    cli_ok(&ann, "db history-store migrate-from-local");
    assert_in_sync(&store, &ann);
    assert_string_equal(cli_store_value(&store, "SELECT count(*) FROM @app_events WHERE kind = 'drop'"), "1");
    free(away);
}

/* ---- DDL and rights
 * -------------------------------------------------------------------------------------------- */

/* The same store, but as somebody with few rights. */
static const char *as_role(const CliStore *store, const char *role)
{
    char *other = text_format("%s user=%s password=" SECRET, store->where, role);
    const char *kept = support_file(support_folder(), "conninfo", other);
    free(other);
    return support_read(kept);
}

static void test_enable_without_the_right(void **state)
{
    (void)state;
    CliStore store = cli_store_new(false);
    Cli ann = person("ann", &store);
    support_sql(store.where, "CREATE ROLE plain LOGIN PASSWORD '" SECRET "'");
    configure(&ann, &store, as_role(&store, "plain"));
    SupportRun refused = cli_expect(&ann, 1, "db history-store enable");
    cli_shows(refused.out, "CREATE SCHEMA");
    cli_shows(refused.err, "administrator");
    cli_shows(refused.err, "dump-ddl");
    cli_hides(refused.out, SECRET);
    cli_hides(refused.err, SECRET);
    assert_string_equal(status(&ann, "enabled"), "false");

    support_sql(store.where, cli_ok(&ann, "db history-store dump-ddl").out);
    support_sql(store.where, cli_ok(&ann, "db history-store dump-ddl").out); /* again changes nothing */
    support_sql(store.where, "GRANT USAGE ON SCHEMA amx TO plain; GRANT SELECT, INSERT, UPDATE ON ALL TABLES "
                             "IN SCHEMA amx TO plain");
    cli_ok(&ann, "db history-store enable");
    work(&ann);
    assert_in_sync(&store, &ann);
    assert_string_equal(
        support_sql_value(store.where,
                          "SELECT count(*) FROM pg_attribute WHERE attrelid IN (SELECT oid FROM pg_class "
                          "WHERE relnamespace = 'amx'::regnamespace AND relkind = 'r') AND attnum > 0 "
                          "AND col_description(attrelid, attnum) IS NULL"),
        "0"); /* a metadata tool documents its own schema */

    /* the right is taken away, and comes back */
    support_sql(store.where, "REVOKE INSERT, UPDATE ON ALL TABLES IN SCHEMA amx FROM plain");
    SupportRun queued = cli_ok(&ann, "run --all customer");
    cli_shows(queued.err, "queued, 5 pending");
    cli_shows(queued.err, "permission denied");
    assert_string_equal(status(&ann, "pending"), "5");
    cli_shows(status(&ann, "in_sync"), "false");
    support_sql(store.where, "GRANT INSERT, UPDATE ON ALL TABLES IN SCHEMA amx TO plain");
    cli_ok(&ann, "db history-store flush-pending");
    assert_in_sync(&store, &ann);
}

static void test_ddl_of_a_file(void **state)
{
    (void)state;
    CliStore store = cli_store_new(true);
    Cli ann = person("ann", &store);
    support_sqlite(store.where, cli_ok(&ann, "db history-store dump-ddl").out);
    cli_ok(&ann, "db history-store enable");
    work(&ann);
    assert_in_sync(&store, &ann);
}

static void enable_twelve(bool file)
{
    CliStore store = cli_store_new(file);
    Cli people[12];
    CliProcess enables[12];
    for (int i = 0; i < 12; i++) {
        people[i] = person("ann", &store);
    }
    for (int i = 0; i < 12; i++) {
        enables[i] = cli_start(&people[i], "db history-store enable");
    }
    for (int i = 0; i < 12; i++) {
        SupportRun enabled = cli_wait(&enables[i]);
        if (enabled.exit_code != 0) {
            fail_msg("exit %d: %s", enabled.exit_code, enabled.err);
        }
    }
    assert_string_equal(cli_store_value(&store, "SELECT count(*) FROM @store"), "1");
    for (int i = 0; i < 12; i++) {
        cli_ok(&people[i], "db history-store flush-pending");
    }
    assert_string_equal(cli_store_value(&store, "SELECT count(*) FROM @app_events WHERE kind = 'enable'"),
                        "12");
    assert_string_equal(cli_store_value(&store, "SELECT count(*) FROM @origins"), "12");
}

static void test_twelve_enables_at_once(void **state)
{
    (void)state;
    enable_twelve(false);
    enable_twelve(true);
}

/* ---- outages
 * ------------------------------------------------------------------------------------------------------ */

/* The work of a command while the store can't take it: done, kept, exit 0, and told with the reason. */
static void assert_queued(const Cli *cli, const char *reason)
{
    long long before = cli_queued(cli);
    SupportRun run = cli_ok(cli, "run --all --json customer");
    assert_string_equal(cli_json(run.out, "drafted"), "4");
    assert_int_equal(cli_queued(cli), before + 5);
    char *told = text_format("queued, %lld pending", before + 5);
    cli_shows(run.err, told);
    cli_shows(run.err, reason);
    cli_hides(run.err, SECRET);
    free(told);
    SupportRun shown = cli_ok(cli, "db history-store status --json");
    assert_int_equal(cli_json_number(shown.out, "pending"), before + 5);
    assert_string_not_equal(cli_json(shown.out, "in_sync"), "true");
    cli_hides(shown.out, SECRET);
    cli_hides(shown.err, "in sync");
}

static void assert_out_of_reach(const Cli *cli)
{
    assert_string_equal(status(cli, "reachable"), "false");
    assert_string_equal(status(cli, "enabled"), "true");
    assert_string_not_equal(status(cli, "last_error"), "null");
    assert_int_not_equal(cli_run(cli, "db history-store flush-pending").exit_code, 0);
    cli_ok(cli, "run --all customer");
    /* nothing stale shown as fresh, and not "there are no runs" either */
    assert_string_equal(cli_expect(cli, 3, "history list --team").out, "");
    assert_string_equal(cli_expect(cli, 3, "session list --team --json").out, "");
}

static void test_server_stopped(void **state)
{
    (void)state;
    CliStore store = cli_store_new(false);
    Cli ann = person("ann", &store);
    cli_ok(&ann, "db history-store enable");
    work(&ann);
    support_server_stop("fast");
    assert_queued(&ann, "No such file");
    assert_out_of_reach(&ann);
    assert_queued(&ann, "");
    support_server_start();
    cli_ok(&ann, "db history-store flush-pending");
    assert_in_sync(&store, &ann);
    cli_ok(&ann, "db history-store flush-pending");
    work(&ann);
    assert_in_sync(&store, &ann);
}

static void test_unknown_host(void **state)
{
    (void)state;
    CliStore store = cli_store_new(false);
    Cli ann = person("ann", &store);
    cli_ok(&ann, "db history-store enable");
    configure(&ann, &store, "host=no-such-host.invalid dbname=x password=" SECRET);
    assert_queued(&ann, "no-such-host.invalid");
    assert_string_equal(status(&ann, "reachable"), "false");
    configure(&ann, &store, NULL);
    cli_ok(&ann, "db history-store flush-pending");
    assert_in_sync(&store, &ann);
}

static bool is_locked_out(void *context)
{
    return cli_run(context, "db test team").exit_code != 0;
}

static void test_wrong_password(void **state)
{
    (void)state;
    CliStore store = cli_store_new(false);
    Cli ann = person("ann", &store);
    cli_ok(&ann, "db history-store enable");
    support_sql(
        store.where,
        "SET password_encryption = 'scram-sha-256'; CREATE ROLE locked SUPERUSER LOGIN PASSWORD 'right'");
    char *folder = text_format("%s/data", support_server()->folder);
    char *rules = text_format("%s/pg_hba.conf", folder);
    const char *before = support_read(rules);
    char *after = text_format("local all locked scram-sha-256\n%s", before);
    support_file(folder, "pg_hba.conf", after);
    support_sql(store.where, "SELECT pg_reload_conf()");
    configure(&ann, &store, as_role(&store, "locked"));
    assert_true(support_wait(is_locked_out, &ann));
    assert_queued(&ann, "password");
    assert_string_equal(status(&ann, "reachable"), "false");
    support_file(folder, "pg_hba.conf", before);
    support_sql(store.where, "SELECT pg_reload_conf()");
    configure(&ann, &store, NULL);
    cli_ok(&ann, "db history-store flush-pending");
    assert_in_sync(&store, &ann);
    free(after);
    free(rules);
    free(folder);
}

static void test_read_only_server(void **state)
{
    (void)state;
    CliStore store = cli_store_new(false);
    Cli ann = person("ann", &store);
    cli_ok(&ann, "db history-store enable");
    char *alter = text_format("ALTER DATABASE %s SET default_transaction_read_only = on",
                              support_sql_value(store.where, "SELECT current_database()"));
    support_sql(store.where, alter);
    assert_queued(&ann, "read-only");
    char *reset = text_format("BEGIN READ WRITE; ALTER DATABASE %s RESET ALL; COMMIT",
                              support_sql_value(store.where, "SELECT current_database()"));
    support_sql(store.where, reset);
    cli_ok(&ann, "db history-store flush-pending");
    assert_in_sync(&store, &ann);
    free(alter);
    free(reset);
}

/* Accepts connections by its backlog and never says a word. */
static int mute_peer(int *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int peer = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (peer < 0 || bind(peer, (struct sockaddr *)&address, size) || listen(peer, 64) ||
        getsockname(peer, (struct sockaddr *)&address, &size)) {
        fail_msg("can't listen");
    }
    *port = ntohs(address.sin_port);
    return peer;
}

static void test_mute_peer(void **state)
{
    (void)state;
    CliStore store = cli_store_new(false);
    Cli ann = person("ann", &store);
    cli_ok(&ann, "db history-store enable");
    int port;
    int peer = mute_peer(&port);
    char *conninfo = text_format("host=127.0.0.1 port=%d dbname=x password=" SECRET, port);
    configure(&ann, &store, conninfo);
    assert_queued(&ann, "127.0.0.1");
    assert_string_equal(status(&ann, "reachable"), "false");
    assert_int_not_equal(cli_run(&ann, "--timeout 1 db history-store flush-pending").exit_code, 0);
    configure(&ann, &store, NULL);
    cli_ok(&ann, "db history-store flush-pending");
    assert_in_sync(&store, &ann);
    free(conninfo);
    close(peer);
}

/* ---- which store
 * ----------------------------------------------------------------------------------------------------- */

static void newer_schema(bool file)
{
    CliStore store = cli_store_new(file);
    Cli ann = person("ann", &store);
    cli_ok(&ann, "db history-store enable");
    cli_store_value(&store, "UPDATE @store SET schema_version = 99");
    assert_queued(&ann, "schema version 99");
    Cli bob = person("bob", &store);
    cli_shows(cli_expect(&bob, 6, "db history-store enable").err, "99");
    assert_string_equal(cli_store_value(&store, "SELECT schema_version FROM @store"), "99");
    assert_string_equal(cli_store_value(&store, "SELECT count(*) FROM @runs"), "0");
    char *mend = text_format("UPDATE @store SET schema_version = %d", SYNCED_VERSION);
    cli_store_value(&store, mend);
    free(mend);
    cli_ok(&ann, "db history-store flush-pending");
    assert_in_sync(&store, &ann);
}

static void test_newer_schema_is_refused(void **state)
{
    (void)state;
    newer_schema(false);
    newer_schema(true);
}

static void queue_for_another(bool file)
{
    CliStore a = cli_store_new(file), b = cli_store_new(file);
    Cli ann = person("ann", &a), bob = person("bob", &b);
    cli_ok(&bob, "db history-store enable");
    cli_ok(&ann, "db history-store enable");
    configure(&ann, &b, NULL); /* the profile is pointed elsewhere */
    assert_queued(&ann, "is not the shared store the queue is for");
    cli_expect(&ann, 6, "db history-store enable");
    assert_int_not_equal(cli_run(&ann, "db history-store flush-pending").exit_code, 0);
    assert_string_equal(cli_store_value(&b, "SELECT count(*) FROM @runs"), "0");
    assert_string_equal(cli_store_value(&b, "SELECT count(*) FROM @origins WHERE created_by = 'ann'"), "0");
    configure(&ann, &a, NULL);
    cli_ok(&ann, "db history-store flush-pending");
    assert_in_sync(&a, &ann);
    configure(&ann, &b, NULL); /* with nothing queued one may go */
    cli_ok(&ann, "db history-store enable");
    cli_ok(&ann, "run --all orders");
    assert_string_equal(cli_store_value(&b, "SELECT count(*) FROM @runs"), "1");
    cli_ok(&ann, "db history-store migrate-from-local");
    assert_in_sync(&b, &ann);
}

static void test_queue_waits_for_its_store(void **state)
{
    (void)state;
    queue_for_another(false);
    queue_for_another(true);
}

static void test_no_password_anywhere(void **state)
{
    (void)state;
    static const char *const words[] = {
        "config show",
        "config show --json",
        "config check",
        "db list --json",
        "db show team --json",
        "db show team",
        "db test team",
        "db history-store status",
        "db history-store enable",
        "db history-store enable --json",
        "run --all orders",
        "history list --json",
        "history events --json",
        "-v db history-store flush-pending",
        "db history-store dump-ddl",
        "-p team run --json",
    };
    static const char *const targets[] = {
        "host=no-such-host.invalid password=" SECRET,
        "postgresql://u:" SECRET "%%zz@h/db",
        "postgresql://u:" SECRET "@no-such-host.invalid/db",
        "password='" SECRET " host=h",
        "host=h password=" SECRET " nonsense=1",
    };
    for (size_t t = 0; t < sizeof targets / sizeof *targets; t++) {
        CliStore store = cli_store_new(true);
        Cli ann = person("ann", &store);
        CliStore remote = {false, targets[t]};
        configure(&ann, &remote, NULL);
        for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
            SupportRun run = cli_run(&ann, "%s", words[i]);
            cli_hides(run.out, SECRET);
            cli_hides(run.err, SECRET);
        }
        assert_int_equal(support_shell(ann.env, "! grep -q " SECRET " \"$AMX_HOME\"/history.db*").exit_code,
                         0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_life_on_postgresql),
        cmocka_unit_test(test_life_in_a_file),
        cmocka_unit_test(test_list_and_drop),
        cmocka_unit_test(test_enable_without_the_right),
        cmocka_unit_test(test_ddl_of_a_file),
        cmocka_unit_test(test_twelve_enables_at_once),
        cmocka_unit_test(test_server_stopped),
        cmocka_unit_test(test_unknown_host),
        cmocka_unit_test(test_wrong_password),
        cmocka_unit_test(test_read_only_server),
        cmocka_unit_test(test_mute_peer),
        cmocka_unit_test(test_newer_schema_is_refused),
        cmocka_unit_test(test_queue_waits_for_its_store),
        cmocka_unit_test(test_no_password_anywhere),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
