/* The picker of the history store, in a real terminal: its entries, its questions and its form. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "text.h"
#include "workstation.h"

#define screen_test(function) cmocka_unit_test_teardown(function, terminal_teardown)

static Terminal *open_shared_picker(const Cli *ann)
{
    Terminal *terminal = workstation_open(ann, "db history-store");
    terminal_expect(terminal, "shared ON");
    terminal_expect(terminal, "reach         yes");
    return terminal;
}

/* Writes one session while the shared store is away, so that something waits. */
static void queue_session(const Cli *ann)
{
    workstation_cut(ann);
    cli_ok(ann, "session new --title 'First look'");
    workstation_mend(ann);
}

static void opens_on_status_and_enter_changes_nothing(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    workstation_share(&ann);
    Terminal *terminal = open_shared_picker(&ann);
    assert_non_null(strstr(terminal_screen(terminal), "> Status"));
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "reach         yes");
    assert_non_null(strstr(terminal_screen(terminal), "> Status"));
    terminal_leave(terminal);
    cli_shows(workstation_status(&ann), "\"enabled\": true");
}

static void disable_answered_by_enter_changes_nothing(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    workstation_share(&ann);
    Terminal *terminal = open_shared_picker(&ann);
    terminal_keys(terminal, "d", "d", NULL);
    terminal_expect(terminal, "> Disable");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "[ No ]");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect_gone(terminal, "[ No ]");
    terminal_expect(terminal, "> Disable"); /* nothing was done */
    terminal_leave(terminal);
    cli_shows(workstation_status(&ann), "\"enabled\": true");
}

static void disable_answered_by_y_switches_off(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    workstation_share(&ann);
    Terminal *terminal = open_shared_picker(&ann);
    terminal_keys(terminal, "d", "d", "Enter", NULL);
    terminal_expect(terminal, "Disable shared history?");
    terminal_expect(terminal, "0 queued rows stay queued");
    terminal_keys(terminal, "y", NULL);
    terminal_expect(terminal, "shared off");
    terminal_expect(terminal, "> Status");
    terminal_leave(terminal);
    cli_shows(workstation_status(&ann), "\"enabled\": false");
}

static void yes_can_be_reached_by_tab(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    workstation_share(&ann);
    Terminal *terminal = open_shared_picker(&ann);
    terminal_keys(terminal, "d", "d", "Enter", NULL);
    terminal_expect(terminal, "[ No ]");
    terminal_keys(terminal, "Tab", NULL);
    terminal_expect(terminal, "[ Yes ]");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "shared off");
    terminal_leave(terminal);
}

static void type_ahead_does_not_confirm(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    workstation_share(&ann);
    Terminal *terminal = open_shared_picker(&ann);
    terminal_keys(terminal, "d", "d", "Enter", "y", "Enter", "y", "y", NULL);
    terminal_expect(terminal, "[ No ]");
    terminal_keys(terminal, "Escape", NULL);
    terminal_expect_gone(terminal, "[ No ]");
    terminal_leave(terminal);
    cli_shows(workstation_status(&ann), "\"enabled\": true");
}

static void paste_does_not_confirm(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    workstation_share(&ann);
    Terminal *terminal = open_shared_picker(&ann);
    terminal_keys(terminal, "d", "d", "Enter", NULL);
    terminal_expect(terminal, "[ No ]");
    terminal_paste(terminal, "y\ny\n");
    terminal_keys(terminal, "Tab", NULL); /* is seen only after the paste was read */
    terminal_expect(terminal, "[ Yes ]");
    terminal_keys(terminal, "n", NULL);
    terminal_expect_gone(terminal, "[ Yes ]");
    terminal_paste(terminal, "dd\ny");
    terminal_keys(terminal, "f", NULL);
    terminal_expect(terminal, "> Flush pending");
    terminal_leave(terminal);
    cli_shows(workstation_status(&ann), "\"enabled\": true");
}

static bool has_passed(void *deadline)
{
    return deadline_left(*(const Deadline *)deadline) == 0;
}

/* The terminal begins a paste and never says that it is over; then nothing comes for a while. */
static void a_paste_that_never_ends_lets_the_keyboard_go(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    workstation_share(&ann);
    Terminal *terminal = open_shared_picker(&ann);
    terminal_type(terminal, "\x1b[200~d");
    Deadline silence = deadline_in(1500);
    assert_true(support_wait(has_passed, &silence));
    terminal_keys(terminal, "f", NULL);
    terminal_expect(terminal, "> Flush pending");
    terminal_leave(terminal);
}

static void enable_asks_for_profile_and_schema(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    Terminal *terminal = workstation_open(&ann, "db history-store");
    terminal_keys(terminal, "e", "Enter", NULL);
    terminal_expect(terminal, "Enable shared history");
    terminal_keys(terminal, "C-u", NULL);
    terminal_type(terminal, "team");
    terminal_keys(terminal, "Tab", "C-u", NULL);
    terminal_type(terminal, "docs");
    terminal_expect(terminal, "Schema    docs");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "shared ON");
    terminal_expect(terminal, "> Status");
    terminal_leave(terminal);
    cli_shows(workstation_status(&ann), "\"store_schema\": \"docs\"");
}

static void a_form_that_fails_stays_with_its_input(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    Terminal *terminal = workstation_open(&ann, "db history-store");
    terminal_keys(terminal, "e", "Enter", NULL);
    terminal_expect(terminal, "Enable shared history");
    terminal_keys(terminal, "C-u", NULL);
    terminal_type(terminal, "teem");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "no DB profile \"teem\"; there are: shop, team");
    terminal_expect(terminal, "Profile   teem");
    assert_null(strstr(terminal_screen(terminal), "--profile"));
    workstation_cut(&ann);
    terminal_keys(terminal, "C-u", NULL);
    terminal_type(terminal, "team");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "store.db");
    terminal_expect(terminal, "Profile   team");
    workstation_mend(&ann);
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "shared ON");
    terminal_expect_gone(terminal, "Enable shared history");
    terminal_leave(terminal);
    cli_shows(workstation_status(&ann), "\"enabled\": true");
}

static void a_cancelled_form_changes_nothing(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    Terminal *terminal = workstation_open(&ann, "db history-store");
    terminal_keys(terminal, "e", "Enter", NULL);
    terminal_expect(terminal, "Enable shared history");
    terminal_keys(terminal, "Escape", NULL);
    terminal_expect_gone(terminal, "Enable shared history");
    terminal_leave(terminal);
    cli_shows(workstation_status(&ann), "\"enabled\": false");
}

static void flush_cancelled_keeps_the_queue_and_replay_delivers_it(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    workstation_share(&ann);
    queue_session(&ann);
    cli_hides(workstation_status(&ann), "\"pending\": 0");
    Terminal *terminal = open_shared_picker(&ann);
    terminal_keys(terminal, "f", "Enter", NULL);
    terminal_expect(terminal, "[ Cancel ]");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect_gone(terminal, "[ Cancel ]");
    cli_hides(workstation_status(&ann), "\"pending\": 0");
    terminal_keys(terminal, "f", "Enter", NULL);
    terminal_expect(terminal, "[ Cancel ]");
    terminal_keys(terminal, "r", NULL);
    terminal_expect(terminal, "pending 0");
    terminal_leave(terminal);
    cli_shows(workstation_status(&ann), "\"pending\": 0");
}

static void arrows_do_not_wrap_from_cancel_to_replay(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    workstation_share(&ann);
    queue_session(&ann);
    Terminal *terminal = open_shared_picker(&ann);
    terminal_keys(terminal, "f", "Enter", NULL);
    terminal_expect(terminal, "[ Cancel ]");
    terminal_keys(terminal, "Right", "Down", "Left", NULL);
    terminal_expect(terminal, "[ Drop the queue ]"); /* one from the end: the first two did not move */
    terminal_keys(terminal, "Left", "Left", "Left", "Up", NULL);
    terminal_expect(terminal, "[ Replay");
    terminal_keys(terminal, "Escape", NULL);
    terminal_expect_gone(terminal, "[ Replay");
    terminal_leave(terminal);
    cli_hides(workstation_status(&ann), "\"pending\": 0");
}

static void dropping_the_queue_needs_the_count(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    workstation_share(&ann);
    queue_session(&ann);
    Terminal *terminal = open_shared_picker(&ann);
    for (int right = 0; right < 2; right++) {
        terminal_keys(terminal, "f", "Enter", NULL);
        terminal_expect(terminal, "[ Cancel ]");
        terminal_keys(terminal, "d", NULL);
        terminal_expect(terminal, "to drop");
        long long pending = 0;
        assert_int_equal(sscanf(strstr(terminal_screen(terminal), "Type "), "Type %lld", &pending), 1);
        assert_true(pending > 0);
        char *count = text_format("%lld", right ? pending : pending + 1);
        terminal_type(terminal, count);
        terminal_keys(terminal, "Enter", NULL);
        free(count);
        terminal_expect(terminal, right ? "no longer queued" : "nothing was dropped");
    }
    terminal_leave(terminal);
}

static void dump_ddl_asks_when_the_schema_is_there(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    workstation_share(&ann);
    Terminal *terminal = open_shared_picker(&ann);
    terminal_keys(terminal, "d", "Enter", NULL);
    terminal_expect(terminal, "[ No ]");
    terminal_keys(terminal, "n", NULL);
    terminal_expect_gone(terminal, "[ No ]");
    terminal_expect(terminal, "> Dump DDL");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "[ No ]");
    terminal_keys(terminal, "y", NULL);
    terminal_expect(terminal, "CREATE ");
    terminal_keys(terminal, "s", NULL);
    terminal_expect(terminal, "Save to:");
    char *path = text_format("%s/saved.sql", ann.home);
    terminal_keys(terminal, "C-u", NULL);
    terminal_type(terminal, path);
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "saved to");
    assert_non_null(strstr(support_read(path), "CREATE "));
    free(path);
    terminal_keys(terminal, "q", NULL);
    terminal_expect(terminal, "> Status");
    terminal_leave(terminal);
}

static void resize_goes_back_to_status_and_keeps_the_dialog(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    workstation_share(&ann);
    Terminal *terminal = open_shared_picker(&ann);
    terminal_keys(terminal, "m", NULL);
    terminal_expect(terminal, "> Migrate from local");
    terminal_resize(terminal, 120, 40);
    terminal_expect(terminal, "> Status");
    terminal_keys(terminal, "d", "d", "Enter", NULL);
    terminal_expect(terminal, "[ No ]");
    terminal_resize(terminal, 70, 20);
    terminal_expect(terminal, "[ No ]");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect_gone(terminal, "[ No ]");
    terminal_leave(terminal);
    cli_shows(workstation_status(&ann), "\"enabled\": true");
}

static void too_small_a_terminal_says_so_and_takes_no_answers(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    workstation_share(&ann);
    Terminal *terminal = open_shared_picker(&ann);
    terminal_keys(terminal, "d", "d", "Enter", NULL);
    terminal_expect(terminal, "[ No ]");
    terminal_resize(terminal, 50, 10);
    terminal_expect(terminal, "amx needs 60 columns and 15 lines");
    terminal_keys(terminal, "y", NULL);
    terminal_resize(terminal, 80, 24);
    terminal_expect(terminal, "[ No ]");
    terminal_keys(terminal, "n", NULL);
    terminal_expect(terminal, "> Status");
    terminal_leave(terminal);
    cli_shows(workstation_status(&ann), "\"enabled\": true");
}

static void the_help_tells_the_letters_of_the_picker(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    Terminal *terminal = workstation_open(&ann, "db history-store");
    terminal_keys(terminal, "?", NULL);
    terminal_expect(terminal, "letter       to the next entry that begins with it");
    terminal_expect(terminal, "q/Esc        leave");
    terminal_expect(terminal, "^Z           suspend");
    terminal_keys(terminal, "q", NULL);
    terminal_expect(terminal, "> Status");
    terminal_leave(terminal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        screen_test(opens_on_status_and_enter_changes_nothing),
        screen_test(disable_answered_by_enter_changes_nothing),
        screen_test(disable_answered_by_y_switches_off),
        screen_test(yes_can_be_reached_by_tab),
        screen_test(type_ahead_does_not_confirm),
        screen_test(paste_does_not_confirm),
        screen_test(a_paste_that_never_ends_lets_the_keyboard_go),
        screen_test(enable_asks_for_profile_and_schema),
        screen_test(a_form_that_fails_stays_with_its_input),
        screen_test(a_cancelled_form_changes_nothing),
        screen_test(flush_cancelled_keeps_the_queue_and_replay_delivers_it),
        screen_test(arrows_do_not_wrap_from_cancel_to_replay),
        screen_test(dropping_the_queue_needs_the_count),
        screen_test(dump_ddl_asks_when_the_schema_is_there),
        screen_test(resize_goes_back_to_status_and_keeps_the_dialog),
        screen_test(too_small_a_terminal_says_so_and_takes_no_answers),
        screen_test(the_help_tells_the_letters_of_the_picker),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
