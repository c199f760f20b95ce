/* Rows of the synced tables as report rows: the same for one's own and the team's. */
#ifndef AMX_CORE_RECORD_REPORT_H
#define AMX_CORE_RECORD_REPORT_H

#include "clock.h"
#include "ids.h"
#include "record.h"
#include "report.h"

/* Adds every column of the declaration but the bookkeeping ones (born_origin, row_version, deleted_at) to the
 * row, by its own name and type, and who = "created_by@hostname". */
void record_to_row(json_t *row, const SyncedTable *table, const Value *values);

/* Collects rows into a list report; a RecordEach whose context is a RecordCollector. */
typedef struct RecordCollector {
    Report *report;
    /* adds to the row what must be looked up; or NULL */
    bool (*more)(void *context, json_t *row, const SyncedTable *table, const Value *values, Error *err);
    void *context;
    Error trouble; /* the first that `more` met */
    int count;
    char last_time[CLOCK_TEXT_SIZE]; /* key of the row that came last */
    char last_origin[ID_SIZE];
    int64_t last_id;
} RecordCollector;
void record_collect(void *collector, const SyncedTable *table, const Value *values);

/* Where a page begins: what --after says, as `next` of the page before printed it. A local page ends with a
 * local_id, a page of the team's with "time/origin/id". The filter borrows from the page. */
typedef struct RecordPage {
    char time[CLOCK_TEXT_SIZE];
    char origin[ID_SIZE];
} RecordPage;
/* Sets the filter's paging and limit. ERROR_USAGE for an --after that is no such key. */
bool record_page_begin(RecordPage *page, const char *after, long long limit, bool team, RecordFilter *filter,
                       Error *err);
/* Sets the report's `next` when the page is full. False, with the reason, when a row is incomplete. */
bool record_page_end(const RecordCollector *collector, const RecordFilter *filter, bool team, Error *err);

/* Turns what a person writes for a time into the form that rows have: "2026-11-22", "2026-11-22 14:00",
 * "2026-11-22T14:00:05Z", all UTC. ERROR_USAGE. */
bool record_parse_time(const char *text, char out[CLOCK_TEXT_SIZE], Error *err);

#endif
