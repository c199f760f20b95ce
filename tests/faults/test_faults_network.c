/* What networks and servers do to a delivery: each time the work is done and kept, amx says what is queued
 * and why, and afterwards every row is in the shared store once. The real program against a real server, with
 * a relay between them where the network is to blame. */
#include <libpq-fe.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "cli_team.h"
#include "relay.h"
#include "text.h"

#define DIRECT NULL
#define BUSY_MS 30000

typedef struct Scene {
    CliStore store;
    Cli ann;
    Relay *relay;
    char *through; /* conninfo of the store through the relay */
} Scene;

/* Ann shares through a relay that still forwards everything. */
static int set_up(void **state)
{
    Scene *scene = calloc(1, sizeof *scene);
    scene->store = cli_store_new(false);
    scene->ann = cli_team_person("ann", &scene->store);
    char *path = text_format("%s/.s.PGSQL.%d", support_server()->socket, support_server()->port);
    scene->relay = relay_start(path);
    scene->through = text_format("host=127.0.0.1 port=%d user=tester dbname=%s", relay_port(scene->relay),
                                 support_sql_value(scene->store.where, "SELECT current_database()"));
    cli_team_configure(&scene->ann, &scene->store, scene->through, BUSY_MS);
    free(path);
    *state = scene;
    return 0;
}

static int tear_down(void **state)
{
    Scene *scene = *state;
    relay_stop(scene->relay);
    free(scene->through);
    free(scene);
    return 0;
}

static void heal(Scene *scene)
{
    relay_set(scene->relay, RELAY_PASS, 0, NULL);
    cli_team_assert_heals(&scene->ann, &scene->store);
}

static void assert_runs(const Scene *scene, const char *count)
{
    assert_string_equal(cli_store_value(&scene->store, "SELECT count(*) FROM @runs"), count);
}

/* ---- the network ---- */

static void the_reply_to_commit_is_lost(void **state)
{
    static const RelayFault faults[] = {RELAY_RESET, RELAY_HALF_CLOSE, RELAY_FREEZE};
    Scene *scene = *state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        char runs[2] = {(char)('1' + i), '\0'};
        relay_set(scene->relay, faults[i], RELAY_AFTER_COMMIT, NULL);
        cli_ok(&scene->ann, "db history-store disable");
        cli_ok(&scene->ann, "db history-store enable"); /* forgets that the store rests */
        long long before = cli_queued(&scene->ann);
        SupportRun run = cli_team_work(&scene->ann);
        cli_shows(run.err, "queued, ");
        assert_int_equal(cli_queued(&scene->ann), before + CLI_TEAM_ROWS);
        assert_int_not_equal(relay_strikes(scene->relay), 0);
        heal(scene);
        assert_runs(scene, runs); /* the server had them: sent again, still once */
    }
}

static void commit_never_arrives(void **state)
{
    Scene *scene = *state;
    relay_set(scene->relay, RELAY_RESET, RELAY_AT_COMMIT, NULL);
    cli_team_assert_queued(&scene->ann, "127.0.0.1");
    assert_int_not_equal(relay_strikes(scene->relay), 0);
    assert_runs(scene, "0");
    heal(scene);
    assert_runs(scene, "1");
}

/* The peer acknowledges every packet and says nothing more: no timeout of TCP or of the server sees that. */
static void the_peer_falls_silent(void **state)
{
    Scene *scene = *state;
    relay_set(scene->relay, RELAY_FREEZE, RELAY_AT_COMMIT, NULL);
    cli_team_assert_queued(&scene->ann, "within the time limit");
    assert_int_not_equal(relay_strikes(scene->relay), 0);
    SupportRun flush = cli_expect(&scene->ann, 4, "--timeout 1 db history-store flush-pending");
    cli_shows(flush.err, "0 delivered, 5 pending");
    heal(scene);
}

static void the_peer_is_mute(void **state)
{
    Scene *scene = *state;
    relay_set(scene->relay, RELAY_MUTE, 0, NULL);
    cli_team_assert_queued(&scene->ann, "127.0.0.1");
    assert_int_not_equal(cli_run(&scene->ann, "--timeout 1 db history-store flush-pending").exit_code, 0);
    heal(scene);
}

/* A cable to a machine that is not there: nobody refuses, nobody answers. */
static void packets_vanish(void **state)
{
    Scene *scene = *state;
    if (geteuid() != 0 || support_shell(NULL, "unshare -n true").exit_code != 0) {
        skip();
    }
    cli_team_configure(&scene->ann, &scene->store, "host=10.99.0.2 dbname=x", BUSY_MS);
    static const char in_a_void[] = "exec unshare -n sh -c 'ip link add amx0 type veth peer name amx1 && ip "
                                    "addr add 10.99.0.1/24 dev amx0 && "
                                    "ip link set amx0 up && ip link set amx1 up && ip neigh add 10.99.0.2 "
                                    "lladdr 02:00:00:00:00:02 dev amx0 && "
                                    "exec \"$AMX\" run --all --json customer'";
    SupportRun run = support_shell(scene->ann.env, in_a_void);
    assert_int_equal(run.exit_code, 0);
    assert_string_equal(cli_json(run.out, "drafted"), "4");
    cli_shows(run.err, "queued, 5 pending");
    cli_shows(run.err, "10.99.0.2");
    assert_int_equal(cli_queued(&scene->ann), CLI_TEAM_ROWS);
    cli_team_configure(&scene->ann, &scene->store, DIRECT, BUSY_MS);
    heal(scene);
}

/* Wherever the conversation breaks, the file is sound, and in the end each row is there once. */
static void breaks_everywhere(Scene *scene, RelayFault fault)
{
    int broken = 0;
    int code = 1;
    cli_ok(&scene->ann, "db history-store disable");
    cli_ok(&scene->ann, "db history-store enable");
    relay_set(scene->relay, RELAY_RESET, 1, NULL);
    cli_team_work(&scene->ann);
    assert_true(cli_queued(&scene->ann) >= CLI_TEAM_ROWS);
    for (long bytes = 1; code != 0; bytes += 61) {
        relay_set(scene->relay, fault, bytes, NULL);
        SupportRun flush = cli_run(&scene->ann, "db history-store flush-pending");
        code = flush.exit_code;
        cli_team_assert_sound(&scene->ann);
        if (code != 0) {
            broken++;
            assert_int_equal(code, 3);
            cli_shows(flush.err, "127.0.0.1");
        }
    }
    assert_true(broken >= 10);
    heal(scene);
}

static void the_connection_breaks_after_any_byte(void **state)
{
    Scene *scene = *state;
    breaks_everywhere(scene, RELAY_RESET);
    breaks_everywhere(scene, RELAY_HALF_CLOSE);
    assert_runs(scene, "2");
}

static void bytes_come_one_by_one_or_late(void **state)
{
    Scene *scene = *state;
    relay_set(scene->relay, RELAY_TRICKLE, 0, NULL);
    cli_team_work(&scene->ann);
    assert_int_equal(cli_queued(&scene->ann), 0);
    relay_set(scene->relay, RELAY_SLOW, 0, NULL);
    cli_team_work(&scene->ann);
    heal(scene);
    assert_runs(scene, "2");
}

/* ---- the server ---- */

typedef struct Wait {
    const char *conninfo;
    const char *sql;
} Wait;

static bool is_true(void *context)
{
    const Wait *wait = context;
    return strcmp(support_sql_value(wait->conninfo, wait->sql), "t") == 0;
}

static void wait_until_amx_waits_for_a_lock(const Scene *scene)
{
    Wait wait = {scene->store.where,
                 "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND "
                 "datname = current_database()"};
    if (!support_wait(is_true, &wait)) {
        fail_msg("amx does not wait for a lock");
    }
}

/* Another session that holds what its SQL locks. */
static PGconn *holder(const Scene *scene, const char *sql)
{
    PGconn *conn = PQconnectdb(scene->store.where);
    PGresult *result = PQexec(conn, sql);
    if (PQresultStatus(result) != PGRES_COMMAND_OK) {
        fail_msg("%s: %s", sql, PQerrorMessage(conn));
    }
    PQclear(result);
    return conn;
}

static void queue_some(Scene *scene)
{
    relay_set(scene->relay, RELAY_RESET, 1, NULL);
    cli_team_work(&scene->ann);
    assert_int_equal(cli_queued(&scene->ann), CLI_TEAM_ROWS);
    relay_set(scene->relay, RELAY_PASS, 0, NULL);
}

static void the_server_crashes_in_mid_batch(void **state)
{
    Scene *scene = *state;
    queue_some(scene);
    PGconn *other = holder(scene, "BEGIN; LOCK TABLE amx.run_results");
    CliProcess flush = cli_start(&scene->ann, "db history-store flush-pending");
    wait_until_amx_waits_for_a_lock(scene);
    support_server_stop("immediate");
    SupportRun ended = cli_wait(&flush);
    PQfinish(other);
    assert_int_not_equal(ended.exit_code, 0);
    cli_shows(ended.err, "0 delivered, 5 pending");
    assert_int_equal(cli_queued(&scene->ann), CLI_TEAM_ROWS);
    support_server_start();
    heal(scene);
    assert_runs(scene, "1");
}

/* Two batches and some: the second sets out while the first is acknowledged. On the server its rows wait for
 * an advisory lock, which the caller holds. */
static CliProcess flush_that_stops_on_its_way(const Scene *scene)
{
    support_sqlite(scene->ann.history,
                   "INSERT INTO run_results(run_id, schema_name, table_name, column_name, kind, "
                   "alternatives, confidence, evidence, source) "
                   "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 8200) "
                   "SELECT 1, 'main', 'wide', 'column_' || i, 'column', '[]', 0.1, '[]', 'test' FROM n");
    support_sql(scene->store.where,
                "CREATE FUNCTION public.wait() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN "
                "IF NEW.column_name = ''column_6000'' THEN PERFORM pg_advisory_xact_lock(1); END IF; "
                "RETURN NEW; END';"
                "CREATE TRIGGER wait BEFORE INSERT ON amx.run_results FOR EACH ROW "
                "EXECUTE FUNCTION public.wait()");
    return cli_start(&scene->ann, "db history-store flush-pending");
}

static void the_server_crashes_while_rows_are_ahead_of_their_token(void **state)
{
    Scene *scene = *state;
    cli_team_work(&scene->ann);
    PGconn *other = holder(scene, "DO 'BEGIN PERFORM pg_advisory_lock(1); END'");
    CliProcess flush = flush_that_stops_on_its_way(scene);
    wait_until_amx_waits_for_a_lock(scene);
    support_server_stop("immediate");
    SupportRun ended = cli_wait(&flush);
    PQfinish(other);
    assert_int_not_equal(ended.exit_code, 0);
    cli_team_assert_sound(&scene->ann);
    assert_true(cli_queued(&scene->ann) >= 4200);
    support_server_start();
    heal(scene);
    assert_string_equal(cli_store_value(&scene->store, "SELECT count(*) FROM @run_results"), "8204");
}

/* What was read ahead no longer holds then: its rows are called back and chosen anew. */
static void the_file_changes_while_rows_are_ahead_of_their_token(void **state)
{
    Scene *scene = *state;
    cli_team_work(&scene->ann);
    PGconn *other = holder(scene, "DO 'BEGIN PERFORM pg_advisory_lock(1); END'");
    CliProcess flush = flush_that_stops_on_its_way(scene);
    wait_until_amx_waits_for_a_lock(scene);
    support_sqlite(scene->ann.history,
                   "UPDATE run_results SET base_text = 'changed' WHERE column_name = 'column_7000'");
    PQfinish(other);
    SupportRun ended = cli_wait(&flush);
    assert_int_equal(ended.exit_code, 0);
    heal(scene);
    assert_string_equal(
        cli_store_value(&scene->store, "SELECT count(*) FROM @run_results WHERE base_text = 'changed'"), "1");
    assert_string_equal(cli_store_value(&scene->store, "SELECT count(*) FROM @run_results"), "8204");
}

static void the_backend_is_stopped(void **state)
{
    Scene *scene = *state;
    queue_some(scene);
    PGconn *other = holder(scene, "BEGIN; LOCK TABLE amx.run_results");
    CliProcess flush = cli_start(&scene->ann, "--timeout 2 db history-store flush-pending");
    wait_until_amx_waits_for_a_lock(scene);
    pid_t backend =
        (pid_t)strtol(support_sql_value(scene->store.where, "SELECT pid FROM pg_stat_activity WHERE "
                                                            "wait_event_type = 'Lock' LIMIT 1"),
                      NULL, 10);
    kill(backend, SIGSTOP);
    SupportRun ended = cli_wait(&flush);
    kill(backend, SIGCONT);
    PQfinish(other);
    assert_int_equal(ended.exit_code, 4);
    cli_shows(ended.err, "5 pending");
    heal(scene);
    assert_runs(scene, "1");
}

static void a_server_that_starts_or_is_full_is_asked_again_later(void **state)
{
    static const char *const states[] = {"57P03", "53300"};
    Scene *scene = *state;
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        cli_ok(&scene->ann, "db history-store disable");
        cli_ok(&scene->ann, "db history-store enable");
        relay_set(scene->relay, RELAY_ERROR, 0, states[i]);
        cli_team_assert_queued(&scene->ann, states[i]);
        for (int tries = 0; tries < 4; tries++) {
            cli_expect(&scene->ann, 3,
                       "db history-store flush-pending"); /* each failure makes the rest longer */
        }
        int asked = relay_strikes(scene->relay);
        cli_team_assert_queued(&scene->ann, states[i]); /* it rests: nobody knocks for each command */
        assert_int_equal(relay_strikes(scene->relay), asked);
        heal(scene);
    }
}

static void the_server_has_no_connection_left(void **state)
{
    Scene *scene = *state;
    support_sql(scene->store.where, "CREATE ROLE few LOGIN CONNECTION LIMIT 0");
    char *as_few = text_format("%s user=few", scene->store.where);
    cli_team_configure(&scene->ann, &scene->store, as_few, BUSY_MS);
    cli_team_assert_queued(&scene->ann, "too many connections");
    cli_expect(&scene->ann, 3, "db history-store flush-pending");
    cli_team_configure(&scene->ann, &scene->store, DIRECT, BUSY_MS);
    heal(scene);
    free(as_few);
}

static void the_outcome_of_commit_is_unknown(void **state)
{
    Scene *scene = *state;
    relay_set(scene->relay, RELAY_ERROR, RELAY_AFTER_COMMIT, "40003");
    cli_team_assert_queued(&scene->ann, "40003");
    assert_runs(scene, "1");
    heal(scene);
    assert_runs(scene, "1");
}

static void a_lost_serialization_race_is_run_again(void **state)
{
    Scene *scene = *state;
    support_sql(scene->store.where, "ALTER ROLE tester SET default_transaction_isolation = 'serializable'");
    queue_some(scene);
    PGconn *other = holder(scene, "BEGIN; UPDATE amx.origins SET last_seen = last_seen");
    CliProcess flush = cli_start(&scene->ann, "db history-store flush-pending");
    wait_until_amx_waits_for_a_lock(scene);
    PQclear(PQexec(other, "COMMIT")); /* what amx waits for has changed: 40001 */
    PQfinish(other);
    SupportRun ended = cli_wait(&flush);
    support_sql(scene->store.where, "ALTER ROLE tester RESET default_transaction_isolation");
    assert_int_equal(ended.exit_code, 0);
    heal(scene);
    assert_runs(scene, "1");
}

static void a_deadlock_is_run_again(void **state)
{
    Scene *scene = *state;
    support_sql(scene->store.where, "ALTER ROLE tester SET deadlock_timeout = '2s'");
    queue_some(scene);
    PGconn *other = holder(scene, "SET deadlock_timeout = '60s'; BEGIN; LOCK TABLE amx.run_results");
    CliProcess flush = cli_start(&scene->ann, "db history-store flush-pending");
    wait_until_amx_waits_for_a_lock(scene);
    PGresult *got =
        PQexec(other, "UPDATE amx.origins SET last_seen = last_seen"); /* amx is the victim: 40P01 */
    assert_int_equal(PQresultStatus(got), PGRES_COMMAND_OK);
    PQclear(got);
    PQclear(PQexec(other, "COMMIT"));
    PQfinish(other);
    SupportRun ended = cli_wait(&flush);
    support_sql(scene->store.where, "ALTER ROLE tester RESET deadlock_timeout");
    assert_int_equal(ended.exit_code, 0);
    heal(scene);
    assert_runs(scene, "1");
}

static void a_write_during_a_flush_stays_queued(void **state)
{
    Scene *scene = *state;
    queue_some(scene);
    PGconn *other = holder(scene, "BEGIN; LOCK TABLE amx.run_results");
    CliProcess flush = cli_start(&scene->ann, "db history-store flush-pending");
    wait_until_amx_waits_for_a_lock(scene); /* the batch is frozen, and on its way */
    SupportRun review = cli_ok(&scene->ann, "review 1 --accept low");
    cli_shows(review.err, "queued, ");
    assert_true(cli_queued(&scene->ann) >= CLI_TEAM_ROWS);
    PQclear(PQexec(other, "COMMIT"));
    PQfinish(other);
    assert_int_equal(cli_wait(&flush).exit_code, 0);
    heal(scene);
    assert_string_equal(
        cli_store_value(&scene->store, "SELECT count(*) FROM @run_results WHERE evaluated_at IS NOT NULL"),
        cli_json(cli_ok(&scene->ann, "history show 1 --json").out, "accepted"));
}

/* The mount is seen by this test program and its server only, and goes with them. */
static void the_server_has_no_space_left(void **state)
{
    Scene *scene = *state;
    const char *disk = support_folder();
    if (geteuid() != 0 || mount("tmpfs", disk, "tmpfs", 0, "size=1m,mode=777")) {
        skip();
    }
    char *command = text_format("chown postgres %s", disk);
    char *create = text_format("CREATE TABLESPACE small LOCATION '%s'", disk);
    char *fill = text_format("head -c 2000000 /dev/zero >%s/filler", disk);
    char *clear = text_format("rm %s/filler", disk);
    assert_int_equal(support_shell(NULL, command).exit_code, 0);
    support_sql(scene->store.where, create);
    support_sql(scene->store.where, "ALTER TABLE amx.run_results SET TABLESPACE small");
    support_shell(NULL, fill);
    cli_team_assert_queued(&scene->ann, "No space left");
    assert_string_equal(cli_json(cli_ok(&scene->ann, "db history-store status --json").out, "in_sync"),
                        "false");
    support_shell(NULL, clear);
    heal(scene);
    support_sql(scene->store.where, "ALTER TABLE amx.run_results SET TABLESPACE pg_default");
    support_sql(scene->store.where, "DROP TABLESPACE small");
    umount(disk);
    free(command);
    free(create);
    free(fill);
    free(clear);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(int argc, char **argv)
{
    cmocka_set_test_filter(argc > 1 ? argv[1] : NULL); /* a glob: these tests only */
    const struct CMUnitTest tests[] = {
        TEST(the_reply_to_commit_is_lost),
        TEST(commit_never_arrives),
        TEST(the_peer_falls_silent),
        TEST(the_peer_is_mute),
        TEST(packets_vanish),
        TEST(the_connection_breaks_after_any_byte),
        TEST(bytes_come_one_by_one_or_late),
        TEST(the_server_crashes_in_mid_batch),
        TEST(the_server_crashes_while_rows_are_ahead_of_their_token),
        TEST(the_file_changes_while_rows_are_ahead_of_their_token),
        TEST(the_backend_is_stopped),
        TEST(a_server_that_starts_or_is_full_is_asked_again_later),
        TEST(the_server_has_no_connection_left),
        TEST(the_outcome_of_commit_is_unknown),
        TEST(a_lost_serialization_race_is_run_again),
        TEST(a_deadlock_is_run_again),
        TEST(a_write_during_a_flush_stays_queued),
        TEST(the_server_has_no_space_left),
    };
    if (geteuid() == 0 && unshare(CLONE_NEWNS) == 0) {
        mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
    }
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
