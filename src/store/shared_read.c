/* What the team reads: rows of the shared store, live. */
#include <stdlib.h>

#include "record_sql.h"
#include "shared_ops.h"

#define NO_SUCH_COLUMN "42703"

typedef struct Listing {
    const SyncedTable *table;
    RecordEach each;
    void *context;
} Listing;

static void take_row(void *context, const Value *values, int count)
{
    Listing *listing = context;
    (void)count;
    listing->each(listing->context, listing->table, values);
}

/* A row that a copy of a history.db published again is hidden while the row it was born as is there, in the
 * same or a later version: one anti-join on the key, paid only for such rows. */
void shared_add_hidden(Text *sql, const char *prefix, const SyncedTable *table)
{
    text_addf(
        sql,
        " AND (t.born_origin = t.origin_id OR NOT EXISTS (SELECT 1 FROM %s%s b WHERE b.origin_id = "
        "t.born_origin "
        "AND b.local_id = t.local_id AND b.created_at = t.created_at AND b.row_version >= t.row_version))",
        prefix, table->name);
}

bool shared_list(Shared *shared, const SyncedTable *table, const RecordFilter *filter, Deadline deadline,
                 RecordEach each, void *context, Error *err)
{
    const RecordDialect dialect = {.prefix = text_string(&shared->prefix),
                                   .like = shared->ops->like,
                                   .time_before = shared->ops->time_before,
                                   .time_after = shared->ops->time_after,
                                   .shared = true};
    Value values[RECORD_VALUES];
    int count = 0;
    char *pattern;
    Text sql = {0};
    text_add(&sql, "SELECT ");
    record_add_columns(&sql, &dialect, table, filter);
    text_addf(&sql, " FROM %s%s t WHERE t.deleted_at IS NULL", dialect.prefix, table->name);
    record_add_filter(&sql, values, &count, &dialect, table, filter, &pattern);
    if (!filter->origin) {
        shared_add_hidden(&sql, dialect.prefix, table);
    }
    record_add_page(&sql, values, &count, &dialect, table, filter);
    Listing listing = {.table = table, .each = each, .context = context};
    bool ok = shared->ops->query(shared->connection, text_string(&sql), values, count, deadline, take_row,
                                 &listing, NULL, err);
    if (!ok && err && text_equal(err->sqlstate, NO_SUCH_COLUMN)) {
        error_hint(
            err, "an amx of an older version made %s: bring it up to date with: amx db history-store enable",
            shared_target(shared));
    }
    free(pattern);
    text_free(&sql);
    return ok;
}

/* --- what one origin has there --- */

#define PAGE 10000

typedef struct Holding {
    const SyncedTable *table;
    SharedHolding each;
    void *context;
    int64_t last;
    int count;
} Holding;

static int64_t number(const Value *value)
{
    return value->text ? strtoll(value->text, NULL, 10) : 0;
}

static void take_holding(void *context, const Value *values, int count)
{
    Holding *holding = context;
    (void)count;
    holding->last = number(&values[0]);
    holding->count++;
    holding->each(holding->context, holding->table, holding->last, number(&values[1]),
                  number(&values[2]) != 0);
}

static void take_token(void *context, const Value *values, int count)
{
    (void)count;
    text_copy(context, ID_SIZE, values[0].text);
}

static bool read_holdings(Shared *shared, const char *origin_id, Deadline deadline, Holding *holding,
                          Error *err)
{
    char *sql =
        text_format("SELECT local_id, row_version, CASE WHEN deleted_at IS NULL THEN 0 ELSE 1 END FROM %s%s "
                    "WHERE origin_id = $1 AND local_id > $2 ORDER BY local_id LIMIT %d",
                    text_string(&shared->prefix), holding->table->name, PAGE);
    bool ok = true;
    do {
        holding->count = 0;
        ok = shared->ops->query(shared->connection, sql,
                                VALUES(value_text(origin_id), value_int(holding->last)), deadline,
                                take_holding, holding, NULL, err);
    } while (ok && holding->count == PAGE);
    free(sql);
    return ok;
}

static bool read_inventory(Shared *shared, const char *origin_id, Deadline deadline, char token[ID_SIZE],
                           SharedHolding each, void *context, Error *err)
{
    char *sql = text_format("SELECT token FROM %sorigins WHERE origin_id = $1", text_string(&shared->prefix));
    bool ok = shared->ops->query(shared->connection, sql, VALUES(value_text(origin_id)), deadline, take_token,
                                 token, NULL, err);
    free(sql);
    for (int i = 0; ok && i < SYNCED_TABLE_COUNT; i++) {
        Holding holding = {.table = &synced_tables[i], .each = each, .context = context};
        ok = read_holdings(shared, origin_id, deadline, &holding, err);
    }
    return ok;
}

bool shared_inventory(Shared *shared, const char *origin_id, Deadline deadline, char token[ID_SIZE],
                      SharedHolding each, void *context, Error *err)
{
    const SharedOps *ops = shared->ops;
    token[0] = '\0';
    if (!ops->query(shared->connection, ops->begin_reading, NO_VALUES, deadline, NULL, NULL, NULL, err)) {
        return false;
    }
    bool ok = read_inventory(shared, origin_id, deadline, token, each, context, err);
    return ops->query(shared->connection, ok ? "COMMIT" : "ROLLBACK", NO_VALUES, deadline, NULL, NULL, NULL,
                      ok ? err : NULL) &&
           ok;
}
