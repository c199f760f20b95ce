/* The `:` line: completion, and the lines that come back. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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
    terminal_keys(terminal, "C-c", NULL);
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
    terminal_keys(terminal, "C-c", NULL);
    workstation_leave(terminal);
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
        cmocka_unit_test(completion_knows_both_grammars),
        cmocka_unit_test(lines_with_secrets_are_not_kept),
        cmocka_unit_test(the_file_of_typed_lines_keeps_the_last_five_hundred_of_every_amx),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
