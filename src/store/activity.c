#include "activity.h"

#include <stdlib.h>

#include "local_sqlite.h"
#include "memory.h"
#include "record_sql.h"
#include "shared_ops.h"

/* Where the statement is for: what stands in front of tables and round times. */
typedef struct Dialect {
    const char *prefix;
    const char *time_before;
    const char *time_after;
    const char *like; /* the operator that matches a pattern in any case of its letters */
} Dialect;

static const Dialect local_dialect = {"", "", "", "LIKE"};

#define LARGE "1000000000000000000" /* any id added to it has 19 digits */
#define ACCEPTED "t.evaluation IN ('accepted', 'edited')"

static void add_time(Text *sql, const Dialect *dialect, const char *expression)
{
    text_addf(sql, "%s%s%s", dialect->time_before, expression, dialect->time_after);
}

/* "WITH r AS (..)": the runs that count; `more` are columns made of them. */
static void add_runs(Text *sql, Value *values, int *count, const Dialect *dialect,
                     const ActivityFilter *filter, const char *more)
{
    const SyncedTable *runs = &synced_tables[SYNCED_RUNS];
    RecordFilter chosen = {.who = filter->who, .host = filter->host, .since = filter->since};
    text_addf(sql,
              "WITH r AS (SELECT t.origin_id, t.local_id, t.created_by, t.hostname, t.client_version, "
              "t.fingerprint, t.drafted, t.started%s FROM %s%s t WHERE t.deleted_at IS NULL",
              more, dialect->prefix, runs->name);
    char *pattern; /* no text is looked for */
    record_add_filter(sql, values, count, &(RecordDialect){.prefix = dialect->prefix}, runs, &chosen,
                      &pattern);
    free(pattern);
    shared_add_hidden(sql, dialect->prefix, runs);
    text_add(sql, ")");
}

/* "FROM r JOIN run_results t ..": the results of these runs. */
static void add_results(Text *sql, const Dialect *dialect)
{
    const SyncedTable *results = &synced_tables[SYNCED_RUN_RESULTS];
    text_addf(sql,
              " FROM r JOIN %s%s t ON t.origin_id = r.origin_id AND t.run_id = r.local_id "
              "WHERE t.deleted_at IS NULL",
              dialect->prefix, results->name);
    shared_add_hidden(sql, dialect->prefix, results);
}

/* The members of ActivityRow that are summed up, in their order. */
#define MEMBERS                                                                                              \
    "created_by, hostname, client_version, fingerprint, schema_name, table_name, what, day, runs, results, " \
    "accepted, applied, people, last"

/* "x AS (SELECT ": the sums, one after the other as MEMBERS names them. */
#define SUMS "x(" MEMBERS ") AS (SELECT "

static void add_by_who(Text *sql, Value *values, int *count, const Dialect *dialect,
                       const ActivityFilter *filter)
{
    add_runs(sql, values, count, dialect, filter,
             ", row_number() OVER (PARTITION BY t.created_by, t.hostname "
             "ORDER BY t.started DESC, t.origin_id, t.local_id DESC) AS place");
    text_add(sql, ", p AS (SELECT created_by, hostname, count(*) AS runs, max(started) AS began, "
                  "max(CASE WHEN place = 1 THEN client_version END) AS client_version "
                  "FROM r GROUP BY created_by, hostname), "
                  "s AS (SELECT r.created_by, r.hostname, count(*) AS results, "
                  "sum(CASE WHEN " ACCEPTED " THEN 1 ELSE 0 END) AS accepted, "
                  "sum(CASE WHEN t.applied_at IS NOT NULL THEN 1 ELSE 0 END) AS applied, "
                  "max(coalesce(t.applied_at, t.evaluated_at)) AS decided");
    add_results(sql, dialect);
    text_add(sql, " GROUP BY r.created_by, r.hostname), "
                  "q AS (SELECT p.*, coalesce(s.results, 0) AS results, coalesce(s.accepted, 0) AS accepted, "
                  "coalesce(s.applied, 0) AS applied, "
                  "CASE WHEN s.decided > p.began THEN s.decided ELSE p.began END AS ended "
                  "FROM p LEFT JOIN s ON s.created_by = p.created_by AND s.hostname = p.hostname), " SUMS
                  "created_by, hostname, client_version, NULL, NULL, NULL, NULL, NULL, "
                  "runs, results, accepted, applied, 1, ");
    add_time(sql, dialect, "ended");
    text_add(sql, " FROM q)");
}

/* The result that tells most about a table: what a person decided says more about who knows it than a later
 * draft, then the newest. As one text of fixed places (decided 1, time 24, id 19, origin), so that max()
 * finds it on the way: a window over all results would have to sort them. */
static void add_best(Text *sql, const Dialect *dialect)
{
    text_add(sql, "max(CASE WHEN t.applied_at IS NOT NULL OR " ACCEPTED " THEN '1' ELSE '0' END || ");
    add_time(sql, dialect,
             "coalesce(t.applied_at, CASE WHEN " ACCEPTED " THEN t.evaluated_at END, t.created_at)");
    text_add(sql, " || CAST(" LARGE " + t.local_id AS text) || t.origin_id) AS best");
}

static void add_by_table(Text *sql, Value *values, int *count, const Dialect *dialect,
                         const ActivityFilter *filter)
{
    add_runs(sql, values, count, dialect, filter, "");
    /* first by column, so that none counts twice */
    text_add(sql, ", w AS (SELECT r.fingerprint, t.schema_name, t.table_name, "
                  "max(CASE WHEN " ACCEPTED " THEN 1 ELSE 0 END) AS accepted, "
                  "max(CASE WHEN t.applied_at IS NOT NULL THEN 1 ELSE 0 END) AS applied, ");
    add_best(sql, dialect);
    text_add(sql, ", max(coalesce(t.applied_at, t.evaluated_at, t.created_at)) AS done");
    add_results(sql, dialect);
    text_add(sql, " GROUP BY r.fingerprint, t.schema_name, t.table_name, coalesce(t.column_name, '')), "
                  "q AS (SELECT fingerprint, schema_name, table_name, count(*) AS results, "
                  "sum(accepted) AS accepted, sum(applied) AS applied, max(best) AS best, max(done) AS done "
                  "FROM w GROUP BY fingerprint, schema_name, table_name), " SUMS
                  "t.created_by, t.hostname, t.client_version, q.fingerprint, q.schema_name, q.table_name, "
                  "CASE WHEN t.applied_at IS NOT NULL THEN 'applied' WHEN " ACCEPTED
                  " THEN 'accepted' ELSE 'drafted' END, NULL, "
                  "0, q.results, q.accepted, q.applied, 0, ");
    add_time(sql, dialect, "q.done");
    text_addf(sql,
              " FROM q JOIN %s%s t ON t.origin_id = substr(q.best, 45) "
              "AND t.local_id = CAST(substr(q.best, 26, 19) AS bigint) - " LARGE ")",
              dialect->prefix, synced_tables[SYNCED_RUN_RESULTS].name);
}

static void add_by_day(Text *sql, Value *values, int *count, const Dialect *dialect,
                       const ActivityFilter *filter)
{
    add_runs(sql, values, count, dialect, filter, "");
    text_add(sql, ", d AS (SELECT substr(");
    add_time(sql, dialect, "started");
    text_add(sql, ", 1, 10) AS day, created_by, hostname, drafted, started FROM r), " SUMS
                  "NULL, NULL, NULL, NULL, NULL, NULL, NULL, day, count(*), sum(drafted), 0, 0, "
                  "count(DISTINCT created_by || '@' || hostname), ");
    add_time(sql, dialect, "max(started)");
    text_add(sql, " FROM d GROUP BY day)");
}

/* What sums are sorted by, in their own names; what a kind of sum has not is the same in all of them. */
static const struct {
    const char *column;
    const char *expression;
} orders[] = {
    {"last", "last"},
    {"who", "coalesce(created_by, '') || '@' || coalesce(hostname, '')"},
    {"table", "coalesce(schema_name, '') || '.' || coalesce(table_name, '')"},
    {"client_version", "coalesce(client_version, '')"},
    {"what", "what"},
    {"day", "day"},
    {"runs", "runs"},
    {"results", "results"},
    {"accepted", "accepted"},
    {"applied", "applied"},
    {"people", "people"},
};

static const char *order_of(const char *column)
{
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        if (text_equal(orders[i].column, column)) {
            return orders[i].expression;
        }
    }
    return NULL;
}

bool activity_can_sort(const char *column)
{
    return order_of(column) != NULL;
}

/* " WHERE ..": what a person can read of a sum. */
static void add_contains(Text *sql, const Dialect *dialect, int parameter)
{
    static const char *const texts[] = {"who", "table", "client_version", "what", "day"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        text_addf(sql, "%s%s %s $%d ESCAPE '!'", i ? " OR " : " WHERE ", order_of(texts[i]), dialect->like,
                  parameter);
    }
}

/* The page of the sums that is wanted, each with its place among all of them. */
static void add_page(Text *sql, Value *values, int *count, const Dialect *dialect,
                     const ActivityFilter *filter, char **pattern)
{
    const char *order = order_of(filter->sort ? filter->sort : "last");
    text_addf(sql,
              " SELECT " MEMBERS ", place, total FROM (SELECT x.*, count(*) OVER () AS total, row_number() "
              "OVER (ORDER BY %s%s, last DESC, schema_name, table_name, fingerprint, created_by, hostname, "
              "day) AS place FROM x",
              order ? order : "last", filter->ascending ? "" : " DESC");
    if (!text_is_empty(filter->contains)) {
        *pattern = record_pattern(filter->contains);
        values[(*count)++] = value_text(*pattern);
        add_contains(sql, dialect, *count);
    }
    text_add(sql, ") y");
    if (filter->last && filter->limit > 0) {
        text_addf(sql, " WHERE place > total - %d", filter->limit);
    } else {
        text_addf(sql, " WHERE place > %lld", (long long)filter->after);
    }
    text_add(sql, " ORDER BY place");
    if (filter->limit > 0) {
        text_addf(sql, " LIMIT %d", filter->limit);
    }
}

/* The statement; owned by the caller, and *pattern, which holds the text of a parameter, too. */
static char *statement(ActivityBy by, const Dialect *dialect, const ActivityFilter *filter, Value *values,
                       int *count, char **pattern)
{
    Text sql = {0};
    *count = 0;
    *pattern = NULL;
    switch (by) {
    case ACTIVITY_BY_WHO:
        add_by_who(&sql, values, count, dialect, filter);
        break;
    case ACTIVITY_BY_TABLE:
        add_by_table(&sql, values, count, dialect, filter);
        break;
    case ACTIVITY_BY_DAY:
        add_by_day(&sql, values, count, dialect, filter);
        break;
    }
    add_page(&sql, values, count, dialect, filter, pattern);
    return text_take(&sql);
}

typedef struct Summing {
    ActivityEach each;
    void *context;
} Summing;

static int64_t number(const Value *value)
{
    return value->type == VALUE_TEXT ? strtoll(value->text, NULL, 10) : value->integer;
}

static void take_row(void *context, const Value *values, int count)
{
    const Summing *summing = context;
    (void)count;
    summing->each(summing->context, &(ActivityRow){
                                        .created_by = values[0].text,
                                        .hostname = values[1].text,
                                        .client_version = values[2].text,
                                        .fingerprint = values[3].text,
                                        .schema_name = values[4].text,
                                        .table_name = values[5].text,
                                        .what = values[6].text,
                                        .day = values[7].text,
                                        .runs = number(&values[8]),
                                        .results = number(&values[9]),
                                        .accepted = number(&values[10]),
                                        .applied = number(&values[11]),
                                        .people = number(&values[12]),
                                        .last = values[13].text,
                                        .place = number(&values[14]),
                                        .total = number(&values[15]),
                                    });
}

#define WIDTH 16 /* values of a sum */

bool activity_local(Local *local, ActivityBy by, const ActivityFilter *filter, ActivityEach each,
                    void *context, Error *err)
{
    Value values[RECORD_VALUES];
    int count;
    char *pattern;
    Sqlite *db = local_sqlite(local);
    Summing summing = {each, context};
    char *sql = statement(by, &local_dialect, filter, values, &count, &pattern);
    sqlite_heed_interrupt(db, true);
    SqliteRows *rows = sqlite_query(db, err, sql, values, count);
    while (sqlite_next(rows)) {
        Value row[WIDTH];
        for (int i = 0; i < WIDTH; i++) {
            row[i] = sqlite_value(rows, i);
        }
        take_row(&summing, row, WIDTH);
    }
    bool ok = sqlite_done(db, rows, err);
    sqlite_heed_interrupt(db, false);
    free(pattern);
    free(sql);
    return ok;
}

bool activity_shared(Shared *shared, ActivityBy by, const ActivityFilter *filter, Deadline deadline,
                     ActivityEach each, void *context, Error *err)
{
    Value values[RECORD_VALUES];
    int count;
    char *pattern;
    const Dialect dialect = {text_string(&shared->prefix), shared->ops->time_before, shared->ops->time_after,
                             shared->ops->like};
    Summing summing = {each, context};
    char *sql = statement(by, &dialect, filter, values, &count, &pattern);
    bool ok =
        shared->ops->query(shared->connection, sql, values, count, deadline, take_row, &summing, NULL, err);
    free(pattern);
    free(sql);
    return ok;
}
