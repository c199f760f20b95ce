/* Everyday words for what databases name in the words of their field. */
#ifndef AMX_CORE_ASK_SYNONYMS_H
#define AMX_CORE_ASK_SYNONYMS_H

#include "words.h"

/* Appends the words that mean about the same as this one, which is in lower case, also as verbs in their
 * other forms: "confirmed" gives "acknowledged". */
void ask_synonyms_add(Words *words, const char *word);
/* Appends the forms of a verb that a word may be or be a form of: "scanned" gives "scan". */
void ask_synonyms_inflect(Words *words, const char *word);
/* Is it one of the words that have others? */
bool ask_synonyms_know(const char *word);
/* The one word for several that are said together: "log in" is "login". NULL for all others; `*count` words
 * of those from `at` on are meant. */
const char *ask_synonyms_phrase(const Words *words, size_t at, size_t *count);

#endif
