#include "style.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "memory.h"
#include "text.h"

#define STYLE_NAME(constant, name, note) name,
const char *const style_names[STYLE_COUNT] = {STYLE_LIST(STYLE_NAME)};
#undef STYLE_NAME

enum { PALETTE = 256, BASIC = 16, CUBE_SIDE = 6, GREY_FIRST = 232 };

static const char *const color_names[] = {"black", "red",     "green", "yellow",
                                          "blue",  "magenta", "cyan",  "white"};

static const struct {
    const char *word;
    unsigned attribute;
} attributes[] = {
    {"plain", 0},
    {"bold", STYLE_ATTRIBUTE_BOLD},
    {"dim", STYLE_ATTRIBUTE_DIM},
    {"underline", STYLE_ATTRIBUTE_UNDERLINE},
    {"reverse", STYLE_ATTRIBUTE_REVERSE},
};

static int red(uint32_t rgb)
{
    return (int)(rgb >> 16 & 0xff);
}

static int green(uint32_t rgb)
{
    return (int)(rgb >> 8 & 0xff);
}

static int blue(uint32_t rgb)
{
    return (int)(rgb & 0xff);
}

/* Red, green and blue of a colour of the palette, as xterm has it. */
static uint32_t palette_rgb(int color)
{
    static const uint32_t basic[BASIC] = {0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd,
                                          0x00cdcd, 0xe5e5e5, 0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00,
                                          0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff};
    static const uint32_t levels[CUBE_SIDE] = {0x00, 0x5f, 0x87, 0xaf, 0xd7, 0xff};
    if (color < BASIC) {
        return basic[color];
    }
    if (color >= GREY_FIRST) {
        uint32_t level = (uint32_t)(8 + 10 * (color - GREY_FIRST));
        return level << 16 | level << 8 | level;
    }
    int at = color - BASIC;
    return levels[at / (CUBE_SIDE * CUBE_SIDE)] << 16 | levels[at / CUBE_SIDE % CUBE_SIDE] << 8 |
           levels[at % CUBE_SIDE];
}

static int distance(uint32_t a, uint32_t b)
{
    int reds = red(a) - red(b);
    int greens = green(a) - green(b);
    int blues = blue(a) - blue(b);
    return reds * reds + greens * greens + blues * blues;
}

static int nearest_rgb(uint32_t rgb, int first, int end)
{
    int best = first;
    for (int color = first; color < end; color++) {
        if (distance(palette_rgb(color), rgb) < distance(palette_rgb(best), rgb)) {
            best = color;
        }
    }
    return best;
}

int style_nearest(int color, int count)
{
    if (color < count) {
        return color;
    }
    return color < BASIC ? color - count : nearest_rgb(palette_rgb(color), 0, count);
}

static bool is_digits(const char *word, size_t least, size_t most, int (*is_digit)(int))
{
    size_t length = strlen(word);
    for (size_t i = 0; i < length; i++) {
        if (!is_digit((unsigned char)word[i])) {
            return false;
        }
    }
    return length >= least && length <= most;
}

/* The first sixteen colours are what the person's terminal makes of them, so #rrggbb is looked up behind
 * them. */
static bool parse_color(const char *word, int *color)
{
    if (*word == '#' && is_digits(word + 1, 6, 6, isxdigit)) {
        *color = nearest_rgb((uint32_t)strtoul(word + 1, NULL, 16), BASIC, PALETTE);
        return true;
    }
    if (is_digits(word, 1, 3, isdigit)) {
        *color = atoi(word);
        return *color < PALETTE;
    }
    if (text_equal(word, "default")) {
        *color = STYLE_DEFAULT;
        return true;
    }
    bool bright = text_starts(word, "bright-");
    for (int i = 0; i < (int)(sizeof color_names / sizeof *color_names); i++) {
        if (text_equal(word + (bright ? strlen("bright-") : 0), color_names[i])) {
            *color = i + (bright ? 8 : 0);
            return true;
        }
    }
    return false;
}

static bool parse_attribute(const char *word, unsigned *all)
{
    for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++) {
        if (text_equal(word, attributes[i].word)) {
            *all |= attributes[i].attribute;
            return true;
        }
    }
    return false;
}

/* Where the words up to now lead. */
typedef struct Parser {
    Style style;
    bool colored;  /* a foreground was named */
    bool on;       /* "on" came */
    bool grounded; /* a background was named */
} Parser;

static char *take_word(Parser *parser, const char *word)
{
    int color;
    if (parse_attribute(word, &parser->style.attributes)) {
        return NULL;
    }
    if (text_equal(word, "on")) {
        bool again = parser->on;
        parser->on = true;
        return again ? memory_string("it says \"on\" twice") : NULL;
    }
    if (!parse_color(word, &color)) {
        return text_format("\"%s\" is neither a colour nor an attribute", word);
    }
    bool *named = parser->on ? &parser->grounded : &parser->colored;
    if (*named) {
        return text_format("\"%s\" is one colour too many", word);
    }
    *named = true;
    *(parser->on ? &parser->style.background : &parser->style.foreground) = color;
    return NULL;
}

char *style_parse(const char *text, Style *out)
{
    Parser parser = {.style = {.foreground = STYLE_DEFAULT, .background = STYLE_DEFAULT}};
    char *wrong = NULL;
    for (const char *at = text + strspn(text, " "); *at && !wrong; at += strspn(at, " ")) {
        size_t length = strcspn(at, " ");
        char *word = memory_string_n(at, length);
        wrong = take_word(&parser, word);
        free(word);
        at += length;
    }
    if (!wrong && parser.on && !parser.grounded) {
        wrong = memory_string("there is no colour after \"on\"");
    }
    if (!wrong) {
        *out = parser.style;
    }
    return wrong;
}

char *style_check(const char *text)
{
    Style ignored;
    return style_parse(text, &ignored);
}
