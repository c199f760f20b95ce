/* Taking a pasted secret out of everything that one's own history.db holds; its triggers queue the rows for
 * the shared store.
 *
 * Redacted are the texts of all synced tables and the strings, numbers and names inside their JSON, which
 * stays JSON; not redacted are names and words that rows are found and bound by: scopes, profiles, databases,
 * tables, columns, states, models, and the numbers of columns. Of what is not synced, the errors of
 * deliveries and the kept catalogs, which are forgotten as a whole and read anew. Case counts, and nothing in
 * the secret is a wildcard. The answer to a question with the secret may repeat its words one by one, and a
 * later one may quote it: such lines of them are redacted, too.
 *
 * What SQLite frees in this transaction it overwrites (secure_delete), and its write-ahead log is emptied.
 * Not reached: pages that were freed before (VACUUM overwrites those), copies and backups of the file, a
 * store that sharing was switched to before (redact_stores; it is sent the rows when it is enabled again),
 * what the file system and the disk keep, the shared store's own log, dead rows and backups, what teammates
 * copied, and the documented database: a comment that holds the secret is there still. A text that was
 * redacted is what apply and rollback would write from then on. */
#ifndef AMX_STORE_REDACT_H
#define AMX_STORE_REDACT_H

#include "local.h"
#include "redact_text.h"
#include "synced.h"
#include "value.h"

/* Does a row, values as in record.h, hold the secret where it would be redacted? */
bool redact_row_holds(const SyncedTable *table, const Value *values, const char *secret);

typedef struct Redacted {
    int64_t rows[SYNCED_TABLE_COUNT];
    int64_t total;    /* of them */
    int64_t catalogs; /* kept catalogs that were forgotten */
    int64_t errors;   /* of deliveries */
    int64_t before;   /* local_version before the first and after the last row */
    int64_t after;
} Redacted;
/* One transaction, which also records how many rows there were in app_events, and nothing else of it.
 * ERROR_LOCAL: nothing was changed. */
bool redact_local(Local *local, const char *secret, Redacted *out, Error *err);

/* Where the rows that were redacted stand with the present store, and with others. */
typedef struct RedactedSharing {
    int64_t delivered;
    int64_t waiting;   /* queued or parked */
    int64_t here;      /* never shared */
    int64_t elsewhere; /* also, or only, in a store that is not sent them: redact_stores */
} RedactedSharing;
bool redact_sharing(Local *local, const Redacted *redacted, RedactedSharing *out, Error *err);

/* Hears of a store that has `rows` redacted rows as they were before, and is not sent them: sharing was
 * switched off, or to another store. */
typedef void (*RedactedStore)(void *context, const char *store_id, int64_t rows);
bool redact_stores(Local *local, const Redacted *redacted, RedactedStore each, void *context, Error *err);

#endif
