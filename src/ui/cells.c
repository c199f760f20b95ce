#include "cells.h"

#include <langinfo.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unigbrk.h>
#include <unilbrk.h>
#include <unistr.h>
#include <wchar.h>

#include "memory.h"
#include "text.h"

#define TAB_STOP 8
/* Bytes in which a cluster ends: no character has more than four. */
#define CLUSTER_BYTES (CELLS_CLUSTER * 4)

#define REPLACEMENT 0xfffd
#define JOINER 0x200d

bool cells_unicode(void)
{
    static const char *const variables[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *value = getenv(variables[i]);
        if (!text_is_empty(value)) {
            if (text_equal(value, "C") || text_equal(value, "POSIX")) {
                return false;
            }
            break;
        }
    }
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

static bool is_printable_ascii(char c)
{
    return c >= ' ' && c <= '~';
}

/* What terminals disagree on: the joiner, which merges emoji or not; variation selectors, which widen one or
 * not; a skin tone, which is a colour or a square of its own. */
static bool is_left_out(ucs4_t c, bool first)
{
    return c == JOINER || (c >= 0xfe00 && c <= 0xfe0f) || (!first && c >= 0x1f3fb && c <= 0x1f3ff);
}

/* Cells of a character; what the C library does not know takes one, the one of U+FFFD that stands in for it.
 */
static int character_width(ucs4_t c)
{
    int cells = wcwidth((wchar_t)c);
    return cells < 0 ? 1 : cells;
}

static void add_drawn(Cluster *cluster, wchar_t c)
{
    if (cluster->count < sizeof cluster->drawn / sizeof *cluster->drawn) {
        cluster->drawn[cluster->count++] = c;
    }
}

static void draw_character(Cluster *cluster, ucs4_t c, int cells)
{
    bool known = wcwidth((wchar_t)c) >= 0;
    if (!cells_unicode() && (!known || wctob((wint_t)c) == EOF)) {
        for (int i = 0; i < cells; i++) {
            add_drawn(cluster, L'?');
        }
    } else if (cells > 0 || cluster->count <= CELLS_MARKS) {
        add_drawn(cluster, known ? (wchar_t)c : (wchar_t)REPLACEMENT);
    }
    cluster->cells += cells;
}

/* Length in bytes of the grapheme cluster at `text`. */
static size_t cluster_length(const uint8_t *text)
{
    size_t length = strnlen((const char *)text, CLUSTER_BYTES);
    const uint8_t *next = u8_grapheme_next(text, text + length);
    return next && next > text ? (size_t)(next - text) : 1;
}

bool cells_next(const char *text, Cluster *out)
{
    if (!*text) {
        return false;
    }
    if (is_printable_ascii(text[0]) && (!text[1] || is_printable_ascii(text[1]))) {
        *out = (Cluster){.bytes = 1, .cells = 1, .count = 1};
        out->drawn[0] = (wchar_t)text[0];
        return true;
    }
    const uint8_t *bytes = (const uint8_t *)text;
    size_t length = cluster_length(bytes);
    *out = (Cluster){0};
    for (int i = 0; out->bytes < length && i < CELLS_CLUSTER; i++) {
        ucs4_t c = 0;
        int used = u8_mbtoucr(&c, bytes + out->bytes, length - out->bytes);
        bool left_out = used > 0 && is_left_out(c, i == 0);
        if (used <= 0 || (i == 0 && (left_out || wcwidth((wchar_t)c) == 0))) {
            c = REPLACEMENT;
            left_out = false;
        }
        int cells = character_width(c);
        if (!left_out && out->cells + cells > 2) {
            break;
        }
        if (!left_out) {
            draw_character(out, c, cells);
        }
        out->bytes += used > 0 ? (size_t)used : 1;
    }
    return true;
}

int cells_width_within(const char *text, int most)
{
    Cluster cluster;
    int width = 0;
    for (; width < most && cells_next(text, &cluster); text += cluster.bytes) {
        width += cluster.cells;
    }
    return width < most ? width : most;
}

int cells_width(const char *text)
{
    return cells_width_within(text, INT_MAX);
}

char *cells_start(const char *text, int cells)
{
    return memory_string_n(text, strnlen(text, ((size_t)cells + 1) * CLUSTER_BYTES));
}

const char *cells_skip(const char *text, int cells, int *skipped)
{
    Cluster cluster;
    *skipped = 0;
    for (; *skipped < cells && cells_next(text, &cluster); text += cluster.bytes) {
        *skipped += cluster.cells;
    }
    return text;
}

static const char *cut_mark(void)
{
    return cells_unicode() ? "…" : "..";
}

/* Bytes of `text` that fit into `width` cells, whole clusters only; *used is the cells they take. */
static size_t prefix_fitting(const char *text, int width, int *used)
{
    Cluster cluster;
    const char *at = text;
    *used = 0;
    while (*used < width && cells_next(at, &cluster) && cluster.cells <= width - *used) {
        *used += cluster.cells;
        at += cluster.bytes;
    }
    return (size_t)(at - text);
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

static int width_between(const char *from, const char *to)
{
    Cluster cluster;
    int width = 0;
    for (; from < to && cells_next(from, &cluster); from += cluster.bytes) {
        width += cluster.cells;
    }
    return width;
}

/* Wraps one line (no newline, no tab). A word that is wider than the line is cut between clusters. */
static void wrap_line(Lines *lines, const char *text, int width)
{
    size_t length = strlen(text);
    char *breaks = memory_zero(length + 1, 1);
    u8_possible_linebreaks((const uint8_t *)text, length, "UTF-8", breaks);

    Cluster cluster;
    size_t start = 0;
    size_t opportunity = 0;
    int cells = 0;
    for (size_t at = 0; cells_next(text + at, &cluster); at += cluster.bytes) {
        if (at > start && (breaks[at] == UC_BREAK_POSSIBLE || breaks[at] == UC_BREAK_MANDATORY)) {
            opportunity = at;
        }
        if (cells + cluster.cells > width && at > start && text[at] != ' ') {
            size_t cut = opportunity > start ? opportunity : at;
            add_line(lines, piece(text + start, cut - start));
            start = cut;
            cells = width_between(text + start, text + at);
        }
        cells += cluster.cells;
    }
    add_line(lines, piece(text + start, length - start));
    free(breaks);
}

static char *expand_tabs(const char *text, size_t length)
{
    Text out = {0};
    int column = 0;
    for (size_t at = 0; at < length;) {
        const char *tab = memchr(text + at, '\t', length - at);
        size_t run = tab ? (size_t)(tab - text) - at : length - at;
        column = (column + width_between(text + at, text + at + run)) % TAB_STOP;
        text_add_n(&out, text + at, run);
        at += run;
        if (tab) {
            add_spaces(&out, TAB_STOP - column);
            column = 0;
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
