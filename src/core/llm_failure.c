#include "llm_failure.h"

#include <stdlib.h>

#include "llm_key.h"
#include "memory.h"
#include "text.h"

/* ": \"what the server says\"", or "". Owned by the caller. */
static char *quoted_error(const LlmFailure *failure)
{
    char *said = llm_reading_error(failure->reading, failure->key);
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

/* A status that is not 200. */
static void tell_status(const LlmFailure *failure, Error *err)
{
    const LlmProfile *profile = failure->profile;
    const int status = failure->reply->status;
    char *said = quoted_error(failure);
    const char *name = profile->name;
    const char *url = profile->base_url;
    if (status == 401 || status == 403) {
        error_set(err, ERROR_CONFIG, "llm_profile %s: %s refuses %s (%d)%s", name, url,
                  failure->key ? "the key" : "to answer without a key", status, said);
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
    } else if (status == 429 || status >= 500) {
        error_set(err, ERROR_CONNECTION, "llm_profile %s: %s: the server %s (%d)%s", name, url,
                  status == 429 ? "is busy" : "has an error", status, said);
        error_hint(err, "try again later");
    } else {
        error_set(err, ERROR_CHECK, "llm_profile %s: %s refuses the request (%d)%s", name, url, status, said);
        error_hint(err,
                   "does the model take that much text? context_tokens and max_tokens say what it is given");
    }
    free(said);
}

/* ", after 120 characters of the answer", or "". Owned by the caller. */
static char *how_far(const LlmReading *reading)
{
    size_t characters = llm_reading_characters(reading);
    return characters ? text_format(", after %zu character%s of the answer", characters,
                                    text_plural((long long)characters))
                      : memory_string("");
}

static void tell_timeout(const LlmFailure *failure, const char *far, Error *err)
{
    const LlmProfile *profile = failure->profile;
    const LlmHttpEnd end = failure->reply->end;
    bool connecting = end == LLM_HTTP_CONNECT_TIMEOUT;
    bool idle = end == LLM_HTTP_IDLE_TIMEOUT;
    bool by_key = end == LLM_HTTP_TOTAL_TIMEOUT && failure->key_ms * 10 >= profile->total_ms;
    char *key = by_key ? text_format(", of which its api_key_command took %lld", (long long)failure->key_ms)
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
    error_hint(err,
               connecting ? "is base_url right, and the server running?"
                          : "give it longer with %s, or take a smaller model",
               idle               ? "idle_ms"
               : profile->hurried ? "--timeout"
                                  : "total_ms");
}

/* The reply did not come to its end. */
static void tell_transfer(const LlmFailure *failure, Error *err)
{
    const LlmProfile *profile = failure->profile;
    char *far = how_far(failure->reading);
    char *why = llm_reading_quote(failure->reply->why, failure->key);
    switch (failure->reply->end) {
    case LLM_HTTP_INTERRUPTED:
        error_set(err, ERROR_INTERRUPTED, "interrupted while llm_profile %s was asked%s", profile->name, far);
        break;
    case LLM_HTTP_CONNECT_TIMEOUT:
    case LLM_HTTP_IDLE_TIMEOUT:
    case LLM_HTTP_TOTAL_TIMEOUT:
        tell_timeout(failure, far, err);
        break;
    case LLM_HTTP_WHOLE:
    case LLM_HTTP_ENOUGH:
    case LLM_HTTP_BROKEN:
        error_set(err, ERROR_CONNECTION, "llm_profile %s: %s broke off%s%s%s", profile->name,
                  profile->base_url, *far ? far : " before the answer", *why ? ": " : "", why);
        error_hint(err, "ask again; amx llm test %s says whether it answers at all", profile->name);
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
        break;
    }
    free(why);
    free(far);
}

/* What came is no answer. */
static void tell_reading(const LlmFailure *failure, Error *err)
{
    char *said = quoted_error(failure);
    char *wrong = llm_reading_quote(failure->reading->wrong, failure->key);
    error_set(err, ERROR_CHECK, "llm_profile %s: %s %s%s", failure->profile->name, failure->profile->base_url,
              wrong, said);
    free(wrong);
    free(said);
    error_hint(err,
               failure->reading->too_long
                   ? "the server does not keep to max_tokens; ask again, or take another model"
                   : "does base_url lead to an OpenAI-compatible server? it ends in /v1 at most of them");
}

bool llm_failure_tell(const LlmFailure *failure, Error *err)
{
    const LlmHttpReply *reply = failure->reply;
    if (reply->end != LLM_HTTP_INTERRUPTED && reply->status != 0 && reply->status != 200) {
        tell_status(failure, err);
    } else if (reply->end != LLM_HTTP_INTERRUPTED && *failure->reading->wrong) {
        tell_reading(failure, err);
    } else {
        tell_transfer(failure, err);
    }
    return false;
}
