/* Questions over a large catalog, beside the bare FTS5 query for the same words over the same index. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "bench.h"
#include "database.h"
#include "local_sqlite.h"
#include "memory.h"
#include "search.h"
#include "text.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

#define PRINT "bench"

/* Words that few names hold, words that every table holds, and some that none does. */
static const char *const things[] = {"customer",     "orders",    "warehouse", "sensors",  "employees",
                                     "invoice line", "audit log", "coupons",   "row",      "archived",
                                     "warehuose",    "drivers",   "people",    "machine",  "xylophone",
                                     "ledger",       "campaigns", "tickets",   "currency", "batch"};
static const char *const facts[] = {
    "name",         "status",     "email",   "created at",    "who created it", "is active", "unit price",
    "total amount", "start date", "id",      "description",   "external code",  "telephone", "quantity",
    "prioritty",    "updated",    "address", "when it ended", "discount",       "version"};

enum { QUESTIONS = COUNT(things) * COUNT(facts) };

typedef struct Times {
    double values[QUESTIONS];
} Times;

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double percentile(Times *times, double share)
{
    qsort(times->values, QUESTIONS, sizeof *times->values, compare);
    return times->values[(size_t)(share * (QUESTIONS - 1))];
}

static double ask_once(Local *local, const char *text)
{
    Answer answer = {0};
    Error err = {0};
    AskQuestion question = {.local = local, .fingerprint = PRINT, .profile = "bench", .text = text};
    double started = bench_now();
    bench_must(ask_answer(&question, &answer, &err), &err);
    double took = bench_now() - started;
    answer_free(&answer);
    return took;
}

/* The words joined by OR, best first by BM25, as a program would ask without any more thought. */
static double search_once(sqlite3 *db, const char *text)
{
    Words words = {0};
    Text expression = {0};
    sqlite3_stmt *statement;
    words_split(text, &words);
    search_add_expression(&expression, &words);
    double started = bench_now();
    if (sqlite3_prepare_v2(
            db, "SELECT rowid FROM catalog_topic WHERE catalog_topic MATCH ? ORDER BY rank LIMIT 5", -1,
            &statement, NULL) != SQLITE_OK) {
        bench_fail("bare query", sqlite3_errmsg(db));
    }
    sqlite3_bind_text(statement, 1, text_string(&expression), -1, SQLITE_STATIC);
    while (sqlite3_step(statement) == SQLITE_ROW) {
    }
    sqlite3_finalize(statement);
    double took = bench_now() - started;
    text_free(&expression);
    words_free(&words);
    return took;
}

/* The catalog of the large database, as the first question would keep it; gives the seconds for keeping it.
 */
static double keep(Bench *bench, Local *local)
{
    char *conninfo = bench_catalog_database(bench);
    DatabaseTarget target = {.backend = BACKEND_POSTGRESQL, .conninfo = conninfo};
    DatabaseScope all = {0};
    Database *database = NULL;
    Catalog *catalog = NULL;
    Error err = {0};
    bench_must(database_open(&target, DEADLINE_NONE, &database, &err), &err);
    bench_must(database_read_catalog(database, &all, DEADLINE_NONE, &catalog, &err), &err);
    double started = bench_now();
    bench_must(search_keep(local, PRINT, catalog, &err), &err);
    double took = bench_now() - started;
    catalog_free(catalog);
    database_close(database);
    free(conninfo);
    return took;
}

static void measure(Local *local, sqlite3 *bare, Times *ours, Times *theirs)
{
    for (size_t i = 0; i < QUESTIONS; i++) {
        char *text =
            text_format("which tables hold the %s of %s", facts[i % COUNT(facts)], things[i / COUNT(facts)]);
        theirs->values[i] = search_once(bare, text);
        ours->values[i] = ask_once(local, text);
        free(text);
    }
}

void bench_ask(Bench *bench)
{
    char *home = bench_home(bench, "ask", bench->conninfo);
    char *path = text_format("%s/history.db", home);
    Local *local = bench_open(home);
    double kept = keep(bench, local);
    sqlite3 *bare = bench_sqlite_open(path);
    Times *ours = memory_zero(1, sizeof *ours), *theirs = memory_zero(1, sizeof *theirs);
    measure(local, bare, ours, theirs);
    double p50 = percentile(ours, 0.5), p99 = percentile(ours, 0.99);
    double bare_p50 = percentile(theirs, 0.5), bare_p99 = percentile(theirs, 0.99);
    printf("| ask: %d questions over %d tables of %d columns | p50 %.1f ms, p99 %.1f ms | bare FTS5: p50 "
           "%.1f ms, "
           "p99 %.1f ms | aim p50 20 ms, p99 60 ms | %s |\n    keeping and indexing the catalog: %.2f s\n",
           (int)QUESTIONS, bench->tables, bench->columns, 1e3 * p50, 1e3 * p99, 1e3 * bare_p50,
           1e3 * bare_p99, p50 < 0.02 && p99 < 0.06 ? "yes" : "no", kept);
    json_array_append_new(bench->table,
                          json_pack("{s:s, s:f, s:f, s:f, s:f, s:f}", "work", "ask", "p50_s", p50, "p99_s",
                                    p99, "bare_p50_s", bare_p50, "bare_p99_s", bare_p99, "keep_s", kept));
    sqlite3_close(bare);
    local_close(local);
    free(ours);
    free(theirs);
    free(path);
    free(home);
}
