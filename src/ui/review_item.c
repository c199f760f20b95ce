#include "review_item.h"

#include <stdlib.h>
#include <string.h>

#include "match.h"
#include "memory.h"
#include "text.h"

/* --- texts --- */

static const char *const keys[] = {
    [REVIEW_OBJECT] = "object",
    [REVIEW_TABLE] = "table_name",
    [REVIEW_KIND] = "kind",
    [REVIEW_TYPE] = "data_type",
    [REVIEW_LEVEL] = "level",
    [REVIEW_BASE] = "base_text",
    [REVIEW_APPLIED_AT] = "applied_at",
    [REVIEW_APPLY_ERROR] = "apply_error",
};

static void add_text(Text *texts, const char *text)
{
    text_add_n(texts, text ? text : "", text ? strlen(text) : 0);
    text_add_char(texts, '\0');
}

/* How many there are. */
static uint16_t add_list(Text *texts, const json_t *list)
{
    size_t count = json_array_size(list);
    count = count < UINT16_MAX ? count : UINT16_MAX;
    for (size_t i = 0; i < count; i++) {
        add_text(texts, json_string_value(json_array_get(list, i)));
    }
    return (uint16_t)count;
}

void review_item_take(ReviewItem *item, const json_t *row)
{
    Text texts = {0};
    uint16_t present = 0;
    for (size_t i = 0; i < REVIEW_TEXTS; i++) {
        const char *text = json_string_value(json_object_get(row, keys[i]));
        if (text) {
            present = (uint16_t)(present | 1u << i);
            add_text(&texts, text);
        }
    }
    item->id = json_integer_value(json_object_get(row, "local_id"));
    item->confidence = json_number_value(json_object_get(row, "confidence"));
    item->present = present;
    item->alternatives = add_list(&texts, json_object_get(row, "alternatives"));
    item->facts = add_list(&texts, json_object_get(row, "evidence"));
    free(item->texts);
    item->texts = memory_alloc(texts.length + 1);
    memcpy(item->texts, text_string(&texts), texts.length + 1);
    text_free(&texts);
    item->is_low = review_item_has_level(item, "low");
}

/* The text so many texts on. */
static const char *text_at(const ReviewItem *item, size_t place)
{
    const char *text = item->texts;
    while (place-- > 0) {
        text += strlen(text) + 1;
    }
    return text;
}

/* How many of the first `count` kinds of text are there. */
static size_t present_before(const ReviewItem *item, size_t count)
{
    size_t present = 0;
    for (size_t i = 0; i < count; i++) {
        present += (item->present >> i) & 1u;
    }
    return present;
}

const char *review_item_text(const ReviewItem *item, ReviewText text)
{
    bool there = (item->present >> text) & 1u;
    return there ? text_at(item, present_before(item, text)) : NULL;
}

const char *review_item_alternative(const ReviewItem *item, size_t number)
{
    bool there = number > 0 && number <= item->alternatives;
    return there ? text_at(item, present_before(item, REVIEW_TEXTS) + number - 1) : NULL;
}

const char *review_item_fact(const ReviewItem *item, size_t index)
{
    size_t before = present_before(item, REVIEW_TEXTS) + item->alternatives;
    return index < item->facts ? text_at(item, before + index) : NULL;
}

bool review_item_has_level(const ReviewItem *item, const char *level)
{
    return text_equal(review_item_text(item, REVIEW_LEVEL), level);
}

static bool holds(const char *text, const char *folded)
{
    return text && match_holds(text, folded);
}

/* Once along the texts, as they lie: a filter looks through all of a run at each key. */
bool review_item_holds(const ReviewItem *item, const char *folded)
{
    static const unsigned searched = 1u << REVIEW_OBJECT | 1u << REVIEW_TYPE | 1u << REVIEW_BASE;
    const char *text = item->texts;
    for (unsigned i = 0; i < REVIEW_TEXTS; i++) {
        unsigned bit = 1u << i;
        if (!(item->present & bit)) {
            continue;
        }
        if ((searched & bit) && holds(text, folded)) {
            return true;
        }
        text += strlen(text) + 1;
    }
    for (size_t i = 0; i < item->alternatives; i++) {
        if (holds(text, folded)) {
            return true;
        }
        text += strlen(text) + 1;
    }
    return holds(item->shown.text, folded) || holds(item->today_text, folded);
}

/* --- marks --- */

/* The number of the alternative that reads like this; 0 when none does. */
static unsigned choice_of(const ReviewItem *item, const char *text)
{
    for (unsigned i = 1; text && i <= item->alternatives; i++) {
        if (text_equal(review_item_alternative(item, i), text)) {
            return i;
        }
    }
    return 0;
}

ReviewMark review_item_mark(const ReviewItem *item, ReviewVerdict verdict, const char *text)
{
    unsigned choice = verdict == REVIEW_ACCEPT ? choice_of(item, text) : 0;
    return (ReviewMark){verdict, choice, choice ? NULL : memory_string(text)};
}

ReviewMark review_item_decided(const ReviewItem *item, const json_t *row)
{
    const char *evaluation = json_string_value(json_object_get(row, "evaluation"));
    const char *chosen = json_string_value(json_object_get(row, "chosen_text"));
    ReviewVerdict verdict = !evaluation                         ? REVIEW_UNDECIDE
                            : text_equal(evaluation, "skipped") ? REVIEW_SKIP
                            : text_equal(evaluation, "edited")  ? REVIEW_EDIT
                                                                : REVIEW_ACCEPT;
    bool has_text = verdict == REVIEW_ACCEPT || verdict == REVIEW_EDIT;
    return review_item_mark(item, verdict, has_text ? chosen : NULL);
}

void review_mark_copy(ReviewMark *to, const ReviewMark *from)
{
    ReviewMark copy = {from->verdict, from->choice, memory_string(from->text)};
    free(to->text);
    *to = copy;
}

bool review_mark_same(const ReviewMark *a, const ReviewMark *b)
{
    return a->verdict == b->verdict && a->choice == b->choice && text_equal(a->text, b->text);
}

const char *review_item_chosen(const ReviewItem *item, const ReviewMark *mark)
{
    return mark->choice ? review_item_alternative(item, mark->choice) : mark->text;
}

static bool has_text(const ReviewMark *mark)
{
    return mark->verdict == REVIEW_ACCEPT || mark->verdict == REVIEW_EDIT;
}

bool review_item_reads_alike(const ReviewItem *item, const ReviewMark *a, const ReviewMark *b)
{
    return has_text(a) && has_text(b) ? text_equal(review_item_chosen(item, a), review_item_chosen(item, b))
                                      : a->verdict == b->verdict;
}

const char *review_item_outcome(const ReviewItem *item)
{
    return item->shown.verdict == REVIEW_UNDECIDE ? review_item_alternative(item, 1)
                                                  : review_item_chosen(item, &item->shown);
}

bool review_item_pending(const ReviewItem *item)
{
    return item->is_changed || item->is_sent;
}

/* --- others --- */

static void free_other(ReviewOther *other)
{
    free(other->who);
    free(other->at);
    free(other->text);
    free(other);
}

static const char *member(const json_t *row, const char *key)
{
    const char *text = json_string_value(json_object_get(row, key));
    return text ? text : "";
}

/* False when there is a newer one; an older one goes. */
static bool replace_older(ReviewItem *item, const char *who, const char *at)
{
    for (ReviewOther **place = &item->others; *place; place = &(*place)->next) {
        ReviewOther *other = *place;
        if (text_equal(other->who, who)) {
            if (strcmp(at, other->at) <= 0) {
                return false;
            }
            *place = other->next;
            free_other(other);
            break;
        }
    }
    return true;
}

void review_item_add_other(ReviewItem *item, const json_t *row)
{
    const char *who = member(row, "who");
    const char *at = member(row, "evaluated_at");
    if (!replace_older(item, who, at)) {
        return;
    }
    ReviewOther **place = &item->others;
    while (*place && strcmp(at, (*place)->at) <= 0) {
        place = &(*place)->next;
    }
    ReviewOther *other = memory_zero(1, sizeof *other);
    *other = (ReviewOther){.next = *place,
                           .who = memory_string(who),
                           .at = memory_string(at),
                           .text = memory_string(member(row, "chosen_text"))};
    *place = other;
}

void review_item_forget_others(ReviewItem *item)
{
    while (item->others) {
        ReviewOther *other = item->others;
        item->others = other->next;
        free_other(other);
    }
}

void review_item_free(ReviewItem *item)
{
    review_item_forget_others(item);
    free(item->texts);
    free(item->shown.text);
    free(item->sent.text);
    free(item->kept.text);
    free(item->today_text);
    *item = (ReviewItem){0};
}

/* A database has no empty comment: nothing and "" are the same. */
static bool same_comment(const char *a, const char *b)
{
    return text_equal(a ? a : "", b ? b : "");
}

bool review_item_changed_since(const ReviewItem *item)
{
    return item->today == REVIEW_TODAY_THERE &&
           !same_comment(item->today_text, review_item_text(item, REVIEW_BASE)) &&
           !same_comment(item->today_text, review_item_chosen(item, &item->shown));
}

bool review_item_replaces(const ReviewItem *item, const char *text)
{
    const char *present = item->today == REVIEW_TODAY_THERE     ? item->today_text
                          : item->today == REVIEW_TODAY_MISSING ? NULL
                                                                : review_item_text(item, REVIEW_BASE);
    return !text_is_empty(present) && !text_equal(present, text);
}

bool review_item_conflict(const ReviewItem *item)
{
    bool conflict = item->today == REVIEW_TODAY_MISSING || review_item_changed_since(item);
    for (const ReviewOther *other = item->others; other && !conflict; other = other->next) {
        conflict = !same_comment(other->text, review_item_outcome(item));
    }
    return conflict;
}

/* What was applied is what the database said then, and says as far as anybody knows. */
void review_item_cover(const ReviewItem *item, Coverage *coverage)
{
    const char *chosen = review_item_chosen(item, &item->shown);
    bool applied = review_item_text(item, REVIEW_APPLIED_AT) && !review_item_pending(item);
    bool known = item->today == REVIEW_TODAY_THERE;
    if (item->today != REVIEW_TODAY_MISSING) {
        coverage_add(coverage,
                     known     ? item->today_text
                     : applied ? chosen
                               : review_item_text(item, REVIEW_BASE),
                     applied ? NULL : chosen);
    }
}
