#include "draw.h"

#include <string.h>
#include <wchar.h>

#include "cells.h"
#include "memory.h"
#include "text.h"
#include "theme.h"

static attr_t attributes[STYLE_COUNT];

static attr_t curses_attributes(unsigned style)
{
    static const attr_t known[] = {A_BOLD, A_DIM, A_UNDERLINE, A_REVERSE}; /* in the order of the bits */
    attr_t all = A_NORMAL;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        all |= style & (1U << i) ? known[i] : A_NORMAL;
    }
    return all;
}

void draw_open(const Config *config, bool color)
{
    bool colored = color && has_colors() && start_color() != ERR && use_default_colors() != ERR;
    Theme theme;
    theme_choose(&theme, config, colored ? COLORS : 0);
    for (int i = 0; i < STYLE_COUNT; i++) {
        const Style *style = &theme.styles[i];
        attributes[i] = curses_attributes(style->attributes);
        if (colored && (style->foreground != STYLE_DEFAULT || style->background != STYLE_DEFAULT)) {
            short number = (short)(i + 1);
            init_pair(number, (short)style->foreground, (short)style->background);
            attributes[i] |= (attr_t)COLOR_PAIR(number);
        }
    }
}

/* Harmless text as the wide characters that are drawn for it. Owned by the caller. */
static wchar_t *to_wide(const char *text, size_t *count)
{
    Cluster cluster;
    wchar_t *wide = memory_zero(strlen(text) * 2 + 1, sizeof *wide);
    *count = 0;
    for (; cells_next(text, &cluster); text += cluster.bytes) {
        wmemcpy(wide + *count, cluster.drawn, cluster.count);
        *count += cluster.count;
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
    char *start = cells_start(text, cells);
    char *harmless = text_visible(start);
    char *fitted = cells_fit(harmless, cells, 0);
    size_t count = 0;
    wchar_t *wide = to_wide(fitted, &count);
    wattrset(area->window, (int)attributes[style]);
    mvwaddnwstr(area->window, area->top + line, area->left + column, wide, (int)count);
    wattrset(area->window, A_NORMAL);
    free(wide);
    free(fitted);
    free(harmless);
    free(start);
}

void draw_underline(const Area *area, int line, int column)
{
    cchar_t cell;
    wchar_t characters[CCHARW_MAX + 1];
    attr_t style = A_NORMAL;
    short pair = 0;
    bool inside = line >= 0 && line < area->height && column >= 0 && column < area->width;
    if (inside && mvwin_wch(area->window, area->top + line, area->left + column, &cell) == OK &&
        getcchar(&cell, characters, &style, &pair, NULL) == OK) {
        mvwchgat(area->window, area->top + line, area->left + column, 1, style | A_UNDERLINE, pair, NULL);
    }
}

void draw_line(const Area *area, int line, DrawStyle style, const char *text)
{
    draw_text(area, line, 0, area->width, style, text);
}

int draw_paragraph(const Area *area, int line, DrawStyle style, const char *text)
{
    char *start = cells_start(text, (area->height + 1) * (area->width + 1));
    char *harmless = text_visible_lines(start);
    char **lines = cells_wrap(harmless, area->width, NULL);
    for (size_t i = 0; lines[i]; i++) {
        draw_line(area, line++, style, lines[i]);
    }
    cells_free_lines(lines);
    free(harmless);
    free(start);
    return line;
}

static void draw_border(WINDOW *window)
{
    wattrset(window, (int)attributes[DRAW_BORDER]);
    if (cells_unicode()) {
        box(window, 0, 0);
    } else {
        wborder(window, '|', '|', '-', '-', '+', '+', '+', '+');
    }
    wattrset(window, A_NORMAL);
}

void draw_frame(WINDOW *window, const char *title)
{
    werase(window);
    draw_border(window);
    Area edge = {.window = window, .left = 2, .height = 1, .width = getmaxx(window) - 4};
    char *text = text_format(" %s ", title);
    char *harmless = text_visible(text);
    draw_text(&edge, 0, 0, cells_width(harmless), DRAW_HEADING, harmless);
    free(harmless);
    free(text);
}
