/* A database of thousands of tables: drafting all of it beside pg_dump, writing all of it beside psql. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "fill_catalog.h"
#include "local_sqlite.h"
#include "text.h"

/* Debian's programs in /usr/bin are a Perl script that looks for clusters; the real ones are behind it. */
#define PG_BIN "/usr/lib/postgresql/15/bin/"

#define MEMORY_MIB 200

/* Autovacuum is off: what it would have done on a server that lives. */
#define TEND                                                                                                 \
    "VACUUM (ANALYZE) pg_class, pg_attribute, pg_attrdef, pg_description, pg_constraint, pg_index, "         \
    "pg_depend, pg_type, pg_rewrite"

typedef struct Large {
    char *conninfo;
    char *home;
    char *history;
    char *template; /* history.db as it is before each run */
    char *script;   /* of the same comments, for psql */
    PGconn *conn;
    long rss_kib;
} Large;

static const char *const begin_history[] = {AMX_BINARY, "-q", "session", "new", "--title", "bench", NULL};
static const char *const run[] = {AMX_BINARY, "-q", "-p", "team", "run", NULL};
static const char *const accept_all[] = {AMX_BINARY, "-q",       "-p",  "team", "review",
                                         "1",        "--accept", "low", NULL};
static const char *const apply[] = {AMX_BINARY, "-q", "-p", "team", "apply", "1", "--yes", NULL};

char *bench_catalog_database(Bench *bench)
{
    char *conninfo = text_format("host=%s user=bench dbname=catalog", bench->folder);
    PGconn *server = bench_connect(bench);
    char *there = NULL;
    bench_pg(server, "SELECT count(*) FROM pg_database WHERE datname = 'catalog'", &there);
    if (text_equal(there, "0")) {
        Bench inside = *bench;
        inside.conninfo = conninfo;
        bench_pg(server, "CREATE DATABASE catalog", NULL);
        PGconn *conn = bench_connect(&inside);
        fill_catalog(conn, bench->tables, bench->columns);
        bench_pg(conn, TEND, NULL);
        PQfinish(conn);
    }
    PQfinish(server);
    free(there);
    return conninfo;
}

/* Both rows work on one database, made when it is first needed. */
static Large prepare(Bench *bench, const char *name)
{
    Large large = {.conninfo = bench_catalog_database(bench)};
    Bench inside = *bench;
    inside.conninfo = large.conninfo;
    large.conn = bench_connect(&inside);
    large.home = bench_home(bench, name, large.conninfo);
    large.history = text_format("%s/history.db", large.home);
    large.template = text_format("%s/template.db", large.home);
    large.script = text_format("%s/comments.sql", large.home);
    bench_spawn(large.home, begin_history, NULL);
    return large;
}

static void large_free(Large *large)
{
    PQfinish(large->conn);
    free(large->conninfo);
    free(large->home);
    free(large->history);
    free(large->template);
    free(large->script);
}

static void add_memory(json_t *row, const char *what, long rss_kib)
{
    json_object_set_new(row, "rss_kib", json_integer(rss_kib));
    printf("    memory of %s: %.1f MiB (at most %d MiB)\n", what, (double)rss_kib / 1024, MEMORY_MIB);
}

/* --- run --- */

static double run_ours(void *context)
{
    Large *large = context;
    bench_copy(large->template, large->history);
    bench_pg(large->conn, "CHECKPOINT", NULL);
    return bench_spawn(large->home, run, NULL);
}

static double run_bare(void *context)
{
    Large *large = context;
    const char *const dump[] = {PG_BIN "pg_dump", "--schema-only", "-d", large->conninfo, NULL};
    return bench_spawn(large->home, dump, NULL);
}

void bench_catalog_run(Bench *bench)
{
    Large large = prepare(bench, "catalog-run");
    bench_copy(large.history, large.template);
    bench_spawn(large.home, run, &large.rss_kib);
    char *name = text_format("amx run, %d tables of %d columns", bench->tables, bench->columns);
    json_t *row = bench_row(bench, &(BenchRow){.name = name,
                                               .baseline = "pg_dump --schema-only",
                                               .target = 1.0,
                                               .ours = run_ours,
                                               .bare = run_bare,
                                               .context = &large});
    add_memory(row, "run", large.rss_kib);
    free(name);
    large_free(&large);
}

/* --- apply --- */

/* Takes back all comments but those that were there before; what is dead is gone, too. */
static void forget_comments(Large *large)
{
    bench_pg(large->conn,
             "DELETE FROM pg_description d WHERE NOT EXISTS (SELECT 1 FROM before b WHERE "
             "(b.classoid, b.objoid, b.objsubid) = (d.classoid, d.objoid, d.objsubid))",
             NULL);
    bench_pg(large->conn, "VACUUM (FULL, ANALYZE) pg_description", NULL);
    bench_pg(large->conn, "CHECKPOINT", NULL);
}

static double apply_ours(void *context)
{
    Large *large = context;
    forget_comments(large);
    bench_copy(large->template, large->history);
    return bench_spawn(large->home, apply, NULL);
}

static double apply_bare(void *context)
{
    Large *large = context;
    const char *const psql[] = {
        PG_BIN "psql",   "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-f", large->script, "-d",
        large->conninfo, NULL};
    forget_comments(large);
    return bench_spawn(large->home, psql, NULL);
}

static void write_script(Large *large)
{
    char *command = text_format("exec '%s' -q -p team apply 1 --dry-run >'%s'", AMX_BINARY, large->script);
    bench_spawn(large->home, (const char *const[]){"/bin/sh", "-c", command, NULL}, NULL);
    free(command);
}

static int64_t count_accepted(const Large *large)
{
    Error err = {0};
    int64_t accepted = 0;
    Local *local = bench_open(large->home);
    bench_must(sqlite_number(local_sqlite(local), &err, 0, &accepted,
                             "SELECT count(*) FROM run_results WHERE chosen_text IS NOT NULL", NO_VALUES),
               &err);
    local_close(local);
    return accepted;
}

void bench_apply(Bench *bench)
{
    Large large = prepare(bench, "apply");
    long review_rss_kib;
    bench_pg(large.conn, "CREATE TEMP TABLE before AS SELECT * FROM pg_description", NULL);
    bench_spawn(large.home, run, NULL);
    bench_spawn(large.home, accept_all, &review_rss_kib);
    write_script(&large);
    bench_copy(large.history, large.template);
    bench_spawn(large.home, apply, &large.rss_kib);
    char *name = text_format("amx apply, %lld comments", (long long)count_accepted(&large));
    json_t *row = bench_row(bench, &(BenchRow){.name = name,
                                               .baseline = "psql -1 -f, the same COMMENTs",
                                               .target = 1.1,
                                               .ours = apply_ours,
                                               .bare = apply_bare,
                                               .context = &large});
    add_memory(row, "apply", large.rss_kib);
    json_object_set_new(row, "review_rss_kib", json_integer(review_rss_kib));
    printf("    memory of review --accept low: %.1f MiB\n", (double)review_rss_kib / 1024);
    free(name);
    large_free(&large);
}
