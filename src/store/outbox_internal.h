/* Between the outbox's own files: outbox.c (transactions), outbox_choose.c, outbox_acknowledge.c. */
#ifndef AMX_STORE_OUTBOX_INTERNAL_H
#define AMX_STORE_OUTBOX_INTERNAL_H

#include "outbox.h"

/* Fills `batch`, which knows its store and origin, with the next rows, frozen. `sent` NULL: inside the
 * transaction that mints; ancestors without a mark get one. Otherwise `sent` is on its way and taken for
 * confirmed, nothing is written, and *gave_up says that the rows can't be told without writing. Errors as of
 * outbox_mint. */
bool outbox_choose(Local *local, OutboxBatch *batch, OutboxLimit limit, const OutboxBatch *sent,
                   bool *gave_up, Error *err);

/* How many rows from this one on are writes of one table, with one result and ids without a gap: what one
 * statement can do at once. */
size_t outbox_stretch(const OutboxBatch *batch, size_t from);

/* Step 3 inside a transaction that is open already. *clean: all of the batch was confirmed, and no row of it
 * changed in flight. */
bool outbox_acknowledge_in(Local *local, const OutboxBatch *batch, bool *counted, bool *clean, Error *err);

#endif
