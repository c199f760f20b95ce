/* The commands about language models, as somebody types them. */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "fake_llm.h"
#include "support.h"
#include "text.h"

#define KEY "sk-very-secret-0123456789"

typedef struct Person {
    FakeLlm *fake;
    Cli cli;
} Person;

/* Somebody with one model, whose key is in the environment. */
static int start(void **state)
{
    static Person person;
    person.fake = fake_llm_start();
    person.cli = cli_new("ann",
                         "llm_profile local { base_url = \"%s\" model = llama api_key_env = AMX_TEST_KEY "
                         "price_input = 10 price_output = 20 currency = EUR }\n",
                         fake_llm_url(person.fake));
    cli_set(&person.cli, "AMX_TEST_KEY=" KEY);
    *state = &person;
    return 0;
}

static int stop(void **state)
{
    Person *person = *state;
    fake_llm_stop(person->fake);
    return 0;
}

static void assert_no_key(SupportRun run)
{
    cli_hides(run.out, KEY);
    cli_hides(run.err, KEY);
}

static void a_test_says_who_answers_and_what_it_took(void **state)
{
    Person *person = *state;
    fake_llm_forget(person->fake);
    fake_llm_then(person->fake, (FakeLlmReply){.text = "ready"});
    SupportRun run = cli_ok(&person->cli, "-v llm test");
    cli_shows(run.out, "fake-model");
    cli_shows(run.out, "ready");
    cli_shows(run.err, "local answers: fake-model, 12 + 34 tokens, 0.0008 EUR");
    assert_no_key(run);
    run = cli_ok(&person->cli, "llm test local --json");
    assert_string_equal(cli_json(run.out, "answer"), "ready");
    assert_int_equal(cli_json_number(run.out, "input_tokens"), 12);
    assert_true(cli_json_number(run.out, "latency_ms") >= 0);
    assert_string_equal(cli_json(run.out, "currency"), "EUR");
    assert_no_key(run);
    assert_non_null(strstr(fake_llm_headers(person->fake, 0), "Bearer " KEY));
    cli_hides(fake_llm_body(person->fake, 0), KEY);
}

static void what_a_model_says_reaches_no_terminal_raw(void **state)
{
    Person *person = *state;
    fake_llm_forget(person->fake);
    fake_llm_then(person->fake, (FakeLlmReply){.text = "\x1b]0;title\x07ready\xe2\x80\xae"});
    SupportRun run = cli_ok(&person->cli, "llm test");
    cli_hides(run.out, "\x1b]");
    cli_hides(run.out, "\xe2\x80\xae");
    cli_shows(run.out, "\\x1b]0;title");
}

static void a_failure_says_what_happened_and_exits_as_it_is_documented(void **state)
{
    Person *person = *state;
    fake_llm_forget(person->fake);
    fake_llm_then(person->fake, (FakeLlmReply){.kind = FAKE_LLM_BODY,
                                               .status = 401,
                                               .body = "{\"error\": {\"message\": \"no $AUTHORIZATION\"}}"});
    SupportRun run = cli_expect(&person->cli, 2, "-v llm test");
    cli_shows(run.err, "refuses the key (401): \"no Bearer ***\"");
    cli_shows(run.err, "the key comes from environment variable AMX_TEST_KEY");
    assert_no_key(run);
    fake_llm_then(person->fake, (FakeLlmReply){.kind = FAKE_LLM_SILENT});
    run = cli_expect(&person->cli, 4, "--timeout 1 llm test");
    cli_shows(run.err, "is not done within 1000 ms");
    assert_no_key(run);
    cli_shows(cli_expect(&person->cli, 2, "llm test other").err, "amx llm list");
}

static void a_model_that_is_out_of_reach_or_not_declared_is_told(void **state)
{
    (void)state;
    Cli cli =
        cli_new("dora", "llm_profile away { base_url = 'http://127.0.0.1:1/v1' model = llama retries = 0 }");
    cli_shows(cli_expect(&cli, 3, "llm test").err, "out of reach");
    cli_configure(&cli, "%s", "");
    cli_shows(cli_expect(&cli, 2, "llm test").err, "no language model is configured");
}

static void control_c_ends_it_at_once(void **state)
{
    Person *person = *state;
    fake_llm_forget(person->fake);
    fake_llm_then(person->fake, (FakeLlmReply){.kind = FAKE_LLM_SILENT});
    CliProcess process = cli_start(&person->cli, "llm test");
    fake_llm_wait(person->fake, 1);
    assert_int_equal(kill(process.pid, SIGINT), 0);
    SupportRun run = cli_wait(&process);
    assert_int_equal(run.exit_code, 130);
    cli_shows(run.err, "interrupted while llm_profile local was asked");
    assert_no_key(run);
}

static void the_list_says_where_the_key_comes_from_and_whether_it_is_there(void **state)
{
    (void)state;
    Cli cli =
        cli_new("bob", "active_llm_profile = b\n"
                       "llm_profile a { base_url = 'http://h/v1' model = m api_key_env = AMX_TEST_NO }\n"
                       "llm_profile b { base_url = 'http://h/v1' model = m sends = names }\n"
                       "llm_profile c { base_url = 'https://h/v1' model = m api_key = '" KEY "' }\n");
    SupportRun run = cli_ok(&cli, "llm list --json");
    assert_string_equal(cli_json(run.out, "items.0.key"), "environment variable AMX_TEST_NO (not set)");
    assert_string_equal(cli_json(run.out, "items.0.key_found"), "false");
    assert_string_equal(cli_json(run.out, "items.1.key"), "none");
    assert_string_equal(cli_json(run.out, "items.1.active"), "*");
    assert_string_equal(cli_json(run.out, "items.1.sends"), "names");
    assert_string_equal(cli_json(run.out, "items.2.key"), "amx.conf");
    assert_no_key(run);
    run = cli_expect(&cli, 2, "llm test a");
    cli_shows(run.err, "export AMX_TEST_NO=");
    assert_no_key(cli_ok(&cli, "config show"));
    run = cli_ok(&cli, "config check");
    cli_shows(run.err, "llm_profile c: its key stands in ");
    assert_no_key(run);
    cli_shows(cli_ok(&cli, "config show").out, "***");
}

static void the_list_says_what_ask_and_run_make_of_sends(void **state)
{
    (void)state;
    Cli cli =
        cli_new("eda", "llm_profile a { base_url = 'http://h/v1' model = m }\n"
                       "llm_profile b { base_url = 'http://h/v1' model = m sends = 'names, statistics' }\n"
                       "llm_profile c { base_url = 'http://h/v1' model = m sends = 'names, samples' }\n");
    SupportRun run = cli_ok(&cli, "llm list");
    cli_hides(run.err, "a: ask sends");
    cli_shows(run.err, "b: ask sends names and comments at most; statistics go along with run only");
    cli_shows(
        run.err,
        "c: ask sends names and comments at most; samples, which are values of rows, go along with run only");
}

static void a_key_at_the_wrong_place_is_not_repeated(void **state)
{
    (void)state;
    static const char *const wrong[] = {"base_url = 'http://joe:" KEY "@h/v1?key=" KEY "'",
                                        "base_url = 'http://h/v1' api_key_env = '" KEY "'",
                                        "base_url = 'http://h/v1' api_key = sk-a+" KEY "="};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        Cli cli = cli_new("fay", "llm_profile a { model = m %s }\n", wrong[i]);
        SupportRun run = cli_expect(&cli, 2, "llm list");
        cli_shows(run.err, "amx.conf:1: ");
        assert_no_key(run);
        assert_no_key(cli_expect(&cli, 2, "config check"));
        assert_no_key(cli_expect(&cli, 2, "ask orders --json"));
    }
}

static void a_machine_without_libcurl_can_do_all_else(void **state)
{
    Person *person = *state;
    const char *folder = support_folder();
    support_file(folder, "libcurl.so.4", "no library");
    char *path = text_format("LD_LIBRARY_PATH=%s", folder);
    Cli cli =
        cli_new("cem", "llm_profile local { base_url = \"%s\" model = llama }\n", fake_llm_url(person->fake));
    cli_set(&cli, path);
    cli_ok(&cli, "llm list");
    SupportRun run = cli_expect(&cli, 1, "llm test");
    cli_shows(run.err, "llm_profile local: can't ask a language model");
    cli_shows(run.err, "install libcurl");
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_test_says_who_answers_and_what_it_took),
        cmocka_unit_test(what_a_model_says_reaches_no_terminal_raw),
        cmocka_unit_test(a_failure_says_what_happened_and_exits_as_it_is_documented),
        cmocka_unit_test(a_model_that_is_out_of_reach_or_not_declared_is_told),
        cmocka_unit_test(control_c_ends_it_at_once),
        cmocka_unit_test(the_list_says_where_the_key_comes_from_and_whether_it_is_there),
        cmocka_unit_test(the_list_says_what_ask_and_run_make_of_sends),
        cmocka_unit_test(a_key_at_the_wrong_place_is_not_repeated),
        cmocka_unit_test(a_machine_without_libcurl_can_do_all_else),
    };
    return support_cleanup(cmocka_run_group_tests(tests, start, stop));
}
