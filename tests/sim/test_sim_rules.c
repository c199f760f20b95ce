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

/* Made by hand, for what chance does not meet in thousands of histories. The numbers are the machine and what
 * sim_do() makes of them: the third one of an insert that is not bad is 1, a flush with 1 is whole, a delete
 * takes the row in that place. Machine 0 shares into store 0, and a batch has two rows. */
static const SimOp deleted_bit_by_bit[] = {
    {SIM_INSERT_RUN, 0, 0, 1}, {SIM_INSERT_RESULT, 0, 0, 1}, {SIM_FLUSH, 0, 1, 0}, {SIM_DELETE, 0, 1, 0},
    {SIM_DROP, 0, 0, 0},       {SIM_DELETE, 0, 0, 0},        {SIM_FLUSH, 0, 1, 0},
};

static const SimOp dropped_while_read_ahead[] = {
    {SIM_INSERT_RUN, 0, 0, 1}, {SIM_INSERT_RUN, 0, 0, 1}, {SIM_INSERT_RUN, 0, 0, 1}, {SIM_BEGIN, 0, 0, 0},
    {SIM_ADVANCE, 0, 0, 0},    {SIM_DROP, 0, 0, 0},       {SIM_ADVANCE, 0, 0, 0},
};

/* The row may be in store 0, which was not told to be rid of it. */
static const SimOp deleted_while_away[] = {
    {SIM_INSERT_RUN, 0, 0, 1}, {SIM_FLUSH, 0, 0, 3 /* unacknowledged */},
    {SIM_DROP, 0, 0, 0},       {SIM_ENABLE, 0, 0 /* store 1 */, 0},
    {SIM_DELETE, 0, 0, 0},     {SIM_DROP, 0, 0, 0},
    {SIM_ENABLE, 0, 1, 0},
};

/* Two deliveries; the one that was minted first is through when the other is sent. */
static const SimOp overtaken[] = {
    {SIM_INSERT_RUN, 0, 0, 1}, {SIM_BEGIN, 0, 0, 0},   {SIM_BEGIN, 0, 0, 0},
    {SIM_ADVANCE, 0, 0, 0},    {SIM_ADVANCE, 0, 0, 0}, {SIM_ADVANCE, 0, 0, 0},
};

/* While a delivery waits for its acknowledgement, another one finds that the file is a copy. */
static const SimOp renamed_in_flight[] = {
    {SIM_INSERT_RUN, 0, 0, 1}, {SIM_FLUSH, 0, 1, 0},      {SIM_SNAPSHOT, 0, 1, 0},
    {SIM_COPY, 0, 0, 0},       {SIM_INSERT_RUN, 2, 0, 1}, {SIM_FLUSH, 2, 1, 0},
    {SIM_SNAPSHOT, 0, 1, 0},   {SIM_REWIND, 0, 0, 0},     {SIM_INSERT_RUN, 0, 0, 1},
    {SIM_BEGIN, 0, 0, 0},      {SIM_BEGIN, 0, 0, 0},      {SIM_ADVANCE, 0, 1 /* the second */, 0},
    {SIM_REWIND, 0, 1, 0},     {SIM_ADVANCE, 0, 0, 0},    {SIM_ADVANCE, 0, 0, 0},
    {SIM_ADVANCE, 0, 0, 0},
};

typedef struct Case {
    const char *name;
    Rule rule;
    const char *kind; /* of the violation */
    uint64_t seed;
    const SimOp *ops; /* NULL: those that the seed makes */
    size_t count;
    const char *made; /* their name */
} Case;

#define WITHOUT(name) #name, RULE_##name
#define BY_HAND(history) .ops = history, .count = sizeof(history) / sizeof *(history), .made = #history

static const Case cases[] = {
    {WITHOUT(LOCAL_ONLY), "leak", .seed = 1},
    {WITHOUT(SEQ_MOVES), "undeleted", .seed = 150},
    {WITHOUT(UNDROP_ANCESTORS), "stuck-queued", .seed = 37},
    {WITHOUT(UNDROP_DELETES), "orphan", BY_HAND(deleted_bit_by_bit)},
    {WITHOUT(ANCESTORS_FIRST), "orphan", .seed = 25},
    {WITHOUT(ANCESTORS_MARKED), "stuck-queued", .seed = 92},
    {WITHOUT(HOLD), "orphan", .seed = 779},
    {WITHOUT(DELETES_BELOW_FIRST), "orphan", .seed = 41},
    {WITHOUT(DELETE_AUTHOR), "attribution", .seed = 40},
    {WITHOUT(NOTE_SENT), "undeleted", BY_HAND(deleted_while_away)},
    {WITHOUT(LOOK_AHEAD), "undrop", BY_HAND(dropped_while_read_ahead)},
    {WITHOUT(COMPARE_TOKEN), "overwrite-other", .seed = 2},
    {WITHOUT(PENDING_ACCEPTED), "stuck-queued", .seed = 7},
    {WITHOUT(FIRST_ONCE), "orphan", .seed = 10},
    {WITHOUT(EMPTY_LOOKS), "lost", .seed = 28},
    {WITHOUT(HIGHER_VERSION), "version-fell", .seed = 4},
    {WITHOUT(NEWEST_COUNTS), "false-rewind", BY_HAND(overtaken)},
    {WITHOUT(PENDING_COUNTS), "lost", BY_HAND(renamed_in_flight)},
    {WITHOUT(OTHERS_OLD), "undeleted", .seed = 169},
    {WITHOUT(SAME_SEQ), "undeleted", .seed = 150},
    {WITHOUT(TAIL), "starved", .seed = 4},
    {WITHOUT(PARK_SAME_SEQ), "stuck-parked", .seed = 1718},
    {WITHOUT(REREAD), "false-copy", .seed = 11},
    {WITHOUT(HEAL_WRITES), "lost", .seed = 27},
    {WITHOUT(HEAL_DELETES), "undeleted", .seed = 27},
    {WITHOUT(STAYS_DROPPED), "undrop", .seed = 46},
    {WITHOUT(HEAL_CORRECTS), "lost", .seed = 91},
    {WITHOUT(COPY_WHOLE), "orphan", .seed = 4},
    {WITHOUT(COPY_MARKS), "lost", .seed = 24},
    {WITHOUT(ENABLE_MARKS), "undeleted", .seed = 543},
    {WITHOUT(SETTLE_DROPPED), "undeleted", BY_HAND(deleted_while_away)},
    {WITHOUT(MIGRATE_DELETES), "undeleted-dropped", .seed = 95},
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

/* "| NAME | what breaks | kind | history |" */
static void the_page_says_the_same(void **state)
{
    (void)state;
    const char *page = support_read(AMX_SOURCE_DIR "/docs/faults.md");
    for (size_t i = 0; i < CASES; i++) {
        const Case *it = &cases[i];
        char *head = text_format("\n| %s | ", it->name);
        char *tail = it->ops ? text_format(" | %s | %s |", it->kind, it->made)
                             : text_format(" | %s | seed %llu |", it->kind, (unsigned long long)it->seed);
        const char *row = strstr(page, head);
        const char *end = row ? row + 1 + strcspn(row + 1, "\n") : NULL;
        if (!row || (size_t)(end - row) < strlen(tail) ||
            strncmp(end - strlen(tail), tail, strlen(tail)) != 0) {
            fail_msg("docs/faults.md has no row%s..%s", head + 1, tail);
        }
        free(head);
        free(tail);
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
        struct CMUnitTest tests[CASES + 2] = {cmocka_unit_test(every_rule_is_switched_off),
                                              cmocka_unit_test(the_page_says_the_same)};
        for (size_t i = 0; i < CASES; i++) {
            tests[i + 2] = (struct CMUnitTest){.name = cases[i].name,
                                               .test_func = a_history_breaks_without_the_rule,
                                               .initial_state = (void *)&cases[i]};
        }
        result = cmocka_run_group_tests(tests, NULL, NULL);
    }
    sim_close();
    return support_cleanup(result);
}
