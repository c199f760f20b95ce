/* What is around the views: tabs, help, the `:` line, search, clipboard, pager and editor. In a real
 * terminal, and the parts that know no terminal by themselves. */
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clipboard.h"
#include "command_line.h"
#include "layout.h"
#include "line_history.h"
#include "match.h"
#include "memory.h"
#include "support.h"
#include "support_internal.h"
#include "tabs.h"
#include "terminal.h"
#include "text.h"

#define screen_test(function) cmocka_unit_test_teardown(function, terminal_teardown)

/* One engineer's workstation, with two sessions. */
typedef struct Home {
    const char *folder;
    const char *env[8];
} Home;

static void run_amx(const Home *home, const char *arguments)
{
    char *command = text_format("\"$AMX\" %s", arguments);
    SupportRun run = support_shell(home->env, command);
    free(command);
    if (run.exit_code != 0) {
        fail_msg("amx %s failed: %s", arguments, run.err);
    }
}

static Home make_home(void)
{
    Home home = {.folder = support_folder()};
    home.env[0] = support_keep(text_format("AMX_HOME=%s", home.folder));
    home.env[1] = "LOGNAME=ann";
    home.env[2] = "HOME=/nonexistent";
    char *config = text_format("active_db_profile = shop\n"
                               "db_profile shop {\n    backend = sqlite\n    path = \"%s/shop.db\"\n}\n"
                               "db_profile team {\n    backend = sqlite\n    path = \"%s/store.db\"\n}\n",
                               home.folder, home.folder);
    support_file(home.folder, "amx.conf", config);
    free(config);
    char *shop = text_format("%s/shop.db", home.folder);
    support_sqlite(shop, "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT)");
    free(shop);
    run_amx(&home, "session new --title 'First look'");
    run_amx(&home, "session new --title 'Second look'");
    run_amx(&home, "ask 'which tables hold a customer name?'");
    return home;
}

static Terminal *open_amx(const Home *home, const char *arguments)
{
    Terminal *terminal = terminal_start(home->env, 80, 24, arguments);
    terminal_expect(terminal, "> Status");
    terminal_expect(terminal, "pending 0");
    return terminal;
}

static Terminal *open_screen(const Home *home)
{
    return open_amx(home, "");
}

/* From the picker; the exit code also tells that nothing leaked and nothing was misused. */
static void leave(Terminal *terminal)
{
    terminal_keys(terminal, "P", NULL);
    terminal_expect(terminal, "> Status");
    terminal_keys(terminal, "q", NULL);
    terminal_expect(terminal, "left with 0");
    terminal_stop(terminal);
}

static void type_command(Terminal *terminal, const char *line)
{
    terminal_keys(terminal, ":", NULL);
    terminal_type(terminal, line);
    terminal_keys(terminal, "Enter", NULL);
}

/* A program of the person's own; its path. */
static const char *make_script(const Home *home, const char *name, const char *body)
{
    char *text = text_format("#!/bin/bash\n%s", body);
    const char *path = support_file(home->folder, name, text);
    free(text);
    assert_int_equal(chmod(path, 0700), 0);
    return path;
}

/* A shell with job control around amx, as people have one. */
static Terminal *open_under_a_shell(const Home *home)
{
    const char *script =
        make_script(home, "shell",
                    "set -m\n" /* a loop would end when amx is stopped: bash leaves it then */
                    "run() {\n"
                    "    \"$@\"\n    code=$?\n"
                    "    if [ $code -eq 148 ]; then # SIGTSTP\n"
                    "        echo amx is stopped\n        read -r line\n        run fg\n"
                    "    fi\n}\n"
                    "run \"$AMX\"\nexit $code\n");
    Terminal *terminal = terminal_start_build(script, home->env, 80, 24, "");
    terminal_expect(terminal, "> Status");
    terminal_expect(terminal, "pending 0");
    return terminal;
}

/* --- tabs --- */

static void each_tab_has_a_key(void **state)
{
    (void)state;
    Home home = make_home();
    Terminal *terminal = open_screen(&home);
    terminal_expect(terminal, "[P History store]");
    terminal_keys(terminal, "S", NULL);
    terminal_expect(terminal, "[S Sessions]");
    terminal_expect(terminal, "First look");
    terminal_keys(terminal, "R", NULL);
    terminal_expect(terminal, "[R Runs]");
    terminal_expect(terminal, "No runs yet");
    terminal_keys(terminal, "E", NULL);
    terminal_expect(terminal, "[E Events]");
    terminal_expect_gone(terminal, "loading..");
    terminal_keys(terminal, "P", NULL);
    terminal_expect(terminal, "[P History store]");
    assert_null(strstr(terminal_screen(terminal), "Review")); /* none was opened */
    leave(terminal);
}

static void tab_and_shift_tab_go_round(void **state)
{
    (void)state;
    Home home = make_home();
    Terminal *terminal = open_screen(&home);
    static const char *const round[] = {"[S Sessions]", "[R Runs]", "[T Team]", "[E Events]",
                                        "[P History store]"};
    for (size_t i = 0; i < 5; i++) {
        terminal_keys(terminal, "Tab", NULL);
        terminal_expect(terminal, round[i]);
    }
    for (size_t i = 4; i-- > 0;) {
        terminal_keys(terminal, "BTab", NULL);
        terminal_expect(terminal, round[i]);
    }
    leave(terminal);
}

static void a_tab_is_found_as_it_was_left(void **state)
{
    (void)state;
    Home home = make_home();
    Terminal *terminal = open_screen(&home);
    terminal_keys(terminal, "S", NULL);
    terminal_expect(terminal, "First look");
    terminal_keys(terminal, "G", NULL);
    terminal_expect(terminal, ">  1 ");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, " Session 1 ");
    terminal_keys(terminal, "R", NULL);
    terminal_expect(terminal, "[R Runs]");
    terminal_keys(terminal, "S", NULL);
    terminal_expect(terminal, " Session 1 ");
    terminal_keys(terminal, "q", NULL);
    terminal_expect(terminal, ">  1 ");
    terminal_resize(terminal, 100, 30);
    terminal_expect(terminal, ">  1 ");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, " Session 1 ");
    terminal_keys(terminal, "S", NULL); /* its own key: down to its first view */
    terminal_expect(terminal, ">  1 ");
    terminal_keys(terminal, "q", NULL); /* the bottom of a tab: back to the picker */
    terminal_expect(terminal, "> Status");
    leave(terminal);
}

static void what_a_tab_asked_for_opens_there(void **state)
{
    (void)state;
    Home home = make_home();
    Terminal *terminal = open_screen(&home);
    terminal_keys(terminal, "S", NULL);
    terminal_expect(terminal, "First look");
    terminal_keys(terminal, "Enter", "R", NULL); /* away before it can have answered */
    terminal_expect(terminal, "[R Runs]");
    terminal_expect(terminal, "No runs yet");
    terminal_keys(terminal, "S", NULL);
    terminal_expect(terminal, " Session 2 ");
    leave(terminal);
}

static void a_tab_that_could_not_be_filled_says_why_and_tries_again(void **state)
{
    (void)state;
    Home home = make_home();
    Terminal *terminal = open_screen(&home);
    char *history = text_format("%s/history.db", home.folder);
    support_file(home.folder, "history.db", "no database");
    terminal_keys(terminal, "R", NULL);
    terminal_expect(terminal, "history.db");
    terminal_expect(terminal, "F5 tries again");
    unlink(history);
    free(history);
    terminal_keys(terminal, "F5", NULL);
    terminal_expect_gone(terminal, "F5 tries again");
    terminal_expect_gone(terminal, "loading..");
    terminal_expect(terminal, "[R Runs]");
    leave(terminal);
}

static void the_tab_row_fits_a_narrow_terminal(void **state)
{
    (void)state;
    Home home = make_home();
    Terminal *terminal = terminal_start(home.env, 60, 15, "");
    terminal_expect(terminal, "E Events");
    terminal_keys(terminal, "E", NULL);
    terminal_expect(terminal, "[E Events]");
    leave(terminal);

    bool all[TAB_COUNT] = {true, true, true, true, true, true};
    TabId tab = TAB_PICKER;
    assert_true(tabs_at(60, all, 59, &tab) == false); /* behind the last one */
    assert_true(tabs_at(60, all, 15, &tab));          /* without their keys they have room */
    assert_int_equal(tab, TAB_SESSIONS);
    assert_true(tabs_at(200, all, 15, &tab));
    assert_int_equal(tab, TAB_PICKER);
}

/* --- help --- */

static void help_is_filtered_while_one_types(void **state)
{
    (void)state;
    Home home = make_home();
    Terminal *terminal = open_screen(&home);
    terminal_keys(terminal, "?", NULL);
    terminal_expect(terminal, "Keys of this view");
    terminal_keys(terminal, "/", NULL);
    terminal_type(terminal, "SUSP");
    terminal_expect_gone(terminal, "Keys of this view");
    terminal_expect(terminal, "^Z           suspend");
    assert_null(strstr(terminal_screen(terminal), "^L"));
    terminal_keys(terminal, "Escape", NULL);
    terminal_expect(terminal, "Keys of this view");
    terminal_keys(terminal, "/", NULL);
    terminal_type(terminal, "no such key");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "No key matches the filter");
    terminal_keys(terminal, "q", NULL);
    leave(terminal);
}

/* --- the `:` line --- */

static void typed_lines_come_back(void **state)
{
    (void)state;
    Home home = make_home();
    Terminal *terminal = open_screen(&home);
    type_command(terminal, "version");
    terminal_expect(terminal, "0.1.0");
    type_command(terminal, "/session show --id 1");
    terminal_expect(terminal, "No turns yet");
    terminal_keys(terminal, "q", NULL);
    type_command(terminal, "db add other --conninfo 'host=x password=hidden'");
    leave(terminal);

    char *file = text_format("%s/command_lines", home.folder);
    assert_string_equal(support_read(file), "version\n/session show --id 1\n");
    struct stat about;
    assert_int_equal(stat(file, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    free(file);

    terminal = open_screen(&home);
    terminal_keys(terminal, ":", NULL);
    terminal_type(terminal, "draft");
    terminal_expect(terminal, ":draft");
    terminal_keys(terminal, "Up", NULL);
    terminal_expect(terminal, ":/session show --id 1");
    terminal_keys(terminal, "Up", "Up", NULL);
    terminal_expect(terminal, ":version");
    terminal_keys(terminal, "Down", "Down", NULL);
    terminal_expect(terminal, ":draft");
    terminal_keys(terminal, "C-c", NULL);
    leave(terminal);
}

static void tab_completes_commands_options_and_profiles(void **state)
{
    (void)state;
    Home home = make_home();
    Terminal *terminal = open_screen(&home);
    terminal_keys(terminal, ":", NULL);
    terminal_type(terminal, "his");
    terminal_keys(terminal, "Tab", NULL);
    terminal_expect(terminal, ":history");
    terminal_keys(terminal, "Tab", NULL);
    terminal_expect(terminal, "events");
    terminal_expect(terminal, "results");
    terminal_type(terminal, "ev");
    terminal_expect_gone(terminal, "results");
    terminal_keys(terminal, "Tab", NULL);
    terminal_expect(terminal, ":history events");
    terminal_keys(terminal, "C-u", NULL);
    terminal_type(terminal, "/session res");
    terminal_keys(terminal, "Tab", NULL);
    terminal_expect(terminal, ":/session resume");
    terminal_keys(terminal, "C-u", NULL);
    terminal_type(terminal, "doctor -p sh");
    terminal_keys(terminal, "Tab", NULL);
    terminal_expect(terminal, ":doctor -p shop");
    terminal_keys(terminal, "C-c", NULL);
    leave(terminal);
}

static void completion_knows_both_grammars(void **state)
{
    (void)state;
    static const struct {
        const char *typed;
        size_t start;
        const char *candidate;
    } cases[] = {
        {"sess", 0, "session\n"},
        {"session li", 8, "list\n"},
        {"/sess", 1, "session\n"},
        {"/session/li", 9, "list\n"},
        {"/db/history-store sta", 18, "status\n"},
        {"session list --al", 13, "--all-profiles\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t start = 99;
        char *candidates = command_line_complete(NULL, cases[i].typed, &start);
        assert_string_equal(candidates, cases[i].candidate);
        assert_int_equal(start, cases[i].start);
        free(candidates);
    }
}

static void lines_with_secrets_are_not_kept(void **state)
{
    (void)state;
    assert_true(line_history_keeps("session list --all-profiles"));
    assert_true(line_history_keeps("run sales --missing-only"));
    assert_false(line_history_keeps("db add x --conninfo 'host=db'"));
    assert_false(line_history_keeps("db add x --conninfo='host=db'"));
    assert_false(line_history_keeps("x --API-Key=abc"));
    assert_false(line_history_keeps("x --password abc"));
    assert_false(line_history_keeps("db test postgresql://ann:geheim@db/docs"));
    assert_false(line_history_keeps("x 'host=db Password=abc'"));
}

static void the_file_of_typed_lines_keeps_the_last_five_hundred_of_every_amx(void **state)
{
    (void)state;
    char *path = text_format("%s/lines", support_folder());
    LineHistory one = {0};
    LineHistory two = {0};
    Error err = {0};
    line_history_open(&one, path, true);
    line_history_open(&two, path, true);
    for (int i = 0; i < LINE_HISTORY_LINES; i++) {
        char *line = text_format("line %d", i);
        assert_true(line_history_add(&one, line, &err));
        assert_true(line_history_add(&one, line, &err)); /* twice in a row: once */
        free(line);
    }
    assert_true(line_history_add(&two, "of the other", &err));
    assert_int_equal(two.count, LINE_HISTORY_LINES);
    assert_string_equal(line_history_line(&two, 1), "of the other");
    assert_string_equal(line_history_line(&two, LINE_HISTORY_LINES), "line 1");
    line_history_close(&one);
    line_history_close(&two);

    LineHistory read_only = {0};
    line_history_open(&read_only, path, false);
    assert_true(line_history_add(&read_only, "only remembered", &err));
    assert_string_equal(line_history_line(&read_only, 1), "only remembered");
    line_history_close(&read_only);
    assert_null(strstr(support_read(path), "only remembered"));
    free(path);
}

/* --- search --- */

static void search_finds_in_any_case_and_n_goes_on(void **state)
{
    (void)state;
    Home home = make_home();
    Terminal *terminal = open_screen(&home);
    type_command(terminal, "help session");
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
    leave(terminal);
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

/* --- clipboard, pager, editor --- */

static void y_puts_the_text_on_the_clipboard(void **state)
{
    (void)state;
    Home home = make_home();
    Terminal *terminal = open_screen(&home);
    terminal_keys(terminal, "y", NULL);
    terminal_expect(terminal, "there is nothing to copy here");
    terminal_keys(terminal, "?", NULL);
    terminal_expect(terminal, "Keys of this view");
    terminal_keys(terminal, "y", NULL);
    terminal_expect(terminal, "copied");
    const char *copied = terminal_clipboard(terminal);
    assert_true(text_starts(copied, "Keys of this view\n"));
    assert_non_null(strstr(copied, "The : line runs any amx command"));
    terminal_keys(terminal, "q", NULL);
    leave(terminal);
}

static void the_clipboard_sequence_is_base64_and_limited(void **state)
{
    (void)state;
    bool cut = true;
    char *sequence = clipboard_sequence("M\xc3\xbcsli", false, &cut);
    assert_string_equal(sequence, "\x1b]52;c;TcO8c2xp\x07");
    assert_false(cut);
    free(sequence);
    sequence = clipboard_sequence("a", true, &cut);
    assert_string_equal(sequence, "\x1b]52;c;YQ==\x07\x1bPtmux;\x1b\x1b]52;c;YQ==\x07\x1b\\");
    free(sequence);

    Text large = {0};
    text_add(&large, "x");
    while (large.length < CLIPBOARD_LIMIT + 10) {
        text_add(&large, "\xc3\xbc");
    }
    sequence = clipboard_sequence(text_string(&large), false, &cut);
    assert_true(cut);
    /* The limit is in the middle of a character: one byte less, in groups of four digits for three bytes. */
    assert_int_equal(strlen(sequence), strlen("\x1b]52;c;\x07") + (CLIPBOARD_LIMIT - 1 + 2) / 3 * 4);
    free(sequence);
    text_free(&large);
}

static void o_gives_the_terminal_to_the_pager(void **state)
{
    (void)state;
    Home home = make_home();
    const char *pager = make_script(&home, "pager",
                                    "cat > \"$AMX_HOME/paged\"\n"
                                    "echo the pager has it\n"
                                    "read -r line </dev/tty\n"
                                    "echo \"$line\" > \"$AMX_HOME/read\"\n");
    home.env[3] = support_keep(text_format("PAGER=%s", pager));
    Terminal *terminal = open_screen(&home);
    terminal_keys(terminal, "?", NULL);
    terminal_expect(terminal, "Keys of this view");
    terminal_keys(terminal, "o", NULL);
    terminal_expect(terminal, "the pager has it");
    terminal_expect_gone(terminal, "Keys of this view");
    terminal_type(terminal, "typed");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "Keys of this view");
    terminal_keys(terminal, "j", "q", NULL);
    terminal_expect(terminal, "> Status");
    leave(terminal);
    char *path = text_format("%s/paged", home.folder);
    assert_true(text_starts(support_read(path), "Keys of this view\n"));
    free(path);
    path = text_format("%s/read", home.folder);
    assert_string_equal(support_read(path), "typed\n"); /* it had the keyboard, and line by line */
    free(path);
}

static void stopping_the_pager_by_its_key_does_not_end_amx(void **state)
{
    (void)state;
    Home home = make_home();
    const char *pager = make_script(&home, "pager", "echo the pager has it\nread -r line </dev/tty\n");
    home.env[3] = "AMX=" AMX_BINARY;
    home.env[4] = support_keep(text_format("PAGER=%s", pager));
    Terminal *terminal = open_under_a_shell(&home);
    terminal_keys(terminal, "?", NULL);
    terminal_expect(terminal, "Keys of this view");
    terminal_keys(terminal, "o", NULL);
    terminal_expect(terminal, "the pager has it");
    terminal_keys(terminal, "C-c", NULL);
    terminal_expect(terminal, "was ended");
    terminal_expect(terminal, "Keys of this view");
    terminal_keys(terminal, "q", NULL);
    leave(terminal);
}

static void e_opens_a_private_copy_in_the_editor(void **state)
{
    (void)state;
    Home home = make_home();
    const char *editor = make_script(&home, "editor",
                                     "stat -c %a \"$2\" > \"$AMX_HOME/mode\"\n"
                                     "cp \"$2\" \"$AMX_HOME/edited\"\n"
                                     "echo \"$1\" >> \"$AMX_HOME/mode\"\n"
                                     "echo \"$2\" > \"$AMX_HOME/name\"\n"
                                     "echo the editor has it\n"
                                     "read -r line\n");
    home.env[3] = "VISUAL=";
    home.env[4] = support_keep(text_format("EDITOR=%s --wait", editor));
    Terminal *terminal = open_screen(&home);
    terminal_keys(terminal, "?", NULL);
    terminal_expect(terminal, "Keys of this view");
    terminal_keys(terminal, "e", NULL);
    terminal_expect(terminal, "the editor has it");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "Keys of this view");
    terminal_keys(terminal, "q", NULL);
    leave(terminal);
    char *path = text_format("%s/edited", home.folder);
    assert_true(text_starts(support_read(path), "Keys of this view\n"));
    free(path);
    path = text_format("%s/mode", home.folder);
    assert_string_equal(support_read(path), "600\n--wait\n");
    free(path);
    path = text_format("%s/name", home.folder);
    char *name = memory_string(support_read(path));
    name[strcspn(name, "\n")] = '\0';
    assert_int_equal(access(name, F_OK), -1); /* removed */
    free(name);
    free(path);
}

/* What a terminal answers begins with Esc, but nobody pressed it. */
static void answers_of_the_terminal_are_no_keys(void **state)
{
    (void)state;
    static const char *const answers[] = {"\033[I", "\033[?1;2c", "\033]11;rgb:0000/0000/0000\007",
                                          "\033]11;rgb:0000/0000/0000\033\\", "\033[27;5;9~"};
    Home home = make_home();
    Terminal *terminal = open_screen(&home);
    terminal_keys(terminal, "S", NULL);
    terminal_expect(terminal, "First look");
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        terminal_type(terminal, answers[i]);
        terminal_keys(terminal, "R", NULL);
        terminal_expect(terminal, "[R Runs]");
        terminal_keys(terminal, "S", NULL);
        terminal_expect(terminal, "[S Sessions]");
    }
    leave(terminal);
}

static void an_editor_that_is_not_there_is_told(void **state)
{
    (void)state;
    Home home = make_home();
    home.env[3] = "EDITOR=/nonexistent/editor";
    home.env[4] = "PAGER=/nonexistent/pager";
    Terminal *terminal = open_screen(&home);
    terminal_keys(terminal, "?", NULL);
    terminal_expect(terminal, "Keys of this view");
    terminal_keys(terminal, "e", NULL);
    terminal_expect(terminal, "could not be run");
    terminal_keys(terminal, "M", NULL);
    terminal_expect(terminal, "set PAGER and");
    terminal_keys(terminal, "q", "o", NULL);
    terminal_expect(terminal, "/nonexistent/pager");
    terminal_keys(terminal, "q", NULL);
    leave(terminal);
}

/* --- suspended --- */

static void suspend_works_in_a_dialog_and_in_a_prompt(void **state)
{
    (void)state;
    Home home = make_home();
    home.env[3] = "AMX=" AMX_BINARY;
    run_amx(&home, "db history-store enable --profile team --schema amx");
    Terminal *terminal = open_under_a_shell(&home);
    terminal_expect(terminal, "shared ON");
    terminal_keys(terminal, "d", "d", "Enter", NULL);
    terminal_expect(terminal, "[ No ]");
    terminal_keys(terminal, "C-z", NULL);
    terminal_expect(terminal, "amx is stopped");
    terminal_resize(terminal, 100, 30);
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "[ No ]");
    terminal_keys(terminal, "C-l", NULL);
    terminal_expect(terminal, "[ No ]");
    terminal_keys(terminal, "Escape", NULL);
    terminal_expect(terminal, "> Status");
    terminal_keys(terminal, ":", NULL);
    terminal_type(terminal, "half a line");
    terminal_expect(terminal, ":half a line");
    terminal_keys(terminal, "C-z", NULL);
    terminal_expect(terminal, "amx is stopped");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, ":half a line");
    terminal_keys(terminal, "Escape", NULL);
    terminal_expect_gone(terminal, ":half a line");
    terminal_keys(terminal, "q", NULL);
    terminal_expect(terminal, "left with 0");
    terminal_stop(terminal);
}

static void suspend_in_the_pager_stops_both(void **state)
{
    (void)state;
    Home home = make_home();
    const char *pager = make_script(&home, "pager", "echo the pager has it\nread -r line </dev/tty\n");
    home.env[3] = "AMX=" AMX_BINARY;
    home.env[4] = support_keep(text_format("PAGER=%s", pager));
    Terminal *terminal = open_under_a_shell(&home);
    terminal_keys(terminal, "?", NULL);
    terminal_expect(terminal, "Keys of this view");
    terminal_keys(terminal, "o", NULL);
    terminal_expect(terminal, "the pager has it");
    terminal_keys(terminal, "C-z", NULL);
    terminal_expect(terminal, "amx is stopped");
    terminal_keys(terminal, "Enter", "Enter", NULL);
    terminal_expect(terminal, "Keys of this view");
    terminal_keys(terminal, "q", NULL);
    leave(terminal);
}

/* --- read-only --- */

static void refuses_to_write(Terminal *terminal)
{
    static const char *const lines[] = {"run",
                                        "ask 'which tables?'",
                                        "session new --title x",
                                        "session delete 1",
                                        "review 1 --accept high",
                                        "apply 1 --yes",
                                        "rollback 1 --yes",
                                        "db use team",
                                        "db history-store enable --profile team --schema amx"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        type_command(terminal, lines[i]);
        terminal_expect(terminal, "would write");
        type_command(terminal, "frobnicate"); /* another message */
        terminal_expect_gone(terminal, "would write");
    }
}

static void a_read_only_screen_says_so_and_refuses(void **state)
{
    (void)state;
    Home home = make_home();
    Terminal *terminal = open_amx(&home, "--read-only");
    terminal_expect(terminal, "read-only");
    refuses_to_write(terminal);
    terminal_keys(terminal, "e", "Enter", NULL); /* the picker's Enable */
    terminal_expect(terminal, "enable would write");
    terminal_keys(terminal, "?", "s", NULL);
    terminal_expect(terminal, "! saving would write a file");
    terminal_keys(terminal, "q", "S", NULL);
    terminal_expect(terminal, "First look"); /* reading goes on */
    leave(terminal);
    char *file = text_format("%s/command_lines", home.folder);
    assert_int_equal(access(file, F_OK), -1);
    free(file);
}

static void read_only_can_be_configured(void **state)
{
    (void)state;
    Home home = make_home();
    support_shell(home.env, "echo 'ui {\n    read_only = true\n}' >> \"$AMX_HOME/amx.conf\"");
    Terminal *terminal = open_screen(&home);
    terminal_expect(terminal, "read-only");
    type_command(terminal, "session delete 1");
    terminal_expect(terminal, "would write");
    leave(terminal);
}

/* An argument names the tests that are run: "*pager*". */
int main(int argc, char **argv)
{
    cmocka_set_test_filter(argc > 1 ? argv[1] : NULL);
    setlocale(LC_CTYPE, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        screen_test(each_tab_has_a_key),
        screen_test(tab_and_shift_tab_go_round),
        screen_test(a_tab_is_found_as_it_was_left),
        screen_test(what_a_tab_asked_for_opens_there),
        screen_test(a_tab_that_could_not_be_filled_says_why_and_tries_again),
        screen_test(the_tab_row_fits_a_narrow_terminal),
        screen_test(help_is_filtered_while_one_types),
        screen_test(typed_lines_come_back),
        screen_test(tab_completes_commands_options_and_profiles),
        cmocka_unit_test(completion_knows_both_grammars),
        cmocka_unit_test(lines_with_secrets_are_not_kept),
        cmocka_unit_test(the_file_of_typed_lines_keeps_the_last_five_hundred_of_every_amx),
        screen_test(search_finds_in_any_case_and_n_goes_on),
        cmocka_unit_test(a_match_is_a_whole_character_in_any_case),
        cmocka_unit_test(a_row_knows_its_place_in_the_text),
        screen_test(y_puts_the_text_on_the_clipboard),
        cmocka_unit_test(the_clipboard_sequence_is_base64_and_limited),
        screen_test(o_gives_the_terminal_to_the_pager),
        screen_test(stopping_the_pager_by_its_key_does_not_end_amx),
        screen_test(e_opens_a_private_copy_in_the_editor),
        screen_test(answers_of_the_terminal_are_no_keys),
        screen_test(an_editor_that_is_not_there_is_told),
        screen_test(suspend_works_in_a_dialog_and_in_a_prompt),
        screen_test(suspend_in_the_pager_stops_both),
        screen_test(a_read_only_screen_says_so_and_refuses),
        screen_test(read_only_can_be_configured),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
