#include "redact_text.h"

#include <ctype.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "memory.h"
#include "text.h"

enum {
    REAL_DIGITS = 15, /* that a JSON number keeps */
    ALL_DIGITS = 17   /* that tell one from every other */
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

/* Letters and digits alone, in lower case; owned by the caller. */
static char *squeeze(const char *text, size_t length)
{
    Text out = {0};
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (isalnum(c) || c >= 0x80) {
            text_add_char(&out, (char)tolower(c));
        }
    }
    return text_take(&out);
}

/* Does the line hold a word of the secret that is long enough to tell something, and is no name that the text
 * cites? */
static bool holds_word(const char *line, const char *secret, const char *cited)
{
    bool holds = false;
    for (const char *at = secret; *at && !holds;) {
        size_t length = 0;
        while (isalnum((unsigned char)at[length]) || (unsigned char)at[length] >= 0x80) {
            length++;
        }
        if (length >= REDACT_SHORTEST) {
            char *word = squeeze(at, length);
            holds = strstr(line, word) && !(cited && strcasestr(cited, word));
            free(word);
        }
        at += length > 0 ? length : 1;
    }
    return holds;
}

/* What makes a line go: the whole secret, or also a word of it. */
typedef struct Echo {
    const char *secret;
    bool words;
    const char *cited;
} Echo;

static bool echoes(const char *line, size_t length, const Echo *echo)
{
    char *squeezed = squeeze(line, length);
    char *whole = squeeze(echo->secret, strlen(echo->secret));
    bool found = (strlen(whole) >= REDACT_SHORTEST && strstr(squeezed, whole)) ||
                 (echo->words && holds_word(squeezed, echo->secret, echo->cited));
    free(whole);
    free(squeezed);
    return found;
}

static char *redact_lines(const char *text, const Echo *echo)
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

char *redact_quote(const char *text, const char *secret)
{
    return redact_lines(text, &(Echo){.secret = secret});
}

char *redact_echo(const char *text, const char *secret, const char *cited)
{
    return redact_lines(text, &(Echo){.secret = secret, .words = true, .cited = cited});
}
