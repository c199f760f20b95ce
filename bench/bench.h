/* Benchmarks: each row of the table times amx and the bare library doing the same work, in turns, so that
 * whatever else the machine does meets both. */
#ifndef AMX_BENCH_BENCH_H
#define AMX_BENCH_BENCH_H

#include <jansson.h>
#include <libpq-fe.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

#include "local.h"
#include "runs.h"

typedef struct Bench {
    const char *folder;   /* empty but for the server's data and socket; everything goes in here */
    const char *conninfo; /* of the server */
    size_t runs;
    int rows;         /* of flush and migrate */
    int64_t sessions; /* of the screen's history.db */
    int tables;       /* of the large database */
    int columns;      /* of each of these */
    json_t *table;
} Bench;

/* Seconds that one run takes. */
typedef double (*BenchRun)(void *context);

typedef struct BenchRow {
    const char *name;
    const char *baseline;
    bool rate;        /* the target is a share of the baseline's rate, not a multiple of its time */
    double target;    /* at least (rate) or at most (time) */
    double allowance; /* seconds that may be taken beside that multiple of the baseline's time */
    BenchRun ours;
    BenchRun bare;
    void *context;
} BenchRow;
/* Times both in turns and adds the row to the table; the object returned is the table's, for more members. */
json_t *bench_row(Bench *bench, const BenchRow *row);

void bench_local_write(Bench *bench);
void bench_flush(Bench *bench);
void bench_migrate(Bench *bench);
void bench_dual_write(Bench *bench);
void bench_unreachable(Bench *bench);
void bench_start(Bench *bench);
void bench_screen(Bench *bench);
void bench_catalog_run(Bench *bench);
void bench_apply(Bench *bench);
void bench_ask(Bench *bench);
/* The connection string of the large database, which is made when it is not there. Owned by the caller. */
char *bench_catalog_database(Bench *bench);

/* --- helpers; they end the program when something fails --- */

double bench_now(void); /* seconds, monotonic */
void bench_must(bool ok, const Error *err);
_Noreturn void bench_fail(const char *what, const char *why);

/* A path in the folder, never freed: there are few. */
char *bench_path(const Bench *bench, const char *name);
/* A new AMX_HOME with an amx.conf that names the profile "team" (`conninfo`) and a SQLite profile. Gives its
 * path. */
char *bench_home(const Bench *bench, const char *name, const char *conninfo);
void bench_conf(const char *home, const char *conninfo);
void bench_copy(const char *from, const char *to);

/* Runs a program with AMX_HOME=home, output to /dev/null. Gives the seconds; *rss_kib its peak memory, may be
 * NULL. */
double bench_spawn(const char *home, const char *const *argv, long *rss_kib);

Local *bench_open(const char *home);
/* A run with `count` results in one transaction; gives the run's id. */
int64_t bench_fill(Local *local, int count);
/* A result like those of a real run; the number makes it unlike the others of the run. */
void bench_add_result(Local *local, int64_t run, int number);

void bench_sqlite(sqlite3 *db, const char *sql);
sqlite3 *bench_sqlite_open(const char *path); /* synchronous=FULL, journal TRUNCATE, as history.db */
/* Makes a bare file with the tables and indexes of run_results, runs and outbox of a history.db, without
 * triggers. */
sqlite3 *bench_bare_copy(const char *history, const char *path);

PGconn *bench_connect(const Bench *bench);
/* Runs a statement; the first field of its first row is given when out is not NULL (owned by the caller). */
void bench_pg(PGconn *conn, const char *sql, char **out);

#endif
