/* A shared store that takes TLS only, on the loopback; its certificate is for db.example, from a CA made
 * here, and conninfo asks for verify-full. */
#include <arpa/inet.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli_store.h"
#include "daemon.h"
#include "text.h"

static const char shop_sql[] = "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL);";

static const char *folder;
static int port;
static Daemon server;
static CliStore store;

static const char *keep(char *text)
{
    const char *kept = support_read(support_file(support_folder(), "text", text));
    free(text);
    return kept;
}

static const char *in_folder(const char *name)
{
    return keep(text_format("%s/%s", folder, name));
}

static int free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &size), 0);
    close(listener);
    return ntohs(address.sin_port);
}

static void make_ca(const char *name)
{
    daemon_tool(folder, "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=CA of the team",
                "-keyout", keep(text_format("%s/%s.key", folder, name)), "-out",
                keep(text_format("%s/%s.crt", folder, name)), NULL);
}

static int set_up(void **state)
{
    (void)state;
    folder = daemon_folder();
    make_ca("ca");
    make_ca("strange-ca");
    daemon_tool(folder, "openssl", "req", "-x509", "-CA", in_folder("ca.crt"), "-CAkey", in_folder("ca.key"),
                "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                "/CN=db.example", "-addext", "subjectAltName=DNS:db.example", "-keyout",
                in_folder("server.key"), "-out", in_folder("server.crt"), NULL);
    daemon_initdb(folder);
    daemon_file(in_folder("data"), "pg_hba.conf",
                "local all all trust\nhostssl all all 127.0.0.1/32 trust\n");
    port = free_port();
    server =
        daemon_postgres(folder, "-c", "listen_addresses=127.0.0.1", "-c", keep(text_format("port=%d", port)),
                        "-c", "ssl=on", "-c", keep(text_format("ssl_cert_file=%s", in_folder("server.crt"))),
                        "-c", keep(text_format("ssl_key_file=%s", in_folder("server.key"))), NULL);
    store.where = keep(text_format("host=%s port=%d user=tester dbname=postgres", folder, port));
    daemon_await(&server, store.where);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    daemon_stop(&server, SIGQUIT);
    return 0;
}

static void configure(const Cli *cli, const char *host, const char *security)
{
    cli_configure(cli,
                  "db_profile shop { backend = sqlite\n path = shop.db }\nactive_db_profile = shop\n"
                  "db_profile team { backend = postgresql\n conninfo = \"host=%s hostaddr=127.0.0.1 port=%d "
                  "user=tester dbname=postgres %s\" }\n"
                  "history_store { profile = team }\n",
                  host, port, security);
}

static const char *verified_by(const char *ca)
{
    return keep(text_format("sslmode=verify-full sslrootcert=%s", in_folder(ca)));
}

/* Refused: the work is done and queued, a flush says why, and nothing is called in sync. */
static void assert_refused(const Cli *cli, const char *reason)
{
    long long before = cli_queued(cli);
    SupportRun run = cli_ok(cli, "run --all customer");
    assert_int_equal(cli_queued(cli), before + 4);
    cli_shows(run.err, keep(text_format("queued, %lld pending", before + 4)));
    SupportRun flush = cli_expect(cli, 3, "db history-store flush-pending");
    cli_shows(flush.err, reason);
    const char *status = cli_ok(cli, "db history-store status --json").out;
    assert_string_equal(cli_json(status, "reachable"), "false");
    assert_int_equal(cli_json_number(status, "pending"), before + 4);
    assert_string_not_equal(cli_json(status, "in_sync"), "true");
}

static void test_verify_full(void **state)
{
    (void)state;
    Cli ann = cli_new("ann", "%s", "");
    support_sqlite(support_file(ann.home, "shop.db", ""), shop_sql);
    configure(&ann, "db.example", verified_by("ca.crt"));
    cli_ok(&ann, "db history-store enable");
    cli_ok(&ann, "run --all customer");
    cli_store_same(&store, &ann);
    assert_string_equal(cli_store_value(&store, "SELECT count(*) FROM @runs"), "1");

    configure(&ann, "other.example", verified_by("ca.crt"));
    assert_refused(&ann, "certificate for \"db.example\" does not match host name \"other.example\"");
    cli_shows(cli_ok(&ann, "run --all customer").err, "does not match host name"); /* not asked again */
    configure(&ann, "db.example", verified_by("strange-ca.crt"));
    assert_refused(&ann, "certificate verify failed");
    configure(&ann, "db.example", verified_by("missing.crt"));
    assert_refused(&ann, "missing.crt\" does not exist");
    configure(&ann, "db.example", "sslmode=disable");
    assert_refused(&ann, "no encryption");
    assert_string_equal(cli_store_value(&store, "SELECT count(*) FROM @runs"), "1");

    configure(&ann, "db.example", verified_by("ca.crt"));
    cli_ok(&ann, "db history-store flush-pending");
    const char *status = cli_ok(&ann, "db history-store status --json").out;
    assert_string_equal(cli_json(status, "in_sync"), "true");
    cli_store_same(&store, &ann);
    assert_string_equal(cli_store_value(&store, "SELECT count(*) FROM @runs"), "6");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_verify_full, set_up, tear_down),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
