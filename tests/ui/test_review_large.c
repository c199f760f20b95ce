/* The review of a run that is larger than one report, and what asks and tells around it, in a real terminal.
 */
#include <locale.h>
#include <stdlib.h>

#include "support_internal.h"
#include "text.h"
#include "workstation.h"

#define screen_test(function) cmocka_unit_test_teardown(function, terminal_teardown)

typedef struct Home {
    Cli ann;
    const char *shop;
} Home;

#define CONF                                                                                                 \
    "active_db_profile = shop\ndb_profile shop {\n  backend = sqlite\n  path = \"%s\"\n}\n"                  \
    "db_profile team {\n  backend = sqlite\n  path = \"%s/store.db\"\n}\n"                                   \
    "timeouts {\n  deliver_ms = 30000\n}\n"

/* Results: 1 customer, 2 id, 3 name, 4 email. */
static Home make_home(void)
{
    Home home = {0};
    const char *folder = support_folder();
    home.shop = support_keep(text_format("%s/shop.db", folder));
    support_sqlite(home.shop, "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT, email TEXT)");
    home.ann = cli_new("ann", CONF, home.shop, folder);
    cli_ok(&home.ann, "run");
    return home;
}

/* Twelve thousand results: every tenth of those that are added is low. */
static Home make_large_home(void)
{
    Home home = make_home();
    support_sqlite(home.ann.history,
                   "WITH RECURSIVE n(i) AS (VALUES (5) UNION ALL SELECT i + 1 FROM n WHERE i < 12000) "
                   "INSERT INTO run_results(run_id, schema_name, table_name, kind, alternatives, confidence, "
                   "evidence, source) SELECT 1, 'main', 't' || i, 'table', '[\"T ' || i || '.\"]', "
                   "CASE WHEN i % 10 THEN 0.9 ELSE 0.1 END, '[\"a fact\"]', 'builtin' FROM n");
    return home;
}

static long long count_of(const Home *home, const char *condition)
{
    char *sql = text_format("SELECT count(*) FROM run_results WHERE %s", condition);
    long long count = strtoll(support_sqlite_value(home->ann.history, sql), NULL, 10);
    free(sql);
    return count;
}

static Terminal *open_review(const Home *home)
{
    Terminal *terminal = workstation_open(&home->ann, "");
    terminal_command(terminal, "review 1");
    terminal_expect(terminal, "Review 1  1/");
    return terminal;
}

static void filter(Terminal *terminal, const char *words)
{
    terminal_keys(terminal, "/", "C-u", NULL);
    terminal_type(terminal, words);
    terminal_keys(terminal, "Enter", NULL);
}

static void leave(Terminal *terminal)
{
    terminal_keys(terminal, "q", NULL);
    terminal_expect(terminal, "> Status");
    terminal_leave(terminal);
}

static void a_review_finds_and_counts_all_of_a_large_run(void **state)
{
    (void)state;
    Home home = make_large_home();
    Terminal *terminal = open_review(&home);
    terminal_expect(terminal, "Review 1  1/12000 undecided 12000");
    filter(terminal, "t11999");
    terminal_expect(terminal, "Review 1  1/1 /t11999 undecided 12000");
    terminal_expect(terminal, "[1] T 11999.");
    terminal_keys(terminal, "s", "Escape", NULL);
    terminal_expect(terminal, "Review 1  11999/12000 undecided 11999");
    filter(terminal, "undecided");
    terminal_expect(terminal, "11999/11999 /undec… undecided 11999"); /* in 80 columns, with a long filter */
    terminal_keys(terminal, "Escape", "G", NULL);
    terminal_expect(terminal, "main.t12000");
    leave(terminal);
    assert_int_equal(count_of(&home, "evaluation = 'skipped' AND table_name = 't11999'"), 1);
}

static void all_of_a_large_run_is_accepted_and_taken_back(void **state)
{
    (void)state;
    Home home = make_large_home();
    Terminal *terminal = open_review(&home);
    terminal_expect(terminal, "undecided 12000");
    terminal_keys(terminal, "A", NULL);
    terminal_expect(terminal, "Accept 12000 of 12000 results?");
    terminal_keys(terminal, "y", NULL);
    terminal_expect(terminal, "12000 accepted, 0 of 12000 left undecided");
    terminal_expect(terminal, "undecided 0");
    assert_int_equal(count_of(&home, "evaluation = 'accepted'"), 12000);
    terminal_keys(terminal, "A", NULL);
    terminal_expect(terminal, "nothing is undecided");
    terminal_keys(terminal, "u", NULL);
    terminal_expect(terminal, "12000 taken back, 12000 of 12000 left undecided");
    terminal_expect(terminal, "undecided 12000");
    assert_int_equal(count_of(&home, "evaluation IS NULL"), 12000);
    leave(terminal);
}

static void accepting_under_a_filter_takes_all_that_it_shows_and_no_more(void **state)
{
    (void)state;
    Home home = make_large_home();
    long long low = count_of(&home, "confidence < 0.5");
    Terminal *terminal = open_review(&home);
    terminal_expect(terminal, "undecided 12000");
    filter(terminal, "low");
    terminal_keys(terminal, "A", NULL);
    char *question = text_format("Accept %lld of 12000 results?", low);
    char *left = text_format("%lld accepted, %lld of 12000 left undecided", low, 12000 - low);
    terminal_expect(terminal, question);
    terminal_keys(terminal, "y", NULL);
    terminal_expect(terminal, left);
    free(question);
    free(left);
    terminal_keys(terminal, "A", NULL);
    terminal_expect(terminal, "nothing of what the filter shows is undecided");
    leave(terminal);
    assert_int_equal(count_of(&home, "evaluation = 'accepted'"), low);
    assert_int_equal(count_of(&home, "evaluation = 'accepted' AND confidence >= 0.5"), 0);
}

static void ones_own_run_is_reviewed_from_the_list_of_the_team(void **state)
{
    (void)state;
    Home home = make_home();
    cli_ok(&home.ann, "db history-store enable --profile team");
    cli_ok(&home.ann, "db history-store migrate-from-local");
    cli_ok(&home.ann, "db history-store flush-pending");
    Terminal *terminal = workstation_open(&home.ann, "");
    terminal_command(terminal, "history list --team");
    terminal_expect(terminal, "Runs  scope: team");
    terminal_expect(terminal, "ann@");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "Run 1  ");
    terminal_expect(terminal, "main.customer.name");
    terminal_keys(terminal, "v", NULL);
    terminal_expect(terminal, "Review 1  1/4");
    terminal_keys(terminal, "q", NULL);
    terminal_expect(terminal, "Run 1  ");
    terminal_keys(terminal, "q", NULL);
    terminal_expect(terminal, "Runs  scope: team");
    leave(terminal);
}

static void applying_tells_what_it_replaces_and_a_no_changes_nothing(void **state)
{
    (void)state;
    Home home = make_home();
    cli_ok(&home.ann, "review 1 --accept low");
    cli_ok(&home.ann, "apply 1 --yes");
    support_sqlite(home.shop, "DELETE FROM amx_comments WHERE column_name = 'name';"
                              "UPDATE amx_comments SET comment = 'By hand.' WHERE column_name = 'email'");
    support_sqlite(home.ann.history, "UPDATE run_results SET applied_at = NULL");
    Terminal *terminal = open_review(&home);
    terminal_resize(terminal, 120, 30);
    terminal_keys(terminal, "W", NULL);
    terminal_expect(terminal, "Write 2 descriptions to profile shop?");
    terminal_expect(terminal, "somebody else wrote since the draft");
    terminal_expect(terminal, "2 more are there");
    terminal_keys(terminal, "n", NULL);
    terminal_expect(terminal, " nothing was changed");
    terminal_expect_gone(terminal, "error:");
    terminal_keys(terminal, "W", NULL);
    terminal_expect(terminal, "Write 2 descriptions to profile shop?");
    terminal_keys(terminal, "y", NULL);
    terminal_expect(terminal, "replaced a text that was written outside amx");
    leave(terminal);
    assert_string_equal(support_sqlite_value(home.shop, "SELECT count(*) FROM amx_comments"), "4");
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        screen_test(a_review_finds_and_counts_all_of_a_large_run),
        screen_test(all_of_a_large_run_is_accepted_and_taken_back),
        screen_test(accepting_under_a_filter_takes_all_that_it_shows_and_no_more),
        screen_test(ones_own_run_is_reviewed_from_the_list_of_the_team),
        screen_test(applying_tells_what_it_replaces_and_a_no_changes_nothing),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
