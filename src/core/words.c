#include "words.h"

#include <ctype.h>
#include <string.h>
#include <unicase.h>
#include <unictype.h>
#include <unistr.h>

#include "memory.h"
#include "text.h"

void words_add(Words *words, const char *word)
{
    memory_grow((void **)&words->items, words->count, &words->capacity, sizeof *words->items);
    words->items[words->count++] = memory_string(word);
}

void words_remove(Words *words, size_t index)
{
    free(words->items[index]);
    words->count--;
    memmove(words->items + index, words->items + index + 1, (words->count - index) * sizeof *words->items);
}

void words_free(Words *words)
{
    for (size_t i = 0; i < words->count; i++) {
        free(words->items[i]);
    }
    free(words->items);
    *words = (Words){0};
}

static bool is_digit(uint32_t c)
{
    return c >= '0' && c <= '9';
}

static bool in_word(uint32_t c)
{
    if (c < 0x80) {
        return isalnum((int)c);
    }
    return c != 0xfffd && !text_is_hostile(c) && !uc_is_property_white_space(c) &&
           !uc_is_general_category_withtable(c, UC_CATEGORY_MASK_P);
}

/* Words that end in digits and are one word all the same. */
static bool is_numbered_word(const char *word)
{
    static const char *const known[] = {"base64", "ean13", "http2",  "int2",   "int4",   "int8",   "ipv4",
                                        "ipv6",   "md5",   "mp3",    "mp4",    "oauth2", "rfc822", "s3",
                                        "sha1",   "sha2",  "sha256", "sha512", "utf8",   "x509"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(word, known[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Adds one word; a number at its end becomes a word of its own. */
static void add_word(Words *words, Text *word)
{
    if (word->length == 0) {
        return;
    }
    size_t letters = word->length;
    while (letters > 0 && is_digit((unsigned char)word->data[letters - 1])) {
        letters--;
    }
    if (letters > 0 && letters < word->length && !is_numbered_word(word->data)) {
        char *digits = memory_string(word->data + letters);
        word->data[letters] = '\0';
        words_add(words, word->data);
        words_add(words, digits);
        free(digits);
    } else {
        words_add(words, word->data);
    }
    text_clear(word);
}

/* Does a new word start at `c`, between its neighbours? At the hump of fooBar, and at the last capital of
 * HTTPServer; the plural "IDs" and the version "IPv4" are no humps. */
static bool is_hump(uint32_t before, uint32_t c, const uint8_t *rest, size_t length)
{
    if (c < 0x80 ? !isupper((int)c) : !uc_is_upper(c)) {
        return false;
    }
    if (uc_is_lower(before) || is_digit(before)) {
        return true;
    }
    ucs4_t next = 0;
    ucs4_t after = 0;
    int used = length ? u8_mbtoucr(&next, rest, length) : 0;
    if (!uc_is_upper(before) || used <= 0 || !uc_is_lower(next)) {
        return false;
    }
    size_t left = length - (size_t)used;
    if (left == 0 || u8_mbtoucr(&after, rest + used, left) <= 0) {
        return next != 's';
    }
    return !(next == 'v' && is_digit(after)) && !(next == 's' && !uc_is_lower(after));
}

/* Reads one character; returns its length in bytes. What is no UTF-8 is U+FFFD. */
static size_t next_character(const uint8_t *bytes, size_t length, ucs4_t *c)
{
    if (*bytes < 0x80) { /* nearly all names are ASCII, and there are many of them */
        *c = *bytes;
        return 1;
    }
    int used = u8_mbtoucr(c, bytes, length);
    if (used <= 0) {
        *c = 0xfffd;
        return 1;
    }
    return (size_t)used;
}

static void add_lower(Text *word, ucs4_t c)
{
    uint8_t lower[6];
    if (c < 0x80) {
        text_add_char(word, (char)tolower((int)c));
        return;
    }
    int size = u8_uctomb(lower, uc_tolower(c), sizeof lower);
    text_add_n(word, (const char *)lower, size > 0 ? (size_t)size : 0);
}

void words_split(const char *name, Words *out)
{
    Text word = {0};
    const uint8_t *bytes = (const uint8_t *)name;
    size_t length = strlen(name);
    uint32_t before = 0;
    for (size_t at = 0; at < length;) {
        ucs4_t c = 0;
        at += next_character(bytes + at, length - at, &c);
        if (!in_word(c)) {
            add_word(out, &word);
        } else {
            if (is_hump(before, c, bytes + at, length - at)) {
                add_word(out, &word);
            }
            add_lower(&word, c);
        }
        before = c;
    }
    add_word(out, &word);
    text_free(&word);
}

/* "IP address" before the word "address" is only "IP". */
static char *expansion_before(const char *expansion, const char *next)
{
    const char *last = strrchr(expansion, ' ');
    bool repeats = last && next && strcmp(last + 1, next) == 0;
    return memory_string_n(expansion, repeats ? (size_t)(last - expansion) : strlen(expansion));
}

void words_expand(Words *words)
{
    for (size_t i = 0; i < words->count; i++) {
        const WordAbbreviation *entry = words_find(words->items[i]);
        if (!entry || (entry->place != WORD_ANYWHERE && words->count == 1) ||
            (entry->place == WORD_LAST && i + 1 < words->count)) {
            continue;
        }
        char *expansion =
            expansion_before(entry->expansion, i + 1 < words->count ? words->items[i + 1] : NULL);
        free(words->items[i]);
        words->items[i] = expansion;
    }
}

bool words_is_one_of(const char *word, const char *const *list)
{
    for (; *list; list++) {
        if (strcmp(word, *list) == 0) {
            return true;
        }
    }
    return false;
}

void words_strip_prefix(Words *words, const char *type)
{
    static const char *const kinds[] = {"fk", "mv", "pk", "tbl", "vw", NULL};
    static const char *const dates[] = {"dt", "dtm", "d", NULL};
    static const char *const booleans[] = {"b", "bln", "bool", NULL};
    static const char *const texts[] = {"chr", "str", "sz", "txt", "vc", NULL};
    static const char *const integers[] = {"int", "lng", NULL};
    static const char *const numbers[] = {"dbl", "flt", NULL};
    if (words->count < 2) {
        return;
    }
    const char *first = words->items[0];
    bool strip = words_is_one_of(first, kinds);
    if (!strip && type) {
        strip = (text_starts(type, "date") || text_starts(type, "timestamp")) ? words_is_one_of(first, dates)
                : text_starts(type, "bool") ? words_is_one_of(first, booleans)
                : (text_starts(type, "text") || text_starts(type, "character varying"))
                    ? words_is_one_of(first, texts)
                : (text_starts(type, "int") || text_starts(type, "bigint") || text_starts(type, "smallint"))
                    ? words_is_one_of(first, integers)
                : (text_starts(type, "double") || text_starts(type, "real") || text_starts(type, "numeric"))
                    ? words_is_one_of(first, numbers)
                    : false;
    }
    if (strip) {
        words_remove(words, 0);
    }
}

char *words_join(const Words *words, size_t from, size_t to)
{
    Text text = {0};
    for (size_t i = from; i < to && i < words->count; i++) {
        if (i > from) {
            text_add_char(&text, ' ');
        }
        text_add(&text, words->items[i]);
    }
    return text_take(&text);
}

char *words_phrase(const char *name, const char *type)
{
    Words words = {0};
    words_split(name, &words);
    words_strip_prefix(&words, type);
    words_expand(&words);
    char *phrase = words_join(&words, 0, words.count);
    words_free(&words);
    return phrase;
}

/* singular, plural: what the rules below would get wrong */
static const char *const irregular[][2] = {
    {"analysis", "analyses"},   {"basis", "bases"},    {"cache", "caches"},    {"calorie", "calories"},
    {"child", "children"},      {"cookie", "cookies"}, {"crisis", "crises"},   {"criterion", "criteria"},
    {"diagnosis", "diagnoses"}, {"foot", "feet"},      {"half", "halves"},     {"hero", "heroes"},
    {"index", "indices"},       {"leaf", "leaves"},    {"man", "men"},         {"matrix", "matrices"},
    {"movie", "movies"},        {"person", "people"},  {"pie", "pies"},        {"potato", "potatoes"},
    {"quiz", "quizzes"},        {"shelf", "shelves"},  {"tie", "ties"},        {"vertex", "vertices"},
    {"woman", "women"},         {"zombie", "zombies"}, {"alias", "aliases"},   {"bias", "biases"},
    {"bonus", "bonuses"},       {"bus", "buses"},      {"campus", "campuses"}, {"canvas", "canvases"},
    {"census", "censuses"},     {"lens", "lenses"},    {"status", "statuses"}, {"virus", "viruses"},
    {"atlas", "atlases"},       {"gas", "gases"},      {"veto", "vetoes"},     {"echo", "echoes"},
};

/* The same in both numbers, or a mass noun. */
static const char *const unchanging[] = {
    "aws",         "chaos",  "css",   "data",    "dns",     "equipment", "gps",  "goods", "https",
    "information", "ios",    "kudos", "means",   "media",   "metadata",  "news", "os",    "pos",
    "sales",       "series", "sms",   "species", "staff",   "was",       "has",  "does",  "this",
    "always",      "plus",   "tls",   "vms",     "history", "feedback",  NULL};

static bool ends_with(const char *word, const char *ending)
{
    size_t length = strlen(word);
    size_t size = strlen(ending);
    return length > size && strcmp(word + length - size, ending) == 0;
}

/* A plural in -es: how many bytes to take off. */
static size_t plural_ending(const char *word)
{
    static const char *const two[] = {"sses", "xes", "shes", "ches", "zzes", NULL};
    for (size_t i = 0; two[i]; i++) {
        if (ends_with(word, two[i])) {
            return 2;
        }
    }
    return ends_with(word, "ss") || ends_with(word, "us") || ends_with(word, "is") ? 0 : 1;
}

char *words_singular(const char *word)
{
    size_t length = strlen(word);
    for (size_t i = 0; i < sizeof irregular / sizeof *irregular; i++) {
        if (strcmp(word, irregular[i][1]) == 0 || strcmp(word, irregular[i][0]) == 0) {
            return memory_string(irregular[i][0]);
        }
    }
    if (length < 3 || word[length - 1] != 's' || words_is_one_of(word, unchanging)) {
        return memory_string(word);
    }
    if (length > 4 && ends_with(word, "ies")) {
        return text_format("%.*sy", (int)(length - 3), word);
    }
    return memory_string_n(word, length - plural_ending(word));
}

char *words_plural(const char *word)
{
    for (size_t i = 0; i < sizeof irregular / sizeof *irregular; i++) {
        if (strcmp(word, irregular[i][0]) == 0 || strcmp(word, irregular[i][1]) == 0) {
            return memory_string(irregular[i][1]);
        }
    }
    size_t length = strlen(word);
    char *singular = words_singular(word);
    bool is_plural = strcmp(singular, word) != 0;
    free(singular);
    if (length < 2 || is_plural || words_is_one_of(word, unchanging) ||
        !islower((unsigned char)word[length - 1])) {
        return memory_string(word);
    }
    if (word[length - 1] == 'y' && !strchr("aeiou", word[length - 2])) {
        return text_format("%.*sies", (int)(length - 1), word);
    }
    bool hissing = strchr("sxz", word[length - 1]) || ends_with(word, "ch") || ends_with(word, "sh");
    return text_format("%s%s", word, hissing ? "es" : "s");
}
