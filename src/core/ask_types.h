/* What people call the types of columns. */
#ifndef AMX_CORE_ASK_TYPES_H
#define AMX_CORE_ASK_TYPES_H

#include "ask_work.h"

/* The types that a word stands for, in the singular or plural, as the backends write them in lower case; the
 * list ends with NULL, and is empty for "array", which says nothing of what it holds. NULL: nobody calls a
 * type that, unless it is its own name. */
const char *const *ask_types_of(const char *word);

/* A type as a question says it: "timestamptz", "timestamp(3) with time zone", "numeric(10,2)". */
typedef struct AskType {
    char *said;
    char **types;    /* as ask_types_of has them, with the length or precision that was said */
    size_t words;    /* of the question that say it */
    bool both_zones; /* a moment, of which it is not said whether it has a time zone */
} AskType;

/* The one whose first word is `at`; a word that nobody calls a type so is its own name. */
AskType ask_type_read(const AskWork *work, size_t at);
void ask_type_free(AskType *type);

#endif
