/* What a terminal sends besides keys, as it arrives over a bad line: in pieces, cut off, behind an Escape. */
#include "grid.h"
#include "memory.h"
#include "support.h"
#include "support_internal.h"
#include "text.h"

#define sequences_test(function) cmocka_unit_test_teardown(function, grid_teardown)

static Grid *open_picker(void)
{
    static const char *const bare[] = {NULL};
    const char *home = support_keep(text_format("AMX_HOME=%s", support_folder()));
    const char *const env[] = {home, "LOGNAME=ann", "HOME=/nonexistent", "TERM=xterm-256color", NULL};
    Grid *grid = grid_start(env, 80, 24, bare);
    grid_expect(grid, "> Status");
    grid_expect(grid, "version  ");
    return grid;
}

static void leave(Grid *grid)
{
    grid_send(grid, "q");
    assert_int_equal(grid_end(grid), 0);
    grid_stop(grid);
}

/* What comes in one piece with a key was read when that key shows its effect. */
static void a_report_of_the_mouse_may_come_in_two_pieces(void **state)
{
    (void)state;
    static const char *const pieces[][2] = {
        {"\x1b[<", "64;30;20M"}, {"\x1b[<6", "4;30;20M"}, {"\x1b[<64", ";30;20M"}, {"\x1b[<64;", "30;20M"},
        {"\x1b[<64;3", "0;20M"}, {"\x1b[<64;30;2", "0M"}, {"\x1b[<64;30;20", "M"}};
    Grid *grid = open_picker();
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        char *first = text_format("d%s", pieces[i][0]);
        grid_send(grid, first);
        grid_expect(grid, "> Dump DDL");
        grid_send(grid, pieces[i][1]); /* the wheel, upwards */
        grid_expect(grid, "> Enable");
        free(first);
    }
    leave(grid);
}

static void an_answer_of_the_terminal_may_come_in_two_pieces(void **state)
{
    (void)state;
    static const char *const pieces[][2] = {
        {"\x1b[?6", "2qe"}, {"\x1b]11;rgb:", "qq/qq\ae"}, {"\x1b]11;rgb:", "qq/qq\x1b\\e"}};
    Grid *grid = open_picker();
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        char *first = text_format("d%s", pieces[i][0]);
        grid_send(grid, first);
        grid_expect(grid, "> Dump DDL");
        grid_send(grid, pieces[i][1]); /* q would leave */
        grid_expect(grid, "> Enable");
        free(first);
    }
    leave(grid);
}

/* A report that was cut off ends where something else begins. */
static void what_begins_behind_a_report_that_was_cut_off_arrives(void **state)
{
    (void)state;
    Grid *grid = open_picker();
    grid_send(grid, "d\x1b[<64;3");
    grid_expect(grid, "> Dump DDL");
    grid_send(grid, "\x1b[<64;30;20M");
    grid_expect(grid, "> Enable");
    grid_send(grid, "\x1b[<64;3\x1bOB"); /* Down */
    grid_expect(grid, "> Dump DDL");
    leave(grid);
}

static void a_key_of_the_keypad_that_has_no_name_does_nothing(void **state)
{
    (void)state;
    Grid *grid = open_picker();
    grid_send(grid, "\x1bOq\x1bOr\x1bOx"
                    "e");
    grid_expect(grid, "> Enable");
    leave(grid);
}

static void a_paste_that_ends_with_an_escape_ends(void **state)
{
    (void)state;
    Grid *grid = open_picker();
    grid_send(grid, "\x1b[200~abc\x1b\x1b[201~e");
    grid_expect(grid, "> Enable");
    leave(grid);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sequences_test(a_report_of_the_mouse_may_come_in_two_pieces),
        sequences_test(an_answer_of_the_terminal_may_come_in_two_pieces),
        sequences_test(what_begins_behind_a_report_that_was_cut_off_arrives),
        sequences_test(a_key_of_the_keypad_that_has_no_name_does_nothing),
        sequences_test(a_paste_that_ends_with_an_escape_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
