/* Which rows go into a batch, and what is sent of them (rule D1 of docs/protocol.md). */
#include "outbox_internal.h"

#include <string.h>

#include "local_sqlite.h"
#include "memory.h"
#include "rules.h"
#include "sharing.h"
#include "text.h"

/* --- what is known of rows while a batch is chosen --- */

typedef enum Known { UNKNOWN, IN_BATCH, ON_ITS_WAY, DELIVERED } Known;

typedef struct KnownRow {
    const SyncedTable *table;
    int64_t local_id;
    Known known;
} KnownRow;

/* A batch that is being put together. */
typedef struct Choice {
    Local *local;
    Sqlite *db;
    OutboxBatch *batch;
    OutboxLimit limit;
    size_t bytes;
    KnownRow *known; /* a hash table, open addressing; at most half full */
    size_t known_count;
    size_t known_capacity; /* a power of two, or 0 */
    char *select[SYNCED_TABLE_COUNT];
    int64_t last_delivered[SYNCED_TABLE_COUNT]; /* highest local_id there; -1 = not looked up yet */
    const OutboxBatch *sent;                    /* on its way while the next batch is read ahead, or NULL */
    bool closed;                                /* nothing more goes into this batch */
    bool gave_up;                               /* what comes next can't be told without writing */
    Error *err;
} Choice;

static bool is_full(const Choice *choice)
{
    return choice->closed || choice->batch->row_count >= choice->limit.rows ||
           (choice->batch->row_count > 0 && choice->bytes >= choice->limit.bytes);
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

static Known known(const Choice *choice, const SyncedTable *table, int64_t local_id)
{
    return choice->known_capacity ? known_slot(choice->known, choice->known_capacity, table, local_id)->known
                                  : UNKNOWN;
}

static void grow_known(Choice *choice)
{
    size_t capacity = choice->known_capacity ? 2 * choice->known_capacity : 64;
    KnownRow *slots = memory_zero(capacity, sizeof *slots);
    for (size_t i = 0; i < choice->known_capacity; i++) {
        const KnownRow *row = &choice->known[i];
        if (row->table) {
            *known_slot(slots, capacity, row->table, row->local_id) = *row;
        }
    }
    free(choice->known);
    choice->known = slots;
    choice->known_capacity = capacity;
}

static void note_known(Choice *choice, const SyncedTable *table, int64_t local_id, Known what)
{
    if (2 * (choice->known_count + 1) > choice->known_capacity) {
        grow_known(choice);
    }
    KnownRow *slot = known_slot(choice->known, choice->known_capacity, table, local_id);
    choice->known_count += slot->known == UNKNOWN;
    *slot = (KnownRow){.table = table, .local_id = local_id, .known = what};
}

static bool is_sent(const Choice *choice, const SyncedTable *table, int64_t local_id)
{
    Known what = known(choice, table, local_id);
    return what == IN_BATCH || what == ON_ITS_WAY;
}

/* Does the store have the row, or will have once the batch on its way is confirmed? */
static bool is_delivered(Choice *choice, const SyncedTable *table, int64_t local_id, bool *out)
{
    Known what = known(choice, table, local_id);
    *out = what == DELIVERED || what == ON_ITS_WAY;
    if (*out) {
        return true;
    }
    int64_t found;
    bool ok = sqlite_number(choice->db, choice->err, 0, &found,
                            "SELECT 1 FROM delivered WHERE store_id = $1 AND tbl = $2 AND local_id = $3 "
                            "AND origin_id = $4",
                            VALUES(value_text(choice->batch->store_id), value_text(table->name),
                                   value_int(local_id), value_text(choice->batch->origin_id)));
    *out = found != 0;
    if (*out) {
        note_known(choice, table, local_id, DELIVERED);
    }
    return ok;
}

/* What the outbox says of a row. */
typedef struct Mark {
    int64_t seq; /* 0 = it has none */
    bool queued;
    bool sent;
} Mark;

static bool mark_of(Choice *choice, const SyncedTable *table, int64_t local_id, Mark *out)
{
    *out = (Mark){0};
    SqliteRows *rows = sqlite_query(
        choice->db, choice->err,
        "SELECT seq, state = 'queued', sent FROM outbox WHERE store_id = $1 AND tbl = $2 AND local_id = $3",
        VALUES(value_text(choice->batch->store_id), value_text(table->name), value_int(local_id)));
    if (sqlite_next(rows)) {
        *out = (Mark){
            .seq = sqlite_int(rows, 0), .queued = sqlite_int(rows, 1) != 0, .sent = sqlite_int(rows, 2) != 0};
    }
    return sqlite_done(choice->db, rows, choice->err);
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

static const char *select_row(Choice *choice, const SyncedTable *table)
{
    char **sql = &choice->select[synced_id(table)];
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
static bool freeze_write(Choice *choice, OutboxRow *row, size_t *bytes)
{
    SqliteRows *rows = sqlite_query(choice->db, choice->err, select_row(choice, row->table),
                                    VALUES(value_int(row->local_id)));
    if (sqlite_next(rows)) {
        row->values = copy_values(rows, synced_width(row->table), bytes);
    }
    return sqlite_done(choice->db, rows, choice->err);
}

static bool freeze_delete(Choice *choice, OutboxRow *row, size_t *bytes)
{
    SqliteRows *rows = sqlite_query(
        choice->db, choice->err,
        RULE_SQL(RULE_DELETE_AUTHOR, "SELECT origin_id, local_id, origin_id, ", "deleted_by, hostname",
                 "(SELECT created_by FROM origin), (SELECT hostname FROM origin)",
                 ", client_version, deleted_at, deleted_at, row_version, deleted_at "
                 "FROM tombstones WHERE tbl = $1 AND local_id = $2"),
        VALUES(value_text(row->table->name), value_int(row->local_id)));
    if (sqlite_next(rows)) {
        row->values = copy_values(rows, SYNCED_COMMON_COUNT, bytes);
    }
    return sqlite_done(choice->db, rows, choice->err);
}

/* A local_id above all delivered ones needs no look: ids are never used twice. */
static bool is_fresh(Choice *choice, const OutboxRow *row, const Mark *mark, bool *out)
{
    *out = false;
    if (mark->sent || row->erase) {
        return true;
    }
    int64_t *last = &choice->last_delivered[synced_id(row->table)];
    if (*last < 0 &&
        !sqlite_number(choice->db, choice->err, 0, last,
                       "SELECT max(local_id) FROM delivered WHERE store_id = $1 AND tbl = $2",
                       VALUES(value_text(choice->batch->store_id), value_text(row->table->name)))) {
        return false;
    }
    bool delivered = false;
    if (row->local_id <= *last && !is_delivered(choice, row->table, row->local_id, &delivered)) {
        return false;
    }
    *out = !delivered;
    return true;
}

static bool freeze(Choice *choice, const Mark *mark, OutboxRow *row, size_t *bytes)
{
    row->seq = mark->seq;
    if (!is_fresh(choice, row, mark, &row->fresh) ||
        !(row->erase ? freeze_delete(choice, row, bytes) : freeze_write(choice, row, bytes))) {
        free(row->values);
        return false;
    }
    if (!row->values) {
        error_set(choice->err, ERROR_LOCAL, "the outbox names %s %lld, which is not there", row->table->name,
                  (long long)row->local_id);
        return false;
    }
    row->row_version = row->values[SYNCED_ROW_VERSION].integer;
    return true;
}

/* --- order --- */

/* Takes over a frozen row. */
static void append(Choice *choice, const OutboxRow *row, size_t bytes)
{
    OutboxBatch *batch = choice->batch;
    memory_grow((void **)&batch->rows, batch->row_count, &batch->row_capacity, sizeof *batch->rows);
    batch->rows[batch->row_count++] = *row;
    choice->bytes += bytes;
    note_known(choice, row->table, row->local_id, IN_BATCH);
}

static bool add_row(Choice *choice, const SyncedTable *table, int64_t local_id, const Mark *mark, bool erase)
{
    OutboxRow row = {.table = table, .local_id = local_id, .erase = erase};
    size_t bytes = 0;
    if (!freeze(choice, mark, &row, &bytes)) {
        return false;
    }
    append(choice, &row, bytes);
    return true;
}

/* The id in the parent column of a row, which is `frozen` or an ancestor of it. */
static bool parent_of(Choice *choice, const OutboxRow *frozen, const SyncedTable *table, int64_t local_id,
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
    bool ok = sqlite_number(choice->db, choice->err, 0, parent, sql, VALUES(value_int(local_id)));
    free(sql);
    return ok;
}

/* The mark of an ancestor that the store lacks; one that has none gets it now. */
static bool mark_ancestor(Choice *choice, const SyncedTable *table, int64_t local_id, Mark *out)
{
    if (!mark_of(choice, table, local_id, out)) {
        return false;
    }
    if (out->seq > 0 || !rule_holds(RULE_ANCESTORS_MARKED)) {
        return true;
    }
    choice->gave_up = choice->sent;
    return choice->gave_up || (sharing_mark(choice->local, table, local_id, 'u', choice->err) &&
                               mark_of(choice, table, local_id, out));
}

/* Puts the ancestors that the store lacks in front of a frozen row. *ready is false when one of them is
 * parked or dropped: the row waits. */
static bool add_ancestors(Choice *choice, const OutboxRow *frozen, bool *ready)
{
    const SyncedTable *table = frozen->table;
    int64_t local_id = frozen->local_id;
    struct {
        const SyncedTable *table;
        int64_t id;
        Mark mark;
    } missing[SYNCED_DEPTH];
    int count = 0;
    *ready = true;
    while (rule_holds(RULE_ANCESTORS_FIRST) && table->parent != SYNCED_NO_PARENT) {
        int64_t parent;
        bool delivered = false;
        Mark mark;
        if (!parent_of(choice, frozen, table, local_id, &parent)) {
            return false;
        }
        table = &synced_tables[table->parent];
        local_id = parent;
        if (known(choice, table, local_id) == IN_BATCH) {
            break; /* and so are its ancestors, or they are delivered */
        }
        if (!is_delivered(choice, table, local_id, &delivered)) {
            return false;
        }
        if (delivered) {
            continue;
        }
        if (!mark_ancestor(choice, table, local_id, &mark)) {
            return false;
        }
        if (!mark.queued) {
            if (!rule_holds(RULE_HOLD)) {
                continue;
            }
            *ready = false;
            return true;
        }
        missing[count].table = table;
        missing[count].id = local_id;
        missing[count++].mark = mark;
    }
    for (int i = count - 1; i >= 0 && !is_full(choice); i--) {
        if (!add_row(choice, missing[i].table, missing[i].id, &missing[i].mark, false)) {
            return false;
        }
    }
    return true;
}

/* Puts the queued deletes below a delete in front of it. */
static bool add_deletes_below(Choice *choice, const SyncedTable *table, int64_t local_id)
{
    for (int i = 0; rule_holds(RULE_DELETES_BELOW_FIRST) && i < SYNCED_TABLE_COUNT; i++) {
        const SyncedTable *child = &synced_tables[i];
        if (child->parent != synced_id(table)) {
            continue;
        }
        int64_t below = 0;
        for (;;) {
            Mark mark;
            if (!sqlite_number(
                    choice->db, choice->err, 0, &below,
                    "SELECT t.local_id FROM tombstones t JOIN outbox o ON o.tbl = t.tbl "
                    "AND o.local_id = t.local_id WHERE t.tbl = $1 AND t.parent = $2 AND t.local_id > $3 "
                    "AND o.store_id = $4 AND o.op = 'd' AND o.state = 'queued' ORDER BY t.local_id LIMIT 1",
                    VALUES(value_text(child->name), value_int(local_id), value_int(below),
                           value_text(choice->batch->store_id)))) {
                return false;
            }
            if (below == 0) {
                break;
            }
            if (is_sent(choice, child, below)) {
                continue;
            }
            if (!add_deletes_below(choice, child, below) || !mark_of(choice, child, below, &mark)) {
                return false;
            }
            if (is_full(choice)) {
                return true;
            }
            if (!add_row(choice, child, below, &mark, true)) {
                return false;
            }
        }
    }
    return true;
}

static bool add_mark(Choice *choice, const char *name, int64_t local_id, const Mark *mark, bool erase)
{
    const SyncedTable *table = synced_find(name);
    if (!table) {
        return error_set(choice->err, ERROR_LOCAL, "the outbox names a table %s that this amx does not know",
                         name);
    }
    if (is_sent(choice, table, local_id)) {
        return true;
    }
    if (erase) {
        return add_deletes_below(choice, table, local_id) &&
               (is_full(choice) || add_row(choice, table, local_id, mark, true));
    }
    OutboxRow row = {.table = table, .local_id = local_id};
    size_t bytes = 0;
    bool ready = false;
    if (!freeze(choice, mark, &row, &bytes)) {
        return false;
    }
    bool ok = add_ancestors(choice, &row, &ready);
    /* a row that fills a batch by itself goes alone: if it is refused, no other is sent again with it */
    choice->closed |= bytes >= choice->limit.bytes && choice->batch->row_count > 0;
    if (ok && ready && !is_full(choice)) {
        append(choice, &row, bytes);
    } else {
        free(row.values);
    }
    return ok;
}

/* Walks the queue by position until the batch is full. */
static bool walk_queue(Choice *choice)
{
    bool ok = true;
    SqliteRows *rows =
        sqlite_query(choice->db, choice->err,
                     "SELECT tbl, local_id, seq, op = 'd', sent FROM outbox WHERE store_id = $1 "
                     "AND state = 'queued' ORDER BY position",
                     VALUES(value_text(choice->batch->store_id)));
    while (ok && !choice->gave_up && !is_full(choice) && sqlite_next(rows)) {
        Mark mark = {.seq = sqlite_int(rows, 2), .queued = true, .sent = sqlite_int(rows, 4) != 0};
        ok = add_mark(choice, sqlite_text(rows, 0), sqlite_int(rows, 1), &mark, sqlite_int(rows, 3) != 0);
    }
    return sqlite_done(choice->db, rows, ok ? choice->err : NULL) && ok;
}

bool outbox_choose(Local *local, OutboxBatch *batch, OutboxLimit limit, const OutboxBatch *sent,
                   bool *gave_up, Error *err)
{
    Choice choice = {
        .local = local, .db = local_sqlite(local), .batch = batch, .limit = limit, .sent = sent, .err = err};
    for (int i = 0; i < SYNCED_TABLE_COUNT; i++) {
        choice.last_delivered[i] = -1;
    }
    for (size_t i = 0; sent && i < sent->row_count; i++) {
        note_known(&choice, sent->rows[i].table, sent->rows[i].local_id, ON_ITS_WAY);
    }
    bool ok = walk_queue(&choice);
    free(choice.known);
    for (int i = 0; i < SYNCED_TABLE_COUNT; i++) {
        free(choice.select[i]);
    }
    *gave_up = choice.gave_up;
    return ok;
}
