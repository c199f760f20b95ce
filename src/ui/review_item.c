#include "review_item.h"

#include <stdlib.h>

#include "memory.h"
#include "text.h"

/* --- marks --- */

void review_mark_set(ReviewMark *mark, ReviewVerdict verdict, const char *text)
{
    char *copy = memory_string(text);
    free(mark->text);
    *mark = (ReviewMark){verdict, copy};
}

void review_mark_copy(ReviewMark *to, const ReviewMark *from)
{
    review_mark_set(to, from->verdict, from->text);
}

bool review_mark_same(const ReviewMark *a, const ReviewMark *b)
{
    return a->verdict == b->verdict && text_equal(a->text, b->text);
}

ReviewMark review_mark_of(const json_t *row)
{
    const char *evaluation = json_string_value(json_object_get(row, "evaluation"));
    const char *chosen = json_string_value(json_object_get(row, "chosen_text"));
    ReviewVerdict verdict = !evaluation                         ? REVIEW_UNDECIDE
                            : text_equal(evaluation, "skipped") ? REVIEW_SKIP
                            : text_equal(evaluation, "edited")  ? REVIEW_EDIT
                                                                : REVIEW_ACCEPT;
    bool has_text = verdict == REVIEW_ACCEPT || verdict == REVIEW_EDIT;
    return (ReviewMark){verdict, has_text ? memory_string(chosen) : NULL};
}

/* --- items --- */

long long review_item_id(const ReviewItem *item)
{
    return json_integer_value(json_object_get(item->row, "local_id"));
}

const char *review_item_text(const ReviewItem *item, const char *key)
{
    return json_string_value(json_object_get(item->row, key));
}

bool review_item_has_level(const ReviewItem *item, const char *level)
{
    return text_equal(review_item_text(item, "level"), level);
}

static const json_t *alternatives_of(const ReviewItem *item)
{
    return json_object_get(item->row, "alternatives");
}

size_t review_item_alternatives(const ReviewItem *item)
{
    return json_array_size(alternatives_of(item));
}

const char *review_item_alternative(const ReviewItem *item, size_t number)
{
    return number > 0 ? json_string_value(json_array_get(alternatives_of(item), number - 1)) : NULL;
}

size_t review_item_choice_of(const ReviewItem *item, const ReviewMark *mark)
{
    for (size_t i = 1; mark->verdict == REVIEW_ACCEPT && i <= review_item_alternatives(item); i++) {
        if (text_equal(review_item_alternative(item, i), mark->text)) {
            return i;
        }
    }
    return 0;
}

size_t review_item_choice(const ReviewItem *item)
{
    return review_item_choice_of(item, &item->shown);
}

const char *review_item_outcome(const ReviewItem *item)
{
    return item->shown.verdict == REVIEW_UNDECIDE ? review_item_alternative(item, 1) : item->shown.text;
}

bool review_item_pending(const ReviewItem *item)
{
    return item->is_changed || item->is_sent;
}

/* A database has no empty comment: nothing and "" are the same. */
static bool same_comment(const char *a, const char *b)
{
    return text_equal(a ? a : "", b ? b : "");
}

bool review_item_changed_since(const ReviewItem *item)
{
    return item->today == REVIEW_TODAY_THERE &&
           !same_comment(item->today_text, review_item_text(item, "base_text")) &&
           !same_comment(item->today_text, item->shown.text);
}

bool review_item_conflict(const ReviewItem *item)
{
    size_t index;
    const json_t *other;
    bool conflict = item->today == REVIEW_TODAY_MISSING || review_item_changed_since(item);
    json_array_foreach(item->others, index, other)
    {
        conflict = conflict || !same_comment(json_string_value(json_object_get(other, "chosen_text")),
                                             review_item_outcome(item));
    }
    return conflict;
}
