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
 * - whose every citation is in the cached catalog (in any case; it becomes what the catalog has), and every
 * name in its text. Names are:
 *   - those of several parts (sales.customer), wherever they stand; a file (orders.csv) is none;
 *   - words with an underscore (tax_id), wherever they stand, and in camelCase (taxId);
 *   - words beside "table", "column" or "view", a single one in bold, one in quotes behind "of" or "in", one
 *     in capitals at a place (in INVOICES), and what SQL without backticks reads, and from where
 *     (llm_prose.h);
 *   - what brackets list behind a table, when the first of it is a column: "customers (id, loyalty)";
 *   - all else that stands in backticks and is no word of SQL, no literal (ask_llm_values.h), no function
 *     that is called, no alias, no word of a description that the model was given, and not written where a
 *     value is ("status is `open`"); of what stands beside "table" or "column" only the catalog counts, and
 *     of words of a description only where they stand at no place (behind "in", "of", "see", ..).
 *   In backticks a column by itself has to be one of a table that is cited or in `context`; elsewhere any of
 * the catalog will do, and so do words of the question and, at no place, of the descriptions. What stands
 * before a dot may be an alias that a statement in the text binds. A text that cites nothing may name what
 * the question names.
 *
 * *wrong is NULL then, and `out` the answer. Otherwise *wrong says what is wrong, for the model as for people
 * ("it names what does not exist: sales.secret"), in at most some 500 bytes, hostile characters escaped;
 * owned by the caller, and `out` holds nothing to rely on. `out` is released with answer_free, also after an
 * error, which leaves the text of an answer that could not be looked up, and no citation. ERROR_LOCAL,
 * ERROR_INTERRUPTED. */
bool ask_llm_check(const AskQuestion *question, const AskContext *context, const char *said, Answer *out,
                   char **wrong, Error *err);

#endif
