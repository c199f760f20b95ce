/* Ordinary English words: who writes one means it. */
#ifndef AMX_CORE_ASK_ORDINARY_H
#define AMX_CORE_ASK_ORDINARY_H

#include <stdbool.h>

/* Is it one, in lower case, so that it is no slip of the name that it comes near to ("data" of "date")? */
bool ask_is_ordinary(const char *word);

#endif
