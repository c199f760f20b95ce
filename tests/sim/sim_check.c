/* The rules that no history may break. */
#include "sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "shared_ops.h"
#include "text.h"

/* ---- a batch that was minted */

static size_t column_index(const SyncedTable *table, const char *name)
{
    size_t i = 0;
    while (!text_equal(synced_column(table, i)->name, name)) {
        i++;
    }
    return i;
}

static void check_write(SimWorld *world, const SimDelivery *delivery, const OutboxRow *row, const char *trail)
{
    const char *name = row->table->name;
    const Value id = value_int(row->local_id);
    int machine = delivery->machine;
    const char *store_id = delivery->batch->store_id;
    if (sim_number(
            world, machine,
            "SELECT NOT EXISTS (SELECT 1 FROM owed WHERE store_id = $1 AND tbl = $2 AND local_id = $3)",
            VALUES(value_text(store_id), value_text(name), id))) {
        sim_violation(world, "leak", "m%d %s %lld was never to be shared", machine, name,
                      (long long)row->local_id);
    }
    char *sql = text_format("SELECT %s IS NOT NULL FROM %s r WHERE local_id = $1",
                            support_local_only(row->table), name);
    if (sim_number(world, machine, sql, VALUES(id))) {
        sim_violation(world, "leak-private", "m%d %s %lld", machine, name, (long long)row->local_id);
    }
    free(sql);
    if (sim_number(world, machine,
                   "SELECT 1 FROM given_up WHERE store_id = $1 AND tbl = $2 AND local_id = $3 AND trail = $4",
                   VALUES(value_text(store_id), value_text(name), id, value_text(trail)))) {
        sim_violation(world, "undrop", "m%d %s %lld was dropped", machine, name, (long long)row->local_id);
    }
}

void sim_check_batch(SimWorld *world, SimDelivery *delivery)
{
    const OutboxBatch *batch = delivery->batch;
    delivery->trails = memory_zero(batch->row_count + 1, sizeof *delivery->trails);
    for (size_t i = 0; i < batch->row_count; i++) {
        const OutboxRow *row = &batch->rows[i];
        const SimTable *table = sim_table_of(row->table);
        if (!table) {
            continue; /* an event that the store recorded about itself */
        }
        if (row->erase) {
            delivery->trails[i] = sim_text(world, delivery->machine,
                                           "SELECT trail FROM graves WHERE tbl = $1 AND local_id = $2",
                                           VALUES(value_text(row->table->name), value_int(row->local_id)));
            if (sim_number(world, delivery->machine,
                           "SELECT local_only IS NOT NULL FROM tombstones WHERE tbl = $1 AND local_id = $2",
                           VALUES(value_text(row->table->name), value_int(row->local_id)))) {
                sim_violation(world, "leak-private", "m%d delete of %s %lld", delivery->machine,
                              row->table->name, (long long)row->local_id);
            }
        } else {
            delivery->trails[i] = memory_string(row->values[column_index(row->table, table->trail)].text);
            check_write(world, delivery, row, delivery->trails[i]);
        }
    }
}

/* ---- what a send has changed */

typedef struct Changes {
    SimWorld *world;
    const SimDelivery *delivery;
    Text buried; /* SQL: trails of rows that are deleted now */
} Changes;

enum { TBL, ORIGIN, LOCAL_ID, OLD_VERSION, OLD_TRAIL, NEW_VERSION, NEW_TRAIL, DEAD, CREATED_BY, HOSTNAME };

static bool same_row(const char *a, const char *b)
{
    size_t length = strcspn(a, ",");
    return length == strcspn(b, ",") && strncmp(a, b, length) == 0;
}

/* Whether a state is the other one, or one that came of it. */
static bool descends(const char *trail, const char *from)
{
    size_t length = strlen(from);
    return strncmp(trail, from, length) == 0 && (trail[length] == ',' || trail[length] == '\0');
}

/* The machine of the row's first write, or of its last one. */
static int writer_of(const char *trail, bool last)
{
    const char *comma = last ? strrchr(trail, ',') : NULL;
    const char *dot = strchr(comma ? comma : trail, '.');
    return dot ? (int)strtol(dot + 1, NULL, 10) : -1;
}

static void check_change(void *context, const Value *values, int count)
{
    Changes *changes = context;
    SimWorld *world = changes->world;
    (void)count;
    char *name = text_format("%s %s of %.8s", values[TBL].text, values[LOCAL_ID].text, values[ORIGIN].text);
    bool dead = strcmp(values[DEAD].text, "1") == 0;
    const char *trail = NULL;
    for (size_t i = 0; i < changes->delivery->batch->row_count; i++) {
        const OutboxRow *row = &changes->delivery->batch->rows[i];
        if (strcmp(row->table->name, values[TBL].text) == 0 &&
            row->local_id == strtoll(values[LOCAL_ID].text, NULL, 10)) {
            trail = changes->delivery->trails[i];
        }
    }
    if (!trail || !text_equal(values[ORIGIN].text, changes->delivery->batch->origin_id)) {
        sim_violation(world, "not-sent", "%s changed", name);
    } else {
        const char *old = values[OLD_TRAIL].text;
        if (!dead && !text_equal(trail, values[NEW_TRAIL].text)) {
            sim_violation(world, "not-minted", "%s is %s, minted was %s", name, values[NEW_TRAIL].text,
                          trail);
        }
        if (old && !same_row(old, trail)) {
            sim_violation(world, "overwrite-other", "%s: %s by %s", name, old, trail);
        } else if (old && !descends(trail, old)) {
            sim_violation(world, "overwrite-diverged", "%s: %s by %s", name, old, trail);
        }
        char *user = text_format("u%d", writer_of(trail, dead));
        char *host = text_format("h%d", writer_of(trail, dead));
        if (!text_equal(values[CREATED_BY].text, user) || !text_equal(values[HOSTNAME].text, host)) {
            sim_violation(world, "attribution", "%s (%s) is said to be by %s on %s", name, trail,
                          values[CREATED_BY].text, values[HOSTNAME].text);
        }
        free(user);
        free(host);
        if (dead) {
            text_addf(&changes->buried, "INSERT OR REPLACE INTO graves VALUES ('%s', '%s', %s, '%s');",
                      values[TBL].text, values[ORIGIN].text, values[LOCAL_ID].text, trail);
        }
    }
    if (values[OLD_VERSION].text &&
        strtoll(values[NEW_VERSION].text, NULL, 10) <= strtoll(values[OLD_VERSION].text, NULL, 10)) {
        sim_violation(world, "version-fell", "%s: %s after %s", name, values[NEW_VERSION].text,
                      values[OLD_VERSION].text);
    }
    free(name);
}

static void report_row(void *context, const Value *values, int count)
{
    Changes *changes = context;
    (void)count;
    sim_violation(changes->world, values[0].text, "%s", values[1].text);
}

static void ask_store(Changes *changes, const char *sql, SharedRow each)
{
    Error err = {0};
    Shared *shared = changes->world->stores[changes->delivery->store].shared;
    sim_must(
        changes->world,
        shared->ops->query(shared->connection, sql, NO_VALUES, deadline_in(20000), each, changes, NULL, &err),
        sql, &err);
}

void sim_check_changes(SimWorld *world, const SimDelivery *delivery)
{
    Changes changes = {.world = world, .delivery = delivery};
    Error err = {0};
    if (delivery->answer.verdict != SHARED_SENT || delivery->batch->row_count == 0) {
        return;
    }
    ask_store(&changes, "SELECT * FROM changes ORDER BY rowid", check_change);
    text_add(&changes.buried, "DELETE FROM changes");
    Shared *shared = world->stores[delivery->store].shared;
    sim_must(world,
             shared->ops->script(shared->connection, text_string(&changes.buried), deadline_in(20000), &err),
             "bury", &err);
    text_free(&changes.buried);
    ask_store(&changes,
              "SELECT 'orphan', 'result ' || c.local_id FROM run_results c LEFT JOIN runs p "
              "ON p.origin_id = c.origin_id AND p.local_id = c.run_id WHERE c.deleted_at IS NULL "
              "AND (p.local_id IS NULL OR p.deleted_at IS NOT NULL) UNION ALL "
              "SELECT 'orphan', 'event ' || c.local_id FROM apply_events c LEFT JOIN run_results p "
              "ON p.origin_id = c.origin_id AND p.local_id = c.result_id WHERE c.deleted_at IS NULL "
              "AND (p.local_id IS NULL OR p.deleted_at IS NOT NULL)",
              report_row);
}

/* ---- at rest */

static void expect_none(SimWorld *world, int machine, const char *sql)
{
    Error err = {0};
    Sqlite *db = sim_observer(machine, sim_home(world, machine));
    SqliteRows *rows = sqlite_query(db, &err, sql, NO_VALUES);
    while (sqlite_next(rows)) {
        sim_violation(world, sqlite_text(rows, 0), "m%d %s", machine, sqlite_text(rows, 1));
    }
    sim_must(world, sqlite_done(db, rows, &err), sql, &err);
}

/* SQL: whether an ancestor of row r has been dropped, and nothing below it was written since. */
static char *is_held(const SyncedTable *table)
{
    Text sql = {0};
    char *id = memory_string("r.local_id");
    text_add(&sql, "(false");
    while (table->parent != SYNCED_NO_PARENT) {
        const SyncedTable *parent = &synced_tables[table->parent];
        char *up =
            text_format("(SELECT %s FROM %s WHERE local_id = %s)", table->parent_column, table->name, id);
        text_addf(&sql,
                  " OR EXISTS (SELECT 1 FROM given_up h WHERE h.store_id = o.store_id AND h.tbl = '%s' "
                  "AND h.local_id = %s)",
                  parent->name, up);
        free(id);
        id = up;
        table = parent;
    }
    free(id);
    text_add(&sql, ")");
    return text_take(&sql);
}

static void check_table(SimWorld *world, int machine, const SimTable *table, bool everything)
{
    const char *name = table->table->name;
    char *held = is_held(table->table);
    char *lost = text_format(
        "SELECT CASE WHEN b.state IS NULL THEN 'lost' ELSE 'stuck-' || b.state END, "
        "'%s ' || r.local_id || ' (' || r.%s || ')' FROM main.%s r JOIN main.origin o LEFT JOIN main.outbox "
        "b "
        "ON b.store_id = o.store_id AND b.tbl = '%s' AND b.local_id = r.local_id WHERE %s IS NULL "
        "AND EXISTS (SELECT 1 FROM main.owed w WHERE w.store_id = o.store_id AND w.tbl = '%s' "
        "AND w.local_id = r.local_id AND NOT w.along) AND NOT EXISTS (SELECT 1 FROM s.%s t "
        "WHERE t.origin_id = r.origin_id AND t.local_id = r.local_id AND t.deleted_at IS NULL "
        "AND t.%s = r.%s AND t.row_version = r.row_version AND t.created_at = r.created_at "
        "AND t.born_origin = r.born_origin) "
        "AND (%d OR b.state IS NULL OR NOT (b.state = 'dropped' OR (b.state = 'queued' AND %s)))",
        name, table->trail, name, name, support_local_only(table->table), name, name, table->trail,
        table->trail, everything, held);
    expect_none(world, machine, lost);
    char *alive = text_format(
        "SELECT CASE WHEN b.state IS NULL THEN 'undeleted' ELSE 'undeleted-' || b.state END, '%s ' || "
        "d.local_id "
        "FROM main.tombstones d JOIN main.origin o ON d.origin_id = o.origin_id JOIN main.graves g "
        "ON g.tbl = d.tbl AND g.local_id = d.local_id JOIN s.%s t ON t.origin_id = d.origin_id "
        "AND t.local_id = d.local_id AND t.deleted_at IS NULL LEFT JOIN main.outbox b ON b.store_id = "
        "o.store_id "
        "AND b.tbl = d.tbl AND b.local_id = d.local_id WHERE d.tbl = '%s' AND d.local_only IS NULL "
        "AND substr(g.trail, 1, instr(g.trail || ',', ',') - 1) = substr(t.%s, 1, instr(t.%s || ',', ',') - "
        "1) "
        "AND (%d OR b.state IS NULL OR b.state <> 'dropped')",
        name, name, name, table->trail, table->trail, everything);
    expect_none(world, machine, alive);
    char *doubled =
        text_format("SELECT 'duplicate', '%s ' || group_concat(local_id) FROM s.%s WHERE deleted_at IS NULL "
                    "GROUP BY origin_id, substr(%s, 1, instr(%s || ',', ',') - 1) HAVING count(*) > 1",
                    name, name, table->trail, table->trail);
    expect_none(world, machine, doubled);
    free(held);
    free(lost);
    free(alive);
    free(doubled);
}

void sim_check_rest(SimWorld *world, bool everything)
{
    for (int machine = 0; machine < world->machine_count && !world->kind; machine++) {
        for (int i = 0; i < SIM_TABLES; i++) {
            check_table(world, machine, &sim_tables[i], everything);
        }
        expect_none(world, machine,
                    "SELECT 'stuck-event', b.local_id FROM main.outbox b, main.origin o "
                    "WHERE b.store_id = o.store_id AND b.tbl = 'app_events' AND b.state <> 'dropped'");
    }
}
