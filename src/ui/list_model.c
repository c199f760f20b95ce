#include "list_model.h"

#include <stdint.h>
#include <unicase.h>
#include <uninorm.h>
#include <unistr.h>

#include "memory.h"
#include "text.h"

/* Case-folded, so that any case finds any case; owned by the caller. */
static char *folded(const char *text)
{
    size_t length = 0;
    uint8_t *fold = u8_casefold((const uint8_t *)text, u8_strlen((const uint8_t *)text), NULL, UNINORM_NFC,
                                NULL, &length);
    char *result = fold ? memory_string_n((const char *)fold, length) : memory_string(text);
    free(fold);
    return result;
}

static bool row_matches(const Table *table, size_t row, const char *needle)
{
    bool found = !*needle;
    for (size_t i = 0; i < table->columns && !found; i++) {
        char *cell = folded(table->cells[row * table->columns + i]);
        found = u8_strstr((const uint8_t *)cell, (const uint8_t *)needle) != NULL;
        free(cell);
    }
    return found;
}

static bool same_member(const json_t *a, const json_t *b, const char *key)
{
    const json_t *left = json_object_get(a, key);
    const json_t *right = json_object_get(b, key);
    return left && right ? json_equal(left, right) : left == right;
}

static bool same_row(const json_t *a, const json_t *b)
{
    bool named = json_object_get(a, "local_id") || json_object_get(a, "key");
    return named && same_member(a, b, "local_id") && same_member(a, b, "origin_id") &&
           same_member(a, b, "table") && same_member(a, b, "key");
}

static void show_matches(ListModel *model)
{
    char *needle = folded(model->filter);
    size_t count = 0;
    for (size_t row = 0; row < model->table.rows; row++) {
        if (row_matches(&model->table, row, needle)) {
            model->rows[count++] = row;
        }
    }
    free(needle);
    select_resize(&model->select, count, model->select.height);
}

static void select_same(ListModel *model, const json_t *wanted)
{
    for (size_t i = 0; wanted && i < model->select.count; i++) {
        if (same_row(wanted, json_array_get(model->report.items, model->rows[i]))) {
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
