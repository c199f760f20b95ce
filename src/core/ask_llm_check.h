/* What a language model answers to a question, checked: whatever it was told by a comment that it was given,
 * no more comes of it than a text about tables and columns that are there. */
#ifndef AMX_CORE_ASK_LLM_CHECK_H
#define AMX_CORE_ASK_LLM_CHECK_H

#include "ask.h"

#define ASK_LLM_ANSWER_BYTES ((size_t)16 * 1024)

/* Is it {"answer": text, "citations": [{"schema", "table", "column"}], "known": bool} as JSON, also
 * behind a thought and between words (llm_object.h), and
 * - a text that is not empty, no longer than ASK_LLM_ANSWER_BYTES, without hostile characters;
 * - which cites something when it knows something;
 * - whose every citation is in the cached catalog, and every name: names of several parts (sales.customer)
 *   wherever they stand, what follows "table" or "column" and is written like a name (tax_id), and all that
 *   stands in backticks and is no word of SQL, no value and no function? A column by itself has to be one of
 * a table that is cited or in `context`; what stands before a dot may be an alias that a statement in the
 *   text binds.
 *
 * *wrong is NULL then, and `out` the answer. Otherwise *wrong says what is wrong, for the model as for people
 * ("it names what does not exist: sales.secret"), in at most some 500 bytes, hostile characters escaped;
 * owned by the caller, and `out` holds nothing to rely on. `out` is released with answer_free, also after an
 * error. ERROR_LOCAL. */
bool ask_llm_check(const AskQuestion *question, const AskContext *context, const char *said, Answer *out,
                   char **wrong, Error *err);

#endif
