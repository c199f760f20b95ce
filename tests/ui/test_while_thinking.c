/* A model may think for minutes, and draft for hours: everything else on the screen goes on meanwhile, and ^C
 * ends what the shown tab asked for. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake_llm.h"
#include "support_internal.h"
#include "text.h"
#include "workstation.h"

static FakeLlm *fake;

static int start(void **state)
{
    (void)state;
    fake = fake_llm_start();
    fake_llm_then(fake, (FakeLlmReply){.kind = FAKE_LLM_SILENT});
    return 0;
}

static int stop(void **state)
{
    fake_llm_stop(fake);
    return terminal_teardown(state);
}

/* Ann, whose run 1 has drafts, with a model that was asked and says nothing. */
static Cli engineer(void)
{
    char *conf = text_format("llm_profile local { base_url = '%s' model = llama retries = 0 }\n"
                             "db_profile other { backend = sqlite path = '/nonexistent/other.db' }\n",
                             fake_llm_url(fake));
    Cli ann = workstation_new(conf);
    free(conf);
    cli_ok(&ann, "run");
    return ann;
}

static Terminal *ask(const Cli *ann, int columns, int lines)
{
    Terminal *terminal = terminal_start(ann->env, columns, lines, "");
    terminal_expect(terminal, "> Status");
    terminal_command(terminal, "ask where is the customer?");
    terminal_expect(terminal, "Ask]");
    fake_llm_wait(fake, 1);
    terminal_expect(terminal, "^C stops");
    return terminal;
}

/* From the picker, while a model is at work. */
static void leave_all_the_same(Terminal *terminal)
{
    terminal_expect(terminal, "> Status");
    terminal_keys(terminal, "q", NULL);
    terminal_expect(terminal, "Stop it and leave?");
    terminal_keys(terminal, "y", NULL);
    terminal_expect_end(terminal);
}

static void leave(Terminal *terminal)
{
    terminal_keys(terminal, "Escape", NULL);
    terminal_expect(terminal, "> Status");
    terminal_leave(terminal);
}

static void another_session_is_begun_while_a_model_thinks(void **state)
{
    (void)state;
    Cli ann = engineer();
    Terminal *terminal = ask(&ann, 80, 24);
    terminal_keys(terminal, "C-n", NULL);
    terminal_expect(terminal, "session 2 is active under profile shop");
    terminal_expect(terminal, "is under way: ^C stops it.");
    terminal_expect(terminal, "Enter send, once this is answered");
    terminal_expect(terminal, "..  ^C stops");
    terminal_keys(terminal, "C-c", NULL);
    terminal_expect(terminal, "Stopped. The session is kept.");
    terminal_expect_gone(terminal, "^C stops");
    terminal_expect_gone(terminal, "once this is answered");
    leave(terminal);
}

static void a_profile_is_chosen_and_a_session_ended_while_a_model_thinks(void **state)
{
    (void)state;
    Cli ann = engineer();
    Terminal *terminal = ask(&ann, 60, 15);
    terminal_command(terminal, "session end 1");
    terminal_expect(terminal, "session 1 is ended");
    terminal_command(terminal, "db use other");
    terminal_expect(terminal, "Ask  other");
    terminal_keys(terminal, "C-c", NULL);
    terminal_expect_gone(terminal, "^C stops");
    leave(terminal);
}

static void a_review_goes_on_while_a_model_thinks(void **state)
{
    (void)state;
    Cli ann = engineer();
    Terminal *terminal = ask(&ann, 80, 24);
    terminal_command(terminal, "review 1");
    terminal_expect(terminal, "Review 1  1/");
    terminal_keys(terminal, "1", NULL);
    terminal_expect(terminal, "1 accepted");
    assert_string_equal(support_sqlite_value(ann.history, "SELECT evaluation FROM run_results "
                                                          "WHERE local_id = 1"),
                        "accepted");
    terminal_keys(terminal, "P", NULL);
    leave_all_the_same(terminal);
}

static void a_question_is_answered_while_a_model_drafts(void **state)
{
    (void)state;
    Cli ann = engineer();
    Terminal *terminal = terminal_start(ann.env, 80, 24, "");
    terminal_expect(terminal, "> Status");
    terminal_command(terminal, "run --all --drafter llm");
    fake_llm_wait(fake, 1);
    terminal_command(terminal, "ask --model builtin where is the customer?");
    terminal_expect(terminal, "[1] main.customer");
    terminal_expect(terminal, "^C stops"); /* the run */
    terminal_keys(terminal, "Escape", NULL);
    leave_all_the_same(terminal);
    assert_string_equal(support_sqlite_value(ann.history, "SELECT status FROM runs WHERE local_id = 2"),
                        "cancelled");
}

static void control_c_ends_what_the_shown_tab_asked_for(void **state)
{
    (void)state;
    Cli ann = engineer();
    Terminal *terminal = terminal_start(ann.env, 80, 24, "");
    terminal_expect(terminal, "> Status");
    terminal_command(terminal, "run --all --drafter llm");
    fake_llm_wait(fake, 1);
    terminal_command(terminal, "ask where is the customer?");
    fake_llm_wait(fake, 2);
    terminal_expect(terminal, "1 more runs");
    terminal_keys(terminal, "C-c", NULL);
    terminal_expect(terminal, "Stopped. The session is kept.");
    terminal_expect_gone(terminal, "1 more runs");
    assert_string_equal(support_sqlite_value(ann.history, "SELECT status FROM runs WHERE local_id = 2"),
                        "running");
    terminal_expect(terminal, "^C stops");
    /* once more, it is about what another tab asked for: named, before it is stopped */
    terminal_keys(terminal, "C-c", NULL);
    terminal_expect(terminal, "Stop it?");
    terminal_expect(terminal, "run --all --drafter llm was asked for in another tab");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect_gone(terminal, "Stop it?");
    assert_string_equal(support_sqlite_value(ann.history, "SELECT status FROM runs WHERE local_id = 2"),
                        "running");
    terminal_keys(terminal, "C-c", NULL);
    terminal_expect(terminal, "Stop it?");
    terminal_keys(terminal, "y", NULL);
    terminal_expect_gone(terminal, "^C stops");
    leave(terminal);
    assert_string_equal(support_sqlite_value(ann.history, "SELECT status FROM runs WHERE local_id = 2"),
                        "cancelled");
}

static void escape_in_a_form_ends_what_the_form_asked_for(void **state)
{
    (void)state;
    int port = 0;
    int server = support_mute_server(&port);
    Cli ann = engineer();
    char *team =
        text_format("    backend = postgresql\n    conninfo = \"host=127.0.0.1 port=%d dbname=x user=x "
                    "sslmode=disable gssencmode=disable\"\n",
                    port);
    char *model =
        text_format("llm_profile local { base_url = '%s' model = llama retries = 0 }\n", fake_llm_url(fake));
    workstation_configure(&ann, team, model);
    Terminal *terminal = terminal_start(ann.env, 80, 24, "");
    terminal_expect(terminal, "> Status");
    terminal_command(terminal, "run --all --drafter llm");
    fake_llm_wait(fake, 1);
    terminal_keys(terminal, "e", "Enter", NULL);
    terminal_expect(terminal, "Enable shared history");
    terminal_keys(terminal, "C-u", NULL);
    terminal_type(terminal, "team");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "1 more runs");
    terminal_keys(terminal, "Escape", NULL);
    terminal_expect(terminal, "interrupted");
    assert_string_equal(support_sqlite_value(ann.history, "SELECT status FROM runs WHERE local_id = 2"),
                        "running");
    terminal_keys(terminal, "Escape", NULL);
    terminal_expect_gone(terminal, "Enable shared history");
    terminal_keys(terminal, "q", NULL);
    terminal_expect(terminal, "Stop it and leave?");
    terminal_keys(terminal, "y", NULL);
    terminal_expect_end(terminal);
    free(model);
    free(team);
    close(server);
}

/* A person who means to leave the field reads what Esc is for now, and what it has done. */
static void escape_says_that_it_stops_before_it_leads_back(void **state)
{
    (void)state;
    Cli ann = engineer();
    Terminal *terminal = ask(&ann, 80, 24);
    terminal_expect(terminal, " Esc stop ");
    assert_null(strstr(terminal_screen(terminal), "Esc back"));
    terminal_keys(terminal, "Escape", NULL);
    terminal_expect(terminal, "Stopped. The session is kept. Esc leads back.");
    terminal_expect(terminal, " Esc back ");
    terminal_keys(terminal, "Escape", NULL);
    terminal_expect(terminal, "> Status");
    terminal_expect(terminal, "q/Esc leave");
    fake_llm_forget(fake);
    fake_llm_then(fake, (FakeLlmReply){.kind = FAKE_LLM_SILENT});
    terminal_command(terminal, "run --all --drafter llm");
    fake_llm_wait(fake, 1);
    terminal_expect(terminal, " Esc stop ");
    assert_null(strstr(terminal_screen(terminal), "q/Esc"));
    terminal_keys(terminal, "R", NULL); /* nobody asked for it there */
    terminal_expect(terminal, "q/Esc back");
    terminal_keys(terminal, "P", NULL);
    terminal_expect(terminal, " Esc stop ");
    terminal_keys(terminal, "Escape", NULL);
    terminal_expect(terminal, "q/Esc leave");
    terminal_leave(terminal);
}

static void leaving_ends_a_model_that_thinks(void **state)
{
    (void)state;
    Cli ann = engineer();
    Terminal *terminal = ask(&ann, 80, 24);
    terminal_command(terminal, "q");
    terminal_expect_end(terminal);
    assert_string_equal(support_sqlite_value(ann.history, "SELECT group_concat(role) FROM session_turns"),
                        "user");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(another_session_is_begun_while_a_model_thinks),
        TEST(a_profile_is_chosen_and_a_session_ended_while_a_model_thinks),
        TEST(a_review_goes_on_while_a_model_thinks),
        TEST(a_question_is_answered_while_a_model_drafts),
        TEST(control_c_ends_what_the_shown_tab_asked_for),
        TEST(escape_in_a_form_ends_what_the_form_asked_for),
        TEST(escape_says_that_it_stops_before_it_leads_back),
        TEST(leaving_ends_a_model_that_thinks),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
