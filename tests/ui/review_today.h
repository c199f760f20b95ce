/* What the database says today of one result, told to the model of a review. */
#ifndef AMX_TESTS_REVIEW_TODAY_H
#define AMX_TESTS_REVIEW_TODAY_H

#include "review_model.h"

static inline void today_is(ReviewModel *model, long long id, const char *today, const char *text)
{
    Report report = {0};
    report_list(&report, "amx.drafts/1", NULL, 0);
    json_array_append_new(report.items, json_pack("{s:I, s:s, s:s?}", "local_id", (json_int_t)id, "today",
                                                  today, "today_text", text));
    review_model_take_today(model, &report);
    report_free(&report);
}

#endif
