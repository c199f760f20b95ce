/* Values of rows that a language model is shown, where its profile says `sends = samples`: a few of each
 * column it is asked for. They go into prompts, and nowhere else: not into evidence, not into a store. */
#ifndef AMX_CORE_DRAFTER_LLM_SAMPLES_H
#define AMX_CORE_DRAFTER_LLM_SAMPLES_H

#include "drafter_llm.h"

typedef struct LlmSamples LlmSamples;

/* NULL where the model is not to see any, which is fine everywhere below. The catalog and the model outlive
 * it. */
LlmSamples *llm_samples_open(const Catalog *catalog, const DrafterModel *model);
void llm_samples_close(LlmSamples *samples);

/* Reads values of the columns among the items of a table, once. Nothing that looks like a secret is kept
 * (llm_secret.h: values, and columns and tables by their names), nor what is only true or false. */
void llm_samples_read(LlmSamples *samples, size_t table, const DraftItem *items, size_t count);
/* What is known of a column; NULL: nothing. */
const DatabaseSample *llm_samples_of(const LlmSamples *samples, size_t table, const char *column);
/* Does the text repeat a value of this table's rows, as a word or words of it? Shorter ones than 4 characters
 * say too little about a row, and a name of the table or a column is no news. */
bool llm_samples_quoted(const LlmSamples *samples, size_t table, const char *text);

#endif
