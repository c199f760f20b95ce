#include "match.h"

#include <stdint.h>
#include <string.h>
#include <unicase.h>
#include <unigbrk.h>
#include <uninorm.h>

#include "memory.h"
#include "text.h"

/* A folded line, and for each of its bytes where the character it comes from begins in the line. */
typedef struct Folded {
    Text text;
    size_t *origins;
    size_t capacity;
} Folded;

static void add_byte(Folded *folded, char byte, size_t origin)
{
    memory_grow((void **)&folded->origins, folded->text.length, &folded->capacity, sizeof *folded->origins);
    folded->origins[folded->text.length] = origin;
    text_add_char(&folded->text, byte);
}

static void add_cluster(Folded *folded, const char *text, size_t length, size_t origin)
{
    size_t count = 0;
    uint8_t *fold = u8_casefold((const uint8_t *)text, length, NULL, UNINORM_NFC, NULL, &count);
    const char *bytes = fold ? (const char *)fold : text;
    count = fold ? count : length;
    for (size_t i = 0; i < count; i++) {
        add_byte(folded, bytes[i], origin);
    }
    free(fold);
}

static bool is_ascii(char c)
{
    return (unsigned char)c < 0x80;
}

/* tolower follows the locale: a Turkish one knows no i for I. */
static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Cluster by cluster, so that each byte knows where it comes from. */
static Folded fold_line(const char *text)
{
    Folded folded = {0};
    const char *end = text + strlen(text);
    for (const char *at = text; at < end;) {
        if (is_ascii(at[0]) && is_ascii(at[1])) { /* nothing can combine with it */
            add_byte(&folded, lower(*at), (size_t)(at - text));
            at++;
            continue;
        }
        const uint8_t *next = u8_grapheme_next((const uint8_t *)at, (const uint8_t *)end);
        size_t length = next ? (size_t)((const char *)next - at) : 1;
        add_cluster(&folded, at, length, (size_t)(at - text));
        at += length;
    }
    add_byte(&folded, '\0', (size_t)(end - text));
    folded.text.length--;
    return folded;
}

static void free_folded(Folded *folded)
{
    text_free(&folded->text);
    free(folded->origins);
}

char *match_fold(const char *text)
{
    Folded folded = fold_line(text);
    free(folded.origins);
    return text_take(&folded.text);
}

static bool begins_with(const char *text, const char *folded)
{
    while (*folded && lower(*text) == *folded) {
        text++;
        folded++;
    }
    return !*folded;
}

/* Most text is ASCII, and nothing in such a text can combine: it is searched as it stands. */
bool match_holds(const char *text, const char *folded)
{
    char first = *folded;
    char other = first >= 'a' && first <= 'z' ? (char)(first - 'a' + 'A') : first;
    const char *at = text;
    for (; is_ascii(*at); at++) {
        if ((*at == first || *at == other) && begins_with(at, folded) && is_ascii(at[strlen(folded)])) {
            return true;
        }
        if (!*at) {
            return !first;
        }
    }
    char *fold = match_fold(text);
    bool found = strstr(fold, folded) != NULL;
    free(fold);
    return found;
}

/* Where the character after the folded byte `last` begins. */
static size_t end_of(const Folded *folded, size_t last)
{
    size_t at = last;
    while (at < folded->text.length && folded->origins[at] == folded->origins[last]) {
        at++;
    }
    return folded->origins[at];
}

void match_add(Matches *matches, size_t line, const char *text, const char *folded)
{
    Folded haystack = fold_line(text);
    size_t needle = strlen(folded);
    const char *all = text_string(&haystack.text);
    for (const char *hit = strstr(all, folded); hit; hit = strstr(hit + needle, folded)) {
        size_t first = (size_t)(hit - all);
        size_t start = haystack.origins[first];
        memory_grow((void **)&matches->items, matches->count, &matches->capacity, sizeof *matches->items);
        matches->items[matches->count++] =
            (Match){.line = line, .start = start, .length = end_of(&haystack, first + needle - 1) - start};
    }
    free_folded(&haystack);
}

void match_free(Matches *matches)
{
    free(matches->items);
    *matches = (Matches){0};
}
