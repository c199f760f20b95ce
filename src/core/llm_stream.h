/* Server-sent events, as they come over the network: in pieces that end anywhere
 * (https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream). */
#ifndef AMX_CORE_LLM_STREAM_H
#define AMX_CORE_LLM_STREAM_H

#include <stdbool.h>
#include <stddef.h>

#include "text.h"

#define LLM_STREAM_LINE_BYTES ((size_t)1024 * 1024)

/* Starts zeroed, but for the first two. */
typedef struct LlmStream {
    /* Gets the data of an event: its data lines, joined by newlines. False: no more is wanted. */
    bool (*event)(void *context, const char *data, size_t length);
    void *context;
    Text line;
    Text data;
    bool has_data;
    bool after_cr; /* a newline that comes now belongs to the line that has ended */
    bool begun;    /* the first line has ended: no byte order mark any more */
    bool too_long; /* a line or an event was longer than LLM_STREAM_LINE_BYTES */
} LlmStream;

/* Takes bytes. False: `event` wanted no more, or what came was too long (`too_long`). */
bool llm_stream_feed(LlmStream *stream, const char *bytes, size_t length);
/* The stream has ended: an event whose lines are all there is one, though no blank line came. What of a line
 * is there is not. */
bool llm_stream_end(LlmStream *stream);
void llm_stream_free(LlmStream *stream);

#endif
