/* Which language model is meant. */
#ifndef AMX_CORE_LLM_CHOICE_H
#define AMX_CORE_LLM_CHOICE_H

#include "config.h"
#include "error.h"

/* The llm_profile of that name, or (NULL) the one to use when nobody says. NULL when there is none:
 * ERROR_NOT_FOUND for a name, else ERROR_CONFIG. */
const LlmProfile *llm_choose(const Config *config, const char *name, Error *err);

#endif
