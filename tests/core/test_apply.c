/* Applying and rolling back what somebody else changed meanwhile: whoever's text is replaced or left alone is
 * named. */
#include "reviewed.h"

static void if_unchanged_leaves_alone_what_somebody_wrote_since_the_draft(void **state)
{
    (void)state;
    const char *db = reviewed_database();
    Cli ann = reviewed_new("ann", "", db);
    support_sql(db, "COMMENT ON COLUMN sales.customer.name IS 'By hand.'");
    const char *sql = cli_ok(&ann, "apply 1 --dry-run --if-unchanged").out;
    cli_shows(sql, "'Mail.'");
    cli_hides(sql, "'Full name.'");

    SupportRun partly = cli_expect(&ann, 5, "apply 1 --yes --if-unchanged --json");
    assert_string_equal(cli_json(partly.out, "applied"), "3");
    assert_string_equal(cli_json(partly.out, "changed"), "1");
    assert_string_equal(cli_json(partly.out, "replaced"), "0");
    cli_shows(partly.err, "sales.customer.name: says something else than when it was drafted; left alone");
    cli_shows(partly.err, "outside amx: By hand.");
    assert_string_equal(reviewed_comment(db, "customer", "name"), "By hand.");
    assert_string_equal(reviewed_comment(db, "customer", "email"), "Mail.");
    cli_shows(cli_ok(&ann, "history results 1 --json").out, "left alone");

    /* the second write still wins when that is wanted, and says over what */
    SupportRun won = cli_ok(&ann, "apply 1 --yes --json");
    assert_string_equal(cli_json(won.out, "replaced"), "1");
    cli_shows(won.err, "By hand.");
    assert_string_equal(reviewed_comment(db, "customer", "name"), "Full name.");
}

static void ones_own_earlier_text_is_nobody_elses(void **state)
{
    (void)state;
    const char *db = reviewed_database();
    Cli ann = reviewed_new("ann", "", db);
    cli_ok(&ann, "apply 1 --yes");
    reviewed_decide(&ann, "customer", "name", "First and last name.");
    cli_shows(cli_ok(&ann, "apply 1 --dry-run --if-unchanged").out, "'First and last name.'");
    SupportRun again = cli_ok(&ann, "apply 1 --yes --if-unchanged --json");
    assert_string_equal(cli_json(again.out, "applied"), "1");
    assert_string_equal(cli_json(again.out, "replaced"), "0");
    assert_string_equal(reviewed_comment(db, "customer", "name"), "First and last name.");
    cli_ok(&ann, "rollback 1 --yes");
    assert_string_equal(reviewed_comment(db, "customer", "name"), "(none)");
}

static void what_has_another_type_since_the_draft_is_left_alone_unless_forced(void **state)
{
    (void)state;
    const char *db = reviewed_database();
    support_sql(db, "CREATE TYPE public.mood AS ENUM ('glad'); ALTER TABLE sales.customer ADD mood mood");
    Cli ann = reviewed_new("ann", "", db);
    reviewed_decide(&ann, "customer", "mood", "How glad.");
    support_sql(db, "ALTER TABLE sales.customer ALTER email TYPE text;"
                    "ALTER TABLE sales.orders RENAME placed TO day; ALTER TABLE sales.orders ADD placed int");
    cli_hides(cli_ok(&ann, "apply 1 --dry-run").out, "'Mail.'");
    SupportRun partly = cli_expect(&ann, 5, "apply 1 --yes --json");
    assert_string_equal(cli_json(partly.out, "applied"), "3");
    assert_string_equal(cli_json(partly.out, "changed"), "2");
    assert_string_equal(cli_json(partly.out, "items.#"), "2");
    assert_string_equal(cli_json(partly.out, "items.0.object"), "sales.customer.email");
    assert_string_equal(cli_json(partly.out, "items.0.outcome"), "changed");
    assert_string_equal(cli_json(partly.out, "items.0.reason"),
                        "was character varying(200) when drafted, is text now");
    assert_string_equal(cli_json(partly.out, "items.0.old_text"), "Where invoices go.");
    cli_shows(partly.err, "sales.orders.placed: was date when drafted, is integer now; left alone (--force");
    assert_string_equal(reviewed_comment(db, "customer", "email"), "Where invoices go.");
    assert_string_equal(reviewed_comment(db, "customer", "mood"), "How glad.");
    assert_string_equal(reviewed_comment(db, "orders", "placed"), "(none)");
    SupportRun forced = cli_ok(&ann, "apply 1 --yes --force --json");
    assert_string_equal(cli_json(forced.out, "applied"), "2");
    assert_string_equal(reviewed_comment(db, "orders", "placed"), "Day of the order.");
}

static void texts_that_are_overwritten_are_counted_and_named(void **state)
{
    (void)state;
    const char *db = reviewed_database();
    Cli ann = reviewed_new("ann", "", db);
    cli_shows(cli_ok(&ann, "apply 1 --dry-run").err,
              "1 of them replaces a text that is there: sales.customer.email");
    SupportRun told = cli_ok(&ann, "apply 1 --yes --json");
    assert_string_equal(cli_json(told.out, "overwritten"), "1");
    assert_string_equal(cli_json(told.out, "replaced"), "0");
    assert_string_equal(cli_json(told.out, "items.#"), "0");
    cli_shows(told.err, "4 descriptions written, 1 over a text that was there; undo with: amx rollback 1");
}

static void what_stood_there_already_is_not_told_as_written(void **state)
{
    (void)state;
    const char *db = reviewed_database();
    Cli ann = reviewed_new("ann", "", db);
    support_sql(db, "COMMENT ON COLUMN sales.customer.name IS 'Full name.'");
    SupportRun told = cli_ok(&ann, "apply 1 --yes");
    cli_shows(told.err, "3 descriptions written");
    cli_shows(told.err, "1 description stood there already; nothing to write");
    support_sql(db, "COMMENT ON COLUMN sales.customer.email IS 'Where invoices go.';"
                    "COMMENT ON TABLE sales.customer IS NULL; COMMENT ON COLUMN sales.orders.placed IS NULL");
    SupportRun back = cli_ok(&ann, "rollback 1 --yes");
    cli_shows(back.err, "3 texts stood there again already; nothing to restore");
    cli_hides(back.err, "restored");
}

static const char *run_state(const Cli *cli)
{
    return cli_json(cli_ok(cli, "history list --json").out, "items.0.state");
}

static void run_that_was_rolled_back_says_so_until_it_is_decided_anew(void **state)
{
    (void)state;
    Cli ann = reviewed_new("ann", "", reviewed_database());
    support_sqlite(ann.history, "UPDATE run_results SET evaluation = 'skipped', evaluated_at = created_at "
                                "WHERE evaluation IS NULL");
    assert_string_equal(run_state(&ann), "reviewed");
    cli_ok(&ann, "apply 1 --yes");
    assert_string_equal(run_state(&ann), "applied");
    cli_ok(&ann, "rollback 1 --yes");
    assert_string_equal(run_state(&ann), "rolled back");
    assert_string_equal(cli_json(cli_ok(&ann, "history list --state 'rolled back' --json").out, "items.#"),
                        "1");
    reviewed_decide(&ann, "customer", "", "Who orders.");
    reviewed_decide(&ann, "customer", "name", "First and last name.");
    reviewed_decide(&ann, "customer", "email", "Mail address.");
    reviewed_decide(&ann, "orders", "placed", "Day.");
    assert_string_equal(run_state(&ann), "reviewed");
    cli_ok(&ann, "apply 1 --yes");
    assert_string_equal(run_state(&ann), "applied");
}

/* A rollback that restored a text did not write it first. */
static void restored_text_is_the_text_of_who_wrote_it_first(void **state)
{
    (void)state;
    const char *db = reviewed_database();
    Cli ann = reviewed_new("ann", "", db);
    cli_ok(&ann, "apply 1 --yes");
    cli_ok(&ann, "rollback 1 --yes");
    reviewed_decide(&ann, "customer", "email", "Mail address.");
    support_sqlite(ann.history, "UPDATE run_results SET base_text = 'Something else.'");
    cli_shows(cli_ok(&ann, "apply 1 --yes").err,
              "sales.customer.email: replaced a text that was written outside amx");
}

static void rollback_restores_what_a_teammate_wrote_between_two_applies(void **state)
{
    (void)state;
    const char *db = reviewed_database();
    Cli ann = reviewed_new("ann", "", db);
    cli_ok(&ann, "apply 1 --yes");
    support_sql(db, "COMMENT ON COLUMN sales.customer.email IS 'By hand.'");
    reviewed_decide(&ann, "customer", "email", "Mail address.");
    reviewed_decide(&ann, "customer", "name", "First and last name.");
    cli_ok(&ann, "apply 1 --yes");
    cli_ok(&ann, "rollback 1 --yes");
    assert_string_equal(reviewed_comment(db, "customer", "email"), "By hand.");
    assert_string_equal(reviewed_comment(db, "customer", "name"), "(none)");
}

static void forced_rollback_keeps_what_it_overwrote(void **state)
{
    (void)state;
    const char *db = reviewed_database();
    Cli ann = reviewed_new("ann", "", db);
    cli_ok(&ann, "apply 1 --yes");
    support_sql(db, "COMMENT ON COLUMN sales.customer.email IS 'By hand.'");
    SupportRun partly = cli_expect(&ann, 5, "rollback 1 --yes --json");
    assert_string_equal(cli_json(partly.out, "restored"), "3");
    assert_string_equal(cli_json(partly.out, "changed"), "1");
    cli_shows(partly.err, "sales.customer.email: says something else than what was applied; left alone");
    assert_string_equal(reviewed_comment(db, "customer", "email"), "By hand.");

    SupportRun forced = cli_ok(&ann, "rollback 1 --yes --force --json");
    assert_string_equal(cli_json(forced.out, "restored"), "1");
    assert_string_equal(cli_json(forced.out, "replaced"), "1");
    cli_shows(forced.err, "sales.customer.email: replaced a text that was written outside amx");
    assert_string_equal(reviewed_comment(db, "customer", "email"), "Where invoices go.");
    const char *told = cli_ok(&ann, "history applies 1 --json --target sales.customer.email").out;
    assert_string_equal(cli_json(told, "items.0.kind"), "rollback");
    assert_string_equal(cli_json(told, "items.0.outcome"), "applied");
    assert_string_equal(cli_json(told, "items.0.old_text"), "By hand.");
    assert_string_equal(cli_json(told, "items.0.new_text"), "Where invoices go.");
    assert_string_equal(cli_json(told, "items.1.outcome"), "changed");
    cli_shows(cli_json(told, "items.1.error"), "left alone");
    assert_string_equal(cli_json(told, "items.2.kind"), "apply");
    assert_string_equal(cli_json(told, "items.2.old_text"), "Where invoices go.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(if_unchanged_leaves_alone_what_somebody_wrote_since_the_draft),
        cmocka_unit_test(ones_own_earlier_text_is_nobody_elses),
        cmocka_unit_test(what_has_another_type_since_the_draft_is_left_alone_unless_forced),
        cmocka_unit_test(texts_that_are_overwritten_are_counted_and_named),
        cmocka_unit_test(what_stood_there_already_is_not_told_as_written),
        cmocka_unit_test(run_that_was_rolled_back_says_so_until_it_is_decided_anew),
        cmocka_unit_test(restored_text_is_the_text_of_who_wrote_it_first),
        cmocka_unit_test(rollback_restores_what_a_teammate_wrote_between_two_applies),
        cmocka_unit_test(forced_rollback_keeps_what_it_overwrote),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
