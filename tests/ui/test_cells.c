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

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(width_counts_cells_not_bytes),
        cmocka_unit_test(fit_pads_on_either_side),
        cmocka_unit_test(fit_cuts_whole_characters_and_fills_up),
        cmocka_unit_test(wrap_breaks_between_words),
        cmocka_unit_test(wrap_cuts_what_has_no_break),
        cmocka_unit_test(wrap_without_width_keeps_lines_and_expands_tabs),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
