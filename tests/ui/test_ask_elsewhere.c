/* Ask keeps its conversation when another amx makes another session the active one. */
#include <string.h>

#include "support_internal.h"
#include "workstation.h"

static Terminal *open_ask(const Cli *ann)
{
    cli_ok(ann, "ask where is the customer?");
    Terminal *terminal = workstation_open(ann, "");
    terminal_keys(terminal, "A", NULL);
    terminal_expect(terminal, "Ask 1  shop  2 turns");
    return terminal;
}

static void ask(Terminal *terminal, const char *question, const char *title)
{
    terminal_type(terminal, question);
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, title);
}

static void leave(Terminal *terminal)
{
    terminal_keys(terminal, "Escape", NULL);
    terminal_expect(terminal, "> Status");
    terminal_leave(terminal);
}

static void a_session_begun_elsewhere_is_told_and_gone_over_to_by_a_key(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    Terminal *terminal = open_ask(&ann);
    cli_ok(&ann, "session new");
    terminal_expect(terminal, "F5 goes over to the other one.");
    terminal_expect(terminal, "Ask 1  shop  2 turns");
    ask(terminal, "and its name?", "Ask 1  shop  4 turns");
    assert_string_equal(support_sqlite_value(ann.history, "SELECT count(*) FROM session_turns "
                                                          "WHERE session_id = 2"),
                        "0");
    cli_ok(&ann, "ask who has a name?");
    cli_ok(&ann, "session end 2");
    cli_ok(&ann, "ask --session 1 where is the customer?"); /* beside it, and all the same read */
    terminal_expect(terminal, "Ask 1  shop  6 turns");
    cli_ok(&ann, "session resume 2");
    terminal_keys(terminal, "F5", NULL);
    terminal_expect(terminal, "Ask 2  shop  2 turns");
    assert_null(strstr(terminal_screen(terminal), "F5 goes over"));
    leave(terminal);
}

static void a_session_that_this_screen_begins_forks_or_resumes_is_followed(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    Terminal *terminal = open_ask(&ann);
    terminal_keys(terminal, "C-n", NULL);
    terminal_expect(terminal, "new session");
    ask(terminal, "who has a name?", "Ask 2  shop  2 turns");
    terminal_command(terminal, "session fork 1 -p shop");
    terminal_expect(terminal, "Ask 3  shop  2 turns");
    terminal_command(terminal, "session resume 1");
    terminal_expect(terminal, "Ask 1  shop  2 turns");
    assert_null(strstr(terminal_screen(terminal), "F5 goes over"));
    leave(terminal);
}

static void a_session_that_is_deleted_while_another_one_is_active_is_told(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    Terminal *terminal = open_ask(&ann);
    cli_ok(&ann, "session new");
    terminal_expect(terminal, "F5 goes over to the other one.");
    cli_ok(&ann, "ask who has a name?");
    cli_ok(&ann, "session delete 1 --yes");
    terminal_expect(terminal, "Session 1 was deleted");
    terminal_expect(terminal, "Ask 2  shop  2 turns");
    leave(terminal);
}

#define ASK_TEST(test) cmocka_unit_test_teardown(test, terminal_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ASK_TEST(a_session_begun_elsewhere_is_told_and_gone_over_to_by_a_key),
        ASK_TEST(a_session_that_this_screen_begins_forks_or_resumes_is_followed),
        ASK_TEST(a_session_that_is_deleted_while_another_one_is_active_is_told),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
