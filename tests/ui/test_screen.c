/* The screen as a whole, in a real terminal: what opens it, what it runs, and how it ends. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "text.h"
#include "workstation.h"

#define screen_test(function) cmocka_unit_test_teardown(function, terminal_teardown)

static void bare_amx_opens_the_picker(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    Terminal *terminal = workstation_open(&ann, "");
    terminal_expect(terminal, "Enable");
    terminal_leave(terminal);
}

static void keys_act_while_the_store_is_mute(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    workstation_share(&ann);
    int port = 0;
    int server = support_mute_server(&port);
    char *team = text_format(
        "    backend = postgresql\n    conninfo = \"host=127.0.0.1 port=%d user=ann dbname=docs\"\n", port);
    workstation_configure(&ann, team, "");
    free(team);
    Terminal *terminal = workstation_open(&ann, "db history-store");
    terminal_expect(terminal, "shared ON");
    terminal_expect(terminal, "checking..");
    terminal_keys(terminal, "m", NULL);
    terminal_expect(terminal, "> Migrate from local");
    terminal_keys(terminal, "?", NULL);
    terminal_expect(terminal, "Keys everywhere");
    terminal_keys(terminal, "q", NULL);
    terminal_expect(terminal, "> Status");
    terminal_keys(terminal, "d", "Enter", NULL); /* nobody can tell whether the schema is there: it asks */
    terminal_expect(terminal, "[ No ]");
    terminal_keys(terminal, "Escape", NULL);
    terminal_expect_gone(terminal, "[ No ]");
    terminal_keys(terminal, "S", NULL); /* local history needs no store, and does not wait for one */
    terminal_expect(terminal, "Sessions");
    terminal_keys(terminal, "q", NULL);
    terminal_leave(terminal);
    close(server);
}

static void sessions_are_listed_and_shown(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    cli_ok(&ann, "session new --title 'First look'");
    cli_ok(&ann, "ask 'which tables hold a customer name?'");
    Terminal *terminal = workstation_open(&ann, "db history-store");
    terminal_keys(terminal, "S", NULL);
    terminal_expect(terminal, "First look");
    terminal_expect(terminal, "1 of 1");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "Session 1 ");
    terminal_expect(terminal, "profile shop");
    terminal_expect(terminal, "which tables hold a customer name?");
    const char *header = strstr(terminal_screen(terminal), "session 1 of ann@");
    assert_non_null(header);
    assert_null(strstr(header + 1, "session 1 of ann@"));
    terminal_keys(terminal, "q", NULL);
    terminal_expect(terminal, "1 of 1");
    terminal_keys(terminal, "q", NULL);
    terminal_expect(terminal, "> Status");
    terminal_leave(terminal);
}

static void the_command_line_runs_any_command_and_asks_like_the_picker(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    workstation_share(&ann);
    Terminal *terminal = workstation_open(&ann, "db history-store");
    terminal_command(terminal, "session list");
    terminal_expect(terminal, "Sessions");
    terminal_command(terminal, "/db/history-store disable");
    terminal_expect(terminal, "[ No ]");
    terminal_keys(terminal, "Enter", NULL);
    terminal_command(terminal, "frobnicate");
    terminal_expect(terminal, "no command \"frobnicate\"");
    terminal_keys(terminal, "q", NULL);
    terminal_leave(terminal);
    cli_shows(workstation_status(&ann), "\"enabled\": true");
}

static void a_command_that_asks_is_answered_on_the_screen(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    cli_ok(&ann, "run");
    cli_ok(&ann, "review 1 --accept low");
    Terminal *terminal = workstation_open(&ann, "db history-store");
    for (int yes = 0; yes < 2; yes++) {
        terminal_command(terminal, "apply 1");
        terminal_expect(terminal, "The command asks");
        terminal_keys(terminal, yes ? "y" : "Enter", NULL);
        terminal_expect_gone(terminal, "The command asks");
        terminal_expect_gone(terminal, "^C stops");
        assert_int_equal(strstr(terminal_screen(terminal), "descriptions written") != NULL, yes);
    }
    terminal_leave(terminal);
}

static void read_only_refuses_what_writes_before_it_asks(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    workstation_share(&ann);
    Terminal *terminal = workstation_open(&ann, "--read-only db history-store");
    static const char *const commands[] = {"disable", "flush-pending", "drop-pending", "migrate-from-local",
                                           "enable"};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        char *line = text_format("db history-store %s", commands[i]);
        terminal_command(terminal, line);
        free(line);
        char *refusal = text_format("%s would write", commands[i]);
        terminal_expect(terminal, refusal);
        assert_null(strstr(terminal_screen(terminal), "[ "));
        free(refusal);
    }
    terminal_keys(terminal, "d", "d", "Enter", NULL);
    terminal_expect(terminal, "disable would write");
    assert_null(strstr(terminal_screen(terminal), "[ No ]"));
    terminal_leave(terminal);
    cli_shows(workstation_status(&ann), "\"enabled\": true");
}

static void a_terminal_that_can_only_scroll_is_refused(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    cli_set(&ann, "TERM=dumb");
    Terminal *terminal = terminal_start(ann.env, 80, 24, "");
    terminal_expect(terminal, "the terminal type \"dumb\" can't show a screen");
    terminal_expect(terminal, "left with 1");
    terminal_stop(terminal);
}

static void a_long_message_says_where_the_rest_is(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    Terminal *terminal = workstation_open(&ann, "db history-store");
    terminal_command(terminal,
                     "a-command-with-a-name-that-is-much-too-long-for-the-message-line-of-a-terminal");
    terminal_expect(terminal, "M: more");
    terminal_keys(terminal, "M", NULL);
    terminal_expect(terminal, "see: amx help");
    assert_null(strstr(terminal_screen(terminal), "M: more"));
    terminal_keys(terminal, "q", NULL);
    terminal_expect(terminal, "> Status");
    terminal_leave(terminal);
}

static void a_signal_restores_the_terminal(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    Terminal *terminal = workstation_open(&ann, "");
    terminal_signal(terminal, SIGTERM);
    terminal_expect(terminal, "ended by a signal");
    terminal_expect(terminal, "left with 130");
    terminal_expect_gone(terminal, "> Status");
    terminal_stop(terminal);
}

static void a_crash_restores_the_terminal(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    Terminal *terminal = workstation_open(&ann, "2>/dev/null");
    terminal_signal(terminal, SIGSEGV);
    terminal_expect(terminal, "left with ");
    terminal_expect_gone(terminal, "> Status");
    terminal_type(terminal, "echoed");
    terminal_expect(terminal, "echoed");
    terminal_stop(terminal);
}

static void without_a_terminal_it_prints_and_never_asks(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    workstation_share(&ann);
    cli_shows(cli_ok(&ann, "db history-store").out, "team");
    cli_ok(&ann, "db history-store disable");
    cli_shows(workstation_status(&ann), "\"enabled\": false");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        screen_test(bare_amx_opens_the_picker),
        screen_test(keys_act_while_the_store_is_mute),
        screen_test(sessions_are_listed_and_shown),
        screen_test(the_command_line_runs_any_command_and_asks_like_the_picker),
        screen_test(a_command_that_asks_is_answered_on_the_screen),
        screen_test(read_only_refuses_what_writes_before_it_asks),
        screen_test(a_terminal_that_can_only_scroll_is_refused),
        screen_test(a_long_message_says_where_the_rest_is),
        screen_test(a_signal_restores_the_terminal),
        screen_test(a_crash_restores_the_terminal),
        screen_test(without_a_terminal_it_prints_and_never_asks),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
