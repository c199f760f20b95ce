#include "input_lines.h"

#include <string.h>

#include "cells.h"
#include "memory.h"
#include "text.h"

static void end_line(InputLines *lines, Text *line)
{
    memory_grow((void **)&lines->lines, lines->count, &lines->capacity, sizeof *lines->lines);
    lines->lines[lines->count++] = text_take(line);
}

static void put_cursor(InputLines *lines, int column, const char *under, size_t bytes)
{
    lines->row = lines->count;
    lines->column = column;
    lines->under = bytes > 0 ? memory_string_n(under, bytes) : memory_string(" ");
}

/* Adds the text up to its end or the next newline, which are where this returns. `cursor` is where it stands,
 * when it is in there. */
static const char *add_line(InputLines *lines, const char *at, const char *cursor, int width)
{
    Text line = {0};
    Cluster cluster;
    int used = 0;
    while (*at && *at != '\n' && cells_next(at, &cluster)) {
        if (used + cluster.cells >= width) {
            end_line(lines, &line);
            used = 0;
        }
        if (cursor >= at && cursor < at + cluster.bytes) {
            put_cursor(lines, used, at, cluster.bytes);
        }
        text_add_n(&line, at, cluster.bytes);
        used += cluster.cells;
        at += cluster.bytes;
    }
    if (cursor == at) {
        put_cursor(lines, used, at, 0);
    }
    end_line(lines, &line);
    return at;
}

InputLines input_lines_open(const Input *input, int width)
{
    InputLines lines = {0};
    char *text = input_text(input);
    char *before = input_before_cursor(input);
    const char *cursor = text + strlen(before);
    const char *at = add_line(&lines, text, cursor, width);
    while (*at == '\n') {
        at = add_line(&lines, at + 1, cursor, width);
    }
    free(before);
    free(text);
    return lines;
}

void input_lines_free(InputLines *lines)
{
    for (size_t i = 0; i < lines->count; i++) {
        free(lines->lines[i]);
    }
    free(lines->lines);
    free(lines->under);
    *lines = (InputLines){0};
}
