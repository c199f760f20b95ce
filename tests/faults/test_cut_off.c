/* Applies and rollbacks that are cut off: by ^C, by a lost connection, by the end of the program. Afterwards
 * the history tells what the database says, and a rollback restores every text exactly. */
#include <libpq-fe.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "cli_store.h"
#include "cli.h"
#include "relay.h"
#include "terminal.h"
#include "text.h"

#define COLUMNS 40

/* Ann documents a database, on PostgreSQL through a relay, or in a file. */
typedef struct Shop {
    Cli ann;
    Relay *relay;      /* or NULL */
    const char *where; /* conninfo past the relay, or path */
    const char *before;
    const char *after; /* what all comments say before and after the apply */
} Shop;

static const char comments_sql[] =
    "SELECT string_agg(objoid::regclass || '.' || objsubid || ' ' || description, chr(10) ORDER BY objoid, "
    "objsubid) FROM pg_description WHERE objoid IN (SELECT oid FROM pg_class WHERE relnamespace = "
    "'public'::regnamespace)";

/* All of them, as one text. */
static const char *comments(const Shop *shop)
{
    if (shop->relay) {
        return support_sql_value(shop->where, comments_sql);
    }
    bool some = strcmp(support_sqlite_value(shop->where, "SELECT count(*) FROM sqlite_schema WHERE name = "
                                                         "'amx_comments'"),
                       "0") != 0;
    return some ? support_sqlite_value(shop->where, "SELECT group_concat(table_name || '.' || column_name || "
                                                    "' ' || comment, char(10)) FROM (SELECT * FROM "
                                                    "amx_comments ORDER BY table_name, column_name)")
                : "";
}

static char *tables(bool postgresql)
{
    Text sql = {0};
    for (int table = 0; table < 3; table++) {
        text_addf(&sql, "CREATE TABLE part_%d (id INTEGER PRIMARY KEY", table);
        for (int column = 0; column < COLUMNS; column++) {
            text_addf(&sql, ", customer_name_%d TEXT", column);
        }
        text_add(&sql, ");");
        for (int column = 0; postgresql && column < COLUMNS; column += 7) {
            text_addf(&sql, "COMMENT ON COLUMN part_%d.customer_name_%d IS 'Old text %d.';", table, column,
                      column);
        }
    }
    return text_take(&sql);
}

/* A run is reviewed; what an apply of it writes is known. */
static int set_up(void **state, bool postgresql)
{
    Shop *shop = calloc(1, sizeof *shop);
    char *sql = tables(postgresql);
    char *profile;
    if (postgresql) {
        char *path = text_format("%s/.s.PGSQL.%d", support_server()->socket, support_server()->port);
        shop->relay = relay_start(path);
        shop->where = support_database();
        support_sql(shop->where, sql);
        profile =
            text_format("backend = postgresql\n conninfo = \"host=127.0.0.1 port=%d user=tester "
                        "dbname=%s\"",
                        relay_port(shop->relay), support_sql_value(shop->where, "SELECT current_database()"));
        free(path);
    } else {
        shop->where = support_file(support_folder(), "shop.db", "");
        support_sqlite(shop->where, sql);
        profile = text_format("backend = sqlite\n path = \"%s\"", shop->where);
    }
    shop->ann = cli_new("ann", "db_profile shop {\n %s\n}\n", profile);
    cli_ok(&shop->ann, "run --all");
    cli_ok(&shop->ann, "review 1 --accept low");
    shop->before = comments(shop);
    cli_ok(&shop->ann, "apply 1 --yes");
    shop->after = comments(shop);
    cli_ok(&shop->ann, "rollback 1 --yes");
    assert_string_equal(comments(shop), shop->before);
    support_sqlite(shop->ann.history, "DELETE FROM apply_events");
    free(profile);
    free(sql);
    *state = shop;
    return 0;
}

static int set_up_postgresql(void **state)
{
    return set_up(state, true);
}

static int set_up_file(void **state)
{
    return set_up(state, false);
}

static int tear_down(void **state)
{
    Shop *shop = *state;
    terminal_teardown(NULL);
    if (shop->relay) {
        relay_stop(shop->relay);
    }
    free(shop);
    return 0;
}

static const char *events(const Shop *shop)
{
    return support_sqlite_value(
        shop->ann.history, "SELECT group_concat(kind || ' ' || outcome, ', ') FROM (SELECT kind, outcome "
                           "FROM apply_events GROUP BY kind, outcome ORDER BY min(local_id))");
}

static void mend(const Shop *shop)
{
    if (shop->relay) {
        relay_set(shop->relay, RELAY_PASS, 0, NULL);
    }
}

static bool nobody_writes(void *context)
{
    const Shop *shop = context;
    return !shop->relay ||
           strcmp(support_sql_value(shop->where, "SELECT count(*) FROM pg_locks WHERE mode = "
                                                 "'ShareUpdateExclusiveLock' AND database = (SELECT oid FROM "
                                                 "pg_database WHERE datname = current_database())"),
                  "0") == 0;
}

/* After a cut-off apply or rollback: the history tells `story`, everything is as it was before the apply, and
 * a further apply and rollback go as ever. */
static void expect_restored(Shop *shop, const char *story)
{
    mend(shop);
    assert_true(support_wait(nobody_writes, shop));
    cli_ok(&shop->ann, "rollback 1 --yes");
    assert_string_equal(comments(shop), shop->before);
    assert_string_equal(events(shop), story);
    assert_string_equal(support_sqlite_value(shop->ann.history,
                                             "SELECT count(*) FROM run_results WHERE applied_at IS NOT NULL"),
                        "0");
    cli_shows(cli_ok(&shop->ann, "rollback 1 --yes").err, "nothing to do");
    cli_ok(&shop->ann, "apply 1 --yes");
    assert_string_equal(comments(shop), shop->after);
    cli_ok(&shop->ann, "rollback 1 --yes");
    assert_string_equal(comments(shop), shop->before);
    assert_string_equal(
        support_sqlite_value(shop->ann.history, "SELECT count(*) FROM settings WHERE key LIKE 'applying.%'"),
        "0");
}

static bool has_struck(void *context)
{
    return relay_strikes(((Shop *)context)->relay) > 0;
}

/* ---- ^C before the commit ---- */

static bool has_looked(void *context)
{
    const Shop *shop = context;
    return strcmp(support_sql_value(shop->where, "SELECT count(*) FROM pg_stat_activity WHERE datname = "
                                                 "current_database() AND state = 'idle' AND query LIKE "
                                                 "'%pg_description%' AND application_name = 'amx'"),
                  "0") != 0;
}

static bool waits_for_a_lock(void *context)
{
    const Shop *shop = context;
    return strcmp(support_sql_value(shop->where, "SELECT count(*) FROM pg_stat_activity WHERE "
                                                 "wait_event_type = 'Lock' AND datname = current_database()"),
                  "0") != 0;
}

/* It hangs at history.db, after it looked at the database and before it writes. */
static SupportRun interrupt_before_writing(Shop *shop, const char *words)
{
    sqlite3 *other = NULL;
    sqlite3_open(shop->ann.history, &other);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    CliProcess process = cli_start(&shop->ann, "%s", words);
    assert_true(support_wait(has_looked, shop));
    kill(process.pid, SIGINT);
    sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL);
    sqlite3_close(other);
    return cli_wait(&process);
}

/* It hangs at a table that somebody else keeps locked, in the middle of its transaction. */
static SupportRun interrupt_while_writing(Shop *shop, const char *words)
{
    PGconn *other = PQconnectdb(shop->where);
    PQclear(PQexec(other, "BEGIN; LOCK TABLE part_1 IN SHARE UPDATE EXCLUSIVE MODE"));
    CliProcess process = cli_start(&shop->ann, "%s", words);
    assert_true(support_wait(waits_for_a_lock, shop));
    kill(process.pid, SIGINT);
    SupportRun run = cli_wait(&process);
    PQfinish(other);
    return run;
}

static void an_apply_that_is_interrupted_before_its_commit_wrote_nothing(void **state)
{
    Shop *shop = *state;
    SupportRun run = interrupt_before_writing(shop, "apply 1 --yes");
    assert_int_equal(run.exit_code, 130);
    cli_shows(run.err, "apply of run 1 was interrupted: nothing was written");
    cli_shows(run.err, "amx apply 1");
    assert_string_equal(events(shop), ""); /* not even noted */

    run = interrupt_while_writing(shop, "apply 1 --yes");
    assert_int_equal(run.exit_code, 130);
    cli_shows(run.err, "apply of run 1 was interrupted: nothing was written");
    assert_string_equal(comments(shop), shop->before);
    assert_string_equal(events(shop), "apply interrupted"); /* at once */
    assert_string_equal(support_sqlite_value(shop->ann.history, "SELECT count(*) FROM apply_events WHERE "
                                                                "old_text LIKE 'Old text %.'"),
                        "18"); /* and what was there is still told */
    expect_restored(shop, "apply interrupted");
}

/* A delivery that began all the same would meet the missing schema, and say so. */
static void one_interrupt_ends_an_apply_and_the_delivery_behind_it(void **state)
{
    Shop *shop = *state;
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
    Shop *shop = *state;
    cli_ok(&shop->ann, "apply 1 --yes");
    SupportRun run = interrupt_before_writing(shop, "rollback 1 --yes");
    assert_int_equal(run.exit_code, 130);
    cli_shows(run.err, "rollback of run 1 was interrupted: nothing was restored");
    cli_shows(run.err, "amx rollback 1");

    run = interrupt_while_writing(shop, "rollback 1 --yes");
    assert_int_equal(run.exit_code, 130);
    cli_shows(run.err, "rollback of run 1 was interrupted: nothing was restored");
    assert_string_equal(comments(shop), shop->after);
    assert_string_equal(events(shop), "apply applied, rollback interrupted");
    expect_restored(shop, "apply applied, rollback interrupted, rollback applied");
}

static void a_connection_lost_before_the_commit_is_settled_at_once(void **state)
{
    Shop *shop = *state;
    cli_ok(&shop->ann, "apply 1 --yes");
    PGconn *other = PQconnectdb(shop->where);
    PQclear(PQexec(other, "BEGIN; LOCK TABLE part_1 IN SHARE UPDATE EXCLUSIVE MODE"));
    CliProcess process = cli_start(&shop->ann, "rollback 1 --yes");
    assert_true(support_wait(waits_for_a_lock, shop));
    support_sql(shop->where,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = "
                "'amx' AND datname = current_database()");
    SupportRun run = cli_wait(&process);
    PQfinish(other);
    assert_int_equal(run.exit_code, 3);
    cli_shows(run.err, "nothing was restored");
    assert_string_equal(events(shop), "apply applied, rollback interrupted");
    expect_restored(shop, "apply applied, rollback interrupted, rollback applied");
}

/* ---- cut off while the database commits ---- */

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
static CliProcess start_through(Shop *shop, const Cut *cut, const char *words)
{
    relay_set(shop->relay, cut->fault, cut->moment, cut->sqlstate);
    CliProcess process = cli_start(&shop->ann, "%s", words);
    assert_true(support_wait(has_struck, shop));
    return process;
}

static void cut_off(Shop *shop, const Cut *cut, const char *words)
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
    mend(shop);
}

static void an_apply_cut_off_in_its_commit_is_settled_by_the_database(void **state)
{
    Shop *shop = *state;
    for (size_t i = 0; i < CUTS; i++) {
        cut_off(shop, &cuts[i], "apply 1 --yes");
        assert_string_equal(events(shop), "apply pending");
        expect_restored(shop, cuts[i].committed ? "apply applied, rollback applied" : "apply interrupted");
        support_sqlite(shop->ann.history, "DELETE FROM apply_events");
    }
}

static void a_rollback_cut_off_in_its_commit_is_settled_by_the_database(void **state)
{
    Shop *shop = *state;
    for (size_t i = 0; i < CUTS; i++) {
        cli_ok(&shop->ann, "apply 1 --yes");
        cut_off(shop, &cuts[i], "rollback 1 --yes");
        assert_string_equal(events(shop), "apply applied, rollback pending");
        expect_restored(shop, cuts[i].committed ? "apply applied, rollback applied"
                                                : "apply applied, rollback interrupted, rollback applied");
        support_sqlite(shop->ann.history, "DELETE FROM apply_events");
    }
}

/* The next one is an apply: what was written is not written again. */
static void an_apply_after_a_lost_reply_finds_its_texts_written(void **state)
{
    Shop *shop = *state;
    cut_off(shop, &cuts[3], "apply 1 --yes");
    SupportRun run = cli_ok(&shop->ann, "apply 1 --yes");
    char *told = text_format("the database says: %s written, 0 not written",
                             support_sqlite_value(shop->ann.history, "SELECT count(*) FROM apply_events"));
    cli_shows(run.err, told);
    cli_shows(run.err, "nothing to do");
    assert_string_equal(events(shop), "apply applied");
    free(told);
    expect_restored(shop, "apply applied, rollback applied");
}

/* A run heals too, and what was never in doubt costs no connection. */
static void a_run_settles_what_was_cut_off(void **state)
{
    Shop *shop = *state;
    cut_off(shop, &cuts[3], "apply 1 --yes");
    cli_shows(cli_ok(&shop->ann, "run part_0").err, "cut off");
    assert_string_equal(events(shop), "apply applied");
    cli_hides(cli_ok(&shop->ann, "run part_0").err, "cut off");
    relay_set(shop->relay, RELAY_RESET, 0, NULL);
    cli_shows(cli_ok(&shop->ann, "apply 1 --yes").err, "nothing to do");
    assert_int_equal(relay_strikes(shop->relay), 0);
    expect_restored(shop, "apply applied, rollback applied");
}

static void texts_that_others_changed_meanwhile_are_told_and_left_alone(void **state)
{
    Shop *shop = *state;
    cut_off(shop, &cuts[3], "apply 1 --yes");
    support_sql(shop->where, "COMMENT ON COLUMN part_1.customer_name_3 IS 'Bob was here.'; "
                             "ALTER TABLE part_2 DROP COLUMN customer_name_1");
    SupportRun run = cli_expect(&shop->ann, 5, "rollback 1 --yes");
    cli_shows(run.err, "2 neither (public.part_1.customer_name_3, public.part_2.customer_name_1)");
    cli_shows(run.err,
              "public.part_1.customer_name_3: says something else than what was applied; left alone");
    cli_shows(comments(shop), "Bob was here.");
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
    assert_int_equal(strcmp(comments(shop), shop->before), 0);
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
    Shop *shop = *state;
    cli_set(&shop->ann, "PGAPPNAME=cron");
    support_sql(shop->where, commits_wait_sql);
    PGconn *other = PQconnectdb(shop->where);
    PQclear(PQexec(other, "SELECT pg_advisory_lock(1)"));
    CliProcess process = cli_start(&shop->ann, "apply 1 --yes");
    assert_true(support_wait(waits_for_a_lock, shop));
    kill(process.pid, SIGKILL);
    cli_wait(&process);
    cli_shows(cli_expect(&shop->ann, 1, "rollback 1 --yes").err, "still under way");
    assert_string_equal(events(shop), "apply pending");
    PQfinish(other);
    assert_true(support_wait(nobody_writes, shop));
    assert_string_equal(comments(shop), shop->after); /* it landed after all */
    support_sql(shop->where, "DROP EVENT TRIGGER notes; DROP SCHEMA hooks CASCADE");
    expect_restored(shop, "apply applied, rollback applied");
}

/* What a teammate writes at this moment says nothing about one's own transaction, which is over. */
static void a_teammate_who_writes_does_not_delay_what_is_settled(void **state)
{
    Shop *shop = *state;
    cut_off(shop, &cuts[2], "apply 1 --yes");
    assert_true(support_wait(nobody_writes, shop));
    char *conninfo = text_format("%s application_name=amx", shop->where);
    PGconn *other = PQconnectdb(conninfo);
    PQclear(PQexec(other, "BEGIN; COMMENT ON COLUMN part_1.customer_name_3 IS 'On its way.'"));
    cli_shows(cli_ok(&shop->ann, "rollback 1 --yes").err, "0 written");
    assert_string_equal(events(shop), "apply interrupted");
    PQfinish(other);
    free(conninfo);
    expect_restored(shop, "apply interrupted");
}

/* Bob writes after it was noted what stands there, and before it is replaced; then the reply is lost. */
static void a_text_that_came_at_the_last_moment_is_what_a_rollback_restores(void **state)
{
    Shop *shop = *state;
    sqlite3 *other = NULL;
    sqlite3_open(shop->ann.history, &other);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    relay_set(shop->relay, RELAY_RESET, RELAY_AFTER_COMMIT, NULL);
    CliProcess process = cli_start(&shop->ann, "apply 1 --yes");
    assert_true(support_wait(has_looked, shop));
    support_sql(shop->where, "COMMENT ON COLUMN part_1.customer_name_3 IS 'Bob was here.'");
    sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL);
    sqlite3_close(other);
    assert_int_equal(cli_wait(&process).exit_code, 3);
    assert_string_equal(comments(shop), shop->after);
    mend(shop);
    cli_ok(&shop->ann, "rollback 1 --yes");
    assert_string_equal(events(shop), "apply applied, rollback applied");
    cli_shows(comments(shop), "Bob was here.");
}

/* A rollback that was not written says nothing against what was applied. */
static void a_rollback_that_is_not_known_of_leaves_its_results_as_they_were(void **state)
{
    Shop *shop = *state;
    cli_ok(&shop->ann, "apply 1 --yes");
    cut_off(shop, &cuts[3], "rollback 1 --yes");
    support_sql(shop->where, "COMMENT ON COLUMN part_1.customer_name_3 IS 'Bob was here.'");
    cli_shows(cli_ok(&shop->ann, "run part_0").err, "1 neither");
    assert_string_equal(events(shop), "apply applied, rollback applied, rollback unknown");
    assert_string_equal(
        support_sqlite_value(shop->ann.history,
                             "SELECT count(*) FROM run_results WHERE apply_error IS NOT NULL"),
        "0");
}

/* Another amx works on the run at this moment: its events are its own. */
static void what_another_amx_works_on_is_not_settled(void **state)
{
    Shop *shop = *state;
    CliProcess process = start_through(shop, &cuts[5], "apply 1 --yes");
    mend(shop);
    cli_hides(cli_ok(&shop->ann, "run part_0").err, "cut off");
    assert_string_equal(events(shop), "apply pending");
    kill(process.pid, SIGKILL);
    cli_wait(&process);
    expect_restored(shop, "apply applied, rollback applied");
}

/* ---- a file ---- */

static bool is_written(void *context)
{
    const Shop *shop = context;
    return strcmp(comments(shop), shop->after) == 0;
}

static bool is_restored(void *context)
{
    const Shop *shop = context;
    return strcmp(comments(shop), shop->before) == 0;
}

/* Recording what became of an event never ends: the program is killed between the commit and its record. */
static void kill_before_the_record(Shop *shop, const char *words, bool (*committed)(void *context))
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
    Shop *shop = *state;
    kill_before_the_record(shop, "apply 1 --yes", is_written);
    assert_string_equal(events(shop), "apply pending");
    expect_restored(shop, "apply applied, rollback applied");

    cli_ok(&shop->ann, "apply 1 --yes");
    kill_before_the_record(shop, "rollback 1 --yes", is_restored);
    SupportRun run = cli_ok(&shop->ann, "rollback 1 --yes");
    cli_shows(run.err, "cut off");
    cli_shows(run.err, "nothing to do");
    expect_restored(shop, "apply applied, rollback applied");
}

static bool is_noted(void *context)
{
    return strstr(events(context), "rollback pending") != NULL;
}

static void a_file_that_others_keep_locked_is_interrupted_without_a_trace(void **state)
{
    Shop *shop = *state;
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
    assert_string_equal(events(shop), "apply applied, rollback interrupted");
    expect_restored(shop, "apply applied, rollback interrupted, rollback applied");
}

/* ---- on the screen ---- */

static void on_the_screen_a_rollback_shows_its_bar_and_an_interrupted_one_is_told_and_made_good(void **state)
{
    Shop *shop = *state;
    cli_ok(&shop->ann, "apply 1 --yes");
    PGconn *other = PQconnectdb(shop->where);
    PQclear(PQexec(other, "BEGIN; LOCK TABLE part_2 IN SHARE UPDATE EXCLUSIVE MODE"));
    Terminal *terminal = terminal_start(shop->ann.env, 120, 30, "");
    terminal_command(terminal, "rollback 1");
    terminal_expect(terminal, "Restore");
    terminal_keys(terminal, "y", NULL);
    terminal_expect(terminal, "restoring [");
    terminal_expect(terminal, "^C stops");
    assert_true(support_wait(waits_for_a_lock, shop));
    terminal_keys(terminal, "C-c", NULL);
    terminal_expect(terminal, "rollback of run 1 was interrupted: nothing was restored");
    PQfinish(other);
    assert_string_equal(events(shop), "apply applied, rollback interrupted");
    terminal_command(terminal, "rollback 1 --yes");
    terminal_expect(terminal, "texts restored");
    assert_string_equal(comments(shop), shop->before);

    relay_set(shop->relay, RELAY_FREEZE, RELAY_AFTER_COMMIT, NULL);
    terminal_command(terminal, "apply 1 --yes");
    assert_true(support_wait(has_struck, shop));
    terminal_keys(terminal, "C-c", NULL);
    terminal_expect(terminal, "apply of run 1 was interrupted while the database committed it");
    mend(shop);
    assert_true(support_wait(nobody_writes, shop));
    terminal_command(terminal, "rollback 1 --yes");
    terminal_expect(terminal, "cut off");
    assert_true(support_wait(is_restored, shop));
    terminal_command(terminal, "db history-store");
    terminal_leave(terminal);
    expect_restored(shop, "apply applied, rollback interrupted, rollback applied");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_postgresql, tear_down)
#define TEST_FILE(name) cmocka_unit_test_setup_teardown(name, set_up_file, tear_down)

int main(int argc, char **argv)
{
    cmocka_set_test_filter(argc > 1 ? argv[1] : NULL); /* a glob: these tests only */
    const struct CMUnitTest tests[] = {
        TEST(an_apply_that_is_interrupted_before_its_commit_wrote_nothing),
        TEST(one_interrupt_ends_an_apply_and_the_delivery_behind_it),
        TEST(a_rollback_that_is_interrupted_before_its_commit_restored_nothing),
        TEST(a_connection_lost_before_the_commit_is_settled_at_once),
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
        TEST_FILE(a_program_killed_between_commit_and_record_is_made_good),
        TEST_FILE(a_file_that_others_keep_locked_is_interrupted_without_a_trace),
        TEST(on_the_screen_a_rollback_shows_its_bar_and_an_interrupted_one_is_told_and_made_good),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
