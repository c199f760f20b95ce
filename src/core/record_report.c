#include "record_report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "drafter.h"
#include "object_name.h"
#include "text.h"

static bool is_bookkeeping(size_t column)
{
    return column == SYNCED_BORN_ORIGIN || column == SYNCED_ROW_VERSION || column == SYNCED_DELETED_AT;
}

void record_to_row(json_t *row, const SyncedTable *table, const Value *values)
{
    for (size_t i = 0; i < synced_width(table); i++) {
        const SyncedColumn *column = synced_column(table, i);
        if (is_bookkeeping(i)) {
            continue;
        }
        if (values[i].type == VALUE_NULL) {
            row_json(row, column->name, json_null());
        } else if (column->type == SYNCED_INT) {
            row_int(row, column->name, record_int(table, values, column->name));
        } else if (column->type == SYNCED_REAL) {
            row_real(row, column->name, record_real(table, values, column->name));
        } else if (column->type == SYNCED_JSON) {
            row_json_text(row, column->name, values[i].text);
        } else {
            row_text(row, column->name, values[i].text);
        }
    }
    char *who = text_format("%s@%s", record_text(table, values, "created_by"),
                            record_text(table, values, "hostname"));
    row_text(row, RECORD_WHO, who);
    free(who);
    if (synced_id(table) == SYNCED_SESSIONS) {
        row_int(row, RECORD_TURNS, record_int(table, values, RECORD_TURNS));
    } else if (synced_id(table) == SYNCED_RUNS) {
        row_text(row, RECORD_STATE, record_text(table, values, RECORD_STATE));
    }
}

char *record_object(const SyncedTable *table, const Value *values)
{
    return object_name(record_text(table, values, "schema_name"), record_text(table, values, "table_name"),
                       record_text(table, values, "column_name"));
}

void record_add_result(json_t *row, const SyncedTable *table, const Value *values)
{
    char *object = record_object(table, values);
    const char *chosen = record_text(table, values, "chosen_text");
    const json_t *first = json_array_get(json_object_get(row, "alternatives"), 0);
    row_text(row, "object", object);
    row_text(row, "level", draft_confidence_name(record_real(table, values, "confidence")));
    row_text(row, "state", record_result_state(table, values));
    row_text(row, "text", chosen ? chosen : json_string_value(first));
    free(object);
}

void record_collect(void *context, const SyncedTable *table, const Value *values)
{
    RecordCollector *collector = context;
    if (collector->page && !record_page_take(collector->page, values)) {
        return;
    }
    json_t *row = report_row(collector->report);
    record_to_row(row, table, values);
    if (collector->more && collector->trouble.kind == ERROR_NONE) {
        collector->more(collector->context, row, table, values, &collector->trouble);
    }
    collector->count++;
}

bool record_collected(const RecordCollector *collector, Error *err)
{
    if (collector->trouble.kind != ERROR_NONE) {
        *err = collector->trouble;
        return false;
    }
    if (collector->page) {
        record_page_end(collector->page, collector->report);
    }
    return true;
}

bool record_parse_time(const char *text, char out[CLOCK_TEXT_SIZE], Error *err)
{
    static const char *const forms[] = {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M",
                                        "%Y-%m-%d %H:%M", "%Y-%m-%d"};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct tm utc = {0};
        const char *end = strptime(text, forms[i], &utc);
        int milliseconds = 0;
        if (end && *end == '.') {
            char *after;
            milliseconds = (int)(strtod(end, &after) * 1000 + 0.5);
            end = after;
        }
        struct tm same = utc;
        if (end && (!*end || strcmp(end, "Z") == 0) && timegm(&same) != -1 && same.tm_mday == utc.tm_mday) {
            size_t used = strftime(out, CLOCK_TEXT_SIZE, "%Y-%m-%dT%H:%M:%S", &utc);
            snprintf(out + used, CLOCK_TEXT_SIZE - used, ".%03dZ", milliseconds % 1000);
            return true;
        }
    }
    error_set(err, ERROR_USAGE, "\"%s\" is no time", text);
    return error_hint(err, "write it as 2026-11-22 or 2026-11-22T14:00:00Z, in UTC");
}
