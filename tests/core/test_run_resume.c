/* run --resume with a language model: what is told goes where the run began to send it, and no further. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "model_shop.h"
#include "text.h"

typedef struct TwoModels {
    ModelShop *person; /* its model is the profile inhouse, with which runs begin */
    FakeLlm *cloud;    /* the other one, which is the usual one */
} TwoModels;

static int start(void **state)
{
    TwoModels *two = calloc(1, sizeof *two);
    void *shop;
    assert_non_null(two);
    model_shop_start(&shop);
    two->person = shop;
    two->cloud = fake_llm_start();
    *state = two;
    return 0;
}

static int stop(void **state)
{
    TwoModels *two = *state;
    void *shop = two->person;
    fake_llm_stop(two->cloud);
    free(two);
    return model_shop_stop(&shop);
}

#define CONF                                                                                                 \
    "db_profile shop { backend = sqlite\n path = \"%s\" }\nactive_llm_profile = cloud\n"                     \
    "llm_profile cloud { base_url = \"%s\" model = %s sends = 'names, comments, statistics' }\n"

/* "" leaves the profile inhouse out. */
static void configure(const TwoModels *two, const char *inhouse_url, const char *options)
{
    const ModelShop *person = two->person;
    if (!*inhouse_url) {
        cli_configure(&person->cli, CONF, person->database, fake_llm_url(two->cloud), "llama");
        return;
    }
    cli_configure(&person->cli, CONF "llm_profile inhouse { base_url = \"%s\" retries = 0 %s }\n",
                  person->database, fake_llm_url(two->cloud), "llama", inhouse_url, options);
}

/* A command is cancelled when `fake` was asked that often. */
static void cancel(const TwoModels *two, FakeLlm *fake, int requests, const char *command)
{
    fake_llm_then(fake, (FakeLlmReply){.kind = FAKE_LLM_SILENT});
    CliProcess process = cli_start(&two->person->cli, "%s", command);
    fake_llm_wait(fake, requests);
    assert_int_equal(kill(process.pid, SIGINT), 0);
    assert_int_equal(cli_wait(&process).exit_code, 130);
    fake_llm_forget(fake);
    fake_llm_then(fake, (FakeLlmReply){.compose = model_shop_good});
}

/* The next run is cancelled when the second table is being asked about. */
static void begin_run_by(const TwoModels *two, const char *command)
{
    FakeLlm *inhouse = two->person->fake;
    configure(two, fake_llm_url(inhouse), "model = llama sends = names");
    fake_llm_forget(inhouse);
    fake_llm_then(inhouse, (FakeLlmReply){.compose = model_shop_good});
    cancel(two, inhouse, 2, command);
    fake_llm_then(two->cloud, (FakeLlmReply){.compose = model_shop_good});
}

static void begin_run(const TwoModels *two)
{
    begin_run_by(two, "run --drafter llm:inhouse");
}

static void a_run_goes_on_with_the_profile_it_began_with(void **state)
{
    const TwoModels *two = *state;
    begin_run(two);
    SupportRun run = cli_ok(&two->person->cli, "run --resume 1 --all --json");
    assert_int_equal(cli_json_number(run.out, "by_model"), MODEL_SHOP_OBJECTS - 3);
    assert_int_equal(fake_llm_count(two->person->fake), 1);
    assert_int_equal(fake_llm_count(two->cloud), 0);
}

static void expect_refusal(const TwoModels *two, int code, const char *why)
{
    SupportRun run = cli_expect(&two->person->cli, code, "run --resume 1 --all");
    cli_shows(run.err, why);
    cli_shows(run.err, "--drafter");
    assert_int_equal(fake_llm_count(two->person->fake), 0);
    assert_int_equal(fake_llm_count(two->cloud), 0);
}

static void a_run_does_not_go_on_with_a_profile_that_is_another_one_by_now(void **state)
{
    const TwoModels *two = *state;
    const char *url = fake_llm_url(two->person->fake);
    begin_run(two);
    configure(two, "", "");
    expect_refusal(two, 2, "asked llm_profile inhouse, and there is none of that name");
    configure(two, fake_llm_url(two->cloud), "model = llama sends = names");
    expect_refusal(two, 6, "was sent to http://127.0.0.1");
    configure(two, url, "model = mistral sends = names");
    expect_refusal(two, 6, "asked model llama, and llm_profile inhouse has mistral by now");
    configure(two, url, "model = llama sends = 'names, comments'");
    expect_refusal(two, 6, "llm_profile inhouse sends more than it did");
    cli_ok(&two->person->cli, "run --resume 1 --drafter llm:inhouse"); /* who says so may */
    assert_int_equal(fake_llm_count(two->person->fake), 1);
    assert_int_equal(fake_llm_count(two->cloud), 0);
}

static void a_run_may_go_on_with_a_profile_that_sends_less(void **state)
{
    const TwoModels *two = *state;
    ModelShop *person = two->person;
    configure(two, fake_llm_url(person->fake), "model = llama sends = 'names, comments'");
    fake_llm_then(person->fake, (FakeLlmReply){.kind = FAKE_LLM_SILENT});
    CliProcess process = cli_start(&person->cli, "run --drafter llm:inhouse");
    fake_llm_wait(person->fake, 1);
    assert_int_equal(kill(process.pid, SIGKILL), 0);
    cli_wait(&process);
    fake_llm_forget(person->fake);
    model_shop_says(person, model_shop_good, NULL);
    configure(two, fake_llm_url(person->fake), "model = llama sends = names");
    cli_ok(&person->cli, "run --resume 1");
    assert_int_equal(fake_llm_count(person->fake), MODEL_SHOP_TABLES);
}

static void comment_all(const TwoModels *two)
{
    support_sqlite(
        two->person->database,
        "CREATE TABLE amx_comments(table_name TEXT, column_name TEXT, comment TEXT, updated_at TEXT);"
        "INSERT INTO amx_comments VALUES ('customer', 'nm', 'One.', ''), ('parcel', 'wgt', 'Two.', ''), "
        "('parcel', '', 'Three.', '')");
}

static void a_run_that_was_to_draft_all_goes_on_with_all(void **state)
{
    const TwoModels *two = *state;
    comment_all(two);
    begin_run_by(two, "run --all --drafter llm:inhouse");
    SupportRun run = cli_ok(&two->person->cli, "run --resume 1 --json");
    assert_int_equal(cli_json_number(run.out, "by_model"), MODEL_SHOP_OBJECTS - 3);
    cli_shows(cli_expect(&two->person->cli, 6, "run --resume 1").err, "did not end early");
}

static void a_run_goes_on_with_less_where_that_is_said(void **state)
{
    const TwoModels *two = *state;
    comment_all(two);
    begin_run_by(two, "run --all --drafter llm:inhouse");
    SupportRun run = cli_ok(&two->person->cli, "run --resume 1 --missing-only --json");
    assert_int_equal(cli_json_number(run.out, "by_model"), MODEL_SHOP_OBJECTS - 3 - 2);
}

static void a_run_goes_on_with_the_profile_that_was_named_last(void **state)
{
    const TwoModels *two = *state;
    begin_run(two);
    fake_llm_forget(two->cloud);
    cancel(two, two->cloud, 1, "run --resume 1 --all --drafter llm:cloud");
    cli_ok(&two->person->cli, "run --resume 1 --all");
    assert_int_equal(fake_llm_count(two->cloud), 1);
    assert_int_equal(fake_llm_count(two->person->fake), 0);
}

static void local_only_does_not_go_on_with_a_run_that_may_be_shared(void **state)
{
    const TwoModels *two = *state;
    const Cli *cli = &two->person->cli;
    begin_run(two);
    SupportRun run = cli_expect(cli, 6, "--local-only run --resume 1");
    cli_shows(run.err, "run 1 may be shared");
    cli_shows(run.err, "leave out --resume");
    assert_int_equal(fake_llm_count(two->person->fake), 0);
    assert_string_equal(cli_json(cli_ok(cli, "history show 1 --json").out, "status"), "cancelled");
    begin_run_by(two, "--local-only run --all --drafter llm:inhouse");
    cli_ok(cli, "--local-only run --resume 2");
    assert_int_equal(fake_llm_count(two->person->fake), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_run_goes_on_with_the_profile_it_began_with),
        TEST(a_run_does_not_go_on_with_a_profile_that_is_another_one_by_now),
        TEST(a_run_that_was_to_draft_all_goes_on_with_all),
        TEST(a_run_goes_on_with_less_where_that_is_said),
        TEST(a_run_may_go_on_with_a_profile_that_sends_less),
        TEST(a_run_goes_on_with_the_profile_that_was_named_last),
        TEST(local_only_does_not_go_on_with_a_run_that_may_be_shared),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
