/* Asking a language model over the real protocol: what is sent, and which answers are taken as such. */
#include <string.h>

#include "fake_llm.h"
#include "llm_asked.h"
#include "memory.h"
#include "support.h"

#define TOO_LONG ((size_t)10 * 1024 * 1024)

static void a_good_answer_comes_whole_and_streamed(void **state)
{
    FakeLlm *fake = *state;
    for (int streamed = 0; streamed < 2; streamed++) {
        LlmAsked asked = llm_asked_new(fake_llm_url(fake), streamed);
        fake_llm_forget(fake);
        fake_llm_then(fake, (FakeLlmReply){.text = "a na\xc3\xafve \xf0\x9f\x98\x80 answer\nof two lines"});
        llm_asked_expect_answer(&asked, "a na\xc3\xafve \xf0\x9f\x98\x80 answer\nof two lines");
        assert_string_equal(asked.answer.model, "fake-model");
        assert_true(asked.answer.counted);
        assert_int_equal(asked.answer.input_tokens, 12);
        assert_int_equal(asked.answer.output_tokens, 34);
        assert_true(asked.answer.cost > 0.000799 && asked.answer.cost < 0.000801);
        assert_false(asked.answer.cut);
        assert_int_equal(fake_llm_count(fake), 1);
        llm_asked_free(&asked);
    }
}

static void what_leaves_the_machine_is_the_body_that_can_be_shown(void **state)
{
    FakeLlm *fake = *state;
    for (int streamed = 0; streamed < 2; streamed++) {
        LlmAsked asked = llm_asked_new(fake_llm_url(fake), streamed);
        asked.request.json = true;
        fake_llm_forget(fake);
        llm_asked_expect_answer(&asked, "pong");
        char *body = llm_request_body(&asked.profile, &asked.request);
        assert_string_equal(fake_llm_body(fake, 0), body);
        assert_non_null(strstr(body, "\"model\":\"llama\""));
        assert_non_null(strstr(body, "{\"role\":\"user\",\"content\":\"ping\"}"));
        assert_non_null(strstr(body, "\"max_tokens\":100"));
        assert_non_null(strstr(body, "\"response_format\":{\"type\":\"json_object\"}"));
        assert_true((strstr(body, "\"stream\":true") != NULL) == streamed);
        assert_null(strstr(body, LLM_ASKED_KEY));
        const char *headers = fake_llm_headers(fake, 0);
        assert_true(text_starts(headers, "POST /v1/chat/completions HTTP/1.1\r\n"));
        assert_non_null(strstr(headers, "Authorization: Bearer " LLM_ASKED_KEY "\r\n"));
        assert_non_null(strstr(headers, "User-Agent: amx/" AMX_VERSION "\r\n"));
        assert_non_null(strstr(headers, "Content-Type: application/json\r\n"));
        free(body);
        llm_asked_free(&asked);
    }
}

static void what_is_not_utf8_in_a_question_is_sent_as_what_it_looks_like(void **state)
{
    FakeLlm *fake = *state;
    static const LlmMessage broken[] = {{"user", "caf\xe9\x01\""}};
    LlmAsked asked = llm_asked_new(fake_llm_url(fake), false);
    asked.request.messages = broken;
    asked.request.message_count = 1;
    fake_llm_forget(fake);
    llm_asked_expect_answer(&asked, "pong");
    assert_non_null(strstr(fake_llm_body(fake, 0), "caf\xef\xbf\xbd\\u0001\\\""));
    llm_asked_free(&asked);
}

static void without_a_key_none_is_sent(void **state)
{
    FakeLlm *fake = *state;
    LlmAsked asked = llm_asked_new(fake_llm_url(fake), false);
    asked.profile.api_key = NULL;
    fake_llm_forget(fake);
    llm_asked_expect_answer(&asked, "pong");
    assert_null(strstr(fake_llm_headers(fake, 0), "Authorization"));
    llm_asked_free(&asked);
}

static void streams_may_look_odd(void **state)
{
    FakeLlm *fake = *state;
    static const FakeLlmReply odd[] = {
        {.text = "one two three", .crlf = true},
        {.text = "one two three", .split = true},
        {.text = "one two three", .no_done = true},
        {.text = "one two three", .finish = ""},
        {.text = "one two three", .piece = 100},
        {.text = "one two three", .kind = FAKE_LLM_WHOLE},
        {.text = "one two three", .type = "text/event-stream; charset=utf-8", .crlf = true, .split = true},
    };
    LlmAsked asked = llm_asked_new(fake_llm_url(fake), true);
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        fake_llm_forget(fake);
        fake_llm_then(fake, odd[i]);
        llm_asked_expect_answer(&asked, "one two three");
        assert_true(asked.answer.counted);
    }
    llm_asked_free(&asked);
}

static void tokens_are_estimated_when_the_server_does_not_count(void **state)
{
    FakeLlm *fake = *state;
    for (int streamed = 0; streamed < 2; streamed++) {
        LlmAsked asked = llm_asked_new(fake_llm_url(fake), streamed);
        fake_llm_forget(fake);
        fake_llm_then(fake, (FakeLlmReply){.text = "twelve bytes", .no_usage = true});
        llm_asked_expect_answer(&asked, "twelve bytes");
        assert_false(asked.answer.counted);
        assert_int_equal(asked.answer.output_tokens, 3);
        assert_int_equal(asked.answer.input_tokens, llm_request_tokens(&asked.request));
        llm_asked_free(&asked);
    }
    assert_int_equal(llm_tokens(""), 0);
    assert_int_equal(llm_tokens("four five"), 3);
    assert_int_equal(llm_tokens("\xe9\xa1\xa7\xe5\xae\xa2"), 2);
}

static void an_answer_that_ends_at_max_tokens_says_so(void **state)
{
    FakeLlm *fake = *state;
    for (int streamed = 0; streamed < 2; streamed++) {
        LlmAsked asked = llm_asked_new(fake_llm_url(fake), streamed);
        fake_llm_forget(fake);
        fake_llm_then(fake, (FakeLlmReply){.text = "half of a", .finish = "length"});
        llm_asked_expect_answer(&asked, "half of a");
        assert_true(asked.answer.cut);
        fake_llm_then(fake, (FakeLlmReply){.text = "", .finish = "length"});
        llm_asked_expect_error(&asked, ERROR_CHECK, "answered nothing within max_tokens", "");
        llm_asked_free(&asked);
    }
}

static void what_is_no_answer_is_refused(void **state)
{
    FakeLlm *fake = *state;
    static const struct {
        const char *body;
        const char *type;
        const char *words;
    } cases[] = {
        {"{\"choices\": [", "application/json", "not valid JSON"},
        {"{\"choices\": [], \"choices\": []}", "application/json", "not valid JSON"},
        {"{\"choices\": [{\"message\": {\"content\": \"caf\xe9\"}}]}", "application/json", "not valid JSON"},
        {"{\"choices\": [{\"message\": {\"content\": \"a\\u0000b\"}}]}", "application/json",
         "not valid JSON"},
        {"{\"models\": []}", "application/json", "it has no choices"},
        {"{\"choices\": {}}", "application/json", "it has no choices"},
        {"{\"choices\": []}", "application/json", "answered nothing"},
        {"{\"choices\": [{\"message\": 7}]}", "application/json", "without a message"},
        {"{\"choices\": [{\"message\": {\"content\": [1]}}]}", "application/json", "no text"},
        {"{\"choices\": [{\"message\": {\"content\": null}}]}", "application/json", "answered nothing"},
        {"{\"choices\": [{\"message\": {\"content\": \"\"}}]}", "application/json", "answered nothing"},
        {"", "application/json", "answered with application/json, not with JSON"},
        {"[1]", "application/json", "not with JSON"},
        {"<html>Welcome</html>", "text/html; charset=utf-8",
         "answered with a web page, not JSON: is base_url right?"},
        {" <!DOCTYPE html><title>Log in</title>", "text/plain", "answered with a web page, not JSON"},
        {"no JSON", "text/" LLM_ASKED_KEY, "answered with text/***, not with JSON"},
        {"no JSON", "text/\x1b[31m", "answered with text/\\x1b[31m, not with JSON"},
        {"data: {\"choices\": \n\n", "text/event-stream", "not valid JSON"},
        {"data: {\"error\": {\"message\": \"overloaded $AUTHORIZATION\"}}\n\n", "text/event-stream",
         "reports an error: \"overloaded Bearer ***\""},
        {"data: [DONE]\n\n", "text/event-stream", "answered nothing"},
        {"{\"error\": {\"message\": \"no such thing\"}}", "application/json",
         "reports an error: \"no such thing\""},
    };
    for (int streamed = 0; streamed < 2; streamed++) {
        LlmAsked asked = llm_asked_new(fake_llm_url(fake), streamed);
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            fake_llm_forget(fake);
            fake_llm_then(
                fake, (FakeLlmReply){.kind = FAKE_LLM_BODY, .body = cases[i].body, .type = cases[i].type});
            llm_asked_expect_error(&asked, ERROR_CHECK, cases[i].words, "base_url");
            assert_int_equal(fake_llm_count(fake), 1);
        }
        llm_asked_free(&asked);
    }
}

static void an_answer_without_end_is_refused(void **state)
{
    FakeLlm *fake = *state;
    char *text = memory_alloc(TOO_LONG + 1);
    memset(text, 'x', TOO_LONG);
    text[TOO_LONG] = '\0';
    for (int streamed = 0; streamed < 2; streamed++) {
        LlmAsked asked = llm_asked_new(fake_llm_url(fake), streamed);
        fake_llm_forget(fake);
        fake_llm_then(fake, (FakeLlmReply){.text = text, .piece = 64 * 1024});
        llm_asked_expect_error(&asked, ERROR_CHECK, "more than 8 MiB", "");
        fake_llm_then(fake,
                      (FakeLlmReply){.kind = FAKE_LLM_ENDLESS, .text = "and so on", .piece = 64 * 1024});
        llm_asked_expect_error(&asked, ERROR_CHECK, "more than 8 MiB", "");
        assert_int_equal(fake_llm_count(fake), 2);
        llm_asked_free(&asked);
    }
    LlmAsked asked = llm_asked_new(fake_llm_url(fake), true);
    fake_llm_then(fake, (FakeLlmReply){.text = text, .piece = TOO_LONG});
    llm_asked_expect_error(&asked, ERROR_CHECK, "an event of more than 1 MiB", "");
    llm_asked_free(&asked);
    free(text);
}

static void an_answer_that_echoes_the_key_loses_it(void **state)
{
    FakeLlm *fake = *state;
    static const char *const echoes[] = {LLM_ASKED_KEY, "\\u0073k-very-secret-0123456789",
                                         "sk-ver\\u0079-secret-\\u00301234567\\u00389"};
    for (int streamed = 0; streamed < 2; streamed++) {
        LlmAsked asked = llm_asked_new(fake_llm_url(fake), streamed);
        for (size_t i = 0; i < sizeof echoes / sizeof *echoes; i++) {
            char *text = text_format("{\"said\": \"sk- and %s, %s\"} sk-v", echoes[i], echoes[i]);
            fake_llm_forget(fake);
            fake_llm_then(fake, (FakeLlmReply){.text = text});
            llm_asked_expect_answer(&asked, "{\"said\": \"sk- and ***, ***\"} sk-v");
            fake_llm_then(fake, (FakeLlmReply){.text = text, .piece = 1});
            llm_asked_expect_answer(&asked, "{\"said\": \"sk- and ***, ***\"} sk-v");
            free(text);
        }
        llm_asked_free(&asked);
    }
}

static void a_placeholder_for_a_key_leaves_an_answer_alone(void **state)
{
    FakeLlm *fake = *state;
    static char *const keys[] = {"none", "true", "EMPTY", "ollama"};
    for (int streamed = 0; streamed < 2; streamed++) {
        LlmAsked asked = llm_asked_new(fake_llm_url(fake), streamed);
        fake_llm_forget(fake);
        fake_llm_then(fake, (FakeLlmReply){.text = "{\"found\": true, \"said\": \"none EMPTY ollama\"}"});
        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
            asked.profile.api_key = keys[i];
            llm_asked_expect_answer(&asked, "{\"found\": true, \"said\": \"none EMPTY ollama\"}");
        }
        llm_asked_free(&asked);
    }
}

static void no_model_can_pass_for_the_built_in_rules(void **state)
{
    FakeLlm *fake = *state;
    LlmAsked asked = llm_asked_new(fake_llm_url(fake), false);
    fake_llm_forget(fake);
    fake_llm_then(fake, (FakeLlmReply){.kind = FAKE_LLM_BODY,
                                       .body = "{\"model\": \"builtin\", \"choices\": [{\"message\": "
                                               "{\"content\": \"pong\"}}]}"});
    llm_asked_expect_answer(&asked, "pong");
    assert_string_equal(asked.answer.model, "local/builtin");
    llm_asked_free(&asked);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_answer_comes_whole_and_streamed),
        cmocka_unit_test(what_leaves_the_machine_is_the_body_that_can_be_shown),
        cmocka_unit_test(what_is_not_utf8_in_a_question_is_sent_as_what_it_looks_like),
        cmocka_unit_test(without_a_key_none_is_sent),
        cmocka_unit_test(streams_may_look_odd),
        cmocka_unit_test(tokens_are_estimated_when_the_server_does_not_count),
        cmocka_unit_test(an_answer_that_ends_at_max_tokens_says_so),
        cmocka_unit_test(what_is_no_answer_is_refused),
        cmocka_unit_test(an_answer_without_end_is_refused),
        cmocka_unit_test(an_answer_that_echoes_the_key_loses_it),
        cmocka_unit_test(a_placeholder_for_a_key_leaves_an_answer_alone),
        cmocka_unit_test(no_model_can_pass_for_the_built_in_rules),
    };
    return support_cleanup(cmocka_run_group_tests(tests, llm_asked_start, llm_asked_stop));
}
