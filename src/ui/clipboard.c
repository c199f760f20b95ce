#include "clipboard.h"

#include <stdint.h>
#include <string.h>

#include <unistr.h>

#include "cells.h"
#include "memory.h"
#include "text.h"
#include "tty.h"

#define TOLD_CELLS 40 /* of what was copied, so that it is known again */

static size_t length_within_limit(const char *text)
{
    size_t length = strlen(text);
    if (length <= CLIPBOARD_LIMIT) {
        return length;
    }
    length = CLIPBOARD_LIMIT;
    while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80) {
        length--;
    }
    return length;
}

static void add_base64(Text *out, const char *bytes, size_t length)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *in = (const unsigned char *)bytes;
    for (size_t i = 0; i < length; i += 3) {
        size_t left = length - i;
        uint32_t group = (uint32_t)in[i] << 16 | (left > 1 ? (uint32_t)in[i + 1] << 8 : 0) |
                         (left > 2 ? (uint32_t)in[i + 2] : 0);
        text_add_char(out, digits[group >> 18]);
        text_add_char(out, digits[group >> 12 & 63]);
        text_add_char(out, left > 1 ? digits[group >> 6 & 63] : '=');
        text_add_char(out, left > 2 ? digits[group & 63] : '=');
    }
}

/* tmux hands on what stands between these; an escape within is doubled. */
static void add_passed_through(Text *out, const char *sequence)
{
    text_add(out, "\x1bPtmux;");
    for (const char *c = sequence; *c; c++) {
        text_add(out, *c == '\x1b' ? "\x1b" : "");
        text_add_char(out, *c);
    }
    text_add(out, "\x1b\\");
}

char *clipboard_sequence(const char *text, bool inside_tmux, bool *cut)
{
    size_t length = length_within_limit(text);
    *cut = text[length] != '\0';
    Text sequence = {0};
    text_add(&sequence, "\x1b]52;c;");
    add_base64(&sequence, text, length);
    text_add(&sequence, "\x07");
    if (!inside_tmux) {
        return text_take(&sequence);
    }
    Text both = {0};
    text_add(&both, text_string(&sequence));
    add_passed_through(&both, text_string(&sequence));
    text_free(&sequence);
    return text_take(&both);
}

void clipboard_copy(const char *text, bool *cut)
{
    char *sequence = clipboard_sequence(text, !text_is_empty(getenv("TMUX")), cut);
    tty_send(sequence);
    free(sequence);
}

char *clipboard_told(const char *text)
{
    size_t first = strcspn(text, "\n");
    size_t lines = 1;
    for (const char *c = text; (c = strchr(c, '\n')) && c[1]; c++) {
        lines++;
    }
    char *line = memory_string_n(text, first);
    char *visible = text_visible(line);
    bool fits = cells_width_within(visible, TOLD_CELLS + 1) <= TOLD_CELLS;
    char *shown = fits ? memory_string(visible) : cells_fit(visible, TOLD_CELLS, 0);
    size_t count = u8_mbsnlen((const uint8_t *)text, strlen(text));
    char *told =
        lines > 1 ? text_format("copied: %s .. (%zu lines, %zu characters)", shown, lines, count)
                  : text_format("copied: %s (%zu character%s)", shown, count, text_plural((long long)count));
    free(shown);
    free(visible);
    free(line);
    return told;
}
