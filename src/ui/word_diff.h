/* What changed between two texts, word by word. */
#ifndef AMX_UI_WORD_DIFF_H
#define AMX_UI_WORD_DIFF_H

/* "One row per [-customer-]{+client+}; ..": words that only the first text has in [- -], those that only the
 * second one has in {+ +}. Blanks between words count as one. Texts of very many words are not compared: all
 * of the one, then all of the other. NULL counts as "". Owned by the caller. */
char *word_diff(const char *before, const char *after);

#endif
