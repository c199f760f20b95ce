/* The switch of the dual-write protocol, over SQLite shared stores: rule E, drop-pending, migrate-from-local.
 */
#include "support_store.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "text.h"

static DatabaseTarget target;
static Shared *shared;
static Local *local;

static int set_up(void **state)
{
    (void)state;
    target = (DatabaseTarget){.backend = BACKEND_SQLITE, .path = support_path("shared.db")};
    shared = support_shared(&target, "amx");
    local = support_local(support_path("history.db"), &support_ada);
    support_enable(local, shared);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    local_close(local);
    shared_close(shared);
    return 0;
}

static void assert_shared(const char *sql, const char *expected)
{
    support_assert_value(sql, support_sqlite_value(target.path, sql), expected);
}

static void assert_local(const char *sql, const char *expected)
{
    support_assert_value(sql, support_local_text(local, sql), expected);
}

static int64_t insert(SyncedTableId table, int64_t parent)
{
    return support_insert(local, table, parent);
}

static void spoil(int64_t run)
{
    char *sql =
        text_format("UPDATE runs SET error = CAST(x'66ff' AS TEXT) WHERE local_id = %lld", (long long)run);
    support_local_sql(local, sql);
    free(sql);
}

static void drop(void)
{
    int64_t dropped;
    Error err = {0};
    assert_true(sharing_drop(local, &dropped, &err));
}

static int64_t migrate(void)
{
    int64_t marked = -1;
    Error err = {0};
    assert_true(local_begin(local, &err));
    assert_true(sharing_migrate(local, true, NULL, NULL, &marked, &err));
    assert_true(local_commit(local, &err));
    return marked;
}

static bool enable(const char *store_id, Error *err)
{
    assert_true(local_begin(local, err));
    return local_end(local, sharing_enable(local, store_id, err), err);
}

/* ---- disable, drop
 * ------------------------------------------------------------------------------------------- */

static void the_queue_outlives_a_pause(void **state)
{
    (void)state;
    int64_t run = insert(SYNCED_RUNS, 0);
    assert_true(sharing_disable(local, NULL));
    support_touch(local, SYNCED_RUNS, run);
    assert_int_equal(support_counts(local).queued, 1);
    support_enable(local, shared);
    support_deliver(local, shared);
    assert_shared("SELECT row_version FROM runs", "2");
}

static void dropped_stays_dropped_until_it_is_edited(void **state)
{
    (void)state;
    int64_t run = insert(SYNCED_RUNS, 0);
    insert(SYNCED_RUN_RESULTS, run);
    int64_t spoilt = insert(SYNCED_RUNS, 0);
    spoil(spoilt);
    support_deliver(local, shared);
    support_touch(local, SYNCED_RUNS, run);
    assert_int_equal(support_counts(local).parked, 1);
    drop();
    assert_int_equal(support_counts(local).dropped, 2);
    assert_true(sharing_disable(local, NULL));
    support_enable(local, shared);
    support_deliver(local, shared);
    assert_shared("SELECT group_concat(row_version) FROM runs", "1");
    support_touch(local, SYNCED_RUNS, run);
    assert_int_equal(support_counts(local).dropped, 1);
    support_deliver(local, shared);
    assert_shared("SELECT error FROM runs", "++");
}

static void a_delivery_in_flight_settles_what_was_dropped_meanwhile(void **state)
{
    (void)state;
    insert(SYNCED_RUNS, 0);
    OutboxBatch *batch = support_mint(local, 10);
    drop();
    assert_int_equal(support_send(shared, batch).verdict, SHARED_SENT);
    assert_true(support_acknowledge(local, batch));
    outbox_free(batch);
    assert_int_equal(support_counts(local).dropped, 0);
}

static void a_row_under_a_dropped_one_waits(void **state)
{
    (void)state;
    int64_t run = insert(SYNCED_RUNS, 0);
    insert(SYNCED_RUN_RESULTS, run);
    support_local_sql(local, "UPDATE outbox SET state = 'dropped' WHERE tbl = 'runs'");
    OutboxBatch *batch = support_mint(local, 10);
    assert_int_equal(batch->row_count, 0);
    outbox_free(batch);
    assert_int_equal(support_counts(local).waiting, 1);
    assert_int_equal(migrate(), 1);
    support_deliver(local, shared);
    assert_shared("SELECT count(*) FROM run_results", "1");
}

/* ---- migrate-from-local
 * --------------------------------------------------------------------------------------- */

static void private_families_never_leave(void **state)
{
    (void)state;
    int64_t run = insert(SYNCED_RUNS, 0);
    support_local_sql(local, "UPDATE runs SET local_only = 'private'; DELETE FROM outbox");
    int64_t result = insert(SYNCED_RUN_RESULTS, run);
    insert(SYNCED_APPLY_EVENTS, result);
    support_touch(local, SYNCED_RUNS, run);
    assert_int_equal(migrate(), 0);
    assert_true(sharing_disable(local, NULL));
    support_enable(local, shared);
    support_deliver(local, shared);
    support_delete(local, SYNCED_RUNS, run);
    assert_int_equal(migrate(), 0);
    support_deliver(local, shared);
    assert_shared("SELECT (SELECT count(*) FROM runs) + (SELECT count(*) FROM run_results) + "
                  "(SELECT count(*) FROM apply_events)",
                  "0");
    assert_local("SELECT count(*) FROM outbox", "0");
}

static void what_was_written_while_off_leaves_with_migrate(void **state)
{
    (void)state;
    assert_true(sharing_disable(local, NULL));
    int64_t run = insert(SYNCED_RUNS, 0);
    insert(SYNCED_RUN_RESULTS, run);
    support_touch(local, SYNCED_RUNS, run);
    support_enable(local, shared);
    support_touch(local, SYNCED_RUNS, run);
    support_deliver(local, shared);
    assert_shared("SELECT count(*) FROM runs", "0");
    assert_int_equal(migrate(), 2);
    assert_int_equal(migrate(), 0); /* they are queued already */
    support_deliver(local, shared);
    assert_int_equal(migrate(), 0);
    assert_shared("SELECT (SELECT row_version FROM runs) || ' ' || (SELECT count(*) FROM run_results)",
                  "4 1");
    support_touch(local, SYNCED_RUNS, run); /* from now on it is shared like any other */
    support_deliver(local, shared);
    assert_shared("SELECT row_version FROM runs", "5");
}

static void migrate_takes_back_a_drop_deletes_too(void **state)
{
    (void)state;
    int64_t run = insert(SYNCED_RUNS, 0);
    int64_t session = insert(SYNCED_SESSIONS, 0);
    support_deliver(local, shared);
    support_touch(local, SYNCED_RUNS, run);
    support_delete(local, SYNCED_SESSIONS, session);
    drop();
    assert_int_equal(migrate(), 2);
    support_deliver(local, shared);
    assert_shared(
        "SELECT (SELECT row_version FROM runs) || ' ' || (SELECT deleted_at IS NOT NULL FROM sessions)",
        "3 1");
}

/* ---- another store
 * --------------------------------------------------------------------------------------------- */

static void a_queue_is_never_left_behind(void **state)
{
    (void)state;
    Error err = {0};
    int64_t run = insert(SYNCED_RUNS, 0);
    assert_false(enable("elsewhere", &err));
    assert_int_equal(err.kind, ERROR_GUARD);
    assert_non_null(strstr(err.hint, "flush-pending"));
    assert_non_null(strstr(err.hint, "drop-pending"));
    Sharing sharing;
    assert_true(sharing_read(local, &sharing, NULL));
    assert_string_equal(sharing.store_id, support_store_id(shared));
    assert_true(sharing_disable(local, NULL));
    assert_false(enable("elsewhere", &err));
    spoil(run);
    support_enable(local, shared);
    support_deliver(local, shared);
    assert_int_equal(support_counts(local).parked, 1);
    assert_false(enable("elsewhere", &err));
    drop();
    assert_true(enable("elsewhere", &err));
}

static void going_to_another_store_and_back_loses_nothing(void **state)
{
    (void)state;
    DatabaseTarget other_target = {.backend = BACKEND_SQLITE, .path = support_path("other.db")};
    Shared *other = support_shared(&other_target, "amx");
    int64_t kept = insert(SYNCED_RUNS, 0);
    int64_t gone = insert(SYNCED_RUNS, 0);
    int64_t dropped = insert(SYNCED_SESSIONS, 0);
    support_local_sql(local, "UPDATE outbox SET state = 'dropped' WHERE tbl = 'sessions'");
    support_deliver(local, shared);

    support_enable(local, other);
    assert_int_equal(support_counts(local).queued, 0); /* nothing is pushed to a store that never had it */
    support_touch(local, SYNCED_RUNS, kept);
    support_delete(local, SYNCED_RUNS, gone);
    int64_t result = insert(SYNCED_RUN_RESULTS, kept);
    support_deliver(local, other);
    assert_string_equal(support_sqlite_value(other_target.path,
                                             "SELECT group_concat(local_id || ' ' || row_version) "
                                             "FROM runs"),
                        "1 4");
    assert_shared("SELECT group_concat(row_version) FROM runs", "1,2");

    support_enable(local, shared);
    support_deliver(local, shared);
    assert_shared("SELECT row_version FROM runs WHERE local_id = 1", "4");
    assert_shared("SELECT deleted_at IS NOT NULL FROM runs WHERE local_id = 2", "1");
    assert_shared("SELECT count(*) FROM run_results", "0"); /* never had it */
    assert_shared("SELECT count(*) FROM sessions", "0");
    assert_int_equal(support_counts(local).dropped, 1);
    support_touch(local, SYNCED_RUN_RESULTS, result);
    support_touch(local, SYNCED_SESSIONS, dropped);
    support_deliver(local, shared);
    assert_shared("SELECT (SELECT count(*) FROM run_results) + (SELECT count(*) FROM sessions)", "2");
    shared_close(other);
}

/* A dropped write that was sent once, its outcome unknown: the store may hold the row, so its delete is owed.
 */
static void a_row_that_may_be_there_is_deleted_on_return(void **state)
{
    (void)state;
    int64_t sent = insert(SYNCED_RUNS, 0);
    OutboxBatch *batch = support_mint(local, 10);
    assert_int_equal(support_send(shared, batch).verdict, SHARED_SENT);
    outbox_free(batch);
    int64_t unsent = insert(SYNCED_RUNS, 0);
    drop();
    Error err = {0};
    assert_true(enable("elsewhere", &err));
    support_delete(local, SYNCED_RUNS, sent);
    support_delete(local, SYNCED_RUNS, unsent);
    drop();
    support_enable(local, shared);
    assert_int_equal(support_counts(local).queued, 1);
    assert_int_equal(support_counts(local).dropped, 0);
    support_deliver(local, shared);
    assert_shared("SELECT group_concat(local_id || ' ' || (deleted_at IS NOT NULL)) FROM runs", "1 1");
}

typedef struct Told {
    int64_t first;
    int64_t last;
    int64_t total;
    int count;
    bool stop; /* somebody presses ^C when they see it */
} Told;

static void hear(void *context, int64_t done, int64_t total)
{
    Told *told = context;
    assert_true(done >= told->last && done <= total);
    told->first = told->count++ == 0 ? done : told->first;
    told->last = done;
    told->total = total;
    if (told->stop) {
        interrupt_request();
    }
}

/* Runs that were written while sharing was off. */
static void write_while_off(int runs)
{
    Error err = {0};
    assert_true(sharing_disable(local, NULL));
    assert_true(local_begin(local, &err));
    for (int i = 0; i < runs; i++) {
        insert(SYNCED_RUNS, 0);
    }
    assert_true(local_commit(local, &err));
    support_enable(local, shared);
}

static void migrate_tells_how_far_it_is_from_none_to_all(void **state)
{
    (void)state;
    int64_t marked = 0;
    Told told = {.first = -1};
    Error err = {0};
    write_while_off(2500);
    assert_true(local_begin(local, &err));
    assert_true(local_end(local, sharing_migrate(local, true, hear, &told, &marked, &err), &err));
    assert_int_equal(marked, 2500);
    assert_int_equal(told.first, 0);
    assert_int_equal(told.last, told.total);
    assert_true(told.total >= 2500);
    assert_true(told.count > 1 + SYNCED_TABLE_COUNT); /* also in the middle of a table */
}

static void an_interrupted_migrate_marks_nothing(void **state)
{
    (void)state;
    int64_t marked = 0;
    Told told = {.stop = true};
    Error err = {0};
    write_while_off(300);
    assert_true(local_begin(local, &err));
    assert_false(sharing_migrate(local, true, hear, &told, &marked, &err));
    interrupt_clear();
    local_rollback(local);
    assert_int_equal(err.kind, ERROR_INTERRUPTED);
    assert_int_equal(support_counts(local).queued, 0);
    assert_int_equal(migrate(), 300);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_queue_outlives_a_pause),
        TEST(dropped_stays_dropped_until_it_is_edited),
        TEST(a_delivery_in_flight_settles_what_was_dropped_meanwhile),
        TEST(a_row_under_a_dropped_one_waits),
        TEST(private_families_never_leave),
        TEST(what_was_written_while_off_leaves_with_migrate),
        TEST(migrate_takes_back_a_drop_deletes_too),
        TEST(a_queue_is_never_left_behind),
        TEST(going_to_another_store_and_back_loses_nothing),
        TEST(a_row_that_may_be_there_is_deleted_on_return),
        TEST(migrate_tells_how_far_it_is_from_none_to_all),
        TEST(an_interrupted_migrate_marks_nothing),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
