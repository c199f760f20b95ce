/* Applying and rolling back, where something stands in the way: what can't be written is reported by name,
 * and the rest goes on or all stops. */
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "review_decide.h"
#include "reviewed.h"
#include "text.h"

static const char shop_file[] =
    "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email VARCHAR(200));"
    "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customer, placed "
    "DATE);";

#define SQLITE_FILE "db_profile shop { backend = sqlite\n path = \"%s\" }\n"

static void all_or_nothing_writes_nothing_when_something_is_refused(void **state)
{
    (void)state;
    const char *db = reviewed_database();
    Cli ann = reviewed_new("ann", "", db);
    support_sql(db, "ALTER TABLE sales.orders DROP COLUMN placed");
    SupportRun none = cli_expect(&ann, 1, "apply 1 --yes --all-or-nothing --json");
    cli_shows(none.err, "sales.orders.placed: is not there any more");
    cli_shows(none.err, "nothing was written");
    assert_string_equal(cli_json(none.out, "applied"), "0");
    assert_string_equal(cli_json(none.out, "held"), "3");
    assert_string_equal(reviewed_comment(db, "customer", "name"), "(none)");
    assert_string_equal(reviewed_comment(db, "customer", "email"), "Where invoices go.");
    assert_string_equal(reviewed_events(&ann, "apply"), "3 held, 1 missing");
    cli_expect(&ann, 5, "apply 1 --yes");
    assert_string_equal(reviewed_comment(db, "customer", "name"), "Full name.");

    support_sql(db, "COMMENT ON COLUMN sales.customer.name IS 'By hand.'");
    cli_expect(&ann, 1, "rollback 1 --yes --all-or-nothing");
    assert_string_equal(reviewed_comment(db, "customer", "email"), "Mail.");
    cli_ok(&ann, "rollback 1 --yes --all-or-nothing --force");
    assert_string_equal(reviewed_comment(db, "customer", "email"), "Where invoices go.");
    assert_string_equal(reviewed_comment(db, "customer", "name"), "(none)");
}

static void all_or_nothing_leaves_a_file_as_it_was(void **state)
{
    (void)state;
    const char *db = support_file(support_folder(), "shop.db", "");
    support_sqlite(db, shop_file);
    Cli ann = cli_new("ann", SQLITE_FILE, db);
    cli_ok(&ann, "run");
    cli_ok(&ann, "review 1 --accept low");
    support_sqlite(db, "ALTER TABLE orders DROP COLUMN placed");
    cli_expect(&ann, 1, "apply 1 --yes --all-or-nothing");
    assert_string_equal(
        support_sqlite_value(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'amx_comments'"), "0");
    cli_expect(&ann, 5, "apply 1 --yes");
}

static void a_rollback_takes_its_texts_out_of_a_file_whose_table_was_renamed(void **state)
{
    (void)state;
    const char *db = support_file(support_folder(), "shop.db", "");
    support_sqlite(db, shop_file);
    Cli ann = cli_new("ann", SQLITE_FILE, db);
    cli_ok(&ann, "run");
    cli_ok(&ann, "review 1 --accept low");
    cli_ok(&ann, "apply 1 --yes");
    support_sqlite(db, "ALTER TABLE orders RENAME TO purchase; ALTER TABLE customer RENAME email TO mail;"
                       "UPDATE amx_comments SET comment = 'By hand.' WHERE column_name = 'placed'");
    /* what somebody changed since is left alone, what is unchanged goes */
    SupportRun partly = cli_expect(&ann, 5, "rollback 1 --yes");
    cli_shows(partly.err, "main.orders.placed: says something else than what was applied");
    cli_hides(partly.err, "any more");
    assert_string_equal(support_sqlite_value(db, "SELECT group_concat(comment) FROM amx_comments"),
                        "By hand.");
    cli_ok(&ann, "rollback 1 --yes --force");
    assert_string_equal(
        support_sqlite_value(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'amx_comments'"), "0");
    /* an apply writes nothing for what is gone */
    cli_expect(&ann, 5, "apply 1 --yes");
    assert_string_equal(
        support_sqlite_value(db, "SELECT count(*) FROM amx_comments WHERE table_name = 'orders'"), "0");
}

static void what_was_renamed_is_told_where_one_name_fits(void **state)
{
    (void)state;
    const char *db = reviewed_database();
    Cli ann = reviewed_new("ann", "", db);
    support_sql(db, "ALTER TABLE sales.customer RENAME COLUMN email TO mail;"
                    "ALTER TABLE sales.orders RENAME TO purchase");
    SupportRun partly = cli_expect(&ann, 5, "apply 1 --yes");
    cli_shows(partly.err,
              "sales.customer.email: is not there any more; the only new column of its type there "
              "is mail");
    cli_shows(partly.err, "sales.orders.placed: is not there any more; the only new table with the same "
                          "columns is sales.purchase");
    cli_shows(cli_ok(&ann, "history applies 1 --json --outcome missing").out, "sales.purchase");
    assert_string_equal(reviewed_comment(db, "customer", "mail"), "Where invoices go.");
}

static void nothing_is_guessed_where_two_names_fit(void **state)
{
    (void)state;
    const char *db = reviewed_database();
    Cli ann = reviewed_new("ann", "", db);
    support_sql(db, "ALTER TABLE sales.customer RENAME COLUMN name TO first;"
                    "ALTER TABLE sales.customer ADD last text;"
                    "CREATE TABLE sales.a (LIKE sales.orders); CREATE TABLE sales.b (LIKE sales.orders);"
                    "DROP TABLE sales.orders");
    SupportRun partly = cli_expect(&ann, 5, "apply 1 --yes");
    cli_shows(partly.err, "sales.customer.name: is not there any more");
    cli_shows(partly.err, "sales.orders.placed: is not there any more");
    cli_hides(partly.err, "renamed");
}

static void one_new_name_is_no_answer_for_two_that_are_gone(void **state)
{
    (void)state;
    const char *db = support_database();
    support_sql(db, "CREATE SCHEMA e3; CREATE TABLE e3.a (id int, v text, w text);"
                    "CREATE TABLE e3.b (id int, v text, w text)");
    Cli ann = cli_new("ann", "db_profile shop { backend = postgresql\n conninfo = \"%s\" }\n", db);
    cli_ok(&ann, "run e3");
    cli_ok(&ann, "review 1 --accept low");
    support_sql(db, "DROP TABLE e3.a; ALTER TABLE e3.b RENAME TO c");
    SupportRun none = cli_expect(&ann, 1, "apply 1 --yes");
    cli_shows(none.err, "e3.a: is not there any more");
    cli_hides(none.err, "renamed");
    /* nor is one new column for two */
    support_sql(db, "ALTER TABLE e3.c RENAME TO b; ALTER TABLE e3.b DROP v; ALTER TABLE e3.b RENAME w TO x");
    SupportRun partly = cli_expect(&ann, 5, "apply 1 --yes");
    cli_shows(partly.err, "e3.b.w: is not there any more");
    cli_hides(partly.err, "renamed");
}

static void missing_right_is_named_with_who_has_it(void **state)
{
    (void)state;
    const char *db = reviewed_database();
    support_sql(db,
                "DO $$ BEGIN CREATE ROLE clerk LOGIN; EXCEPTION WHEN duplicate_object THEN END $$;"
                "DO $$ BEGIN CREATE ROLE keeper; EXCEPTION WHEN duplicate_object THEN END $$;"
                "GRANT USAGE ON SCHEMA sales TO clerk; GRANT SELECT ON ALL TABLES IN SCHEMA sales TO clerk;"
                "ALTER TABLE sales.customer OWNER TO keeper; ALTER TABLE sales.orders OWNER TO clerk");
    char *as_clerk = text_format("%s user=clerk", db);
    Cli ann = reviewed_new("ann", "", as_clerk);
    free(as_clerk);
    SupportRun partly = cli_expect(&ann, 5, "apply 1 --yes --json");
    assert_string_equal(cli_json(partly.out, "failed"), "3");
    assert_string_equal(cli_json(partly.out, "applied"), "1");
    cli_shows(partly.err, "sales.customer: only the owner of customer may describe it: keeper");
    cli_shows(partly.err, "sales.customer.name: only the owner");
    cli_shows(partly.err, "you are clerk");
    assert_string_equal(reviewed_comment(db, "orders", "placed"), "Day of the order.");

    support_sql(db, "REVOKE USAGE ON SCHEMA sales FROM clerk");
    reviewed_decide(&ann, "orders", "placed", "Day.");
    SupportRun none = cli_expect(&ann, 1, "apply 1 --yes");
    cli_shows(none.err, "clerk has no right to use the schema sales; its owner can grant it: ");
}

static char *long_text(size_t length)
{
    char *text = calloc(length + 1, 1);
    memset(text, 'x', length);
    return text;
}

static void text_that_is_too_long_is_refused_alone_and_restored_whole(void **state)
{
    (void)state;
    const char *db = reviewed_database();
    Cli ann = reviewed_new("ann", "", db);
    char *fits = long_text(REVIEW_LONGEST_TEXT);
    reviewed_decide(&ann, "customer", "email", fits);
    support_sqlite(ann.history,
                   "UPDATE run_results SET chosen_text = chosen_text || hex(zeroblob(5000)) WHERE "
                   "column_name = 'name'");
    support_sql(db, "DO $$ BEGIN EXECUTE format('COMMENT ON COLUMN sales.customer.email IS %L', repeat('y', "
                    "200000)); END $$");
    SupportRun partly = cli_expect(&ann, 5, "apply 1 --yes --json");
    assert_string_equal(cli_json(partly.out, "failed"), "1");
    cli_shows(partly.err, "sales.customer.name: the text has 10010 bytes; a description has at most 10000");
    assert_string_equal(reviewed_comment(db, "customer", "email"), fits);
    cli_ok(&ann, "rollback 1 --yes");
    assert_string_equal(
        support_sql_value(db, "SELECT length(col_description('sales.customer'::regclass, 3))"), "200000");
    free(fits);
}

static void locked_table_is_reported_and_the_rest_is_written(void **state)
{
    (void)state;
    const char *db = reviewed_database();
    Cli ann = reviewed_new("ann", "", db);
    PGconn *other = reviewed_holder(db, "BEGIN; LOCK TABLE sales.customer IN ACCESS EXCLUSIVE MODE");
    SupportRun partly = cli_expect(&ann, 5, "apply 1 --yes --json");
    PQfinish(other);
    assert_string_equal(cli_json(partly.out, "failed"), "3");
    assert_string_equal(cli_json(partly.out, "applied"), "1");
    cli_shows(partly.err, "sales.customer.name: somebody else keeps customer locked");
    assert_string_equal(reviewed_comment(db, "orders", "placed"), "Day of the order.");
    cli_ok(&ann, "apply 1 --yes");
    assert_string_equal(reviewed_comment(db, "customer", "name"), "Full name.");
}

typedef struct Waits {
    const char *db;
    pid_t pid;
    char seen[10][64]; /* when each began */
    size_t count;
} Waits;

/* Takes in the wait for a lock that is on, if one is; true once the process has ended. */
static bool watch_waits(void *context)
{
    Waits *waits = context;
    const char *began =
        support_sql_value(waits->db, "SELECT coalesce(max(waitstart)::text, '') FROM pg_locks "
                                     "WHERE NOT granted AND relation = "
                                     "'sales.customer'::regclass::oid");
    size_t last = waits->count;
    if (*began && last < 10 && (last == 0 || strcmp(waits->seen[last - 1], began))) {
        text_copy(waits->seen[waits->count++], sizeof waits->seen[0], began);
    }
    siginfo_t info = {0};
    return waitid(P_PID, (id_t)waits->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0;
}

static void locked_table_is_waited_for_twice_and_not_once_per_column(void **state)
{
    (void)state;
    const char *db = reviewed_database();
    Cli ann = reviewed_new("ann", "apply { statement_timeout_ms = 800 }\n", db);
    PGconn *other = reviewed_holder(db, "BEGIN; LOCK TABLE sales.customer IN SHARE ROW EXCLUSIVE MODE");
    CliProcess process = cli_start(&ann, "apply 1 --yes");
    Waits waits = {.db = db, .pid = process.pid};
    assert_true(support_wait(watch_waits, &waits));
    PQfinish(other);
    SupportRun partly = cli_wait(&process);
    assert_int_equal(partly.exit_code, 5);
    cli_shows(partly.err, "sales.customer.name: somebody else keeps customer locked");
    assert_in_range(waits.count, 1, 2); /* with the others, and alone */
}

static void statement_that_takes_too_long_is_given_up_alone(void **state)
{
    (void)state;
    const char *db = reviewed_database();
    Cli ann = reviewed_new("ann", "apply { statement_timeout_ms = 300 }\n", db);
    support_sql(db, "CREATE FUNCTION linger() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN "
                    "PERFORM pg_sleep(60) FROM pg_event_trigger_ddl_commands() WHERE object_identity = "
                    "'sales.customer.name'; END $$;"
                    "CREATE EVENT TRIGGER linger ON ddl_command_end WHEN TAG IN ('COMMENT') EXECUTE FUNCTION "
                    "linger()");
    SupportRun partly = cli_expect(&ann, 5, "apply 1 --yes --json");
    assert_string_equal(cli_json(partly.out, "failed"), "1");
    assert_string_equal(cli_json(partly.out, "applied"), "3");
    cli_shows(partly.err, "sales.customer.name: ");
    cli_shows(partly.err, "one statement may take 300 ms");
    assert_string_equal(reviewed_comment(db, "customer", "name"), "(none)");
    assert_string_equal(reviewed_comment(db, "customer", "email"), "Mail.");
}

static void what_only_exports_and_what_only_reads_writes_nothing(void **state)
{
    (void)state;
    const char *db = reviewed_database();
    Cli ann = reviewed_new("ann", "", db);
    cli_ok(&ann, "apply 1 --yes");
    static const char *const verbs[] = {"apply", "rollback"};
    for (size_t i = 0; i < 2; i++) {
        cli_shows(cli_expect(&ann, 6, "%s 1 --yes --read-only", verbs[i]).err, "read-only");
        cli_expect(&ann, 6, "%s 1 --yes --read-only --force", "rollback");
    }
    cli_configure(&ann, REVIEWED_CONF "ui { read_only = true }\n", db);
    for (size_t i = 0; i < 2; i++) {
        cli_shows(cli_expect(&ann, 6, "%s 1 --yes", verbs[i]).err, "read_only");
    }
    cli_configure(&ann, REVIEWED_CONF "apply { enabled = false }\n", db);
    for (size_t i = 0; i < 2; i++) {
        SupportRun refused = cli_expect(&ann, 6, "%s 1 --yes", verbs[i]);
        cli_shows(refused.err, "switched off");
    }
    cli_shows(cli_ok(&ann, "rollback 1 --dry-run").out, "'Where invoices go.'");
    assert_string_equal(reviewed_comment(db, "customer", "name"), "Full name.");
    assert_string_equal(reviewed_events(&ann, "rollback"), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_or_nothing_writes_nothing_when_something_is_refused),
        cmocka_unit_test(all_or_nothing_leaves_a_file_as_it_was),
        cmocka_unit_test(a_rollback_takes_its_texts_out_of_a_file_whose_table_was_renamed),
        cmocka_unit_test(what_was_renamed_is_told_where_one_name_fits),
        cmocka_unit_test(nothing_is_guessed_where_two_names_fit),
        cmocka_unit_test(one_new_name_is_no_answer_for_two_that_are_gone),
        cmocka_unit_test(missing_right_is_named_with_who_has_it),
        cmocka_unit_test(text_that_is_too_long_is_refused_alone_and_restored_whole),
        cmocka_unit_test(locked_table_is_reported_and_the_rest_is_written),
        cmocka_unit_test(locked_table_is_waited_for_twice_and_not_once_per_column),
        cmocka_unit_test(statement_that_takes_too_long_is_given_up_alone),
        cmocka_unit_test(what_only_exports_and_what_only_reads_writes_nothing),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
