/* The progress bar as text. */
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "bar.h"
#include "cells.h"
#include "support.h"
#include "text.h"

static void expect(const Bar *bar, int width, const char *wanted)
{
    char *text = bar_text(bar, width, false);
    assert_string_equal(text, wanted);
    free(text);
}

static bool says(const Bar *bar, int width, const char *wanted)
{
    char *text = bar_text(bar, width, false);
    bool found = strstr(text, wanted) != NULL;
    free(text);
    return found;
}

/* Ten thousand rows every second, of a hundred thousand. */
static Bar delivering(long long done)
{
    Bar bar = {0};
    for (long long i = 0; i <= done; i += 1000) {
        bar_update(&bar, "delivering", i, 100000, 1 + i / 10);
    }
    return bar;
}

static void a_bar_says_count_rate_and_what_is_left(void **state)
{
    (void)state;
    Bar bar = delivering(50000);
    expect(&bar, 80, "delivering [###########-----------] 50,000/100,000  10,000/s  6 s left  ^C stops");
}

static void a_narrow_bar_leaves_out_the_least_important(void **state)
{
    (void)state;
    Bar bar = delivering(50000);
    expect(&bar, 60, "delivering [######------] 50,000/100,000  10,000/s  6 s left");
    assert_true(says(&bar, 46, "] 50,000/100,000  6 s left"));
    assert_true(says(&bar, 40, "delivering [######------] 50,000/100,000"));
    assert_true(says(&bar, 30, "delivering 50,000/100,000"));
}

static void below_thirty_cells_only_the_count_stays(void **state)
{
    (void)state;
    Bar bar = delivering(50000);
    expect(&bar, 29, "50,000/100,000");
    char *cut = bar_text(&bar, 5, false);
    assert_true(cells_width(cut) <= 5);
    free(cut);
    char *nothing = bar_text(&bar, 0, false);
    assert_string_equal(nothing, "");
    free(nothing);
}

static void no_width_is_ever_exceeded(void **state)
{
    (void)state;
    Bar bar = delivering(99000);
    for (int width = 0; width <= 200; width++) {
        for (int blocks = 0; blocks <= 1; blocks++) {
            char *text = bar_text(&bar, width, blocks);
            assert_in_range(cells_width(text), 0, width);
            free(text);
        }
    }
}

static void an_unknown_total_has_a_count_and_a_rate(void **state)
{
    (void)state;
    Bar bar = {0};
    bar_update(&bar, "reading", 0, 0, 1);
    expect(&bar, 60, "reading ..  ^C stops");
    bar_update(&bar, "reading", 3000, 0, 2001);
    expect(&bar, 60, "reading 3,000  1,500/s  ^C stops");
}

static void the_first_second_promises_nothing(void **state)
{
    (void)state;
    Bar bar = {0};
    bar_update(&bar, "drafting", 0, 100, 1);
    bar_update(&bar, "drafting", 10, 100, 600);
    assert_false(says(&bar, 80, "/s"));
    assert_false(says(&bar, 80, "left"));
    bar_update(&bar, "drafting", 20, 100, 2001);
    assert_true(says(&bar, 80, "10/s  9 s left"));
}

static void the_rate_follows_a_change_of_pace_smoothly(void **state)
{
    (void)state;
    Bar bar = delivering(50000); /* at 5,001 ms */
    bar_update(&bar, "delivering", 50100, 100000, 6001);
    assert_true(bar.rate < 10000 && bar.rate > 5000);
    for (int second = 7; second < 40; second++) {
        bar_update(&bar, "delivering", 50000 + (second - 5) * 100, 100000, second * 1000 + 1);
    }
    assert_true(bar.rate < 150 && bar.rate > 99);
}

static void time_that_stands_still_or_goes_back_does_no_harm(void **state)
{
    (void)state;
    Bar bar = delivering(50000);
    double rate = bar.rate;
    bar_update(&bar, "delivering", 60000, 100000, 5001);
    bar_update(&bar, "delivering", 70000, 100000, 10);
    assert_true(bar.rate >= rate && bar.rate <= rate);
    assert_true(says(&bar, 80, "70,000/100,000"));
}

static void more_done_than_there_is_fills_the_bar(void **state)
{
    (void)state;
    Bar bar = {0};
    bar_update(&bar, "delivering", 0, 10, 1);
    bar_update(&bar, "delivering", 12, 10, 2001);
    assert_true(says(&bar, 80, "#] 12/10"));
    assert_false(says(&bar, 80, "-"));
    assert_false(says(&bar, 80, "left"));
    bar_update(&bar, "delivering", -5, -10, 3001);
    expect(&bar, 29, "..");
}

static void another_job_begins_anew(void **state)
{
    (void)state;
    Bar bar = delivering(50000);
    bar_update(&bar, "drafting", 60000, 100000, 6001);
    assert_false(says(&bar, 80, "/s"));
    bar = delivering(50000);
    bar_update(&bar, "delivering", 10, 100000, 6001);
    assert_false(says(&bar, 80, "/s"));
}

static void long_waits_are_told_in_minutes_and_hours(void **state)
{
    (void)state;
    static const struct {
        long long total;
        const char *wanted;
    } cases[] = {
        {100, "90 s left"}, {1000, "17 min left"}, {10000, "2 h 46 min left"}, {100000000, "days left"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Bar bar = {0};
        bar_update(&bar, "applying", 0, cases[i].total, 1);
        bar_update(&bar, "applying", 11, cases[i].total, 11001);
        assert_true(says(&bar, 90, cases[i].wanted));
    }
}

static void in_utf8_the_bar_is_drawn_with_blocks(void **state)
{
    (void)state;
    Bar bar = delivering(50000);
    char *text = bar_text(&bar, 60, true);
    assert_non_null(strstr(text, "[\u2588\u2588\u2588\u2588\u2588\u2588\u2591"));
    assert_int_equal(cells_width(text), 60);
    free(text);
}

static void what_a_command_is_called_is_harmless(void **state)
{
    (void)state;
    Bar bar = {0};
    bar_update(&bar, "reading \x1b[2J", 5, 0, 1);
    expect(&bar, 60, "reading \\x1b[2J 5  ^C stops");
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bar_says_count_rate_and_what_is_left),
        cmocka_unit_test(a_narrow_bar_leaves_out_the_least_important),
        cmocka_unit_test(below_thirty_cells_only_the_count_stays),
        cmocka_unit_test(no_width_is_ever_exceeded),
        cmocka_unit_test(an_unknown_total_has_a_count_and_a_rate),
        cmocka_unit_test(the_first_second_promises_nothing),
        cmocka_unit_test(the_rate_follows_a_change_of_pace_smoothly),
        cmocka_unit_test(time_that_stands_still_or_goes_back_does_no_harm),
        cmocka_unit_test(more_done_than_there_is_fills_the_bar),
        cmocka_unit_test(another_job_begins_anew),
        cmocka_unit_test(long_waits_are_told_in_minutes_and_hours),
        cmocka_unit_test(in_utf8_the_bar_is_drawn_with_blocks),
        cmocka_unit_test(what_a_command_is_called_is_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
