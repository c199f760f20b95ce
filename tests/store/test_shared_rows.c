/* The rows of every shared store, over PostgreSQL and over a SQLite file: what is written there, and read
 * back. */
#include "both_stores.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "text.h"

#define EVERYTHING 1000

/* ---- writing
 * -------------------------------------------------------------------------------------------------- */

static void a_strange_token_is_told(void **state)
{
    (void)state;
    Shared *shared = both_enabled();
    support_insert(both.local, SYNCED_RUNS, 0);
    support_deliver(both.local, shared);
    (void)both_seen("UPDATE @origins SET token = 'a copy was here'");
    support_insert(both.local, SYNCED_RUNS, 0);
    OutboxBatch *batch = support_mint(both.local, EVERYTHING);
    SharedAnswer answer = support_send(shared, batch);
    assert_int_equal(answer.verdict, SHARED_STRANGE);
    assert_string_equal(answer.token, "a copy was here");
    outbox_free(batch);
    both_assert_seen("SELECT count(*) FROM @runs", "1");
    shared_close(shared);
}

static void sending_again_changes_nothing(void **state)
{
    (void)state;
    Shared *shared = both_enabled();
    int64_t run = support_insert(both.local, SYNCED_RUNS, 0);
    support_insert(both.local, SYNCED_RUN_RESULTS, run);
    OutboxBatch *lost = support_mint(both.local, EVERYTHING);
    assert_int_equal(support_send(shared, lost).verdict, SHARED_SENT);
    (void)both_seen("UPDATE @runs SET error = 'untouched'"); /* shows whether the second sending writes */
    support_deliver(both.local, shared);
    outbox_free(lost);
    both_assert_seen("SELECT error || row_version FROM @runs", "untouched1");
    both_assert_seen("SELECT (SELECT count(*) FROM @runs) + (SELECT count(*) FROM @run_results)", "2");
    shared_close(shared);
}

static void only_a_newer_version_is_written(void **state)
{
    (void)state;
    Shared *shared = both_enabled();
    int64_t run = support_insert(both.local, SYNCED_RUNS, 0);
    support_deliver(both.local, shared);
    support_touch(both.local, SYNCED_RUNS, run);
    support_deliver(both.local, shared);
    both_assert_seen("SELECT error || row_version FROM @runs", "+2");
    (void)both_seen("UPDATE @runs SET row_version = 99");
    support_touch(both.local, SYNCED_RUNS, run);
    support_deliver(both.local, shared);
    both_assert_seen("SELECT error || row_version FROM @runs", "+99");
    assert_int_equal(support_counts(both.local).queued, 0);
    shared_close(shared);
}

static void a_delete_empties_the_row(void **state)
{
    (void)state;
    Shared *shared = both_enabled();
    for (int t = 0; t < SYNCED_TABLE_COUNT; t++) {
        support_insert(both.local, (SyncedTableId)t, 1);
    }
    support_deliver(both.local, shared);
    support_delete(both.local, SYNCED_RUNS, 1);
    support_delete(both.local, SYNCED_SESSIONS, 1);
    support_delete(both.local, SYNCED_APP_EVENTS, 1);
    support_deliver(both.local, shared);
    assert_int_equal(support_counts(both.local).queued, 0);
    for (int t = 0; t < SYNCED_TABLE_COUNT; t++) {
        const SyncedTable *table = &synced_tables[t];
        Text sql = {0};
        text_addf(&sql,
                  "SELECT count(*) FROM @%s WHERE deleted_at IS NOT NULL AND updated_at = deleted_at "
                  "AND created_by = 'ada'",
                  table->name);
        for (size_t i = 0; i < table->column_count; i++) {
            bool parent = text_equal(table->columns[i].name, table->parent_column);
            text_addf(&sql, " AND %s IS %s", table->columns[i].name, parent ? "NOT NULL" : "NULL");
        }
        both_assert_seen(text_string(&sql), "1");
        text_free(&sql);
    }
    shared_close(shared);
}

static void deletes_never_insert(void **state)
{
    (void)state;
    Shared *shared = both_enabled();
    support_delete(both.local, SYNCED_SESSIONS, support_insert(both.local, SYNCED_SESSIONS, 0));
    support_deliver(both.local, shared);
    both_assert_seen("SELECT count(*) FROM @sessions", "0");
    shared_close(shared);
}

static void what_no_store_can_hold_is_parked(void **state)
{
    (void)state;
    Shared *shared = both_enabled();
    for (int i = 0; i < 20; i++) {
        support_insert(both.local, SYNCED_RUNS, 0);
    }
    support_local_sql(both.local, "UPDATE runs SET error = CAST(x'e28228' AS TEXT) WHERE local_id = 3;"
                                  "UPDATE runs SET error = CAST(x'610062' AS TEXT) WHERE local_id = 7;"
                                  "UPDATE runs SET planned = 'many' WHERE local_id = 8;");
    OutboxBatch *batch = support_mint(both.local, EVERYTHING);
    assert_int_equal(support_send(shared, batch).refused, 3);
    assert_true(support_acknowledge(both.local, batch));
    outbox_free(batch);
    both_assert_seen("SELECT count(*) FROM @runs", "17");
    assert_int_equal(support_counts(both.local).parked, 3);
    assert_int_equal(support_local_number(both.local, "SELECT count(*) FROM outbox WHERE state = 'parked' "
                                                      "AND last_error <> '' AND local_id IN (3, 7, 8)"),
                     3);
    shared_close(shared);
}

static void a_row_without_its_parent_waits(void **state)
{
    (void)state;
    Shared *shared = both_enabled();
    int64_t run = support_insert(both.local, SYNCED_RUNS, 0);
    support_deliver(both.local, shared);
    support_insert(both.local, SYNCED_RUN_RESULTS, run);
    support_insert(both.local, SYNCED_SESSIONS, 0);
    (void)both_seen("DELETE FROM @runs"); /* the store lost it, and nobody noticed yet */
    OutboxBatch *batch = support_mint(both.local, EVERYTHING);
    SharedAnswer answer = support_send(shared, batch);
    assert_int_equal(answer.verdict, SHARED_SENT);
    assert_int_equal(answer.refused, 0);
    assert_int_equal(batch->rows[0].result, OUTBOX_WAITS);
    assert_int_equal(batch->rows[1].result, OUTBOX_CONFIRMED);
    assert_true(support_acknowledge(both.local, batch));
    outbox_free(batch);
    assert_int_equal(support_counts(both.local).queued, 1);
    both_assert_seen("SELECT count(*) FROM @sessions", "1");
    shared_close(shared);
}

static void nobody_writes_without_saying_who(void **state)
{
    (void)state;
    static const char *const columns[] = {"created_by", "hostname", "client_version", "local_id"};
    Shared *shared = both_enabled();
    for (int t = 0; t < SYNCED_TABLE_COUNT; t++) {
        support_insert(both.local, (SyncedTableId)t, 1);
    }
    support_deliver(both.local, shared);
    shared_close(shared);
    for (int t = 0; t < SYNCED_TABLE_COUNT; t++) {
        for (size_t c = 0; c < sizeof columns / sizeof *columns; c++) {
            Text names = {0};
            Text values = {0};
            for (size_t i = 0; i < synced_width(&synced_tables[t]); i++) {
                const char *name = synced_column(&synced_tables[t], i)->name;
                if (strcmp(name, columns[c]) != 0) {
                    text_addf(&names, "%s%s", names.length ? ", " : "", name);
                    text_addf(&values, "%s%s", values.length ? ", " : "",
                              strcmp(name, "local_id") == 0 ? "local_id + 100" : name);
                }
            }
            char *sql = text_format("INSERT INTO @%s(%s) SELECT %s FROM @%s", synced_tables[t].name,
                                    text_string(&names), text_string(&values), synced_tables[t].name);
            both_assert_refused(sql, "23502");
            free(sql);
            text_free(&names);
            text_free(&values);
        }
    }
}

/* ---- reading
 * ---------------------------------------------------------------------------------------------------- */

static const char hostile[] =
    "'; DROP TABLE runs; -- \" \\ \\x41 $1 {NULL} \"NULL\" %s \n\t\r \x1b[2J \x01\x7f "
    "\xe2\x80\xae \xef\xbb\xbf \xf0\x9f\x90\x98 \xcc\x81 \xc2\x85";

static void keep_text(void *context, const SyncedTable *table, const Value *values)
{
    char **texts = context;
    texts[0] = memory_string(record_text(table, values, "content"));
    texts[1] = memory_string(record_text(table, values, "citations"));
    texts[2] = memory_string(record_text(table, values, "created_at"));
}

static void hostile_text_comes_back_byte_for_byte(void **state)
{
    (void)state;
    Shared *shared = both_enabled();
    int64_t session = support_insert(both.local, SYNCED_SESSIONS, 0);
    support_insert(both.local, SYNCED_SESSION_TURNS, session);
    char *doubled = memory_zero(1, sizeof hostile * 2);
    for (size_t i = 0, j = 0; hostile[i]; i++) {
        doubled[j++] = hostile[i];
        if (hostile[i] == '\'') {
            doubled[j++] = '\'';
        }
    }
    char *sql =
        text_format("UPDATE session_turns SET content = '%s', citations = '[\"\\u202e\",1.5]'", doubled);
    support_local_sql(both.local, sql);
    free(sql);
    free(doubled);
    support_deliver(both.local, shared);
    char *texts[3] = {NULL};
    RecordFilter filter = {.parent = session};
    assert_true(shared_list(shared, &synced_tables[SYNCED_SESSION_TURNS], &filter, both_patience(), keep_text,
                            texts, NULL));
    assert_string_equal(texts[0], hostile);
    assert_true(texts[1] && strstr(texts[1], "1.5"));
    assert_string_equal(texts[2], support_local_text(both.local, "SELECT created_at FROM session_turns"));
    for (size_t i = 0; i < 3; i++) {
        free(texts[i]);
    }
    shared_close(shared);
}

static void keep_id(void *context, const SyncedTable *table, const Value *values)
{
    text_addf(context, "%lld ", (long long)record_int(table, values, "local_id"));
}

static void assert_listed(Shared *shared, SyncedTableId table, const RecordFilter *filter,
                          const char *expected)
{
    Text ids = {0};
    Error err = {0};
    if (!shared_list(shared, &synced_tables[table], filter, both_patience(), keep_id, &ids, &err)) {
        fail_msg("%s", err.message);
    }
    assert_string_equal(text_string(&ids), expected);
    text_free(&ids);
}

static void listings_filter_and_order(void **state)
{
    (void)state;
    Shared *shared = both_enabled();
    for (int i = 0; i < 4; i++) {
        support_insert(both.local, SYNCED_RUNS, 0);
        support_insert(both.local, SYNCED_RUN_RESULTS, 1);
    }
    support_local_sql(
        both.local, "UPDATE runs SET started = printf('2026-01-0%d', (local_id * 3) % 5) || 'T10:00:00.000Z';"
                    "UPDATE runs SET scope = 'public' WHERE local_id IN (1, 2, 3);"
                    "UPDATE runs SET error = 'stopped' WHERE local_id IN (3, 4)");
    Local *other = support_local(support_path("history.db"), &support_bob);
    support_enable(other, shared);
    support_insert(other, SYNCED_RUNS, 0);
    support_local_sql(other, "UPDATE runs SET started = '2026-01-09T10:00:00.000Z'");
    support_deliver(both.local, shared);
    support_deliver(other, shared);
    RecordFilter all = {0};
    RecordFilter limited = {.limit = 2};
    RecordFilter ada = {.who = "ada", .host = "castle"};
    RecordFilter bob = {.who = "bob"};
    RecordFilter origin = {.origin = local_origin(both.local), .local_id = 2};
    RecordFilter public_scope = {.match = {{"scope", "public"}, {"error", NULL}}};
    RecordFilter future = {.since = "2999-01-01T00:00:00.000Z"};
    RecordFilter past = {.who = "ada", .since = "2001-01-01T00:00:00.000Z"};
    RecordFilter under = {.parent = 1};
    RecordFilter nowhere = {.parent = 2};
    assert_listed(shared, SYNCED_RUNS, &all, "1 3 1 4 2 "); /* started on the 9th, 4th, 3rd, 2nd, 1st */
    assert_listed(shared, SYNCED_RUNS, &limited, "1 3 ");
    assert_listed(shared, SYNCED_RUNS, &ada, "3 1 4 2 ");
    assert_listed(shared, SYNCED_RUNS, &bob, "1 ");
    assert_listed(shared, SYNCED_RUNS, &origin, "2 ");
    assert_listed(shared, SYNCED_RUNS, &public_scope, "1 2 ");
    assert_listed(shared, SYNCED_RUNS, &future, "");
    assert_listed(shared, SYNCED_RUNS, &past, "3 1 4 2 ");
    assert_listed(shared, SYNCED_RUN_RESULTS, &under, "1 2 3 4 ");
    assert_listed(shared, SYNCED_RUN_RESULTS, &nowhere, "");
    support_delete(both.local, SYNCED_RUNS, 3);
    support_deliver(both.local, shared);
    assert_listed(shared, SYNCED_RUNS, &ada, "1 4 2 ");
    local_close(other);
    shared_close(shared);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, both_set_up, both_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_strange_token_is_told),
        TEST(sending_again_changes_nothing),
        TEST(only_a_newer_version_is_written),
        TEST(a_delete_empties_the_row),
        TEST(deletes_never_insert),
        TEST(what_no_store_can_hold_is_parked),
        TEST(a_row_without_its_parent_waits),
        TEST(nobody_writes_without_saying_who),
        TEST(hostile_text_comes_back_byte_for_byte),
        TEST(listings_filter_and_order),
    };
    both.backend = BACKEND_SQLITE;
    int failed = cmocka_run_group_tests_name("sqlite", tests, NULL, NULL);
    both.backend = BACKEND_POSTGRESQL;
    failed += cmocka_run_group_tests_name("postgresql", tests, NULL, NULL);
    return support_cleanup(failed);
}
