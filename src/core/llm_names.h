/* The names in what a language model writes: those that are neither in a catalog nor something else are made
 * up. */
#ifndef AMX_CORE_LLM_NAMES_H
#define AMX_CORE_LLM_NAMES_H

#include <stdbool.h>

#include <jansson.h>

#include "error.h"
#include "words.h"

/* So many names that are not there are looked for, not more. */
enum { LLM_NAMES_UNKNOWN = 12 };

/* Is there such a table (`schema` NULL: in any), with such a column when one is given; or (`table` NULL) such
 * a column in any table? Names in any case. */
typedef bool (*LlmNamesExist)(void *context, const char *schema, const char *table, const char *column,
                              bool *out, Error *err);

/* Sets of names are objects whose members, in lower case, are true. */
typedef struct LlmNames {
    LlmNamesExist exists;
    void *context;
    json_t *known; /* schemas, types and columns that may stand by themselves */
    json_t *told;  /* words of the descriptions that the model was given */
    json_t *asked; /* names and words of the question */
    bool may_echo; /* what was asked for may be named, also where it is not there */
} LlmNames;

/* With empty sets; released with llm_names_close. */
void llm_names_open(LlmNames *names, LlmNamesExist exists, void *context);
void llm_names_close(LlmNames *names);
void llm_names_know(json_t *set, const char *name);
bool llm_names_knows(const json_t *set, const char *name);
/* The words of a text; with `paths` names of several parts, too. */
void llm_names_know_words(json_t *set, const char *text, bool paths);

/* Adds to `unknown` the names in `text` that are not there, each once, until it holds LLM_NAMES_UNKNOWN.
 * Errors: those of `exists`. */
bool llm_names_check(const LlmNames *names, const char *text, Words *unknown, Error *err);
/* "it names what does not exist: a, b and more", in some 500 bytes at most, hostile characters escaped. Owned
 * by the caller. */
char *llm_names_tell(const Words *unknown);

#endif
