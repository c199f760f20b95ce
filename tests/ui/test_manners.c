/* How the screen behaves towards a person: what is pasted, what is said and for how long, what goes away. */
#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "workstation.h"

#define screen_test(function) cmocka_unit_test_teardown(function, terminal_teardown)

/* ---- pasted text ---- */

static void pasted_lines_and_tabs_become_blanks(void **state)
{
    (void)state;
    static const char lines[] = "first line\nsecond line\ttab\r\n\n\tlast";
    Cli ann = workstation_new("");
    cli_ok(&ann, "run");
    Terminal *terminal = workstation_open(&ann, "");
    terminal_keys(terminal, ":", NULL);
    terminal_paste(terminal, lines);
    terminal_expect(terminal, ":first line second line tab last");
    terminal_keys(terminal, "C-c", NULL);
    terminal_expect_gone(terminal, ":first");
    terminal_command(terminal, "history results 1");
    terminal_expect(terminal, "customer.name");
    terminal_keys(terminal, "/", NULL);
    terminal_expect(terminal, "\n/");
    terminal_paste(terminal, lines);
    terminal_expect(terminal, "/first line second line tab last");
    terminal_keys(terminal, "C-c", NULL);
    terminal_expect_gone(terminal, "\n/first");
    workstation_leave(terminal);
}

static void a_pasted_description_is_kept_as_it_reads(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    cli_ok(&ann, "run");
    Terminal *terminal = workstation_open(&ann, "");
    terminal_command(terminal, "review 1");
    terminal_expect(terminal, "Review 1 ");
    terminal_keys(terminal, "e", NULL);
    terminal_expect(terminal, "Text: ");
    terminal_keys(terminal, "C-u", NULL);
    terminal_paste(terminal, "first line\nsecond line\ttab");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect_gone(terminal, "Text: ");
    terminal_keys(terminal, "q", NULL);
    workstation_leave(terminal);
    cli_shows(cli_ok(&ann, "history results 1 --json").out, "first line second line tab");
}

/* ---- messages ---- */

static void a_key_that_does_nothing_says_so_once(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    Terminal *terminal = workstation_open(&ann, "");
    terminal_keys(terminal, "F7", "F7", NULL);
    terminal_expect(terminal, "no such key here: ?  shows the keys");
    terminal_keys(terminal, "j", NULL);
    terminal_expect_gone(terminal, "no such key here");
    terminal_keys(terminal, "M", NULL); /* it is nothing to read up on */
    terminal_expect(terminal, "Messages");
    assert_null(strstr(terminal_screen(terminal), "no such key here"));
    terminal_keys(terminal, ":", NULL);
    terminal_expect(terminal, "\n:");
    terminal_keys(terminal, "F7", NULL);
    terminal_type(terminal, "x");
    terminal_expect(terminal, ":x");
    terminal_keys(terminal, "C-c", NULL);
    terminal_expect_gone(terminal, ":x");
    assert_null(strstr(terminal_screen(terminal), "no such key here"));
    workstation_leave(terminal);
}

static void a_message_lasts_until_the_next_key(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    workstation_share(&ann);
    cli_ok(&ann, "run");
    cli_ok(&ann, "run --all");
    Terminal *terminal = workstation_open(&ann, "");
    terminal_command(terminal, "db list");
    terminal_expect(terminal, "Backend");
    terminal_keys(terminal, "f", NULL);
    terminal_expect(terminal, "one scope");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect_gone(terminal, "one scope");
    terminal_keys(terminal, "q", "q", "R", NULL);
    terminal_expect(terminal, ">   2");
    terminal_keys(terminal, "c", NULL);
    terminal_expect(terminal, "is marked");
    terminal_keys(terminal, ">", NULL);
    terminal_expect_gone(terminal, "is marked");
    terminal_command(terminal, "frobnicate");
    terminal_expect(terminal, "error: ");
    terminal_command(terminal, "db history-store disable");
    terminal_expect(terminal, "[ No ]");
    assert_null(strstr(terminal_screen(terminal), "error: "));
    terminal_keys(terminal, "n", NULL);
    terminal_expect_gone(terminal, "[ No ]");
    terminal_keys(terminal, "M", NULL);
    terminal_expect(terminal, "error: ");
    workstation_leave(terminal);
}

/* ---- what goes away ---- */

static void a_session_that_is_deleted_elsewhere_says_so(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    cli_ok(&ann, "session new --title 'First look'");
    cli_ok(&ann, "ask 'which tables hold a customer name?'");
    Terminal *terminal = workstation_open(&ann, "");
    terminal_command(terminal, "session show 1");
    terminal_expect(terminal, "which tables hold");
    cli_ok(&ann, "session delete --id 1 --yes");
    terminal_expect(terminal, "This session was deleted");
    terminal_expect(terminal, "Session 1  DELETED");
    assert_null(strstr(terminal_screen(terminal), "which tables hold"));
    workstation_leave(terminal);
}

static void the_tab_of_a_review_is_there_while_it_is_open(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    cli_ok(&ann, "run");
    Terminal *terminal = workstation_open(&ann, "");
    terminal_command(terminal, "review 1");
    terminal_expect(terminal, "[V Review]");
    terminal_keys(terminal, "R", NULL);
    terminal_expect(terminal, "[R Runs]");
    terminal_expect(terminal, " V Review ");
    terminal_keys(terminal, "V", NULL);
    terminal_expect(terminal, "[V Review]");
    terminal_keys(terminal, "q", NULL);
    terminal_expect_gone(terminal, "V Review");
    terminal_keys(terminal, "V", NULL);
    terminal_expect(terminal, "no review is open");
    workstation_leave(terminal);
}

/* ---- names and keys ---- */

static void saving_proposes_a_name_that_fits_the_text(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    Terminal *terminal = workstation_open(&ann, "");
    terminal_command(terminal, "help session list");
    terminal_expect(terminal, "--all-profiles");
    terminal_keys(terminal, "s", NULL);
    terminal_expect(terminal, "Save to: amx-help-session-list.txt");
    terminal_keys(terminal, "C-c", NULL);
    terminal_expect_gone(terminal, "Save to");
    terminal_command(terminal, "db history-store dump-ddl");
    terminal_expect(terminal, "[ No ]");
    terminal_keys(terminal, "y", NULL);
    terminal_expect(terminal, "Run it once");
    terminal_keys(terminal, "s", NULL);
    terminal_expect(terminal, "Save to: amx.sql");
    terminal_keys(terminal, "C-c", NULL);
    terminal_expect_gone(terminal, "Save to");
    workstation_leave(terminal);
}

static void b_rolls_an_applied_run_back_when_it_is_meant(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    cli_ok(&ann, "run");
    cli_ok(&ann, "review 1 --accept low");
    cli_ok(&ann, "apply 1 --yes");
    Terminal *terminal = workstation_open(&ann, "");
    terminal_keys(terminal, "R", NULL);
    terminal_expect(terminal, ">   1");
    terminal_keys(terminal, "b", NULL);
    terminal_expect(terminal, "Restore 3 texts");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect_gone(terminal, "Restore 3 texts");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "applied 3");
    terminal_keys(terminal, "b", NULL);
    terminal_expect(terminal, "Restore 3 texts");
    terminal_keys(terminal, "y", NULL);
    terminal_expect(terminal, "3 texts restored");
    workstation_leave(terminal);
}

int main(int argc, char **argv)
{
    cmocka_set_test_filter(argc > 1 ? argv[1] : NULL);
    const struct CMUnitTest tests[] = {
        screen_test(pasted_lines_and_tabs_become_blanks),
        screen_test(a_pasted_description_is_kept_as_it_reads),
        screen_test(a_key_that_does_nothing_says_so_once),
        screen_test(a_message_lasts_until_the_next_key),
        screen_test(a_session_that_is_deleted_elsewhere_says_so),
        screen_test(the_tab_of_a_review_is_there_while_it_is_open),
        screen_test(saving_proposes_a_name_that_fits_the_text),
        screen_test(b_rolls_an_applied_run_back_when_it_is_meant),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
