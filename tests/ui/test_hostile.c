/* Text from databases and teammates, as bad as it gets, on a screen of which every cell is compared. */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "grid.h"
#include "memory.h"
#include "support_internal.h"
#include "text.h"

#define grid_test(function) cmocka_unit_test_teardown(function, grid_teardown)

enum { COLUMNS = 100, LINES = 40, NASTY_CELLS = 40, MEGABYTE = 1024 * 1024 };

/* What somebody called a table, and what is shown: the cells one after the other, each as it is drawn. The
 * second cell of a wide character is "". */
typedef struct Nasty {
    const char *text;
    const char *cells[NASTY_CELLS];
} Nasty;

#define ZWJ "\u200d"
#define LOST "\ufffd"

static const Nasty nasties[] = {
    {"plain", {"p", "l", "a", "i", "n"}},
    {"日本", {"日", "", "本", ""}},
    {"e\u0301\u0302x", {"e\u0301\u0302", "x"}},
    {"👨" ZWJ "👩" ZWJ "👧", {"👨", "", "👩", "", "👧", ""}},
    {"👍🏽", {"👍", ""}},
    {"❤\ufe0f!", {"❤", "!"}},
    {"🇩🇪🇫🇷", {"🇩", "🇪", "🇫", "🇷"}},
    {"n\U0001fae8w", {"n", LOST, "w"}},
    {"שלום", {"ש", "ל", "ו", "ם"}},
    {"ه\u200cا", {"ه\u200c", "ا"}},
    {"한", {"한", ""}},
    {"a\u200bb", {"a", "\\", "u", "2", "0", "0", "b", "b"}},
    {"a\u202eb", {"a", "\\", "u", "2", "0", "2", "e", "b"}},
    {"\x1b[31mX", {"\\", "x", "1", "b", "[", "3", "1", "m", "X"}},
    {"\x1b]0;t\x07", {"\\", "x", "1", "b", "]", "0", ";", "t", "\\", "x", "0", "7"}},
    {"c\xc2\x9b"
     "2J",
     {"c", "\\", "x", "9", "b", "2", "J"}},
    {"t\tn\nr", {"t", " ", "n", " ", "r"}},
    {"a\rb", {"a", "\\", "x", "0", "d", "b"}},
};

#define NASTY_COUNT (sizeof nasties / sizeof *nasties)

static Cli make_home(void)
{
    Cli ann = cli_new("ann", "active_db_profile = shop\n"
                             "db_profile shop {\n    backend = sqlite\n    path = shop.db\n}\n");
    cli_set(&ann, "HOME=/nonexistent");
    return ann;
}

static void make_tables(const Cli *ann)
{
    char *path = text_format("%s/shop.db", ann->home);
    for (size_t i = 0; i < NASTY_COUNT; i++) {
        char *sql = text_format("CREATE TABLE \"N%02zu%sE\" (id INTEGER)", i, nasties[i].text);
        support_sqlite(path, sql);
        free(sql);
    }
    free(path);
}

/* Compares the cells from `column` on; returns the column behind them. */
static int assert_cells(Grid *grid, int row, int column, const char *const *cells)
{
    for (size_t i = 0; i < NASTY_CELLS && cells[i]; i++, column++) {
        GridCell cell = grid_cell(grid, row, column);
        if (!text_equal(cell.text, cells[i])) {
            fail_msg("cell %zu is \"%s\" and not \"%s\" in: %s", i, cell.text, cells[i], grid_row(grid, row));
        }
    }
    return column;
}

static void find(Grid *grid, const char *text, int *row, int *column)
{
    if (!grid_find(grid, text, row, column)) {
        print_message("%s\n", grid_screen(grid));
        fail_msg("\"%s\" is not on the screen", text);
    }
}

static Grid *start(const Cli *ann)
{
    static const char *const bare[] = {NULL};
    Grid *grid = grid_start(ann->env, COLUMNS, LINES, bare);
    grid_expect(grid, "> Status");
    grid_expect(grid, "shared off");
    return grid;
}

static void leave(Grid *grid)
{
    grid_send(grid, "q");
    grid_expect(grid, "> Status");
    grid_send(grid, "q");
    assert_int_equal(grid_end(grid), 0);
    assert_true(grid_is_restored(grid));
    grid_stop(grid);
}

/* Waits until everything that was sent has been acted on and drawn. */
static void settle(Grid *grid)
{
    grid_send(grid, ":");
    grid_expect(grid, "\n:");
    grid_send(grid, "\x1b");
    grid_expect_gone(grid, "\n:");
    grid_expect(grid, "/ filter"); /* the hints of the view, the last that is drawn */
}

/* Draws everything once more: what was drawn piece by piece must look the same at once. */
static void assert_redraw_changes_nothing(Grid *grid)
{
    settle(grid);
    const char *before = grid_screen(grid);
    grid_send(grid, "\x0c");
    settle(grid);
    assert_string_equal(grid_screen(grid), before);
}

static void every_cell_of_a_list_of_nasty_tables_is_as_expected(void **state)
{
    (void)state;
    Cli ann = make_home();
    make_tables(&ann);
    Grid *grid = start(&ann);
    grid_send(grid, ":db tables\r");
    grid_expect(grid, "/ filter"); /* the last that is drawn */
    int heading;
    int kind;
    assert_true(grid_find(grid, "Kind", &heading, &kind));
    for (size_t i = 0; i < NASTY_COUNT; i++) {
        const char *begin = support_keep(text_format("N%02zu", i));
        int row;
        int column;
        find(grid, begin, &row, &column);
        column = assert_cells(grid, row, column + 3, nasties[i].cells);
        assert_string_equal(grid_cell(grid, row, column).text, "E");
        assert_cells(grid, row, kind - 1, (const char *[NASTY_CELLS]){" ", "t", "a", "b", "l", "e"});
    }
    assert_redraw_changes_nothing(grid);
    leave(grid);
}

static void assert_titles(Grid *grid)
{
    for (size_t i = 0; i < NASTY_COUNT; i++) {
        const char *begin = support_keep(text_format("N%02zu", i));
        int row;
        int column;
        find(grid, begin, &row, &column);
        column = assert_cells(grid, row, column + 3, nasties[i].cells);
        assert_cells(grid, row, column, (const char *[NASTY_CELLS]){"E"});
    }
}

/* Past the command, which takes no title of several lines: others may write what they want. */
static void set_title(const Cli *ann, const char *title)
{
    Text sql = {0};
    text_add(&sql, "UPDATE sessions SET title = CAST(x'");
    for (const char *c = title; *c; c++) {
        text_addf(&sql, "%02x", (unsigned)(unsigned char)*c);
    }
    text_add(&sql, "' AS TEXT) WHERE local_id = (SELECT max(local_id) FROM sessions)");
    support_sqlite(ann->history, text_string(&sql));
    text_free(&sql);
}

static void a_nasty_title_stays_in_its_column(void **state)
{
    (void)state;
    Cli ann = make_home();
    make_tables(&ann);
    for (size_t i = 0; i < NASTY_COUNT; i++) {
        char *title = text_format("N%02zu%sE", i, nasties[i].text);
        cli_ok(&ann, "session new --title t");
        set_title(&ann, title);
        free(title);
    }
    Grid *grid = start(&ann);
    grid_send(grid, "S");
    grid_expect(grid, "/ filter");
    settle(grid);
    assert_titles(grid);
    grid_send(grid, "\x0c");
    settle(grid);
    assert_titles(grid);
    leave(grid);
}

/* Names of tables, a megabyte long each: letters, wide characters, marks and joiners without end, escape
 * sequences. The screen goes on answering. */
static void a_megabyte_in_a_cell_is_clipped(void **state)
{
    (void)state;
    static const char *const units[] = {"x", "日", "\u0301", "\x1b[2J", "👩\u200d"};
    Cli ann = make_home();
    make_tables(&ann);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        Text title = {0};
        text_addf(&title, "M%zu", i);
        while (title.length < MEGABYTE) {
            text_add(&title, units[i]);
        }
        char *path = text_format("%s/shop.db", ann.home);
        char *sql = text_format("CREATE TABLE \"%s\" (id INTEGER)", text_string(&title));
        support_sqlite(path, sql);
        free(sql);
        free(path);
        text_free(&title);
    }
    Grid *grid = start(&ann);
    grid_send(grid, ":db tables\r");
    grid_expect(grid, "/ filter"); /* the last that is drawn */
    int row;
    int column;
    static const char *const shown[] = {"M0xxx", "M1日日", "M2\u0301\u0301\u0301\u0301", "M3\\x1b[2J\\x1b[2J",
                                        "M4👩👩"};
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        find(grid, shown[i], &row, &column);
    }
    for (int i = 0; i < 40; i++) {
        grid_send(grid, "jk");
    }
    grid_send(grid, "G");
    assert_redraw_changes_nothing(grid);
    leave(grid);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        grid_test(every_cell_of_a_list_of_nasty_tables_is_as_expected),
        grid_test(a_nasty_title_stays_in_its_column),
        grid_test(a_megabyte_in_a_cell_is_clipped),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
