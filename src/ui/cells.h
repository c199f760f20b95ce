/* Text measured in terminal cells: by grapheme clusters (libunistring) and wcwidth, as ncurses draws it. */
#ifndef AMX_UI_CELLS_H
#define AMX_UI_CELLS_H

#include <stdbool.h>
#include <stddef.h>
#include <wchar.h>

#define CELLS_CLUSTER 32 /* code points of one cluster; what follows begins another */
#define CELLS_MARKS 4    /* marks drawn on one character */

/* A grapheme cluster as it is drawn. It takes one cell or two, so that nothing hides and nothing changes its
 * neighbour: a mark with nothing to stand on is drawn as U+FFFD, as is what the C library has no width for.
 * Terminals do not agree on the width of emoji that are joined, coloured or asked for by a variation
 * selector, so their parts are clusters of their own. Where the locale is not UTF-8, "?" stands for what it
 * lacks. */
typedef struct Cluster {
    size_t bytes; /* of the text */
    int cells;
    size_t count;
    wchar_t drawn[2 + CELLS_MARKS];
} Cluster;

/* The cluster at the start of `text`; false at its end. */
bool cells_next(const char *text, Cluster *out);
/* Does the locale that was chosen know more than its own few characters (is it UTF-8)? C and POSIX, when
 * somebody chose them, do not. */
bool cells_unicode(void);

/* Width in cells of text that is already harmless (text_visible). */
int cells_width(const char *text);
/* A copy of the first bytes of `text` (harmless or not), enough to fill `cells` cells and to tell that there
 * is more: what costs time need not be done to a megabyte of which a line is shown. Owned by the caller. */
char *cells_start(const char *text, int cells);
/* The width, or `most` when it is more: what lies beyond is not looked at. */
int cells_width_within(const char *text, int most);
/* The text without its first `cells` cells, a character that reaches beyond them left out as a whole;
 * *skipped is what was left out: `cells`, one more, or less when the text ended. */
const char *cells_skip(const char *text, int cells, int *skipped);
/* A new string of exactly `width` cells: cut at a grapheme with "…" (".." where the locale is not UTF-8), or
 * padded on the right (left when right_align). */
char *cells_fit(const char *text, int width, int right_align);
/* Wraps at Unicode line-break opportunities (UAX 14) to lines of at most `width` cells; keeps the newlines of
 * the text. Returns a NULL-ended array of new strings; each and the array are freed by cells_free_lines. */
char **cells_wrap(const char *text, int width, size_t *count);
void cells_free_lines(char **lines);

#endif
