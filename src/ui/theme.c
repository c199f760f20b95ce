#include "theme.h"

#include <stdlib.h>

#include "draw.h"
#include "text.h"

enum { FEW = 8, SOME = 16, MANY = 256 };

typedef const char *Row[STYLE_COUNT];

typedef struct NamedTheme {
    const char *name;
    Row many; /* 256 colours */
    Row few;  /* 16 */
} NamedTheme;

/* A style that a row leaves out is plain. */
static const Row colorless = {
    [DRAW_BOLD] = "bold",          [DRAW_HEADING] = "bold",
    [DRAW_SELECTED] = "reverse",   [DRAW_BAR] = "reverse",
    [DRAW_TAB] = "bold",           [DRAW_WARNING] = "bold",
    [DRAW_ERROR] = "bold reverse", [DRAW_MATCH] = "bold underline",
};

static const NamedTheme themes[] = {
    {"dark",
     .many = {[DRAW_BOLD] = "bold",
              [DRAW_HEADING] = "bold 117",
              [DRAW_SELECTED] = "bold 231 on 25",
              [DRAW_BAR] = "253 on 238",
              [DRAW_TAB] = "bold 231 on 25",
              [DRAW_BORDER] = "109",
              [DRAW_DIM] = "247",
              [DRAW_GOOD] = "114",
              [DRAW_WARNING] = "bold 221",
              [DRAW_ERROR] = "bold 210",
              [DRAW_MATCH] = "16 on 222",
              [DRAW_FOREIGN] = "183"},
     .few = {[DRAW_BOLD] = "bold",
             [DRAW_HEADING] = "bold cyan",
             [DRAW_SELECTED] = "reverse",
             [DRAW_BAR] = "bold white on blue",
             [DRAW_TAB] = "black on cyan",
             [DRAW_BORDER] = "cyan",
             [DRAW_GOOD] = "green",
             [DRAW_WARNING] = "bold yellow",
             [DRAW_ERROR] = "bold red",
             [DRAW_MATCH] = "black on yellow",
             [DRAW_FOREIGN] = "magenta"}},
    {"light",
     .many = {[DRAW_BOLD] = "bold",
              [DRAW_HEADING] = "bold 25",
              [DRAW_SELECTED] = "bold 231 on 25",
              [DRAW_BAR] = "235 on 252",
              [DRAW_TAB] = "bold 231 on 25",
              [DRAW_BORDER] = "66",
              [DRAW_DIM] = "240",
              [DRAW_GOOD] = "22",
              [DRAW_WARNING] = "bold 94",
              [DRAW_ERROR] = "bold 124",
              [DRAW_MATCH] = "16 on 222",
              [DRAW_FOREIGN] = "90"},
     .few = {[DRAW_BOLD] = "bold",
             [DRAW_HEADING] = "bold blue",
             [DRAW_SELECTED] = "reverse",
             [DRAW_BAR] = "bold white on blue",
             [DRAW_TAB] = "black on cyan",
             [DRAW_BORDER] = "blue",
             [DRAW_GOOD] = "green",
             [DRAW_WARNING] = "bold magenta",
             [DRAW_ERROR] = "bold red",
             [DRAW_MATCH] = "black on yellow",
             [DRAW_FOREIGN] = "magenta"}},
};

static const Row *row_of(const char *name, int colors)
{
    for (size_t i = 0; colors >= FEW && i < sizeof themes / sizeof *themes; i++) {
        if (text_equal(themes[i].name, name)) {
            return colors >= MANY ? &themes[i].many : &themes[i].few;
        }
    }
    return &colorless;
}

/* A terminal of eight colours shows a bright foreground as a bold one. */
static void fit(Style *style, int colors)
{
    if (colors < SOME && style->foreground >= FEW && style->foreground < SOME) {
        style->attributes |= STYLE_ATTRIBUTE_BOLD;
    }
    int count = colors >= MANY ? MANY : colors >= SOME ? SOME : FEW;
    style->foreground = style_nearest(style->foreground, count);
    style->background = style_nearest(style->background, count);
}

void theme_choose(Theme *theme, const Config *config, int colors)
{
    const Row *row = row_of(config->ui_theme, colors);
    *theme = (Theme){0};
    for (size_t i = 0; i < STYLE_COUNT; i++) {
        const char *changed = colors >= FEW ? config->ui_styles[i] : NULL;
        const char *text = changed ? changed : (*row)[i] ? (*row)[i] : "plain";
        free(style_parse(text, &theme->styles[i])); /* amx.conf was checked, the rows are tested */
        fit(&theme->styles[i], colors);
    }
}
