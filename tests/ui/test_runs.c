/* The list of runs, two of them side by side, what was said about a table, and sessions that are resumed from
 * their list; and all of that while the team's store is out of reach. */
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "cli_team.h"
#include "compare_model.h"
#include "freshness.h"
#include "list_query.h"
#include "relay.h"
#include "support_internal.h"
#include "terminal.h"
#include "text.h"

#define screen_test(function) cmocka_unit_test_teardown(function, terminal_teardown)

/* ---- models ---- */

static void add_pair(Report *report, const char *object, const char *change)
{
    json_t *row = report_row(report);
    row_text(row, "object", object);
    row_text(row, "change", change);
    row_text(row, "a_text", "one");
    row_text(row, "b_text", "two");
}

static CompareModel compared(void)
{
    Report report = {0};
    CompareModel model = {0};
    report_list(&report, "amx.compare/1", NULL, 0);
    add_pair(&report, "a", "same");
    add_pair(&report, "b", "changed");
    add_pair(&report, "c", "same");
    add_pair(&report, "d", "only B");
    compare_model_take(&model, &report);
    return model;
}

static void only_what_differs_is_shown_on_demand(void **state)
{
    (void)state;
    CompareModel model = compared();
    compare_model_layout(&model, 20);
    assert_int_equal(model.select.count, 4);
    assert_int_equal(model.different, 2);
    assert_int_equal(model.line_count, 8);
    compare_model_only(&model, true);
    compare_model_layout(&model, 20);
    assert_int_equal(model.select.count, 2);
    assert_int_equal(model.line_count, 4);
    compare_model_only(&model, false);
    compare_model_layout(&model, 20);
    assert_int_equal(model.line_count, 8);
    compare_model_free(&model);
}

static void a_step_goes_from_difference_to_difference(void **state)
{
    (void)state;
    CompareModel model = compared();
    assert_true(compare_model_step(&model, true));
    assert_int_equal(model.select.selected, 1);
    assert_false(compare_model_step(&model, true));
    select_to(&model.select, 3);
    assert_true(compare_model_step(&model, false));
    assert_int_equal(model.select.selected, 1);
    assert_true(compare_model_step(&model, false));
    assert_false(compare_model_step(&model, false));
    compare_model_free(&model);
}

static void a_store_is_away_until_it_answers(void **state)
{
    (void)state;
    Freshness fresh = {0};
    Status status = {0};
    Error err = {0};
    char *text = freshness_text(&fresh, &status, true);
    assert_string_equal(text, "checking..");
    free(text);
    error_set(&err, ERROR_TIMEOUT, "no answer");
    freshness_fail(&fresh, &err);
    status_hear(&status, false);
    text = freshness_text(&fresh, &status, false);
    assert_true(text_starts(text, "out of reach since "));
    assert_non_null(strstr(text, "(no answer)"));
    free(text);
    freshness_take(&fresh);
    text = freshness_text(&fresh, &status, false);
    assert_true(text_starts(text, "rows as of "));
    free(text);
    error_set(&err, ERROR_NOT_FOUND, "there is no run 7");
    freshness_fail(&fresh, &err);
    text = freshness_text(&fresh, &status, false);
    assert_true(text_starts(text, "rows as of "));
    assert_non_null(strstr(text, "; there is no run 7"));
    free(text);
    freshness_free(&fresh);
}

static void a_store_that_is_only_slow_is_not_asked_again_and_again(void **state)
{
    (void)state;
    Freshness fresh = {0};
    Status status = {.reach = TRI_YES};
    Error err = {0};
    error_set(&err, ERROR_TIMEOUT, "no answer");
    error_hint(&err, "give it more time");
    freshness_fail(&fresh, &err);
    fresh.failed_ms -= 60000;
    assert_false(freshness_is_due(&fresh, &status));
    char *text = freshness_text(&fresh, &status, false);
    assert_string_equal(text, "no answer: give it more time");
    free(text);
    status_hear(&status, false); /* it was away, as the status found */
    assert_false(freshness_is_due(&fresh, &status));
    status_hear(&status, true);
    assert_true(freshness_is_due(&fresh, &status));
    freshness_free(&fresh);
}

static void assert_choice(const char *line, const char *expected)
{
    char *choice = list_query_choice(line);
    assert_string_equal(choice, expected);
    free(choice);
}

static void a_listing_says_in_words_what_it_chooses(void **state)
{
    (void)state;
    assert_choice("history list", "");
    assert_choice("history list --team --who ann --host 'web 1'", "team, of ann@web 1");
    assert_choice("history list --who ann --since 2026-11-22 --state 'partly applied'",
                  "of ann, since 2026-11-22, partly applied");
    assert_choice("history list --host web1", "on web1");
    assert_choice("no such command", "");
}

/* ---- in a terminal ---- */

static void command(Terminal *terminal, const char *line)
{
    terminal_keys(terminal, ":", NULL);
    terminal_type(terminal, line);
    terminal_keys(terminal, "Enter", NULL);
}

static Terminal *open_at(const Cli *cli, const char *line, const char *shows)
{
    Terminal *terminal = terminal_start(cli->env, 100, 24, "db history-store");
    terminal_expect(terminal, "shared ON");
    command(terminal, line);
    terminal_expect(terminal, shows);
    return terminal;
}

static void leave(Terminal *terminal)
{
    command(terminal, "quit");
    terminal_expect(terminal, "left with 0");
    terminal_stop(terminal);
}

static Cli ann_with_runs(const CliStore *store, int runs)
{
    Cli ann = cli_team_person("ann", store);
    for (int i = 0; i < runs; i++) {
        cli_team_work(&ann);
    }
    return ann;
}

static void a_marked_run_has_a_sign_in_its_row(void **state)
{
    (void)state;
    CliStore store = cli_store_new(true);
    Cli ann = ann_with_runs(&store, 2);
    Terminal *terminal = open_at(&ann, "history list", "2 of 2");
    terminal_keys(terminal, "c", NULL);
    terminal_expect(terminal, "\nA>   2");
    terminal_expect(terminal, "A: run 2");
    terminal_keys(terminal, "j", NULL);
    terminal_expect(terminal, "\nA    2");
    terminal_keys(terminal, "k", "c", NULL);
    terminal_expect(terminal, "run 2 is no longer marked");
    terminal_expect(terminal, "\n >   2");
    terminal_keys(terminal, "c", NULL);
    terminal_expect(terminal, "\nA>   2");
    terminal_keys(terminal, "Escape", NULL);
    terminal_expect(terminal, "\n >   2");
    terminal_expect_gone(terminal, "A: run 2");
    terminal_expect(terminal, "Runs  scope: mine");
    leave(terminal);
}

static void a_mark_stays_with_its_run_in_the_teams_list(void **state)
{
    (void)state;
    CliStore store = cli_store_new(true);
    Cli ann = ann_with_runs(&store, 1);
    Cli bob = cli_team_person("bob", &store);
    cli_team_work(&bob);
    Terminal *terminal = open_at(&ann, "history list", "1 of 1");
    terminal_keys(terminal, "c", "f", NULL);
    terminal_expect(terminal, "scope: team");
    terminal_expect(terminal, "bob@");
    terminal_expect(terminal, "\nA>   1");
    terminal_keys(terminal, "g", "c", NULL);
    terminal_expect(terminal, "Runs 1 and 1 of bob@");
    leave(terminal);
}

static void a_comparison_says_what_is_compared_and_shows_what_differs(void **state)
{
    (void)state;
    CliStore store = cli_store_new(true);
    Cli ann = ann_with_runs(&store, 2);
    support_sqlite(ann.history, "UPDATE run_results SET chosen_text = 'Who buys here.' WHERE run_id = 2 AND "
                                "column_name = 'name'");
    Terminal *terminal =
        open_at(&ann, "history compare 1 2", "Compare  1/4  1 differs  Runs 1 and 2: customer");
    terminal_expect(terminal, "d differing/all");
    terminal_expect(terminal, "same     main.customer");
    terminal_keys(terminal, "d", NULL);
    terminal_expect(terminal, "1/1 differing");
    terminal_expect_gone(terminal, "same     main.customer");
    terminal_keys(terminal, "d", "G", "N", NULL);
    terminal_expect(terminal, "> changed  main.customer.name");
    terminal_keys(terminal, "n", NULL);
    terminal_expect(terminal, "no difference further down");
    leave(terminal);
}

static void runs_without_a_difference_say_so(void **state)
{
    (void)state;
    CliStore store = cli_store_new(true);
    Cli ann = ann_with_runs(&store, 2);
    Terminal *terminal = open_at(&ann, "history compare 1 2", "0 differ");
    terminal_keys(terminal, "d", NULL);
    terminal_expect(terminal, "The two say the same of everything.");
    terminal_keys(terminal, "d", NULL);
    terminal_expect(terminal, "same     main.customer");
    leave(terminal);
}

static void the_list_shows_where_a_run_stands_and_finds_it_by_that(void **state)
{
    (void)state;
    CliStore store = cli_store_new(true);
    Cli ann = ann_with_runs(&store, 2);
    cli_ok(&ann, "review 2 --accept low");
    cli_ok(&ann, "apply 2 --yes");
    Terminal *terminal = open_at(&ann, "history list", " applied ");
    terminal_expect(terminal, " review ");
    terminal_keys(terminal, "/", NULL);
    terminal_type(terminal, "APPLIED");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "1 of 2");
    terminal_expect_gone(terminal, "0  review");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "state      applied  planned 4");
    leave(terminal);
}

static void a_table_of_the_team_opens_its_whole_history(void **state)
{
    (void)state;
    CliStore store = cli_store_new(true);
    Cli ann = ann_with_runs(&store, 1);
    Cli bob = cli_team_person("bob", &store);
    cli_team_work(&bob);
    support_sqlite(bob.history,
                   "UPDATE run_results SET evaluation = 'edited', chosen_text = 'People who buy.', "
                   "evaluated_at = updated_at WHERE column_name IS NULL");
    cli_ok(&bob, "db history-store flush-pending");
    Terminal *terminal = open_at(&ann, "history stats --team --by table --who bob", "Team  by table");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "History of main.customer  team  4");
    terminal_expect(terminal, "bob@");
    terminal_expect(terminal, "edited");
    terminal_keys(terminal, "/", NULL);
    terminal_type(terminal, "People who buy");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "1 of ");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "People who buy.");
    terminal_expect(terminal, "Ver:");
    leave(terminal);
}

static void an_engineers_runs_say_whose_they_are(void **state)
{
    (void)state;
    CliStore store = cli_store_new(true);
    Cli ann = ann_with_runs(&store, 2);
    Terminal *terminal = open_at(&ann, "history stats --team", "Team  by engineer");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "Runs  team, of ann@");
    leave(terminal);
}

static void an_event_is_told_in_words(void **state)
{
    (void)state;
    CliStore store = cli_store_new(true);
    Cli ann = ann_with_runs(&store, 0);
    support_sqlite(ann.history,
                   "INSERT INTO app_events(kind, status, detail) VALUES ('flush', 'ok', "
                   "'{\"rows\":12,\"refused\":0,\"schema\":null,\"lost_rows\":[{\"id\":3},true]}')");
    Terminal *terminal = open_at(&ann, "history events", "rows 12, refused 0, lost rows ((id 3); yes)");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "Detail:");
    terminal_expect(terminal, "rows 12, refused 0");
    leave(terminal);
}

static void events_that_cannot_be_read_come_with_a_way_out(void **state)
{
    (void)state;
    CliStore store = cli_store_new(true);
    Cli ann = ann_with_runs(&store, 0);
    support_sqlite(ann.history, "PRAGMA legacy_alter_table = ON; ALTER TABLE app_events RENAME TO lost");
    Terminal *terminal = terminal_start(ann.env, 100, 24, "");
    terminal_expect(terminal, "> Status");
    terminal_keys(terminal, "E", NULL);
    terminal_expect(terminal, "no such table: app_events");
    terminal_expect(terminal, "put a copy of it back");
    support_sqlite(ann.history, "PRAGMA legacy_alter_table = ON; ALTER TABLE lost RENAME TO app_events");
    leave(terminal);
}

/* ---- sessions ---- */

static void a_session_is_resumed_from_the_list(void **state)
{
    (void)state;
    CliStore store = cli_store_new(true);
    Cli ann = ann_with_runs(&store, 0);
    cli_ok(&ann, "session new --title Older");
    cli_ok(&ann, "session new --title Newer");
    Terminal *terminal = open_at(&ann, "session list", "Newer");
    terminal_expect(terminal, "r resume");
    terminal_keys(terminal, "j", "r", NULL);
    terminal_expect(terminal, "session 1 is active under profile shop");
    leave(terminal);
}

static void a_session_of_another_profile_is_refused_with_the_way_out(void **state)
{
    (void)state;
    CliStore store = cli_store_new(true);
    Cli ann = ann_with_runs(&store, 0);
    cli_ok(&ann, "session new --title Mine");
    support_sqlite(ann.history, "UPDATE sessions SET db_profile = 'other', fingerprint = 'sqlite:/other.db'");
    Terminal *terminal = open_at(&ann, "session list --all-profiles", "Mine");
    terminal_keys(terminal, "r", NULL);
    terminal_expect(terminal, "Not resumed");
    terminal_expect(terminal, "is bound to");
    terminal_expect(terminal, "put it back to");
    terminal_expect(terminal, "show --id 1");
    terminal_keys(terminal, "Enter", "Enter", NULL);
    terminal_expect(terminal, "READ-ONLY");
    terminal_expect(terminal, "r why it is read-only");
    terminal_expect_gone(terminal, "r resume");
    leave(terminal);
}

static void a_teammates_session_is_refused_with_the_way_out(void **state)
{
    (void)state;
    CliStore store = cli_store_new(true);
    Cli ann = ann_with_runs(&store, 0);
    Cli bob = cli_team_person("bob", &store);
    cli_ok(&bob, "session new --title Theirs");
    Terminal *terminal = open_at(&ann, "session list --team", "Theirs");
    terminal_keys(terminal, "r", NULL);
    terminal_expect(terminal, "Not resumed");
    terminal_expect(terminal, "F forks it");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect_gone(terminal, "Not resumed");
    leave(terminal);
}

/* ---- while the store is away ---- */

/* Ann and bob share through a relay; ann looks. */
typedef struct Away {
    CliStore store;
    Cli ann;
    Cli bob;
    const char *origin; /* bob's */
    Relay *relay;
} Away;

static Away away;

static int set_up_away(void **state)
{
    (void)state;
    away = (Away){.store = cli_store_new(false)};
    away.ann = cli_team_person("ann", &away.store);
    away.bob = cli_team_person("bob", &away.store);
    cli_team_work(&away.ann);
    cli_team_work(&away.bob);
    away.origin = cli_store_value(&away.store, "SELECT origin_id FROM @runs WHERE created_by = 'bob'");
    char *path = text_format("%s/.s.PGSQL.%d", support_server()->socket, support_server()->port);
    away.relay = relay_start(path);
    char *through = text_format("host=127.0.0.1 port=%d user=tester dbname=%s", relay_port(away.relay),
                                support_sql_value(away.store.where, "SELECT current_database()"));
    cli_team_configure_impatient(&away.ann, &away.store, through);
    free(through);
    free(path);
    return 0;
}

static int tear_down_away(void **state)
{
    int failed = terminal_teardown(state);
    relay_stop(away.relay);
    return failed;
}

#define away_test(function) cmocka_unit_test_setup_teardown(function, set_up_away, tear_down_away)

/* A reload meets a silent store, and the next one a store that answers again. */
static void expect_away_and_back(Terminal *terminal, const char *stays)
{
    relay_set(away.relay, RELAY_MUTE, 0, NULL);
    terminal_keys(terminal, "F5", NULL);
    terminal_expect(terminal, "out of reach since ");
    terminal_expect(terminal, "rows as of ");
    terminal_expect(terminal, stays);
    relay_set(away.relay, RELAY_PASS, 0, NULL);
    terminal_keys(terminal, "F5", NULL);
    terminal_expect_gone(terminal, "out of reach since ");
    terminal_expect(terminal, stays);
}

static void the_team_says_that_the_store_went_silent(void **state)
{
    (void)state;
    Terminal *terminal = open_at(&away.ann, "history stats --team", "2 of 2");
    expect_away_and_back(terminal, "bob@");
    leave(terminal);
}

static void a_teammates_run_says_that_the_store_went_silent(void **state)
{
    (void)state;
    const char *line = support_keep(text_format("history show 1 --origin %s", away.origin));
    Terminal *terminal = open_at(&away.ann, line, "4 of 4");
    terminal_expect(terminal, "main.customer.email");
    expect_away_and_back(terminal, "main.customer.email");
    leave(terminal);
}

static void a_comparison_says_that_the_store_went_silent(void **state)
{
    (void)state;
    const char *line = support_keep(text_format("history compare 1 %s/1", away.origin));
    Terminal *terminal = open_at(&away.ann, line, "Runs 1 and 1 of bob@");
    expect_away_and_back(terminal, "main.customer");
    leave(terminal);
}

static void run_of_bob(Terminal *terminal)
{
    command(terminal, support_keep(text_format("history show 1 --origin %s", away.origin)));
    terminal_expect(terminal, "main.customer.email");
}

/* The read that is under way when a view is left neither holds the screen up nor shows anywhere. */
static void a_view_is_left_while_it_reads(void **state)
{
    (void)state;
    Terminal *terminal = open_at(&away.ann, "history list", "1 of 1");
    run_of_bob(terminal);
    relay_set(away.relay, RELAY_FREEZE, 0, NULL);
    terminal_keys(terminal, "F5", "q", NULL);
    terminal_expect(terminal, "Runs  scope: mine  1 of 1");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "Run 1  customer  4 of 4");
    relay_set(away.relay, RELAY_PASS, 0, NULL);
    terminal_keys(terminal, "T", NULL);
    terminal_expect(terminal, "2 of 2");
    terminal_keys(terminal, "P", NULL);
    terminal_expect(terminal, "Run 1  customer  4 of 4");
    terminal_expect(terminal, "ann@");
    terminal_expect_gone(terminal, "out of reach since");
    leave(terminal);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_differs_is_shown_on_demand),
        cmocka_unit_test(a_step_goes_from_difference_to_difference),
        cmocka_unit_test(a_store_is_away_until_it_answers),
        cmocka_unit_test(a_store_that_is_only_slow_is_not_asked_again_and_again),
        cmocka_unit_test(a_listing_says_in_words_what_it_chooses),
        screen_test(a_marked_run_has_a_sign_in_its_row),
        screen_test(a_mark_stays_with_its_run_in_the_teams_list),
        screen_test(a_comparison_says_what_is_compared_and_shows_what_differs),
        screen_test(runs_without_a_difference_say_so),
        screen_test(the_list_shows_where_a_run_stands_and_finds_it_by_that),
        screen_test(a_table_of_the_team_opens_its_whole_history),
        screen_test(an_engineers_runs_say_whose_they_are),
        screen_test(an_event_is_told_in_words),
        screen_test(events_that_cannot_be_read_come_with_a_way_out),
        screen_test(a_session_is_resumed_from_the_list),
        screen_test(a_session_of_another_profile_is_refused_with_the_way_out),
        screen_test(a_teammates_session_is_refused_with_the_way_out),
        away_test(the_team_says_that_the_store_went_silent),
        away_test(a_teammates_run_says_that_the_store_went_silent),
        away_test(a_comparison_says_that_the_store_went_silent),
        away_test(a_view_is_left_while_it_reads),
    };
    setlocale(LC_ALL, "C.UTF-8");
    if (argc > 1) {
        cmocka_set_test_filter(argv[1]);
    }
    return support_cleanup(cmocka_run_group_tests_name("runs", tests, NULL, NULL));
}
