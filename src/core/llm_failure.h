/* Inside llm: what people are told of an attempt that failed. */
#ifndef AMX_CORE_LLM_FAILURE_H
#define AMX_CORE_LLM_FAILURE_H

#include "config.h"
#include "error.h"
#include "llm_http.h"
#include "llm_reading.h"

typedef struct LlmFailure {
    const LlmProfile *profile;
    const char *key; /* that was sent, or NULL; it is in no error */
    int64_t key_ms;  /* that finding it took */
    const LlmHttpReply *reply;
    const LlmReading *reading; /* of the reply, to its end */
} LlmFailure;

/* Fills *err, in words that name the llm_profile; the kinds are those of llm_ask. Returns false. */
bool llm_failure_tell(const LlmFailure *failure, Error *err);

#endif
