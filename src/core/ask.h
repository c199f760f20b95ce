/* The answer to a question about a database, from its cached catalog alone: no network, no guessing. The same
 * question over the same catalog and reviews has the same answer. */
#ifndef AMX_CORE_ASK_H
#define AMX_CORE_ASK_H

#include <jansson.h>
#include <stdbool.h>

#include "local.h"

typedef struct Answer {
    bool known; /* something fits; otherwise the text says that nothing does */
    char *text; /* lines, the last one without an end, without hostile characters; "[2]" marks what citation 2
                   (from 1) is about */
    json_t *citations; /* array of {"schema", "table", "column"}; column is null for a table itself */
} Answer;

/* Looks for the best tables and columns in the cached catalog of `fingerprint` (catalog_cache.h), whose
 * profile's name is `profile`: what they are, what they say, how they join, and which words of the question
 * nothing fits. `out` is released with answer_free, also after an error. ERROR_LOCAL. */
bool ask_answer(Local *local, const char *fingerprint, const char *profile, const char *question, Answer *out,
                Error *err);
void answer_free(Answer *answer);

#endif
