/* Which results of a review a filter shows: see review_model_filter for its words. */
#ifndef AMX_UI_REVIEW_FILTER_H
#define AMX_UI_REVIEW_FILTER_H

#include "review_item.h"

/* Does every word of the filter, folded by match_fold, apply to the result? */
bool review_filter_applies(const ReviewItem *item, const char *folded);
/* The filter with "table" spelled out as that of the selected result (NULL: none is), so that it goes on to
 * mean the same when another one is selected. Owned by the caller. */
char *review_filter_name_table(const char *filter, const ReviewItem *selected);

#endif
