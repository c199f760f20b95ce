#include "llm_refusals.h"

#include <pthread.h>
#include <string.h>

#include "memory.h"
#include "text.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const struct {
    const char *name; /* as a server that refuses the parameter names it */
    unsigned refused;
} parameters[] = {
    {"stream_options", LLM_REFUSES_STREAM_OPTIONS},
    {"response_format", LLM_REFUSES_RESPONSE_FORMAT},
    /* max_tokens itself is named when it is too large, too: what counts is what to write instead */
    {"max_completion_tokens", LLM_REFUSES_MAX_TOKENS},
};

/* A model of a server that refuses something. */
typedef struct Refuser {
    char *base_url;
    char *model;
    unsigned refused;
    struct Refuser *next;
} Refuser;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of the refusers */
static Refuser *refusers;

unsigned llm_refusals_named(const char *words, unsigned sent)
{
    for (size_t i = 0; i < COUNT(parameters); i++) {
        if ((parameters[i].refused & sent) && strstr(words, parameters[i].name)) {
            return parameters[i].refused;
        }
    }
    return LLM_REFUSES_NOTHING;
}

/* NULL when it is not known to refuse anything. The caller holds the lock. */
static Refuser *find_refuser(const LlmProfile *profile)
{
    Refuser *refuser = refusers;
    while (refuser && !(text_equal(refuser->base_url, profile->base_url) &&
                        text_equal(refuser->model, profile->model))) {
        refuser = refuser->next;
    }
    return refuser;
}

unsigned llm_refusals_known(const LlmProfile *profile)
{
    pthread_mutex_lock(&lock);
    const Refuser *refuser = find_refuser(profile);
    unsigned refused = refuser ? refuser->refused : LLM_REFUSES_NOTHING;
    pthread_mutex_unlock(&lock);
    return refused;
}

void llm_refusals_remember(const LlmProfile *profile, unsigned refused)
{
    pthread_mutex_lock(&lock);
    Refuser *refuser = find_refuser(profile);
    if (!refuser) {
        refuser = memory_zero(1, sizeof *refuser);
        refuser->base_url = memory_string(profile->base_url);
        refuser->model = memory_string(profile->model);
        refuser->next = refusers;
        refusers = refuser;
    }
    refuser->refused |= refused;
    pthread_mutex_unlock(&lock);
}
