#include "ask_llm_reader.h"

#include <string.h>

#include "llm_object.h"

#define REPLACEMENT 0xfffdu

static bool is_high(uint32_t unit)
{
    return unit >= 0xd800 && unit < 0xdc00;
}

static bool is_low(uint32_t unit)
{
    return unit >= 0xdc00 && unit < 0xe000;
}

static void keep(AskLlmReader *reader, const char *bytes, size_t length)
{
    if (reader->wanted) {
        text_add_n(&reader->text, bytes, length);
    } else if (reader->is_key) {
        for (size_t i = 0; i < length && reader->key_length < sizeof reader->key - 1; i++) {
            reader->key[reader->key_length++] = bytes[i];
        }
    }
}

static void keep_code_point(AskLlmReader *reader, uint32_t c)
{
    char bytes[4];
    size_t length = 0;
    if (c < 0x80) {
        bytes[length++] = (char)c;
    } else if (c < 0x800) {
        bytes[length++] = (char)(0xc0 | c >> 6);
    } else if (c < 0x10000) {
        bytes[length++] = (char)(0xe0 | c >> 12);
        bytes[length++] = (char)(0x80 | (c >> 6 & 0x3f));
    } else {
        bytes[length++] = (char)(0xf0 | c >> 18);
        bytes[length++] = (char)(0x80 | (c >> 12 & 0x3f));
        bytes[length++] = (char)(0x80 | (c >> 6 & 0x3f));
    }
    if (length > 0 && c >= 0x80) {
        bytes[length++] = (char)(0x80 | (c & 0x3f));
    }
    keep(reader, bytes, length);
}

/* A first half without its second one is no character. */
static void end_high(AskLlmReader *reader)
{
    if (reader->high) {
        reader->high = 0;
        keep_code_point(reader, REPLACEMENT);
    }
}

static void end_unit(AskLlmReader *reader)
{
    uint32_t unit = reader->unit;
    if (is_low(unit) && reader->high) {
        uint32_t c = 0x10000 + ((reader->high - 0xd800) << 10) + (unit - 0xdc00);
        reader->high = 0;
        keep_code_point(reader, c);
        return;
    }
    end_high(reader);
    if (is_high(unit)) {
        reader->high = unit;
    } else {
        keep_code_point(reader, is_low(unit) || unit == 0 ? REPLACEMENT : unit);
    }
}

static void take_digit(AskLlmReader *reader, char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *digit = c ? strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c) : NULL;
    if (!digit) {
        reader->done = true;
        return;
    }
    reader->unit = reader->unit << 4 | (uint32_t)(digit - digits);
    if (--reader->digits == 0) {
        end_unit(reader);
    }
}

static void take_escaped(AskLlmReader *reader, char c)
{
    static const char names[] = "\"\\/bfnrt";
    static const char meant[] = "\"\\/\b\f\n\r\t";
    const char *name = c ? strchr(names, c) : NULL;
    reader->escaped = false;
    if (c == 'u') {
        reader->digits = 4;
        reader->unit = 0;
    } else if (name) {
        end_high(reader);
        keep(reader, &meant[name - names], 1);
    } else {
        reader->done = true;
    }
}

static void end_string(AskLlmReader *reader)
{
    end_high(reader);
    reader->done = reader->wanted;
    reader->key[reader->key_length] = '\0';
    reader->in_string = reader->is_key = reader->wanted = false;
}

static void take_in_string(AskLlmReader *reader, char c)
{
    if (reader->digits > 0) {
        take_digit(reader, c);
    } else if (reader->escaped) {
        take_escaped(reader, c);
    } else if (c == '\\') {
        reader->escaped = true;
    } else if (c == '"') {
        end_string(reader);
    } else {
        end_high(reader);
        keep(reader, &c, 1);
    }
}

static void begin_string(AskLlmReader *reader)
{
    bool top = reader->depth == 1;
    reader->in_string = true;
    reader->is_key = top && reader->key_next;
    reader->wanted = top && !reader->key_next && strcmp(reader->key, "answer") == 0;
    reader->key_length = reader->is_key ? 0 : reader->key_length;
}

/* A thought is passed over, whatever it holds: looks for its beginning, or its end. True: nothing else is to
 * be looked for. */
static bool take_thought(AskLlmReader *reader, char c)
{
    const char *tag = reader->thinks ? LLM_THOUGHT_ENDS : LLM_THOUGHT_BEGINS;
    reader->tag = c == tag[reader->tag] ? reader->tag + 1 : c == *tag;
    if (!tag[reader->tag]) {
        reader->thinks = !reader->thinks;
        reader->tag = 0;
    }
    return reader->thinks;
}

/* What stands before the object is passed over: words, the fence of a code block, a bracket that opens none.
 */
static void take_outside(AskLlmReader *reader, char c)
{
    bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    if (reader->depth == 0 && take_thought(reader, c)) {
        return;
    }
    if (c == '{' || (c == '[' && reader->depth > 0)) {
        reader->key_next = ++reader->depth == 1;
        reader->key_length = 0;
    } else if (reader->depth == 0 || blank) {
        return;
    } else if (c == '"') {
        begin_string(reader);
    } else if (c == '}' || c == ']') {
        reader->depth--;
    } else if (reader->depth == 1 && (c == ',' || c == ':')) {
        reader->key_next = c == ',';
    } else if (reader->depth == 1 && reader->key_next) {
        reader->depth = 0;
    }
}

void ask_llm_reader_feed(AskLlmReader *reader, const char *bytes, size_t length, size_t limit)
{
    for (size_t i = 0; i < length && !reader->done; i++) {
        if (reader->in_string) {
            take_in_string(reader, bytes[i]);
        } else {
            take_outside(reader, bytes[i]);
        }
    }
    size_t room = limit > reader->total ? limit - reader->total : 0;
    size_t said = reader->text.length < room ? reader->text.length : room;
    if (said > 0) {
        reader->said(reader->context, reader->text.data, said);
        reader->total += said;
    }
    text_clear(&reader->text);
}

void ask_llm_reader_free(AskLlmReader *reader)
{
    text_free(&reader->text);
}
