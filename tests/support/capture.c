#include "capture.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "memory.h"
#include "text.h"

#define MAX_NUMBERS 32

typedef struct Reader {
    Capture *capture;
    const char *at;
    int line;
    int column;
    bool drawing; /* letters stand for the lines of boxes */
    CaptureStyle style;
} Reader;

static const CaptureStyle plain = {0, CAPTURE_DEFAULT, CAPTURE_DEFAULT};

static CaptureCell *cell_at(const Capture *capture, int line, int column)
{
    return &capture->cells[(size_t)line * (size_t)capture->columns + (size_t)column];
}

/* ---- reading ---- */

/* 38;5;N or 38;2;R;G;B; returns how many numbers that are. */
static size_t read_colour(const int *numbers, size_t count, CaptureColour *out)
{
    if (count >= 3 && numbers[1] == 5) {
        *out = numbers[2];
        return 3;
    }
    if (count >= 5 && numbers[1] == 2) {
        *out = CAPTURE_RGB + (numbers[2] << 16) + (numbers[3] << 8) + numbers[4];
        return 5;
    }
    return 1;
}

static void set_attribute(CaptureStyle *style, int number)
{
    static const struct {
        int on, off;
        unsigned bits;
    } attributes[] = {{1, 22, CAPTURE_BOLD},
                      {2, 22, CAPTURE_DIM},
                      {3, 23, CAPTURE_ITALIC},
                      {4, 24, CAPTURE_UNDERLINE},
                      {7, 27, CAPTURE_REVERSE}};
    for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++) {
        if (number == attributes[i].on) {
            style->attributes |= attributes[i].bits;
        } else if (number == attributes[i].off) {
            style->attributes &= ~attributes[i].bits;
        }
    }
}

static void set_style(CaptureStyle *style, const int *numbers, size_t count)
{
    for (size_t i = 0; i < count;) {
        int number = numbers[i];
        size_t used = 1;
        if (number == 0) {
            *style = plain;
        } else if (number == 38 || number == 48) {
            used = read_colour(numbers + i, count - i, number == 38 ? &style->ink : &style->paper);
        } else if (number >= 30 && number <= 39) {
            style->ink = number == 39 ? CAPTURE_DEFAULT : number - 30;
        } else if (number >= 40 && number <= 49) {
            style->paper = number == 49 ? CAPTURE_DEFAULT : number - 40;
        } else if (number >= 90 && number <= 97) {
            style->ink = number - 90 + 8;
        } else if (number >= 100 && number <= 107) {
            style->paper = number - 100 + 8;
        } else {
            set_attribute(style, number);
        }
        i += used;
    }
}

/* ESC [ NUMBERS m; what else there is says nothing about cells. */
static void read_escape(Reader *reader)
{
    int numbers[MAX_NUMBERS] = {0};
    size_t count = 0;
    const char *at = reader->at + 1;
    if (*at == '[') {
        do {
            char *end;
            numbers[count++] = (int)strtol(at + 1, &end, 10);
            at = end;
        } while ((*at == ';' || *at == ':') && count < MAX_NUMBERS);
        if (*at == 'm') {
            set_style(&reader->style, numbers, count);
        }
    }
    reader->at = *at ? at + 1 : at;
}

/* How the lines of boxes are called in the other character set of old terminals. */
static const char *drawn(char letter)
{
    static const struct {
        char letter;
        const char *text;
    } set[] = {{'j', "┘"}, {'k', "┐"}, {'l', "┌"}, {'m', "└"}, {'n', "┼"}, {'q', "─"}, {'t', "├"},
               {'u', "┤"}, {'v', "┴"}, {'w', "┬"}, {'x', "│"}, {'a', "▒"}, {'~', "·"}, {'`', "◆"}};
    for (size_t i = 0; i < sizeof set / sizeof *set; i++) {
        if (set[i].letter == letter) {
            return set[i].text;
        }
    }
    return NULL;
}

static void put(Reader *reader, const char *text, size_t length, int width)
{
    bool combines = width == 0 && reader->column > 0;
    int column = combines ? reader->column - 1 : reader->column;
    if (reader->line >= reader->capture->lines || column + width > reader->capture->columns) {
        return;
    }
    while (combines && column > 0 && !*cell_at(reader->capture, reader->line, column)->text) {
        column--;
    }
    CaptureCell *cell = cell_at(reader->capture, reader->line, column);
    size_t used = combines ? strlen(cell->text) : 0;
    if (used + length < sizeof cell->text) {
        memcpy(cell->text + used, text, length);
        cell->text[used + length] = '\0';
    }
    cell->style = reader->style;
    if (width == 2) {
        cell[1] = (CaptureCell){.text = "", .style = reader->style};
    }
    reader->column += width;
}

static void read_character(Reader *reader)
{
    wchar_t c = 0;
    mbstate_t shift = {0};
    size_t length = mbrtowc(&c, reader->at, 8, &shift);
    if (length == 0 || length > 8) {
        reader->at++;
        return;
    }
    const char *line = reader->drawing ? drawn(*reader->at) : NULL;
    int width = wcwidth(c);
    if (line) {
        put(reader, line, strlen(line), 1);
    } else {
        put(reader, reader->at, length, width < 0 ? 1 : width);
    }
    reader->at += length;
}

Capture capture_read(const char *printed, int columns, int lines)
{
    setlocale(LC_CTYPE, "C.UTF-8"); /* for the characters and how wide they are */
    Capture capture = {.columns = columns, .lines = lines};
    size_t count = (size_t)columns * (size_t)lines;
    capture.cells = memory_zero(count, sizeof *capture.cells);
    for (size_t i = 0; i < count; i++) {
        capture.cells[i] = (CaptureCell){.text = " ", .style = plain};
    }
    Reader reader = {.capture = &capture, .at = printed, .style = plain};
    while (*reader.at) {
        switch (*reader.at) {
        case '\n':
            reader.line++;
            reader.column = 0;
            reader.at++;
            break;
        case '\x1b':
            read_escape(&reader);
            break;
        case '\x0e':
        case '\x0f':
            reader.drawing = *reader.at++ == '\x0e';
            break;
        default:
            read_character(&reader);
        }
    }
    return capture;
}

void capture_free(Capture *capture)
{
    free(capture->cells);
    *capture = (Capture){0};
}

static bool stands_at(const CaptureCell *cell, const char *word)
{
    for (size_t i = 0; word[i]; i++) {
        if (cell[i].text[0] != word[i] || cell[i].text[1]) {
            return false;
        }
    }
    return true;
}

void capture_replace(Capture *capture, const char *from, const char *to)
{
    int length = (int)strlen(from);
    for (int line = 0; line < capture->lines; line++) {
        for (int column = 0; column + length <= capture->columns; column++) {
            CaptureCell *cell = cell_at(capture, line, column);
            bool stands = stands_at(cell, from);
            for (int i = 0; stands && i < length; i++) {
                cell[i].text[0] = to[i];
            }
        }
    }
}

/* How many digits stand at the beginning of the cells of a line. */
static int digits_at(const CaptureCell *cell, int columns)
{
    int count = 0;
    while (count < columns && cell[count].text[0] >= '0' && cell[count].text[0] <= '9') {
        count++;
    }
    return count;
}

void capture_hide_reach(Capture *capture)
{
    static const char before[] = "yes, ", unit[] = " ms", hidden[] = "0 ms";
    const int lead = sizeof before - 1, tail = sizeof unit - 1;
    for (int line = 0; line < capture->lines; line++) {
        for (int column = 0; column + lead + 1 + tail <= capture->columns; column++) {
            CaptureCell *cell = cell_at(capture, line, column);
            int room = capture->columns - column - lead;
            int digits = stands_at(cell, before) ? digits_at(cell + lead, room) : 0;
            bool measured = digits > 0 && digits + tail <= room && stands_at(cell + lead + digits, unit);
            for (int i = 0; measured && i < digits + tail; i++) {
                cell[lead + i].text[0] = i < 1 + tail ? hidden[i] : ' ';
            }
        }
    }
}

/* ---- as text ---- */

bool capture_same_style(CaptureStyle a, CaptureStyle b)
{
    return a.attributes == b.attributes && a.ink == b.ink && a.paper == b.paper;
}

/* The column after the last cell that has the style of this one. */
static int span_end(const Capture *capture, int line, int column)
{
    CaptureStyle style = cell_at(capture, line, column)->style;
    int end = column + 1;
    while (end < capture->columns && capture_same_style(cell_at(capture, line, end)->style, style)) {
        end++;
    }
    return end;
}

static void add_line(Text *out, const Capture *capture, int line)
{
    int end = capture->columns;
    while (end > 0 && text_equal(cell_at(capture, line, end - 1)->text, " ")) {
        end--;
    }
    for (int column = 0; column < end; column++) {
        text_add(out, cell_at(capture, line, column)->text);
    }
    text_add(out, "\n");
}

static void add_colour(Text *out, const char *before, CaptureColour colour)
{
    static const char *const names[] = {"black", "red",     "green", "yellow",
                                        "blue",  "magenta", "cyan",  "white"};
    if (colour >= CAPTURE_RGB) {
        text_addf(out, "%s#%06x", before, (unsigned)(colour - CAPTURE_RGB));
    } else if (colour >= 16) {
        text_addf(out, "%scolour %d", before, colour);
    } else if (colour != CAPTURE_DEFAULT) {
        text_addf(out, "%s%s%s", before, colour >= 8 ? "bright " : "", names[colour % 8]);
    }
}

static void add_style(Text *out, CaptureStyle style)
{
    static const char *const names[] = {"bold", "dim", "italic", "underline", "reverse"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (style.attributes & 1U << i) {
            text_addf(out, " %s", names[i]);
        }
    }
    add_colour(out, " ", style.ink);
    add_colour(out, " on ", style.paper);
}

char *capture_text(const Capture *capture)
{
    Text out = {0};
    for (int line = 0; line < capture->lines; line++) {
        add_line(&out, capture, line);
    }
    text_add(&out, "----\n");
    for (int line = 0; line < capture->lines; line++) {
        for (int column = 0; column < capture->columns;) {
            int end = span_end(capture, line, column);
            CaptureStyle style = cell_at(capture, line, column)->style;
            if (!capture_same_style(style, plain)) {
                text_addf(&out, "%d: %d-%d", line + 1, column + 1, end);
                add_style(&out, style);
                text_add(&out, "\n");
            }
            column = end;
        }
    }
    return text_take(&out);
}
