/* The names in a text: those that are neither in the catalog nor something else are made up. */
#ifndef AMX_CORE_ASK_LLM_NAMES_H
#define AMX_CORE_ASK_LLM_NAMES_H

#include "ask.h"
#include "words.h"

/* So many names that are not there are looked for, not more. */
enum { ASK_LLM_UNKNOWN_NAMES = 12 };

/* Adds to `unknown` the names in `text` that are not there, as ask_llm_check.h says, each once, until it
 * holds ASK_LLM_UNKNOWN_NAMES. `citations` are of existing tables and columns. ERROR_LOCAL,
 * ERROR_INTERRUPTED. */
bool ask_llm_names_check(const AskQuestion *question, const AskContext *context, const json_t *citations,
                         const char *text, Words *unknown, Error *err);

#endif
