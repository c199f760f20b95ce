/* What was done, summed up: by engineer, by table or by day; over one's own history.db, or live over the
 * team's store. One statement each, the same for every database; deleted rows are left out, and rows that a
 * copy of a history.db published again are counted once. */
#ifndef AMX_STORE_ACTIVITY_H
#define AMX_STORE_ACTIVITY_H

#include "local.h"
#include "shared.h"

typedef enum ActivityBy {
    ACTIVITY_BY_WHO,   /* an engineer on a machine, the one who was active last first */
    ACTIVITY_BY_TABLE, /* a table of a database, the one that was worked on last first */
    ACTIVITY_BY_DAY    /* a day, UTC, the last one first */
} ActivityBy;

/* Chooses runs, and with them their results, then which of the sums are wanted; NULL and 0 mean any. */
typedef struct ActivityFilter {
    const char *who;
    const char *host;
    const char *since;    /* runs that began then or later, as clock_now writes it */
    const char *contains; /* sums of which some text holds this, in any case */
    const char *sort;     /* a column that activity_can_sort; NULL: "last" */
    bool ascending;
    int64_t after; /* leave so many out: every sum is made anyway, so a page is found by its place */
    bool last;     /* the last `limit` ones instead */
    int limit;     /* rows at most */
} ActivityFilter;

/* A sum. Texts are borrowed for the call, NULL where the kind of sum has none. */
typedef struct ActivityRow {
    const char *created_by;     /* by who; by table: who documented it last, or drafted it while nobody did */
    const char *hostname;       /* of the same */
    const char *client_version; /* by who: of the newest run; by table: of that work */
    const char *fingerprint;    /* by table: the database */
    const char *schema_name;    /* by table */
    const char *table_name;     /* by table */
    const char *what;           /* by table: drafted, accepted or applied */
    const char *day;            /* by day: "2026-11-22" */
    int64_t runs;               /* by who and by day */
    int64_t results;  /* by who; by table: columns, the table itself being one more; by day: drafts */
    int64_t accepted; /* of these, by a person */
    int64_t applied;
    int64_t people;   /* by day */
    const char *last; /* UTC: of the last work; by table of anybody's, be it a draft */
    int64_t place;    /* among the sums that the filter lets through, from 1 .. */
    int64_t total;    /* .. to this */
} ActivityRow;
typedef void (*ActivityEach)(void *context, const ActivityRow *row);

/* Do sums have this column to be sorted by: a member of ActivityRow, or "who" or "table"? */
bool activity_can_sort(const char *column);

/* Both give up with ERROR_INTERRUPTED when interrupt_requested. */
bool activity_local(Local *local, ActivityBy by, const ActivityFilter *filter, ActivityEach each,
                    void *context, Error *err);
bool activity_shared(Shared *shared, ActivityBy by, const ActivityFilter *filter, Deadline deadline,
                     ActivityEach each, void *context, Error *err);

#endif
