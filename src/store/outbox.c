#include "outbox_rows.h"

#include <string.h>

#include "local_sqlite.h"
#include "memory.h"
#include "sharing.h"
#include "text.h"

/* --- step 1: choosing --- */

/* What is known of a row while a batch is chosen. */
typedef enum Known { UNKNOWN, IN_BATCH, DELIVERED } Known;

typedef struct KnownRow {
    const SyncedTable *table;
    int64_t local_id;
    Known known;
} KnownRow;

typedef struct Mint {
    Local *local;
    Sqlite *db;
    OutboxBatch *batch;
    size_t max_rows;
    size_t bytes;
    size_t max_bytes;
    KnownRow *known; /* a hash table, open addressing; at most half full */
    size_t known_count;
    size_t known_capacity; /* a power of two, or 0 */
    char *select[SYNCED_TABLE_COUNT];
    Error *err;
} Mint;

static bool is_full(const Mint *mint)
{
    return mint->batch->row_count >= mint->max_rows ||
           (mint->batch->row_count > 0 && mint->bytes >= mint->max_bytes);
}

/* Where a row is in the hash table, or would be. */
static KnownRow *known_slot(KnownRow *slots, size_t capacity, const SyncedTable *table, int64_t local_id)
{
    uint64_t hash = ((uint64_t)local_id * SYNCED_TABLE_COUNT + (uint64_t)synced_id(table)) *
                    UINT64_C(0x9e3779b97f4a7c15); /* Fibonacci hashing: spreads what counts up */
    size_t at = (size_t)(hash >> 32) & (capacity - 1);
    while (slots[at].table && (slots[at].table != table || slots[at].local_id != local_id)) {
        at = (at + 1) & (capacity - 1);
    }
    return &slots[at];
}

static Known known(const Mint *mint, const SyncedTable *table, int64_t local_id)
{
    return mint->known_capacity ? known_slot(mint->known, mint->known_capacity, table, local_id)->known
                                : UNKNOWN;
}

static void grow_known(Mint *mint)
{
    size_t capacity = mint->known_capacity ? 2 * mint->known_capacity : 64;
    KnownRow *slots = memory_zero(capacity, sizeof *slots);
    for (size_t i = 0; i < mint->known_capacity; i++) {
        const KnownRow *row = &mint->known[i];
        if (row->table) {
            *known_slot(slots, capacity, row->table, row->local_id) = *row;
        }
    }
    free(mint->known);
    mint->known = slots;
    mint->known_capacity = capacity;
}

static void note_known(Mint *mint, const SyncedTable *table, int64_t local_id, Known what)
{
    if (2 * (mint->known_count + 1) > mint->known_capacity) {
        grow_known(mint);
    }
    KnownRow *slot = known_slot(mint->known, mint->known_capacity, table, local_id);
    mint->known_count += slot->known == UNKNOWN;
    *slot = (KnownRow){.table = table, .local_id = local_id, .known = what};
}

static bool is_delivered(Mint *mint, const SyncedTable *table, int64_t local_id, bool *out)
{
    *out = known(mint, table, local_id) == DELIVERED;
    if (*out) {
        return true;
    }
    int64_t found;
    bool ok = sqlite_number(mint->db, mint->err, 0, &found,
                            "SELECT 1 FROM delivered WHERE store_id = $1 AND tbl = $2 AND local_id = $3 "
                            "AND origin_id = $4",
                            VALUES(value_text(mint->batch->store_id), value_text(table->name),
                                   value_int(local_id), value_text(mint->batch->origin_id)));
    *out = found != 0;
    if (*out) {
        note_known(mint, table, local_id, DELIVERED);
    }
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

/* One block for a row: its values, and behind them their text. */
static Value *copy_values(SqliteRows *rows, size_t width, size_t *bytes)
{
    size_t length = 0;
    for (size_t i = 0; i < width; i++) {
        length += sqlite_value(rows, (int)i).length + 1;
    }
    Value *values = memory_alloc(width * sizeof *values + length);
    char *text = (char *)(values + width);
    for (size_t i = 0; i < width; i++) {
        values[i] = sqlite_value(rows, (int)i);
        if (values[i].type == VALUE_TEXT) {
            memcpy(text, values[i].text, values[i].length);
            text[values[i].length] = '\0';
            values[i].text = text;
            text += values[i].length + 1;
        }
    }
    *bytes = 16 * width + length;
    return values;
}

static const char *select_row(Mint *mint, const SyncedTable *table)
{
    char **sql = &mint->select[synced_id(table)];
    if (!*sql) {
        Text text = {0};
        for (size_t i = 0; i < synced_width(table); i++) {
            text_addf(&text, "%s%s", i ? ", " : "SELECT ", synced_column(table, i)->name);
        }
        text_addf(&text, " FROM %s WHERE local_id = $1", table->name);
        *sql = text_take(&text);
    }
    return *sql;
}

/* Reads the row's state now: that is what will be sent, whatever happens to the row meanwhile. */
static bool freeze_write(Mint *mint, OutboxRow *row, size_t *bytes)
{
    SqliteRows *rows =
        sqlite_query(mint->db, mint->err, select_row(mint, row->table), VALUES(value_int(row->local_id)));
    if (sqlite_next(rows)) {
        row->values = copy_values(rows, synced_width(row->table), bytes);
    }
    return sqlite_done(mint->db, rows, mint->err);
}

static bool freeze_delete(Mint *mint, OutboxRow *row, size_t *bytes)
{
    SqliteRows *rows =
        sqlite_query(mint->db, mint->err,
                     "SELECT origin_id, local_id, origin_id, deleted_by, hostname, client_version, "
                     "deleted_at, deleted_at, "
                     "row_version, deleted_at FROM tombstones WHERE tbl = $1 AND local_id = $2",
                     VALUES(value_text(row->table->name), value_int(row->local_id)));
    if (sqlite_next(rows)) {
        row->values = copy_values(rows, SYNCED_COMMON_COUNT, bytes);
    }
    return sqlite_done(mint->db, rows, mint->err);
}

static bool freeze(Mint *mint, OutboxRow *row, size_t *bytes)
{
    if (!(row->erase ? freeze_delete(mint, row, bytes) : freeze_write(mint, row, bytes))) {
        free(row->values);
        return false;
    }
    if (!row->values) {
        return error_set(mint->err, ERROR_LOCAL, "the outbox names %s %lld, which is not there",
                         row->table->name, (long long)row->local_id);
    }
    row->row_version = row->values[SYNCED_ROW_VERSION].integer;
    return true;
}

/* Takes over a frozen row. */
static void append(Mint *mint, const OutboxRow *row, size_t bytes)
{
    OutboxBatch *batch = mint->batch;
    memory_grow((void **)&batch->rows, batch->row_count, &batch->row_capacity, sizeof *batch->rows);
    batch->rows[batch->row_count++] = *row;
    mint->bytes += bytes;
    note_known(mint, row->table, row->local_id, IN_BATCH);
}

static bool add_row(Mint *mint, const SyncedTable *table, int64_t local_id, int64_t seq, bool erase)
{
    OutboxRow row = {.table = table, .local_id = local_id, .seq = seq, .erase = erase};
    size_t bytes = 0;
    if (!freeze(mint, &row, &bytes)) {
        return false;
    }
    append(mint, &row, bytes);
    return true;
}

/* The id in the parent column of a row, which is `frozen` or an ancestor of it. */
static bool parent_of(Mint *mint, const OutboxRow *frozen, const SyncedTable *table, int64_t local_id,
                      int64_t *parent)
{
    if (table == frozen->table) {
        size_t column = SYNCED_COMMON_COUNT;
        while (!text_equal(synced_column(table, column)->name, table->parent_column)) {
            column++;
        }
        *parent = frozen->values[column].integer;
        return true;
    }
    char *sql = text_format("SELECT %s FROM %s WHERE local_id = $1", table->parent_column, table->name);
    bool ok = sqlite_number(mint->db, mint->err, 0, parent, sql, VALUES(value_int(local_id)));
    free(sql);
    return ok;
}

/* Puts the ancestors that the store lacks in front of a frozen row. *ready is false when one of them is
 * parked or dropped: the row waits. */
static bool add_ancestors(Mint *mint, const OutboxRow *frozen, bool *ready)
{
    const SyncedTable *table = frozen->table;
    int64_t local_id = frozen->local_id;
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
        if (!parent_of(mint, frozen, table, local_id, &parent)) {
            return false;
        }
        table = &synced_tables[table->parent];
        local_id = parent;
        if (known(mint, table, local_id) == IN_BATCH) {
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
            if (known(mint, child, below) == IN_BATCH) {
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
    if (known(mint, table, local_id) == IN_BATCH) {
        return true;
    }
    if (erase) {
        return add_deletes_below(mint, table, local_id) &&
               (is_full(mint) || add_row(mint, table, local_id, seq, true));
    }
    OutboxRow row = {.table = table, .local_id = local_id, .seq = seq};
    size_t bytes = 0;
    bool ready = false;
    if (!freeze(mint, &row, &bytes)) {
        return false;
    }
    bool ok = add_ancestors(mint, &row, &ready);
    if (ok && ready && !is_full(mint)) {
        append(mint, &row, bytes);
    } else {
        free(row.values);
    }
    return ok;
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

size_t outbox_list_rows(Text *json, const OutboxBatch *batch, const SyncedTable *table, OutboxResult result)
{
    size_t count = 0;
    text_clear(json);
    for (size_t i = 0; i < batch->row_count; i++) {
        const OutboxRow *row = &batch->rows[i];
        if (row->table == table && (result == OUTBOX_UNSENT || row->result == result)) {
            text_addf(json, "%s[%lld,%lld,%lld]", count++ ? "," : "[", (long long)row->local_id,
                      (long long)row->seq, (long long)row->row_version);
        }
    }
    text_add(json, "]");
    return count;
}

static bool note_sent(Mint *mint)
{
    Text json = {0};
    bool ok = true;
    for (int i = 0; ok && i < SYNCED_TABLE_COUNT; i++) {
        const SyncedTable *table = &synced_tables[i];
        if (outbox_list_rows(&json, mint->batch, table, OUTBOX_UNSENT) > 0) {
            ok = sqlite_run(mint->db, mint->err,
                            "UPDATE outbox SET sent = 1 WHERE store_id = $1 AND tbl = $2 AND sent = 0 "
                            "AND local_id IN (SELECT json_extract(value, '$[0]') FROM json_each($3))",
                            VALUES(value_text(mint->batch->store_id), value_text(table->name),
                                   value_text(text_string(&json))));
        }
    }
    text_free(&json);
    return ok;
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
    return address_batch(mint) && choose(mint) && note_sent(mint) && read_tokens(mint) &&
           (mint->batch->row_count == 0 || mint_token(mint));
}

static void mint_free(Mint *mint)
{
    free(mint->known);
    for (int i = 0; i < SYNCED_TABLE_COUNT; i++) {
        free(mint->select[i]);
    }
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
    bool ok = local_begin(local, err);
    if (ok) {
        ok = fill_batch(&mint);
        if (ok) {
            ok = local_commit(local, err);
        } else {
            local_rollback(local);
        }
    }
    mint_free(&mint);
    if (!ok) {
        outbox_free(mint.batch);
        return false;
    }
    *out = mint.batch;
    return true;
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
