/* Shared by the files of the review: its state, and what its keys do. */
#ifndef AMX_UI_VIEW_REVIEW_INTERNAL_H
#define AMX_UI_VIEW_REVIEW_INTERNAL_H

#include "review_model.h"
#include "view_review.h"

/* What waits until everything that was decided is written. */
typedef enum Then { THEN_NOTHING, THEN_LEAVE, THEN_APPLY } Then;

/* A listing that is read page by page; zeroed while it is not. */
typedef struct PageRead {
    unsigned ticket; /* of the page under way */
    char *after;     /* the row that the page before ended with; NULL: it is the first */
} PageRead;

typedef struct Review {
    Screen *screen;
    ReviewModel model;
    unsigned ticket;  /* of the decisions under way, or 0 */
    PageRead results; /* these are read, each for an owner of its own: the ticket */
    PageRead today;
    unsigned choices_ticket;
    long long total;     /* results of the run, as far as known */
    bool complete;       /* all of them were read */
    long long began;     /* version of history.db when the read that goes on began; 0: not known yet */
    long long since;     /* and when the last one that ended had begun; 0: none has */
    char *filter_before; /* the one that is being typed, or NULL */
    char *typed;         /* and what was typed since the last frame, or NULL */
    char *today_note;    /* why nothing is known of the database's texts */
    Then then;
    bool stale;       /* somebody wrote while it was read */
    bool asked_anew;  /* all of it is to be read, with what the database says today, and teammates' choices */
    bool look_again;  /* the read that goes on met results that were applied, or rolled back */
    long long edited; /* the result whose text is being edited */
    size_t top;       /* lines of the page that are scrolled away */
    size_t lines;     /* of the page, as last drawn */
    size_t height;
} Review;

/* Reads what was written since the last time, or everything. */
void review_read(Review *review);
/* Reads everything, with what the database says today and what teammates chose. */
void review_read_anew(Review *review);
/* Takes what a read brought, and goes on with the next page; false when it is the outcome of something else.
 */
bool review_take(Review *review, const Outcome *got);
/* Lets go what is being read. */
void review_forget_reads(Review *review);

/* Sends what was decided since the last line left; does what waits for the last one, which may close it. */
void review_send(Review *review);
/* Goes on by so many results that are shown, to the top of the page. */
void review_move(Review *review, long by);
/* The view's `close`: lets go what it reads, has what was decided written, and releases the review. */
void view_review_close(View *view);

/* Decides about the selected result and goes on to the next. */
void review_decide_selected(Review *review, ReviewVerdict verdict, const char *text);
/* Takes an alternative, counted from 1; or what is chosen already, else the first draft. */
void review_choose(Review *review, size_t number);
void review_accept(Review *review);
/* In the message row, or in $EDITOR. */
void review_edit_inline(Review *review);
void review_edit_outside(Review *review);
void review_undo(Review *review);
/* Asks, and then accepts the first draft of everything that is shown and undecided. */
void review_ask_accept_all(Review *review);

#endif
