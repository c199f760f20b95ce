/* Ask while others have their hands on the same session, while a model has not said all yet, and with texts
 * as long as a question may be. */
#include <string.h>

#include "fake_llm.h"
#include "input.h"
#include "memory.h"
#include "support_internal.h"
#include "text.h"
#include "workstation.h"

#define CITED "\", \"citations\": [{\"schema\": \"main\", \"table\": \"customer\"}], \"known\": true}"

static FakeLlm *fake;

static int start(void **state)
{
    (void)state;
    fake = fake_llm_start();
    return 0;
}

static int stop(void **state)
{
    fake_llm_stop(fake);
    return terminal_teardown(state);
}

/* Ann with a session of two turns. */
static Cli engineer(void)
{
    char *conf = text_format("llm_profile local { base_url = '%s' model = llama }\n", fake_llm_url(fake));
    Cli ann = workstation_new(conf);
    free(conf);
    cli_ok(&ann, "ask --model builtin where is the customer");
    return ann;
}

static Terminal *open_ask(const Cli *ann, int columns, int lines)
{
    Terminal *terminal = terminal_start(ann->env, columns, lines, "");
    terminal_expect(terminal, "> Status");
    terminal_keys(terminal, "A", NULL);
    terminal_expect(terminal, "Ask 1  shop  2 turns");
    return terminal;
}

static void ask(Terminal *terminal, const char *question)
{
    terminal_type(terminal, question);
    terminal_expect(terminal, support_keep(text_format("ask> %s", question)));
    terminal_keys(terminal, "Enter", NULL);
}

static void leave(Terminal *terminal)
{
    terminal_keys(terminal, "Escape", NULL);
    terminal_expect(terminal, "> Status");
    terminal_leave(terminal);
}

static void an_answer_names_its_question_when_another_one_came_between(void **state)
{
    (void)state;
    Cli ann = engineer();
    fake_llm_then(fake, (FakeLlmReply){.held = true, .text = "{\"answer\": \"In `customer`." CITED});
    Terminal *terminal = open_ask(&ann, 80, 40);
    ask(terminal, "who has a name?");
    fake_llm_wait(fake, 1);
    terminal_expect(terminal, "answering..");
    assert_null(strstr(terminal_screen(terminal), "to: "));
    cli_ok(&ann, "ask --session 1 --model builtin describe customer");
    terminal_expect(terminal, "to: who has a name?"); /* it comes after what the other one was told */
    fake_llm_release(fake, 1000);
    terminal_expect(terminal, "6 turns");
    terminal_expect_gone(terminal, "answering..");
    const char *screen = terminal_screen(terminal);
    const char *named = strstr(screen, "to: who has a name?");
    assert_non_null(named);
    assert_non_null(strstr(named, "In `customer`."));
    assert_null(strstr(screen, "to: describe"));
    leave(terminal);
}

static void what_is_not_checked_yet_says_so_and_leaves_no_trace(void **state)
{
    (void)state;
    Cli ann = engineer();
    fake_llm_then(fake,
                  (FakeLlmReply){.held = true,
                                 .piece = 24,
                                 .text = "{\"answer\": \"Surely it is all in `invented`, I say." CITED});
    Terminal *terminal = open_ask(&ann, 60, 15);
    ask(terminal, "who has a name?");
    fake_llm_wait(fake, 1);
    fake_llm_release(fake, 1);
    terminal_expect(terminal, "Surely it is");
    terminal_expect(terminal, "unchecked, answering..");
    fake_llm_release(fake, 1000);
    terminal_expect(terminal, "the model's answer was refused");
    terminal_expect_gone(terminal, "unchecked");
    assert_null(strstr(terminal_screen(terminal), "Surely"));
    assert_string_equal(
        support_sqlite_value(ann.history, "SELECT count(*) FROM session_turns WHERE content LIKE '%Surely%'"),
        "0");
    leave(terminal);
}

static void a_session_that_is_deleted_under_the_view_is_told(void **state)
{
    (void)state;
    Cli ann = engineer();
    Terminal *terminal = open_ask(&ann, 60, 15);
    cli_ok(&ann, "session end 1");
    terminal_expect(terminal, "new session");
    cli_ok(&ann, "session resume 1");
    terminal_expect(terminal, "Ask 1  shop");
    cli_ok(&ann, "session delete 1 --yes");
    terminal_expect(terminal, "Session 1 was deleted, and its turns with it.");
    terminal_expect(terminal, "new session");
    ask(terminal, "who has a name?");
    terminal_expect(terminal, "Ask 2  shop  2 turns");
    cli_ok(&ann, "session new");
    terminal_expect(terminal, "F5 goes over");
    terminal_keys(terminal, "F5", NULL);
    terminal_expect(terminal, "session 3 of ann");
    assert_null(strstr(terminal_screen(terminal), "Session 2 was deleted"));
    leave(terminal);
}

static void a_session_that_is_deleted_while_it_is_answered_is_told_and_the_question_stays(void **state)
{
    (void)state;
    Cli ann = engineer();
    fake_llm_then(fake, (FakeLlmReply){.held = true, .text = "{\"answer\": \"In `customer`." CITED});
    Terminal *terminal = open_ask(&ann, 80, 24);
    ask(terminal, "who has a name?");
    fake_llm_wait(fake, 1);
    cli_ok(&ann, "session delete 1 --yes");
    fake_llm_release(fake, 1000);
    terminal_expect(terminal, "Not recorded");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "ask> who has a name?");
    terminal_expect(terminal, "deleted");
    assert_string_equal(support_sqlite_value(ann.history, "SELECT count(*) FROM session_turns"), "0");
    leave(terminal);
}

/* A question of so many bytes. */
static char *long_text(size_t length)
{
    char *text = memory_zero(length + 1, 1);
    memset(text, 'x', length);
    for (size_t i = 40; i < length; i += 41) {
        text[i] = ' ';
    }
    memcpy(text, "customer ", 9);
    return text;
}

static void a_long_paste_is_asked_and_a_longer_one_is_refused(void **state)
{
    (void)state;
    Cli ann = engineer();
    char *most = long_text(INPUT_LINES_BYTES - 2), *more = long_text(INPUT_LINES_BYTES + 1);
    Terminal *terminal = open_ask(&ann, 60, 15);
    terminal_paste(terminal, more);
    terminal_expect(terminal, "none of it was taken");
    terminal_type(terminal, "zz");
    terminal_expect(terminal, "ask> zz");
    terminal_keys(terminal, "C-u", NULL);
    terminal_paste(terminal, most);
    terminal_type(terminal, "?!");
    terminal_expect(terminal, "?!");
    fake_llm_then(fake, (FakeLlmReply){.text = "{\"answer\": \"In `customer`." CITED});
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "4 turns");
    assert_int_equal(
        atoi(support_sqlite_value(ann.history, "SELECT max(length(content)) FROM session_turns")),
        INPUT_LINES_BYTES);
    leave(terminal);
    free(more);
    free(most);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_answer_names_its_question_when_another_one_came_between),
        TEST(what_is_not_checked_yet_says_so_and_leaves_no_trace),
        TEST(a_session_that_is_deleted_under_the_view_is_told),
        TEST(a_session_that_is_deleted_while_it_is_answered_is_told_and_the_question_stays),
        TEST(a_long_paste_is_asked_and_a_longer_one_is_refused),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
