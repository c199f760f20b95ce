/* Names like a misspelt or shortened word. */
#ifndef AMX_CORE_ASK_NEAREST_H
#define AMX_CORE_ASK_NEAREST_H

#include "ask_match.h"

/* The few names of the cached catalog that are nearest to the words of the question that nothing fits, as
 * "customer, customer_address"; "" when none is near. *out is owned by the caller. ERROR_LOCAL. */
bool ask_nearest(Local *local, const char *fingerprint, const AskMatch *match, char **out, Error *err);

#endif
