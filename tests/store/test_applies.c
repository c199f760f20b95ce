/* What history.db keeps of applies and rollbacks: the old texts, whatever happens, and what is in doubt. */
#include "support_store.h"

#include "applies.h"

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
    support_local_sql(local, "UPDATE run_results SET apply_error = 'refused before'");
    assert_true(applies_begin(local, run, NULL));
    assert_true(applies_plan(local, &applied, NULL));
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

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(an_interrupted_apply_keeps_the_text_that_was_there_and_the_result_as_it_was),
        TEST(a_failed_apply_keeps_the_text_that_was_there),
        TEST(an_apply_that_replaced_nothing_says_so),
        TEST(the_process_that_asks_works_on_nothing),
        TEST(the_transaction_of_a_doubt_is_known_until_it_is_settled),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
