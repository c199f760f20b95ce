/* The review of a run: its model, its page, and the view in a real terminal. */
#include <locale.h>
#include <string.h>

#include "cells.h"
#include "cli_scene.h"
#include "memory.h"
#include "review_model.h"
#include "review_page.h"
#include "support_internal.h"
#include "terminal.h"
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
    return model;
}

static void today_is(ReviewModel *model, long long id, const char *today, const char *text)
{
    Report report = {0};
    report_list(&report, "amx.drafts/1", NULL, 0);
    json_array_append_new(report.items, json_pack("{s:I, s:s, s:s?}", "local_id", (json_int_t)id, "today",
                                                  today, "today_text", text));
    review_model_take_today(model, &report);
    report_free(&report);
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
    assert_int_equal(item ? review_item_id(item) : 0, selected);
}

static void a_decision_shows_at_once_and_is_pending_until_it_is_written(void **state)
{
    (void)state;
    ReviewModel model = make_model();
    ReviewItem *item = review_model_selected(&model);
    review_model_decide(&model, item, REVIEW_ACCEPT, "Second.");
    assert_int_equal(review_item_choice(item), 2);
    assert_true(review_item_pending(item));
    expect_line(&model, "review 12 --result 1 --choose 2");
    assert_true(review_item_pending(item));
    review_model_settle(&model, true);
    assert_false(review_item_pending(item));
    assert_int_equal(review_item_choice(item), 2);
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
    assert_int_equal(review_item_choice(item), 2);
    assert_int_equal(review_model_undo(&model), 0); /* there is nothing left of it */
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
    assert_int_equal(review_model_undo(&model), 1);
    assert_int_equal(review_item_id(review_model_selected(&model)), 5);
    expect_line(&model, "review 12 --result 5 --text Mine.");
    review_model_settle(&model, true);
    assert_int_equal(review_model_undo(&model), 1);
    expect_line(&model, "review 12 --result 5 --choose 2");
    review_model_settle(&model, true);
    assert_int_equal(review_model_undo(&model), 0);
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
    assert_int_equal(review_model_undo(&model), 2); /* all that one key did */
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
    assert_int_equal(json_array_size(item->others), 2);
    assert_string_equal(json_string_value(json_object_get(json_array_get(item->others, 0), "chosen_text")),
                        "Newest.");
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
    review_model_take(&model, &again);
    assert_int_equal(model.select.count, 2);
    assert_int_equal(review_item_id(review_model_selected(&model)), 4);
    assert_int_equal(review_model_undo(&model), 1);
    expect_line(&model, "review 12 --result 4 --undecide");
    review_model_free(&model);
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

/* --- the view --- */

typedef struct Home {
    Cli ann;
    const char *shop;
    const char *share;
} Home;

#define CONF                                                                                                 \
    "active_db_profile = shop\ndb_profile shop {\n  backend = sqlite\n  path = \"%s\"\n}\n"                  \
    "db_profile team {\n  backend = sqlite\n  path = \"%s/store.db\"\n}\n"                                   \
    "timeouts {\n  deliver_ms = 30000\n}\n"

/* Results: 1 customer, 2 id, 3 name, 4 email, 5 orders, 6 id, 7 customer_id, 8 total. */
static Home make_home(void)
{
    Home home = {.share = support_folder()};
    home.shop = support_keep(text_format("%s/shop.db", home.share));
    support_sqlite(home.shop, "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT, email TEXT);"
                              "CREATE TABLE orders (id INTEGER PRIMARY KEY, "
                              "customer_id INTEGER REFERENCES customer(id), total REAL)");
    home.ann = cli_new("ann", CONF, home.shop, home.share);
    cli_ok(&home.ann, "run");
    return home;
}

static Terminal *open_review(const Home *home, const char *arguments)
{
    Terminal *terminal = terminal_start(home->ann.env, 80, 24, arguments);
    terminal_expect(terminal, "> Status");
    terminal_keys(terminal, ":", NULL);
    terminal_type(terminal, "review 1");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "Review 1  1/8");
    return terminal;
}

static void leave_picker(Terminal *terminal)
{
    terminal_expect(terminal, "> Status");
    terminal_keys(terminal, "q", NULL);
    terminal_expect(terminal, "left with 0");
    terminal_stop(terminal);
}

static void leave(Terminal *terminal)
{
    terminal_keys(terminal, "q", NULL);
    leave_picker(terminal);
}

static void expect_decision(const Home *home, int result, const char *wanted)
{
    char *sql = text_format("SELECT coalesce(evaluation || ':' || coalesce(chosen_text, ''), 'none') "
                            "FROM run_results WHERE local_id = %d",
                            result);
    assert_string_equal(support_sqlite_value(home->ann.history, sql), wanted);
    free(sql);
}

static void keys_choose_skip_edit_and_take_back(void **state)
{
    (void)state;
    Home home = make_home();
    Terminal *terminal = open_review(&home, "");
    terminal_expect(terminal, "DB now        (none)");
    terminal_expect(terminal, "undecided 8");
    terminal_keys(terminal, "2", NULL);
    terminal_expect(terminal, "2/8");
    terminal_keys(terminal, "a", NULL);
    terminal_expect(terminal, "3/8");
    terminal_keys(terminal, "s", NULL);
    terminal_expect(terminal, "4/8");
    terminal_keys(terminal, "e", NULL);
    terminal_expect(terminal, "Text: Email.");
    terminal_keys(terminal, "C-u", NULL);
    terminal_type(terminal, "Where 'mail' goes.");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "own*Where 'mail' goes.");
    terminal_expect(terminal, "undecided 4");
    terminal_keys(terminal, "K", NULL);
    terminal_expect(terminal, "skipped");
    terminal_keys(terminal, "u", NULL);
    terminal_expect(terminal, "4/8");
    terminal_expect_gone(terminal, "own*");
    leave(terminal);
    expect_decision(&home, 1, "accepted:Customers; referenced by orders.");
    expect_decision(&home, 2, "accepted:Identifier of the customer; generated by the database.");
    expect_decision(&home, 3, "skipped:");
    expect_decision(&home, 4, "none");
}

static void a_text_can_be_edited_in_the_editor(void **state)
{
    (void)state;
    Home home = make_home();
    const char *editor =
        support_file(home.ann.home, "editor.sh", "printf 'One line,\\nand another.\\n' >\"$1\"\n");
    cli_set(&home.ann, support_keep(text_format("EDITOR=/bin/sh %s", editor)));
    Terminal *terminal = open_review(&home, "");
    terminal_keys(terminal, "E", NULL);
    terminal_expect(terminal, "own*One line,");
    terminal_expect(terminal, "and another.");
    terminal_expect(terminal, "1 edited"); /* no message comes after this one */
    terminal_keys(terminal, "e", NULL);
    terminal_expect(terminal, "does not fit into one line");
    terminal_keys(terminal, "C-x", NULL);
    terminal_expect(terminal, "the text was left as it is");
    leave(terminal);
    expect_decision(&home, 1, "edited:One line,\nand another.");
}

static void another_tab_does_not_get_what_the_review_asked_for(void **state)
{
    (void)state;
    Home home = make_home();
    Terminal *terminal = open_review(&home, "");
    terminal_keys(terminal, "s", "R", NULL);
    terminal_expect(terminal, "Runs  scope: mine  1 of 1");
    terminal_keys(terminal, "F5", "P", NULL);
    terminal_expect(terminal, "> Status");
    terminal_keys(terminal, "Tab", "Tab", "Tab", NULL);
    terminal_expect(terminal, "Review 1  2/8");
    terminal_expect(terminal, "undecided 7");
    leave(terminal);
    expect_decision(&home, 1, "skipped:");
}

static void another_review_waits_until_the_prompt_is_answered(void **state)
{
    (void)state;
    Home home = make_home();
    cli_ok(&home.ann, "run");
    Terminal *terminal = open_review(&home, "");
    terminal_keys(terminal, ":", "r", "e", "v", "i", "e", "w", "Space", "2", "Enter", "e", "C-u", NULL);
    terminal_expect_gone(terminal, "Text: Cust");
    terminal_type(terminal, "Who buys.");
    terminal_expect(terminal, "Text: Who buys.");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "Review 2  1/8");
    leave(terminal);
    expect_decision(&home, 1, "edited:Who buys.");
}

static void a_filter_works_while_it_is_typed_and_escape_takes_it_away(void **state)
{
    (void)state;
    Home home = make_home();
    Terminal *terminal = open_review(&home, "");
    terminal_resize(terminal, 120, 24);
    terminal_keys(terminal, "/", NULL);
    terminal_type(terminal, "no such text");
    terminal_expect(terminal, "No result matches the filter");
    terminal_keys(terminal, "Escape", NULL); /* as it was before */
    terminal_expect(terminal, "1/8");
    terminal_keys(terminal, "/", NULL);
    terminal_type(terminal, "undecided");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "/undecided");
    terminal_keys(terminal, "Escape", NULL);
    terminal_expect_gone(terminal, "/undecided");
    terminal_expect(terminal, "[Review]");
    leave(terminal);
}

static void what_another_amx_decides_appears_by_itself(void **state)
{
    (void)state;
    Home home = make_home();
    Terminal *terminal = open_review(&home, "");
    terminal_resize(terminal, 120, 24); /* room for the whole title */
    terminal_keys(terminal, "/", NULL);
    terminal_type(terminal, "undecided");
    terminal_keys(terminal, "Enter", "s", NULL);
    terminal_expect(terminal, "2/8 /undecided");
    cli_ok(&home.ann, "review 1 --result 2 --skip");
    cli_ok(&home.ann, "review 1 --result 5 --text 'What was bought.'");
    terminal_expect(terminal, "undecided 5");
    terminal_expect(terminal, "2/8 /undecided"); /* what was in sight stays there */
    terminal_expect(terminal, "skipped");
    terminal_keys(terminal, "u", NULL);
    terminal_expect(terminal, "1/8");
    terminal_expect(terminal, "undecided 6");
    leave(terminal);
    expect_decision(&home, 1, "none");
    expect_decision(&home, 5, "edited:What was bought.");
}

static void a_run_shows_what_was_decided_meanwhile(void **state)
{
    (void)state;
    Home home = make_home();
    Terminal *terminal = terminal_start(home.ann.env, 80, 24, "");
    terminal_keys(terminal, "R", NULL);
    terminal_expect(terminal, "Runs  scope: mine  1 of 1");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "accepted 0  skipped 0");
    terminal_keys(terminal, "v", NULL);
    terminal_expect(terminal, "Review 1  1/8");
    terminal_keys(terminal, "s", NULL);
    terminal_expect(terminal, "undecided 7");
    terminal_keys(terminal, "q", NULL);
    terminal_expect(terminal, "accepted 0  skipped 1");
    terminal_keys(terminal, "P", NULL);
    leave_picker(terminal);
}

static void a_key_that_is_held_down_decides_each_result_once(void **state)
{
    (void)state;
    Home home = make_home();
    cli_ok(&home.ann, "db history-store enable --profile team");
    Terminal *terminal = open_review(&home, "");
    terminal_keys(terminal, "s", "s", "s", "s", "s", "s", "s", NULL);
    terminal_expect(terminal, "8/8");
    terminal_expect(terminal, "undecided 1");
    leave(terminal); /* waits for what is still being written */
    assert_string_equal(support_sqlite_value(home.ann.history,
                                             "SELECT count(*) FROM run_results WHERE evaluation = 'skipped'"),
                        "7");
    expect_decision(&home, 8, "none");
}

static void accepting_all_asks_with_the_full_count_and_applying_asks_too(void **state)
{
    (void)state;
    Home home = make_home();
    Terminal *terminal = open_review(&home, "");
    terminal_keys(terminal, "/", NULL);
    terminal_type(terminal, "low");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "1/3 /low");
    terminal_keys(terminal, "A", NULL);
    terminal_expect(terminal, "Accept 3 of 8 results?");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "nothing was changed");
    terminal_keys(terminal, "A", NULL);
    terminal_expect(terminal, "Accept 3 of 8 results?");
    terminal_keys(terminal, "y", NULL);
    terminal_expect(terminal, "undecided 5");
    terminal_keys(terminal, "W", NULL);
    terminal_expect(terminal, "Write 3 descriptions");
    terminal_keys(terminal, "y", NULL);
    terminal_expect(terminal, "accepted [1], applied");
    terminal_expect(terminal, "DB now        Name.");
    leave(terminal);
    assert_string_equal(support_sqlite_value(home.shop, "SELECT count(*) FROM amx_comments"), "3");
}

static void accepting_all_accepts_no_more_than_it_said(void **state)
{
    (void)state;
    Home home = make_home();
    Terminal *terminal = open_review(&home, "");
    terminal_keys(terminal, "A", NULL);
    terminal_expect(terminal, "Accept 8 of 8 results?");
    cli_ok(&home.ann, "review 1 --result 5 --skip");
    terminal_expect(terminal, "undecided 7");
    terminal_keys(terminal, "y", NULL);
    terminal_expect(terminal, "! nothing was changed: meanwhile there are 7");
    terminal_keys(terminal, "A", NULL);
    terminal_expect(terminal, "Accept 7 of 8 results?");
    terminal_keys(terminal, "n", NULL);
    leave(terminal);
    expect_decision(&home, 1, "none");
}

static void a_read_only_screen_shows_and_decides_nothing(void **state)
{
    (void)state;
    Home home = make_home();
    Terminal *terminal = open_review(&home, "--read-only");
    static const char *const keys[] = {"1", "a", "s", "e", "u", "A", "W"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        terminal_keys(terminal, keys[i], NULL);
        terminal_expect(terminal, "read-only");
        terminal_keys(terminal, "d", NULL);
        terminal_expect(terminal, "Difference");
        terminal_keys(terminal, "q", NULL);
        terminal_expect(terminal, "1/8");
    }
    leave(terminal);
    assert_string_equal(support_sqlite_value(home.ann.history, "SELECT count(evaluation) FROM run_results"),
                        "0");
}

static void a_decision_that_can_not_be_written_is_put_back_and_says_why(void **state)
{
    (void)state;
    Home home = make_home();
    Terminal *terminal = open_review(&home, "");
    support_sqlite(home.ann.history, "CREATE TRIGGER no BEFORE UPDATE ON run_results BEGIN "
                                     "SELECT raise(ABORT, 'the disk says no'); END");
    terminal_keys(terminal, "s", NULL);
    terminal_expect(terminal, " error: ");
    terminal_expect(terminal, "the disk says no");
    terminal_expect(terminal, "undecided 8");
    leave(terminal);
}

static void teammates_choices_appear_beside_the_drafts(void **state)
{
    (void)state;
    Home home = make_home();
    Cli bob = cli_new("bob", CONF, home.shop, home.share);
    cli_ok(&home.ann, "db history-store enable --profile team");
    cli_ok(&bob, "db history-store enable --profile team");
    cli_ok(&bob, "run");
    cli_ok(&bob, "review 1 --result 1 --text 'Who \x1b[31mbuys.'");
    Terminal *terminal = open_review(&home, "");
    terminal_expect(terminal, "! bob@");
    terminal_expect(terminal, "chose other text");
    terminal_expect(terminal, "Who \\x1b[31mbuys.");
    terminal_expect(terminal, "conflict 1");
    leave(terminal);
}

static void texts_of_the_database_that_changed_are_told(void **state)
{
    (void)state;
    Home home = make_home();
    cli_ok(&home.ann, "review 1 --result 1 --choose 1");
    cli_ok(&home.ann, "apply 1 --yes");
    support_sqlite(home.shop, "UPDATE amx_comments SET comment = 'One row per buyer; referenced by orders.'");
    Terminal *terminal = open_review(&home, "");
    terminal_expect(terminal, "DB now        One row per buyer");
    terminal_expect(terminal, "conflict 1");
    terminal_keys(terminal, "d", NULL);
    terminal_expect(terminal, "One row per [-buyer;-]{+customer;+} referenced by orders.");
    terminal_keys(terminal, "q", NULL);
    leave(terminal);
}

/* --- the bar of a command that runs --- */

/* Ann's sharing is on, her store slow, and a run of many results waits. */
static void queue_much(const CliScene *scene)
{
    Text sql = {0};
    const char *file = support_keep(text_format("%s/wide.db", scene->ann.home));
    for (int table = 0; table < 12; table++) {
        text_addf(&sql, "CREATE TABLE part_%d (id INTEGER PRIMARY KEY", table);
        for (int column = 0; column < 400; column++) {
            text_addf(&sql, ", customer_name_%d TEXT", column);
        }
        text_add(&sql, ");");
    }
    support_sqlite(file, text_string(&sql));
    text_free(&sql);
    char *conf = text_format("%s\ndb_profile wide {\n  backend = sqlite\n  path = \"%s\"\n}\n",
                             support_read(support_keep(text_format("%s/amx.conf", scene->ann.home))), file);
    cli_configure(&scene->ann, "%s", conf);
    free(conf);
    relay_set(scene->relay, RELAY_RESET, 0, NULL);
    cli_ok(&scene->ann, "-p wide run -q");
    relay_set(scene->relay, RELAY_SLOW, 0, NULL);
}

static void the_screen_shows_the_bar_of_a_slow_flush(void **state)
{
    CliScene *scene = *state;
    queue_much(scene);
    Terminal *terminal = terminal_start(scene->ann.env, 100, 24, "db history-store");
    terminal_expect(terminal, "shared ON");
    terminal_keys(terminal, "f", NULL);
    terminal_expect(terminal, "> Flush");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "Replay");
    terminal_keys(terminal, "r", NULL);
    terminal_expect(terminal, "delivering [");
    terminal_expect(terminal, "^C stops");
    relay_set(scene->relay, RELAY_PASS, 0, NULL);
    terminal_expect_gone(terminal, "delivering [");
    terminal_keys(terminal, "q", NULL);
    terminal_expect(terminal, "left with 0");
    terminal_stop(terminal);
}

static void the_shell_shows_the_bar_and_clears_it(void **state)
{
    CliScene *scene = *state;
    queue_much(scene);
    Terminal *terminal = terminal_start(scene->ann.env, 100, 24, "db history-store flush-pending --json");
    terminal_expect(terminal, "delivering [");
    relay_set(scene->relay, RELAY_PASS, 0, NULL);
    terminal_expect(terminal, "left with 0");
    terminal_expect_gone(terminal, "delivering [");
    terminal_stop(terminal);
    SupportRun quiet = cli_ok(&scene->ann, "db history-store flush-pending");
    cli_hides(quiet.err, "delivering"); /* no terminal, no bar */
}

#define screen_test(function) cmocka_unit_test_teardown(function, terminal_teardown)

static int tear_down_scene(void **state)
{
    terminal_teardown(state);
    return cli_scene_tear_down(state);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_decision_shows_at_once_and_is_pending_until_it_is_written),
        cmocka_unit_test(a_decision_that_fails_is_put_back),
        cmocka_unit_test(what_is_decided_while_a_line_is_under_way_goes_into_the_next),
        cmocka_unit_test(a_newer_decision_outlives_the_failure_of_an_older_one),
        cmocka_unit_test(undo_writes_the_previous_decisions_back_one_by_one),
        cmocka_unit_test(accepting_all_takes_only_what_is_shown_and_undecided),
        cmocka_unit_test(filters_find_by_state_level_table_and_text),
        cmocka_unit_test(what_is_decided_stays_in_sight_under_its_filter),
        cmocka_unit_test(a_conflict_is_a_text_that_somebody_else_wrote),
        cmocka_unit_test(of_each_teammate_the_newest_choice_counts),
        cmocka_unit_test(a_reload_keeps_position_filter_and_undo),
        cmocka_unit_test(the_page_shows_what_a_decision_needs),
        cmocka_unit_test(a_text_of_a_megabyte_is_cut_on_the_page),
        cmocka_unit_test(hostile_texts_are_harmless_on_the_page),
        cmocka_unit_test(a_difference_is_told_word_by_word),
        screen_test(keys_choose_skip_edit_and_take_back),
        screen_test(a_text_can_be_edited_in_the_editor),
        screen_test(another_tab_does_not_get_what_the_review_asked_for),
        screen_test(another_review_waits_until_the_prompt_is_answered),
        screen_test(a_filter_works_while_it_is_typed_and_escape_takes_it_away),
        screen_test(what_another_amx_decides_appears_by_itself),
        screen_test(a_run_shows_what_was_decided_meanwhile),
        screen_test(a_key_that_is_held_down_decides_each_result_once),
        screen_test(accepting_all_asks_with_the_full_count_and_applying_asks_too),
        screen_test(accepting_all_accepts_no_more_than_it_said),
        screen_test(a_read_only_screen_shows_and_decides_nothing),
        screen_test(a_decision_that_can_not_be_written_is_put_back_and_says_why),
        screen_test(teammates_choices_appear_beside_the_drafts),
        screen_test(texts_of_the_database_that_changed_are_told),
        cmocka_unit_test_setup_teardown(the_screen_shows_the_bar_of_a_slow_flush, cli_scene_set_up,
                                        tear_down_scene),
        cmocka_unit_test_setup_teardown(the_shell_shows_the_bar_and_clears_it, cli_scene_set_up,
                                        tear_down_scene),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
