/* Text measured in terminal cells: by grapheme clusters (libunistring) and wcwidth, as ncurses draws it. */
#ifndef AMX_UI_CELLS_H
#define AMX_UI_CELLS_H

#include <stddef.h>

/* Width in cells of text that is already harmless (text_visible). */
int cells_width(const char *text);
/* A new string of exactly `width` cells: cut at a grapheme with "…" (".." where the locale is not UTF-8), or
 * padded on the right (left when right_align). */
char *cells_fit(const char *text, int width, int right_align);
/* Wraps at Unicode line-break opportunities (UAX 14) to lines of at most `width` cells; keeps the newlines of
 * the text. Returns a NULL-ended array of new strings; each and the array are freed by cells_free_lines. */
char **cells_wrap(const char *text, int width, size_t *count);
void cells_free_lines(char **lines);

#endif
