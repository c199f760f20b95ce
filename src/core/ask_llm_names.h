/* The names in an answer of a language model: those that are neither in the cached catalog nor something else
 * are made up. */
#ifndef AMX_CORE_ASK_LLM_NAMES_H
#define AMX_CORE_ASK_LLM_NAMES_H

#include "ask.h"
#include "words.h"

/* Adds to `unknown` the names in `text` that are not there, as ask_llm_check.h says (llm_names.h).
 * `citations` are of existing tables and columns. ERROR_LOCAL, ERROR_INTERRUPTED. */
bool ask_llm_names_check(const AskQuestion *question, const AskContext *context, const json_t *citations,
                         const char *text, Words *unknown, Error *err);

#endif
