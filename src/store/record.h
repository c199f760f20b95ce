/* Reading rows of the synced tables: the same filter and the same shape whether they come from the local
 * store (record_list) or from the team's (shared_list). */
#ifndef AMX_STORE_RECORD_H
#define AMX_STORE_RECORD_H

#include "local.h"
#include "synced.h"
#include "text.h"
#include "value.h"

/* What a listing asks for; NULL and 0 mean any. */
typedef struct RecordFilter {
    const char *who;
    const char *host;
    const char *since;  /* UTC; by record_time_column, or created_at */
    const char *origin; /* one origin's rows */
    int64_t local_id;   /* one row */
    int64_t parent;     /* rows under this parent */
    struct {
        const char *column; /* of the declaration; NULL ends the list */
        const char *value;  /* NULL matches NULL */
    } match[4];
    int64_t after;            /* go on after the row with this local_id .. */
    const char *after_time;   /* .. and, in the shared store, this time (record_time_column) .. */
    const char *after_origin; /* .. and this origin_id: the row that the last page ended with */
    int limit;                /* 0: no limit */
} RecordFilter;

/* The time by which the newest rows of a table come first; NULL where rows come in the order they were
 * written. */
const char *record_time_column(const SyncedTable *table);

/* For the store room: appends " AND .." for all of the filter but paging and limit; `t` names the table in
 * the statement. */
#define RECORD_VALUES 20
void record_add_filter(Text *sql, Value values[RECORD_VALUES], int *count, const RecordFilter *filter,
                       const SyncedTable *table);

/* A row: values in the order of synced_column(); times as UTC text as clock_now writes it. Borrowed for the
 * call. */
typedef void (*RecordEach)(void *context, const SyncedTable *table, const Value *values);

/* Newest first for tables without a parent and for apply_events, else in the order they were written. */
bool record_list(Local *local, const SyncedTable *table, const RecordFilter *filter, RecordEach each,
                 void *context, Error *err);

/* Where a local row stands with the team. */
typedef enum RecordSharing {
    RECORD_SHARED,
    RECORD_QUEUED,
    RECORD_PARKED,
    RECORD_DROPPED,
    RECORD_LOCAL_ONLY
} RecordSharing;
bool record_sharing(Local *local, const SyncedTable *table, int64_t local_id, RecordSharing *out, Error *err);
const char *record_sharing_name(RecordSharing sharing);

/* Value helpers for callbacks: the value of a column by name (NULL for SQL NULL, "" never invented). */
const char *record_text(const SyncedTable *table, const Value *values, const char *column);
int64_t record_int(const SyncedTable *table, const Value *values, const char *column);
double record_real(const SyncedTable *table, const Value *values, const char *column);

#endif
