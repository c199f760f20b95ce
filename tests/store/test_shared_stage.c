/* Rows that set out before their token: nobody sees them until it is claimed, and whatever comes between,
 * they arrive once or not at all. */
#include "support_store.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "pg.h"
#include "text.h"

#define PATIENCE_MS 20000
#define COUNT 100 /* of a batch: more than what is too few to set out early */

static const OutboxLimit limit = {.rows = COUNT, .bytes = 1u << 20};
static DatabaseTarget target;
static Shared *shared;
static Local *local;
static OutboxBatch *sent;  /* in the store, not acknowledged yet */
static OutboxBatch *ahead; /* what was read while it was on its way */

/* Two batches of results; the first is sent, the second was read meanwhile. */
static int set_up(void **state)
{
    (void)state;
    target = (DatabaseTarget){.backend = BACKEND_POSTGRESQL, .conninfo = support_database()};
    shared = support_shared(&target, "amx");
    local = support_local(support_path("history.db"), &support_ada);
    support_enable(local, shared);
    int64_t run = support_insert(local, SYNCED_RUNS, 0);
    for (int i = 0; i < 2 * COUNT - 1; i++) {
        support_insert(local, SYNCED_RUN_RESULTS, run);
    }
    sent = support_mint(local, COUNT);
    assert_true(outbox_look_ahead(local, sent, limit, &ahead, NULL));
    assert_int_equal(ahead->row_count, COUNT);
    assert_int_equal(support_send(shared, sent).verdict, SHARED_SENT);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    outbox_free(sent);
    outbox_free(ahead);
    local_close(local);
    shared_close(shared);
    return 0;
}

static Deadline patience(void)
{
    return deadline_in(PATIENCE_MS);
}

static void assert_there(const char *results)
{
    support_assert_value("results there",
                         support_sql_value(target.conninfo, "SELECT count(*) FROM amx.run_results"), results);
}

static void stage(void)
{
    assert_true(shared_may_stage(shared, ahead));
    shared_stage(shared, ahead, patience());
}

/* The turn to the rows that were read ahead. */
static void mint(void)
{
    bool counted = false;
    OutboxBatch *next = NULL;
    assert_true(outbox_turn(local, sent, ahead, limit, &counted, &next, NULL));
    assert_ptr_equal(next, ahead);
}

static void assert_sent_and_done(void)
{
    assert_int_equal(support_send(shared, ahead).verdict, SHARED_SENT);
    assert_true(support_acknowledge(local, ahead));
    OutboxCounts counts = support_counts(local);
    assert_int_equal(counts.queued, 0);
}

static void they_are_seen_when_the_token_is_claimed(void **state)
{
    (void)state;
    stage();
    assert_there("99");
    mint();
    assert_there("99");
    assert_sent_and_done();
    assert_there("199");
    assert_int_equal(support_counts(local).parked, 0);
}

static void called_off_they_leave_nothing(void **state)
{
    (void)state;
    stage();
    assert_true(shared_unstage(shared, patience(), NULL));
    assert_there("99");
    mint();
    assert_sent_and_done(); /* in the usual way */
    assert_there("199");
}

static void rows_dropped_meanwhile_do_not_arrive(void **state)
{
    (void)state;
    int64_t dropped = 0;
    bool counted = false;
    OutboxBatch *next = NULL;
    stage();
    assert_true(local_begin(local, NULL) && sharing_drop(local, &dropped, NULL) && local_commit(local, NULL));
    assert_true(outbox_turn(local, sent, ahead, limit, &counted, &next, NULL));
    assert_true(counted);
    assert_ptr_not_equal(next, ahead);
    assert_int_equal(next->row_count, 0);
    outbox_free(next);
    assert_true(shared_unstage(shared, patience(), NULL));
    assert_there("99");
}

/* A copy of the file claimed meanwhile: the rows go back, and the token that it shows is told. */
static void a_strange_token_takes_them_back(void **state)
{
    (void)state;
    stage();
    mint();
    support_sql(target.conninfo, "UPDATE amx.origins SET token = 'of a copy'");
    SharedAnswer answer = support_send(shared, ahead);
    assert_int_equal(answer.verdict, SHARED_STRANGE);
    assert_string_equal(answer.token, "of a copy");
    assert_there("99");
}

static void a_store_made_anew_meanwhile_takes_them_back(void **state)
{
    (void)state;
    stage();
    mint();
    support_sql(target.conninfo, "UPDATE amx.store SET store_id = 'another'");
    assert_int_equal(support_send(shared, ahead).verdict, SHARED_OTHER_STORE);
    assert_there("99");
}

/* The slower ways of writing take over from rows that could not travel early. */
static void a_row_that_is_there_already_is_overwritten(void **state)
{
    (void)state;
    support_sql(target.conninfo,
                "CREATE TABLE other AS SELECT * FROM amx.run_results WHERE local_id = 1;"
                "UPDATE other SET local_id = 150, row_version = 0, base_text = 'from elsewhere';"
                "INSERT INTO amx.run_results SELECT * FROM other");
    stage();
    mint();
    assert_sent_and_done();
    assert_there("199");
    support_assert_value("what came from elsewhere",
                         support_sql_value(target.conninfo, "SELECT count(*) FROM amx.run_results WHERE "
                                                            "base_text = 'from elsewhere'"),
                         "0");
}

static void one_bad_row_is_parked_alone(void **state)
{
    (void)state;
    support_local_sql(local, "UPDATE run_results SET evidence = '{not json' WHERE local_id = 150");
    outbox_free(ahead);
    assert_true(outbox_look_ahead(local, sent, limit, &ahead, NULL));
    stage();
    mint();
    assert_sent_and_done();
    assert_there("198");
    assert_int_equal(support_counts(local).parked, 1);
}

/* What no server would take is known before anything travels. */
static void an_unsendable_row_keeps_the_batch_at_home(void **state)
{
    (void)state;
    support_local_sql(local, "UPDATE run_results SET base_text = CAST(x'ff' AS TEXT) WHERE local_id = 150");
    outbox_free(ahead);
    assert_true(outbox_look_ahead(local, sent, limit, &ahead, NULL));
    assert_false(shared_may_stage(shared, ahead));
    mint();
    assert_sent_and_done();
    assert_int_equal(support_counts(local).parked, 1);
}

static void a_connection_lost_meanwhile_leaves_nothing(void **state)
{
    (void)state;
    stage();
    mint();
    support_sql_value(target.conninfo, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE "
                                       "datname = current_database() AND pid <> pg_backend_pid()");
    SharedAnswer answer;
    Error err = {0};
    assert_false(shared_send(shared, ahead, patience(), &answer, &err));
    assert_int_equal(err.kind, ERROR_CONNECTION);
    assert_there("99");
    shared_close(shared);
    shared = support_shared(&target, "amx");
    assert_sent_and_done();
    assert_there("199");
}

/* The reason is that of the rows that did not get through, not that of what was tried after them. */
static void a_store_that_does_not_answer_is_told_once(void **state)
{
    (void)state;
    Error err = {0};
    SharedAnswer answer;
    Pg *blocker = NULL;
    assert_true(pg_connect(target.conninfo, patience(), &blocker, NULL));
    assert_true(pg_script(blocker, "BEGIN; LOCK TABLE amx.run_results", patience(), NULL));
    shared_stage(shared, ahead, deadline_in(300));
    mint();
    assert_false(shared_send(shared, ahead, patience(), &answer, &err));
    assert_int_equal(err.kind, ERROR_TIMEOUT);
    pg_close(blocker);
    assert_there("99");
}

/* Called off, the trouble of a connection that is of no more use is told; a refusal of the rows is not. */
static void called_off_a_dead_connection_is_told(void **state)
{
    (void)state;
    Error err = {0};
    Pg *blocker = NULL;
    assert_true(pg_connect(target.conninfo, patience(), &blocker, NULL));
    assert_true(pg_script(blocker, "BEGIN; LOCK TABLE amx.run_results", patience(), NULL));
    shared_stage(shared, ahead, deadline_in(300));
    assert_false(shared_unstage(shared, patience(), &err));
    assert_int_equal(err.kind, ERROR_TIMEOUT);
    pg_close(blocker);
    shared_close(shared);
    shared = support_shared(&target, "amx");
    support_sql(target.conninfo, "REVOKE ALL ON amx.run_results FROM PUBLIC; ALTER TABLE amx.run_results ADD "
                                 "CONSTRAINT no CHECK (false) NOT VALID");
    stage();
    assert_true(shared_unstage(shared, patience(), NULL));
    assert_there("99");
}

/* With a second token that counts, somebody could have been there between the rows and the claim. */
static void where_two_tokens_count_they_go_the_usual_way(void **state)
{
    (void)state;
    /* a sequence goes on even when the transaction is rolled back: it counts how often rows were written */
    support_sql(target.conninfo,
                "CREATE SEQUENCE public.writes; "
                "CREATE FUNCTION public.note() RETURNS trigger LANGUAGE plpgsql AS "
                "'BEGIN PERFORM nextval(''public.writes''); RETURN NULL; END'; "
                "CREATE TRIGGER note AFTER INSERT ON amx.run_results FOR EACH STATEMENT EXECUTE FUNCTION "
                "public.note()");
    stage();
    mint();
    assert_int_equal(ahead->accepted_count, 1);
    char(*accepted)[ID_SIZE] = memory_zero(2, ID_SIZE);
    memcpy(accepted[0], ahead->accepted[0], ID_SIZE);
    text_copy(accepted[1], ID_SIZE, "of another delivery");
    free(ahead->accepted);
    ahead->accepted = accepted;
    ahead->accepted_count = 2;
    support_sql(target.conninfo, "UPDATE amx.origins SET token = 'of another delivery'");
    assert_sent_and_done();
    assert_there("199");
    support_assert_value("times written",
                         support_sql_value(target.conninfo, "SELECT last_value FROM public.writes"), "2");
}

static void few_rows_stay_at_home(void **state)
{
    (void)state;
    OutboxBatch *few = NULL;
    assert_true(outbox_look_ahead(local, sent, (OutboxLimit){.rows = 10, .bytes = 1u << 20}, &few, NULL));
    assert_false(shared_may_stage(shared, few));
    outbox_free(few);
}

static void deletes_stay_at_home(void **state)
{
    (void)state;
    assert_true(support_acknowledge(local, sent));
    support_delete(local, SYNCED_RUN_RESULTS, 50); /* of those that are in the store */
    OutboxBatch *batch = support_mint(local, 2 * (size_t)COUNT);
    assert_true(batch->row_count > COUNT);
    assert_false(shared_may_stage(shared, batch));
    outbox_free(batch);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(they_are_seen_when_the_token_is_claimed),
        TEST(called_off_they_leave_nothing),
        TEST(rows_dropped_meanwhile_do_not_arrive),
        TEST(a_strange_token_takes_them_back),
        TEST(a_store_made_anew_meanwhile_takes_them_back),
        TEST(a_row_that_is_there_already_is_overwritten),
        TEST(one_bad_row_is_parked_alone),
        TEST(an_unsendable_row_keeps_the_batch_at_home),
        TEST(a_connection_lost_meanwhile_leaves_nothing),
        TEST(a_store_that_does_not_answer_is_told_once),
        TEST(called_off_a_dead_connection_is_told),
        TEST(where_two_tokens_count_they_go_the_usual_way),
        TEST(few_rows_stay_at_home),
        TEST(deletes_stay_at_home),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
