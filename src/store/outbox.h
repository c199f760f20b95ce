/* The outbox: rows that the shared store owes a confirmation for. Steps 1 (mint) and 3 (acknowledge) of a
 * delivery; step 2 is shared.h. The rules are W, D1 and D3 of the dual-write protocol (docs/protocol.md). */
#ifndef AMX_STORE_OUTBOX_H
#define AMX_STORE_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clock.h"
#include "ids.h"
#include "local.h"
#include "sqlite.h"
#include "synced.h"
#include "value.h"

typedef enum OutboxResult {
    OUTBOX_UNSENT,
    OUTBOX_CONFIRMED, /* the store has this version or a later one */
    OUTBOX_REFUSED,   /* the store refused the row for its data: to be parked */
    OUTBOX_WAITS      /* its parent is not there: stays queued */
} OutboxResult;

/* One row of a batch, frozen when the batch was minted. */
typedef struct OutboxRow {
    const SyncedTable *table;
    int64_t local_id;
    int64_t seq;
    bool
        fresh; /* never sent and never confirmed: while the store's token is ours, it does not have the row */
    bool erase; /* a delete: only the common values are filled, created_by .. being those of the delete */
    int64_t row_version;
    Value *values; /* synced_width(table) of them, text owned by the row */
    OutboxResult result;
    char *error; /* of OUTBOX_REFUSED */
} OutboxRow;

typedef struct OutboxBatch {
    char store_id[ID_SIZE];
    char origin_id[ID_SIZE];
    char token[ID_SIZE];
    char (*accepted)[ID_SIZE]; /* tokens that the store may show: the acknowledged one and the pending ones */
    size_t accepted_count;
    char acked[ID_SIZE]; /* the acknowledged one, "" = none */
    bool first;          /* no token was ever acknowledged there: the origin may be new to the store */
    Identity who;
    OutboxRow
        *rows; /* in an order in which parents come before children, deletes of children before parents */
    size_t row_count;
    size_t row_capacity;
    SqliteSeen seen;  /* the file when the rows were read */
    int64_t last_seq; /* of the file when the batch was minted: marks that moved since have higher ones */
} OutboxBatch;

/* How much goes into a batch: at most `rows` rows and about `bytes` of text, but at least one row. */
typedef struct OutboxLimit {
    size_t rows;
    size_t bytes;
} OutboxLimit;

/* Step 1, one local transaction: chooses the next rows by position (their undelivered ancestors first), reads
 * their present states, and mints a token. With nothing to send the batch has no rows and no token: it only
 * asks for the store's token. *out is owned by the caller. ERROR_LOCAL; ERROR_USAGE when sharing is off. */
bool outbox_mint(Local *local, OutboxLimit limit, OutboxBatch **out, Error *err);
void outbox_free(OutboxBatch *batch);
/* A batch without rows that writes nothing here: with shared_send it asks whether the store's token is one of
 * ours. */
bool outbox_question(Local *local, OutboxBatch **out, Error *err);

/* Step 3, one local transaction. Counts only when the batch's token is the newest minted here, still pending,
 * and the file is still on that store and origin; otherwise it changes nothing and succeeds: the rows are
 * sent again, which does no harm. *counted says which (may be NULL). */
bool outbox_acknowledge(Local *local, const OutboxBatch *batch, bool *counted, Error *err);

/* Reads, while `sent` is on its way, what the next batch would be once all of `sent` is confirmed. Writes
 * nothing and mints nothing: *out, owned by the caller, is for outbox_turn. Errors as of outbox_mint. */
bool outbox_look_ahead(Local *local, const OutboxBatch *sent, OutboxLimit limit, OutboxBatch **out,
                       Error *err);

/* Step 3 of one delivery and step 1 of the next in one local transaction, which is one wait for the disk.
 * `ahead` (may be NULL) becomes the next batch, *next == ahead, when the file is still as it was read and all
 * of `sent` was confirmed: then reading it again would give the same. Otherwise the rows are chosen anew, or
 * *next is NULL because sharing has been switched off. Both are the caller's to free. When it fails nothing
 * was acknowledged, *next is NULL, and `ahead` can only be freed. The rows of `ahead` are only read. */
bool outbox_turn(Local *local, const OutboxBatch *sent, OutboxBatch *ahead, OutboxLimit limit, bool *counted,
                 OutboxBatch **next, Error *err);

/* Notes on the queued marks of the batch that a delivery failed, and why. */
bool outbox_note_failure(Local *local, const OutboxBatch *batch, const char *reason, Error *err);

typedef struct OutboxCounts {
    int64_t queued;  /* waiting ones included */
    int64_t waiting; /* queued, but under a parent that is parked or dropped */
    int64_t parked;
    int64_t dropped;
    char oldest[CLOCK_TEXT_SIZE]; /* queued_at of the first of the queue, queued or parked, or "" */
} OutboxCounts;
/* Of the store that sharing is, or last was, switched to; all 0 when there was none. */
bool outbox_count(Local *local, OutboxCounts *out, Error *err);

typedef struct OutboxEntry {
    const char *table;
    int64_t local_id;
    const char *op;    /* "write" or "delete" */
    const char *state; /* queued, waiting, parked, dropped */
    const char *queued_at;
    int64_t attempts;
    const char *last_error; /* or NULL */
    int64_t position;
} OutboxEntry;
/* Calls `each` for the marks after position `after`, at most `limit`, in queue order. */
bool outbox_list(Local *local, int64_t after, int limit,
                 void (*each)(void *context, const OutboxEntry *entry), void *context, Error *err);

#endif
