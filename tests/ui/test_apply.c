/* Applying and rolling back on the screen: what the dialog says before, what is said after, and what is
 * refused without a question. */
#include <string.h>

#include "cli.h"
#include "terminal.h"
#include "text.h"
#include "workstation.h"

#define screen_test(function) cmocka_unit_test_teardown(function, terminal_teardown)

#define CONF "db_profile shop {\n  backend = sqlite\n  path = \"%s\"\n}\n%s"

static const char *shop;

/* Run 1: every text of customer is accepted, and its name has been described by hand since. */
static Cli make_home(void)
{
    shop = support_file(support_folder(), "shop.db", "");
    support_sqlite(shop, "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT, email TEXT)");
    Cli ann = cli_new("ann", CONF, shop, "");
    cli_ok(&ann, "run");
    cli_ok(&ann, "review 1 --accept low");
    cli_ok(&ann, "apply 1 --yes");
    cli_ok(&ann, "rollback 1 --yes");
    cli_ok(&ann, "apply 1 --yes");
    support_sqlite(shop, "UPDATE amx_comments SET comment = 'By hand.' WHERE column_name = 'name'");
    return ann;
}

static const char *name_says(void)
{
    return support_sqlite_value(shop, "SELECT comment FROM amx_comments WHERE column_name = 'name'");
}

static void rollback_says_beforehand_what_it_leaves_alone(void **state)
{
    (void)state;
    Cli ann = make_home();
    Terminal *terminal = workstation_open(&ann, "");
    terminal_command(terminal, "rollback 1");
    terminal_expect(terminal, "Restore 3 texts in profile shop?");
    terminal_expect(terminal, "1 more says something");
    terminal_expect(terminal, "else than what was applied and is left alone.");
    terminal_keys(terminal, "y", NULL);
    terminal_expect(terminal, "main.customer.name: says something else than what was applied");
    assert_string_equal(name_says(), "By hand.");
    terminal_keys(terminal, "P", NULL);
    terminal_expect(terminal, "> Status");
    terminal_command(terminal, "rollback 1 --force");
    terminal_expect(terminal, "Of these, 1");
    terminal_keys(terminal, "y", NULL);
    terminal_expect(terminal, "replaced a text that was written outside amx");
    assert_string_equal(
        support_sqlite_value(shop, "SELECT count(*) FROM sqlite_schema WHERE name = 'amx_comments'"), "0");
    terminal_keys(terminal, "P", NULL);
    terminal_expect(terminal, "> Status");
    terminal_leave(terminal);
}

static void apply_takes_its_options_on_the_command_line_of_the_screen(void **state)
{
    (void)state;
    Cli ann = make_home();
    cli_expect(&ann, 5, "rollback 1 --yes");
    support_sqlite(ann.history, "UPDATE run_results SET applied_at = NULL");
    support_sqlite(ann.history, "DELETE FROM apply_events");
    Terminal *terminal = workstation_open(&ann, "");
    terminal_command(terminal, "apply 1 --if-unchanged");
    terminal_expect(terminal, "Write 3 descriptions to profile shop?");
    terminal_expect(terminal, "1 more says");
    terminal_expect(terminal, "something else than when drafted and is left alone.");
    terminal_keys(terminal, "y", NULL);
    terminal_expect(terminal, "main.customer.name: says something else than when it was drafted");
    assert_string_equal(name_says(), "By hand.");
    terminal_keys(terminal, "P", NULL);
    terminal_expect(terminal, "> Status");
    terminal_command(terminal, "apply 1 --all-or-nothing --if-unchanged");
    terminal_expect(terminal, "nothing is written.");
    terminal_keys(terminal, "n", NULL);
    terminal_expect(terminal, "nothing was changed");
    terminal_keys(terminal, "P", NULL);
    terminal_expect(terminal, "> Status");
    terminal_leave(terminal);
}

static void expect_refusals(const Cli *ann, const char *arguments, const char *why)
{
    static const char *const lines[] = {"apply 1", "rollback 1", "rollback 1 --force"};
    Terminal *terminal = workstation_open(ann, arguments);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        terminal_command(terminal, lines[i]);
        terminal_expect(terminal, why);
        terminal_keys(terminal, "F5", NULL);
        terminal_expect_gone(terminal, why);
    }
    terminal_leave(terminal);
    assert_string_equal(name_says(), "By hand.");
}

static void what_may_not_write_is_refused_without_a_question(void **state)
{
    (void)state;
    Cli ann = make_home();
    expect_refusals(&ann, "--read-only", "this amx is read-only");
    cli_configure(&ann, CONF, shop, "apply { enabled = false }\n");
    expect_refusals(&ann, "", "is switched off here");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        screen_test(rollback_says_beforehand_what_it_leaves_alone),
        screen_test(apply_takes_its_options_on_the_command_line_of_the_screen),
        screen_test(what_may_not_write_is_refused_without_a_question),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
