#include "llm_scrub.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { ESCAPE_BYTES = 6 /* of \u0073 */ };

/* The same for a character whose text begins with a backslash. */
static bool matches_escape(char wanted, const char *text, size_t size, size_t *length)
{
    char escape[ESCAPE_BYTES + 1];
    snprintf(escape, sizeof escape, "\\u%04x", (unsigned)(unsigned char)wanted);
    *length = wanted == '\\' ? 1 : 0;
    if (size == 1) {
        return true;
    }
    if (text[1] == 'u' && strncasecmp(text, escape, size < ESCAPE_BYTES ? size : ESCAPE_BYTES) == 0) {
        *length = size < ESCAPE_BYTES ? 0 : ESCAPE_BYTES;
        return true;
    }
    if (text[1] == wanted && strchr("\"\\/", wanted)) {
        *length = 2;
    }
    return *length > 0;
}

/* Is that character next in the text, plain or as JSON escapes it? *length: how much of the text it takes, 0
 * when there is too little of the text to tell. */
static bool matches_character(char wanted, const char *text, size_t size, size_t *length)
{
    if (size > 0 && *text == '\\') {
        return matches_escape(wanted, text, size, length);
    }
    *length = size > 0;
    return size == 0 || *text == wanted;
}

/* Does the text begin with the key? *length: how much of the text that takes, 0 when there is too little of
 * the text to tell. */
static bool matches_key(const char *key, const char *text, size_t size, size_t *length)
{
    size_t at = 0;
    for (; *key; key++) {
        size_t taken = 0;
        if (!matches_character(*key, text + at, size - at, &taken)) {
            return false;
        }
        if (taken == 0) {
            *length = 0;
            return true;
        }
        at += taken;
    }
    *length = at;
    return true;
}

/* Appends to *out what is known of `text`; what is left of it may be the beginning of the key. */
static size_t scrub_known(const char *key, const char *text, size_t size, Text *out)
{
    size_t plain = 0; /* where what was not appended yet begins */
    size_t at = 0;
    while (at < size) {
        size_t length = 0;
        if (!matches_key(key, text + at, size - at, &length)) {
            at++;
            continue;
        }
        text_add_n(out, text + plain, at - plain);
        plain = at;
        if (length == 0) {
            return plain;
        }
        text_add(out, "***");
        plain = at += length;
    }
    text_add_n(out, text + plain, size - plain);
    return size;
}

void llm_scrub_feed(LlmScrub *scrub, const char *text, size_t length, Text *out)
{
    if (!scrub->key || strlen(scrub->key) < LLM_SCRUB_SHORTEST) {
        text_add_n(out, text, length);
        return;
    }
    text_add_n(&scrub->held, text, length);
    size_t known = scrub_known(scrub->key, text_string(&scrub->held), scrub->held.length, out);
    Text rest = {0};
    text_add_n(&rest, text_string(&scrub->held) + known, scrub->held.length - known);
    text_free(&scrub->held);
    scrub->held = rest;
}

void llm_scrub_end(LlmScrub *scrub, Text *out)
{
    text_add_n(out, text_string(&scrub->held), scrub->held.length);
    text_clear(&scrub->held);
}

void llm_scrub_free(LlmScrub *scrub)
{
    text_free(&scrub->held);
}

char *llm_scrub_text(const char *text, const char *key)
{
    Text scrubbed = {0};
    LlmScrub scrub = {.key = key};
    llm_scrub_feed(&scrub, text, strlen(text), &scrubbed);
    llm_scrub_end(&scrub, &scrubbed);
    llm_scrub_free(&scrub);
    return text_take(&scrubbed);
}
