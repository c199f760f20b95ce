/* Inside llm: parameters of a request that some servers refuse. One that was refused once is left out, or
 * goes by its other name, for as long as the process runs. */
#ifndef AMX_CORE_LLM_REFUSALS_H
#define AMX_CORE_LLM_REFUSALS_H

#include "config.h"

typedef enum LlmRefusals {
    LLM_REFUSES_NOTHING = 0,
    LLM_REFUSES_STREAM_OPTIONS = 1 << 0,
    LLM_REFUSES_RESPONSE_FORMAT = 1 << 1,
    LLM_REFUSES_MAX_TOKENS = 1 << 2, /* it is max_completion_tokens there */
} LlmRefusals;

/* The first of the parameters in `sent` that a server's words name; LLM_REFUSES_NOTHING when they name none.
 */
unsigned llm_refusals_named(const char *words, unsigned sent);

/* What the server of a profile is known to refuse for its model, and that more is known of it now. Safe in
 * any thread. */
unsigned llm_refusals_known(const LlmProfile *profile);
void llm_refusals_remember(const LlmProfile *profile, unsigned refused);

#endif
