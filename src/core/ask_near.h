/* Words that are nearly written like others. */
#ifndef AMX_CORE_ASK_NEAR_H
#define AMX_CORE_ASK_NEAR_H

#include "local.h"
#include "words.h"

/* How many letters to add, drop, change or swap with the next one, at most `most`; more than that: most + 1.
 */
int ask_near_edits(const char *a, const char *b, int most);
/* How many edits still make a slip of the pen: 0, 1 or 2 by the length of the word. */
int ask_near_tolerated(const char *word);

/* The word of the catalog's names that somebody meant who wrote `word`; NULL when there is none. *out is
 * owned by the caller. ERROR_LOCAL. */
bool ask_near_word(Local *local, const char *fingerprint, const char *word, char **out, Error *err);

/* The few names that come nearest to any of the words, "customer, cust_addr.street"; "" when none does. *out
 * is owned by the caller. ERROR_LOCAL. */
bool ask_near_names(Local *local, const char *fingerprint, const Words *words, char **out, Error *err);

#endif
