/* One question to a language model over the real protocol, and what came of it. Whatever comes, the key is in
 * no message, and an error names the llm_profile. */
#ifndef AMX_TESTS_LLM_ASKED_H
#define AMX_TESTS_LLM_ASKED_H

#include "llm.h"
#include "text.h"

#define LLM_ASKED_KEY "sk-very-secret-0123456789"

typedef struct LlmAsked {
    LlmProfile profile; /* may be changed before it is asked, and so may the request */
    LlmRequest request;
    LlmAnswer answer;
    Error err;
    Text streamed;
    Text waited;              /* "why (seconds)|" of each wait */
    bool stop_at_first_chunk; /* interrupts */
    bool stop_at_wait;
} LlmAsked;

/* A group's set-up and teardown: its state is a FakeLlm. */
int llm_asked_start(void **state);
int llm_asked_stop(void **state);

LlmAsked llm_asked_new(const char *url, bool streamed);
void llm_asked_free(LlmAsked *asked);
bool llm_asked_ask(LlmAsked *asked);
void llm_asked_expect_answer(LlmAsked *asked, const char *text);
/* It fails like this, with these words in message and hint. */
void llm_asked_expect_error(LlmAsked *asked, ErrorKind kind, const char *words, const char *hint);

#endif
