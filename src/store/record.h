/* Reading rows of the synced tables: the same filter and the same shape whether they come from the local
 * store (record_list) or from the team's (shared_list). */
#ifndef AMX_STORE_RECORD_H
#define AMX_STORE_RECORD_H

#include "local.h"
#include "synced.h"
#include "value.h"

/* Where a row stands in an order. */
typedef struct RecordKey {
    Value value;        /* of the column that rows are ordered by; NULL where that is their key alone */
    const char *origin; /* in the shared store: its origin_id */
    int64_t local_id;   /* 0: no row */
} RecordKey;

typedef enum RecordOrder { RECORD_DEFAULT_ORDER, RECORD_ASCENDING, RECORD_DESCENDING } RecordOrder;

/* What a listing asks for; NULL and 0 mean any. */
typedef struct RecordFilter {
    const char *who;
    const char *host;
    const char *since;       /* UTC; by record_time_column, or created_at */
    int64_t changed_since;   /* rows of this file that were written or changed after local_version */
    const char *origin;      /* one origin's rows */
    int64_t local_id;        /* one row */
    int64_t parent;          /* rows under this parent */
    const char *fingerprint; /* of results: those of runs over this database */
    struct {
        const char *column; /* of the declaration, or RECORD_STATE of runs; NULL ends the list */
        const char *value;  /* NULL matches NULL */
    } match[4];
    const char *contains; /* some text of the row holds this, in any case: who@host, version, number, every
                             text of the declaration; of a session also what was said in it, of an event its
                             detail in words */
    const char *sort;     /* a column that record_can_sort; NULL: record_time_column, or as written */
    RecordOrder order;    /* by default newest first where there is a record_time_column */
    bool backward;        /* turn the order round: the page before `from`, nearest first, or the last page */
    RecordKey from;       /* begin behind this row */
    int limit;            /* 0: no limit */
    bool interruptible;   /* give up with ERROR_INTERRUPTED when interrupt_requested */
} RecordFilter;

/* The time by which the newest rows of a table come first; NULL where rows come in the order they were
 * written. */
const char *record_time_column(const SyncedTable *table);

/* Columns that are not declared, but follow from what is: "name@host"; a session's number of turns; and where
 * a run stands: its status while that is not ready, else review (something is undecided), reviewed, rolled
 * back (what was applied was restored, and not decided anew), partly applied (something is undecided or waits
 * to be applied) or applied; ready when it has no results; and in history.db unknown while an apply or
 * rollback of it is under way, or was cut off and nobody has asked the database since. */
#define RECORD_WHO "who"
#define RECORD_TURNS "turns"
#define RECORD_STATE "state"
/* And of a run's result: schema.table.column, and its confidence in a word, sorted as the number is. */
#define RECORD_OBJECT "object"
#define RECORD_LEVEL "level"
#define RECORD_HIGH 0.8   /* confidence from which its level is high .. */
#define RECORD_MEDIUM 0.5 /* .. or medium; else it is low */
/* What became of a result: "failed", "applied", or what a person decided: "accepted", "edited", "skipped",
 * "undecided". A filter's `contains` looks there, too. Borrows from the values. */
const char *record_result_state(const SyncedTable *table, const Value *values);
bool record_can_sort(const SyncedTable *table, const char *column);
/* The type of a column that record_can_sort. */
SyncedType record_sort_type(const SyncedTable *table, const char *column);

/* A row: values in the order of synced_column(), then the turns or the state, last the value it is ordered
 * by: record_width in all; times as UTC text as clock_now writes it. Borrowed for the call. */
typedef void (*RecordEach)(void *context, const SyncedTable *table, const Value *values);
size_t record_width(const SyncedTable *table);
/* Where the row stands in the order that `filter` asked for; borrows from the values. */
RecordKey record_key(const SyncedTable *table, const RecordFilter *filter, const Value *values);

/* Newest first for tables without a parent and for apply_events, else in the order they were written. */
bool record_list(Local *local, const SyncedTable *table, const RecordFilter *filter, RecordEach each,
                 void *context, Error *err);

/* How many rows the filter lets through, its page apart; gives up counting at `most`. Reads no more than an
 * index when the filter names no more than the parent, or the profile of a session. */
bool record_total(Local *local, const SyncedTable *table, const RecordFilter *filter, int64_t most,
                  int64_t *out, Error *err);

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

/* Value helpers for callbacks: the value of a column by name, RECORD_TURNS and RECORD_STATE too (NULL for SQL
 * NULL, "" never invented). */
const char *record_text(const SyncedTable *table, const Value *values, const char *column);
int64_t record_int(const SyncedTable *table, const Value *values, const char *column);
double record_real(const SyncedTable *table, const Value *values, const char *column);

#endif
