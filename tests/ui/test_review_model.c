/* The review of a run without a terminal: its model, its page, and differences word by word. */
#include <locale.h>
#include <string.h>

#include "cells.h"
#include "match.h"
#include "memory.h"
#include "review_filter.h"
#include "review_model.h"
#include "review_today.h"
#include "review_page.h"
#include "support.h"
#include "text.h"
#include "word_diff.h"

/* --- the model --- */

static json_t *draft(long long id, const char *table, const char *column, const char *level,
                     const char *evaluation, const char *chosen)
{
    return json_pack("{s:I, s:I, s:s, s:s, s:s?, s:s, s:s, s:f, s:s?, s:s?, s:s?, s:[s,s], s:[s]}",
                     "local_id", (json_int_t)id, "run_id", (json_int_t)12, "schema_name", "sales",
                     "table_name", table, "data_type", column ? "integer" : NULL, "object",
                     column ? column : table, "level", level, "confidence", 0.5, "evaluation", evaluation,
                     "chosen_text", chosen, "base_text", NULL, "alternatives", "First.", "Second.",
                     "evidence", "a fact");
}

/* Five results: 3 and 4 are low, 5 is decided. */
static Report make_drafts(void)
{
    Report report = {0};
    report_list(&report, "amx.drafts/1", NULL, 0);
    json_array_append_new(report.items, draft(1, "customer", NULL, "high", NULL, NULL));
    json_array_append_new(report.items, draft(2, "customer", "id", "high", NULL, NULL));
    json_array_append_new(report.items, draft(3, "customer", "x7", "low", NULL, NULL));
    json_array_append_new(report.items, draft(4, "orders", "Größe", "low", NULL, NULL));
    json_array_append_new(report.items, draft(5, "orders", "total", "medium", "accepted", "Second."));
    return report;
}

static ReviewModel make_model(void)
{
    ReviewModel model = {0};
    Report drafts = make_drafts();
    review_model_take(&model, &drafts);
    report_free(&drafts);
    return model;
}

static void expect_line(ReviewModel *model, const char *wanted)
{
    char *line = review_model_send(model);
    if (wanted) {
        assert_non_null(line);
        assert_string_equal(line, wanted);
    } else {
        assert_null(line);
    }
    free(line);
}

static void expect_shown(ReviewModel *model, const char *filter, size_t count, long long selected)
{
    review_model_filter(model, filter);
    assert_int_equal(model->select.count, count);
    const ReviewItem *item = review_model_selected(model);
    assert_int_equal(item ? item->id : 0, selected);
}

static void a_decision_shows_at_once_and_is_pending_until_it_is_written(void **state)
{
    (void)state;
    ReviewModel model = make_model();
    ReviewItem *item = review_model_selected(&model);
    review_model_decide(&model, item, REVIEW_ACCEPT, "Second.");
    assert_int_equal(item->shown.choice, 2);
    assert_true(review_item_pending(item));
    expect_line(&model, "review 12 --result 1 --choose 2");
    assert_true(review_item_pending(item));
    review_model_settle(&model, true);
    assert_false(review_item_pending(item));
    assert_int_equal(item->shown.choice, 2);
    expect_line(&model, NULL);
    review_model_free(&model);
}

static void a_decision_that_fails_is_put_back(void **state)
{
    (void)state;
    ReviewModel model = make_model();
    ReviewItem *item = review_model_find(&model, 5);
    review_model_decide(&model, item, REVIEW_SKIP, NULL);
    expect_line(&model, "review 12 --result 5 --skip");
    review_model_settle(&model, false);
    assert_false(review_item_pending(item));
    assert_int_equal(item->shown.choice, 2);
    assert_int_equal(review_model_undo(&model).count, 0); /* there is nothing left of it */
    review_model_free(&model);
}

static void what_is_decided_while_a_line_is_under_way_goes_into_the_next(void **state)
{
    (void)state;
    ReviewModel model = make_model();
    review_model_decide(&model, review_model_find(&model, 1), REVIEW_SKIP, NULL);
    expect_line(&model, "review 12 --result 1 --skip");
    review_model_decide(&model, review_model_find(&model, 1), REVIEW_EDIT, "It's mine.");
    review_model_decide(&model, review_model_find(&model, 2), REVIEW_ACCEPT, "First.");
    review_model_decide(&model, review_model_find(&model, 5), REVIEW_UNDECIDE, NULL);
    expect_line(&model, NULL); /* one at a time */
    review_model_settle(&model, true);
    expect_line(&model, "review 12 --decisions '"
                        "{\"result\":1,\"decision\":\"edit\",\"text\":\"It'\\''s mine.\"}\n"
                        "{\"result\":2,\"decision\":\"accept\",\"choice\":1}\n"
                        "{\"result\":5,\"decision\":\"undecide\"}\n'");
    review_model_settle(&model, true);
    assert_int_equal(review_model_counts(&model).pending, 0);
    review_model_free(&model);
}

static void a_newer_decision_outlives_the_failure_of_an_older_one(void **state)
{
    (void)state;
    ReviewModel model = make_model();
    ReviewItem *item = review_model_find(&model, 1);
    review_model_decide(&model, item, REVIEW_SKIP, NULL);
    expect_line(&model, "review 12 --result 1 --skip");
    review_model_decide(&model, item, REVIEW_EDIT, "Mine.");
    review_model_settle(&model, false);
    assert_string_equal(item->shown.text, "Mine.");
    expect_line(&model, "review 12 --result 1 --text Mine.");
    review_model_free(&model);
}

static void undo_writes_the_previous_decisions_back_one_by_one(void **state)
{
    (void)state;
    ReviewModel model = make_model();
    ReviewItem *item = review_model_find(&model, 5);
    review_model_decide(&model, item, REVIEW_EDIT, "Mine.");
    review_model_decide(&model, item, REVIEW_SKIP, NULL);
    expect_line(&model, "review 12 --result 5 --skip");
    review_model_settle(&model, true);
    assert_int_equal(review_model_undo(&model).count, 1);
    assert_int_equal(review_model_selected(&model)->id, 5);
    expect_line(&model, "review 12 --result 5 --text Mine.");
    review_model_settle(&model, true);
    assert_int_equal(review_model_undo(&model).count, 1);
    expect_line(&model, "review 12 --result 5 --choose 2");
    review_model_settle(&model, true);
    assert_int_equal(review_model_undo(&model).count, 0);
    review_model_free(&model);
}

/* Another amx decided about a result, and the screen has read it. */
static void take_foreign(ReviewModel *model, long long id, const char *evaluation, const char *chosen)
{
    Report report = {0};
    report_list(&report, "amx.drafts/1", NULL, 0);
    json_array_append_new(report.items, draft(id, "customer", NULL, "high", evaluation, chosen));
    review_model_begin_read(model);
    review_model_take(model, &report);
    report_free(&report);
}

static void expect_undone(ReviewModel *model, size_t count, size_t changed)
{
    ReviewUndone undone = review_model_undo(model);
    assert_int_equal(undone.count, count);
    assert_int_equal(undone.changed, changed);
}

static void undo_leaves_what_somebody_else_decided_since(void **state)
{
    (void)state;
    ReviewModel model = make_model();
    review_model_decide(&model, review_model_find(&model, 1), REVIEW_ACCEPT, "First.");
    expect_line(&model, "review 12 --result 1 --choose 1");
    review_model_settle(&model, true);
    take_foreign(&model, 1, "accepted", "Second.");
    expect_undone(&model, 0, 1);
    assert_int_equal(review_model_find(&model, 1)->shown.choice, 2);
    expect_line(&model, NULL); /* nothing is written over it */
    expect_undone(&model, 0, 0);
    review_model_free(&model);
}

static void undo_of_a_group_takes_back_what_still_stands(void **state)
{
    (void)state;
    ReviewModel model = make_model();
    review_model_filter(&model, "undecided");
    assert_int_equal(review_model_accept_shown(&model), 4);
    free(review_model_send(&model));
    review_model_settle(&model, true);
    take_foreign(&model, 2, "skipped", NULL);
    expect_undone(&model, 3, 1);
    assert_int_equal(review_model_find(&model, 2)->shown.verdict, REVIEW_SKIP);
    expect_line(&model, "review 12 --result 1,3-4 --undecide");
    review_model_free(&model);
}

static void what_reads_the_same_still_stands(void **state)
{
    (void)state;
    ReviewModel model = make_model();
    review_model_decide(&model, review_model_find(&model, 1), REVIEW_EDIT, "Second.");
    free(review_model_send(&model));
    review_model_settle(&model, true);
    take_foreign(&model, 1, "accepted", "Second.");
    expect_undone(&model, 1, 0);
    review_model_free(&model);
}

static void accepting_all_takes_only_what_is_shown_and_undecided(void **state)
{
    (void)state;
    ReviewModel model = make_model();
    review_model_filter(&model, "low");
    review_model_decide(&model, review_model_selected(&model), REVIEW_SKIP, NULL);
    assert_int_equal(review_model_acceptable(&model), 1);
    assert_int_equal(review_model_accept_shown(&model), 1);
    review_model_filter(&model, "");
    assert_int_equal(review_model_acceptable(&model), 2);
    assert_int_equal(review_model_accept_shown(&model), 2);
    assert_int_equal(review_model_counts(&model).undecided, 0);
    assert_int_equal(review_model_undo(&model).count, 2); /* all that one key did */
    assert_int_equal(review_model_counts(&model).undecided, 2);
    review_model_free(&model);
}

static void filters_find_by_state_level_table_and_text(void **state)
{
    (void)state;
    ReviewModel model = make_model();
    expect_shown(&model, "low", 2, 3);
    expect_shown(&model, "LOW", 2, 3);
    expect_shown(&model, "undecided high", 2, 1);
    expect_shown(&model, "accepted", 1, 5);
    expect_shown(&model, "table", 2, 5);
    assert_string_equal(model.filter, "table:orders");
    expect_shown(&model, "table:customer low", 1, 3);
    expect_shown(&model, "GRÖSSE", 1, 4);
    expect_shown(&model, "second", 5, 4);
    expect_shown(&model, "nothing like it", 0, 0);
    expect_shown(&model, "", 5, 1);
    review_model_free(&model);
}

static void what_is_decided_stays_in_sight_under_its_filter(void **state)
{
    (void)state;
    ReviewModel model = make_model();
    review_model_filter(&model, "undecided");
    review_model_decide(&model, review_model_selected(&model), REVIEW_SKIP, NULL);
    assert_int_equal(model.select.count, 4);
    expect_shown(&model, "undecided", 3, 2);
    review_model_free(&model);
}

static void a_conflict_is_a_text_that_somebody_else_wrote(void **state)
{
    (void)state;
    ReviewModel model = make_model();
    assert_int_equal(review_model_counts(&model).conflict, 0);
    today_is(&model, 1, "there", NULL);
    today_is(&model, 5, "there", "Second."); /* what was chosen */
    assert_int_equal(review_model_counts(&model).conflict, 0);
    today_is(&model, 2, "there", "By hand.");
    today_is(&model, 3, "missing", NULL);
    assert_int_equal(review_model_counts(&model).conflict, 2);
    expect_shown(&model, "conflict", 2, 2);
    review_model_free(&model);
}

static void add_choice(Report *report, long long id, const char *who, const char *at, const char *text)
{
    json_array_append_new(report->items, json_pack("{s:I, s:s, s:s, s:s}", "result", (json_int_t)id, "who",
                                                   who, "evaluated_at", at, "chosen_text", text));
}

static void of_each_teammate_the_newest_choice_counts(void **state)
{
    (void)state;
    ReviewModel model = make_model();
    Report report = {0};
    report_list(&report, "amx.choices/1", NULL, 0);
    add_choice(&report, 2, "bob@lap", "2026-01-02T00:00:00.000Z", "Other.");
    add_choice(&report, 2, "eve@web", "2026-01-03T00:00:00.000Z", "First.");
    add_choice(&report, 2, "bob@lap", "2026-01-01T00:00:00.000Z", "Old.");
    add_choice(&report, 2, "bob@lap", "2026-01-04T00:00:00.000Z", "Newest.");
    add_choice(&report, 99, "bob@lap", "2026-01-04T00:00:00.000Z", "Of another run.");
    review_model_take_choices(&model, &report);
    report_free(&report);
    const ReviewItem *item = review_model_find(&model, 2);
    assert_string_equal(item->others->text, "Newest.");
    assert_string_equal(item->others->next->who, "eve@web");
    assert_null(item->others->next->next);
    assert_true(review_item_conflict(item));
    review_model_free(&model);
}

static void a_reload_keeps_position_filter_and_undo(void **state)
{
    (void)state;
    ReviewModel model = make_model();
    review_model_filter(&model, "low");
    select_move(&model.select, 1);
    review_model_decide(&model, review_model_selected(&model), REVIEW_SKIP, NULL);
    expect_line(&model, "review 12 --result 4 --skip");
    review_model_settle(&model, true);
    Report again = make_drafts();
    json_object_set_new(json_array_get(again.items, 3), "evaluation", json_string("skipped"));
    review_model_begin_read(&model);
    review_model_take(&model, &again);
    report_free(&again);
    assert_int_equal(model.select.count, 2);
    assert_int_equal(review_model_selected(&model)->id, 4);
    assert_int_equal(review_model_undo(&model).count, 1);
    expect_line(&model, "review 12 --result 4 --undecide");
    review_model_free(&model);
}

/* One page of a run of any size, ids from `first` on. */
static void take_page(ReviewModel *model, long long first, long long count)
{
    Report report = {0};
    report_list(&report, "amx.drafts/1", NULL, 0);
    for (long long id = first; id < first + count; id++) {
        json_array_append_new(report.items, draft(id, "t", "x", id % 10 ? "high" : "low", NULL, NULL));
    }
    review_model_take(model, &report);
    report_free(&report);
}

static void a_run_is_taken_page_by_page(void **state)
{
    (void)state;
    ReviewModel model = {0};
    review_model_begin_read(&model);
    take_page(&model, 1, 100);
    review_model_filter(&model, "low");
    select_move(&model.select, 3);
    take_page(&model, 101, 100);
    assert_int_equal(model.count, 200);
    assert_int_equal(model.select.count, 20); /* under the filter that was set before */
    assert_int_equal(review_model_selected(&model)->id, 40);
    assert_int_equal(review_model_find(&model, 200)->id, 200);
    assert_null(review_model_find(&model, 201));
    review_model_free(&model);
}

static void all_of_a_large_run_is_accepted_and_taken_back_on_one_short_line(void **state)
{
    (void)state;
    ReviewModel model = {0};
    take_page(&model, 1, 12000);
    take_page(&model, 20001, 1);
    review_model_decide(&model, review_model_find(&model, 500), REVIEW_SKIP, NULL);
    expect_line(&model, "review 12 --result 500 --skip");
    review_model_settle(&model, true);
    assert_int_equal(review_model_acceptable(&model), 12000);
    assert_int_equal(review_model_accept_shown(&model), 12000);
    expect_line(&model, "review 12 --result 1-499,501-12000,20001 --choose 1");
    review_model_settle(&model, true);
    assert_int_equal(review_model_counts(&model).undecided, 0);
    assert_int_equal(review_model_undo(&model).count, 12000);
    expect_line(&model, "review 12 --result 1-499,501-12000,20001 --undecide");
    review_model_settle(&model, true);
    assert_int_equal(review_model_counts(&model).undecided, 12000);
    review_model_free(&model);
}

static void what_was_read_before_a_decision_does_not_take_it_back(void **state)
{
    (void)state;
    ReviewModel model = make_model();
    review_model_begin_read(&model);
    Report old = make_drafts();
    review_model_decide(&model, review_model_find(&model, 2), REVIEW_SKIP, NULL);
    expect_line(&model, "review 12 --result 2 --skip");
    review_model_settle(&model, true);
    review_model_take(&model, &old);
    assert_int_equal(review_model_find(&model, 2)->shown.verdict, REVIEW_SKIP);
    review_model_begin_read(&model); /* what somebody else decided since counts */
    review_model_take(&model, &old);
    assert_int_equal(review_model_find(&model, 2)->shown.verdict, REVIEW_UNDECIDE);
    report_free(&old);
    review_model_free(&model);
}

static void expect_held(const char *text, const char *folded, bool wanted)
{
    assert_int_equal(match_holds(text, folded), wanted);
}

static void text_is_found_in_any_case_and_in_whole_characters(void **state)
{
    (void)state;
    expect_held("One row per Customer.", "customer.", true);
    expect_held("One row per Customer.", "customers", false);
    expect_held("", "", true);
    expect_held("aaab", "aab", true);
    expect_held("Straße und Größe", "strasse", true);
    expect_held("plain, then GRÖSSE", "plain", true);
    expect_held("plain, then GRÖSSE", "größe", false); /* folded it is grösse */
    expect_held("plain, then GRÖSSE", "grösse", true);
    expect_held("plain", "ö", false);
    expect_held("e\u0301", "e", false); /* a letter with an accent is another one */
}

/* --- the page --- */

static char *page_text(const ReviewItem *item, int width)
{
    ReviewPage page = {0};
    Text text = {0};
    review_page_write(&page, item, "checking..", width, 100);
    for (size_t i = 0; i < page.count; i++) {
        assert_true(cells_width(page.lines[i].text) <= width);
        text_addf(&text, "%s\n", page.lines[i].text);
    }
    review_page_free(&page);
    return text_take(&text);
}

static void the_page_shows_what_a_decision_needs(void **state)
{
    (void)state;
    ReviewModel model = make_model();
    char *text = page_text(review_model_find(&model, 5), 60);
    assert_string_equal(text, "total  integer                     medium 0.50  accepted [2]\n"
                              "\n"
                              "DB now        checking..\n"
                              "drafted from  (none)\n"
                              "\n"
                              "[1] First.\n"
                              "[2]*Second.\n"
                              "\n"
                              "because       a fact\n");
    free(text);
    review_model_free(&model);
}

static void a_text_of_a_megabyte_is_cut_on_the_page(void **state)
{
    (void)state;
    ReviewModel model = make_model();
    char *long_text = memory_zero(1000001, 1);
    memset(long_text, 'x', 1000000);
    today_is(&model, 1, "there", long_text);
    free(long_text);
    char *page = page_text(review_model_selected(&model), 76);
    assert_true(strlen(page) < 100000);
    assert_non_null(strstr(page, "d shows all of it"));
    free(page);
    review_model_free(&model);
}

static void hostile_texts_are_harmless_on_the_page(void **state)
{
    (void)state;
    ReviewModel model = make_model();
    today_is(&model, 1, "there", "\x1b[2J\xe2\x80\xae\nsecond line");
    char *text = page_text(review_model_find(&model, 1), 60);
    assert_null(strchr(text, '\x1b'));
    assert_null(strstr(text, "\xe2\x80\xae"));
    assert_non_null(strstr(text, "\n              second line\n"));
    assert_non_null(strstr(text, "! the database's text changed since the draft"));
    free(text);
    review_model_free(&model);
}

static void expect_diff(const char *before, const char *after, const char *wanted)
{
    char *diff = word_diff(before, after);
    assert_string_equal(diff, wanted);
    free(diff);
}

static void a_difference_is_told_word_by_word(void **state)
{
    (void)state;
    expect_diff("One row per customer.", "One row per client.", "One row per [-customer.-]{+client.+}");
    expect_diff("a b c", "a c", "a [-b-] c");
    expect_diff("a c", "a b\n c d", "a {+b+} c {+d+}");
    expect_diff(NULL, "a b", "{+a b+}");
    expect_diff("a b", NULL, "[-a b-]");
    expect_diff(NULL, NULL, "");
}

static void what_can_not_be_read_again_is_not_known_any_more(void **state)
{
    (void)state;
    ReviewModel model = make_model();
    today_is(&model, 3, "there", "somebody's own words");
    assert_int_equal(review_model_counts(&model).conflict, 1);
    review_model_forget_today(&model);
    assert_int_equal(review_model_find(&model, 3)->today, REVIEW_TODAY_UNKNOWN);
    assert_null(review_model_find(&model, 3)->today_text);
    assert_int_equal(review_model_counts(&model).conflict, 0);
    review_model_free(&model);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_can_not_be_read_again_is_not_known_any_more),
        cmocka_unit_test(a_decision_shows_at_once_and_is_pending_until_it_is_written),
        cmocka_unit_test(a_decision_that_fails_is_put_back),
        cmocka_unit_test(what_is_decided_while_a_line_is_under_way_goes_into_the_next),
        cmocka_unit_test(a_newer_decision_outlives_the_failure_of_an_older_one),
        cmocka_unit_test(undo_writes_the_previous_decisions_back_one_by_one),
        cmocka_unit_test(undo_leaves_what_somebody_else_decided_since),
        cmocka_unit_test(undo_of_a_group_takes_back_what_still_stands),
        cmocka_unit_test(what_reads_the_same_still_stands),
        cmocka_unit_test(accepting_all_takes_only_what_is_shown_and_undecided),
        cmocka_unit_test(filters_find_by_state_level_table_and_text),
        cmocka_unit_test(what_is_decided_stays_in_sight_under_its_filter),
        cmocka_unit_test(a_conflict_is_a_text_that_somebody_else_wrote),
        cmocka_unit_test(of_each_teammate_the_newest_choice_counts),
        cmocka_unit_test(a_reload_keeps_position_filter_and_undo),
        cmocka_unit_test(a_run_is_taken_page_by_page),
        cmocka_unit_test(all_of_a_large_run_is_accepted_and_taken_back_on_one_short_line),
        cmocka_unit_test(what_was_read_before_a_decision_does_not_take_it_back),
        cmocka_unit_test(text_is_found_in_any_case_and_in_whole_characters),
        cmocka_unit_test(the_page_shows_what_a_decision_needs),
        cmocka_unit_test(a_text_of_a_megabyte_is_cut_on_the_page),
        cmocka_unit_test(hostile_texts_are_harmless_on_the_page),
        cmocka_unit_test(a_difference_is_told_word_by_word),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
