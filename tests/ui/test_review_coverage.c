/* How much is described once what was accepted is applied: counted by the review, and shown in its title. */
#include <locale.h>
#include <stdlib.h>

#include "review_model.h"
#include "review_today.h"
#include "support_internal.h"
#include "text.h"
#include "workstation.h"

/* --- counted --- */

/* Result 1 has no text in the database, 2 has one, 3 was applied. */
static ReviewModel make_model(void)
{
    static const struct {
        const char *base;
        const char *evaluation;
        const char *applied_at;
    } results[] = {
        {NULL, NULL, NULL}, {"Written before.", NULL, NULL}, {NULL, "accepted", "2026-11-20T10:00:00.000Z"}};
    ReviewModel model = {0};
    Report report = {0};
    report_list(&report, "amx.drafts/1", NULL, 0);
    for (size_t i = 0; i < sizeof results / sizeof *results; i++) {
        json_array_append_new(
            report.items,
            json_pack("{s:I, s:I, s:s, s:s, s:s, s:f, s:s?, s:s?, s:s?, s:s?, s:[s,s], s:[s]}", "local_id",
                      (json_int_t)i + 1, "run_id", (json_int_t)12, "table_name", "customer", "object",
                      "customer.id", "level", "high", "confidence", 0.9, "evaluation", results[i].evaluation,
                      "chosen_text", results[i].evaluation ? "First." : NULL, "base_text", results[i].base,
                      "applied_at", results[i].applied_at, "alternatives", "First.", "Second.", "evidence",
                      "a fact"));
    }
    review_model_take(&model, &report);
    report_free(&report);
    return model;
}

static void expect_coverage(ReviewModel *model, size_t described, size_t objects, long long percent)
{
    Coverage coverage = review_model_counts(model).coverage;
    assert_int_equal(coverage.described, described);
    assert_int_equal(coverage.objects, objects);
    assert_int_equal(coverage_percent(&coverage), percent);
}

static void what_is_accepted_counts_at_once_and_what_is_taken_back_no_more(void **state)
{
    (void)state;
    ReviewModel model = make_model();
    expect_coverage(&model, 2, 3, 66);
    review_model_decide(&model, review_model_find(&model, 1), REVIEW_EDIT, "My own.");
    expect_coverage(&model, 3, 3, 100);
    review_model_undo(&model);
    expect_coverage(&model, 2, 3, 66);
    review_model_free(&model);
}

static void what_is_skipped_counts_where_the_database_says_something(void **state)
{
    (void)state;
    ReviewModel model = make_model();
    review_model_decide(&model, review_model_find(&model, 1), REVIEW_SKIP, NULL);
    review_model_decide(&model, review_model_find(&model, 2), REVIEW_SKIP, NULL);
    expect_coverage(&model, 2, 3, 66);
    review_model_free(&model);
}

static void what_the_database_says_today_counts_more_than_what_it_said(void **state)
{
    (void)state;
    ReviewModel model = make_model();
    today_is(&model, 1, "there", "Somebody wrote this.");
    expect_coverage(&model, 3, 3, 100);
    today_is(&model, 2, "there", NULL);
    today_is(&model, 3, "there", NULL); /* applied, and gone since: nothing waits to be written */
    expect_coverage(&model, 1, 3, 33);
    today_is(&model, 2, "missing", NULL);
    expect_coverage(&model, 1, 2, 50);
    review_model_free(&model);
}

/* --- shown --- */

#define CONF                                                                                                 \
    "active_db_profile = shop\ndb_profile shop {\n  backend = sqlite\n  path = \"%s\"\n}\n"                  \
    "timeouts {\n  deliver_ms = 30000\n}\n"

/* A run over three columns and their table; and what became of the database since. */
static Cli make_ann(const char *since)
{
    const char *shop = support_keep(text_format("%s/shop.db", support_folder()));
    support_sqlite(shop, "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT, email TEXT)");
    Cli ann = cli_new("ann", CONF, shop);
    cli_ok(&ann, "run");
    support_sqlite(shop, since);
    return ann;
}

static void the_title_tells_it_after_each_decision(void **state)
{
    (void)state;
    Cli ann = make_ann("");
    Terminal *terminal = workstation_open(&ann, "");
    terminal_command(terminal, "review 1");
    terminal_expect(terminal, "Review 1  1/4 undecided 4 low 3 documented 0%");
    terminal_keys(terminal, "a", NULL);
    terminal_expect(terminal, "undecided 3 doc. 0%, then 25%");
    terminal_keys(terminal, "s", "a", NULL);
    terminal_expect(terminal, "undecided 1 doc. 0%, then 50%");
    terminal_keys(terminal, "u", NULL);
    terminal_expect(terminal, "undecided 2 doc. 0%, then 25%");
    terminal_resize(terminal, 120, 40);
    terminal_expect(terminal, "undecided 2 low 3 documented 0%, 25% once applied");
    terminal_keys(terminal, "q", NULL);
    terminal_expect(terminal, "> Status");
    terminal_leave(terminal);
    const char *shown = cli_ok(&ann, "history show 1 --json").out;
    assert_int_equal(cli_json_number(shown, "described"), 1);
    assert_int_equal(cli_json_number(shown, "percent"), 25);
}

/* In 80 columns, too: what gives way is worth less. */
static void the_title_tells_it_beside_conflicts_and_a_filter(void **state)
{
    (void)state;
    Cli ann = make_ann(
        "CREATE TABLE amx_comments (table_name TEXT NOT NULL, column_name TEXT NOT NULL, comment TEXT NOT "
        "NULL, updated_at TEXT NOT NULL, PRIMARY KEY (table_name, column_name));"
        "INSERT INTO amx_comments VALUES ('customer', '', 'By hand.', '2026-11-22T10:00:00.000Z')");
    Terminal *terminal = workstation_open(&ann, "");
    terminal_command(terminal, "review 1");
    terminal_expect(terminal, "Review 1  1/4 undecided 4 conflict 1 doc. 25%");
    terminal_keys(terminal, "/", NULL);
    terminal_type(terminal, "name");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "Review 1  1/1 /name undecided 4 doc. 25%");
    terminal_keys(terminal, "q", NULL);
    terminal_expect(terminal, "> Status");
    terminal_leave(terminal);
    assert_int_equal(cli_json_number(cli_ok(&ann, "coverage --json").out, "items.1.percent"), 25);
}

/* `coverage` of the same scope says the same: once accepted, and once applied. */
static void it_is_what_coverage_says_of_the_same_scope(void **state)
{
    (void)state;
    Cli ann = make_ann("");
    cli_ok(&ann, "review 1 --result 1-3 --choose 1");
    cli_shows(cli_ok(&ann, "coverage").err, "75 % once what is accepted is applied");
    assert_int_equal(cli_json_number(cli_ok(&ann, "history show 1 --json").out, "percent"), 75);
    cli_ok(&ann, "apply 1 --yes");
    assert_int_equal(cli_json_number(cli_ok(&ann, "coverage --json").out, "items.1.percent"), 75);
    assert_int_equal(cli_json_number(cli_ok(&ann, "history show 1 --json").out, "percent"), 75);
}

static void a_narrow_title_spares_it_first(void **state)
{
    (void)state;
    Cli ann = make_ann("");
    Terminal *terminal = workstation_open(&ann, "");
    terminal_command(terminal, "review 1");
    terminal_expect(terminal, "documented 0%");
    terminal_resize(terminal, 60, 15);
    terminal_expect_gone(terminal, "documented");
    terminal_expect(terminal, "Review 1  1/4 undecided 4");
    terminal_expect(terminal, "shop | shared off");
    terminal_resize(terminal, 80, 24);
    terminal_expect(terminal, "documented 0%");
    terminal_keys(terminal, "q", NULL);
    terminal_leave(terminal);
}

int main(int argc, char **argv)
{
    cmocka_set_test_filter(argc > 1 ? argv[1] : NULL); /* a glob: these tests only */
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_accepted_counts_at_once_and_what_is_taken_back_no_more),
        cmocka_unit_test(what_is_skipped_counts_where_the_database_says_something),
        cmocka_unit_test(what_the_database_says_today_counts_more_than_what_it_said),
        cmocka_unit_test_teardown(the_title_tells_it_after_each_decision, terminal_teardown),
        cmocka_unit_test_teardown(the_title_tells_it_beside_conflicts_and_a_filter, terminal_teardown),
        cmocka_unit_test(it_is_what_coverage_says_of_the_same_scope),
        cmocka_unit_test_teardown(a_narrow_title_spares_it_first, terminal_teardown),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
