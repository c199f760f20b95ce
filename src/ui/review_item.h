/* One result under review: what was drafted, what the person sees decided, and what the world says to it.
 * Small: a run may have a hundred thousand. Accessors return what belongs to the item. */
#ifndef AMX_UI_REVIEW_ITEM_H
#define AMX_UI_REVIEW_ITEM_H

#include <stdbool.h>
#include <stdint.h>

#include "coverage.h"
#include "report.h"
#include "review_decide.h"

typedef struct ReviewMark {
    ReviewVerdict verdict; /* REVIEW_UNDECIDE: nobody decided */
    unsigned choice;       /* the number of the alternative that was accepted, from 1; else 0 */
    char *text;            /* that was accepted or written, when it is none of them; else NULL */
} ReviewMark;

/* The texts of a row of the drafts, each of which may be missing. All but the level hostile. */
typedef enum ReviewText {
    REVIEW_OBJECT,
    REVIEW_TABLE,
    REVIEW_KIND,
    REVIEW_TYPE,
    REVIEW_LEVEL,
    REVIEW_BASE,
    REVIEW_APPLIED_AT,
    REVIEW_APPLY_ERROR,
    REVIEW_TEXTS
} ReviewText;

typedef enum ReviewToday { REVIEW_TODAY_UNKNOWN, REVIEW_TODAY_THERE, REVIEW_TODAY_MISSING } ReviewToday;

/* What a teammate chose. */
typedef struct ReviewOther {
    struct ReviewOther *next; /* older, and somebody else's */
    char *who;
    char *at; /* UTC */
    char *text;
} ReviewOther;

typedef struct ReviewItem {
    long long id;
    char *texts; /* those that are there, one after the other: ReviewText, then alternatives, then evidence */
    double confidence;
    uint16_t present; /* which ReviewText are there: 1 << text */
    uint16_t alternatives;
    uint16_t facts;
    bool is_low;     /* the drafter's confidence: counted in every frame */
    bool is_changed; /* shown is yet to be sent */
    bool is_sent;    /* sent is under way */
    bool in_sight;   /* the filter applied when it was set */
    ReviewToday today;
    unsigned touched;    /* the read of the model under which it was decided last */
    ReviewMark shown;    /* what the person sees */
    ReviewMark sent;     /* what the command line that is under way says */
    ReviewMark kept;     /* what history.db has */
    char *today_text;    /* of REVIEW_TODAY_THERE; NULL: the database says nothing */
    ReviewOther *others; /* newest first; NULL: none known */
} ReviewItem;

/* Takes what a row of `history drafts` says about a result into the item, which may know that result already;
 * the marks stay. */
void review_item_take(ReviewItem *item, const json_t *row);
/* What the row says was decided about the item that took it. Its text is to be freed. */
ReviewMark review_item_decided(const ReviewItem *item, const json_t *row);
/* Adds a row of `history choices`: of one teammate only the newest choice counts. */
void review_item_add_other(ReviewItem *item, const json_t *row);
void review_item_forget_others(ReviewItem *item);
/* Releases what the item has, not the item. */
void review_item_free(ReviewItem *item);

/* A mark of the item for a text that was accepted or written (NULL: none). Its text is to be freed. */
ReviewMark review_item_mark(const ReviewItem *item, ReviewVerdict verdict, const char *text);
/* Replaces a mark by a copy; it may be the mark itself. */
void review_mark_copy(ReviewMark *to, const ReviewMark *from);
bool review_mark_same(const ReviewMark *a, const ReviewMark *b);

/* Do two marks of the item leave it undecided, skipped, or with the same text? How a text came about does not
 * count. */
bool review_item_reads_alike(const ReviewItem *item, const ReviewMark *a, const ReviewMark *b);

/* NULL when there is none. */
const char *review_item_text(const ReviewItem *item, ReviewText text);
const char *review_item_alternative(const ReviewItem *item, size_t number); /* from 1; NULL beyond */
const char *review_item_fact(const ReviewItem *item, size_t index);         /* of the evidence; NULL beyond */
/* The text that one of its marks chose; NULL when it chose none. */
const char *review_item_chosen(const ReviewItem *item, const ReviewMark *mark);
/* Is the drafter's confidence in it "low", "medium" or "high"? */
bool review_item_has_level(const ReviewItem *item, const char *level);
/* Does its name, type, text or one of its drafts, in any case, hold what match_fold folded? */
bool review_item_holds(const ReviewItem *item, const char *folded);
/* What would be written: the decision's text, or the first draft while there is none; NULL of a skipped one.
 */
const char *review_item_outcome(const ReviewItem *item);
/* Is a decision about it not yet in history.db? */
bool review_item_pending(const ReviewItem *item);
/* Did the database's text change since the draft, other than to what was chosen? */
bool review_item_changed_since(const ReviewItem *item);
/* That, or a teammate chose another text, or the object is gone. */
bool review_item_conflict(const ReviewItem *item);
/* Would the text replace another description, as far as anybody knows? */
bool review_item_replaces(const ReviewItem *item, const char *text);
/* Counts it with what the database says of it, and with what would be written; unless it is gone. */
void review_item_cover(const ReviewItem *item, Coverage *coverage);

#endif
