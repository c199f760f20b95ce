/* Applies and rollbacks that are cut off while the database commits them: nobody can know then whether they
 * are written. The database is asked, and a rollback restores every text exactly. */
#include <libpq-fe.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "cut_shop.h"
#include "text.h"

typedef struct Cut {
    long moment;
    RelayFault fault;
    int signal; /* 0: none */
    int exit_code;
    bool committed;
    const char *sqlstate; /* of RELAY_ERROR */
} Cut;

static const Cut cuts[] = {
    {RELAY_AT_COMMIT, RELAY_FREEZE, SIGINT, 130, false, NULL},
    {RELAY_AFTER_COMMIT, RELAY_FREEZE, SIGINT, 130, true, NULL},
    {RELAY_AT_COMMIT, RELAY_RESET, 0, 3, false, NULL},
    {RELAY_AFTER_COMMIT, RELAY_RESET, 0, 3, true, NULL},
    {RELAY_AT_COMMIT, RELAY_FREEZE, SIGKILL, 128 + SIGKILL, false, NULL},
    {RELAY_AFTER_COMMIT, RELAY_FREEZE, SIGKILL, 128 + SIGKILL, true, NULL},
    {RELAY_AT_COMMIT, RELAY_ERROR, 0, 1, false, "40003"}, /* statement_completion_unknown */
};
#define CUTS (sizeof cuts / sizeof *cuts)

/* Starts what a relay cuts off at a moment of its commit. */
static CliProcess start_through(CutShop *shop, const Cut *cut, const char *words)
{
    relay_set(shop->relay, cut->fault, cut->moment, cut->sqlstate);
    CliProcess process = cli_start(&shop->ann, "%s", words);
    assert_true(support_wait(cut_shop_has_struck, shop));
    return process;
}

static void cut_off(CutShop *shop, const Cut *cut, const char *words)
{
    CliProcess process = start_through(shop, cut, words);
    if (cut->signal) {
        kill(process.pid, cut->signal);
    }
    SupportRun run = cli_wait(&process);
    assert_int_equal(run.exit_code, cut->exit_code);
    if (cut->signal != SIGKILL) {
        cli_shows(run.err, "whether it is written is not known");
    }
    cut_shop_mend(shop);
}

static void an_apply_cut_off_in_its_commit_is_settled_by_the_database(void **state)
{
    CutShop *shop = *state;
    for (size_t i = 0; i < CUTS; i++) {
        cut_off(shop, &cuts[i], "apply 1 --yes");
        assert_string_equal(cut_shop_events(shop), "apply pending");
        cut_shop_expect_restored(shop,
                                 cuts[i].committed ? "apply applied, rollback applied" : "apply interrupted");
        support_sqlite(shop->ann.history, "DELETE FROM apply_events");
    }
}

static void a_rollback_cut_off_in_its_commit_is_settled_by_the_database(void **state)
{
    CutShop *shop = *state;
    for (size_t i = 0; i < CUTS; i++) {
        cli_ok(&shop->ann, "apply 1 --yes");
        cut_off(shop, &cuts[i], "rollback 1 --yes");
        assert_string_equal(cut_shop_events(shop), "apply applied, rollback pending");
        cut_shop_expect_restored(shop, cuts[i].committed
                                           ? "apply applied, rollback applied"
                                           : "apply applied, rollback interrupted, rollback applied");
        support_sqlite(shop->ann.history, "DELETE FROM apply_events");
    }
}

/* The next one is an apply: what was written is not written again. */
static void an_apply_after_a_lost_reply_finds_its_texts_written(void **state)
{
    CutShop *shop = *state;
    cut_off(shop, &cuts[3], "apply 1 --yes");
    SupportRun run = cli_ok(&shop->ann, "apply 1 --yes");
    char *told = text_format("the database says: %s written, 0 not written",
                             support_sqlite_value(shop->ann.history, "SELECT count(*) FROM apply_events"));
    cli_shows(run.err, told);
    cli_shows(run.err, "nothing to do");
    assert_string_equal(cut_shop_events(shop), "apply applied");
    free(told);
    cut_shop_expect_restored(shop, "apply applied, rollback applied");
}

/* A run heals too, and what was never in doubt costs no connection. */
static void a_run_settles_what_was_cut_off(void **state)
{
    CutShop *shop = *state;
    cut_off(shop, &cuts[3], "apply 1 --yes");
    cli_shows(cli_ok(&shop->ann, "run part_0").err, "cut off");
    assert_string_equal(cut_shop_events(shop), "apply applied");
    cli_hides(cli_ok(&shop->ann, "run part_0").err, "cut off");
    relay_set(shop->relay, RELAY_RESET, 0, NULL);
    cli_shows(cli_ok(&shop->ann, "apply 1 --yes").err, "nothing to do");
    assert_int_equal(relay_strikes(shop->relay), 0);
    cut_shop_expect_restored(shop, "apply applied, rollback applied");
}

static void texts_that_others_changed_meanwhile_are_told_and_left_alone(void **state)
{
    CutShop *shop = *state;
    cut_off(shop, &cuts[3], "apply 1 --yes");
    support_sql(shop->where, "COMMENT ON COLUMN part_1.customer_name_3 IS 'Bob was here.'; "
                             "ALTER TABLE part_2 DROP COLUMN customer_name_1");
    SupportRun run = cli_expect(&shop->ann, 5, "rollback 1 --yes");
    cli_shows(run.err, "2 neither (public.part_1.customer_name_3, public.part_2.customer_name_1)");
    cli_shows(run.err,
              "public.part_1.customer_name_3: says something else than what was applied; left alone");
    cli_shows(cut_shop_comments(shop), "Bob was here.");
    assert_string_equal(support_sqlite_value(shop->ann.history,
                                             "SELECT count(*) FROM apply_events WHERE outcome = 'pending'"),
                        "0");
    assert_string_equal(
        support_sqlite_value(shop->ann.history,
                             "SELECT apply_error FROM run_results WHERE table_name = 'part_1' "
                             "AND column_name = 'customer_name_3'"),
        "not known whether it was written; the database says: Bob was here.");
    cli_expect(&shop->ann, 1, "rollback 1 --yes"); /* only bob's text is left */
    /* bob takes it back: the text of the apply stands there again, and is restored */
    char *again = text_format("COMMENT ON COLUMN part_1.customer_name_3 IS '%s'",
                              support_sqlite_value(shop->ann.history,
                                                   "SELECT chosen_text FROM run_results WHERE table_name = "
                                                   "'part_1' AND column_name = 'customer_name_3'"));
    support_sql(shop->where, again);
    free(again);
    cli_ok(&shop->ann, "rollback 1 --yes");
    assert_int_equal(strcmp(cut_shop_comments(shop), shop->before), 0);
}

/* Every transaction that writes a comment waits in its COMMIT for whoever holds the advisory lock 1. */
static const char commits_wait_sql[] =
    "CREATE SCHEMA hooks; CREATE TABLE hooks.commits(at int);"
    "CREATE FUNCTION hooks.wait() RETURNS trigger LANGUAGE plpgsql SET lock_timeout = 0 AS "
    "'BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NULL; END';"
    "CREATE CONSTRAINT TRIGGER waits AFTER INSERT ON hooks.commits DEFERRABLE INITIALLY DEFERRED "
    "FOR EACH ROW EXECUTE FUNCTION hooks.wait();"
    "CREATE FUNCTION hooks.note() RETURNS event_trigger LANGUAGE plpgsql AS "
    "'BEGIN INSERT INTO hooks.commits VALUES (1); END';"
    "CREATE EVENT TRIGGER notes ON ddl_command_end WHEN TAG IN ('COMMENT') EXECUTE FUNCTION hooks.note()";

/* The server still holds the transaction, under whatever name it was begun: nobody can say yet how it ends.
 */
static void nothing_is_settled_while_the_database_still_commits(void **state)
{
    CutShop *shop = *state;
    cli_set(&shop->ann, "PGAPPNAME=cron");
    support_sql(shop->where, commits_wait_sql);
    PGconn *other = PQconnectdb(shop->where);
    PQclear(PQexec(other, "SELECT pg_advisory_lock(1)"));
    CliProcess process = cli_start(&shop->ann, "apply 1 --yes");
    assert_true(support_wait(cut_shop_waits_for_a_lock, shop));
    kill(process.pid, SIGKILL);
    cli_wait(&process);
    cli_shows(cli_expect(&shop->ann, 1, "rollback 1 --yes").err, "still under way");
    assert_string_equal(cut_shop_events(shop), "apply pending");
    PQfinish(other);
    assert_true(support_wait(cut_shop_nobody_writes, shop));
    assert_string_equal(cut_shop_comments(shop), shop->after); /* it landed after all */
    support_sql(shop->where, "DROP EVENT TRIGGER notes; DROP SCHEMA hooks CASCADE");
    cut_shop_expect_restored(shop, "apply applied, rollback applied");
}

/* What a teammate writes at this moment says nothing about one's own transaction, which is over. */
static void a_teammate_who_writes_does_not_delay_what_is_settled(void **state)
{
    CutShop *shop = *state;
    cut_off(shop, &cuts[2], "apply 1 --yes");
    assert_true(support_wait(cut_shop_nobody_writes, shop));
    char *conninfo = text_format("%s application_name=amx", shop->where);
    PGconn *other = PQconnectdb(conninfo);
    PQclear(PQexec(other, "BEGIN; COMMENT ON COLUMN part_1.customer_name_3 IS 'On its way.'"));
    cli_shows(cli_ok(&shop->ann, "rollback 1 --yes").err, "0 written");
    assert_string_equal(cut_shop_events(shop), "apply interrupted");
    PQfinish(other);
    free(conninfo);
    cut_shop_expect_restored(shop, "apply interrupted");
}

/* Bob writes after it was noted what stands there, and before it is replaced; then the reply is lost. */
static void a_text_that_came_at_the_last_moment_is_what_a_rollback_restores(void **state)
{
    CutShop *shop = *state;
    sqlite3 *other = NULL;
    sqlite3_open(shop->ann.history, &other);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    relay_set(shop->relay, RELAY_RESET, RELAY_AFTER_COMMIT, NULL);
    CliProcess process = cli_start(&shop->ann, "apply 1 --yes");
    assert_true(support_wait(cut_shop_has_looked, shop));
    support_sql(shop->where, "COMMENT ON COLUMN part_1.customer_name_3 IS 'Bob was here.'");
    sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL);
    sqlite3_close(other);
    assert_int_equal(cli_wait(&process).exit_code, 3);
    assert_string_equal(cut_shop_comments(shop), shop->after);
    cut_shop_mend(shop);
    cli_ok(&shop->ann, "rollback 1 --yes");
    assert_string_equal(cut_shop_events(shop), "apply applied, rollback applied");
    cli_shows(cut_shop_comments(shop), "Bob was here.");
}

/* A rollback that was not written says nothing against what was applied. */
static void a_rollback_that_is_not_known_of_leaves_its_results_as_they_were(void **state)
{
    CutShop *shop = *state;
    cli_ok(&shop->ann, "apply 1 --yes");
    cut_off(shop, &cuts[3], "rollback 1 --yes");
    support_sql(shop->where, "COMMENT ON COLUMN part_1.customer_name_3 IS 'Bob was here.'");
    cli_shows(cli_ok(&shop->ann, "run part_0").err, "1 neither");
    assert_string_equal(cut_shop_events(shop), "apply applied, rollback applied, rollback unknown");
    assert_string_equal(
        support_sqlite_value(shop->ann.history,
                             "SELECT count(*) FROM run_results WHERE apply_error IS NOT NULL"),
        "0");
}

/* Another amx works on the run at this moment: its events are its own. */
static void what_another_amx_works_on_is_not_settled(void **state)
{
    CutShop *shop = *state;
    CliProcess process = start_through(shop, &cuts[5], "apply 1 --yes");
    cut_shop_mend(shop);
    cli_hides(cli_ok(&shop->ann, "run part_0").err, "cut off");
    assert_string_equal(cut_shop_events(shop), "apply pending");
    kill(process.pid, SIGKILL);
    cli_wait(&process);
    cut_shop_expect_restored(shop, "apply applied, rollback applied");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, cut_shop_set_up, cut_shop_tear_down)

int main(int argc, char **argv)
{
    cmocka_set_test_filter(argc > 1 ? argv[1] : NULL); /* a glob: these tests only */
    const struct CMUnitTest tests[] = {
        TEST(an_apply_cut_off_in_its_commit_is_settled_by_the_database),
        TEST(a_rollback_cut_off_in_its_commit_is_settled_by_the_database),
        TEST(an_apply_after_a_lost_reply_finds_its_texts_written),
        TEST(a_run_settles_what_was_cut_off),
        TEST(texts_that_others_changed_meanwhile_are_told_and_left_alone),
        TEST(nothing_is_settled_while_the_database_still_commits),
        TEST(a_teammate_who_writes_does_not_delay_what_is_settled),
        TEST(a_text_that_came_at_the_last_moment_is_what_a_rollback_restores),
        TEST(a_rollback_that_is_not_known_of_leaves_its_results_as_they_were),
        TEST(what_another_amx_works_on_is_not_settled),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
