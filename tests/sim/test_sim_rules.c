/* That the simulation can fail: each rule of the protocol (src/store/rules.h) is switched off in turn, and a
 * history that breaks without it is played, with the rule and without. The table here is the one in
 * docs/faults.md. AMX_SIM_RULE=NAME (or "all") looks for such histories instead, among the seeds that
 * AMX_SIM_FIRST and AMX_SIM_COUNT choose. */
#include "sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memory.h"
#include "rules.h"
#include "text.h"

Rule rule_off = RULE_NONE;

/* Made by hand, for what chance does not meet in thousands of histories. Machine 0 shares into store 0; a
 * batch has two rows. */
static const SimOp dropped_while_read_ahead[] = {
    {.kind = SIM_INSERT_RUN, .c = 1},
    {.kind = SIM_INSERT_RUN, .c = 1},
    {.kind = SIM_INSERT_RUN, .c = 1},
    {.kind = SIM_BEGIN},
    {.kind = SIM_ADVANCE},
    {.kind = SIM_DROP},
    {.kind = SIM_ADVANCE},
};

#define TO_STORE_1                                                                                           \
    {                                                                                                        \
        .kind = SIM_ENABLE, .b = 0                                                                           \
    }
#define TO_STORE_0                                                                                           \
    {                                                                                                        \
        .kind = SIM_ENABLE, .b = 1                                                                           \
    }
#define UNACKNOWLEDGED .b = 0, .c = 3

static const SimOp deleted_while_away[] = {
    {.kind = SIM_INSERT_RUN, .c = 1},
    {.kind = SIM_FLUSH, UNACKNOWLEDGED},
    {.kind = SIM_DROP},
    TO_STORE_1,
    {.kind = SIM_DELETE},
    {.kind = SIM_DROP},
    TO_STORE_0,
};

/* Two deliveries; the one that was minted first is through when the other is sent. */
static const SimOp overtaken[] = {
    {.kind = SIM_INSERT_RUN, .c = 1},
    {.kind = SIM_BEGIN},
    {.kind = SIM_BEGIN},
    {.kind = SIM_ADVANCE},
    {.kind = SIM_ADVANCE},
    {.kind = SIM_ADVANCE},
};

#define FLUSH(machine)                                                                                       \
    {                                                                                                        \
        .kind = SIM_FLUSH, .a = machine, .b = 1                                                              \
    }
#define SNAPSHOT                                                                                             \
    {                                                                                                        \
        .kind = SIM_SNAPSHOT, .b = 1                                                                         \
    }
#define REWIND(to)                                                                                           \
    {                                                                                                        \
        .kind = SIM_REWIND, .b = to                                                                          \
    }

/* While a delivery waits for its acknowledgement, another one finds that the file is a copy. */
static const SimOp renamed_in_flight[] = {
    {.kind = SIM_INSERT_RUN, .c = 1},
    FLUSH(0),
    SNAPSHOT,
    {.kind = SIM_COPY},
    {.kind = SIM_INSERT_RUN, .a = 2, .c = 1},
    FLUSH(2),
    SNAPSHOT,
    REWIND(0),
    {.kind = SIM_INSERT_RUN, .c = 1},
    {.kind = SIM_BEGIN},
    {.kind = SIM_BEGIN},
    {.kind = SIM_ADVANCE, .b = 1},
    REWIND(1),
    {.kind = SIM_ADVANCE},
    {.kind = SIM_ADVANCE},
    {.kind = SIM_ADVANCE},
};

typedef struct Case {
    const char *name;
    Rule rule;
    const char *kind; /* of the violation */
    uint64_t seed;
    const SimOp *ops; /* NULL: those that the seed makes */
    size_t count;
} Case;

#define CASE(name, kind, seed)                                                                               \
    {                                                                                                        \
#name, RULE_##name, kind, seed, NULL, 0                                                              \
    }
#define BY_HAND(name, kind, ops)                                                                             \
    {                                                                                                        \
#name, RULE_##name, kind, 0, ops, sizeof(ops) / sizeof *(ops)                                        \
    }

static const Case cases[] = {
    CASE(LOCAL_ONLY, "", 0),
    CASE(SEQ_MOVES, "", 0),
    CASE(UNDROP_ANCESTORS, "", 0),
    CASE(UNDROP_DELETES, "", 0),
    CASE(ANCESTORS_FIRST, "", 0),
    CASE(ANCESTORS_MARKED, "", 0),
    CASE(HOLD, "", 0),
    CASE(DELETES_BELOW_FIRST, "", 0),
    CASE(DELETE_AUTHOR, "", 0),
    BY_HAND(NOTE_SENT, "undeleted", deleted_while_away),
    BY_HAND(LOOK_AHEAD, "undrop", dropped_while_read_ahead),
    CASE(COMPARE_TOKEN, "", 0),
    CASE(PENDING_ACCEPTED, "", 0),
    CASE(FIRST_ONCE, "", 0),
    CASE(EMPTY_LOOKS, "", 0),
    CASE(HIGHER_VERSION, "", 0),
    BY_HAND(NEWEST_COUNTS, "false-rewind", overtaken),
    BY_HAND(PENDING_COUNTS, "lost", renamed_in_flight),
    CASE(OTHERS_OLD, "", 0),
    CASE(SAME_SEQ, "", 0),
    CASE(TAIL, "", 0),
    CASE(PARK_SAME_SEQ, "", 0),
    CASE(REREAD, "", 0),
    CASE(HEAL_WRITES, "", 0),
    CASE(HEAL_DELETES, "", 0),
    CASE(STAYS_DROPPED, "", 0),
    CASE(HEAL_CORRECTS, "", 0),
    CASE(COPY_WHOLE, "", 0),
    CASE(COPY_MARKS, "", 0),
    CASE(ENABLE_MARKS, "", 0),
    BY_HAND(SETTLE_DROPPED, "undeleted", deleted_while_away),
    CASE(MIGRATE_DELETES, "", 0),
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
static char *play(const SimHistory *history)
{
    return sim_play(history, getenv("AMX_SIM_TRACE") != NULL, NULL);
}

static SimHistory history_of(const Case *it)
{
    SimHistory history;
    sim_generate(&history, it->seed);
    if (it->ops) {
        sim_history_free(&history);
        history = (SimHistory){.seed = 1, .batch_rows = 2, .count = it->count}; /* it reads ahead */
        history.ops = memory_zero(it->count, sizeof *it->ops);
        memcpy(history.ops, it->ops, it->count * sizeof *it->ops);
    }
    return history;
}

static void a_history_breaks_without_the_rule(void **state)
{
    const Case *it = *state;
    SimHistory history = history_of(it);
    char *with = play(&history);
    switch_off(it->rule);
    char *without = play(&history);
    switch_off(RULE_NONE);
    sim_history_free(&history);
    if (with) {
        fail_msg("it fails by the rules: %s", with);
    }
    if (!text_equal(without, it->kind)) {
        fail_msg("without the rule it is %s, not %s", without ? without : "nothing", it->kind);
    }
    free(without);
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
        SimHistory history;
        sim_generate(&history, first + played);
        char *kind = play(&history);
        sim_history_free(&history);
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
