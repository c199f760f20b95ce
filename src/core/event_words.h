/* What an event tells, for people. */
#ifndef AMX_CORE_EVENT_WORDS_H
#define AMX_CORE_EVENT_WORDS_H

#include <jansson.h>

/* The detail of an event as words: "rows 12, refused 0". Members that are null are left out; what lies deeper
 * stands in parentheses. "" for no detail. Owned by the caller, and as hostile as the detail is. */
char *event_words(const json_t *detail);

#endif
