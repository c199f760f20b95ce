#include "record_report.h"

#include <stdlib.h>

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
    row_text(row, "who", who);
    free(who);
}

void record_collect(void *context, const SyncedTable *table, const Value *values)
{
    RecordCollector *collector = context;
    json_t *row = report_row(collector->report);
    record_to_row(row, table, values);
    if (collector->more) {
        collector->more(collector->context, row, table, values);
    }
    collector->count++;
    collector->last_id = record_int(table, values, "local_id");
}
