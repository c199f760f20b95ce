/* Dialogs, and what else the mouse and Alt do: what answers, what sorts, and what does nothing. */
#include <string.h>

#include "grid.h"
#include "memory.h"
#include "support.h"
#include "support_internal.h"
#include "text.h"

#define dialogs_test(function) cmocka_unit_test_teardown(function, grid_teardown)
#define SGR "\x1b[<%d;%d;%dM\x1b[<%d;%d;%dm"

static const char *const bare[] = {NULL};

/* A workstation, its sharing on when `shared`, in a terminal of that type. */
typedef struct Home {
    const char *env[5];
} Home;

static void run(const Home *home, const char *command)
{
    char *line = text_format("\"$AMX\" %s", command);
    SupportRun done = support_shell(home->env, line);
    if (done.exit_code != 0) {
        fail_msg("%s: %s", line, done.err);
    }
    free(line);
}

static Home make_home(const char *type, bool shared)
{
    const char *folder = support_folder();
    Home home = {.env = {support_keep(text_format("AMX_HOME=%s", folder)), "LOGNAME=ann", "HOME=/nonexistent",
                         support_keep(text_format("TERM=%s", type))}};
    char *config = text_format("active_db_profile = shop\n"
                               "db_profile shop {\n    backend = sqlite\n    path = \"%s/shop.db\"\n}\n"
                               "db_profile team {\n    backend = sqlite\n    path = \"%s/team.db\"\n}\n",
                               folder, folder);
    support_file(folder, "amx.conf", config);
    free(config);
    char *shop = text_format("%s/shop.db", folder);
    support_sqlite(shop, "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT)");
    free(shop);
    if (shared) {
        run(&home, "db history-store enable --profile team");
    }
    return home;
}

static Grid *open_screen(const Home *home, int columns, int lines)
{
    Grid *grid = grid_start(home->env, columns, lines, bare);
    grid_expect(grid, "> Status");
    grid_expect(grid, "version  ");
    return grid;
}

static void leave(Grid *grid)
{
    grid_send(grid, "q");
    assert_int_equal(grid_end(grid), 0);
    assert_true(grid_is_restored(grid));
    grid_stop(grid);
}

static void click_at(Grid *grid, int row, int column)
{
    char *bytes = text_format(SGR, 0, column + 1, row + 1, 0, column + 1, row + 1);
    grid_send(grid, bytes);
    free(bytes);
}

static void click(Grid *grid, const char *text)
{
    int row;
    int column;
    if (!grid_find(grid, text, &row, &column)) {
        fail_msg("\"%s\" is not on the screen:\n%s", text, grid_screen(grid));
    }
    click_at(grid, row, column);
}

static void assert_hints(Grid *grid, const char *hints)
{
    grid_expect(grid, hints);
    assert_string_equal(grid_row(grid, 23), hints);
}

/* Asks whether to disable: opens the guard's own dialog. */
static void ask(Grid *grid)
{
    grid_send(grid, "dd\r");
    grid_expect(grid, "[ No ]");
    grid_expect(grid, "Disable shared history?");
}

/* --- dialogs --- */

static void the_hint_row_of_a_dialog_has_its_own_keys(void **state)
{
    (void)state;
    Home home = make_home("xterm-256color", true);
    support_shell(home.env, "cd \"$AMX_HOME\" && mv team.db away && mkdir team.db");
    run(&home, "session new");
    support_shell(home.env, "cd \"$AMX_HOME\" && rmdir team.db && mv away team.db");
    Grid *grid = open_screen(&home, 120, 24);
    ask(grid);
    assert_hints(grid, " n/Esc No  y Yes  Tab next button  Enter the marked one  m mouse");
    grid_send(grid, "?");
    grid_expect(grid, "only the keys in the last row work here");
    grid_send(grid, "n");
    grid_expect_gone(grid, "[ No ]");
    grid_expect(grid, "Enter run");
    grid_send(grid, "f\r");
    grid_expect(grid, "[ Cancel ]");
    assert_hints(grid, " r Replay 1 queued  d Drop the queue  c/Esc Cancel  Tab next button"
                       "  Enter the marked one  m mouse");
    grid_send(grid, "c");
    grid_expect_gone(grid, "[ Cancel ]");
    leave(grid);
}

static void the_hint_row_of_a_line_to_type_into_has_its_own_keys(void **state)
{
    (void)state;
    Home home = make_home("xterm-256color", false);
    Grid *grid = open_screen(&home, 80, 24);
    grid_send(grid, ":");
    grid_expect(grid, "Esc cancel");
    assert_hints(grid, " Enter done  Esc cancel  ^U clear  Tab complete  Up/Down lines before");
    grid_send(grid, "\x1b");
    grid_expect(grid, "q/Esc leave");
    grid_send(grid, "e\r");
    grid_expect(grid, "Enable shared history");
    assert_hints(grid, " Enter enable  Tab next field  ^U clear  Esc cancel");
    grid_send(grid, "\x1b");
    grid_expect(grid, "q/Esc leave");
    leave(grid);
}

static void in_a_dialog_a_key_without_a_meaning_does_nothing_and_m_is_the_mouse(void **state)
{
    (void)state;
    Home home = make_home("xterm-256color", true);
    Grid *grid = open_screen(&home, 80, 24);
    ask(grid);
    grid_send(grid, "xRST:M/5");
    assert_true(grid_has_mouse(grid));
    grid_send(grid, "m");
    grid_expect(grid, "mouse off");
    grid_expect(grid, "[ No ]");
    grid_expect(grid, "> ");
    assert_false(grid_has_mouse(grid));
    grid_send(grid, "m");
    grid_expect(grid, "mouse on");
    assert_true(grid_has_mouse(grid));
    grid_send(grid, "\r");
    grid_expect(grid, "nothing was changed");
    grid_expect(grid, "shared ON");
    leave(grid);
}

/* --- the mouse --- */

static void one_click_on_a_button_presses_it(void **state)
{
    (void)state;
    Home home = make_home("xterm-256color", true);
    Grid *grid = open_screen(&home, 80, 24);
    ask(grid);
    click_at(grid, 0, 0);
    click(grid, "[ No ]");
    grid_expect(grid, "nothing was changed");
    ask(grid);
    click(grid, "  Yes  ");
    grid_expect(grid, "shared off");
    leave(grid);
}

static void a_click_made_before_a_dialog_appeared_does_not_answer_it(void **state)
{
    (void)state;
    Home home = make_home("xterm-256color", true);
    Grid *grid = open_screen(&home, 80, 24);
    ask(grid);
    int row;
    int column;
    assert_true(grid_find(grid, "  Yes  ", &row, &column));
    grid_send(grid, "n");
    grid_expect_gone(grid, "[ No ]");
    char *bytes = text_format("dd\r" SGR, 0, column + 3, row + 1, 0, column + 3, row + 1);
    grid_send(grid, bytes);
    free(bytes);
    grid_expect(grid, "[ No ]");
    grid_send(grid, "?");
    grid_expect(grid, "only the keys in the last row work here");
    grid_expect(grid, "[ No ]");
    grid_send(grid, "n");
    grid_expect_gone(grid, "[ No ]");
    grid_expect(grid, "shared ON");
    leave(grid);
}

static void a_click_on_a_heading_sorts_by_it_and_another_turns_the_order(void **state)
{
    (void)state;
    Home home = make_home("xterm-256color", false);
    run(&home, "session new --title First");
    run(&home, "session new --title Second");
    Grid *grid = open_screen(&home, 100, 24);
    grid_send(grid, "S");
    grid_expect(grid, "Second");
    click(grid, "ID");
    grid_expect(grid, "ID↑");
    click(grid, "ID↑");
    grid_expect(grid, "ID↓");
    click(grid, "first question");
    grid_expect(grid, "first question↑");
    grid_expect_gone(grid, "ID↓");
    grid_send(grid, "q");
    grid_expect(grid, "> Status");
    leave(grid);
}

/* tmux and screen describe the old mouse reports only, in which a column is one byte. */
static void a_click_far_to_the_right_arrives_where_the_terminal_type_knows_old_reports_only(void **state)
{
    (void)state;
    static const char *const types[] = {"tmux-256color", "screen-256color"};
    for (size_t i = 0; i < 2; i++) {
        Home home = make_home(types[i], false);
        Grid *grid = open_screen(&home, 400, 60);
        click_at(grid, 40, 390); /* beside everything; its digits are no keys */
        click(grid, "Dump DDL");
        grid_expect(grid, "> Dump DDL");
        grid_send(grid, "\x1b[<64;300;20M"); /* the wheel, far to the right */
        grid_expect(grid, "> Enable");
        grid_send(grid, "\x1b[M \x25\x26"); /* an old report: column 5, row 6 */
        grid_expect(grid, "> Cancel");
        leave(grid);
    }
}

static void a_spoilt_report_of_the_mouse_is_dropped(void **state)
{
    (void)state;
    Home home = make_home("xterm-256color", false);
    Grid *grid = open_screen(&home, 80, 24);
    grid_send(grid,
              "\x1b[<0;0;0M\x1b[<0M\x1b[<0;5M\x1b[<;;M\x1b[<0;99999999999;7M\x1b[<0;5;5;5M\x1b[<3;5;5M");
    grid_send(grid, "e");
    grid_expect(grid, "> Enable");
    leave(grid);
}

/* --- Alt --- */

static void a_key_pressed_with_alt_does_nothing(void **state)
{
    (void)state;
    Home home = make_home("xterm-256color", false);
    Grid *grid = open_screen(&home, 80, 24);
    grid_send(grid, "?");
    grid_expect(grid, "Keys of this view");
    grid_send(grid, "\x1bx");
    grid_send(grid, "\x1bq");
    grid_send(grid, "\x1b\r");
    grid_send(grid, "\x1b\x1bOA"); /* Alt-Up of some terminals */
    grid_send(grid, "M");
    grid_expect(grid, "Messages");
    grid_send(grid, "\x1b");
    grid_expect(grid, "Keys of this view");
    grid_send(grid, "\x1b\x1b"); /* Escape twice, at once: back to the picker, and out */
    assert_int_equal(grid_end(grid), 0);
    grid_stop(grid);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        dialogs_test(the_hint_row_of_a_dialog_has_its_own_keys),
        dialogs_test(the_hint_row_of_a_line_to_type_into_has_its_own_keys),
        dialogs_test(in_a_dialog_a_key_without_a_meaning_does_nothing_and_m_is_the_mouse),
        dialogs_test(one_click_on_a_button_presses_it),
        dialogs_test(a_click_made_before_a_dialog_appeared_does_not_answer_it),
        dialogs_test(a_click_on_a_heading_sorts_by_it_and_another_turns_the_order),
        dialogs_test(a_click_far_to_the_right_arrives_where_the_terminal_type_knows_old_reports_only),
        dialogs_test(a_spoilt_report_of_the_mouse_is_dropped),
        dialogs_test(a_key_pressed_with_alt_does_nothing),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
