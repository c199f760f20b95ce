/* Texts of JSON objects. */
#ifndef AMX_CORE_JSON_TEXT_H
#define AMX_CORE_JSON_TEXT_H

#include <jansson.h>

/* The text that an object has as a member of this name; `otherwise` (or NULL) when it has none, or is no
 * object. Borrowed. */
const char *json_text(const json_t *object, const char *name, const char *otherwise);

#endif
