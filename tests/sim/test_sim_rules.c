/* That the simulation can fail: each rule of the protocol (src/store/rules.h) is switched off in turn, and a
 * history that breaks without it is played, with the rule and without. The table here is the one in
 * docs/faults.md. AMX_SIM_RULE=NAME (or "all") looks for such histories instead, among the seeds that
 * AMX_SIM_FIRST and AMX_SIM_COUNT choose. */
#include "sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rules.h"

Rule rule_off = RULE_NONE;

typedef struct Case {
    const char *name;
    Rule rule;
    uint64_t seed;
    const char *kind; /* of the violation */
} Case;

#define CASE(name, seed, kind)                                                                               \
    {                                                                                                        \
#name, RULE_##name, seed, kind                                                                       \
    }

static const Case cases[] = {
    CASE(LOCAL_ONLY, 0, ""),
    CASE(SEQ_MOVES, 0, ""),
    CASE(UNDROP_ANCESTORS, 0, ""),
    CASE(UNDROP_DELETES, 0, ""),
    CASE(ANCESTORS_FIRST, 0, ""),
    CASE(ANCESTORS_MARKED, 0, ""),
    CASE(HOLD, 0, ""),
    CASE(DELETES_BELOW_FIRST, 0, ""),
    CASE(DELETE_AUTHOR, 0, ""),
    CASE(NOTE_SENT, 0, ""),
    CASE(LOOK_AHEAD, 0, ""),
    CASE(COMPARE_TOKEN, 0, ""),
    CASE(PENDING_ACCEPTED, 0, ""),
    CASE(FIRST_ONCE, 0, ""),
    CASE(EMPTY_LOOKS, 0, ""),
    CASE(HIGHER_VERSION, 0, ""),
    CASE(NEWEST_COUNTS, 0, ""),
    CASE(PENDING_COUNTS, 0, ""),
    CASE(OTHERS_OLD, 0, ""),
    CASE(SAME_SEQ, 0, ""),
    CASE(TAIL, 0, ""),
    CASE(PARK_SAME_SEQ, 0, ""),
    CASE(REREAD, 0, ""),
    CASE(HEAL_WRITES, 0, ""),
    CASE(HEAL_DELETES, 0, ""),
    CASE(STAYS_DROPPED, 0, ""),
    CASE(HEAL_CORRECTS, 0, ""),
    CASE(COPY_WHOLE, 0, ""),
    CASE(COPY_MARKS, 0, ""),
    CASE(ENABLE_MARKS, 0, ""),
    CASE(SETTLE_DROPPED, 0, ""),
    CASE(MIGRATE_DELETES, 0, ""),
};
#define CASES (sizeof cases / sizeof *cases)

/* The checks ask for what is local only by this expression, which is made once: now it is by the rules. */
static void make_checks(void)
{
    for (int i = 0; i < SIM_TABLES; i++) {
        support_local_only(sim_tables[i].table);
    }
}

/* The rules are in the triggers of the files, too: the world begins anew. */
static void switch_off(Rule rule)
{
    sim_close();
    rule_off = rule;
}

/* The kind of the violation, or NULL; freed by the caller. */
static char *play(uint64_t seed)
{
    SimHistory history;
    sim_generate(&history, seed);
    char *kind = sim_play(&history, getenv("AMX_SIM_TRACE") != NULL, NULL);
    sim_history_free(&history);
    return kind;
}

static void a_history_breaks_without_the_rule(void **state)
{
    const Case *it = *state;
    char *kind = play(it->seed);
    if (kind) {
        fail_msg("seed %llu fails by the rules: %s", (unsigned long long)it->seed, kind);
    }
    switch_off(it->rule);
    kind = play(it->seed);
    switch_off(RULE_NONE);
    if (!kind) {
        fail_msg("seed %llu does not notice", (unsigned long long)it->seed);
    }
    assert_string_equal(kind, it->kind);
    free(kind);
}

static void every_rule_is_switched_off(void **state)
{
    bool tried[RULE_COUNT] = {[RULE_NONE] = true};
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        tried[cases[i].rule] = true;
    }
    for (int rule = 0; rule < RULE_COUNT; rule++) {
        assert_true(tried[rule]);
    }
}

/* ---- looking for seeds */

static uint64_t number_from(const char *name, uint64_t fallback)
{
    const char *value = getenv(name);
    return value && *value ? strtoull(value, NULL, 10) : fallback;
}

#define ENOUGH 5

static void search(const Case *it)
{
    uint64_t first = number_from("AMX_SIM_FIRST", 1);
    uint64_t count = number_from("AMX_SIM_COUNT", 2000);
    int found = 0;
    uint64_t played = 0;
    switch_off(it->rule);
    for (; played < count && found < ENOUGH; played++) {
        char *kind = play(first + played);
        if (kind) {
            printf("%s: seed %llu: %s\n", it->name, (unsigned long long)(first + played), kind);
            found++;
        }
        free(kind);
    }
    printf("%s: %d of %llu histories\n", it->name, found, (unsigned long long)played);
    fflush(stdout);
    switch_off(RULE_NONE);
}

static bool search_as_asked(void)
{
    const char *asked = getenv("AMX_SIM_RULE");
    for (size_t i = 0; asked && i < CASES; i++) {
        if (strcmp(asked, "all") == 0 || strcmp(asked, cases[i].name) == 0) {
            search(&cases[i]);
        }
    }
    return asked != NULL;
}

int main(void)
{
    /* the histories are about order, not about disks */
    if (access("/dev/shm", W_OK) == 0) {
        setenv("TMPDIR", "/dev/shm", 0);
    }
    int result = 0;
    make_checks();
    if (!search_as_asked()) {
        struct CMUnitTest tests[CASES + 1] = {cmocka_unit_test(every_rule_is_switched_off)};
        for (size_t i = 0; i < CASES; i++) {
            tests[i + 1] = (struct CMUnitTest){.name = cases[i].name,
                                               .test_func = a_history_breaks_without_the_rule,
                                               .initial_state = (void *)&cases[i]};
        }
        result = cmocka_run_group_tests(tests, NULL, NULL);
    }
    sim_close();
    return support_cleanup(result);
}
