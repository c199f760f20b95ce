/* A secret taken out of a text. */
#ifndef AMX_STORE_REDACT_TEXT_H
#define AMX_STORE_REDACT_TEXT_H

#include "error.h"

#define REDACTED "[redacted]"
#define REDACT_SHORTEST 4 /* characters */

/* Is this a secret to look for: UTF-8, at least REDACT_SHORTEST characters, and no part of REDACTED?
 * ERROR_USAGE, which does not repeat it. */
bool redact_check(const char *secret, Error *err);

/* The text with REDACTED in place of the secret, owned by the caller; NULL when it does not hold it. */
char *redact_text(const char *text, const char *secret);
/* The same inside the strings and names of a JSON text, however they are escaped there. */
char *redact_json_text(const char *json, const char *secret);
/* The same of a text that answers one with the secret, and may repeat parts of it in any case and order: of
 * each line that does, nothing is left. */
char *redact_echo(const char *text, const char *secret);

#endif
