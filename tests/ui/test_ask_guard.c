/* Guard 1 in Ask: no question goes to another database than the one that was shown when it was asked, whoever
 * switches, points elsewhere or removes the profile meanwhile. */
#include <string.h>

#include "support_internal.h"
#include "text.h"
#include "workstation.h"

#define CONF                                                                                                 \
    "active_db_profile = shop\n"                                                                             \
    "db_profile shop {\n    backend = sqlite\n    path = %s\n}\n"                                            \
    "db_profile crm {\n    backend = sqlite\n    path = crm.db\n}\n"

/* Ann with two databases and a session of two turns about the first one. */
static Cli new_ann(void)
{
    Cli ann = cli_new("ann", CONF, "shop.db");
    cli_set(&ann, "HOME=/nonexistent");
    char *shop = text_format("%s/shop.db", ann.home);
    char *crm = text_format("%s/crm.db", ann.home);
    support_sqlite(shop, "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT)");
    support_sqlite(crm, "CREATE TABLE lead (id INTEGER PRIMARY KEY, phone TEXT)");
    free(crm);
    free(shop);
    cli_ok(&ann, "ask where is the customer");
    return ann;
}

static Terminal *open_ask(const Cli *ann)
{
    Terminal *terminal = terminal_start(ann->env, 80, 24, "");
    terminal_expect(terminal, "> Status");
    terminal_keys(terminal, "A", NULL);
    terminal_expect(terminal, "Ask 1  shop  2 turns");
    return terminal;
}

static void type(Terminal *terminal, const char *question)
{
    terminal_type(terminal, question);
    terminal_expect(terminal, support_keep(text_format("ask> %s", question)));
}

static void leave(Terminal *terminal)
{
    terminal_keys(terminal, "Escape", NULL);
    terminal_expect(terminal, "> Status");
    terminal_leave(terminal);
}

static void assert_turns(const Cli *ann, const char *expected)
{
    assert_string_equal(support_sqlite_value(ann->history,
                                             "SELECT group_concat(n, ' ') FROM (SELECT session_id || ':' || "
                                             "count(*) AS n FROM session_turns GROUP BY session_id)"),
                        expected);
}

static void a_profile_that_was_pointed_elsewhere_is_refused_and_the_question_stays(void **state)
{
    (void)state;
    Cli ann = new_ann();
    Terminal *terminal = open_ask(&ann);
    type(terminal, "and its name?");
    cli_configure(&ann, CONF, "crm.db");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "is bound to");
    terminal_expect(terminal, "ask> and its name?");
    assert_turns(&ann, "1:2");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "is bound to");
    assert_turns(&ann, "1:2");
    /* the conversation with what the profile is now is another one, and Enter says so before it asks there */
    terminal_keys(terminal, "C-n", NULL);
    terminal_expect(terminal, "new session");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "another session");
    assert_turns(&ann, "1:2");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "Ask 2  shop  2 turns");
    assert_turns(&ann, "1:2 2:2");
    leave(terminal);
}

static bool was_refused(void *context)
{
    const Cli *ann = context;
    return text_equal("1", support_sqlite_value(ann->history, "SELECT count(*) FROM app_events "
                                                              "WHERE kind = 'refused ask'"));
}

static void a_screen_that_is_opened_after_that_begins_no_session_by_itself(void **state)
{
    (void)state;
    Cli ann = new_ann();
    cli_configure(&ann, CONF, "crm.db");
    Terminal *terminal = terminal_start(ann.env, 80, 24, "");
    terminal_expect(terminal, "> Status");
    terminal_keys(terminal, "A", NULL);
    terminal_expect(terminal, "session 1 is bound to profile shop as it was");
    type(terminal, "which phone?");
    terminal_keys(terminal, "Enter", NULL);
    assert_true(support_wait(was_refused, &ann));
    terminal_expect(terminal, "ask> which phone?");
    assert_turns(&ann, "1:2");
    terminal_keys(terminal, "C-n", NULL);
    terminal_expect(terminal, "session 2 is active");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "2 turns");
    assert_turns(&ann, "1:2 2:2");
    leave(terminal);
}

static void a_colon_line_is_refused_in_the_tab_as_well(void **state)
{
    (void)state;
    Cli ann = new_ann();
    Terminal *terminal = open_ask(&ann);
    terminal_keys(terminal, "Tab", NULL);
    terminal_expect(terminal, "Esc to the field");
    cli_configure(&ann, CONF, "crm.db");
    terminal_command(terminal, "ask and its name?");
    terminal_expect(terminal, "is bound to");
    assert_turns(&ann, "1:2");
    terminal_expect(terminal, "ask> and its name?");
    terminal_keys(terminal, "Escape", NULL);
    terminal_expect(terminal, "Enter send");
    leave(terminal);
}

static void a_profile_that_somebody_switches_is_followed_and_a_text_waits_for_a_second_enter(void **state)
{
    (void)state;
    Cli ann = new_ann();
    Terminal *terminal = open_ask(&ann);
    type(terminal, "which phone?");
    cli_ok(&ann, "db use crm");
    terminal_expect(terminal, "Ask  crm  new session");
    terminal_expect(terminal, "ask> which phone?");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "another session");
    assert_turns(&ann, "1:2");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "Ask 2  crm  2 turns");
    assert_turns(&ann, "1:2 2:2");
    /* and back: the session of before is there again */
    cli_ok(&ann, "db use shop");
    terminal_expect(terminal, "Ask 1  shop  2 turns");
    leave(terminal);
}

static void a_profile_that_was_removed_is_told_and_nothing_is_asked_elsewhere(void **state)
{
    (void)state;
    Cli ann = new_ann();
    Terminal *terminal = open_ask(&ann);
    type(terminal, "and its name?");
    cli_configure(&ann, "db_profile crm {\n    backend = sqlite\n    path = crm.db\n}\n");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "is bound to");
    terminal_expect(terminal, "ask> and its name?");
    assert_turns(&ann, "1:2");
    leave(terminal);
}

static void a_session_of_another_profile_is_not_forked_and_says_why(void **state)
{
    (void)state;
    Cli ann = new_ann();
    cli_ok(&ann, "db use crm");
    Terminal *terminal = terminal_start(ann.env, 80, 24, "");
    terminal_expect(terminal, "> Status");
    terminal_keys(terminal, "S", NULL);
    terminal_expect(terminal, "where is the customer");
    terminal_keys(terminal, "F", NULL);
    terminal_expect(terminal, "Not forked");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect_gone(terminal, "Not forked");
    terminal_keys(terminal, "r", NULL);
    terminal_expect(terminal, "Not resumed");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect_gone(terminal, "Not resumed");
    assert_turns(&ann, "1:2");
    leave(terminal);
}

#define GUARD_TEST(test) cmocka_unit_test_teardown(test, terminal_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        GUARD_TEST(a_profile_that_was_pointed_elsewhere_is_refused_and_the_question_stays),
        GUARD_TEST(a_screen_that_is_opened_after_that_begins_no_session_by_itself),
        GUARD_TEST(a_colon_line_is_refused_in_the_tab_as_well),
        GUARD_TEST(a_profile_that_somebody_switches_is_followed_and_a_text_waits_for_a_second_enter),
        GUARD_TEST(a_profile_that_was_removed_is_told_and_nothing_is_asked_elsewhere),
        GUARD_TEST(a_session_of_another_profile_is_not_forked_and_says_why),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
