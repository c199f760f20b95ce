/* Rows of the synced tables as report rows: the same for one's own and the team's. */
#ifndef AMX_CORE_RECORD_REPORT_H
#define AMX_CORE_RECORD_REPORT_H

#include "clock.h"
#include "record.h"
#include "record_page.h"
#include "report.h"

/* Adds every column of the declaration but the bookkeeping ones (born_origin, row_version, deleted_at) to the
 * row, by its own name and type, who = "created_by@hostname", a session's turns and a run's state. */
void record_to_row(json_t *row, const SyncedTable *table, const Value *values);

/* The name of what a run's result is about, as object_name writes it; owned by the caller. */
char *record_object(const SyncedTable *table, const Value *values);
/* Adds to the row of a run's result, which record_to_row has filled, what a person reads first: its object,
 * how sure the drafter was in a word, what became of it, and its text, the chosen one or else the first
 * draft.
 */
void record_add_result(json_t *row, const SyncedTable *table, const Value *values);

/* Collects rows into a list report; a RecordEach whose context is a RecordCollector. */
typedef struct RecordCollector {
    Report *report;
    RecordPage *page; /* takes what fits on it; NULL: every row */
    /* adds to the row what must be looked up; or NULL */
    bool (*more)(void *context, json_t *row, const SyncedTable *table, const Value *values, Error *err);
    void *context;
    Error trouble; /* the first that `more` met */
    int count;
} RecordCollector;
void record_collect(void *collector, const SyncedTable *table, const Value *values);
/* Ends the page of the report. False, with the reason, when a row is incomplete. */
bool record_collected(const RecordCollector *collector, Error *err);

/* Turns what a person writes for a time into the form that rows have: "2026-11-22", "2026-11-22 14:00",
 * "2026-11-22T14:00:05Z", all UTC. ERROR_USAGE. */
bool record_parse_time(const char *text, char out[CLOCK_TEXT_SIZE], Error *err);

#endif
