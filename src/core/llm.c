#include "llm.h"

#include <jansson.h>
#include <string.h>
#include <time.h>

#include "llm_failure.h"
#include "llm_http.h"
#include "llm_key.h"
#include "llm_reading.h"
#include "llm_refusals.h"
#include "memory.h"
#include "text.h"

#define BUILTIN "builtin" /* what answers are signed with that no model gave */

enum {
    FIRST_WAIT_MS = 500,
    LONGEST_WAIT_MS = 30 * 1000,
    SLICE_MS = 50,
    CHARACTERS_PER_TOKEN = 4,
    TOKENS_AROUND_MESSAGE = 4, /* its role, and what stands between messages */
};

/* One question, over all of its attempts. */
typedef struct Asking {
    const LlmProfile *profile;
    const LlmRequest *request;
    const char *key;   /* or NULL */
    char *found_key;   /* the same where it was found here: to be wiped */
    int64_t key_ms;    /* that finding it took */
    bool unauthorized; /* the last one was answered with 401 */
    const char *url;
    unsigned refused; /* LlmRefusals: what the server does not take */
    Deadline deadline;
    int attempt; /* from 0 */
    /* What the attempt that failed leaves: */
    bool again;      /* another one may succeed */
    unsigned named;  /* of LlmRefusals: it may succeed at once without this */
    int retry_after; /* seconds that the server asks for; 0: it does not say */
    char why[128];   /* the phrase for the waiting */
} Asking;

static void set_string(json_t *object, const char *key, const char *value)
{
    char *utf8 = text_to_utf8(value, strlen(value));
    json_t *string = json_string(utf8);
    free(utf8);
    if (!string || json_object_set_new(object, key, string) != 0) {
        memory_exhausted();
    }
}

static void set_value(json_t *object, const char *key, json_t *value)
{
    if (!value || json_object_set_new(object, key, value) != 0) {
        memory_exhausted();
    }
}

static char *request_body(const LlmProfile *profile, const LlmRequest *request, unsigned refused)
{
    json_t *root = json_object();
    json_t *messages = json_array();
    set_string(root, "model", profile->model);
    for (size_t i = 0; i < request->message_count; i++) {
        json_t *message = json_object();
        set_string(message, "role", request->messages[i].role);
        set_string(message, "content", request->messages[i].content);
        if (json_array_append_new(messages, message) != 0) {
            memory_exhausted();
        }
    }
    set_value(root, "messages", messages);
    set_value(root, refused & LLM_REFUSES_MAX_TOKENS ? "max_completion_tokens" : "max_tokens",
              json_integer(request->max_tokens ? request->max_tokens : profile->max_tokens));
    if (request->json && !(refused & LLM_REFUSES_RESPONSE_FORMAT)) {
        set_value(root, "response_format", json_pack("{s:s}", "type", "json_object"));
    }
    set_value(root, "stream", json_boolean(request->chunk != NULL));
    if (request->chunk && !(refused & LLM_REFUSES_STREAM_OPTIONS)) {
        set_value(root, "stream_options", json_pack("{s:b}", "include_usage", 1));
    }
    char *body = json_dumps(root, JSON_COMPACT);
    if (!body) {
        memory_exhausted();
    }
    json_decref(root);
    return body;
}

char *llm_request_body(const LlmProfile *profile, const LlmRequest *request)
{
    return request_body(profile, request, llm_refusals_known(profile));
}

long long llm_tokens(const char *text)
{
    long long plain = 0;
    long long other = 0; /* characters beyond ASCII are about a token each */
    for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
        plain += *at < 0x80;
        other += *at >= 0xc0;
    }
    return other + (plain + CHARACTERS_PER_TOKEN - 1) / CHARACTERS_PER_TOKEN;
}

long long llm_request_tokens(const LlmRequest *request)
{
    long long tokens = 0;
    for (size_t i = 0; i < request->message_count; i++) {
        tokens += llm_tokens(request->messages[i].content) + TOKENS_AROUND_MESSAGE;
    }
    return tokens;
}

double llm_cost(const LlmProfile *profile, long long input, long long output)
{
    return ((double)input * profile->price_input + (double)output * profile->price_output) / 1e6;
}

void llm_answer_free(LlmAnswer *answer)
{
    free(answer->text);
    free(answer->model);
    *answer = (LlmAnswer){0};
}

char *llm_answer_bill(const LlmProfile *profile, const LlmAnswer *answer)
{
    Text bill = {0};
    text_addf(&bill, "%s, %s%lld + %lld tokens", answer->model, answer->counted ? "" : "about ",
              answer->input_tokens, answer->output_tokens);
    if (answer->cost > 0) {
        text_addf(&bill, ", %.4f %s", answer->cost, profile->currency);
    }
    return text_take(&bill);
}

static void may_try_again(Asking *asking, const char *why)
{
    asking->again = true;
    text_copy(asking->why, sizeof asking->why, why);
}

static bool is_passing(int status)
{
    return status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

/* Those that a server may refuse, of the last attempt. */
static unsigned sent_parameters(const Asking *asking)
{
    const LlmRequest *request = asking->request;
    unsigned sent = LLM_REFUSES_MAX_TOKENS;
    sent |= request->json ? LLM_REFUSES_RESPONSE_FORMAT : 0U;
    sent |= request->chunk ? LLM_REFUSES_STREAM_OPTIONS : 0U;
    return sent & ~asking->refused;
}

static bool is_refused(const LlmHttpReply *reply)
{
    return reply->status != 0 && reply->status != 200;
}

static void judge_refusal(Asking *asking, const LlmHttpReply *reply, const LlmReading *reading)
{
    const int status = reply->status;
    if (is_passing(status)) {
        char *why =
            text_format(status == 429 ? "the server is busy (%d)" : "the server has an error (%d)", status);
        may_try_again(asking, why);
        free(why);
    }
    if (status == 429 || status == 503) {
        asking->retry_after = reply->retry_after;
    }
    if (status == 400 || status == 422) {
        asking->named = llm_refusals_named(text_string(&reading->body), sent_parameters(asking));
    }
    asking->unauthorized = status == 401;
}

/* May another attempt succeed where this one failed, and how? */
static void judge(Asking *asking, const LlmHttpReply *reply, const LlmReading *reading)
{
    if (reply->end == LLM_HTTP_INTERRUPTED) {
        return;
    }
    if (is_refused(reply)) {
        judge_refusal(asking, reply, reading);
    } else if (*reading->wrong) {
        return; /* it would be answered like that again */
    } else if (reply->end == LLM_HTTP_REFUSED) {
        may_try_again(asking, "nobody takes the connection");
    } else if (reply->end <= LLM_HTTP_BROKEN && reading->text.length == 0) {
        may_try_again(asking, "the connection broke");
    }
}

/* As the server names it, but for what the built-in rules are called. Owned by the caller. */
static char *model_name(const Asking *asking, const LlmReading *reading)
{
    const LlmProfile *profile = asking->profile;
    char *name =
        reading->model ? llm_reading_quote(reading->model, asking->key) : memory_string(profile->model);
    if (text_equal(name, BUILTIN)) {
        free(name);
        name = text_format("%s/" BUILTIN, profile->name);
    }
    return name;
}

static bool went_out(LlmHttpEnd end)
{
    return end != LLM_HTTP_REFUSED && end != LLM_HTTP_NO_WAY && end != LLM_HTTP_UNTRUSTED &&
           end != LLM_HTTP_CONNECT_TIMEOUT;
}

/* A server that turns a request down, or says that it failed, asks nothing for it; one that falls silent may.
 */
static bool is_free(const LlmHttpReply *reply)
{
    return reply->status >= 300;
}

/* About how many tokens an answer had that nobody has counted. No server writes more than it may. */
static long long tokens_come(const LlmReading *reading, int most)
{
    const long long bytes = reading->too_long ? (long long)reading->received / CHARACTERS_PER_TOKEN : 0;
    const long long read = llm_tokens(text_string(&reading->text));
    const long long come = read > bytes ? read : bytes;
    return come < most ? come : most;
}

/* What an attempt took. */
static void add_spent(const Asking *asking, const LlmHttpReply *reply, const LlmReading *reading,
                      LlmAnswer *out)
{
    const LlmProfile *profile = asking->profile;
    const LlmRequest *request = asking->request;
    if (!went_out(reply->end)) {
        return;
    }
    out->sent = true;
    out->requests++;
    if (is_free(reply)) {
        return;
    }
    const bool counted = reading->counted;
    const long long input = counted ? reading->input_tokens : llm_request_tokens(request);
    const int most = request->max_tokens ? request->max_tokens : profile->max_tokens;
    const long long output = counted ? reading->output_tokens : tokens_come(reading, most);
    const bool known = counted || reading->complete;
    out->input_tokens += input;
    out->output_tokens += output;
    out->counted = out->counted && counted;
    out->cost += llm_cost(profile, input, output);
    out->cost_most += llm_cost(profile, input, known ? output : most);
}

static bool receive(void *context, const LlmHttpReply *reply, const char *bytes, size_t length)
{
    return llm_reading_take(context, reply, bytes, length);
}

/* A reply that is no answer. */
static bool fail(Asking *asking, const LlmHttpReply *reply, const LlmReading *reading, Error *err)
{
    LlmFailure failure = {.profile = asking->profile,
                          .key = asking->key,
                          .key_ms = asking->key_ms,
                          .reply = reply,
                          .reading = reading};
    judge(asking, reply, reading);
    return llm_failure_tell(&failure, err);
}

static bool take_reply(Asking *asking, const LlmHttpReply *reply, LlmReading *reading, LlmAnswer *out,
                       Error *err)
{
    if (reply->end != LLM_HTTP_INTERRUPTED) {
        llm_reading_end(reading, reply);
    }
    add_spent(asking, reply, reading, out);
    if (reply->end == LLM_HTTP_INTERRUPTED || is_refused(reply) || *reading->wrong || !reading->complete) {
        return fail(asking, reply, reading, err);
    }
    out->text = text_take(&reading->text);
    out->model = model_name(asking, reading);
    out->cut = reading->cut;
    return true;
}

static bool may_send(const Asking *asking, const LlmAnswer *spent, Error *err)
{
    const LlmRequest *request = asking->request;
    return !request->may_send || request->may_send(request->context, spent, err);
}

static bool ask_once(Asking *asking, LlmAnswer *out, Error *err)
{
    const LlmProfile *profile = asking->profile;
    LlmReading reading = {
        .chunk = asking->request->chunk, .context = asking->request->context, .scrub = {.key = asking->key}};
    LlmHttpReply reply;
    asking->again = asking->unauthorized = false;
    asking->named = LLM_REFUSES_NOTHING;
    asking->retry_after = 0;
    if (!may_send(asking, out, err)) {
        return false;
    }
    char *body = request_body(profile, asking->request, asking->refused);
    LlmHttp http = {.url = asking->url,
                    .key = asking->key,
                    .body = body,
                    .loopback = config_llm_is_loopback(profile->base_url),
                    .connect_ms = profile->connect_ms,
                    .idle_ms = profile->idle_ms,
                    .deadline = asking->deadline,
                    .received = receive,
                    .context = &reading};
    bool ok = llm_http_post(&http, &reply, err);
    if (ok) {
        ok = take_reply(asking, &reply, &reading, out, err);
    } else {
        error_prefix(err, "llm_profile %s: ", profile->name);
    }
    llm_reading_free(&reading);
    free(body);
    return ok;
}

/* The server's wish, else longer from one attempt to the next. */
static long long wait_ms(const Asking *asking)
{
    if (asking->retry_after > 0) {
        return asking->retry_after * 1000LL;
    }
    long long wait = (long long)FIRST_WAIT_MS << asking->attempt;
    return wait < LONGEST_WAIT_MS ? wait : LONGEST_WAIT_MS;
}

static bool pause_ms(const Asking *asking, long long wait, Error *err)
{
    Deadline end = deadline_in(wait);
    for (int left = deadline_left(end); left > 0; left = deadline_left(end)) {
        if (interrupt_requested()) {
            return error_set(err, ERROR_INTERRUPTED, "interrupted while waiting to ask llm_profile %s again",
                             asking->profile->name);
        }
        long slice = left < SLICE_MS ? left : SLICE_MS;
        nanosleep(&(struct timespec){.tv_nsec = slice * 1000 * 1000}, NULL);
    }
    return true;
}

/* After an attempt that failed as *err says: is there to be another one, now? */
static bool waits_for_another(Asking *asking, Error *err)
{
    if (!asking->again || asking->attempt >= asking->profile->retries) {
        return false;
    }
    long long wait = wait_ms(asking);
    int seconds = (int)((wait + 999) / 1000);
    if (wait >= deadline_left(asking->deadline)) {
        char *limit = asking->profile->hurried ? memory_string("--timeout")
                                               : text_format("total_ms = %d", asking->profile->total_ms);
        error_hint(err, "it could be asked again in %d seconds, but %s ends before", seconds, limit);
        free(limit);
        return false;
    }
    if (asking->request->waiting) {
        asking->request->waiting(asking->request->context, asking->why, seconds);
    }
    asking->attempt++;
    return pause_ms(asking, wait, err);
}

/* Asks, and again at once without a parameter that the server names when it refuses the request. */
static bool ask_adapting(Asking *asking, LlmAnswer *out, Error *err)
{
    bool ok = ask_once(asking, out, err);
    while (!ok && asking->named) {
        asking->refused |= asking->named;
        ok = ask_once(asking, out, err);
    }
    if (ok && asking->refused) {
        llm_refusals_remember(asking->profile, asking->refused);
    }
    return ok;
}

static bool ask_patiently(Asking *asking, LlmAnswer *out, Error *err)
{
    bool ok = ask_adapting(asking, out, err);
    while (!ok && waits_for_another(asking, err)) {
        ok = ask_adapting(asking, out, err);
    }
    return ok;
}

static bool find_key(Asking *asking, Error *err)
{
    int64_t start = clock_monotonic_ms();
    bool found = llm_key_find(asking->profile, asking->deadline, &asking->found_key, err);
    asking->key_ms += clock_monotonic_ms() - start;
    asking->key = asking->found_key;
    return found;
}

/* After a 401: does the command that told the key tell another one by now? When it fails, *err says so. */
static bool has_another_key(Asking *asking, Error *err)
{
    if (!asking->unauthorized || !llm_key_forget(asking->profile)) {
        return false;
    }
    char *refused = memory_string(asking->key);
    llm_key_free(asking->found_key);
    asking->key = asking->found_key = NULL;
    bool another = find_key(asking, err) && !text_equal(asking->key, refused);
    llm_key_free(refused);
    return another;
}

bool llm_ask(const LlmProfile *profile, const LlmRequest *request, LlmAnswer *out, Error *err)
{
    Error why = {0};
    char *url = text_format("%s/chat/completions", profile->base_url);
    Asking asking = {.profile = profile,
                     .request = request,
                     .key = request->key,
                     .url = url,
                     .refused = llm_refusals_known(profile),
                     .deadline = request->deadline ? request->deadline : deadline_in(profile->total_ms)};
    *out = (LlmAnswer){.counted = true};
    bool ok = (asking.key || find_key(&asking, &why)) && ask_patiently(&asking, out, &why);
    if (!ok && has_another_key(&asking, &why)) {
        ok = ask_patiently(&asking, out, &why);
    }
    if (!ok && err) {
        *err = why;
    }
    free(url);
    llm_key_free(asking.found_key);
    return ok;
}
