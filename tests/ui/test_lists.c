/* Lists and sessions on the screen: of any length, while others write, and while a store is silent. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "text.h"
#include "workstation.h"

#define lists_test(function) cmocka_unit_test_teardown(function, terminal_teardown)
#define MANY 4000

/* With the profile other beside shop and team. */
static Cli make_home(void)
{
    Cli ann = workstation_new("db_profile other {\n    backend = sqlite\n    path = other.db\n}\n");
    cli_ok(&ann, "session new --title 'Question 1'");
    return ann;
}

/* As many sessions as somebody has after years; the newest is the last. */
static Cli make_full_home(void)
{
    Cli ann = make_home();
    char *sql = text_format(
        "WITH RECURSIVE n(i) AS (VALUES (2) UNION ALL SELECT i + 1 FROM n WHERE i < %d) "
        "INSERT INTO sessions(db_profile, fingerprint, title, started, last_active) "
        "SELECT s.db_profile, s.fingerprint, 'Question ' || i || CASE i %% 1000 WHEN 7 THEN ' on pricing' "
        "ELSE '' END, s.started, s.last_active FROM n, sessions s WHERE s.local_id = 1 ORDER BY i",
        MANY);
    support_sqlite(ann.history, sql);
    free(sql);
    return ann;
}

static Terminal *open_sessions(const Cli *ann)
{
    Terminal *terminal = terminal_start(ann->env, 100, 24, "");
    terminal_expect(terminal, "> Status");
    terminal_keys(terminal, "S", NULL);
    terminal_expect(terminal, "first question");
    return terminal;
}

static void leave(Terminal *terminal)
{
    terminal_keys(terminal, "C-u", NULL);
    terminal_command(terminal, "quit");
    terminal_expect_end(terminal);
}

/* The line of the selected row. */
static const char *selected(Terminal *terminal)
{
    const char *mark = strstr(terminal_screen(terminal), "\n >");
    return mark ? mark + 1 : "";
}

typedef struct Selected {
    Terminal *terminal;
    const char *text;
} Selected;

static bool is_selected(void *context)
{
    const Selected *wanted = context;
    const char *line = selected(wanted->terminal);
    const char *end = strchr(line, '\n');
    const char *found = strstr(line, wanted->text);
    return found && (!end || found < end);
}

static void expect_selected(Terminal *terminal, const char *text)
{
    Selected wanted = {.terminal = terminal, .text = text};
    if (!support_wait(is_selected, &wanted)) {
        fail_msg("\"%s\" is not selected:\n%s", text, terminal_screen(terminal));
    }
}

static void thousands_of_sessions_are_walked_from_end_to_end(void **state)
{
    (void)state;
    Cli ann = make_full_home();
    Terminal *terminal = open_sessions(&ann);
    terminal_expect(terminal, "4000 of 4000");
    expect_selected(terminal, " 4000 ");
    terminal_keys(terminal, "G", NULL);
    expect_selected(terminal, "  1  *  shop");
    terminal_keys(terminal, "PPage", NULL);
    expect_selected(terminal, "Question 20");
    terminal_keys(terminal, "g", NULL);
    expect_selected(terminal, "Question 4000");
    for (int i = 0; i < 30; i++) {
        terminal_keys(terminal, "NPage", "NPage", NULL);
    }
    expect_selected(terminal, "Question 2860");
    terminal_resize(terminal, 80, 30);
    terminal_expect(terminal, "first question");
    expect_selected(terminal, "Question 2860");
    leave(terminal);
}

static void typing_a_filter_narrows_the_list_and_escape_brings_it_back(void **state)
{
    (void)state;
    Cli ann = make_full_home();
    Terminal *terminal = open_sessions(&ann);
    terminal_type(terminal, "/PRICING");
    terminal_expect(terminal, "/PRICING  4 of 4000");
    expect_selected(terminal, "Question 3007 on pricing");
    terminal_keys(terminal, "Escape", NULL);
    terminal_expect(terminal, "4000 of 4000");
    terminal_type(terminal, "/on pricing");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "4 of 4000");
    terminal_keys(terminal, "G", NULL);
    expect_selected(terminal, "Question 7 on pricing");
    terminal_type(terminal, "/");
    terminal_keys(terminal, "C-u", NULL);
    terminal_type(terminal, "no such words");
    terminal_expect(terminal, "No row matches the filter.");
    terminal_keys(terminal, "Escape", NULL);
    terminal_expect(terminal, "4 of 4000");
    leave(terminal);
}

static void columns_are_sorted_by_and_the_selected_row_is_kept(void **state)
{
    (void)state;
    Cli ann = make_home();
    cli_ok(&ann, "session new --title Charlie");
    cli_ok(&ann, "session new --title Alpha");
    cli_ok(&ann, "session new --title Bravo");
    Terminal *terminal = open_sessions(&ann);
    expect_selected(terminal, "Bravo");
    terminal_keys(terminal, ">", NULL);
    terminal_expect(terminal, "ID↑");
    expect_selected(terminal, "Bravo");
    terminal_keys(terminal, "!", NULL);
    terminal_expect(terminal, "ID↓");
    terminal_keys(terminal, "<", "<", NULL);
    terminal_expect(terminal, "first question↑");
    expect_selected(terminal, "Bravo");
    terminal_keys(terminal, "j", NULL);
    expect_selected(terminal, "Charlie");
    terminal_keys(terminal, "g", NULL);
    expect_selected(terminal, "Alpha");
    leave(terminal);
}

static void what_another_amx_writes_appears_by_itself(void **state)
{
    (void)state;
    Cli ann = make_full_home();
    Terminal *terminal = open_sessions(&ann);
    terminal_keys(terminal, "j", "j", NULL);
    expect_selected(terminal, "Question 3998");
    cli_ok(&ann, "session new --title 'Written elsewhere'");
    terminal_expect(terminal, "Written elsewhere");
    terminal_expect(terminal, "4001 of 4001");
    expect_selected(terminal, "Question 3998");
    terminal_keys(terminal, "G", NULL);
    expect_selected(terminal, "  1     shop");
    cli_ok(&ann, "session delete --id 3 --yes");
    terminal_expect(terminal, "4000 of 4000");
    expect_selected(terminal, "  1     shop");
    leave(terminal);
}

static void a_silent_store_delays_no_list(void **state)
{
    (void)state;
    Cli ann = make_full_home();
    int port = 0;
    int server = support_mute_server(&port);
    workstation_share(&ann);
    char *team = text_format("    backend = postgresql\n    conninfo = \"host=127.0.0.1 port=%d dbname=x "
                             "user=x sslmode=disable gssencmode=disable\"\n",
                             port);
    workstation_configure(&ann, team, "");
    free(team);
    Terminal *terminal = terminal_start(ann.env, 100, 24, "");
    terminal_expect(terminal, "> Status");
    terminal_command(terminal, "db history-store status");
    terminal_expect(terminal, "^C stops");
    terminal_keys(terminal, "S", NULL);
    terminal_expect(terminal, "4000 of 4000");
    terminal_keys(terminal, "G", NULL);
    expect_selected(terminal, "  1  *  shop");
    terminal_type(terminal, "/pricing");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "4 of 4000");
    terminal_keys(terminal, "f", NULL);
    terminal_expect(terminal, "reading..");
    expect_selected(terminal, "Question 3007"); /* still there while the team's are being read */
    terminal_keys(terminal, "f", NULL);
    terminal_expect(terminal, "scope: this profile");
    assert_non_null(strstr(terminal_screen(terminal), "^C stops")); /* the status has waited all along */
    terminal_keys(terminal, "C-c", NULL);
    terminal_expect(terminal, "Stop it?"); /* another tab asked for it */
    terminal_keys(terminal, "y", NULL);
    terminal_expect_gone(terminal, "^C stops");
    leave(terminal);
    close(server);
}

static void a_session_is_read_resumed_and_refused(void **state)
{
    (void)state;
    Cli ann = make_home();
    cli_ok(&ann, "ask 'which tables hold a customer name?'");
    cli_ok(&ann, "-p other session new --title 'Of the other'");
    Terminal *terminal = open_sessions(&ann);
    terminal_expect(terminal, "scope: all profiles");
    expect_selected(terminal, "Of the other");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "READ-ONLY");
    terminal_expect(terminal, "Belongs to profile other");
    terminal_keys(terminal, "r", NULL);
    terminal_expect(terminal, "Not resumed");
    terminal_expect(terminal, "bound to profile other");
    terminal_expect(terminal, "profile shop");
    terminal_keys(terminal, "Escape", NULL);
    terminal_expect_gone(terminal, "Not resumed");
    terminal_keys(terminal, "q", NULL);
    terminal_expect(terminal, "first question");
    terminal_keys(terminal, "j", "Enter", NULL);
    terminal_expect(terminal, "which tables hold a customer name?");
    terminal_expect(terminal, "[1] ");
    assert_null(strstr(terminal_screen(terminal), "READ-ONLY"));
    cli_ok(&ann, "ask --session 1 'and their addresses?'"); /* appears while it is read */
    terminal_expect(terminal, "4 turns");
    terminal_keys(terminal, "r", NULL);
    terminal_expect(terminal, "session 1 is active under profile shop");
    terminal_expect(terminal, "Ask 1  shop  4 turns");
    terminal_keys(terminal, "Escape", NULL);
    terminal_expect(terminal, "> Status");
    terminal_keys(terminal, "S", "x", NULL);
    terminal_expect(terminal, "save to a file");
    terminal_expect(terminal, "customer name?");
    leave(terminal);
}

static void the_scope_of_the_sessions_is_switched(void **state)
{
    (void)state;
    Cli ann = make_home();
    cli_ok(&ann, "-p other session new --title 'Of the other'");
    Terminal *terminal = open_sessions(&ann);
    terminal_expect(terminal, "2 of 2");
    terminal_keys(terminal, "f", NULL); /* sharing was never switched on: there is no team to go to */
    terminal_expect(terminal, "scope: this profile");
    terminal_expect(terminal, "1 of 1");
    terminal_keys(terminal, "f", NULL);
    terminal_expect(terminal, "scope: all profiles");
    terminal_expect(terminal, "2 of 2");
    leave(terminal);
}

static void columns_that_do_not_fit_are_scrolled_to(void **state)
{
    (void)state;
    Cli ann = make_home();
    cli_ok(&ann,
           "session new --title 'A question so long that no terminal of sixty columns could show the end'");
    Terminal *terminal = terminal_start(ann.env, 60, 20, "");
    terminal_expect(terminal, "> Status");
    terminal_keys(terminal, "S", NULL);
    terminal_expect(terminal, "Turns");
    terminal_keys(terminal, "l", "l", "l", "l", "l", "l", NULL);
    terminal_expect_gone(terminal, "Turns");
    terminal_expect(terminal, "no terminal of sixty");
    expect_selected(terminal, " 2 ");
    terminal_keys(terminal, "h", "h", "h", "h", "h", "h", NULL);
    terminal_expect(terminal, "Turns");
    leave(terminal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        lists_test(thousands_of_sessions_are_walked_from_end_to_end),
        lists_test(typing_a_filter_narrows_the_list_and_escape_brings_it_back),
        lists_test(columns_are_sorted_by_and_the_selected_row_is_kept),
        lists_test(what_another_amx_writes_appears_by_itself),
        lists_test(a_silent_store_delays_no_list),
        lists_test(a_session_is_read_resumed_and_refused),
        lists_test(the_scope_of_the_sessions_is_switched),
        lists_test(columns_that_do_not_fit_are_scrolled_to),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
