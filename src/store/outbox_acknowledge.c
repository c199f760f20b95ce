/* Step 3 of a delivery: acknowledging, or noting that it failed. */
#include "local_sqlite.h"
#include "outbox_internal.h"
#include "rules.h"
#include "text.h"
#include "trend.h"

static bool token_counts(Local *local, const OutboxBatch *batch, bool *counts, Error *err)
{
    *counts = false;
    SqliteRows *rows = sqlite_query(
        local_sqlite(local), err,
        "SELECT t.state = 'pending' AND o.store_id = $2 AND o.origin_id = $3, "
        "t.n = (SELECT max(n) FROM tokens WHERE store_id = $2 AND origin_id = $3) "
        "FROM tokens t, origin o WHERE t.token = $1 AND t.store_id = $2 AND t.origin_id = $3",
        VALUES(value_text(batch->token), value_text(batch->store_id), value_text(batch->origin_id)));
    if (sqlite_next(rows)) {
        bool pending = sqlite_int(rows, 0) != 0 || !rule_holds(RULE_PENDING_COUNTS);
        bool newest = sqlite_int(rows, 1) != 0 || !rule_holds(RULE_NEWEST_COUNTS);
        *counts = pending && newest;
    }
    return sqlite_done(local_sqlite(local), rows, err);
}

/* Notes what the store has now, and removes the mark of a row that did not change since. *left: it did. */
static bool confirm(Sqlite *db, const OutboxBatch *batch, const OutboxRow *row, bool *left, Error *err)
{
    Value store = value_text(batch->store_id);
    Value table = value_text(row->table->name);
    Value id = value_int(row->local_id);
    if (!sqlite_run(db, err,
                    "INSERT INTO delivered(store_id, tbl, local_id, origin_id, row_version) "
                    "VALUES ($1, $2, $3, $4, $5) ON CONFLICT(store_id, tbl, local_id) DO UPDATE SET "
                    "origin_id = excluded.origin_id, row_version = excluded.row_version "
                    "WHERE delivered.origin_id <> excluded.origin_id OR delivered.row_version < "
                    "excluded.row_version",
                    VALUES(store, table, id, value_text(batch->origin_id), value_int(row->row_version))) ||
        !sqlite_run(db, err,
                    RULE_SQL(RULE_SAME_SEQ,
                             "DELETE FROM outbox WHERE store_id = $1 AND tbl = $2 AND local_id = $3 AND ",
                             "seq = $4", "seq >= $4", ""),
                    VALUES(store, table, id, value_int(row->seq)))) {
        return false;
    }
    if (sqlite_changes(db) == 1) {
        *left = false;
        return true;
    }
    int64_t found;
    bool ok = sqlite_number(db, err, 0, &found,
                            "SELECT 1 FROM outbox WHERE store_id = $1 AND tbl = $2 AND local_id = $3",
                            VALUES(store, table, id));
    *left = found != 0;
    return ok;
}

/* From here on a stretch is worth its statements. */
#define STRETCH_ROWS 8

/* The same for a stretch of confirmed rows. A mark that has not moved since the batch was minted is that of a
 * row that has not changed: what it holds now is what was sent. *all is false when some have: what is left of
 * the stretch has to be gone through row by row. */
static bool confirm_stretch(Sqlite *db, const OutboxBatch *batch, size_t from, size_t length, bool *all,
                            Error *err)
{
    const OutboxRow *first = &batch->rows[from];
    const Value values[] = {value_text(batch->store_id),
                            value_text(first->table->name),
                            value_int(first->local_id),
                            value_int(first->local_id + (int64_t)length - 1),
                            value_int(rule_holds(RULE_SAME_SEQ) ? batch->last_seq : INT64_MAX),
                            value_text(batch->origin_id)};
    char *deliver = text_format(
        "INSERT INTO delivered(store_id, tbl, local_id, origin_id, row_version) SELECT $1, $2, r.local_id, "
        "$6, "
        "r.row_version FROM %s r WHERE r.local_id BETWEEN $3 AND $4 AND EXISTS (SELECT 1 FROM outbox b "
        "WHERE b.store_id = $1 AND b.tbl = $2 AND b.local_id = r.local_id AND b.seq <= $5) "
        "ON CONFLICT(store_id, tbl, local_id) DO UPDATE SET origin_id = excluded.origin_id, "
        "row_version = excluded.row_version WHERE delivered.origin_id <> excluded.origin_id "
        "OR delivered.row_version < excluded.row_version",
        first->table->name);
    bool ok = sqlite_run(db, err, deliver, values, 6) &&
              sqlite_run(db, err,
                         "DELETE FROM outbox WHERE store_id = $1 AND tbl = $2 AND local_id BETWEEN $3 AND $4 "
                         "AND seq <= $5",
                         values, 5);
    *all = ok && sqlite_changes(db) == (int64_t)length;
    free(deliver);
    return ok;
}

/* A row that changed in flight goes to the tail: or hot rows starve the rest. */
static bool move_to_tail(Sqlite *db, const OutboxBatch *batch, const OutboxRow *row, Error *err)
{
    if (!rule_holds(RULE_TAIL)) {
        return true;
    }
    return sqlite_run(
               db, err,
               "UPDATE outbox SET position = (SELECT position + 1 FROM origin) "
               "WHERE store_id = $1 AND tbl = $2 AND local_id = $3",
               VALUES(value_text(batch->store_id), value_text(row->table->name), value_int(row->local_id))) &&
           sqlite_run(db, err, "UPDATE origin SET position = position + 1", NO_VALUES);
}

static bool park(Sqlite *db, const OutboxBatch *batch, const OutboxRow *row, Error *err)
{
    return sqlite_run(db, err,
                      RULE_SQL(RULE_PARK_SAME_SEQ,
                               "UPDATE outbox SET state = 'parked', attempts = attempts + 1, last_error = $5 "
                               "WHERE store_id = $1 AND tbl = $2 AND local_id = $3 AND ",
                               "seq = $4 AND state = 'queued'", "seq >= $4", ""),
                      VALUES(value_text(batch->store_id), value_text(row->table->name),
                             value_int(row->local_id), value_int(row->seq), value_text(row->error)));
}

/* What was delivered under this row is not there any more; the rest of the queue goes first now. */
static bool note_missing_parent(Sqlite *db, const OutboxBatch *batch, const OutboxRow *row, Error *err)
{
    return sqlite_run(db, err,
                      "UPDATE outbox SET attempts = attempts + 1, last_error = $4 "
                      "WHERE store_id = $1 AND tbl = $2 AND local_id = $3",
                      VALUES(value_text(batch->store_id), value_text(row->table->name),
                             value_int(row->local_id),
                             value_text("the shared store does not have the row that this one belongs to")));
}

/* *clean becomes false when the row is still owed. */
static bool settle(Sqlite *db, const OutboxBatch *batch, const OutboxRow *row, bool *clean, Error *err)
{
    bool left = false;
    switch (row->result) {
    case OUTBOX_CONFIRMED:
        if (!confirm(db, batch, row, &left, err)) {
            return false;
        }
        *clean &= !left;
        return !left || move_to_tail(db, batch, row, err);
    case OUTBOX_REFUSED:
        *clean = false;
        return park(db, batch, row, err);
    case OUTBOX_WAITS:
        *clean = false;
        return note_missing_parent(db, batch, row, err) && move_to_tail(db, batch, row, err);
    case OUTBOX_UNSENT:
        *clean = false;
    }
    return true;
}

static bool acknowledge(Local *local, const OutboxBatch *batch, bool *clean, Error *err)
{
    Sqlite *db = local_sqlite(local);
    if (!sqlite_run(
            db, err,
            RULE_SQL(RULE_OTHERS_OLD,
                     "UPDATE tokens SET state = CASE WHEN token = $3 THEN 'acked' ELSE 'old' END "
                     "WHERE store_id = $1 AND origin_id = $2 AND ",
                     "state <> 'old'", "(state = 'acked' OR token = $3)", ""),
            VALUES(value_text(batch->store_id), value_text(batch->origin_id), value_text(batch->token)))) {
        return false;
    }
    for (size_t i = 0, length; i < batch->row_count; i += length) {
        bool all = false;
        length = outbox_stretch(batch, i);
        if (batch->rows[i].result == OUTBOX_CONFIRMED && length >= STRETCH_ROWS &&
            !confirm_stretch(db, batch, i, length, &all, err)) {
            return false;
        }
        for (size_t r = i; !all && r < i + length; r++) {
            if (!settle(db, batch, &batch->rows[r], clean, err)) {
                return false;
            }
        }
    }
    return true;
}

bool outbox_acknowledge_in(Local *local, const OutboxBatch *batch, bool *counted, bool *clean, Error *err)
{
    *clean = true;
    return token_counts(local, batch, counted, err) && (!*counted || acknowledge(local, batch, clean, err));
}

bool outbox_acknowledge(Local *local, const OutboxBatch *batch, bool *counted, Error *err)
{
    bool counts = false;
    bool clean;
    if (!local_begin(local, err)) {
        return false;
    }
    if (!outbox_acknowledge_in(local, batch, &counts, &clean, err) ||
        (counts && !trend_note_after(local, err))) {
        local_rollback(local);
        return false;
    }
    if (counted) {
        *counted = counts;
    }
    return local_commit(local, err);
}

bool outbox_note_failure(Local *local, const OutboxBatch *batch, const char *reason, Error *err)
{
    if (!local_begin(local, err)) {
        return false;
    }
    for (size_t i = 0; i < batch->row_count; i++) {
        const OutboxRow *row = &batch->rows[i];
        if (!sqlite_run(
                local_sqlite(local), err,
                "UPDATE outbox SET attempts = attempts + 1, last_error = $5 WHERE store_id = $1 AND tbl = $2 "
                "AND local_id = $3 AND seq = $4",
                VALUES(value_text(batch->store_id), value_text(row->table->name), value_int(row->local_id),
                       value_int(row->seq), value_text(reason)))) {
            local_rollback(local);
            return false;
        }
    }
    return local_commit(local, err);
}
