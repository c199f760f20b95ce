/* A small world in which the real store code is played through random histories: machines with a history.db
 * each, two shared stores in SQLite files, deliveries that stop half-way, overtake each other or arrive late,
 * files that are copied or restored, stores that go back in time. A history is a list of ops whose numbers
 * choose among what exists, so leaving ops out keeps it valid: that is how a failing one is shrunk.
 *
 * Rows carry their own past: one column of content, the trail, lists all their writes ("12.0,15.1": write 12
 * by machine 0, then write 15 by machine 1). The first write names the row; of two states with the same name,
 * one descends from the other if it begins with it. Files carry what the checker knows about them (what they
 * owe, what was given up, trails of deleted rows), so that a copy of a file knows it too. */
#ifndef AMX_TESTS_SIM_H
#define AMX_TESTS_SIM_H

#include "support_store.h"

#include "sqlite.h"

#define SIM_STORES 2
#define SIM_MACHINES 4
#define SIM_DELIVERIES 4
#define SIM_TABLES 3
#define SIM_MOST_ROWS 16 /* in a batch */

typedef enum SimKind {
    SIM_INSERT_RUN,
    SIM_INSERT_PRIVATE,
    SIM_INSERT_RESULT,
    SIM_INSERT_EVENT,
    SIM_INSERT_RESULTS, /* so many that a delivery treats them as one stretch */
    SIM_UPDATE,
    SIM_DELETE,
    SIM_FLUSH,
    SIM_FLUSH_MORE,
    SIM_BEGIN,   /* step 1 of a delivery that others may overtake */
    SIM_ADVANCE, /* its next step, perhaps cut off */
    SIM_LATE,    /* the commit of a step 2 that was given up */
    SIM_COPY,
    SIM_BACKUP,
    SIM_RESTORE,
    SIM_SNAPSHOT,
    SIM_REWIND,
    SIM_DROP,
    SIM_MIGRATE,
    SIM_DISABLE,
    SIM_ENABLE,
    SIM_KINDS
} SimKind;
extern const char *const sim_kind_names[SIM_KINDS];

typedef struct SimOp {
    SimKind kind;
    uint32_t a, b, c;
} SimOp;

typedef struct SimHistory {
    uint64_t seed;
    size_t batch_rows; /* in a delivery */
    bool references;   /* the stores check them: without, the order of the rows rests on the rules alone */
    SimOp *ops;
    size_t count;
} SimHistory;

/* The tables that are played with: runs <- run_results <- apply_events. */
typedef struct SimTable {
    const SyncedTable *table;
    const char *trail;   /* the column that holds it */
    const char *spoiled; /* a column that bad rows fill with bytes that are no text */
} SimTable;
extern const SimTable sim_tables[SIM_TABLES];
/* The one that a synced table is, or NULL. */
const SimTable *sim_table_of(const SyncedTable *table);

typedef struct SimImage {
    int of; /* the machine or store it was taken of */
    char *bytes;
    size_t size;
} SimImage;

typedef struct SimDelivery {
    int machine;
    int store;
    int step; /* 1: minted, 2: answered */
    OutboxBatch *batch;
    bool goes_on;       /* reads the next batch ahead, and mints it when it acknowledges */
    OutboxBatch *ahead; /* read while the batch is on its way, or NULL */
    char **trails;      /* of the batch's rows when it was minted; NULL for rows of the store's own making */
    SharedAnswer answer;
} SimDelivery;

typedef struct SimMachine {
    const char *path;
    Identity who;
    Local *local;
} SimMachine;

typedef struct SimStore {
    DatabaseTarget target;
    Shared *shared;
    char store_id[ID_SIZE];
    bool went_back;
} SimStore;

typedef struct SimWorld {
    const SimHistory *history;
    bool trace;
    size_t batch_rows;
    int64_t writes; /* so far: numbers them */
    uint64_t mints; /* so far: two of three deliveries go on to the next batch */
    SimMachine machines[SIM_MACHINES];
    int machine_count;
    SimStore stores[SIM_STORES];
    SimImage *backups, *snapshots;
    size_t backup_count, backup_capacity, snapshot_count, snapshot_capacity;
    SimDelivery *deliveries[SIM_DELIVERIES]; /* under way */
    int delivery_count;
    SimDelivery **late; /* given up, but still to arrive */
    size_t late_count, late_capacity;
    char *kind; /* of the first violation, or NULL */
    char *detail;
} SimWorld;

/* ---- sim_world.c */

/* A world with two machines that share into the first store. */
void sim_world_begin(SimWorld *world, const SimHistory *history, bool trace);
void sim_world_end(SimWorld *world);
/* Closes what all worlds share; the next one begins anew. */
void sim_close(void);

/* Says something when the history is traced. */
__attribute__((format(printf, 2, 3))) void sim_note(const SimWorld *world, const char *format, ...);
/* Remembers the first violation. */
__attribute__((format(printf, 3, 4))) void sim_violation(SimWorld *world, const char *kind,
                                                         const char *format, ...);
/* A step that must work; otherwise a violation. Returns ok. */
bool sim_must(SimWorld *world, bool ok, const char *what, const Error *err);

/* A script in a write transaction of the machine. */
__attribute__((format(printf, 3, 4))) void sim_script(SimWorld *world, int machine, const char *format, ...);
/* A query whose text is always the same, with values; 0 or NULL when there is no row. The text is the
 * caller's. */
int64_t sim_number(SimWorld *world, int machine, const char *sql, const Value *values, int count);
char *sim_text(SimWorld *world, int machine, const char *sql, const Value *values, int count);

/* The store that sharing is, or last was, switched to; -1 when there was none. */
int sim_home(SimWorld *world, int machine);
bool sim_enabled(SimWorld *world, int machine);

/* A connection of the checker's own: the machine's file as `main`, the store as `s`. Reads only. */
Sqlite *sim_observer(int machine, int store);

/* Files as they are on the disk. */
void sim_copy_machine(SimWorld *world, int machine);
void sim_backup(SimWorld *world, int machine);
void sim_restore(SimWorld *world, int machine, const SimImage *image);
void sim_snapshot(SimWorld *world, int store);
void sim_rewind(SimWorld *world, const SimImage *image);

/* ---- sim_ops.c */

void sim_do(SimWorld *world, const SimOp *op);
void sim_enable(SimWorld *world, int machine, int store);
void sim_migrate(SimWorld *world, int machine);
int64_t sim_insert_run(SimWorld *world, int machine);
void sim_update(SimWorld *world, int machine, const SimTable *table, int64_t local_id);

/* ---- sim_delivery.c */

typedef enum SimCut { SIM_WHOLE, SIM_UNSENT, SIM_REPLY_LOST, SIM_ARRIVES_LATE, SIM_UNACKNOWLEDGED } SimCut;

/* A delivery in one go, perhaps cut off. */
void sim_flush(SimWorld *world, int machine, SimCut cut);
void sim_begin_delivery(SimWorld *world, int machine);
void sim_advance(SimWorld *world, int index, SimCut cut);
void sim_arrive_late(SimWorld *world, size_t index);
/* When nothing is under way: rows that are written again during each delivery must not keep back the rest. */
void sim_check_hot_rows(SimWorld *world);
void sim_forget_delivery(SimDelivery *delivery);

/* ---- sim_check.c */

/* Of a batch that was just minted: its rows are owed, not private, not given up. Fills the trails. */
void sim_check_batch(SimWorld *world, SimDelivery *delivery);
/* Of what a send has changed in the store. */
void sim_check_changes(SimWorld *world, const SimDelivery *delivery);
/* When nothing is under way: every row is where it belongs. Held ones may wait unless `everything`. */
void sim_check_rest(SimWorld *world, bool everything);

/* ---- sim_history.c */

void sim_generate(SimHistory *history, uint64_t seed);
void sim_history_free(SimHistory *history);
/* Plays a history to its fault-free end. The kind of its first violation, or NULL; the caller frees it. */
char *sim_play(const SimHistory *history, bool trace, char **detail);
/* Leaves out ops while the history still fails in the same way. */
void sim_shrink(SimHistory *history, const char *kind);
void sim_print(const SimHistory *history);

#endif
