/* The JSON object in what a language model says: models like to think aloud before it, and to put it between
 * words and the fence of a code block. */
#ifndef AMX_CORE_LLM_OBJECT_H
#define AMX_CORE_LLM_OBJECT_H

#include <jansson.h>

/* What stands around a thought; what is in it is no answer, also when it never ends. */
#define LLM_THOUGHT_BEGINS "<think>"
#define LLM_THOUGHT_ENDS "</think>"

/* The last whole object in `text` that has one of these members (a list that ends with NULL); objects inside
 * of another one do not count. NULL: there is none, or the one that is there has a member twice. Owned by the
 * caller. Takes a time that grows with the length of the text alone, whatever stands in it. */
json_t *llm_object_find(const char *text, const char *const *members);

#endif
