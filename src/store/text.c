#include "text.h"

#include <stdio.h>
#include <string.h>
#include <unictype.h>
#include <unistr.h>

#include "memory.h"

static void reserve(Text *text, size_t extra)
{
    size_t wanted = text->length + extra + 1;
    if (wanted <= text->capacity) {
        return;
    }
    size_t capacity = text->capacity ? text->capacity : 64;
    while (capacity < wanted) {
        capacity *= 2;
    }
    text->data = memory_resize(text->data, capacity, 1);
    text->capacity = capacity;
}

void text_add_n(Text *text, const char *bytes, size_t length)
{
    reserve(text, length);
    memcpy(text->data + text->length, bytes, length);
    text->length += length;
    text->data[text->length] = '\0';
}

void text_add(Text *text, const char *string)
{
    text_add_n(text, string, strlen(string));
}

void text_add_char(Text *text, char c)
{
    text_add_n(text, &c, 1);
}

void text_addf(Text *text, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *added = text_vformat(format, args);
    va_end(args);
    text_add(text, added);
    free(added);
}

const char *text_string(const Text *text)
{
    return text->data ? text->data : "";
}

char *text_take(Text *text)
{
    char *data = text->data ? text->data : memory_string("");
    *text = (Text){0};
    return data;
}

void text_trim(Text *text)
{
    static const char blanks[] = " \t\r\n\f\v";
    size_t lead = strspn(text_string(text), blanks);
    while (text->length > lead && strchr(blanks, text->data[text->length - 1])) {
        text->data[--text->length] = '\0';
    }
    if (lead > 0 && text->data) {
        text->length -= lead;
        memmove(text->data, text->data + lead, text->length + 1);
    }
}

void text_clear(Text *text)
{
    text->length = 0;
    if (text->data) {
        text->data[0] = '\0';
    }
}

void text_free(Text *text)
{
    free(text->data);
    *text = (Text){0};
}

char *text_vformat(const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    size_t size = length < 0 ? 1 : (size_t)length + 1;
    char *result = memory_alloc(size);
    if (length < 0 || vsnprintf(result, size, format, again) < 0) {
        result[0] = '\0';
    }
    va_end(again);
    return result;
}

char *text_format(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *result = text_vformat(format, args);
    va_end(args);
    return result;
}

/* Reads one character; returns its length in bytes and sets *code_point, or returns 1 with U+FFFD. */
static size_t next_character(const char *bytes, size_t length, uint32_t *code_point)
{
    if ((unsigned char)*bytes < 0x80) {
        *code_point = (unsigned char)*bytes;
        return 1;
    }
    ucs4_t character = 0;
    int used = u8_mbtoucr(&character, (const uint8_t *)bytes, length);
    if (used <= 0) {
        *code_point = 0xfffd;
        return 1;
    }
    *code_point = character;
    return (size_t)used;
}

static void add_code_point(Text *out, uint32_t code_point)
{
    uint8_t bytes[6];
    if (code_point < 0x80) {
        text_add_char(out, (char)code_point);
        return;
    }
    int length = u8_uctomb(bytes, code_point, sizeof bytes);
    if (length > 0) {
        text_add_n(out, (const char *)bytes, (size_t)length);
    }
}

bool text_is_ascii(const char *text)
{
    for (; *text; text++) {
        if (*text & 0x80) {
            return false;
        }
    }
    return true;
}

char *text_take_bytes(uint8_t *bytes, size_t length)
{
    char *string = bytes ? memory_string_n((const char *)bytes, length) : NULL;
    free(bytes);
    return string;
}

bool text_is_utf8(const char *text, size_t length)
{
    return !memchr(text, 0, length) && !u8_check((const uint8_t *)text, length);
}

char *text_to_utf8(const char *text, size_t length)
{
    Text out = {0};
    for (size_t at = 0; at < length && text[at];) {
        uint32_t code_point;
        at += next_character(text + at, length - at, &code_point);
        add_code_point(&out, code_point);
    }
    return text_take(&out);
}

void text_copy(char *buffer, size_t size, const char *text)
{
    char *clean = text_to_utf8(text ? text : "", text ? strlen(text) : 0);
    size_t length = strlen(clean);
    if (length >= size) {
        length = size - 1;
        while (length > 0 && ((unsigned char)clean[length] & 0xc0) == 0x80) {
            length--;
        }
    }
    memcpy(buffer, clean, length);
    buffer[length] = '\0';
    free(clean);
}

bool text_is_hostile(uint32_t c)
{
    if (c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x2028 || c == 0x2029) {
        return true;
    }
    if (c < 0xad) { /* the first of Cf */
        return false;
    }
    /* Cf holds the bidi controls, zero-width characters, tags and the byte order mark. Joiners (U+200C/D) are
     * Cf too, but Persian text and emoji need them; they cannot reorder text, so they pass. */
    if (c == 0x200c || c == 0x200d) {
        return false;
    }
    return uc_is_general_category_withtable(c, UC_CATEGORY_MASK_Cf);
}

static void add_visible(Text *out, uint32_t c)
{
    if (c < 0x100) {
        text_addf(out, "\\x%02x", (unsigned)c);
    } else if (c < 0x10000) {
        text_addf(out, "\\u%04x", (unsigned)c);
    } else {
        text_addf(out, "\\U%08x", (unsigned)c);
    }
}

static bool is_printable_ascii(const char *text)
{
    while (*text >= ' ' && *text <= '~') {
        text++;
    }
    return *text == '\0';
}

static char *make_visible(const char *text, bool keep_lines)
{
    Text out = {0};
    size_t length = text ? strlen(text) : 0;
    if (text && is_printable_ascii(text)) { /* nearly all names are */
        return memory_string_n(text, length);
    }
    for (size_t at = 0; at < length;) {
        uint32_t c;
        at += next_character(text + at, length - at, &c);
        if (c == '\n' || c == '\t') {
            text_add_char(&out, keep_lines ? (char)c : ' ');
        } else if (text_is_hostile(c)) {
            add_visible(&out, c);
        } else {
            add_code_point(&out, c);
        }
    }
    return text_take(&out);
}

char *text_visible(const char *text)
{
    return make_visible(text, false);
}

char *text_visible_lines(const char *text)
{
    return make_visible(text, true);
}

char *text_json_harmless(const char *json)
{
    Text out = {0};
    size_t length = strlen(json);
    for (size_t at = 0; at < length;) {
        uint32_t c;
        size_t used = next_character(json + at, length - at, &c);
        if (c == '\n' || c == '\t' || !text_is_hostile(c)) {
            text_add_n(&out, json + at, used);
        } else if (c < 0x10000) {
            text_addf(&out, "\\u%04x", (unsigned)c);
        } else {
            uint32_t rest = c - 0x10000;
            text_addf(&out, "\\u%04x\\u%04x", (unsigned)(0xd800 + (rest >> 10)),
                      (unsigned)(0xdc00 + (rest & 0x3ff)));
        }
        at += used;
    }
    return text_take(&out);
}

const char *text_plural(long long count)
{
    return count == 1 ? "" : "s";
}

bool text_equal(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

bool text_starts(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool text_is_empty(const char *text)
{
    return !text || !*text;
}

bool text_is_blank(const char *text)
{
    size_t length = text ? strlen(text) : 0;
    uint32_t c;
    for (size_t at = 0; at < length;) {
        at += next_character(text + at, length - at, &c);
        if (!uc_is_property_white_space(c) && !uc_is_property_default_ignorable_code_point(c)) {
            return false;
        }
    }
    return true;
}
