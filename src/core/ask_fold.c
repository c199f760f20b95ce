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

static char *lower_ascii(const char *text)
{
    char *lower = memory_string(text);
    for (char *c = lower; *c; c++) {
        *c = (char)(*c >= 'A' && *c <= 'Z' ? *c - 'A' + 'a' : *c);
    }
    return lower;
}

char *ask_lower(const char *text)
{
    size_t length = 0;
    if (text_is_ascii(text)) {
        return lower_ascii(text);
    }
    uint8_t *bytes = u8_tolower((const uint8_t *)text, strlen(text), NULL, UNINORM_NFC, NULL, &length);
    char *lower = text_take_bytes(bytes, length);
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
    if (text_is_ascii(text)) {
        return lower_ascii(text);
    }
    uint8_t *bytes = u8_casefold((const uint8_t *)text, strlen(text), NULL, UNINORM_NFD, NULL, &length);
    char *folded = text_take_bytes(bytes, length);
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
