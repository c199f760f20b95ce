/* Words that are nearly written like others. */
#ifndef AMX_CORE_ASK_NEAR_H
#define AMX_CORE_ASK_NEAR_H

#include "local.h"
#include "words.h"

/* The word of the catalog's names that somebody meant who wrote `word`; NULL when there is none, and for
 * an ordinary English word, which is no slip. *out is owned by the caller. ERROR_LOCAL. */
bool ask_near_word(Local *local, const char *fingerprint, const char *word, char **out, Error *err);

/* The few names that come nearest to any of the words, "customer, cust_addr.street"; "" when none does. *out
 * is owned by the caller. ERROR_LOCAL. */
bool ask_near_names(Local *local, const char *fingerprint, const Words *words, char **out, Error *err);

#endif
