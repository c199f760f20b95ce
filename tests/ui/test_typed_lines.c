/* The `:` line: completion, and the lines that come back. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "candidates.h"
#include "command_line.h"
#include "line_history.h"
#include "text.h"
#include "workstation.h"

#define screen_test(function) cmocka_unit_test_teardown(function, terminal_teardown)

static void typed_lines_come_back(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    cli_ok(&ann, "session new --title 'First look'");
    Terminal *terminal = workstation_open(&ann, "");
    terminal_command(terminal, "version");
    terminal_expect(terminal, "0.1.0");
    terminal_command(terminal, "/session show --id 1");
    terminal_expect(terminal, "No turns yet");
    terminal_keys(terminal, "q", NULL);
    terminal_command(terminal, "db add other --conninfo 'host=x password=hidden'");
    workstation_leave(terminal);

    char *file = text_format("%s/command_lines", ann.home);
    assert_string_equal(support_read(file), "version\n/session show --id 1\n");
    struct stat about;
    assert_int_equal(stat(file, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    free(file);

    terminal = workstation_open(&ann, "");
    terminal_keys(terminal, ":", NULL);
    terminal_type(terminal, "draft");
    terminal_expect(terminal, ":draft");
    terminal_keys(terminal, "Up", NULL);
    terminal_expect(terminal, ":/session show --id 1");
    terminal_keys(terminal, "Up", "Up", NULL);
    terminal_expect(terminal, ":version");
    terminal_keys(terminal, "Down", "Down", NULL);
    terminal_expect(terminal, ":draft");
    terminal_keys(terminal, "Escape", NULL);
    terminal_expect_gone(terminal, ":draft");
    workstation_leave(terminal);
}

static void tab_completes_commands_options_and_profiles(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    Terminal *terminal = workstation_open(&ann, "");
    terminal_keys(terminal, ":", NULL);
    terminal_type(terminal, "his");
    terminal_keys(terminal, "Tab", NULL);
    terminal_expect(terminal, ":history");
    terminal_keys(terminal, "Tab", NULL);
    terminal_expect(terminal, "events");
    terminal_expect(terminal, "results");
    terminal_type(terminal, "ev");
    terminal_expect_gone(terminal, "results");
    terminal_keys(terminal, "Tab", NULL);
    terminal_expect(terminal, ":history events");
    terminal_keys(terminal, "C-u", NULL);
    terminal_type(terminal, "/session res");
    terminal_keys(terminal, "Tab", NULL);
    terminal_expect(terminal, ":/session resume");
    terminal_keys(terminal, "C-u", NULL);
    terminal_type(terminal, "doctor -p sh");
    terminal_keys(terminal, "Tab", NULL);
    terminal_expect(terminal, ":doctor -p shop");
    terminal_keys(terminal, "Escape", NULL);
    terminal_expect_gone(terminal, ":doctor");
    workstation_leave(terminal);
}

/* Tab goes on from what is sure to one candidate after the other, and round to what was typed. */
static void tab_goes_from_one_candidate_to_the_next(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    Terminal *terminal = workstation_open(&ann, "");
    terminal_keys(terminal, ":", NULL);
    terminal_type(terminal, "db use ");
    terminal_keys(terminal, "Tab", NULL);
    terminal_expect(terminal, " shop  team");
    terminal_keys(terminal, "Tab", NULL);
    terminal_expect(terminal, ":db use shop");
    terminal_keys(terminal, "Tab", NULL);
    terminal_expect(terminal, ":db use team");
    terminal_keys(terminal, "BTab", NULL);
    terminal_expect(terminal, ":db use shop");
    terminal_keys(terminal, "BTab", NULL);
    terminal_expect_gone(terminal, ":db use shop");
    terminal_keys(terminal, "C-u", NULL);
    terminal_expect_gone(terminal, " shop  team");
    terminal_type(terminal, "run --d");
    terminal_keys(terminal, "Tab", NULL);
    terminal_expect(terminal, ":run --dr");
    terminal_expect(terminal, "--drafter");
    terminal_expect(terminal, "--dry-run");
    terminal_keys(terminal, "Tab", "Tab", "Tab", NULL);
    terminal_expect(terminal, ":run --dr\n");
    terminal_keys(terminal, "BTab", NULL);
    terminal_expect(terminal, ":run --dry-run");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "would be drafted");
    workstation_leave(terminal);
}

static void candidates_share_a_beginning_and_are_gone_round(void **state)
{
    (void)state;
    Candidates candidates = {0};
    size_t count = 0;
    char *common = candidates_common("table_a\ntable_b\ntab\n", &count);
    assert_string_equal(common, "tab");
    assert_int_equal(count, 3);
    free(common);
    common = candidates_common("\xc3\xa4\n\xc3\xb6\n", &count); /* half a character is no prefix */
    assert_string_equal(common, "");
    free(common);
    candidates_open(&candidates, "one\ntwo\n", "o");
    assert_string_equal(candidates_step(&candidates, true), "one");
    assert_string_equal(candidates_step(&candidates, true), "two");
    assert_string_equal(candidates_step(&candidates, true), "o");
    assert_string_equal(candidates_step(&candidates, false), "two");
    candidates_close(&candidates);
    assert_int_equal(candidates.count, 0);
}

static void completion_knows_both_grammars(void **state)
{
    (void)state;
    static const struct {
        const char *typed;
        size_t start;
        const char *candidate;
    } cases[] = {
        {"sess", 0, "session\n"},
        {"session li", 8, "list\n"},
        {"/sess", 1, "session\n"},
        {"/session/li", 9, "list\n"},
        {"/db/history-store sta", 18, "status\n"},
        {"session list --al", 13, "--all-profiles\n"},
        {"history results 1 --sor", 18, "--sort\n"},
        {"/history/results 1 --sor", 19, "--sort\n"},
        {"review 1 --cho", 9, "--choose\n"},
        {"review 1 --result 2 --cho", 20, "--choose\n"},
        {"-p small a", 9, "ask\napply\n"},
        {"session list --who session --al", 27, "--all-profiles\n"},
        {"session list --who ", 19, ""},
        {"history results 1 res", 18, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t start = 99;
        char *candidates = command_line_complete(NULL, cases[i].typed, &start);
        assert_string_equal(candidates, cases[i].candidate);
        assert_int_equal(start, cases[i].start);
        free(candidates);
    }
}

static void lines_with_secrets_are_not_kept(void **state)
{
    (void)state;
    assert_true(line_history_keeps("session list --all-profiles"));
    assert_true(line_history_keeps("run sales --missing-only"));
    assert_false(line_history_keeps("db add x --conninfo 'host=db'"));
    assert_false(line_history_keeps("db add x --conninfo='host=db'"));
    assert_false(line_history_keeps("x --API-Key=abc"));
    assert_false(line_history_keeps("history redact hunter2"));
    assert_false(line_history_keeps("/history/redact hunter2 --yes"));
    assert_false(line_history_keeps("x --password abc"));
    assert_false(line_history_keeps("db test postgresql://ann:geheim@db/docs"));
    assert_false(line_history_keeps("x 'host=db Password=abc'"));
}

static void the_file_of_typed_lines_keeps_the_last_five_hundred_of_every_amx(void **state)
{
    (void)state;
    char *path = text_format("%s/lines", support_folder());
    LineHistory one = {0};
    LineHistory two = {0};
    Error err = {0};
    line_history_open(&one, path, true);
    line_history_open(&two, path, true);
    for (int i = 0; i < LINE_HISTORY_LINES; i++) {
        char *line = text_format("line %d", i);
        assert_true(line_history_add(&one, line, &err));
        assert_true(line_history_add(&one, line, &err)); /* twice in a row: once */
        free(line);
    }
    assert_true(line_history_add(&two, "of the other", &err));
    assert_int_equal(two.count, LINE_HISTORY_LINES);
    assert_string_equal(line_history_line(&two, 1), "of the other");
    assert_string_equal(line_history_line(&two, LINE_HISTORY_LINES), "line 1");
    line_history_close(&one);
    line_history_close(&two);

    LineHistory read_only = {0};
    line_history_open(&read_only, path, false);
    assert_true(line_history_add(&read_only, "only remembered", &err));
    assert_string_equal(line_history_line(&read_only, 1), "only remembered");
    line_history_close(&read_only);
    assert_null(strstr(support_read(path), "only remembered"));
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        screen_test(typed_lines_come_back),
        screen_test(tab_completes_commands_options_and_profiles),
        screen_test(tab_goes_from_one_candidate_to_the_next),
        cmocka_unit_test(candidates_share_a_beginning_and_are_gone_round),
        cmocka_unit_test(completion_knows_both_grammars),
        cmocka_unit_test(lines_with_secrets_are_not_kept),
        cmocka_unit_test(the_file_of_typed_lines_keeps_the_last_five_hundred_of_every_amx),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
