/* The window over a listing of any length, the order of a whole one, and a session's lines: without a
 * terminal.
 */
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "cells.h"
#include "dice.h"
#include "list_model.h"
#include "list_query.h"
#include "memory.h"
#include "page_model.h"
#include "session_text.h"
#include "support.h"
#include "text.h"

static const ReportColumn columns[] = {
    {"local_id", "ID", REPORT_NUMBER}, {"title", "Title", REPORT_WIDE}, {"origin_id", NULL, REPORT_TEXT}};

/* A listing: ids, newest first, as a command would page them. */
typedef struct Listing {
    long long *ids;
    size_t count;
    bool counted; /* tells its total */
} Listing;

static Listing listing_of(size_t count, bool counted)
{
    Listing listing = {
        .ids = memory_zero(count ? count : 1, sizeof(long long)), .count = count, .counted = counted};
    for (size_t i = 0; i < count; i++) {
        listing.ids[i] = (long long)(count - i) * 10;
    }
    return listing;
}

/* First row after (older than) a key. */
static size_t place_after(const Listing *listing, const char *key)
{
    long long id = strtoll(key, NULL, 10);
    size_t at = 0;
    while (at < listing->count && listing->ids[at] >= id) {
        at++;
    }
    return at;
}

/* First row that is not before (newer than) a key. */
static size_t place_of(const Listing *listing, const char *key)
{
    long long id = strtoll(key, NULL, 10);
    size_t at = 0;
    while (at < listing->count && listing->ids[at] > id) {
        at++;
    }
    return at;
}

static Report page_of(const Listing *listing, const PageWish *wish)
{
    size_t from = 0;
    size_t to = listing->count;
    switch (wish->where) {
    case PAGE_FIRST:
        break;
    case PAGE_LAST:
        from = to > PAGE_ROWS ? to - PAGE_ROWS : 0;
        break;
    case PAGE_AFTER:
        from = place_after(listing, wish->key);
        break;
    case PAGE_BEFORE:
        to = place_of(listing, wish->key);
        from = to > PAGE_ROWS ? to - PAGE_ROWS : 0;
        break;
    }
    to = to - from > PAGE_ROWS ? from + PAGE_ROWS : to;
    Report report = {0};
    report_list(&report, "amx.sessions/1", columns, 3);
    for (size_t i = from; i < to; i++) {
        json_t *row = report_row(&report);
        row_int(row, "local_id", listing->ids[i]);
        row_text(row, "origin_id", "mine");
        row_text(row, "title", "a question");
    }
    report.previous = from > 0 && to > from ? text_format("%lld", listing->ids[from]) : NULL;
    report.next = to < listing->count && to > from ? text_format("%lld", listing->ids[to - 1]) : NULL;
    report.total = listing->counted ? (long long)listing->count : -1;
    return report;
}

/* Answers until nothing is wished for; fails when that never ends. */
static void settle(PageModel *model, const Listing *listing)
{
    PageWish wish;
    int asked = 0;
    while (page_model_ask(model, &wish)) {
        Report report = page_of(listing, &wish);
        page_model_take(model, &report);
        assert_true(++asked < 50);
    }
}

static PageModel open_pages(const Listing *listing)
{
    PageModel model = {0};
    Report first = page_of(listing, &(PageWish){.where = PAGE_FIRST});
    page_model_open(&model, &first);
    page_model_resize(&model, 20);
    settle(&model, listing);
    return model;
}

static long long id_at(const PageModel *model, size_t row)
{
    return (long long)json_integer_value(json_object_get(page_model_row(model, row), "local_id"));
}

static long long selected_id(const PageModel *model)
{
    return id_at(model, model->select.selected);
}

/* Whatever is held is a stretch of the listing without a gap, not more than it may be, and what is in sight
 * is there. */
static void assert_window(const PageModel *model, const Listing *listing)
{
    assert_in_range(model->shown.count, 1, PAGE_LIMIT);
    assert_true(model->shown.rows <= (size_t)PAGE_ROWS * PAGE_LIMIT);
    assert_int_equal(model->select.count, model->shown.rows);
    size_t at = 0;
    while (model->shown.rows > 0 && listing->ids[at] != id_at(model, 0)) {
        at++;
        assert_true(at < listing->count);
    }
    for (size_t row = 0; row < model->shown.rows; row++) {
        assert_int_equal(id_at(model, row), listing->ids[at + row]);
    }
    assert_true(model->select.selected < model->select.count || model->select.count == 0);
    assert_true(model->select.selected >= model->select.top);
    assert_true(model->select.selected < model->select.top + model->select.height);
}

static void a_walk_down_and_up_never_waits_for_the_next_row(void **state)
{
    (void)state;
    Listing listing = listing_of(3000, false);
    PageModel model = open_pages(&listing);
    for (size_t i = 1; i < listing.count; i++) {
        page_model_move(&model, 1);
        assert_int_equal(selected_id(&model), listing.ids[i]);
        settle(&model, &listing);
        assert_window(&model, &listing);
    }
    for (size_t i = listing.count - 1; i-- > 0;) {
        page_model_move(&model, -1);
        assert_int_equal(selected_id(&model), listing.ids[i]);
        settle(&model, &listing);
    }
    page_model_free(&model);
    free(listing.ids);
}

static void first_and_last_reach_the_ends_of_any_listing(void **state)
{
    (void)state;
    static const size_t counts[] = {0, 1, 19, 199, 200, 201, 1000, 1001, 5000};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        Listing listing = listing_of(counts[i], true);
        PageModel model = open_pages(&listing);
        page_model_last(&model);
        settle(&model, &listing);
        assert_window(&model, &listing);
        assert_int_equal(selected_id(&model), counts[i] ? 10 : 0);
        page_model_first(&model);
        settle(&model, &listing);
        assert_window(&model, &listing);
        assert_int_equal(selected_id(&model), (long long)counts[i] * 10);
        bool all = false;
        assert_int_equal(page_model_count(&model, &all), counts[i]);
        assert_true(all);
        page_model_free(&model);
        free(listing.ids);
    }
}

/* A held PgDn is faster than pages come: what was pressed counts all the same. */
static void moves_beyond_what_is_here_are_made_when_it_is(void **state)
{
    (void)state;
    Listing listing = listing_of(3000, false);
    PageModel model = open_pages(&listing);
    for (int i = 0; i < 40; i++) {
        page_model_move(&model, 20);
    }
    settle(&model, &listing);
    assert_window(&model, &listing);
    assert_int_equal(selected_id(&model), listing.ids[800]);
    for (int i = 0; i < 100; i++) {
        page_model_move(&model, -20);
    }
    settle(&model, &listing);
    assert_int_equal(selected_id(&model), listing.ids[0]);
    page_model_free(&model);
    free(listing.ids);
}

/* Who presses g before what G asked for is there wants to stay. */
static void a_jump_calls_off_the_one_before(void **state)
{
    (void)state;
    Listing listing = listing_of(5000, false);
    PageModel model = open_pages(&listing);
    PageWish wish;
    page_model_last(&model);
    assert_true(page_model_ask(&model, &wish));
    Report late = page_of(&listing, &wish);
    page_model_first(&model);
    page_model_take(&model, &late);
    settle(&model, &listing);
    assert_window(&model, &listing);
    assert_int_equal(selected_id(&model), 50000);
    page_model_free(&model);
    free(listing.ids);
}

/* G and g while another filter's rows are under way: they are of those rows. */
static void a_jump_while_other_rows_are_awaited_is_a_jump_among_them(void **state)
{
    (void)state;
    Listing listing = listing_of(700, false);
    Listing filtered = listing_of(450, false);
    PageModel model = open_pages(&listing);
    PageWish wish;
    page_model_renew(&model);
    assert_true(page_model_ask(&model, &wish));
    page_model_last(&model);
    assert_true(page_model_ask(&model, &wish));
    Report late = page_of(&filtered, &wish);
    page_model_first(&model);
    assert_false(page_model_take(&model, &late)); /* what is shown is still what it was */
    assert_int_equal(selected_id(&model), 7000);
    settle(&model, &filtered);
    assert_window(&model, &filtered);
    assert_int_equal(selected_id(&model), 4500);
    page_model_renew(&model);
    page_model_last(&model);
    settle(&model, &listing);
    assert_int_equal(selected_id(&model), 10);
    page_model_free(&model);
    free(filtered.ids);
    free(listing.ids);
}

/* Takes a row out of the listing, or puts one in, that is not the selected one. */
static void disturb(Listing *listing, uint64_t *dice, long long spared)
{
    size_t at = (size_t)dice_roll(dice, (int)listing->count);
    if (listing->ids[at] == spared) {
        return;
    }
    if (dice_roll(dice, 2) == 0 && listing->count > 1500) {
        memmove(&listing->ids[at], &listing->ids[at + 1], (listing->count - at - 1) * sizeof *listing->ids);
        listing->count--;
    } else if (listing->ids[at] % 10 == 0 && (at == 0 || listing->ids[at - 1] != listing->ids[at] + 5)) {
        listing->ids = memory_resize(listing->ids, listing->count + 1, sizeof *listing->ids);
        memmove(&listing->ids[at + 1], &listing->ids[at], (listing->count - at) * sizeof *listing->ids);
        listing->ids[at] += 5;
        listing->count++;
    }
}

static void wander(PageModel *model, uint64_t *dice)
{
    switch (dice_roll(dice, 8)) {
    case 0:
        page_model_first(model);
        break;
    case 1:
        page_model_last(model);
        break;
    case 2:
        page_model_resize(model, (size_t)(1 + dice_roll(dice, 80)));
        break;
    case 3:
        page_model_retry(model); /* what was under way was stopped */
        break;
    default:
        page_model_move(model, dice_roll(dice, 601) - 300);
    }
}

static void wherever_one_goes_the_window_is_right_and_bounded(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= 15; seed++) {
        uint64_t dice = seed;
        Listing listing = listing_of((size_t)(1 + dice_roll(&dice, 4000)), seed % 2);
        PageModel model = open_pages(&listing);
        for (int step = 0; step < 100; step++) {
            wander(&model, &dice);
            if (dice_roll(&dice, 3) > 0) { /* else more is typed before the answer is there */
                settle(&model, &listing);
                assert_window(&model, &listing);
            }
        }
        page_model_free(&model);
        free(listing.ids);
    }
}

static void a_reload_shows_what_others_did_and_keeps_the_selected_row_in_its_place(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= 10; seed++) {
        uint64_t dice = seed;
        Listing listing = listing_of(2000, false);
        PageModel model = open_pages(&listing);
        for (int step = 0; step < 40; step++) {
            wander(&model, &dice);
            settle(&model, &listing);
            long long selected = selected_id(&model);
            size_t place = model.select.selected - model.select.top;
            bool at_head = model.select.top == 0;
            for (int i = dice_roll(&dice, 10); i > 0; i--) {
                disturb(&listing, &dice, selected);
            }
            page_model_reload(&model);
            settle(&model, &listing);
            assert_window(&model, &listing);
            assert_int_equal(selected_id(&model), selected);
            if (!at_head && model.select.top > 0 &&
                model.select.top + model.select.height < model.select.count) {
                assert_int_equal(model.select.selected - model.select.top, place);
            }
        }
        page_model_free(&model);
        free(listing.ids);
    }
}

static void what_is_shown_stays_until_the_new_rows_are_there(void **state)
{
    (void)state;
    Listing listing = listing_of(700, false);
    Listing filtered = listing_of(3, false);
    PageModel model = open_pages(&listing);
    PageWish wish;
    page_model_move(&model, 150);
    settle(&model, &listing);
    page_model_move(&model, 100);
    settle(&model, &listing);
    page_model_renew(&model);
    assert_true(page_model_ask(&model, &wish));
    assert_int_equal(selected_id(&model), 4500);
    page_model_fail(&model); /* and when they never come */
    assert_int_equal(selected_id(&model), 4500);
    assert_false(page_model_ask(&model, &wish)); /* it is not tried again by itself */
    page_model_renew(&model);
    settle(&model, &filtered);
    assert_int_equal(model.shown.rows, 3);
    assert_int_equal(selected_id(&model), 30); /* it was not among them: the first */
    page_model_free(&model);
    free(filtered.ids);
    free(listing.ids);
}

static void a_late_answer_to_an_older_wish_is_thrown_away(void **state)
{
    (void)state;
    Listing listing = listing_of(3000, false);
    PageModel model = open_pages(&listing);
    PageWish wish;
    page_model_move(&model, 190);
    Report late = page_of(&listing, &(PageWish){.where = PAGE_AFTER, .key = "20000"});
    page_model_last(&model);
    page_model_take(&model, &late);
    assert_true(page_model_ask(&model, &wish));
    assert_int_equal(wish.where, PAGE_LAST);
    settle(&model, &listing);
    page_model_retry(&model);
    settle(&model, &listing);
    assert_window(&model, &listing);
    assert_int_equal(selected_id(&model), 10);
    page_model_free(&model);
    free(listing.ids);
}

static void a_whole_list_sorts_by_value_and_puts_what_is_missing_last(void **state)
{
    (void)state;
    static const char *const titles[] = {"beta", NULL, "Alpha", "gamma"};
    Report report = {0};
    report_list(&report, "amx.tables/1", columns, 3);
    for (int i = 0; i < 4; i++) {
        json_t *row = report_row(&report);
        row_int(row, "local_id", 9 + i);
        row_text(row, "title", titles[i]);
    }
    ListModel model = {0};
    list_model_take(&model, &report);
    select_to(&model.select, 2);
    list_model_sort(&model, "title", false);
    assert_int_equal(model.rows[0], 2);
    assert_int_equal(model.rows[3], 1);
    assert_int_equal(model.select.selected, 0); /* Alpha was selected, and still is */
    list_model_sort(&model, "title", true);
    assert_int_equal(model.rows[0], 3);
    assert_int_equal(model.rows[3], 1);
    list_model_sort(&model, "local_id", true);
    assert_int_equal(model.rows[0], 3);
    assert_int_equal(model.rows[3], 0);
    list_model_sort(&model, NULL, false);
    assert_int_equal(model.rows[0], 0);
    list_model_free(&model);
}

static void a_page_is_asked_for_in_words_a_shell_would_take(void **state)
{
    (void)state;
    ListQuery query = {0};
    list_query_set(&query, "session list --team", "it's -x");
    query.sort = "turns";
    query.descending = true;
    char *line = list_query_page(&query, &(PageWish){.where = PAGE_AFTER, .key = "5/a b"});
    assert_string_equal(line, "session list --team --limit 200 --filter='it'\\''s -x' --sort=-turns "
                              "--after='5/a b'");
    free(line);
    assert_string_equal(list_query_next_scope("session list --team", false), "session list");
    assert_string_equal(list_query_next_scope("session list --all-profiles", true), "session list");
    assert_string_equal(list_query_next_scope("history list", false), "history list --team");
    assert_null(list_query_next_scope("session list --who ann", false));
    list_query_free(&query);
}

static void a_session_is_wrapped_and_says_who_when_and_what_it_cites(void **state)
{
    (void)state;
    json_t *turns = json_pack(
        "[{s:s, s:s, s:s, s:s, s:s}, {s:s, s:s, s:s, s:s, s:s, s:[{s:s, s:s, s:n}]}]", "role", "user", "who",
        "bob@lap", "created_at", "2026-01-02T03:04:05.000Z", "client_version", "0.2.9", "content",
        "which tables hold \x1b[31maddresses, and which of them does nobody use any more?", "role",
        "assistant", "who", "bob@lap", "created_at", "2026-01-02T03:04:06.000Z", "client_version", "0.2.9",
        "content", "one\n\ntwo", "citations", "schema", "sales", "table", "address", "column");
    json_t *row = json_pack("{s:s, s:s, s:s, s:b}", "db_profile", "dev", "fingerprint", "pg@h", "who",
                            "bob@lap", "resumable", 0);
    char *foreign = session_text_foreign(row, false);
    assert_non_null(strstr(foreign, "profile dev (pg@h)"));
    SessionText text = session_text_open("session 41", foreign, turns, 40);
    Text all = {0};
    for (size_t i = 0; i < text.count; i++) {
        assert_true(cells_width(text.lines[i].text) <= 40);
        text_addf(&all, "%s|", text.lines[i].text);
    }
    assert_null(strchr(text_string(&all), '\x1b'));
    assert_non_null(strstr(text_string(&all), "user  bob@lap  2026-01-02 03:04:05Z"));
    assert_non_null(strstr(text_string(&all), "0.2.9"));
    assert_non_null(strstr(text_string(&all), "|    one||    two|    [1] sales.address|"));
    assert_int_equal(text.lines[1].kind, SESSION_FOREIGN);
    text_free(&all);
    session_text_free(&text);
    free(foreign);
    json_object_set_new(row, "resumable", json_true());
    assert_null(session_text_foreign(row, false));
    json_decref(row);
    json_decref(turns);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_walk_down_and_up_never_waits_for_the_next_row),
        cmocka_unit_test(first_and_last_reach_the_ends_of_any_listing),
        cmocka_unit_test(moves_beyond_what_is_here_are_made_when_it_is),
        cmocka_unit_test(a_jump_calls_off_the_one_before),
        cmocka_unit_test(a_jump_while_other_rows_are_awaited_is_a_jump_among_them),
        cmocka_unit_test(wherever_one_goes_the_window_is_right_and_bounded),
        cmocka_unit_test(a_reload_shows_what_others_did_and_keeps_the_selected_row_in_its_place),
        cmocka_unit_test(what_is_shown_stays_until_the_new_rows_are_there),
        cmocka_unit_test(a_late_answer_to_an_older_wish_is_thrown_away),
        cmocka_unit_test(a_whole_list_sorts_by_value_and_puts_what_is_missing_last),
        cmocka_unit_test(a_page_is_asked_for_in_words_a_shell_would_take),
        cmocka_unit_test(a_session_is_wrapped_and_says_who_when_and_what_it_cites),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
