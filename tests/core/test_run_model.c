/* run --drafter llm: what a model says becomes drafts, or the built-in drafter stands in. */
#include <stdio.h>
#include <string.h>

#include "memory.h"
#include "model_shop.h"
#include "support_internal.h"
#include "text.h"

static char *two_each(void *context, const char *body)
{
    (void)context;
    return model_shop_answer(body, 2, NULL, NULL);
}

/* `context`: what column nm gets, as JSON; NULL: nothing. */
static char *bad_nm(void *context, const char *body)
{
    return model_shop_answer(body, 1, "nm", context ? json_loads(context, JSON_DECODE_ANY, NULL) : NULL);
}

/* Another column in place of nm. */
static char *invented(void *context, const char *body)
{
    char *text = model_shop_answer(body, 1, "nm", NULL);
    json_t *root = json_loads(text, 0, NULL);
    (void)context;
    free(text);
    json_object_set_new(json_object_get(root, "columns"), "shoe_size", json_pack("[s]", "Size of a shoe."));
    text = json_dumps(root, 0);
    json_decref(root);
    return text;
}

/* Thousands of columns that nobody asked for, and none that was. */
static char *much_invented(void *context, const char *body)
{
    json_t *columns = json_object();
    (void)context;
    (void)body;
    for (int i = 0; i < 20000; i++) {
        char name[40];
        snprintf(name, sizeof name, "invented_column_%d", i);
        json_object_set_new(columns, name, json_string("What it is."));
    }
    json_t *root = json_pack("{s:o}", "columns", columns);
    char *text = json_dumps(root, 0);
    json_decref(root);
    return text;
}

static char *another_table(void *context, const char *body)
{
    (void)context;
    (void)body;
    return memory_string("{\"table\": \"payroll\", \"columns\": {\"nm\": [\"Salary of a person.\"]}}");
}

static void a_model_drafts_every_table_with_one_request(void **state)
{
    ModelShop *person = *state;
    model_shop_configure(person, MODEL_SHOP_PRICES);
    model_shop_says(person, model_shop_good, NULL);
    SupportRun run = cli_ok(&person->cli, "-v run --drafter llm --yes --json");
    assert_int_equal(cli_json_number(run.out, "drafted"), MODEL_SHOP_OBJECTS);
    assert_int_equal(cli_json_number(run.out, "by_model"), MODEL_SHOP_OBJECTS);
    assert_int_equal(cli_json_number(run.out, "high"), 0);
    assert_int_equal(cli_json_number(run.out, "input_tokens"), 12 * MODEL_SHOP_TABLES);
    assert_int_equal(cli_json_number(run.out, "output_tokens"), 34 * MODEL_SHOP_TABLES);
    assert_string_equal(cli_json(run.out, "currency"), "EUR");
    assert_string_equal(cli_json(run.out, "drafter"), "llm:llama");
    cli_shows(run.err, "2 requests, 24 + 68 tokens, 0.0016 EUR");
    assert_int_equal(fake_llm_count(person->fake), MODEL_SHOP_TABLES);
    model_shop_expect_result(person, 1, "customer", "nm", "\"source\":\"llm:llama\"");
    model_shop_expect_result(person, 1, "customer", "nm", "model fake-model (llm_profile local)");
    model_shop_expect_result(person, 1, "customer", "nm", "Says what nm means");
    model_shop_expect_no_key(person, run);
}

static void alternatives_are_as_many_as_asked_for(void **state)
{
    ModelShop *person = *state;
    model_shop_says(person, two_each, NULL);
    cli_ok(&person->cli, "run customer --drafter llm --alternatives 2");
    model_shop_expect_result(person, 1, "customer", "nm", "no. 2.");
    cli_shows(fake_llm_body(person->fake, 0), "2 descriptions");
    cli_shows(cli_expect(&person->cli, 2, "run --drafter llm --alternatives 4").err, "from 1 to 3");
}

/* What one request asked for. */
static char *asked_for(ModelShop *person, int number)
{
    json_t *data = model_shop_data(fake_llm_body(person->fake, number));
    char *asked = json_dumps(json_object_get(data, "asked"), JSON_COMPACT);
    json_decref(data);
    return support_keep(asked);
}

static void what_can_not_be_used_is_asked_for_once_more(void **state)
{
    ModelShop *person = *state;
    model_shop_says(person, bad_nm, "[\"References table `clients`.\"]");
    model_shop_says(person, model_shop_good, NULL);
    SupportRun run = cli_ok(&person->cli, "run customer --drafter llm --json");
    assert_int_equal(cli_json_number(run.out, "by_model"), 3);
    assert_int_equal(fake_llm_count(person->fake), 2);
    cli_shows(fake_llm_body(person->fake, 1), "not exist: clients");
    cli_shows(fake_llm_body(person->fake, 1), "refused_before");
    assert_string_equal(asked_for(person, 1), "{\"description\":false,\"columns\":[\"nm\"]}");
    cli_hides(cli_ok(&person->cli, "history drafts 1 --json").out, "clients");
}

/* All that was asked for, in words of its own. */
static json_t *other_answer(const char *body)
{
    char *good = model_shop_good(NULL, body);
    json_t *root = json_loads(good, 0, NULL);
    free(good);
    json_object_set_new(json_object_get(root, "columns"), "nm", json_pack("[s]", "A guess at a name."));
    return root;
}

static char *written(json_t *root)
{
    char *text = json_dumps(root, 0);
    json_decref(root);
    return text;
}

/* `context`: a column that is there, or not. */
static char *more_than_asked(void *context, const char *body)
{
    json_t *root = other_answer(body);
    json_object_set_new(json_object_get(root, "columns"), context, json_integer(1));
    return written(root);
}

static void an_answer_that_makes_up_a_column_is_refused_and_asked_for_once_more(void **state)
{
    ModelShop *person = *state;
    model_shop_says(person, more_than_asked, "shoe_size");
    model_shop_says(person, model_shop_good, NULL);
    SupportRun run = cli_ok(&person->cli, "run customer --drafter llm --json");
    assert_int_equal(cli_json_number(run.out, "by_model"), 3);
    assert_int_equal(fake_llm_count(person->fake), 2);
    cli_shows(fake_llm_body(person->fake, 1), "column \\\\\\\"shoe_size\\\\\\\" was not asked for");
    assert_string_equal(asked_for(person, 1), asked_for(person, 0));
    SupportRun drafts = cli_ok(&person->cli, "history drafts 1 --json");
    cli_hides(drafts.out, "shoe");
    cli_hides(drafts.out, "A guess");
    cli_hides(run.err, "left out");
}

static void a_model_that_makes_up_columns_again_is_left_what_was_asked(void **state)
{
    ModelShop *person = *state;
    model_shop_says(person, more_than_asked, "shoe_size");
    SupportRun run = cli_ok(&person->cli, "run customer --drafter llm --json");
    assert_int_equal(cli_json_number(run.out, "by_model"), 3);
    assert_int_equal(fake_llm_count(person->fake), 2);
    cli_shows(run.err, "1 column that nobody asked for was left out of what llama said: "
                       "main.customer.shoe_size");
}

static void texts_beside_a_made_up_column_are_kept_when_there_are_no_others(void **state)
{
    ModelShop *person = *state;
    model_shop_says(person, more_than_asked, "shoe_size");
    fake_llm_then(person->fake, (FakeLlmReply){.text = "I would rather tell a joke."});
    SupportRun run = cli_ok(&person->cli, "run customer --drafter llm --json");
    assert_int_equal(cli_json_number(run.out, "by_model"), 3);
    assert_int_equal(fake_llm_count(person->fake), 2);
    model_shop_expect_result(person, 1, "customer", "nm", "A guess at a name.");
    fake_llm_forget(person->fake);
    model_shop_says(person, more_than_asked, "shoe_size");
    fake_llm_then(person->fake, (FakeLlmReply){.kind = FAKE_LLM_BODY, .status = 400, .body = "no"});
    run = cli_ok(&person->cli, "run customer --all --drafter llm --json");
    assert_int_equal(cli_json_number(run.out, "by_model"), 3);
    assert_int_equal(fake_llm_count(person->fake), 2);
}

static void a_column_that_is_there_and_was_not_asked_for_costs_no_second_request(void **state)
{
    ModelShop *person = *state;
    model_shop_says(person, more_than_asked, "id");
    SupportRun run = cli_ok(&person->cli, "run customer.nm --drafter llm --json");
    assert_int_equal(cli_json_number(run.out, "by_model"), 1);
    assert_int_equal(fake_llm_count(person->fake), 1);
    cli_shows(run.err, "1 column that nobody asked for was left out of what llama said: main.customer.id");
}

static void names_that_are_there_may_stand_in_a_text(void **state)
{
    ModelShop *person = *state;
    model_shop_says(
        person, bad_nm,
        "[\"Name of the customer, to whom parcel.customer_id of table parcel leads (one_to_many); "
        "`id` and `nm` are all that the customer table has, which is a lookup table.\"]");
    SupportRun run = cli_ok(&person->cli, "run customer --drafter llm --json");
    assert_int_equal(cli_json_number(run.out, "by_model"), 3);
    assert_int_equal(fake_llm_count(person->fake), 1);
}

/* Whatever is wrong twice: the built-in drafter's text stands in, for that one alone, and says why. */
static void expect_stand_in(ModelShop *person, char *(*compose)(void *, const char *), const char *by,
                            const char *why)
{
    fake_llm_forget(person->fake);
    model_shop_says(person, compose, (void *)by);
    SupportRun run = cli_ok(&person->cli, "run customer --drafter llm --all --json");
    int id = (int)cli_json_number(run.out, "run");
    assert_int_equal(fake_llm_count(person->fake), 2);
    assert_int_equal(cli_json_number(run.out, "drafted"), 3);
    assert_int_equal(cli_json_number(run.out, "by_builtin"), 1);
    cli_shows(run.err, "1 of 3 drafts is the built-in drafter's");
    cli_shows(run.err, why);
    model_shop_expect_result(person, id, "customer", "nm", "\"source\":\"builtin\"");
    model_shop_expect_result(person, id, "customer", "nm", why);
    model_shop_expect_result(person, id, "customer", "id", "\"source\":\"llm:llama\"");
    model_shop_expect_no_key(person, run);
}

static void a_text_that_can_not_be_used_leaves_the_built_in_one(void **state)
{
    ModelShop *person = *state;
    Text longer = {0};
    text_add(&longer, "[\"");
    for (int i = 0; i < 101; i++) {
        text_add(&longer, "much words ");
    }
    text_add(&longer, "\"]");
    expect_stand_in(person, bad_nm, NULL, "it was missing");
    expect_stand_in(person, invented, NULL, "it was missing");
    expect_stand_in(person, bad_nm, "[]", "it was empty");
    expect_stand_in(person, bad_nm, "[\"  \"]", "it was empty");
    expect_stand_in(person, bad_nm, "[7]", "it was no text");
    expect_stand_in(person, bad_nm, "[\"Name \\u001b]0;x\\u0007 of it.\"]", "control characters");
    expect_stand_in(person, bad_nm, "[\"Name \\u202e of it.\"]", "control characters");
    expect_stand_in(person, bad_nm, "[\"The NM.\"]", "only repeated the name");
    expect_stand_in(person, bad_nm, "[\"nm column\"]", "only repeated the name");
    expect_stand_in(person, bad_nm, "[\"References shipments.parcel_id in table `clients`.\"]",
                    "names what does not exist: shipments.parcel_id, clients");
    expect_stand_in(person, bad_nm, "[\"What it is called in table clients.\"]", "not exist: clients");
    expect_stand_in(person, bad_nm, "[\"Taken from crm_contacts.\"]", "not exist: crm_contacts");
    expect_stand_in(person, bad_nm, text_string(&longer), "longer than 1000 characters");
    text_free(&longer);
}

static void an_answer_that_is_none_leaves_all_to_the_built_in_drafter(void **state)
{
    ModelShop *person = *state;
    fake_llm_then(person->fake, (FakeLlmReply){.text = "I would rather tell a joke."});
    SupportRun run = cli_ok(&person->cli, "run customer --drafter llm --json");
    assert_int_equal(cli_json_number(run.out, "by_builtin"), 3);
    cli_shows(run.err, "no JSON object");
    assert_int_equal(fake_llm_count(person->fake), 2);
    fake_llm_forget(person->fake);
    model_shop_says(person, another_table, NULL);
    run = cli_ok(&person->cli, "run customer --drafter llm --json");
    assert_int_equal(cli_json_number(run.out, "by_builtin"), 3);
    cli_shows(fake_llm_body(person->fake, 1), "payroll");
    cli_hides(cli_ok(&person->cli, "history drafts 2 --json").out, "Salary");
}

static void json_between_words_and_fences_is_understood(void **state)
{
    ModelShop *person = *state;
    fake_llm_then(person->fake,
                  (FakeLlmReply){.text = "Sure!\n```json\n{\"columns\": {\"nm\": \"What people call the "
                                         "customer.\"}}\n```"});
    cli_ok(&person->cli, "run customer.nm --drafter llm");
    model_shop_expect_result(person, 1, "customer", "nm", "What people call the customer.");
}

static void what_a_model_invents_comes_back_to_it_within_limits(void **state)
{
    ModelShop *person = *state;
    fake_llm_then(person->fake, (FakeLlmReply){.compose = much_invented, .piece = 1000});
    cli_ok(&person->cli, "run customer --drafter llm");
    assert_int_equal(fake_llm_count(person->fake), 2);
    cli_shows(fake_llm_body(person->fake, 1), "invented_column_0");
    cli_shows(fake_llm_body(person->fake, 1), "and 19994 more");
    assert_true(strlen(fake_llm_body(person->fake, 1)) < strlen(fake_llm_body(person->fake, 0)) + 2000);
}

static void what_would_not_fit_is_not_asked_for_once_more(void **state)
{
    ModelShop *person = *state;
    /* the least that a profile may have, which the first request fills already */
    model_shop_configure(person, "context_tokens = 1024 max_tokens = 512 batch_columns = 3 ");
    fake_llm_then(person->fake, (FakeLlmReply){.compose = much_invented, .piece = 1000});
    cli_ok(&person->cli, "run customer --drafter llm");
    for (int i = 0; i < fake_llm_count(person->fake); i++) {
        assert_true(strlen(fake_llm_body(person->fake, i)) < (size_t)512 * 4 + 400);
    }
}

static void an_answer_is_streamed_so_that_a_slow_model_is_heard(void **state)
{
    ModelShop *person = *state;
    model_shop_says(person, model_shop_good, NULL);
    cli_ok(&person->cli, "run customer --drafter llm");
    cli_shows(fake_llm_body(person->fake, 0), "\"stream\":true");
}

static void many_columns_are_asked_for_in_batches(void **state)
{
    ModelShop *person = *state;
    model_shop_configure(person, "batch_columns = 2 ");
    model_shop_says(person, model_shop_good, NULL);
    cli_ok(&person->cli, "run parcel --drafter llm");
    assert_int_equal(fake_llm_count(person->fake), 2);
    cli_shows(fake_llm_body(person->fake, 1), "other_columns");
}

/* Half an answer when more than one was asked for. */
static void what_breaks_off_is_asked_for_in_halves(void **state)
{
    ModelShop *person = *state;
    fake_llm_then(person->fake,
                  (FakeLlmReply){.text = "{\"columns\": {\"nm\": [\"What peo", .finish = "length"});
    model_shop_says(person, model_shop_good, NULL);
    SupportRun run = cli_ok(&person->cli, "run customer --drafter llm --json");
    assert_int_equal(cli_json_number(run.out, "by_model"), 3);
    assert_int_equal(fake_llm_count(person->fake), 3);
}

static void the_built_in_drafter_takes_over_when_nobody_answers(void **state)
{
    ModelShop *person = *state;
    fake_llm_then(person->fake, (FakeLlmReply){.kind = FAKE_LLM_RESET});
    support_sqlite(person->database, "CREATE TABLE voucher (code TEXT)");
    SupportRun run = cli_ok(&person->cli, "run --drafter llm --json");
    assert_int_equal(cli_json_number(run.out, "by_builtin"), MODEL_SHOP_OBJECTS + 2);
    assert_int_equal(cli_json_number(run.out, "by_model"), 0);
    assert_int_equal(fake_llm_count(person->fake), 2); /* then it is left alone */
    cli_shows(run.err, "9 of 9 drafts are the built-in drafter's (source builtin): llm_profile local");
    model_shop_expect_result(person, 1, "customer", "nm", "\"source\":\"builtin\"");
    model_shop_expect_no_key(person, run);
}

static void a_refused_key_is_asked_with_once(void **state)
{
    ModelShop *person = *state;
    fake_llm_then(person->fake, (FakeLlmReply){.kind = FAKE_LLM_BODY,
                                               .status = 401,
                                               .body = "{\"error\": {\"message\": \"no $AUTHORIZATION\"}}"});
    SupportRun run = cli_ok(&person->cli, "run --drafter llm");
    assert_int_equal(fake_llm_count(person->fake), 1);
    cli_shows(run.err, "refuses the key (401)");
    cli_shows(run.err, "AMX_TEST_KEY");
    model_shop_expect_no_key(person, run);
}

static void a_busy_server_is_waited_for(void **state)
{
    ModelShop *person = *state;
    model_shop_configure(person, "retries = 1 ");
    fake_llm_then(person->fake, (FakeLlmReply){.kind = FAKE_LLM_BODY,
                                               .status = 429,
                                               .headers = "Retry-After: 0\r\n",
                                               .body = "{\"error\": {\"message\": \"busy\"}}"});
    model_shop_says(person, model_shop_good, NULL);
    SupportRun run = cli_ok(&person->cli, "run customer --drafter llm --json");
    assert_int_equal(cli_json_number(run.out, "by_model"), 3);
    assert_int_equal(fake_llm_count(person->fake), 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, model_shop_start, model_shop_stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_model_drafts_every_table_with_one_request),
        TEST(alternatives_are_as_many_as_asked_for),
        TEST(what_can_not_be_used_is_asked_for_once_more),
        TEST(an_answer_that_makes_up_a_column_is_refused_and_asked_for_once_more),
        TEST(a_model_that_makes_up_columns_again_is_left_what_was_asked),
        TEST(texts_beside_a_made_up_column_are_kept_when_there_are_no_others),
        TEST(a_column_that_is_there_and_was_not_asked_for_costs_no_second_request),
        TEST(names_that_are_there_may_stand_in_a_text),
        TEST(a_text_that_can_not_be_used_leaves_the_built_in_one),
        TEST(an_answer_that_is_none_leaves_all_to_the_built_in_drafter),
        TEST(json_between_words_and_fences_is_understood),
        TEST(what_a_model_invents_comes_back_to_it_within_limits),
        TEST(what_would_not_fit_is_not_asked_for_once_more),
        TEST(an_answer_is_streamed_so_that_a_slow_model_is_heard),
        TEST(many_columns_are_asked_for_in_batches),
        TEST(what_breaks_off_is_asked_for_in_halves),
        TEST(the_built_in_drafter_takes_over_when_nobody_answers),
        TEST(a_refused_key_is_asked_with_once),
        TEST(a_busy_server_is_waited_for),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
