/* Taking decisions back in a review, in a real terminal, while somebody else decides too. */
#include <stdlib.h>

#include "support_internal.h"
#include "text.h"
#include "workstation.h"

#define screen_test(function) cmocka_unit_test_teardown(function, terminal_teardown)

#define CONF                                                                                                 \
    "active_db_profile = shop\ndb_profile shop {\n  backend = sqlite\n  path = \"%s/shop.db\"\n}\n"          \
    "db_profile other {\n  backend = sqlite\n  path = \"%s/other.db\"\n}\n"

/* Run 1 of the profile shop: results 1 customer, 2 id, 3 name. */
static Cli make_home(void)
{
    const char *folder = support_folder();
    Cli ann = cli_new("ann", CONF, folder, folder);
    char *shop = text_format("%s/shop.db", folder);
    char *other = text_format("%s/other.db", folder);
    support_sqlite(shop, "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT)");
    support_sqlite(other, "CREATE TABLE lead (id INTEGER PRIMARY KEY)");
    free(other);
    free(shop);
    cli_ok(&ann, "run");
    return ann;
}

static Terminal *open_review(const Cli *cli)
{
    Terminal *terminal = workstation_open(cli, "");
    terminal_resize(terminal, 120, 24);
    terminal_command(terminal, "review 1");
    terminal_expect(terminal, "Review 1  1/3");
    return terminal;
}

static void leave(Terminal *terminal)
{
    terminal_keys(terminal, "q", NULL);
    terminal_expect(terminal, "> Status");
    terminal_leave(terminal);
}

static void what_the_shell_decided_since_is_not_taken_back(void **state)
{
    (void)state;
    Cli ann = make_home();
    Terminal *terminal = open_review(&ann);
    terminal_keys(terminal, "a", NULL);
    terminal_expect(terminal, "2/3");
    terminal_expect(terminal, "undecided 2");
    terminal_keys(terminal, "k", NULL);
    terminal_expect(terminal, "accepted [1]");
    cli_ok(&ann, "review 1 --result 1 --text 'Who buys.'");
    terminal_expect(terminal, "own*Who buys.");
    terminal_keys(terminal, "u", NULL);
    terminal_expect(terminal, "changed since, on the shell or by another amx: nothing was taken back");
    terminal_keys(terminal, "u", NULL);
    terminal_expect(terminal, "nothing was decided here that could be taken back");
    leave(terminal);
    assert_string_equal(
        support_sqlite_value(ann.history, "SELECT chosen_text FROM run_results WHERE local_id = 1"),
        "Who buys.");
}

static void an_apply_under_another_profile_names_the_way_on_the_screen(void **state)
{
    (void)state;
    Cli ann = make_home();
    cli_ok(&ann, "review 1 --accept low");
    cli_ok(&ann, "db use other");
    Terminal *terminal = open_review(&ann);
    terminal_keys(terminal, "W", NULL);
    terminal_expect(terminal, "run 1 was drafted for profile shop");
    terminal_keys(terminal, "M", NULL);
    terminal_expect(terminal, ":db use 'shop'");
    terminal_keys(terminal, "q", NULL);
    terminal_expect(terminal, "Review 1");
    leave(terminal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        screen_test(what_the_shell_decided_since_is_not_taken_back),
        screen_test(an_apply_under_another_profile_names_the_way_on_the_screen),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
