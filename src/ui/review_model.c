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
        if (model->items[model->rows[i]].id == result) {
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
            memory_grow((void **)&model->rows, count, &model->row_capacity, sizeof *model->rows);
            model->rows[count++] = i;
        }
    }
    select_resize(&model->select, count, 1);
    select_result(model, selected);
}

void review_model_filter(ReviewModel *model, const char *filter)
{
    const ReviewItem *selected = review_model_selected(model);
    char *named =
        review_filter_name_table(filter, selected ? review_item_text(selected, REVIEW_TABLE) : NULL);
    free(model->filter);
    model->filter = named;
    char *folded = match_fold(named);
    for (size_t i = 0; i < model->count; i++) {
        model->items[i].in_sight = review_filter_applies(&model->items[i], folded);
    }
    free(folded);
    show_matches(model, selected ? selected->id : 0);
}

ReviewItem *review_model_selected(const ReviewModel *model)
{
    return model->select.count ? &model->items[model->rows[model->select.selected]] : NULL;
}

/* Where the result is, or would be. */
static size_t place_of(const ReviewModel *model, long long result)
{
    size_t low = 0;
    size_t high = model->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (model->items[middle].id < result) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

ReviewItem *review_model_find(const ReviewModel *model, long long result)
{
    size_t place = place_of(model, result);
    return place < model->count && model->items[place].id == result ? &model->items[place] : NULL;
}

/* --- what is known --- */

void review_model_begin_read(ReviewModel *model)
{
    model->reads++;
}

/* A page comes in the order of the ids, nearly always behind all that is known: nothing moves then. */
static ReviewItem *insert(ReviewModel *model, long long result)
{
    size_t place = place_of(model, result);
    memory_grow((void **)&model->items, model->count, &model->capacity, sizeof *model->items);
    memmove(&model->items[place + 1], &model->items[place], (model->count - place) * sizeof *model->items);
    model->count++;
    model->items[place] = (ReviewItem){0};
    return &model->items[place];
}

/* A row that was read before or while a decision was written knows nothing of it. */
static void take_row(ReviewModel *model, const json_t *row, const char *folded)
{
    long long result = json_integer_value(json_object_get(row, "local_id"));
    ReviewItem *item = review_model_find(model, result);
    bool is_new = !item;
    item = item ? item : insert(model, result);
    review_item_take(item, row);
    if (is_new || (!review_item_pending(item) && item->touched != model->reads)) {
        ReviewMark decided = review_item_decided(item, row);
        review_mark_copy(&item->shown, &decided);
        review_mark_copy(&item->kept, &decided);
        free(decided.text);
    }
    if (is_new) {
        item->in_sight = review_filter_applies(item, folded);
    }
}

void review_model_take(ReviewModel *model, const Report *drafts)
{
    const ReviewItem *selected = review_model_selected(model);
    long long result = selected ? selected->id : 0;
    size_t index;
    const json_t *row;
    model->filter = model->filter ? model->filter : memory_string("");
    char *folded = match_fold(model->filter);
    json_array_foreach(drafts->items, index, row)
    {
        take_row(model, row, folded);
        model->run = json_integer_value(json_object_get(row, "run_id"));
    }
    free(folded);
    model->counted = false;
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

void review_model_forget_today(ReviewModel *model)
{
    model->counted = false;
    for (size_t i = 0; i < model->count; i++) {
        ReviewItem *item = &model->items[i];
        free(item->today_text);
        item->today_text = NULL;
        item->today = REVIEW_TODAY_UNKNOWN;
    }
}

void review_model_forget_choices(ReviewModel *model)
{
    model->counted = false;
    for (size_t i = 0; i < model->count; i++) {
        review_item_forget_others(&model->items[i]);
    }
}

void review_model_take_choices(ReviewModel *model, const Report *choices)
{
    size_t index;
    const json_t *row;
    review_model_forget_choices(model);
    json_array_foreach(choices->items, index, row)
    {
        ReviewItem *item = review_model_find(model, json_integer_value(json_object_get(row, "result")));
        if (item) {
            review_item_add_other(item, row);
        }
    }
}

static void free_step(ReviewStep *step)
{
    free(step->before.text);
    free(step->after.text);
}

void review_model_free(ReviewModel *model)
{
    for (size_t i = 0; i < model->count; i++) {
        review_item_free(&model->items[i]);
    }
    free(model->items);
    free(model->rows);
    for (size_t i = 0; i < model->step_count; i++) {
        free_step(&model->steps[i]);
    }
    free(model->steps);
    free(model->filter);
    *model = (ReviewModel){0};
}

size_t review_model_applied(const ReviewModel *model)
{
    size_t count = 0;
    for (size_t i = 0; i < model->count; i++) {
        count += review_item_text(&model->items[i], REVIEW_APPLIED_AT) != NULL;
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
        counts.low += item->is_low;
        counts.conflict += review_item_conflict(item);
        counts.undecided += item->shown.verdict == REVIEW_UNDECIDE;
        counts.pending += review_item_pending(item);
        review_item_cover(item, &counts.coverage);
    }
    model->counts = counts;
    model->counted = true;
    return counts;
}

/* --- decisions --- */

/* What is back to what history.db has needs no writing, unless something else is on its way there. */
static void show_mark(ReviewItem *item, const ReviewMark *mark)
{
    review_mark_copy(&item->shown, mark);
    item->is_changed = !review_mark_same(&item->shown, item->is_sent ? &item->sent : &item->kept);
}

static bool decide(ReviewModel *model, ReviewItem *item, ReviewVerdict verdict, const char *text)
{
    ReviewMark wanted = review_item_mark(item, verdict, text);
    bool changes = !review_mark_same(&wanted, &item->shown);
    model->counted = false;
    if (changes) {
        memory_grow((void **)&model->steps, model->step_count, &model->step_capacity, sizeof *model->steps);
        ReviewStep *step = &model->steps[model->step_count++];
        *step = (ReviewStep){.result = item->id, .group = model->group};
        review_mark_copy(&step->before, &item->shown);
        review_mark_copy(&step->after, &wanted);
        show_mark(item, &wanted);
        item->touched = model->reads;
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

size_t review_model_replacing(const ReviewModel *model)
{
    size_t count = 0;
    for (size_t i = 0; i < model->select.count; i++) {
        const ReviewItem *item = &model->items[model->rows[i]];
        count += is_acceptable(item) && review_item_replaces(item, review_item_alternative(item, 1));
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

/* False when it is back already: the decision could not be written. */
static bool undo_step(ReviewModel *model, const ReviewStep *step, ReviewUndone *undone)
{
    ReviewItem *item = review_model_find(model, step->result);
    if (!item || review_item_reads_alike(item, &item->shown, &step->before)) {
        return false;
    }
    if (review_item_reads_alike(item, &item->shown, &step->after)) {
        show_mark(item, &step->before);
        item->touched = model->reads;
        undone->count++;
    } else {
        undone->changed++;
    }
    return true;
}

ReviewUndone review_model_undo(ReviewModel *model)
{
    ReviewUndone undone = {0};
    unsigned group = 0;
    long long last = 0;
    model->counted = false;
    /* A decision that could not be written is back already: go on to one that was. */
    while (model->step_count > 0 && (last == 0 || model->steps[model->step_count - 1].group == group)) {
        ReviewStep *step = &model->steps[--model->step_count];
        if (undo_step(model, step, &undone)) {
            last = step->result;
            group = step->group;
        }
        free_step(step);
    }
    select_result(model, last);
    return undone;
}

/* --- writing them --- */

/* The line for decisions that are all the same says it once. */
static bool is_uniform(const ReviewModel *model, const ReviewItem *first)
{
    for (size_t i = 0; i < model->count; i++) {
        const ReviewItem *item = &model->items[i];
        if (item->is_sent && !review_mark_same(&item->sent, &first->sent)) {
            return false;
        }
    }
    return true;
}

/* "7,9-12": a range has no number that is no result under way. */
static void add_ids(const ReviewModel *model, Text *line)
{
    const char *comma = "";
    for (size_t i = 0; i < model->count; i++) {
        size_t end = i;
        while (end < model->count && model->items[end].is_sent &&
               model->items[end].id == model->items[i].id + (long long)(end - i)) {
            end++;
        }
        if (end == i) {
            continue;
        }
        text_addf(line, "%s%lld", comma, model->items[i].id);
        if (end > i + 1) {
            text_addf(line, "-%lld", model->items[end - 1].id);
        }
        comma = ",";
        i = end - 1;
    }
}

static char *line_of_same(const ReviewModel *model, const ReviewMark *mark)
{
    Text line = {0};
    text_addf(&line, "review %lld --result ", model->run);
    add_ids(model, &line);
    if (mark->choice > 0) {
        text_addf(&line, " --choose %u", mark->choice);
    } else if (mark->text) {
        text_add(&line, " --text ");
        quote_add(&line, mark->text);
    } else {
        text_add(&line, mark->verdict == REVIEW_SKIP ? " --skip" : " --undecide");
    }
    return text_take(&line);
}

static json_t *decision_json(const ReviewItem *item)
{
    static const char *const names[] = {[REVIEW_ACCEPT] = "accept",
                                        [REVIEW_EDIT] = "edit",
                                        [REVIEW_SKIP] = "skip",
                                        [REVIEW_UNDECIDE] = "undecide"};
    json_t *line = json_object();
    const ReviewMark *mark = &item->sent;
    row_int(line, "result", item->id);
    row_text(line, "decision", names[mark->text ? REVIEW_EDIT : mark->verdict]);
    if (mark->text) {
        row_text(line, "text", mark->text);
    } else if (mark->choice > 0) {
        row_int(line, "choice", mark->choice);
    }
    return line;
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
    const ReviewItem *last = NULL;
    for (size_t i = 0; i < model->count; i++) {
        if (model->items[i].is_sent) {
            return NULL;
        }
    }
    for (size_t i = 0; i < model->count; i++) {
        ReviewItem *item = &model->items[i];
        if (item->is_changed) {
            review_mark_copy(&item->sent, &item->shown);
            item->is_changed = false;
            item->is_sent = true;
            last = item;
        }
    }
    return !last ? NULL : is_uniform(model, last) ? line_of_same(model, &last->sent) : line_of_many(model);
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
        item->touched = model->reads;
        if (done) {
            review_mark_copy(&item->kept, &item->sent);
        }
        if (item->is_changed || !done) {
            show_mark(item, item->is_changed ? &item->shown : &item->kept);
        }
    }
}
