/* What the picker and the title row say while things change beside them, in a real terminal, and the model
 * behind both. */
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "picker_model.h"
#include "report.h"
#include "status.h"
#include "text.h"
#include "workstation.h"

#define screen_test(function) cmocka_unit_test_teardown(function, terminal_teardown)

/* --- the model --- */

static const ReportColumn columns[] = {{"enabled", "sharing", REPORT_TEXT}};

/* A status report; `reached`: -1 where the network was not asked. */
static void tell(Status *status, long long pending, int reached)
{
    Report report = {0};
    report_object(&report, "amx.store/1", columns, 1);
    json_t *row = report_row(&report);
    row_text(row, "db_profile", "shop");
    row_bool(row, "enabled", true);
    row_text(row, "profile", "team");
    row_text(row, "store_schema", "amx");
    row_int(row, "pending", pending);
    if (reached < 0) {
        row_json(row, "reachable", json_null());
    } else {
        row_bool(row, "reachable", reached);
    }
    if (reached > 0) {
        row_int(row, "latency_ms", 6);
        row_bool(row, "exists", true);
        row_bool(row, "in_sync", pending == 0);
    }
    status_update(status, &report, reached < 0);
    report_free(&report);
}

static void assert_panel(const Status *status, const char *shows, const char *hides)
{
    char *panel = status_panel(status, 80, 24);
    if (!strstr(panel, shows) || (hides && strstr(panel, hides))) {
        fail_msg("not \"%s\", or \"%s\", in\n%s", shows, hides ? hides : "", panel);
    }
    free(panel);
}

static void what_the_network_said_outlives_a_look_at_home(void **state)
{
    (void)state;
    Status status = {0};
    tell(&status, 0, 1);
    assert_panel(&status, "in sync       yes", NULL);
    tell(&status, 2, -1);
    assert_panel(&status, "reach         yes, 6 ms", "checking..");
    assert_panel(&status, "in sync       no", NULL);
    assert_int_equal(status_exists(&status), TRI_YES);
    status_free(&status);
}

static void one_view_that_does_not_reach_the_store_speaks_for_all(void **state)
{
    (void)state;
    Status status = {0};
    tell(&status, 0, 1);
    assert_true(status_hear(&status, false));
    assert_false(status_hear(&status, false));
    assert_panel(&status, "reach         NO since ", "in sync");
    assert_int_equal(status_exists(&status), TRI_UNKNOWN); /* guard 2 asks where nobody can tell */
    StatusClock since;
    status_since(&status, since);
    char *reach = text_format("NO since %s", since);
    tell(&status, 1, 0); /* still so, and since then */
    assert_panel(&status, reach, NULL);
    free(reach);
    tell(&status, 0, 1);
    assert_panel(&status, "reach         yes, 6 ms", "NO");
    status_free(&status);
}

static void what_a_store_answers_is_no_sign_that_it_is_away(void **state)
{
    (void)state;
    assert_true(status_is_away(&(Error){.kind = ERROR_CONNECTION}));
    assert_false(status_is_away(&(Error){.kind = ERROR_TIMEOUT})); /* slow, or away: the status knows */
    assert_false(status_is_away(&(Error){.kind = ERROR_DATABASE, .sqlstate = "57014"}));
    assert_false(status_is_away(&(Error){.kind = ERROR_LOCAL}));
    assert_false(status_is_away(&(Error){.kind = ERROR_SYSTEM}));
    assert_false(status_is_away(&(Error){.kind = ERROR_DATABASE, .sqlstate = "42501"}));
    assert_false(status_is_away(&(Error){.kind = ERROR_USAGE}));
    assert_false(status_is_away(&(Error){.kind = ERROR_INTERRUPTED}));
}

static void assert_title(const Status *status, int width, const char *expected)
{
    char *title = status_title(status, width);
    assert_string_equal(title, expected);
    free(title);
}

static void the_database_and_the_state_stay_longest_in_the_title(void **state)
{
    (void)state;
    Status status = {0};
    tell(&status, 3, 0);
    assert_title(&status, 60, "shop | team.amx | shared ON, out of reach | pending 3");
    assert_title(&status, 50, "shop | team | shared ON, out of reach | pending 3");
    assert_title(&status, 45, "shop | shared ON, out of reach | pending 3");
    assert_title(&status, 30, "shop | out of reach | pending 3");
    tell(&status, 3, 1);
    assert_title(&status, 30, "shop | shared ON | pending 3");
    status_free(&status);
}

/* --- the screen --- */

/* Makes the shared store such that nobody can open it, and brings it back. */
static void block(const Cli *ann)
{
    support_shell(ann->env, "cd \"$AMX_HOME/share\" && mv store.db away && mkdir store.db");
}

static void unblock(const Cli *ann)
{
    support_shell(ann->env, "cd \"$AMX_HOME/share\" && rmdir store.db && mv away store.db");
}

static Terminal *open_shared(const Cli *ann)
{
    workstation_share(ann);
    Terminal *terminal = workstation_open(ann, "");
    terminal_expect(terminal, "reach         yes");
    return terminal;
}

static void the_panel_follows_the_store_without_a_key(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    Terminal *terminal = open_shared(&ann);
    block(&ann);
    terminal_expect(terminal, "reach         NO since ");
    terminal_expect(terminal, "shared ON, out of reach");
    unblock(&ann);
    terminal_expect(terminal, "reach         yes");
    terminal_expect_gone(terminal, "out of reach");
    terminal_leave(terminal);
}

static void what_another_amx_queues_is_counted_without_a_key(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    Terminal *terminal = open_shared(&ann);
    terminal_expect(terminal, "| pending 0");
    workstation_cut(&ann);
    cli_ok(&ann, "session new --title 'First look'");
    terminal_expect_gone(terminal, "| pending 0");
    terminal_expect_gone(terminal, "in sync       yes");
    workstation_mend(&ann);
    terminal_leave(terminal);
}

/* The words behind "since" on the screen. */
static char *since_of(Terminal *terminal, const char *before)
{
    const char *at = strstr(terminal_screen(terminal), before);
    assert_non_null(at);
    return memory_string_n(at + strlen(before), strlen("23:59"));
}

static void the_team_and_the_picker_know_the_same_of_reach(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    Terminal *terminal = open_shared(&ann);
    terminal_keys(terminal, "T", NULL);
    terminal_expect(terminal, "rows as of ");
    block(&ann);
    terminal_keys(terminal, "F5", NULL);
    terminal_expect(terminal, "out of reach since ");
    terminal_expect(terminal, "shared ON, out of reach");
    char *there = since_of(terminal, "out of reach since ");
    terminal_keys(terminal, "P", NULL);
    terminal_expect(terminal, "reach         NO since ");
    assert_null(strstr(terminal_screen(terminal), "in sync"));
    char *here = since_of(terminal, "NO since ");
    assert_string_equal(here, there);
    free(here);
    free(there);
    terminal_keys(terminal, "T", NULL);
    terminal_expect(terminal, "out of reach since ");
    unblock(&ann);
    terminal_expect_gone(terminal, "out of reach");
    workstation_leave(terminal);
}

static void the_title_names_the_database_on_every_tab(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    Terminal *terminal = open_shared(&ann);
    terminal_expect(terminal, "shop | team.amx | shared ON | pending 0");
    terminal_keys(terminal, "S", NULL);
    terminal_expect(terminal, "Sessions");
    terminal_expect(terminal, "shop | team.amx | shared ON");
    terminal_command(terminal, "db use team");
    terminal_expect(terminal, "team | team.amx | shared ON");
    terminal_resize(terminal, 60, 20);
    terminal_expect(terminal, "team | ");
    terminal_expect(terminal, "shared ON | pending ");
    workstation_leave(terminal);
}

static void the_cursor_waits_where_a_question_was_answered_with_no(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    Terminal *terminal = open_shared(&ann);
    terminal_keys(terminal, "d", "Enter", NULL);
    terminal_expect(terminal, "[ No ]");
    terminal_expect(terminal, "> Dump DDL");
    terminal_keys(terminal, "Escape", NULL);
    terminal_expect_gone(terminal, "[ No ]");
    terminal_expect(terminal, "> Dump DDL");
    terminal_keys(terminal, "Down", NULL);
    terminal_expect(terminal, "> Disable");
    terminal_keys(terminal, "S", NULL);
    terminal_expect(terminal, "Sessions  ");
    terminal_keys(terminal, "P", NULL); /* opened anew */
    terminal_expect(terminal, "> Status");
    terminal_leave(terminal);
}

static void up_from_the_first_entry_goes_nowhere(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    Terminal *terminal = open_shared(&ann);
    terminal_keys(terminal, "j", "k", "k", "k", "Up", "j", NULL);
    terminal_expect(terminal, "> Flush pending");
    terminal_keys(terminal, "k", NULL);
    terminal_expect(terminal, "> Status");
    terminal_leave(terminal);
}

static void flushing_an_empty_queue_asks_nothing(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    Terminal *terminal = open_shared(&ann);
    terminal_keys(terminal, "f", "Enter", NULL);
    terminal_expect(terminal, "nothing is queued: 0 pending");
    assert_null(strstr(terminal_screen(terminal), "Cancel ]"));
    terminal_keys(terminal, "Home", NULL);
    terminal_command(terminal, "db history-store drop-pending");
    terminal_expect(terminal, "nothing is queued: 0 pending");
    terminal_leave(terminal);
}

/* The queue is looked at when it is asked about, not when the panel was drawn. */
static void the_question_counts_what_is_queued_now(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    Terminal *terminal = open_shared(&ann);
    workstation_cut(&ann);
    cli_ok(&ann, "session new --title 'First look'");
    terminal_keys(terminal, "f", "Enter", NULL);
    terminal_expect(terminal, "[ Cancel ]");
    terminal_expect(terminal, "d Drop the queue  c/Esc Cancel");
    assert_null(strstr(terminal_screen(terminal), "Replay 0 queued"));
    const char *capture = terminal_capture(terminal);
    const char *letter = strstr(capture, "eplay ");
    assert_non_null(letter); /* its R stands apart: it is underlined */
    assert_int_not_equal(letter[-1], 'R');
    terminal_keys(terminal, "Escape", NULL);
    terminal_expect_gone(terminal, "[ Cancel ]");
    terminal_expect(terminal, "> Flush pending");
    workstation_mend(&ann);
    terminal_leave(terminal);
}

static void an_empty_home_says_what_to_do_first(void **state)
{
    (void)state;
    Cli ann = cli_new("ann", "%s", "");
    cli_set(&ann, "HOME=/nonexistent");
    Terminal *terminal = workstation_open(&ann, "");
    terminal_expect(terminal, "No database is configured yet. Declare one as a db_profile in");
    terminal_expect(terminal, "no profile | shared off");
    terminal_keys(terminal, "e", "Enter", NULL);
    terminal_expect(terminal, "Enable shared history");
    terminal_expect(terminal, "start amx again. ");
    terminal_type(terminal, "team");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "There is no DB profile to share through.");
    terminal_keys(terminal, "Escape", NULL);
    terminal_expect_gone(terminal, "Enable shared history");
    terminal_expect(terminal, "> Enable");
    terminal_leave(terminal);
}

static void the_form_offers_the_profiles_there_are(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    Terminal *terminal = workstation_open(&ann, "");
    terminal_expect(terminal, "Enable");
    terminal_keys(terminal, "e", "Enter", NULL);
    terminal_expect(terminal, "Up/Down choose: shop, team");
    terminal_expect(terminal, "Profile   shop");
    terminal_keys(terminal, "Down", NULL);
    terminal_expect(terminal, "Profile   team");
    terminal_keys(terminal, "Down", NULL);
    terminal_expect(terminal, "Profile   shop");
    terminal_keys(terminal, "Up", "Enter", NULL);
    terminal_expect(terminal, "shared ON");
    terminal_leave(terminal);
    cli_shows(workstation_status(&ann), "\"profile\": \"team\"");
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_network_said_outlives_a_look_at_home),
        cmocka_unit_test(one_view_that_does_not_reach_the_store_speaks_for_all),
        cmocka_unit_test(what_a_store_answers_is_no_sign_that_it_is_away),
        cmocka_unit_test(the_database_and_the_state_stay_longest_in_the_title),
        screen_test(the_panel_follows_the_store_without_a_key),
        screen_test(what_another_amx_queues_is_counted_without_a_key),
        screen_test(the_team_and_the_picker_know_the_same_of_reach),
        screen_test(the_title_names_the_database_on_every_tab),
        screen_test(the_cursor_waits_where_a_question_was_answered_with_no),
        screen_test(up_from_the_first_entry_goes_nowhere),
        screen_test(flushing_an_empty_queue_asks_nothing),
        screen_test(the_question_counts_what_is_queued_now),
        screen_test(an_empty_home_says_what_to_do_first),
        screen_test(the_form_offers_the_profiles_there_are),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
