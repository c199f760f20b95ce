/* What a language model is asked, and what of its answer can be used. */
#ifndef AMX_CORE_DRAFTER_LLM_PROMPT_H
#define AMX_CORE_DRAFTER_LLM_PROMPT_H

#include <jansson.h>

#include "drafter.h"
#include "drafter_llm_samples.h"
#include "llm.h"

/* A table or column that is asked for. */
typedef struct LlmItem {
    DraftItem *item;
    char fault[160]; /* why what was said about it can't be used, or "": nothing was said yet */
} LlmItem;

/* What prompts are made of. */
typedef struct LlmTold {
    const Catalog *catalog;    /* llm_told_catalog */
    Drafter *evidence;         /* built-in, over this catalog */
    const LlmSamples *samples; /* or NULL */
    int alternatives;
} LlmTold;

#define LLM_PROMPT_REFUSED "refused_before" /* the member of the data that says what was wrong */
enum { LLM_PROMPT_MESSAGES = 2 };
typedef struct LlmPrompt {
    char *data;
    char *rules;
    LlmMessage messages[LLM_PROMPT_MESSAGES];
} LlmPrompt;

/* Asks for the items of the table at this place of the catalog. `faults`: what was wrong with an earlier
 * answer (an array of sentences; NULL: nothing), to which the items' own are added. Freed by
 * llm_prompt_free. */
void llm_prompt_make(const LlmTold *told, size_t table, const LlmItem *items, size_t count,
                     const json_t *faults, LlmPrompt *out);
void llm_prompt_free(LlmPrompt *prompt);

/* What of an answer was not asked for. */
typedef struct LlmInvented {
    size_t columns;
    size_t unknown; /* of them: columns that the table does not have */
    char first[80]; /* of them; "" */
} LlmInvented;

/* Puts the texts of an answer that can be used into the drafts of their items; the others get a fault. What
 * is wrong with the answer as a whole goes to `faults`, in a few sentences however much it is. A text can be
 * used that has 1 to LLM_TEXT_MOST characters, no control characters and no others that hide text, says more
 * than the name, repeats no value of a row, and names no table or column that is neither in the catalog nor
 * in what was asked with (llm_names.h). What an answer says about another table, or about columns that were
 * not asked for, is never used; the latter are counted in `invented`. An item that has texts already keeps
 * them where the answer has none for it. */
#define LLM_TEXT_MOST 1000
void llm_answer_read(const char *text, const LlmTold *told, const LlmPrompt *prompt, size_t table,
                     LlmItem *items, size_t count, json_t *faults, LlmInvented *invented);

#endif
