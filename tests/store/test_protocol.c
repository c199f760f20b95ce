/* The dual-write protocol over a SQLite shared store, its three steps taken by hand: rules D1, D2, D3. */
#include "support_store.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "text.h"

#define EVERYTHING 1000

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

/* "runs 1, run_results 1-": what a batch holds, deletes with a minus. */
static void assert_batch(const OutboxBatch *batch, const char *expected)
{
    Text text = {0};
    for (size_t i = 0; i < batch->row_count; i++) {
        text_addf(&text, "%s%s %lld%s", i ? ", " : "", batch->rows[i].table->name,
                  (long long)batch->rows[i].local_id, batch->rows[i].erase ? "-" : "");
    }
    assert_string_equal(text_string(&text), expected);
    text_free(&text);
}

static void spoil(int64_t run)
{
    char *sql =
        text_format("UPDATE runs SET error = CAST(x'66ff' AS TEXT) WHERE local_id = %lld", (long long)run);
    support_local_sql(local, sql);
    free(sql);
}

static void mend(int64_t run)
{
    char *sql = text_format("UPDATE runs SET error = 'mended' WHERE local_id = %lld", (long long)run);
    support_local_sql(local, sql);
    free(sql);
}

/* ---- D1: what goes first
 * ----------------------------------------------------------------------------------- */

static void ancestors_go_first(void **state)
{
    (void)state;
    int64_t run = insert(SYNCED_RUNS, 0);
    int64_t result = insert(SYNCED_RUN_RESULTS, run);
    insert(SYNCED_APPLY_EVENTS, result);
    /* the child has the first position */
    support_local_sql(local, "UPDATE outbox SET position = position + 10 WHERE tbl <> 'apply_events'");
    OutboxBatch *batch = support_mint(local, EVERYTHING);
    assert_batch(batch, "runs 1, run_results 1, apply_events 1");
    outbox_free(batch);
}

static void ancestors_without_a_mark_are_marked(void **state)
{
    (void)state;
    int64_t run = insert(SYNCED_RUNS, 0);
    support_local_sql(local, "DELETE FROM outbox");
    insert(SYNCED_RUN_RESULTS, run);
    OutboxBatch *batch = support_mint(local, EVERYTHING);
    assert_batch(batch, "runs 1, run_results 1");
    assert_int_equal(support_send(shared, batch).verdict, SHARED_SENT);
    assert_true(support_acknowledge(local, batch));
    outbox_free(batch);
    assert_int_equal(support_counts(local).queued, 0);
}

static void delivered_ancestors_stay_at_home(void **state)
{
    (void)state;
    int64_t run = insert(SYNCED_RUNS, 0);
    support_deliver(local, shared);
    insert(SYNCED_RUN_RESULTS, run);
    OutboxBatch *batch = support_mint(local, EVERYTHING);
    assert_batch(batch, "run_results 1");
    outbox_free(batch);
}

static void deletes_of_children_go_first(void **state)
{
    (void)state;
    int64_t run = insert(SYNCED_RUNS, 0);
    int64_t result = insert(SYNCED_RUN_RESULTS, run);
    insert(SYNCED_APPLY_EVENTS, result);
    support_deliver(local, shared);
    support_delete(local, SYNCED_RUNS, run);
    support_local_sql(local, "UPDATE outbox SET position = position + 10 WHERE tbl <> 'runs'");
    OutboxBatch *batch = support_mint(local, EVERYTHING);
    assert_batch(batch, "apply_events 1-, run_results 1-, runs 1-");
    outbox_free(batch);
}

static void a_small_batch_keeps_the_order(void **state)
{
    (void)state;
    int64_t run = insert(SYNCED_RUNS, 0);
    int64_t result = insert(SYNCED_RUN_RESULTS, run);
    insert(SYNCED_APPLY_EVENTS, result);
    insert(SYNCED_SESSIONS, 0);
    support_local_sql(local, "UPDATE outbox SET position = position + 10 WHERE tbl <> 'apply_events'");
    static const char *const expected[] = {"runs 1", "run_results 1", "apply_events 1", "sessions 1", ""};
    for (size_t i = 0; i < 5; i++) {
        OutboxBatch *batch = support_mint(local, 1);
        assert_batch(batch, expected[i]);
        assert_int_equal(support_send(shared, batch).verdict, SHARED_SENT);
        assert_int_equal(support_acknowledge(local, batch), batch->row_count > 0);
        outbox_free(batch);
    }
}

static void a_batch_is_limited_by_bytes(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++) {
        insert(SYNCED_SESSIONS, 0);
    }
    support_local_sql(local, "UPDATE sessions SET title = printf('%.*c', 100000, 'x')");
    OutboxBatch *batch = NULL;
    assert_true(outbox_mint(local, (OutboxLimit){EVERYTHING, 250000}, &batch, NULL));
    assert_int_equal(batch->row_count, 3);
    outbox_free(batch);
    assert_true(outbox_mint(local, (OutboxLimit){EVERYTHING, 1}, &batch, NULL));
    assert_int_equal(batch->row_count, 1);
    outbox_free(batch);
}

static void nothing_queued_only_looks(void **state)
{
    (void)state;
    OutboxBatch *batch = support_mint(local, EVERYTHING);
    assert_int_equal(batch->row_count, 0);
    assert_string_equal(batch->token, "");
    assert_int_equal(support_send(shared, batch).verdict, SHARED_SENT);
    assert_false(support_acknowledge(local, batch));
    outbox_free(batch);
    assert_shared("SELECT count(*) FROM origins", "0");
    assert_local("SELECT count(*) FROM tokens", "0");
}

static void sharing_that_is_off_mints_nothing(void **state)
{
    (void)state;
    insert(SYNCED_RUNS, 0);
    assert_true(sharing_disable(local, NULL));
    OutboxBatch *batch = NULL;
    Error err = {0};
    assert_false(outbox_mint(local, (OutboxLimit){EVERYTHING, 1000}, &batch, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_int_equal(support_counts(local).queued, 1);
}

/* ---- D2 and D3
 * ------------------------------------------------------------------------------------------------ */

static void every_kind_of_row_arrives_as_it_is(void **state)
{
    (void)state;
    for (int t = 0; t < SYNCED_TABLE_COUNT; t++) {
        insert((SyncedTableId)t, 1);
    }
    support_deliver(local, shared);
    for (int t = 0; t < SYNCED_TABLE_COUNT; t++) {
        Text columns = {0};
        for (size_t i = 0; i < synced_width(&synced_tables[t]); i++) {
            text_addf(&columns, "%s%s", i ? ", " : "", synced_column(&synced_tables[t], i)->name);
        }
        char *sql = text_format("ATTACH '%s' AS h; SELECT count(*) FROM (SELECT %s FROM main.%s INTERSECT "
                                "SELECT %s FROM h.%s)",
                                local_path(local), text_string(&columns), synced_tables[t].name,
                                text_string(&columns), synced_tables[t].name);
        assert_shared(sql, "1");
        free(sql);
        text_free(&columns);
    }
    assert_shared("SELECT created_by || hostname || client_version FROM origins", "adacastle9.8.7");
}

static void an_edit_in_flight_is_sent_next(void **state)
{
    (void)state;
    int64_t run = insert(SYNCED_RUNS, 0);
    insert(SYNCED_SESSIONS, 0);
    OutboxBatch *batch = support_mint(local, 1);
    support_touch(local, SYNCED_RUNS, run);
    assert_int_equal(support_send(shared, batch).verdict, SHARED_SENT);
    assert_shared("SELECT row_version || ifnull(error, '-') FROM runs", "1-"); /* as it was when minted */
    assert_true(support_acknowledge(local, batch));
    outbox_free(batch);
    assert_int_equal(support_counts(local).queued, 2);
    batch = support_mint(local, EVERYTHING);
    assert_batch(batch, "sessions 1, runs 1"); /* at the tail */
    outbox_free(batch);
    support_deliver(local, shared);
    assert_shared("SELECT row_version || error FROM runs", "3+");
}

static void a_lost_reply_does_no_harm(void **state)
{
    (void)state;
    insert(SYNCED_RUNS, 0);
    OutboxBatch *batch = support_mint(local, EVERYTHING);
    assert_int_equal(support_send(shared, batch).verdict, SHARED_SENT);
    outbox_free(batch); /* the reply never came */
    assert_int_equal(support_counts(local).queued, 1);
    support_deliver(local, shared);
    assert_shared("SELECT count(*) || ' ' || max(row_version) FROM runs", "1 1");
    assert_local("SELECT group_concat(state) FROM (SELECT state FROM tokens ORDER BY n)", "old,acked");
}

static void of_two_racing_deliveries_the_newer_counts(void **state)
{
    (void)state;
    insert(SYNCED_RUNS, 0);
    OutboxBatch *first = support_mint(local, EVERYTHING);
    OutboxBatch *second = support_mint(local, EVERYTHING);
    assert_int_equal(support_send(shared, first).verdict, SHARED_SENT);
    assert_int_equal(support_send(shared, second).verdict, SHARED_SENT);
    assert_false(support_acknowledge(local, first));
    assert_int_equal(support_counts(local).queued, 1);
    assert_true(support_acknowledge(local, second));
    assert_int_equal(support_counts(local).queued, 0);
    assert_shared("SELECT count(*) || ' ' || max(row_version) FROM runs", "1 1");
    outbox_free(first);
    outbox_free(second);
}

static void an_older_delivery_that_comes_late_sends_nothing(void **state)
{
    (void)state;
    int64_t run = insert(SYNCED_RUNS, 0);
    OutboxBatch *late = support_mint(local, EVERYTHING);
    support_touch(local, SYNCED_RUNS, run);
    support_deliver(local, shared);
    assert_int_equal(support_send(shared, late).verdict, SHARED_STRANGE);
    assert_false(support_acknowledge(local, late));
    assert_shared("SELECT count(*) || ' ' || max(row_version) FROM runs", "1 2");
    support_touch(local, SYNCED_RUNS, run);
    support_deliver(local, shared); /* and it did not disturb the next one */
    assert_shared("SELECT row_version FROM runs", "3");
    outbox_free(late);
}

/* Switched off in mid-flight: the file is still on that store, and what arrived there did arrive. */
static void an_acknowledgement_counts_after_a_disable(void **state)
{
    (void)state;
    insert(SYNCED_RUNS, 0);
    OutboxBatch *batch = support_mint(local, EVERYTHING);
    assert_int_equal(support_send(shared, batch).verdict, SHARED_SENT);
    assert_true(sharing_disable(local, NULL));
    assert_true(support_acknowledge(local, batch));
    assert_int_equal(support_counts(local).queued, 0);
    outbox_free(batch);
}

static void an_acknowledgement_for_another_store_is_ignored(void **state)
{
    (void)state;
    insert(SYNCED_RUNS, 0);
    OutboxBatch *batch = support_mint(local, EVERYTHING);
    assert_int_equal(support_send(shared, batch).verdict, SHARED_SENT);
    int64_t dropped = 0;
    assert_true(sharing_drop(local, &dropped, NULL));
    assert_true(sharing_enable(local, "another-store", NULL));
    assert_false(support_acknowledge(local, batch));
    outbox_free(batch);
}

static void a_failed_delivery_is_noted(void **state)
{
    (void)state;
    insert(SYNCED_RUNS, 0);
    OutboxBatch *batch = support_mint(local, EVERYTHING);
    assert_true(outbox_note_failure(local, batch, "no route to host", NULL));
    outbox_free(batch);
    assert_local("SELECT state || attempts || last_error FROM outbox", "queued1no route to host");
}

static void deletes_empty_the_row_and_say_who(void **state)
{
    (void)state;
    int64_t run = insert(SYNCED_RUNS, 0);
    insert(SYNCED_RUN_RESULTS, run);
    support_deliver(local, shared);
    Local *other = support_local(local_path(local), &support_bob);
    support_delete(other, SYNCED_RUNS, run);
    local_close(other);
    support_deliver(local, shared);
    assert_shared(
        "SELECT created_by || '@' || hostname || ' ' || client_version || ' ' || (deleted_at = updated_at) "
        "|| row_version FROM runs",
        "bob@tower 9.9.0 14");
    assert_shared(
        "SELECT coalesce(scope, db_profile, fingerprint, drafter, status, planned, started, error, 'empty') "
        "FROM runs",
        "empty");
    assert_shared("SELECT run_id || coalesce(schema_name, table_name, alternatives, confidence, 'empty') "
                  "FROM run_results WHERE deleted_at IS NOT NULL",
                  "1empty");
    assert_int_equal(support_counts(local).queued, 0);
}

static void deletes_never_insert(void **state)
{
    (void)state;
    int64_t run = insert(SYNCED_RUNS, 0);
    insert(SYNCED_RUN_RESULTS, run);
    support_delete(local, SYNCED_RUNS, run);
    support_deliver(local, shared);
    assert_shared("SELECT (SELECT count(*) FROM runs) + (SELECT count(*) FROM run_results)", "0");
    assert_int_equal(support_counts(local).queued, 0);
}

/* ---- refused rows
 * ------------------------------------------------------------------------------------------- */

typedef struct Seen {
    Text text;
} Seen;

static void see(void *context, const OutboxEntry *entry)
{
    Seen *seen = context;
    text_addf(&seen->text, "%s %lld %s %s%s;", entry->table, (long long)entry->local_id, entry->op,
              entry->state, entry->last_error ? " !" : "");
}

static void assert_listed(const char *expected)
{
    Seen seen = {0};
    Error err = {0};
    assert_true(outbox_list(local, 0, 100, see, &seen, &err));
    assert_string_equal(text_string(&seen.text), expected);
    text_free(&seen.text);
}

static void a_refused_row_is_parked_and_the_rest_flows(void **state)
{
    (void)state;
    int64_t good = insert(SYNCED_RUNS, 0);
    int64_t bad = insert(SYNCED_RUNS, 0);
    int64_t result = insert(SYNCED_RUN_RESULTS, bad);
    insert(SYNCED_APPLY_EVENTS, result);
    insert(SYNCED_RUN_RESULTS, good);
    spoil(bad);
    support_deliver(local, shared);
    assert_shared("SELECT (SELECT group_concat(local_id) FROM runs) || ' ' || "
                  "(SELECT group_concat(local_id) FROM run_results)",
                  "1 2");
    OutboxCounts counts = support_counts(local);
    assert_int_equal(counts.parked, 1);
    assert_int_equal(counts.queued, 2);
    assert_int_equal(counts.waiting, 2);
    assert_int_equal(strlen(counts.oldest), 24);
    support_local_sql(local, "UPDATE outbox SET queued_at = '2001' WHERE state = 'parked'");
    assert_string_equal(support_counts(local).oldest, "2001");
    support_local_sql(local, "UPDATE outbox SET queued_at = '2000' WHERE tbl = 'run_results'");
    assert_string_equal(support_counts(local).oldest, "2000");
    assert_listed("runs 2 write parked !;run_results 1 write waiting !;apply_events 1 write waiting !;");
    assert_local("SELECT last_error FROM outbox WHERE state = 'parked'",
                 "error holds bytes that are no UTF-8 text");
    mend(bad);
    assert_int_equal(support_counts(local).parked, 0);
    assert_int_equal(support_counts(local).waiting, 0);
    support_deliver(local, shared);
    assert_shared("SELECT error FROM runs WHERE local_id = 2", "mended");
    assert_shared("SELECT count(*) FROM apply_events", "1");
    assert_listed("");
}

static void a_refusal_of_an_older_state_does_not_park_the_newer_one(void **state)
{
    (void)state;
    int64_t run = insert(SYNCED_RUNS, 0);
    spoil(run);
    OutboxBatch *batch = support_mint(local, EVERYTHING);
    mend(run);
    assert_int_equal(support_send(shared, batch).refused, 1);
    assert_true(support_acknowledge(local, batch));
    outbox_free(batch);
    assert_int_equal(support_counts(local).parked, 0);
    assert_int_equal(support_counts(local).queued, 1);
}

/* ---- the store is not the one we know
 * ---------------------------------------------------------------------- */

static void assert_nothing_sent(SharedVerdict verdict)
{
    const char *count = "SELECT count(*) || ifnull((SELECT token FROM origins), '') FROM runs";
    const char *before = support_sqlite_value(target.path, count);
    int64_t queued = support_counts(local).queued;
    OutboxBatch *batch = support_mint(local, EVERYTHING);
    assert_true(batch->row_count > 0);
    assert_int_equal(support_send(shared, batch).verdict, verdict);
    assert_false(batch->rows[0].result == OUTBOX_CONFIRMED);
    outbox_free(batch);
    assert_shared(count, before);
    assert_int_equal(support_counts(local).queued, queued);
    /* a delivery with nothing to send sees it as well */
    support_local_sql(local, "UPDATE outbox SET state = 'dropped'");
    batch = support_mint(local, EVERYTHING);
    assert_int_equal(batch->row_count, 0);
    assert_int_equal(support_send(shared, batch).verdict, verdict);
    outbox_free(batch);
}

static void a_strange_token_stops_the_delivery(void **state)
{
    (void)state;
    insert(SYNCED_RUNS, 0);
    support_deliver(local, shared);
    support_sqlite(target.path, "UPDATE origins SET token = 'a copy of this file was here'");
    insert(SYNCED_RUNS, 0);
    assert_nothing_sent(SHARED_STRANGE);
}

static void a_token_that_is_gone_stops_the_delivery(void **state)
{
    (void)state;
    insert(SYNCED_RUNS, 0);
    support_deliver(local, shared);
    support_sqlite(target.path, "DELETE FROM origins");
    insert(SYNCED_RUNS, 0);
    assert_nothing_sent(SHARED_STRANGE);
}

static void another_store_gets_nothing(void **state)
{
    (void)state;
    insert(SYNCED_RUNS, 0);
    support_deliver(local, shared);
    support_sqlite(target.path, "UPDATE store SET store_id = 'made anew'");
    insert(SYNCED_RUNS, 0);
    assert_nothing_sent(SHARED_OTHER_STORE);
    support_sqlite(target.path, "DELETE FROM store");
    insert(SYNCED_RUNS, 0);
    assert_nothing_sent(SHARED_OTHER_STORE);
}

static void a_newer_schema_gets_nothing(void **state)
{
    (void)state;
    insert(SYNCED_RUNS, 0);
    support_deliver(local, shared);
    support_sqlite(target.path, "UPDATE store SET schema_version = 999");
    insert(SYNCED_RUNS, 0);
    OutboxBatch *batch = support_mint(local, EVERYTHING);
    assert_int_equal(support_send(shared, batch).version, 999);
    outbox_free(batch);
    assert_nothing_sent(SHARED_TOO_NEW);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(ancestors_go_first),
        TEST(ancestors_without_a_mark_are_marked),
        TEST(delivered_ancestors_stay_at_home),
        TEST(deletes_of_children_go_first),
        TEST(a_small_batch_keeps_the_order),
        TEST(a_batch_is_limited_by_bytes),
        TEST(nothing_queued_only_looks),
        TEST(sharing_that_is_off_mints_nothing),
        TEST(every_kind_of_row_arrives_as_it_is),
        TEST(an_edit_in_flight_is_sent_next),
        TEST(a_lost_reply_does_no_harm),
        TEST(of_two_racing_deliveries_the_newer_counts),
        TEST(an_older_delivery_that_comes_late_sends_nothing),
        TEST(an_acknowledgement_counts_after_a_disable),
        TEST(an_acknowledgement_for_another_store_is_ignored),
        TEST(a_failed_delivery_is_noted),
        TEST(deletes_empty_the_row_and_say_who),
        TEST(deletes_never_insert),
        TEST(a_refused_row_is_parked_and_the_rest_flows),
        TEST(a_refusal_of_an_older_state_does_not_park_the_newer_one),
        TEST(a_strange_token_stops_the_delivery),
        TEST(a_token_that_is_gone_stops_the_delivery),
        TEST(another_store_gets_nothing),
        TEST(a_newer_schema_gets_nothing),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
