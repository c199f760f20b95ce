/* Text measured, cut and wrapped as a terminal shows it. */
#include <locale.h>
#include <string.h>

#include "cells.h"
#include "memory.h"
#include "support.h"

static void assert_fit(const char *text, int width, int right, const char *expected)
{
    char *fitted = cells_fit(text, width, right);
    assert_string_equal(fitted, expected);
    free(fitted);
}

static void assert_wrap(const char *text, int width, const char *const *expected)
{
    size_t count = 0;
    char **lines = cells_wrap(text, width, &count);
    size_t i = 0;
    for (; expected[i]; i++) {
        assert_non_null(lines[i]);
        assert_string_equal(lines[i], expected[i]);
    }
    assert_null(lines[i]);
    assert_int_equal(count, i);
    cells_free_lines(lines);
}

static void width_counts_cells_not_bytes(void **state)
{
    (void)state;
    assert_int_equal(cells_width(""), 0);
    assert_int_equal(cells_width("table"), 5);
    assert_int_equal(cells_width("Größe"), 5);
    assert_int_equal(cells_width("日本語"), 6);
    assert_int_equal(cells_width("e\xcc\x81"), 1); /* e and a combining acute */
    assert_int_equal(cells_width("😀"), 2);
    assert_int_equal(cells_width("a\xffz"), 3);
}

static void fit_pads_on_either_side(void **state)
{
    (void)state;
    assert_fit("ab", 4, 0, "ab  ");
    assert_fit("ab", 4, 1, "  ab");
    assert_fit("日", 3, 0, "日 ");
    assert_fit("", 2, 0, "  ");
}

static void fit_cuts_whole_characters_and_fills_up(void **state)
{
    (void)state;
    assert_fit("abcdef", 4, 0, "abc…");
    assert_fit("日本語", 4, 0, "日… "); /* half a character is never shown */
    assert_fit("e\xcc\x81"
               "abc",
               2, 0, "e\xcc\x81…");
    assert_fit("ab", 1, 0, "…");
    assert_fit("ab", 0, 0, "");
    assert_fit("ab", -3, 0, "");
}

static void wrap_breaks_between_words(void **state)
{
    (void)state;
    assert_wrap("one two three", 8, (const char *[]){"one two", "three", NULL});
    assert_wrap("one two three", 7, (const char *[]){"one two", "three", NULL});
    assert_wrap("a\n\nb", 10, (const char *[]){"a", "", "b", NULL});
    assert_wrap("a\n", 10, (const char *[]){"a", NULL});
    assert_wrap("", 10, (const char *[]){"", NULL});
}

static void wrap_cuts_what_has_no_break(void **state)
{
    (void)state;
    assert_wrap("abcdefgh ij", 3, (const char *[]){"abc", "def", "gh", "ij", NULL});
    assert_wrap("日本語日本語", 5, (const char *[]){"日本", "語日", "本語", NULL});
}

static void wrap_without_width_keeps_lines_and_expands_tabs(void **state)
{
    (void)state;
    assert_wrap("a\tb\n\tc", 0, (const char *[]){"a       b", "        c", NULL});
}

/* Terminals disagree on how wide these are together, but not on their parts. */
static void what_terminals_disagree_on_is_measured_and_drawn_in_parts(void **state)
{
    (void)state;
    assert_int_equal(cells_width("👨\u200d👩\u200d👧"), 6);
    assert_int_equal(cells_width("👍🏽"), 2);
    assert_int_equal(cells_width("❤\ufe0f"), 1);
    assert_int_equal(cells_width("\U0001fae8"), 1); /* younger than the C library */
    assert_fit("👨\u200d👩\u200d👧", 5, 0, "👨\u200d👩\u200d…");
    Cluster cluster;
    assert_true(cells_next("👨\u200d👩", &cluster));
    assert_int_equal(cluster.count, 1);
    assert_int_equal(cluster.drawn[0], 0x1f468);
    assert_false(cells_next("", &cluster));
}

static void nothing_hides_and_no_mark_changes_its_neighbour(void **state)
{
    (void)state;
    Cluster cluster;
    assert_int_equal(cells_width("\u0301abc"), 4);
    assert_int_equal(cells_width("\u200c"), 1);
    assert_true(cells_next("\u0301abc", &cluster));
    assert_int_equal(cluster.drawn[0], 0xfffd);
    assert_int_equal(cluster.cells, 1);
    assert_true(cells_next("e\u0301\u0302\u0303\u0304\u0305\u0306", &cluster));
    assert_int_equal(cluster.count, 1 + CELLS_MARKS);
}

static void only_the_start_of_a_long_text_is_taken(void **state)
{
    (void)state;
    enum { LONG = 1000000 };
    char *text = memory_alloc(LONG + 1);
    memset(text, 'x', LONG);
    text[LONG] = '\0';
    char *start = cells_start(text, 80);
    assert_true(strlen(start) < LONG / 10);
    assert_int_equal(cells_width_within(start, 81), 81);
    assert_int_equal(cells_width_within("abc", 81), 3);
    free(start);
    free(text);
}

static void skipping_leaves_half_a_character_out(void **state)
{
    (void)state;
    int skipped;
    assert_string_equal(cells_skip("abc", 2, &skipped), "c");
    assert_int_equal(skipped, 2);
    assert_string_equal(cells_skip("日本", 1, &skipped), "本");
    assert_int_equal(skipped, 2);
    assert_string_equal(cells_skip("a", 5, &skipped), "");
    assert_int_equal(skipped, 1);
}

static void a_locale_without_unicode_shows_what_it_has(void **state)
{
    (void)state;
    Cluster cluster;
    assert_true(cells_unicode());
    setenv("LC_ALL", "C", 1);
    assert_false(cells_unicode());
    assert_fit("abcdef", 4, 0, "ab..");
    assert_true(cells_next("日", &cluster));
    assert_int_equal(cluster.count, 2);
    assert_int_equal(cluster.drawn[1], L'?');
    unsetenv("LC_ALL");
}

int main(void)
{
    unsetenv("LC_ALL");
    setenv("LANG", "C.UTF-8", 1);
    unsetenv("LC_CTYPE");
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(width_counts_cells_not_bytes),
        cmocka_unit_test(fit_pads_on_either_side),
        cmocka_unit_test(fit_cuts_whole_characters_and_fills_up),
        cmocka_unit_test(wrap_breaks_between_words),
        cmocka_unit_test(wrap_cuts_what_has_no_break),
        cmocka_unit_test(wrap_without_width_keeps_lines_and_expands_tabs),
        cmocka_unit_test(what_terminals_disagree_on_is_measured_and_drawn_in_parts),
        cmocka_unit_test(nothing_hides_and_no_mark_changes_its_neighbour),
        cmocka_unit_test(only_the_start_of_a_long_text_is_taken),
        cmocka_unit_test(skipping_leaves_half_a_character_out),
        cmocka_unit_test(a_locale_without_unicode_shows_what_it_has),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
