/* libpq behind our deadlines: connecting, asking, quoting, resolving. */
#include "support.h"

#include <dlfcn.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "memory.h"
#include "pg.h"

#define PATIENCE_MS 10000

static const char *database;

static Pg *connected(void)
{
    Pg *pg = NULL;
    Error err = {0};
    if (!pg_connect(database, deadline_in(PATIENCE_MS), &pg, &err)) {
        fail_msg("%s", err.message);
    }
    return pg;
}

static PgRows *asked(Pg *pg, const char *sql, int count, const PgParam *params)
{
    PgRows *rows = NULL;
    Error err = {0};
    if (!pg_query(pg, sql, count, params, deadline_in(PATIENCE_MS), &rows, &err)) {
        fail_msg("%s", err.message);
    }
    return rows;
}

static bool has_text(const char *text, const char *part)
{
    return strstr(text, part) != NULL;
}

/* A socket on a free port of 127.0.0.1: bound, and listening when `backlog` is positive. It never accepts. */
static int silent_socket(int backlog, int *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    if (backlog > 0) {
        assert_int_equal(listen(fd, backlog), 0);
    }
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    *port = ntohs(address.sin_port);
    return fd;
}

/* The resolver that libpq calls: stuck on one name for as long as the test wants. */
static atomic_bool resolver_stuck, resolver_called, resolver_left;

int getaddrinfo(const char *restrict node, const char *restrict service,
                const struct addrinfo *restrict hints, struct addrinfo **restrict result)
{
    if (node && !strcmp(node, "stuck.invalid")) {
        atomic_store(&resolver_called, true);
        while (atomic_load(&resolver_stuck)) {
            usleep(5000);
        }
        atomic_store(&resolver_left, true);
        return EAI_NONAME;
    }
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
    return real(node, service, hints, result);
}

static bool is_set(void *flag)
{
    return atomic_load((atomic_bool *)flag);
}

/* --- connecting --------------------------------------------------------------------------------------- */

static void says_where_it_is_connected(void **state)
{
    (void)state;
    Pg *pg = connected();
    char *expected = text_format("%s:%d/", support_server()->socket, support_server()->port);
    assert_true(text_starts(pg_target(pg), expected));
    free(expected);
    pg_close(pg);
}

static void uses_utf8_and_names_itself(void **state)
{
    (void)state;
    setenv("PGCLIENTENCODING", "LATIN1", 1);
    Pg *pg = connected();
    unsetenv("PGCLIENTENCODING");
    PgRows *rows =
        asked(pg, "SELECT current_setting('client_encoding'), current_setting('application_name')", 0, NULL);
    assert_string_equal(pg_rows_text(rows, 0, 0), "UTF8");
    assert_string_equal(pg_rows_text(rows, 0, 1), "amx");
    pg_rows_free(rows);
    pg_close(pg);
}

static void assert_connect_fails(const char *conninfo, int64_t patience_ms, ErrorKind kind, Error *err)
{
    Pg *pg = NULL;
    error_clear(err);
    assert_false(pg_connect(conninfo, deadline_in(patience_ms), &pg, err));
    assert_null(pg);
    if (err->kind != kind) {
        fail_msg("%s: got %s: %s", conninfo, error_code(err->kind), err->message);
    }
    assert_true(*err->hint);
}

static void refused_connection_names_the_target(void **state)
{
    (void)state;
    Error err = {0};
    int port;
    int fd = silent_socket(0, &port);
    char *conninfo = text_format("host=127.0.0.1 port=%d dbname=shop user=u", port);
    char *target = text_format("127.0.0.1:%d/shop", port);
    assert_connect_fails(conninfo, PATIENCE_MS, ERROR_CONNECTION, &err);
    assert_true(has_text(err.message, target));
    assert_true(has_text(err.message, "refused"));
    assert_null(strchr(err.message, '\n'));
    assert_string_equal(err.sqlstate, "");
    free(target);
    free(conninfo);
    close(fd);
}

static void mute_peer_runs_into_our_deadline(void **state)
{
    (void)state;
    Error err = {0};
    int port;
    int fd = silent_socket(8, &port);
    char *conninfo = text_format("host=127.0.0.1 port=%d dbname=shop user=u", port);
    assert_connect_fails(conninfo, 300, ERROR_TIMEOUT, &err);
    assert_true(has_text(err.message, "127.0.0.1"));
    free(conninfo);
    close(fd);
}

static void unknown_host_is_no_connection(void **state)
{
    (void)state;
    Error err = {0};
    Pg *pg = NULL;
    assert_false(pg_connect("host=no-such-host.invalid dbname=shop", deadline_in(3000), &pg, &err));
    assert_true(err.kind == ERROR_CONNECTION ||
                err.kind == ERROR_TIMEOUT); /* as the resolver answers or not */
    assert_true(has_text(err.message, "no-such-host.invalid"));
}

static void stuck_resolver_runs_into_our_deadline(void **state)
{
    (void)state;
    Error err = {0};
    atomic_store(&resolver_stuck, true);
    assert_connect_fails("host=stuck.invalid dbname=shop", 300, ERROR_TIMEOUT, &err);
    assert_true(atomic_load(&resolver_called));
    assert_false(atomic_load(&resolver_left));
    atomic_store(&resolver_stuck, false); /* what was left behind ends by itself */
    assert_true(support_wait(is_set, &resolver_left));
}

static void interrupt_stops_connecting(void **state)
{
    (void)state;
    Error err = {0};
    Pg *pg = NULL;
    int port;
    int fd = silent_socket(8, &port);
    char *conninfo = text_format("host=127.0.0.1 port=%d", port);
    interrupt_request();
    assert_false(pg_connect(conninfo, DEADLINE_NONE, &pg, &err));
    interrupt_clear();
    assert_int_equal(err.kind, ERROR_INTERRUPTED);
    free(conninfo);
    close(fd);
}

static void second_host_is_tried(void **state)
{
    (void)state;
    Error err = {0};
    Pg *pg = NULL;
    char *conninfo = text_format("host=/nonexistent,%s port=%d user=tester dbname=postgres",
                                 support_server()->socket, support_server()->port);
    assert_true(pg_connect(conninfo, deadline_in(PATIENCE_MS), &pg, &err));
    assert_true(text_starts(pg_target(pg), support_server()->socket));
    pg_close(pg);
    free(conninfo);
}

/* A full queue of connections makes Linux drop the next one's packets, as a machine that is gone does. */
static void host_that_does_not_answer_is_passed_over(void **state)
{
    (void)state;
    enum { ENOUGH = 8 };
    Error err = {0};
    Pg *pg = NULL;
    int port, waiting[ENOUGH];
    int fd = silent_socket(1, &port);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    for (int i = 0; i < ENOUGH; i++) {
        waiting[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        connect(waiting[i], (struct sockaddr *)&address, sizeof address);
    }
    char *conninfo = text_format("host=127.0.0.1,%s port=%d,%d user=tester dbname=postgres connect_timeout=1",
                                 support_server()->socket, port, support_server()->port);
    if (!pg_connect(conninfo, deadline_in(PATIENCE_MS), &pg, &err)) {
        fail_msg("%s", err.message);
    }
    assert_true(text_starts(pg_target(pg), support_server()->socket));
    pg_close(pg);
    free(conninfo);
    for (int i = 0; i < ENOUGH; i++) {
        close(waiting[i]);
    }
    close(fd);
}

static void wrong_password_is_28P01(void **state)
{
    (void)state;
    Error err = {0};
    const SupportServer *server = support_server();
    support_sql(database,
                "SET password_encryption = 'scram-sha-256'; CREATE ROLE locked LOGIN PASSWORD 'right'");
    char *rules = text_format("%s/data/pg_hba.conf", server->folder);
    char *before = memory_string(support_read(rules));
    char *after = text_format("local all locked scram-sha-256\n%s", before);
    char *folder = text_format("%s/data", server->folder);
    support_file(folder, "pg_hba.conf", after);
    support_sql(database, "SELECT pg_reload_conf()");

    char *conninfo = text_format("host=%s port=%d user=locked dbname=postgres password=wr0ngsecret",
                                 server->socket, server->port);
    Pg *pg = NULL;
    /* the reload reaches the postmaster a moment later; until then "trust" still lets everybody in */
    for (int i = 0; i < 200 && pg_connect(conninfo, deadline_in(PATIENCE_MS), &pg, &err); i++) {
        pg_close(pg);
        usleep(10000);
    }
    assert_int_equal(err.kind, ERROR_CONNECTION);
    assert_string_equal(err.sqlstate, "28P01");
    assert_true(has_text(err.message, "locked"));
    assert_false(has_text(err.message, "28P01"));
    assert_false(has_text(err.message, "auth.c"));
    assert_false(has_text(err.message, "wr0ngsecret"));
    assert_true(has_text(err.hint, "password"));

    support_file(folder, "pg_hba.conf", before);
    support_sql(database, "SELECT pg_reload_conf()");
    free(conninfo);
    free(folder);
    free(after);
    free(before);
    free(rules);
}

static void missing_database_is_3D000(void **state)
{
    (void)state;
    Error err = {0};
    char *conninfo = text_format("host=%s port=%d user=tester dbname=nowhere", support_server()->socket,
                                 support_server()->port);
    assert_connect_fails(conninfo, PATIENCE_MS, ERROR_CONNECTION, &err);
    assert_string_equal(err.sqlstate, "3D000");
    assert_true(has_text(err.message, "\"nowhere\""));
    free(conninfo);
}

static void passwords_never_show(void **state)
{
    (void)state;
    static const char *const broken[] = {
        "postgresql://u:hun%zzter2@h/db", "postgresql://u:hun/ter2@h/db",
        "postgresql://u:x@hunter2@h/db",  "user=u password=hun hunter2",
        "user=u password='hunter2",       "postgres://u:hunter2@h:12hunter2/db",
        "postgresql://u:12/hunter2@h/db", "password=a hunter2=3 hunter2 host",
    };
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        Error err = {0};
        assert_connect_fails(broken[i], PATIENCE_MS, ERROR_CONFIG, &err);
        assert_false(has_text(err.message, "ter2"));
        assert_false(has_text(err.hint, "ter2"));
    }
}

static void conninfo_errors_say_what_is_wrong(void **state)
{
    (void)state;
    Error err = {0};
    assert_connect_fails("host=h color=red", PATIENCE_MS, ERROR_CONFIG, &err);
    assert_true(has_text(err.message, "\"color\""));
    assert_connect_fails("service=nosuchservice", PATIENCE_MS, ERROR_CONFIG, &err);
    assert_true(has_text(err.message, "nosuchservice"));
    assert_connect_fails("host=a,b port=1,2,3", PATIENCE_MS, ERROR_CONFIG, &err);
}

/* --- asking ------------------------------------------------------------------------------------------- */

static void parameters_and_rows_round_trip(void **state)
{
    (void)state;
    Pg *pg = connected();
    static const char bytes[] = {'\0', 'a', '\xff'};
    const PgParam params[] = {{.data = "Zoë \xf0\x9f\x90\x98 'quoted'"},
                              {.data = NULL},
                              {.data = "42"},
                              {.data = bytes, .length = sizeof bytes, .binary = true, .type = 17}};
    PgRows *rows = asked(pg, "SELECT $1::text, $2::text, $3::int, encode($4, 'hex'), $3 > 1", 4, params);
    assert_int_equal(pg_rows_count(rows), 1);
    assert_string_equal(pg_rows_text(rows, 0, 0), params[0].data);
    assert_null(pg_rows_text(rows, 0, 1));
    assert_int_equal(pg_rows_int(rows, 0, 1), 0);
    assert_int_equal(pg_rows_int(rows, 0, 2), 42);
    assert_string_equal(pg_rows_text(rows, 0, 3), "0061ff");
    assert_true(pg_rows_bool(rows, 0, 4));
    pg_rows_free(rows);
    pg_close(pg);
}

static void affected_rows_are_counted(void **state)
{
    (void)state;
    Pg *pg = connected();
    Error err = {0};
    assert_true(pg_script(pg, "CREATE TEMP TABLE t (i int); INSERT INTO t SELECT generate_series(1, 3);",
                          deadline_in(PATIENCE_MS), &err));
    PgRows *rows = asked(pg, "UPDATE t SET i = i + 1 WHERE i > 1", 0, NULL);
    assert_int_equal(pg_rows_affected(rows), 2);
    pg_rows_free(rows);
    pg_close(pg);
}

static void large_parameters_and_results_pass(void **state)
{
    (void)state;
    enum { SIZE = 20 * 1000 * 1000 };
    Pg *pg = connected();
    char *big = memory_alloc(SIZE + 1);
    memset(big, 'x', SIZE);
    big[SIZE] = '\0';
    PgRows *rows = asked(pg, "SELECT $1::text || 'y', length($1)", 1, (const PgParam[]){{.data = big}});
    assert_int_equal(strlen(pg_rows_text(rows, 0, 0)), SIZE + 1);
    pg_rows_free(rows);
    free(big);
    pg_close(pg);
}

static void refused_statement_carries_sqlstate_and_leaves_the_connection_usable(void **state)
{
    (void)state;
    Pg *pg = connected();
    Error err = {0};
    PgRows *rows = NULL;
    assert_false(pg_query(pg, "SELECT * FROM nowhere", 0, NULL, deadline_in(PATIENCE_MS), &rows, &err));
    assert_int_equal(err.kind, ERROR_DATABASE);
    assert_string_equal(err.sqlstate, "42P01");
    assert_string_equal(err.message, "relation \"nowhere\" does not exist");
    assert_null(rows);
    pg_rows_free(asked(pg, "SELECT 1", 0, NULL));
    pg_close(pg);
}

static void script_stops_at_the_first_error(void **state)
{
    (void)state;
    Pg *pg = connected();
    Error err = {0};
    assert_false(pg_script(pg, "CREATE TABLE script_a (); SELECT 1/0; CREATE TABLE script_b ()",
                           deadline_in(PATIENCE_MS), &err));
    assert_string_equal(err.sqlstate, "22012");
    PgRows *rows = asked(pg, "SELECT to_regclass('script_a'), to_regclass('script_b')", 0, NULL);
    assert_null(pg_rows_text(rows, 0, 0)); /* one implicit transaction */
    assert_null(pg_rows_text(rows, 0, 1));
    pg_rows_free(rows);
    pg_close(pg);
}

static bool sleeper_is_gone(void *context)
{
    (void)context;
    return text_equal(support_sql_value(database,
                                        "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' "
                                        "AND query = 'SELECT pg_sleep(3600)'"),
                      "0");
}

static void slow_statement_times_out_and_is_cancelled_on_the_server(void **state)
{
    (void)state;
    Pg *pg = connected();
    Error err = {0};
    assert_false(pg_query(pg, "SELECT pg_sleep(3600)", 0, NULL, deadline_in(200), NULL, &err));
    assert_int_equal(err.kind, ERROR_TIMEOUT);
    assert_false(pg_query(pg, "SELECT 1", 0, NULL, deadline_in(PATIENCE_MS), NULL, &err));
    assert_int_equal(err.kind, ERROR_CONNECTION);
    pg_close(pg);
    assert_true(support_wait(sleeper_is_gone, NULL));
}

static void *interrupt_when_sleeping(void *context)
{
    (void)context;
    for (int i = 0; i < 1000 && sleeper_is_gone(NULL); i++) {
        usleep(5000);
    }
    interrupt_request();
    return NULL;
}

static void interrupt_stops_a_statement(void **state)
{
    (void)state;
    Pg *pg = connected();
    Error err = {0};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, interrupt_when_sleeping, NULL), 0);
    assert_false(pg_query(pg, "SELECT pg_sleep(3600)", 0, NULL, DEADLINE_NONE, NULL, &err));
    pthread_join(thread, NULL);
    interrupt_clear();
    assert_int_equal(err.kind, ERROR_INTERRUPTED);
    pg_close(pg);
    assert_true(support_wait(sleeper_is_gone, NULL));
}

static void lost_connection_is_told_and_survived(void **state)
{
    (void)state;
    Pg *pg = connected();
    Error err = {0};
    PgRows *rows = asked(pg, "SELECT pg_backend_pid()", 0, NULL);
    char *kill_it = text_format("SELECT pg_terminate_backend(%s, 5000)", pg_rows_text(rows, 0, 0));
    pg_rows_free(rows);
    support_sql(database, kill_it);
    free(kill_it);
    assert_false(pg_query(pg, "SELECT 1", 0, NULL, deadline_in(PATIENCE_MS), NULL, &err));
    assert_int_equal(err.kind, ERROR_CONNECTION);
    assert_false(pg_query(pg, "SELECT 1", 0, NULL, deadline_in(PATIENCE_MS), NULL, &err));
    assert_int_equal(err.kind, ERROR_CONNECTION);
    pg_close(pg);
}

static void copy_does_not_hang(void **state)
{
    (void)state;
    Pg *pg = connected();
    Error err = {0};
    assert_false(
        pg_script(pg, "CREATE TEMP TABLE c (i int); COPY c FROM STDIN", deadline_in(PATIENCE_MS), &err));
    assert_int_equal(err.kind, ERROR_DATABASE);
    pg_close(pg);
}

/* --- quoting ------------------------------------------------------------------------------------------ */

static void hostile_names_are_quoted(void **state)
{
    (void)state;
    Pg *pg = connected();
    Error err = {0};
    Text sql = {0};
    static const char *const hostile = "a\"b; DROP TABLE x; --\\'";
    text_add(&sql, "SELECT 1 AS ");
    assert_true(pg_add_identifier(pg, &sql, "Zo\xc3\xab\"s", &err));
    text_add(&sql, ", ");
    assert_true(pg_add_literal(pg, &sql, hostile, &err));
    PgRows *rows = asked(pg, text_string(&sql), 0, NULL);
    assert_string_equal(pg_rows_text(rows, 0, 1), hostile);
    assert_true(text_starts(text_string(&sql), "SELECT 1 AS \"Zo\xc3\xab\"\"s\""));
    pg_rows_free(rows);
    text_free(&sql);
    pg_close(pg);
}

static void impossible_names_are_refused(void **state)
{
    (void)state;
    Pg *pg = connected();
    Text sql = {0};
    char bytes_63[64], bytes_64[65];
    memset(bytes_63, 'n', 63);
    memset(bytes_64, 'n', 64);
    bytes_63[63] = bytes_64[64] = '\0';
    const char *const impossible[] = {"", bytes_64, "bad\xc0", "cut\xe2\x82"};
    for (size_t i = 0; i < sizeof impossible / sizeof *impossible; i++) {
        Error err = {0};
        assert_false(pg_add_identifier(pg, &sql, impossible[i], &err));
        assert_int_equal(err.kind, ERROR_USAGE);
    }
    assert_false(pg_add_literal(pg, &sql, "bad\xc0'", NULL));
    assert_string_equal(text_string(&sql), "");
    assert_true(pg_add_identifier(pg, &sql, bytes_63, NULL));
    assert_true(pg_add_literal(pg, &sql, "", NULL));
    text_free(&sql);
    pg_close(pg);
}

/* --- resolving ---------------------------------------------------------------------------------------- */

static void assert_resolves(const char *conninfo, const char *hosts, const char *ports, const char *dbname)
{
    Error err = {0};
    char *h, *p, *d;
    if (!pg_resolve(conninfo, &h, &p, &d, &err)) {
        fail_msg("%s: %s", conninfo, err.message);
    }
    assert_string_equal(h, hosts);
    assert_string_equal(p, ports);
    assert_string_equal(d, dbname);
    free(h);
    free(p);
    free(d);
}

static void resolves_as_libpq_does(void **state)
{
    (void)state;
    const char *services = support_file(support_folder(), "services",
                                        "[shop]\nhost=shop.example\nport=6000\ndbname=shop\npassword=secret\n"
                                        "sslmode=require\n");
    setenv("PGUSER", "ann", 1);
    setenv("PGSERVICEFILE", services, 1);
    assert_resolves("", "", "5432", "ann");
    assert_resolves("justadatabase", "", "5432", "justadatabase");
    assert_resolves("host=/run/pg dbname=d", "/run/pg", "5432", "d");
    assert_resolves("hostaddr=10.0.0.1 dbname=d", "10.0.0.1", "5432", "d");
    assert_resolves("service=shop", "shop.example", "6000", "shop");
    assert_resolves("service=shop port=7 sslmode=disable", "shop.example", "7", "shop");
    assert_resolves("postgresql://u:p%40w@a:1,b:2/db?sslmode=disable", "a,b", "1,2", "db");
    setenv("PGHOST", "env.example", 1);
    setenv("PGPORT", "77", 1);
    setenv("PGDATABASE", "envdb", 1);
    assert_resolves("", "env.example", "77", "envdb");
    assert_resolves("dbname=mine", "env.example", "77", "mine");
    setenv("PGSERVICE", "shop", 1);
    assert_resolves("", "shop.example", "6000", "shop");
    static const char *const names[] = {"PGUSER", "PGSERVICEFILE", "PGHOST",
                                        "PGPORT", "PGDATABASE",    "PGSERVICE"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        unsetenv(names[i]);
    }
}

static void knows_a_password_when_it_sees_one(void **state)
{
    (void)state;
    assert_true(pg_conninfo_has_password("host=h password=x"));
    assert_true(pg_conninfo_has_password("postgresql://u:x@h/db"));
    assert_true(pg_conninfo_has_password("postgresql://u:x%zz@h/db"));
    assert_false(pg_conninfo_has_password("postgresql://u@h/db"));
    assert_false(pg_conninfo_has_password("host=h user=u"));
    assert_false(pg_conninfo_has_password("justadatabase"));
    assert_false(pg_conninfo_has_password(""));
}

int main(void)
{
    database = support_database();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_where_it_is_connected),
        cmocka_unit_test(uses_utf8_and_names_itself),
        cmocka_unit_test(refused_connection_names_the_target),
        cmocka_unit_test(mute_peer_runs_into_our_deadline),
        cmocka_unit_test(unknown_host_is_no_connection),
        cmocka_unit_test(stuck_resolver_runs_into_our_deadline),
        cmocka_unit_test(interrupt_stops_connecting),
        cmocka_unit_test(second_host_is_tried),
        cmocka_unit_test(host_that_does_not_answer_is_passed_over),
        cmocka_unit_test(wrong_password_is_28P01),
        cmocka_unit_test(missing_database_is_3D000),
        cmocka_unit_test(passwords_never_show),
        cmocka_unit_test(conninfo_errors_say_what_is_wrong),
        cmocka_unit_test(parameters_and_rows_round_trip),
        cmocka_unit_test(affected_rows_are_counted),
        cmocka_unit_test(large_parameters_and_results_pass),
        cmocka_unit_test(refused_statement_carries_sqlstate_and_leaves_the_connection_usable),
        cmocka_unit_test(script_stops_at_the_first_error),
        cmocka_unit_test(slow_statement_times_out_and_is_cancelled_on_the_server),
        cmocka_unit_test(interrupt_stops_a_statement),
        cmocka_unit_test(lost_connection_is_told_and_survived),
        cmocka_unit_test(copy_does_not_hang),
        cmocka_unit_test(hostile_names_are_quoted),
        cmocka_unit_test(impossible_names_are_refused),
        cmocka_unit_test(resolves_as_libpq_does),
        cmocka_unit_test(knows_a_password_when_it_sees_one),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
