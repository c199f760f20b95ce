/* Random histories of the dual-write protocol over two SQLite shared stores: writes, deletes, drops,
 * migrations, switches, deliveries that are cut off after each step, race, or arrive late. At the end, with
 * no more faults, every row must be where it belongs. Fails with the seed: AMX_HISTORY_FIRST=seed
 * AMX_HISTORY_COUNT=1 plays it again, and AMX_HISTORY_TRACE=1 shows its steps. */
#include "world.h"

#include <stdlib.h>
#include <unistd.h>

#include "local_sqlite.h"
#include "text.h"

#define LONGEST_QUEUE 4000

static void step(World *world)
{
    static const int tables[] = {SYNCED_RUNS,         SYNCED_RUN_RESULTS, SYNCED_RUN_RESULTS,
                                 SYNCED_APPLY_EVENTS, SYNCED_SESSIONS,    SYNCED_SESSION_TURNS,
                                 SYNCED_APP_EVENTS};
    enum { INSERT, UPDATE, DELETE, DELIVER, ADVANCE, DROP, MIGRATE, DISABLE, SWITCH, KINDS };
    static const int weights[WORLD_MODES][KINDS] = {
        {26, 14, 6, 24, 17, 3, 2, 3, 5}, /* a little of everything */
        {18, 28, 8, 8, 38, 0, 0, 0, 0},  /* deliveries that race with edits */
        {22, 18, 10, 26, 6, 4, 1, 4, 9}, /* to and fro between two stores */
    };
    int table = tables[world_below(world, (int64_t)(sizeof tables / sizeof *tables))];
    int64_t chance = world_below(world, 100);
    int kind = 0;
    while (chance >= weights[world->mode][kind]) {
        chance -= weights[world->mode][kind++];
    }
    switch (kind) {
    case INSERT:
        world_insert_row(world, table);
        break;
    case UPDATE:
        world_update_row(world, table, world_below(world, 6) == 0);
        break;
    case DELETE:
        world_delete_row(world, table);
        break;
    case DELIVER:
        world_deliver(world, (int)world_below(world, 4));
        break;
    case ADVANCE:
        world_advance(world);
        break;
    case DROP:
        world_drop(world);
        break;
    case MIGRATE:
        world_migrate(world);
        break;
    case DISABLE:
        world_disable(world);
        break;
    default:
        world_switch_store(world);
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
        world_deliver(world, 0);
    }
    world_give_up(world, "the queue never gets empty", "");
}

/* Nothing may be found; what is, is the failure. */
static void expect_none(const World *world, const char *what, const char *sql)
{
    const char *found = support_local_text(world->local, sql);
    if (*found) {
        world_give_up(world, what, found);
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
        world_give_up(world, "stuck", text);
    }
}

static void mend_bad_rows(World *world)
{
    for (int t = 0; t < SYNCED_TABLE_COUNT; t++) {
        char *find = text_format("SELECT min(local_id) FROM %s WHERE %s = CAST(x'ff' AS TEXT)",
                                 synced_tables[t].name, world_columns[t]);
        for (int64_t id; (id = support_local_number(world->local, find)) > 0;) {
            char *sql = text_format("UPDATE %s SET %s = 'mended' WHERE local_id = %lld",
                                    synced_tables[t].name, world_columns[t], (long long)id);
            world_run_sql(world, sql);
            free(sql);
            world_note_owed(world, t);
        }
        free(find);
    }
}

static void finish(World *world)
{
    world_note(world, "--- no more faults");
    for (int i = 1; i < WORLD_BATCHES; i++) {
        if (world->batches[i]) {
            world_forget_batch(world, i);
        }
    }
    world_enable(world, world->home < 0 ? 0 : world->home);
    mend_bad_rows(world);
    settle(world);
    judge_queue(world);
    judge(world, false);
    world_migrate(world);
    settle(world);
    judge(world, true);
    OutboxCounts counts = support_counts(world->local);
    if (counts.queued + counts.parked + counts.dropped > 0) {
        world_give_up(world, "left in the queue after migrate", "");
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
        world_begin(&world, seed);
        world_enable(&world, 0);
        for (int64_t steps = 30 + world_below(&world, 60); steps > 0; steps--) {
            step(&world);
        }
        finish(&world);
        world_end(&world);
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
