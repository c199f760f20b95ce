/* Styles of the screen: their names, and the words by which a style is written, in amx.conf as in the themes:
 *
 *     bold yellow on blue      attributes and a colour, then `on` and the background
 *     #ffaf00, 208             a colour by its red, green and blue, or by its number in the 256-colour
 * palette plain                    nothing special */
#ifndef AMX_CORE_STYLE_H
#define AMX_CORE_STYLE_H

/* Every style once: its constant, its name in amx.conf (`color_bar`), what it is for. The options, the
 * drawing and the themes follow this list. */
#define STYLE_LIST(X)                                                                                        \
    X(PLAIN, "plain", "Style of ordinary text.")                                                             \
    X(BOLD, "bold", "Style of what stands out in ordinary text.")                                            \
    X(HEADING, "heading", "Style of column headings and the titles of dialogs.")                             \
    X(SELECTED, "selected", "Style of the row or button that the keys act on.")                              \
    X(BAR, "bar", "Style of the title row and the row of hints.")                                            \
    X(TAB, "tab", "Style of the open tab.")                                                                  \
    X(BORDER, "border", "Style of the borders of dialogs.")                                                  \
    X(DIM, "dim", "Style of what matters less.")                                                             \
    X(GOOD, "good", "Style of what went well.")                                                              \
    X(WARNING, "warning", "Style of warnings, and of the command that runs.")                                \
    X(ERROR, "error", "Style of errors.")                                                                    \
    X(MATCH, "match", "Style of what a search found.")                                                       \
    X(FOREIGN, "foreign", "Style of what belongs to another person or profile.")

#define STYLE_COUNT_ONE(constant, name, note) +1
enum { STYLE_COUNT = 0 STYLE_LIST(STYLE_COUNT_ONE) };
#undef STYLE_COUNT_ONE

extern const char *const style_names[STYLE_COUNT];

#define STYLE_DEFAULT (-1) /* the terminal's own colour */

enum {
    STYLE_ATTRIBUTE_BOLD = 1,
    STYLE_ATTRIBUTE_DIM = 2,
    STYLE_ATTRIBUTE_UNDERLINE = 4,
    STYLE_ATTRIBUTE_REVERSE = 8
};

typedef struct Style {
    int foreground; /* STYLE_DEFAULT, or a number of the 256-colour palette */
    int background;
    unsigned attributes;
} Style;

/* Reads a style. Returns NULL, or what is wrong with the text, owned by the caller; *out is then unchanged.
 */
char *style_parse(const char *text, Style *out);
/* The same for a check alone. */
char *style_check(const char *text);
/* The nearest of the first `count` (8, 16 or 256) colours of the palette; STYLE_DEFAULT stays. */
int style_nearest(int color, int count);

#endif
