/* Ask in a real terminal: questions and answers, the field they are typed into, citations, and what else can
 * be done with a session. */
#include <string.h>
#include <unistd.h>

#include "support_internal.h"
#include "text.h"
#include "workstation.h"

static Terminal *open_ask(const Cli *ann, int columns, int lines, const char *arguments)
{
    Terminal *terminal = terminal_start(ann->env, columns, lines, arguments);
    terminal_expect(terminal, "> Status");
    terminal_keys(terminal, "A", NULL);
    terminal_expect(terminal, "new session");
    return terminal;
}

static void leave(Terminal *terminal)
{
    terminal_keys(terminal, "Escape", NULL);
    terminal_expect(terminal, "> Status");
    terminal_leave(terminal);
}

static void ask(Terminal *terminal, const char *question, const char *answer)
{
    terminal_type(terminal, question);
    terminal_expect(terminal, question);
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, answer);
}

static const char *value(const Cli *ann, const char *sql)
{
    return support_sqlite_value(ann->history, sql);
}

static void a_question_is_answered_and_the_next_one_goes_into_the_same_session(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    Terminal *terminal = open_ask(&ann, 80, 24, "");
    terminal_expect(terminal, "No turns yet");
    ask(terminal, "where is the customer?", "[1] main.customer");
    terminal_expect(terminal, "Ask 1  shop  2 turns");
    terminal_expect(terminal, "session 1 of ann@");
    ask(terminal, "and its name?", "Ask 1  shop  4 turns");
    assert_string_equal(
        value(&ann, "SELECT count(*) || ' ' || count(DISTINCT session_id) FROM session_turns"), "4 1");
    leave(terminal);
}

static void a_question_of_several_lines_is_typed_and_sent_as_one(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    Terminal *terminal = open_ask(&ann, 80, 24, "");
    terminal_type(terminal, "where is");
    terminal_keys(terminal, "M-Enter", NULL);
    terminal_type(terminal, "größe 'x'?");
    terminal_expect(terminal, "ask> where is\n      größe 'x'?");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "2 turns");
    assert_string_equal(value(&ann, "SELECT content FROM session_turns WHERE role = 'user'"),
                        "where is\ngröße 'x'?");
    leave(terminal);
}

static void a_paste_is_one_piece_that_is_sent_only_by_enter(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    Terminal *terminal = open_ask(&ann, 80, 24, "");
    terminal_paste(terminal, "SELECT name\nFROM customer\nq:quit\n");
    terminal_expect(terminal, "ask> SELECT name\n      FROM customer\n      q:quit");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "2 turns");
    assert_string_equal(value(&ann, "SELECT content FROM session_turns WHERE role = 'user'"),
                        "SELECT name\nFROM customer\nq:quit");
    leave(terminal);
}

static void the_editor_writes_the_question(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    support_file(ann.home, "editor.sh", "printf 'which table\\nhas a name?\\n' >>\"$1\"\n");
    cli_set(&ann, support_keep(text_format("EDITOR=sh %s/editor.sh", ann.home)));
    Terminal *terminal = open_ask(&ann, 80, 24, "");
    terminal_type(terminal, "Say: ");
    terminal_keys(terminal, "C-x", NULL);
    terminal_expect(terminal, "ask> Say: which table\n      has a name?");
    terminal_keys(terminal, "C-u", NULL);
    terminal_expect_gone(terminal, "has a name?");
    leave(terminal);
}

static void questions_come_back_by_up_and_a_text_outlives_leaving_the_tab(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    Terminal *terminal = open_ask(&ann, 80, 24, "");
    ask(terminal, "where is the customer?", "2 turns");
    terminal_type(terminal, "half a que");
    terminal_expect(terminal, "ask> half a que");
    terminal_keys(terminal, "Up", NULL);
    terminal_expect(terminal, "ask> where is the customer?");
    terminal_keys(terminal, "Down", NULL);
    terminal_expect(terminal, "ask> half a que");
    terminal_keys(terminal, "Escape", NULL);
    terminal_expect(terminal, "> Status");
    terminal_keys(terminal, "A", NULL);
    terminal_expect(terminal, "ask> half a que");
    leave(terminal);
}

static void citations_lead_to_the_table_and_to_its_history(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    cli_ok(&ann, "run");
    Terminal *terminal = open_ask(&ann, 80, 24, "");
    ask(terminal, "where is the customer?", "[1] main.customer");
    terminal_keys(terminal, "Tab", NULL);
    terminal_expect(terminal, "Esc to the field");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "## main.customer");
    terminal_keys(terminal, "q", NULL);
    terminal_expect(terminal, "Esc to the field");
    terminal_keys(terminal, "H", NULL);
    terminal_expect(terminal, "History of main.customer");
    terminal_keys(terminal, "q", NULL);
    terminal_expect(terminal, "Esc to the field");
    terminal_keys(terminal, "y", NULL);
    terminal_expect(terminal, "copied");
    assert_non_null(strstr(terminal_clipboard(terminal), "main.customer"));
    terminal_keys(terminal, "Escape", NULL);
    terminal_expect(terminal, "Alt-Enter newline");
    leave(terminal);
}

static void a_question_on_the_command_line_is_answered_in_the_tab(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    Terminal *terminal = workstation_open(&ann, "");
    terminal_keys(terminal, "R", NULL);
    terminal_expect(terminal, "[R Runs]");
    terminal_command(terminal, "ask where is the customer?");
    terminal_expect(terminal, "[A Ask]");
    terminal_expect(terminal, "[1] main.customer");
    terminal_expect(terminal, "Ask 1  shop  2 turns");
    leave(terminal);
}

static void a_turn_that_is_stopped_gives_its_question_back(void **state)
{
    (void)state;
    int port = 0;
    int server = support_mute_server(&port);
    Cli ann = cli_new("ann",
                      "db_profile shop {\n    backend = postgresql\n    conninfo = \"host=127.0.0.1 port=%d "
                      "dbname=x user=x sslmode=disable gssencmode=disable\"\n}\n"
                      "timeouts {\n    connect_ms = 30000\n}\n",
                      port);
    cli_set(&ann, "HOME=/nonexistent");
    Terminal *terminal = open_ask(&ann, 80, 24, "");
    terminal_type(terminal, "where is the customer?");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "answering..");
    terminal_keys(terminal, "C-c", NULL);
    terminal_expect(terminal, "Stopped. The session is kept.");
    terminal_expect_gone(terminal, "stopping..");
    terminal_expect(terminal, "ask> where is the customer?");
    leave(terminal);
    close(server);
}

static void where_amx_only_reads_nothing_can_be_asked(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    cli_ok(&ann, "ask where is the customer");
    Terminal *terminal = terminal_start(ann.env, 80, 24, "--read-only");
    terminal_expect(terminal, "> Status");
    terminal_keys(terminal, "A", NULL);
    terminal_expect(terminal, "2 turns  READ-ONLY");
    terminal_expect(terminal, "Nothing can be asked");
    if (strstr(terminal_screen(terminal), "ask>")) {
        fail_msg("there is a field:\n%s", terminal_screen(terminal));
    }
    terminal_keys(terminal, "Tab", "Enter", NULL);
    terminal_expect(terminal, "## main.customer");
    terminal_keys(terminal, "q", NULL);
    terminal_expect_gone(terminal, "## main.customer");
    terminal_keys(terminal, "q", NULL);
    terminal_expect(terminal, "> Status");
    terminal_leave(terminal);
}

static void a_small_terminal_has_room_for_it_and_a_narrower_one_keeps_the_text(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    Terminal *terminal = open_ask(&ann, 60, 15, "");
    ask(terminal, "where is the customer?", "[1] main.customer");
    terminal_paste(terminal, "1\n2\n3\n4\n5\n6\n7\n8");
    terminal_expect(terminal, "\n      8\n");
    terminal_expect(terminal, "Esc back  F1 help");
    terminal_resize(terminal, 100, 30);
    terminal_expect(terminal, "\n      3\n      4\n");
    terminal_keys(terminal, "PPage", NULL);
    terminal_expect(terminal, "session 1 of ann@");
    leave(terminal);
}

static void the_help_explains_the_field_and_citations(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    Terminal *terminal = open_ask(&ann, 80, 24, "");
    terminal_keys(terminal, "F1", NULL);
    terminal_expect(terminal, "questions before");
    terminal_keys(terminal, "q", NULL);
    terminal_expect(terminal, "ask>");
    leave(terminal);
}

static void the_list_resumes_renames_forks_and_exports_a_session(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    cli_ok(&ann, "ask where is the customer");
    cli_ok(&ann, "session new --title Second");
    Terminal *terminal = workstation_open(&ann, "");
    terminal_keys(terminal, "S", NULL);
    terminal_expect(terminal, "Second");
    terminal_keys(terminal, "G", NULL);
    terminal_expect(terminal, ">  1");
    terminal_keys(terminal, "t", NULL);
    terminal_expect(terminal, "Title: ");
    terminal_keys(terminal, "C-u", NULL);
    terminal_type(terminal, "Who's the customer");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "Who's the customer");
    terminal_keys(terminal, "x", NULL);
    terminal_expect(terminal, "save to a file");
    terminal_expect(terminal, "main.customer");
    terminal_keys(terminal, "q", NULL);
    terminal_expect_gone(terminal, "save to a file");
    terminal_keys(terminal, "r", NULL);
    terminal_expect(terminal, "Ask 1  shop  2 turns");
    terminal_keys(terminal, "Escape", NULL);
    terminal_expect(terminal, "> Status");
    terminal_keys(terminal, "S", NULL);
    terminal_expect(terminal, "Sessions ");
    terminal_keys(terminal, "F", NULL);
    terminal_expect(terminal, "Ask 3  shop  2 turns");
    terminal_expect(terminal, "(copied)");
    ask(terminal, "and its name?", "Ask 3  shop  4 turns");
    leave(terminal);
}

static void a_session_that_is_ended_beside_the_screen_leaves_an_empty_one(void **state)
{
    (void)state;
    Cli ann = workstation_new("");
    Terminal *terminal = open_ask(&ann, 80, 24, "");
    ask(terminal, "where is the customer?", "2 turns");
    cli_ok(&ann, "session end");
    terminal_expect(terminal, "new session");
    ask(terminal, "once more the customer", "Ask 2  shop  2 turns");
    leave(terminal);
}

#define ASK_TEST(test) cmocka_unit_test_teardown(test, terminal_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ASK_TEST(a_question_is_answered_and_the_next_one_goes_into_the_same_session),
        ASK_TEST(a_question_of_several_lines_is_typed_and_sent_as_one),
        ASK_TEST(a_paste_is_one_piece_that_is_sent_only_by_enter),
        ASK_TEST(the_editor_writes_the_question),
        ASK_TEST(questions_come_back_by_up_and_a_text_outlives_leaving_the_tab),
        ASK_TEST(citations_lead_to_the_table_and_to_its_history),
        ASK_TEST(a_question_on_the_command_line_is_answered_in_the_tab),
        ASK_TEST(a_turn_that_is_stopped_gives_its_question_back),
        ASK_TEST(where_amx_only_reads_nothing_can_be_asked),
        ASK_TEST(a_small_terminal_has_room_for_it_and_a_narrower_one_keeps_the_text),
        ASK_TEST(the_help_explains_the_field_and_citations),
        ASK_TEST(the_list_resumes_renames_forks_and_exports_a_session),
        ASK_TEST(a_session_that_is_ended_beside_the_screen_leaves_an_empty_one),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
