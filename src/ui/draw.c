#include "draw.h"

#include <string.h>
#include <unistr.h>
#include <wchar.h>

#include "cells.h"
#include "memory.h"
#include "text.h"

static attr_t attributes[DRAW_STYLES];

static attr_t pair(short number, short foreground, short background)
{
    init_pair(number, foreground, background);
    return (attr_t)COLOR_PAIR(number);
}

void draw_open(bool color)
{
    attributes[DRAW_PLAIN] = A_NORMAL;
    attributes[DRAW_BOLD] = A_BOLD;
    attributes[DRAW_SELECTED] = A_REVERSE;
    attributes[DRAW_BAR] = A_REVERSE;
    attributes[DRAW_GOOD] = A_NORMAL;
    attributes[DRAW_WARNING] = A_BOLD;
    attributes[DRAW_ERROR] = A_BOLD | A_REVERSE;
    if (!color || !has_colors() || start_color() == ERR || use_default_colors() == ERR) {
        return;
    }
    attributes[DRAW_BAR] = pair(1, COLOR_WHITE, COLOR_BLUE) | A_BOLD;
    attributes[DRAW_GOOD] = pair(2, COLOR_GREEN, -1);
    attributes[DRAW_WARNING] = pair(3, COLOR_YELLOW, -1) | A_BOLD;
    attributes[DRAW_ERROR] = pair(4, COLOR_RED, -1) | A_BOLD;
}

/* Harmless text as wide characters; what the C library has no width for is drawn as U+FFFD. Owned by the
 * caller. */
static wchar_t *to_wide(const char *text, size_t *count)
{
    size_t length = strlen(text);
    wchar_t *wide = memory_zero(length + 1, sizeof *wide);
    *count = 0;
    for (size_t at = 0; at < length;) {
        ucs4_t c = 0;
        int used = u8_mbtoucr(&c, (const uint8_t *)text + at, length - at);
        bool known = used > 0 && wcwidth((wchar_t)c) >= 0;
        wide[(*count)++] = known ? (wchar_t)c : (wchar_t)0xfffd;
        at += used > 0 ? (size_t)used : 1;
    }
    return wide;
}

void draw_text(const Area *area, int line, int column, int width, DrawStyle style, const char *text)
{
    int room = area->width - column;
    int cells = width < room ? width : room;
    if (line < 0 || line >= area->height || column < 0 || cells <= 0) {
        return;
    }
    char *harmless = text_visible(text);
    char *fitted = cells_fit(harmless, cells, 0);
    size_t count = 0;
    wchar_t *wide = to_wide(fitted, &count);
    wattrset(area->window, (int)attributes[style]);
    mvwaddnwstr(area->window, area->top + line, area->left + column, wide, (int)count);
    wattrset(area->window, A_NORMAL);
    free(wide);
    free(fitted);
    free(harmless);
}

void draw_line(const Area *area, int line, DrawStyle style, const char *text)
{
    draw_text(area, line, 0, area->width, style, text);
}

int draw_paragraph(const Area *area, int line, DrawStyle style, const char *text)
{
    char *harmless = text_visible_lines(text);
    char **lines = cells_wrap(harmless, area->width, NULL);
    for (size_t i = 0; lines[i]; i++) {
        draw_line(area, line++, style, lines[i]);
    }
    cells_free_lines(lines);
    free(harmless);
    return line;
}

void draw_frame(WINDOW *window, const char *title)
{
    werase(window);
    box(window, 0, 0);
    Area edge = {.window = window, .left = 2, .height = 1, .width = getmaxx(window) - 4};
    char *text = text_format(" %s ", title);
    char *harmless = text_visible(text);
    draw_text(&edge, 0, 0, cells_width(harmless), DRAW_BOLD, harmless);
    free(harmless);
    free(text);
}
