/* What was done, summed up and compared, through the real binary. */
#include <string.h>

#include "cli_team.h"
#include "text.h"

static void sums_are_made_of_ones_own_history(void **state)
{
    (void)state;
    Cli ann = cli_team_newcomer("ann");
    cli_configure(&ann, "db_profile shop { backend = sqlite\n path = shop.db }\nactive_db_profile = shop\n");
    cli_shows(cli_ok(&ann, "history stats").out, "No runs yet");
    cli_ok(&ann, "run --all");
    cli_ok(&ann, "review 1 --accept low");
    const char *who = cli_ok(&ann, "history stats --json").out;
    assert_string_equal(cli_json(who, "schema"), "amx.activity.who/1");
    assert_string_equal(cli_json(who, "items.0.created_by"), "ann");
    assert_string_equal(cli_json(who, "items.0.runs"), "1");
    assert_string_equal(cli_json(who, "items.0.accepted"), cli_json(who, "items.0.results"));
    const char *tables = cli_ok(&ann, "history stats --by table --json").out;
    assert_string_equal(cli_json(tables, "items.#"), "2");
    assert_string_equal(cli_json(tables, "items.0.what"), "accepted");
    assert_string_equal(cli_json(cli_ok(&ann, "history stats --by day --json").out, "items.0.runs"), "1");
    assert_string_equal(cli_json(cli_ok(&ann, "history stats --who nobody --json").out, "items.#"), "0");
    assert_string_equal(cli_json(cli_ok(&ann, "history stats --since 2100-01-01 --json").out, "items.#"),
                        "0");
    cli_shows(cli_ok(&ann, "history stats --by table -n 1").err, "there are more");
    cli_shows(cli_expect(&ann, 2, "history stats --by moon").err, "by who, by table or by day");
    cli_expect(&ann, 2, "history stats --since yesterday");
    cli_expect(&ann, 2, "history stats -n 0");
    cli_shows(cli_expect(&ann, 2, "history stats --team").err, "never switched on");
}

static void the_team_is_summed_up_live(void **state)
{
    for (int file = 0; file < 2; file++) {
        CliStore store = cli_store_new(file);
        Cli ann = cli_team_person("ann", &store);
        Cli bob = cli_team_person("bob", &store);
        cli_team_work(&ann);
        cli_team_work(&bob);
        cli_team_work(&bob);
        const char *who = cli_ok(&ann, "history stats --team --json").out;
        assert_string_equal(cli_json(who, "items.#"), "2");
        assert_string_equal(cli_json(who, "items.0.created_by"), "bob");
        assert_string_equal(cli_json(who, "items.0.runs"), "2");
        assert_string_equal(cli_json(who, "items.0.results"), "8");
        assert_string_equal(cli_json(who, "items.1.runs"), "1");
        assert_string_equal(cli_json(cli_ok(&ann, "history stats --json").out, "items.#"), "1");
        const char *day = cli_ok(&ann, "history stats --team --by day --json").out;
        assert_string_equal(cli_json(day, "items.0.runs"), "3");
        assert_string_equal(cli_json(day, "items.0.people"), "2");
    }
    (void)state;
}

static void two_runs_are_compared_object_by_object(void **state)
{
    (void)state;
    CliStore store = cli_store_new(true);
    Cli ann = cli_team_person("ann", &store);
    Cli bob = cli_team_person("bob", &store);
    cli_ok(&ann, "run --all customer");
    cli_ok(&ann, "run --all");
    support_sqlite(ann.history,
                   "UPDATE run_results SET chosen_text = 'Who buys.', evaluation = 'edited' WHERE "
                   "run_id = 1 AND column_name IS NULL");
    SupportRun run = cli_ok(&ann, "history compare 1 2 --json");
    assert_string_equal(cli_json(run.out, "schema"), "amx.compare/1");
    assert_string_equal(cli_json(run.out, "items.0.key"), "main.customer");
    assert_string_equal(cli_json(run.out, "items.0.change"), "changed");
    assert_string_equal(cli_json(run.out, "items.0.a_text"), "Who buys.");
    assert_string_equal(cli_json(run.out, "items.0.a_state"), "edited");
    assert_string_equal(cli_json(run.out, "items.0.b_state"), "draft");
    assert_string_equal(cli_json(run.out, "items.1.change"), "same");
    assert_string_equal(cli_json(run.out, "items.4.change"), "only B");
    assert_string_equal(cli_json(run.out, "items.4.a_text"), "null");
    cli_shows(run.err, "A is run 1, B is run 2: 1 changed, 0 only in A, 3 only in B, 3 the same");

    cli_team_work(&bob);
    const char *origin = cli_store_value(&store, "SELECT origin_id FROM @runs WHERE created_by = 'bob'");
    run = cli_ok(&ann, "history compare 2 %s/1", origin);
    cli_shows(run.err, "3 only in A");
    cli_shows(run.err, "of two databases");
    cli_shows(cli_expect(&ann, 2, "history compare 1 9").err, "there is no run 9");
    cli_shows(cli_expect(&ann, 2, "history compare 1 %s/9", origin).err, "--team");
    cli_shows(cli_expect(&ann, 2, "history compare 1 x").err, "ORIGIN/NUMBER");
    cli_expect(&ann, 2, "history compare 1");
}

static void status_tells_the_outbox_of_the_last_hour(void **state)
{
    (void)state;
    CliStore store = cli_store_new(true);
    Cli ann = cli_team_person("ann", &store);
    cli_team_work(&ann);
    const char *status = cli_ok(&ann, "db history-store status --json").out;
    assert_string_equal(cli_json(status, "depth.#"), "60");
    assert_string_equal(cli_json(status, "depth.0"), "null");
    assert_string_equal(cli_json(status, "depth.59"), "0");
    cli_team_configure(&ann, &store, "/nonexistent/store.db", 30000);
    cli_team_work(&ann);
    status = cli_ok(&ann, "db history-store status --offline --json").out;
    assert_int_equal(cli_json_number(status, "depth.59"), CLI_TEAM_ROWS);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_are_made_of_ones_own_history),
        cmocka_unit_test(the_team_is_summed_up_live),
        cmocka_unit_test(two_runs_are_compared_object_by_object),
        cmocka_unit_test(status_tells_the_outbox_of_the_last_hour),
    };
    if (argc > 1) {
        cmocka_set_test_filter(argv[1]);
    }
    return support_cleanup(cmocka_run_group_tests_name("history", tests, NULL, NULL));
}
