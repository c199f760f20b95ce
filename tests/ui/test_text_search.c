/* Searching in a text: on the screen, and where matches and rows lie. */
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "layout.h"
#include "match.h"
#include "workstation.h"

#define screen_test(function) cmocka_unit_test_teardown(function, terminal_teardown)

static void search_finds_in_any_case_and_n_goes_on(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    Terminal *terminal = workstation_open(&ann, "");
    terminal_command(terminal, "help session");
    terminal_expect(terminal, "help session  ");
    terminal_keys(terminal, "/", NULL);
    terminal_type(terminal, "SESSION");
    terminal_expect(terminal, "/SESSION 1 of ");
    terminal_keys(terminal, "Enter", "n", NULL);
    terminal_expect(terminal, "/SESSION 2 of ");
    terminal_keys(terminal, "N", NULL);
    terminal_expect(terminal, "/SESSION 1 of ");
    terminal_keys(terminal, "N", NULL);
    terminal_expect(terminal, "past the top");
    terminal_keys(terminal, "n", NULL);
    terminal_expect(terminal, "past the end");
    terminal_expect(terminal, "/SESSION 1 of ");
    terminal_keys(terminal, "/", NULL);
    terminal_type(terminal, "zebra");
    terminal_expect(terminal, "/zebra 0 of 0");
    terminal_keys(terminal, "Escape", NULL);
    terminal_expect(terminal, "/SESSION 1 of ");
    terminal_keys(terminal, "/", NULL);
    terminal_type(terminal, "zebra");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "\"zebra\" is not in this text");
    terminal_keys(terminal, "q", NULL);
    workstation_leave(terminal);
}

static void a_match_is_a_whole_character_in_any_case(void **state)
{
    (void)state;
    static const char line[] = "Straße, STRASSE, e\xcc\x81tat, \xc3\x89TAT";
    Matches matches = {0};
    char *folded = match_fold("strasse");
    match_add(&matches, 7, line, folded);
    free(folded);
    assert_int_equal(matches.count, 2);
    assert_int_equal(matches.items[0].line, 7);
    assert_int_equal(matches.items[0].start, 0);
    assert_int_equal(matches.items[0].length, strlen("Straße"));
    assert_int_equal(matches.items[1].start, strlen("Straße, "));
    match_free(&matches);

    folded = match_fold("\xc3\xa9tat");
    match_add(&matches, 0, line, folded); /* composed or not */
    free(folded);
    assert_int_equal(matches.count, 2);
    match_free(&matches);
}

static void a_row_knows_its_place_in_the_text(void **state)
{
    (void)state;
    Layout layout = {0};
    layout_text(&layout, "one two three four\n\n\tfive", 9);
    assert_int_equal(layout.line_count, 3);
    assert_true(layout.row_count > 4);
    for (size_t i = 0; i < layout.row_count; i++) {
        LayoutRow row = layout.rows[i];
        assert_true(row.start + row.length <= strlen(layout.lines[row.line]));
        assert_int_equal(layout_row_at(&layout, row.line, row.start), i);
    }
    LayoutRow third = layout.rows[layout_row_at(&layout, 0, strlen("one two t"))];
    assert_memory_equal(layout.lines[0] + third.start, "three", 5);
    layout_resize(&layout, 0);
    assert_int_equal(layout.row_count, 3);
    layout_free(&layout);
}

int main(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        screen_test(search_finds_in_any_case_and_n_goes_on),
        cmocka_unit_test(a_match_is_a_whole_character_in_any_case),
        cmocka_unit_test(a_row_knows_its_place_in_the_text),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
