/* Sums over what was done: the same over one's own file and over the team's store, on either database; and
 * how deep the outbox was. */
#include "support_store.h"

#include <stdlib.h>
#include <string.h>

#include "activity.h"
#include "memory.h"
#include "text.h"
#include "trend.h"

#define PATIENCE_MS 20000
#define MOST 20

static Backend backend;
static DatabaseTarget target;

/* What one statement gave, as lines of words. */
typedef struct Sums {
    int count;
    char *lines[MOST];
} Sums;

static Sums sums;

static void forget(void)
{
    for (int i = 0; i < sums.count; i++) {
        free(sums.lines[i]);
    }
    sums = (Sums){0};
}

static int set_up(void **state)
{
    (void)state;
    target = (DatabaseTarget){.backend = backend};
    if (backend == BACKEND_POSTGRESQL) {
        target.conninfo = support_database();
    } else {
        target.path = support_path("shared.db");
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    forget();
    return 0;
}

static const char *word(const char *text)
{
    return text ? text : "-";
}

static void take(void *context, const ActivityRow *row)
{
    (void)context;
    assert_true(sums.count < MOST);
    assert_int_equal(strlen(row->last), strlen("2026-11-22T21:50:43.123Z"));
    sums.lines[sums.count++] = text_format(
        "%s %s %s %s %s %s runs %lld results %lld accepted %lld applied %lld people %lld %.16s",
        word(row->created_by), word(row->client_version), word(row->schema_name), word(row->table_name),
        word(row->what), word(row->day), (long long)row->runs, (long long)row->results,
        (long long)row->accepted, (long long)row->applied, (long long)row->people, row->last);
}

static void sum_shared(Shared *shared, ActivityBy by, const ActivityFilter *filter)
{
    Error err = {0};
    forget();
    if (!activity_shared(shared, by, filter, deadline_in(PATIENCE_MS), take, NULL, &err)) {
        fail_msg("%s", err.message);
    }
}

static void sum_local(Local *local, ActivityBy by, const ActivityFilter *filter)
{
    Error err = {0};
    forget();
    if (!activity_local(local, by, filter, take, NULL, &err)) {
        fail_msg("%s", err.message);
    }
}

static void assert_sums(const char *const *expected, int count)
{
    for (int i = 0; i < count && i < sums.count; i++) {
        assert_string_equal(sums.lines[i], expected[i]);
    }
    assert_int_equal(sums.count, count);
}
#define ASSERT_SUMS(...)                                                                                     \
    do {                                                                                                     \
        static const char *const expected[] = {__VA_ARGS__};                                                 \
        assert_sums(expected, (int)(sizeof expected / sizeof *expected));                                    \
    } while (0)

/* Two runs of one table, on two days; in the second the table was accepted and its column applied. */
static void ada_works(Local *local)
{
    support_local_sql(
        local,
        "INSERT INTO runs(scope, db_profile, fingerprint, drafter, status, planned, drafted, failed, "
        "started) "
        "VALUES ('shop', 'prod', 'pg:web', 'builtin', 'ready', 2, 2, 0, '2026-11-20T09:00:00.000Z'), "
        "('shop', 'prod', 'pg:web', 'builtin', 'ready', 2, 2, 0, '2026-11-21T09:00:00.000Z');"
        "INSERT INTO run_results(run_id, schema_name, table_name, column_name, kind, alternatives, "
        "confidence, evidence, source, created_at) SELECT local_id, 'shop', 'customer', NULL, 'table', "
        "'[\"a\"]', 0.9, '[]', 'builtin', started FROM runs UNION ALL SELECT local_id, 'shop', 'customer', "
        "'name', 'column', '[\"b\"]', 0.9, '[]', 'builtin', started FROM runs;"
        "UPDATE run_results SET evaluation = 'accepted', chosen_text = 'a', evaluated_at = "
        "'2026-11-21T10:00:00.000Z' WHERE run_id = 2;"
        "UPDATE run_results SET applied_at = '2026-11-21T11:00:00.000Z' WHERE run_id = 2 AND column_name = "
        "'name'");
}

/* A run of another table, drafted only, a day later. */
static void bob_works(Local *local)
{
    support_local_sql(
        local,
        "INSERT INTO runs(scope, db_profile, fingerprint, drafter, status, planned, drafted, failed, "
        "started) "
        "VALUES ('shop', 'prod', 'pg:web', 'builtin', 'ready', 1, 1, 0, '2026-11-22T09:00:00.000Z');"
        "INSERT INTO run_results(run_id, schema_name, table_name, column_name, kind, alternatives, "
        "confidence, evidence, source, created_at) VALUES (1, 'shop', 'orders', 'id', 'column', '[\"c\"]', "
        "0.9, '[]', 'builtin', '2026-11-22T09:00:01.000Z')");
}

/* Both files in one store. */
typedef struct Team {
    Local *ada;
    Local *bob;
    Shared *shared;
} Team;

static Local *person(const char *file, const Identity *who, Shared *shared, void (*works)(Local *local))
{
    Local *local = support_local(support_path(file), who);
    support_enable(local, shared);
    works(local);
    support_deliver(local, shared);
    return local;
}

static Team team(void)
{
    Team team = {.shared = support_shared(&target, "amx")};
    team.ada = person("ada.db", &support_ada, team.shared, ada_works);
    team.bob = person("bob.db", &support_bob, team.shared, bob_works);
    return team;
}

static void leave(Team *team)
{
    local_close(team->ada);
    local_close(team->bob);
    shared_close(team->shared);
}

static const ActivityFilter everything = {0};

static void engineers_come_with_what_they_did(void **state)
{
    (void)state;
    Team t = team();
    sum_shared(t.shared, ACTIVITY_BY_WHO, &everything);
    ASSERT_SUMS("bob 9.9.0 - - - - runs 1 results 1 accepted 0 applied 0 people 1 2026-11-22T09:00",
                "ada 9.8.7 - - - - runs 2 results 4 accepted 2 applied 1 people 1 2026-11-21T11:00");
    sum_local(t.ada, ACTIVITY_BY_WHO, &everything);
    ASSERT_SUMS("ada 9.8.7 - - - - runs 2 results 4 accepted 2 applied 1 people 1 2026-11-21T11:00");
    leave(&t);
}

static void tables_tell_who_documented_them_last(void **state)
{
    (void)state;
    Team t = team();
    sum_shared(t.shared, ACTIVITY_BY_TABLE, &everything);
    ASSERT_SUMS("bob 9.9.0 shop orders drafted - runs 0 results 1 accepted 0 applied 0 people 0 "
                "2026-11-22T09:00",
                "ada 9.8.7 shop customer applied - runs 0 results 2 accepted 2 applied 1 people 0 "
                "2026-11-21T11:00");
    leave(&t);
}

/* A later draft of somebody else does not take a table from whoever had a description accepted; but it is the
 * last that happened there. */
static void a_later_draft_does_not_make_an_author(void **state)
{
    (void)state;
    Team t = team();
    support_local_sql(t.bob, "UPDATE run_results SET table_name = 'customer'");
    support_deliver(t.bob, t.shared);
    sum_shared(t.shared, ACTIVITY_BY_TABLE, &everything);
    ASSERT_SUMS("ada 9.8.7 shop customer applied - runs 0 results 3 accepted 2 applied 1 people 0 "
                "2026-11-22T09:00");
    support_local_sql(t.bob, "UPDATE run_results SET evaluation = 'skipped', evaluated_at = "
                             "'2026-11-22T10:00:00.000Z'");
    sum_local(t.bob, ACTIVITY_BY_TABLE, &everything);
    ASSERT_SUMS("bob 9.9.0 shop customer drafted - runs 0 results 1 accepted 0 applied 0 people 0 "
                "2026-11-22T10:00");
    leave(&t);
}

static void days_count_runs_and_people(void **state)
{
    (void)state;
    Team t = team();
    sum_shared(t.shared, ACTIVITY_BY_DAY, &everything);
    ASSERT_SUMS("- - - - - 2026-11-22 runs 1 results 1 accepted 0 applied 0 people 1 2026-11-22T09:00",
                "- - - - - 2026-11-21 runs 1 results 2 accepted 0 applied 0 people 1 2026-11-21T09:00",
                "- - - - - 2026-11-20 runs 1 results 2 accepted 0 applied 0 people 1 2026-11-20T09:00");
    leave(&t);
}

static void filters_choose_runs_and_a_limit_holds(void **state)
{
    (void)state;
    Team t = team();
    sum_shared(t.shared, ACTIVITY_BY_WHO,
               &(ActivityFilter){.who = "ada", .since = "2026-11-21T00:00:00.000Z"});
    ASSERT_SUMS("ada 9.8.7 - - - - runs 1 results 2 accepted 2 applied 1 people 1 2026-11-21T11:00");
    sum_shared(t.shared, ACTIVITY_BY_DAY, &(ActivityFilter){.host = support_ada.hostname, .limit = 1});
    ASSERT_SUMS("- - - - - 2026-11-21 runs 1 results 2 accepted 0 applied 0 people 1 2026-11-21T09:00");
    sum_shared(t.shared, ACTIVITY_BY_WHO, &(ActivityFilter){.who = "' OR true --"});
    assert_int_equal(sums.count, 0);
    leave(&t);
}

static void what_was_deleted_does_not_count(void **state)
{
    (void)state;
    Team t = team();
    support_delete(t.ada, SYNCED_RUNS, 2);
    support_deliver(t.ada, t.shared);
    sum_shared(t.shared, ACTIVITY_BY_WHO, &(ActivityFilter){.who = "ada"});
    assert_int_equal(sums.count, 1);
    assert_non_null(strstr(sums.lines[0], "runs 1 results 2 accepted 0 applied 0"));
    leave(&t);
}

/* A copy of a history.db becomes an origin of its own and publishes everything again. */
static void what_a_copy_published_again_counts_once(void **state)
{
    (void)state;
    Team t = team();
    for (int i = 0; i < SYNCED_TABLE_COUNT; i++) {
        Text columns = {0};
        for (size_t c = 0; c < synced_width(&synced_tables[i]); c++) {
            const char *name = synced_column(&synced_tables[i], c)->name;
            text_addf(&columns, "%s%s", c ? ", " : "", c == SYNCED_ORIGIN_ID ? "'copy'" : name);
        }
        const char *prefix = backend == BACKEND_POSTGRESQL ? "amx." : "";
        char *sql = text_format("INSERT INTO %s%s SELECT %s FROM %s%s WHERE created_by = 'ada'", prefix,
                                synced_tables[i].name, text_string(&columns), prefix, synced_tables[i].name);
        if (backend == BACKEND_POSTGRESQL) {
            support_sql(target.conninfo, sql);
        } else {
            support_sqlite(target.path, sql);
        }
        free(sql);
        text_free(&columns);
    }
    sum_shared(t.shared, ACTIVITY_BY_WHO, &(ActivityFilter){.who = "ada"});
    ASSERT_SUMS("ada 9.8.7 - - - - runs 2 results 4 accepted 2 applied 1 people 1 2026-11-21T11:00");
    leave(&t);
}

static void ignore(void *context, const ActivityRow *row)
{
    (void)context;
    (void)row;
}

static void a_long_sum_of_ones_own_heeds_a_stop(void **state)
{
    (void)state;
    Error err = {0};
    Local *local = support_local(support_path("long.db"), &support_ada);
    for (int i = 0; i < 300; i++) {
        support_insert(local, SYNCED_RUNS, 0);
    }
    interrupt_request();
    bool done = activity_local(local, ACTIVITY_BY_WHO, &(ActivityFilter){0}, ignore, NULL, &err);
    interrupt_clear();
    assert_false(done);
    assert_int_equal(err.kind, ERROR_INTERRUPTED);
    assert_true(activity_local(local, ACTIVITY_BY_WHO, &(ActivityFilter){0}, ignore, NULL, &err));
    local_close(local);
}

/* ---- the outbox over the last hour ---- */

static void move_back(Local *local, int minutes)
{
    char *sql = text_format("UPDATE outbox_depth SET minute = minute - %d; UPDATE outbox SET queued_at = "
                            "strftime('%%Y-%%m-%%dT%%H:%%M:%%fZ', queued_at, '-%d minutes')",
                            minutes, minutes);
    support_local_sql(local, sql);
    free(sql);
}

static void assert_depth(Local *local, int minutes_ago, int64_t expected)
{
    int64_t depth[TREND_MINUTES];
    Error err = {0};
    if (!trend_outbox(local, depth, &err)) {
        fail_msg("%s", err.message);
    }
    assert_int_equal(depth[TREND_MINUTES - 1 - minutes_ago], expected);
}

static void the_depth_of_the_outbox_is_remembered(void **state)
{
    (void)state;
    Local *local = support_local(support_path("depth.db"), &support_ada);
    Shared *shared = support_shared(&target, "amx");
    assert_depth(local, 0, TREND_UNKNOWN);
    support_enable(local, shared);
    support_insert(local, SYNCED_RUNS, 0);
    support_deliver(local, shared);
    move_back(local, 10);
    for (int i = 0; i < 3; i++) {
        support_insert(local, SYNCED_RUNS, 0);
    }
    move_back(local, 10); /* delivered 20 minutes ago, queued 10 minutes ago */
    assert_depth(local, 30, TREND_UNKNOWN);
    assert_depth(local, 15, 0);
    assert_depth(local, 5, 3);
    support_deliver(local, shared);
    assert_depth(local, 15, 0);
    assert_depth(local, 5, 3); /* still known when nothing of it waits any more */
    move_back(local, 2);
    assert_depth(local, 1, 0);
    local_close(local);
    shared_close(shared);
}

static void notes_older_than_a_day_go_but_for_the_newest(void **state)
{
    (void)state;
    Local *local = support_local(support_path("depth.db"), &support_ada);
    Shared *shared = support_shared(&target, "amx");
    support_enable(local, shared);
    for (int i = 0; i < 3; i++) {
        support_insert(local, SYNCED_RUNS, 0);
        support_deliver(local, shared);
        assert_int_equal(support_local_number(local, "SELECT count(*) FROM outbox_depth"), i == 0 ? 1 : 2);
        assert_depth(local, 30, i == 0 ? TREND_UNKNOWN : 0);
        move_back(local, 60 * 24 + 1);
    }
    local_close(local);
    shared_close(shared);
}

static void an_outbox_that_stays_empty_is_noted_once(void **state)
{
    (void)state;
    Local *local = support_local(support_path("depth.db"), &support_ada);
    Shared *shared = support_shared(&target, "amx");
    support_enable(local, shared);
    support_insert(local, SYNCED_RUNS, 0);
    support_deliver(local, shared);
    move_back(local, 10);
    assert_true(trend_note_before(local, NULL) && trend_note_after(local, NULL));
    assert_int_equal(support_local_number(local, "SELECT count(*) FROM outbox_depth"), 1);
    assert_depth(local, 0, 0);
    support_insert(local, SYNCED_RUNS, 0);
    move_back(local, 5); /* queued long after the note */
    assert_depth(local, 10, 0);
    assert_depth(local, 4, 1);
    local_close(local);
    shared_close(shared);
}

static void a_file_made_before_gets_its_notes_when_it_is_written(void **state)
{
    (void)state;
    const char *path = support_path("older.db");
    Error err = {0};
    Local *local = support_local(path, &support_ada);
    local_close(local);
    support_sqlite(path, "DROP TABLE outbox_depth");
    if (!local_open(path, LOCAL_READ, &support_ada, 1000, &local, &err)) {
        fail_msg("%s", err.message);
    }
    assert_depth(local, 0, TREND_UNKNOWN);
    local_close(local);
    local = support_local(path, &support_ada);
    assert_int_equal(support_local_number(local, "SELECT count(*) FROM outbox_depth"), 0);
    local_close(local);
}

#define SUITE_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(int argc, char **argv)
{
    const struct CMUnitTest suite[] = {
        SUITE_TEST(engineers_come_with_what_they_did),
        SUITE_TEST(tables_tell_who_documented_them_last),
        SUITE_TEST(a_later_draft_does_not_make_an_author),
        SUITE_TEST(days_count_runs_and_people),
        SUITE_TEST(filters_choose_runs_and_a_limit_holds),
        SUITE_TEST(what_was_deleted_does_not_count),
        SUITE_TEST(what_a_copy_published_again_counts_once),
        SUITE_TEST(a_long_sum_of_ones_own_heeds_a_stop),
        SUITE_TEST(the_depth_of_the_outbox_is_remembered),
        SUITE_TEST(notes_older_than_a_day_go_but_for_the_newest),
        SUITE_TEST(an_outbox_that_stays_empty_is_noted_once),
        SUITE_TEST(a_file_made_before_gets_its_notes_when_it_is_written),
    };
    if (argc > 1) {
        cmocka_set_test_filter(argv[1]);
    }
    backend = BACKEND_SQLITE;
    int failed = cmocka_run_group_tests_name("activity, sqlite", suite, NULL, NULL);
    backend = BACKEND_POSTGRESQL;
    failed += cmocka_run_group_tests_name("activity, postgresql", suite, NULL, NULL);
    return support_cleanup(failed);
}
