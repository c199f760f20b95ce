/* A server that is slow, busy, silent or gone: it is waited for within limits, and nothing hangs. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <arpa/inet.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "fake_llm.h"
#include "llm_asked.h"
#include "memory.h"
#include "support.h"
#include "thread.h"

static void slow_answers_are_streamed_as_they_come_and_can_be_interrupted(void **state)
{
    FakeLlm *fake = *state;
    LlmAsked asked = llm_asked_new(fake_llm_url(fake), true);
    fake_llm_forget(fake);
    fake_llm_then(fake, (FakeLlmReply){.text = "one two three", .held = true});
    asked.stop_at_first_chunk = true;
    llm_asked_expect_error(&asked, ERROR_INTERRUPTED, "after 5 characters of the answer", "");
    assert_string_equal(text_string(&asked.streamed), "one t");

    fake_llm_forget(fake);
    fake_llm_then(fake, (FakeLlmReply){.text = "one two three", .held = true});
    asked.stop_at_first_chunk = false;
    fake_llm_release(fake, 100);
    llm_asked_expect_answer(&asked, "one two three");
    llm_asked_free(&asked);
}

typedef struct Stopper {
    FakeLlm *fake;
    Interrupt *interrupt;
} Stopper;

static void *stop_when_asked(void *context)
{
    Stopper *stopper = context;
    fake_llm_wait(stopper->fake, 1);
    interrupt_raise(stopper->interrupt);
    return NULL;
}

static void a_silent_server_can_be_interrupted(void **state)
{
    FakeLlm *fake = *state;
    Interrupt own = {0};
    interrupt_use(&own);
    for (int streamed = 0; streamed < 2; streamed++) {
        pthread_t thread;
        Stopper stopper = {.fake = fake, .interrupt = &own};
        LlmAsked asked = llm_asked_new(fake_llm_url(fake), streamed);
        fake_llm_forget(fake);
        fake_llm_then(fake, (FakeLlmReply){.kind = FAKE_LLM_SILENT});
        assert_true(thread_start(&thread, stop_when_asked, &stopper));
        llm_asked_expect_error(&asked, ERROR_INTERRUPTED, "interrupted while", "");
        pthread_join(thread, NULL);
        llm_asked_free(&asked);
    }
    interrupt_use(NULL);
}

static void a_server_that_falls_silent_is_given_up(void **state)
{
    FakeLlm *fake = *state;
    LlmAsked asked = llm_asked_new(fake_llm_url(fake), true);
    asked.profile.idle_ms = 200;
    fake_llm_forget(fake);
    fake_llm_then(fake, (FakeLlmReply){.kind = FAKE_LLM_SILENT});
    llm_asked_expect_error(&asked, ERROR_TIMEOUT, "has said nothing for 200 ms", "idle_ms");
    fake_llm_then(fake, (FakeLlmReply){.text = "one two three", .held = true});
    llm_asked_expect_error(&asked, ERROR_TIMEOUT, "after 5 characters of the answer", "idle_ms");
    asked.profile.idle_ms = 20000;
    asked.profile.total_ms = 200;
    llm_asked_expect_error(&asked, ERROR_TIMEOUT, "is not done within 200 ms", "total_ms");
    llm_asked_free(&asked);
}

static void a_server_that_never_finishes_its_handshake_is_given_up(void **state)
{
    (void)state;
    int port = 0;
    int mute = support_mute_server(&port);
    char *url = text_format("https://127.0.0.1:%d/v1", port);
    LlmAsked asked = llm_asked_new(url, true);
    asked.profile.connect_ms = 200;
    llm_asked_expect_error(&asked, ERROR_TIMEOUT, "takes no connection within 200 ms", "base_url");
    llm_asked_free(&asked);
    free(url);
    close(mute);
}

static void a_busy_server_is_asked_again_when_it_says(void **state)
{
    FakeLlm *fake = *state;
    LlmAsked asked = llm_asked_new(fake_llm_url(fake), true);
    fake_llm_forget(fake);
    fake_llm_then(fake,
                  (FakeLlmReply){.kind = FAKE_LLM_BODY, .status = 429, .headers = "Retry-After: 2\r\n"});
    fake_llm_then(fake, (FakeLlmReply){.text = "now"});
    llm_asked_expect_answer(&asked, "now");
    assert_string_equal(text_string(&asked.waited), "the server is busy (429) (2)|");
    assert_int_equal(fake_llm_count(fake), 2);
    llm_asked_free(&asked);
}

static void a_date_that_has_passed_means_soon(void **state)
{
    FakeLlm *fake = *state;
    LlmAsked asked = llm_asked_new(fake_llm_url(fake), true);
    fake_llm_forget(fake);
    fake_llm_then(fake, (FakeLlmReply){.kind = FAKE_LLM_BODY,
                                       .status = 503,
                                       .headers = "Retry-After: Fri, 31 Dec 1999 23:59:59 GMT\r\n"});
    fake_llm_then(fake, (FakeLlmReply){.text = "now"});
    llm_asked_expect_answer(&asked, "now");
    assert_string_equal(text_string(&asked.waited), "the server has an error (503) (1)|");
    llm_asked_free(&asked);
}

static void a_server_that_asks_for_too_much_patience_is_not_waited_for(void **state)
{
    FakeLlm *fake = *state;
    LlmAsked asked = llm_asked_new(fake_llm_url(fake), true);
    fake_llm_forget(fake);
    fake_llm_then(fake, (FakeLlmReply){.kind = FAKE_LLM_BODY,
                                       .status = 429,
                                       .headers = "Retry-After: 3600\r\n",
                                       .body = "{\"error\": {\"message\": \"quota used up\"}}"});
    llm_asked_expect_error(&asked, ERROR_CONNECTION, "the server is busy (429): \"quota used up\"",
                           "in 3600 seconds");
    assert_int_equal(asked.waited.length, 0);
    fake_llm_then(fake, (FakeLlmReply){.kind = FAKE_LLM_BODY,
                                       .status = 503,
                                       .headers = "Retry-After: Sat, 31 Dec 2089 23:59:59 GMT\r\n"});
    llm_asked_expect_error(&asked, ERROR_CONNECTION, "(503)", "total_ms = 30000 ends before");
    assert_int_equal(fake_llm_count(fake), 2);
    llm_asked_free(&asked);
}

static void a_server_with_an_error_is_asked_again_a_few_times(void **state)
{
    FakeLlm *fake = *state;
    FakeLlmReply broken = {
        .kind = FAKE_LLM_BODY, .status = 500, .body = "{\"error\": \"out of\\u001b[31m memory\"}"};
    LlmAsked asked = llm_asked_new(fake_llm_url(fake), true);
    fake_llm_forget(fake);
    fake_llm_then(fake, broken);
    fake_llm_then(fake, broken);
    fake_llm_then(fake, (FakeLlmReply){.text = "at last"});
    llm_asked_expect_answer(&asked, "at last");
    assert_string_equal(text_string(&asked.waited),
                        "the server has an error (500) (1)|the server has an error (500) (1)|");
    asked.profile.retries = 1;
    fake_llm_forget(fake);
    fake_llm_then(fake, broken);
    llm_asked_expect_error(&asked, ERROR_CONNECTION, "\"out of\\x1b[31m memory\"", "later");
    assert_int_equal(fake_llm_count(fake), 2);
    llm_asked_free(&asked);
}

static void waiting_can_be_interrupted(void **state)
{
    FakeLlm *fake = *state;
    LlmAsked asked = llm_asked_new(fake_llm_url(fake), true);
    asked.stop_at_wait = true;
    fake_llm_forget(fake);
    fake_llm_then(fake,
                  (FakeLlmReply){.kind = FAKE_LLM_BODY, .status = 429, .headers = "Retry-After: 20\r\n"});
    llm_asked_expect_error(&asked, ERROR_INTERRUPTED, "while waiting to ask llm_profile local again", "");
    assert_int_equal(fake_llm_count(fake), 1);
    llm_asked_free(&asked);
}

/* A port of this machine at which nobody listens. */
static char *nobody(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int file = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(file, (struct sockaddr *)&address, size), 0);
    assert_int_equal(getsockname(file, (struct sockaddr *)&address, &size), 0);
    close(file);
    return text_format("http://127.0.0.1:%d/v1", ntohs(address.sin_port));
}

static void a_server_that_is_not_there_is_tried_again_and_named(void **state)
{
    (void)state;
    char *url = nobody();
    LlmAsked asked = llm_asked_new(url, true);
    asked.profile.retries = 1;
    llm_asked_expect_error(&asked, ERROR_CONNECTION, url, "amx llm test local");
    assert_string_equal(text_string(&asked.waited), "nobody takes the connection (1)|");
    asked.profile.retries = 0;
    llm_asked_expect_error(&asked, ERROR_CONNECTION, "is out of reach", "base_url");
    assert_int_equal(asked.waited.length, 0);
    llm_asked_free(&asked);
    free(url);
}

static void a_broken_connection_is_tried_again_before_the_answer_has_begun(void **state)
{
    FakeLlm *fake = *state;
    LlmAsked asked = llm_asked_new(fake_llm_url(fake), true);
    fake_llm_forget(fake);
    fake_llm_then(fake, (FakeLlmReply){.kind = FAKE_LLM_RESET});
    fake_llm_then(fake, (FakeLlmReply){.text = "now"});
    llm_asked_expect_answer(&asked, "now");
    assert_string_equal(text_string(&asked.waited), "the connection broke (1)|");
    llm_asked_free(&asked);
}

static void a_stream_that_breaks_off_is_an_error_that_says_how_far_it_came(void **state)
{
    FakeLlm *fake = *state;
    LlmAsked asked = llm_asked_new(fake_llm_url(fake), true);
    fake_llm_forget(fake);
    fake_llm_then(fake, (FakeLlmReply){.kind = FAKE_LLM_CUT, .text = "one two three four"});
    llm_asked_expect_error(&asked, ERROR_CONNECTION, "broke off, after 9 characters of the answer",
                           "ask again");
    assert_string_equal(text_string(&asked.streamed), "one two t");
    assert_int_equal(fake_llm_count(fake), 1); /* what was streamed is not asked for twice */
    fake_llm_then(fake, (FakeLlmReply){.text = "one two three", .finish = "", .no_done = true});
    llm_asked_expect_error(&asked, ERROR_CONNECTION, "broke off, after 13 characters of the answer",
                           "ask again");
    fake_llm_then(fake, (FakeLlmReply){.kind = FAKE_LLM_BODY,
                                       .type = "text/event-stream",
                                       .body = "data: {\"choices\": [{\"delta\": {\"content\": "
                                               "\"na\xc3\xafve\"}, \"finish_reason\": \"\"}]}\n\n"});
    llm_asked_expect_error(&asked, ERROR_CONNECTION, "broke off, after 5 characters of the answer",
                           "ask again");
    llm_asked_free(&asked);
}

static void a_whole_answer_that_breaks_off_is_asked_for_again(void **state)
{
    FakeLlm *fake = *state;
    LlmAsked asked = llm_asked_new(fake_llm_url(fake), false);
    fake_llm_forget(fake);
    fake_llm_then(fake, (FakeLlmReply){.kind = FAKE_LLM_CUT, .text = "one two three four"});
    fake_llm_then(fake, (FakeLlmReply){.text = "now"});
    llm_asked_expect_answer(&asked, "now");
    llm_asked_free(&asked);
}

static void a_date_that_comes_is_waited_for(void **state)
{
    FakeLlm *fake = *state;
    char date[64];
    char headers[96];
    struct tm when;
    time_t soon = time(NULL) + 20;
    gmtime_r(&soon, &when);
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &when);
    snprintf(headers, sizeof headers, "Retry-After: %s\r\n", date);
    LlmAsked asked = llm_asked_new(fake_llm_url(fake), true);
    asked.stop_at_wait = true;
    fake_llm_forget(fake);
    fake_llm_then(fake, (FakeLlmReply){.kind = FAKE_LLM_BODY, .status = 429, .headers = headers});
    llm_asked_expect_error(&asked, ERROR_INTERRUPTED, "interrupted while waiting", "");
    int seconds = 0;
    assert_int_equal(sscanf(text_string(&asked.waited), "the server is busy (429) (%d)|", &seconds), 1);
    assert_true(seconds > 1 && seconds <= 20);
    llm_asked_free(&asked);
}

static void all_attempts_share_one_deadline(void **state)
{
    FakeLlm *fake = *state;
    LlmAsked asked = llm_asked_new(fake_llm_url(fake), true);
    asked.profile.retries = 10;
    asked.profile.total_ms = 1450;
    fake_llm_forget(fake);
    fake_llm_then(fake, (FakeLlmReply){.kind = FAKE_LLM_BODY, .status = 500});
    llm_asked_expect_error(&asked, ERROR_CONNECTION, "the server has an error (500)",
                           "total_ms = 1450 ends before");
    assert_true(fake_llm_count(fake) == 2); /* after half a second; one more second is too much */

    fake_llm_forget(fake);
    fake_llm_then(fake, (FakeLlmReply){.kind = FAKE_LLM_BODY, .status = 500});
    fake_llm_then(fake, (FakeLlmReply){.kind = FAKE_LLM_SILENT});
    llm_asked_expect_error(&asked, ERROR_TIMEOUT, "is not done within 1450 ms", "total_ms");
    assert_int_equal(fake_llm_count(fake), 2);

    asked.request.deadline = deadline_in(300); /* the caller's own wins over the profile's */
    llm_asked_expect_error(&asked, ERROR_TIMEOUT, "is not done within", "total_ms");
    llm_asked_free(&asked);
}

static void what_the_key_took_counts_and_is_said(void **state)
{
    FakeLlm *fake = *state;
    LlmAsked asked = llm_asked_new(fake_llm_url(fake), true);
    asked.profile.api_key = NULL;
    asked.profile.api_key_command = "sleep 0.4; echo " LLM_ASKED_KEY;
    asked.profile.total_ms = 3000;
    fake_llm_forget(fake);
    fake_llm_then(fake, (FakeLlmReply){.kind = FAKE_LLM_SILENT});
    llm_asked_expect_error(&asked, ERROR_TIMEOUT,
                           "is not done within 3000 ms, of which its api_key_command took ", "total_ms");
    assert_true(asked.answer.sent);
    asked.profile.api_key_command = "sleep 1000";
    fake_llm_forget(fake);
    llm_asked_expect_error(&asked, ERROR_TIMEOUT, "api_key_command does not end within ", "--timeout");
    assert_false(asked.answer.sent);
    assert_int_equal(fake_llm_count(fake), 0);
    llm_asked_free(&asked);
}

static void what_broke_off_leaves_what_it_may_have_taken(void **state)
{
    FakeLlm *fake = *state;
    LlmAsked asked = llm_asked_new(fake_llm_url(fake), true);
    fake_llm_forget(fake);
    fake_llm_then(fake, (FakeLlmReply){.kind = FAKE_LLM_BODY, .status = 503, .body = "{}"});
    fake_llm_then(fake, (FakeLlmReply){.kind = FAKE_LLM_RESET});
    fake_llm_then(fake, (FakeLlmReply){.kind = FAKE_LLM_CUT, .text = "one two three four five six"});
    llm_asked_expect_error(&asked, ERROR_CONNECTION, "broke off", "");
    const LlmAnswer *spent = &asked.answer;
    assert_int_equal(spent->requests, 3);
    assert_int_equal(spent->input_tokens, 2 * llm_request_tokens(&asked.request)); /* 503: turned down */
    assert_in_range(spent->output_tokens, 1, 10);
    assert_false(spent->counted);
    assert_true(spent->cost > 0);
    assert_true(spent->cost_most > llm_cost(&asked.profile, 0, 2LL * asked.profile.max_tokens));
    llm_asked_free(&asked);
}

static void an_answer_without_its_end_is_told_without_a_reason_that_is_none(void **state)
{
    FakeLlm *fake = *state;
    LlmAsked asked = llm_asked_new(fake_llm_url(fake), true);
    asked.profile.retries = 0;
    fake_llm_forget(fake);
    fake_llm_then(fake,
                  (FakeLlmReply){.kind = FAKE_LLM_BODY,
                                 .type = "text/event-stream",
                                 .body = "data: {\"choices\": [{\"delta\": {\"content\": \"one\"}}]}\n\n"});
    llm_asked_expect_error(&asked, ERROR_CONNECTION, "/v1 broke off, after 3 characters of the answer", "");
    assert_null(strstr(asked.err.message, "No error"));
    fake_llm_then(
        fake, (FakeLlmReply){.kind = FAKE_LLM_BODY, .type = "text/event-stream", .body = ": nothing\n\n"});
    llm_asked_expect_error(&asked, ERROR_CONNECTION, "127.0.0.1", "");
    assert_null(strstr(asked.err.message, "No error"));
    assert_non_null(strstr(asked.err.message, "broke off before the answer"));
    llm_asked_free(&asked);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slow_answers_are_streamed_as_they_come_and_can_be_interrupted),
        cmocka_unit_test(a_silent_server_can_be_interrupted),
        cmocka_unit_test(a_server_that_falls_silent_is_given_up),
        cmocka_unit_test(a_server_that_never_finishes_its_handshake_is_given_up),
        cmocka_unit_test(a_busy_server_is_asked_again_when_it_says),
        cmocka_unit_test(a_date_that_has_passed_means_soon),
        cmocka_unit_test(a_server_that_asks_for_too_much_patience_is_not_waited_for),
        cmocka_unit_test(a_server_with_an_error_is_asked_again_a_few_times),
        cmocka_unit_test(waiting_can_be_interrupted),
        cmocka_unit_test(a_server_that_is_not_there_is_tried_again_and_named),
        cmocka_unit_test(a_broken_connection_is_tried_again_before_the_answer_has_begun),
        cmocka_unit_test(a_stream_that_breaks_off_is_an_error_that_says_how_far_it_came),
        cmocka_unit_test(a_whole_answer_that_breaks_off_is_asked_for_again),
        cmocka_unit_test(a_date_that_comes_is_waited_for),
        cmocka_unit_test(all_attempts_share_one_deadline),
        cmocka_unit_test(what_the_key_took_counts_and_is_said),
        cmocka_unit_test(what_broke_off_leaves_what_it_may_have_taken),
        cmocka_unit_test(an_answer_without_its_end_is_told_without_a_reason_that_is_none),
    };
    return support_cleanup(cmocka_run_group_tests(tests, llm_asked_start, llm_asked_stop));
}
