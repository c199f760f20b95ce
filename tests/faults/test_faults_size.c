/* Very many rows, and very large ones: memory is bounded by the batch, not by the queue, and a row that is
 * larger than a batch goes alone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli_team.h"
#include "faulty.h"
#include "support_internal.h"
#include "text.h"

#define USUAL_ROWS 50000
#define LARGE_MIB 100
/* More than a large row needs on its way: as SQLite has it, frozen in the batch, as an array, in libpq's
 * buffer. */
#define LARGE_COPIES 6

typedef struct Scene {
    CliStore store;
    Cli ann;
} Scene;

static int rows_wanted = USUAL_ROWS;

static Scene new_scene(bool file)
{
    Scene scene = {.store = cli_store_new(file)};
    scene.ann = cli_team_person("ann", &scene.store);
    cli_ok(&scene.ann, "session new --title talk");
    return scene;
}

/* So many more turns of the one session. */
static void say(const Scene *scene, int count)
{
    char *sql = text_format(
        "INSERT INTO session_turns(session_id, turn_index, role, content) SELECT 1, "
        "coalesce((SELECT max(turn_index) FROM session_turns), 0) + value, 'user', "
        "printf('What is in column %%d of the table of orders?', value) FROM generate_series(1, %d)",
        count);
    char *plain =
        text_format("WITH RECURSIVE generate_series(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM "
                    "generate_series WHERE value < %d) %.*s FROM generate_series",
                    count, (int)(strstr(sql, " FROM generate_series") - sql), sql);
    support_sqlite(scene->ann.history, plain);
    free(plain);
    free(sql);
}

static FaultyRun flush(const Scene *scene)
{
    FaultyRun flushed =
        faulty_run(&scene->ann, NULL, "FAULTY_MALLOC=0", "db history-store flush-pending --timeout 300");
    assert_true(flushed.peak_kib > 0);
    return flushed;
}

static FaultyRun flush_all(const Scene *scene)
{
    FaultyRun flushed = flush(scene);
    if (flushed.run.exit_code != 0) {
        fail_msg("%s%s", flushed.run.out, flushed.run.err);
    }
    assert_int_equal(cli_queued(&scene->ann), 0);
    return flushed;
}

static void assert_same_turns(const Scene *scene)
{
    static const char *const sums =
        "SELECT count(*) || ' ' || sum(local_id) || ' ' || sum(row_version) || ' ' || "
        "sum(length(content)) FROM ";
    char *here = text_format("%ssession_turns", sums);
    char *there = text_format("%s@session_turns", sums);
    assert_string_equal(cli_store_value(&scene->store, there),
                        support_sqlite_value(scene->ann.history, here));
    free(there);
    free(here);
}

static void many_rows(bool file)
{
    Scene scene = new_scene(file);
    say(&scene, 8000); /* two batches: what any flush takes */
    long usual = flush_all(&scene).peak_kib;
    say(&scene, rows_wanted);
    assert_int_equal(cli_queued(&scene.ann), rows_wanted);
    long peak = flush_all(&scene).peak_kib;
    print_message("%s: two batches at %ld KiB, %d rows at %ld KiB\n", file ? "file" : "server", usual,
                  rows_wanted, peak);
    assert_true(peak < usual + usual / 2);
    assert_same_turns(&scene);
    cli_team_assert_sound(&scene.ann);
}

static void many_rows_to_a_server(void **state)
{
    (void)state;
    many_rows(false);
}

static void many_rows_to_a_file(void **state)
{
    (void)state;
    many_rows(true);
}

/* Larger than any batch, between two small ones. */
static void large_row(bool file)
{
    Scene scene = new_scene(file);
    char *sql = text_format(
        "INSERT INTO session_turns(session_id, turn_index, role, content) VALUES (1, 101, 'user', "
        "hex(zeroblob(%d)))",
        LARGE_MIB << 19);
    say(&scene, 100);
    support_sqlite(scene.ann.history, sql);
    say(&scene, 100);
    free(sql);
    FaultyRun flushed = flush_all(&scene);
    print_message("%s: a row of %d MiB at %ld MiB\n", file ? "file" : "server", LARGE_MIB,
                  flushed.peak_kib >> 10);
    assert_true(flushed.peak_kib < (LARGE_COPIES * (long)LARGE_MIB) << 10);
    assert_same_turns(&scene);
    cli_team_assert_sound(&scene.ann);
}

static void a_large_row_to_a_server(void **state)
{
    (void)state;
    large_row(false);
}

static void a_large_row_to_a_file(void **state)
{
    (void)state;
    large_row(true);
}

/* The row is parked with the reason, and the others go. */
static void park_one(const char *spoil, const char *reason)
{
    Scene scene = new_scene(false);
    say(&scene, 100);
    support_sqlite(scene.ann.history, spoil);
    FaultyRun flushed = flush(&scene);
    print_message("refused at %ld MiB: %s", flushed.peak_kib >> 10, flushed.run.err);
    assert_int_not_equal(flushed.run.exit_code, 0);
    assert_true(flushed.run.exit_code < 126);
    assert_string_equal(
        support_sqlite_value(scene.ann.history, "SELECT group_concat(state || local_id) FROM outbox"),
        "parked50");
    cli_shows(support_sqlite_value(scene.ann.history, "SELECT last_error FROM outbox"), reason);
    assert_string_equal(cli_store_value(&scene.store, "SELECT count(*) FROM @session_turns"), "99");
    cli_team_assert_sound(&scene.ann);
}

static void a_large_row_of_no_text_is_parked(void **state)
{
    (void)state;
    char *sql =
        text_format("UPDATE session_turns SET content = CAST(x'ff' AS TEXT) || hex(zeroblob(%d)) WHERE "
                    "turn_index = 50",
                    LARGE_MIB << 19);
    park_one(sql, "content holds bytes that are no UTF-8 text");
    free(sql);
}

/* No jsonb holds a string of 256 MiB. It travels again and again before it is known to be the one at fault:
 * that takes a while, and is left to the long run. */
static void a_row_too_large_for_the_server_is_parked(void **state)
{
    (void)state;
    if (rows_wanted == USUAL_ROWS) {
        skip();
    }
    park_one("UPDATE session_turns SET citations = '[\"' || hex(zeroblob(134217728)) || '\"]' WHERE "
             "turn_index = 50",
             "SQLSTATE 54000");
}

/* amx's own way in has a limit, and says so. */
static void a_large_text_is_refused_at_the_door(void **state)
{
    (void)state;
    Scene scene = new_scene(true);
    cli_team_work(&scene.ann);
    char *decisions = text_format("%s/decisions", scene.ann.home);
    char *words = text_format("review 1 --from %s", decisions);
    FILE *file = fopen(decisions, "we");
    fputs("{\"result\": 1, \"decision\": \"edit\", \"text\": \"", file);
    for (int i = 0; i < LARGE_MIB << 10; i++) {
        fprintf(file, "%01024d", 0);
    }
    fputs("\"}\n", file);
    fclose(file);
    FaultyRun refused = faulty_run(&scene.ann, NULL, "FAULTY_MALLOC=0", words);
    assert_int_equal(refused.run.exit_code, 2);
    cli_shows(refused.run.err, "10000");
    assert_true(refused.peak_kib < (LARGE_COPIES * (long)LARGE_MIB) << 10);
    assert_string_equal(
        support_sqlite_value(scene.ann.history,
                             "SELECT count(*) FROM run_results WHERE chosen_text IS NOT NULL"),
        "0");
    free(words);
    free(decisions);
}

/* The number of rows may be given: 1000000. */
int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_rows_to_a_server),
        cmocka_unit_test(many_rows_to_a_file),
        cmocka_unit_test(a_large_row_to_a_server),
        cmocka_unit_test(a_large_row_to_a_file),
        cmocka_unit_test(a_large_row_of_no_text_is_parked),
        cmocka_unit_test(a_row_too_large_for_the_server_is_parked),
        cmocka_unit_test(a_large_text_is_refused_at_the_door),
    };
    if (argc > 1 && atoi(argv[1]) > 0) {
        rows_wanted = atoi(argv[1]);
    } else if (argc > 1) {
        cmocka_set_test_filter(argv[1]);
    }
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
