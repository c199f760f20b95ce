/* The key of an llm_profile: found when it is needed, wiped when it was used. What a command says is kept in
 * memory until the process ends, so that a run of many requests runs it once. */
#ifndef AMX_CORE_LLM_KEY_H
#define AMX_CORE_LLM_KEY_H

#include <stdbool.h>

#include "clock.h"
#include "config.h"
#include "error.h"

/* *out: the key, released with llm_key_free; NULL when the profile names none. api_key_command is run by
 * /bin/sh without standard input and without a terminal, at most 30 seconds and not past the deadline; it and
 * what it started are killed then. It is not run when it has told a key before that was not forgotten. Errors
 * name the profile and never hold the key, nor the command, in which a token may stand: ERROR_CONFIG (the
 * variable is not set, the command fails (what it wrote on stderr is thrown away) or says nothing, characters
 * that a header can't hold), ERROR_TIMEOUT, ERROR_INTERRUPTED, ERROR_SYSTEM. */
bool llm_key_find(const LlmProfile *profile, Deadline deadline, char **out, Error *err);
/* The server refuses the key: what the profile's command told is forgotten. False: the key does not come from
 * a command, and there is no other. */
bool llm_key_forget(const LlmProfile *profile);
/* Overwrites and frees it; NULL is fine. */
void llm_key_free(char *key);

/* Where the key comes from, for people: "environment variable OPENAI_API_KEY", "api_key_command", "amx.conf",
 * "none". Owned by the caller. */
char *llm_key_source(const LlmProfile *profile);

#endif
