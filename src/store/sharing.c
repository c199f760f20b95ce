#include "sharing.h"

#include "local_sqlite.h"
#include "schema_local.h"
#include "text.h"

#define NOW "strftime('%Y-%m-%dT%H:%M:%fZ','now')"

bool sharing_read(Local *local, Sharing *out, Error *err)
{
    *out = (Sharing){0};
    Sqlite *db = local_sqlite(local);
    SqliteRows *rows = sqlite_query(db, err, "SELECT enabled, store_id, origin_id FROM origin", NO_VALUES);
    if (sqlite_next(rows)) {
        out->enabled = sqlite_int(rows, 0) != 0;
        text_copy(out->store_id, sizeof out->store_id, sqlite_text(rows, 1));
        text_copy(out->origin_id, sizeof out->origin_id, sqlite_text(rows, 2));
    }
    return sqlite_done(db, rows, err);
}

/* `source` yields local_ids, from `$3` when it is one id. One statement, positions in the order of the ids.
 */
static bool mark(Local *local, const SyncedTable *table, const char *op, const char *source,
                 const int64_t *id, int64_t *marked, Error *err)
{
    Sqlite *db = local_sqlite(local);
    char *sql = text_format(
        "INSERT INTO outbox(store_id, tbl, local_id, position, seq, op, queued_at) "
        "SELECT o.store_id, $1, x.local_id, o.position + row_number() OVER (ORDER BY x.local_id), o.seq + 1, "
        "$2, %s "
        "FROM origin o, (%s) x WHERE true "
        "ON CONFLICT(store_id, tbl, local_id) DO UPDATE SET seq = excluded.seq, op = excluded.op, "
        "state = 'queued', attempts = 0, last_error = NULL",
        NOW, source);
    const Value values[] = {value_text(table->name), value_text(op), value_int(id ? *id : 0)};
    bool ok = sqlite_run(db, err, sql, values, id ? 3 : 2);
    int64_t changed = ok ? sqlite_changes(db) : 0;
    free(sql);
    if (marked) {
        *marked += changed;
    }
    return ok &&
           (changed == 0 || sqlite_run(db, err, "UPDATE origin SET seq = seq + 1, position = position + $1",
                                       VALUES(value_int(changed))));
}

bool sharing_mark_all(Local *local, const SyncedTable *table, char op, const char *source, int64_t *marked,
                      Error *err)
{
    return mark(local, table, op == 'd' ? "d" : "u", source, NULL, marked, err);
}

bool sharing_mark(Local *local, const SyncedTable *table, int64_t local_id, char op, Error *err)
{
    return mark(local, table, op == 'd' ? "d" : "u", "SELECT $3 AS local_id", &local_id, NULL, err);
}

/* A dropped write whose row has been deleted since: the store may hold the row if it was ever sent there, so
 * the delete is owed; otherwise nothing is. */
static bool settle_dropped(Local *local, const SyncedTable *table, Error *err)
{
    char *source =
        text_format("SELECT b.local_id FROM outbox b JOIN tombstones t ON t.tbl = b.tbl "
                    "AND t.local_id = b.local_id, origin g WHERE b.store_id = g.store_id AND b.tbl = '%s' "
                    "AND b.op = 'u' AND b.sent AND t.origin_id = g.origin_id",
                    table->name);
    bool ok = sharing_mark_all(local, table, 'd', source, NULL, err);
    free(source);
    return ok && sqlite_run(local_sqlite(local), err,
                            "DELETE FROM outbox WHERE store_id = (SELECT store_id FROM origin) AND tbl = $1 "
                            "AND op = 'u' AND EXISTS (SELECT 1 FROM tombstones t WHERE t.tbl = outbox.tbl "
                            "AND t.local_id = outbox.local_id)",
                            VALUES(value_text(table->name)));
}

/* What the store is known to have, but not in its present version. */
static bool mark_stale(Local *local, const SyncedTable *table, Error *err)
{
    Text only = {0};
    schema_local_only(&only, table, "r");
    char *writes =
        text_format("SELECT r.local_id FROM delivered d JOIN %s r ON r.local_id = d.local_id, origin g "
                    "WHERE d.store_id = g.store_id AND d.tbl = '%s' AND %s IS NULL "
                    "AND (d.origin_id <> r.origin_id OR d.row_version <> r.row_version) "
                    "AND NOT EXISTS (SELECT 1 FROM outbox b WHERE b.store_id = d.store_id "
                    "AND b.tbl = d.tbl AND b.local_id = d.local_id AND b.state = 'dropped')",
                    table->name, table->name, text_string(&only));
    char *deletes =
        text_format("SELECT t.local_id FROM delivered d JOIN tombstones t ON t.tbl = d.tbl "
                    "AND t.local_id = d.local_id, origin g WHERE d.store_id = g.store_id "
                    "AND d.tbl = '%s' AND d.origin_id = g.origin_id AND t.origin_id = g.origin_id "
                    "AND d.row_version < t.row_version AND NOT EXISTS (SELECT 1 FROM outbox b "
                    "WHERE b.store_id = d.store_id AND b.tbl = d.tbl AND b.local_id = d.local_id "
                    "AND b.state = 'dropped')",
                    table->name);
    bool ok = sharing_mark_all(local, table, 'u', writes, NULL, err) &&
              sharing_mark_all(local, table, 'd', deletes, NULL, err);
    text_free(&only);
    free(writes);
    free(deletes);
    return ok;
}

static bool refuse_other_queue(Local *local, const char *store_id, Error *err)
{
    int64_t owed = 0;
    if (!sqlite_number(local_sqlite(local), err, 0, &owed,
                       "SELECT count(*) FROM outbox WHERE store_id = (SELECT store_id FROM origin) "
                       "AND store_id <> $1 AND state IN ('queued', 'parked')",
                       VALUES(value_text(store_id)))) {
        return false;
    }
    if (owed > 0) {
        error_set(err, ERROR_GUARD, "%lld rows are still queued for the store that was enabled before",
                  (long long)owed);
        return error_hint(err,
                          "enable that one again and run: amx db history-store flush-pending, or give the "
                          "rows up with: amx db history-store disable, then drop-pending");
    }
    return true;
}

bool sharing_enable(Local *local, const char *store_id, Error *err)
{
    Sharing before;
    if (!sharing_read(local, &before, err) || !refuse_other_queue(local, store_id, err)) {
        return false;
    }
    if (before.enabled && text_equal(before.store_id, store_id)) {
        return true;
    }
    if (!sqlite_run(local_sqlite(local), err, "UPDATE origin SET enabled = 1, store_id = $1",
                    VALUES(value_text(store_id)))) {
        return false;
    }
    for (int i = 0; i < SYNCED_TABLE_COUNT; i++) {
        if (!settle_dropped(local, &synced_tables[i], err) || !mark_stale(local, &synced_tables[i], err)) {
            return false;
        }
    }
    return true;
}

bool sharing_disable(Local *local, Error *err)
{
    return sqlite_run(local_sqlite(local), err, "UPDATE origin SET enabled = 0", NO_VALUES);
}

/* What was written while sharing was off is shared from now on. */
static bool lift_off(Local *local, const SyncedTable *table, Error *err)
{
    if (table->parent != SYNCED_NO_PARENT) {
        return true;
    }
    char *sql = text_format("UPDATE %s SET local_only = NULL WHERE local_only = 'off'", table->name);
    bool ok = sqlite_run(local_sqlite(local), err, sql, NO_VALUES);
    free(sql);
    return ok;
}

/* Parked or dropped marks of what the store has after all. */
static bool forget_settled(Local *local, const SyncedTable *table, Error *err)
{
    char *sql =
        text_format("DELETE FROM outbox WHERE store_id = (SELECT store_id FROM origin) AND tbl = '%s' "
                    "AND EXISTS (SELECT 1 FROM delivered d JOIN %s r ON r.local_id = d.local_id "
                    "WHERE d.store_id = outbox.store_id AND d.tbl = outbox.tbl "
                    "AND d.local_id = outbox.local_id AND d.origin_id = r.origin_id "
                    "AND d.row_version = r.row_version)",
                    table->name, table->name);
    bool ok = sqlite_run(local_sqlite(local), err, sql, NO_VALUES);
    free(sql);
    return ok;
}

static bool mark_lacking(Local *local, const SyncedTable *table, int64_t *marked, Error *err)
{
    Text only = {0};
    schema_local_only(&only, table, "r");
    char *lacking = text_format("SELECT r.local_id FROM %s r, origin g WHERE %s IS NULL "
                                "AND NOT EXISTS (SELECT 1 FROM delivered d WHERE d.store_id = g.store_id "
                                "AND d.tbl = '%s' AND d.local_id = r.local_id AND d.origin_id = r.origin_id "
                                "AND d.row_version = r.row_version) AND NOT EXISTS (SELECT 1 FROM outbox b "
                                "WHERE b.store_id = g.store_id AND b.tbl = '%s' AND b.local_id = r.local_id "
                                "AND b.state = 'queued')",
                                table->name, text_string(&only), table->name, table->name);
    char *deletes = text_format("SELECT b.local_id FROM outbox b, origin g WHERE b.store_id = g.store_id "
                                "AND b.tbl = '%s' AND b.op = 'd' AND b.state = 'dropped'",
                                table->name);
    bool ok = sharing_mark_all(local, table, 'u', lacking, marked, err) &&
              sharing_mark_all(local, table, 'd', deletes, marked, err);
    text_free(&only);
    free(lacking);
    free(deletes);
    return ok;
}

bool sharing_migrate(Local *local, int64_t *marked, Error *err)
{
    *marked = 0;
    for (int i = 0; i < SYNCED_TABLE_COUNT; i++) {
        const SyncedTable *table = &synced_tables[i];
        if (!lift_off(local, table, err) || !forget_settled(local, table, err) ||
            !mark_lacking(local, table, marked, err)) {
            return false;
        }
    }
    return true;
}

bool sharing_drop(Local *local, int64_t *dropped, Error *err)
{
    /* the seq stays: a batch in flight that delivers the row after all still settles its mark */
    bool ok = sqlite_run(local_sqlite(local), err,
                         "UPDATE outbox SET state = 'dropped' "
                         "WHERE store_id = (SELECT store_id FROM origin) AND state IN ('queued', 'parked')",
                         NO_VALUES);
    *dropped = ok ? sqlite_changes(local_sqlite(local)) : 0;
    return ok;
}
