/* The quick ways of a delivery: the next batch read ahead, two steps in one transaction, rows by COPY; and
 * that each gives way where it would not be right. */
#include "support_store.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "text.h"

static const OutboxLimit two_rows = {.rows = 2, .bytes = 1u << 20};
static DatabaseTarget target;
static Shared *shared;
static Local *local;

static int set_up_sqlite(void **state)
{
    (void)state;
    target = (DatabaseTarget){.backend = BACKEND_SQLITE, .path = support_path("shared.db")};
    shared = support_shared(&target, "amx");
    local = support_local(support_path("history.db"), &support_ada);
    support_enable(local, shared);
    return 0;
}

static int set_up_postgresql(void **state)
{
    (void)state;
    target = (DatabaseTarget){.backend = BACKEND_POSTGRESQL, .conninfo = support_database()};
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

/* Four runs; the first two are on their way, the others are read ahead. */
static OutboxBatch *send_two(OutboxBatch **ahead)
{
    for (int i = 0; i < 4; i++) {
        support_insert(local, SYNCED_RUNS, 0);
    }
    OutboxBatch *sent = support_mint(local, two_rows.rows);
    assert_int_equal(sent->row_count, 2);
    assert_true(outbox_look_ahead(local, sent, two_rows, ahead, NULL));
    assert_int_equal((*ahead)->row_count, 2);
    assert_int_equal((*ahead)->rows[0].local_id, 3);
    assert_int_equal(support_send(shared, sent).verdict, SHARED_SENT);
    return sent;
}

static OutboxBatch *turn(OutboxBatch *sent, OutboxBatch *ahead)
{
    bool counted = false;
    OutboxBatch *next = NULL;
    assert_true(outbox_turn(local, sent, ahead, two_rows, &counted, &next, NULL));
    assert_true(counted);
    outbox_free(sent);
    if (next != ahead) {
        outbox_free(ahead);
    }
    return next;
}

static void what_was_read_ahead_is_the_next_batch(void **state)
{
    (void)state;
    OutboxBatch *ahead = NULL;
    OutboxBatch *sent = send_two(&ahead);
    assert_string_equal(ahead->token, "");
    OutboxBatch *next = turn(sent, ahead);
    assert_ptr_equal(next, ahead);
    assert_int_equal(support_local_number(local, "SELECT count(*) FROM delivered"), 2);
    assert_int_equal(support_local_number(local, "SELECT count(*) FROM outbox WHERE sent"), 2);
    assert_int_equal(support_send(shared, next).verdict, SHARED_SENT);
    assert_true(support_acknowledge(local, next));
    outbox_free(next);
    assert_int_equal(support_counts(local).queued, 0);
    assert_string_equal(support_sqlite_value(target.path, "SELECT count(*) FROM runs"), "4");
}

static void rows_changed_meanwhile_are_read_again(void **state)
{
    (void)state;
    OutboxBatch *ahead = NULL;
    OutboxBatch *sent = send_two(&ahead);
    Local *other = support_local(local_path(local), &support_bob); /* another amx on the same file */
    support_touch(other, SYNCED_RUNS, 3);
    support_delete(other, SYNCED_RUNS, 4);
    local_close(other);
    OutboxBatch *next = turn(sent, ahead);
    assert_int_equal(next->row_count, 2);
    assert_int_equal(next->rows[0].row_version,
                     support_local_number(local, "SELECT row_version FROM runs WHERE local_id = 3"));
    assert_true(next->rows[1].erase);
    outbox_free(next);
}

static void rows_dropped_meanwhile_are_not_sent(void **state)
{
    (void)state;
    OutboxBatch *ahead = NULL;
    OutboxBatch *sent = send_two(&ahead);
    int64_t dropped = 0;
    assert_true(local_begin(local, NULL) && sharing_drop(local, &dropped, NULL) && local_commit(local, NULL));
    OutboxBatch *next = turn(sent, ahead);
    assert_int_equal(next->row_count, 0);
    outbox_free(next);
    assert_int_equal(support_counts(local).dropped, 2);
}

/* What was read ahead counts on the rows before it: a row under one that was refused must wait. */
static void a_refusal_makes_what_was_read_ahead_worthless(void **state)
{
    (void)state;
    support_insert(local, SYNCED_APP_EVENTS, 0);
    int64_t run = support_insert(local, SYNCED_RUNS, 0);
    support_local_sql(local, "UPDATE runs SET scope = CAST(x'ff' AS TEXT)");
    support_insert(local, SYNCED_RUN_RESULTS, run);
    OutboxBatch *ahead = NULL;
    OutboxBatch *sent = support_mint(local, two_rows.rows);
    assert_true(outbox_look_ahead(local, sent, two_rows, &ahead, NULL));
    assert_int_equal(ahead->row_count, 1);
    assert_int_equal(support_send(shared, sent).refused, 1);
    OutboxBatch *next = turn(sent, ahead);
    assert_int_equal(next->row_count, 0);
    outbox_free(next);
    OutboxCounts counts = support_counts(local);
    assert_int_equal(counts.parked, 1);
    assert_int_equal(counts.waiting, 1);
}

static void switched_off_meanwhile_it_counts_and_nothing_follows(void **state)
{
    (void)state;
    OutboxBatch *ahead = NULL;
    OutboxBatch *sent = send_two(&ahead);
    assert_true(local_begin(local, NULL) && sharing_disable(local, NULL) && local_commit(local, NULL));
    assert_null(turn(sent, ahead));
    assert_int_equal(support_local_number(local, "SELECT count(*) FROM delivered"), 2);
}

/* ---- rows that are new to the store */

static void insert_many(int count)
{
    int64_t run = support_insert(local, SYNCED_RUNS, 0);
    for (int i = 0; i < count; i++) {
        support_insert(local, SYNCED_RUN_RESULTS, run);
    }
}

/* In one batch: few rows are not worth a COPY. */
static void deliver_at_once(Shared *to)
{
    OutboxBatch *batch = support_mint(local, 1000);
    assert_int_equal(support_send(to, batch).verdict, SHARED_SENT);
    assert_true(support_acknowledge(local, batch));
    outbox_free(batch);
}

static int64_t shared_results(void)
{
    return strtoll(support_sql_value(target.conninfo, "SELECT count(*) FROM amx.run_results"), NULL, 10);
}

static void text_of_every_kind_arrives_as_it_was(void **state)
{
    (void)state;
    insert_many(120);
    support_local_sql(local, "UPDATE run_results SET base_text = 'tab' || char(9) || 'line' || char(10) || "
                             "'return' || char(13) || 'back\\slash \\N \\. ' || char(128512)");
    support_local_sql(local, "UPDATE run_results SET base_text = '' WHERE local_id = 2");
    support_local_sql(local, "UPDATE run_results SET base_text = '\\N' WHERE local_id = 3");
    support_local_sql(local, "UPDATE run_results SET base_text = NULL WHERE local_id = 4");
    deliver_at_once(shared);
    assert_int_equal(support_counts(local).queued, 0);
    const char *sql = "SELECT string_agg(coalesce(base_text, '<null>'), '|' ORDER BY local_id) FROM ";
    char *there = text_format("%s amx.run_results", sql);
    assert_string_equal(support_sql_value(target.conninfo, there),
                        support_local_text(local,
                                           "SELECT group_concat(coalesce(base_text, '<null>'), '|') "
                                           "FROM (SELECT base_text FROM run_results ORDER BY local_id)"));
    free(there);
}

/* The store has a row that this file believes it never sent: nothing is doubled, nothing is parked. */
static void a_row_that_is_there_already_is_overwritten(void **state)
{
    (void)state;
    insert_many(120);
    deliver_at_once(shared);
    support_local_sql(local, "DELETE FROM delivered");
    support_local_sql(local, "UPDATE run_results SET base_text = 'later'");
    deliver_at_once(shared);
    OutboxCounts counts = support_counts(local);
    assert_int_equal(counts.queued + counts.parked, 0);
    assert_int_equal(shared_results(), 120);
    assert_string_equal(
        support_sql_value(target.conninfo, "SELECT count(*) FROM amx.run_results WHERE base_text = 'later'"),
        "120");
}

static void one_bad_row_among_new_ones_is_parked_alone(void **state)
{
    (void)state;
    insert_many(120);
    support_local_sql(local, "UPDATE run_results SET evidence = '{not json' WHERE local_id = 77");
    deliver_at_once(shared);
    OutboxCounts counts = support_counts(local);
    assert_int_equal(counts.parked, 1);
    assert_int_equal(counts.queued, 0);
    assert_int_equal(shared_results(), 119);
}

/* Row level security refuses COPY FROM whatever the policies say. */
static void where_copy_is_not_let_in_rows_arrive_all_the_same(void **state)
{
    (void)state;
    char *role = text_format("engineer%lld", (long long)support_server()->port);
    char *sql =
        text_format("DROP ROLE IF EXISTS %1$s; CREATE ROLE %1$s LOGIN; GRANT USAGE ON SCHEMA amx TO %1$s; "
                    "GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA amx TO %1$s; "
                    "ALTER TABLE amx.run_results ENABLE ROW LEVEL SECURITY; "
                    "CREATE POLICY everybody ON amx.run_results USING (true) WITH CHECK (true)",
                    role);
    support_sql(target.conninfo, sql);
    char *conninfo = text_format("%s user=%s", target.conninfo, role);
    DatabaseTarget limited = {.backend = BACKEND_POSTGRESQL, .conninfo = conninfo};
    Shared *as_engineer = NULL;
    assert_true(shared_open(&limited, "amx", deadline_in(20000), &as_engineer, NULL));
    insert_many(120);
    deliver_at_once(as_engineer);
    assert_int_equal(support_counts(local).queued, 0);
    assert_int_equal(shared_results(), 120);
    shared_close(as_engineer);
    char *clean = text_format("DROP OWNED BY %1$s; DROP ROLE %1$s", role);
    support_sql(target.conninfo, clean);
    free(clean);
    free(conninfo);
    free(sql);
    free(role);
}

/* A trigger on the server sees how rows come in: those that the store can't hold are not looked for. */
static void new_rows_are_appended_and_changed_ones_are_not(void **state)
{
    (void)state;
    support_sql(target.conninfo,
                "CREATE TABLE seen(query text); CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS "
                "$$BEGIN INSERT INTO seen VALUES (split_part(current_query(), ' ', 1)); RETURN NULL; END$$; "
                "CREATE TRIGGER see AFTER INSERT ON amx.run_results FOR EACH STATEMENT EXECUTE FUNCTION "
                "see()");
    insert_many(120);
    deliver_at_once(shared);
    assert_string_equal(support_sql_value(target.conninfo, "SELECT string_agg(query, ' ') FROM seen"),
                        "COPY");
    support_local_sql(local, "UPDATE run_results SET base_text = 'later'");
    deliver_at_once(shared);
    assert_string_equal(support_sql_value(target.conninfo, "SELECT string_agg(query, ' ') FROM seen"),
                        "COPY INSERT");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_read_ahead_is_the_next_batch, set_up_sqlite, tear_down),
        cmocka_unit_test_setup_teardown(rows_changed_meanwhile_are_read_again, set_up_sqlite, tear_down),
        cmocka_unit_test_setup_teardown(rows_dropped_meanwhile_are_not_sent, set_up_sqlite, tear_down),
        cmocka_unit_test_setup_teardown(a_refusal_makes_what_was_read_ahead_worthless, set_up_sqlite,
                                        tear_down),
        cmocka_unit_test_setup_teardown(switched_off_meanwhile_it_counts_and_nothing_follows, set_up_sqlite,
                                        tear_down),
        cmocka_unit_test_setup_teardown(text_of_every_kind_arrives_as_it_was, set_up_postgresql, tear_down),
        cmocka_unit_test_setup_teardown(a_row_that_is_there_already_is_overwritten, set_up_postgresql,
                                        tear_down),
        cmocka_unit_test_setup_teardown(one_bad_row_among_new_ones_is_parked_alone, set_up_postgresql,
                                        tear_down),
        cmocka_unit_test_setup_teardown(where_copy_is_not_let_in_rows_arrive_all_the_same, set_up_postgresql,
                                        tear_down),
        cmocka_unit_test_setup_teardown(new_rows_are_appended_and_changed_ones_are_not, set_up_postgresql,
                                        tear_down),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
