/* A history.db and two SQLite shared stores, to which random things happen: writes, deletes, drops,
 * migrations, switches, deliveries that are cut off after each step, race, or arrive late. Whatever is owed
 * to a store is written down beside them. A step that must work and does not fails the test with the seed. */
#ifndef AMX_TESTS_WORLD_H
#define AMX_TESTS_WORLD_H

#include "support_store.h"

#define WORLD_STORES 2
#define WORLD_BATCHES 3
#define WORLD_MODES 3

typedef struct World {
    uint64_t seed;
    uint64_t random;
    bool trace;
    int mode; /* which troubles are likely */
    size_t batch_rows;
    const char *path;
    Local *local;
    DatabaseTarget targets[WORLD_STORES];
    Shared *shared[WORLD_STORES];
    char *store_ids[WORLD_STORES];
    int enabled;                         /* which store, -1 = off */
    int home;                            /* the last one that was enabled */
    OutboxBatch *batches[WORLD_BATCHES]; /* under way: minted, or sent */
    int batch_store[WORLD_BATCHES];
    bool sent[WORLD_BATCHES];
} World;

/* The same seed gives the same world and the same chances. AMX_HISTORY_TRACE=1 shows what happens. */
void world_begin(World *world, uint64_t seed);
void world_end(World *world);
int64_t world_below(World *world, int64_t limit);
void world_note(const World *world, const char *format, ...) __attribute__((format(printf, 2, 3)));
_Noreturn void world_give_up(const World *world, const char *what, const char *detail);

/* A write transaction of its own. */
void world_run_sql(World *world, const char *sql);
/* The row of a table that was just written is owed to the present store, unless it is local only; its
 * ancestors may go along. */
void world_note_owed(World *world, int table);
/* Writes, and notes what is owed for them; of random rows, nothing where there is none. `spoil`: with bytes
 * that are no text. */
void world_insert_row(World *world, int table);
void world_update_row(World *world, int table, bool spoil);
void world_delete_row(World *world, int table);
/* Of each table, a column of content that takes any text, and bytes that are none. */
extern const char *const world_columns[SYNCED_TABLE_COUNT];

/* False: refused, as something is queued for another store. */
bool world_enable(World *world, int store);
/* To a random store; where that is refused, the queue is sometimes given up. */
void world_switch_store(World *world);
void world_disable(World *world);
void world_migrate(World *world);
void world_drop(World *world);

/* A delivery in one go, perhaps cut off: before it is sent (1), or when the reply is lost (2). */
void world_deliver(World *world, int cut);
/* One step of a delivery that others may overtake. */
void world_advance(World *world);
void world_forget_batch(World *world, int slot);

#endif
