/* Two engineers apply to the same columns: both see who wrote what, and the second wins. */
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "reviewed.h"
#include "text.h"

#define TEAM "db_profile team { backend = sqlite\n path = \"%s\" }\nhistory_store { profile = team }\n"

typedef struct Pair {
    const char *db;
    Cli people[2];
} Pair;

static const char *const names[] = {"ann", "bob"};

static Pair new_pair(void)
{
    Pair pair = {.db = reviewed_database()};
    char *team = text_format(TEAM, support_file(support_folder(), "team.db", ""));
    for (int i = 0; i < 2; i++) {
        pair.people[i] = cli_new(names[i], REVIEWED_CONF "%s", pair.db, team);
        cli_ok(&pair.people[i], "db history-store enable");
        cli_ok(&pair.people[i], "run --all");
        const char *const columns[] = {"id", "name", "email"};
        for (int c = 0; c < 3; c++) {
            char *text = text_format("%s about %s.", names[i], columns[c]);
            reviewed_decide(&pair.people[i], "customer", columns[c], text);
            free(text);
        }
    }
    free(team);
    return pair;
}

/* The history of one column as the team sees it, newest first. */
static const char *team_history(const Cli *cli, const char *target)
{
    return cli_ok(cli, "history applies --team --json --outcome applied --target %s", target).out;
}

/* Both see that the first wrote where nothing of amx was, and that the second replaced it. */
static void expect_history(const Pair *pair, int first, int second, const char *column, const char *base)
{
    char *target = text_format("sales.customer.%s", column);
    char *texts[2] = {text_format("%s about %s.", names[0], column),
                      text_format("%s about %s.", names[1], column)};
    for (int i = 0; i < 2; i++) {
        const char *told = team_history(&pair->people[i], target);
        assert_string_equal(cli_json(told, "items.#"), "2");
        assert_string_equal(cli_json(told, "items.0.created_by"), names[second]);
        assert_string_equal(cli_json(told, "items.0.old_text"), texts[first]);
        assert_string_equal(cli_json(told, "items.0.new_text"), texts[second]);
        assert_string_equal(cli_json(told, "items.1.created_by"), names[first]);
        assert_string_equal(cli_json(told, "items.1.old_text"), base);
        assert_string_equal(cli_json(told, "items.1.new_text"), texts[first]);
    }
    assert_string_equal(reviewed_comment(pair->db, "customer", column), texts[second]);
    for (int i = 0; i < 2; i++) {
        free(texts[i]);
    }
    free(target);
}

static void two_engineers_have_runs_of_their_own_and_the_second_apply_wins(void **state)
{
    (void)state;
    Pair pair = new_pair();
    const Cli *ann = &pair.people[0], *bob = &pair.people[1];
    for (int i = 0; i < 2; i++) {
        assert_string_equal(cli_json(cli_ok(&pair.people[i], "history list --team --json").out, "items.#"),
                            "2");
        const char *results = cli_ok(&pair.people[i], "history table sales.customer --team --json").out;
        assert_string_equal(cli_json(results, "items.#"), "8"); /* the table and three columns, twice */
    }
    cli_hides(cli_ok(ann, "apply 1 --yes").err, "replaced");
    SupportRun left = cli_expect(bob, 1, "apply 1 --yes --if-unchanged");
    cli_shows(left.err, "sales.customer.name: says something else than when it was drafted; left alone, the "
                        "text of ann@");
    SupportRun won = cli_ok(bob, "apply 1 --yes --json");
    assert_string_equal(cli_json(won.out, "replaced"), "3");
    cli_shows(won.err, "sales.customer.name: replaced the text of ann@");
    cli_shows(won.err, "ann about name.");
    expect_history(&pair, 0, 1, "id", "null");
    expect_history(&pair, 0, 1, "name", "null");
    expect_history(&pair, 0, 1, "email", "Where invoices go.");

    SupportRun refused = cli_expect(ann, 1, "rollback 1 --yes");
    cli_shows(refused.err, "sales.customer.name: says something else than what was applied; left alone, the "
                           "text of bob@");
    cli_ok(bob, "rollback 1 --yes");
    assert_string_equal(reviewed_comment(pair.db, "customer", "name"), "ann about name.");
    cli_ok(ann, "rollback 1 --yes");
    assert_string_equal(reviewed_comment(pair.db, "customer", "name"), "(none)");
    assert_string_equal(reviewed_comment(pair.db, "customer", "email"), "Where invoices go.");
}

static bool both_wait(void *context)
{
    return strcmp(support_sql_value(context, "SELECT count(*) FROM pg_stat_activity WHERE application_name = "
                                             "'amx' AND wait_event_type = 'Lock' AND datname = "
                                             "current_database()"),
                  "2") == 0;
}

static void two_applies_at_the_same_time_follow_each_other(void **state)
{
    (void)state;
    Pair pair = new_pair();
    PGconn *other = reviewed_holder(pair.db, "BEGIN; LOCK TABLE sales.customer IN ACCESS EXCLUSIVE MODE");
    CliProcess both[2];
    for (int i = 0; i < 2; i++) {
        both[i] = cli_start(&pair.people[i], "apply 1 --yes --json");
    }
    char *db = text_format("%s", pair.db);
    assert_true(support_wait(both_wait, db));
    free(db);
    PQfinish(other);
    SupportRun ended[2];
    for (int i = 0; i < 2; i++) {
        ended[i] = cli_wait(&both[i]);
        assert_int_equal(ended[i].exit_code, 0);
        assert_string_equal(cli_json(ended[i].out, "applied"), "3");
    }
    int second = strcmp(cli_json(ended[1].out, "replaced"), "3") == 0;
    assert_string_equal(cli_json(ended[second].out, "replaced"), "3");
    assert_string_equal(cli_json(ended[!second].out, "replaced"), "0");
    cli_shows(ended[second].err, second ? "ann about name." : "bob about name.");
    for (int i = 0; i < 2; i++) {
        cli_ok(&pair.people[i], "db history-store flush-pending");
    }
    static const char *const columns[] = {"id", "name", "email"};
    for (int c = 0; c < 3; c++) {
        expect_history(&pair, !second, second, columns[c], c == 2 ? "Where invoices go." : "null");
    }
    cli_ok(&pair.people[second], "rollback 1 --yes");
    cli_ok(&pair.people[!second], "rollback 1 --yes");
    assert_string_equal(reviewed_comment(pair.db, "customer", "email"), "Where invoices go.");
    assert_string_equal(reviewed_comment(pair.db, "customer", "name"), "(none)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_engineers_have_runs_of_their_own_and_the_second_apply_wins),
        cmocka_unit_test(two_applies_at_the_same_time_follow_each_other),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
