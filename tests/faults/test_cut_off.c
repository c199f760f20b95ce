/* Applies and rollbacks that are cut off by ^C, by a lost connection, by the end of the program. Afterwards
 * the history tells what the database says, and a rollback restores every text exactly. What is cut off in
 * the commit itself: test_cut_commit.c. */
#include <libpq-fe.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "cli_store.h"
#include "cut_shop.h"
#include "terminal.h"
#include "text.h"

/* ---- ^C before the commit ---- */

/* It hangs at history.db, after it looked at the database and before it writes. */
static SupportRun interrupt_before_writing(CutShop *shop, const char *words)
{
    sqlite3 *other = NULL;
    sqlite3_open(shop->ann.history, &other);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    CliProcess process = cli_start(&shop->ann, "%s", words);
    assert_true(support_wait(cut_shop_has_looked, shop));
    kill(process.pid, SIGINT);
    sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL);
    sqlite3_close(other);
    return cli_wait(&process);
}

/* It hangs at a table that somebody else keeps locked, in the middle of its transaction. */
static SupportRun interrupt_while_writing(CutShop *shop, const char *words)
{
    PGconn *other = PQconnectdb(shop->where);
    PQclear(PQexec(other, "BEGIN; LOCK TABLE part_1 IN SHARE UPDATE EXCLUSIVE MODE"));
    CliProcess process = cli_start(&shop->ann, "%s", words);
    assert_true(support_wait(cut_shop_waits_for_a_lock, shop));
    kill(process.pid, SIGINT);
    SupportRun run = cli_wait(&process);
    PQfinish(other);
    return run;
}

static void an_apply_that_is_interrupted_before_its_commit_wrote_nothing(void **state)
{
    CutShop *shop = *state;
    SupportRun run = interrupt_before_writing(shop, "apply 1 --yes");
    assert_int_equal(run.exit_code, 130);
    cli_shows(run.err, "apply of run 1 was interrupted: nothing was written");
    cli_shows(run.err, "amx apply 1");
    assert_string_equal(cut_shop_events(shop), ""); /* not even noted */

    run = interrupt_while_writing(shop, "apply 1 --yes");
    assert_int_equal(run.exit_code, 130);
    cli_shows(run.err, "apply of run 1 was interrupted: nothing was written");
    assert_string_equal(cut_shop_comments(shop), shop->before);
    assert_string_equal(cut_shop_events(shop), "apply interrupted"); /* at once */
    assert_string_equal(support_sqlite_value(shop->ann.history, "SELECT count(*) FROM apply_events WHERE "
                                                                "old_text LIKE 'Old text %.'"),
                        "18"); /* and what was there is still told */
    cut_shop_expect_restored(shop, "apply interrupted");
}

/* A delivery that began all the same would meet the missing schema, and say so. */
static void one_interrupt_ends_an_apply_and_the_delivery_behind_it(void **state)
{
    CutShop *shop = *state;
    cli_ok(&shop->ann, "db history-store enable --profile shop");
    support_sql(shop->where, "ALTER SCHEMA amx RENAME TO away");
    SupportRun run = interrupt_while_writing(shop, "apply 1 --yes");
    assert_int_equal(run.exit_code, 130);
    cli_shows(run.err, "apply of run 1 was interrupted: nothing was written");
    cli_hides(run.err, "pending");
    cli_hides(run.err, "dropped");
    support_sql(shop->where, "ALTER SCHEMA away RENAME TO amx");
    cli_ok(&shop->ann, "session new --title next"); /* which delivers what that left */
    assert_int_equal(cli_queued(&shop->ann), 0);
}

static void a_rollback_that_is_interrupted_before_its_commit_restored_nothing(void **state)
{
    CutShop *shop = *state;
    cli_ok(&shop->ann, "apply 1 --yes");
    SupportRun run = interrupt_before_writing(shop, "rollback 1 --yes");
    assert_int_equal(run.exit_code, 130);
    cli_shows(run.err, "rollback of run 1 was interrupted: nothing was restored");
    cli_shows(run.err, "amx rollback 1");

    run = interrupt_while_writing(shop, "rollback 1 --yes");
    assert_int_equal(run.exit_code, 130);
    cli_shows(run.err, "rollback of run 1 was interrupted: nothing was restored");
    assert_string_equal(cut_shop_comments(shop), shop->after);
    assert_string_equal(cut_shop_events(shop), "apply applied, rollback interrupted");
    cut_shop_expect_restored(shop, "apply applied, rollback interrupted, rollback applied");
}

static void a_connection_lost_before_the_commit_is_settled_at_once(void **state)
{
    CutShop *shop = *state;
    cli_ok(&shop->ann, "apply 1 --yes");
    PGconn *other = PQconnectdb(shop->where);
    PQclear(PQexec(other, "BEGIN; LOCK TABLE part_1 IN SHARE UPDATE EXCLUSIVE MODE"));
    CliProcess process = cli_start(&shop->ann, "rollback 1 --yes");
    assert_true(support_wait(cut_shop_waits_for_a_lock, shop));
    support_sql(shop->where,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = "
                "'amx' AND datname = current_database()");
    SupportRun run = cli_wait(&process);
    PQfinish(other);
    assert_int_equal(run.exit_code, 3);
    cli_shows(run.err, "nothing was restored");
    assert_string_equal(cut_shop_events(shop), "apply applied, rollback interrupted");
    cut_shop_expect_restored(shop, "apply applied, rollback interrupted, rollback applied");
}

/* ---- a file ---- */

static bool is_written(void *context)
{
    const CutShop *shop = context;
    return strcmp(cut_shop_comments(shop), shop->after) == 0;
}

static bool is_restored(void *context)
{
    const CutShop *shop = context;
    return strcmp(cut_shop_comments(shop), shop->before) == 0;
}

/* Recording what became of an event never ends: the program is killed between the commit and its record. */
static void kill_before_the_record(CutShop *shop, const char *words, bool (*committed)(void *context))
{
    support_sqlite(
        shop->ann.history,
        "CREATE TRIGGER endless BEFORE UPDATE OF outcome ON apply_events BEGIN SELECT count(*) FROM "
        "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n); END");
    CliProcess process = cli_start(&shop->ann, "%s", words);
    assert_true(support_wait(committed, shop));
    kill(process.pid, SIGKILL);
    assert_int_equal(cli_wait(&process).exit_code, 128 + SIGKILL);
    support_sqlite(shop->ann.history, "DROP TRIGGER endless");
}

static void a_program_killed_between_commit_and_record_is_made_good(void **state)
{
    CutShop *shop = *state;
    kill_before_the_record(shop, "apply 1 --yes", is_written);
    assert_string_equal(cut_shop_events(shop), "apply pending");
    /* what only reads history.db says that it does not know, and who decides is warned */
    SupportRun shown = cli_ok(&shop->ann, "history show 1 --json");
    assert_string_equal(cli_json(shown.out, "state"), "unknown");
    cli_shows(shown.err, "was cut off, and what it wrote is not known here");
    cli_shows(cli_ok(&shop->ann, "history list").out, "unknown");
    cli_shows(cli_ok(&shop->ann, "review 1 --result 1 --choose 1").err, "was cut off");
    cut_shop_expect_restored(shop, "apply applied, rollback applied");

    cli_ok(&shop->ann, "apply 1 --yes");
    kill_before_the_record(shop, "rollback 1 --yes", is_restored);
    SupportRun run = cli_ok(&shop->ann, "rollback 1 --yes");
    cli_shows(run.err, "cut off");
    cli_shows(run.err, "nothing to do");
    cut_shop_expect_restored(shop, "apply applied, rollback applied");
    shown = cli_ok(&shop->ann, "history show 1 --json");
    assert_string_equal(cli_json(shown.out, "state"), "rolled back");
    cli_hides(shown.err, "cut off");
}

static bool is_noted(void *context)
{
    return strstr(cut_shop_events(context), "rollback pending") != NULL;
}

static void a_file_that_others_keep_locked_is_interrupted_without_a_trace(void **state)
{
    CutShop *shop = *state;
    cli_ok(&shop->ann, "apply 1 --yes");
    sqlite3 *other = NULL;
    sqlite3_open(shop->where, &other);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    CliProcess process = cli_start(&shop->ann, "rollback 1 --yes");
    assert_true(support_wait(is_noted, shop));
    kill(process.pid, SIGINT);
    SupportRun run = cli_wait(&process);
    sqlite3_close(other);
    assert_int_equal(run.exit_code, 130);
    cli_shows(run.err, "nothing was restored");
    assert_string_equal(cut_shop_events(shop), "apply applied, rollback interrupted");
    cut_shop_expect_restored(shop, "apply applied, rollback interrupted, rollback applied");
}

/* ---- on the screen ---- */

static void on_the_screen_a_rollback_shows_its_bar_and_an_interrupted_one_is_told_and_made_good(void **state)
{
    CutShop *shop = *state;
    cli_ok(&shop->ann, "apply 1 --yes");
    PGconn *other = PQconnectdb(shop->where);
    PQclear(PQexec(other, "BEGIN; LOCK TABLE part_2 IN SHARE UPDATE EXCLUSIVE MODE"));
    Terminal *terminal = terminal_start(shop->ann.env, 120, 30, "");
    terminal_command(terminal, "rollback 1");
    terminal_expect(terminal, "Restore");
    terminal_keys(terminal, "y", NULL);
    terminal_expect(terminal, "restoring [");
    terminal_expect(terminal, "^C stops");
    assert_true(support_wait(cut_shop_waits_for_a_lock, shop));
    terminal_keys(terminal, "C-c", NULL);
    terminal_expect(terminal, "rollback of run 1 was interrupted: nothing was restored");
    PQfinish(other);
    assert_string_equal(cut_shop_events(shop), "apply applied, rollback interrupted");
    terminal_command(terminal, "rollback 1 --yes");
    terminal_expect(terminal, "texts restored");
    assert_string_equal(cut_shop_comments(shop), shop->before);

    relay_set(shop->relay, RELAY_FREEZE, RELAY_AFTER_COMMIT, NULL);
    terminal_command(terminal, "apply 1 --yes");
    assert_true(support_wait(cut_shop_has_struck, shop));
    terminal_keys(terminal, "C-c", NULL);
    terminal_expect(terminal, "apply of run 1 was interrupted while the database committed it");
    cut_shop_mend(shop);
    assert_true(support_wait(cut_shop_nobody_writes, shop));
    terminal_command(terminal, "rollback 1 --yes");
    terminal_expect(terminal, "cut off");
    assert_true(support_wait(is_restored, shop));
    terminal_command(terminal, "db history-store");
    terminal_leave(terminal);
    cut_shop_expect_restored(shop, "apply applied, rollback interrupted, rollback applied");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, cut_shop_set_up, cut_shop_tear_down)
#define TEST_FILE(name) cmocka_unit_test_setup_teardown(name, cut_shop_set_up_file, cut_shop_tear_down)

int main(int argc, char **argv)
{
    cmocka_set_test_filter(argc > 1 ? argv[1] : NULL); /* a glob: these tests only */
    const struct CMUnitTest tests[] = {
        TEST(an_apply_that_is_interrupted_before_its_commit_wrote_nothing),
        TEST(one_interrupt_ends_an_apply_and_the_delivery_behind_it),
        TEST(a_rollback_that_is_interrupted_before_its_commit_restored_nothing),
        TEST(a_connection_lost_before_the_commit_is_settled_at_once),
        TEST_FILE(a_program_killed_between_commit_and_record_is_made_good),
        TEST_FILE(a_file_that_others_keep_locked_is_interrupted_without_a_trace),
        TEST(on_the_screen_a_rollback_shows_its_bar_and_an_interrupted_one_is_told_and_made_good),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
