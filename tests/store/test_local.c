/* history.db as a file: made, opened again, refused, left alone. */
#include "support_store.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "local_sqlite.h"
#include "memory.h"
#include "text.h"

/* ---- helpers ---------------------------------------------------------------------------------------------
 */

/* Every name in the file's folder. */
static char *listing(const char *path)
{
    char *folder = memory_string(path);
    *strrchr(folder, '/') = '\0';
    struct dirent **names = NULL;
    int count = scandir(folder, &names, NULL, alphasort);
    Text text = {0};
    assert_true(count >= 0);
    for (int i = 0; i < count; i++) {
        text_addf(&text, "%s\n", names[i]->d_name);
        free(names[i]);
    }
    free(names);
    free(folder);
    return text_take(&text);
}

static void overwrite(const char *path, off_t offset, off_t length)
{
    char *garbage = memory_alloc((size_t)length);
    for (off_t i = 0; i < length; i++) {
        garbage[i] = (char)(i * 7 + 3);
    }
    int fd = open(path, O_WRONLY);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, garbage, (size_t)length, offset), length);
    free(garbage);
    close(fd);
}

/* A file with a little of everything in it. */
static const char *used_file(void)
{
    const char *path = support_path("history.db");
    Local *local = support_local(path, &support_ada);
    assert_true(local_begin(local, NULL));
    int64_t run = support_insert(local, SYNCED_RUNS, 0);
    for (int i = 0; i < 200; i++) {
        support_insert(local, SYNCED_RUN_RESULTS, run);
    }
    assert_true(local_commit(local, NULL));
    local_close(local);
    return path;
}

/* Opening is refused in both modes, with a hint, and changes nothing. */
static void assert_refused(const char *path, const char *message, const char *hint)
{
    SupportBytes before = support_bytes(path);
    char *names = listing(path);
    for (LocalMode mode = LOCAL_WRITE; mode <= LOCAL_READ; mode++) {
        Local *local = NULL;
        Error err = {0};
        assert_false(local_open(path, mode, &support_ada, 100, &local, &err));
        assert_null(local);
        assert_int_equal(err.kind, ERROR_LOCAL);
        if (!strstr(err.message, message) || !strstr(err.hint, hint)) {
            fail_msg("%s (%s)", err.message, err.hint);
        }
        support_assert_same_bytes(path, before);
        char *now = listing(path);
        assert_string_equal(now, names);
        free(now);
    }
    free(names);
    free(before.data);
}

/* ---- making and opening
 * ------------------------------------------------------------------------------------ */

static void a_new_file_is_for_its_owner_only(void **state)
{
    (void)state;
    static const mode_t masks[] = {0, 022, 077, 0777};
    for (size_t i = 0; i < sizeof masks / sizeof *masks; i++) {
        const char *path = support_path("history.db");
        struct stat file;
        mode_t old = umask(masks[i]);
        Local *local = support_local(path, &support_ada);
        umask(old);
        assert_int_equal(stat(path, &file), 0);
        assert_int_equal(file.st_mode & 07777, 0600);
        local_close(local);
    }
}

static void the_header_says_whose_file_it_is(void **state)
{
    (void)state;
    const char *path = used_file();
    assert_string_equal(support_sqlite_value(path, "PRAGMA application_id"), "1095587889"); /* AMX1 */
    char version[16];
    snprintf(version, sizeof version, "%d", SYNCED_VERSION);
    assert_string_equal(support_sqlite_value(path, "PRAGMA user_version"), version);
}

static void opening_again_finds_the_same_origin(void **state)
{
    (void)state;
    const char *path = support_path("history.db");
    Local *local = support_local(path, &support_ada);
    char *origin = memory_string(local_origin(local));
    assert_int_equal(strlen(origin), 36);
    local_close(local);
    local = support_local(path, &support_ada);
    assert_string_equal(local_origin(local), origin);
    assert_string_equal(local_path(local), path);
    local_close(local);
    Error err = {0};
    assert_true(local_open(path, LOCAL_READ, &support_ada, 100, &local, &err));
    assert_string_equal(local_origin(local), origin);
    local_close(local);
    free(origin);
}

static void two_first_openings_at_once_make_one_origin(void **state)
{
    (void)state;
    const char *path = support_path("history.db");
    pid_t children[8];
    for (size_t i = 0; i < 8; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0) {
            Local *local = NULL;
            bool ok = local_open(path, LOCAL_WRITE, &support_ada, 20000, &local, NULL);
            local_close(local);
            _exit(ok ? 0 : 1);
        }
    }
    for (size_t i = 0; i < 8; i++) {
        int status = 0;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    assert_string_equal(support_sqlite_value(path, "SELECT count(*) FROM origin"), "1");
}

static void settings_are_kept(void **state)
{
    (void)state;
    const char *path = support_path("history.db");
    Local *local = support_local(path, &support_ada);
    char *value = NULL;
    assert_true(local_setting(local, "k", &value, NULL));
    assert_null(value);
    assert_true(local_set_setting(local, "k", "one", NULL));
    assert_true(local_set_setting(local, "k", "two", NULL));
    local_close(local);
    local = support_local(path, &support_ada);
    assert_true(local_setting(local, "k", &value, NULL));
    assert_string_equal(value, "two");
    free(value);
    assert_true(local_set_setting(local, "k", NULL, NULL));
    assert_true(local_setting(local, "k", &value, NULL));
    assert_null(value);
    local_close(local);
}

/* ---- refusing --------------------------------------------------------------------------------------------
 */

static void a_newer_file_is_refused(void **state)
{
    (void)state;
    const char *path = used_file();
    support_sqlite(path, "PRAGMA user_version = 999");
    assert_refused(path, "newer amx", "upgrade amx");
}

static void garbage_in_the_pages_is_refused(void **state)
{
    (void)state;
    const char *path = used_file();
    SupportBytes file = support_bytes(path);
    overwrite(path, 100, (off_t)file.length - 100);
    free(file.data);
    assert_refused(path, path, "backup");
}

static void garbage_in_the_header_is_refused(void **state)
{
    (void)state;
    const char *path = used_file();
    overwrite(path, 0, 100);
    assert_refused(path, path, "move it away");
}

static void a_file_cut_short_is_refused(void **state)
{
    (void)state;
    static const off_t cuts[] = {50, 4096, 5000, -4096, -1};
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        const char *path = used_file();
        SupportBytes file = support_bytes(path);
        off_t length = cuts[i] > 0 ? cuts[i] : (off_t)file.length + cuts[i];
        free(file.data);
        assert_int_equal(truncate(path, length), 0);
        assert_refused(path, path, "move it away");
    }
}

static void damage_behind_a_left_journal_is_refused(void **state)
{
    (void)state;
    const char *path = used_file();
    /* a page of content only: nothing reads it at opening, unless a doubt asks for quick_check */
    overwrite(path,
              atoll(support_sqlite_value(path, "SELECT (max(pageno) - 1) * 4096 FROM dbstat "
                                               "WHERE name = 'run_results' AND pagetype = 'leaf'")),
              4096);
    char *journal = text_format("%s-journal", path);
    int fd = open(journal, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_int_equal(write(fd, "left", 4), 4);
    close(fd);
    free(journal);
    SupportBytes before = support_bytes(path);
    Local *local = NULL;
    Error err = {0};
    assert_false(local_open(path, LOCAL_WRITE, &support_ada, 100, &local, &err));
    assert_int_equal(err.kind, ERROR_LOCAL);
    assert_non_null(strstr(err.message, "damaged"));
    assert_non_null(strstr(err.hint, "backup"));
    support_assert_same_bytes(path, before);
    free(before.data);
}

static void somebody_elses_database_is_refused(void **state)
{
    (void)state;
    const char *path = support_path("history.db");
    support_sqlite(path, "CREATE TABLE recipes(id INTEGER PRIMARY KEY, name TEXT)");
    assert_refused(path, "no history of amx", "AMX_HOME");
}

static void a_missing_file_is_not_made_for_reading(void **state)
{
    (void)state;
    const char *path = support_path("history.db");
    Local *local = NULL;
    Error err = {0};
    assert_false(local_open(path, LOCAL_READ, &support_ada, 100, &local, &err));
    assert_int_equal(err.kind, ERROR_NOT_FOUND);
    assert_int_equal(access(path, F_OK), -1);
}

static void a_missing_folder_is_named(void **state)
{
    (void)state;
    const char *path = support_path("missing/history.db");
    Local *local = NULL;
    Error err = {0};
    assert_false(local_open(path, LOCAL_WRITE, &support_ada, 100, &local, &err));
    assert_int_equal(err.kind, ERROR_LOCAL);
    assert_non_null(strstr(err.message, path));
    assert_non_null(strstr(err.hint, "AMX_HOME"));
}

static void reading_changes_no_byte(void **state)
{
    (void)state;
    const char *path = used_file();
    SupportBytes before = support_bytes(path);
    char *names = listing(path);
    Local *local = NULL;
    Error err = {0};
    assert_true(local_open(path, LOCAL_READ, &support_bob, 100, &local, &err));
    assert_int_equal(support_local_number(local, "SELECT count(*) FROM run_results"), 200);
    assert_int_equal(support_counts(local).queued, 0);
    assert_false(local_begin(local, &err));
    assert_int_equal(err.kind, ERROR_LOCAL);
    local_close(local);
    support_assert_same_bytes(path, before);
    char *now = listing(path);
    assert_string_equal(now, names);
    free(now);
    free(names);
    free(before.data);
}

/* What a writer leaves that is killed in the middle of a commit: a journal with the pages as they were. */
static const char *crashed_file(void)
{
    const char *path = used_file();
    const char *crashed = support_path("history.db");
    Local *local = support_local(path, &support_ada);
    assert_true(sqlite_script(local_sqlite(local), "PRAGMA cache_size = 1", NULL));
    assert_true(local_begin(local, NULL));
    support_local_sql(local, "UPDATE run_results SET chosen_text = printf('%1000s', 'half-written')");
    static const char *const suffixes[] = {"", "-journal"};
    for (size_t i = 0; i < 2; i++) {
        char *from = text_format("%s%s", path, suffixes[i]);
        char *to = text_format("%s%s", crashed, suffixes[i]);
        SupportBytes bytes = support_bytes(from);
        int fd = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        assert_int_equal(write(fd, bytes.data, bytes.length), bytes.length);
        close(fd);
        free(bytes.data);
        free(from);
        free(to);
    }
    local_rollback(local);
    local_close(local);
    return crashed;
}

static void a_write_that_was_cut_off_is_undone(void **state)
{
    (void)state;
    const char *path = crashed_file();
    Local *local = support_local(path, &support_ada);
    assert_int_equal(
        support_local_number(local, "SELECT count(*) FROM run_results WHERE chosen_text IS NULL"), 200);
    local_close(local);
}

/* Undoing it is a write: a reader says what to do instead. */
static void reading_after_a_cut_off_write_changes_nothing(void **state)
{
    (void)state;
    const char *path = crashed_file();
    SupportBytes before = support_bytes(path);
    char *names = listing(path);
    Local *local = NULL;
    Error err = {0};
    assert_false(local_open(path, LOCAL_READ, &support_ada, 100, &local, &err));
    assert_int_equal(err.kind, ERROR_LOCAL);
    assert_non_null(strstr(err.message, "cut off"));
    assert_non_null(strstr(err.hint, "status"));
    support_assert_same_bytes(path, before);
    char *now = listing(path);
    assert_string_equal(now, names);
    free(now);
    free(names);
    free(before.data);
}

/* A second opening in the same process must not drop the lock that the first one holds: closing any
 * descriptor of a file drops the locks that the process has on it. */
static void opening_twice_keeps_the_lock(void **state)
{
    (void)state;
    const char *path = used_file();
    Local *local = support_local(path, &support_ada);
    Local *second = NULL;
    assert_true(local_begin(local, NULL));
    support_touch(local, SYNCED_RUNS, 1);
    Error err = {0};
    local_open(path, LOCAL_WRITE, &support_ada, 10, &second, &err);
    pid_t child = fork();
    if (child == 0) {
        struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
        int fd = open(path, O_RDWR);
        _exit(fd >= 0 && fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type == F_WRLCK ? 0 : 1);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    local_close(second);
    assert_true(local_commit(local, NULL));
    local_close(local);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_file_is_for_its_owner_only),
        cmocka_unit_test(the_header_says_whose_file_it_is),
        cmocka_unit_test(opening_again_finds_the_same_origin),
        cmocka_unit_test(two_first_openings_at_once_make_one_origin),
        cmocka_unit_test(settings_are_kept),
        cmocka_unit_test(a_newer_file_is_refused),
        cmocka_unit_test(garbage_in_the_pages_is_refused),
        cmocka_unit_test(garbage_in_the_header_is_refused),
        cmocka_unit_test(a_file_cut_short_is_refused),
        cmocka_unit_test(damage_behind_a_left_journal_is_refused),
        cmocka_unit_test(somebody_elses_database_is_refused),
        cmocka_unit_test(a_missing_file_is_not_made_for_reading),
        cmocka_unit_test(a_missing_folder_is_named),
        cmocka_unit_test(reading_changes_no_byte),
        cmocka_unit_test(a_write_that_was_cut_off_is_undone),
        cmocka_unit_test(reading_after_a_cut_off_write_changes_nothing),
        cmocka_unit_test(opening_twice_keeps_the_lock),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
