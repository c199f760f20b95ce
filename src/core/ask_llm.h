/* An answer from a language model: asked with what ask_llm_prompt.h gives it, checked as ask_llm_check.h
 * says, asked once more when it is refused. */
#ifndef AMX_CORE_ASK_LLM_H
#define AMX_CORE_ASK_LLM_H

#include "app.h"
#include "ask.h"
#include "llm.h"

typedef struct AskLlmOutcome {
    bool nothing;    /* nothing of the catalog fits the question, so nobody was asked */
    bool refused;    /* it answered twice, and badly */
    Answer answer;   /* when there is one; after ERROR_LOCAL one that could not be checked may be left, which
                        cites nothing */
    LlmAnswer spent; /* of all requests, also those whose answer was refused or broke off: model, tokens,
                        cost; model NULL: they took nothing. It has no text */
    size_t digested; /* earlier turns that went along as a digest only, or not at all */
} AskLlmOutcome;

/* One deadline (total_ms, --timeout) and one key hold for all that is asked. Streams what is said through
 * app_stream. Where an answer is refused, the stream begins anew. `out` is released with ask_llm_free, also
 * after an error, which leaves what was spent. Errors: those of llm_ask, ERROR_CHECK for an answer that is
 * refused twice and for a question that does not fit, ERROR_LOCAL. */
bool ask_llm_answer(App *app, const LlmProfile *profile, const AskQuestion *question, AskLlmOutcome *out,
                    Error *err);
void ask_llm_free(AskLlmOutcome *outcome);

/* Exactly what ask_llm_answer would send first, owned by the caller; NULL when it would ask nobody.
 * ERROR_LOCAL, ERROR_CHECK. */
bool ask_llm_show(const LlmProfile *profile, const AskQuestion *question, char **out, Error *err);

#endif
