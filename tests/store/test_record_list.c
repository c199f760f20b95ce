/* Listings of one's own history: pages by key in both directions, along an index; what a filter finds. The
 * plans are those of the statements that record_list sends. */
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "fill_sessions.h"
#include "local_sqlite.h"
#include "memory.h"
#include "record.h"
#include "support_store.h"
#include "text.h"

enum { SESSIONS = 40, TURNS = 200, PAGE = 7 };

static const SessionBinding shop = {"shop", "sqlite:/shop.db"};
static const char *path;
static Local *local;
static char *traced; /* the last SELECT that was sent */

static int take_statement(unsigned event, void *context, void *statement, void *sql)
{
    (void)event;
    (void)context;
    (void)statement;
    if (text_starts(sql, "SELECT ")) {
        free(traced);
        traced = memory_string(sql);
    }
    return 0;
}

static int trace(sqlite3 *db, char **error, const sqlite3_api_routines *api)
{
    (void)error;
    (void)api;
    return sqlite3_trace_v2(db, SQLITE_TRACE_STMT, take_statement, NULL);
}

static int set_up(void **state)
{
    (void)state;
    Error err = {0};
    path = support_path("history.db");
    sqlite3_auto_extension((void (*)(void))trace);
    local = support_local(path, &support_ada);
    sqlite3_reset_auto_extension();
    if (!fill_sessions(local, &shop, SESSIONS, TURNS, &err)) {
        fail_msg("%s", err.message);
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    interrupt_clear();
    local_close(local);
    free(traced);
    traced = NULL;
    return 0;
}

/* --- pages --- */

typedef struct Page {
    const RecordFilter *filter;
    int64_t ids[SESSIONS];
    int count;
    char value[256]; /* of the key of the last row */
    RecordKey last;
} Page;

static void take(void *context, const SyncedTable *table, const Value *values)
{
    Page *page = context;
    page->last = record_key(table, page->filter, values);
    page->ids[page->count++] = page->last.local_id;
    if (page->last.value.type == VALUE_TEXT) {
        text_copy(page->value, sizeof page->value, page->last.value.text);
    }
}

static void list(SyncedTableId table, const RecordFilter *filter, Page *page)
{
    Error err = {0};
    *page = (Page){.filter = filter};
    if (!record_list(local, &synced_tables[table], filter, take, page, &err)) {
        fail_msg("%s: %s", err.message, traced);
    }
}

/* All ids in order, read page by page. */
static int list_all(RecordFilter filter, int64_t ids[SESSIONS])
{
    int count = 0;
    Page page;
    char value[sizeof page.value];
    do {
        list(SYNCED_SESSIONS, &filter, &page);
        assert_true(count + page.count <= SESSIONS);
        memcpy(ids + count, page.ids, (size_t)page.count * sizeof *ids);
        count += page.count;
        filter.from = page.last;
        if (page.last.value.type == VALUE_TEXT) {
            text_copy(value, sizeof value, page.value);
            filter.from.value = value_text(value);
        }
    } while (page.count == filter.limit);
    return count;
}

static void pages_hold_every_row_once_in_both_directions(void **state)
{
    (void)state;
    static const char *const sorts[] = {NULL,    "local_id", "db_profile", "title",      "last_active",
                                        "ended", "who",      "turns",      "forked_from"};
    support_local_sql(local, "UPDATE sessions SET ended = last_active WHERE local_id % 3 = 0");
    support_local_sql(local, "UPDATE sessions SET title = 'same' WHERE local_id % 2 = 0");
    for (size_t i = 0; i < sizeof sorts / sizeof *sorts; i++) {
        for (RecordOrder order = RECORD_DEFAULT_ORDER; order <= RECORD_DESCENDING; order++) {
            int64_t whole[SESSIONS], paged[SESSIONS], backward[SESSIONS];
            RecordFilter filter = {.sort = sorts[i], .order = order, .limit = SESSIONS + 1};
            assert_int_equal(list_all(filter, whole), SESSIONS);
            filter.limit = PAGE;
            assert_int_equal(list_all(filter, paged), SESSIONS);
            assert_memory_equal(paged, whole, sizeof whole);
            filter.backward = true;
            assert_int_equal(list_all(filter, backward), SESSIONS);
            for (int row = 0; row < SESSIONS; row++) {
                assert_int_equal(backward[SESSIONS - 1 - row], whole[row]);
            }
        }
    }
}

static void the_last_active_session_comes_first(void **state)
{
    (void)state;
    Page page;
    support_local_sql(local,
                      "UPDATE sessions SET last_active = '2030-01-01T00:00:00.000Z' WHERE local_id = 3");
    list(SYNCED_SESSIONS, &(RecordFilter){.limit = 1}, &page);
    assert_int_equal(page.ids[0], 3);
}

/* --- plans --- */

/* The plan of the last listing: no step may sort, or look at every row of a table. */
static void assert_runs_along_an_index(const char *index)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *plan = NULL;
    Text steps = {0};
    char *explain = text_format("EXPLAIN QUERY PLAN %s", traced);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, explain, -1, &plan, NULL), SQLITE_OK);
    while (sqlite3_step(plan) == SQLITE_ROW) {
        const char *step = (const char *)sqlite3_column_text(plan, 3);
        text_addf(&steps, "%s\n", step);
        if (strstr(step, "TEMP B-TREE") || (text_starts(step, "SCAN t") && !strstr(step, "INDEX"))) {
            fail_msg("%s: %s", step, traced);
        }
    }
    sqlite3_finalize(plan);
    sqlite3_close(db);
    if (!strstr(text_string(&steps), index)) {
        fail_msg("not along %s: %s%s", index, text_string(&steps), traced);
    }
    assert_null(strcasestr(traced, "offset"));
    text_free(&steps);
    free(explain);
}

/* The first page, the next, the one before that, and the last. */
static void assert_pages_along(SyncedTableId table, RecordFilter filter, const char *index)
{
    Page page;
    filter.limit = PAGE;
    list(table, &filter, &page);
    assert_runs_along_an_index(index);
    filter.from = (RecordKey){.value = value_text("2015-01-01T00:20:00.000Z"), .local_id = 20};
    list(table, &filter, &page);
    assert_runs_along_an_index(index);
    filter.backward = true;
    list(table, &filter, &page);
    assert_runs_along_an_index(index);
    filter.from = (RecordKey){0};
    list(table, &filter, &page);
    assert_runs_along_an_index(index);
}

static void every_page_of_a_listing_runs_along_an_index(void **state)
{
    (void)state;
    RecordFilter all = {0};
    RecordFilter profile = {.match = {{"db_profile", "shop"}}};
    RecordFilter session = {.parent = 3};
    RecordFilter since = {.since = "2015-01-01T00:00:00.000Z"};
    assert_pages_along(SYNCED_SESSIONS, all, "sessions_by_activity");
    assert_pages_along(SYNCED_SESSIONS, profile, "sessions_by_profile (db_profile=?");
    assert_pages_along(SYNCED_RUNS, all, "runs_by_time");
    assert_pages_along(SYNCED_RUNS, since, "runs_by_time (started>?");
    assert_pages_along(SYNCED_APP_EVENTS, all, "app_events_by_time");
    assert_pages_along(SYNCED_SESSION_TURNS, session, "(session_id=?");
    assert_pages_along(SYNCED_RUN_RESULTS, session, "(run_id=?");
}

static void a_filter_keeps_the_order_of_the_index(void **state)
{
    (void)state;
    RecordFilter contains = {.contains = "invoices"};
    assert_pages_along(SYNCED_SESSIONS, contains, "sessions_by_activity");
}

static void an_older_file_gets_the_indexes_when_it_is_written_to(void **state)
{
    (void)state;
    Page page;
    Local *reader = NULL;
    support_local_sql(local, "DROP INDEX sessions_by_profile");
    support_local_sql(local, "DROP INDEX app_events_by_time");
    local_close(local);
    assert_true(local_open(path, LOCAL_READ, &support_ada, 1000, &reader, NULL));
    local = reader;
    list(SYNCED_SESSIONS, &(RecordFilter){.match = {{"db_profile", "shop"}}, .limit = PAGE}, &page);
    assert_int_equal(page.count, PAGE);
    local_close(local);
    local = support_local(path, &support_ada);
    assert_int_equal(support_local_number(local, "SELECT count(*) FROM sqlite_schema WHERE name IN "
                                                 "('sessions_by_profile', 'app_events_by_time')"),
                     2);
}

/* --- filters --- */

/* --- where a run stands --- */

static void take_state(void *context, const SyncedTable *table, const Value *values)
{
    text_addf(context, "%s ", record_text(table, values, RECORD_STATE));
}

static void assert_states(RecordFilter filter, const char *expected)
{
    Error err = {0};
    Text states = {0};
    filter.sort = filter.sort ? filter.sort : "local_id";
    filter.order = RECORD_ASCENDING;
    if (!record_list(local, &synced_tables[SYNCED_RUNS], &filter, take_state, &states, &err)) {
        fail_msg("%s: %s", err.message, traced);
    }
    assert_string_equal(text_string(&states), expected);
    text_free(&states);
}

static void add_run_of(int id, const char *status, const char *evaluation, bool applied)
{
    char *sql =
        text_format("INSERT INTO runs(local_id, scope, db_profile, fingerprint, drafter, status, planned, "
                    "drafted, failed, "
                    "started) VALUES (%d, 'shop', 'shop', 'sqlite:/shop.db', 'builtin', '%s', 2, 2, 0, "
                    "'2026-11-22T09:00:00.000Z');"
                    "INSERT INTO run_results(run_id, schema_name, table_name, column_name, kind, "
                    "alternatives, confidence, "
                    "evidence, source, evaluation, chosen_text, applied_at) VALUES "
                    "(%d, 'main', 't', NULL, 'table', '[]', 1, '[]', 'builtin', 'accepted', 'a', %s), "
                    "(%d, 'main', 't', 'c', 'column', '[]', 1, '[]', 'builtin', %s, NULL, NULL)",
                    id, status, id, applied ? "'2026-11-22T10:00:00.000Z'" : "NULL", id, evaluation);
    support_local_sql(local, sql);
    free(sql);
}

static void a_run_stands_where_its_results_stand(void **state)
{
    (void)state;
    support_local_sql(local, "DELETE FROM runs");
    add_run_of(101, "ready", "NULL", false);
    add_run_of(102, "ready", "'skipped'", false);
    add_run_of(103, "ready", "NULL", true);
    add_run_of(104, "ready", "'edited'", true);
    add_run_of(105, "ready", "'skipped'", true);
    add_run_of(106, "cancelled", "NULL", true);
    support_local_sql(local,
                      "INSERT INTO runs(local_id, scope, db_profile, fingerprint, drafter, status, planned, "
                      "drafted, failed, started) VALUES (107, 'x', 'shop', 'sqlite:/shop.db', 'builtin', "
                      "'ready', 0, 0, 0, '2026-11-22T09:00:00.000Z')");
    assert_states((RecordFilter){0},
                  "review reviewed partly applied partly applied applied cancelled ready ");
    assert_states((RecordFilter){.match = {{RECORD_STATE, "partly applied"}}},
                  "partly applied partly applied ");
    assert_states((RecordFilter){.match = {{RECORD_STATE, "ready"}}}, "ready ");
    assert_states((RecordFilter){.contains = "PARTLY"}, "partly applied partly applied ");
    assert_states((RecordFilter){.contains = "ready"}, "ready ");
    assert_states((RecordFilter){.contains = "nothing like it"}, "");
    assert_null(strstr(traced, "ESCAPE '!' OR (CASE"));
    assert_states((RecordFilter){.sort = RECORD_STATE, .limit = 2}, "applied cancelled ");
    support_local_sql(local,
                      "INSERT INTO apply_events(run_id, result_id, kind, target, outcome) SELECT run_id, "
                      "local_id, 'rollback', 't', 'pending' FROM run_results WHERE run_id = 105");
    assert_states((RecordFilter){.match = {{RECORD_STATE, "unknown"}}}, "unknown ");
    assert_states((RecordFilter){.match = {{RECORD_STATE, "applied"}}}, "");
}

static void a_state_is_found_without_reading_results(void **state)
{
    (void)state;
    Page page;
    add_run_of(101, "ready", "NULL", true);
    list(SYNCED_RUNS, &(RecordFilter){.limit = PAGE}, &page);
    assert_runs_along_an_index("run_results_state (run_id=? AND evaluation=? AND applied_at>?)");
    assert_runs_along_an_index("run_results_state (run_id=? AND evaluation=?)");
    assert_runs_along_an_index("runs_by_time");
}

static void results_of_one_database_are_chosen(void **state)
{
    (void)state;
    Page page;
    add_run_of(101, "ready", "NULL", false);
    list(SYNCED_RUN_RESULTS, &(RecordFilter){.fingerprint = shop.fingerprint, .match = {{"table_name", "t"}}},
         &page);
    assert_int_equal(page.count, 2);
    list(SYNCED_RUN_RESULTS, &(RecordFilter){.fingerprint = "sqlite:/other.db"}, &page);
    assert_int_equal(page.count, 0);
}

static int found(const char *contains)
{
    Page page;
    list(SYNCED_SESSIONS, &(RecordFilter){.contains = contains}, &page);
    return page.count;
}

static void a_filter_finds_text_of_the_row_and_of_its_turns(void **state)
{
    (void)state;
    support_local_sql(local, "UPDATE sessions SET title = 'Discounts 100%_!' WHERE local_id = 9");
    support_local_sql(local, "UPDATE session_turns SET content = 'VAT of 7%' WHERE session_id = 4 AND "
                             "turn_index = 2");
    assert_int_equal(found(""), SESSIONS);
    assert_int_equal(found("DISCOUNTS"), 1);
    assert_int_equal(found("vat of"), 1);
    assert_int_equal(found("7%"), 1);
    assert_int_equal(found("100%_!"), 1);
    assert_int_equal(found("0_!"), 0);
    assert_int_equal(found("100_"), 0);
    assert_int_equal(found("!"), 1);
    assert_int_equal(found("' OR 1=1 --"), 0);
    assert_int_equal(found("dev_lite"), SESSIONS / 5);
    assert_int_equal(found("ada@castle"), SESSIONS);
    assert_int_equal(found("nowhere to be found"), 0);
}

static void a_session_counts_its_turns(void **state)
{
    (void)state;
    Page page;
    support_local_sql(local, "DELETE FROM session_turns WHERE session_id = 5 AND turn_index > 1");
    list(SYNCED_SESSIONS, &(RecordFilter){.sort = RECORD_TURNS, .order = RECORD_ASCENDING, .limit = 1},
         &page);
    assert_int_equal(page.ids[0], 5);
    assert_int_equal(page.last.value.integer, 1);
}

static void rows_are_counted_up_to_a_bound(void **state)
{
    (void)state;
    int64_t total = 0;
    const SyncedTable *table = &synced_tables[SYNCED_SESSIONS];
    RecordFilter profile = {.match = {{"db_profile", "shop"}}};
    assert_true(record_total(local, table, &(RecordFilter){0}, SESSIONS + 1, &total, NULL));
    assert_int_equal(total, SESSIONS);
    assert_true(record_total(local, table, &(RecordFilter){0}, 10, &total, NULL));
    assert_int_equal(total, 10);
    assert_true(record_total(local, table, &profile, SESSIONS, &total, NULL));
    assert_int_equal(total, SESSIONS / 5 * 4);
    assert_runs_along_an_index("COVERING INDEX sessions_by_profile");
}

static void a_long_search_can_be_interrupted(void **state)
{
    (void)state;
    Page page = {0};
    Error err = {0};
    RecordFilter filter = {.contains = "nowhere to be found", .interruptible = true};
    interrupt_request();
    assert_false(record_list(local, &synced_tables[SYNCED_SESSIONS], &filter, take, &page, &err));
    assert_int_equal(err.kind, ERROR_INTERRUPTED);
    filter.interruptible = false; /* what must be known to finish something is read all the same */
    assert_true(record_list(local, &synced_tables[SYNCED_SESSIONS], &filter, take, &page, &err));
    interrupt_clear();
    assert_int_equal(found("invoices"), 6);
}

/* --- the rows that fill_sessions makes --- */

static void filled_rows_are_as_if_written_one_by_one(void **state)
{
    (void)state;
    assert_string_equal(support_local_text(local, "PRAGMA integrity_check"), "ok");
    assert_string_equal(support_local_text(local, "SELECT count(*) FROM pragma_foreign_key_check"), "0");
    assert_int_equal(support_local_number(local, "SELECT row_version FROM origin"), SESSIONS + TURNS);
    assert_int_equal(support_local_number(local,
                                          "SELECT count(DISTINCT row_version) FROM (SELECT row_version "
                                          "FROM sessions UNION ALL SELECT row_version FROM "
                                          "session_turns)"),
                     SESSIONS + TURNS);
    assert_int_equal(support_local_number(local, "SELECT count(*) FROM session_turns t JOIN origin USING "
                                                 "(origin_id) WHERE t.born_origin = t.origin_id AND "
                                                 "t.created_by = 'ada'"),
                     TURNS);
    assert_int_equal(support_local_number(local, "SELECT max(turn_index) FROM session_turns"),
                     TURNS / SESSIONS);
    int64_t id = support_insert(local, SYNCED_SESSIONS, 0); /* the triggers are back */
    assert_int_equal(id, SESSIONS + 1);
    assert_int_equal(support_local_number(local, "SELECT row_version FROM sessions ORDER BY local_id DESC"),
                     SESSIONS + TURNS + 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(pages_hold_every_row_once_in_both_directions),
        TEST(the_last_active_session_comes_first),
        TEST(every_page_of_a_listing_runs_along_an_index),
        TEST(a_filter_keeps_the_order_of_the_index),
        TEST(an_older_file_gets_the_indexes_when_it_is_written_to),
        TEST(a_filter_finds_text_of_the_row_and_of_its_turns),
        TEST(a_session_counts_its_turns),
        TEST(a_run_stands_where_its_results_stand),
        TEST(a_state_is_found_without_reading_results),
        TEST(results_of_one_database_are_chosen),
        TEST(rows_are_counted_up_to_a_bound),
        TEST(a_long_search_can_be_interrupted),
        TEST(filled_rows_are_as_if_written_one_by_one),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
