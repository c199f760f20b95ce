/* Rule J: copies and restored backups of history.db, and stores that go back in time. */
#include "support_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doubt.h"
#include "memory.h"
#include "sharing.h"
#include "text.h"

#define EVERYTHING 1000

static DatabaseTarget target;
static Shared *shared;
static const char *path;
static Local *local;

static int set_up(void **state)
{
    (void)state;
    target = (DatabaseTarget){.backend = BACKEND_SQLITE, .path = support_path("shared.db")};
    path = support_path("history.db");
    shared = support_shared(&target, "amx");
    local = support_local(path, &support_ada);
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

static void copy_file(const char *from, const char *to)
{
    FILE *in = fopen(from, "rb");
    FILE *out = fopen(to, "wb");
    char block[4096];
    size_t length;
    assert_non_null(in);
    assert_non_null(out);
    while ((length = fread(block, 1, sizeof block, in)) > 0) {
        assert_int_equal(fwrite(block, 1, length, out), length);
    }
    fclose(in);
    assert_int_equal(fclose(out), 0);
}

/* A copy of a file as it is now. */
static const char *backup(const char *file)
{
    const char *copy = support_path("backup.db");
    copy_file(file, copy);
    return copy;
}

static void restore_store(const char *copy)
{
    shared_close(shared);
    copy_file(copy, target.path);
    shared = support_shared(&target, "amx");
}

static void restore_file(const char *copy)
{
    local_close(local);
    copy_file(copy, path);
    local = support_local(path, &support_ada);
}

static void assert_shared(const char *sql, const char *expected)
{
    support_assert_value(sql, support_sqlite_value(target.path, sql), expected);
}

/* A delivery meets a strange token, and the doubt is judged. */
static DoubtFinding judge(void)
{
    DoubtFinding finding;
    Error err = {0};
    OutboxBatch *batch = support_mint(local, EVERYTHING);
    assert_int_equal(support_send(shared, batch).verdict, SHARED_STRANGE);
    if (!doubt_judge(local, batch, shared, DEADLINE_NONE, &finding, &err)) {
        fail_msg("%s", err.message);
    }
    outbox_free(batch);
    return finding;
}

static void a_store_that_went_back_gets_what_it_lacks(void **state)
{
    (void)state;
    int64_t run = support_insert(local, SYNCED_RUNS, 0);
    support_deliver(local, shared);
    const char *old = backup(target.path);
    support_touch(local, SYNCED_RUNS, run);
    int64_t result = support_insert(local, SYNCED_RUN_RESULTS, run);
    support_insert(local, SYNCED_APPLY_EVENTS, result);
    support_deliver(local, shared);
    restore_store(old);
    DoubtFinding finding = judge();
    assert_int_equal(finding.verdict, DOUBT_STORE_WENT_BACK);
    assert_int_equal(finding.marked, 3);
    support_deliver(local, shared);
    assert_int_equal(support_counts(local).queued, 0);
    assert_shared("SELECT count(*) || ' ' || max(row_version) FROM runs", "1 2");
    assert_shared("SELECT count(*) FROM run_results", "1");
    assert_shared("SELECT count(*) FROM apply_events", "1");
    assert_shared("SELECT count(*) FROM origins", "1");
    assert_string_equal(support_local_text(local, "SELECT kind FROM app_events"), "origin change");
}

static void a_store_that_lost_the_origin_gets_all_of_it(void **state)
{
    (void)state;
    const char *empty = backup(target.path);
    support_insert(local, SYNCED_RUN_RESULTS, support_insert(local, SYNCED_RUNS, 0));
    support_deliver(local, shared);
    restore_store(empty);
    assert_int_equal(judge().verdict, DOUBT_STORE_WENT_BACK);
    support_deliver(local, shared);
    assert_shared("SELECT (SELECT count(*) FROM runs) || ' ' || (SELECT count(*) FROM run_results)", "1 1");
}

static void a_delete_that_the_store_lost_is_sent_again(void **state)
{
    (void)state;
    int64_t run = support_insert(local, SYNCED_RUNS, 0);
    support_deliver(local, shared);
    const char *old = backup(target.path);
    support_delete(local, SYNCED_RUNS, run);
    support_deliver(local, shared);
    restore_store(old);
    assert_shared("SELECT count(*) FROM runs WHERE deleted_at IS NULL", "1");
    assert_int_equal(judge().verdict, DOUBT_STORE_WENT_BACK);
    support_deliver(local, shared);
    assert_shared("SELECT count(*) FROM runs WHERE deleted_at IS NULL", "0");
}

static void what_was_dropped_stays_dropped_and_nothing_new_is_pushed(void **state)
{
    (void)state;
    int64_t dropped = 0;
    int64_t run = support_insert(local, SYNCED_RUNS, 0);
    support_deliver(local, shared);
    const char *old = backup(target.path);
    support_insert(local, SYNCED_SESSIONS, 0);
    support_deliver(local, shared); /* moves the token on */
    support_touch(local, SYNCED_RUNS, run);
    support_insert(local, SYNCED_RUNS, 0);
    assert_true(sharing_drop(local, &dropped, NULL));
    assert_int_equal(dropped, 2);
    restore_store(old);
    assert_int_equal(judge().verdict, DOUBT_STORE_WENT_BACK);
    support_deliver(local, shared);
    assert_int_equal(support_counts(local).dropped, 2);
    assert_shared("SELECT count(*) || ' ' || max(row_version) FROM runs", "1 1");
    assert_shared("SELECT count(*) FROM sessions", "1");
}

static void a_restored_file_becomes_a_new_origin_as_a_whole(void **state)
{
    (void)state;
    int64_t run = support_insert(local, SYNCED_RUNS, 0);
    support_insert(local, SYNCED_RUN_RESULTS, run);
    support_deliver(local, shared);
    const char *old = backup(path);
    char *first = memory_string(local_origin(local));
    support_touch(local, SYNCED_RUNS, run);
    support_deliver(local, shared);
    restore_file(old);
    support_insert(local, SYNCED_SESSIONS, 0);
    DoubtFinding finding = judge();
    assert_int_equal(finding.verdict, DOUBT_FILE_IS_COPY);
    assert_int_equal(finding.marked, 2);
    assert_string_equal(finding.old_origin, first);
    assert_string_equal(local_origin(local), finding.new_origin);
    assert_string_not_equal(first, finding.new_origin);
    support_deliver(local, shared);
    assert_int_equal(support_counts(local).queued, 0);
    /* the old origin's rows are untouched, the new ones are the restored state, under their own names */
    assert_shared(
        "SELECT group_concat(row_version, ' ') FROM (SELECT row_version FROM runs ORDER BY row_version)",
        "1 3");
    assert_shared("SELECT count(DISTINCT created_by || hostname || created_at) FROM runs", "1");
    assert_shared("SELECT count(*) FROM runs WHERE born_origin = origin_id", "1");
    assert_shared("SELECT count(DISTINCT born_origin) FROM runs", "1");
    assert_shared("SELECT count(*) FROM run_results", "2");
    free(first);
}

static void count_row(void *context, const SyncedTable *table, const Value *values)
{
    (void)table;
    (void)values;
    (*(int *)context)++;
}

static int listed(const RecordFilter *filter)
{
    int count = 0;
    assert_true(
        shared_list(shared, &synced_tables[SYNCED_RUNS], filter, DEADLINE_NONE, count_row, &count, NULL));
    return count;
}

static void listings_show_a_republished_row_once(void **state)
{
    (void)state;
    int64_t run = support_insert(local, SYNCED_RUNS, 0);
    support_deliver(local, shared);
    const char *copy = backup(path);
    support_insert(local, SYNCED_SESSIONS, 0);
    support_deliver(local, shared);
    restore_file(copy);
    support_insert(local, SYNCED_SESSIONS, 0);
    assert_int_equal(judge().verdict, DOUBT_FILE_IS_COPY);
    support_deliver(local, shared);
    assert_shared("SELECT count(*) FROM runs", "2");
    assert_int_equal(listed(&(RecordFilter){0}), 1);
    assert_int_equal(listed(&(RecordFilter){.origin = local_origin(local)}), 1);
    /* edited since, it is a row of its own */
    support_touch(local, SYNCED_RUNS, run);
    support_deliver(local, shared);
    assert_int_equal(listed(&(RecordFilter){0}), 2);
}

static void deletes_that_reach_no_row_any_more_are_listed(void **state)
{
    (void)state;
    int64_t run = support_insert(local, SYNCED_RUNS, 0);
    support_deliver(local, shared);
    const char *copy = backup(path);
    support_insert(local, SYNCED_SESSIONS, 0);
    support_deliver(local, shared);
    restore_file(copy);
    support_delete(local, SYNCED_RUNS, run);
    DoubtFinding finding = judge();
    assert_int_equal(finding.verdict, DOUBT_FILE_IS_COPY);
    assert_int_equal(finding.unwithdrawn, 1);
    const char *detail =
        support_local_text(local, "SELECT detail FROM app_events WHERE kind = 'origin change'");
    assert_non_null(strstr(detail, "\"table\":\"runs\""));
    support_deliver(local, shared);
    assert_int_equal(support_counts(local).queued, 0);
    assert_shared("SELECT count(*) FROM runs WHERE deleted_at IS NULL", "1");
}

static void another_delivery_of_this_file_is_no_doubt(void **state)
{
    (void)state;
    support_insert(local, SYNCED_RUNS, 0);
    OutboxBatch *late = support_mint(local, EVERYTHING);
    support_deliver(local, shared);
    assert_int_equal(support_send(shared, late).verdict, SHARED_STRANGE);
    DoubtFinding finding;
    assert_true(doubt_judge(local, late, shared, DEADLINE_NONE, &finding, NULL));
    assert_int_equal(finding.verdict, DOUBT_TRY_AGAIN);
    assert_int_equal(support_local_number(local, "SELECT count(*) FROM app_events"), 0);
    outbox_free(late);
}

/* Two deliveries of a restored file meet the strange token; only the first may make a new origin of it. */
static void a_doubt_is_judged_once(void **state)
{
    (void)state;
    support_insert(local, SYNCED_RUNS, 0);
    support_deliver(local, shared);
    const char *copy = backup(path);
    support_insert(local, SYNCED_SESSIONS, 0);
    support_deliver(local, shared);
    restore_file(copy);
    support_insert(local, SYNCED_SESSIONS, 0);
    OutboxBatch *other = support_mint(local, EVERYTHING);
    DoubtFinding first = judge();
    assert_int_equal(first.verdict, DOUBT_FILE_IS_COPY);
    assert_int_equal(support_send(shared, other).verdict, SHARED_STRANGE);
    DoubtFinding second;
    assert_true(doubt_judge(local, other, shared, DEADLINE_NONE, &second, NULL));
    assert_int_equal(second.verdict, DOUBT_TRY_AGAIN);
    assert_string_equal(local_origin(local), first.new_origin);
    outbox_free(other);
}

static void private_rows_stay_private_through_a_doubt(void **state)
{
    (void)state;
    support_insert(local, SYNCED_RUNS, 0);
    support_local_sql(
        local, "INSERT INTO sessions(db_profile, fingerprint, title, started, last_active, local_only) "
               "VALUES ('p', 'f', 'secret', '2026-01-01', '2026-01-01', 'private')");
    support_deliver(local, shared);
    const char *copy = backup(path);
    support_insert(local, SYNCED_RUNS, 0);
    support_deliver(local, shared);
    restore_file(copy);
    support_insert(local, SYNCED_RUNS, 0);
    assert_int_equal(judge().verdict, DOUBT_FILE_IS_COPY);
    support_deliver(local, shared);
    assert_shared("SELECT count(*) FROM sessions", "0");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_store_that_went_back_gets_what_it_lacks),
        TEST(a_store_that_lost_the_origin_gets_all_of_it),
        TEST(a_delete_that_the_store_lost_is_sent_again),
        TEST(what_was_dropped_stays_dropped_and_nothing_new_is_pushed),
        TEST(a_restored_file_becomes_a_new_origin_as_a_whole),
        TEST(listings_show_a_republished_row_once),
        TEST(deletes_that_reach_no_row_any_more_are_listed),
        TEST(another_delivery_of_this_file_is_no_doubt),
        TEST(a_doubt_is_judged_once),
        TEST(private_rows_stay_private_through_a_doubt),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
