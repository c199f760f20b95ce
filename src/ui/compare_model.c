#include "compare_model.h"

#include <string.h>

#include "cells.h"
#include "memory.h"
#include "text.h"

/* Of a text: thousands of pairs are laid out at once. */
#define MOST_BYTES 2048

static const char *member(const json_t *row, const char *key)
{
    const char *text = json_string_value(json_object_get(row, key));
    return text ? text : "";
}

/* By what it is about. */
static void select_object(CompareModel *model, const char *object)
{
    for (size_t i = 0; object && i < model->select.count; i++) {
        if (text_equal(member(model->pairs[i], "object"), object)) {
            select_to(&model->select, i);
            return;
        }
    }
}

static void show_pairs(CompareModel *model)
{
    size_t count = model->only ? model->different : model->count;
    select_resize(&model->select, count, count);
}

void compare_model_take(CompareModel *model, Report *report)
{
    static const char *const order[] = {"changed", "only A", "only B", "same"};
    size_t index;
    json_t *row;
    const json_t *selected = compare_model_selected(model);
    char *object = selected ? memory_string(member(selected, "object")) : NULL;
    size_t top = model->top;
    bool only = model->only;
    compare_model_free(model);
    model->top = top;
    model->only = only;
    model->report = *report;
    *report = (Report){0};
    size_t rows = json_array_size(model->report.items);
    model->pairs = memory_zero(rows, sizeof(json_t *));
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        json_array_foreach(model->report.items, index, row)
        {
            if (text_equal(member(row, "change"), order[i])) {
                model->pairs[model->count++] = row;
                model->different += !text_equal(order[i], "same");
            }
        }
    }
    show_pairs(model);
    select_object(model, object);
    free(object);
}

static void add_line(CompareModel *model, CompareLine line)
{
    memory_grow((void **)&model->lines, model->line_count, &model->line_capacity, sizeof *model->lines);
    model->lines[model->line_count++] = line;
}

/* "accepted, high", or "-" where the run has nothing. */
static char *standing(const json_t *row, const char *state, const char *level)
{
    return *member(row, state) ? text_format("%s, %s", member(row, state), member(row, level))
                               : memory_string("-");
}

static void add_head(CompareModel *model, size_t pair)
{
    const json_t *row = model->pairs[pair];
    char *a = standing(row, "a_state", "a_level");
    char *b = standing(row, "b_state", "b_level");
    char *object = text_visible(member(row, "object"));
    add_line(model, (CompareLine){.pair = pair,
                                  .head = true,
                                  .left = text_format("%-7s  %s   A: %s   B: %s", member(row, "change"),
                                                      object, a, b)});
    free(object);
    free(b);
    free(a);
}

static char **wrapped(const json_t *row, const char *key, int width, size_t *count)
{
    const char *text = member(row, key);
    bool cut = strnlen(text, MOST_BYTES + 1) > MOST_BYTES;
    char *start = cut ? memory_string_n(text, MOST_BYTES) : memory_string(text);
    char *visible = text_visible_lines(start);
    char *shown =
        cut ? text_format("%s\n.. (longer: Enter shows all of it)", visible) : memory_string(visible);
    char **lines = cells_wrap(shown, width, count);
    free(shown);
    free(visible);
    free(start);
    return lines;
}

static void add_texts(CompareModel *model, size_t pair, int width)
{
    size_t left_count = 0;
    size_t right_count = 0;
    char **left = wrapped(model->pairs[pair], "a_text", width, &left_count);
    char **right = wrapped(model->pairs[pair], "b_text", width, &right_count);
    for (size_t i = 0; i < left_count || i < right_count; i++) {
        add_line(model, (CompareLine){.pair = pair,
                                      .left = memory_string(i < left_count ? left[i] : ""),
                                      .right = memory_string(i < right_count ? right[i] : "")});
    }
    cells_free_lines(left);
    cells_free_lines(right);
}

static void free_lines(CompareModel *model)
{
    for (size_t i = 0; i < model->line_count; i++) {
        free(model->lines[i].left);
        free(model->lines[i].right);
    }
    model->line_count = 0;
}

void compare_model_layout(CompareModel *model, int width)
{
    if (model->laid_out && model->width == width) {
        return;
    }
    free_lines(model);
    model->width = width;
    model->laid_out = true;
    for (size_t pair = 0; pair < model->select.count; pair++) {
        add_head(model, pair);
        add_texts(model, pair, width);
    }
}

void compare_model_only(CompareModel *model, bool only)
{
    model->only = only;
    model->laid_out = false;
    show_pairs(model);
}

/* They come first. */
bool compare_model_step(CompareModel *model, bool forward)
{
    size_t from = model->select.selected;
    if (forward ? from + 1 >= model->different : from == 0 || model->different == 0) {
        return false;
    }
    select_to(&model->select, forward ? from + 1 : from > model->different ? model->different - 1 : from - 1);
    return true;
}

void compare_model_scroll(CompareModel *model, size_t height)
{
    size_t first = 0;
    size_t end = 0;
    for (size_t i = 0; i < model->line_count; i++) {
        if (model->lines[i].pair == model->select.selected) {
            first = model->lines[i].head ? i : first;
            end = i + 1;
        }
    }
    if (end > model->top + height) {
        model->top = end - height;
    }
    if (first < model->top) {
        model->top = first;
    }
    size_t last = model->line_count > height ? model->line_count - height : 0;
    model->top = model->top > last ? last : model->top;
}

void compare_model_page(CompareModel *model, long lines)
{
    long pairs = (long)model->select.count;
    long all = (long)model->line_count;
    long by = all > 0 ? lines * pairs / all : 0;
    select_move(&model->select, by != 0 ? by : lines > 0 ? 1 : -1);
}

json_t *compare_model_selected(const CompareModel *model)
{
    return model->select.count > 0 ? model->pairs[model->select.selected] : NULL;
}

void compare_model_free(CompareModel *model)
{
    free_lines(model);
    free(model->lines);
    free(model->pairs);
    report_free(&model->report);
    *model = (CompareModel){0};
}
