/* The only module that puts text on the screen: it makes it harmless, clips it by cells, and knows the
 * styles. */
#ifndef AMX_UI_DRAW_H
#define AMX_UI_DRAW_H

#include <curses.h>
#include <stdbool.h>

#include "config.h"

/* DRAW_PLAIN, DRAW_BOLD, ..: the names are those of STYLE_LIST, in capitals. A colour only repeats what a
 * mark or a word says as well: people turn colours off, and not everybody tells red from green. */
#define DRAW_STYLE(constant, name, note) DRAW_##constant,
typedef enum DrawStyle { STYLE_LIST(DRAW_STYLE) } DrawStyle;
#undef DRAW_STYLE

/* A rectangle of a window. */
typedef struct Area {
    WINDOW *window;
    int top;
    int left;
    int height;
    int width;
} Area;

/* Prepares the styles that `config` chooses, without colours when `color` is false; after the terminal was
 * opened. */
void draw_open(const Config *config, bool color);
/* One line of exactly `width` cells; line and column count from the corner of the area, what lies outside of
 * it is not drawn. `text` may be hostile, and of any length: only what can be in sight is looked at. */
void draw_text(const Area *area, int line, int column, int width, DrawStyle style, const char *text);
/* A whole line of the area. */
void draw_line(const Area *area, int line, DrawStyle style, const char *text);
/* Underlines one cell of what was drawn, in whatever style. */
void draw_underline(const Area *area, int line, int column);
/* Lines of a wrapped text from `line` on; returns the line after the last one. What is far longer than the
 * area is not looked at as a whole. */
int draw_paragraph(const Area *area, int line, DrawStyle style, const char *text);
/* A border around a window, with a title in its upper edge; of + - | where the locale is not UTF-8. */
void draw_frame(WINDOW *window, const char *title);

#endif
