/* One result under review: its row, what the person sees decided, and what the world says to it. Accessors
 * return what belongs to the item. */
#ifndef AMX_UI_REVIEW_ITEM_H
#define AMX_UI_REVIEW_ITEM_H

#include <stdbool.h>

#include "report.h"
#include "review_decide.h"

typedef struct ReviewMark {
    ReviewVerdict verdict; /* REVIEW_UNDECIDE: nobody decided */
    char *text;            /* that was accepted or written, else NULL */
} ReviewMark;

typedef enum ReviewToday { REVIEW_TODAY_UNKNOWN, REVIEW_TODAY_THERE, REVIEW_TODAY_MISSING } ReviewToday;

typedef struct ReviewItem {
    json_t *row;      /* of the drafts, borrowed */
    ReviewMark shown; /* what the person sees */
    ReviewMark sent;  /* what the command line that is under way says */
    ReviewMark kept;  /* what history.db has */
    bool is_changed;  /* shown is yet to be sent */
    bool is_sent;     /* sent is under way */
    ReviewToday today;
    char *today_text; /* of REVIEW_TODAY_THERE; NULL: the database says nothing */
    bool in_sight;    /* the filter applied when it was set */
    json_t *others;   /* teammates' choices, newest first; NULL: none known */
} ReviewItem;

/* What a row of `history drafts` says was decided; its text is to be freed. */
ReviewMark review_mark_of(const json_t *row);
/* Replaces a mark; the text (NULL: none) is copied, the one before freed. It may be the mark's own. */
void review_mark_set(ReviewMark *mark, ReviewVerdict verdict, const char *text);
void review_mark_copy(ReviewMark *to, const ReviewMark *from);
bool review_mark_same(const ReviewMark *a, const ReviewMark *b);

long long review_item_id(const ReviewItem *item);
/* A text of the row by its key; NULL when there is none. Hostile. */
const char *review_item_text(const ReviewItem *item, const char *key);
size_t review_item_alternatives(const ReviewItem *item);
const char *review_item_alternative(const ReviewItem *item, size_t number); /* from 1; NULL beyond */
/* The number of the alternative that was accepted; 0 when none was. */
size_t review_item_choice(const ReviewItem *item);
/* The same of one of its marks. */
size_t review_item_choice_of(const ReviewItem *item, const ReviewMark *mark);
/* Is the drafter's confidence in it "low", "medium" or "high"? */
bool review_item_has_level(const ReviewItem *item, const char *level);
/* What would be written: the decision's text, or the first draft while there is none; NULL of a skipped one.
 */
const char *review_item_outcome(const ReviewItem *item);
/* Is a decision about it not yet in history.db? */
bool review_item_pending(const ReviewItem *item);
/* Did the database's text change since the draft, other than to what was chosen? */
bool review_item_changed_since(const ReviewItem *item);
/* That, or a teammate chose another text, or the object is gone. */
bool review_item_conflict(const ReviewItem *item);

#endif
