/* What the words of a filter over the results of a review mean: low, medium, high, conflict, undecided,
 * accepted, edited, skipped, applied, failed; table (that of the selected result) and table:NAME; any other
 * word is looked for in names, types and texts, in any case. */
#ifndef AMX_UI_REVIEW_FILTER_H
#define AMX_UI_REVIEW_FILTER_H

#include "review_item.h"

/* Does every word of the filter, folded by match_fold, apply to the result? */
bool review_filter_applies(const ReviewItem *item, const char *folded);
/* The filter with "table" spelled out as this one (NULL: no result is selected), so that it goes on to mean
 * the same when another result is selected. Owned by the caller. */
char *review_filter_name_table(const char *filter, const char *table);

#endif
