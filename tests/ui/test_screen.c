/* The screen, in a real terminal, with the real binary and a shared store in a file. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "memory.h"
#include "support.h"
#include "support_internal.h"
#include "terminal.h"
#include "text.h"

#define screen_test(function) cmocka_unit_test_teardown(function, terminal_teardown)

/* One engineer's workstation: a folder with amx.conf, a documented database, and a folder for the shared
 * store. */
typedef struct Home {
    const char *folder;
    char *share;
    const char *env[5];
} Home;

static void write_config(const Home *home, const char *team)
{
    char *config = text_format("active_db_profile = shop\n"
                               "db_profile shop {\n    backend = sqlite\n    path = \"%s/shop.db\"\n}\n"
                               "db_profile team {\n%s}\n"
                               "timeouts {\n    deliver_ms = 30000\n    connect_ms = 30000\n}\n",
                               home->folder, team);
    support_file(home->folder, "amx.conf", config);
    free(config);
}

static Home make_home(void)
{
    Home home = {.folder = support_folder()};
    home.share = support_keep(text_format("%s/share", home.folder));
    home.env[0] = support_keep(text_format("AMX_HOME=%s", home.folder));
    home.env[1] = "LOGNAME=ann";
    home.env[2] = "HOME=/nonexistent";
    char *team = text_format("    backend = sqlite\n    path = \"%s/store.db\"\n", home.share);
    write_config(&home, team);
    free(team);
    char *shop = text_format("%s/shop.db", home.folder);
    support_sqlite(shop, "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT)");
    free(shop);
    support_shell(home.env, "mkdir \"$AMX_HOME/share\"");
    return home;
}

static void enable(const Home *home)
{
    SupportRun run = support_amx(home->env, NULL, "db", "history-store", "enable", "--profile", "team",
                                 "--schema", "amx", NULL);
    if (run.exit_code != 0) {
        fail_msg("enable failed: %s", run.err);
    }
}

/* Writes one session while the shared store is away, so that something waits. */
static void queue_session(const Home *home)
{
    support_shell(home->env, "mv \"$AMX_HOME/share\" \"$AMX_HOME/away\"");
    SupportRun run = support_amx(home->env, NULL, "session", "new", "--title", "First look", NULL);
    support_shell(home->env, "mv \"$AMX_HOME/away\" \"$AMX_HOME/share\"");
    if (run.exit_code != 0) {
        fail_msg("session new failed: %s", run.err);
    }
}

static bool status_says(const Home *home, const char *text)
{
    SupportRun run = support_amx(home->env, NULL, "db", "history-store", "status", "--json", NULL);
    assert_int_equal(run.exit_code, 0);
    return strstr(run.out, text) != NULL;
}

/* Opens the picker and waits until it has looked at the store. */
static Terminal *open_picker(const Home *home)
{
    Terminal *terminal = terminal_start(home->env, 80, 24, "db history-store");
    terminal_expect(terminal, "> Status");
    terminal_expect(terminal, "shared o");
    return terminal;
}

static Terminal *open_shared_picker(const Home *home)
{
    Terminal *terminal = terminal_start(home->env, 80, 24, "db history-store");
    terminal_expect(terminal, "shared ON");
    terminal_expect(terminal, "reach         yes");
    return terminal;
}

/* Leaves by q; the exit code also tells that nothing leaked and nothing was misused. */
static void leave(Terminal *terminal)
{
    terminal_keys(terminal, "q", NULL);
    terminal_expect(terminal, "left with 0");
    terminal_stop(terminal);
}

static void opens_on_status_and_enter_changes_nothing(void **state)
{
    (void)state;
    Home home = make_home();
    enable(&home);
    Terminal *terminal = open_shared_picker(&home);
    assert_non_null(strstr(terminal_screen(terminal), "> Status"));
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "reach         yes");
    assert_non_null(strstr(terminal_screen(terminal), "> Status"));
    leave(terminal);
    assert_true(status_says(&home, "\"enabled\": true"));
}

static void bare_amx_opens_the_picker(void **state)
{
    (void)state;
    Home home = make_home();
    Terminal *terminal = terminal_start(home.env, 80, 24, "");
    terminal_expect(terminal, "> Status");
    terminal_expect(terminal, "Enable");
    leave(terminal);
}

static void disable_answered_by_enter_changes_nothing(void **state)
{
    (void)state;
    Home home = make_home();
    enable(&home);
    Terminal *terminal = open_shared_picker(&home);
    terminal_keys(terminal, "d", "d", NULL);
    terminal_expect(terminal, "> Disable");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "[ No ]");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect_gone(terminal, "[ No ]");
    terminal_expect(terminal, "> Status");
    leave(terminal);
    assert_true(status_says(&home, "\"enabled\": true"));
}

static void disable_answered_by_y_switches_off(void **state)
{
    (void)state;
    Home home = make_home();
    enable(&home);
    Terminal *terminal = open_shared_picker(&home);
    terminal_keys(terminal, "d", "d", "Enter", NULL);
    terminal_expect(terminal, "Disable shared history?");
    terminal_expect(terminal, "0 queued rows stay queued");
    terminal_keys(terminal, "y", NULL);
    terminal_expect(terminal, "shared off");
    terminal_expect(terminal, "> Status");
    leave(terminal);
    assert_true(status_says(&home, "\"enabled\": false"));
}

static void yes_can_be_reached_by_tab(void **state)
{
    (void)state;
    Home home = make_home();
    enable(&home);
    Terminal *terminal = open_shared_picker(&home);
    terminal_keys(terminal, "d", "d", "Enter", NULL);
    terminal_expect(terminal, "[ No ]");
    terminal_keys(terminal, "Tab", NULL);
    terminal_expect(terminal, "[ Yes ]");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "shared off");
    leave(terminal);
}

static void type_ahead_does_not_confirm(void **state)
{
    (void)state;
    Home home = make_home();
    enable(&home);
    Terminal *terminal = open_shared_picker(&home);
    terminal_keys(terminal, "d", "d", "Enter", "y", "Enter", "y", "y", NULL);
    terminal_expect(terminal, "[ No ]");
    terminal_keys(terminal, "Escape", NULL);
    terminal_expect_gone(terminal, "[ No ]");
    leave(terminal);
    assert_true(status_says(&home, "\"enabled\": true"));
}

static void paste_does_not_confirm(void **state)
{
    (void)state;
    Home home = make_home();
    enable(&home);
    Terminal *terminal = open_shared_picker(&home);
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
    leave(terminal);
    assert_true(status_says(&home, "\"enabled\": true"));
}

static bool has_passed(void *deadline)
{
    return deadline_left(*(const Deadline *)deadline) == 0;
}

/* The terminal begins a paste and never says that it is over; then nothing comes for a while. */
static void a_paste_that_never_ends_lets_the_keyboard_go(void **state)
{
    (void)state;
    Home home = make_home();
    enable(&home);
    Terminal *terminal = open_shared_picker(&home);
    terminal_type(terminal, "\x1b[200~d");
    Deadline silence = deadline_in(1500);
    assert_true(support_wait(has_passed, &silence));
    terminal_keys(terminal, "f", NULL);
    terminal_expect(terminal, "> Flush pending");
    leave(terminal);
}

static void enable_asks_for_profile_and_schema(void **state)
{
    (void)state;
    Home home = make_home();
    Terminal *terminal = open_picker(&home);
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
    leave(terminal);
    assert_true(status_says(&home, "\"store_schema\": \"docs\""));
}

static void a_form_that_fails_stays_with_its_input(void **state)
{
    (void)state;
    Home home = make_home();
    Terminal *terminal = open_picker(&home);
    terminal_keys(terminal, "e", "Enter", NULL);
    terminal_expect(terminal, "Enable shared history");
    terminal_keys(terminal, "C-u", NULL);
    terminal_type(terminal, "teem");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "no DB profile \"teem\"; there are: shop, team");
    terminal_expect(terminal, "Profile   teem");
    assert_null(strstr(terminal_screen(terminal), "--profile"));
    support_shell(home.env, "mv \"$AMX_HOME/share\" \"$AMX_HOME/away\"");
    terminal_keys(terminal, "C-u", NULL);
    terminal_type(terminal, "team");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "store.db");
    terminal_expect(terminal, "Profile   team");
    support_shell(home.env, "mv \"$AMX_HOME/away\" \"$AMX_HOME/share\"");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "shared ON");
    terminal_expect_gone(terminal, "Enable shared history");
    leave(terminal);
    assert_true(status_says(&home, "\"enabled\": true"));
}

static void a_cancelled_form_changes_nothing(void **state)
{
    (void)state;
    Home home = make_home();
    Terminal *terminal = open_picker(&home);
    terminal_keys(terminal, "e", "Enter", NULL);
    terminal_expect(terminal, "Enable shared history");
    terminal_keys(terminal, "Escape", NULL);
    terminal_expect_gone(terminal, "Enable shared history");
    leave(terminal);
    assert_true(status_says(&home, "\"enabled\": false"));
}

static void flush_cancelled_keeps_the_queue_and_replay_delivers_it(void **state)
{
    (void)state;
    Home home = make_home();
    enable(&home);
    queue_session(&home);
    assert_false(status_says(&home, "\"pending\": 0"));
    Terminal *terminal = open_shared_picker(&home);
    terminal_keys(terminal, "f", "Enter", NULL);
    terminal_expect(terminal, "[ Cancel ]");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect_gone(terminal, "[ Cancel ]");
    assert_false(status_says(&home, "\"pending\": 0"));
    terminal_keys(terminal, "f", "Enter", NULL);
    terminal_expect(terminal, "[ Cancel ]");
    terminal_keys(terminal, "r", NULL);
    terminal_expect(terminal, "pending 0");
    leave(terminal);
    assert_true(status_says(&home, "\"pending\": 0"));
}

static void arrows_do_not_wrap_from_cancel_to_replay(void **state)
{
    (void)state;
    Home home = make_home();
    enable(&home);
    queue_session(&home);
    Terminal *terminal = open_shared_picker(&home);
    terminal_keys(terminal, "f", "Enter", NULL);
    terminal_expect(terminal, "[ Cancel ]");
    terminal_keys(terminal, "Right", "Down", "Left", NULL);
    terminal_expect(terminal, "[ Drop the queue ]"); /* one from the end: the first two did not move */
    terminal_keys(terminal, "Left", "Left", "Left", "Up", NULL);
    terminal_expect(terminal, "[ Replay");
    terminal_keys(terminal, "Escape", NULL);
    terminal_expect_gone(terminal, "[ Replay");
    leave(terminal);
    assert_false(status_says(&home, "\"pending\": 0"));
}

static void dropping_the_queue_needs_the_count(void **state)
{
    (void)state;
    Home home = make_home();
    enable(&home);
    queue_session(&home);
    Terminal *terminal = open_shared_picker(&home);
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
    leave(terminal);
}

static void dump_ddl_asks_when_the_schema_is_there(void **state)
{
    (void)state;
    Home home = make_home();
    enable(&home);
    Terminal *terminal = open_shared_picker(&home);
    terminal_keys(terminal, "d", "Enter", NULL);
    terminal_expect(terminal, "[ No ]");
    terminal_keys(terminal, "n", NULL);
    terminal_expect_gone(terminal, "[ No ]");
    terminal_keys(terminal, "d", "Enter", NULL);
    terminal_expect(terminal, "[ No ]");
    terminal_keys(terminal, "y", NULL);
    terminal_expect(terminal, "CREATE ");
    terminal_keys(terminal, "s", NULL);
    terminal_expect(terminal, "Save to:");
    char *path = text_format("%s/saved.sql", home.folder);
    terminal_keys(terminal, "C-u", NULL);
    terminal_type(terminal, path);
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "saved to");
    assert_non_null(strstr(support_read(path), "CREATE "));
    free(path);
    terminal_keys(terminal, "q", NULL);
    terminal_expect(terminal, "> Status");
    leave(terminal);
}

static void resize_goes_back_to_status_and_keeps_the_dialog(void **state)
{
    (void)state;
    Home home = make_home();
    enable(&home);
    Terminal *terminal = open_shared_picker(&home);
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
    leave(terminal);
    assert_true(status_says(&home, "\"enabled\": true"));
}

static void too_small_a_terminal_says_so_and_takes_no_answers(void **state)
{
    (void)state;
    Home home = make_home();
    enable(&home);
    Terminal *terminal = open_shared_picker(&home);
    terminal_keys(terminal, "d", "d", "Enter", NULL);
    terminal_expect(terminal, "[ No ]");
    terminal_resize(terminal, 50, 10);
    terminal_expect(terminal, "amx needs 60 columns and 15 lines");
    terminal_keys(terminal, "y", NULL);
    terminal_resize(terminal, 80, 24);
    terminal_expect(terminal, "[ No ]");
    terminal_keys(terminal, "n", NULL);
    terminal_expect(terminal, "> Status");
    leave(terminal);
    assert_true(status_says(&home, "\"enabled\": true"));
}

/* A server that accepts connections (the kernel does) and never says a word. */
static int mute_server(int *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(server >= 0);
    assert_int_equal(bind(server, (struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(server, 16), 0);
    assert_int_equal(getsockname(server, (struct sockaddr *)&address, &length), 0);
    *port = ntohs(address.sin_port);
    return server;
}

static void keys_act_while_the_store_is_mute(void **state)
{
    (void)state;
    Home home = make_home();
    enable(&home);
    int port = 0;
    int server = mute_server(&port);
    char *team = text_format(
        "    backend = postgresql\n    conninfo = \"host=127.0.0.1 port=%d user=ann dbname=docs\"\n", port);
    write_config(&home, team);
    free(team);
    Terminal *terminal = terminal_start(home.env, 80, 24, "db history-store");
    terminal_expect(terminal, "shared ON");
    terminal_expect(terminal, "checking..");
    terminal_keys(terminal, "m", NULL);
    terminal_expect(terminal, "> Migrate from local");
    terminal_keys(terminal, "?", NULL);
    terminal_expect(terminal, "Keys everywhere");
    terminal_keys(terminal, "q", NULL);
    terminal_expect(terminal, "> Status");
    terminal_keys(terminal, "d", "Enter", NULL); /* nobody can tell whether the schema is there: it asks */
    terminal_expect(terminal, "[ No ]");
    terminal_keys(terminal, "Escape", NULL);
    terminal_expect_gone(terminal, "[ No ]");
    terminal_keys(terminal, "S", NULL); /* local history needs no store, and does not wait for one */
    terminal_expect(terminal, "Sessions");
    terminal_keys(terminal, "q", NULL);
    leave(terminal);
    close(server);
}

static void sessions_are_listed_and_shown(void **state)
{
    (void)state;
    Home home = make_home();
    SupportRun run = support_amx(home.env, NULL, "session", "new", "--title", "First look", NULL);
    assert_int_equal(run.exit_code, 0);
    run = support_amx(home.env, NULL, "ask", "which tables hold a customer name?", NULL);
    assert_int_equal(run.exit_code, 0);
    Terminal *terminal = open_picker(&home);
    terminal_keys(terminal, "S", NULL);
    terminal_expect(terminal, "First look");
    terminal_expect(terminal, "1 of 1");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "session show --id 1");
    terminal_expect(terminal, "profile shop");
    terminal_expect(terminal, "user> which tables hold a customer name?");
    const char *header = strstr(terminal_screen(terminal), "session 1 of ann@");
    assert_non_null(header);
    assert_null(strstr(header + 1, "session 1 of ann@"));
    terminal_keys(terminal, "q", NULL);
    terminal_expect(terminal, "1 of 1");
    terminal_keys(terminal, "q", NULL);
    terminal_expect(terminal, "> Status");
    leave(terminal);
}

static void the_command_line_runs_any_command_and_asks_like_the_picker(void **state)
{
    (void)state;
    Home home = make_home();
    enable(&home);
    Terminal *terminal = open_shared_picker(&home);
    terminal_keys(terminal, ":", NULL);
    terminal_type(terminal, "session list");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "Sessions");
    terminal_keys(terminal, ":", NULL);
    terminal_type(terminal, "/db/history-store disable");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "[ No ]");
    terminal_keys(terminal, "Enter", NULL);
    terminal_keys(terminal, ":", NULL);
    terminal_type(terminal, "frobnicate");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "no command \"frobnicate\"");
    terminal_keys(terminal, "q", NULL);
    leave(terminal);
    assert_true(status_says(&home, "\"enabled\": true"));
}

static void a_command_that_asks_is_answered_on_the_screen(void **state)
{
    (void)state;
    Home home = make_home();
    assert_int_equal(support_amx(home.env, NULL, "run", NULL).exit_code, 0);
    assert_int_equal(support_amx(home.env, NULL, "review", "1", "--accept", "low", NULL).exit_code, 0);
    Terminal *terminal = open_picker(&home);
    for (int yes = 0; yes < 2; yes++) {
        terminal_keys(terminal, ":", NULL);
        terminal_type(terminal, "apply 1");
        terminal_keys(terminal, "Enter", NULL);
        terminal_expect(terminal, "The command asks");
        terminal_keys(terminal, yes ? "y" : "Enter", NULL);
        terminal_expect_gone(terminal, "The command asks");
        terminal_expect_gone(terminal, "^C stops");
        assert_int_equal(strstr(terminal_screen(terminal), "descriptions written") != NULL, yes);
    }
    leave(terminal);
}

static void read_only_refuses_what_writes_before_it_asks(void **state)
{
    (void)state;
    Home home = make_home();
    enable(&home);
    Terminal *terminal = terminal_start(home.env, 80, 24, "--read-only db history-store");
    terminal_expect(terminal, "shared ON");
    static const char *const commands[] = {"disable", "flush-pending", "drop-pending", "migrate-from-local",
                                           "enable"};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        terminal_keys(terminal, ":", NULL);
        terminal_type(terminal, "db history-store ");
        terminal_type(terminal, commands[i]);
        terminal_keys(terminal, "Enter", NULL);
        char *refusal = text_format("%s would write", commands[i]);
        terminal_expect(terminal, refusal);
        assert_null(strstr(terminal_screen(terminal), "[ "));
        free(refusal);
    }
    terminal_keys(terminal, "d", "d", "Enter", NULL);
    terminal_expect(terminal, "disable would write");
    assert_null(strstr(terminal_screen(terminal), "[ No ]"));
    leave(terminal);
    assert_true(status_says(&home, "\"enabled\": true"));
}

static void a_terminal_that_can_only_scroll_is_refused(void **state)
{
    (void)state;
    Home home = make_home();
    home.env[3] = "TERM=dumb";
    Terminal *terminal = terminal_start(home.env, 80, 24, "");
    terminal_expect(terminal, "the terminal type \"dumb\" can't show a screen");
    terminal_expect(terminal, "left with 1");
    terminal_stop(terminal);
}

static void a_long_message_says_where_the_rest_is(void **state)
{
    (void)state;
    Home home = make_home();
    Terminal *terminal = open_picker(&home);
    terminal_keys(terminal, ":", NULL);
    terminal_type(terminal, "a-command-with-a-name-that-is-much-too-long-for-the-message-line-of-a-terminal");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "M: more");
    terminal_keys(terminal, "M", NULL);
    terminal_expect(terminal, "see: amx help");
    assert_null(strstr(terminal_screen(terminal), "M: more"));
    terminal_keys(terminal, "q", NULL);
    terminal_expect(terminal, "> Status");
    leave(terminal);
}

static void the_help_tells_the_letters_of_the_picker(void **state)
{
    (void)state;
    Home home = make_home();
    Terminal *terminal = open_picker(&home);
    terminal_keys(terminal, "?", NULL);
    terminal_expect(terminal, "letter       to the next entry that begins with it");
    terminal_expect(terminal, "q/Esc        leave");
    terminal_expect(terminal, "^Z           suspend");
    terminal_keys(terminal, "q", NULL);
    terminal_expect(terminal, "> Status");
    leave(terminal);
}

static void a_crash_restores_the_terminal(void **state)
{
    (void)state;
    Home home = make_home();
    Terminal *terminal = terminal_start(home.env, 80, 24, "2>/dev/null");
    terminal_expect(terminal, "> Status");
    terminal_signal(terminal, SIGSEGV);
    terminal_expect(terminal, "left with ");
    terminal_expect_gone(terminal, "> Status");
    terminal_type(terminal, "echoed");
    terminal_expect(terminal, "echoed");
    terminal_stop(terminal);
}

static void without_a_terminal_it_prints_and_never_asks(void **state)
{
    (void)state;
    Home home = make_home();
    enable(&home);
    SupportRun run = support_amx(home.env, NULL, "db", "history-store", NULL);
    assert_int_equal(run.exit_code, 0);
    assert_non_null(strstr(run.out, "team"));
    run = support_amx(home.env, NULL, "db", "history-store", "disable", NULL);
    assert_int_equal(run.exit_code, 0);
    assert_true(status_says(&home, "\"enabled\": false"));
}

static void a_signal_restores_the_terminal(void **state)
{
    (void)state;
    Home home = make_home();
    Terminal *terminal = terminal_start(home.env, 80, 24, "");
    terminal_expect(terminal, "> Status");
    terminal_signal(terminal, SIGTERM);
    terminal_expect(terminal, "ended by a signal");
    terminal_expect(terminal, "left with 130");
    terminal_expect_gone(terminal, "> Status");
    terminal_stop(terminal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        screen_test(opens_on_status_and_enter_changes_nothing),
        screen_test(bare_amx_opens_the_picker),
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
        screen_test(keys_act_while_the_store_is_mute),
        screen_test(sessions_are_listed_and_shown),
        screen_test(the_command_line_runs_any_command_and_asks_like_the_picker),
        screen_test(a_command_that_asks_is_answered_on_the_screen),
        screen_test(read_only_refuses_what_writes_before_it_asks),
        screen_test(a_terminal_that_can_only_scroll_is_refused),
        screen_test(a_long_message_says_where_the_rest_is),
        screen_test(the_help_tells_the_letters_of_the_picker),
        screen_test(a_signal_restores_the_terminal),
        screen_test(a_crash_restores_the_terminal),
        screen_test(without_a_terminal_it_prints_and_never_asks),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
