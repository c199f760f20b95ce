#include "outbox.h"

#include <string.h>

#include "local_sqlite.h"
#include "memory.h"
#include "sharing.h"
#include "text.h"

/* --- step 1: choosing --- */

typedef struct Mint {
    Local *local;
    Sqlite *db;
    OutboxBatch *batch;
    size_t max_rows;
    size_t bytes;
    size_t max_bytes;
    Error *err;
} Mint;

static bool is_full(const Mint *mint)
{
    return mint->batch->row_count >= mint->max_rows ||
           (mint->batch->row_count > 0 && mint->bytes >= mint->max_bytes);
}

static bool is_in_batch(const OutboxBatch *batch, const SyncedTable *table, int64_t local_id)
{
    /* ancestors were added lately: look from the end */
    for (size_t i = batch->row_count; i > 0; i--) {
        if (batch->rows[i - 1].local_id == local_id && batch->rows[i - 1].table == table) {
            return true;
        }
    }
    return false;
}

static bool is_delivered(Mint *mint, const SyncedTable *table, int64_t local_id, bool *out)
{
    int64_t found;
    bool ok = sqlite_number(mint->db, mint->err, 0, &found,
                            "SELECT 1 FROM delivered WHERE store_id = $1 AND tbl = $2 AND local_id = $3 "
                            "AND origin_id = $4",
                            VALUES(value_text(mint->batch->store_id), value_text(table->name),
                                   value_int(local_id), value_text(mint->batch->origin_id)));
    *out = found != 0;
    return ok;
}

/* State of a row's mark: "" when it has none. */
static bool mark_state(Mint *mint, const SyncedTable *table, int64_t local_id, char state[8], int64_t *seq)
{
    SqliteRows *rows =
        sqlite_query(mint->db, mint->err,
                     "SELECT state, seq FROM outbox WHERE store_id = $1 AND tbl = $2 AND local_id = $3",
                     VALUES(value_text(mint->batch->store_id), value_text(table->name), value_int(local_id)));
    state[0] = '\0';
    *seq = 0;
    if (sqlite_next(rows)) {
        text_copy(state, 8, sqlite_text(rows, 0));
        *seq = sqlite_int(rows, 1);
    }
    return sqlite_done(mint->db, rows, mint->err);
}

static bool parent_of(Mint *mint, const SyncedTable *table, int64_t local_id, int64_t *parent)
{
    char *sql = text_format("SELECT %s FROM %s WHERE local_id = $1", table->parent_column, table->name);
    bool ok = sqlite_number(mint->db, mint->err, 0, parent, sql, VALUES(value_int(local_id)));
    free(sql);
    return ok;
}

static Value *copy_values(SqliteRows *rows, size_t width, size_t *bytes)
{
    Value *values = memory_zero(width, sizeof *values);
    for (size_t i = 0; i < width; i++) {
        values[i] = sqlite_value(rows, (int)i);
        *bytes += 16;
        if (values[i].type == VALUE_TEXT) {
            values[i].text = memory_string_n(values[i].text, values[i].length);
            *bytes += values[i].length;
        }
    }
    return values;
}

/* Reads the row's state now: that is what will be sent, whatever happens to the row meanwhile. */
static bool freeze_write(Mint *mint, OutboxRow *row, bool *found)
{
    Text sql = {0};
    for (size_t i = 0; i < synced_width(row->table); i++) {
        text_addf(&sql, "%s%s", i ? ", " : "SELECT ", synced_column(row->table, i)->name);
    }
    text_addf(&sql, " FROM %s WHERE local_id = $1", row->table->name);
    SqliteRows *rows = sqlite_query(mint->db, mint->err, text_string(&sql), VALUES(value_int(row->local_id)));
    *found = sqlite_next(rows);
    if (*found) {
        row->values = copy_values(rows, synced_width(row->table), &mint->bytes);
        row->row_version = row->values[SYNCED_ROW_VERSION].integer;
    }
    bool ok = sqlite_done(mint->db, rows, mint->err);
    text_free(&sql);
    return ok;
}

static bool freeze_delete(Mint *mint, OutboxRow *row, bool *found)
{
    SqliteRows *rows =
        sqlite_query(mint->db, mint->err,
                     "SELECT origin_id, local_id, origin_id, deleted_by, hostname, client_version, "
                     "deleted_at, deleted_at, "
                     "row_version, deleted_at FROM tombstones WHERE tbl = $1 AND local_id = $2",
                     VALUES(value_text(row->table->name), value_int(row->local_id)));
    *found = sqlite_next(rows);
    if (*found) {
        row->values = copy_values(rows, SYNCED_COMMON_COUNT, &mint->bytes);
        row->row_version = row->values[SYNCED_ROW_VERSION].integer;
    }
    return sqlite_done(mint->db, rows, mint->err);
}

static bool add_row(Mint *mint, const SyncedTable *table, int64_t local_id, int64_t seq, bool erase)
{
    OutboxRow row = {.table = table, .local_id = local_id, .seq = seq, .erase = erase};
    bool found = false;
    if (!(erase ? freeze_delete(mint, &row, &found) : freeze_write(mint, &row, &found))) {
        return false;
    }
    if (!found) {
        return error_set(mint->err, ERROR_LOCAL, "the outbox names %s %lld, which is not there", table->name,
                         (long long)local_id);
    }
    OutboxBatch *batch = mint->batch;
    memory_grow((void **)&batch->rows, batch->row_count, &batch->row_capacity, sizeof *batch->rows);
    batch->rows[batch->row_count++] = row;
    return sqlite_run(
        mint->db, mint->err,
        "UPDATE outbox SET sent = 1 WHERE store_id = $1 AND tbl = $2 AND local_id = $3 AND sent = 0",
        VALUES(value_text(batch->store_id), value_text(table->name), value_int(local_id)));
}

/* Puts the ancestors that the store lacks in front. *ready is false when one of them is parked or dropped:
 * the row waits. */
static bool add_ancestors(Mint *mint, const SyncedTable *table, int64_t local_id, bool *ready)
{
    struct {
        const SyncedTable *table;
        int64_t id;
        int64_t seq;
    } missing[SYNCED_DEPTH];
    int count = 0;
    *ready = true;
    while (table->parent != SYNCED_NO_PARENT) {
        int64_t parent;
        bool delivered = false;
        char state[8];
        int64_t seq;
        if (!parent_of(mint, table, local_id, &parent)) {
            return false;
        }
        table = &synced_tables[table->parent];
        local_id = parent;
        if (is_in_batch(mint->batch, table, local_id)) {
            break; /* and so are its ancestors, or they are delivered */
        }
        if (!is_delivered(mint, table, local_id, &delivered) ||
            !mark_state(mint, table, local_id, state, &seq)) {
            return false;
        }
        if (delivered) {
            continue;
        }
        if (!*state) {
            if (!sharing_mark(mint->local, table, local_id, 'u', mint->err) ||
                !mark_state(mint, table, local_id, state, &seq)) {
                return false;
            }
        }
        if (strcmp(state, "queued") != 0) {
            *ready = false;
            return true;
        }
        missing[count].table = table;
        missing[count].id = local_id;
        missing[count++].seq = seq;
    }
    for (int i = count - 1; i >= 0 && !is_full(mint); i--) {
        if (!add_row(mint, missing[i].table, missing[i].id, missing[i].seq, false)) {
            return false;
        }
    }
    return true;
}

/* Puts the queued deletes below a delete in front of it. */
static bool add_deletes_below(Mint *mint, const SyncedTable *table, int64_t local_id)
{
    for (int i = 0; i < SYNCED_TABLE_COUNT; i++) {
        const SyncedTable *child = &synced_tables[i];
        if (child->parent != synced_id(table)) {
            continue;
        }
        int64_t below = 0;
        for (;;) {
            int64_t seq;
            char state[8];
            if (!sqlite_number(
                    mint->db, mint->err, 0, &below,
                    "SELECT t.local_id FROM tombstones t JOIN outbox o ON o.tbl = t.tbl "
                    "AND o.local_id = t.local_id WHERE t.tbl = $1 AND t.parent = $2 AND t.local_id > $3 "
                    "AND o.store_id = $4 AND o.op = 'd' AND o.state = 'queued' ORDER BY t.local_id LIMIT 1",
                    VALUES(value_text(child->name), value_int(local_id), value_int(below),
                           value_text(mint->batch->store_id)))) {
                return false;
            }
            if (below == 0) {
                break;
            }
            if (is_in_batch(mint->batch, child, below)) {
                continue;
            }
            if (!add_deletes_below(mint, child, below) || !mark_state(mint, child, below, state, &seq)) {
                return false;
            }
            if (is_full(mint)) {
                return true;
            }
            if (!add_row(mint, child, below, seq, true)) {
                return false;
            }
        }
    }
    return true;
}

static bool add_mark(Mint *mint, const char *name, int64_t local_id, int64_t seq, bool erase)
{
    const SyncedTable *table = synced_find(name);
    if (!table) {
        return error_set(mint->err, ERROR_LOCAL, "the outbox names a table %s that this amx does not know",
                         name);
    }
    if (is_in_batch(mint->batch, table, local_id)) {
        return true;
    }
    if (erase) {
        return add_deletes_below(mint, table, local_id) &&
               (is_full(mint) || add_row(mint, table, local_id, seq, true));
    }
    bool ready;
    if (!add_ancestors(mint, table, local_id, &ready)) {
        return false;
    }
    return !ready || is_full(mint) || add_row(mint, table, local_id, seq, false);
}

/* Walks the queue by position until the batch is full. */
static bool choose(Mint *mint)
{
    bool ok = true;
    SqliteRows *rows = sqlite_query(mint->db, mint->err,
                                    "SELECT tbl, local_id, seq, op FROM outbox WHERE store_id = $1 "
                                    "AND state = 'queued' ORDER BY position",
                                    VALUES(value_text(mint->batch->store_id)));
    while (ok && !is_full(mint) && sqlite_next(rows)) {
        ok = add_mark(mint, sqlite_text(rows, 0), sqlite_int(rows, 1), sqlite_int(rows, 2),
                      strcmp(sqlite_text(rows, 3), "d") == 0);
    }
    return sqlite_done(mint->db, rows, ok ? mint->err : NULL) && ok;
}

/* --- step 1: the token --- */

static bool read_tokens(Mint *mint)
{
    OutboxBatch *batch = mint->batch;
    size_t capacity = 0;
    batch->first = true;
    SqliteRows *rows = sqlite_query(mint->db, mint->err,
                                    "SELECT token, state FROM tokens WHERE store_id = $1 AND origin_id = $2 "
                                    "AND state <> 'old' ORDER BY n",
                                    VALUES(value_text(batch->store_id), value_text(batch->origin_id)));
    while (sqlite_next(rows)) {
        memory_grow((void **)&batch->accepted, batch->accepted_count, &capacity, sizeof *batch->accepted);
        text_copy(batch->accepted[batch->accepted_count++], ID_SIZE, sqlite_text(rows, 0));
        if (strcmp(sqlite_text(rows, 1), "acked") == 0) {
            batch->first = false;
            text_copy(batch->acked, ID_SIZE, sqlite_text(rows, 0));
        }
    }
    return sqlite_done(mint->db, rows, mint->err);
}

static bool mint_token(Mint *mint)
{
    id_random(mint->batch->token);
    return sqlite_run(mint->db, mint->err,
                      "INSERT INTO tokens(store_id, origin_id, token, state) VALUES ($1, $2, $3, 'pending')",
                      VALUES(value_text(mint->batch->store_id), value_text(mint->batch->origin_id),
                             value_text(mint->batch->token)));
}

static bool address_batch(Mint *mint)
{
    Sharing sharing;
    if (!sharing_read(mint->local, &sharing, mint->err)) {
        return false;
    }
    if (!sharing.enabled) {
        error_set(mint->err, ERROR_USAGE, "sharing is off");
        return error_hint(mint->err, "switch it on with: amx db history-store enable");
    }
    OutboxBatch *batch = mint->batch;
    memcpy(batch->store_id, sharing.store_id, ID_SIZE);
    memcpy(batch->origin_id, sharing.origin_id, ID_SIZE);
    batch->who = *local_identity(mint->local);
    return true;
}

static bool fill_batch(Mint *mint)
{
    return address_batch(mint) && choose(mint) && read_tokens(mint) &&
           (mint->batch->row_count == 0 || mint_token(mint));
}

bool outbox_question(Local *local, OutboxBatch **out, Error *err)
{
    Mint mint = {
        .local = local, .db = local_sqlite(local), .batch = memory_zero(1, sizeof(OutboxBatch)), .err = err};
    if (!address_batch(&mint) || !read_tokens(&mint)) {
        outbox_free(mint.batch);
        return false;
    }
    *out = mint.batch;
    return true;
}

bool outbox_mint(Local *local, size_t max_rows, size_t max_bytes, OutboxBatch **out, Error *err)
{
    Mint mint = {.local = local,
                 .db = local_sqlite(local),
                 .batch = memory_zero(1, sizeof(OutboxBatch)),
                 .max_rows = max_rows,
                 .max_bytes = max_bytes,
                 .err = err};
    if (local_begin(local, err)) {
        if (!fill_batch(&mint)) {
            local_rollback(local);
        } else if (local_commit(local, err)) {
            *out = mint.batch;
            return true;
        }
    }
    outbox_free(mint.batch);
    return false;
}

void outbox_free(OutboxBatch *batch)
{
    if (!batch) {
        return;
    }
    for (size_t r = 0; r < batch->row_count; r++) {
        OutboxRow *row = &batch->rows[r];
        size_t width = row->erase ? SYNCED_COMMON_COUNT : synced_width(row->table);
        for (size_t i = 0; row->values && i < width; i++) {
            if (row->values[i].type == VALUE_TEXT) {
                free((char *)row->values[i].text);
            }
        }
        free(row->values);
        free(row->error);
    }
    free(batch->rows);
    free(batch->accepted);
    free(batch);
}

/* --- step 3 --- */

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

static bool confirm(Sqlite *db, const OutboxBatch *batch, const OutboxRow *row, Error *err)
{
    return sqlite_run(db, err,
                      "INSERT INTO delivered(store_id, tbl, local_id, origin_id, row_version) "
                      "VALUES ($1, $2, $3, $4, $5) ON CONFLICT(store_id, tbl, local_id) DO UPDATE SET "
                      "origin_id = excluded.origin_id, row_version = excluded.row_version "
                      "WHERE delivered.origin_id <> excluded.origin_id OR delivered.row_version < "
                      "excluded.row_version",
                      VALUES(value_text(batch->store_id), value_text(row->table->name),
                             value_int(row->local_id), value_text(batch->origin_id),
                             value_int(row->row_version))) &&
           sqlite_run(db, err,
                      "DELETE FROM outbox WHERE store_id = $1 AND tbl = $2 AND local_id = $3 AND seq = $4",
                      VALUES(value_text(batch->store_id), value_text(row->table->name),
                             value_int(row->local_id), value_int(row->seq)));
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

static bool settle(Sqlite *db, const OutboxBatch *batch, const OutboxRow *row, Error *err)
{
    if (row->result == OUTBOX_REFUSED) {
        return park(db, batch, row, err);
    }
    if (row->result == OUTBOX_WAITS) {
        return note_missing_parent(db, batch, row, err) && move_to_tail(db, batch, row, err);
    }
    if (row->result != OUTBOX_CONFIRMED) {
        return true;
    }
    if (!confirm(db, batch, row, err)) {
        return false;
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
    for (size_t i = 0; i < batch->row_count; i++) {
        if (!settle(db, batch, &batch->rows[i], err)) {
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
