/* The only module that puts text on the screen: it makes it harmless, clips it by cells, and knows the
 * styles. */
#ifndef AMX_UI_DRAW_H
#define AMX_UI_DRAW_H

#include <curses.h>
#include <stdbool.h>

/* Every style reads without colour too (NO_COLOR): bold and reverse carry it then. */
typedef enum DrawStyle {
    DRAW_PLAIN,
    DRAW_BOLD,
    DRAW_SELECTED,
    DRAW_BAR, /* title and hint rows */
    DRAW_GOOD,
    DRAW_WARNING,
    DRAW_ERROR,
    DRAW_STYLES
} DrawStyle;

/* A rectangle of a window. */
typedef struct Area {
    WINDOW *window;
    int top;
    int left;
    int height;
    int width;
} Area;

/* Prepares the styles; after the terminal was opened. */
void draw_open(bool color);
/* One line of exactly `width` cells; line and column count from the corner of the area, what lies outside of
 * it is not drawn. `text` may be hostile. */
void draw_text(const Area *area, int line, int column, int width, DrawStyle style, const char *text);
/* A whole line of the area. */
void draw_line(const Area *area, int line, DrawStyle style, const char *text);
/* Lines of a wrapped text from `line` on; returns the line after the last one. */
int draw_paragraph(const Area *area, int line, DrawStyle style, const char *text);
/* A border around a window, with a title in its upper edge. */
void draw_frame(WINDOW *window, const char *title);

#endif
