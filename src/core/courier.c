#include "courier.h"

#include <stdlib.h>

#include "delivery.h"
#include "delivery_rounds.h"
#include "local_sqlite.h"
#include "memory.h"
#include "sharing.h"
#include "text.h"

struct Courier {
    OutboxBatch *minted; /* with the last write; not sent yet */
    OutboxBatch *owed;   /* sent and confirmed; not acknowledged yet */
    OutboxBatch *riding; /* minted in a transaction that has not been committed yet */
    bool acknowledged;   /* .. in which `owed` was acknowledged */
    bool paused;
    Shared *shared;
    char *place;
};

/* A longer queue is a delivery of its own: a write must not wait for it. */
static const OutboxLimit ride_limit = {.rows = 64, .bytes = 1u << 20};

Courier *courier_new(void)
{
    return memory_zero(1, sizeof(Courier));
}

static void close_connection(Courier *courier)
{
    if (courier->shared) {
        shared_close(courier->shared);
    }
    free(courier->place);
    courier->shared = NULL;
    courier->place = NULL;
}

void courier_free(Courier *courier)
{
    if (courier) {
        outbox_free(courier->minted);
        outbox_free(courier->owed);
        outbox_free(courier->riding);
        close_connection(courier);
        free(courier);
    }
}

void courier_pause(Courier *courier, bool paused)
{
    courier->paused = paused;
}

/* --- riding on a write --- */

/* Something is queued, and little enough. */
static bool is_small_queue(Local *local, const char *store_id)
{
    int64_t queued = 0;
    return sqlite_number(local_sqlite(local), NULL, 0, &queued,
                         "SELECT count(*) FROM (SELECT 1 FROM outbox WHERE store_id = $1 "
                         "AND state = 'queued' LIMIT $2)",
                         VALUES(value_text(store_id), value_int((int64_t)ride_limit.rows + 1))) &&
           queued > 0 && queued <= (int64_t)ride_limit.rows;
}

static void before_commit(void *context, Local *local)
{
    Courier *courier = context;
    Sharing sharing;
    if (courier->paused || !sharing_read(local, &sharing, NULL) || !sharing.enabled ||
        delivery_rests(local) || !is_small_queue(local, sharing.store_id)) {
        return;
    }
    outbox_ride(local, courier->owed, ride_limit, &courier->acknowledged, &courier->riding, NULL);
}

static void after_commit(void *context, bool committed)
{
    Courier *courier = context;
    if (committed && courier->riding) {
        outbox_free(courier->minted);
        courier->minted = courier->riding;
        courier->riding = NULL;
    }
    if (committed && courier->acknowledged) {
        outbox_free(courier->owed);
        courier->owed = NULL;
    }
    outbox_free(courier->riding);
    courier->riding = NULL;
    courier->acknowledged = false;
}

void courier_attach(Courier *courier, Local *local)
{
    local_set_rider(local, (LocalRider){before_commit, after_commit, courier});
}

OutboxBatch *courier_take(Courier *courier, Local *local)
{
    bool newest = false;
    OutboxBatch *batch = courier->minted;
    courier->minted = NULL;
    if (batch && (batch->row_count == 0 || !outbox_is_newest(local, batch, &newest, NULL) || !newest)) {
        outbox_free(batch);
        batch = NULL;
    }
    return batch;
}

int64_t courier_minted(const Courier *courier)
{
    return courier->minted ? (int64_t)courier->minted->row_count : 0;
}

/* --- acknowledging later --- */

bool courier_may_owe(const OutboxBatch *batch)
{
    if (batch->row_count == 0 || batch->row_count > ride_limit.rows) {
        return false;
    }
    for (size_t i = 0; i < batch->row_count; i++) {
        if (batch->rows[i].result != OUTBOX_CONFIRMED) {
            return false;
        }
    }
    return true;
}

void courier_owe(Courier *courier, OutboxBatch *batch)
{
    outbox_free(courier->owed);
    courier->owed = batch;
}

bool courier_acknowledge(Courier *courier, Local *local, Error *err)
{
    if (!courier->owed) {
        return true;
    }
    bool counted;
    bool was_paused = courier->paused;
    OutboxBatch *owed = courier->owed;
    courier->owed = NULL;
    courier->paused = true;
    bool ok = local_begin(local, err);
    if (ok) {
        ok = outbox_acknowledge(local, owed, &counted, err);
        ok = ok && local_end(local, delivery_note_success(local, err), err);
    }
    courier->paused = was_paused;
    outbox_free(owed);
    return ok;
}

bool courier_settle(Courier *courier, Local *local, Error *err)
{
    close_connection(courier);
    return courier_acknowledge(courier, local, err);
}

/* --- the connection --- */

Shared *courier_connection(Courier *courier, const char *place)
{
    Shared *shared = text_equal(courier->place, place) ? courier->shared : NULL;
    if (shared) {
        courier->shared = NULL;
    }
    close_connection(courier);
    return shared;
}

void courier_keep(Courier *courier, Shared *shared, const char *place)
{
    close_connection(courier);
    courier->shared = shared;
    courier->place = memory_string(place);
}
