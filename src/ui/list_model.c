#include "list_model.h"

#include <string.h>

#include "display.h"
#include "match.h"
#include "memory.h"
#include "page_model.h"

static bool row_matches(const Table *table, size_t row, const char *needle)
{
    bool found = !*needle;
    for (size_t i = 0; i < table->columns && !found; i++) {
        char *cell = match_fold(table->cells[row * table->columns + i]);
        found = strstr(cell, needle) != NULL;
        free(cell);
    }
    return found;
}

static int compare_values(const json_t *a, const json_t *b)
{
    if (json_is_number(a) && json_is_number(b)) {
        double left = json_number_value(a);
        double right = json_number_value(b);
        return (left > right) - (left < right);
    }
    char *left = display_value(a, REPORT_TEXT);
    char *right = display_value(b, REPORT_TEXT);
    char *left_fold = match_fold(left);
    char *right_fold = match_fold(right);
    int order = strcmp(left_fold, right_fold);
    free(right_fold);
    free(left_fold);
    free(right);
    free(left);
    return order;
}

/* For qsort_r: rows of the table by the model's column; equal ones stay as they came. */
static int compare_rows(const void *a, const void *b, void *context)
{
    const ListModel *model = context;
    size_t left = *(const size_t *)a;
    size_t right = *(const size_t *)b;
    const json_t *left_value = json_object_get(json_array_get(model->report.items, left), model->sort);
    const json_t *right_value = json_object_get(json_array_get(model->report.items, right), model->sort);
    bool left_none = !left_value || json_is_null(left_value);
    bool right_none = !right_value || json_is_null(right_value);
    int order = left_none || right_none ? left_none - right_none : compare_values(left_value, right_value);
    if (order == 0) {
        return (left > right) - (left < right);
    }
    return model->descending && !left_none && !right_none ? -order : order;
}

static void show_matches(ListModel *model)
{
    char *needle = match_fold(model->filter);
    size_t count = 0;
    for (size_t row = 0; row < model->table.rows; row++) {
        if (model->applies ? model->applies(json_array_get(model->report.items, row), needle)
                           : row_matches(&model->table, row, needle)) {
            model->rows[count++] = row;
        }
    }
    free(needle);
    if (model->sort) {
        qsort_r(model->rows, count, sizeof *model->rows, compare_rows, model);
    }
    select_resize(&model->select, count, model->select.height);
}

static void select_same(ListModel *model, const json_t *wanted)
{
    for (size_t i = 0; wanted && i < model->select.count; i++) {
        if (page_same_row(wanted, json_array_get(model->report.items, model->rows[i]))) {
            select_to(&model->select, i);
            return;
        }
    }
}

void list_model_take(ListModel *model, Report *report)
{
    json_t *selected = json_incref(list_model_selected(model));
    table_close(&model->table);
    report_free(&model->report);
    model->report = *report;
    *report = (Report){0};
    table_open(&model->table, &model->report);
    model->filter = model->filter ? model->filter : memory_string("");
    model->rows = memory_resize(model->rows, model->table.rows, sizeof *model->rows);
    show_matches(model);
    select_same(model, selected);
    json_decref(selected);
}

void list_model_filter(ListModel *model, const char *filter)
{
    json_t *selected = json_incref(list_model_selected(model));
    free(model->filter);
    model->filter = memory_string(filter);
    show_matches(model);
    select_same(model, selected);
    json_decref(selected);
}

void list_model_sort(ListModel *model, const char *key, bool descending)
{
    json_t *selected = json_incref(list_model_selected(model));
    model->sort = key;
    model->descending = descending;
    show_matches(model);
    select_same(model, selected);
    json_decref(selected);
}

json_t *list_model_selected(const ListModel *model)
{
    if (model->select.count == 0) {
        return NULL;
    }
    return json_array_get(model->report.items, model->rows[model->select.selected]);
}

void list_model_free(ListModel *model)
{
    table_close(&model->table);
    report_free(&model->report);
    free(model->filter);
    free(model->rows);
    *model = (ListModel){0};
}
