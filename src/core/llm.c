#include "llm.h"

#include <jansson.h>
#include <string.h>
#include <time.h>

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
    bool sent;         /* some attempt went out */
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

/* ": \"what the server says\"", or "". Owned by the caller. */
static char *quoted_error(const Asking *asking, const LlmReading *reading)
{
    char *said = llm_reading_error(reading, asking->key);
    char *quoted = said ? text_format(": \"%s\"", said) : memory_string("");
    free(said);
    return quoted;
}

static void hint_at_key(const LlmProfile *profile, Error *err)
{
    char *source = llm_key_source(profile);
    if (text_equal(source, "none")) {
        error_hint(err, "it wants a key: add api_key_env or api_key_command to llm_profile %s",
                   profile->name);
    } else {
        error_hint(err, "the key comes from %s: is it the right one, and still valid?", source);
    }
    free(source);
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

/* A status that is not 200. */
static bool fail_status(Asking *asking, const LlmHttpReply *reply, const LlmReading *reading, Error *err)
{
    const LlmProfile *profile = asking->profile;
    const int status = reply->status;
    char *said = quoted_error(asking, reading);
    const char *name = profile->name;
    const char *url = profile->base_url;
    if (status == 401 || status == 403) {
        error_set(err, ERROR_CONFIG, "llm_profile %s: %s refuses %s (%d)%s", name, url,
                  asking->key ? "the key" : "to answer without a key", status, said);
        hint_at_key(profile, err);
    } else if (status == 404) {
        error_set(err, ERROR_CONFIG,
                  "llm_profile %s: %s does not know the model \"%s\", or is no such address "
                  "(404)%s",
                  name, url, profile->model, said);
        error_hint(err, "check model and base_url, which ends in /v1 at most servers");
    } else if (status >= 300 && status < 400) {
        error_set(err, ERROR_CONFIG, "llm_profile %s: %s sends elsewhere (%d), where the key must not go",
                  name, url, status);
        error_hint(err, "write the address that it moved to as base_url");
    } else if (is_passing(status)) {
        char *why =
            text_format(status == 429 ? "the server is busy (%d)" : "the server has an error (%d)", status);
        error_set(err, ERROR_CONNECTION, "llm_profile %s: %s: %s%s", name, url, why, said);
        error_hint(err, "try again later");
        may_try_again(asking, why);
        asking->retry_after = status == 429 || status == 503 ? reply->retry_after : 0;
        free(why);
    } else if (status >= 500) {
        error_set(err, ERROR_CONNECTION, "llm_profile %s: %s: the server has an error (%d)%s", name, url,
                  status, said);
        error_hint(err, "try again later");
    } else {
        if (status == 400 || status == 422) {
            asking->named = llm_refusals_named(text_string(&reading->body), sent_parameters(asking));
        }
        error_set(err, ERROR_CHECK, "llm_profile %s: %s refuses the request (%d)%s", name, url, status, said);
        error_hint(err,
                   "does the model take that much text? context_tokens and max_tokens say what it is given");
    }
    free(said);
    return false;
}

/* ", after 120 characters of the answer", or "". Owned by the caller. */
static char *how_far(const LlmReading *reading)
{
    size_t characters = llm_reading_characters(reading);
    return characters ? text_format(", after %zu character%s of the answer", characters,
                                    text_plural((long long)characters))
                      : memory_string("");
}

static bool fail_timeout(const Asking *asking, LlmHttpEnd end, const char *far, Error *err)
{
    const LlmProfile *profile = asking->profile;
    bool connecting = end == LLM_HTTP_CONNECT_TIMEOUT;
    bool idle = end == LLM_HTTP_IDLE_TIMEOUT;
    bool by_key = end == LLM_HTTP_TOTAL_TIMEOUT && asking->key_ms * 10 >= profile->total_ms;
    char *key = by_key ? text_format(", of which its api_key_command took %lld", (long long)asking->key_ms)
                       : memory_string("");
    error_set(err, ERROR_TIMEOUT, "llm_profile %s: %s %s %d ms%s%s", profile->name, profile->base_url,
              connecting ? "takes no connection within"
              : idle     ? "has said nothing for"
                         : "is not done within",
              connecting ? profile->connect_ms
              : idle     ? profile->idle_ms
                         : profile->total_ms,
              key, far);
    free(key);
    return error_hint(err,
                      connecting ? "is base_url right, and the server running?"
                                 : "give it longer with %s, or take a smaller model",
                      idle ? "idle_ms" : "total_ms");
}

/* The reply did not come to its end. */
static bool fail_transfer(Asking *asking, const LlmHttpReply *reply, const LlmReading *reading, Error *err)
{
    const LlmProfile *profile = asking->profile;
    char *far = how_far(reading);
    char *why = llm_reading_quote(reply->why, asking->key);
    switch (reply->end) {
    case LLM_HTTP_INTERRUPTED:
        error_set(err, ERROR_INTERRUPTED, "interrupted while llm_profile %s was asked%s", profile->name, far);
        break;
    case LLM_HTTP_CONNECT_TIMEOUT:
    case LLM_HTTP_IDLE_TIMEOUT:
    case LLM_HTTP_TOTAL_TIMEOUT:
        fail_timeout(asking, reply->end, far, err);
        break;
    case LLM_HTTP_WHOLE:
    case LLM_HTTP_ENOUGH:
    case LLM_HTTP_BROKEN:
        error_set(err, ERROR_CONNECTION, "llm_profile %s: %s broke off%s%s%s", profile->name,
                  profile->base_url, *far ? far : " before the answer", *why ? ": " : "", why);
        error_hint(err, "ask again; amx llm test %s says whether it answers at all", profile->name);
        if (reading->text.length == 0) {
            may_try_again(asking, "the connection broke");
        }
        break;
    case LLM_HTTP_UNTRUSTED:
        error_set(err, ERROR_CONNECTION, "llm_profile %s: %s is not trusted: %s", profile->name,
                  profile->base_url, why);
        error_hint(err, "add the certificate of who signed it to the system's, or name its file in "
                        "SSL_CERT_FILE");
        break;
    case LLM_HTTP_REFUSED:
    case LLM_HTTP_NO_WAY:
        error_set(err, ERROR_CONNECTION, "llm_profile %s: %s is out of reach: %s", profile->name,
                  profile->base_url, why);
        error_hint(err, "is the server running, and base_url right? try: amx llm test %s", profile->name);
        if (reply->end == LLM_HTTP_REFUSED) {
            may_try_again(asking, "nobody takes the connection");
        }
        break;
    }
    free(why);
    free(far);
    return false;
}

/* What came is no answer. */
static bool fail_reading(const Asking *asking, const LlmReading *reading, Error *err)
{
    char *said = quoted_error(asking, reading);
    char *wrong = llm_reading_quote(reading->wrong, asking->key);
    error_set(err, ERROR_CHECK, "llm_profile %s: %s %s%s", asking->profile->name, asking->profile->base_url,
              wrong, said);
    free(wrong);
    free(said);
    return error_hint(err,
                      "does base_url lead to an OpenAI-compatible server? it ends in /v1 at most of them");
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

static void fill_answer(const Asking *asking, LlmReading *reading, LlmAnswer *out)
{
    const LlmProfile *profile = asking->profile;
    *out = (LlmAnswer){
        .text = text_take(&reading->text),
        .model = model_name(asking, reading),
        .input_tokens = reading->input_tokens,
        .output_tokens = reading->output_tokens,
        .counted = reading->counted,
        .cut = reading->cut,
    };
    if (!out->counted) {
        out->input_tokens = llm_request_tokens(asking->request);
        out->output_tokens = llm_tokens(out->text);
    }
    out->cost = llm_cost(profile, out->input_tokens, out->output_tokens);
}

static bool receive(void *context, const LlmHttpReply *reply, const char *bytes, size_t length)
{
    return llm_reading_take(context, reply, bytes, length);
}

static bool went_out(LlmHttpEnd end)
{
    return end != LLM_HTTP_REFUSED && end != LLM_HTTP_NO_WAY && end != LLM_HTTP_UNTRUSTED &&
           end != LLM_HTTP_CONNECT_TIMEOUT;
}

static bool ask_once(Asking *asking, LlmAnswer *out, Error *err)
{
    const LlmProfile *profile = asking->profile;
    LlmReading reading = {
        .chunk = asking->request->chunk, .context = asking->request->context, .scrub = {.key = asking->key}};
    LlmHttpReply reply;
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
    asking->again = false;
    asking->named = LLM_REFUSES_NOTHING;
    asking->retry_after = 0;
    bool ok = llm_http_post(&http, &reply, err);
    asking->sent = asking->sent || (ok && went_out(reply.end));
    asking->unauthorized = ok && reply.status == 401;
    if (ok && reply.end != LLM_HTTP_INTERRUPTED) {
        llm_reading_end(&reading, &reply);
    }
    if (!ok) {
        error_prefix(err, "llm_profile %s: ", profile->name);
    } else if (reply.end == LLM_HTTP_INTERRUPTED) {
        ok = fail_transfer(asking, &reply, &reading, err);
    } else if (reply.status != 0 && reply.status != 200) {
        ok = fail_status(asking, &reply, &reading, err);
    } else if (*reading.wrong) {
        ok = fail_reading(asking, &reading, err);
    } else if (!reading.complete) {
        ok = fail_transfer(asking, &reply, &reading, err);
    } else {
        fill_answer(asking, &reading, out);
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
        error_hint(err, "it could be asked again in %d seconds, but total_ms = %d ends before", seconds,
                   asking->profile->total_ms);
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
    *out = (LlmAnswer){0};
    bool ok = (asking.key || find_key(&asking, &why)) && ask_patiently(&asking, out, &why);
    if (!ok && has_another_key(&asking, &why)) {
        ok = ask_patiently(&asking, out, &why);
    }
    out->sent = asking.sent;
    if (!ok && err) {
        *err = why;
    }
    free(url);
    llm_key_free(asking.found_key);
    return ok;
}
