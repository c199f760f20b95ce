/* run --drafter llm: what it costs is known before, kept within a budget, written down, and not paid twice.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "cli_store.h"
#include "model_shop.h"
#include "terminal.h"
#include "text.h"

static int stop_all(void **state)
{
    terminal_teardown(state);
    return model_shop_stop(state);
}

static void what_costs_something_is_asked_about_first(void **state)
{
    ModelShop *person = *state;
    model_shop_configure(person, MODEL_SHOP_PRICES);
    model_shop_says(person, model_shop_good, NULL);
    SupportRun run = cli_expect(&person->cli, 2, "run --drafter llm");
    cli_shows(run.err, "--yes");
    cli_shows(run.err, "EUR");
    assert_int_equal(fake_llm_count(person->fake), 0);
    run = cli_ok(&person->cli, "run --drafter llm --dry-run --json");
    assert_int_equal(cli_json_number(run.out, "planned"), MODEL_SHOP_OBJECTS);
    assert_true(cli_json_number(run.out, "input_tokens") > 100);
    cli_hides(cli_json(run.out, "cost"), "null");
    assert_int_equal(fake_llm_count(person->fake), 0);
    cli_shows(cli_ok(&person->cli, "history list --json").out, "\"items\": []");
}

static void a_budget_ends_the_run_before_it_is_passed(void **state)
{
    ModelShop *person = *state;
    /* an answer of 1000 tokens at most is 0.02; the first one costs 0.0008 */
    model_shop_configure(person, "max_tokens = 1000 " MODEL_SHOP_PRICES);
    model_shop_says(person, model_shop_good, NULL);
    SupportRun run = cli_expect(&person->cli, 5, "run --drafter llm --budget 0.001 --json");
    assert_int_equal(fake_llm_count(person->fake), 0);
    assert_string_equal(cli_json(run.out, "status"), "cancelled");
    cli_shows(run.err, "7 of 7 are left");
    cli_shows(run.err, "amx run --resume 1 --budget");
    cli_ok(&person->cli, "run --resume 1 --budget 1");
    assert_int_equal(fake_llm_count(person->fake), MODEL_SHOP_TABLES);
    run = cli_expect(&person->cli, 2, "run --budget 1");
    cli_shows(run.err, "built-in drafter asks none");
    model_shop_configure(person, "");
    cli_shows(cli_expect(&person->cli, 2, "run --drafter llm --budget 1").err, "needs prices");
}

static void a_run_that_a_budget_let_draft_nothing_says_what_would(void **state)
{
    ModelShop *person = *state;
    model_shop_configure(person, "max_tokens = 1000 " MODEL_SHOP_PRICES);
    model_shop_says(person, model_shop_good, NULL);
    SupportRun run = cli_expect(&person->cli, 5, "run customer --drafter llm --budget 0.000001");
    cli_shows(run.err, "run 1: 0 drafts");
    cli_hides(run.err, "amx review");
    cli_shows(run.err, "might pass the budget of 0.000001 EUR; spent: 0.0000 EUR; go on with: amx run "
                       "--resume 1 --budget AMOUNT (0.0");
    const char *enough = strstr(run.err, "AMOUNT (") + strlen("AMOUNT (");
    cli_shows(enough, " EUR is enough for the next request)");
    cli_hides(cli_expect(&person->cli, 5, "run customer --drafter llm --budget 2e-5").err, "e-0");
    cli_shows(cli_ok(&person->cli, "run --resume 1 --budget %.6s", enough).err, "next: amx review 1");
}

static void a_budget_is_that_of_the_run_however_often_it_goes_on(void **state)
{
    ModelShop *person = *state;
    /* an answer may cost 1.00; the first one costs 0.034 */
    model_shop_configure(person, "max_tokens = 1000 price_output = 1000 ");
    model_shop_says(person, model_shop_good, NULL);
    cli_expect(&person->cli, 5, "run --drafter llm --budget 1.02");
    assert_int_equal(fake_llm_count(person->fake), 1);
    SupportRun run = cli_expect(&person->cli, 5, "run --resume 1 --budget 1.02");
    assert_int_equal(fake_llm_count(person->fake), 1);
    cli_shows(run.err, "might pass the budget of 1.02 USD; spent: 0.0340 USD; go on");
    cli_ok(&person->cli, "run --resume 1 --budget 1.1");
    assert_int_equal(fake_llm_count(person->fake), MODEL_SHOP_TABLES);
}

/* Who reads the question and hangs up may have answered in full, and want to be paid. */
static void what_broke_off_is_paid_for_out_of_the_budget(void **state)
{
    ModelShop *person = *state;
    /* an answer of 1000 tokens at most is 1.00 */
    model_shop_configure(person, "retries = 3 max_tokens = 1000 price_input = 10 price_output = 1000 ");
    fake_llm_then(person->fake, (FakeLlmReply){.kind = FAKE_LLM_RESET});
    SupportRun run = cli_expect(&person->cli, 5, "run --drafter llm --budget 2.5 --json");
    assert_int_equal(fake_llm_count(person->fake), 2);
    assert_int_equal(cli_json_number(run.out, "requests"), 2);
    assert_true(cli_json_number(run.out, "input_tokens") > 100);
    assert_string_equal(cli_json(run.out, "estimated"), "true");
    assert_true(strtod(cli_json(run.out, "cost"), NULL) > 0);
    cli_shows(run.err, "7 of 7 are left: one more request might pass the budget of 2.5");
    assert_true(cli_json_number(cli_ok(&person->cli, "history show 1 --json").out, "input_tokens") > 100);
}

static void a_request_that_was_refused_costs_nothing(void **state)
{
    static const int statuses[] = {429, 500, 502, 504};
    ModelShop *person = *state;
    model_shop_configure(person, "retries = 1 max_tokens = 1000 price_input = 10 price_output = 1000 ");
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        fake_llm_forget(person->fake);
        fake_llm_then(person->fake, (FakeLlmReply){.kind = FAKE_LLM_BODY,
                                                   .status = statuses[i],
                                                   .headers = "Retry-After: 0\r\n",
                                                   .body = "{\"error\": {\"message\": \"busy\"}}"});
        model_shop_says(person, model_shop_good, NULL);
        SupportRun run = cli_ok(&person->cli, "run customer --all --drafter llm --budget 1.1 --json");
        assert_int_equal(cli_json_number(run.out, "requests"), 2);
        assert_int_equal(cli_json_number(run.out, "input_tokens"), 12);
        assert_string_equal(cli_json(run.out, "estimated"), "false");
    }
}

static void a_cancelled_run_goes_on_and_pays_for_nothing_twice(void **state)
{
    ModelShop *person = *state;
    model_shop_says(person, model_shop_good, NULL);
    fake_llm_then(person->fake, (FakeLlmReply){.kind = FAKE_LLM_SILENT});
    CliProcess process = cli_start(&person->cli, "run --drafter llm");
    fake_llm_wait(person->fake, 2);
    assert_int_equal(kill(process.pid, SIGINT), 0);
    SupportRun run = cli_wait(&process);
    assert_int_equal(run.exit_code, 130);
    cli_shows(run.err, "amx run --resume 1");
    fake_llm_forget(person->fake);
    model_shop_says(person, model_shop_good, NULL);
    run = cli_ok(&person->cli, "run --resume 1 --json");
    assert_int_equal(cli_json_number(run.out, "run"), 1);
    assert_int_equal(cli_json_number(run.out, "drafted"), MODEL_SHOP_OBJECTS - 3);
    assert_int_equal(fake_llm_count(person->fake), 1);
    cli_shows(fake_llm_body(person->fake, 0), "parcel");
    run = cli_ok(&person->cli, "history show 1 --json");
    assert_int_equal(cli_json_number(run.out, "drafted"), MODEL_SHOP_OBJECTS);
    cli_shows(cli_expect(&person->cli, 6, "run --resume 1").err, "did not end early");
    cli_expect(&person->cli, 3 - 1, "run --resume 1 customer");
    cli_shows(cli_expect(&person->cli, 2, "run --resume 77").err, "no run 77");
}

static void a_crash_loses_no_answer_that_was_paid_for(void **state)
{
    ModelShop *person = *state;
    model_shop_says(person, model_shop_good, NULL);
    fake_llm_then(person->fake, (FakeLlmReply){.kind = FAKE_LLM_SILENT});
    CliProcess process = cli_start(&person->cli, "run --drafter llm");
    fake_llm_wait(person->fake, 2);
    assert_int_equal(kill(process.pid, SIGKILL), 0);
    cli_wait(&process);
    fake_llm_forget(person->fake);
    model_shop_says(person, model_shop_good, NULL);
    cli_ok(&person->cli, "run --resume 1");
    assert_int_equal(fake_llm_count(person->fake), 1);
}

static void a_new_run_leaves_out_what_a_model_drafted_and_waits(void **state)
{
    ModelShop *person = *state;
    model_shop_says(person, model_shop_good, NULL);
    cli_ok(&person->cli, "run customer --drafter llm");
    SupportRun run = cli_ok(&person->cli, "-v run --drafter llm --json");
    assert_int_equal(cli_json_number(run.out, "planned"), MODEL_SHOP_OBJECTS - 3);
    assert_int_equal(cli_json_number(run.out, "left_out"), 3);
    cli_shows(run.err, "3 were left out");
    assert_int_equal(fake_llm_count(person->fake), 2);
    run = cli_ok(&person->cli, "-v run --drafter llm");
    cli_shows(run.err, "nothing to do");
    assert_int_equal(fake_llm_count(person->fake), 2);
    cli_ok(&person->cli, "run customer --drafter llm --all");
    assert_int_equal(fake_llm_count(person->fake), 3);
}

static void what_is_left_may_go_to_the_built_in_drafter(void **state)
{
    ModelShop *person = *state;
    /* an answer may cost 1.00; the first one costs 0.034 */
    model_shop_configure(person, "max_tokens = 1000 price_output = 1000 ");
    model_shop_says(person, model_shop_good, NULL);
    cli_expect(&person->cli, 5, "run --drafter llm --budget 1.02");
    assert_int_equal(fake_llm_count(person->fake), 1);
    SupportRun run = cli_ok(&person->cli, "run --resume 1 --drafter builtin --json");
    assert_int_equal(cli_json_number(run.out, "drafted"), MODEL_SHOP_OBJECTS - 3);
    assert_int_equal(fake_llm_count(person->fake), 1);
    model_shop_expect_result(person, 1, "customer", "nm", "\"source\":\"llm:llama\"");
    model_shop_expect_result(person, 1, "parcel", "wgt", "\"source\":\"builtin\"");
}

static void a_person_is_asked_and_may_say_no(void **state)
{
    ModelShop *person = *state;
    model_shop_configure(person, MODEL_SHOP_PRICES);
    model_shop_says(person, model_shop_good, NULL);
    Terminal *terminal = terminal_start(person->cli.env, 100, 20, "run --drafter llm");
    terminal_expect(terminal, "draft 7 tables and columns, for about");
    terminal_expect(terminal, "EUR?");
    terminal_keys(terminal, "n", "Enter", NULL);
    terminal_expect(terminal, "left with 2");
    terminal_stop(terminal);
    assert_int_equal(fake_llm_count(person->fake), 0);
}

/* --- what stands in the run's row --- */

static void expect_cost(const ModelShop *person, const char *input, const char *output, const char *cost)
{
    const char *shown = cli_ok(&person->cli, "history show 1 --json").out;
    assert_string_equal(cli_json(shown, "input_tokens"), input);
    assert_string_equal(cli_json(shown, "output_tokens"), output);
    char *found = text_format("%.4f", strtod(cli_json(shown, "cost"), NULL));
    assert_string_equal(found, cost);
    free(found);
}

static void what_a_run_took_is_kept_in_both_stores(bool file, ModelShop *person)
{
    CliStore store = cli_store_new(file);
    cli_configure(&person->cli,
                  "db_profile shop { backend = sqlite\n path = \"%s\" }\nactive_db_profile = shop\n"
                  "llm_profile local { base_url = \"%s\" model = llama " MODEL_SHOP_PRICES "}\n%s",
                  person->database, fake_llm_url(person->fake), cli_store_conf(&store));
    cli_ok(&person->cli, "db history-store enable");
    model_shop_says(person, model_shop_good, NULL);
    cli_ok(&person->cli, "run --drafter llm --yes");
    cli_ok(&person->cli, "run --drafter builtin --all");
    expect_cost(person, "24", "68", "0.0016");
    cli_shows(cli_ok(&person->cli, "history show 1").out, "24 + 68 tokens, 0.0016 EUR");
    cli_ok(&person->cli, "db history-store flush-pending");
    static const char shared[] = "SELECT input_tokens || ' ' || output_tokens || ' ' || currency || ' ' || "
                                 "(cost > 0.00159 AND cost < 0.00161) FROM @runs WHERE local_id = 1";
    cli_shows(cli_store_value(&store, shared), "24 68 EUR ");
    assert_string_equal(cli_store_value(&store, "SELECT count(*) FROM @runs WHERE local_id = 2 AND "
                                                "input_tokens IS NULL AND output_tokens IS NULL AND cost IS "
                                                "NULL AND currency IS NULL"),
                        "1");
    cli_store_same(&store, &person->cli);
    const char *listed = cli_ok(&person->cli, "history list --team --json").out;
    assert_string_equal(cli_json(listed, "items.1.input_tokens"), "24");
    assert_string_equal(cli_json(listed, "items.0.input_tokens"), "null");
}

static void what_a_run_took_is_kept_with_it_and_shared_through_postgresql(void **state)
{
    what_a_run_took_is_kept_in_both_stores(false, *state);
}

static void what_a_run_took_is_kept_with_it_and_shared_through_a_file(void **state)
{
    what_a_run_took_is_kept_in_both_stores(true, *state);
}

/* The first table is paid for, and the second one is being asked about. */
static void stop_at_second_table(ModelShop *person, int signal)
{
    model_shop_configure(person, MODEL_SHOP_PRICES);
    model_shop_says(person, model_shop_good, NULL);
    fake_llm_then(person->fake, (FakeLlmReply){.kind = FAKE_LLM_SILENT});
    CliProcess process = cli_start(&person->cli, "run --drafter llm --yes");
    fake_llm_wait(person->fake, 2);
    assert_int_equal(kill(process.pid, signal), 0);
    cli_wait(&process);
    fake_llm_forget(person->fake);
    model_shop_says(person, model_shop_good, NULL);
}

static void what_a_killed_run_took_is_known_and_added_up_when_it_goes_on(void **state)
{
    ModelShop *person = *state;
    stop_at_second_table(person, SIGKILL);
    const char *shown = cli_ok(&person->cli, "history show 1 --json").out;
    long long asked =
        cli_json_number(shown, "input_tokens"); /* of the second question about as many as it has */
    double cost = strtod(cli_json(shown, "cost"), NULL);
    assert_true(asked > 12 + 100);
    assert_string_equal(cli_json(shown, "output_tokens"), "34");
    cli_ok(&person->cli, "run --resume 1 --yes");
    assert_int_equal(fake_llm_count(person->fake), 1);
    cli_shows(fake_llm_body(person->fake, 0), "parcel");
    shown = cli_ok(&person->cli, "history show 1 --json").out;
    assert_int_equal(cli_json_number(shown, "input_tokens"), asked + 12);
    assert_string_equal(cli_json(shown, "output_tokens"), "68");
    double more = strtod(cli_json(shown, "cost"), NULL) - cost;
    assert_true(more > 0.00079 && more < 0.00081);
}

static void what_a_cancelled_run_took_is_known(void **state)
{
    ModelShop *person = *state;
    stop_at_second_table(person, SIGINT);
    const char *shown = cli_ok(&person->cli, "history show 1 --json").out;
    assert_string_equal(cli_json(shown, "status"), "cancelled");
    assert_string_equal(cli_json(shown, "output_tokens"), "34");
    assert_true(cli_json_number(shown, "input_tokens") > 12); /* the second question was sent, too */
}

static void amounts_of_two_currencies_are_not_added_up(void **state)
{
    ModelShop *person = *state;
    stop_at_second_table(person, SIGKILL);
    const char *cost = cli_json(cli_ok(&person->cli, "history show 1 --json").out, "cost");
    model_shop_configure(person, "price_input = 10 currency = USD ");
    SupportRun run = cli_expect(&person->cli, 6, "run --resume 1 --yes");
    cli_shows(run.err, "EUR so far, and llm_profile local counts in USD");
    assert_int_equal(fake_llm_count(person->fake), 0);
    model_shop_configure(person, "");
    cli_ok(&person->cli, "run --resume 1"); /* what is free adds nothing */
    assert_string_equal(cli_json(cli_ok(&person->cli, "history show 1 --json").out, "cost"), cost);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, model_shop_start, model_shop_stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_a_run_took_is_kept_with_it_and_shared_through_postgresql),
        TEST(what_a_run_took_is_kept_with_it_and_shared_through_a_file),
        TEST(what_a_killed_run_took_is_known_and_added_up_when_it_goes_on),
        TEST(what_a_cancelled_run_took_is_known),
        TEST(amounts_of_two_currencies_are_not_added_up),
        TEST(what_costs_something_is_asked_about_first),
        TEST(a_budget_ends_the_run_before_it_is_passed),
        TEST(a_run_that_a_budget_let_draft_nothing_says_what_would),
        TEST(a_budget_is_that_of_the_run_however_often_it_goes_on),
        TEST(what_broke_off_is_paid_for_out_of_the_budget),
        TEST(a_request_that_was_refused_costs_nothing),
        TEST(a_cancelled_run_goes_on_and_pays_for_nothing_twice),
        TEST(a_crash_loses_no_answer_that_was_paid_for),
        TEST(a_new_run_leaves_out_what_a_model_drafted_and_waits),
        TEST(what_is_left_may_go_to_the_built_in_drafter),
        cmocka_unit_test_setup_teardown(a_person_is_asked_and_may_say_no, model_shop_start, stop_all),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
