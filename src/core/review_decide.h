/* Decisions of a person about the results of a run: one, or many as JSON Lines. Each function writes inside
 * the transaction its caller began; after a failure the caller rolls it back. */
#ifndef AMX_CORE_REVIEW_DECIDE_H
#define AMX_CORE_REVIEW_DECIDE_H

#include "run_results.h"

/* The longest description, in bytes, that is accepted and written. PostgreSQL would take a gigabyte; people,
 * \d+ and catalogs that show it in a cell would not. A rollback restores what was there, however long. */
#define REVIEW_LONGEST_TEXT 10000

/* What was decided so far. */
typedef struct ReviewTally {
    int64_t accepted;
    int64_t edited;
    int64_t skipped;
    int64_t taken_back;
} ReviewTally;

typedef enum ReviewVerdict { REVIEW_ACCEPT, REVIEW_EDIT, REVIEW_SKIP, REVIEW_UNDECIDE } ReviewVerdict;

typedef struct ReviewDecision {
    ReviewVerdict verdict;
    long long choice; /* of REVIEW_ACCEPT: the number of the alternative, from 1 */
    const char *text; /* of REVIEW_EDIT */
} ReviewDecision;

/* Writes one decision. ERROR_USAGE: there is no such alternative, the text is empty or too long. */
bool review_decide(Local *local, const ResultItem *item, const ReviewDecision *decision, ReviewTally *tally,
                   Error *err);

/* Reads decisions as JSON Lines from a file ("-": standard input), or from a text: what review --export
 * prints, and "undecide". ERROR_USAGE names the line that is wrong. */
bool review_decide_file(Local *local, const ResultList *list, const char *name, ReviewTally *tally,
                        Error *err);
bool review_decide_lines(Local *local, const ResultList *list, const char *lines, ReviewTally *tally,
                         Error *err);

#endif
