/* What a capture hides, so that a saved screen is the same on every machine. */
#include <stdlib.h>

#include "capture.h"
#include "support.h"
#include "text.h"

/* The first line of a terminal of so many columns that shows this, once what was measured is hidden. */
static void expect_hidden(const char *printed, int columns, const char *expected)
{
    Capture capture = capture_read(printed, columns, 1);
    char *wanted = text_format("%s\n----\n", expected);
    capture_hide_reach(&capture);
    char *shown = capture_text(&capture);
    assert_string_equal(shown, wanted);
    free(shown);
    free(wanted);
    capture_free(&capture);
}

static void how_long_a_store_took_to_answer_is_hidden_however_long_it_was(void **state)
{
    (void)state;
    expect_hidden("reach  yes, 0 ms", 40, "reach  yes, 0 ms");
    expect_hidden("reach  yes, 1 ms", 40, "reach  yes, 0 ms");
    expect_hidden("reach  yes, 12 ms", 40, "reach  yes, 0 ms");
    expect_hidden("reach  yes, 123 ms", 40, "reach  yes, 0 ms");
    expect_hidden("reach  yes, 12345 ms", 20, "reach  yes, 0 ms");
}

static void what_stands_behind_the_time_of_a_store_keeps_its_column(void **state)
{
    (void)state;
    expect_hidden("yes, 1 ms   |", 40, "yes, 0 ms   |");
    expect_hidden("yes, 123 ms |", 40, "yes, 0 ms   |");
}

static void other_numbers_are_not_hidden(void **state)
{
    (void)state;
    expect_hidden("a statement may take 30 ms", 40, "a statement may take 30 ms");
    expect_hidden("yes, 12 rows", 40, "yes, 12 rows");
    expect_hidden("yes, 12", 7, "yes, 12");
    expect_hidden("yes, ms", 40, "yes, ms");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(how_long_a_store_took_to_answer_is_hidden_however_long_it_was),
        cmocka_unit_test(what_stands_behind_the_time_of_a_store_keeps_its_column),
        cmocka_unit_test(other_numbers_are_not_hidden),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
