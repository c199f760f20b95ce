#include "candidates.h"

#include <string.h>

#include "cells.h"
#include "memory.h"
#include "text.h"

#define GAP 2 /* cells between the columns */

static void add(Candidates *candidates, size_t *capacity, char *word)
{
    memory_grow((void **)&candidates->words, candidates->count, capacity, sizeof *candidates->words);
    candidates->words[candidates->count++] = word;
}

void candidates_open(Candidates *candidates, const char *lines, const char *typed)
{
    size_t capacity = 0;
    candidates_close(candidates);
    for (const char *line = lines; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        add(candidates, &capacity, memory_string_n(line, strcspn(line, "\n")));
    }
    add(candidates, &capacity, memory_string(typed));
    candidates->chosen = --candidates->count;
}

const char *candidates_step(Candidates *candidates, bool forward)
{
    size_t places = candidates->count + 1;
    candidates->chosen = (candidates->chosen + (forward ? 1 : places - 1)) % places;
    return candidates->words[candidates->chosen];
}

char *candidates_common(const char *lines, size_t *count)
{
    size_t common = strcspn(lines, "\n");
    *count = 0;
    for (const char *line = lines; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        size_t same = 0;
        while (same < common && line[same] == lines[same]) {
            same++;
        }
        common = same;
        ++*count;
    }
    while (common > 0 && ((unsigned char)lines[common] & 0xc0) == 0x80) {
        common--; /* not through the middle of a character */
    }
    return memory_string_n(lines, common);
}

static int widest(const Candidates *candidates)
{
    int most = 0;
    for (size_t i = 0; i < candidates->count; i++) {
        char *shown = text_visible(candidates->words[i]);
        int cells = cells_width(shown);
        most = cells > most ? cells : most;
        free(shown);
    }
    return most;
}

void candidates_draw(const Candidates *candidates, const Area *area)
{
    int cells = widest(candidates) + GAP;
    size_t columns = cells < area->width ? (size_t)(area->width / cells) : 1;
    size_t rows = (candidates->count + columns - 1) / columns;
    size_t most = area->height > 1 ? (size_t)area->height / 2 : 1;
    size_t shown = rows < most ? rows : most;
    size_t chosen = candidates->chosen < candidates->count ? candidates->chosen / columns : 0;
    size_t first = chosen >= shown ? chosen - shown + 1 : 0;
    for (size_t row = 0; row < shown; row++) {
        int line = area->height - (int)(shown - row);
        draw_line(area, line, DRAW_BAR, "");
        for (size_t column = 0; column < columns; column++) {
            size_t at = (first + row) * columns + column;
            if (at < candidates->count) {
                char *text = text_format(" %s", candidates->words[at]);
                draw_text(area, line, (int)column * cells, cells,
                          at == candidates->chosen ? DRAW_SELECTED : DRAW_BAR, text);
                free(text);
            }
        }
    }
}

void candidates_close(Candidates *candidates)
{
    for (size_t i = 0; candidates->words && i <= candidates->count; i++) {
        free(candidates->words[i]);
    }
    free(candidates->words);
    *candidates = (Candidates){0};
}
