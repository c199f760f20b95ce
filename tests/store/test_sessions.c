/* Guard 1 where it stands, in SQL: a turn goes into a session of its own profile and database, or nowhere. */
#include "sessions.h"

#include <stdlib.h>
#include <string.h>

#include "support.h"
#include "text.h"

static const Identity who = {"ann", "web1", "0.1.0"};
static const SessionBinding shop = {"shop", "sqlite:/shop.db"};
static const SessionBinding moved = {"shop", "sqlite:/moved.db"};
static const SessionBinding other = {"other", "sqlite:/shop.db"};
static const SessionTurn question = {.role = "user", .content = "who orders?"};

typedef struct Scene {
    char *path;
    Local *local;
    int64_t session;
} Scene;

static Local *open_file(const char *path)
{
    Local *local = NULL;
    assert_true(local_open(path, LOCAL_WRITE, &who, 1000, &local, NULL));
    return local;
}

static Scene new_scene(void)
{
    Scene scene = {.path = text_format("%s/history.db", support_folder())};
    scene.local = open_file(scene.path);
    assert_true(sessions_start(scene.local, &shop, NULL, false, &scene.session, NULL));
    assert_true(sessions_add_turn(scene.local, scene.session, &shop, &question, NULL));
    return scene;
}

static void end_scene(Scene *scene)
{
    local_close(scene->local);
    free(scene->path);
}

static void assert_rows(const Scene *scene, const char *sessions, const char *turns)
{
    assert_string_equal(support_sqlite_value(scene->path, "SELECT count(*) FROM sessions"), sessions);
    assert_string_equal(support_sqlite_value(scene->path, "SELECT count(*) FROM session_turns"), turns);
}

static void a_turn_of_another_database_is_not_written(void **state)
{
    const SessionBinding *const strangers[] = {&moved, &other};
    (void)state;
    Scene scene = new_scene();
    for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++) {
        Error err = {0};
        assert_false(sessions_add_turn(scene.local, scene.session, strangers[i], &question, &err));
        assert_int_equal(err.kind, ERROR_GUARD);
    }
    assert_rows(&scene, "1", "1");
    end_scene(&scene);
}

/* Between a question and its answer there is the time to find the answer. */
static void an_answer_is_not_written_when_the_session_was_ended_or_deleted_meanwhile(void **state)
{
    const SessionTurn answer = {
        .role = "assistant", .content = "Nobody.", .citations = "[]", .model = "builtin"};
    (void)state;
    Scene scene = new_scene();
    Local *elsewhere = open_file(scene.path);
    Error err = {0};
    assert_true(sessions_end(elsewhere, scene.session, NULL));
    assert_false(sessions_add_turn(scene.local, scene.session, &shop, &answer, &err));
    assert_int_equal(err.kind, ERROR_GUARD);
    assert_rows(&scene, "1", "1");
    assert_true(sessions_resume(elsewhere, scene.session, &shop, NULL));
    assert_true(sessions_add_turn(scene.local, scene.session, &shop, &answer, NULL));
    assert_string_equal(
        support_sqlite_value(scene.path, "SELECT group_concat(coalesce(model, '-')) FROM session_turns"),
        "-,builtin");
    assert_true(sessions_delete(elsewhere, scene.session, NULL));
    assert_false(sessions_add_turn(scene.local, scene.session, &shop, &answer, &err));
    assert_int_equal(err.kind, ERROR_NOT_FOUND);
    assert_rows(&scene, "0", "0");
    local_close(elsewhere);
    end_scene(&scene);
}

static void a_fork_takes_no_other_database_and_leaves_nothing_behind(void **state)
{
    const SessionOriginal original = {.origin = "0123",
                                      .id = 41,
                                      .db_profile = "shop",
                                      .fingerprint = "sqlite:/shop.db",
                                      .title = "who orders?",
                                      .who = "bob@lap"};
    const SessionBinding *const strangers[] = {&moved, &other};
    (void)state;
    Scene scene = new_scene();
    int64_t fork = 0;
    for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++) {
        Error err = {0};
        assert_false(sessions_fork(scene.local, strangers[i], &original, false, &fork, &err));
        assert_int_equal(err.kind, ERROR_GUARD);
        assert_non_null(strstr(err.message, "bob@lap"));
        assert_non_null(strstr(err.hint, "--origin 0123"));
    }
    assert_rows(&scene, "1", "1");
    int64_t active = 0;
    assert_true(sessions_active(scene.local, &shop, &active, NULL));
    assert_int_equal(active, scene.session);

    assert_true(sessions_fork(scene.local, &shop, &original, false, &fork, NULL));
    assert_true(sessions_active(scene.local, &shop, &active, NULL));
    assert_int_equal(active, fork);
    assert_string_equal(
        support_sqlite_value(scene.path,
                             "SELECT title || ' ' || forked_from FROM sessions WHERE local_id = 2"),
        "who orders? (fork of 41 by bob@lap) 0123/41");
    end_scene(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_turn_of_another_database_is_not_written),
        cmocka_unit_test(an_answer_is_not_written_when_the_session_was_ended_or_deleted_meanwhile),
        cmocka_unit_test(a_fork_takes_no_other_database_and_leaves_nothing_behind),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
