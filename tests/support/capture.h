/* What a terminal showed, cell by cell with its attributes: read from what tmux says about it, written as
 * text that can be compared and read, and as a picture (SVG). */
#ifndef AMX_TESTS_CAPTURE_H
#define AMX_TESTS_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>

enum { CAPTURE_BOLD = 1, CAPTURE_DIM = 2, CAPTURE_ITALIC = 4, CAPTURE_UNDERLINE = 8, CAPTURE_REVERSE = 16 };

/* 0 to 255 as terminals number them, CAPTURE_RGB + 0xrrggbb, or CAPTURE_DEFAULT. */
typedef int CaptureColour;
#define CAPTURE_DEFAULT (-1)
#define CAPTURE_RGB 0x1000000

typedef struct CaptureStyle {
    unsigned attributes;
    CaptureColour ink;
    CaptureColour paper;
} CaptureStyle;

bool capture_same_style(CaptureStyle a, CaptureStyle b);

typedef struct CaptureCell {
    char text[32]; /* a character and what combines with it; "" in the right half of a wide one */
    CaptureStyle style;
} CaptureCell;

typedef struct Capture {
    int columns;
    int lines;
    CaptureCell *cells; /* line by line */
} Capture;

/* Reads what `tmux capture-pane -e -p -N` printed. Released with capture_free. */
Capture capture_read(const char *printed, int columns, int lines);
void capture_free(Capture *capture);

/* Puts other words of the same length, both ASCII, wherever `from` stands. */
void capture_replace(Capture *capture, const char *from, const char *to);
/* "yes, 0 ms", padded to the same width, wherever "yes, N ms" tells how long a store took to answer. */
void capture_hide_reach(Capture *capture);

/* The lines, and below them which spans have which attributes ("3: 2-40 bold yellow"). Owned by the caller.
 */
char *capture_text(const Capture *capture);
/* A picture, with its text as text. Owned by the caller. */
char *capture_svg(const Capture *capture, const char *title);

#endif
