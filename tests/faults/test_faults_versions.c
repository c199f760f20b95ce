/* Two versions of amx in one team: the next one has a column more (tests/builds). It takes files and stores
 * of the older one along and loses nothing; the older one touches nothing that it does not know. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli_team.h"
#include "faulty.h"
#include "support_internal.h"
#include "synced.h"
#include "text.h"

typedef struct Scene {
    CliStore store;
    Cli ann; /* comes to use the next version */
    Cli bob; /* stays with this one */
} Scene;

static SupportRun next(const Cli *cli, int code, const char *words)
{
    SupportRun run = faulty_run(cli, AMX_NEXT_BINARY, "FAULTY_MALLOC=0", words).run;
    if (run.exit_code != code) {
        fail_msg("the next amx %s: exit %d, not %d\n%s%s", words, run.exit_code, code, run.out, run.err);
    }
    return run;
}

static Scene new_scene(bool file)
{
    Scene scene = {.store = cli_store_new(file)};
    scene.ann = cli_team_person("ann", &scene.store);
    scene.bob = cli_team_person("bob", &scene.store);
    return scene;
}

static void both_kinds(void (*test)(const Scene *scene))
{
    for (int file = 0; file <= 1; file++) {
        Scene scene = new_scene(file);
        test(&scene);
    }
}

static void assert_version(const Scene *scene, int version)
{
    char *expected = text_format("%d", version);
    assert_string_equal(cli_store_value(&scene->store, "SELECT schema_version FROM @store"), expected);
    free(expected);
}

/* A file with rows that were delivered, and rows that were not. */
static void upgrade_in_place(const Scene *scene)
{
    cli_team_work(&scene->ann);
    cli_ok(&scene->ann, "session new --title delivered");
    cli_team_configure(&scene->ann, &scene->store, "/nowhere", 30000);
    cli_ok(&scene->ann, "session new --title queued");
    const char *before =
        support_sqlite_value(scene->ann.history, "SELECT group_concat(local_id || title || row_version "
                                                 "|| updated_at) FROM sessions");
    cli_team_configure(&scene->ann, &scene->store, NULL, 30000);
    assert_true(cli_queued(&scene->ann) > 0);

    next(&scene->ann, 0, "db history-store enable"); /* both: the file, and the shared schema */
    assert_string_equal(support_sqlite_value(scene->ann.history,
                                             "SELECT group_concat(local_id || title || row_version "
                                             "|| updated_at) FROM sessions"),
                        before);
    assert_version(scene, SYNCED_VERSION + 1);
    support_sqlite(scene->ann.history, "UPDATE sessions SET mood = 'calm' WHERE title = 'delivered'");
    next(&scene->ann, 0, "db history-store flush-pending");
    next(&scene->ann, 0, "session new --title after");
    assert_int_equal(cli_queued(&scene->ann), 0);
    cli_store_same(&scene->store, &scene->ann);
    cli_team_assert_sound(&scene->ann);
    assert_string_equal(cli_store_value(&scene->store, "SELECT title FROM @sessions WHERE mood = 'calm'"),
                        "delivered");
    next(&scene->ann, 0, "session list --team --all-profiles --json");
}

static void the_next_version_takes_everything_along(void **state)
{
    (void)state;
    both_kinds(upgrade_in_place);
}

/* The file is upgraded, the shared schema not yet: amx says what to do, and keeps the queue. */
static void upgrade_the_file_only(const Scene *scene)
{
    cli_ok(&scene->ann, "session new --title delivered");
    SupportRun run = next(&scene->ann, 0, "session new --title early");
    cli_shows(run.err, "pending");
    cli_shows(run.err, "amx db history-store enable");
    assert_int_equal(cli_queued(&scene->ann), 1);
    assert_version(scene, SYNCED_VERSION);
    run = next(&scene->ann, 6, "db history-store flush-pending");
    cli_shows(run.err, "amx db history-store enable");
    assert_int_equal(cli_queued(&scene->ann), 1);
    cli_ok(&scene->bob, "session new --title bobs"); /* nobody else is disturbed */
    assert_int_equal(cli_queued(&scene->bob), 0);
    next(&scene->ann, 0, "db history-store enable");
    next(&scene->ann, 0, "db history-store flush-pending");
    assert_int_equal(cli_queued(&scene->ann), 0);
    cli_store_same(&scene->store, &scene->ann);
}

static void an_older_schema_is_told_and_the_queue_kept(void **state)
{
    (void)state;
    both_kinds(upgrade_the_file_only);
}

static void old_client(const Scene *scene)
{
    cli_ok(&scene->bob, "session new --title bobs");
    next(&scene->ann, 0, "db history-store enable");
    next(&scene->ann, 0, "session new --title anns");
    support_sqlite(scene->ann.history, "UPDATE sessions SET mood = 'calm'");
    next(&scene->ann, 0, "db history-store flush-pending");
    cli_store_value(&scene->store, "UPDATE @sessions SET mood = 'kept' WHERE title = 'bobs'");

    SupportRun run = cli_ok(&scene->bob, "session end --id 1");
    cli_shows(run.err, "this amx knows");
    cli_shows(run.err, "pending");
    cli_shows(cli_expect(&scene->bob, 6, "db history-store flush-pending").err, "upgrade amx");
    cli_expect(&scene->bob, 6, "db history-store enable");
    assert_int_equal(cli_queued(&scene->bob), 1);
    cli_team_assert_sound(&scene->bob);
    assert_version(scene, SYNCED_VERSION + 1);
    assert_string_equal(
        cli_store_value(&scene->store, "SELECT count(*) FROM @sessions WHERE mood IN ('calm', 'kept')"), "2");
    cli_shows(cli_ok(&scene->bob, "session list --team --all-profiles --json").out, "anns");

    next(&scene->bob, 0, "db history-store flush-pending");
    assert_int_equal(cli_queued(&scene->bob), 0);
    cli_store_same(&scene->store, &scene->bob);
    cli_store_same(&scene->store, &scene->ann);
}

static void a_file_of_the_older_one_can_be_read_without_being_touched(void **state)
{
    (void)state;
    Scene scene = new_scene(true);
    cli_ok(&scene.ann, "session new --title older");
    cli_shows(next(&scene.ann, 0, "--read-only session list --filter older").out, "older");
    char *version = text_format("%d", SYNCED_VERSION);
    assert_string_equal(support_sqlite_value(scene.ann.history, "PRAGMA user_version"), version);
    free(version);
}

static void an_older_client_empties_no_new_column(void **state)
{
    (void)state;
    both_kinds(old_client);
}

static void an_older_client_leaves_a_newer_file_alone(void **state)
{
    static const char *const commands[] = {"session new --title no", "history list",
                                           "db history-store flush-pending", "db history-store enable"};
    (void)state;
    Scene scene = new_scene(true);
    next(&scene.ann, 0, "session new --title mine");
    char *saved = text_format("%s.saved", scene.ann.history);
    char *compare = text_format("cmp %s %s", scene.ann.history, saved);
    faulty_copy(scene.ann.history, saved);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        SupportRun run = cli_expect(&scene.ann, 1, "%s", commands[i]);
        cli_shows(run.err, "was written by a newer amx");
        cli_shows(run.err, "upgrade amx");
    }
    assert_int_equal(support_shell(NULL, compare).exit_code, 0);
    free(compare);
    free(saved);
}

int main(int argc, char **argv)
{
    cmocka_set_test_filter(argc > 1 ? argv[1] : NULL); /* a glob: these tests only */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_next_version_takes_everything_along),
        cmocka_unit_test(an_older_schema_is_told_and_the_queue_kept),
        cmocka_unit_test(a_file_of_the_older_one_can_be_read_without_being_touched),
        cmocka_unit_test(an_older_client_empties_no_new_column),
        cmocka_unit_test(an_older_client_leaves_a_newer_file_alone),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
