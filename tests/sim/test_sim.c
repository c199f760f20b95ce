/* Random histories of the real store code: copies, restored backups, stores that go back in time, deliveries
 * that are cut off, race, or arrive late. AMX_SIM_FIRST and AMX_SIM_COUNT choose the seeds; a failing one is
 * shrunk and shown step by step, and AMX_SIM_FIRST=seed AMX_SIM_COUNT=1 AMX_SIM_TRACE=1 shows all of it. */
#include "sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ENOUGH_FAILURES 5 /* shrinking takes its time */

static uint64_t number_from(const char *name, uint64_t fallback)
{
    const char *value = getenv(name);
    return value && *value ? strtoull(value, NULL, 10) : fallback;
}

static void show_failure(SimHistory *history, const char *kind, const char *detail)
{
    size_t length = history->count;
    printf("seed %llu: %s: %s\n", (unsigned long long)history->seed, kind, detail);
    fflush(stdout);
    sim_shrink(history, kind);
    printf("batches of %zu rows; %zu of its %zu ops are enough:\n", history->batch_rows, history->count,
           length);
    sim_print(history);
    free(sim_play(history, true, NULL));
    fflush(stdout);
}

static void no_history_breaks_a_rule(void **state)
{
    (void)state;
    uint64_t first = number_from("AMX_SIM_FIRST", 1);
    uint64_t count = number_from("AMX_SIM_COUNT", 500);
    uint64_t failures = 0;
    uint64_t played = 0;
    for (; played < count && failures < ENOUGH_FAILURES; played++) {
        SimHistory history;
        char *detail = NULL;
        sim_generate(&history, first + played);
        char *kind = sim_play(&history, getenv("AMX_SIM_TRACE") != NULL, &detail);
        if (kind) {
            failures++;
            show_failure(&history, kind, detail);
        }
        free(kind);
        free(detail);
        sim_history_free(&history);
    }
    printf("%llu histories from seed %llu, %llu failed\n", (unsigned long long)count,
           (unsigned long long)first, (unsigned long long)failures);
    assert_int_equal(failures, 0);
}

int main(void)
{
    /* the histories are about order, not about disks */
    if (access("/dev/shm", W_OK) == 0) {
        setenv("TMPDIR", "/dev/shm", 0);
    }
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_history_breaks_a_rule)};
    int result = cmocka_run_group_tests(tests, NULL, NULL);
    sim_close();
    return support_cleanup(result);
}
