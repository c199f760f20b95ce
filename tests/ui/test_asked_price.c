/* A command of the `:` line that asks on the shell asks on the screen, too: what a model costs, what can't be
 * taken back. The answer is No until somebody says Yes. */
#include <string.h>

#include "fake_llm.h"
#include "support_internal.h"
#include "text.h"
#include "workstation.h"

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
    char *conf = text_format("llm_profile local { base_url = '%s' model = llama retries = 0 price_input = 10 "
                             "price_output = 20 currency = EUR }\n",
                             fake_llm_url(fake));
    Cli ann = workstation_new(conf);
    free(conf);
    return ann;
}

static Terminal *run_and_be_asked(const Cli *ann, int columns, int lines)
{
    Terminal *terminal = terminal_start(ann->env, columns, lines, "");
    terminal_expect(terminal, "> Status");
    terminal_command(terminal, "run --drafter llm");
    terminal_expect(terminal, "Let llama");
    terminal_expect(terminal, "EUR?");
    terminal_expect(terminal, "[ No ]");
    assert_int_equal(fake_llm_count(fake), 0);
    return terminal;
}

static const char *runs(const Cli *ann)
{
    return support_sqlite_value(ann->history, "SELECT count(*) FROM run_results");
}

static void a_price_is_asked_about_and_no_asks_nobody(void **state)
{
    static const char *const noes[] = {"Enter", "Escape", "n", "q", "C-c"};
    (void)state;
    Cli ann = engineer();
    for (size_t i = 0; i < sizeof noes / sizeof *noes; i++) {
        Terminal *terminal = run_and_be_asked(&ann, 80, 24);
        terminal_keys(terminal, noes[i], NULL);
        terminal_expect(terminal, "nothing was asked, and nothing drafted");
        terminal_expect_gone(terminal, "[ No ]");
        terminal_leave(terminal);
    }
    assert_int_equal(fake_llm_count(fake), 0);
    assert_string_equal(runs(&ann), "0");
}

static void yes_lets_the_model_draft(void **state)
{
    (void)state;
    Cli ann = engineer();
    Terminal *terminal = run_and_be_asked(&ann, 60, 15);
    terminal_keys(terminal, "Tab", "Enter", NULL);
    fake_llm_wait(fake, 1);
    terminal_expect_gone(terminal, "Let llama");
    terminal_expect(terminal, "3 of 3 drafts"); /* the run is over: nothing is to be stopped */
    terminal_keys(terminal, "P", NULL);
    terminal_expect(terminal, "> Status");
    terminal_leave(terminal);
}

/* The screen goes on while the question stands: it is drawn anew in another size. */
static void the_screen_lives_while_it_is_asked(void **state)
{
    (void)state;
    Cli ann = engineer();
    Terminal *terminal = run_and_be_asked(&ann, 80, 24);
    terminal_resize(terminal, 100, 30);
    terminal_expect(terminal, "Let llama");
    terminal_keys(terminal, "x", NULL); /* no answer */
    terminal_keys(terminal, "n", NULL);
    terminal_expect(terminal, "nothing was asked");
    terminal_leave(terminal);
}

static void what_cant_be_taken_back_is_asked_as_on_the_shell(void **state)
{
    (void)state;
    Cli ann = engineer();
    cli_ok(&ann, "session new --title sesame-opens");
    Terminal *terminal = terminal_start(ann.env, 80, 24, "");
    terminal_expect(terminal, "> Status");
    terminal_command(terminal, "session delete 1");
    terminal_expect(terminal, "Remove session 1 with all its turns");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "session 1 was not removed");
    terminal_command(terminal, "history redact sesame-opens");
    terminal_expect(terminal, "in all that you");
    terminal_keys(terminal, "y", NULL);
    terminal_expect(terminal, "redacted");
    assert_string_equal(support_sqlite_value(ann.history, "SELECT title FROM sessions"), "[redacted]");
    terminal_keys(terminal, "P", NULL);
    terminal_expect(terminal, "> Status");
    terminal_leave(terminal);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_price_is_asked_about_and_no_asks_nobody),
        TEST(yes_lets_the_model_draft),
        TEST(the_screen_lives_while_it_is_asked),
        TEST(what_cant_be_taken_back_is_asked_as_on_the_shell),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
