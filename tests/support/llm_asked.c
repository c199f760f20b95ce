#include "llm_asked.h"

#include <string.h>

#include "fake_llm.h"
#include "support.h"

static const LlmMessage question[] = {{"system", "You answer with one word."}, {"user", "ping"}};

static void hear(void *context, const char *text, size_t length)
{
    LlmAsked *asked = context;
    assert_true(text_is_utf8(text, length));
    text_add_n(&asked->streamed, text, length);
    if (asked->stop_at_first_chunk) {
        interrupt_request();
    }
}

static void wait_told(void *context, const char *why, int seconds)
{
    LlmAsked *asked = context;
    text_addf(&asked->waited, "%s (%d)|", why, seconds);
    if (asked->stop_at_wait) {
        interrupt_request();
    }
}

int llm_asked_start(void **state)
{
    *state = fake_llm_start();
    return 0;
}

int llm_asked_stop(void **state)
{
    fake_llm_stop(*state);
    return 0;
}

LlmAsked llm_asked_new(const char *url, bool streamed)
{
    return (LlmAsked){
        .profile = {.name = "local",
                    .base_url = (char *)url,
                    .model = "llama",
                    .api_key = LLM_ASKED_KEY,
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

bool llm_asked_ask(LlmAsked *asked)
{
    asked->request.context = asked;
    text_clear(&asked->streamed);
    text_clear(&asked->waited);
    llm_answer_free(&asked->answer);
    bool ok = llm_ask(&asked->profile, &asked->request, &asked->answer, &asked->err);
    assert_null(strstr(asked->err.message, LLM_ASKED_KEY));
    assert_null(strstr(asked->err.hint, LLM_ASKED_KEY));
    assert_null(strstr(text_string(&asked->waited), LLM_ASKED_KEY));
    if (!ok) {
        assert_null(asked->answer.text);
        assert_non_null(strstr(asked->err.message, "llm_profile local"));
        assert_true(text_is_utf8(asked->err.message, strlen(asked->err.message)));
    }
    interrupt_clear();
    return ok;
}

void llm_asked_expect_answer(LlmAsked *asked, const char *text)
{
    if (!llm_asked_ask(asked)) {
        fail_msg("not answered: %s (%s)", asked->err.message, asked->err.hint);
    }
    assert_string_equal(asked->answer.text, text);
    if (asked->request.chunk) {
        assert_string_equal(text_string(&asked->streamed), text);
    }
}

void llm_asked_expect_error(LlmAsked *asked, ErrorKind kind, const char *words, const char *hint)
{
    assert_false(llm_asked_ask(asked));
    if (asked->err.kind != kind || !strstr(asked->err.message, words) || !strstr(asked->err.hint, hint)) {
        fail_msg("expected %s: ..%s.. (..%s..), got %s: %s (%s)", error_code(kind), words, hint,
                 error_code(asked->err.kind), asked->err.message, asked->err.hint);
    }
}

void llm_asked_free(LlmAsked *asked)
{
    llm_answer_free(&asked->answer);
    text_free(&asked->streamed);
    text_free(&asked->waited);
}
