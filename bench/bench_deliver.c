/* A flush and a dual-write: SQLite and PostgreSQL. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "local_sqlite.h"
#include "memory.h"
#include "outbox.h"
#include "shared.h"
#include "text.h"

/* --- flush --- */

typedef struct Flush {
    PGconn *conn;
    char *home;
    char *history;
    char *template; /* history.db with everything pending */
    char *token;    /* of the store, when the template was taken */
    Text rows;      /* the delivered rows, as COPY writes them */
    char *run;      /* the run above them */
    long rss_kib;
} Flush;

static const char *const enable[] = {AMX_BINARY, "db", "history-store", "enable", "--profile", "team", NULL};
static const char *const flush[] = {AMX_BINARY, "-q", "db", "history-store", "flush-pending", NULL};

static void copy_out(PGconn *conn, const char *sql, Text *out)
{
    char *line = NULL;
    int length;
    PQclear(PQexec(conn, sql));
    while ((length = PQgetCopyData(conn, &line, 0)) > 0) {
        text_add_n(out, line, (size_t)length);
        PQfreemem(line);
    }
    PQclear(PQgetResult(conn));
}

static void copy_in(PGconn *conn, const char *sql, const char *data, size_t length)
{
    PQclear(PQexec(conn, sql));
    for (size_t at = 0; at < length; at += 65536) {
        size_t part = length - at < 65536 ? length - at : 65536;
        if (PQputCopyData(conn, data + at, (int)part) != 1) {
            bench_fail("COPY", PQerrorMessage(conn));
        }
    }
    PQputCopyEnd(conn, NULL);
    PGresult *result = PQgetResult(conn);
    if (PQresultStatus(result) != PGRES_COMMAND_OK) {
        bench_fail("COPY", PQerrorMessage(conn));
    }
    PQclear(result);
    PQclear(PQgetResult(conn));
}

/* The shared store and history.db as they were when everything was pending. */
static void rewind_both(Flush *state)
{
    bench_pg(state->conn, "TRUNCATE amx.runs, amx.run_results CASCADE", NULL);
    char *sql = text_format("UPDATE amx.origins SET token = '%s'", state->token);
    bench_pg(state->conn, sql, NULL);
    bench_pg(state->conn, "CHECKPOINT", NULL);
    free(sql);
    bench_copy(state->template, state->history);
}

static double flush_ours(void *context)
{
    Flush *state = context;
    rewind_both(state);
    return bench_spawn(state->home, flush, NULL);
}

static double flush_bare(void *context)
{
    Flush *state = context;
    rewind_both(state);
    double began = bench_now();
    bench_pg(state->conn, "BEGIN", NULL);
    copy_in(state->conn, "COPY amx.runs FROM STDIN", state->run, strlen(state->run));
    copy_in(state->conn, "COPY amx.run_results FROM STDIN", state->rows.data, state->rows.length);
    bench_pg(state->conn, "COMMIT", NULL);
    return bench_now() - began;
}

/* Enables, fills, keeps the template, and flushes once for the rows that the baseline copies. */
static Flush flush_prepare(Bench *bench, const char *name, int rows)
{
    Flush state = {.conn = bench_connect(bench), .home = bench_home(bench, name, bench->conninfo)};
    bench_pg(state.conn, "DROP SCHEMA IF EXISTS amx CASCADE", NULL);
    bench_spawn(state.home, enable, NULL);
    bench_spawn(state.home, flush, NULL);
    bench_pg(state.conn, "SELECT token FROM amx.origins", &state.token);
    Local *local = bench_open(state.home);
    bench_fill(local, rows);
    local_close(local);
    state.history = text_format("%s/history.db", state.home);
    state.template = text_format("%s/template.db", state.home);
    bench_copy(state.history, state.template);
    /* memory is measured here: a child's peak counts what this program held when it forked */
    bench_spawn(state.home, flush, &state.rss_kib);
    Text run = {0};
    copy_out(state.conn, "COPY amx.runs TO STDOUT", &run);
    state.run = text_take(&run);
    copy_out(state.conn, "COPY amx.run_results TO STDOUT", &state.rows);
    return state;
}

static void flush_free(Flush *state)
{
    PQfinish(state->conn);
    text_free(&state->rows);
    free(state->home);
    free(state->history);
    free(state->template);
    free(state->token);
    free(state->run);
}

void bench_flush(Bench *bench)
{
    Flush few = flush_prepare(bench, "flush-few", 1000);
    flush_free(&few);
    Flush state = flush_prepare(bench, "flush", bench->rows);
    char *name = text_format("flush-pending of %d result rows", bench->rows);
    json_t *row = bench_row(bench, &(BenchRow){.name = name,
                                               .baseline = "COPY into the same tables and indexes",
                                               .rate = true,
                                               .target = 0.7,
                                               .ours = flush_ours,
                                               .bare = flush_bare,
                                               .context = &state});
    json_object_set_new(row, "rss_1000_rows_kib", json_integer(few.rss_kib));
    json_object_set_new(row, "rss_kib", json_integer(state.rss_kib));
    printf("    memory: %.1f MiB for 1000 rows, %.1f MiB for %d rows (growth: at most 16 MiB)\n",
           (double)few.rss_kib / 1024, (double)state.rss_kib / 1024, bench->rows);
    free(name);
    flush_free(&state);
}

/* --- one dual-write --- */

#define DUAL_WRITES 50

typedef struct Dual {
    Local *local;
    Shared *shared;
    int64_t run;
    int number;
    sqlite3 *bare;
    PGconn *conn;
} Dual;

static void deliver(Dual *dual)
{
    Error err = {0};
    OutboxBatch *batch = NULL;
    SharedAnswer answer;
    bool counted = false;
    bench_must(outbox_mint(dual->local, (OutboxLimit){1000, 1u << 20}, &batch, &err) &&
                   shared_send(dual->shared, batch, deadline_in(10000), &answer, &err) &&
                   outbox_acknowledge(dual->local, batch, &counted, &err),
               &err);
    if (!counted || answer.verdict != SHARED_SENT) {
        bench_fail("dual-write", "was not delivered");
    }
    outbox_free(batch);
}

static double dual_ours(void *context)
{
    Dual *dual = context;
    double began = bench_now();
    for (int i = 0; i < DUAL_WRITES; i++) {
        bench_add_result(dual->local, dual->run, dual->number++);
        deliver(dual);
    }
    return (bench_now() - began) / DUAL_WRITES;
}

#define COLUMNS                                                                                              \
    "origin_id, local_id, born_origin, created_by, hostname, client_version, created_at, updated_at, "       \
    "row_version, run_id, schema_name, table_name, column_name, kind, data_type, alternatives, confidence, " \
    "evidence, source"
#define FIELDS                                                                                               \
    "'bare', %1$d, 'bare', 'bench', 'here', '1', '2026-11-22T21:50:43.123Z', '2026-11-22T21:50:43.123Z', "   \
    "%1$d, 1, 'public', 'order_item_%1$d', 'customer_id', 'column', 'bigint', "                              \
    "'[\"The customer who placed the order; refers to customer.id.\"]', 0.85, "                              \
    "'[\"foreign key to public.customer(id)\",\"not null\"]', 'builtin'"

static double dual_bare(void *context)
{
    Dual *dual = context;
    double began = bench_now();
    for (int i = 0; i < DUAL_WRITES; i++) {
        char *local = text_format("INSERT INTO run_results(" COLUMNS ") VALUES (" FIELDS ")", ++dual->number);
        char *shared =
            text_format("INSERT INTO amx.run_results AS t (" COLUMNS ") VALUES (" FIELDS ") ON CONFLICT "
                        "(origin_id, local_id) DO UPDATE SET row_version = excluded.row_version WHERE "
                        "t.row_version < excluded.row_version",
                        dual->number);
        bench_sqlite(dual->bare, local);
        bench_pg(dual->conn, shared, NULL);
        free(local);
        free(shared);
    }
    return (bench_now() - began) / DUAL_WRITES;
}

void bench_dual_write(Bench *bench)
{
    Error err = {0};
    Dual dual = {.conn = bench_connect(bench), .number = 1000000};
    char *home = bench_home(bench, "dual", bench->conninfo);
    char *bare = bench_path(bench, "dual/bare.db");
    bench_pg(dual.conn, "DROP SCHEMA IF EXISTS amx CASCADE", NULL);
    bench_spawn(home, enable, NULL);
    dual.local = bench_open(home);
    dual.run = bench_fill(dual.local, 1000);
    DatabaseTarget target = {.backend = BACKEND_POSTGRESQL, .conninfo = (char *)bench->conninfo};
    bench_must(shared_open(&target, "amx", deadline_in(10000), &dual.shared, &err), &err);
    deliver(&dual);
    deliver(&dual);
    dual.bare = bench_bare_copy(local_path(dual.local), bare);
    bench_sqlite(dual.bare, "ATTACH 'dual/history.db' AS h; INSERT INTO runs SELECT * FROM h.runs;"
                            "INSERT INTO run_results SELECT * FROM h.run_results; DETACH h");
    bench_pg(dual.conn,
             "INSERT INTO amx.runs SELECT 'bare', 1, born_origin, created_by, hostname, client_version, "
             "created_at, updated_at, row_version, deleted_at, scope, db_profile, fingerprint, drafter, "
             "status, planned, drafted, failed, started, ended, error FROM amx.runs LIMIT 1",
             NULL);
    bench_row(bench, &(BenchRow){.name = "one dual-write, store healthy",
                                 .baseline = "bare local commit and bare upsert commit",
                                 .target = 1.3,
                                 .ours = dual_ours,
                                 .bare = dual_bare,
                                 .context = &dual});
    sqlite3_close(dual.bare);
    PQfinish(dual.conn);
    shared_close(dual.shared);
    local_close(dual.local);
    free(bare);
    free(home);
}
