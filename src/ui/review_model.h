/* What a review knows: the results of one run, what a filter shows of them, the decisions about them, and how
 * to take those back. Knows no terminal and no worker: a decision shows at once and is pending until
 * review_model_settle says what became of the command line that wrote it. */
#ifndef AMX_UI_REVIEW_MODEL_H
#define AMX_UI_REVIEW_MODEL_H

#include <stdbool.h>

#include "report.h"
#include "review_item.h"
#include "select.h"

/* What a decision replaced, and by what; those of one group are taken back together. */
typedef struct ReviewStep {
    long long result;
    ReviewMark before;
    ReviewMark after;
    unsigned group;
} ReviewStep;

/* What became of taking decisions back. */
typedef struct ReviewUndone {
    size_t count;   /* of decisions that were taken back */
    size_t changed; /* left as they are: somebody else decided about the result since */
} ReviewUndone;

typedef struct ReviewCounts {
    size_t low;
    size_t conflict;
    size_t undecided;
    size_t pending;
    Coverage coverage; /* of what is there, once what was accepted is applied */
} ReviewCounts;

/* Starts zeroed. */
typedef struct ReviewModel {
    long long run;
    ReviewItem *items; /* in the order of their ids */
    size_t count;
    size_t capacity;
    unsigned reads; /* begun so far */
    char *filter;   /* "" shows everything */
    size_t *rows;   /* items that are shown */
    size_t row_capacity;
    Select select;
    ReviewStep *steps;
    size_t step_count;
    size_t step_capacity;
    unsigned group;
    ReviewCounts counts; /* of all items, while they are .. */
    bool counted;
} ReviewModel;

/* A read of `history drafts` begins, of which one page after the other is taken. */
void review_model_begin_read(ReviewModel *model);
/* Adds the results of a page, or what is new about them. What is in sight stays so, and the position by the
 * result's id, and what can be taken back, and what is known of today and of teammates; and what was decided
 * here since the read began. Items that were handed out may be gone. */
void review_model_take(ReviewModel *model, const Report *drafts);
/* Adds what a page of `history drafts --today` found, and what `history choices` did. */
void review_model_take_today(ReviewModel *model, const Report *drafts);
void review_model_take_choices(ReviewModel *model, const Report *choices);
/* Nothing is known any more of what the database says today, or of what teammates chose. */
void review_model_forget_today(ReviewModel *model);
void review_model_forget_choices(ReviewModel *model);
/* Leaves the model zeroed; items that were handed out are gone. */
void review_model_free(ReviewModel *model);
/* How many results were applied to the database. */
size_t review_model_applied(const ReviewModel *model);

/* Shows the results to which every word of the filter applies: see review_filter.h. What is decided under a
 * filter stays in sight until it is set again. */
void review_model_filter(ReviewModel *model, const char *filter);
/* The selected result; NULL when none is shown. It belongs to the model, until the next review_model_take; so
 * does what review_model_find returns. */
ReviewItem *review_model_selected(const ReviewModel *model);
/* By its id; NULL when there is none. */
ReviewItem *review_model_find(const ReviewModel *model, long long result);

/* Decides about a result; `text` is copied. What it changes can be taken back, and is to be sent. */
void review_model_decide(ReviewModel *model, ReviewItem *item, ReviewVerdict verdict, const char *text);
/* How many results are shown, undecided, and have a draft: those that accept_shown would accept. */
size_t review_model_acceptable(const ReviewModel *model);
/* How many of those would replace another description: today's where that is known, else the drafts' base. */
size_t review_model_replacing(const ReviewModel *model);
/* Accepts the first draft of each, as one group; returns how many. */
size_t review_model_accept_shown(ReviewModel *model);
/* Takes the last decision back, or the last group of them, and selects it. Only what still stands as it was
 * decided here: another amx may have decided since. */
ReviewUndone review_model_undo(ReviewModel *model);

/* The command line that writes what changed, as of now under way; NULL when nothing did, or while another one
 * is under way. Owned by the caller. */
char *review_model_send(ReviewModel *model);
/* The line that was under way is done; or it failed: then its decisions are as they were. */
void review_model_settle(ReviewModel *model, bool done);

/* Of all results, whatever the filter shows. Cheap: counted anew only after a change. */
ReviewCounts review_model_counts(ReviewModel *model);

#endif
