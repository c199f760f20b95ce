/* Everything through a real PgBouncer in transaction mode. Its pool holds one server connection for each
 * database, so whoever relied on a session would find somebody else's. */
#include <libpq-fe.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "cli_store.h"
#include "daemon.h"
#include "text.h"

static const char shop_sql[] =
    "CREATE TABLE customer (id integer PRIMARY KEY, name text NOT NULL, email text UNIQUE);"
    "CREATE TABLE orders (id integer PRIMARY KEY, customer_id integer NOT NULL REFERENCES customer);";

static const char *folder;
static Daemon pooler;

static void start_pooler(void)
{
    const char *conninfo = support_file(folder, "conninfo", "");
    char *text = text_format("host=%s port=6432 user=tester dbname=postgres", folder);
    conninfo = support_read(support_file(folder, "conninfo", text));
    char *configuration = text_format("%s/pgbouncer.ini", folder);
    pooler = daemon_start(folder, "/usr/sbin/pgbouncer", configuration, NULL);
    daemon_await(&pooler, conninfo);
    free(configuration);
    free(text);
}

static int set_up(void **state)
{
    (void)state;
    folder = daemon_folder();
    const SupportServer *server = support_server();
    char *users = text_format("%s/users", folder);
    char *configuration = text_format("[databases]\n* = host=%s port=%d\n"
                                      "[pgbouncer]\nlisten_addr =\nlisten_port = 6432\nunix_socket_dir = %s\n"
                                      "auth_type = trust\nauth_file = %s\n"
                                      "pool_mode = transaction\ndefault_pool_size = 1\n",
                                      server->socket, server->port, folder, users);
    daemon_file(folder, "users", "\"tester\" \"\"\n");
    daemon_file(folder, "pgbouncer.ini", configuration);
    free(configuration);
    free(users);
    start_pooler();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    daemon_stop(&pooler, SIGINT);
    return 0;
}

/* The same database, through the pooler. */
static const char *pooled(const char *conninfo)
{
    char *text = text_format("host=%s port=6432 user=tester %s", folder, strstr(conninfo, "dbname="));
    const char *kept = support_read(support_file(support_folder(), "conninfo", text));
    free(text);
    return kept;
}

static const char *new_shop(void)
{
    const char *conninfo = support_database();
    support_sql(conninfo, shop_sql);
    return conninfo;
}

static Cli person(const char *name, const char *shop, const char *team)
{
    return cli_new(name,
                   "db_profile shop { backend = postgresql\n conninfo = \"%s\" }\n"
                   "db_profile team { backend = postgresql\n conninfo = \"%s\" }\n"
                   "active_db_profile = shop\nhistory_store { profile = team }\n"
                   "timeouts { deliver_ms = 20000 }\n",
                   pooled(shop), pooled(team));
}

static const char *backend_of(PGconn *conn)
{
    PGresult *result = PQexec(conn, "SELECT pg_backend_pid()");
    const char *pid = support_read(support_file(support_folder(), "pid", PQgetvalue(result, 0, 0)));
    PQclear(result);
    return pid;
}

/* What the other tests rest on: two clients, both connected, are served by one server connection. */
static void test_the_pooler_pools_transactions(void **state)
{
    (void)state;
    const char *conninfo = pooled(support_database());
    PGconn *one = PQconnectdb(conninfo);
    PGconn *other = PQconnectdb(conninfo);
    assert_string_not_equal(backend_of(one), "");
    assert_string_equal(backend_of(one), backend_of(other));
    PQfinish(one);
    PQfinish(other);
}

static void assert_in_sync(const CliStore *store, const Cli *cli)
{
    const char *status = cli_ok(cli, "db history-store status --json").out;
    assert_string_equal(cli_json(status, "pending"), "0");
    assert_string_equal(cli_json(status, "in_sync"), "true");
    cli_store_same(store, cli);
}

/* A day's work: enable, run, review, apply, roll back, a queue and its flush, the team's history. */
static void day(const char *shop, const char *team)
{
    CliStore store = {.file = false, .where = team};
    Cli ann = person("ann", shop, team);
    Cli bob = person("bob", shop, team);
    cli_ok(&ann, "db history-store enable");
    cli_ok(&bob, "db history-store enable");

    SupportRun run = cli_ok(&ann, "run --all --json public");
    const char *id = cli_json(run.out, "run");
    cli_hides(run.err, "queued");
    assert_string_equal(cli_json(run.out, "drafted"), "7");
    cli_ok(&ann, "review %s --accept low", id);
    assert_string_equal(cli_json(cli_ok(&ann, "apply %s --yes --json", id).out, "applied"), "7");
    assert_string_equal(support_sql_value(shop, "SELECT count(*) FROM pg_description d JOIN pg_class c ON "
                                                "c.oid = d.objoid WHERE c.relname IN ('customer', 'orders') "
                                                "AND d.classoid = 'pg_class'::regclass"),
                        "7");
    assert_in_sync(&store, &ann);

    daemon_stop(&pooler, SIGQUIT);
    support_sql(shop, "SELECT 1"); /* the server itself is there */
    cli_expect(&ann, 3, "run --all customer");
    cli_expect(&ann, 3, "history list --team");
    const char *decision =
        support_file(ann.home, "one.jsonl", "{\"table\":\"customer\",\"decision\":\"skip\"}\n");
    SupportRun away = cli_ok(&ann, "review %s --from %s", id, decision);
    cli_shows(away.err, "queued");
    long long queued = cli_queued(&ann);
    assert_true(queued > 0);
    start_pooler();
    cli_ok(&ann, "db history-store flush-pending");
    assert_in_sync(&store, &ann);

    cli_ok(&bob, "run --all customer");
    assert_in_sync(&store, &bob);
    const char *list = cli_ok(&bob, "history list --team --json").out;
    assert_string_equal(cli_json(list, "items.0.created_by"), "bob");
    assert_string_equal(cli_json(list, "items.1.created_by"), "ann");
    assert_string_equal(cli_json(list, "items.1.local_id"), id);
    list = cli_ok(&bob, "history list --team --json --who ann").out;
    assert_string_equal(cli_json(list, "items.#"), "1");
    list = cli_ok(&bob, "history results %s --origin %s --json", id, cli_json(list, "items.0.origin_id")).out;
    assert_string_equal(cli_json(list, "items.#"), "7");
    assert_in_sync(&store, &ann);
}

static void test_a_day_in_two_databases(void **state)
{
    (void)state;
    day(new_shop(), support_database());
}

/* The documented and the shared connection wait for the same server connection: neither may keep it. */
static void test_a_day_in_one_database(void **state)
{
    (void)state;
    const char *shop = new_shop();
    day(shop, shop);
}

/* Statements of several deliveries take turns on one server connection. */
static void test_several_people_at_once(void **state)
{
    (void)state;
    enum { PEOPLE = 4 };
    const char *shop = new_shop();
    CliStore store = {.file = false, .where = support_database()};
    Cli people[PEOPLE];
    CliProcess enables[PEOPLE], runs[PEOPLE];
    for (int i = 0; i < PEOPLE; i++) {
        people[i] = person("ann", shop, store.where);
        enables[i] = cli_start(&people[i], "db history-store enable");
    }
    for (int i = 0; i < PEOPLE; i++) {
        assert_int_equal(cli_wait(&enables[i]).exit_code, 0);
        runs[i] = cli_start(&people[i], "run --all");
    }
    for (int i = 0; i < PEOPLE; i++) {
        assert_int_equal(cli_wait(&runs[i]).exit_code, 0);
    }
    for (int i = 0; i < PEOPLE; i++) {
        cli_ok(&people[i], "db history-store flush-pending");
        assert_in_sync(&store, &people[i]);
    }
    assert_string_equal(cli_store_value(&store, "SELECT count(*) FROM @store"), "1");
    assert_string_equal(cli_store_value(&store, "SELECT count(*) FROM @origins"), "4");
    assert_string_equal(cli_store_value(&store, "SELECT count(*) FROM @runs"), "4");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_pooler_pools_transactions),
        cmocka_unit_test(test_a_day_in_two_databases),
        cmocka_unit_test(test_a_day_in_one_database),
        cmocka_unit_test(test_several_people_at_once),
    };
    return support_cleanup(cmocka_run_group_tests(tests, set_up, tear_down));
}
