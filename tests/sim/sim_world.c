/* The world: machines, stores, and the files they lie in. */
#include "sim.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "local_sqlite.h"
#include "memory.h"
#include "shared_ops.h"
#include "text.h"

const SimTable sim_tables[SIM_TABLES] = {
    {&synced_tables[SYNCED_RUNS], "error", "drafter"},
    {&synced_tables[SYNCED_RUN_RESULTS], "chosen_text", "source"},
    {&synced_tables[SYNCED_APPLY_EVENTS], "old_text", "kind"},
};

const SimTable *sim_table_of(const SyncedTable *table)
{
    for (int i = 0; i < SIM_TABLES; i++) {
        if (sim_tables[i].table == table) {
            return &sim_tables[i];
        }
    }
    return NULL;
}

void sim_note(const SimWorld *world, const char *format, ...)
{
    if (world->trace) {
        va_list args;
        va_start(args, format);
        char *text = text_vformat(format, args);
        va_end(args);
        printf("  %s\n", text);
        free(text);
    }
}

void sim_violation(SimWorld *world, const char *kind, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *detail = text_vformat(format, args);
    va_end(args);
    sim_note(world, "!! %s: %s", kind, detail);
    if (world->kind) {
        free(detail);
    } else {
        world->kind = memory_string(kind);
        world->detail = detail;
    }
}

bool sim_must(SimWorld *world, bool ok, const char *what, const Error *err)
{
    if (!ok) {
        sim_violation(world, "error", "%s: %s [%s]", what, err->message, err->sqlstate);
    }
    return ok;
}

/* ---- files */

/* Opened once; the worlds put their files under them, one after the other. */
static const char *machine_paths[SIM_MACHINES], *store_paths[SIM_STORES];
static Local *locals[SIM_MACHINES];
static Shared *shareds[SIM_STORES];
static Sqlite *observers[SIM_MACHINES][SIM_STORES];

static void read_image(const char *path, SimImage *image)
{
    FILE *file = fopen(path, "re");
    if (!file || fseek(file, 0, SEEK_END) != 0) {
        fail_msg("can't read %s", path);
    }
    image->size = (size_t)ftell(file);
    image->bytes = memory_zero(image->size + 1, 1);
    rewind(file);
    if (fread(image->bytes, 1, image->size, file) != image->size) {
        fail_msg("can't read %s", path);
    }
    fclose(file);
}

/* Over a file that connections have open, as if somebody had copied it there between two transactions. The
 * change counter in its header (https://sqlite.org/fileformat.html, 1.3.7) tells them to read it again; what
 * they have prepared stays good, which makes the histories several times as fast. */
static void write_image(const char *path, const SimImage *image)
{
    static uint32_t writes;
    uint32_t counter = htonl(++writes * 0x9e3779b1u);
    memcpy(image->bytes + 24, &counter, sizeof counter);
    memcpy(image->bytes + 92, &counter, sizeof counter);
    int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0 || write(file, image->bytes, image->size) != (ssize_t)image->size ||
        ftruncate(file, (off_t)image->size) != 0 || close(file) != 0) {
        fail_msg("can't write %s", path);
    }
}

static void keep_image(SimImage **images, size_t *count, size_t *capacity, const char *path, int of)
{
    memory_grow((void **)images, *count, capacity, sizeof **images);
    SimImage *image = &(*images)[(*count)++];
    image->of = of;
    read_image(path, image);
}

/* The histories are about order, not about disks. */
static void open_machine(int number, const Identity *who)
{
    if (!locals[number]) {
        locals[number] = support_local(machine_paths[number], who);
        sqlite_script(local_sqlite(locals[number]), "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF",
                      NULL);
    }
}

static void tell_store(int number, const char *sql)
{
    Error err = {0};
    if (!shareds[number]->ops->query(shareds[number]->connection, sql, NO_VALUES, deadline_in(20000), NULL,
                                     NULL, NULL, &err)) {
        fail_msg("%s", err.message);
    }
}

static void open_store(int number, const DatabaseTarget *target)
{
    Error err = {0};
    if (shareds[number]) {
        return;
    }
    if (!shared_open(target, "amx", deadline_in(20000), &shareds[number], &err)) {
        fail_msg("%s", err.message);
    }
    tell_store(number, "PRAGMA journal_mode=MEMORY");
    tell_store(number, "PRAGMA synchronous=OFF");
}

Sqlite *sim_observer(int machine, int store)
{
    Sqlite **observer = &observers[machine][store];
    if (!*observer) {
        Error err = {0};
        char *attach = text_format("ATTACH '%s' AS s", store_paths[store]);
        if (!sqlite_open(machine_paths[machine], SQLITE_MODE_READ, 1000, ERROR_LOCAL, observer, &err) ||
            !sqlite_script(*observer, attach, &err)) {
            fail_msg("%s", err.message);
        }
        free(attach);
    }
    return *observer;
}

void sim_backup(SimWorld *world, int machine)
{
    keep_image(&world->backups, &world->backup_count, &world->backup_capacity, world->machines[machine].path,
               machine);
}

void sim_restore(SimWorld *world, int machine, const SimImage *image)
{
    /* nobody restores a file under an amx that is delivering: what it read belongs to the old one */
    for (int i = 0; i < world->delivery_count; i++) {
        if (world->deliveries[i]->machine == machine) {
            outbox_free(world->deliveries[i]->ahead);
            world->deliveries[i]->ahead = NULL;
        }
    }
    write_image(world->machines[machine].path, image);
}

void sim_snapshot(SimWorld *world, int store)
{
    keep_image(&world->snapshots, &world->snapshot_count, &world->snapshot_capacity,
               world->stores[store].target.path, store);
}

void sim_rewind(SimWorld *world, const SimImage *image)
{
    world->stores[image->of].went_back = true;
    write_image(world->stores[image->of].target.path, image);
}

/* ---- templates: a fresh file of each kind, made once */

static SimImage fresh_local, fresh_store;
static char fresh_origin[ID_SIZE], fresh_store_id[ID_SIZE]; /* the names in them */

static void make_fresh_local(void)
{
    Local *local = support_local(machine_paths[0], &support_ada);
    support_local_sql(
        local, "CREATE TABLE owed(store_id, tbl, local_id, along, PRIMARY KEY(store_id, tbl, local_id));"
               "CREATE TABLE given_up(store_id, tbl, local_id, trail, PRIMARY KEY(store_id, tbl, "
               "local_id));"
               "CREATE TABLE graves(tbl, local_id, trail, PRIMARY KEY(tbl, local_id));"
               "CREATE TABLE present_write(name); INSERT INTO present_write VALUES ('')");
    for (int i = 0; i < SIM_TABLES; i++) {
        const char *name = sim_tables[i].table->name;
        char *sql =
            text_format("CREATE TRIGGER bury_%s BEFORE DELETE ON %s BEGIN INSERT INTO graves VALUES "
                        "('%s', OLD.local_id, OLD.%s || ',' || (SELECT name FROM present_write)); END",
                        name, name, name, sim_tables[i].trail);
        support_local_sql(local, sql);
        free(sql);
    }
    text_copy(fresh_origin, sizeof fresh_origin, local_origin(local));
    local_close(local);
    read_image(machine_paths[0], &fresh_local);
}

static void make_fresh_store(void)
{
    DatabaseTarget target = {.backend = BACKEND_SQLITE, .path = (char *)store_paths[0]};
    shared_close(support_shared(&target, "amx"));
    support_sqlite(target.path,
                   "CREATE TABLE changes(tbl, origin_id, local_id, old_version, old_trail, new_version, "
                   "new_trail, dead, created_by, hostname);"
                   "CREATE TABLE graves(tbl, origin_id, local_id, trail, PRIMARY KEY(tbl, origin_id, "
                   "local_id))");
    for (int i = 0; i < SIM_TABLES; i++) {
        const char *name = sim_tables[i].table->name;
        const char *trail = sim_tables[i].trail;
        char *sql = text_format(
            "CREATE TRIGGER inserted_%s AFTER INSERT ON %s BEGIN INSERT INTO changes VALUES ('%s', "
            "NEW.origin_id, NEW.local_id, NULL, NULL, NEW.row_version, NEW.%s, NEW.deleted_at IS NOT NULL, "
            "NEW.created_by, NEW.hostname); END;"
            "CREATE TRIGGER updated_%s AFTER UPDATE ON %s BEGIN INSERT INTO changes VALUES ('%s', "
            "NEW.origin_id, NEW.local_id, OLD.row_version, coalesce(OLD.%s, (SELECT trail FROM graves g "
            "WHERE g.tbl = '%s' AND g.origin_id = OLD.origin_id AND g.local_id = OLD.local_id)), "
            "NEW.row_version, NEW.%s, NEW.deleted_at IS NOT NULL, NEW.created_by, NEW.hostname); END",
            name, name, name, trail, name, name, name, trail, name, trail);
        support_sqlite(target.path, sql);
        free(sql);
    }
    id_random(fresh_store_id);
    char *sql = text_format("UPDATE store SET store_id = '%s'", fresh_store_id);
    support_sqlite(target.path, sql);
    free(sql);
    read_image(target.path, &fresh_store);
}

static void make_templates(void)
{
    for (int i = 0; i < SIM_MACHINES; i++) {
        machine_paths[i] = support_path("history.db");
    }
    for (int i = 0; i < SIM_STORES; i++) {
        store_paths[i] = support_path("shared.db");
    }
    make_fresh_local();
    make_fresh_store();
}

/* A new name in place of the template's, for all names are of one length. */
static void rename_image(SimImage *image, char old[ID_SIZE])
{
    char name[ID_SIZE];
    id_random(name);
    char *end = image->bytes + image->size;
    for (char *at = image->bytes; (at = memmem(at, (size_t)(end - at), old, ID_SIZE - 1));
         at += ID_SIZE - 1) {
        memcpy(at, name, ID_SIZE - 1);
    }
    memcpy(old, name, ID_SIZE);
}

void sim_close(void)
{
    for (int i = 0; i < SIM_MACHINES; i++) {
        for (int j = 0; j < SIM_STORES; j++) {
            sqlite_close(observers[i][j]);
            observers[i][j] = NULL;
        }
        local_close(locals[i]);
        locals[i] = NULL;
    }
    for (int i = 0; i < SIM_STORES; i++) {
        shared_close(shareds[i]);
        shareds[i] = NULL;
    }
    free(fresh_local.bytes);
    free(fresh_store.bytes);
    fresh_local = fresh_store = (SimImage){0};
}

/* ---- the world */

static void add_machine(SimWorld *world, const SimImage *image)
{
    int number = world->machine_count++;
    SimMachine *machine = &world->machines[number];
    machine->path = machine_paths[number];
    snprintf(machine->who.created_by, sizeof machine->who.created_by, "u%d", number);
    snprintf(machine->who.hostname, sizeof machine->who.hostname, "h%d", number);
    snprintf(machine->who.client_version, sizeof machine->who.client_version, "1.0.%d", number);
    write_image(machine->path, image);
    open_machine(number, &machine->who);
    machine->local = locals[number];
}

void sim_copy_machine(SimWorld *world, int machine)
{
    SimImage image = {0};
    read_image(world->machines[machine].path, &image);
    add_machine(world, &image);
    free(image.bytes);
}

void sim_world_begin(SimWorld *world, const SimHistory *history, bool trace)
{
    *world = (SimWorld){.history = history, .trace = trace, .batch_rows = history->batch_rows};
    if (!fresh_local.bytes) {
        make_templates();
    }
    for (int i = 0; i < SIM_STORES; i++) {
        SimStore *store = &world->stores[i];
        store->target = (DatabaseTarget){.backend = BACKEND_SQLITE, .path = (char *)store_paths[i]};
        rename_image(&fresh_store, fresh_store_id);
        memcpy(store->store_id, fresh_store_id, ID_SIZE);
        write_image(store_paths[i], &fresh_store);
        open_store(i, &store->target);
        tell_store(i, history->references ? "PRAGMA foreign_keys=ON" : "PRAGMA foreign_keys=OFF");
        store->shared = shareds[i];
    }
    for (int i = 0; i < 2; i++) {
        rename_image(&fresh_local, fresh_origin);
        add_machine(world, &fresh_local);
        sim_enable(world, i, 0);
    }
}

static void free_images(SimImage *images, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(images[i].bytes);
    }
    free(images);
}

void sim_world_end(SimWorld *world)
{
    for (int i = 0; i < world->delivery_count; i++) {
        sim_forget_delivery(world->deliveries[i]);
    }
    for (size_t i = 0; i < world->late_count; i++) {
        sim_forget_delivery(world->late[i]);
    }
    free(world->late);
    free_images(world->backups, world->backup_count);
    free_images(world->snapshots, world->snapshot_count);
    free(world->kind);
    free(world->detail);
}

/* ---- SQL */

void sim_script(SimWorld *world, int machine, const char *format, ...)
{
    Error err = {0};
    Local *local = world->machines[machine].local;
    va_list args;
    va_start(args, format);
    char *sql = text_vformat(format, args);
    va_end(args);
    if (sim_must(world, local_begin(local, &err), "begin", &err)) {
        sim_must(world, local_end(local, sqlite_script(local_sqlite(local), sql, &err), &err), sql, &err);
    }
    free(sql);
}

int64_t sim_number(SimWorld *world, int machine, const char *sql, const Value *values, int count)
{
    Error err = {0};
    int64_t number = 0;
    Sqlite *db = local_sqlite(world->machines[machine].local);
    sim_must(world, sqlite_number(db, &err, 0, &number, sql, values, count), sql, &err);
    return number;
}

char *sim_text(SimWorld *world, int machine, const char *sql, const Value *values, int count)
{
    Error err = {0};
    char *text = NULL;
    Sqlite *db = local_sqlite(world->machines[machine].local);
    sim_must(world, sqlite_string(db, &err, &text, sql, values, count), sql, &err);
    return text;
}

int sim_home(SimWorld *world, int machine)
{
    char *store_id = sim_text(world, machine, "SELECT store_id FROM origin", NO_VALUES);
    int home = -1;
    for (int i = 0; i < SIM_STORES; i++) {
        home = text_equal(store_id, world->stores[i].store_id) ? i : home;
    }
    free(store_id);
    return home;
}

bool sim_enabled(SimWorld *world, int machine)
{
    return sim_number(world, machine, "SELECT enabled FROM origin", NO_VALUES) != 0;
}
