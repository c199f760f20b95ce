#include "llm_object.h"

#include <stdbool.h>
#include <string.h>

#include "text.h"

/* How often a text may be read over again where brackets that open nothing stand before the object. */
enum { READINGS = 16 };

static bool has_one_of(const json_t *object, const char *const *members)
{
    while (*members && !json_object_get(object, *members)) {
        members++;
    }
    return *members != NULL;
}

static const char *behind_thought(const char *at)
{
    const char *end = strstr(at, LLM_THOUGHT_ENDS);
    return end ? end + strlen(LLM_THOUGHT_ENDS) : at + strlen(at);
}

json_t *llm_object_find(const char *text, const char *const *members)
{
    const char *end = text + strlen(text);
    size_t effort = READINGS * (size_t)(end - text);
    json_t *found = NULL;
    while (*(text += strcspn(text, "{<"))) {
        if (*text == '<') {
            text = text_starts(text, LLM_THOUGHT_BEGINS) ? behind_thought(text) : text + 1;
            continue;
        }
        json_error_t where;
        json_t *object =
            json_loadb(text, (size_t)(end - text), JSON_REJECT_DUPLICATES | JSON_DISABLE_EOF_CHECK, &where);
        size_t read = where.position > 0 ? (size_t)where.position : 1;
        bool broke_off = !object && json_error_code(&where) == json_error_premature_end_of_input;
        if (object && has_one_of(object, members)) {
            json_decref(found);
            found = json_incref(object);
        }
        text += object ? read : 1;
        json_decref(object);
        if (broke_off || read > effort) {
            break;
        }
        effort -= read;
    }
    return found;
}
