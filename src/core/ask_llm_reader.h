/* The text of an answer while its JSON is still coming: {"answer": "..", ..} in pieces that end anywhere,
 * also behind a thought and between words. It is for showing only; whether the whole is an answer is found
 * out at its end (ask_llm_check.h). */
#ifndef AMX_CORE_ASK_LLM_READER_H
#define AMX_CORE_ASK_LLM_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text.h"

enum { ASK_LLM_READER_KEY = 16 };

/* Starts zeroed, but for the first two. */
typedef struct AskLlmReader {
    /* Gets what of the text has come: not NUL-ended, may end inside a character when the pieces do. */
    void (*said)(void *context, const char *text, size_t length);
    void *context;
    bool thinks;                  /* inside of a thought (llm_object.h) */
    size_t tag;                   /* how much of its beginning or end has come */
    int depth;                    /* of objects and arrays */
    bool key_next;                /* at depth 1: the next string is a key */
    bool in_string, is_key;       /* inside a string; one that is a key of the object */
    bool wanted;                  /* inside the answer's text */
    bool done;                    /* it has ended, or what comes is no object */
    bool escaped;                 /* a backslash was the last character */
    int digits;                   /* of a \u that are still to come */
    uint32_t unit;                /* its value so far */
    uint32_t high;                /* the first half of a surrogate pair, or 0 */
    char key[ASK_LLM_READER_KEY]; /* the last key of the object; one that is longer is cut */
    size_t key_length;
    size_t total; /* bytes of text that were said */
    Text text;    /* what of this piece is to be said */
} AskLlmReader;

/* Takes a piece. Says no more than `limit` bytes in all. */
void ask_llm_reader_feed(AskLlmReader *reader, const char *bytes, size_t length, size_t limit);
void ask_llm_reader_free(AskLlmReader *reader);

#endif
