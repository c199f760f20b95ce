/* What the machine does to the local file: killed at any system call, disk full or failing, locked, starved
 * of memory, with a wrong clock or name. A row and its mark are there both or neither, a command that could
 * not record says so and fails, and a delivery that is interrupted anywhere delivers once. */
#include <sched.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "cli_team.h"
#include "text.h"

#define BUSY_MS 30000
/* Leak checks do not work under a tracer, and the sanitizer wants to be loaded first. */
#define UNDER_A_TRACER "ASAN_OPTIONS=detect_leaks=0 "
#define PRELOAD "ASAN_OPTIONS=detect_leaks=0:verify_asan_link_order=0 LD_PRELOAD="
#define FAKETIME "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"

/* Every call that changes something on disk. */
static const char *const calls[] = {"mknodat",   "write",     "pwrite64", "fsync",
                                    "fdatasync", "ftruncate", "unlink"};

typedef struct Scene {
    CliStore store;
    Cli ann;
    char *away; /* where the store's file lies while it can't be reached */
} Scene;

static int set_up(void **state)
{
    Scene *scene = calloc(1, sizeof *scene);
    scene->store = cli_store_new(true);
    scene->ann = cli_team_person("ann", &scene->store);
    scene->away = text_format("%s.away", scene->store.where);
    *state = scene;
    return 0;
}

static int tear_down(void **state)
{
    Scene *scene = *state;
    free(scene->away);
    free(scene);
    return 0;
}

static void hide_store(const Scene *scene)
{
    assert_int_equal(rename(scene->store.where, scene->away), 0);
}

static void show_store(const Scene *scene)
{
    assert_int_equal(rename(scene->away, scene->store.where), 0);
}

static SupportRun shell(const Scene *scene, const char *format, ...) __attribute__((format(printf, 2, 3)));
static SupportRun shell(const Scene *scene, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *command = text_vformat(format, args);
    va_end(args);
    SupportRun run = support_shell(scene->ann.env, command);
    free(command);
    return run;
}

/* amx with one fault injected: "pwrite64:signal=KILL:when=3". */
static SupportRun inject(const Scene *scene, const char *fault, const char *words)
{
    return shell(scene, UNDER_A_TRACER "exec strace -f -qqq -o /dev/null -e inject=%s \"$AMX\" %s", fault,
                 words);
}

static bool can_trace(const Scene *scene)
{
    return shell(scene, "strace -f -qqq -o /dev/null -e inject=write:signal=KILL:when=1 echo").exit_code ==
           137;
}

/* ---- killed ---- */

typedef void (*Prepare)(const Scene *scene);

/* Every nth of a long row of calls; with AMX_TEST_LONG=1 in the environment every single one. */
static int stride(int usual)
{
    return getenv("AMX_TEST_LONG") ? 1 : usual;
}

/* Kills the command at its first call of each kind, and then at each `step`th later one, until it survives;
 * returns the number of kills. */
static int kill_everywhere(const Scene *scene, const char *words, Prepare prepare, int step)
{
    int kills = 0;
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        int code = 137;
        for (int n = 1; code == 137; n += step) {
            if (prepare) {
                prepare(scene);
            }
            char *fault = text_format("%s:signal=KILL:when=%d", calls[i], n);
            code = inject(scene, fault, words).exit_code;
            free(fault);
            kills += code == 137;
            cli_team_assert_sound(&scene->ann);
        }
        assert_int_equal(code, 0);
    }
    return kills;
}

static void a_write_is_killed_at_every_call(void **state)
{
    Scene *scene = *state;
    if (!can_trace(scene)) {
        skip();
    }
    hide_store(scene);
    cli_ok(&scene->ann, "session new --title first"); /* the store rests from here on */
    int kills = kill_everywhere(scene, "session new --title killed", NULL, 1);
    assert_true(kills >= 10);
    /* every session was recorded as a whole or not at all, and what was recorded is queued */
    assert_string_equal(
        support_sqlite_value(scene->ann.history, "SELECT count(*) FROM sessions WHERE title IS NULL"), "0");
    show_store(scene);
    cli_team_assert_heals(&scene->ann, &scene->store);
}

/* Both files as they were with five rows queued. */
static void restore_both(const Scene *scene)
{
    assert_int_equal(shell(scene,
                           "rm -f \"$AMX_HOME\"/history.db* %s* && cp -p \"$AMX_HOME\"/queued/history.db "
                           "\"$AMX_HOME\"/ && cp -p \"$AMX_HOME\"/queued/team.db %s",
                           scene->store.where, scene->store.where)
                         .exit_code,
                     0);
}

static void restore_after_the_last(const Scene *scene)
{
    if (cli_queued(&scene->ann) == 0) {
        cli_store_same(&scene->store, &scene->ann);
    }
    cli_ok(&scene->ann, "db history-store flush-pending"); /* what the killed one left, another delivers */
    cli_store_same(&scene->store, &scene->ann);
    assert_string_equal(cli_store_value(&scene->store, "SELECT count(*) FROM @runs"), "1");
    restore_both(scene);
}

static void a_flush_is_killed_at_every_call(void **state)
{
    Scene *scene = *state;
    if (!can_trace(scene)) {
        skip();
    }
    hide_store(scene);
    cli_team_work(&scene->ann);
    show_store(scene);
    assert_int_equal(cli_queued(&scene->ann), CLI_TEAM_ROWS);
    assert_int_equal(shell(scene,
                           "mkdir \"$AMX_HOME\"/queued && cp -p \"$AMX_HOME\"/history.db %s "
                           "\"$AMX_HOME\"/queued/",
                           scene->store.where)
                         .exit_code,
                     0);
    int kills = kill_everywhere(scene, "db history-store flush-pending", restore_after_the_last, stride(7));
    assert_true(kills >= 30);
    cli_team_assert_heals(&scene->ann, &scene->store);
}

/* ---- the disk ---- */

/* A command that can't record says so, fails, and leaves everything as it was. */
static void assert_not_recorded(const Scene *scene, SupportRun run, long long queued, const char *reason)
{
    assert_int_not_equal(run.exit_code, 0);
    assert_true(run.exit_code < 128);
    cli_shows(run.err, "not recorded");
    cli_shows(run.err, reason);
    assert_int_equal(cli_queued(&scene->ann), queued);
    cli_team_assert_sound(&scene->ann);
}

static void the_disk_fails(void **state)
{
    static const struct {
        const char *fault;
        const char *reason;
    } faults[] = {
        {"pwrite64:error=ENOSPC:when=1+", "full"},
        {"pwrite64:error=EDQUOT:when=1+", "disk"},
        {"pwrite64:error=EIO:when=1+", "disk I/O error"},
        {"fdatasync,fsync:error=EIO:when=1+", "disk I/O error"},
    };
    Scene *scene = *state;
    if (!can_trace(scene)) {
        skip();
    }
    hide_store(scene);
    cli_team_work(&scene->ann);
    long long queued = cli_queued(&scene->ann);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        assert_not_recorded(scene, inject(scene, faults[i].fault, "session new --title lost"), queued,
                            faults[i].reason);
    }
    assert_string_equal(support_sqlite_value(scene->ann.history, "SELECT count(*) FROM sessions"), "0");
    show_store(scene);
    cli_team_assert_heals(&scene->ann, &scene->store);
}

/* Every single call that fails once: recorded as a whole, or not at all and told. */
static void any_disk_call_fails_once(void **state)
{
    static const char *const errors[] = {"pwrite64:error=EIO", "fdatasync:error=EIO", "ftruncate:error=EIO",
                                         "pwrite64:error=ENOSPC"};
    Scene *scene = *state;
    int refused = 0;
    if (!can_trace(scene)) {
        skip();
    }
    hide_store(scene);
    cli_team_work(&scene->ann);
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        for (int n = 1; n <= 12; n += stride(2)) {
            const char *counted = "SELECT count(*) FROM sessions";
            long long before = cli_queued(&scene->ann);
            long long sessions = strtoll(support_sqlite_value(scene->ann.history, counted), NULL, 10);
            char *fault = text_format("%s:when=%d", errors[i], n);
            SupportRun run = inject(scene, fault, "session new --title maybe");
            free(fault);
            long long made = strtoll(support_sqlite_value(scene->ann.history, counted), NULL, 10) - sessions;
            cli_team_assert_sound(&scene->ann);
            assert_int_equal(cli_queued(&scene->ann), before + made);
            assert_true(made == 1 || run.exit_code != 0);
            refused += run.exit_code != 0;
        }
    }
    assert_true(refused >= 4);
    show_store(scene);
    cli_team_assert_heals(&scene->ann, &scene->store);
}

static void a_file_size_limit_is_an_error_and_no_death(void **state)
{
    Scene *scene = *state;
    hide_store(scene);
    cli_team_work(&scene->ann);
    SupportRun run = shell(scene, "ulimit -f 4; exec \"$AMX\" session new --title lost");
    assert_not_recorded(scene, run, CLI_TEAM_ROWS, "");
    show_store(scene);
    cli_team_assert_heals(&scene->ann, &scene->store);
}

/* The mount is seen by this test program only, and goes with it. */
static void the_disk_is_full(void **state)
{
    Scene *scene = *state;
    const char *disk = support_folder();
    if (geteuid() != 0 || mount("tmpfs", disk, "tmpfs", 0, "size=2m,mode=700")) {
        skip();
    }
    hide_store(scene);
    cli_team_work(&scene->ann);
    assert_int_equal(
        shell(scene, "cp -pr \"$AMX_HOME\"/. %s && head -c 4000000 /dev/zero >%s/filler; test -e %s/amx.conf",
              disk, disk, disk)
            .exit_code,
        0);
    Scene small = *scene;
    small.ann = cli_new("ann", "%s", "");
    char *home = text_format("AMX_HOME=%s", disk);
    char *history = text_format("%s/history.db", disk);
    char *filler = text_format("%s/filler", disk);
    small.ann.env[0] = home;
    small.ann.history = history;
    assert_not_recorded(&small, cli_run(&small.ann, "session new --title lost"), CLI_TEAM_ROWS, "full");
    unlink(filler);
    cli_ok(&small.ann, "session new --title kept");
    show_store(scene);
    cli_team_assert_heals(&small.ann, &scene->store);
    umount(disk);
    free(filler);
    free(history);
    free(home);
}

/* The kernel is made to say NFS (0x6969) of every folder. */
static void a_network_file_system_is_refused(void **state)
{
    Scene *scene = *state;
    if (!can_trace(scene)) {
        skip();
    }
    SupportRun run =
        inject(scene, "statfs:poke_exit=@arg2=6969000000000000:when=1+", "session new --title nowhere");
    assert_int_not_equal(run.exit_code, 0);
    cli_shows(run.err, "network file system");
    cli_shows(run.err, "AMX_HOME");
    assert_string_equal(support_sqlite_value(scene->ann.history, "SELECT count(*) FROM sessions"), "0");
    cli_team_assert_heals(&scene->ann, &scene->store);
}

static void a_deleted_file_begins_a_new_origin(void **state)
{
    static const char *const mine = "SELECT count(*) FROM @runs WHERE local_id = 1";
    Scene *scene = *state;
    cli_team_work(&scene->ann);
    const char *before =
        cli_store_value(&scene->store, "SELECT group_concat(updated_at || row_version) FROM @run_results");
    assert_int_equal(shell(scene, "rm \"$AMX_HOME\"/history.db*").exit_code, 0);
    cli_ok(&scene->ann, "db history-store enable");
    cli_team_assert_heals(&scene->ann, &scene->store);
    assert_string_equal(
        cli_store_value(&scene->store, "SELECT group_concat(updated_at || row_version) FROM @run_results"),
        before);
    cli_team_work(&scene->ann);
    assert_string_equal(cli_store_value(&scene->store, mine), "2"); /* each origin has its own run 1 */
    cli_team_assert_heals(&scene->ann, &scene->store);
}

/* ---- others at the same file ---- */

static void somebody_holds_the_lock(void **state)
{
    Scene *scene = *state;
    sqlite3 *other = NULL;
    hide_store(scene);
    cli_team_work(&scene->ann);
    cli_team_configure(&scene->ann, &scene->store, NULL, 300);
    assert_int_equal(sqlite3_open(scene->ann.history, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
    SupportRun run = cli_run(&scene->ann, "session new --title lost");
    sqlite3_close(other);
    assert_int_equal(run.exit_code != 0 && run.exit_code < 128, 1);
    cli_shows(run.err, "lock");
    assert_int_equal(cli_queued(&scene->ann), CLI_TEAM_ROWS);
    cli_ok(&scene->ann, "session new --title kept");
    show_store(scene);
    cli_team_assert_heals(&scene->ann, &scene->store);
}

static void writers_take_turns(void **state)
{
    Scene *scene = *state;
    CliProcess writers[8];
    size_t count = sizeof writers / sizeof *writers;
    for (size_t i = 0; i < count; i++) {
        writers[i] = cli_start(&scene->ann, "session new --title writer%zu", i);
    }
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(cli_wait(&writers[i]).exit_code, 0);
    }
    assert_string_equal(support_sqlite_value(scene->ann.history, "SELECT count(*) FROM sessions"), "8");
    cli_team_assert_heals(&scene->ann, &scene->store);
}

static void several_flushers_deliver_once(void **state)
{
    Scene *scene = *state;
    CliProcess flushers[4];
    size_t count = sizeof flushers / sizeof *flushers;
    hide_store(scene);
    cli_team_work(&scene->ann);
    cli_team_work(&scene->ann);
    show_store(scene);
    for (size_t i = 0; i < count; i++) {
        flushers[i] = cli_start(&scene->ann, "db history-store flush-pending");
    }
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(cli_wait(&flushers[i]).exit_code, 0);
    }
    assert_string_equal(cli_store_value(&scene->store, "SELECT count(*) FROM @runs"), "2");
    assert_string_equal(cli_store_value(&scene->store, "SELECT count(*) FROM @run_results"), "8");
    cli_team_assert_heals(&scene->ann, &scene->store);
}

/* ---- memory, clock, names ---- */

static void the_clock_jumps_by_ten_years(void **state)
{
    static const char *const jumps[] = {"-3650d", "+3650d", "+0d", "-3650d"};
    Scene *scene = *state;
    if (access(FAKETIME, R_OK)) {
        skip();
    }
    for (size_t i = 0; i < sizeof jumps / sizeof *jumps; i++) {
        SupportRun run =
            shell(scene, PRELOAD FAKETIME " FAKETIME=%s \"$AMX\" session new --title jump%zu", jumps[i], i);
        assert_int_equal(run.exit_code, 0);
        assert_int_equal(cli_queued(&scene->ann), 0);
    }
    hide_store(scene); /* it rests until a time that is ten years away; the real one must not wait for it */
    shell(scene, PRELOAD FAKETIME " FAKETIME=+3650d \"$AMX\" session new --title far");
    show_store(scene);
    cli_ok(&scene->ann, "session new --title now");
    cli_team_assert_heals(&scene->ann, &scene->store);
    assert_string_equal(
        support_sqlite_value(scene->ann.history,
                             "SELECT group_concat(title) FROM (SELECT title FROM sessions ORDER BY "
                             "row_version)"),
        "jump0,jump1,jump2,jump3,far,now");
    assert_string_equal(support_sqlite_value(scene->ann.history,
                                             "SELECT count(DISTINCT substr(created_at, 1, 4)) "
                                             "FROM sessions"),
                        "3");
}

static void hosts_of_the_same_or_of_a_long_name(void **state)
{
    Scene *scene = *state;
    if (geteuid() != 0 || support_shell(NULL, "unshare -u true").exit_code != 0) {
        skip();
    }
    Scene twin = *scene;
    twin.ann = cli_team_person("ann", &scene->store);
    const Scene *both[] = {scene, &twin};
    const char *longest = "h23456789-123456789-123456789-123456789-123456789-123456789-1234";
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(
            shell(both[i], "exec unshare -u sh -c 'hostname twin && exec \"$AMX\" session new --title mine'")
                .exit_code,
            0);
    }
    assert_string_equal(
        cli_store_value(&scene->store, "SELECT count(*) FROM @sessions WHERE hostname = 'twin'"), "2");
    assert_string_equal(cli_store_value(&scene->store, "SELECT count(DISTINCT origin_id) FROM @sessions"),
                        "2");
    SupportRun run =
        shell(scene,
              "exec unshare -u sh -c 'printf %%s %s >/proc/sys/kernel/hostname && exec \"$AMX\" session "
              "new --title long'",
              longest);
    assert_int_equal(run.exit_code, 0);
    assert_string_equal(cli_store_value(&scene->store, "SELECT hostname FROM @sessions WHERE title = 'long'"),
                        longest);
    cli_team_assert_heals(&scene->ann, &scene->store);
    cli_team_assert_heals(&twin.ann, &scene->store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(int argc, char **argv)
{
    cmocka_set_test_filter(argc > 1 ? argv[1] : NULL); /* a glob: these tests only */
    const struct CMUnitTest tests[] = {
        TEST(a_write_is_killed_at_every_call),
        TEST(a_flush_is_killed_at_every_call),
        TEST(the_disk_fails),
        TEST(any_disk_call_fails_once),
        TEST(a_file_size_limit_is_an_error_and_no_death),
        TEST(the_disk_is_full),
        TEST(a_network_file_system_is_refused),
        TEST(a_deleted_file_begins_a_new_origin),
        TEST(somebody_holds_the_lock),
        TEST(writers_take_turns),
        TEST(several_flushers_deliver_once),
        TEST(the_clock_jumps_by_ten_years),
        TEST(hosts_of_the_same_or_of_a_long_name),
    };
    if (geteuid() == 0 && unshare(CLONE_NEWNS) == 0) {
        mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
    }
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
