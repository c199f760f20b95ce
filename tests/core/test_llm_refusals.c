/* A server that refuses what a language model is asked, or who asks. */
#include <string.h>

#include "fake_llm.h"
#include "llm_asked.h"
#include "support.h"

static void refusals_say_what_to_look_at_and_never_the_key(void **state)
{
    FakeLlm *fake = *state;
    static const struct {
        int status;
        ErrorKind kind;
        const char *words;
        const char *hint;
    } cases[] = {
        {401, ERROR_CONFIG, "refuses the key (401): \"bad key: Bearer *** and again Bearer ***\"",
         "comes from amx.conf"},
        {403, ERROR_CONFIG, "refuses the key (403)", "comes from amx.conf"},
        {404, ERROR_CONFIG, "does not know the model \"llama\"", "check model and base_url"},
        {307, ERROR_CONFIG, "sends elsewhere (307)", "base_url"},
        {400, ERROR_CHECK, "refuses the request (400): \"bad key: Bearer ***", "context_tokens"},
        {501, ERROR_CONNECTION, "has an error (501): \"bad key: Bearer ***", "later"},
        {429, ERROR_CONNECTION, "is busy (429): \"bad key: Bearer ***", "later"},
    };
    char *elsewhere = text_format("Location: %s/elsewhere\r\n", fake_llm_url(fake));
    for (int streamed = 0; streamed < 2; streamed++) {
        LlmAsked asked = llm_asked_new(fake_llm_url(fake), streamed);
        asked.profile.retries = 0;
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            FakeLlmReply reply = {
                .kind = FAKE_LLM_BODY,
                .status = cases[i].status,
                .body = "{\"error\": {\"message\": \"bad key: $AUTHORIZATION and again $AUTHORIZATION\"}}"};
            reply.headers = cases[i].status == 307 ? elsewhere : NULL;
            fake_llm_forget(fake);
            fake_llm_then(fake, reply);
            llm_asked_expect_error(&asked, cases[i].kind, cases[i].words, cases[i].hint);
            assert_int_equal(fake_llm_count(fake), 1); /* a redirect is not followed */
        }
        asked.profile.api_key = NULL;
        fake_llm_then(fake, (FakeLlmReply){.kind = FAKE_LLM_BODY, .status = 401});
        llm_asked_expect_error(&asked, ERROR_CONFIG, "refuses to answer without a key (401)",
                               "add api_key_env");
        llm_asked_free(&asked);
    }
    free(elsewhere);
}

static void what_a_server_says_of_an_error_is_cut(void **state)
{
    FakeLlm *fake = *state;
    char long_words[2000];
    memset(long_words, 'x', sizeof long_words - 1);
    long_words[sizeof long_words - 1] = '\0';
    char *body = text_format("{\"error\": {\"message\": \"%s\"}}", long_words);
    LlmAsked asked = llm_asked_new(fake_llm_url(fake), false);
    fake_llm_forget(fake);
    fake_llm_then(fake, (FakeLlmReply){.kind = FAKE_LLM_BODY, .status = 400, .body = body});
    long_words[300] = '\0';
    char *quoted = text_format("\"%s..\"", long_words);
    llm_asked_expect_error(&asked, ERROR_CHECK, quoted, "");
    free(quoted);
    free(body);
    llm_asked_free(&asked);
}

/* Of the fake: a server that refuses some parameters, as real ones word it. */
typedef struct Refusal {
    int status;
    const char *body;
    const char *without; /* what the request after it does not hold */
    const char *with;
} Refusal;

static void a_parameter_that_a_server_refuses_is_left_out_from_then_on(void **state)
{
    FakeLlm *fake = *state;
    static const Refusal refusals[] = {
        {400,
         "{\"error\": {\"message\": \"Unsupported parameter: 'max_tokens' is not supported with this model. "
         "Use 'max_completion_tokens' instead.\", \"param\": \"max_tokens\"}}",
         "\"max_tokens\"", "\"max_completion_tokens\":100"},
        {400, "{\"error\": \"'response_format.type' must be 'json_schema' or 'text'\"}", "response_format",
         "\"stream_options\""},
        {422,
         "{\"detail\": [{\"loc\": [\"body\", \"stream_options\"], \"msg\": \"Extra inputs are not "
         "permitted\"}]}",
         "stream_options", "\"stream\":true"},
    };
    const size_t count = sizeof refusals / sizeof *refusals;
    LlmAsked asked = llm_asked_new(fake_llm_url(fake), true);
    asked.profile.model = "particular";
    asked.profile.retries = 0;
    asked.request.json = true;
    fake_llm_forget(fake);
    for (size_t i = 0; i < count; i++) {
        fake_llm_then(
            fake,
            (FakeLlmReply){.kind = FAKE_LLM_BODY, .status = refusals[i].status, .body = refusals[i].body});
    }
    fake_llm_then(fake, (FakeLlmReply){.text = "{\"is\": \"fine\"}"});
    llm_asked_expect_answer(&asked, "{\"is\": \"fine\"}");
    assert_int_equal(fake_llm_count(fake), 4);
    for (size_t i = 0; i < count; i++) {
        assert_non_null(strstr(fake_llm_body(fake, (int)i), refusals[i].without));
        assert_null(strstr(fake_llm_body(fake, (int)i + 1), refusals[i].without));
        assert_non_null(strstr(fake_llm_body(fake, (int)i + 1), refusals[i].with));
    }
    assert_int_equal(asked.waited.length, 0);

    llm_asked_expect_answer(&asked, "{\"is\": \"fine\"}"); /* remembered */
    assert_int_equal(fake_llm_count(fake), 5);
    char *body = llm_request_body(&asked.profile, &asked.request);
    assert_string_equal(fake_llm_body(fake, 4), body);
    free(body);

    asked.profile.model = "another"; /* of this model, nothing is known */
    llm_asked_expect_answer(&asked, "{\"is\": \"fine\"}");
    assert_non_null(strstr(fake_llm_body(fake, 5), "response_format"));
    llm_asked_free(&asked);
}

static void a_refusal_that_another_wording_does_not_help_is_told_and_forgotten(void **state)
{
    FakeLlm *fake = *state;
    static const Refusal cases[] = {
        {400, "{\"error\": \"max_tokens is too large: 100\"}", NULL, NULL},
        {400, "{\"error\": \"stream_options: not asked for\"}", NULL, NULL},
        {413, "{\"error\": \"response_format\"}", NULL, NULL},
    };
    LlmAsked asked = llm_asked_new(fake_llm_url(fake), false);
    asked.request.json = true;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fake_llm_forget(fake);
        fake_llm_then(
            fake, (FakeLlmReply){.kind = FAKE_LLM_BODY, .status = cases[i].status, .body = cases[i].body});
        llm_asked_expect_error(&asked, ERROR_CHECK, "refuses the request", "");
        assert_int_equal(fake_llm_count(fake), 1);
    }
    fake_llm_forget(fake);
    fake_llm_then(fake, (FakeLlmReply){.kind = FAKE_LLM_BODY,
                                       .status = 400,
                                       .body = "{\"error\": \"response_format or whatever\"}"});
    llm_asked_expect_error(&asked, ERROR_CHECK, "\"response_format or whatever\"", "");
    assert_int_equal(fake_llm_count(fake), 2);
    char *body = llm_request_body(&asked.profile, &asked.request);
    assert_non_null(strstr(body, "response_format"));
    free(body);
    llm_asked_free(&asked);
}

/* A command that tells "sk-first-0123456789" when it runs first, and "sk-second-0123456789" from then on; so
 * many times it ran. */
static char *two_keys(char **count_file)
{
    *count_file = text_format("%s/runs", support_folder());
    return text_format("echo x >> '%s'; if [ $(wc -l < '%s') = 1 ]; then echo sk-first-0123456789; else echo "
                       "sk-second-0123456789; fi",
                       *count_file, *count_file);
}

static void a_command_is_run_once_and_again_when_its_key_is_refused(void **state)
{
    FakeLlm *fake = *state;
    char *count_file = NULL;
    LlmAsked asked = llm_asked_new(fake_llm_url(fake), false);
    asked.profile.api_key = NULL;
    asked.profile.api_key_command = two_keys(&count_file);
    fake_llm_forget(fake);
    llm_asked_expect_answer(&asked, "pong");
    llm_asked_expect_answer(&asked, "pong");
    assert_string_equal(support_read(count_file), "x\n");
    assert_non_null(strstr(fake_llm_headers(fake, 1), "sk-first-0123456789"));

    fake_llm_forget(fake);
    fake_llm_then(fake, (FakeLlmReply){.kind = FAKE_LLM_BODY, .status = 401});
    fake_llm_then(fake, (FakeLlmReply){.text = "now"});
    llm_asked_expect_answer(&asked, "now");
    assert_string_equal(support_read(count_file), "x\nx\n");
    assert_non_null(strstr(fake_llm_headers(fake, 1), "sk-second-0123456789"));

    fake_llm_forget(fake); /* the command has no other key than this one */
    fake_llm_then(fake, (FakeLlmReply){.kind = FAKE_LLM_BODY, .status = 401});
    llm_asked_expect_error(&asked, ERROR_CONFIG, "refuses the key (401)", "api_key_command");
    assert_int_equal(fake_llm_count(fake), 1);
    assert_string_equal(support_read(count_file), "x\nx\nx\n");
    free(asked.profile.api_key_command);
    free(count_file);
    llm_asked_free(&asked);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusals_say_what_to_look_at_and_never_the_key),
        cmocka_unit_test(what_a_server_says_of_an_error_is_cut),
        cmocka_unit_test(a_parameter_that_a_server_refuses_is_left_out_from_then_on),
        cmocka_unit_test(a_refusal_that_another_wording_does_not_help_is_told_and_forgotten),
        cmocka_unit_test(a_command_is_run_once_and_again_when_its_key_is_refused),
    };
    return support_cleanup(cmocka_run_group_tests(tests, llm_asked_start, llm_asked_stop));
}
