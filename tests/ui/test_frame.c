/* What is around the views: tabs, help, keys that are none, read-only. In a real terminal. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tabs.h"
#include "text.h"
#include "workstation.h"

#define screen_test(function) cmocka_unit_test_teardown(function, terminal_teardown)

/* With two sessions. */
static Cli make_home(void)
{
    Cli ann = workstation_new("");
    cli_ok(&ann, "session new --title 'First look'");
    cli_ok(&ann, "session new --title 'Second look'");
    cli_ok(&ann, "ask 'which tables hold a customer name?'");
    return ann;
}

/* --- tabs --- */

static void each_tab_has_a_key(void **state)
{
    (void)state;
    Cli ann = make_home();
    Terminal *terminal = workstation_open(&ann, "");
    terminal_expect(terminal, "[P History store]");
    terminal_keys(terminal, "S", NULL);
    terminal_expect(terminal, "[S Sessions]");
    terminal_expect(terminal, "First look");
    terminal_keys(terminal, "R", NULL);
    terminal_expect(terminal, "[R Runs]");
    terminal_expect(terminal, "No runs yet");
    terminal_keys(terminal, "A", NULL);
    terminal_expect(terminal, "[A Ask]");
    terminal_keys(terminal, "BTab", NULL);
    terminal_expect(terminal, "[S Sessions]");
    terminal_keys(terminal, "E", NULL);
    terminal_expect(terminal, "[E Events]");
    terminal_expect_gone(terminal, "loading..");
    terminal_keys(terminal, "P", NULL);
    terminal_expect(terminal, "[P History store]");
    assert_null(strstr(terminal_screen(terminal), "Review")); /* none was opened */
    workstation_leave(terminal);
}

static void tab_and_shift_tab_go_round(void **state)
{
    (void)state;
    Cli ann = make_home();
    Terminal *terminal = workstation_open(&ann, "");
    static const char *const forward[] = {
        "[S Sessions]", "Ask 2  shop  2 turns", "citation 1/2",     "citation 2/2", "[R Runs]",
        "[T Team]",     "[E Events]",           "[P History store]"};
    static const char *const back[] = {"[E Events]", "[T Team]", "[R Runs]", "[A Ask]", "[S Sessions]"};
    for (size_t i = 0; i < sizeof forward / sizeof *forward; i++) {
        terminal_keys(terminal, "Tab", NULL);
        terminal_expect(terminal, forward[i]);
    }
    for (size_t i = 0; i < sizeof back / sizeof *back; i++) {
        terminal_keys(terminal, "BTab", NULL);
        terminal_expect(terminal, back[i]);
    }
    workstation_leave(terminal);
}

static void a_tab_is_found_as_it_was_left(void **state)
{
    (void)state;
    Cli ann = make_home();
    Terminal *terminal = workstation_open(&ann, "");
    terminal_keys(terminal, "S", NULL);
    terminal_expect(terminal, "First look");
    terminal_keys(terminal, "G", NULL);
    terminal_expect(terminal, ">  1 ");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, " Session 1 ");
    terminal_keys(terminal, "R", NULL);
    terminal_expect(terminal, "[R Runs]");
    terminal_keys(terminal, "S", NULL);
    terminal_expect(terminal, " Session 1 ");
    terminal_keys(terminal, "q", NULL);
    terminal_expect(terminal, ">  1 ");
    terminal_resize(terminal, 100, 30);
    terminal_expect(terminal, ">  1 ");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, " Session 1 ");
    terminal_keys(terminal, "S", NULL); /* its own key: down to its first view */
    terminal_expect(terminal, ">  1 ");
    terminal_keys(terminal, "q", NULL); /* the bottom of a tab: back to the picker */
    terminal_expect(terminal, "> Status");
    workstation_leave(terminal);
}

static void what_a_tab_asked_for_opens_there(void **state)
{
    (void)state;
    Cli ann = make_home();
    Terminal *terminal = workstation_open(&ann, "");
    terminal_keys(terminal, "S", NULL);
    terminal_expect(terminal, "First look");
    terminal_keys(terminal, "Enter", "R", NULL); /* away before it can have answered */
    terminal_expect(terminal, "[R Runs]");
    terminal_expect(terminal, "No runs yet");
    terminal_keys(terminal, "S", NULL);
    terminal_expect(terminal, " Session 2 ");
    workstation_leave(terminal);
}

static void a_tab_that_could_not_be_filled_says_why_and_tries_again(void **state)
{
    (void)state;
    Cli ann = make_home();
    Terminal *terminal = workstation_open(&ann, "");
    char *history = text_format("%s/history.db", ann.home);
    support_file(ann.home, "history.db", "no database");
    terminal_keys(terminal, "R", NULL);
    terminal_expect(terminal, "history.db");
    terminal_expect(terminal, "F5 tries again");
    unlink(history);
    free(history);
    terminal_keys(terminal, "F5", NULL);
    terminal_expect_gone(terminal, "F5 tries again");
    terminal_expect_gone(terminal, "loading..");
    terminal_expect(terminal, "[R Runs]");
    workstation_leave(terminal);
}

static void the_tab_row_fits_a_narrow_terminal(void **state)
{
    (void)state;
    Cli ann = make_home();
    Terminal *terminal = terminal_start(ann.env, 60, 15, "");
    terminal_expect(terminal, "E Events");
    terminal_keys(terminal, "E", NULL);
    terminal_expect(terminal, "P History store  S Sessions  A Ask  R Runs  T Team [Events]");
    workstation_leave(terminal);

    bool all[TAB_COUNT] = {true, true, true, true, true, true, true};
    TabId tab = TAB_PICKER;
    assert_true(tabs_at(60, all, TAB_PICKER, 59, &tab) == false); /* behind the last one */
    assert_true(tabs_at(60, all, TAB_PICKER, 15, &tab));          /* without their keys they have room */
    assert_int_equal(tab, TAB_SESSIONS);
    assert_true(tabs_at(200, all, TAB_PICKER, 15, &tab));
    assert_int_equal(tab, TAB_PICKER);
}

/* --- help --- */

static void help_is_filtered_while_one_types(void **state)
{
    (void)state;
    Cli ann = make_home();
    Terminal *terminal = workstation_open(&ann, "");
    terminal_keys(terminal, "?", NULL);
    terminal_expect(terminal, "Keys of this view");
    terminal_keys(terminal, "/", NULL);
    terminal_type(terminal, "SUSP");
    terminal_expect_gone(terminal, "Keys of this view");
    terminal_expect(terminal, "^Z           suspend");
    assert_null(strstr(terminal_screen(terminal), "^L"));
    terminal_keys(terminal, "Escape", NULL);
    terminal_expect(terminal, "Keys of this view");
    terminal_keys(terminal, "/", NULL);
    terminal_type(terminal, "no such key");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "No key matches the filter");
    terminal_keys(terminal, "q", NULL);
    workstation_leave(terminal);
}

/* --- the keyboard --- */

/* What a terminal answers begins with Esc, but nobody pressed it. */
static void answers_of_the_terminal_are_no_keys(void **state)
{
    (void)state;
    static const char *const answers[] = {"\033[I", "\033[?1;2c", "\033]11;rgb:0000/0000/0000\007",
                                          "\033]11;rgb:0000/0000/0000\033\\", "\033[27;5;9~"};
    Cli ann = make_home();
    Terminal *terminal = workstation_open(&ann, "");
    terminal_keys(terminal, "S", NULL);
    terminal_expect(terminal, "First look");
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        terminal_type(terminal, answers[i]);
        terminal_keys(terminal, "E", NULL);
        terminal_expect(terminal, "[E Events]");
        terminal_keys(terminal, "S", NULL);
        terminal_expect(terminal, "[S Sessions]");
    }
    workstation_leave(terminal);
}

/* --- read-only --- */

static void refuses_to_write(Terminal *terminal)
{
    static const char *const lines[] = {"run",
                                        "ask 'which tables?'",
                                        "session new --title x",
                                        "session delete 1",
                                        "review 1 --accept high",
                                        "apply 1 --yes",
                                        "rollback 1 --yes",
                                        "db use team",
                                        "db history-store enable --profile team --schema amx"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        terminal_command(terminal, lines[i]);
        terminal_expect(terminal, "would write");
        terminal_command(terminal, "frobnicate"); /* another message */
        terminal_expect_gone(terminal, "would write");
    }
}

static void a_read_only_screen_says_so_and_refuses(void **state)
{
    (void)state;
    Cli ann = make_home();
    Terminal *terminal = workstation_open(&ann, "--read-only");
    terminal_expect(terminal, "read-only");
    refuses_to_write(terminal);
    terminal_keys(terminal, "e", "Enter", NULL); /* the picker's Enable */
    terminal_expect(terminal, "enable would write");
    terminal_keys(terminal, "?", "s", NULL);
    terminal_expect(terminal, "! saving would write a file");
    terminal_keys(terminal, "q", "S", NULL);
    terminal_expect(terminal, "First look"); /* reading goes on */
    workstation_leave(terminal);
    char *file = text_format("%s/command_lines", ann.home);
    assert_int_equal(access(file, F_OK), -1);
    free(file);
}

static void read_only_can_be_configured(void **state)
{
    (void)state;
    Cli ann = make_home();
    support_shell(ann.env, "echo 'ui {\n    read_only = true\n}' >> \"$AMX_HOME/amx.conf\"");
    Terminal *terminal = workstation_open(&ann, "");
    terminal_expect(terminal, "read-only");
    terminal_command(terminal, "session delete 1");
    terminal_expect(terminal, "would write");
    workstation_leave(terminal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        screen_test(each_tab_has_a_key),
        screen_test(tab_and_shift_tab_go_round),
        screen_test(a_tab_is_found_as_it_was_left),
        screen_test(what_a_tab_asked_for_opens_there),
        screen_test(a_tab_that_could_not_be_filled_says_why_and_tries_again),
        screen_test(the_tab_row_fits_a_narrow_terminal),
        screen_test(help_is_filtered_while_one_types),
        screen_test(answers_of_the_terminal_are_no_keys),
        screen_test(a_read_only_screen_says_so_and_refuses),
        screen_test(read_only_can_be_configured),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
