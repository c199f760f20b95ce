#include "review_model.h"

#include <string.h>

#include "match.h"
#include "memory.h"
#include "quote.h"
#include "review_filter.h"
#include "text.h"

/* --- what is shown --- */

static void select_result(ReviewModel *model, long long result)
{
    for (size_t i = 0; i < model->select.count; i++) {
        if (review_item_id(&model->items[model->rows[i]]) == result) {
            select_to(&model->select, i);
            return;
        }
    }
}

static void show_matches(ReviewModel *model, long long selected)
{
    size_t count = 0;
    for (size_t i = 0; i < model->count; i++) {
        if (model->items[i].in_sight) {
            model->rows[count++] = i;
        }
    }
    select_resize(&model->select, count, 1);
    select_result(model, selected);
}

void review_model_filter(ReviewModel *model, const char *filter)
{
    const ReviewItem *selected = review_model_selected(model);
    char *named = review_filter_name_table(filter, selected);
    free(model->filter);
    model->filter = named;
    char *folded = match_fold(named);
    for (size_t i = 0; i < model->count; i++) {
        model->items[i].in_sight = review_filter_applies(&model->items[i], folded);
    }
    free(folded);
    show_matches(model, selected ? review_item_id(selected) : 0);
}

ReviewItem *review_model_selected(const ReviewModel *model)
{
    return model->select.count ? &model->items[model->rows[model->select.selected]] : NULL;
}

/* Results come in the order of their ids. */
ReviewItem *review_model_find(const ReviewModel *model, long long result)
{
    size_t low = 0;
    size_t high = model->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (review_item_id(&model->items[middle]) < result) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < model->count && review_item_id(&model->items[low]) == result ? &model->items[low] : NULL;
}

/* --- what is known --- */

static void free_items(ReviewItem *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        ReviewItem *item = &items[i];
        free(item->shown.text);
        free(item->sent.text);
        free(item->kept.text);
        free(item->today_text);
        json_decref(item->others);
    }
    free(items);
}

/* What the drafts don't tell goes over to the same result read anew. */
static void hand_over(ReviewItem *from, ReviewItem *to)
{
    to->in_sight = from->in_sight;
    to->today = from->today;
    to->today_text = from->today_text;
    to->others = from->others;
    from->today_text = NULL;
    from->others = NULL;
}

void review_model_take(ReviewModel *model, Report *drafts)
{
    const ReviewItem *selected = review_model_selected(model);
    long long result = selected ? review_item_id(selected) : 0;
    size_t index;
    json_t *row;
    size_t count = json_array_size(drafts->items);
    ReviewItem *items = memory_zero(count, sizeof *items);
    model->filter = model->filter ? model->filter : memory_string("");
    char *folded = match_fold(model->filter);
    json_array_foreach(drafts->items, index, row)
    {
        ReviewItem *item = &items[index];
        *item = (ReviewItem){.row = row, .shown = review_mark_of(row), .kept = review_mark_of(row)};
        ReviewItem *before = review_model_find(model, review_item_id(item));
        if (before) {
            hand_over(before, item);
        } else {
            item->in_sight = review_filter_applies(item, folded);
        }
        model->run = json_integer_value(json_object_get(row, "run_id"));
    }
    free(folded);
    free_items(model->items, model->count);
    free(model->rows);
    report_free(&model->drafts);
    model->drafts = *drafts;
    *drafts = (Report){0};
    model->items = items;
    model->count = count;
    model->counted = false;
    model->rows = memory_zero(count, sizeof *model->rows);
    show_matches(model, result);
}

void review_model_take_today(ReviewModel *model, const Report *drafts)
{
    size_t index;
    const json_t *row;
    model->counted = false;
    json_array_foreach(drafts->items, index, row)
    {
        ReviewItem *item = review_model_find(model, json_integer_value(json_object_get(row, "local_id")));
        if (item) {
            bool missing = text_equal(json_string_value(json_object_get(row, "today")), "missing");
            free(item->today_text);
            item->today = missing ? REVIEW_TODAY_MISSING : REVIEW_TODAY_THERE;
            item->today_text = memory_string(json_string_value(json_object_get(row, "today_text")));
        }
    }
}

static const char *decided_at(const json_t *choice)
{
    const char *at = json_string_value(json_object_get(choice, "evaluated_at"));
    return at ? at : "";
}

/* Newest first; of one teammate only the newest choice counts. */
static void add_choice(json_t *others, json_t *choice)
{
    size_t index;
    const json_t *other;
    size_t place = json_array_size(others);
    json_array_foreach(others, index, other)
    {
        bool newer = strcmp(decided_at(choice), decided_at(other)) > 0;
        place = newer && place > index ? index : place;
        if (json_equal(json_object_get(other, "who"), json_object_get(choice, "who"))) {
            if (!newer) {
                return;
            }
            json_array_remove(others, index);
            break;
        }
    }
    json_array_insert(others, place, choice);
}

void review_model_take_choices(ReviewModel *model, const Report *choices)
{
    size_t index;
    json_t *row;
    model->counted = false;
    for (size_t i = 0; i < model->count; i++) {
        json_decref(model->items[i].others);
        model->items[i].others = NULL;
    }
    json_array_foreach(choices->items, index, row)
    {
        ReviewItem *item = review_model_find(model, json_integer_value(json_object_get(row, "result")));
        if (item) {
            item->others = item->others ? item->others : json_array();
            add_choice(item->others, row);
        }
    }
}

static void free_step(ReviewStep *step)
{
    free(step->before.text);
}

void review_model_free(ReviewModel *model)
{
    free_items(model->items, model->count);
    free(model->rows);
    for (size_t i = 0; i < model->step_count; i++) {
        free_step(&model->steps[i]);
    }
    free(model->steps);
    free(model->filter);
    report_free(&model->drafts);
    *model = (ReviewModel){0};
}

size_t review_model_applied(const ReviewModel *model)
{
    size_t count = 0;
    for (size_t i = 0; i < model->count; i++) {
        count += review_item_text(&model->items[i], "applied_at") != NULL;
    }
    return count;
}

/* Asked for in every frame. */
ReviewCounts review_model_counts(ReviewModel *model)
{
    if (model->counted) {
        return model->counts;
    }
    ReviewCounts counts = {0};
    for (size_t i = 0; i < model->count; i++) {
        const ReviewItem *item = &model->items[i];
        counts.low += review_item_has_level(item, "low");
        counts.conflict += review_item_conflict(item);
        counts.undecided += item->shown.verdict == REVIEW_UNDECIDE;
        counts.pending += review_item_pending(item);
    }
    model->counts = counts;
    model->counted = true;
    return counts;
}

/* --- decisions --- */

/* What is back to what history.db has needs no writing, unless something else is on its way there. */
static void show_mark(ReviewItem *item, ReviewVerdict verdict, const char *text)
{
    review_mark_set(&item->shown, verdict, text);
    item->is_changed = !review_mark_same(&item->shown, item->is_sent ? &item->sent : &item->kept);
}

static bool decide(ReviewModel *model, ReviewItem *item, ReviewVerdict verdict, const char *text)
{
    ReviewMark wanted = {verdict, memory_string(text)};
    bool changes = !review_mark_same(&wanted, &item->shown);
    model->counted = false;
    if (changes) {
        memory_grow((void **)&model->steps, model->step_count, &model->step_capacity, sizeof *model->steps);
        ReviewStep *step = &model->steps[model->step_count++];
        *step = (ReviewStep){.result = review_item_id(item), .group = model->group};
        review_mark_copy(&step->before, &item->shown);
        show_mark(item, wanted.verdict, wanted.text);
    }
    free(wanted.text);
    return changes;
}

void review_model_decide(ReviewModel *model, ReviewItem *item, ReviewVerdict verdict, const char *text)
{
    model->group++;
    decide(model, item, verdict, text);
}

static bool is_acceptable(const ReviewItem *item)
{
    return item->shown.verdict == REVIEW_UNDECIDE && !text_is_empty(review_item_alternative(item, 1));
}

size_t review_model_acceptable(const ReviewModel *model)
{
    size_t count = 0;
    for (size_t i = 0; i < model->select.count; i++) {
        count += is_acceptable(&model->items[model->rows[i]]);
    }
    return count;
}

size_t review_model_accept_shown(ReviewModel *model)
{
    size_t count = 0;
    model->group++;
    for (size_t i = 0; i < model->select.count; i++) {
        ReviewItem *item = &model->items[model->rows[i]];
        count += is_acceptable(item) && decide(model, item, REVIEW_ACCEPT, review_item_alternative(item, 1));
    }
    return count;
}

size_t review_model_undo(ReviewModel *model)
{
    size_t count = 0;
    unsigned group = 0;
    model->counted = false;
    /* A decision that could not be written is back already: go on to one that stands. */
    while (model->step_count > 0 && (count == 0 || model->steps[model->step_count - 1].group == group)) {
        ReviewStep *step = &model->steps[--model->step_count];
        ReviewItem *item = review_model_find(model, step->result);
        if (item && !review_mark_same(&item->shown, &step->before)) {
            show_mark(item, step->before.verdict, step->before.text);
            select_result(model, step->result);
            group = step->group;
            count++;
        }
        free_step(step);
    }
    return count;
}

/* --- writing them --- */

static json_t *decision_json(const ReviewItem *item)
{
    static const char *const names[] = {[REVIEW_ACCEPT] = "accept",
                                        [REVIEW_EDIT] = "edit",
                                        [REVIEW_SKIP] = "skip",
                                        [REVIEW_UNDECIDE] = "undecide"};
    json_t *line = json_object();
    size_t choice = review_item_choice_of(item, &item->sent);
    bool edited = item->sent.text && choice == 0;
    row_int(line, "result", review_item_id(item));
    row_text(line, "decision", names[edited ? REVIEW_EDIT : item->sent.verdict]);
    if (edited) {
        row_text(line, "text", item->sent.text);
    } else if (choice > 0) {
        row_int(line, "choice", (long long)choice);
    }
    return line;
}

static char *line_of_one(const ReviewModel *model, const ReviewItem *item)
{
    Text line = {0};
    size_t choice = review_item_choice_of(item, &item->sent);
    text_addf(&line, "review %lld --result %lld ", model->run, review_item_id(item));
    if (choice > 0) {
        text_addf(&line, "--choose %zu", choice);
    } else if (item->sent.text) {
        text_add(&line, "--text ");
        quote_add(&line, item->sent.text);
    } else {
        text_add(&line, item->sent.verdict == REVIEW_SKIP ? "--skip" : "--undecide");
    }
    return text_take(&line);
}

static char *line_of_many(const ReviewModel *model)
{
    Text line = {0};
    Text decisions = {0};
    for (size_t i = 0; i < model->count; i++) {
        if (model->items[i].is_sent) {
            json_t *decision = decision_json(&model->items[i]);
            char *json = json_dumps(decision, JSON_COMPACT);
            text_addf(&decisions, "%s\n", json);
            free(json);
            json_decref(decision);
        }
    }
    text_addf(&line, "review %lld --decisions ", model->run);
    quote_add(&line, text_string(&decisions));
    text_free(&decisions);
    return text_take(&line);
}

char *review_model_send(ReviewModel *model)
{
    ReviewItem *last = NULL;
    size_t count = 0;
    for (size_t i = 0; i < model->count; i++) {
        if (model->items[i].is_sent) {
            return NULL;
        }
        count += model->items[i].is_changed;
    }
    for (size_t i = 0; i < model->count && count > 0; i++) {
        ReviewItem *item = &model->items[i];
        if (item->is_changed) {
            review_mark_copy(&item->sent, &item->shown);
            item->is_changed = false;
            item->is_sent = true;
            last = item;
        }
    }
    return count == 0 ? NULL : count == 1 ? line_of_one(model, last) : line_of_many(model);
}

void review_model_settle(ReviewModel *model, bool done)
{
    model->counted = false;
    for (size_t i = 0; i < model->count; i++) {
        ReviewItem *item = &model->items[i];
        if (!item->is_sent) {
            continue;
        }
        item->is_sent = false;
        if (done) {
            review_mark_copy(&item->kept, &item->sent);
        }
        if (item->is_changed || !done) {
            const ReviewMark *now = item->is_changed ? &item->shown : &item->kept;
            ReviewMark copy = {now->verdict, memory_string(now->text)};
            show_mark(item, copy.verdict, copy.text);
            free(copy.text);
        }
    }
}
