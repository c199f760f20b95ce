#include "world.h"

#include <stdlib.h>
#include <string.h>

#include "local_sqlite.h"
#include "memory.h"
#include "text.h"

/* ---- chance
 * ---------------------------------------------------------------------------------------------------- */

/* splitmix64, https://prng.di.unimi.it/splitmix64.c: any seed will do */
static uint64_t next_random(World *world)
{
    uint64_t z = (world->random += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

int64_t world_below(World *world, int64_t limit)
{
    return (int64_t)(next_random(world) % (uint64_t)limit);
}

void world_note(const World *world, const char *format, ...)
{
    if (world->trace) {
        va_list args;
        va_start(args, format);
        char *text = text_vformat(format, args);
        va_end(args);
        print_message("  %s\n", text);
        free(text);
    }
}

_Noreturn void world_give_up(const World *world, const char *what, const char *detail)
{
    print_error("seed %llu: %s %s\n", (unsigned long long)world->seed, what, detail);
    fail();
    abort();
}

static void must(const World *world, bool ok, const char *what, const Error *err)
{
    if (!ok) {
        world_give_up(world, what, err->message);
    }
}

/* ---- the world
 * --------------------------------------------------------------------------------------------------- */

/* A shared row whose version does not rise, or that comes back from the dead, leaves a note in `faults`. */
static void watch_store(const char *path)
{
    support_sqlite(path, "CREATE TABLE faults(what TEXT)");
    for (int t = 0; t < SYNCED_TABLE_COUNT; t++) {
        const char *name = synced_tables[t].name;
        char *sql = text_format(
            "CREATE TRIGGER watch_%s AFTER UPDATE ON %s WHEN NEW.row_version <= OLD.row_version "
            "OR (OLD.deleted_at IS NOT NULL AND NEW.deleted_at IS NULL) BEGIN "
            "INSERT INTO faults VALUES ('%s ' || NEW.local_id || ' v' || OLD.row_version || ' -> v' "
            "|| NEW.row_version); END",
            name, name, name);
        support_sqlite(path, sql);
        free(sql);
    }
}

void world_begin(World *world, uint64_t seed)
{
    *world = (World){.seed = seed,
                     .random = seed,
                     .trace = getenv("AMX_HISTORY_TRACE") != NULL,
                     .enabled = -1,
                     .home = -1};
    world->mode = (int)world_below(world, WORLD_MODES);
    world->batch_rows = (size_t)world_below(world, 4) + 1;
    world->path = support_path("history.db");
    world->local = support_local(world->path, &support_ada);
    for (int i = 0; i < WORLD_STORES; i++) {
        world->targets[i] = (DatabaseTarget){.backend = BACKEND_SQLITE, .path = support_path("shared.db")};
        world->shared[i] = support_shared(&world->targets[i], "amx");
        world->store_ids[i] = memory_string(support_store_id(world->shared[i]));
        watch_store(world->targets[i].path);
    }
    /* what each store is owed, and what may go along, written down independently of the outbox */
    support_local_sql(world->local,
                      "CREATE TABLE owed(store_id, tbl, local_id, along, PRIMARY KEY(store_id, tbl, "
                      "local_id))");
}

void world_end(World *world)
{
    for (int i = 0; i < WORLD_BATCHES; i++) {
        outbox_free(world->batches[i]);
    }
    for (int i = 0; i < WORLD_STORES; i++) {
        shared_close(world->shared[i]);
        free(world->store_ids[i]);
    }
    local_close(world->local);
}

/* ---- writes
 * ------------------------------------------------------------------------------------------------------ */

void world_run_sql(World *world, const char *sql)
{
    Error err = {0};
    must(world, local_begin(world->local, &err), "begin", &err);
    must(world, local_end(world->local, sqlite_script(local_sqlite(world->local), sql, &err), &err), sql,
         &err);
}

void world_note_owed(World *world, int table)
{
    const SyncedTable *at = &synced_tables[table];
    Text sql = {0};
    Text id = {0};
    text_addf(
        &sql,
        "INSERT INTO owed SELECT store_id, '%s', local_id, 0 FROM %s r, origin o WHERE o.store_id IS NOT "
        "NULL "
        "AND %s IS NULL AND r.row_version = o.row_version ON CONFLICT DO UPDATE SET along = 0;\n",
        at->name, at->name, support_local_only(at));
    text_addf(&id, "(SELECT local_id FROM %s r, origin o WHERE %s IS NULL AND r.row_version = o.row_version)",
              at->name, support_local_only(at));
    for (; at->parent != SYNCED_NO_PARENT; at = &synced_tables[at->parent]) {
        char *inner = text_take(&id);
        text_addf(&id, "(SELECT %s FROM %s WHERE local_id = %s)", at->parent_column, at->name, inner);
        text_addf(
            &sql,
            "INSERT OR IGNORE INTO owed SELECT store_id, '%s', %s, 1 FROM origin WHERE store_id IS NOT NULL "
            "AND %s IS NOT NULL;\n",
            synced_tables[at->parent].name, text_string(&id), text_string(&id));
        free(inner);
    }
    world_run_sql(world, text_string(&sql));
    text_free(&sql);
    text_free(&id);
}

/* A random row of a table, often one of the newest; 0 when it is empty. */
static int64_t any_row(World *world, int table)
{
    char *sql = text_format("SELECT local_id FROM %s ORDER BY local_id DESC", synced_tables[table].name);
    int64_t ids[512];
    int64_t count = 0;
    SqliteRows *rows = sqlite_query(local_sqlite(world->local), NULL, sql, NO_VALUES);
    while (count < 512 && sqlite_next(rows)) {
        ids[count++] = sqlite_int(rows, 0);
    }
    sqlite_done(local_sqlite(world->local), rows, NULL);
    free(sql);
    int64_t among = count > 2 && world_below(world, 2) ? 2 : count;
    return count ? ids[world_below(world, among)] : 0;
}

void world_insert_row(World *world, int table)
{
    int64_t parent = 0;
    if (synced_tables[table].parent != SYNCED_NO_PARENT) {
        parent = any_row(world, synced_tables[table].parent);
        if (parent == 0) {
            return;
        }
    }
    bool private_row = synced_tables[table].parent == SYNCED_NO_PARENT && world_below(world, 8) == 0;
    char *sql = memory_string(support_insert_sql(&synced_tables[table], parent));
    if (private_row) {
        char *values = strstr(sql, ") VALUES (");
        char *longer =
            text_format("INSERT INTO %s(local_only, %.*s) VALUES ('private', %s", synced_tables[table].name,
                        (int)(values - strchr(sql, '(') - 1), strchr(sql, '(') + 1, values + 10);
        free(sql);
        sql = longer;
    }
    world_run_sql(world, sql);
    world_note(world, "insert %s under %lld%s", synced_tables[table].name, (long long)parent,
               private_row ? " private" : "");
    free(sql);
    world_note_owed(world, table);
}

const char *const world_columns[SYNCED_TABLE_COUNT] = {"error",   "chosen_text", "title",
                                                       "content", "old_text",    "status"};

void world_update_row(World *world, int table, bool spoil)
{
    int64_t id = any_row(world, table);
    char *sql = text_format(
        "UPDATE %s SET %s = %s WHERE local_id = %lld", synced_tables[table].name, world_columns[table],
        spoil ? "CAST(x'ff' AS TEXT)" : "'edit ' || (SELECT seq FROM origin)", (long long)id);
    if (id) {
        world_run_sql(world, sql);
        world_note(world, "update %s %lld%s", synced_tables[table].name, (long long)id,
                   spoil ? " badly" : "");
        world_note_owed(world, table);
    }
    free(sql);
}

void world_delete_row(World *world, int table)
{
    int64_t id = any_row(world, table);
    char *sql = text_format("DELETE FROM %s WHERE local_id = %lld", synced_tables[table].name, (long long)id);
    if (id) {
        world_run_sql(world, sql);
        world_note(world, "delete %s %lld", synced_tables[table].name, (long long)id);
    }
    free(sql);
}

/* ---- the switch
 * -------------------------------------------------------------------------------------------------- */

bool world_enable(World *world, int store)
{
    Error err = {0};
    must(world, local_begin(world->local, &err), "begin", &err);
    bool ok = sharing_enable(world->local, world->store_ids[store], &err);
    if (!ok && err.kind != ERROR_GUARD) {
        must(world, false, "enable", &err);
    }
    if (local_end(world->local, ok, &err)) {
        world->enabled = world->home = store;
    }
    world_note(world, "enable store %d%s", store, ok ? "" : ": refused");
    return ok;
}

void world_migrate(World *world)
{
    Error err = {0};
    int64_t marked = 0;
    if (world->enabled >= 0) {
        must(world, local_begin(world->local, &err), "begin", &err);
        must(world,
             local_end(world->local, sharing_migrate(world->local, true, NULL, NULL, &marked, &err), &err),
             "migrate", &err);
        for (int t = 0; t < SYNCED_TABLE_COUNT; t++) {
            char *sql = text_format("INSERT INTO owed SELECT store_id, '%s', local_id, 0 FROM %s r, origin o "
                                    "WHERE %s IS NULL ON CONFLICT DO UPDATE SET along = 0",
                                    synced_tables[t].name, synced_tables[t].name,
                                    support_local_only(&synced_tables[t]));
            world_run_sql(world, sql);
            free(sql);
        }
        world_note(world, "migrate %lld", (long long)marked);
    }
}

void world_drop(World *world)
{
    Error err = {0};
    int64_t dropped = 0;
    must(world, sharing_drop(world->local, &dropped, &err), "drop", &err);
    world_note(world, "drop %lld", (long long)dropped);
}

/* ---- deliveries
 * -------------------------------------------------------------------------------------------------- */

void world_forget_batch(World *world, int slot)
{
    outbox_free(world->batches[slot]);
    world->batches[slot] = NULL;
}

static bool mint(World *world, int slot)
{
    Error err = {0};
    if (world->enabled < 0) {
        return false;
    }
    must(world,
         outbox_mint(world->local, (OutboxLimit){world->batch_rows, 1u << 20}, &world->batches[slot], &err),
         "mint", &err);
    assert_true(world->batches[slot]->row_count <= world->batch_rows);
    world->batch_store[slot] = world->enabled;
    world->sent[slot] = false;
    world_note(world, "mint %d: %zu rows, first %s %lld", slot, world->batches[slot]->row_count,
               world->batches[slot]->row_count ? world->batches[slot]->rows[0].table->name : "-",
               (long long)(world->batches[slot]->row_count ? world->batches[slot]->rows[0].local_id : 0));
    return true;
}

static SharedVerdict send_batch(World *world, int slot)
{
    Error err = {0};
    SharedAnswer answer;
    must(world,
         shared_send(world->shared[world->batch_store[slot]], world->batches[slot], deadline_in(20000),
                     &answer, &err),
         "send", &err);
    world->sent[slot] = answer.verdict == SHARED_SENT;
    world_note(world, "send %d: verdict %d, refused %zu", slot, (int)answer.verdict, answer.refused);
    return answer.verdict;
}

static void acknowledge(World *world, int slot)
{
    Error err = {0};
    bool counted = false;
    must(world, outbox_acknowledge(world->local, world->batches[slot], &counted, &err), "acknowledge", &err);
    world_note(world, "acknowledge %d: %s", slot, counted ? "counted" : "ignored");
}

void world_deliver(World *world, int cut)
{
    if (world->batches[0]) {
        return;
    }
    if (mint(world, 0)) {
        if (cut != 1) {
            SharedVerdict verdict = send_batch(world, 0);
            if (verdict != SHARED_SENT) {
                world_give_up(world, "a delivery was refused", "");
            }
            if (cut != 2) {
                acknowledge(world, 0);
            }
        }
        world_forget_batch(world, 0);
    }
}

void world_advance(World *world)
{
    int slot = 1 + (int)world_below(world, WORLD_BATCHES - 1);
    if (!world->batches[slot]) {
        mint(world, slot);
    } else if (!world->sent[slot]) {
        if (send_batch(world, slot) != SHARED_SENT) {
            world_forget_batch(world, slot); /* overtaken */
        }
    } else {
        if (world_below(world, 4) > 0) {
            acknowledge(world, slot);
        }
        world_forget_batch(world, slot);
    }
}

void world_disable(World *world)
{
    Error err = {0};
    must(world, sharing_disable(world->local, &err), "disable", &err);
    world->enabled = -1;
    world_note(world, "disable");
}

void world_switch_store(World *world)
{
    int store = (int)world_below(world, WORLD_STORES);
    if (!world_enable(world, store) && world_below(world, 2)) {
        world_drop(world);
        world_enable(world, store);
    }
}
