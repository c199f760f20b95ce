#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"
#include "memory.h"
#include "text.h"

double bench_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

_Noreturn void bench_fail(const char *what, const char *why)
{
    fprintf(stderr, "bench: %s: %s\n", what, why);
    exit(1);
}

void bench_must(bool ok, const Error *err)
{
    if (!ok) {
        bench_fail("amx", err->message);
    }
}

char *bench_path(const Bench *bench, const char *name)
{
    return text_format("%s/%s", bench->folder, name);
}

void bench_conf(const char *home, const char *conninfo)
{
    char *path = text_format("%s/amx.conf", home);
    FILE *file = fopen(path, "we");
    if (!file || fchmod(fileno(file), 0600) != 0) {
        bench_fail(path, strerror(errno));
    }
    fprintf(file,
            "active_db_profile = here\n"
            "db_profile here { backend = sqlite\n path = here.db }\n"
            "db_profile team { backend = postgresql\n conninfo = \"%s\" }\n",
            conninfo);
    fclose(file);
    free(path);
}

char *bench_home(const Bench *bench, const char *name, const char *conninfo)
{
    char *home = bench_path(bench, name);
    if (mkdir(home, 0700) != 0) {
        bench_fail(home, strerror(errno));
    }
    bench_conf(home, conninfo);
    return home;
}

void bench_copy(const char *from, const char *to)
{
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ssize_t copied = 1;
    while (in >= 0 && out >= 0 && copied > 0) {
        copied = copy_file_range(in, NULL, out, NULL, 1u << 30, 0);
    }
    if (copied != 0 || fsync(out) != 0) {
        bench_fail(to, strerror(errno));
    }
    close(in);
    close(out);
}

double bench_spawn(const char *home, const char *const *argv, long *rss_kib)
{
    struct rusage usage;
    int status;
    double began = bench_now();
    pid_t child = fork();
    if (child == 0) {
        int null = open("/dev/null", O_RDWR | O_CLOEXEC);
        dup2(null, STDIN_FILENO);
        dup2(null, STDOUT_FILENO);
        dup2(null, STDERR_FILENO);
        setenv("AMX_HOME", home, 1);
        execvp(argv[0], (char *const *)argv);
        _exit(127);
    }
    if (child < 0 || wait4(child, &status, 0, &usage) != child || !WIFEXITED(status) || WEXITSTATUS(status)) {
        bench_fail(argv[0], "failed");
    }
    if (rss_kib) {
        *rss_kib = usage.ru_maxrss;
    }
    return bench_now() - began;
}

Local *bench_open(const char *home)
{
    static const Identity who = {.created_by = "bench", .hostname = "here", .client_version = "1"};
    Error err = {0};
    Local *local = NULL;
    char *path = text_format("%s/history.db", home);
    bench_must(local_open(path, LOCAL_WRITE, &who, 30000, &local, &err), &err);
    free(path);
    return local;
}

void bench_add_result(Local *local, int64_t run, int number)
{
    Error err = {0};
    char table[40];
    snprintf(table, sizeof table, "order_item_%d", number);
    RunResult result = {.run_id = run,
                        .schema = "public",
                        .table = table,
                        .column = "customer_id",
                        .kind = "column",
                        .data_type = "bigint",
                        .alternatives = "[\"The customer who placed the order; refers to customer.id.\"]",
                        .confidence = 0.85,
                        .evidence = "[\"foreign key to public.customer(id)\",\"not null\"]",
                        .source = "builtin"};
    bench_must(runs_add_results(local, &result, 1, &err), &err);
}

int64_t bench_fill(Local *local, int count)
{
    Error err = {0};
    int64_t run = 0;
    RunStart start = {.scope = "public",
                      .db_profile = "here",
                      .fingerprint = "here",
                      .drafter = "builtin",
                      .planned = count};
    bench_must(local_begin(local, &err), &err);
    bench_must(runs_start(local, &start, &run, &err), &err);
    for (int i = 0; i < count; i++) {
        bench_add_result(local, run, i);
    }
    bench_must(runs_finish(local, run, "ready", count, 0, NULL, &err), &err);
    bench_must(local_commit(local, &err), &err);
    return run;
}

void bench_sqlite(sqlite3 *db, const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) {
        bench_fail(sql, sqlite3_errmsg(db));
    }
}

sqlite3 *bench_sqlite_open(const char *path)
{
    sqlite3 *db = NULL;
    if (sqlite3_open(path, &db) != SQLITE_OK) {
        bench_fail(path, sqlite3_errmsg(db));
    }
    bench_sqlite(db, "PRAGMA journal_mode=TRUNCATE; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON");
    return db;
}

sqlite3 *bench_bare_copy(const char *history, const char *path)
{
    unlink(path);
    sqlite3 *db = bench_sqlite_open(path);
    char *attach = text_format("ATTACH '%s' AS h", history);
    bench_sqlite(db, attach);
    sqlite3_stmt *ddl = NULL;
    sqlite3_prepare_v2(db,
                       "SELECT sql FROM h.sqlite_schema WHERE type IN ('table', 'index') AND sql IS NOT NULL "
                       "AND tbl_name IN ('runs', 'run_results', 'outbox') ORDER BY type DESC",
                       -1, &ddl, NULL);
    Text script = {0};
    while (sqlite3_step(ddl) == SQLITE_ROW) {
        text_addf(&script, "%s;\n", (const char *)sqlite3_column_text(ddl, 0));
    }
    sqlite3_finalize(ddl);
    bench_sqlite(db, "DETACH h");
    bench_sqlite(db, text_string(&script));
    text_free(&script);
    free(attach);
    return db;
}

PGconn *bench_connect(const Bench *bench)
{
    PGconn *conn = PQconnectdb(bench->conninfo);
    if (PQstatus(conn) != CONNECTION_OK) {
        bench_fail("PostgreSQL", PQerrorMessage(conn));
    }
    bench_pg(conn, "SET client_min_messages = warning", NULL);
    return conn;
}

void bench_pg(PGconn *conn, const char *sql, char **out)
{
    PGresult *result = PQexec(conn, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        bench_fail(sql, PQerrorMessage(conn));
    }
    if (out) {
        *out = memory_string(PQgetvalue(result, 0, 0));
    }
    PQclear(result);
}
