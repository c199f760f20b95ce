/* Ways in which a program that writes everything twice can lose rows, first part: between the write and the
 * queue. Each test provokes one of them, and is named after what amx does instead. */
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli_scene.h"
#include "synced.h"
#include "text.h"

#define PRELOAD "ASAN_OPTIONS=detect_leaks=0:verify_asan_link_order=0 LD_PRELOAD="
#define FAKETIME "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"

static const char *status(const Cli *cli, const char *key)
{
    return cli_json(cli_ok(cli, "db history-store status --json").out, key);
}

/* A person's text for the column customer.name of a run. */
static SupportRun decide(const Cli *cli, int run, const char *text)
{
    char *line = text_format(
        "{\"table\":\"customer\",\"column\":\"name\",\"decision\":\"edit\",\"text\":\"%s\"}\n", text);
    SupportRun done = cli_ok(cli, "review %d --from %s", run, support_file(cli->home, "decisions", line));
    free(line);
    return done;
}

#define DECIDED "SELECT chosen_text FROM @run_results WHERE local_id = 3"

/* The bootstrap breaks at one place after the other: sharing is off, amx says so, and what is written in the
 * meantime is shared later when asked for. */
static void a_failed_bootstrap_is_not_called_in_sync(void **state)
{
    CliScene *scene = *state;
    int broken = 0;
    cli_team_work(&scene->ann);
    for (long bytes = 1; broken >= 0; bytes += 997) {
        relay_set(scene->relay, RELAY_RESET, bytes, NULL);
        SupportRun enable = cli_run(&scene->ann, "db history-store enable");
        cli_scene_mend(scene);
        if (enable.exit_code == 0) {
            break;
        }
        broken++;
        assert_int_equal(enable.exit_code, 3);
        SupportRun shown = cli_ok(&scene->ann, "db history-store status");
        cli_shows(shown.err, "sharing is off");
        cli_hides(shown.err, "in sync");
        assert_string_equal(status(&scene->ann, "in_sync"), "false");
        cli_shows(cli_expect(&scene->ann, 2, "db history-store flush-pending").err, "sharing is off");
    }
    assert_true(broken >= 3);
    cli_ok(&scene->ann, "db history-store migrate-from-local");
    cli_scene_heal(scene);
    cli_scene_expect(scene, "SELECT count(*) FROM @run_results", "4");
}

/* Every kind of change to rows that the store has already. */
static void an_update_during_an_outage_is_queued(void **state)
{
    static const char *const updates[] = {
        "review 1 --accept low", "apply 1 --yes",    "rollback 1 --yes", "ask who orders?",
        "session end 1",         "session resume 1", "session new",      "session delete 1 --yes"};
    CliScene *scene = *state;
    cli_team_work(&scene->ann);
    cli_ok(&scene->ann, "ask which tables hold an email?");
    assert_int_equal(cli_queued(&scene->ann), 0);
    cli_scene_cut(scene);
    for (size_t i = 0; i < sizeof updates / sizeof *updates; i++) {
        const char *last = support_sqlite_value(scene->ann.history, "SELECT seq FROM origin");
        char *moved =
            text_format("SELECT count(*) > 0 FROM outbox WHERE state = 'queued' AND seq > %s", last);
        SupportRun run = cli_ok(&scene->ann, "%s", updates[i]);
        char *told = text_format("queued, %lld pending", cli_queued(&scene->ann));
        cli_scene_expect_local(scene, moved, "1");
        cli_shows(run.err, told);
        cli_team_assert_sound(&scene->ann);
        free(told);
        free(moved);
    }
    assert_string_equal(status(&scene->ann, "in_sync"), "null");
    cli_scene_heal(scene);
    cli_scene_expect(scene, "SELECT count(*) FROM @apply_events WHERE kind = 'rollback'", "4");
    cli_scene_expect(scene, "SELECT count(*) FROM @session_turns WHERE deleted_at IS NULL", "0");
}

/* The store has the run as running: its process dies before it could write the end, which another amx finds
 * out, in an outage that outlasts many tries. */
static void a_run_that_ends_in_an_outage_ends_in_the_store(void **state)
{
    CliScene *scene = *state;
    support_sqlite(scene->ann.history,
                   "CREATE TRIGGER no_end BEFORE UPDATE OF status ON runs BEGIN SELECT RAISE(IGNORE); END;"
                   "CREATE TRIGGER still_on BEFORE DELETE ON settings WHEN OLD.key LIKE 'running.%' BEGIN "
                   "SELECT RAISE(IGNORE); END");
    cli_team_work(&scene->ann);
    cli_scene_expect(scene, "SELECT status FROM @runs", "running");

    cli_scene_cut(scene);
    support_sqlite(scene->ann.history, "DROP TRIGGER no_end; DROP TRIGGER still_on");
    cli_shows(cli_ok(&scene->ann, "history list").err, "interrupted");
    assert_int_equal(cli_queued(&scene->ann), 1);
    for (int tries = 0; tries < 6; tries++) {
        cli_expect(&scene->ann, 3, "db history-store flush-pending");
    }
    assert_int_equal(cli_queued(&scene->ann), 1);
    cli_scene_expect(scene, "SELECT status FROM @runs", "running");
    cli_scene_heal(scene);
    cli_scene_expect(scene, "SELECT string_agg(status, ',') FROM @runs", "interrupted");
}

/* The run's own mark was given up, the store is back, and one of its results is decided. */
static void results_never_come_without_their_run(void **state)
{
    CliScene *scene = *state;
    cli_scene_cut(scene);
    cli_team_work(&scene->ann);
    cli_ok(&scene->ann, "db history-store drop-pending");
    assert_string_equal(status(&scene->ann, "dropped"), "5");
    cli_scene_mend(scene);
    decide(&scene->ann, 1, "Name of the customer.");
    cli_ok(&scene->ann, "db history-store flush-pending");
    cli_scene_expect(scene,
                     "SELECT count(*) FROM @run_results JOIN @runs USING (origin_id) WHERE run_id = "
                     "@runs.local_id",
                     "1");
    cli_scene_expect(scene, "SELECT count(*) FROM @run_results", "1");
    assert_string_equal(status(&scene->ann, "in_sync"), "false"); /* three are still given up, and counted */
    cli_ok(&scene->ann, "db history-store migrate-from-local");
    cli_scene_heal(scene);
    cli_scene_expect(scene, "SELECT count(*) FROM @run_results", "4");
}

/* Queueing is made to fail: the row is not written either, with the store in reach and without. */
static void what_cannot_be_queued_is_not_recorded(void **state)
{
    static const char *const writes[] = {"run --all customer", "review 1 --accept low", "session new",
                                         "ask which tables hold an email?", "db history-store disable"};
    CliScene *scene = *state;
    cli_team_work(&scene->ann);
    const char *contents = "SELECT (SELECT count(*) FROM runs) || ',' || (SELECT count(*) FROM sessions) || "
                           "',' || (SELECT row_version FROM origin) || ',' || (SELECT enabled FROM origin)";
    const char *before = support_sqlite_value(scene->ann.history, contents);
    support_sqlite(scene->ann.history, "CREATE TRIGGER no_marks BEFORE INSERT ON outbox BEGIN SELECT "
                                       "RAISE(ABORT, 'no mark can be made'); END");
    for (int cut = 0; cut < 2; cut++) {
        for (size_t i = 0; i < sizeof writes / sizeof *writes; i++) {
            SupportRun run = cli_expect(&scene->ann, 1, "%s", writes[i]);
            cli_shows(run.err, "no mark can be made");
            cli_scene_expect_local(scene, contents, before);
        }
        cli_scene_cut(scene);
    }
    support_sqlite(scene->ann.history, "DROP TRIGGER no_marks");
    cli_team_work(&scene->ann);
    cli_scene_heal(scene);
    cli_scene_expect(scene, "SELECT count(*) FROM @runs", "2");
}

/* The store has it, the reply is lost, again and again. */
static void resend_after_lost_replies(CliScene *scene)
{
    relay_set(scene->relay, RELAY_RESET, RELAY_AFTER_COMMIT, NULL);
    cli_team_work(&scene->ann);
    cli_scene_expect(scene, "SELECT count(*) FROM @runs", "1");
    for (int tries = 0; tries < 3; tries++) {
        cli_expect(&scene->ann, 3, "db history-store flush-pending");
        assert_int_equal(cli_queued(&scene->ann), CLI_TEAM_ROWS);
    }
    assert_int_equal(relay_strikes(scene->relay), 4);
}

static void a_run_that_is_sent_five_times_is_there_once(void **state)
{
    CliScene *scene = *state;
    resend_after_lost_replies(scene);
    cli_scene_heal(scene);
    cli_scene_expect(scene, "SELECT count(*) FROM @runs", "1");
    cli_scene_expect(scene, "SELECT count(*) FROM @run_results", "4");
    /* the store itself can't hold a row twice */
    for (int i = 0; i < SYNCED_TABLE_COUNT; i++) {
        char *again = text_format("WITH twice AS (INSERT INTO @%s SELECT * FROM @%s ON CONFLICT DO NOTHING "
                                  "RETURNING 1) SELECT count(*) FROM twice",
                                  synced_tables[i].name, synced_tables[i].name);
        cli_scene_expect(scene, again, "0");
        free(again);
    }
}

static void a_retry_counts_nothing_and_tells_nothing_twice(void **state)
{
    CliScene *scene = *state;
    resend_after_lost_replies(scene);
    cli_scene_expect(scene, "SELECT planned || ' ' || drafted || ' ' || failed FROM @runs", "4 4 0");
    cli_ok(&scene->ann, "review 1 --accept low");
    cli_ok(&scene->ann, "apply 1 --yes");
    cli_scene_heal(scene);
    cli_scene_expect(scene, "SELECT planned || ' ' || drafted || ' ' || failed FROM @runs", "4 4 0");
    cli_scene_expect(scene, "SELECT count(*) FROM @apply_events", "4");
    cli_scene_expect(scene, "SELECT string_agg(kind, ',' ORDER BY local_id) FROM @app_events",
                     "enable,flush");
}

static bool waits_for_a_lock(void *context)
{
    const CliScene *scene = context;
    return strcmp(cli_store_value(&scene->store, "SELECT count(*) FROM pg_stat_activity WHERE "
                                                 "wait_event_type = 'Lock' AND datname = current_database()"),
                  "0") != 0;
}

/* An older state waits in the queue, then is on its way, when the newer one is written. */
static void an_older_state_never_comes_after_a_newer(void **state)
{
    CliScene *scene = *state;
    cli_team_work(&scene->ann);
    cli_scene_cut(scene);
    decide(&scene->ann, 1, "First.");
    cli_scene_mend(scene);
    decide(&scene->ann, 1, "Second.");
    cli_scene_heal(scene);
    cli_scene_expect(scene, DECIDED, "Second.");

    cli_scene_cut(scene);
    decide(&scene->ann, 1, "Third.");
    cli_scene_mend(scene);
    PGconn *other = PQconnectdb(scene->store.where);
    PQclear(PQexec(other, "BEGIN; LOCK TABLE amx.run_results"));
    CliProcess flush = cli_start(&scene->ann, "db history-store flush-pending");
    assert_true(support_wait(waits_for_a_lock, scene));
    decide(&scene->ann, 1, "Fourth.");
    PQfinish(other);
    assert_int_equal(cli_wait(&flush).exit_code, 0);
    cli_scene_heal(scene);
    cli_scene_expect(scene, DECIDED, "Fourth.");
    cli_scene_heal(scene); /* nothing old is left that could still be sent */
    cli_scene_expect(scene, DECIDED, "Fourth.");
}

static void at_the_time(const CliScene *scene, const char *jump, const char *words)
{
    char *command = text_format(PRELOAD FAKETIME " FAKETIME=%s \"$AMX\" %s", jump, words);
    SupportRun run = support_shell(scene->ann.env, command);
    if (run.exit_code != 0) {
        fail_msg("%s: exit %d: %s", command, run.exit_code, run.err);
    }
    free(command);
}

/* Each write is ten years older than the one before; the queue keeps the order in which they were made. */
static void the_queue_does_not_go_by_the_clock(void **state)
{
    CliScene *scene = *state;
    if (access(FAKETIME, R_OK)) {
        skip();
    }
    cli_scene_cut(scene);
    at_the_time(scene, "+3650d", "run --all customer");
    at_the_time(scene, "+0d", "review 1 --accept low");
    at_the_time(scene, "-3650d", "session new --title Past");
    at_the_time(scene, "-7300d", "ask which tables hold an email?");
    const char *list = cli_ok(&scene->ann, "db history-store list-pending --json").out;
    static const char *const order[] = {"runs",        "run_results", "run_results",   "run_results",
                                        "run_results", "sessions",    "session_turns", "session_turns"};
    assert_int_equal(cli_json_number(list, "items.#"), sizeof order / sizeof *order);
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        char *path = text_format("items.%zu.table", i);
        assert_string_equal(cli_json(list, path), order[i]);
        free(path);
    }
    assert_true(strcmp(cli_json(list, "items.0.queued_at"), cli_json(list, "items.7.queued_at")) > 0);
    cli_scene_heal(scene);
    /* the decision is newer than the draft, though its time is ten years before */
    cli_scene_expect(scene,
                     "SELECT count(*) FROM @run_results WHERE evaluation = 'accepted' AND evaluated_at < "
                     "created_at",
                     "4");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, cli_scene_set_up, cli_scene_tear_down)
#define TEST_OFF(name) cmocka_unit_test_setup_teardown(name, cli_scene_set_up_off, cli_scene_tear_down)

int main(int argc, char **argv)
{
    cmocka_set_test_filter(argc > 1 ? argv[1] : NULL); /* a glob: these tests only */
    const struct CMUnitTest tests[] = {
        TEST_OFF(a_failed_bootstrap_is_not_called_in_sync),
        TEST(an_update_during_an_outage_is_queued),
        TEST(a_run_that_ends_in_an_outage_ends_in_the_store),
        TEST(results_never_come_without_their_run),
        TEST(what_cannot_be_queued_is_not_recorded),
        TEST(a_run_that_is_sent_five_times_is_there_once),
        TEST(a_retry_counts_nothing_and_tells_nothing_twice),
        TEST(an_older_state_never_comes_after_a_newer),
        TEST(the_queue_does_not_go_by_the_clock),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
