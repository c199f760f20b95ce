#include "redact_text.h"

#include <ctype.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <unictype.h>
#include <unistr.h>

#include "memory.h"
#include "text.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum {
    REAL_DIGITS = 15,   /* that a JSON number keeps */
    ALL_DIGITS = 17,    /* that tell one from every other */
    PIECE_SHORTEST = 5, /* characters of a piece of a secret that gives it away by itself */
    MOST_PARTS = 4,     /* all but one of so many parts of it do */
};

static int64_t characters(const char *text)
{
    int64_t count = 0;
    for (; *text; text++) {
        count += ((unsigned char)*text & 0xC0) != 0x80;
    }
    return count;
}

bool redact_check(const char *secret, Error *err)
{
    if (!text_is_utf8(secret, strlen(secret))) {
        return error_set(err, ERROR_USAGE, "what is to be redacted is not valid UTF-8");
    }
    if (characters(secret) < REDACT_SHORTEST) {
        error_set(err, ERROR_USAGE, "what is to be redacted has fewer than %d characters", REDACT_SHORTEST);
        return error_hint(err, "so short a text stands in many words; give more of it");
    }
    if (strstr(REDACTED, secret)) {
        return error_set(err, ERROR_USAGE, "that is part of %s, which stands for what was redacted",
                         REDACTED);
    }
    return true;
}

char *redact_text(const char *text, const char *secret)
{
    const char *found = strstr(text, secret);
    Text out = {0};
    if (!found) {
        return NULL;
    }
    for (; found; found = strstr(text, secret)) {
        text_add_n(&out, text, (size_t)(found - text));
        text_add(&out, REDACTED);
        text = found + strlen(secret);
    }
    text_add(&out, text);
    return text_take(&out);
}

static json_t *redact_json(json_t *json, const char *secret, bool *changed);

static json_t *redact_string(json_t *string, const char *secret, bool *changed)
{
    char *text = redact_text(json_string_value(string), secret);
    if (!text) {
        return json_incref(string);
    }
    json_t *redacted = json_string(text);
    *changed = true;
    free(text);
    return redacted;
}

static char *redact_spelling(char *number, const char *secret)
{
    char *redacted = redact_text(number, secret);
    free(number);
    return redacted;
}

/* As people write it, and as it is printed: whole without an exponent, else with few digits or all. */
static char *redact_real(double real, const char *secret)
{
    char *redacted = real == trunc(real) ? redact_spelling(text_format("%.0f", real), secret) : NULL;
    redacted = redacted ? redacted : redact_spelling(text_format("%.*g", REAL_DIGITS, real), secret);
    return redacted ? redacted : redact_spelling(text_format("%.*g", ALL_DIGITS, real), secret);
}

static json_t *redact_number(json_t *number, const char *secret, bool *changed)
{
    char *redacted =
        json_is_integer(number)
            ? redact_spelling(text_format("%" JSON_INTEGER_FORMAT, json_integer_value(number)), secret)
            : redact_real(json_real_value(number), secret);
    json_t *value = redacted ? json_string(redacted) : json_incref(number);
    *changed = *changed || redacted;
    free(redacted);
    return value;
}

static json_t *redact_object(json_t *object, const char *secret, bool *changed)
{
    const char *name;
    json_t *value;
    json_t *redacted = json_object();
    json_object_foreach(object, name, value)
    {
        char *other = redact_text(name, secret);
        *changed = *changed || other;
        json_object_set_new(redacted, other ? other : name, redact_json(value, secret, changed));
        free(other);
    }
    return redacted;
}

static json_t *redact_array(json_t *array, const char *secret, bool *changed)
{
    size_t index;
    json_t *value;
    json_t *redacted = json_array();
    json_array_foreach(array, index, value)
    {
        json_array_append_new(redacted, redact_json(value, secret, changed));
    }
    return redacted;
}

/* A new reference to the value without the secret. */
static json_t *redact_json(json_t *json, const char *secret, bool *changed)
{
    return json_is_string(json)   ? redact_string(json, secret, changed)
           : json_is_object(json) ? redact_object(json, secret, changed)
           : json_is_array(json)  ? redact_array(json, secret, changed)
           : json_is_number(json) ? redact_number(json, secret, changed)
                                  : json_incref(json);
}

static size_t string_length(const char *at)
{
    size_t length = 1;
    while (at[length] && at[length] != '"') {
        length += at[length] == '\\' && at[length + 1] ? 2 : 1;
    }
    return at[length] ? length + 1 : length;
}

/* Takes out the numbers that are spelled with it in the JSON text: to a parser, they are values without a
 * spelling. Owned by the caller. */
static char *redact_digits(const char *text, const char *secret)
{
    Text out = {0};
    for (size_t length; *text; text += length) {
        size_t digits = strspn(text, "-+.0123456789eE");
        bool number = digits > 0 && (isdigit((unsigned char)*text) || *text == '-');
        length = *text == '"' ? string_length(text) : number ? digits : 1;
        if (number && memmem(text, length, secret, strlen(secret))) {
            text_add(&out, "\"" REDACTED "\"");
        } else {
            text_add_n(&out, text, length);
        }
    }
    return text_take(&out);
}

/* NULL: the secret is not in it. */
static char *redact_values(json_t *json, const char *secret)
{
    bool changed = false;
    json_t *redacted = redact_json(json, secret, &changed);
    char *out = changed
                    ? json_dumps(redacted, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(REAL_DIGITS))
                    : NULL;
    json_decref(redacted);
    return out;
}

char *redact_json_text(const char *text, const char *secret)
{
    char *without = redact_digits(text, secret);
    json_t *json = json_loads(without, JSON_DECODE_ANY, NULL);
    char *out = json ? redact_values(json, secret) : redact_text(text, secret);
    if (json && !out && !text_equal(without, text)) {
        out = memory_string(without);
    }
    json_decref(json);
    free(without);
    return out;
}

/* --- echoes --- */

typedef bool (*Takes)(void *context, const char *word);

static bool is_letter(ucs4_t c)
{
    return uc_is_alnum(c) || uc_combining_class(c) > 0;
}

/* Hands the runs of letters and digits to `takes`, in lower case, until one is taken; those of capitals,
 * small letters and digits each alone, where `split`. */
static bool any_word(const char *text, size_t length, bool split, Takes takes, void *context)
{
    const uint8_t *at = (const uint8_t *)text, *end = at + length;
    Text word = {0};
    bool taken = false;
    ucs4_t before = 0;
    while (at <= end && !taken) {
        ucs4_t c = 0;
        uint8_t lower[6];
        at += at < end ? u8_mbtouc(&c, at, (size_t)(end - at)) : 1;
        bool hump = split && word.length > 0 &&
                    (uc_is_digit(c) != uc_is_digit(before) || (uc_is_upper(c) && !uc_is_upper(before)));
        if (word.length > 0 && (hump || !is_letter(c))) {
            taken = takes(context, text_string(&word));
            text_clear(&word);
        }
        if (is_letter(c)) {
            int size = u8_uctomb(lower, uc_tolower(c), sizeof lower);
            text_add_n(&word, (const char *)lower, size > 0 ? (size_t)size : 0);
        }
        before = c;
    }
    text_free(&word);
    return taken;
}

static bool add_word(void *context, const char *word)
{
    text_add(context, word);
    return false;
}

/* Letters and digits alone, in lower case; owned by the caller. */
static char *squeeze(const char *text, size_t length)
{
    Text out = {0};
    any_word(text, length, false, add_word, &out);
    return text_take(&out);
}

/* What makes a line go: the whole secret, or also pieces of it. */
typedef struct Echo {
    const char *secret;
    char *whole; /* the secret, squeezed */
    char *rest;  /* the same, with blanks in place of what the line has of it */
    bool pieces;
    const char *cited;
} Echo;

static bool is_same(void *context, const char *word)
{
    return text_equal(context, word);
}

static bool has_word(const char *text, bool split, const char *word)
{
    return text && any_word(text, strlen(text), split, is_same, (void *)word);
}

/* A word that stands in many secrets, and in many other texts. */
static bool is_usual(const char *word)
{
    static const char *const words[] = {
        "access",  "admin",   "administrator", "amazon",   "backup",    "change",   "changeme", "client",
        "columns", "connect", "credential",    "customer", "customers", "database", "default",  "demo",
        "email",   "github",  "google",        "guest",    "hello",     "login",    "manager",  "master",
        "monitor", "mysql",   "oracle",        "orders",   "passwd",    "passwort", "password", "postgres",
        "private", "product", "production",    "public",   "qwerty",    "readonly", "reader",   "replication",
        "report",  "right",   "sales",         "schema",   "secret",    "secrets",  "secure",   "server",
        "service", "session", "shared",        "staging",  "stage",     "super",    "summer",   "system",
        "table",   "tables",  "testing",       "token",    "tokens",    "users",    "value",    "values",
        "views",   "welcome", "winter",        "write",    "writer"};
    for (size_t i = 0; i < COUNT(words); i++) {
        if (text_equal(words[i], word)) {
            return true;
        }
    }
    return false;
}

/* Is the word, which is no name the text cites, a piece that gives the secret away by itself, wherever in it
 * that stands? Short pieces, and usual words, are only taken note of: as words of names are split, they stand
 * in many texts. */
static bool is_piece(void *context, const char *word)
{
    Echo *echo = context;
    const char *in_whole = strstr(echo->whole, word);
    if (!in_whole || has_word(echo->cited, false, word)) {
        return false;
    }
    if (has_word(echo->secret, true, word)) {
        char *at = strstr(echo->rest, word);
        memset(at ? at : echo->rest, ' ', at ? strlen(word) : 0);
    }
    return characters(word) >= PIECE_SHORTEST && !is_usual(word);
}

/* Does the line have most of the secret, in pieces? */
static bool has_most(const Echo *echo)
{
    int64_t left = 0;
    for (const char *at = echo->rest; *at; at++) {
        left += *at != ' ' && ((unsigned char)*at & 0xC0) != 0x80;
    }
    return left * MOST_PARTS <= characters(echo->whole);
}

static bool echoes(const char *line, size_t length, Echo *echo)
{
    char *squeezed = squeeze(line, length);
    bool whole = characters(echo->whole) >= REDACT_SHORTEST;
    bool found = whole && strstr(squeezed, echo->whole);
    if (!found && echo->pieces && *echo->whole) {
        echo->rest = memory_string(echo->whole);
        found = any_word(line, length, false, is_piece, echo) || has_most(echo);
        free(echo->rest);
    }
    free(squeezed);
    return found;
}

static char *redact_lines(const char *text, Echo *echo)
{
    Text out = {0};
    bool changed = false;
    for (const char *line = text; *line;) {
        size_t length = strcspn(line, "\n");
        if (echoes(line, length, echo)) {
            text_add(&out, REDACTED);
            changed = true;
        } else {
            text_add_n(&out, line, length);
        }
        line += length;
        if (*line == '\n') {
            text_add_char(&out, *line++);
        }
    }
    if (!changed) {
        text_free(&out);
        return NULL;
    }
    return text_take(&out);
}

static char *redact_echoes(const char *text, Echo echo)
{
    echo.whole = squeeze(echo.secret, strlen(echo.secret));
    char *redacted = redact_lines(text, &echo);
    free(echo.whole);
    return redacted;
}

char *redact_quote(const char *text, const char *secret)
{
    return redact_echoes(text, (Echo){.secret = secret});
}

char *redact_echo(const char *text, const char *secret, const char *cited)
{
    return redact_echoes(text, (Echo){.secret = secret, .pieces = true, .cited = cited});
}
