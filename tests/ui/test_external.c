/* What leaves the screen: the clipboard, the pager, the editor, and the shell it is suspended to. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clipboard.h"
#include "memory.h"
#include "support_internal.h"
#include "text.h"
#include "workstation.h"

#define screen_test(function) cmocka_unit_test_teardown(function, terminal_teardown)

/* A program of the person's own; its path. */
static const char *make_script(const Cli *ann, const char *name, const char *body)
{
    char *text = text_format("#!/bin/bash\n%s", body);
    const char *path = support_file(ann->home, name, text);
    free(text);
    assert_int_equal(chmod(path, 0700), 0);
    return path;
}

/* A shell with job control around amx, as people have one. */
static Terminal *open_under_a_shell(Cli *ann)
{
    cli_set(ann, "AMX=" AMX_BINARY);
    const char *script =
        make_script(ann, "shell",
                    "set -m\n" /* a loop would end when amx is stopped: bash leaves it then */
                    "run() {\n"
                    "    \"$@\"\n    code=$?\n"
                    "    if [ $code -eq 148 ]; then # SIGTSTP\n"
                    "        echo amx is stopped\n        read -r line\n        run fg\n"
                    "    fi\n}\n"
                    "run \"$AMX\"\nexit $code\n");
    Terminal *terminal = terminal_start_build(script, ann->env, 80, 24, "");
    terminal_expect(terminal, "> Status");
    terminal_expect(terminal, "pending 0");
    return terminal;
}

/* A text to give away. */
static void open_help(Terminal *terminal)
{
    terminal_keys(terminal, "?", NULL);
    terminal_expect(terminal, "Keys of this view");
}

/* --- clipboard --- */

static void y_puts_the_text_on_the_clipboard(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    Terminal *terminal = workstation_open(&ann, "");
    terminal_keys(terminal, "y", NULL);
    terminal_expect(terminal, "there is nothing to copy here");
    open_help(terminal);
    terminal_keys(terminal, "y", NULL);
    terminal_expect(terminal, "copied");
    const char *copied = terminal_clipboard(terminal);
    assert_true(text_starts(copied, "Keys of this view\n"));
    assert_non_null(strstr(copied, "The : line runs any amx command"));
    terminal_keys(terminal, "q", NULL);
    workstation_leave(terminal);
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

/* --- pager and editor --- */

/* The help is in a pager that waits for a line. */
static Terminal *open_pager_under_a_shell(Cli *ann)
{
    const char *pager = make_script(ann, "pager", "echo the pager has it\nread -r line </dev/tty\n");
    cli_set(ann, support_keep(text_format("PAGER=%s", pager)));
    Terminal *terminal = open_under_a_shell(ann);
    open_help(terminal);
    terminal_keys(terminal, "o", NULL);
    terminal_expect(terminal, "the pager has it");
    return terminal;
}

static void o_gives_the_terminal_to_the_pager(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    const char *pager = make_script(&ann, "pager",
                                    "cat > \"$AMX_HOME/paged\"\n"
                                    "echo the pager has it\n"
                                    "read -r line </dev/tty\n"
                                    "echo \"$line\" > \"$AMX_HOME/read\"\n");
    cli_set(&ann, support_keep(text_format("PAGER=%s", pager)));
    Terminal *terminal = workstation_open(&ann, "");
    open_help(terminal);
    terminal_keys(terminal, "o", NULL);
    terminal_expect(terminal, "the pager has it");
    terminal_expect_gone(terminal, "Keys of this view");
    terminal_type(terminal, "typed");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "Keys of this view");
    terminal_keys(terminal, "j", "q", NULL);
    terminal_expect(terminal, "> Status");
    workstation_leave(terminal);
    char *path = text_format("%s/paged", ann.home);
    assert_true(text_starts(support_read(path), "Keys of this view\n"));
    free(path);
    path = text_format("%s/read", ann.home);
    assert_string_equal(support_read(path), "typed\n"); /* it had the keyboard, and line by line */
    free(path);
}

static void stopping_the_pager_by_its_key_does_not_end_amx(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    Terminal *terminal = open_pager_under_a_shell(&ann);
    terminal_keys(terminal, "C-c", NULL);
    terminal_expect(terminal, "Keys of this view");
    terminal_keys(terminal, "M", NULL);
    terminal_expect(terminal, "Messages");
    assert_null(strstr(terminal_screen(terminal), "was ended")); /* who did that knows it */
    terminal_keys(terminal, "q", "q", NULL);
    workstation_leave(terminal);
}

static void e_opens_a_private_copy_in_the_editor(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    const char *editor = make_script(&ann, "editor",
                                     "stat -c %a \"$2\" > \"$AMX_HOME/mode\"\n"
                                     "cp \"$2\" \"$AMX_HOME/edited\"\n"
                                     "echo \"$1\" >> \"$AMX_HOME/mode\"\n"
                                     "echo \"$2\" > \"$AMX_HOME/name\"\n"
                                     "echo the editor has it\n"
                                     "read -r line\n");
    cli_set(&ann, "VISUAL=");
    cli_set(&ann, support_keep(text_format("EDITOR=%s --wait", editor)));
    Terminal *terminal = workstation_open(&ann, "");
    open_help(terminal);
    terminal_keys(terminal, "e", NULL);
    terminal_expect(terminal, "the editor has it");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "Keys of this view");
    terminal_keys(terminal, "q", NULL);
    workstation_leave(terminal);
    char *path = text_format("%s/edited", ann.home);
    assert_true(text_starts(support_read(path), "Keys of this view\n"));
    free(path);
    path = text_format("%s/mode", ann.home);
    assert_string_equal(support_read(path), "600\n--wait\n");
    free(path);
    path = text_format("%s/name", ann.home);
    char *name = memory_string(support_read(path));
    name[strcspn(name, "\n")] = '\0';
    assert_int_equal(access(name, F_OK), -1); /* removed */
    free(name);
    free(path);
}

static void an_editor_that_is_not_there_is_told(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    cli_set(&ann, "EDITOR=/nonexistent/editor");
    cli_set(&ann, "PAGER=/nonexistent/pager");
    Terminal *terminal = workstation_open(&ann, "");
    open_help(terminal);
    terminal_keys(terminal, "e", NULL);
    terminal_expect(terminal, "is not installed");
    terminal_keys(terminal, "M", NULL);
    terminal_expect(terminal, "export EDITOR=");
    terminal_keys(terminal, "q", "o", NULL);
    terminal_expect(terminal, "/nonexistent/pager");
    terminal_keys(terminal, "q", NULL);
    workstation_leave(terminal);
}

/* --- a signal meanwhile --- */

/* amx is ended while a program has the terminal: the program is told, and nothing of both stays. */
static void end_by(int number, const char *program)
{
    Cli ann = workstation_new("");
    char *body = text_format("trap 'echo told > \"$AMX_HOME/told\"; exit 1' %s\n%s", "TERM HUP", program);
    const char *pager = make_script(&ann, "pager", body);
    free(body);
    cli_set(&ann, support_keep(text_format("PAGER=cat >/dev/null; %s", pager)));
    Terminal *terminal = workstation_open(&ann, "");
    open_help(terminal);
    terminal_keys(terminal, "o", NULL);
    terminal_expect(terminal, "the pager has it");
    terminal_signal(terminal, number);
    terminal_expect(terminal, "left with 130");
    terminal_type(terminal, "echoed");
    terminal_expect(terminal, "echoed");
    terminal_stop(terminal);
    char *told = text_format("%s/told", ann.home);
    assert_string_equal(support_read(told), "told\n");
    free(told);
}

#define WAITING "echo the pager has it\nwhile true; do sleep 0.1; done\n"

static void a_signal_ends_the_pager_and_amx(void **state)
{
    (void)state;
    end_by(SIGTERM, WAITING);
    end_by(SIGHUP, WAITING);
}

/* One that heeds no signal is ended all the same. */
static void a_pager_that_heeds_no_signal_does_not_hold_amx(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    const char *pager = make_script(&ann, "pager", "trap '' TERM\necho $$ > \"$AMX_HOME/pid\"\n" WAITING);
    cli_set(&ann, support_keep(text_format("PAGER=%s", pager)));
    Terminal *terminal = workstation_open(&ann, "");
    open_help(terminal);
    terminal_keys(terminal, "o", NULL);
    terminal_expect(terminal, "the pager has it");
    terminal_signal(terminal, SIGTERM);
    terminal_expect(terminal, "left with 130");
    terminal_stop(terminal);
    support_shell(ann.env, "! grep -q pager /proc/$(cat \"$AMX_HOME/pid\")/cmdline");
}

/* --- suspended --- */

static void suspend_works_in_a_dialog_and_in_a_prompt(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    workstation_share(&ann);
    Terminal *terminal = open_under_a_shell(&ann);
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
    terminal_expect_gone(terminal, "[ No ]");
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
    Cli ann = workstation_new("");
    Terminal *terminal = open_pager_under_a_shell(&ann);
    terminal_keys(terminal, "C-z", NULL);
    terminal_expect(terminal, "amx is stopped");
    terminal_keys(terminal, "Enter", "Enter", NULL);
    terminal_expect(terminal, "Keys of this view");
    terminal_keys(terminal, "q", NULL);
    workstation_leave(terminal);
}

/* An argument names the tests that are run: "*pager*". */
int main(int argc, char **argv)
{
    cmocka_set_test_filter(argc > 1 ? argv[1] : NULL);
    const struct CMUnitTest tests[] = {
        screen_test(y_puts_the_text_on_the_clipboard),
        cmocka_unit_test(the_clipboard_sequence_is_base64_and_limited),
        screen_test(o_gives_the_terminal_to_the_pager),
        screen_test(stopping_the_pager_by_its_key_does_not_end_amx),
        screen_test(e_opens_a_private_copy_in_the_editor),
        screen_test(an_editor_that_is_not_there_is_told),
        screen_test(a_signal_ends_the_pager_and_amx),
        screen_test(a_pager_that_heeds_no_signal_does_not_hold_amx),
        screen_test(suspend_works_in_a_dialog_and_in_a_prompt),
        screen_test(suspend_in_the_pager_stops_both),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
