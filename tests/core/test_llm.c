/* Asking a language model over the real protocol: what a server does well, badly or not at all has the
 * outcome that llm.h describes, nothing hangs, and the key is in no message. */
#include "llm.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "fake_llm.h"
#include "memory.h"
#include "support.h"
#include "text.h"
#include "thread.h"

#define KEY "sk-very-secret-0123456789"
#define TOO_LONG ((size_t)10 * 1024 * 1024)

static const LlmMessage question[] = {{"system", "You answer with one word."}, {"user", "ping"}};

/* One question, and what came of it. */
typedef struct Asked {
    LlmProfile profile;
    LlmRequest request;
    LlmAnswer answer;
    Error err;
    Text streamed;
    Text waited;              /* "why (seconds)|" of each wait */
    bool stop_at_first_chunk; /* interrupts */
    bool stop_at_wait;
} Asked;

static void hear(void *context, const char *text, size_t length)
{
    Asked *asked = context;
    assert_true(text_is_utf8(text, length));
    text_add_n(&asked->streamed, text, length);
    if (asked->stop_at_first_chunk) {
        interrupt_request();
    }
}

static void wait_told(void *context, const char *why, int seconds)
{
    Asked *asked = context;
    text_addf(&asked->waited, "%s (%d)|", why, seconds);
    if (asked->stop_at_wait) {
        interrupt_request();
    }
}

static Asked asked_new(const char *url, bool streamed)
{
    return (Asked){
        .profile = {.name = "local",
                    .base_url = (char *)url,
                    .model = "llama",
                    .api_key = KEY,
                    .max_tokens = 100,
                    .context_tokens = 8192,
                    .connect_ms = 20000,
                    .idle_ms = 20000,
                    .total_ms = 30000,
                    .retries = 2,
                    .price_input = 10,
                    .price_output = 20,
                    .currency = "USD"},
        .request = {
            .messages = question, .message_count = 2, .chunk = streamed ? hear : NULL, .waiting = wait_told}};
}

static bool ask(Asked *asked)
{
    asked->request.context = asked;
    text_clear(&asked->streamed);
    text_clear(&asked->waited);
    llm_answer_free(&asked->answer);
    bool ok = llm_ask(&asked->profile, &asked->request, &asked->answer, &asked->err);
    assert_null(strstr(asked->err.message, KEY));
    assert_null(strstr(asked->err.hint, KEY));
    assert_null(strstr(text_string(&asked->waited), KEY));
    if (!ok) {
        assert_null(asked->answer.text);
        assert_non_null(strstr(asked->err.message, "llm_profile local"));
        assert_true(text_is_utf8(asked->err.message, strlen(asked->err.message)));
    }
    interrupt_clear();
    return ok;
}

static void expect_answer(Asked *asked, const char *text)
{
    if (!ask(asked)) {
        fail_msg("not answered: %s (%s)", asked->err.message, asked->err.hint);
    }
    assert_string_equal(asked->answer.text, text);
    if (asked->request.chunk) {
        assert_string_equal(text_string(&asked->streamed), text);
    }
}

/* It fails like this, with these words in message and hint. */
static void expect_error(Asked *asked, ErrorKind kind, const char *words, const char *hint)
{
    assert_false(ask(asked));
    if (asked->err.kind != kind || !strstr(asked->err.message, words) || !strstr(asked->err.hint, hint)) {
        fail_msg("expected %s: ..%s.. (..%s..), got %s: %s (%s)", error_code(kind), words, hint,
                 error_code(asked->err.kind), asked->err.message, asked->err.hint);
    }
}

static void asked_free(Asked *asked)
{
    llm_answer_free(&asked->answer);
    text_free(&asked->streamed);
    text_free(&asked->waited);
}

static void a_good_answer_comes_whole_and_streamed(void **state)
{
    FakeLlm *fake = *state;
    for (int streamed = 0; streamed < 2; streamed++) {
        Asked asked = asked_new(fake_llm_url(fake), streamed);
        fake_llm_forget(fake);
        fake_llm_then(fake, (FakeLlmReply){.text = "a na\xc3\xafve \xf0\x9f\x98\x80 answer\nof two lines"});
        expect_answer(&asked, "a na\xc3\xafve \xf0\x9f\x98\x80 answer\nof two lines");
        assert_string_equal(asked.answer.model, "fake-model");
        assert_true(asked.answer.counted);
        assert_int_equal(asked.answer.input_tokens, 12);
        assert_int_equal(asked.answer.output_tokens, 34);
        assert_true(asked.answer.cost > 0.000799 && asked.answer.cost < 0.000801);
        assert_false(asked.answer.cut);
        assert_int_equal(fake_llm_count(fake), 1);
        asked_free(&asked);
    }
}

static void what_leaves_the_machine_is_the_body_that_can_be_shown(void **state)
{
    FakeLlm *fake = *state;
    for (int streamed = 0; streamed < 2; streamed++) {
        Asked asked = asked_new(fake_llm_url(fake), streamed);
        asked.request.json = true;
        fake_llm_forget(fake);
        expect_answer(&asked, "pong");
        char *body = llm_request_body(&asked.profile, &asked.request);
        assert_string_equal(fake_llm_body(fake, 0), body);
        assert_non_null(strstr(body, "\"model\":\"llama\""));
        assert_non_null(strstr(body, "{\"role\":\"user\",\"content\":\"ping\"}"));
        assert_non_null(strstr(body, "\"max_tokens\":100"));
        assert_non_null(strstr(body, "\"response_format\":{\"type\":\"json_object\"}"));
        assert_true((strstr(body, "\"stream\":true") != NULL) == streamed);
        assert_null(strstr(body, KEY));
        const char *headers = fake_llm_headers(fake, 0);
        assert_true(text_starts(headers, "POST /v1/chat/completions HTTP/1.1\r\n"));
        assert_non_null(strstr(headers, "Authorization: Bearer " KEY "\r\n"));
        assert_non_null(strstr(headers, "User-Agent: amx/" AMX_VERSION "\r\n"));
        assert_non_null(strstr(headers, "Content-Type: application/json\r\n"));
        free(body);
        asked_free(&asked);
    }
}

static void what_is_not_utf8_in_a_question_is_sent_as_what_it_looks_like(void **state)
{
    FakeLlm *fake = *state;
    static const LlmMessage broken[] = {{"user", "caf\xe9\x01\""}};
    Asked asked = asked_new(fake_llm_url(fake), false);
    asked.request.messages = broken;
    asked.request.message_count = 1;
    fake_llm_forget(fake);
    expect_answer(&asked, "pong");
    assert_non_null(strstr(fake_llm_body(fake, 0), "caf\xef\xbf\xbd\\u0001\\\""));
    asked_free(&asked);
}

static void without_a_key_none_is_sent(void **state)
{
    FakeLlm *fake = *state;
    Asked asked = asked_new(fake_llm_url(fake), false);
    asked.profile.api_key = NULL;
    fake_llm_forget(fake);
    expect_answer(&asked, "pong");
    assert_null(strstr(fake_llm_headers(fake, 0), "Authorization"));
    asked_free(&asked);
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
    Asked asked = asked_new(fake_llm_url(fake), true);
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        fake_llm_forget(fake);
        fake_llm_then(fake, odd[i]);
        expect_answer(&asked, "one two three");
        assert_true(asked.answer.counted);
    }
    asked_free(&asked);
}

static void tokens_are_estimated_when_the_server_does_not_count(void **state)
{
    FakeLlm *fake = *state;
    for (int streamed = 0; streamed < 2; streamed++) {
        Asked asked = asked_new(fake_llm_url(fake), streamed);
        fake_llm_forget(fake);
        fake_llm_then(fake, (FakeLlmReply){.text = "twelve bytes", .no_usage = true});
        expect_answer(&asked, "twelve bytes");
        assert_false(asked.answer.counted);
        assert_int_equal(asked.answer.output_tokens, 3);
        assert_int_equal(asked.answer.input_tokens, llm_request_tokens(&asked.request));
        asked_free(&asked);
    }
    assert_int_equal(llm_tokens(""), 0);
    assert_int_equal(llm_tokens("four five"), 3);
    assert_int_equal(llm_tokens("\xe9\xa1\xa7\xe5\xae\xa2"), 2);
}

static void an_answer_that_ends_at_max_tokens_says_so(void **state)
{
    FakeLlm *fake = *state;
    for (int streamed = 0; streamed < 2; streamed++) {
        Asked asked = asked_new(fake_llm_url(fake), streamed);
        fake_llm_forget(fake);
        fake_llm_then(fake, (FakeLlmReply){.text = "half of a", .finish = "length"});
        expect_answer(&asked, "half of a");
        assert_true(asked.answer.cut);
        fake_llm_then(fake, (FakeLlmReply){.text = "", .finish = "length"});
        expect_error(&asked, ERROR_CHECK, "answered nothing within max_tokens", "");
        asked_free(&asked);
    }
}

static void slow_answers_are_streamed_as_they_come_and_can_be_interrupted(void **state)
{
    FakeLlm *fake = *state;
    Asked asked = asked_new(fake_llm_url(fake), true);
    fake_llm_forget(fake);
    fake_llm_then(fake, (FakeLlmReply){.text = "one two three", .held = true});
    asked.stop_at_first_chunk = true;
    expect_error(&asked, ERROR_INTERRUPTED, "after 5 characters of the answer", "");
    assert_string_equal(text_string(&asked.streamed), "one t");

    fake_llm_forget(fake);
    fake_llm_then(fake, (FakeLlmReply){.text = "one two three", .held = true});
    asked.stop_at_first_chunk = false;
    fake_llm_release(fake, 100);
    expect_answer(&asked, "one two three");
    asked_free(&asked);
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
        Asked asked = asked_new(fake_llm_url(fake), streamed);
        fake_llm_forget(fake);
        fake_llm_then(fake, (FakeLlmReply){.kind = FAKE_LLM_SILENT});
        assert_true(thread_start(&thread, stop_when_asked, &stopper));
        expect_error(&asked, ERROR_INTERRUPTED, "interrupted while", "");
        pthread_join(thread, NULL);
        asked_free(&asked);
    }
    interrupt_use(NULL);
}

static void a_server_that_falls_silent_is_given_up(void **state)
{
    FakeLlm *fake = *state;
    Asked asked = asked_new(fake_llm_url(fake), true);
    asked.profile.idle_ms = 200;
    fake_llm_forget(fake);
    fake_llm_then(fake, (FakeLlmReply){.kind = FAKE_LLM_SILENT});
    expect_error(&asked, ERROR_TIMEOUT, "has said nothing for 200 ms", "idle_ms");
    fake_llm_then(fake, (FakeLlmReply){.text = "one two three", .held = true});
    expect_error(&asked, ERROR_TIMEOUT, "after 5 characters of the answer", "idle_ms");
    asked.profile.idle_ms = 20000;
    asked.profile.total_ms = 200;
    expect_error(&asked, ERROR_TIMEOUT, "is not done within 200 ms", "total_ms");
    asked_free(&asked);
}

static void a_server_that_never_finishes_its_handshake_is_given_up(void **state)
{
    (void)state;
    int port = 0;
    int mute = support_mute_server(&port);
    char *url = text_format("https://127.0.0.1:%d/v1", port);
    Asked asked = asked_new(url, true);
    asked.profile.connect_ms = 200;
    expect_error(&asked, ERROR_TIMEOUT, "takes no connection within 200 ms", "base_url");
    asked_free(&asked);
    free(url);
    close(mute);
}

static void a_busy_server_is_asked_again_when_it_says(void **state)
{
    FakeLlm *fake = *state;
    Asked asked = asked_new(fake_llm_url(fake), true);
    fake_llm_forget(fake);
    fake_llm_then(fake,
                  (FakeLlmReply){.kind = FAKE_LLM_BODY, .status = 429, .headers = "Retry-After: 2\r\n"});
    fake_llm_then(fake, (FakeLlmReply){.text = "now"});
    expect_answer(&asked, "now");
    assert_string_equal(text_string(&asked.waited), "the server is busy (429) (2)|");
    assert_int_equal(fake_llm_count(fake), 2);
    asked_free(&asked);
}

static void a_date_that_has_passed_means_soon(void **state)
{
    FakeLlm *fake = *state;
    Asked asked = asked_new(fake_llm_url(fake), true);
    fake_llm_forget(fake);
    fake_llm_then(fake, (FakeLlmReply){.kind = FAKE_LLM_BODY,
                                       .status = 503,
                                       .headers = "Retry-After: Fri, 31 Dec 1999 23:59:59 GMT\r\n"});
    fake_llm_then(fake, (FakeLlmReply){.text = "now"});
    expect_answer(&asked, "now");
    assert_string_equal(text_string(&asked.waited), "the server has an error (503) (1)|");
    asked_free(&asked);
}

static void a_server_that_asks_for_too_much_patience_is_not_waited_for(void **state)
{
    FakeLlm *fake = *state;
    Asked asked = asked_new(fake_llm_url(fake), true);
    fake_llm_forget(fake);
    fake_llm_then(fake, (FakeLlmReply){.kind = FAKE_LLM_BODY,
                                       .status = 429,
                                       .headers = "Retry-After: 3600\r\n",
                                       .body = "{\"error\": {\"message\": \"quota used up\"}}"});
    expect_error(&asked, ERROR_CONNECTION, "the server is busy (429): \"quota used up\"", "in 3600 seconds");
    assert_int_equal(asked.waited.length, 0);
    fake_llm_then(fake, (FakeLlmReply){.kind = FAKE_LLM_BODY,
                                       .status = 503,
                                       .headers = "Retry-After: Sat, 31 Dec 2089 23:59:59 GMT\r\n"});
    expect_error(&asked, ERROR_CONNECTION, "(503)", "total_ms = 30000 ends before");
    assert_int_equal(fake_llm_count(fake), 2);
    asked_free(&asked);
}

static void a_server_with_an_error_is_asked_again_a_few_times(void **state)
{
    FakeLlm *fake = *state;
    FakeLlmReply broken = {
        .kind = FAKE_LLM_BODY, .status = 500, .body = "{\"error\": \"out of\\u001b[31m memory\"}"};
    Asked asked = asked_new(fake_llm_url(fake), true);
    fake_llm_forget(fake);
    fake_llm_then(fake, broken);
    fake_llm_then(fake, broken);
    fake_llm_then(fake, (FakeLlmReply){.text = "at last"});
    expect_answer(&asked, "at last");
    assert_string_equal(text_string(&asked.waited),
                        "the server has an error (500) (1)|the server has an error (500) (1)|");
    asked.profile.retries = 1;
    fake_llm_forget(fake);
    fake_llm_then(fake, broken);
    expect_error(&asked, ERROR_CONNECTION, "\"out of\\x1b[31m memory\"", "later");
    assert_int_equal(fake_llm_count(fake), 2);
    asked_free(&asked);
}

static void waiting_can_be_interrupted(void **state)
{
    FakeLlm *fake = *state;
    Asked asked = asked_new(fake_llm_url(fake), true);
    asked.stop_at_wait = true;
    fake_llm_forget(fake);
    fake_llm_then(fake,
                  (FakeLlmReply){.kind = FAKE_LLM_BODY, .status = 429, .headers = "Retry-After: 20\r\n"});
    expect_error(&asked, ERROR_INTERRUPTED, "while waiting to ask llm_profile local again", "");
    assert_int_equal(fake_llm_count(fake), 1);
    asked_free(&asked);
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
    Asked asked = asked_new(url, true);
    asked.profile.retries = 1;
    expect_error(&asked, ERROR_CONNECTION, url, "amx llm test local");
    assert_string_equal(text_string(&asked.waited), "nobody takes the connection (1)|");
    asked.profile.retries = 0;
    expect_error(&asked, ERROR_CONNECTION, "is out of reach", "base_url");
    assert_int_equal(asked.waited.length, 0);
    asked_free(&asked);
    free(url);
}

static void a_broken_connection_is_tried_again_before_the_answer_has_begun(void **state)
{
    FakeLlm *fake = *state;
    Asked asked = asked_new(fake_llm_url(fake), true);
    fake_llm_forget(fake);
    fake_llm_then(fake, (FakeLlmReply){.kind = FAKE_LLM_RESET});
    fake_llm_then(fake, (FakeLlmReply){.text = "now"});
    expect_answer(&asked, "now");
    assert_string_equal(text_string(&asked.waited), "the connection broke (1)|");
    asked_free(&asked);
}

static void a_stream_that_breaks_off_is_an_error_that_says_how_far_it_came(void **state)
{
    FakeLlm *fake = *state;
    Asked asked = asked_new(fake_llm_url(fake), true);
    fake_llm_forget(fake);
    fake_llm_then(fake, (FakeLlmReply){.kind = FAKE_LLM_CUT, .text = "one two three four"});
    expect_error(&asked, ERROR_CONNECTION, "broke off, after 9 characters of the answer", "ask again");
    assert_string_equal(text_string(&asked.streamed), "one two t");
    assert_int_equal(fake_llm_count(fake), 1); /* what was streamed is not asked for twice */
    fake_llm_then(fake, (FakeLlmReply){.text = "one two three", .finish = "", .no_done = true});
    expect_error(&asked, ERROR_CONNECTION, "broke off, after 13 characters of the answer", "ask again");
    fake_llm_then(fake, (FakeLlmReply){.kind = FAKE_LLM_BODY,
                                       .type = "text/event-stream",
                                       .body = "data: {\"choices\": [{\"delta\": {\"content\": "
                                               "\"na\xc3\xafve\"}, \"finish_reason\": \"\"}]}\n\n"});
    expect_error(&asked, ERROR_CONNECTION, "broke off, after 5 characters of the answer", "ask again");
    asked_free(&asked);
}

static void a_whole_answer_that_breaks_off_is_asked_for_again(void **state)
{
    FakeLlm *fake = *state;
    Asked asked = asked_new(fake_llm_url(fake), false);
    fake_llm_forget(fake);
    fake_llm_then(fake, (FakeLlmReply){.kind = FAKE_LLM_CUT, .text = "one two three four"});
    fake_llm_then(fake, (FakeLlmReply){.text = "now"});
    expect_answer(&asked, "now");
    asked_free(&asked);
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
        {"<html>Welcome</html>", "text/html; charset=utf-8", "answered with a web page, not JSON: is base_url right?"},
        {" <!DOCTYPE html><title>Log in</title>", "text/plain", "answered with a web page, not JSON"},
        {"no JSON", "text/" KEY, "answered with text/***, not with JSON"},
        {"no JSON", "text/\x1b[31m", "answered with text/\\x1b[31m, not with JSON"},
        {"data: {\"choices\": \n\n", "text/event-stream", "not valid JSON"},
        {"data: {\"error\": {\"message\": \"overloaded $AUTHORIZATION\"}}\n\n", "text/event-stream",
         "reports an error: \"overloaded Bearer ***\""},
        {"data: [DONE]\n\n", "text/event-stream", "answered nothing"},
        {"{\"error\": {\"message\": \"no such thing\"}}", "application/json",
         "reports an error: \"no such thing\""},
    };
    for (int streamed = 0; streamed < 2; streamed++) {
        Asked asked = asked_new(fake_llm_url(fake), streamed);
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            fake_llm_forget(fake);
            fake_llm_then(
                fake, (FakeLlmReply){.kind = FAKE_LLM_BODY, .body = cases[i].body, .type = cases[i].type});
            expect_error(&asked, ERROR_CHECK, cases[i].words, "base_url");
            assert_int_equal(fake_llm_count(fake), 1);
        }
        asked_free(&asked);
    }
}

static void an_answer_without_end_is_refused(void **state)
{
    FakeLlm *fake = *state;
    char *text = memory_alloc(TOO_LONG + 1);
    memset(text, 'x', TOO_LONG);
    text[TOO_LONG] = '\0';
    for (int streamed = 0; streamed < 2; streamed++) {
        Asked asked = asked_new(fake_llm_url(fake), streamed);
        fake_llm_forget(fake);
        fake_llm_then(fake, (FakeLlmReply){.text = text, .piece = 64 * 1024});
        expect_error(&asked, ERROR_CHECK, "more than 8 MiB", "");
        fake_llm_then(fake,
                      (FakeLlmReply){.kind = FAKE_LLM_ENDLESS, .text = "and so on", .piece = 64 * 1024});
        expect_error(&asked, ERROR_CHECK, "more than 8 MiB", "");
        assert_int_equal(fake_llm_count(fake), 2);
        asked_free(&asked);
    }
    Asked asked = asked_new(fake_llm_url(fake), true);
    fake_llm_then(fake, (FakeLlmReply){.text = text, .piece = TOO_LONG});
    expect_error(&asked, ERROR_CHECK, "an event of more than 1 MiB", "");
    asked_free(&asked);
    free(text);
}

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
        Asked asked = asked_new(fake_llm_url(fake), streamed);
        asked.profile.retries = 0;
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            FakeLlmReply reply = {
                .kind = FAKE_LLM_BODY,
                .status = cases[i].status,
                .body = "{\"error\": {\"message\": \"bad key: $AUTHORIZATION and again $AUTHORIZATION\"}}"};
            reply.headers = cases[i].status == 307 ? elsewhere : NULL;
            fake_llm_forget(fake);
            fake_llm_then(fake, reply);
            expect_error(&asked, cases[i].kind, cases[i].words, cases[i].hint);
            assert_int_equal(fake_llm_count(fake), 1); /* a redirect is not followed */
        }
        asked.profile.api_key = NULL;
        fake_llm_then(fake, (FakeLlmReply){.kind = FAKE_LLM_BODY, .status = 401});
        expect_error(&asked, ERROR_CONFIG, "refuses to answer without a key (401)", "add api_key_env");
        asked_free(&asked);
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
    Asked asked = asked_new(fake_llm_url(fake), false);
    fake_llm_forget(fake);
    fake_llm_then(fake, (FakeLlmReply){.kind = FAKE_LLM_BODY, .status = 400, .body = body});
    long_words[300] = '\0';
    char *quoted = text_format("\"%s..\"", long_words);
    expect_error(&asked, ERROR_CHECK, quoted, "");
    free(quoted);
    free(body);
    asked_free(&asked);
}

static void an_answer_that_echoes_the_key_loses_it(void **state)
{
    FakeLlm *fake = *state;
    static const char *const echoes[] = {KEY, "\\u0073k-very-secret-0123456789",
                                         "sk-ver\\u0079-secret-\\u00301234567\\u00389"};
    for (int streamed = 0; streamed < 2; streamed++) {
        Asked asked = asked_new(fake_llm_url(fake), streamed);
        for (size_t i = 0; i < sizeof echoes / sizeof *echoes; i++) {
            char *text = text_format("{\"said\": \"sk- and %s, %s\"} sk-v", echoes[i], echoes[i]);
            fake_llm_forget(fake);
            fake_llm_then(fake, (FakeLlmReply){.text = text});
            expect_answer(&asked, "{\"said\": \"sk- and ***, ***\"} sk-v");
            fake_llm_then(fake, (FakeLlmReply){.text = text, .piece = 1});
            expect_answer(&asked, "{\"said\": \"sk- and ***, ***\"} sk-v");
            free(text);
        }
        asked_free(&asked);
    }
}

static void a_placeholder_for_a_key_leaves_an_answer_alone(void **state)
{
    FakeLlm *fake = *state;
    static char *const keys[] = {"none", "true", "EMPTY", "ollama"};
    for (int streamed = 0; streamed < 2; streamed++) {
        Asked asked = asked_new(fake_llm_url(fake), streamed);
        fake_llm_forget(fake);
        fake_llm_then(fake, (FakeLlmReply){.text = "{\"found\": true, \"said\": \"none EMPTY ollama\"}"});
        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
            asked.profile.api_key = keys[i];
            expect_answer(&asked, "{\"found\": true, \"said\": \"none EMPTY ollama\"}");
        }
        asked_free(&asked);
    }
}

static void no_model_can_pass_for_the_built_in_rules(void **state)
{
    FakeLlm *fake = *state;
    Asked asked = asked_new(fake_llm_url(fake), false);
    fake_llm_forget(fake);
    fake_llm_then(fake, (FakeLlmReply){.kind = FAKE_LLM_BODY,
                                       .body = "{\"model\": \"builtin\", \"choices\": [{\"message\": "
                                               "{\"content\": \"pong\"}}]}"});
    expect_answer(&asked, "pong");
    assert_string_equal(asked.answer.model, "local/builtin");
    asked_free(&asked);
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
    Asked asked = asked_new(fake_llm_url(fake), true);
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
    expect_answer(&asked, "{\"is\": \"fine\"}");
    assert_int_equal(fake_llm_count(fake), 4);
    for (size_t i = 0; i < count; i++) {
        assert_non_null(strstr(fake_llm_body(fake, (int)i), refusals[i].without));
        assert_null(strstr(fake_llm_body(fake, (int)i + 1), refusals[i].without));
        assert_non_null(strstr(fake_llm_body(fake, (int)i + 1), refusals[i].with));
    }
    assert_int_equal(asked.waited.length, 0);

    expect_answer(&asked, "{\"is\": \"fine\"}"); /* remembered */
    assert_int_equal(fake_llm_count(fake), 5);
    char *body = llm_request_body(&asked.profile, &asked.request);
    assert_string_equal(fake_llm_body(fake, 4), body);
    free(body);

    asked.profile.model = "another"; /* of this model, nothing is known */
    expect_answer(&asked, "{\"is\": \"fine\"}");
    assert_non_null(strstr(fake_llm_body(fake, 5), "response_format"));
    asked_free(&asked);
}

static void a_refusal_that_another_wording_does_not_help_is_told_and_forgotten(void **state)
{
    FakeLlm *fake = *state;
    static const Refusal cases[] = {
        {400, "{\"error\": \"max_tokens is too large: 100\"}", NULL, NULL},
        {400, "{\"error\": \"stream_options: not asked for\"}", NULL, NULL},
        {413, "{\"error\": \"response_format\"}", NULL, NULL},
    };
    Asked asked = asked_new(fake_llm_url(fake), false);
    asked.request.json = true;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fake_llm_forget(fake);
        fake_llm_then(
            fake, (FakeLlmReply){.kind = FAKE_LLM_BODY, .status = cases[i].status, .body = cases[i].body});
        expect_error(&asked, ERROR_CHECK, "refuses the request", "");
        assert_int_equal(fake_llm_count(fake), 1);
    }
    fake_llm_forget(fake);
    fake_llm_then(fake, (FakeLlmReply){.kind = FAKE_LLM_BODY,
                                       .status = 400,
                                       .body = "{\"error\": \"response_format or whatever\"}"});
    expect_error(&asked, ERROR_CHECK, "\"response_format or whatever\"", "");
    assert_int_equal(fake_llm_count(fake), 2);
    char *body = llm_request_body(&asked.profile, &asked.request);
    assert_non_null(strstr(body, "response_format"));
    free(body);
    asked_free(&asked);
}

static int start_fake(void **state)
{
    *state = fake_llm_start();
    return 0;
}

static int stop_fake(void **state)
{
    fake_llm_stop(*state);
    return 0;
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
        cmocka_unit_test(what_is_no_answer_is_refused),
        cmocka_unit_test(an_answer_without_end_is_refused),
        cmocka_unit_test(refusals_say_what_to_look_at_and_never_the_key),
        cmocka_unit_test(what_a_server_says_of_an_error_is_cut),
        cmocka_unit_test(an_answer_that_echoes_the_key_loses_it),
        cmocka_unit_test(a_placeholder_for_a_key_leaves_an_answer_alone),
        cmocka_unit_test(no_model_can_pass_for_the_built_in_rules),
        cmocka_unit_test(a_parameter_that_a_server_refuses_is_left_out_from_then_on),
        cmocka_unit_test(a_refusal_that_another_wording_does_not_help_is_told_and_forgotten),
    };
    return support_cleanup(cmocka_run_group_tests(tests, start_fake, stop_fake));
}
