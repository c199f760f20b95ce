/* What was done, summed up and compared, through the real binary. */
#include <stdlib.h>
#include <string.h>

#include "cli_team.h"
#include "memory.h"
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
    cli_shows(cli_ok(&ann, "history stats --by table -n 1").out, ".. more: --after 1");
    cli_shows(cli_expect(&ann, 2, "history stats --by moon").err, "by who, by table or by day");
    cli_expect(&ann, 2, "history stats --since yesterday");
    cli_expect(&ann, 2, "history stats -n 0");
    cli_shows(cli_expect(&ann, 2, "history stats --team").err, "never switched on");
}

/* What a page prints as its neighbour leads there, whichever way. */
static void assert_pages(const Cli *ann, const char *listing, const char *member)
{
    const char *first = cli_ok(ann, "%s -n 1 --json", listing).out;
    char *name = memory_string(cli_json(first, member));
    assert_string_equal(cli_json(first, "previous"), "null");
    char *next = memory_string(cli_json(first, "next"));
    const char *second = cli_ok(ann, "%s -n 1 --json --after %s", listing, next).out;
    assert_string_not_equal(cli_json(second, member), name);
    char *previous = memory_string(cli_json(second, "previous"));
    const char *back = cli_ok(ann, "%s -n 1 --json --before %s", listing, previous).out;
    assert_string_equal(cli_json(back, member), name);
    assert_string_equal(cli_json(cli_ok(ann, "%s -n 1 --json --last", listing).out, "next"), "null");
    free(previous);
    free(next);
    free(name);
}

static void sums_and_results_are_paged_sorted_and_filtered(void **state)
{
    (void)state;
    for (int file = 0; file < 2; file++) {
        CliStore store = cli_store_new(file);
        Cli ann = cli_team_person("ann", &store);
        cli_ok(&ann, "run --all");
        const char *sums[] = {"history stats --by table", "history stats --by table --team",
                              "history stats --by table --team --sort table"};
        for (size_t i = 0; i < sizeof sums / sizeof *sums; i++) {
            assert_pages(&ann, sums[i], "items.0.table");
        }
        const char *sorted = cli_ok(&ann, "history stats --by table --team --sort=-table --json").out;
        assert_string_equal(cli_json(sorted, "items.1.table"), "main.customer");
        assert_string_equal(cli_json(sorted, "total"), "2");
        sorted = cli_ok(&ann, "history stats --by table --team --filter CUSTOMER --json").out;
        assert_string_equal(cli_json(sorted, "total"), "1");
        assert_string_equal(cli_json(sorted, "items.0.table"), "main.customer");
        cli_shows(cli_expect(&ann, 2, "history stats --sort moon").err, "who, client_version, runs");
        cli_expect(&ann, 2, "history stats --before 1");
        cli_expect(&ann, 2, "history stats --after x");
        cli_expect(&ann, 2, "history stats --last --after 1");

        char *origin =
            memory_string(cli_json(cli_ok(&ann, "history list --team --json").out, "items.0.origin_id"));
        char *team = text_format("history results 1 --origin %s", origin);
        const char *results[] = {"history results 1", "history results 1 --sort=-object",
                                 "history results 1 --sort level", team};
        for (size_t i = 0; i < sizeof results / sizeof *results; i++) {
            assert_pages(&ann, results[i], "items.0.object");
        }
        const char *filtered = cli_ok(&ann, "%s --filter R.Em --json", team).out;
        assert_string_equal(cli_json(filtered, "items.#"), "1");
        assert_string_equal(cli_json(filtered, "items.0.object"), "main.customer.email");
        const char *sorted_back = cli_ok(&ann, "history results 1 --sort=-object --json").out;
        assert_true(text_starts(cli_json(sorted_back, "items.0.object"), "main.orders."));
        free(team);
        free(origin);
    }
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

static void a_run_of_the_team_is_found_by_its_number_where_one_has_it(void **state)
{
    (void)state;
    for (int file = 0; file < 2; file++) {
        CliStore store = cli_store_new(file);
        Cli ann = cli_team_person("ann", &store);
        Cli bob = cli_team_person("bob", &store);
        cli_team_work(&bob);
        SupportRun run = cli_ok(&ann, "history show 1 --team --json");
        char *origin = memory_string(cli_json(run.out, "origin_id"));
        assert_string_equal(cli_store_value(&store, "SELECT origin_id FROM @runs"), origin);
        assert_string_equal(cli_json(cli_ok(&ann, "history results 1 --team --json").out, "items.0.run_id"),
                            "1");
        cli_ok(&ann, "history applies 1 --team");
        static const char *const listings[] = {"show", "results", "applies"};
        for (size_t i = 0; i < 3; i++) {
            cli_shows(cli_expect(&ann, 2, "history %s 9 --team", listings[i]).err,
                      "there is no run 9 in the team's store");
        }
        cli_team_work(&ann);
        for (size_t i = 0; i < 3; i++) {
            cli_shows(cli_expect(&ann, 2, "history %s 1 --team", listings[i]).err,
                      "the team has several runs with the number 1");
            cli_ok(&ann, "history %s 1 --team --origin %s", listings[i], origin);
        }
        free(origin);
    }
}

static const char *state_of(const Cli *cli, const char *listing)
{
    char *words = text_format("%s --json", listing);
    const char *state = cli_json(cli_ok(cli, "%s", words).out, "items.0.state");
    free(words);
    return state;
}

/* One's own and the team's on either database say the same, and so does what --state finds. */
static void a_run_goes_from_review_to_applied(void **state)
{
    for (int file = 0; file < 2; file++) {
        CliStore store = cli_store_new(file);
        Cli ann = cli_team_person("ann", &store);
        cli_team_work(&ann);
        assert_string_equal(state_of(&ann, "history list"), "review");
        assert_string_equal(state_of(&ann, "history list --team"), "review");
        cli_ok(&ann, "review 1 --result 1 --choose 1");
        cli_ok(&ann, "apply 1 --yes");
        assert_string_equal(state_of(&ann, "history list --state 'partly applied'"), "partly applied");
        assert_string_equal(state_of(&ann, "history list --team --state 'partly applied'"), "partly applied");
        cli_ok(&ann, "review 1 --accept low");
        cli_ok(&ann, "apply 1 --yes");
        assert_string_equal(state_of(&ann, "history list --filter applied"), "applied");
        assert_string_equal(state_of(&ann, "history list --team --filter applied"), "applied");
        cli_shows(cli_ok(&ann, "history show 1").out, "applied");
        assert_string_equal(cli_json(cli_ok(&ann, "history list --state ready --json").out, "items.#"), "0");
        cli_ok(&ann, "rollback 1 --yes");
        assert_string_equal(state_of(&ann, "history list --team --sort state"), "rolled back");
    }
    (void)state;
}

static void a_table_has_a_history_of_everybody(void **state)
{
    for (int file = 0; file < 2; file++) {
        CliStore store = cli_store_new(file);
        Cli ann = cli_team_person("ann", &store);
        Cli bob = cli_team_person("bob", &store);
        cli_team_work(&ann);
        cli_team_work(&bob);
        cli_ok(&bob, "review 1 --result 1 --text 'People who buy.'");
        cli_ok(&bob, "apply 1 --yes");
        const char *all = cli_ok(&ann, "history table main.customer --team --json").out;
        assert_string_equal(cli_json(all, "schema"), "amx.table_history/1");
        assert_string_equal(cli_json(all, "items.#"), "8");
        assert_string_equal(cli_json(all, "items.0.created_by"), "bob");
        const char *said = cli_ok(&ann, "history table main.customer --team --filter 'who buy' --json").out;
        assert_string_equal(cli_json(said, "items.#"), "1");
        assert_string_equal(cli_json(said, "items.0.state"), "applied");
        assert_string_equal(cli_json(said, "items.0.text"), "People who buy.");
        assert_string_equal(cli_json(said, "items.0.object"), "main.customer");
        /* the filter looks in the state that is shown */
        const char *open = cli_ok(&bob, "history table main.customer --filter undecided --json").out;
        assert_string_equal(cli_json(open, "items.#"), "3");
        assert_string_equal(cli_json(open, "items.2.state"), "undecided");
        open = cli_ok(&bob, "history results 1 --filter undecided --json").out;
        assert_string_equal(cli_json(open, "items.#"), "3");
        assert_string_equal(cli_json(open, "items.2.state"), "undecided");
        open = cli_ok(&ann, "history table main.customer --team --filter undecided --json").out;
        assert_string_equal(cli_json(open, "items.#"), "7");
        const char *database = cli_json(cli_ok(&bob, "history list --json").out, "items.0.fingerprint");
        const char *one =
            cli_ok(&ann, "history table main.customer --team --fingerprint '%s' --json", database).out;
        assert_string_equal(cli_json(one, "items.#"), "4");
        assert_string_equal(cli_json(cli_ok(&ann, "history table main.customer --json").out, "items.#"), "4");
        const char *page = cli_ok(&ann, "history table main.customer --team -n 3 --json").out;
        page =
            cli_ok(&ann, "history table main.customer --team --json --after %s", cli_json(page, "next")).out;
        assert_string_equal(cli_json(page, "items.#"), "5");
    }
    (void)state;
    Cli ann = cli_team_newcomer("ann");
    cli_shows(cli_ok(&ann, "history table main.customer").out, "Nobody has drafted anything");
    cli_shows(cli_ok(&ann, "history table customer").out, "Nobody has drafted anything");
}

static void an_event_has_its_detail_as_data_and_in_words(void **state)
{
    (void)state;
    CliStore store = cli_store_new(true);
    Cli ann = cli_team_person("ann", &store);
    const char *events = cli_ok(&ann, "history events --json").out;
    assert_string_equal(cli_json(events, "items.0.detail.profile"), "team");
    cli_shows(cli_json(events, "items.0.words"), "profile team, schema amx, target ");
    cli_shows(cli_ok(&ann, "history events").out, "profile team");
    cli_hides(cli_ok(&ann, "history events").out, "{");
}

/* Finds exactly what the list shows, in either store. */
static void expect_found(const Cli *ann, const char *filter, const char *count)
{
    static const char *const stores[] = {"", "--team"};
    for (size_t i = 0; i < sizeof stores / sizeof *stores; i++) {
        SupportRun run = cli_ok(ann, "history events --json %s --filter '%s'", stores[i], filter);
        assert_string_equal(cli_json(run.out, "items.#"), count);
    }
}

static void an_event_is_found_by_what_the_list_shows_of_it(void **state)
{
    (void)state;
    for (int postgresql = 0; postgresql <= 1; postgresql++) {
        CliStore store = cli_store_new(postgresql);
        Cli ann = cli_team_person("ann", &store);
        expect_found(&ann, "ENABLE", "1");
        expect_found(&ann, "ann@", "1");
        expect_found(&ann, "ok", "1");
        expect_found(&ann, "Schema amx", "1"); /* PostgreSQL has its own order of members */
        expect_found(&ann, "schema: amx", "0");
        const char *words[] = {"", "--team"};
        for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
            SupportRun run = cli_ok(&ann, "history events --json %s", words[i]);
            run = cli_ok(&ann, "history events --json %s --filter '%s'", words[i],
                         cli_json(run.out, "items.0.words"));
            assert_string_equal(cli_json(run.out, "items.#"), "1");
        }
    }
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
        cmocka_unit_test(sums_and_results_are_paged_sorted_and_filtered),
        cmocka_unit_test(the_team_is_summed_up_live),
        cmocka_unit_test(a_run_of_the_team_is_found_by_its_number_where_one_has_it),
        cmocka_unit_test(two_runs_are_compared_object_by_object),
        cmocka_unit_test(a_run_goes_from_review_to_applied),
        cmocka_unit_test(a_table_has_a_history_of_everybody),
        cmocka_unit_test(an_event_has_its_detail_as_data_and_in_words),
        cmocka_unit_test(an_event_is_found_by_what_the_list_shows_of_it),
        cmocka_unit_test(status_tells_the_outbox_of_the_last_hour),
    };
    if (argc > 1) {
        cmocka_set_test_filter(argv[1]);
    }
    return support_cleanup(cmocka_run_group_tests_name("history", tests, NULL, NULL));
}
