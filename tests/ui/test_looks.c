/* How the screen looks, how the mouse works on it, and in which state it leaves the terminal. */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "config.h"
#include "draw.h"
#include "grid.h"
#include "memory.h"
#include "mouse.h"
#include "terminal.h"
#include "text.h"
#include "theme.h"

#define grid_test(function) cmocka_unit_test_teardown(function, grid_teardown)

static const char *const bare[] = {NULL};

/* One engineer's workstation, with what the section ui of amx.conf says, and one more variable. */
static Cli make_home(const char *ui, const char *variable)
{
    Cli ann = cli_new("ann",
                      "db_profile shop {\n    backend = sqlite\n    path = shop.db\n}\n"
                      "active_db_profile = shop\nui {\n%s\n}\n",
                      ui);
    cli_set(&ann, "HOME=/nonexistent");
    if (variable) {
        cli_set(&ann, variable);
    }
    char *shop = text_format("%s/shop.db", ann.home);
    support_sqlite(shop, "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT)");
    free(shop);
    return ann;
}

static Grid *open_picker(const Cli *ann, int columns, int lines, const char *const *arguments)
{
    Grid *grid = grid_start(ann->env, columns, lines, arguments);
    grid_expect(grid, "> Status");
    grid_expect(grid, "local store"); /* the last line of the panel */
    return grid;
}

static void leave(Grid *grid)
{
    grid_send(grid, "q");
    int code = grid_end(grid);
    if (code != 0) {
        fail_msg("amx left with %d:\n%s", code, grid_screen(grid));
    }
    assert_true(grid_is_restored(grid));
    grid_stop(grid);
}

static void assert_on_screen(Grid *grid, const char *text, int *row, int *column)
{
    if (!grid_find(grid, text, row, column)) {
        fail_msg("\"%s\" is not on the screen:\n%s", text, grid_screen(grid));
    }
}

static GridCell cell_of(Grid *grid, const char *text)
{
    int row;
    int column;
    assert_on_screen(grid, text, &row, &column);
    return grid_cell(grid, row, column);
}

/* --- themes --- */

static bool same(const Style *a, const Style *b)
{
    return a->foreground == b->foreground && a->background == b->background && a->attributes == b->attributes;
}

/* What a row of a theme says wrongly would be drawn plain. */
static void a_theme_changes_every_style_that_means_something(void **state)
{
    (void)state;
    static const DrawStyle styles[] = {DRAW_HEADING, DRAW_SELECTED, DRAW_BAR,   DRAW_TAB,   DRAW_BORDER,
                                       DRAW_GOOD,    DRAW_WARNING,  DRAW_ERROR, DRAW_MATCH, DRAW_FOREIGN};
    static const Style plain = {STYLE_DEFAULT, STYLE_DEFAULT, 0};
    static const char *const names[] = {"dark", "light"};
    static const int colors[] = {8, 16, 256};
    for (size_t i = 0; i < 2; i++) {
        Config config = {.ui_theme = memory_string(names[i])};
        for (size_t j = 0; j < 3; j++) {
            Theme theme;
            theme_choose(&theme, &config, colors[j]);
            assert_true(same(&theme.styles[DRAW_PLAIN], &plain));
            for (size_t k = 0; k < sizeof styles / sizeof *styles; k++) {
                const Style *style = &theme.styles[styles[k]];
                assert_false(same(style, &plain));
                assert_true(style->foreground < colors[j] && style->background < colors[j]);
            }
        }
        free(config.ui_theme);
    }
}

static void without_colours_what_matters_still_stands_out(void **state)
{
    (void)state;
    static const DrawStyle styles[] = {DRAW_SELECTED, DRAW_BAR,   DRAW_TAB,
                                       DRAW_WARNING,  DRAW_ERROR, DRAW_MATCH};
    static const char *const names[] = {"dark", "light", "none"};
    for (size_t i = 0; i < 3; i++) {
        Config config = {.ui_theme = memory_string(names[i])};
        config.ui_styles[DRAW_SELECTED] = memory_string("red");
        Theme theme;
        theme_choose(&theme, &config, 0);
        for (size_t k = 0; k < sizeof styles / sizeof *styles; k++) {
            const Style *style = &theme.styles[styles[k]];
            assert_int_equal(style->foreground, STYLE_DEFAULT);
            assert_int_equal(style->background, STYLE_DEFAULT);
            assert_int_not_equal(style->attributes, 0);
        }
        free(config.ui_styles[DRAW_SELECTED]);
        free(config.ui_theme);
    }
}

static void a_colour_finds_its_neighbour_where_there_are_fewer(void **state)
{
    (void)state;
    Style style;
    assert_null(style_parse("#ffaf00 on #000000", &style));
    assert_int_equal(style.foreground, 214);
    assert_int_equal(style.background, 16);
    assert_int_equal(style_nearest(214, 16), 3);
    assert_int_equal(style_nearest(9, 8), 1); /* bright red */
    assert_int_equal(style_nearest(STYLE_DEFAULT, 8), STYLE_DEFAULT);
    assert_null(style_parse("  bold underline bright-blue on default ", &style));
    assert_int_equal(style.foreground, 12);
    assert_int_equal(style.background, STYLE_DEFAULT);
    assert_int_equal(style.attributes, STYLE_ATTRIBUTE_BOLD | STYLE_ATTRIBUTE_UNDERLINE);
}

static void the_themes_differ_and_single_styles_can_be_changed(void **state)
{
    (void)state;
    Cli dark = make_home("", NULL);
    Cli light = make_home("theme = light", NULL);
    Cli own = make_home("color_bar = \"bold yellow on blue\"\ncolor_selected = \"underline #ffaf00\"", NULL);
    Grid *grid = open_picker(&dark, 80, 24, bare);
    GridCell dark_bar = grid_cell(grid, 0, 1);
    assert_int_not_equal(dark_bar.background, GRID_DEFAULT);
    leave(grid);
    grid = open_picker(&light, 80, 24, bare);
    assert_int_not_equal(grid_cell(grid, 0, 1).background, dark_bar.background);
    leave(grid);
    grid = open_picker(&own, 80, 24, bare);
    GridCell bar = cell_of(grid, "command");
    assert_int_equal(bar.foreground % 8, 3); /* bold may brighten it */
    assert_int_equal(bar.background, 4);
    assert_true(bar.bold);
    GridCell selected = cell_of(grid, "Status");
    assert_int_equal(selected.foreground, 214);
    assert_true(selected.underline);
    leave(grid);
}

static void assert_colorless(Grid *grid)
{
    for (int row = 0; row < 24; row++) {
        for (int column = 0; column < 80; column++) {
            GridCell cell = grid_cell(grid, row, column);
            assert_int_equal(cell.foreground, GRID_DEFAULT);
            assert_int_equal(cell.background, GRID_DEFAULT);
        }
    }
    assert_true(grid_cell(grid, 23, 1).reverse);
    assert_true(cell_of(grid, "Status").reverse);
}

static void who_wants_no_colours_gets_none(void **state)
{
    (void)state;
    Cli ann = make_home("color_bar = red", "NO_COLOR=1");
    Cli none = make_home("theme = none", NULL);
    Cli configured = make_home("color = never", NULL);
    Cli monochrome = make_home("", "TERM=vt220");
    Cli colored = make_home("", NULL);
    Grid *grid = open_picker(&ann, 80, 24, bare);
    assert_colorless(grid);
    leave(grid);
    grid = open_picker(&none, 80, 24, bare);
    assert_colorless(grid);
    leave(grid);
    grid = open_picker(&configured, 80, 24, bare);
    assert_colorless(grid);
    leave(grid);
    grid = open_picker(&monochrome, 80, 24, bare);
    assert_colorless(grid);
    leave(grid);
    grid = open_picker(&colored, 80, 24, (const char *[]){"--color", "never", NULL});
    assert_colorless(grid);
    leave(grid);
}

/* --- the mouse --- */

static void two_clicks_on_one_cell_within_a_moment_are_a_double_one(void **state)
{
    (void)state;
    MouseClicks clicks = {0};
    assert_int_equal(mouse_click(&clicks, 3, 7, 1000), MOUSE_CLICK);
    assert_int_equal(mouse_click(&clicks, 3, 7, 1200), MOUSE_DOUBLE);
    assert_int_equal(mouse_click(&clicks, 3, 7, 1300), MOUSE_CLICK);
    assert_int_equal(mouse_click(&clicks, 3, 7, 2000), MOUSE_CLICK); /* too late */
    assert_int_equal(mouse_click(&clicks, 4, 7, 2100), MOUSE_CLICK); /* elsewhere */
    assert_int_equal(mouse_click(&clicks, 4, 7, 2200), MOUSE_DOUBLE);
}

/* Presses the mouse so many times as xterm's SGR mode reports it: 0 is the left button, 64 and 65 the wheel.
 */
static void press_times(Grid *grid, int times, int button, int row, int column)
{
    Text bytes = {0};
    for (int i = 0; i < times; i++) {
        text_addf(&bytes, "\x1b[<%d;%d;%dM", button, column + 1, row + 1);
        text_addf(&bytes, "\x1b[<%d;%d;%dm", button, column + 1, row + 1);
    }
    grid_send(grid, text_string(&bytes));
    text_free(&bytes);
}

static void press(Grid *grid, int button, int row, int column)
{
    press_times(grid, 1, button, row, column);
}

static void click(Grid *grid, const char *text)
{
    int row;
    int column;
    assert_on_screen(grid, text, &row, &column);
    press(grid, 0, row, column);
}

static void double_click(Grid *grid, const char *text)
{
    int row;
    int column;
    assert_on_screen(grid, text, &row, &column);
    press_times(grid, 2, 0, row, column);
}

static void a_click_selects_a_double_click_opens_and_the_wheel_moves(void **state)
{
    (void)state;
    Cli ann = make_home("", "TERM=xterm-256color");
    Grid *grid = open_picker(&ann, 80, 24, bare);
    assert_true(grid_has_mouse(grid));
    click(grid, "Dump DDL");
    grid_expect(grid, "> Dump DDL");
    press(grid, 64, 5, 5);
    grid_expect(grid, "> Enable");
    press(grid, 65, 5, 5);
    grid_expect(grid, "> Dump DDL");
    double_click(grid, "Enable ");
    grid_expect(grid, "Enable shared history");
    grid_send(grid, "\x1b");
    grid_expect_gone(grid, "Enable shared history");
    leave(grid);
}

static void a_wide_terminal_takes_the_mouse_in_its_last_column(void **state)
{
    (void)state;
    Cli ann = make_home("", "TERM=xterm-256color");
    Grid *grid = open_picker(&ann, 400, 120, bare);
    press(grid, 64, 119, 399);
    click(grid, "Cancel");
    grid_expect(grid, "> Cancel");
    leave(grid);
}

static void a_dialog_is_answered_by_the_mouse_and_only_on_its_buttons(void **state)
{
    (void)state;
    Cli ann = make_home("", "TERM=xterm-256color");
    Grid *grid = open_picker(&ann, 80, 24, bare);
    grid_send(grid, "dd\r");
    grid_expect(grid, "[ No ]");
    press(grid, 0, 1, 1);
    press(grid, 0, 1, 1);
    click(grid, "[ No ]");
    grid_expect_gone(grid, "[ No ]");
    grid_expect(grid, "nothing was changed");
    grid_send(grid, "dd\r");
    grid_expect(grid, "[ No ]");
    press(grid, 65, 11, 30); /* the wheel is no answer */
    click(grid, "  Yes  ");
    grid_expect(grid, "CREATE SCHEMA");
    grid_send(grid, "q");
    grid_expect(grid, "> Status");
    leave(grid);
}

static void the_mouse_can_be_left_to_the_terminal(void **state)
{
    (void)state;
    Cli off = make_home("mouse = false", "TERM=xterm-256color");
    Grid *grid = open_picker(&off, 80, 24, bare);
    assert_false(grid_has_mouse(grid));
    grid_send(grid, "m");
    grid_expect(grid, "mouse on");
    assert_true(grid_has_mouse(grid));
    grid_send(grid, "m");
    grid_expect(grid, "mouse off");
    assert_false(grid_has_mouse(grid));
    leave(grid);
}

/* --- sizes and locales --- */

/* What a border is drawn with: its upper left corner and what follows, its sides, its lower left corner. */
typedef struct Border {
    const char *start;
    const char *side;
    const char *end;
} Border;

/* Does a dialog stand whole, the same border on each of its rows? */
static bool stands_whole(Grid *grid, void *context)
{
    const Border *border = context;
    int top;
    int left;
    if (!grid_find(grid, border->start, &top, &left)) {
        return false;
    }
    int right = left + 1;
    while (right < left + 60 && !text_equal(grid_cell(grid, top + 1, right).text, border->side)) {
        right++;
    }
    int row = top + 1;
    while (text_equal(grid_cell(grid, row, left).text, border->side) &&
           text_equal(grid_cell(grid, row, right).text, border->side)) {
        row++;
    }
    return row > top + 1 && text_equal(grid_cell(grid, row, left).text, border->end);
}

static void assert_whole_dialog(Grid *grid, Border border)
{
    if (!grid_wait(grid, stands_whole, &border)) {
        fail_msg("the dialog has holes:\n%s", grid_screen(grid));
    }
}

static void the_screen_stands_from_the_smallest_to_the_largest_terminal(void **state)
{
    (void)state;
    static const int sizes[][2] = {{60, 15}, {80, 24}, {400, 120}};
    Cli ann = make_home("", NULL);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        int columns = sizes[i][0];
        int lines = sizes[i][1];
        Grid *grid = open_picker(&ann, columns, lines, bare);
        assert_non_null(strstr(grid_row(grid, 0), "history-store"));
        assert_non_null(strstr(grid_row(grid, 0), "shared off"));
        assert_non_null(strstr(grid_row(grid, lines - 1), "run"));
        assert_int_not_equal(grid_cell(grid, 0, columns - 1).background, GRID_DEFAULT);
        assert_int_not_equal(grid_cell(grid, lines - 1, columns - 1).background, GRID_DEFAULT);
        grid_send(grid, "dd\r");
        grid_expect(grid, "[ No ]");
        assert_whole_dialog(grid, (Border){"┌", "│", "└"});
        grid_send(grid, "n");
        grid_expect_gone(grid, "[ No ]");
        grid_send(grid, "?");
        grid_expect(grid, "Keys of this view");
        grid_send(grid, "q");
        grid_expect_gone(grid, "Keys of this view");
        leave(grid);
    }
}

static void where_the_locale_has_no_unicode_the_screen_is_ascii(void **state)
{
    (void)state;
    Cli ann = make_home("", "LC_ALL=C");
    SupportRun run = support_amx(ann.env, NULL, "session", "new", "--title", "Größe 日本", NULL);
    assert_int_equal(run.exit_code, 0);
    Grid *grid = open_picker(&ann, 80, 24, bare);
    grid_send(grid, "dd\r");
    grid_expect(grid, "[ No ]");
    assert_whole_dialog(grid, (Border){"+-", "|", "+"});
    grid_send(grid, "n");
    grid_expect_gone(grid, "[ No ]");
    grid_send(grid, "S");
    grid_expect(grid, "Gr??e ????");
    for (const char *c = grid_screen(grid); *c; c++) {
        assert_true((unsigned char)*c < 0x7f);
    }
    grid_send(grid, "q");
    grid_expect(grid, "> Status");
    leave(grid);
}

/* --- whatever ends it --- */

static void whatever_ends_the_screen_gives_the_terminal_back(void **state)
{
    (void)state;
    static const int signals[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGSEGV,
                                  SIGBUS,  SIGFPE, SIGILL, SIGABRT, SIGSYS};
    Cli ann = make_home("", "TERM=xterm-256color");
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        Grid *grid = open_picker(&ann, 80, 24, bare);
        assert_false(grid_is_restored(grid));
        kill(grid_pid(grid), signals[i]);
        assert_int_not_equal(grid_end(grid), 0);
        if (!grid_is_restored(grid)) {
            fail_msg("signal %d leaves the terminal wrecked", signals[i]);
        }
        grid_stop(grid);
    }
}

static void a_terminal_that_vanishes_ends_the_program(void **state)
{
    (void)state;
    Cli ann = make_home("", NULL);
    Grid *grid = open_picker(&ann, 80, 24, bare);
    grid_vanish(grid);
    assert_int_not_equal(grid_end(grid), 0);
    grid_stop(grid);
}

typedef struct Search {
    const char *environment; /* "NAME=value" */
} Search;

static bool has_environment(const char *pid, const char *wanted)
{
    char bytes[4096];
    char *path = text_format("/proc/%s/environ", pid);
    FILE *file = fopen(path, "r");
    size_t got = file ? fread(bytes, 1, sizeof bytes - 1, file) : 0;
    bytes[got] = '\0';
    bool found = false;
    for (size_t at = 0; at < got && !found; at += strlen(bytes + at) + 1) {
        found = text_equal(bytes + at, wanted);
    }
    if (file) {
        fclose(file);
    }
    free(path);
    return found;
}

static bool nothing_runs(void *context)
{
    const Search *search = context;
    bool found = false;
    DIR *processes = opendir("/proc");
    for (struct dirent *entry; !found && (entry = readdir(processes));) {
        found = *entry->d_name >= '1' && *entry->d_name <= '9' &&
                has_environment(entry->d_name, search->environment);
    }
    closedir(processes);
    return !found;
}

/* In a session of its own no signal tells that the terminal is gone. */
static void no_process_stays_behind_when_tmux_is_killed(void **state)
{
    (void)state;
    static const char *const binaries[] = {AMX_BINARY, "setsid -w " AMX_BINARY};
    for (size_t i = 0; i < sizeof binaries / sizeof *binaries; i++) {
        Cli ann = make_home("", NULL);
        Search search = {.environment = ann.env[0]};
        Terminal *terminal = terminal_start_build(binaries[i], ann.env, 80, 24, "");
        terminal_expect(terminal, "> Status");
        assert_false(nothing_runs(&search));
        terminal_stop(terminal);
        assert_true(support_wait(nothing_runs, &search));
    }
}

/* Passwords pass through the process. */
static void a_crash_leaves_no_core_file(void **state)
{
    (void)state;
    Cli ann = make_home("", NULL);
    Grid *grid = open_picker(&ann, 80, 24, bare);
    char *path = text_format("/proc/%d/limits", (int)grid_pid(grid));
    const char *limit = strstr(support_read(path), "Max core file size");
    free(path);
    assert_non_null(limit);
    limit += strlen("Max core file size");
    char *end;
    assert_int_equal(strtoul(limit, &end, 10), 0); /* the soft one, which "unlimited" is not either */
    assert_true(end > limit);
    limit = end;
    assert_int_equal(strtoul(limit, &end, 10), 0);
    assert_true(end > limit);
    leave(grid);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_theme_changes_every_style_that_means_something),
        cmocka_unit_test(without_colours_what_matters_still_stands_out),
        cmocka_unit_test(a_colour_finds_its_neighbour_where_there_are_fewer),
        grid_test(the_themes_differ_and_single_styles_can_be_changed),
        grid_test(who_wants_no_colours_gets_none),
        cmocka_unit_test(two_clicks_on_one_cell_within_a_moment_are_a_double_one),
        grid_test(a_click_selects_a_double_click_opens_and_the_wheel_moves),
        grid_test(a_wide_terminal_takes_the_mouse_in_its_last_column),
        grid_test(a_dialog_is_answered_by_the_mouse_and_only_on_its_buttons),
        grid_test(the_mouse_can_be_left_to_the_terminal),
        grid_test(the_screen_stands_from_the_smallest_to_the_largest_terminal),
        grid_test(where_the_locale_has_no_unicode_the_screen_is_ascii),
        grid_test(whatever_ends_the_screen_gives_the_terminal_back),
        grid_test(a_terminal_that_vanishes_ends_the_program),
        cmocka_unit_test_teardown(no_process_stays_behind_when_tmux_is_killed, terminal_teardown),
        grid_test(a_crash_leaves_no_core_file),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
