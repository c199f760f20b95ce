/* Deliveries in their three steps, cut off between and inside them. */
#include "sim.h"

#include <stdlib.h>

#include "doubt.h"
#include "memory.h"

static OutboxLimit limit(const SimWorld *world)
{
    return (OutboxLimit){.rows = world->batch_rows, .bytes = 1u << 20};
}

static void forget_batch(SimDelivery *delivery)
{
    for (size_t i = 0; delivery->trails && i < delivery->batch->row_count; i++) {
        free(delivery->trails[i]);
    }
    free(delivery->trails);
    outbox_free(delivery->batch);
    outbox_free(delivery->ahead);
}

void sim_forget_delivery(SimDelivery *delivery)
{
    forget_batch(delivery);
    free(delivery);
}

static void begin_batch(SimWorld *world, SimDelivery *delivery, int machine, OutboxBatch *batch)
{
    *delivery = (SimDelivery){.machine = machine,
                              .store = sim_home(world, machine),
                              .step = 1,
                              .batch = batch,
                              .goes_on = (world->history->seed + world->mints++) % 3 != 0};
    sim_note(world, "m%d mints %.8s for store %d, origin %.8s", machine,
             *batch->token ? batch->token : "nothing", delivery->store, batch->origin_id);
    for (size_t i = 0; i < batch->row_count; i++) {
        sim_note(world, "    %s %s %lld v%lld", batch->rows[i].erase ? "delete" : "write",
                 batch->rows[i].table->name, (long long)batch->rows[i].local_id,
                 (long long)batch->rows[i].row_version);
    }
    if (batch->row_count > world->batch_rows) {
        sim_violation(world, "too-many", "%zu rows", batch->row_count);
    }
    sim_check_batch(world, delivery);
}

/* Step 1. NULL when sharing is off. */
static SimDelivery *mint(SimWorld *world, int machine)
{
    Error err = {0};
    OutboxBatch *batch = NULL;
    if (!sim_enabled(world, machine) ||
        !sim_must(world, outbox_mint(world->machines[machine].local, limit(world), &batch, &err), "mint",
                  &err)) {
        return NULL;
    }
    SimDelivery *delivery = memory_zero(1, sizeof *delivery);
    begin_batch(world, delivery, machine, batch);
    return delivery;
}

static void look_ahead(SimWorld *world, SimDelivery *delivery)
{
    Error err = {0};
    Local *local = world->machines[delivery->machine].local;
    if (delivery->goes_on && delivery->batch->row_count > 0 && sim_enabled(world, delivery->machine) &&
        sim_must(world, outbox_look_ahead(local, delivery->batch, limit(world), &delivery->ahead, &err),
                 "look ahead", &err)) {
        sim_note(world, "m%d reads %zu rows ahead", delivery->machine,
                 delivery->ahead ? delivery->ahead->row_count : 0);
    }
}

/* Step 2. */
static void send_batch(SimWorld *world, SimDelivery *delivery)
{
    Error err = {0};
    static const char *const verdicts[] = {"sent", "strange token", "other store", "too new"};
    look_ahead(world, delivery);
    if (sim_must(world,
                 shared_send(world->stores[delivery->store].shared, delivery->batch, deadline_in(20000),
                             &delivery->answer, &err),
                 "send", &err)) {
        delivery->step = 2;
        sim_note(world, "m%d sends %.8s: %s %.8s, refused %zu", delivery->machine, delivery->batch->token,
                 verdicts[delivery->answer.verdict], delivery->answer.token, delivery->answer.refused);
        sim_check_changes(world, delivery);
    }
}

/* Only a token that was never minted here says that the file is a copy. */
static void check_copy(SimWorld *world, const SimDelivery *delivery)
{
    const Value values[] = {value_text(world->stores[delivery->store].store_id),
                            value_text(delivery->batch->origin_id)};
    Sqlite *db = sim_observer(delivery->machine, delivery->store);
    int64_t ours = 0;
    Error err = {0};
    if (sim_must(world,
                 sqlite_number(db, &err, 0, &ours,
                               "SELECT 1 FROM s.origins o JOIN main.tokens t ON t.token = o.token "
                               "WHERE t.store_id = $1 AND o.origin_id = $2",
                               values, 2),
                 "look", &err) &&
        ours) {
        sim_violation(world, "false-copy", "m%d minted the token itself", delivery->machine);
    }
}

static void resolve_doubt(SimWorld *world, SimDelivery *delivery)
{
    Error err = {0};
    static const char *const findings[] = {[DOUBT_TRY_AGAIN] = "try again",
                                           [DOUBT_STORE_WENT_BACK] = "the store went back",
                                           [DOUBT_FILE_IS_COPY] = "the file is a copy"};
    DoubtFinding finding;
    if (sim_must(world,
                 doubt_judge(world->machines[delivery->machine].local, delivery->batch,
                             world->stores[delivery->store].shared, deadline_in(20000), &finding, &err),
                 "judge", &err)) {
        sim_note(world, "m%d judges: %s", delivery->machine, findings[finding.verdict]);
        if (finding.verdict == DOUBT_FILE_IS_COPY) {
            check_copy(world, delivery);
        } else if (finding.verdict == DOUBT_STORE_WENT_BACK && !world->stores[delivery->store].went_back) {
            sim_violation(world, "false-rewind", "m%d says so of store %d", delivery->machine,
                          delivery->store);
        }
    }
}

/* Step 3, and step 1 of what comes next when the delivery goes on. Returns whether it does. */
static bool acknowledge(SimWorld *world, SimDelivery *delivery)
{
    Error err = {0};
    bool counted = false;
    OutboxBatch *next = NULL;
    Local *local = world->machines[delivery->machine].local;
    if (delivery->answer.verdict == SHARED_STRANGE) {
        resolve_doubt(world, delivery);
        return false;
    }
    if (delivery->answer.verdict != SHARED_SENT || delivery->batch->row_count == 0) {
        return false;
    }
    OutboxBatch *ahead = delivery->ahead;
    delivery->ahead = NULL;
    bool ok = sim_must(world,
                       delivery->goes_on
                           ? outbox_turn(local, delivery->batch, ahead, limit(world), &counted, &next, &err)
                           : outbox_acknowledge(local, delivery->batch, &counted, &err),
                       "acknowledge", &err);
    bool as_read = next && next == ahead;
    if (!as_read) {
        outbox_free(ahead);
    }
    if (!ok) {
        return false;
    }
    sim_note(world, "m%d acknowledges %.8s: %s%s", delivery->machine, delivery->batch->token,
             counted ? "counted" : "ignored", as_read ? ", as read ahead" : "");
    sim_script(world, delivery->machine,
               "DELETE FROM given_up WHERE NOT EXISTS (SELECT 1 FROM outbox b WHERE b.store_id = "
               "given_up.store_id AND b.tbl = given_up.tbl AND b.local_id = given_up.local_id)");
    if (!next || next->row_count == 0) {
        outbox_free(next);
        return false;
    }
    forget_batch(delivery);
    begin_batch(world, delivery, delivery->machine, next);
    return true;
}

/* One step; false when the delivery has ended. One that arrives late is kept for then. */
static bool step(SimWorld *world, SimDelivery *delivery, SimCut cut)
{
    if (delivery->step == 1) {
        if (cut == SIM_ARRIVES_LATE) {
            sim_note(world, "m%d gives %.8s up in flight", delivery->machine, delivery->batch->token);
            memory_grow((void **)&world->late, world->late_count, &world->late_capacity, sizeof *world->late);
            world->late[world->late_count++] = delivery;
            return false;
        }
        if (cut != SIM_UNSENT) {
            send_batch(world, delivery);
            if (cut != SIM_REPLY_LOST && delivery->step == 2) {
                return true;
            }
        }
        sim_note(world, "m%d %s", delivery->machine,
                 cut == SIM_REPLY_LOST ? "never hears the answer" : "fails before it sends");
    } else if (cut == SIM_UNACKNOWLEDGED) {
        sim_note(world, "m%d dies before it acknowledges", delivery->machine);
    } else if (acknowledge(world, delivery)) {
        return true;
    }
    sim_forget_delivery(delivery);
    return false;
}

void sim_flush(SimWorld *world, int machine, SimCut cut)
{
    SimDelivery *delivery = mint(world, machine);
    while (delivery && step(world, delivery, cut)) {
    }
}

void sim_begin_delivery(SimWorld *world, int machine)
{
    if (world->delivery_count < SIM_DELIVERIES) {
        SimDelivery *delivery = mint(world, machine);
        if (delivery) {
            world->deliveries[world->delivery_count++] = delivery;
        }
    }
}

void sim_advance(SimWorld *world, int index, SimCut cut)
{
    if (!step(world, world->deliveries[index], cut)) {
        world->delivery_count--;
        for (int i = index; i < world->delivery_count; i++) {
            world->deliveries[i] = world->deliveries[i + 1];
        }
    }
}

void sim_arrive_late(SimWorld *world, size_t index)
{
    SimDelivery *delivery = world->late[index];
    world->late[index] = world->late[--world->late_count];
    sim_note(world, "late commit of %.8s", delivery->batch->token);
    send_batch(world, delivery);
    sim_forget_delivery(delivery);
}

#define HOT_STEPS 12 /* the second batch, or the one after it, has the row that waits */

static void touch(SimWorld *world, int machine, const int64_t *runs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        sim_update(world, machine, &sim_tables[0], runs[i]);
    }
}

void sim_check_hot_rows(SimWorld *world)
{
    int64_t hot[SIM_MOST_ROWS];
    SimDelivery *delivery = NULL;
    bool waits = true;
    for (size_t i = 0; i < world->batch_rows; i++) {
        hot[i] = sim_insert_run(world, 0);
    }
    int64_t last = sim_insert_run(world, 0);
    for (int i = 0; waits && i < HOT_STEPS && !world->kind; i++) {
        if (!delivery && !(delivery = mint(world, 0))) {
            return;
        }
        if (delivery->step == 1) {
            touch(world, 0, hot, world->batch_rows);
        }
        if (!step(world, delivery, SIM_WHOLE)) {
            delivery = NULL;
        }
        waits = sim_number(world, 0,
                           "SELECT 1 FROM outbox WHERE tbl = 'runs' AND local_id = $1 AND state = 'queued'",
                           VALUES(value_int(last))) != 0;
    }
    if (delivery) {
        sim_forget_delivery(delivery);
    }
    if (waits) {
        sim_violation(world, "starved", "run %lld", (long long)last);
    }
}
