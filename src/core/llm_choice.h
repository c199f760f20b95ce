/* Which language model is meant, and what a command asks it with. */
#ifndef AMX_CORE_LLM_CHOICE_H
#define AMX_CORE_LLM_CHOICE_H

#include "app.h"
#include "error.h"

/* The llm_profile of that name, or (NULL) the one to use when nobody says. NULL when there is none:
 * ERROR_NOT_FOUND for a name, else ERROR_CONFIG. */
const LlmProfile *llm_choose(const Config *config, const char *name, Error *err);

/* The profile as this command asks it: --timeout may make it less patient. Its texts stay the profile's. */
LlmProfile llm_impatient(const App *app, const LlmProfile *profile);
/* LlmRequest.waiting: shows the wait as progress. `context` is the App. */
void llm_tell_waiting(void *context, const char *why, int seconds);

#endif
