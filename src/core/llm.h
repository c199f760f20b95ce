/* Asking a language model: transport to an OpenAI-compatible chat endpoint (POST BASE_URL/chat/completions).
 * Knows nothing of catalogs: what is asked, and whether an answer makes sense, is the caller's business.
 *
 * What a server says is hostile until checked: an answer is at most 8 MiB, well-formed JSON in UTF-8 without
 * NUL, and what is quoted of it in an error is escaped and cut. The key goes to the server's host only, in a
 * header; it is in no message and no answer (in place of a key of 8 characters or more stands "***"), and
 * redirects are not followed. */
#ifndef AMX_CORE_LLM_H
#define AMX_CORE_LLM_H

#include <stdbool.h>
#include <stddef.h>

#include "clock.h"
#include "config.h"
#include "error.h"

typedef struct LlmMessage {
    const char *role; /* system, user, assistant */
    const char *content;
} LlmMessage;

struct LlmAnswer;

typedef struct LlmRequest {
    const LlmMessage *messages;
    size_t message_count;
    int max_tokens;    /* 0: the profile's */
    Deadline deadline; /* of all attempts; 0: the profile's total_ms from now */
    const char *key;   /* one that was found before (llm_key.h); NULL: it is found when it is asked */
    bool json;         /* the answer is to be a JSON object */
    /* Gets the answer piece by piece while it comes, each piece valid UTF-8 (not NUL-ended, and not escaped:
     * text_visible before it is shown). NULL: the answer is not streamed. */
    void (*chunk)(void *context, const char *text, size_t length);
    /* Is told before a retry; `why` is a phrase for people, escaped: "the server is busy (429)". NULL: nobody
     * is. */
    void (*waiting)(void *context, const char *why, int seconds);
    /* Is asked before every attempt, retries too; `spent` has the numbers of those before. False, and the
     * error that llm_ask is to fail with: it is not sent. NULL: all may be. */
    bool (*may_send)(void *context, const struct LlmAnswer *spent, Error *err);
    void *context; /* for all of these */
} LlmRequest;

typedef struct LlmAnswer {
    char *text;  /* never empty */
    char *model; /* as the server names it, else as the profile does; never "builtin": "PROFILE/builtin" */
    bool cut;    /* it ended at max_tokens, not at its end */
    /* Over all attempts, and of a failure as well: */
    bool sent;    /* one at least went out */
    int requests; /* how many did */
    /* What they take, but for those that the server has turned down; of one that broke off, what was asked
     * and what had come of an answer. */
    long long input_tokens, output_tokens;
    bool counted;     /* all of these by the server, else some are estimated */
    double cost;      /* llm_cost of these */
    double cost_most; /* the same, had each that broke off been answered with max_tokens */
} LlmAnswer;

/* Asks, and waits for the whole answer. *out is released with llm_answer_free; a failure leaves it without
 * an answer, and with what was spent.
 *
 * Tries again, at most profile->retries times, while nothing of the answer has come: after 429 and 503 when
 * the server says (Retry-After), and after 500, 502, 504, a refused or a broken connection after 0.5, 1, 2,
 * .. 30 seconds. Retries end with total_ms, too: one that could not begin in time is not waited for.
 *
 * A key that a command told and that the server refuses (401) may have been replaced meanwhile: the command
 * is run once more, and the server asked again when it tells another one. Its time counts for total_ms.
 *
 * A server that answers 400 or 422 and names a parameter that it does not take is asked again at once,
 * without stream_options or response_format, or with max_completion_tokens in place of max_tokens. When that
 * is answered, it is what the model is asked with from then on, until the process ends: an answer to `json`
 * then is JSON only as far as the messages ask for it.
 *
 * Errors: ERROR_CONNECTION (out of reach, busy or broken after all retries, an answer that broke off: how
 * much of it had come is said), ERROR_TIMEOUT, ERROR_INTERRUPTED (interrupt_requested, at once), ERROR_CONFIG
 * (no key or a refused one, an unknown model, a redirect), ERROR_CHECK (the server refuses the request, or
 * answers with what is no answer: not the protocol, longer than 8 MiB, empty), ERROR_SYSTEM (no libcurl). All
 * name the llm_profile. */
bool llm_ask(const LlmProfile *profile, const LlmRequest *request, LlmAnswer *out, Error *err);
void llm_answer_free(LlmAnswer *answer);
/* "llama3.1, 812 + 94 tokens, 0.0004 USD": who answered, and what it took; tokens that were estimated are
 * "about" that many, and what costs nothing has no price. Owned by the caller. */
char *llm_answer_bill(const LlmProfile *profile, const LlmAnswer *answer);

/* The JSON exactly as llm_ask sends it first; owned by the caller. */
char *llm_request_body(const LlmProfile *profile, const LlmRequest *request);

/* About how many tokens a text has. An estimate: every model counts in a way of its own. */
long long llm_tokens(const char *text);
/* The same of all messages of a request. */
long long llm_request_tokens(const LlmRequest *request);
/* What that many tokens cost, in profile->currency. */
double llm_cost(const LlmProfile *profile, long long input, long long output);

#endif
