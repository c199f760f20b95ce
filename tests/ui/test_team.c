/* Runs in detail and side by side, what the team does, and numbers as a row of characters: models first, then
 * in a real terminal. */
#include <locale.h>
#include <string.h>

#include "cli_team.h"
#include "compare_model.h"
#include "list_model.h"
#include "sparkline.h"
#include "terminal.h"
#include "text.h"

#define screen_test(function) cmocka_unit_test_teardown(function, terminal_teardown)

/* ---- without a terminal ---- */

static void assert_line(char *line, const char *expected)
{
    assert_non_null(line);
    assert_string_equal(line, expected);
    free(line);
}

static void numbers_become_characters(void **state)
{
    (void)state;
    const double numbers[] = {0, 1, 35, 70, SPARKLINE_UNKNOWN, 0};
    assert_line(sparkline(numbers, 6, true), "▁▂▄█ ▁");
    assert_line(sparkline(numbers, 6, false), " .-#  ");
    const double small[] = {0, 1e-9, 1e9};
    assert_line(sparkline(small, 3, true), "▁▂█");
    const double nothing[] = {0, 0};
    assert_line(sparkline(nothing, 2, true), "▁▁");
    assert_line(sparkline(NULL, 0, true), "");
}

static void an_array_is_shown_by_the_most_of_each_share(void **state)
{
    (void)state;
    json_t *minutes = json_pack("[n,n,i,i,i,i]", 0, 0, 2, 7);
    assert_line(sparkline_of_array(minutes, 3, true), " ▁█");
    assert_line(sparkline_of_array(minutes, 6, true), "  ▁▁▃█");
    json_decref(minutes);
    json_t *unknown = json_pack("[n,n]");
    assert_null(sparkline_of_array(unknown, 2, true));
    assert_null(sparkline_of_array(NULL, 2, true));
    json_decref(unknown);
}

static void days_without_runs_are_shown_as_nothing(void **state)
{
    (void)state;
    json_t *rows =
        json_pack("[{s:s,s:i},{s:s,s:i}]", "day", "2026-03-01", "runs", 4, "day", "2026-02-27", "runs", 1);
    assert_line(sparkline_of_days(rows, "day", "runs", 4, true), "▁▂▁█");
    assert_line(sparkline_of_days(rows, "day", "runs", 1, true), "█");
    assert_line(sparkline_of_days(rows, "day", NULL, 2, true), "▁█");
    json_decref(rows);
    assert_null(sparkline_of_days(NULL, "day", "runs", 4, true));
}

static void add_pair(Report *report, const char *object, const char *change, const char *a, const char *b)
{
    json_t *row = report_row(report);
    row_text(row, "object", object);
    row_text(row, "change", change);
    row_text(row, "a_state", a ? "draft" : NULL);
    row_text(row, "a_level", a ? "high" : NULL);
    row_text(row, "a_text", a);
    row_text(row, "b_state", b ? "accepted" : NULL);
    row_text(row, "b_level", b ? "low" : NULL);
    row_text(row, "b_text", b);
}

static void pairs_that_differ_come_first(void **state)
{
    (void)state;
    static const ReportColumn columns[] = {{"object", "Object", REPORT_TEXT}};
    Report report = {0};
    CompareModel model = {0};
    report_list(&report, "amx.compare/1", columns, 1);
    add_pair(&report, "a", "same", "x", "x");
    add_pair(&report, "b", "only B", NULL, "y");
    add_pair(&report, "c", "changed", "one two three four", "z\x1b[31m");
    compare_model_take(&model, &report);
    compare_model_layout(&model, 10);
    assert_int_equal(model.select.count, 3);
    assert_string_equal(model.lines[0].left, "changed  c   A: draft, high   B: accepted, low");
    assert_string_equal(model.lines[1].left, "one two");
    assert_string_equal(model.lines[1].right, "z\\x1b[31m");
    assert_string_equal(model.lines[2].left, "three four");
    assert_string_equal(model.lines[2].right, "");
    assert_string_equal(model.lines[3].left, "only B   b   A: -   B: accepted, low");
    assert_int_equal(model.line_count, 7);
    select_to(&model.select, 2);
    compare_model_scroll(&model, 3);
    assert_int_equal(model.top, 4); /* the last pair is whole in sight */
    select_to(&model.select, 0);
    compare_model_scroll(&model, 3);
    assert_int_equal(model.top, 0);
    compare_model_page(&model, 3);
    assert_int_equal(model.select.selected, 1);
    compare_model_layout(&model, 40);
    assert_string_equal(model.lines[1].left, "one two three four");
    compare_model_free(&model);
}

static void fill_sums(Report *report, const char *first, const char *second)
{
    static const ReportColumn columns[] = {{"key", "Key", REPORT_TEXT}};
    report_list(report, "amx.activity.who/1", columns, 1);
    row_text(report_row(report), "key", first);
    row_text(report_row(report), "key", second);
}

static void a_reload_keeps_the_selected_sum(void **state)
{
    (void)state;
    Report report = {0};
    ListModel model = {0};
    fill_sums(&report, "ann@web1", "bob@lap");
    list_model_take(&model, &report);
    select_to(&model.select, 1);
    fill_sums(&report, "bob@lap", "ann@web1"); /* he was active last now */
    list_model_take(&model, &report);
    assert_int_equal(model.select.selected, 0);
    list_model_free(&model);
}

/* ---- in a terminal ---- */

static Terminal *open_screen(const Cli *cli)
{
    Terminal *terminal = terminal_start(cli->env, 100, 24, "db history-store");
    terminal_expect(terminal, "shared ON");
    return terminal;
}

static void leave(Terminal *terminal)
{
    terminal_command(terminal, "quit");
    terminal_expect_end(terminal);
}

static void a_run_opens_with_its_results(void **state)
{
    (void)state;
    CliStore store = cli_store_new(true);
    Cli ann = cli_team_person("ann", &store);
    cli_team_work(&ann);
    Terminal *terminal = open_screen(&ann);
    terminal_command(terminal, "history list");
    terminal_expect(terminal, "Runs  scope: mine  1 of 1  ▁▁▁▁▁▁▁▁▁▁▁▁▁█");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "Run 1  customer  4 of 4");
    terminal_expect(terminal, "drafted 4");
    terminal_expect(terminal, "accepted 0");
    terminal_expect(terminal, "> ");
    terminal_expect(terminal, "main.customer.email");
    terminal_keys(terminal, "y", NULL);
    terminal_expect(terminal, "copied");
    assert_non_null(strstr(terminal_clipboard(terminal), "main.customer\t"));
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "[1]");
    terminal_expect(terminal, "Drafts");
    terminal_keys(terminal, "q", NULL);
    terminal_expect(terminal, "main.customer.email");
    leave(terminal);
}

static void two_runs_of_the_list_are_compared_by_c(void **state)
{
    (void)state;
    CliStore store = cli_store_new(true);
    Cli ann = cli_team_person("ann", &store);
    cli_team_work(&ann);
    cli_team_work(&ann);
    cli_team_work(&ann);
    support_sqlite(ann.history, "UPDATE run_results SET chosen_text = 'Who buys here.' WHERE run_id = 2 AND "
                                "column_name = 'name'");
    Terminal *terminal = open_screen(&ann);
    terminal_command(terminal, "history list");
    terminal_expect(terminal, "3 of 3");
    terminal_keys(terminal, "c", NULL);
    terminal_expect(terminal, "run 3 is marked");
    terminal_keys(terminal, "c", NULL);
    terminal_expect(terminal, "run 3 is no longer marked");
    terminal_keys(terminal, "c", "j", "c", NULL);
    terminal_expect(terminal, "1 changed");
    terminal_expect(terminal, "> changed  main.customer.name");
    terminal_expect(terminal, "Who buys here.");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "main.customer.name: changed");
    terminal_keys(terminal, "q", NULL);
    terminal_expect(terminal, "> changed");
    leave(terminal);
}

static void the_team_is_seen_by_engineer_and_by_table(void **state)
{
    (void)state;
    CliStore store = cli_store_new(true);
    Cli ann = cli_team_person("ann", &store);
    Cli bob = cli_team_person("bob", &store);
    cli_team_work(&ann);
    cli_team_work(&bob);
    Terminal *terminal = open_screen(&ann);
    terminal_command(terminal, "history stats --team");
    terminal_expect(terminal, "Team  by engineer  2 of 2");
    terminal_expect(terminal, "rows as of ");
    terminal_expect(terminal, "runs a day");
    terminal_expect(terminal, "bob@");
    terminal_keys(terminal, "b", NULL);
    terminal_expect(terminal, "Team  by table");
    terminal_expect(terminal, "main.customer");
    terminal_keys(terminal, "b", NULL);
    terminal_expect(terminal, "ann@");
    cli_team_work(&bob);
    terminal_keys(terminal, "F5", NULL);
    terminal_expect(terminal, "     2        8 ");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "Runs  team, of bob@");
    leave(terminal);
}

static void a_team_out_of_reach_is_told_with_the_reason(void **state)
{
    (void)state;
    CliStore store = cli_store_new(true);
    Cli ann = cli_team_person("ann", &store);
    cli_team_work(&ann);
    Terminal *terminal = open_screen(&ann);
    terminal_command(terminal, "history stats --team");
    terminal_expect(terminal, "Team  by engineer  1 of 1");
    char *away = text_format("mv '%s' '%s.away' && mkdir '%s'", store.where, store.where, store.where);
    support_shell(ann.env, away);
    terminal_keys(terminal, "F5", NULL);
    terminal_expect(terminal, "out of reach since ");
    terminal_expect(terminal, "rows as of ");
    char *back = text_format("rmdir '%s' && mv '%s.away' '%s'", store.where, store.where, store.where);
    support_shell(ann.env, back);
    terminal_keys(terminal, "F5", NULL);
    terminal_expect_gone(terminal, "out of reach");
    free(away);
    free(back);
    leave(terminal);
}

static void the_picker_shows_the_outbox_of_the_last_hour(void **state)
{
    (void)state;
    CliStore store = cli_store_new(true);
    Cli ann = cli_team_person("ann", &store);
    cli_team_work(&ann);
    cli_team_configure(&ann, &store, "/nonexistent/store.db", 30000);
    cli_team_work(&ann);
    Terminal *terminal = open_screen(&ann);
    terminal_expect(terminal, "pending       5");
    terminal_expect(terminal, "█ last hour");
    leave(terminal);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_become_characters),
        cmocka_unit_test(an_array_is_shown_by_the_most_of_each_share),
        cmocka_unit_test(days_without_runs_are_shown_as_nothing),
        cmocka_unit_test(pairs_that_differ_come_first),
        cmocka_unit_test(a_reload_keeps_the_selected_sum),
        screen_test(a_run_opens_with_its_results),
        screen_test(two_runs_of_the_list_are_compared_by_c),
        screen_test(the_team_is_seen_by_engineer_and_by_table),
        screen_test(a_team_out_of_reach_is_told_with_the_reason),
        screen_test(the_picker_shows_the_outbox_of_the_last_hour),
    };
    setlocale(LC_ALL, "C.UTF-8");
    if (argc > 1) {
        cmocka_set_test_filter(argv[1]);
    }
    return support_cleanup(cmocka_run_group_tests_name("team", tests, NULL, NULL));
}
