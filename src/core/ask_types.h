/* What people call the types of columns. */
#ifndef AMX_CORE_ASK_TYPES_H
#define AMX_CORE_ASK_TYPES_H

/* The types that a word stands for, in the singular or plural, as the backends write them in lower case; the
 * list ends with NULL, and is empty for "array", which says nothing of what it holds. NULL: nobody calls a
 * type that, unless it is its own name. */
const char *const *ask_types_of(const char *word);

#endif
