/* Inside llm: takes the key out of what a server says. A key is found as it is
 * and as JSON may write it
 * ("\u0073k-..", "\/"), for an answer may itself be JSON that somebody decodes. A key of less than
 * LLM_SCRUB_SHORTEST characters stays: it is a placeholder ("none", "true") that means something else in an
 * answer. */
#ifndef AMX_CORE_LLM_SCRUB_H
#define AMX_CORE_LLM_SCRUB_H

#include <stdbool.h>
#include <stddef.h>

#include "text.h"

#define LLM_SCRUB_SHORTEST ((size_t)8)

/* A text that comes in pieces. Starts zeroed, but for the key (or NULL). */
typedef struct LlmScrub {
    const char *key;
    Text held; /* what may be the beginning of the key */
} LlmScrub;

/* Takes a piece, and appends to *out what is known by now, with "***" in place of the key. Pieces that end
 * at characters give ones that do. */
void llm_scrub_feed(LlmScrub *scrub, const char *text, size_t length, Text *out);
/* The text has ended: appends what was held back. */
void llm_scrub_end(LlmScrub *scrub, Text *out);
void llm_scrub_free(LlmScrub *scrub);

/* A whole text at once. Owned by the caller. */
char *llm_scrub_text(const char *text, const char *key);

#endif
