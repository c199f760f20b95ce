/* Comparing text in any case. */
#ifndef AMX_UI_FOLD_H
#define AMX_UI_FOLD_H

#include <stdbool.h>

/* Case-folded (Unicode, NFC), so that any case finds any case; owned by the caller. NULL counts as "". */
char *fold_case(const char *text);
/* Does the text, in any case, hold what was folded already? */
bool fold_contains(const char *text, const char *folded);

#endif
