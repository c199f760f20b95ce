/* Rows of the synced tables as report rows: the same for one's own and the team's. */
#ifndef AMX_CORE_RECORD_REPORT_H
#define AMX_CORE_RECORD_REPORT_H

#include "record.h"
#include "report.h"

/* Adds every column of the declaration but the bookkeeping ones (born_origin, row_version, deleted_at) to the
 * row, by its own name and type, and who = "created_by@hostname". */
void record_to_row(json_t *row, const SyncedTable *table, const Value *values);

/* Collects rows into a list report; a RecordEach whose context is a RecordCollector. */
typedef struct RecordCollector {
    Report *report;
    int count;
    int64_t last_id;
    void (*more)(void *context, json_t *row, const SyncedTable *table, const Value *values); /* or NULL */
    void *context;
} RecordCollector;
void record_collect(void *collector, const SyncedTable *table, const Value *values);

#endif
