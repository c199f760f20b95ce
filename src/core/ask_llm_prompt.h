/* What a language model is told with a question: the part of the catalog that fits it, and what was said in
 * the session before, as one JSON object. It is data, and said to be: what protects is not that the model
 * keeps to it, but the check of what it answers (ask_llm_check.h).
 *
 * Names of schemas, tables and columns, types, keys, joins and the questions of the session always go along.
 * Comments, and a model's earlier answers, which quote them, only where the profile sends comments. Of a
 * built-in answer only the names it cites go along: it may tell numbers of rows and what teammates did.
 * Statistics and samples are not read for a question. */
#ifndef AMX_CORE_ASK_LLM_PROMPT_H
#define AMX_CORE_ASK_LLM_PROMPT_H

#include "ask.h"
#include "llm.h"

typedef struct AskLlmPrompt {
    AskContext context; /* what of it goes along; no tables: nothing fits the question */
    json_t *data;
    size_t turns;    /* earlier ones that go along as they are */
    size_t digested; /* older ones: the beginning of a question, the names that an answer cites */
    size_t left_out; /* older still */
} AskLlmPrompt;

/* Takes no more than the model takes in: of the turns the newest that fit into half of its context_tokens, as
 * a digest what fits into an eighth; then the best tables. The turns themselves stay as they are. `out` is
 * released with ask_llm_prompt_free, also after an error. ERROR_LOCAL; ERROR_CHECK when not even the question
 * and one table fit. */
bool ask_llm_prompt_make(const LlmProfile *profile, const AskQuestion *question, AskLlmPrompt *out,
                         Error *err);
void ask_llm_prompt_free(AskLlmPrompt *prompt);

/* The two messages. */
extern const char ask_llm_prompt_system[];
/* Without a hostile character. `refused` (or NULL) says what was wrong with the answer before. Owned by the
 * caller. */
char *ask_llm_prompt_user(const AskLlmPrompt *prompt, const char *refused);

#endif
