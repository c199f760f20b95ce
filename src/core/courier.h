/* What a process keeps between its deliveries, so that a write that is delivered at once costs one wait for
 * the local disk and one for the shared store.
 *
 * The mint of a small queue rides on the transaction of the write itself. A batch that the store has
 * confirmed is acknowledged with the next write, or by courier_settle: when the person has been told, when
 * somebody reads the queue, and at the end. Losing the acknowledgement does no harm: the rows are sent again,
 * and are there once. */
#ifndef AMX_CORE_COURIER_H
#define AMX_CORE_COURIER_H

#include "outbox.h"
#include "shared.h"

typedef struct Courier Courier;

Courier *courier_new(void);
void courier_free(Courier *courier); /* NULL is allowed; acknowledges nothing */

/* Mints with the writes of this Local from now on; the courier must outlive it. */
void courier_attach(Courier *courier, Local *local);
/* While a delivery runs, its own transactions carry nothing. */
void courier_pause(Courier *courier, bool paused);

/* The batch that was minted with the last write, owned by the caller; NULL when there is none, or another
 * delivery came in between. */
OutboxBatch *courier_take(Courier *courier, Local *local);
/* Rows of that batch: what the last write had queued, all told, while the store did not rest. 0 = none. */
int64_t courier_minted(const Courier *courier);
/* May a batch be left to be acknowledged later? A small one all of whose rows were confirmed. */
bool courier_may_owe(const OutboxBatch *batch);
/* Takes over a sent batch, to be acknowledged later. */
void courier_owe(Courier *courier, OutboxBatch *batch);
/* Acknowledges what is owed. ERROR_LOCAL; then the rows stay queued. */
bool courier_acknowledge(Courier *courier, Local *local, Error *err);
/* The same, and lets the connection go. */
bool courier_settle(Courier *courier, Local *local, Error *err);

/* The connection of the last delivery, while it is to the same place (`place` names it), or NULL. Given away:
 * courier_keep takes it back when it is still good. */
Shared *courier_connection(Courier *courier, const char *place);
void courier_keep(Courier *courier, Shared *shared, const char *place);

#endif
