/* Steps 1 and 3 of a delivery as transactions; what goes into a batch is chosen in outbox_choose.c. */
#include "outbox.h"

#include <string.h>

#include "local_sqlite.h"
#include "memory.h"
#include "outbox_internal.h"
#include "rules.h"
#include "sharing.h"
#include "text.h"
#include "trend.h"

/* --- the token --- */

static bool read_tokens(Local *local, OutboxBatch *batch, Error *err)
{
    size_t capacity = 0;
    Sqlite *db = local_sqlite(local);
    batch->first = true;
    SqliteRows *rows = sqlite_query(db, err,
                                    "SELECT token, state FROM tokens WHERE store_id = $1 AND origin_id = $2 "
                                    "AND state <> 'old' ORDER BY n",
                                    VALUES(value_text(batch->store_id), value_text(batch->origin_id)));
    while (sqlite_next(rows)) {
        bool acked = strcmp(sqlite_text(rows, 1), "acked") == 0;
        if (!acked && !rule_holds(RULE_PENDING_ACCEPTED)) {
            continue;
        }
        memory_grow((void **)&batch->accepted, batch->accepted_count, &capacity, sizeof *batch->accepted);
        text_copy(batch->accepted[batch->accepted_count++], ID_SIZE, sqlite_text(rows, 0));
        if (acked) {
            batch->first = false;
            text_copy(batch->acked, ID_SIZE, sqlite_text(rows, 0));
        }
    }
    return sqlite_done(db, rows, err);
}

static bool mint_token(Local *local, OutboxBatch *batch, Error *err)
{
    id_random(batch->token);
    return sqlite_run(
        local_sqlite(local), err,
        "INSERT INTO tokens(store_id, origin_id, token, state) VALUES ($1, $2, $3, 'pending')",
        VALUES(value_text(batch->store_id), value_text(batch->origin_id), value_text(batch->token)));
}

size_t outbox_stretch(const OutboxBatch *batch, size_t from)
{
    const OutboxRow *first = &batch->rows[from];
    size_t length = 1;
    while (!first->erase && from + length < batch->row_count) {
        const OutboxRow *row = first + length;
        if (row->erase || row->table != first->table || row->result != first->result ||
            row->local_id != first->local_id + (int64_t)length) {
            break;
        }
        length++;
    }
    return length;
}

/* From now on nobody can say that these rows never left. */
static bool note_sent(Local *local, OutboxBatch *batch, Error *err)
{
    for (size_t i = 0, length; rule_holds(RULE_NOTE_SENT) && i < batch->row_count; i += length) {
        const OutboxRow *row = &batch->rows[i];
        length = outbox_stretch(batch, i);
        if (!sqlite_run(local_sqlite(local), err,
                        "UPDATE outbox SET sent = 1 WHERE store_id = $1 AND tbl = $2 "
                        "AND local_id BETWEEN $3 AND $4 AND sent = 0",
                        VALUES(value_text(batch->store_id), value_text(row->table->name),
                               value_int(row->local_id), value_int(row->local_id + (int64_t)length - 1)))) {
            return false;
        }
    }
    return sqlite_number(local_sqlite(local), err, 0, &batch->last_seq, "SELECT seq FROM origin", NO_VALUES);
}

/* --- step 1 --- */

static bool new_batch(Local *local, OutboxBatch **out, Error *err)
{
    Sharing sharing;
    if (!sharing_read(local, &sharing, err)) {
        return false;
    }
    if (!sharing.enabled) {
        error_set(err, ERROR_USAGE, "sharing is off");
        error_hint(err, "switch it on with: amx db history-store enable");
        return false;
    }
    OutboxBatch *batch = memory_zero(1, sizeof *batch);
    memcpy(batch->store_id, sharing.store_id, ID_SIZE);
    memcpy(batch->origin_id, sharing.origin_id, ID_SIZE);
    batch->who = *local_identity(local);
    *out = batch;
    return true;
}

bool outbox_question(Local *local, OutboxBatch **out, Error *err)
{
    OutboxBatch *batch = NULL;
    if (!new_batch(local, &batch, err) || !read_tokens(local, batch, err)) {
        outbox_free(batch);
        return false;
    }
    *out = batch;
    return true;
}

/* Inside a transaction. A batch without rows needs no token. */
static bool mint(Local *local, OutboxBatch *batch, Error *err)
{
    return read_tokens(local, batch, err) &&
           (batch->row_count == 0 || (note_sent(local, batch, err) && mint_token(local, batch, err)));
}

static bool mint_anew(Local *local, OutboxLimit limit, OutboxBatch **out, Error *err)
{
    bool gave_up;
    OutboxBatch *batch = NULL;
    if (!new_batch(local, &batch, err) || !outbox_choose(local, batch, limit, NULL, &gave_up, err) ||
        !mint(local, batch, err)) {
        outbox_free(batch);
        return false;
    }
    *out = batch;
    return true;
}

/* Ends the transaction that made *batch; an error takes the batch with it. */
static bool end_minting(Local *local, bool ok, OutboxBatch **batch, Error *err)
{
    if (ok) {
        ok = local_commit(local, err);
    } else {
        local_rollback(local);
    }
    if (!ok) {
        outbox_free(*batch);
        *batch = NULL;
    }
    return ok;
}

bool outbox_mint(Local *local, OutboxLimit limit, OutboxBatch **out, Error *err)
{
    *out = NULL;
    return local_begin(local, err) &&
           end_minting(local, trend_note_before(local, err) && mint_anew(local, limit, out, err), out, err);
}

/* --- the next batch while one is on its way --- */

bool outbox_look_ahead(Local *local, const OutboxBatch *sent, OutboxLimit limit, OutboxBatch **out,
                       Error *err)
{
    bool gave_up = false;
    OutboxBatch *batch = NULL;
    *out = NULL;
    if (!new_batch(local, &batch, err) || !sqlite_seen(local_sqlite(local), &batch->seen, err) ||
        !outbox_choose(local, batch, limit, sent, &gave_up, err)) {
        outbox_free(batch);
        return false;
    }
    if (gave_up) {
        outbox_free(batch);
        batch = NULL;
    }
    *out = batch;
    return true;
}

/* Would choosing now give the rows that were read ahead? Rows given up meanwhile must not be sent, that is
 * what it protects. The rest would do no harm: a row that changed has another seq and stays owed, and
 * whatever else delivered, judged or renamed the file leaves a token that no longer counts. */
static bool still_holds(Local *local, const OutboxBatch *sent, const OutboxBatch *ahead, bool *out,
                        Error *err)
{
    SqliteSeen now;
    *out = false;
    if (!ahead) {
        return true;
    }
    bool ok = sqlite_seen(local_sqlite(local), &now, err);
    bool same = ok && now.ours == ahead->seen.ours && now.others == ahead->seen.others &&
                strcmp(sent->store_id, ahead->store_id) == 0 &&
                strcmp(sent->origin_id, ahead->origin_id) == 0;
    *out = same || !rule_holds(RULE_LOOK_AHEAD);
    return ok;
}

bool outbox_turn(Local *local, const OutboxBatch *sent, OutboxBatch *ahead, OutboxLimit limit, bool *counted,
                 OutboxBatch **next, Error *err)
{
    bool holds = false;
    bool clean = false;
    OutboxBatch *anew = NULL;
    Sharing sharing;
    *next = NULL;
    if (!local_begin(local, err)) {
        return false;
    }
    bool ok = still_holds(local, sent, ahead, &holds, err) && sharing_read(local, &sharing, err) &&
              outbox_acknowledge_in(local, sent, counted, &clean, err);
    holds = ok && holds && ahead && *counted && clean;
    if (ok && !sharing.enabled) {
        /* switched off meanwhile: what was sent counts all the same, and nothing more is */
        holds = false;
    } else if (holds) {
        ok = mint(local, ahead, err);
    } else {
        ok = ok && mint_anew(local, limit, &anew, err);
    }
    /* while more goes out the depth is noted once a minute, not with every batch: counting takes its time */
    const OutboxBatch *minted = holds ? ahead : anew;
    bool more = ok && minted && minted->row_count > 0;
    ok = ok && (more ? trend_note_before(local, err) : trend_note_after(local, err));
    ok = end_minting(local, ok, &anew, err);
    if (ok) {
        *next = holds ? ahead : anew;
    }
    return ok;
}

void outbox_free(OutboxBatch *batch)
{
    if (!batch) {
        return;
    }
    for (size_t r = 0; r < batch->row_count; r++) {
        free(batch->rows[r].values);
        free(batch->rows[r].error);
    }
    free(batch->rows);
    free(batch->accepted);
    free(batch);
}
