/* Inside llm: reading what a chat endpoint answers, whole or as a stream of events, and what it says of an
 * error. Everything that comes is checked here. */
#ifndef AMX_CORE_LLM_READING_H
#define AMX_CORE_LLM_READING_H

#include <stdbool.h>
#include <stddef.h>

#include "llm_http.h"
#include "llm_scrub.h"
#include "llm_stream.h"
#include "text.h"

#define LLM_READING_BYTES ((size_t)8 * 1024 * 1024)

/* Starts zeroed, but for the first two and the key to scrub. */
typedef struct LlmReading {
    void (*chunk)(void *context, const char *text, size_t length); /* or NULL */
    void *context;
    LlmScrub scrub; /* of the answer's text, streamed or whole */
    LlmStream stream;
    Text body; /* of what is no stream */
    size_t received;
    Text text; /* the answer so far, without the key */
    char *model;
    char *error; /* the server's own words about what is wrong, raw; or NULL */
    long long input_tokens, output_tokens;
    bool counted;    /* the server says how many tokens */
    bool cut;        /* it ended at max_tokens */
    bool too_long;   /* more came than is read */
    bool complete;   /* the answer is all there */
    char wrong[160]; /* what is wrong with what came, raw: "answered nothing"; "" */
} LlmReading;

/* Takes a piece of a reply's body. False: no more is wanted. */
bool llm_reading_take(LlmReading *reading, const LlmHttpReply *reply, const char *bytes, size_t length);
/* The reply has ended, as it says. After that `complete`, or `wrong`, or neither: the answer broke off. Of a
 * reply whose status is not 200 only `error` is read. */
void llm_reading_end(LlmReading *reading, const LlmHttpReply *reply);
void llm_reading_free(LlmReading *reading);

/* How many characters of the answer have come. */
size_t llm_reading_characters(const LlmReading *reading);

/* A text without the key (or NULL) in it, escaped, and cut to 300 characters. Owned by the caller. */
char *llm_reading_quote(const char *text, const char *key);
/* What the server says is wrong, quoted like that; NULL when it says nothing. Owned by the caller. */
char *llm_reading_error(const LlmReading *reading, const char *key);

#endif
