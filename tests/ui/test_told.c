/* What the screen says about what it did, what it waits for, and what went wrong. */
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "cells.h"
#include "cli_team.h"
#include "clipboard.h"
#include "memory.h"
#include "relay.h"
#include "session_text.h"
#include "support_internal.h"
#include "terminal.h"
#include "text.h"

#define screen_test(function) cmocka_unit_test_teardown(function, terminal_teardown)

/* ---- without a terminal ---- */

static void assert_told(const char *copied, const char *expected)
{
    char *told = clipboard_told(copied);
    assert_string_equal(told, expected);
    free(told);
}

static void what_was_copied_is_told_clipped_and_harmless(void **state)
{
    (void)state;
    assert_told("sales.customer", "copied: sales.customer (14 characters)");
    assert_told("x", "copied: x (1 character)");
    assert_told("Stra\u00dfe", "copied: Stra\u00dfe (6 characters)");
    assert_told("one\ntwo\n", "copied: one .. (2 lines, 8 characters)");
    assert_told("one\n", "copied: one (4 characters)");
    char *long_one = text_format("%0200d", 7);
    char *told = clipboard_told(long_one);
    assert_true(cells_width(told) < 80);
    assert_non_null(strstr(told, "\u2026 (200 characters)"));
    free(told);
    free(long_one);
    told = clipboard_told("\x1b[31mred\x07");
    assert_null(strpbrk(told, "\x1b\x07"));
    free(told);
}

static json_t *turn_that_cites(const char *const *tables, size_t count)
{
    json_t *cites = json_array();
    for (size_t i = 0; i < count; i++) {
        json_array_append_new(cites,
                              json_pack("{s:s, s:s, s:n}", "schema", "sales", "table", tables[i], "column"));
    }
    return json_pack("[{s:s, s:s, s:s, s:o}]", "role", "assistant", "who", "ann@web1", "content",
                     "These:", "citations", cites);
}

static void a_name_that_fits_a_line_is_on_one_line(void **state)
{
    (void)state;
    static const char *const tables[] = {"customer", "customer-address", "order line", "price/list", "tax"};
    json_t *turns = turn_that_cites(tables, 5);
    for (int width = 34; width < 120; width++) {
        SessionText text = session_text_open(NULL, NULL, turns, width);
        size_t found = 0;
        for (size_t i = 0; i < text.count; i++) {
            assert_true(cells_width(text.lines[i].text) <= width);
            for (size_t t = 0; t < 5 && text.lines[i].kind == SESSION_CITES; t++) {
                char *cite = text_format("[%zu] ", t + 1);
                const char *at = strstr(text.lines[i].text, cite);
                found += at && strstr(at, tables[t]);
                free(cite);
            }
        }
        assert_int_equal(found, 5);
        session_text_free(&text);
    }
    json_decref(turns);
}

static void a_name_that_is_wider_than_the_line_is_broken(void **state)
{
    (void)state;
    static const char *const tables[] = {"a_table_with_a_name_that_no_narrow_line_can_hold", "tax"};
    json_t *turns = turn_that_cites(tables, 2);
    SessionText text = session_text_open(NULL, NULL, turns, 30);
    for (size_t i = 0; i < text.count; i++) {
        assert_true(cells_width(text.lines[i].text) <= 30);
    }
    assert_non_null(strstr(text.lines[text.count - 1].text, "[2] sales.tax"));
    session_text_free(&text);
    json_decref(turns);
}

/* ---- in a terminal ---- */

static Terminal *open_screen(const Cli *cli, const char *variable)
{
    Cli there = *cli;
    if (variable) {
        cli_set(&there, variable);
    }
    Terminal *terminal = terminal_start(there.env, 100, 24, "db history-store");
    terminal_expect(terminal, "shared ON");
    return terminal;
}

static void command(Terminal *terminal, const char *line)
{
    terminal_keys(terminal, ":", NULL);
    terminal_expect(terminal, "\n:");
    terminal_type(terminal, line);
    terminal_keys(terminal, "Enter", NULL);
}

static void leave(Terminal *terminal)
{
    command(terminal, "quit");
    terminal_expect(terminal, "left with 0");
    terminal_stop(terminal);
}

static void a_program_that_is_missing_is_named_with_its_variable(void **state)
{
    (void)state;
    CliStore store = cli_store_new(true);
    Cli ann = cli_team_person("ann", &store);
    Terminal *terminal = open_screen(&ann, "EDITOR=nosuch -w");
    terminal_keys(terminal, "?", NULL);
    terminal_expect(terminal, "Keys everywhere");
    terminal_keys(terminal, "e", NULL);
    terminal_expect(terminal, "nosuch -w, which $EDITOR names, is not installed");
    assert_null(strstr(terminal_screen(terminal), "$1"));
    terminal_keys(terminal, "M", NULL);
    terminal_expect(terminal, "export EDITOR=");
    terminal_keys(terminal, "q", "q", NULL);
    leave(terminal);
    terminal = open_screen(&ann, "PAGER=/nosuch/pager");
    terminal_keys(terminal, "?", NULL);
    terminal_expect(terminal, "Keys everywhere");
    terminal_keys(terminal, "o", NULL);
    terminal_expect(terminal, "/nosuch/pager, which $PAGER names, is not installed");
    terminal_keys(terminal, "q", NULL);
    leave(terminal);
}

static void a_question_says_that_it_waits_for_the_store(void **state)
{
    (void)state;
    CliStore store = cli_store_new(false);
    Cli ann = cli_team_person("ann", &store);
    char *socket = text_format("%s/.s.PGSQL.%d", support_server()->socket, support_server()->port);
    Relay *relay = relay_start(socket);
    char *where =
        text_format("host=127.0.0.1 port=%d dbname=x sslmode=disable gssencmode=disable", relay_port(relay));
    relay_set(relay, RELAY_MUTE, 0, NULL);
    cli_team_configure(&ann, &store, where, 30000);
    Terminal *terminal = open_screen(&ann, NULL);
    command(terminal, "ask which table has an email?");
    terminal_expect(terminal, "waiting for the shared store ..");
    terminal_expect(terminal, "email (TEXT)"); /* the answer comes all the same */
    leave(terminal);
    relay_stop(relay);
    free(where);
    free(socket);
}

static void the_picker_shows_where_the_profile_points_and_whose_the_queue_is(void **state)
{
    (void)state;
    CliStore store = cli_store_new(true);
    CliStore other = cli_store_new(true);
    Cli ann = cli_team_person("ann", &store);
    cli_team_configure(&ann, &store, other.where, 30000);
    cli_team_work(&ann);
    Terminal *terminal = open_screen(&ann, NULL);
    char *now = text_format("target        %s\n", other.where);
    char *queue = text_format("queue is for  %s\n", store.where);
    terminal_expect(terminal, queue);
    terminal_expect(terminal, now);
    leave(terminal);
    free(queue);
    free(now);
}

static void the_mouse_has_a_key_in_the_picker_too(void **state)
{
    (void)state;
    CliStore store = cli_store_new(true);
    Cli ann = cli_team_person("ann", &store);
    Terminal *terminal = open_screen(&ann, NULL);
    terminal_keys(terminal, "m", NULL);
    terminal_expect(terminal, "> Migrate");
    terminal_keys(terminal, "F9", NULL);
    terminal_expect(terminal, "mouse off");
    terminal_expect(terminal, "> Migrate");
    terminal_keys(terminal, "?", NULL);
    terminal_expect(terminal, "runs nothing (mouse: F9)");
    terminal_keys(terminal, "q", NULL);
    leave(terminal);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_copied_is_told_clipped_and_harmless),
        cmocka_unit_test(a_name_that_fits_a_line_is_on_one_line),
        cmocka_unit_test(a_name_that_is_wider_than_the_line_is_broken),
        screen_test(a_program_that_is_missing_is_named_with_its_variable),
        screen_test(a_question_says_that_it_waits_for_the_store),
        screen_test(the_picker_shows_where_the_profile_points_and_whose_the_queue_is),
        screen_test(the_mouse_has_a_key_in_the_picker_too),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
