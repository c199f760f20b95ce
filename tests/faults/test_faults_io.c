/* Files and names that misbehave, from inside the process: any call that fails, file systems that can't be
 * trusted, host names of every kind, and descriptors that nobody but SQLite may close. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli_team.h"
#include "faulty.h"
#include "support_internal.h"
#include "terminal.h"
#include "text.h"

typedef struct Scene {
    CliStore store;
    Cli ann;
    char *saved; /* history.db as each try finds it */
} Scene;

static int set_up(void **state)
{
    Scene *scene = calloc(1, sizeof *scene);
    scene->store = cli_store_new(false);
    scene->ann = cli_team_person("ann", &scene->store);
    scene->saved = text_format("%s.saved", scene->ann.history);
    *state = scene;
    return 0;
}

static int tear_down(void **state)
{
    Scene *scene = *state;
    free(scene->saved);
    free(scene);
    return terminal_teardown(NULL);
}

/* ---- any call fails ---- */

static void restore(const Scene *scene)
{
    char *journal = text_format("%s-journal", scene->ann.history);
    unlink(journal);
    free(journal);
    faulty_copy(scene->saved, scene->ann.history);
}

/* Fails the command's first, second, .. of these calls; after each one `check` looks. Returns the failures
 * told. */
static int fail_each(const Scene *scene, const char *calls, int error, int stride, const char *words,
                     void (*check)(const Scene *scene, const FaultyRun *try))
{
    int told = 0;
    for (int n = 1;; n += faulty_stride(stride)) {
        char *fault = text_format("FAULTY_IO=%s:%d:%d", calls, n, error);
        restore(scene);
        FaultyRun try = faulty_run(&scene->ann, NULL, fault, words);
        if (try.run.exit_code >= 126) {
            fail_msg("%s, %s (%s): exit %d\n%s", words, fault, try.struck, try.run.exit_code, try.run.err);
        }
        free(fault);
        if (!*try.struck) {
            assert_int_equal(try.run.exit_code, 0);
            return told;
        }
        check(scene, &try);
        cli_team_assert_sound(&scene->ann);
        told += try.run.exit_code != 0;
    }
}

/* The row is there, or amx failed. */
static void check_session(const Scene *scene, const FaultyRun *try)
{
    const char *made =
        support_sqlite_value(scene->ann.history, "SELECT count(*) FROM sessions WHERE title = 'mine'");
    if (strcmp(made, "1") != 0 && try->run.exit_code == 0) {
        fail_msg("%s: nothing was recorded, and nothing told\n%s", try->struck, try->run.err);
    }
    if (try->run.exit_code != 0) {
        cli_shows(try->run.err, "amx: ");
    }
}

static void a_write_fails_at_any_call(void **state)
{
    static const struct {
        const char *calls;
        int error;
        bool may_be_harmless; /* not every one of these calls is needed */
    } faults[] = {
        {"pwrite,write", EIO, false},  {"pwrite,write", ENOSPC, false},
        {"pwrite,write", EINTR, true}, {"fsync,fdatasync", EIO, false},
        {"ftruncate", EIO, true},      {"read,pread", EIO, false},
        {"read,pread", EINTR, true},   {"open", EIO, false},
        {"open", EINTR, true},
    };
    const Scene *scene = *state;
    cli_team_configure(&scene->ann, &scene->store, "host=/nowhere user=tester", 30000);
    cli_ok(&scene->ann, "session new --title before");
    faulty_copy(scene->ann.history, scene->saved);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        int told =
            fail_each(scene, faults[i].calls, faults[i].error, 2, "session new --title mine", check_session);
        print_message("%s, errno %d: %d failures told\n", faults[i].calls, faults[i].error, told);
        assert_true(told > 0 || faults[i].may_be_harmless);
    }
}

/* Whatever broke a flush, the next one delivers what it left, once. */
static void check_flush(const Scene *scene, const FaultyRun *try)
{
    if (try->run.exit_code == 0) {
        assert_int_equal(cli_queued(&scene->ann), 0);
    }
    cli_team_assert_heals(&scene->ann, &scene->store);
    cli_team_configure(&scene->ann, &scene->store, "host=/nowhere user=tester", 30000);
    cli_team_work(&scene->ann);
    cli_team_configure(&scene->ann, &scene->store, NULL, 30000);
    faulty_copy(scene->ann.history, scene->saved);
}

static void a_flush_fails_at_any_call(void **state)
{
    static const struct {
        const char *calls;
        int error;
    } faults[] = {
        {"pwrite,write", EIO}, {"fsync,fdatasync", EIO}, {"read,pread", EIO},
        {"recv", ECONNRESET},  {"send", EPIPE},          {"recv,send", EINTR},
    };
    const Scene *scene = *state;
    cli_team_configure(&scene->ann, &scene->store, "host=/nowhere user=tester", 30000);
    cli_team_work(&scene->ann);
    cli_team_configure(&scene->ann, &scene->store, NULL, 30000);
    faulty_copy(scene->ann.history, scene->saved);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        int told = fail_each(scene, faults[i].calls, faults[i].error, 11, "db history-store flush-pending",
                             check_flush);
        print_message("%s, errno %d: %d failures told\n", faults[i].calls, faults[i].error, told);
        cli_team_configure(&scene->ann, &scene->store, "host=/nowhere user=tester", 30000);
        cli_team_work(&scene->ann);
        cli_team_configure(&scene->ann, &scene->store, NULL, 30000);
        faulty_copy(scene->ann.history, scene->saved);
    }
}

/* ---- where the file lies ---- */

static void network_file_systems_are_refused(void **state)
{
    static const struct {
        const char *magic;
        bool refused;
    } kinds[] = {
        {"6969", true},     /* NFS */
        {"517b", true},     /* SMB */
        {"ff534d42", true}, /* CIFS */
        {"fe534d42", true}, /* SMB 2 */
        {"5346414f", true}, /* AFS */
        {"73757245", true}, /* Coda */
        {"c36400", true},   /* Ceph */
        {"ef53", false},    /* ext4 */
        {"9123683e", false} /* btrfs */
    };
    const Scene *scene = *state;
    long long expected = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        char *fault = text_format("FAULTY_STATFS=%s", kinds[i].magic);
        SupportRun run = faulty_run(&scene->ann, NULL, fault, "session new --title mine").run;
        assert_int_equal(run.exit_code, kinds[i].refused ? 1 : 0);
        if (kinds[i].refused) {
            cli_shows(run.err, "network file system");
            cli_shows(run.err, "AMX_HOME");
        }
        expected += !kinds[i].refused;
        assert_int_equal(
            strtoll(support_sqlite_value(scene->ann.history, "SELECT count(*) FROM sessions"), NULL, 10),
            expected);
        free(fault);
    }
    cli_team_assert_heals(&scene->ann, &scene->store);
}

/* ---- what the host is called ---- */

static void session_on(const Cli *cli, const char *host, const char *title)
{
    char *fault = text_format("FAULTY_HOSTNAME=%s", host);
    char *words = text_format("session new --title %s", title);
    assert_int_equal(faulty_run(cli, NULL, fault, words).run.exit_code, 0);
    free(words);
    free(fault);
}

static void hosts_are_named_as_they_say(void **state)
{
    static const struct {
        const char *says, *recorded;
    } names[] = {
        {"laptop", "laptop"},
        {"laptop-renamed", "laptop-renamed"}, /* the same file: what was written before keeps its name */
        {"", "localhost"},                    /* it fails */
        {"h23456789-123456789-123456789-123456789-123456789-123456789-1234",
         "h23456789-123456789-123456789-123456789-123456789-123456789-1234"},
        {"h23456789-123456789-123456789-123456789-123456789-123456789-123456789-123456789", "localhost"},
        {"caf\xe9", "caf\xef\xbf\xbd"}, /* no UTF-8 */
    };
    const Scene *scene = *state;
    Text expected = {0};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        session_on(&scene->ann, names[i].says, "one");
        text_addf(&expected, "%s%s", i ? "," : "", names[i].recorded);
    }
    assert_string_equal(cli_store_value(&scene->store,
                                        "SELECT string_agg(hostname, ',' ORDER BY local_id) FROM "
                                        "@sessions"),
                        text_string(&expected));
    assert_string_equal(cli_store_value(&scene->store, "SELECT count(DISTINCT origin_id) FROM @sessions"),
                        "1");
    cli_team_assert_heals(&scene->ann, &scene->store);
    text_free(&expected);
}

static void twin_hosts_are_not_merged(void **state)
{
    const Scene *scene = *state;
    Cli twin = cli_team_person("ann", &scene->store);
    session_on(&scene->ann, "twin", "mine");
    session_on(&twin, "twin", "mine");
    session_on(&scene->ann, "twin", "second");
    assert_string_equal(
        cli_store_value(&scene->store,
                        "SELECT string_agg(n::text, ',' ORDER BY n) FROM (SELECT count(*) AS n FROM "
                        "@sessions WHERE hostname = 'twin' AND created_by = 'ann' GROUP BY origin_id) x"),
        "1,2");
    cli_team_assert_heals(&scene->ann, &scene->store);
    cli_team_assert_heals(&twin, &scene->store);
}

/* ---- who opens and closes history.db ---- */

#define WATCH "FAULTY_WATCH=/history.db"

/* POSIX drops a process's locks on a file when it closes any descriptor of it: so nobody but SQLite may, and
 * SQLite waits with it until no connection holds a lock. Returns how many descriptors were opened. */
static int assert_left_to_sqlite(const char *log)
{
    int opened = 0;
    bool locked = false;
    char *copy = text_format("%s", log);
    char *rest = NULL;
    for (char *line = strtok_r(copy, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        bool closes = text_starts(line, "close ");
        bool opens = text_starts(line, "open ");
        if (text_starts(line, "fork ") || (closes && locked) ||
            ((opens || closes) && !strstr(line, "libsqlite3"))) {
            fail_msg("%s, in:\n%s", line, log);
        }
        opened += opens;
        locked = text_starts(line, "lock ") || text_starts(line, "loosen ") ||
                 (locked && !text_starts(line, "unlock "));
    }
    free(copy);
    return opened;
}

static void commands_leave_the_file_to_sqlite(void **state)
{
    static const char *const commands[] = {
        "session new --title mine",       "ask what is customer",     "run --all customer",
        "review 1 --accept low",          "history list --json",      "session list --team",
        "db history-store status",        "db history-store disable", "db history-store enable",
        "db history-store flush-pending",
    };
    const Scene *scene = *state;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        FaultyRun run = faulty_run(&scene->ann, NULL, WATCH, commands[i]);
        assert_int_equal(run.run.exit_code, 0);
        assert_true(assert_left_to_sqlite(run.log) > 0);
    }
}

/* On the screen two threads have the file open at once: what the log of faulty.c is for. */
static void the_screen_leaves_the_file_to_sqlite(void **state)
{
    const Scene *scene = *state;
    char *log = text_format("%s/log", scene->ann.home);
    char *log_to = text_format("FAULTY_LOG=%s", log);
    cli_team_work(&scene->ann);
    const char *env[] = {scene->ann.env[0], scene->ann.env[1], "LD_PRELOAD=" AMX_FAULTY, WATCH, log_to, NULL};
    Terminal *terminal = terminal_start_build(AMX_PLAIN_BINARY, env, 100, 30, "db history-store");
    terminal_expect(terminal, "reach         yes");
    terminal_keys(terminal, ":", NULL);
    terminal_type(terminal, "session new --title mine");
    terminal_keys(terminal, "Enter", NULL);
    terminal_expect(terminal, "is active under");
    terminal_keys(terminal, "q", NULL);
    terminal_expect(terminal, "left with");
    terminal_stop(terminal);
    assert_true(assert_left_to_sqlite(support_read(log)) > 1);
    free(log_to);
    free(log);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(int argc, char **argv)
{
    cmocka_set_test_filter(argc > 1 ? argv[1] : NULL); /* a glob: these tests only */
    const struct CMUnitTest tests[] = {
        TEST(a_write_fails_at_any_call),
        TEST(a_flush_fails_at_any_call),
        TEST(network_file_systems_are_refused),
        TEST(hosts_are_named_as_they_say),
        TEST(twin_hosts_are_not_merged),
        TEST(commands_leave_the_file_to_sqlite),
        TEST(the_screen_leaves_the_file_to_sqlite),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
