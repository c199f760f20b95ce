/* What every listing does, wherever it is shown: in the results of a run, in the team, in the events. The
 * filter while it is typed, pages to the very end, an order by any column. */
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "cli_team.h"
#include "list_query.h"
#include "memory.h"
#include "page_model.h"
#include "support_internal.h"
#include "table.h"
#include "terminal.h"
#include "text.h"

#define screen_test(function) cmocka_unit_test_teardown(function, terminal_teardown)

/* ---- without a terminal ---- */

static void a_long_name_leaves_room_for_the_text_beside_it(void **state)
{
    (void)state;
    static const ReportColumn columns[] = {{"local_id", "ID", REPORT_NUMBER},
                                           {"object", "Object", REPORT_TEXT},
                                           {"level", "Confidence", REPORT_TEXT},
                                           {"text", "Text", REPORT_WIDE}};
    Report report = {0};
    report_list(&report, "amx.results/1", columns, 4);
    json_t *row = report_row(&report);
    row_int(row, "local_id", 12345);
    row_text(row, "object", "warehouse.a_table_that_somebody_gave_a_rather_long_name_to.and_a_column_too");
    row_text(row, "level", "medium");
    row_text(row, "text", "One row per customer who ever bought something here, whether or not they paid.");
    Table table;
    table_open(&table, &report);
    table_layout(&table, 116);
    assert_int_equal(table.widths[3], 46);
    assert_true(table.widths[1] < table.natural[1]);
    table_close(&table);
    row_text(row, "text", "Short."); /* nothing starves */
    table_open(&table, &report);
    table_layout(&table, 116);
    assert_int_equal(table.widths[1], table.natural[1]);
    table_close(&table);
    report_free(&report);
}

static void a_state_is_cut_last(void **state)
{
    (void)state;
    static const ReportColumn columns[] = {{"scope", "Scope", REPORT_WIDE}, {"state", "State", REPORT_TEXT}};
    Report report = {0};
    report_list(&report, "amx.runs/1", columns, 2);
    json_t *row = report_row(&report);
    row_text(row, "scope", "warehouse.customer_address, warehouse.customer");
    row_text(row, "state", "partly applied");
    Table table;
    table_open(&table, &report);
    table_layout(&table, 40);
    assert_int_equal(table.widths[1], 14);
    table_close(&table);
    report_free(&report);
}

static void more_rows_than_are_counted_are_at_least_so_many(void **state)
{
    (void)state;
    static const ReportColumn columns[] = {{"local_id", "ID", REPORT_NUMBER}};
    Report first = {0};
    PageModel model = {0};
    bool all = true;
    report_list(&first, "amx.runs/1", columns, 1);
    row_int(report_row(&first), "local_id", 1);
    first.next = memory_string("x");
    first.least = 20000;
    page_model_open(&model, &first);
    assert_int_equal(page_model_count(&model, &all), 20000);
    assert_false(all);
    page_model_free(&model);
}

static void events_are_ones_own_or_the_teams(void **state)
{
    (void)state;
    assert_string_equal(list_query_next_scope("history events", false), "history events --team");
    assert_string_equal(list_query_next_scope("history events --team", false), "history events");
    assert_string_equal(list_query_next_scope("history events", true), "history events");
    assert_string_equal(list_query_next_scope("history list --team", false), "history list");
    assert_string_equal(list_query_next_scope("session list", false), "session list --all-profiles");
}

/* ---- in a terminal ---- */

static Terminal *open_at(const Cli *cli, const char *line, const char *shows)
{
    Terminal *terminal = terminal_start(cli->env, 100, 24, "db history-store");
    terminal_expect(terminal, "shared ON");
    terminal_command(terminal, line);
    terminal_expect(terminal, shows);
    return terminal;
}

static void leave(Terminal *terminal)
{
    terminal_command(terminal, "quit");
    terminal_expect_end(terminal);
}

/* The only run has `many` results: those of its table, and of columns c5, c6 and so on. */
static void fill_run(const Cli *cli, int many)
{
    char *sql = text_format(
        "WITH RECURSIVE n(i) AS (VALUES (5) UNION ALL SELECT i + 1 FROM n WHERE i < %d) "
        "INSERT INTO run_results(run_id, schema_name, table_name, column_name, kind, alternatives, "
        "confidence, evidence, source) "
        "SELECT 1, 'main', 'wide', 'c' || i, 'column', '[\"Text\"]', 0.9, '[]', 'builtin' FROM n ORDER BY i",
        many);
    support_sqlite(cli->history, sql);
    free(sql);
}

static void the_results_of_a_run_are_filtered_while_one_types(void **state)
{
    (void)state;
    CliStore store = cli_store_new(true);
    Cli ann = cli_team_person("ann", &store);
    cli_team_work(&ann);
    Terminal *terminal = open_at(&ann, "history show 1", "4 of 4");
    terminal_keys(terminal, "/", NULL);
    terminal_type(terminal, "customer.em");
    terminal_expect(terminal, "/customer.em  1");
    terminal_expect(terminal, "main.customer.email");
    terminal_expect_gone(terminal, "main.customer.name");
    terminal_keys(terminal, "Escape", NULL);
    terminal_expect(terminal, "main.customer.name");
    terminal_expect(terminal, "  4 of 4");
    leave(terminal);
}

static void a_run_of_any_size_is_read_to_its_end(void **state)
{
    (void)state;
    CliStore store = cli_store_new(true);
    Cli ann = cli_team_person("ann", &store);
    cli_team_work(&ann);
    fill_run(&ann, 6000);
    Terminal *terminal = open_at(&ann, "history show 1", "6000 of 6000");
    terminal_keys(terminal, "G", NULL);
    terminal_expect(terminal, "> 6000  main.wide.c6000 ");
    terminal_keys(terminal, "g", NULL);
    terminal_expect(terminal, ">    1  main.customer ");
    terminal_keys(terminal, ">", ">", "!", NULL);
    terminal_expect(terminal, "Object↓");
    terminal_keys(terminal, "g", NULL);
    terminal_expect(terminal, "main.wide.c999 ");
    leave(terminal);
}

static void a_teammates_run_is_read_by_pages_too(void **state)
{
    (void)state;
    CliStore store = cli_store_new(true);
    Cli ann = cli_team_person("ann", &store);
    Cli bob = cli_team_person("bob", &store);
    cli_team_work(&bob);
    fill_run(&bob, 700);
    cli_ok(&bob, "db history-store flush-pending");
    Terminal *terminal = open_at(&ann, "history list --team", "bob@");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "Run 1  customer  200+");
    terminal_keys(terminal, "G", NULL);
    terminal_expect(terminal, "main.wide.c700 ");
    terminal_keys(terminal, "/", NULL);
    terminal_type(terminal, "c69");
    terminal_expect(terminal, "11 of ");
    terminal_keys(terminal, "Enter", NULL);
    leave(terminal);
}

/* Tables t1 to t4400, each with a result in ann's run 1. */
static void fill_tables(const Cli *cli)
{
    support_sqlite(
        cli->history,
        "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 4399) "
        "INSERT INTO run_results(run_id, schema_name, table_name, kind, alternatives, confidence, evidence, "
        "source) "
        "SELECT 1, 'main', 't' || i, 'table', '[\"Text\"]', 0.9, '[]', 'builtin' FROM n ORDER BY i");
    cli_ok(cli, "db history-store flush-pending");
}

static void every_table_of_a_team_can_be_reached_and_found(void **state)
{
    (void)state;
    CliStore store = cli_store_new(true);
    Cli ann = cli_team_person("ann", &store);
    cli_team_work(&ann);
    fill_tables(&ann);
    Terminal *terminal = open_at(&ann, "history stats --team --by table", "Team  by table  4400 of 4400");
    terminal_keys(terminal, ">", NULL);
    terminal_expect(terminal, "Table↑");
    terminal_expect(terminal, " main.customer ");
    terminal_keys(terminal, "G", NULL);
    terminal_expect(terminal, "> main.t999 ");
    terminal_keys(terminal, "/", NULL);
    terminal_type(terminal, "T4321");
    terminal_expect(terminal, "/T4321  1 of 4400");
    terminal_expect(terminal, "> main.t4321 ");
    terminal_keys(terminal, "Enter", "Escape", NULL);
    terminal_expect(terminal, "  4400 of 4400");
    leave(terminal);
}

static void the_team_is_sorted_by_a_click_on_a_heading(void **state)
{
    (void)state;
    CliStore store = cli_store_new(true);
    Cli ann = cli_team_person("ann", &store);
    Cli bob = cli_team_person("bob", &store);
    cli_team_work(&ann);
    cli_team_work(&bob);
    Terminal *terminal = open_at(&ann, "history stats --team", "2 of 2");
    terminal_type(terminal, "\033[<0;5;6M\033[<0;5;6m");
    terminal_expect(terminal, "Who@host↑");
    terminal_expect(terminal, "> bob@");
    terminal_type(terminal, "k");
    terminal_expect(terminal, "> ann@");
    terminal_keys(terminal, "!", NULL);
    terminal_expect(terminal, "Who@host↓");
    leave(terminal);
}

static void events_of_the_team_are_one_key_away(void **state)
{
    (void)state;
    CliStore store = cli_store_new(true);
    Cli ann = cli_team_person("ann", &store);
    Cli bob = cli_team_person("bob", &store);
    cli_team_work(&bob);
    Terminal *terminal = open_at(&ann, "history events", "Events  scope: mine");
    terminal_expect_gone(terminal, "bob@");
    terminal_keys(terminal, "f", NULL);
    terminal_expect(terminal, "Events  scope: team");
    terminal_expect(terminal, "bob@");
    leave(terminal);
}

static void runs_a_day_stay_in_sight_in_any_order(void **state)
{
    (void)state;
    CliStore store = cli_store_new(true);
    Cli ann = cli_team_person("ann", &store);
    cli_team_work(&ann);
    Terminal *terminal = open_at(&ann, "history list", "1 of 1  ▁▁▁▁▁▁▁▁▁▁▁▁▁█");
    terminal_keys(terminal, ">", NULL);
    terminal_expect(terminal, "Run↑");
    terminal_expect(terminal, "1 of 1  ▁▁▁▁▁▁▁▁▁▁▁▁▁█");
    leave(terminal);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_long_name_leaves_room_for_the_text_beside_it),
        cmocka_unit_test(a_state_is_cut_last),
        cmocka_unit_test(more_rows_than_are_counted_are_at_least_so_many),
        cmocka_unit_test(events_are_ones_own_or_the_teams),
        screen_test(the_results_of_a_run_are_filtered_while_one_types),
        screen_test(a_run_of_any_size_is_read_to_its_end),
        screen_test(a_teammates_run_is_read_by_pages_too),
        screen_test(every_table_of_a_team_can_be_reached_and_found),
        screen_test(the_team_is_sorted_by_a_click_on_a_heading),
        screen_test(events_of_the_team_are_one_key_away),
        screen_test(runs_a_day_stay_in_sight_in_any_order),
    };
    setlocale(LC_ALL, "C.UTF-8");
    if (argc > 1) {
        cmocka_set_test_filter(argv[1]);
    }
    return support_cleanup(cmocka_run_group_tests_name("listings", tests, NULL, NULL));
}
