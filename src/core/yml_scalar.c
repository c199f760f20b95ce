/* How a text is written in YAML, so that every reader of YAML 1.1 or 1.2 takes it for this very text: plain
 * only where nobody could take it for anything else. */
#include <string.h>
#include <strings.h>
#include <unistr.h>

#include "yml_internal.h"

/* The next character of valid UTF-8. */
static ucs4_t next(const char **at)
{
    ucs4_t character = 0;
    int used = u8_mbtouc(&character, (const uint8_t *)*at, strlen(*at));
    *at += used > 0 ? used : 1;
    return character;
}

static bool must_be_escaped(ucs4_t character, const char *escaped)
{
    return text_is_hostile(character) || character == 0xFFFE || character == 0xFFFF ||
           (character < 0x80 && strchr(escaped, (int)character));
}

/* May all of it stand there raw? A newline may where it is a line break. */
static bool is_raw(const char *text, const char *escaped, bool lines)
{
    while (*text) {
        ucs4_t character = next(&text);
        if (must_be_escaped(character, escaped) && !(lines && character == '\n')) {
            return false;
        }
    }
    return true;
}

static bool is_word_of_yaml(const char *text)
{
    static const char *const words[] = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcasecmp(text, words[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_plain(const char *text, bool flow)
{
    unsigned char first = (unsigned char)*text;
    bool letter = (first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z') || first == '_' ||
                  first == '(' || first >= 0x80;
    size_t length = strlen(text);
    return letter && text[length - 1] != ' ' && text[length - 1] != ':' && !strstr(text, ": ") &&
           !strstr(text, " #") && !(flow && strpbrk(text, ",[]{}:?\"'")) && !is_word_of_yaml(text);
}

/* A literal block keeps its lines as they are; what its indentation or its end would change is no block. */
static bool is_block(const char *text)
{
    size_t length = strlen(text);
    return length > 0 && text[0] != '\n' && text[0] != ' ' && text[length - 1] != '\n' &&
           text[length - 1] != ' ' && !strstr(text, "\n ");
}

static void add_double(Text *out, const YmlScalar *scalar)
{
    const char *at = scalar->text;
    text_add_char(out, '"');
    while (*at) {
        const char *start = at;
        ucs4_t character = next(&at);
        if (character == '"' || character == '\\') {
            text_addf(out, "\\%c", (int)character);
        } else if (character == '\n' || character == '\t' || character == '\r') {
            text_add(out, character == '\n' ? "\\n" : character == '\t' ? "\\t" : "\\r");
        } else if (!must_be_escaped(character, scalar->escaped)) {
            text_add_n(out, start, (size_t)(at - start));
        } else if (character < 0x80) {
            text_addf(out, "\\x%02x", (unsigned)character);
        } else {
            text_addf(out, character > 0xFFFF ? "\\U%08x" : "\\u%04x", (unsigned)character);
        }
    }
    text_add_char(out, '"');
}

static void add_single(Text *out, const char *text)
{
    text_add_char(out, '\'');
    for (; *text; text++) {
        text_add(out, *text == '\'' ? "'" : "");
        text_add_char(out, *text);
    }
    text_add_char(out, '\'');
}

static void add_block(Text *out, const YmlScalar *scalar)
{
    const char *line = scalar->text;
    text_add(out, "|-");
    while (line) {
        size_t length = strcspn(line, "\n");
        text_add(out, scalar->newline);
        if (length > 0) {
            text_addf(out, "%*s", (int)scalar->indent, "");
            text_add_n(out, line, length);
        }
        line = line[length] ? line + length + 1 : NULL;
    }
}

void yml_scalar(Text *out, const YmlScalar *scalar)
{
    const char *text = scalar->text;
    bool raw = is_raw(text, scalar->escaped, false);
    bool lines = strchr(text, '\n');
    bool block = (scalar->wanted == YML_BLOCK || (scalar->wanted != YML_DOUBLE && lines)) && !scalar->flow;
    if (block && is_raw(text, scalar->escaped, true) && is_block(text)) {
        add_block(out, scalar);
    } else if (raw && scalar->wanted == YML_SINGLE) {
        add_single(out, text);
    } else if (raw && scalar->wanted != YML_DOUBLE && is_plain(text, scalar->flow)) {
        text_add(out, text);
    } else {
        add_double(out, scalar);
    }
}
