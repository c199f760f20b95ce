/* What people do in the world: write, delete, switch, copy files, put old ones back. */
#include "sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "local_sqlite.h"
#include "text.h"

#define BAD_TEXT "CAST(x'ff' AS TEXT)"
#define STRETCH 9

const char *const sim_kind_names[SIM_KINDS] = {
    "insert run",     "insert private run",
    "insert result",  "insert event",
    "insert results", "update",
    "delete",         "flush",
    "flush more",     "begin delivery",
    "advance",        "late commit",
    "copy",           "backup",
    "restore",        "snapshot",
    "rewind",         "drop",
    "migrate",        "disable",
    "enable",
};

/* ---- choosing among what is there */

typedef struct Chosen {
    const SimTable *table; /* NULL: there is nothing */
    int64_t id;
} Chosen;

/* The row that was written at a place in the order of last writes. */
static Chosen choose_row(SimWorld *world, int machine, uint32_t place)
{
    Chosen chosen = {0};
    int64_t count = sim_number(world, machine,
                               "SELECT (SELECT count(*) FROM runs) + (SELECT count(*) FROM run_results) + "
                               "(SELECT count(*) FROM apply_events)",
                               NO_VALUES);
    if (count > 0) {
        Sqlite *db = local_sqlite(world->machines[machine].local);
        SqliteRows *rows = sqlite_query(db, NULL,
                                        "SELECT 0, local_id, row_version AS v FROM runs UNION ALL "
                                        "SELECT 1, local_id, row_version FROM run_results UNION ALL "
                                        "SELECT 2, local_id, row_version FROM apply_events "
                                        "ORDER BY v LIMIT 1 OFFSET $1",
                                        VALUES(value_int(place % count)));
        if (sqlite_next(rows)) {
            chosen.table = &sim_tables[sqlite_int(rows, 0)];
            chosen.id = sqlite_int(rows, 1);
        }
        sqlite_done(db, rows, NULL);
    }
    return chosen;
}

/* A row of one table, counted from the newest; 0 when there is none. */
static int64_t choose_parent(SimWorld *world, int machine, const SyncedTable *table, uint32_t place)
{
    char *count_sql = text_format("SELECT count(*) FROM %s", table->name);
    char *sql = text_format("SELECT local_id FROM %s ORDER BY local_id DESC LIMIT 1 OFFSET $1", table->name);
    int64_t count = sim_number(world, machine, count_sql, NO_VALUES);
    int64_t id = count ? sim_number(world, machine, sql, VALUES(value_int(place % count))) : 0;
    free(count_sql);
    free(sql);
    return id;
}

/* ---- writes */

/* One statement with values; its text is always the same. */
static void run(SimWorld *world, int machine, const char *sql, const Value *values, int count)
{
    Error err = {0};
    sim_must(world, sqlite_run(local_sqlite(world->machines[machine].local), &err, sql, values, count), sql,
             &err);
}

/* Unless it is local only, the row is owed now, or may go along, and is not given up any more. */
static void note_row(SimWorld *world, int machine, const SyncedTable *table, int64_t local_id, bool along)
{
    char *owed = text_format("INSERT INTO owed SELECT store_id, '%s', local_id, $2 FROM %s r, origin WHERE "
                             "store_id IS NOT NULL AND %s IS NULL AND local_id = $1 "
                             "ON CONFLICT DO UPDATE SET along = min(along, excluded.along)",
                             table->name, table->name, support_local_only(table));
    char *kept =
        text_format("DELETE FROM given_up WHERE store_id = (SELECT store_id FROM origin) AND tbl = '%s' "
                    "AND local_id = $1 AND EXISTS (SELECT 1 FROM %s r WHERE r.local_id = $1 "
                    "AND %s IS NULL)",
                    table->name, table->name, support_local_only(table));
    run(world, machine, owed, VALUES(value_int(local_id), value_int(along)));
    run(world, machine, kept, VALUES(value_int(local_id)));
    free(owed);
    free(kept);
}

/* After a write of the row: its ancestors may go along with it. */
static void note_owed(SimWorld *world, int machine, const SyncedTable *table, int64_t local_id)
{
    note_row(world, machine, table, local_id, false);
    while (table->parent != SYNCED_NO_PARENT) {
        char *sql = text_format("SELECT %s FROM %s WHERE local_id = $1", table->parent_column, table->name);
        local_id = sim_number(world, machine, sql, VALUES(value_int(local_id)));
        free(sql);
        table = &synced_tables[table->parent];
        note_row(world, machine, table, local_id, true);
    }
}

static bool begin(SimWorld *world, int machine)
{
    Error err = {0};
    return sim_must(world, local_begin(world->machines[machine].local, &err), "begin", &err);
}

static void commit(SimWorld *world, int machine)
{
    Error err = {0};
    sim_must(world, local_commit(world->machines[machine].local, &err), "commit", &err);
}

/* Returns its id. */
static int64_t insert_row(SimWorld *world, int machine, int table, int64_t parent, bool private_row, bool bad)
{
    static const char *const inserts[SIM_TABLES] = {
        "INSERT INTO runs(scope, db_profile, fingerprint, drafter, status, planned, drafted, failed, "
        "started, "
        "error, local_only) SELECT 'database', 'p', 'f', CASE WHEN $2 THEN " BAD_TEXT " ELSE 'fine' END, "
        "'ready', 1, 1, 0, '2026-01-02T03:04:05.678Z', $1, CASE WHEN $3 THEN 'private' END",
        "INSERT INTO run_results(run_id, schema_name, table_name, kind, alternatives, confidence, evidence, "
        "source, chosen_text) SELECT $3, 's', $1, 'table', '[]', 0.5, '[]', CASE WHEN $2 THEN " BAD_TEXT
        " ELSE 'fine' END, $1",
        "INSERT INTO apply_events(run_id, result_id, kind, target, old_text, outcome) SELECT run_id, "
        "local_id, "
        "CASE WHEN $2 THEN " BAD_TEXT " ELSE 'fine' END, 't', $1, 'applied' FROM run_results "
        "WHERE local_id = $3",
    };
    bad &= world->history->references; /* only they keep back what is under a row that was refused just now */
    if (!begin(world, machine)) {
        return 0;
    }
    char *write = text_format("%lld.%d", (long long)++world->writes, machine);
    run(world, machine, inserts[table],
        VALUES(value_text(write), value_int(bad), value_int(table == 0 ? private_row : parent)));
    char *last = text_format("SELECT max(local_id) FROM %s", sim_tables[table].table->name);
    int64_t id = sim_number(world, machine, last, NO_VALUES);
    sim_note(world, "m%d inserts %s %lld under %lld: write %s%s%s", machine, sim_tables[table].table->name,
             (long long)id, (long long)parent, write, private_row ? ", private" : "", bad ? ", bad" : "");
    note_owed(world, machine, sim_tables[table].table, id);
    commit(world, machine);
    free(last);
    free(write);
    return id;
}

int64_t sim_insert_run(SimWorld *world, int machine)
{
    return insert_row(world, machine, 0, 0, false, false);
}

static void insert_below(SimWorld *world, int machine, int table, uint32_t place, bool bad)
{
    int64_t parent = choose_parent(world, machine, sim_tables[table - 1].table, place);
    if (parent) {
        insert_row(world, machine, table, parent, false, bad);
    }
}

void sim_update(SimWorld *world, int machine, const SimTable *table, int64_t local_id)
{
    if (!begin(world, machine)) {
        return;
    }
    char *write = text_format("%lld.%d", (long long)++world->writes, machine);
    char *sql = text_format("UPDATE %s SET %s = %s || ',' || $1, %s = 'fine' WHERE local_id = $2",
                            table->table->name, table->trail, table->trail, table->spoiled);
    sim_note(world, "m%d updates %s %lld: write %s", machine, table->table->name, (long long)local_id, write);
    run(world, machine, sql, VALUES(value_text(write), value_int(local_id)));
    note_owed(world, machine, table->table, local_id);
    commit(world, machine);
    free(sql);
    free(write);
}

static void delete_row(SimWorld *world, int machine, const SimTable *table, int64_t local_id)
{
    if (!begin(world, machine)) {
        return;
    }
    char *write = text_format("%lld.%d", (long long)++world->writes, machine);
    char *sql = text_format("DELETE FROM %s WHERE local_id = $1", table->table->name);
    sim_note(world, "m%d deletes %s %lld: write %s", machine, table->table->name, (long long)local_id, write);
    run(world, machine, "UPDATE present_write SET name = $1", VALUES(value_text(write)));
    run(world, machine, sql, VALUES(value_int(local_id)));
    commit(world, machine);
    free(sql);
    free(write);
}

/* ---- the switch */

void sim_enable(SimWorld *world, int machine, int store)
{
    Error err = {0};
    Local *local = world->machines[machine].local;
    if (!sim_must(world, local_begin(local, &err), "begin", &err)) {
        return;
    }
    bool ok = sharing_enable(local, world->stores[store].store_id, &err);
    bool refused = !ok && err.kind == ERROR_GUARD;
    if (!local_end(local, ok, &err) && !refused) {
        sim_must(world, false, "enable", &err);
    }
    sim_note(world, "m%d enables store %d%s", machine, store, refused ? ": refused" : "");
}

static void disable(SimWorld *world, int machine)
{
    Error err = {0};
    sim_must(world, sharing_disable(world->machines[machine].local, &err), "disable", &err);
    sim_note(world, "m%d disables", machine);
}

void sim_migrate(SimWorld *world, int machine)
{
    Error err = {0};
    int64_t marked = 0;
    Local *local = world->machines[machine].local;
    if (!sim_enabled(world, machine) || !sim_must(world, local_begin(local, &err), "begin", &err) ||
        !sim_must(world, local_end(local, sharing_migrate(local, true, NULL, NULL, &marked, &err), &err),
                  "migrate", &err)) {
        return;
    }
    sim_note(world, "m%d migrates %lld", machine, (long long)marked);
    sim_script(world, machine, "DELETE FROM given_up WHERE store_id = (SELECT store_id FROM origin)");
    for (int i = 0; i < SIM_TABLES; i++) {
        const char *name = sim_tables[i].table->name;
        sim_script(world, machine,
                   "INSERT INTO owed SELECT store_id, '%s', local_id, 0 FROM %s r, origin WHERE %s IS NULL "
                   "ON CONFLICT DO UPDATE SET along = 0",
                   name, name, support_local_only(sim_tables[i].table));
    }
}

static void drop(SimWorld *world, int machine)
{
    Error err = {0};
    int64_t dropped = 0;
    for (int i = 0; i < SIM_TABLES; i++) {
        const char *name = sim_tables[i].table->name;
        sim_script(world, machine,
                   "INSERT OR REPLACE INTO given_up SELECT b.store_id, b.tbl, b.local_id, r.%s FROM outbox b "
                   "JOIN origin o ON o.store_id = b.store_id JOIN %s r ON r.local_id = b.local_id "
                   "WHERE b.tbl = '%s' AND b.state <> 'dropped'",
                   sim_tables[i].trail, name, name);
    }
    sim_must(world, sharing_drop(world->machines[machine].local, &dropped, &err), "drop", &err);
    sim_note(world, "m%d drops %lld", machine, (long long)dropped);
}

/* ---- files and stores that go back in time */

static void restore(SimWorld *world, int machine, uint32_t place)
{
    size_t own = 0;
    for (size_t i = 0; i < world->backup_count; i++) {
        own += world->backups[i].of == machine;
    }
    size_t left = own ? place % own : 0;
    for (size_t i = 0; own && i < world->backup_count; i++) {
        if (world->backups[i].of == machine && left-- == 0) {
            sim_note(world, "m%d is restored from backup %zu", machine, i);
            sim_restore(world, machine, &world->backups[i]);
            return;
        }
    }
}

/* What was still to arrive dies with the server that was put back. */
static void forget_late(SimWorld *world, int store)
{
    size_t kept = 0;
    for (size_t i = 0; i < world->late_count; i++) {
        if (world->late[i]->store == store) {
            sim_forget_delivery(world->late[i]);
        } else {
            world->late[kept++] = world->late[i];
        }
    }
    world->late_count = kept;
}

static void rewind_store(SimWorld *world, uint32_t place, bool keep_present)
{
    if (world->snapshot_count > 0) {
        size_t index = place % world->snapshot_count;
        int store = world->snapshots[index].of;
        if (keep_present) {
            sim_snapshot(world, store);
        }
        sim_note(world, "store %d is put back to snapshot %zu", store, index);
        sim_rewind(world, &world->snapshots[index]);
        forget_late(world, store);
    }
}

void sim_do(SimWorld *world, const SimOp *op)
{
    static const SimCut flush_cuts[] = {SIM_UNSENT, SIM_REPLY_LOST, SIM_ARRIVES_LATE, SIM_UNACKNOWLEDGED};
    static const SimCut step_cuts[] = {SIM_WHOLE,      SIM_WHOLE,        SIM_WHOLE,          SIM_WHOLE,
                                       SIM_REPLY_LOST, SIM_ARRIVES_LATE, SIM_UNACKNOWLEDGED, SIM_UNSENT};
    int machine = (int)(op->a % (uint32_t)world->machine_count);
    Chosen row;
    switch (op->kind) {
    case SIM_INSERT_RUN:
    case SIM_INSERT_PRIVATE:
        insert_row(world, machine, 0, 0, op->kind == SIM_INSERT_PRIVATE, op->c % 6 == 0);
        break;
    case SIM_INSERT_RESULT:
        insert_below(world, machine, 1, op->c % 3 == 0 ? op->b : 0, op->c % 12 == 0);
        break;
    case SIM_INSERT_EVENT:
        insert_below(world, machine, 2, op->c % 3 == 0 ? op->b : 0, op->c % 12 == 0);
        break;
    case SIM_INSERT_RESULTS:
        for (int i = 0; i < STRETCH; i++) {
            insert_below(world, machine, 1, op->c % 3 == 0 ? op->b : 0, false);
        }
        break;
    case SIM_UPDATE:
    case SIM_DELETE:
        row = choose_row(world, machine, op->b);
        if (row.table) {
            (op->kind == SIM_UPDATE ? sim_update : delete_row)(world, machine, row.table, row.id);
        }
        break;
    case SIM_FLUSH:
        sim_flush(world, machine, op->b % 3 ? SIM_WHOLE : flush_cuts[op->c % 4]);
        break;
    case SIM_FLUSH_MORE:
        for (int i = 0; i < 4; i++) {
            sim_flush(world, machine, SIM_WHOLE);
        }
        break;
    case SIM_BEGIN:
        sim_begin_delivery(world, machine);
        break;
    case SIM_ADVANCE:
        if (world->delivery_count > 0) {
            sim_advance(world, (int)(op->b % (uint32_t)world->delivery_count), step_cuts[op->c % 8]);
        }
        break;
    case SIM_LATE:
        if (world->late_count > 0) {
            sim_arrive_late(world, op->b % world->late_count);
        }
        break;
    case SIM_COPY:
        if (world->machine_count < SIM_MACHINES) {
            sim_note(world, "history.db of m%d is copied to m%d", machine, world->machine_count);
            sim_copy_machine(world, machine);
        }
        break;
    case SIM_BACKUP:
        sim_note(world, "m%d makes backup %zu", machine, world->backup_count);
        sim_backup(world, machine);
        break;
    case SIM_RESTORE:
        restore(world, machine, op->b);
        break;
    case SIM_SNAPSHOT:
        sim_note(world, "snapshot %zu of store %d", world->snapshot_count, op->b % 4 == 0);
        sim_snapshot(world, op->b % 4 == 0);
        break;
    case SIM_REWIND:
        rewind_store(world, op->b, op->c % 2);
        break;
    case SIM_DROP:
        drop(world, machine);
        break;
    case SIM_MIGRATE:
        sim_migrate(world, machine);
        break;
    case SIM_DISABLE:
        disable(world, machine);
        break;
    default:
        sim_enable(world, machine, op->b % 3 == 0);
    }
}
