/* A person's decision about one result of a run. */
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
    int64_t replacing; /* of those accepted or edited: instead of a description that stood there */
} ReviewTally;

typedef enum ReviewVerdict { REVIEW_ACCEPT, REVIEW_EDIT, REVIEW_SKIP, REVIEW_UNDECIDE } ReviewVerdict;

typedef struct ReviewDecision {
    ReviewVerdict verdict;
    long long choice; /* of REVIEW_ACCEPT: the number of the alternative, from 1 */
    const char *text; /* of REVIEW_EDIT */
} ReviewDecision;

/* Writes one decision inside the transaction its caller began, who rolls it back after a failure.
 * ERROR_USAGE: there is no such alternative, the text is empty, blank or too long. */
bool review_decide(Local *local, const ResultItem *item, const ReviewDecision *decision, ReviewTally *tally,
                   Error *err);

#endif
