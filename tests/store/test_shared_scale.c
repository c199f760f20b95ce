/* A shared store of a thousand origins: team listings read, through indexes, no more rows than they show. The
 * plans are those of the statements that amx sends, as the server's auto_explain logs them. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "record.h"
#include "support_store.h"
#include "text.h"

enum { ORIGINS = 1000, RUNS_PER_ORIGIN = 20, PAGE = 50, PATIENCE_MS = 20000 };

static long results = 100000; /* the long run: 1,000,000 */
static const char *conninfo;
static DatabaseTarget target;
static Shared *shared;

static const char fill_sql[] =
    "SET session_replication_role = replica;" /* the references below are right: not checked row by row */
    "CREATE FUNCTION origin(n bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT md5(n::text) $$;"
    "INSERT INTO amx.origins SELECT origin(n), md5('t' || n), 'user-' || n, 'host-' || n %% 100, '0.1.0', "
    "now(), "
    "  now() FROM generate_series(1, %1$d) n;"
    "INSERT INTO amx.runs (origin_id, local_id, born_origin, created_by, hostname, client_version, "
    "created_at, "
    "    updated_at, row_version, scope, db_profile, fingerprint, drafter, status, planned, drafted, failed, "
    "    started) "
    "  SELECT origin(o), r, origin(o), 'user-' || o, 'host-' || o %% 100, '0.1.0', at, at, r, 'sales', "
    "'shop', 'f', "
    "    'builtin', 'ready', 50, 50, 0, at "
    "  FROM generate_series(1, %1$d) o, generate_series(1, %2$d) r, "
    "    LATERAL (SELECT timestamptz '2024-01-01 00:00Z' + (r * %1$d + o) * interval '1 minute' AS at) t;"
    "INSERT INTO amx.run_results (origin_id, local_id, born_origin, created_by, hostname, client_version, "
    "    created_at, updated_at, row_version, run_id, schema_name, table_name, column_name, kind, data_type, "
    "    alternatives, confidence, evidence, source) "
    "  SELECT origin(o), r, origin(o), 'user-' || o, 'host-' || o %% 100, '0.1.0', at, at, r + %2$d, "
    "    1 + r %% %2$d, 'sales', 'orders', 'c' || r, 'column', 'text', '[\"Name of the customer.\"]', 0.9, "
    "'[]', "
    "    'builtin' "
    "  FROM generate_series(1, %1$d) o, generate_series(1, %3$ld) r, "
    "    LATERAL (SELECT timestamptz '2024-01-01 00:00Z' + (r * %1$d + o) * interval '1 second' AS at) t;"
    "INSERT INTO amx.apply_events (origin_id, local_id, born_origin, created_by, hostname, client_version, "
    "    created_at, updated_at, row_version, run_id, result_id, kind, target, new_text, outcome) "
    "  SELECT origin_id, local_id, born_origin, created_by, hostname, client_version, created_at, "
    "updated_at, "
    "    row_version, run_id, local_id, 'apply', 'sales.orders.' || column_name, 'Text', 'applied' "
    "  FROM amx.run_results WHERE local_id <= 20;"
    "ANALYZE amx.runs; ANALYZE amx.run_results; ANALYZE amx.apply_events;";

static const char explain_sql[] =
    "DO $$ BEGIN EXECUTE format('ALTER DATABASE %1$I SET session_preload_libraries = auto_explain', "
    "current_database());"
    "EXECUTE format('ALTER DATABASE %1$I SET auto_explain.log_min_duration = 0', current_database());"
    "EXECUTE format('ALTER DATABASE %1$I SET auto_explain.log_analyze = on', current_database());"
    "EXECUTE format('ALTER DATABASE %1$I SET auto_explain.log_timing = off', current_database());"
    "EXECUTE format('ALTER DATABASE %1$I SET auto_explain.log_format = json', current_database()); END $$";

static int set_up(void **state)
{
    (void)state;
    conninfo = support_database();
    target = (DatabaseTarget){.backend = BACKEND_POSTGRESQL, .conninfo = conninfo};
    shared_close(support_shared(&target, "amx"));
    char *sql = text_format(fill_sql, ORIGINS, RUNS_PER_ORIGIN, results / ORIGINS);
    support_sql(conninfo, sql);
    free(sql);
    assert_int_equal(strtol(support_sql_value(conninfo, "SELECT count(*) FROM amx.run_results"), NULL, 10),
                     results);
    support_sql(conninfo, explain_sql);
    shared = support_shared(&target, "amx");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    shared_close(shared);
    return 0;
}

/* The last row of a page, for the next one, and how many rows there were. */
typedef struct Page {
    int64_t count;
    char time[CLOCK_TEXT_SIZE];
    char origin[ID_SIZE];
    int64_t local_id;
    char who[64];
} Page;

static void take(void *context, const SyncedTable *table, const Value *values)
{
    Page *page = context;
    const char *time = record_time_column(table);
    page->count++;
    text_copy(page->time, sizeof page->time, time ? record_text(table, values, time) : "");
    text_copy(page->origin, sizeof page->origin, record_text(table, values, "origin_id"));
    text_copy(page->who, sizeof page->who, record_text(table, values, "created_by"));
    page->local_id = record_int(table, values, "local_id");
}

static long long number(const json_t *node, const char *key)
{
    return (long long)json_number_value(json_object_get(node, key));
}

/* Rows of the listed table that the scans of a plan touched; what is looked up for each, as the state of a
 * run, comes on top. Fails the test at a scan of any table that uses no index. */
static long long rows_touched(const json_t *node, const char *listed, const char *plan)
{
    const char *type = json_string_value(json_object_get(node, "Node Type"));
    const char *relation = json_string_value(json_object_get(node, "Relation Name"));
    const json_t *child;
    size_t i;
    long long touched = 0;
    if (relation && !strstr(type, "Index") && !strstr(type, "Bitmap")) {
        fail_msg("%s of %s: %s", type, relation, plan);
    }
    if (text_equal(relation, listed)) {
        touched = number(node, "Actual Rows") * number(node, "Actual Loops") +
                  number(node, "Rows Removed by Filter") + number(node, "Rows Removed by Index Recheck");
    }
    json_array_foreach(json_object_get(node, "Plans"), i, child)
    {
        touched += rows_touched(child, listed, plan);
    }
    return touched;
}

/* Lists, and looks at the plan that the server logged: only index scans, of at most so many rows. */
static Page list(SyncedTableId table, const RecordFilter *filter, int64_t most)
{
    Page page = {0};
    Error err = {0};
    char *path = text_format("%s/server.log", support_server()->folder);
    size_t before = strlen(support_read(path));
    if (!shared_list(shared, &synced_tables[table], filter, deadline_in(PATIENCE_MS), take, &page, &err)) {
        fail_msg("%s", err.message);
    }
    const char *plan = strstr(support_read(path) + before, "plan:\n");
    free(path);
    assert_non_null(plan);
    json_t *root = json_loads(plan + strlen("plan:\n"), JSON_DISABLE_EOF_CHECK, NULL);
    assert_non_null(root);
    long long touched = rows_touched(json_object_get(root, "Plan"), synced_tables[table].name, plan);
    assert_null(strcasestr(json_string_value(json_object_get(root, "Query Text")), "offset"));
    json_decref(root);
    if (touched > most) {
        fail_msg("%lld rows read to show %lld: %s", touched, (long long)page.count, plan);
    }
    return page;
}

static void turn(RecordFilter *filter, const Page *page)
{
    filter->from = (RecordKey){.value = value_text(*page->time ? page->time : NULL),
                               .origin = page->origin,
                               .local_id = page->local_id};
}

/* Reads page after page to the end, which must be so many rows. Where they are few, the server may sort all
 * of them for one page; it never reads a row of somebody else. */
static void list_all(SyncedTableId table, RecordFilter filter, int64_t wanted)
{
    int64_t sum = 0;
    Page page;
    do {
        page = list(table, &filter, wanted);
        sum += page.count;
        turn(&filter, &page);
    } while (page.count == filter.limit);
    assert_int_equal(sum, wanted);
}

static void test_newest_runs(void **state)
{
    (void)state;
    RecordFilter filter = {.limit = PAGE};
    Page first = list(SYNCED_RUNS, &filter, PAGE);
    assert_int_equal(first.count, PAGE);
    assert_string_equal(first.who, "user-951"); /* the 50th newest */
    turn(&filter, &first);
    assert_string_equal(list(SYNCED_RUNS, &filter, PAGE).who, "user-901");
}

static void test_runs_far_back(void **state)
{
    (void)state;
    RecordFilter filter = {.limit = PAGE,
                           .from = {.value = value_text("2024-01-01T18:00:00.000Z"),
                                    .origin = "00000000000000000000000000000000",
                                    .local_id = 1}};
    assert_int_equal(list(SYNCED_RUNS, &filter, PAGE).count, PAGE);
}

static void test_runs_by_who(void **state)
{
    (void)state;
    list_all(SYNCED_RUNS, (RecordFilter){.who = "user-7", .limit = 8}, RUNS_PER_ORIGIN);
    list_all(SYNCED_RUNS, (RecordFilter){.who = "nobody", .limit = PAGE}, 0);
}

static void test_runs_by_host(void **state)
{
    (void)state;
    list_all(SYNCED_RUNS, (RecordFilter){.host = "host-42", .limit = PAGE}, ORIGINS / 100 * RUNS_PER_ORIGIN);
    list_all(SYNCED_RUNS, (RecordFilter){.host = "nowhere", .limit = PAGE}, 0);
}

static void test_runs_since(void **state)
{
    (void)state;
    /* the newest run began at minute RUNS_PER_ORIGIN * ORIGINS + ORIGINS = 21000: 14 days and 14 hours */
    const char *hour = "2024-01-15T13:00:00.000Z";
    list_all(SYNCED_RUNS, (RecordFilter){.since = hour, .limit = PAGE}, 61);
    list_all(SYNCED_RUNS, (RecordFilter){.since = "2025-01-01T00:00:00.000Z", .limit = PAGE}, 0);
    list_all(SYNCED_RUNS, (RecordFilter){.who = "user-1000", .since = hour, .limit = PAGE}, 1);
}

static void test_results_of_one_run(void **state)
{
    (void)state;
    const char *origin = support_sql_value(conninfo, "SELECT origin(500)");
    int64_t per_run = results / ORIGINS / RUNS_PER_ORIGIN;
    RecordFilter run = {.origin = origin, .local_id = 3, .limit = 1};
    RecordFilter all = {.origin = origin, .parent = 3};
    RecordFilter paged = {.origin = origin, .parent = 3, .limit = 2};
    assert_int_equal(list(SYNCED_RUNS, &run, 1).count, 1);
    assert_int_equal(list(SYNCED_RUN_RESULTS, &all, per_run).count, per_run);
    list_all(SYNCED_RUN_RESULTS, paged, per_run);
}

/* Who wrote the text that an apply is about to replace. */
static void test_writers_of_a_text(void **state)
{
    (void)state;
    RecordFilter filter = {
        .limit = PAGE,
        .match = {{"target", "sales.orders.c7"}, {"new_text", "Text"}, {"outcome", "applied"}}};
    assert_int_equal(list(SYNCED_APPLY_EVENTS, &filter, PAGE).count, PAGE);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_newest_runs),       cmocka_unit_test(test_runs_far_back),
        cmocka_unit_test(test_runs_by_who),       cmocka_unit_test(test_runs_by_host),
        cmocka_unit_test(test_runs_since),        cmocka_unit_test(test_results_of_one_run),
        cmocka_unit_test(test_writers_of_a_text),
    };
    results = argc > 1 ? strtol(argv[1], NULL, 10) : results;
    return support_cleanup(cmocka_run_group_tests(tests, set_up, tear_down));
}
