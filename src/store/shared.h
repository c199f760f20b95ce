/* The shared store: one schema that the team can reach. An ops struct with two implementations, postgresql
 * and sqlite (a file), and one conformance suite (tests/store/test_shared.c). Step 2 of a delivery,
 * bootstrap, and the team's reads. Rule D2 of the dual-write protocol (docs/protocol.md). */
#ifndef AMX_STORE_SHARED_H
#define AMX_STORE_SHARED_H

#include <stdbool.h>
#include <stdint.h>

#include "clock.h"
#include "database.h"
#include "error.h"
#include "ids.h"
#include "outbox.h"
#include "record.h"
#include "synced.h"
#include "text.h"
#include "value.h"

typedef struct Shared Shared;

/* Connects; makes nothing. A SQLite file that is missing is made by shared_create only, and for everything
 * else out of reach: ERROR_CONNECTION. `schema` is the
 * plain schema name (PostgreSQL; ignored by SQLite). *out is owned by the caller. Errors as pg_connect;
 * ERROR_USAGE for a schema name that PostgreSQL could not hold. */
bool shared_open(const DatabaseTarget *target, const char *schema, Deadline deadline, Shared **out,
                 Error *err);
void shared_close(Shared *shared); /* NULL is allowed; never blocks */

/* Was there no such file when it was opened? Before a store was ever made there that is no fault. */
bool shared_is_absent(const Shared *shared);

typedef struct SharedState {
    bool exists;  /* complete: its store row is there */
    bool foreign; /* incomplete, and tables with our names, but not ours, stand in the way */
    char store_id[ID_SIZE];
    int64_t version;
} SharedState;
bool shared_inspect(Shared *shared, Deadline deadline, SharedState *out, Error *err);

/* Makes what is missing, or completes a bootstrap that was cut off; several at once all succeed. ERROR_GUARD
 * when foreign tables stand in the way; ERROR_DATABASE with sqlstate 42501 when the right is lacking. */
bool shared_create(Shared *shared, Deadline deadline, SharedState *out, Error *err);

/* The bootstrap script as a document for a DBA. */
bool shared_ddl(Backend backend, const char *schema, Text *out, Error *err);

typedef enum SharedVerdict {
    SHARED_SENT,        /* committed; the rows' results are set */
    SHARED_STRANGE,     /* the store's token is not one of the batch's; nothing was sent */
    SHARED_OTHER_STORE, /* another store_id, or none: nothing was sent */
    SHARED_TOO_NEW,     /* a newer schema version: nothing was sent */
    SHARED_TOO_OLD      /* an older one: nothing was sent, shared_create brings it up to date */
} SharedVerdict;

typedef struct SharedAnswer {
    SharedVerdict verdict;
    char token[ID_SIZE]; /* of SHARED_STRANGE: what the store shows, "" = none */
    int64_t version;     /* of SHARED_TOO_NEW and SHARED_TOO_OLD */
    size_t refused;      /* rows to be parked */
} SharedAnswer;

/* Step 2, one shared transaction: compare-and-set of the origin's token, then the frozen rows. Rows that the
 * server refuses for their data get OUTBOX_REFUSED, found by bisecting. A batch without rows only looks at
 * the token. False: nothing is known about the rows; send again later (shared_failure says what kind of
 * trouble it is). */
bool shared_send(Shared *shared, OutboxBatch *batch, Deadline deadline, SharedAnswer *out, Error *err);

/* Step 2 begun early, while step 1 is still being taken: the rows of a batch that has no token yet go into a
 * transaction that stays open. Nobody sees them, and they are gone when the connection is, until shared_send
 * of the same batch has claimed the token and committed. Trouble is told by that shared_send, which then does
 * what it does without.
 *
 * To be called only after a batch of this file was sent, and before anything else of it is: the token which
 * that batch left is the only one that the staged batch will accept, so a delivery of a copy of the file
 * between the rows and the claim is met as a strange token. Only rows that the store can't have are staged,
 * and no deletes: whatever came between collides with them.
 *
 * shared_may_stage says whether it is worth it (a store far away, a batch of some size, nothing to refuse);
 * it leaves the rows unsent. Between shared_stage and shared_send or shared_unstage, nothing else may use
 * `shared`, nobody may free the batch, and its rows must not change; minting it is fine. */
bool shared_may_stage(const Shared *shared, OutboxBatch *ahead);
void shared_stage(Shared *shared, OutboxBatch *ahead, Deadline deadline);
/* Takes the rows back. False: the connection is of no more use, and err says what became of it. */
bool shared_unstage(Shared *shared, Deadline deadline, Error *err);

typedef enum SharedFailure {
    SHARED_FAILURE_DATA, /* this row: park it */
    SHARED_FAILURE_STOP, /* rights, missing objects, wrong database: tell the person, do not retry by itself
                          */
    SHARED_FAILURE_LATER /* everything else: back off and send again */
} SharedFailure;
SharedFailure shared_failure(const Error *err);

/* Rows of a table that were not deleted, newest first (runs, sessions, events) or by local_id (rows under a
 * parent). */
bool shared_list(Shared *shared, const SyncedTable *table, const RecordFilter *filter, Deadline deadline,
                 RecordEach each, void *context, Error *err);

/* What the store holds of one origin, and the origin's token ("" = none), as of one moment. Reads in pages.
 */
typedef void (*SharedHolding)(void *context, const SyncedTable *table, int64_t local_id, int64_t row_version,
                              bool dead);
bool shared_inventory(Shared *shared, const char *origin_id, Deadline deadline, char token[ID_SIZE],
                      SharedHolding each, void *context, Error *err);

/* What a person may see of it: "host:port/database" or the file. Lives with shared. */
const char *shared_target(const Shared *shared);

#endif
