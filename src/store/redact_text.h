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
/* The same inside the strings and names of a JSON text, however they are escaped there, and in its numbers: a
 * number that holds the secret becomes a string. */
char *redact_json_text(const char *json, const char *secret);
/* The same of lines that quote the secret, in any case and whatever stands between its letters and digits: of
 * such a line nothing is left. */
char *redact_quote(const char *text, const char *secret);
/* The same of the answer to a text with the secret, which may repeat pieces of it, as the words of names are
 * split: at case, digits and whatever is neither. A line goes that has a piece of at least five characters
 * which is no usual word ("secret"), or in pieces most of the secret: a "2" of it stands in many lines. A
 * word that `cited` (JSON, or NULL) has as well is a name of the catalog, and tells nothing. */
char *redact_echo(const char *text, const char *secret, const char *cited);

#endif
