/* What a review says of the texts that stand in the database: which ones accepting would replace, and how
 * they differ. */
#include <locale.h>
#include <string.h>

#include "review_model.h"
#include "review_today.h"
#include "review_page.h"
#include "support_internal.h"
#include "text.h"
#include "workstation.h"

static void add_draft(Report *report, long long id, const char *base, const char *first)
{
    json_array_append_new(report->items, json_pack("{s:I, s:s, s:s, s:s, s:f, s:s?, s:[s], s:[]}", "local_id",
                                                   (json_int_t)id, "object", "sales.customer.x", "table_name",
                                                   "customer", "level", "low", "confidence", 0.4, "base_text",
                                                   base, "alternatives", first, "evidence"));
}

static ReviewModel make_model(void)
{
    ReviewModel model = {0};
    Report report = {0};
    report_list(&report, "amx.drafts/1", NULL, 0);
    add_draft(&report, 1, NULL, "New.");
    add_draft(&report, 2, "", "New.");
    add_draft(&report, 3, "Same.", "Same.");
    add_draft(&report, 4, "What people wrote.", "X.");
    add_draft(&report, 5, "What others wrote.", "Y.");
    review_model_take(&model, &report);
    report_free(&report);
    return model;
}

static void what_accepting_all_would_replace_is_counted(void **state)
{
    (void)state;
    ReviewModel model = make_model();
    assert_int_equal(review_model_replacing(&model), 2);
    today_is(&model, 1, "there", "Written since.");
    assert_int_equal(review_model_replacing(&model), 3);
    today_is(&model, 4, "missing", NULL);
    today_is(&model, 5, "there", NULL);
    assert_int_equal(review_model_replacing(&model), 1);
    review_model_decide(&model, review_model_find(&model, 1), REVIEW_SKIP, NULL);
    assert_int_equal(review_model_replacing(&model), 0);
    review_model_free(&model);
}

static void every_line_of_a_text_is_indented_in_the_difference(void **state)
{
    (void)state;
    ReviewModel model = make_model();
    today_is(&model, 4, "there", "One.\nTwo.\n\nThree.");
    char *text = review_page_difference(review_model_find(&model, 4), "");
    assert_non_null(
        strstr(text, "\nIn the database today\n  One.\n  Two.\n  \n  Three.\n\nFirst draft\n  X.\n"));
    free(text);
    review_model_free(&model);
}

static void accepting_all_says_how_many_descriptions_it_replaces(void **state)
{
    (void)state;
    const char *shop = support_keep(text_format("%s/shop.db", support_folder()));
    support_sqlite(shop, "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT)");
    Cli ann = cli_new("ann", "db_profile shop {\n  backend = sqlite\n  path = \"%s\"\n}\n", shop);
    cli_ok(&ann, "run");
    cli_ok(&ann, "review 1 --result 3 --text 'What people call them.'");
    cli_ok(&ann, "apply 1 --yes");
    cli_ok(&ann, "run --all");
    Terminal *terminal = workstation_open(&ann, "");
    terminal_command(terminal, "review 2");
    terminal_expect(terminal, "Review 2  1/3");
    terminal_keys(terminal, "A", NULL);
    terminal_expect(terminal, "Accept 3 of 3 results?");
    terminal_expect(terminal, "1 of them");
    terminal_keys(terminal, "n", NULL);
    terminal_expect(terminal, "nothing was changed");
    terminal_keys(terminal, "q", NULL);
    terminal_expect(terminal, "> Status");
    terminal_leave(terminal);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_accepting_all_would_replace_is_counted),
        cmocka_unit_test(every_line_of_a_text_is_indented_in_the_difference),
        cmocka_unit_test_teardown(accepting_all_says_how_many_descriptions_it_replaces, terminal_teardown),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
