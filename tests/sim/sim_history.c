/* Histories: made from a seed, played to a fault-free end, shrunk. */
#include "sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "local_sqlite.h"
#include "memory.h"
#include "text.h"

#define MOST_ROUNDS 400
#define NUMBERS 27720 /* has every divisor up to 12 */

/* ---- chance */

/* splitmix64, https://prng.di.unimi.it/splitmix64.c: any seed will do */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static uint32_t below(uint64_t *state, uint32_t limit)
{
    return (uint32_t)(next_random(state) % limit);
}

/* ---- generating */

/* Troubles that belong together: a history may have one of them only. */
static const SimKind troubles[][2] = {{SIM_COPY, SIM_COPY},
                                      {SIM_BACKUP, SIM_RESTORE},
                                      {SIM_SNAPSHOT, SIM_REWIND},
                                      {SIM_DROP, SIM_MIGRATE},
                                      {SIM_DISABLE, SIM_ENABLE}};
#define TROUBLES (sizeof troubles / sizeof *troubles)

static void weigh(uint64_t *random, uint32_t weights[SIM_KINDS])
{
    static const uint32_t usual[SIM_KINDS] = {
        [SIM_INSERT_RUN] = 90, [SIM_INSERT_PRIVATE] = 10, [SIM_INSERT_RESULT] = 90, [SIM_INSERT_EVENT] = 40,
        [SIM_UPDATE] = 110,    [SIM_DELETE] = 40,         [SIM_FLUSH] = 200,        [SIM_FLUSH_MORE] = 50,
        [SIM_BEGIN] = 70,      [SIM_ADVANCE] = 140,       [SIM_LATE] = 20,          [SIM_COPY] = 22,
        [SIM_BACKUP] = 30,     [SIM_RESTORE] = 22,        [SIM_SNAPSHOT] = 30,      [SIM_REWIND] = 22,
        [SIM_DROP] = 20,       [SIM_MIGRATE] = 15,        [SIM_DISABLE] = 15,       [SIM_ENABLE] = 35,
    };
    memcpy(weights, usual, sizeof usual);
    uint32_t mode = below(random, 100);
    if (mode < 25) { /* one kind of trouble */
        size_t kept = below(random, TROUBLES);
        for (size_t i = 0; i < TROUBLES; i++) {
            for (SimKind k = troubles[i][0]; k <= troubles[i][1]; k++) {
                weights[k] = i == kept ? weights[k] * 2 : 0;
            }
        }
    } else if (mode < 45) { /* what is given up, and what becomes of it: in few families */
        weights[SIM_INSERT_RUN] /= 3;
        weights[SIM_BEGIN] *= 3;
        weights[SIM_ADVANCE] *= 3;
        weights[SIM_FLUSH] /= 2;
        weights[SIM_DELETE] *= 4;
        weights[SIM_DROP] *= 6;
        weights[SIM_ENABLE] *= 2;
    } else if (mode < 70) { /* half-done deliveries meet copies and stores that go back */
        weights[SIM_BEGIN] = weights[SIM_BEGIN] * 9 / 5;
        weights[SIM_ADVANCE] = weights[SIM_ADVANCE] * 9 / 5;
        for (SimKind k = SIM_COPY; k <= SIM_REWIND; k++) {
            weights[k] *= 2;
        }
        if (below(random, 10) < 6) {
            for (SimKind k = SIM_DROP; k <= SIM_ENABLE; k++) {
                weights[k] /= 5;
            }
        }
    }
}

static SimKind pick(uint64_t *random, const uint32_t weights[SIM_KINDS])
{
    uint32_t total = 0;
    for (int i = 0; i < SIM_KINDS; i++) {
        total += weights[i];
    }
    uint32_t chance = below(random, total);
    int kind = 0;
    while (chance >= weights[kind]) {
        chance -= weights[kind++];
    }
    return (SimKind)kind;
}

void sim_generate(SimHistory *history, uint64_t seed)
{
    static const size_t batches[] = {1, 2, 2, 3, 4, SIM_MOST_ROWS};
    static const uint32_t ends[] = {0, NUMBERS - 1, NUMBERS - 2,
                                    NUMBERS - 3}; /* the newest rows, the oldest */
    uint64_t random = seed;
    uint32_t weights[SIM_KINDS];
    *history = (SimHistory){.seed = seed, .batch_rows = batches[below(&random, 6)]};
    history->references = below(&random, 2);
    weigh(&random, weights);
    weights[SIM_INSERT_RESULTS] = history->batch_rows == SIM_MOST_ROWS ? 30 : 0;
    bool focus = below(&random, 10) < 6; /* on the first machine */
    history->count = 30 + below(&random, 51);
    history->ops = memory_zero(history->count, sizeof *history->ops);
    for (size_t i = 0; i < history->count; i++) {
        SimOp *op = &history->ops[i];
        op->kind = pick(&random, weights);
        op->a = focus && below(&random, 10) < 6 ? 0 : below(&random, NUMBERS);
        op->b = below(&random, 10) < 4 ? ends[below(&random, 4)] : below(&random, NUMBERS);
        op->c = below(&random, NUMBERS);
    }
}

void sim_history_free(SimHistory *history)
{
    free(history->ops);
    *history = (SimHistory){0};
}

void sim_print(const SimHistory *history)
{
    for (size_t i = 0; i < history->count; i++) {
        const SimOp *op = &history->ops[i];
        printf("  %-18s %u %u %u\n", sim_kind_names[op->kind], op->a, op->b, op->c);
    }
}

/* ---- playing */

/* What has to stand still: places in the queue and tries need not. */
static char *state_of(SimWorld *world)
{
    Text state = {0};
    for (int i = 0; i < world->machine_count; i++) {
        char *text =
            sim_text(world, i,
                     "SELECT origin_id || row_version || coalesce((SELECT group_concat(tbl || local_id "
                     "|| op || state || seq) FROM outbox), '') || (SELECT count(*) || '/' || "
                     "sum(row_version) FROM delivered) FROM origin",
                     NO_VALUES);
        text_addf(&state, "%s;", text ? text : "");
        free(text);
    }
    return text_take(&state);
}

static void settle(SimWorld *world)
{
    char *last = memory_string("");
    int same = 0;
    for (int round = 0; same < 2 && !world->kind; round++) {
        for (int i = 0; i < world->machine_count; i++) {
            sim_flush(world, i, SIM_WHOLE);
        }
        char *now = state_of(world);
        same = text_equal(now, last) ? same + 1 : 0;
        free(last);
        last = now;
        if (round == MOST_ROUNDS) {
            sim_violation(world, "never-quiet", "%s", now);
        }
    }
    free(last);
}

static void mend_bad_rows(SimWorld *world, int machine)
{
    for (int i = 0; i < SIM_TABLES; i++) {
        char *sql = text_format("SELECT min(local_id) FROM %s WHERE %s = CAST(x'ff' AS TEXT)",
                                sim_tables[i].table->name, sim_tables[i].spoiled);
        for (int64_t id; (id = sim_number(world, machine, sql, NO_VALUES)) > 0 && !world->kind;) {
            sim_update(world, machine, &sim_tables[i], id);
        }
        free(sql);
    }
}

static void finish(SimWorld *world)
{
    sim_note(world, "--- no more faults");
    while (world->delivery_count > 0) {
        sim_forget_delivery(world->deliveries[--world->delivery_count]);
    }
    while (world->late_count > 0) {
        sim_forget_delivery(world->late[--world->late_count]);
    }
    for (int i = 0; i < world->machine_count; i++) {
        sim_enable(world, i, sim_home(world, i));
        mend_bad_rows(world, i);
    }
    for (int everything = 0; everything < 2 && !world->kind; everything++) {
        for (int i = 0; everything && i < world->machine_count; i++) {
            sim_migrate(world, i);
        }
        settle(world);
        if (!world->kind) {
            sim_check_rest(world, everything);
        }
    }
    if (!world->kind && world->history->seed % 4 == 0) {
        sim_check_hot_rows(world);
    }
}

char *sim_play(const SimHistory *history, bool trace, char **detail)
{
    SimWorld world;
    sim_world_begin(&world, history, trace);
    for (size_t i = 0; i < history->count && !world.kind; i++) {
        sim_do(&world, &history->ops[i]);
    }
    if (!world.kind) {
        finish(&world);
    }
    char *kind = world.kind;
    world.kind = NULL;
    if (detail) {
        *detail = world.detail;
        world.detail = NULL;
    }
    sim_world_end(&world);
    return kind;
}

/* ---- shrinking */

static bool still_fails(const SimHistory *history, const char *kind)
{
    char *found = sim_play(history, false, NULL);
    bool same = text_equal(found, kind);
    free(found);
    return same;
}

/* Leaves out a part of the ops; the rest is new memory. */
static SimHistory without(const SimHistory *history, size_t from, size_t count)
{
    SimHistory rest = *history;
    rest.count -= count;
    rest.ops = memory_zero(rest.count + 1, sizeof *rest.ops);
    memcpy(rest.ops, history->ops, from * sizeof *rest.ops);
    memcpy(rest.ops + from, history->ops + from + count, (rest.count - from) * sizeof *rest.ops);
    return rest;
}

void sim_shrink(SimHistory *history, const char *kind)
{
    for (size_t part = history->count / 2; part > 0;) {
        bool shorter = false;
        for (size_t from = 0; from + part <= history->count;) {
            SimHistory rest = without(history, from, part);
            if (still_fails(&rest, kind)) {
                sim_history_free(history);
                *history = rest;
                shorter = true;
            } else {
                sim_history_free(&rest);
                from += part;
            }
        }
        part = part == 1 ? shorter : part / 2;
    }
}
