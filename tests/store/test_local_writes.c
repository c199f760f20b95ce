/* A write to history.db is whole or not at all, whatever stands in its way. */
#include "support_store.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "applies.h"
#include "events.h"
#include "local_sqlite.h"
#include "memory.h"
#include "runs.h"
#include "sessions.h"
#include "text.h"

static void a_rollback_leaves_nothing(void **state)
{
    (void)state;
    const char *path = support_path("history.db");
    Local *local = support_local(path, &support_ada);
    support_local_sql(local, "UPDATE origin SET store_id = 's', enabled = 1");
    support_insert(local, SYNCED_RUNS, 0);
    int64_t seq = support_local_number(local, "SELECT seq FROM origin");
    assert_true(local_begin(local, NULL));
    support_insert(local, SYNCED_RUNS,
                   0); /* a nested transaction: its commit counts only with the outer one */
    support_touch(local, SYNCED_RUNS, 1);
    support_delete(local, SYNCED_RUNS, 1);
    local_rollback(local);
    assert_int_equal(support_local_number(local, "SELECT count(*) FROM runs"), 1);
    assert_int_equal(support_local_number(local, "SELECT count(*) FROM outbox"), 1);
    assert_int_equal(support_local_number(local, "SELECT count(*) FROM tombstones"), 0);
    assert_int_equal(support_local_number(local, "SELECT seq FROM origin"), seq);
    local_close(local);
}

static const RunStart start = {.scope = "public",
                               .db_profile = "shop",
                               .fingerprint = "sqlite:/shop.db",
                               .drafter = "built-in",
                               .planned = 3};
static const SessionBinding binding = {.db_profile = "shop", .fingerprint = "sqlite:/shop.db"};

/* Every function that writes says that nothing was recorded, and writes nothing. */
static void assert_nothing_recorded(Local *local)
{
    int64_t id = 0;
    Error errors[9] = {0};
    RunResult result = {.run_id = 1,
                        .schema = "public",
                        .table = "t",
                        .kind = "table",
                        .alternatives = "[]",
                        .confidence = 0.5,
                        .evidence = "[]",
                        .source = "built-in"};
    Applied applied = {
        .run_id = 1, .result_id = 1, .kind = "apply", .target = "t", .outcome = "applied", .written = true};
    Applied settled = applied;
    settled.event_id = 1;
    SessionTurn turn = {.role = "user", .content = "why?"};
    assert_false(runs_start(local, &start, &id, &errors[0]));
    assert_false(runs_finish(local, 1, "ready", 1, 0, NULL, &errors[1]));
    assert_false(runs_add_results(local, &result, 1, &errors[2]));
    assert_false(runs_evaluate(local, 1, "accepted", "text", &errors[3]));
    assert_false(applies_plan_all(local, &applied, 1, &errors[4]));
    assert_false(applies_settle(local, &settled, &errors[8]));
    assert_false(sessions_start(local, &binding, NULL, false, &id, &errors[5]));
    assert_false(sessions_add_turn(local, 1, &binding, &turn, &errors[6]));
    assert_false(events_add(local, "enable", "ok", NULL, &errors[7]));
    for (size_t i = 0; i < 9; i++) {
        assert_int_equal(errors[i].kind, ERROR_LOCAL);
        if (!text_starts(errors[i].message, "not recorded: ")) {
            fail_msg("%zu: %s", i, errors[i].message);
        }
        assert_true(*errors[i].hint);
    }
}

static const char *file_to_fill(void)
{
    const char *path = support_path("history.db");
    Local *local = support_local(path, &support_ada);
    int64_t run = 0;
    int64_t session = 0;
    assert_true(runs_start(local, &start, &run, NULL));
    assert_true(sessions_start(local, &binding, NULL, false, &session, NULL));
    support_insert(local, SYNCED_RUN_RESULTS, run);
    Applied planned = {.run_id = run, .result_id = 1, .kind = "apply", .target = "t"};
    assert_true(applies_plan_all(local, &planned, 1, NULL));
    local_close(local);
    return path;
}

/* Every row of every table, so that a half-written one would show. */
static const char *content_of(const char *path)
{
    return support_sqlite_value(
        path, "SELECT (SELECT group_concat(row_version || status) FROM runs) || '/' || (SELECT "
              "group_concat(row_version) "
              "FROM run_results) || '/' || (SELECT group_concat(row_version) FROM sessions) || '/' || "
              "(SELECT count(*) FROM session_turns) || '/' || (SELECT count(*) FROM apply_events) || '/' || "
              "(SELECT count(*) FROM app_events) || '/' || (SELECT group_concat(key || value) FROM settings) "
              "|| '/' || "
              "(SELECT row_version || ' ' || seq FROM origin)");
}

static void a_full_disk_records_nothing(void **state)
{
    (void)state;
    const char *path = file_to_fill();
    const char *before = content_of(path);
    struct rlimit old;
    struct rlimit none = {0};
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    none.rlim_max = old.rlim_max;
    Local *local = support_local(path, &support_ada);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
    assert_nothing_recorded(local);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    signal(SIGXFSZ, SIG_DFL);
    int64_t id = 0;
    assert_string_equal(content_of(path), before);
    assert_true(
        runs_start(local, &start, &id, NULL)); /* the same connection goes on when there is room again */
    local_close(local);
    assert_string_equal(support_sqlite_value(path, "PRAGMA integrity_check"), "ok");
}

static void a_file_that_fills_up_in_the_middle_records_nothing(void **state)
{
    (void)state;
    const char *path = file_to_fill();
    const char *before = content_of(path);
    struct rlimit old;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    Local *local = support_local(path, &support_ada);
    signal(SIGXFSZ, SIG_IGN);
    /* room for some of the journal or of the file, never for all of it */
    for (rlim_t room = 512; room < 20000; room += 3000) {
        struct rlimit some = {.rlim_cur = room, .rlim_max = old.rlim_max};
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &some), 0);
        Error err = {0};
        int64_t id = 0;
        bool recorded = runs_start(local, &start, &id, &err);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
        assert_false(recorded);
        assert_true(text_starts(err.message, "not recorded: "));
        assert_string_equal(content_of(path), before);
    }
    signal(SIGXFSZ, SIG_DFL);
    local_close(local);
    assert_string_equal(support_sqlite_value(path, "PRAGMA integrity_check"), "ok");
}

static void a_locked_file_records_nothing(void **state)
{
    (void)state;
    const char *path = file_to_fill();
    const char *before = content_of(path);
    Sqlite *other = NULL;
    Local *local = NULL;
    assert_true(local_open(path, LOCAL_WRITE, &support_ada, 10, &local, NULL));
    assert_true(sqlite_open(path, SQLITE_MODE_WRITE, 10, ERROR_LOCAL, &other, NULL));
    assert_true(sqlite_begin(other, NULL));
    assert_nothing_recorded(local);
    sqlite_close(other);
    local_close(local);
    assert_string_equal(content_of(path), before);
}

static void a_write_protected_file_records_nothing(void **state)
{
    (void)state;
    const char *path = file_to_fill();
    SupportBytes before = support_bytes(path);
    assert_int_equal(chmod(path, 0400), 0);
    pid_t child = fork();
    if (child == 0) {
        /* root may write everything: be somebody else */
        char *folder = memory_string(path);
        *strrchr(folder, '/') = '\0';
        bool moved = geteuid() != 0 || (chown(path, 65534, 65534) == 0 && chown(folder, 65534, 65534) == 0 &&
                                        setuid(65534) == 0);
        free(folder);
        Local *local = NULL;
        Error err = {0};
        int64_t id = 0;
        bool opened = moved && local_open(path, LOCAL_WRITE, &support_ada, 10, &local, &err);
        bool refused =
            opened ? !runs_start(local, &start, &id, &err) && text_starts(err.message, "not recorded: ")
                   : err.kind == ERROR_LOCAL;
        local_close(local);
        _exit(moved && refused && *err.hint ? 0 : 1);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    support_assert_same_bytes(path, before);
    free(before.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rollback_leaves_nothing),
        cmocka_unit_test(a_full_disk_records_nothing),
        cmocka_unit_test(a_file_that_fills_up_in_the_middle_records_nothing),
        cmocka_unit_test(a_locked_file_records_nothing),
        cmocka_unit_test(a_write_protected_file_records_nothing),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
