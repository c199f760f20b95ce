/* Random histories of the dual-write protocol over two SQLite shared stores: writes, deletes, drops,
 * migrations, switches, deliveries that are cut off after each step, race, or arrive late. At the end, with
 * no more faults, every row must be where it belongs. Fails with the seed: AMX_HISTORY_FIRST=seed
 * AMX_HISTORY_COUNT=1 plays it again, and AMX_HISTORY_TRACE=1 shows its steps. */
#include "support_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "local_sqlite.h"
#include "memory.h"
#include "text.h"

#define STORES 2
#define BATCHES 3
#define MODES 3
#define LONGEST_QUEUE 4000

typedef struct World {
    uint64_t seed;
    uint64_t random;
    bool trace;
    int mode; /* which troubles are likely */
    size_t batch_rows;
    const char *path;
    Local *local;
    DatabaseTarget targets[STORES];
    Shared *shared[STORES];
    char *store_ids[STORES];
    int enabled;                   /* which store, -1 = off */
    int home;                      /* the last one that was enabled */
    OutboxBatch *batches[BATCHES]; /* under way: minted, or sent */
    int batch_store[BATCHES];
    bool sent[BATCHES];
} World;

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

static int64_t below(World *world, int64_t limit)
{
    return (int64_t)(next_random(world) % (uint64_t)limit);
}

__attribute__((format(printf, 2, 3))) static void note(const World *world, const char *format, ...)
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

static _Noreturn void give_up(const World *world, const char *what, const char *detail)
{
    print_error("seed %llu: %s %s\n", (unsigned long long)world->seed, what, detail);
    fail();
    abort();
}

static void must(const World *world, bool ok, const char *what, const Error *err)
{
    if (!ok) {
        give_up(world, what, err->message);
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

static void begin_world(World *world, uint64_t seed)
{
    *world = (World){.seed = seed,
                     .random = seed,
                     .trace = getenv("AMX_HISTORY_TRACE") != NULL,
                     .enabled = -1,
                     .home = -1};
    world->mode = (int)below(world, MODES);
    world->batch_rows = (size_t)below(world, 4) + 1;
    world->path = support_path("history.db");
    world->local = support_local(world->path, &support_ada);
    for (int i = 0; i < STORES; i++) {
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

static void end_world(World *world)
{
    for (int i = 0; i < BATCHES; i++) {
        outbox_free(world->batches[i]);
    }
    for (int i = 0; i < STORES; i++) {
        shared_close(world->shared[i]);
        free(world->store_ids[i]);
    }
    local_close(world->local);
}

/* ---- writes
 * ------------------------------------------------------------------------------------------------------ */

static void run_sql(World *world, const char *sql)
{
    Error err = {0};
    must(world, local_begin(world->local, &err), "begin", &err);
    must(world, local_end(world->local, sqlite_script(local_sqlite(world->local), sql, &err), &err), sql,
         &err);
}

/* The row that was just written is owed to the present store, unless it is local only; its ancestors may go
 * along. */
static void note_owed(World *world, int table)
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
    run_sql(world, text_string(&sql));
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
    int64_t among = count > 2 && below(world, 2) ? 2 : count;
    return count ? ids[below(world, among)] : 0;
}

static void insert_row(World *world, int table)
{
    int64_t parent = 0;
    if (synced_tables[table].parent != SYNCED_NO_PARENT) {
        parent = any_row(world, synced_tables[table].parent);
        if (parent == 0) {
            return;
        }
    }
    bool private_row = synced_tables[table].parent == SYNCED_NO_PARENT && below(world, 8) == 0;
    char *sql = memory_string(support_insert_sql(&synced_tables[table], parent));
    if (private_row) {
        char *values = strstr(sql, ") VALUES (");
        char *longer =
            text_format("INSERT INTO %s(local_only, %.*s) VALUES ('private', %s", synced_tables[table].name,
                        (int)(values - strchr(sql, '(') - 1), strchr(sql, '(') + 1, values + 10);
        free(sql);
        sql = longer;
    }
    run_sql(world, sql);
    note(world, "insert %s under %lld%s", synced_tables[table].name, (long long)parent,
         private_row ? " private" : "");
    free(sql);
    note_owed(world, table);
}

/* A column of content that takes any text, and bytes that are none. */
static const char *const columns[] = {"error", "chosen_text", "title", "content", "old_text", "status"};

static void update_row(World *world, int table, bool spoil)
{
    int64_t id = any_row(world, table);
    char *sql =
        text_format("UPDATE %s SET %s = %s WHERE local_id = %lld", synced_tables[table].name, columns[table],
                    spoil ? "CAST(x'ff' AS TEXT)" : "'edit ' || (SELECT seq FROM origin)", (long long)id);
    if (id) {
        run_sql(world, sql);
        note(world, "update %s %lld%s", synced_tables[table].name, (long long)id, spoil ? " badly" : "");
        note_owed(world, table);
    }
    free(sql);
}

static void delete_row(World *world, int table)
{
    int64_t id = any_row(world, table);
    char *sql = text_format("DELETE FROM %s WHERE local_id = %lld", synced_tables[table].name, (long long)id);
    if (id) {
        run_sql(world, sql);
        note(world, "delete %s %lld", synced_tables[table].name, (long long)id);
    }
    free(sql);
}

/* ---- the switch
 * -------------------------------------------------------------------------------------------------- */

static bool enable(World *world, int store)
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
    note(world, "enable store %d%s", store, ok ? "" : ": refused");
    return ok;
}

static void migrate(World *world)
{
    Error err = {0};
    int64_t marked = 0;
    if (world->enabled >= 0) {
        must(world, local_begin(world->local, &err), "begin", &err);
        must(world, local_end(world->local, sharing_migrate(world->local, NULL, NULL, &marked, &err), &err),
             "migrate", &err);
        for (int t = 0; t < SYNCED_TABLE_COUNT; t++) {
            char *sql = text_format("INSERT INTO owed SELECT store_id, '%s', local_id, 0 FROM %s r, origin o "
                                    "WHERE %s IS NULL ON CONFLICT DO UPDATE SET along = 0",
                                    synced_tables[t].name, synced_tables[t].name,
                                    support_local_only(&synced_tables[t]));
            run_sql(world, sql);
            free(sql);
        }
        note(world, "migrate %lld", (long long)marked);
    }
}

static void drop(World *world)
{
    Error err = {0};
    int64_t dropped = 0;
    must(world, sharing_drop(world->local, &dropped, &err), "drop", &err);
    note(world, "drop %lld", (long long)dropped);
}

/* ---- deliveries
 * -------------------------------------------------------------------------------------------------- */

static void forget_batch(World *world, int slot)
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
    note(world, "mint %d: %zu rows, first %s %lld", slot, world->batches[slot]->row_count,
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
    note(world, "send %d: verdict %d, refused %zu", slot, (int)answer.verdict, answer.refused);
    return answer.verdict;
}

static void acknowledge(World *world, int slot)
{
    Error err = {0};
    bool counted = false;
    must(world, outbox_acknowledge(world->local, world->batches[slot], &counted, &err), "acknowledge", &err);
    note(world, "acknowledge %d: %s", slot, counted ? "counted" : "ignored");
}

/* A delivery in one go, perhaps cut off: before it is sent, or when the reply is lost. */
static void deliver(World *world, int cut)
{
    if (world->batches[0]) {
        return;
    }
    if (mint(world, 0)) {
        if (cut != 1) {
            SharedVerdict verdict = send_batch(world, 0);
            if (verdict != SHARED_SENT) {
                give_up(world, "a delivery was refused", "");
            }
            if (cut != 2) {
                acknowledge(world, 0);
            }
        }
        forget_batch(world, 0);
    }
}

/* One step of a delivery that others may overtake. */
static void advance(World *world)
{
    int slot = 1 + (int)below(world, BATCHES - 1);
    if (!world->batches[slot]) {
        mint(world, slot);
    } else if (!world->sent[slot]) {
        if (send_batch(world, slot) != SHARED_SENT) {
            forget_batch(world, slot); /* overtaken */
        }
    } else {
        if (below(world, 4) > 0) {
            acknowledge(world, slot);
        }
        forget_batch(world, slot);
    }
}

static void disable(World *world)
{
    Error err = {0};
    must(world, sharing_disable(world->local, &err), "disable", &err);
    world->enabled = -1;
    note(world, "disable");
}

/* Another store is refused while something is queued; then the queue is sometimes given up. */
static void switch_store(World *world)
{
    int store = (int)below(world, STORES);
    if (!enable(world, store) && below(world, 2)) {
        drop(world);
        enable(world, store);
    }
}

static void step(World *world)
{
    static const int tables[] = {SYNCED_RUNS,         SYNCED_RUN_RESULTS, SYNCED_RUN_RESULTS,
                                 SYNCED_APPLY_EVENTS, SYNCED_SESSIONS,    SYNCED_SESSION_TURNS,
                                 SYNCED_APP_EVENTS};
    enum { INSERT, UPDATE, DELETE, DELIVER, ADVANCE, DROP, MIGRATE, DISABLE, SWITCH, KINDS };
    static const int weights[MODES][KINDS] = {
        {26, 14, 6, 24, 17, 3, 2, 3, 5}, /* a little of everything */
        {18, 28, 8, 8, 38, 0, 0, 0, 0},  /* deliveries that race with edits */
        {22, 18, 10, 26, 6, 4, 1, 4, 9}, /* to and fro between two stores */
    };
    int table = tables[below(world, (int64_t)(sizeof tables / sizeof *tables))];
    int64_t chance = below(world, 100);
    int kind = 0;
    while (chance >= weights[world->mode][kind]) {
        chance -= weights[world->mode][kind++];
    }
    switch (kind) {
    case INSERT:
        insert_row(world, table);
        break;
    case UPDATE:
        update_row(world, table, below(world, 6) == 0);
        break;
    case DELETE:
        delete_row(world, table);
        break;
    case DELIVER:
        deliver(world, (int)below(world, 4));
        break;
    case ADVANCE:
        advance(world);
        break;
    case DROP:
        drop(world);
        break;
    case MIGRATE:
        migrate(world);
        break;
    case DISABLE:
        disable(world);
        break;
    default:
        switch_store(world);
    }
}

/* ---- the judge
 * ---------------------------------------------------------------------------------------------------- */

static void settle(World *world)
{
    for (int i = 0; i < LONGEST_QUEUE; i++) {
        OutboxCounts before = support_counts(world->local);
        if (before.queued == before.waiting) {
            return;
        }
        deliver(world, 0);
    }
    give_up(world, "the queue never gets empty", "");
}

/* Nothing may be found; what is, is the failure. */
static void expect_none(const World *world, const char *what, const char *sql)
{
    const char *found = support_local_text(world->local, sql);
    if (*found) {
        give_up(world, what, found);
    }
}

/* Rows of a table that the store does not have just so. `among` narrows them. */
static void expect_delivered(const World *world, const SyncedTable *table, const char *among)
{
    Text columns_here = {0};
    for (size_t i = 0; i < synced_width(table); i++) {
        text_addf(&columns_here, "%sr.%s", i ? ", " : "", synced_column(table, i)->name);
    }
    char *sql =
        text_format("SELECT '%s ' || group_concat(local_id) FROM (SELECT %s FROM main.%s r, main.origin o "
                    "WHERE %s IS NULL AND %s EXCEPT SELECT %s FROM s.%s r)",
                    table->name, text_string(&columns_here), table->name, support_local_only(table), among,
                    text_string(&columns_here), table->name);
    expect_none(world, "lost or different", sql);
    free(sql);
    text_free(&columns_here);
}

static void judge(const World *world, bool everything)
{
    char *attach = text_format("ATTACH '%s' AS s", world->targets[world->home].path);
    assert_true(sqlite_script(local_sqlite(world->local), attach, NULL));
    free(attach);
    for (int t = 0; t < SYNCED_TABLE_COUNT; t++) {
        const SyncedTable *table = &synced_tables[t];
        char *among = text_format(
            everything
                ? "true"
                : "EXISTS (SELECT 1 FROM owed w WHERE w.store_id = o.store_id AND w.tbl = '%s' "
                  "AND w.local_id = r.local_id AND NOT w.along) AND NOT EXISTS (SELECT 1 FROM outbox b "
                  "WHERE b.store_id = o.store_id AND b.tbl = '%s' AND b.local_id = r.local_id)",
            table->name, table->name);
        expect_delivered(world, table, among);
        free(among);
        char *undeleted = text_format("SELECT '%s ' || group_concat(t.local_id) FROM main.tombstones t JOIN "
                                      "s.%s r ON r.local_id = t.local_id "
                                      "AND r.deleted_at IS NULL WHERE t.tbl = '%s' AND NOT EXISTS (SELECT 1 "
                                      "FROM main.outbox b, main.origin o "
                                      "WHERE b.store_id = o.store_id AND b.tbl = t.tbl AND b.local_id = "
                                      "t.local_id AND b.state = 'dropped')",
                                      table->name, table->name, table->name);
        expect_none(world, "not deleted", undeleted);
        free(undeleted);
        char *leaked =
            text_format("SELECT '%s ' || group_concat(r.local_id) FROM s.%s r WHERE r.deleted_at IS NULL AND "
                        "NOT EXISTS (SELECT 1 FROM main.owed w, main.origin o WHERE w.store_id = o.store_id "
                        "AND w.tbl = '%s' AND w.local_id = r.local_id)",
                        table->name, table->name, table->name);
        expect_none(world, "never asked for", leaked);
        free(leaked);
        char *private_rows =
            text_format("SELECT '%s ' || group_concat(r.local_id) FROM s.%s t JOIN main.%s r "
                        "ON t.local_id = r.local_id AND %s IS NOT NULL",
                        table->name, table->name, table->name, support_local_only(table));
        expect_none(world, "private", private_rows);
        free(private_rows);
    }
    expect_none(world, "in the store", "SELECT group_concat(what, '; ') FROM s.faults");
    expect_none(world, "two origins", "SELECT CASE WHEN count(*) > 1 THEN 'yes' END FROM s.origins");
    assert_true(sqlite_script(local_sqlite(world->local), "DETACH s", NULL));
}

/* What is left in the queue is dropped, or waits under something dropped. */
static void judge_queue(const World *world)
{
    OutboxCounts counts = support_counts(world->local);
    if (counts.parked > 0 || counts.queued != counts.waiting || (counts.waiting > 0 && counts.dropped == 0)) {
        char *text =
            text_format("%lld queued, %lld waiting, %lld parked, %lld dropped", (long long)counts.queued,
                        (long long)counts.waiting, (long long)counts.parked, (long long)counts.dropped);
        give_up(world, "stuck", text);
    }
}

static void mend_bad_rows(World *world)
{
    for (int t = 0; t < SYNCED_TABLE_COUNT; t++) {
        char *find = text_format("SELECT min(local_id) FROM %s WHERE %s = CAST(x'ff' AS TEXT)",
                                 synced_tables[t].name, columns[t]);
        for (int64_t id; (id = support_local_number(world->local, find)) > 0;) {
            char *sql = text_format("UPDATE %s SET %s = 'mended' WHERE local_id = %lld",
                                    synced_tables[t].name, columns[t], (long long)id);
            run_sql(world, sql);
            free(sql);
            note_owed(world, t);
        }
        free(find);
    }
}

static void finish(World *world)
{
    note(world, "--- no more faults");
    for (int i = 1; i < BATCHES; i++) {
        if (world->batches[i]) {
            forget_batch(world, i);
        }
    }
    enable(world, world->home < 0 ? 0 : world->home);
    mend_bad_rows(world);
    settle(world);
    judge_queue(world);
    judge(world, false);
    migrate(world);
    settle(world);
    judge(world, true);
    OutboxCounts counts = support_counts(world->local);
    if (counts.queued + counts.parked + counts.dropped > 0) {
        give_up(world, "left in the queue after migrate", "");
    }
}

static uint64_t number_from(const char *name, uint64_t fallback)
{
    const char *value = getenv(name);
    return value && *value ? strtoull(value, NULL, 10) : fallback;
}

static void every_history_ends_well(void **state)
{
    (void)state;
    uint64_t first = number_from("AMX_HISTORY_FIRST", 1);
    uint64_t count = number_from("AMX_HISTORY_COUNT", 100);
    for (uint64_t seed = first; seed < first + count; seed++) {
        World world;
        begin_world(&world, seed);
        enable(&world, 0);
        for (int64_t steps = 30 + below(&world, 60); steps > 0; steps--) {
            step(&world);
        }
        finish(&world);
        end_world(&world);
    }
}

int main(void)
{
    /* the histories are about order, not about disks */
    if (access("/dev/shm", W_OK) == 0) {
        setenv("TMPDIR", "/dev/shm", 0);
    }
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_history_ends_well)};
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
