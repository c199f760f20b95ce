/* Letters that are the same to somebody who asks: in any case, with or without their marks. */
#ifndef AMX_CORE_ASK_FOLD_H
#define AMX_CORE_ASK_FOLD_H

#include <stdbool.h>

/* In lower case, as it is written otherwise; text that is not UTF-8 only its ASCII letters. Owned by the
 * caller. */
char *ask_lower(const char *text);
/* Also without marks: "kundé" is "kunde". Owned by the caller. */
char *ask_fold(const char *text);
/* Are both the same in any case? */
bool ask_same_name(const char *a, const char *b);

#endif
