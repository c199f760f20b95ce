#include "cells.h"

#include <langinfo.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unigbrk.h>
#include <unilbrk.h>
#include <unistr.h>
#include <wchar.h>

#include "memory.h"
#include "text.h"

#define TAB_STOP 8

/* Cells of one grapheme cluster: the sum over its code points, since that is how ncurses and most terminals
 * advance; what the C library does not know takes one cell, the one of U+FFFD that stands in for it. */
static int cluster_width(const uint8_t *text, size_t length)
{
    int width = 0;
    for (size_t at = 0; at < length;) {
        ucs4_t c = 0;
        int used = u8_mbtoucr(&c, text + at, length - at);
        int cells = used > 0 ? wcwidth((wchar_t)c) : 1;
        width += cells < 0 ? 1 : cells;
        at += used > 0 ? (size_t)used : 1;
    }
    return width;
}

/* Length in bytes of the grapheme cluster at `text`. */
static size_t cluster_length(const uint8_t *text, const uint8_t *end)
{
    const uint8_t *next = u8_grapheme_next(text, end);
    return next && next > text ? (size_t)(next - text) : 1;
}

int cells_width(const char *text)
{
    return cluster_width((const uint8_t *)text, strlen(text));
}

static const char *cut_mark(void)
{
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0 ? "…" : "..";
}

/* Bytes of `text` that fit into `width` cells, whole clusters only; *used is the cells they take. */
static size_t prefix_fitting(const char *text, int width, int *used)
{
    const uint8_t *start = (const uint8_t *)text;
    const uint8_t *end = start + strlen(text);
    const uint8_t *at = start;
    *used = 0;
    while (at < end) {
        size_t length = cluster_length(at, end);
        int cells = cluster_width(at, length);
        if (cells > width - *used) {
            break;
        }
        *used += cells;
        at += length;
    }
    return (size_t)(at - start);
}

static void add_spaces(Text *out, int count)
{
    for (int i = 0; i < count; i++) {
        text_add_char(out, ' ');
    }
}

char *cells_fit(const char *text, int width, int right_align)
{
    Text out = {0};
    int used = 0;
    size_t length = prefix_fitting(text, width, &used);
    if (text[length]) {
        const char *mark = cut_mark();
        int mark_width = cells_width(mark);
        bool marked = mark_width <= width;
        length = prefix_fitting(text, marked ? width - mark_width : width, &used);
        text_add_n(&out, text, length);
        text_add(&out, marked ? mark : "");
        add_spaces(&out, width - used - (marked ? mark_width : 0));
        return text_take(&out);
    }
    add_spaces(&out, right_align ? width - used : 0);
    text_add(&out, text);
    add_spaces(&out, right_align ? 0 : width - used);
    return text_take(&out);
}

typedef struct Lines {
    char **items;
    size_t count;
    size_t capacity;
} Lines;

static void add_line(Lines *lines, char *line)
{
    memory_grow((void **)&lines->items, lines->count, &lines->capacity, sizeof *lines->items);
    lines->items[lines->count++] = line;
}

/* The piece of a line before `length`, without the blanks at which it was broken. */
static char *piece(const char *text, size_t length)
{
    while (length > 0 && text[length - 1] == ' ') {
        length--;
    }
    return memory_string_n(text, length);
}

/* Wraps one line (no newline, no tab). A word that is wider than the line is cut between clusters. */
static void wrap_line(Lines *lines, const char *text, int width)
{
    size_t length = strlen(text);
    char *breaks = memory_zero(length + 1, 1);
    u8_possible_linebreaks((const uint8_t *)text, length, "UTF-8", breaks);

    const uint8_t *end = (const uint8_t *)text + length;
    size_t start = 0;
    size_t opportunity = 0;
    int cells = 0;
    for (size_t at = 0; at < length;) {
        size_t used = cluster_length((const uint8_t *)text + at, end);
        int next = cluster_width((const uint8_t *)text + at, used);
        if (at > start && (breaks[at] == UC_BREAK_POSSIBLE || breaks[at] == UC_BREAK_MANDATORY)) {
            opportunity = at;
        }
        if (cells + next > width && at > start && text[at] != ' ') {
            size_t cut = opportunity > start ? opportunity : at;
            add_line(lines, piece(text + start, cut - start));
            start = cut;
            cells = cluster_width((const uint8_t *)text + start, at - start);
        }
        cells += next;
        at += used;
    }
    add_line(lines, piece(text + start, length - start));
    free(breaks);
}

static char *expand_tabs(const char *text, size_t length)
{
    Text out = {0};
    for (size_t at = 0; at < length;) {
        const char *tab = memchr(text + at, '\t', length - at);
        size_t run = tab ? (size_t)(tab - text) - at : length - at;
        text_add_n(&out, text + at, run);
        at += run;
        if (tab) {
            add_spaces(&out, TAB_STOP - cells_width(text_string(&out)) % TAB_STOP);
            at++;
        }
    }
    return text_take(&out);
}

char **cells_wrap(const char *text, int width, size_t *count)
{
    Lines lines = {0};
    for (const char *line = text; line;) {
        const char *newline = strchr(line, '\n');
        size_t length = newline ? (size_t)(newline - line) : strlen(line);
        if (newline || length > 0 || line == text) {
            char *flat = expand_tabs(line, length);
            wrap_line(&lines, flat, width > 0 ? width : INT_MAX / 2);
            free(flat);
        }
        line = newline ? newline + 1 : NULL;
    }
    if (count) {
        *count = lines.count;
    }
    add_line(&lines, NULL);
    return lines.items;
}

void cells_free_lines(char **lines)
{
    for (size_t i = 0; lines && lines[i]; i++) {
        free(lines[i]);
    }
    free(lines);
}
