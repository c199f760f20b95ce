/* One result of a review as lines of text. Knows no terminal. */
#ifndef AMX_UI_REVIEW_PAGE_H
#define AMX_UI_REVIEW_PAGE_H

#include "draw.h"
#include "review_model.h"

typedef struct PageLine {
    DrawStyle style;
    char *text; /* harmless */
} PageLine;

typedef struct ReviewPage {
    PageLine *lines;
    size_t count;
    size_t capacity;
} ReviewPage;

/* Writes the result for a screen of `width` by `height` cells into a zeroed page. What does not fit loses its
 * blank lines; what still does not has its warnings, each a line, right under the heading, in sight without
 * scrolling.
 * `today` says why nothing is known of the database's text while that is so: "checking.." */
void review_page_write(ReviewPage *page, const ReviewItem *item, const char *today, int width, int height);
void review_page_free(ReviewPage *page);

/* What the texts differ in: from the draft's base to today, and from today to what was chosen. Owned by the
 * caller. */
char *review_page_difference(const ReviewItem *item, const char *today);

#endif
