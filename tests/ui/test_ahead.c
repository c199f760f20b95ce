/* Keys that come before the rows they are about: typed at once with what brings the rows, or while a store
 * takes its time. */
#include <stdlib.h>
#include <string.h>

#include "cli_team.h"
#include "relay.h"
#include "support_internal.h"
#include "text.h"
#include "workstation.h"

#define screen_test(function) cmocka_unit_test_teardown(function, terminal_teardown)

/* ---- bursts ---- */

/* Three runs, of which the first one was applied. */
static Cli applied_once(void)
{
    Cli ann = workstation_new("");
    cli_ok(&ann, "run");
    cli_ok(&ann, "review 1 --accept low");
    cli_ok(&ann, "apply 1 --yes");
    cli_ok(&ann, "run --all");
    cli_ok(&ann, "run --all");
    return ann;
}

static Terminal *open_runs(const Cli *ann)
{
    Terminal *terminal = workstation_open(ann, "");
    terminal_keys(terminal, "R", NULL);
    terminal_expect(terminal, ">   3");
    return terminal;
}

static void a_filter_and_a_review_at_once_are_about_the_same_run(void **state)
{
    (void)state;
    Cli ann = applied_once();
    Terminal *terminal = open_runs(&ann);
    terminal_type(terminal, "/applied\rv");
    terminal_expect(terminal, "Review 1 ");
    workstation_leave(terminal);
}

static void a_filter_and_a_rollback_at_once_are_about_the_same_run(void **state)
{
    (void)state;
    Cli ann = applied_once();
    Terminal *terminal = open_runs(&ann);
    terminal_type(terminal, "/applied\rb");
    terminal_expect(terminal, "Restore 3 texts");
    terminal_expect(terminal, "/applied  1 of 3");
    terminal_keys(terminal, "n", NULL);
    terminal_expect_gone(terminal, "Restore 3 texts");
    workstation_leave(terminal);
}

static void a_question_is_not_answered_by_what_was_typed_before_it(void **state)
{
    (void)state;
    Cli ann = applied_once();
    Terminal *terminal = workstation_open(&ann, "");
    terminal_type(terminal, "RGby");
    terminal_expect(terminal, "Restore 3 texts");
    terminal_keys(terminal, "n", NULL);
    terminal_expect_gone(terminal, "Restore 3 texts");
    workstation_leave(terminal);
    cli_hides(cli_ok(&ann, "history list").out, "rolled back");
}

static void keys_for_a_tab_that_opens_are_kept_in_their_order(void **state)
{
    (void)state;
    Cli ann = applied_once();
    Terminal *terminal = workstation_open(&ann, "");
    terminal_type(terminal, "RGv");
    terminal_expect(terminal, "Review 1 ");
    workstation_leave(terminal);
    terminal = workstation_open(&ann, "");
    terminal_type(terminal, "RG\r");
    terminal_expect(terminal, "Run 1 ");
    workstation_leave(terminal);
    terminal = workstation_open(&ann, "");
    terminal_type(terminal, "R/applied\r\r");
    terminal_expect(terminal, "Run 1 ");
    workstation_leave(terminal);
}

/* Elsewhere these leave a view, open its help and go to a tab. */
static void every_key_is_text_in_a_filter_that_is_typed_ahead(void **state)
{
    (void)state;
    Cli ann = applied_once();
    Terminal *terminal = workstation_open(&ann, "");
    terminal_type(terminal, "R/q?S\r");
    terminal_expect(terminal, "/q?S  0 of 3");
    workstation_leave(terminal);
}

static void a_key_that_leads_away_does_so_at_once(void **state)
{
    (void)state;
    Cli ann = applied_once();
    Terminal *terminal = workstation_open(&ann, "");
    terminal_type(terminal, "RGE");
    terminal_expect(terminal, "[E Events]");
    terminal_keys(terminal, "R", NULL);
    terminal_expect(terminal, ">   3");
    workstation_leave(terminal);
}

static void a_table_of_the_team_is_opened_from_one_burst(void **state)
{
    (void)state;
    CliStore store = cli_store_new(true);
    Cli ann = cli_team_person("ann", &store);
    cli_team_work(&ann);
    support_sqlite(
        ann.history,
        "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 900) "
        "INSERT INTO run_results(run_id, schema_name, table_name, kind, alternatives, confidence, evidence, "
        "source) "
        "SELECT 1, 'main', 't' || i, 'table', '[\"Text\"]', 0.9, '[]', 'builtin' FROM n ORDER BY i");
    cli_ok(&ann, "db history-store flush-pending");
    Terminal *terminal = terminal_start(ann.env, 100, 24, "db history-store");
    terminal_expect(terminal, "shared ON");
    terminal_type(terminal, "Tb/t777\r\r");
    terminal_expect(terminal, "main.t777");
    terminal_expect_gone(terminal, "Team  by table");
    terminal_command(terminal, "quit");
    terminal_expect_end(terminal);
}

/* ---- while a store takes its time ---- */

static Relay *relay;

static int set_up_relay(void **state)
{
    (void)state;
    char *path = text_format("%s/.s.PGSQL.%d", support_server()->socket, support_server()->port);
    relay = relay_start(path);
    free(path);
    return 0;
}

static int tear_down_relay(void **state)
{
    int failed = terminal_teardown(state);
    relay_stop(relay);
    return failed;
}

static void keys_that_wait_are_told_of_and_dropped_by_escape(void **state)
{
    (void)state;
    CliStore store = cli_store_new(false);
    Cli ann = cli_team_person("ann", &store);
    Cli bob = cli_team_person("bob", &store);
    cli_team_work(&ann);
    cli_team_work(&bob);
    char *through = text_format("host=127.0.0.1 port=%d user=tester dbname=%s", relay_port(relay),
                                support_sql_value(store.where, "SELECT current_database()"));
    cli_team_configure(&ann, &store, through, 30000);
    free(through);
    Terminal *terminal = terminal_start(ann.env, 100, 24, "db history-store");
    terminal_expect(terminal, "shared ON");
    terminal_command(terminal, "history list --team");
    terminal_expect(terminal, "2 of 2");
    relay_set(relay, RELAY_FREEZE, 0, NULL);
    terminal_type(terminal, "/bob\r\r");
    terminal_expect(terminal, "still reading: the keys wait for the rows");
    terminal_type(terminal, "jjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjj");
    terminal_expect(terminal, "still reading: no more keys wait");
    terminal_keys(terminal, "Escape", NULL);
    terminal_expect(terminal, "the keys that waited for rows were dropped");
    terminal_expect(terminal, "/bob");
    relay_set(relay, RELAY_PASS, 0, NULL);
    terminal_command(terminal, "quit");
    terminal_expect_end(terminal);
}

/* ---- what is gone ---- */

static void a_session_that_is_gone_before_it_is_opened_says_so(void **state)
{
    (void)state;
    CliStore store = cli_store_new(true);
    Cli ann = cli_team_person("ann", &store);
    Cli bob = cli_team_person("bob", &store);
    cli_ok(&bob, "session new --title 'First look'");
    cli_ok(&bob, "ask 'which tables hold a customer name?'");
    Terminal *terminal = terminal_start(ann.env, 100, 24, "db history-store");
    terminal_expect(terminal, "shared ON");
    terminal_command(terminal, "session list --team");
    terminal_expect(terminal, "First look");
    cli_ok(&bob, "session delete --id 1 --yes");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "Session 1  DELETED");
    terminal_expect(terminal, "This session was deleted");
    assert_null(strstr(terminal_screen(terminal), "No turns yet"));
    assert_null(strstr(terminal_screen(terminal), "x export"));
    terminal_keys(terminal, "x", NULL);
    terminal_expect(terminal, "no such key here");
    terminal_expect(terminal, "Session 1  DELETED");
    terminal_command(terminal, "quit");
    terminal_expect_end(terminal);
}

int main(int argc, char **argv)
{
    cmocka_set_test_filter(argc > 1 ? argv[1] : NULL);
    const struct CMUnitTest tests[] = {
        screen_test(a_filter_and_a_review_at_once_are_about_the_same_run),
        screen_test(a_filter_and_a_rollback_at_once_are_about_the_same_run),
        screen_test(a_question_is_not_answered_by_what_was_typed_before_it),
        screen_test(keys_for_a_tab_that_opens_are_kept_in_their_order),
        screen_test(every_key_is_text_in_a_filter_that_is_typed_ahead),
        screen_test(a_key_that_leads_away_does_so_at_once),
        screen_test(a_table_of_the_team_is_opened_from_one_burst),
        cmocka_unit_test_setup_teardown(keys_that_wait_are_told_of_and_dropped_by_escape, set_up_relay,
                                        tear_down_relay),
        screen_test(a_session_that_is_gone_before_it_is_opened_says_so),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
