/* Step 3 of a delivery: acknowledging, or noting that it failed. */
#include "outbox_rows.h"

#include "local_sqlite.h"

static bool token_counts(Local *local, const OutboxBatch *batch, bool *counts, Error *err)
{
    int64_t found;
    bool ok = sqlite_number(
        local_sqlite(local), err, 0, &found,
        "SELECT 1 FROM tokens t, origin o WHERE t.token = $1 AND t.state = 'pending' "
        "AND t.store_id = $2 AND t.origin_id = $3 AND o.store_id = $2 AND o.origin_id = $3 "
        "AND t.n = (SELECT max(n) FROM tokens WHERE store_id = $2 AND origin_id = $3)",
        VALUES(value_text(batch->token), value_text(batch->store_id), value_text(batch->origin_id)));
    *counts = found != 0;
    return ok;
}

/* Notes what the store has now, and removes the marks of rows that did not change since. */
static bool confirm_table(Sqlite *db, const OutboxBatch *batch, const SyncedTable *table, const char *json,
                          Error *err)
{
    return sqlite_run(db, err,
                      "INSERT INTO delivered(store_id, tbl, local_id, origin_id, row_version) "
                      "SELECT $1, $2, json_extract(value, '$[0]'), $3, json_extract(value, '$[2]') FROM "
                      "json_each($4) WHERE true "
                      "ON CONFLICT(store_id, tbl, local_id) DO UPDATE SET "
                      "origin_id = excluded.origin_id, row_version = excluded.row_version "
                      "WHERE delivered.origin_id <> excluded.origin_id OR delivered.row_version < "
                      "excluded.row_version",
                      VALUES(value_text(batch->store_id), value_text(table->name),
                             value_text(batch->origin_id), value_text(json))) &&
           sqlite_run(db, err,
                      "DELETE FROM outbox WHERE store_id = $1 AND tbl = $2 AND (local_id, seq) IN "
                      "(SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each($3))",
                      VALUES(value_text(batch->store_id), value_text(table->name), value_text(json)));
}

/* *changed says whether rows of the batch changed in flight: their marks are still there. */
static bool confirm(Sqlite *db, const OutboxBatch *batch, bool *changed, Error *err)
{
    Text json = {0};
    bool ok = true;
    *changed = false;
    for (int i = 0; ok && i < SYNCED_TABLE_COUNT; i++) {
        const SyncedTable *table = &synced_tables[i];
        int64_t count = (int64_t)outbox_list_rows(&json, batch, table, OUTBOX_CONFIRMED);
        if (count > 0) {
            ok = confirm_table(db, batch, table, text_string(&json), err);
            *changed |= sqlite_changes(db) < count;
        }
    }
    text_free(&json);
    return ok;
}

/* A row that changed in flight goes to the tail: or hot rows starve the rest. */
static bool move_to_tail(Sqlite *db, const OutboxBatch *batch, const OutboxRow *row, Error *err)
{
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
                      "UPDATE outbox SET state = 'parked', attempts = attempts + 1, last_error = $5 "
                      "WHERE store_id = $1 AND tbl = $2 AND local_id = $3 AND seq = $4 AND state = 'queued'",
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

/* What a row still needs once the unchanged confirmed ones are done with. */
static bool settle(Sqlite *db, const OutboxBatch *batch, const OutboxRow *row, bool changed, Error *err)
{
    if (row->result == OUTBOX_REFUSED) {
        return park(db, batch, row, err);
    }
    if (row->result == OUTBOX_WAITS) {
        return note_missing_parent(db, batch, row, err) && move_to_tail(db, batch, row, err);
    }
    if (row->result != OUTBOX_CONFIRMED || !changed) {
        return true;
    }
    int64_t left;
    return sqlite_number(
               db, err, 0, &left, "SELECT 1 FROM outbox WHERE store_id = $1 AND tbl = $2 AND local_id = $3",
               VALUES(value_text(batch->store_id), value_text(row->table->name), value_int(row->local_id))) &&
           (!left || move_to_tail(db, batch, row, err));
}

static bool acknowledge(Local *local, const OutboxBatch *batch, Error *err)
{
    Sqlite *db = local_sqlite(local);
    if (!sqlite_run(
            db, err,
            "UPDATE tokens SET state = CASE WHEN token = $3 THEN 'acked' ELSE 'old' END "
            "WHERE store_id = $1 AND origin_id = $2 AND state <> 'old'",
            VALUES(value_text(batch->store_id), value_text(batch->origin_id), value_text(batch->token)))) {
        return false;
    }
    bool changed;
    if (!confirm(db, batch, &changed, err)) {
        return false;
    }
    for (size_t i = 0; i < batch->row_count; i++) {
        if (!settle(db, batch, &batch->rows[i], changed, err)) {
            return false;
        }
    }
    return true;
}

bool outbox_acknowledge(Local *local, const OutboxBatch *batch, bool *counted, Error *err)
{
    bool counts = false;
    if (!local_begin(local, err)) {
        return false;
    }
    if (!token_counts(local, batch, &counts, err) || (counts && !acknowledge(local, batch, err))) {
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
