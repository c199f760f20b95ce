/* What history.db keeps of applies and rollbacks: the old texts, whatever happens, and what is in doubt. */
#include "support_store.h"

#include <pthread.h>
#include <stdlib.h>

#include "applies.h"
#include "text.h"

static Local *local;
static int64_t run;
static Applied applied;

static int set_up(void **state)
{
    (void)state;
    local = support_local(support_path("history.db"), &support_ada);
    run = support_insert(local, SYNCED_RUNS, 0);
    support_local_sql(local, "UPDATE runs SET fingerprint = 'sqlite:/shop.db'");
    applied = (Applied){.run_id = run,
                        .result_id = support_insert(local, SYNCED_RUN_RESULTS, run),
                        .kind = "apply",
                        .target = "t",
                        .old_text = "Old.",
                        .new_text = "New."};
    support_local_sql(local, "UPDATE run_results SET apply_error = 'refused before', chosen_text = 'New.'");
    assert_true(applies_begin(local, run, NULL));
    assert_true(applies_plan_all(local, &applied, 1, NULL));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    local_close(local);
    return 0;
}

static void settle(const char *outcome, const char *old_text, const char *error)
{
    applied.outcome = outcome;
    applied.old_text = old_text;
    applied.error = error;
    assert_true(applies_settle(local, &applied, NULL));
}

static ApplyDoubts doubts(void)
{
    ApplyDoubts out;
    assert_true(applies_doubts(local, "sqlite:/shop.db", &out, NULL));
    return out;
}

static size_t count_doubts(void)
{
    ApplyDoubts found = doubts();
    size_t count = found.count;
    applies_doubts_free(&found);
    return count;
}

static const char *old_text(void)
{
    return support_local_text(local, "SELECT old_text FROM apply_events");
}

static const char *apply_error(void)
{
    return support_local_text(local, "SELECT apply_error FROM run_results");
}

static void an_interrupted_apply_keeps_the_text_that_was_there_and_the_result_as_it_was(void **state)
{
    (void)state;
    settle(APPLIES_INTERRUPTED, NULL, NULL);
    assert_string_equal(old_text(), "Old.");
    assert_string_equal(apply_error(), "refused before");
}

static void a_failed_apply_keeps_the_text_that_was_there(void **state)
{
    (void)state;
    settle("failed", NULL, "no");
    assert_string_equal(old_text(), "Old.");
    assert_string_equal(apply_error(), "no");
}

static void an_apply_that_replaced_nothing_says_so(void **state)
{
    (void)state;
    applied.written = true;
    settle("applied", NULL, NULL);
    assert_string_equal(support_local_text(local, "SELECT old_text IS NULL FROM apply_events"), "1");
    assert_string_equal(apply_error(), "");
}

/* Outcomes that are alike are settled together: each event and each result must get its own all the same. */
static void many_outcomes_are_kept_each_with_its_own_result(void **state)
{
    enum { MANY = 47, REPLACED = 20, REFUSED = 30 };
    Applied many[MANY];
    (void)state;
    for (size_t i = 0; i < MANY; i++) {
        many[i] = (Applied){.run_id = run, .kind = "apply", .target = "t", .new_text = "New."};
        many[i].result_id = support_insert(local, SYNCED_RUN_RESULTS, run);
        many[i].old_text = i == REPLACED ? "Replaced." : NULL;
    }
    support_local_sql(local, "UPDATE run_results SET chosen_text = 'New.'");
    assert_true(applies_plan_all(local, many, MANY, NULL));
    for (size_t i = 0; i < MANY; i++) {
        char *planned = text_format("SELECT result_id FROM apply_events WHERE local_id = %lld",
                                    (long long)many[i].event_id);
        assert_int_equal(support_local_number(local, planned), many[i].result_id);
        free(planned);
        many[i].outcome = i == REFUSED ? "failed" : "applied";
        many[i].error = i == REFUSED ? "no" : NULL;
        many[i].written = i != REFUSED;
    }
    assert_true(applies_settle_all(local, many, MANY, NULL));
    assert_int_equal(
        support_local_number(local, "SELECT count(*) FROM apply_events WHERE outcome = 'applied'"), MANY - 1);
    assert_int_equal(support_local_number(local, "SELECT result_id FROM apply_events WHERE error = 'no' AND "
                                                 "outcome = 'failed'"),
                     many[REFUSED].result_id);
    assert_int_equal(support_local_number(local,
                                          "SELECT result_id FROM apply_events WHERE outcome = 'applied' "
                                          "AND old_text = 'Replaced.'"),
                     many[REPLACED].result_id);
    assert_int_equal(
        support_local_number(local, "SELECT count(*) FROM run_results WHERE applied_at IS NOT NULL"),
        MANY - 1);
    assert_int_equal(support_local_number(local, "SELECT local_id FROM run_results WHERE apply_error = 'no'"),
                     many[REFUSED].result_id);
    assert_int_equal(count_doubts(), 1); /* the one of before */
}

/* What a person decides while the text before is written waits for the next apply. */
static void a_text_decided_anew_while_another_is_written_still_waits(void **state)
{
    (void)state;
    static const char *const waits = "SELECT applied_at IS NULL AND apply_error IS NULL FROM run_results";
    support_local_sql(local, "UPDATE run_results SET chosen_text = 'Newer.', apply_error = NULL");
    applied.written = true;
    settle("applied", "Old.", NULL);
    assert_int_equal(support_local_number(local, waits), 1);
    assert_string_equal(support_local_text(local, "SELECT outcome FROM apply_events"), "applied");
    applied.written = false;
    settle("failed", NULL, "of the text before");
    assert_int_equal(support_local_number(local, waits), 1);
}

static void many_texts_decided_anew_while_others_are_written_still_wait(void **state)
{
    Applied two[2];
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        two[i] = (Applied){.run_id = run, .kind = "apply", .target = "t", .new_text = "New."};
        two[i].result_id = support_insert(local, SYNCED_RUN_RESULTS, run);
        two[i].outcome = "applied";
        two[i].written = true;
    }
    assert_true(applies_plan_all(local, two, 2, NULL));
    support_local_sql(local, "UPDATE run_results SET chosen_text = CASE local_id WHEN (SELECT max(local_id) "
                             "FROM run_results) THEN 'Newer.' ELSE 'New.' END");
    assert_true(applies_settle_all(local, two, 2, NULL));
    assert_int_equal(
        support_local_number(local, "SELECT local_id FROM run_results WHERE applied_at IS NOT NULL"),
        two[0].result_id);
}

static void a_text_decided_anew_since_an_apply_was_cut_off_still_waits(void **state)
{
    (void)state;
    support_local_sql(local, "UPDATE run_results SET chosen_text = 'Newer.', apply_error = NULL");
    ApplyDoubts found = doubts();
    assert_true(applies_resolve(local, &found.items[0], "applied", NULL, NULL));
    applies_doubts_free(&found);
    assert_int_equal(
        support_local_number(local, "SELECT count(*) FROM run_results WHERE applied_at IS NOT NULL"), 0);
}

static void an_apply_that_was_cut_off_after_its_commit_is_applied(void **state)
{
    (void)state;
    ApplyDoubts found = doubts();
    assert_true(applies_resolve(local, &found.items[0], "applied", NULL, NULL));
    applies_doubts_free(&found);
    assert_int_equal(support_local_number(local, "SELECT r.applied_at = e.created_at AND apply_error IS NULL "
                                                 "FROM run_results r JOIN apply_events e"),
                     1);
}

/* One that could not say that it was done with an apply settles it itself. */
static void the_process_that_asks_works_on_nothing(void **state)
{
    (void)state;
    assert_int_equal(count_doubts(), 1);
}

/* Of the transactions that may still commit those count whose run is in doubt, until it is settled. */
static void the_transaction_of_a_doubt_is_known_until_it_is_settled(void **state)
{
    (void)state;
    assert_true(applies_commit(local, run, "815", NULL));
    assert_true(applies_commit(local, run + 1, "816", NULL));
    assert_true(applies_end(local, run, NULL)); /* it does not know either */
    ApplyDoubts found = doubts();
    assert_string_equal(found.transactions, "815");
    assert_true(applies_resolve(local, &found.items[0], "applied", NULL, NULL));
    applies_doubts_free(&found);
    assert_int_equal(count_doubts(), 0);
    assert_string_equal(support_local_text(local, "SELECT group_concat(value) FROM settings WHERE key LIKE "
                                                  "'committing.%'"),
                        "816");
}

/* Asks for doubts as another thread of the amx that applies does. */
static void *count_in_a_thread(void *context)
{
    *(size_t *)context = count_doubts();
    return NULL;
}

static void what_another_thread_works_on_is_not_settled(void **state)
{
    pthread_t thread;
    size_t count = 0;
    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, count_in_a_thread, &count), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(count, 0);
    assert_int_equal(count_doubts(), 1); /* who asks works on nothing */
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(an_interrupted_apply_keeps_the_text_that_was_there_and_the_result_as_it_was),
        TEST(a_failed_apply_keeps_the_text_that_was_there),
        TEST(an_apply_that_replaced_nothing_says_so),
        TEST(many_outcomes_are_kept_each_with_its_own_result),
        TEST(a_text_decided_anew_while_another_is_written_still_waits),
        TEST(many_texts_decided_anew_while_others_are_written_still_wait),
        TEST(a_text_decided_anew_since_an_apply_was_cut_off_still_waits),
        TEST(an_apply_that_was_cut_off_after_its_commit_is_applied),
        TEST(the_process_that_asks_works_on_nothing),
        TEST(what_another_thread_works_on_is_not_settled),
        TEST(the_transaction_of_a_doubt_is_known_until_it_is_settled),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
