#include "run_results.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "object_name.h"
#include "record.h"
#include "text.h"

static void take_run(void *context, const SyncedTable *table, const Value *values)
{
    ResultList *list = context;
    list->scope = memory_string(record_text(table, values, "scope"));
    list->db_profile = memory_string(record_text(table, values, "db_profile"));
    list->fingerprint = memory_string(record_text(table, values, "fingerprint"));
    list->status = memory_string(record_text(table, values, "status"));
}

static char *first_of(const char *alternatives)
{
    json_t *array = alternatives ? json_loads(alternatives, 0, NULL) : NULL;
    char *first = memory_string(json_string_value(json_array_get(array, 0)));
    json_decref(array);
    return first;
}

static void take_result(void *context, const SyncedTable *table, const Value *values)
{
    ResultList *list = context;
    memory_grow((void **)&list->items, list->count, &list->capacity, sizeof *list->items);
    list->items[list->count++] = (ResultItem){
        .id = record_int(table, values, "local_id"),
        .schema = memory_string(record_text(table, values, "schema_name")),
        .table = memory_string(record_text(table, values, "table_name")),
        .column = memory_string(record_text(table, values, "column_name")),
        .kind = memory_string(record_text(table, values, "kind")),
        .type = memory_string(record_text(table, values, "data_type")),
        .base_text = memory_string(record_text(table, values, "base_text")),
        .alternatives = memory_string(record_text(table, values, "alternatives")),
        .first = first_of(record_text(table, values, "alternatives")),
        .confidence = record_real(table, values, "confidence"),
        .evaluation = memory_string(record_text(table, values, "evaluation")),
        .chosen_text = memory_string(record_text(table, values, "chosen_text")),
        .applied_at = memory_string(record_text(table, values, "applied_at")),
    };
}

/* `result_id` 0: all results. */
static bool load(Local *local, int64_t run_id, int64_t result_id, ResultList *out, Error *err)
{
    RecordFilter run = {.local_id = run_id, .limit = 1};
    RecordFilter results = {.parent = run_id, .local_id = result_id};
    *out = (ResultList){.run_id = run_id};
    if (local && !record_list(local, &synced_tables[SYNCED_RUNS], &run, take_run, out, err)) {
        return false;
    }
    if (!out->fingerprint) {
        error_set(err, ERROR_NOT_FOUND, "there is no run %lld", (long long)run_id);
        return error_hint(err, "list what there is with: amx history list");
    }
    return record_list(local, &synced_tables[SYNCED_RUN_RESULTS], &results, take_result, out, err);
}

bool result_list_load(Local *local, int64_t run_id, ResultList *out, Error *err)
{
    return load(local, run_id, 0, out, err);
}

bool result_list_load_one(Local *local, int64_t run_id, int64_t result_id, ResultList *out, Error *err)
{
    return load(local, run_id, result_id, out, err);
}

void result_list_free(ResultList *list)
{
    for (size_t i = 0; i < list->count; i++) {
        ResultItem *item = &list->items[i];
        free(item->schema);
        free(item->table);
        free(item->column);
        free(item->kind);
        free(item->type);
        free(item->base_text);
        free(item->first);
        free(item->alternatives);
        free(item->evaluation);
        free(item->chosen_text);
        free(item->applied_at);
    }
    free(list->items);
    free(list->by_name);
    free(list->scope);
    free(list->db_profile);
    free(list->fingerprint);
    free(list->status);
    *list = (ResultList){0};
}

const ResultItem *result_list_find(const ResultList *list, int64_t id)
{
    /* ids come in order */
    size_t low = 0;
    size_t high = list->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (list->items[middle].id < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < list->count && list->items[low].id == id ? &list->items[low] : NULL;
}

/* A table comes before its columns; alike in different schemas stand together. */
static int compare_names(const ResultItem *item, const char *table, const char *column)
{
    int order = strcmp(item->table, table);
    return order ? order : strcmp(item->column ? item->column : "", column ? column : "");
}

static int compare_items(const void *a, const void *b)
{
    const ResultItem *const *left = a;
    const ResultItem *const *right = b;
    int order = compare_names(*left, (*right)->table, (*right)->column);
    return order ? order : strcmp((*left)->schema, (*right)->schema);
}

static void sort_by_name(ResultList *list)
{
    list->by_name = memory_zero(list->count + 1, sizeof(ResultItem *));
    for (size_t i = 0; i < list->count; i++) {
        list->by_name[i] = &list->items[i];
    }
    qsort(list->by_name, list->count, sizeof(ResultItem *), compare_items);
}

/* The place of the first that has these names, or would stand behind them. */
static size_t first_named(const ResultList *list, const char *table, const char *column)
{
    size_t low = 0;
    size_t high = list->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_names(list->by_name[middle], table, column) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool is_ambiguous(const ResultItem *one, const ResultItem *other, Error *err)
{
    char *first = object_name(one->schema, one->table, one->column);
    char *second = object_name(other->schema, other->table, other->column);
    error_set(err, ERROR_USAGE, "that is both %s and %s in this run; say the schema", first, second);
    free(first);
    free(second);
    return false;
}

bool result_list_find_named(ResultList *list, const char *schema, const char *table, const char *column,
                            const ResultItem **out, Error *err)
{
    *out = NULL;
    if (!list->by_name) {
        sort_by_name(list);
    }
    for (size_t i = first_named(list, table, column);
         i < list->count && compare_names(list->by_name[i], table, column) == 0; i++) {
        const ResultItem *item = list->by_name[i];
        if (schema && strcmp(schema, item->schema) != 0) {
            continue;
        }
        if (*out) {
            return is_ambiguous(*out, item, err);
        }
        *out = item;
    }
    return true;
}
