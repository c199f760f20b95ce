/* Rows and deliveries for the tests of the store: each step fails the test when it does not work. */
#ifndef AMX_TESTS_SUPPORT_STORE_H
#define AMX_TESTS_SUPPORT_STORE_H

#include "support.h"

#include "local.h"
#include "outbox.h"
#include "shared.h"
#include "sharing.h"
#include "synced.h"

extern const Identity support_ada;
extern const Identity support_bob;

/* A path for a file in a new folder; owned by the support. */
const char *support_path(const char *name);

/* A whole file as it is now; `data` is freed with free(). */
typedef struct SupportBytes {
    char *data;
    size_t length;
} SupportBytes;
SupportBytes support_bytes(const char *path);
/* Fails the test when the file is another one by now. */
void support_assert_same_bytes(const char *path, SupportBytes before);

/* The history.db at the path, for writing. The caller closes it. */
Local *support_local(const char *path, const Identity *who);

/* SQL through the connection of a Local, in a write transaction of its own. */
void support_local_sql(Local *local, const char *sql);
/* The first field of the first row; 0 for NULL or no row. */
int64_t support_local_number(Local *local, const char *sql);
/* The same as text ("" for NULL or no row); owned by the support. */
const char *support_local_text(Local *local, const char *sql);

/* Fails the test, naming the question, when its answer is not the expected one. */
void support_assert_value(const char *sql, const char *value, const char *expected);

/* An INSERT with every required column, made from the declaration. `parent` is ignored by tables without one.
 * Owned by the support. */
const char *support_insert_sql(const SyncedTable *table, int64_t parent);
/* Runs it; the new local_id. */
int64_t support_insert(Local *local, SyncedTableId table, int64_t parent);
/* Changes one column of content. */
void support_touch(Local *local, SyncedTableId table, int64_t local_id);
void support_delete(Local *local, SyncedTableId table, int64_t local_id);

/* An SQL expression on row r of a table: its family's local_only. Lives as long as the program. */
const char *support_local_only(const SyncedTable *table);

/* A shared store that is there; `target` must outlive it. The caller closes it. */
Shared *support_shared(const DatabaseTarget *target, const char *schema);
/* Switches sharing on for it. */
void support_enable(Local *local, Shared *shared);
const char *support_store_id(Shared *shared);

/* The three steps. */
OutboxBatch *support_mint(Local *local, size_t max_rows);
SharedAnswer support_send(Shared *shared, OutboxBatch *batch);
bool support_acknowledge(Local *local, OutboxBatch *batch); /* whether it counted */
/* All three, again and again until nothing moves any more. */
void support_deliver(Local *local, Shared *shared);

OutboxCounts support_counts(Local *local);

#endif
