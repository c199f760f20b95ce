/* The words of SQL: its own, the types, and the functions that everybody calls. */
#ifndef AMX_CORE_SQL_WORDS_H
#define AMX_CORE_SQL_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/* Is it one of them, in any case? `word` need not be NUL-ended. */
bool sql_word(const char *word, size_t length);

#endif
