/* For the store room only: what an implementation of the shared store provides. Statements are written once,
 * in shared.c, with $1.. parameters that both databases understand; what differs is here. */
#ifndef AMX_STORE_SHARED_OPS_H
#define AMX_STORE_SHARED_OPS_H

#include "shared.h"

typedef struct SharedConnection SharedConnection;
typedef void (*SharedRow)(void *context, const Value *values, int count);

typedef struct SharedOps {
    Backend backend;
    bool (*open)(const DatabaseTarget *target, Deadline deadline, SharedConnection **out, Error *err);
    void (*close)(SharedConnection *connection);
    const char *(*target)(const SharedConnection *connection);
    /* Is there nothing, not even what a schema could be looked for in? What asks it anything then fails with
     * ERROR_CONNECTION, `script` makes it. NULL where a connection is the proof that there is. */
    bool (*absent)(const SharedConnection *connection);
    /* The quoted schema as written in front of names, with a dot; "" in a file. */
    bool (*prefix)(SharedConnection *connection, const char *schema, Text *out, Error *err);
    /* One statement; `each` may be NULL; *affected may be NULL. Values come back as text or NULL (numbers
     * too). */
    bool (*query)(SharedConnection *connection, const char *sql, const Value *values, int count,
                  Deadline deadline, SharedRow each, void *context, int64_t *affected, Error *err);
    /* A script of idempotent statements (schema_shared_script). */
    bool (*script)(SharedConnection *connection, const char *sql, Deadline deadline, Error *err);
    const char *begin;
    const char *begin_reading; /* one snapshot for several statements */
    const char *like;          /* the operator that matches a pattern in any case of its letters */
    const char *time_before;   /* what stands round a time column to make it clock_now's text */
    const char *time_after;
    /* Bulk: upserts writes, or applies deletes, of one table; `rows` are all of that table and op. */
    bool (*write)(SharedConnection *connection, const char *prefix, const SyncedTable *table,
                  OutboxRow *const *rows, size_t count, Deadline deadline, Error *err);
    /* Bulk: the same for rows that the store can't hold yet, so that no one need look; NULL where that is not
     * faster. When the store holds one of them all the same it fails (23505), and so it may for other
     * reasons: `write` is what always works. */
    bool (*append)(SharedConnection *connection, const char *prefix, const SyncedTable *table,
                   OutboxRow *const *rows, size_t count, Deadline deadline, Error *err);
    /* Bulk: the same as `write` and the claim in one statement, which is a transaction by itself: one journey
     * to the server instead of four. Rows are written only if the claim, an UPDATE with `values`, hits a row;
     * *claimed says so. NULL where journeys cost nothing. */
    bool (*write_claiming)(SharedConnection *connection, const char *prefix, const char *claim,
                           const Value *values, int value_count, const SyncedTable *table,
                           OutboxRow *const *rows, size_t count, Deadline deadline, bool *claimed,
                           Error *err);
    bool (*erase)(SharedConnection *connection, const char *prefix, const SyncedTable *table,
                  OutboxRow *const *rows, size_t count, Deadline deadline, Error *err);
} SharedOps;

struct Shared {
    const SharedOps *ops;
    SharedConnection *connection;
    Text prefix; /* written in front of table names: the quoted schema and a dot, or "" */
    char *schema;
    const OutboxBatch *staged; /* the batch that set out before its token, or NULL */
    bool stage_open;           /* its rows are in a transaction that is open */
    Error stage_trouble;       /* why they are not */
};

/* One statement that gives no rows; *affected may be NULL. */
bool shared_query(Shared *shared, const char *sql, const Value *values, int count, Deadline deadline,
                  int64_t *affected, Error *err);

extern const SharedOps shared_pg_ops;
extern const SharedOps shared_sqlite_ops;

/* Appends " AND .." that hides a row t which a copy of a history.db published again, while the row it was
 * born as is there in the same or a later version. */
void shared_add_hidden(Text *sql, const char *prefix, const SyncedTable *table);
/* "col = excluded.col, .." of everything that an upsert overwrites. */
void shared_add_assignments(Text *sql, const SyncedTable *table);
/* Columns that an upsert writes: all but deleted_at. */
bool shared_is_written(size_t column);
/* "col = NULL, .." of the content that a delete empties: all but the reference to the parent. */
void shared_add_emptied(Text *sql, const SyncedTable *table);

#endif
