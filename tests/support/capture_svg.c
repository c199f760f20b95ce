/* A terminal's screen as a picture: every span of equal cells is a rectangle, where it has a colour, and a
 * text of fixed length on it, so that columns stay columns whatever font the reader has. */
#include "capture.h"

#include <math.h>
#include <string.h>

#include "text.h"

#define CELL_WIDTH 8.4
#define CELL_HEIGHT 18
#define MARGIN 14
#define BAR 30 /* of the window */
#define BASELINE 13.5

#define INK 0xd8dee9
#define PAPER 0x161b22

static const int basic[16] = {0x30363d, 0xff7b72, 0x56d364, 0xe3b341, 0x1f6feb, 0xbc8cff, 0x39c5cf, 0xd8dee9,
                              0x6e7681, 0xffa198, 0x7ee787, 0xf2cc60, 0x79c0ff, 0xd2a8ff, 0x56d4dd, 0xffffff};

static int rgb(CaptureColour colour, int otherwise)
{
    static const int steps[] = {0, 95, 135, 175, 215, 255};
    if (colour >= CAPTURE_RGB) {
        return colour - CAPTURE_RGB;
    }
    if (colour == CAPTURE_DEFAULT) {
        return otherwise;
    }
    if (colour < 16) {
        return basic[colour];
    }
    if (colour < 232) {
        int cube = colour - 16;
        return steps[cube / 36] << 16 | steps[cube / 6 % 6] << 8 | steps[cube % 6];
    }
    return (8 + (colour - 232) * 10) * 0x010101;
}

static void add_escaped(Text *out, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '&':
            text_add(out, "&amp;");
            break;
        case '<':
            text_add(out, "&lt;");
            break;
        case '>':
            text_add(out, "&gt;");
            break;
        default:
            text_add_char(out, *text);
        }
    }
}

static bool is_blank(const CaptureCell *cells, int count)
{
    for (int i = 0; i < count; i++) {
        if (!text_equal(cells[i].text, " ")) {
            return false;
        }
    }
    return true;
}

static void add_paper(Text *out, double x, double y, int cells, int colour)
{
    if (colour != PAPER) {
        text_addf(out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%d\" fill=\"#%06x\"/>\n", x, y,
                  cells * CELL_WIDTH, CELL_HEIGHT, (unsigned)colour);
    }
}

static void add_words(Text *out, double x, double y, const CaptureCell *cells, int count, int colour)
{
    unsigned attributes = cells->style.attributes;
    text_addf(out, "<text x=\"%.1f\" y=\"%.1f\" textLength=\"%.1f\"", x, y + BASELINE, count * CELL_WIDTH);
    if (colour != INK) {
        text_addf(out, " fill=\"#%06x\"", (unsigned)colour);
    }
    text_add(out, attributes & CAPTURE_BOLD ? " font-weight=\"bold\"" : "");
    text_add(out, attributes & CAPTURE_DIM ? " opacity=\"0.6\"" : "");
    text_add(out, attributes & CAPTURE_ITALIC ? " font-style=\"italic\"" : "");
    text_add(out, attributes & CAPTURE_UNDERLINE ? " text-decoration=\"underline\"" : "");
    text_add(out, ">");
    for (int i = 0; i < count; i++) {
        add_escaped(out, cells[i].text);
    }
    text_add(out, "</text>\n");
}

/* Words of one style, cut where two blanks follow each other: a browser that spreads letters then keeps the
 * columns. */
static void add_span(Text *out, double x, double y, const CaptureCell *cells, int count)
{
    CaptureStyle style = cells->style;
    bool reversed = style.attributes & CAPTURE_REVERSE;
    int ink = rgb(reversed ? style.paper : style.ink, reversed ? PAPER : INK);
    int paper = rgb(reversed ? style.ink : style.paper, reversed ? INK : PAPER);
    add_paper(out, x, y, count, paper);
    for (int begin = 0; begin < count;) {
        int end = begin;
        while (end < count && !is_blank(cells + end, count - end < 2 ? count - end : 2)) {
            end++;
        }
        if (end > begin) {
            add_words(out, x + begin * CELL_WIDTH, y, cells + begin, end - begin, ink);
        }
        begin = end;
        while (begin < count && is_blank(cells + begin, 1)) {
            begin++;
        }
    }
}

static void add_line(Text *out, const Capture *capture, int line)
{
    const CaptureCell *cells = capture->cells + (size_t)line * (size_t)capture->columns;
    for (int column = 0; column < capture->columns;) {
        int end = column + 1;
        while (end < capture->columns && capture_same_style(cells[end].style, cells[column].style)) {
            end++;
        }
        add_span(out, MARGIN + column * CELL_WIDTH, BAR + line * CELL_HEIGHT, cells + column, end - column);
        column = end;
    }
}

char *capture_svg(const Capture *capture, const char *title)
{
    Text out = {0};
    int width = (int)ceil(capture->columns * CELL_WIDTH) + 2 * MARGIN;
    int height = capture->lines * CELL_HEIGHT + BAR + MARGIN;
    text_addf(&out,
              "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" "
              "role=\"img\">\n<title>",
              width, height, width, height);
    add_escaped(&out, title);
    text_addf(&out, "</title>\n<rect width=\"%d\" height=\"%d\" rx=\"8\" fill=\"#%06x\"/>\n", width, height,
              PAPER);
    for (int i = 0; i < 3; i++) {
        text_addf(&out, "<circle cx=\"%d\" cy=\"15\" r=\"5\" fill=\"#%06x\"/>\n", MARGIN + 6 + i * 18,
                  (unsigned)(int[]){0xff5f57, 0xfebc2e, 0x28c840}[i]);
    }
    text_addf(&out,
              "<g font-family=\"ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace\" "
              "font-size=\"14\" fill=\"#%06x\" xml:space=\"preserve\">\n",
              INK);
    for (int line = 0; line < capture->lines; line++) {
        add_line(&out, capture, line);
    }
    text_add(&out, "</g>\n</svg>\n");
    return text_take(&out);
}
