/* A language model that answers in the Ask view: what it says is there while it says it, what is refused goes
 * away again, and ^C ends it. */
#include <string.h>

#include "fake_llm.h"
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

static Cli engineer(void)
{
    char *conf = text_format("llm_profile local { base_url = '%s' model = llama }\n", fake_llm_url(fake));
    Cli ann = workstation_new(conf);
    free(conf);
    return ann;
}

/* Opens Ask and puts a question; returns when the model has it. */
static Terminal *ask(const Cli *ann)
{
    Terminal *terminal = terminal_start(ann->env, 80, 24, "");
    terminal_expect(terminal, "> Status");
    terminal_keys(terminal, "A", NULL);
    terminal_expect(terminal, "new session");
    terminal_type(terminal, "where is the customer?");
    terminal_expect(terminal, "ask> where is the customer?");
    terminal_keys(terminal, "Enter", NULL);
    fake_llm_wait(fake, 1);
    return terminal;
}

static void leave(Terminal *terminal)
{
    terminal_keys(terminal, "Escape", NULL);
    terminal_expect(terminal, "> Status");
    terminal_leave(terminal);
}

static void an_answer_is_read_while_it_is_given(void **state)
{
    (void)state;
    Cli ann = engineer();
    fake_llm_then(
        fake, (FakeLlmReply){.held = true,
                             .piece = 24,
                             .text = "{\"answer\": \"Here comes the `customer`, and then the end." CITED});
    Terminal *terminal = ask(&ann);
    fake_llm_release(fake, 1);
    terminal_expect(terminal, "Here comes the");
    assert_null(strstr(terminal_screen(terminal), "the end."));
    assert_null(strstr(terminal_screen(terminal), "{"));
    fake_llm_release(fake, 1000);
    terminal_expect(terminal, "and then the end.");
    terminal_expect(terminal, "[1] main.customer");
    terminal_expect(terminal, "2 turns");
    terminal_expect(terminal, "fake-model");
    leave(terminal);
}

static void a_refused_answer_goes_away_and_the_next_one_takes_its_place(void **state)
{
    (void)state;
    Cli ann = engineer();
    fake_llm_then(fake, (FakeLlmReply){.text = "{\"answer\": \"It is in `invented`." CITED});
    fake_llm_then(fake, (FakeLlmReply){.held = true,
                                       .piece = 24,
                                       .text = "{\"answer\": \"It is in the `customer`, of course." CITED});
    Terminal *terminal = ask(&ann);
    fake_llm_wait(fake, 2);
    fake_llm_release(fake, 1);
    terminal_expect(terminal, "It is in the");
    assert_null(strstr(terminal_screen(terminal), "invented"));
    fake_llm_release(fake, 1000);
    terminal_expect(terminal, "of course.");
    terminal_expect(terminal, "2 turns");
    leave(terminal);
}

static void control_c_ends_an_answer_and_the_question_can_be_asked_again(void **state)
{
    (void)state;
    Cli ann = engineer();
    fake_llm_then(fake, (FakeLlmReply){.held = true, .text = "{\"answer\": \"In `customer`." CITED});
    Terminal *terminal = ask(&ann);
    terminal_keys(terminal, "C-c", NULL);
    terminal_expect(terminal, "Stopped. The session is kept.");
    terminal_expect(terminal, "ask> where is the customer?");
    fake_llm_forget(fake);
    fake_llm_then(fake, (FakeLlmReply){.text = "{\"answer\": \"In `customer`." CITED});
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "In `customer`.");
    terminal_expect(terminal, "3 turns");
    assert_string_equal(support_sqlite_value(ann.history, "SELECT group_concat(role) FROM session_turns"),
                        "user,user,assistant");
    leave(terminal);
}

static void the_view_says_when_the_built_in_rules_had_to_answer(void **state)
{
    (void)state;
    Cli ann = engineer();
    fake_llm_then(fake, (FakeLlmReply){.text = "{\"answer\": \"It is in `invented`." CITED});
    Terminal *terminal = ask(&ann);
    terminal_expect(terminal, "the model's answer was refused");
    terminal_expect(terminal, "[1] main.customer");
    assert_null(strstr(terminal_screen(terminal), "It is in"));
    leave(terminal);
}

static void a_paid_answer_whose_session_was_deleted_is_shown(void **state)
{
    (void)state;
    Cli ann = engineer();
    fake_llm_then(fake, (FakeLlmReply){.held = true, .text = "{\"answer\": \"In `customer`." CITED});
    Terminal *terminal = ask(&ann);
    cli_ok(&ann, "session delete --yes 1");
    fake_llm_release(fake, 1000);
    terminal_expect(terminal, "Not recorded");
    terminal_expect(terminal, "In `customer`.");
    terminal_expect(terminal, "session 1 was deleted");
    terminal_expect(terminal, "fake-model, 12 + 34 tokens");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "new session");
    leave(terminal);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_answer_is_read_while_it_is_given),
        TEST(a_refused_answer_goes_away_and_the_next_one_takes_its_place),
        TEST(control_c_ends_an_answer_and_the_question_can_be_asked_again),
        TEST(the_view_says_when_the_built_in_rules_had_to_answer),
        TEST(a_paid_answer_whose_session_was_deleted_is_shown),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
