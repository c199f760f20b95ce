/* The switch: which shared store this file's marks are for, and the rules E (enable), drop-pending and
 * migrate-from-local of the dual-write protocol (docs/protocol.md). Local transactions only; nothing here
 * touches the network. */
#ifndef AMX_STORE_SHARING_H
#define AMX_STORE_SHARING_H

#include <stdbool.h>
#include <stdint.h>

#include "ids.h"
#include "local.h"
#include "synced.h"

typedef struct Sharing {
    bool enabled;
    char store_id[ID_SIZE];  /* of the store that is, or last was, enabled; "" = never */
    char origin_id[ID_SIZE]; /* this file's, as of now */
} Sharing;
bool sharing_read(Local *local, Sharing *out, Error *err);

/* Rule E, inside the caller's transaction: switches sharing on for a store and marks what that store was
 * known to have in another version. ERROR_GUARD, nothing changed, when another store still has queued or
 * parked marks. */
bool sharing_enable(Local *local, const char *store_id, Error *err);
/* May sharing go to this store ("" = one that is still to be made)? ERROR_GUARD while another one still has
 * queued or parked marks. */
bool sharing_may_enable(Local *local, const char *store_id, Error *err);
/* Switches sharing off; the queue stays. */
bool sharing_disable(Local *local, Error *err);

/* Hears now and then how far something is, of how many rows. */
typedef void (*SharingTold)(void *context, int64_t done, int64_t total);

/* Marks every row that the store is not known to have, and lifts "written while sharing was off"; private
 * families stay private, and without `sessions` those of sessions stay as they are, except for what was
 * deleted of them. *marked counts the marks made or revived. Inside the caller's transaction, which the
 * caller rolls back on a failure. `told` (may be NULL) hears how far it is, first of all that it begins;
 * while there is one, an interrupt ends it (ERROR_INTERRUPTED). */
bool sharing_migrate(Local *local, bool sessions, SharingTold told, void *context, int64_t *marked,
                     Error *err);
/* Sessions that are not private, and that the present store neither has nor is owed: what a migrate without
 * `sessions` leaves out. */
bool sharing_count_kept_sessions(Local *local, int64_t *count, Error *err);

/* Runs, sessions and events that were written while sharing was off, and are not shared. */
bool sharing_count_off(Local *local, int64_t *count, Error *err);
/* Rows that other stores have confirmed, and the present one has not. */
bool sharing_count_elsewhere(Local *local, int64_t *count, Error *err);

/* Sets all queued and parked marks to dropped; a later edit or a migrate queues the row again. */
bool sharing_drop(Local *local, int64_t *dropped, Error *err);

/* Queues one row (op 'u') or delete ('d') for the present store, whatever state its mark is in. Inside the
 * caller's transaction. */
bool sharing_mark(Local *local, const SyncedTable *table, int64_t local_id, char op, Error *err);

/* For the store room: the same for all rows of a table whose local_id the SELECT `source` yields. *marked
 * (may be NULL) is increased by their number. */
bool sharing_mark_all(Local *local, const SyncedTable *table, char op, const char *source, int64_t *marked,
                      Error *err);

#endif
