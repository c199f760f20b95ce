/* One local write, and the marking of a migrate: SQLite alone. */
#include <stdlib.h>

#include "bench.h"
#include "local_sqlite.h"
#include "sharing.h"
#include "text.h"

/* --- one local write --- */

#define WRITES 100

typedef struct LocalWrite {
    Local *local;
    int64_t run;
    int number;
    sqlite3 *bare;
    sqlite3_stmt *row;
    sqlite3_stmt *mark;
    sqlite3_stmt *begin;
    sqlite3_stmt *commit;
} LocalWrite;

static double write_ours(void *context)
{
    LocalWrite *write = context;
    double began = bench_now();
    for (int i = 0; i < WRITES; i++) {
        bench_add_result(write->local, write->run, write->number++);
    }
    return (bench_now() - began) / WRITES;
}

static void step(sqlite3_stmt *statement)
{
    if (sqlite3_step(statement) != SQLITE_DONE) {
        bench_fail("bare", sqlite3_errmsg(sqlite3_db_handle(statement)));
    }
    sqlite3_reset(statement);
}

static double write_bare(void *context)
{
    LocalWrite *write = context;
    double began = bench_now();
    for (int i = 0; i < WRITES; i++) {
        step(write->begin);
        sqlite3_bind_int(write->row, 1, write->number);
        step(write->row);
        sqlite3_bind_int(write->mark, 1, write->number++);
        step(write->mark);
        step(write->commit);
    }
    return (bench_now() - began) / WRITES;
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) {
        bench_fail(sql, sqlite3_errmsg(db));
    }
    return statement;
}

#define BARE_ROW                                                                                             \
    "INSERT INTO run_results(local_id, origin_id, born_origin, row_version, created_by, hostname, "          \
    "client_version, created_at, updated_at, run_id, schema_name, table_name, column_name, kind, "           \
    "data_type, "                                                                                            \
    "alternatives, confidence, evidence, source) VALUES (?1, 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6', "       \
    "'f81d4fae-7dec-11d0-a765-00a0c91e6bf6', ?1, 'bench', 'here', '1', '2026-11-22T21:50:43.123Z', "         \
    "'2026-11-22T21:50:43.123Z', 1, 'public', 'order_item_' || ?1, 'customer_id', 'column', 'bigint', "      \
    "'[\"The customer who placed the order; refers to customer.id.\"]', 0.85, "                              \
    "'[\"foreign key to public.customer(id)\",\"not null\"]', 'builtin')"
#define BARE_MARK                                                                                            \
    "INSERT INTO outbox(store_id, tbl, local_id, position, seq, op, queued_at) VALUES ("                     \
    "'f81d4fae-7dec-11d0-a765-00a0c91e6bf6', 'run_results', ?1, ?1, ?1, 'u', '2026-11-22T21:50:43.123Z')"

void bench_local_write(Bench *bench)
{
    Error err = {0};
    char *home = bench_home(bench, "write", bench->conninfo);
    LocalWrite write = {.local = bench_open(home)};
    bench_must(local_begin(write.local, &err) && sharing_enable(write.local, "store", &err) &&
                   local_commit(write.local, &err),
               &err);
    write.run = bench_fill(write.local, 1000);
    write.bare = bench_bare_copy(local_path(write.local), bench_path(bench, "write/bare.db"));
    bench_sqlite(write.bare, "ATTACH 'write/history.db' AS h; INSERT INTO runs SELECT * FROM h.runs;"
                             "INSERT INTO run_results SELECT * FROM h.run_results;"
                             "INSERT INTO outbox SELECT * FROM h.outbox; DETACH h");
    write.row = prepare(write.bare, BARE_ROW);
    write.mark = prepare(write.bare, BARE_MARK);
    write.begin = prepare(write.bare, "BEGIN IMMEDIATE");
    write.commit = prepare(write.bare, "COMMIT");
    write.number = 1000000;
    bench_row(bench, &(BenchRow){.name = "one local write",
                                 .baseline = "two bare INSERTs, same tables and journal",
                                 .rate = true,
                                 .target = 0.85,
                                 .ours = write_ours,
                                 .bare = write_bare,
                                 .context = &write});
    sqlite3_finalize(write.row);
    sqlite3_finalize(write.mark);
    sqlite3_finalize(write.begin);
    sqlite3_finalize(write.commit);
    sqlite3_close(write.bare);
    local_close(write.local);
    free(home);
}

/* --- marking by migrate-from-local --- */

typedef struct Migrate {
    char *home;
    char *history;
    char *template;
    char *bare_path;
} Migrate;

static double migrate_ours(void *context)
{
    Migrate *migrate = context;
    Error err = {0};
    int64_t marked = 0;
    bench_copy(migrate->template, migrate->history);
    Local *local = bench_open(migrate->home);
    double began = bench_now();
    bench_must(local_begin(local, &err) && sharing_migrate(local, true, NULL, NULL, &marked, &err) &&
                   local_commit(local, &err),
               &err);
    double took = bench_now() - began;
    local_close(local);
    return took;
}

static double migrate_bare(void *context)
{
    Migrate *migrate = context;
    bench_copy(migrate->template, migrate->bare_path);
    sqlite3 *db = bench_sqlite_open(migrate->bare_path);
    double began = bench_now();
    bench_sqlite(db, "BEGIN IMMEDIATE; INSERT INTO outbox(store_id, tbl, local_id, position, seq, op, "
                     "queued_at) SELECT (SELECT store_id FROM origin), 'run_results', local_id, local_id, 1, "
                     "'u', '2026-11-22T21:50:43.123Z' FROM run_results; COMMIT");
    double took = bench_now() - began;
    sqlite3_close(db);
    return took;
}

void bench_migrate(Bench *bench)
{
    Error err = {0};
    Migrate migrate = {.home = bench_home(bench, "migrate", bench->conninfo),
                       .history = bench_path(bench, "migrate/history.db"),
                       .template = bench_path(bench, "migrate/template.db"),
                       .bare_path = bench_path(bench, "migrate/bare.db")};
    Local *local = bench_open(migrate.home);
    bench_fill(local, bench->rows);
    bench_must(local_begin(local, &err) &&
                   sharing_enable(local, "f81d4fae-7dec-11d0-a765-00a0c91e6bf6", &err) &&
                   local_commit(local, &err),
               &err);
    local_close(local);
    bench_copy(migrate.history, migrate.template);
    char *name = text_format("migrate-from-local: marking %d rows", bench->rows);
    bench_row(bench, &(BenchRow){.name = name,
                                 .baseline = "one bare INSERT .. SELECT of the marks",
                                 .rate = true,
                                 .target = 0.7,
                                 .ours = migrate_ours,
                                 .bare = migrate_bare,
                                 .context = &migrate});
    free(name);
    free(migrate.home);
    free(migrate.history);
    free(migrate.template);
    free(migrate.bare_path);
}
