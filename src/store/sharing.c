#include "sharing.h"

#include "clock.h"
#include "local_sqlite.h"
#include "rules.h"
#include "schema_local.h"
#include "text.h"
#include "trend.h"

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

static bool undrop_below(Sqlite *db, const SyncedTable *table, Error *err)
{
    Text sql = {0};
    char *queued = text_format("IN (SELECT b.local_id FROM outbox b WHERE b.store_id = (SELECT store_id FROM "
                               "origin) AND b.tbl = '%s' AND b.op = 'd' AND b.state = 'queued')",
                               table->name);
    schema_local_undrop_below(&sql, table, queued);
    bool ok = sqlite_script(db, text_string(&sql), err);
    free(queued);
    text_free(&sql);
    return ok;
}

/* Marks the rows whose local_ids `source` yields, from `$4` when it is one id; `only_idle`: not those that
 * are queued already. One statement, which reads the outbox only where it writes: otherwise SQLite would keep
 * all of `source` aside first. Positions go up with the ids, and need not be without gaps. */
static bool mark(Local *local, const SyncedTable *table, char op, const char *source, int64_t id,
                 bool only_idle, int64_t *marked, Error *err)
{
    Sqlite *db = local_sqlite(local);
    char now[CLOCK_TEXT_SIZE];
    clock_now(now);
    char *sql = text_format(
        "INSERT INTO outbox(store_id, tbl, local_id, position, seq, op, queued_at) "
        "SELECT o.store_id, $1, x.local_id, o.position + x.local_id, o.seq + 1, $2, $3 FROM origin o, (%s) x "
        "WHERE true ON CONFLICT(store_id, tbl, local_id) DO UPDATE SET seq = excluded.seq, op = excluded.op, "
        "state = 'queued', attempts = 0, last_error = NULL%s",
        source, only_idle ? " WHERE outbox.state <> 'queued'" : "");
    const Value values[] = {value_text(table->name), value_text(op == 'd' ? "d" : "u"), value_text(now),
                            value_int(id)};
    bool ok = sqlite_run(db, err, sql, values, id ? 4 : 3);
    int64_t changed = ok ? sqlite_changes(db) : 0;
    free(sql);
    if (marked) {
        *marked += changed;
    }
    if (!ok || changed == 0) {
        return ok;
    }
    return sqlite_run(db, err,
                      "UPDATE origin SET seq = seq + 1, position = max(position, coalesce((SELECT "
                      "max(b.position) FROM outbox b WHERE b.store_id = origin.store_id "
                      "AND b.state = 'queued'), 0))",
                      NO_VALUES) &&
           (op != 'd' || undrop_below(db, table, err));
}

bool sharing_mark_all(Local *local, const SyncedTable *table, char op, const char *source, int64_t *marked,
                      Error *err)
{
    return mark(local, table, op, source, 0, false, marked, err);
}

bool sharing_mark(Local *local, const SyncedTable *table, int64_t local_id, char op, Error *err)
{
    return mark(local, table, op, "SELECT $4 AS local_id", local_id, false, NULL, err);
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
    bool ok = !rule_holds(RULE_SETTLE_DROPPED) || sharing_mark_all(local, table, 'd', source, NULL, err);
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

bool sharing_may_enable(Local *local, const char *store_id, Error *err)
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
    if (!sharing_read(local, &before, err) || !sharing_may_enable(local, store_id, err)) {
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
        if (!settle_dropped(local, &synced_tables[i], err) ||
            (rule_holds(RULE_ENABLE_MARKS) && !mark_stale(local, &synced_tables[i], err))) {
            return false;
        }
    }
    return true;
}

bool sharing_disable(Local *local, Error *err)
{
    return sqlite_run(local_sqlite(local), err, "UPDATE origin SET enabled = 0", NO_VALUES);
}

static bool is_of_sessions(const SyncedTable *table)
{
    return synced_id(table) == SYNCED_SESSIONS || table->parent == SYNCED_SESSIONS;
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

/* FROM and WHERE: the rows of a table, as r, whose family is shared. From the heads down: few are asked. */
static void add_shared_rows(Text *sql, const SyncedTable *table)
{
    Text joins = {0};
    char name[] = "r";
    text_addf(sql, "FROM ");
    while (table->parent != SYNCED_NO_PARENT) {
        const SyncedTable *parent = &synced_tables[table->parent];
        char above = (char)(name[0] + 1);
        char *rest = text_take(&joins);
        text_addf(&joins, " CROSS JOIN %s %s ON %s.%s = %c.local_id%s", table->name, name, name,
                  table->parent_column, above, rest);
        free(rest);
        table = parent;
        name[0] = above;
    }
    text_addf(sql, RULE_SQL(RULE_LOCAL_ONLY, "%s %s%s WHERE ", "%s.local_only IS NULL", "%s.local_id", ""),
              table->name, name, text_string(&joins), name);
    text_free(&joins);
}

static bool any_delivered(Local *local, const SyncedTable *table, bool *out, Error *err)
{
    int64_t found;
    bool ok = sqlite_number(local_sqlite(local), err, 0, &found,
                            "SELECT 1 FROM delivered WHERE store_id = (SELECT store_id FROM origin) "
                            "AND tbl = $1 LIMIT 1",
                            VALUES(value_text(table->name)));
    *out = found != 0;
    return ok;
}

static bool mark_lacking(Local *local, const SyncedTable *table, bool counted, int64_t *marked, Error *err)
{
    bool some = false;
    if (!any_delivered(local, table, &some, err)) {
        return false;
    }
    Text lacking = {0};
    text_add(&lacking, "SELECT r.local_id ");
    add_shared_rows(&lacking, table);
    text_add(&lacking, counted ? " AND " SQLITE_STEP "(r.local_id)" : "");
    if (some) { /* nothing delivered of a table is what the first migrate meets */
        text_addf(
            &lacking,
            " AND NOT EXISTS (SELECT 1 FROM delivered d WHERE d.store_id = (SELECT store_id FROM origin) "
            "AND d.tbl = '%s' AND d.local_id = r.local_id AND d.origin_id = r.origin_id "
            "AND d.row_version = r.row_version)",
            table->name);
    }
    bool ok = mark(local, table, 'u', text_string(&lacking), 0, true, marked, err);
    text_free(&lacking);
    return ok;
}

static bool mark_deletes(Local *local, const SyncedTable *table, int64_t *marked, Error *err)
{
    /* left alone, SQLite walks all marks of the store: few are dropped */
    char *deletes = text_format("SELECT b.local_id FROM outbox b INDEXED BY outbox_queue WHERE b.store_id = "
                                "(SELECT store_id FROM origin) AND b.state = 'dropped' AND b.op = 'd' "
                                "AND b.tbl = '%s'",
                                table->name);
    bool ok = !rule_holds(RULE_MIGRATE_DELETES) || sharing_mark_all(local, table, 'd', deletes, marked, err);
    free(deletes);
    return ok;
}

typedef struct Walk {
    SharingTold told;
    void *context;
    int64_t done; /* rows of the tables before this one */
    int64_t total;
} Walk;

static void tell_step(void *context, int64_t steps)
{
    const Walk *walk = context;
    int64_t done = walk->done + steps;
    walk->told(walk->context, done < walk->total ? done : walk->total, walk->total);
}

static bool count_rows(Local *local, const SyncedTable *table, int64_t *count, Error *err)
{
    char *sql = text_format("SELECT count(*) FROM %s", table->name);
    bool ok = sqlite_number(local_sqlite(local), err, 0, count, sql, NO_VALUES);
    free(sql);
    return ok;
}

/* `written`: also what was written, not only what was deleted. */
static bool migrate_table(Local *local, const SyncedTable *table, bool written, bool counted, int64_t *marked,
                          Error *err)
{
    return (!written || lift_off(local, table, err)) && forget_settled(local, table, err) &&
           (!written || mark_lacking(local, table, counted, marked, err)) &&
           mark_deletes(local, table, marked, err);
}

static bool migrate_told(Local *local, bool sessions, Walk *walk, int64_t *marked, Error *err)
{
    Sqlite *db = local_sqlite(local);
    int64_t rows[SYNCED_TABLE_COUNT];
    for (int i = 0; i < SYNCED_TABLE_COUNT; i++) {
        if (!count_rows(local, &synced_tables[i], &rows[i], err)) {
            return false;
        }
        walk->total += rows[i];
    }
    tell_step(walk, 0);
    for (int i = 0; i < SYNCED_TABLE_COUNT; i++) {
        const SyncedTable *table = &synced_tables[i];
        if (!sqlite_tell_steps(db, tell_step, walk, err) ||
            !migrate_table(local, table, sessions || !is_of_sessions(table), true, marked, err)) {
            return false;
        }
        walk->done += rows[i];
        tell_step(walk, 0);
    }
    return true;
}

bool sharing_migrate(Local *local, bool sessions, SharingTold told, void *context, int64_t *marked,
                     Error *err)
{
    bool ok = true;
    *marked = 0;
    if (told) {
        Walk walk = {.told = told, .context = context};
        sqlite_heed_interrupt(local_sqlite(local), true);
        ok = migrate_told(local, sessions, &walk, marked, err);
        sqlite_heed_interrupt(local_sqlite(local), false);
        return ok;
    }
    for (int i = 0; ok && i < SYNCED_TABLE_COUNT; i++) {
        const SyncedTable *table = &synced_tables[i];
        ok = migrate_table(local, table, sessions || !is_of_sessions(table), false, marked, err);
    }
    return ok;
}

bool sharing_count_kept_sessions(Local *local, int64_t *count, Error *err)
{
    return sqlite_number(local_sqlite(local), err, 0, count,
                         "SELECT count(*) FROM sessions s, origin o WHERE s.local_only IS NOT 'private' "
                         "AND NOT EXISTS (SELECT 1 FROM delivered d WHERE d.store_id = o.store_id "
                         "AND d.tbl = 'sessions' AND d.local_id = s.local_id) "
                         "AND NOT EXISTS (SELECT 1 FROM outbox b WHERE b.store_id = o.store_id "
                         "AND b.tbl = 'sessions' AND b.local_id = s.local_id AND b.state <> 'dropped')",
                         NO_VALUES);
}

bool sharing_count_off(Local *local, int64_t *count, Error *err)
{
    *count = 0;
    for (int i = 0; i < SYNCED_TABLE_COUNT; i++) {
        int64_t some = 0;
        if (synced_tables[i].parent != SYNCED_NO_PARENT) {
            continue;
        }
        char *sql = text_format("SELECT count(*) FROM %s WHERE local_only = 'off'", synced_tables[i].name);
        bool ok = sqlite_number(local_sqlite(local), err, 0, &some, sql, NO_VALUES);
        free(sql);
        if (!ok) {
            return false;
        }
        *count += some;
    }
    return true;
}

bool sharing_count_elsewhere(Local *local, int64_t *count, Error *err)
{
    return sqlite_number(
        local_sqlite(local), err, 0, count,
        "SELECT count(DISTINCT d.tbl || d.local_id) FROM delivered d, origin o "
        "WHERE d.store_id <> o.store_id AND d.origin_id = o.origin_id "
        "AND NOT EXISTS (SELECT 1 FROM delivered h WHERE h.store_id = o.store_id "
        "AND h.tbl = d.tbl AND h.local_id = d.local_id) "
        "AND NOT EXISTS (SELECT 1 FROM tombstones t WHERE t.tbl = d.tbl AND t.local_id = d.local_id)",
        NO_VALUES);
}

bool sharing_drop(Local *local, int64_t *dropped, Error *err)
{
    /* the seq stays: a batch in flight that delivers the row after all still settles its mark */
    bool ok = trend_note_before(local, err) &&
              sqlite_run(local_sqlite(local), err,
                         "UPDATE outbox SET state = 'dropped' "
                         "WHERE store_id = (SELECT store_id FROM origin) AND state IN ('queued', 'parked')",
                         NO_VALUES);
    *dropped = ok ? sqlite_changes(local_sqlite(local)) : 0;
    return ok && trend_note_after(local, err);
}
