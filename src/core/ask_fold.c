#include "ask_fold.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

#include "memory.h"
#include "text.h"

static bool is_ascii(const char *text)
{
    for (; *text; text++) {
        if (*text & 0x80) {
            return false;
        }
    }
    return true;
}

static char *lower_ascii(const char *text)
{
    char *lower = memory_string(text);
    for (char *c = lower; *c; c++) {
        *c = (char)(*c >= 'A' && *c <= 'Z' ? *c - 'A' + 'a' : *c);
    }
    return lower;
}

/* libunistring's result as a string; NULL: it could not. */
static char *take_string(uint8_t *bytes, size_t length)
{
    char *string = bytes ? memory_string_n((const char *)bytes, length) : NULL;
    free(bytes);
    return string;
}

char *ask_lower(const char *text)
{
    size_t length = 0;
    if (is_ascii(text)) {
        return lower_ascii(text);
    }
    uint8_t *bytes = u8_tolower((const uint8_t *)text, strlen(text), NULL, UNINORM_NFC, NULL, &length);
    char *lower = take_string(bytes, length);
    return lower ? lower : lower_ascii(text);
}

/* Takes away what combines with the letter before it. */
static void drop_marks(char *text)
{
    char *to = text;
    const uint8_t *at = (const uint8_t *)text;
    ucs4_t c = 0;
    for (int size; *at && (size = u8_strmbtouc(&c, at)) > 0; at += size) {
        if (uc_combining_class(c) == UC_CCC_NR) {
            memmove(to, at, (size_t)size);
            to += size;
        }
    }
    *to = '\0';
}

char *ask_fold(const char *text)
{
    size_t length = 0;
    if (is_ascii(text)) {
        return lower_ascii(text);
    }
    uint8_t *bytes = u8_casefold((const uint8_t *)text, strlen(text), NULL, UNINORM_NFD, NULL, &length);
    char *folded = take_string(bytes, length);
    if (!folded) {
        return lower_ascii(text);
    }
    drop_marks(folded);
    return folded;
}

bool ask_same_name(const char *a, const char *b)
{
    if (strcasecmp(a, b) == 0) {
        return true;
    }
    char *left = ask_lower(a), *right = ask_lower(b);
    bool same = strcmp(left, right) == 0;
    free(right);
    free(left);
    return same;
}
