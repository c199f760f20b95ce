#include "paths.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support.h"
#include "text.h"

static int clean_environment(void **state)
{
    (void)state;
    static const char *const names[] = {"AMX_HOME", "AMX_CONFIG", "XDG_CONFIG_HOME", "XDG_STATE_HOME"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        unsetenv(names[i]);
    }
    return setenv("HOME", "/home/ann", 1);
}

static void expect(const char *flag, const char *config, const char *folder, bool named)
{
    Paths paths;
    Error err = {0};
    if (!paths_find(flag, &paths, &err)) {
        fail_msg("%s", err.message);
    }
    char *history = text_format("%s/history.db", folder);
    assert_string_equal(paths.config, config);
    assert_string_equal(paths.state, folder);
    assert_string_equal(paths.history, history);
    assert_int_equal(paths.config_named, named);
    free(history);
    paths_free(&paths);
}

static void home_is_the_default(void **state)
{
    (void)state;
    expect(NULL, "/home/ann/.config/amx/amx.conf", "/home/ann/.local/state/amx", false);
}

static void without_home_the_password_database_knows(void **state)
{
    (void)state;
    const struct passwd *account = getpwuid(getuid());
    if (!account || account->pw_dir[0] != '/') {
        skip();
    }
    char *config = text_format("%s/.config/amx/amx.conf", account->pw_dir);
    char *folder = text_format("%s/.local/state/amx", account->pw_dir);
    unsetenv("HOME");
    expect(NULL, config, folder, false);
    setenv("HOME", "", 1);
    expect(NULL, config, folder, false);
    free(config);
    free(folder);
}

static void xdg_variables_are_followed_when_absolute(void **state)
{
    (void)state;
    setenv("XDG_CONFIG_HOME", "/c", 1);
    setenv("XDG_STATE_HOME", "/s", 1);
    expect(NULL, "/c/amx/amx.conf", "/s/amx", false);
    setenv("XDG_CONFIG_HOME", "c", 1);
    setenv("XDG_STATE_HOME", "", 1);
    expect(NULL, "/home/ann/.config/amx/amx.conf", "/home/ann/.local/state/amx", false);
}

static void amx_home_holds_both(void **state)
{
    (void)state;
    setenv("XDG_CONFIG_HOME", "/c", 1);
    setenv("XDG_STATE_HOME", "/s", 1);
    setenv("AMX_HOME", "/h", 1);
    expect(NULL, "/h/amx.conf", "/h", false);
    setenv("AMX_HOME", "/h//", 1);
    expect(NULL, "/h/amx.conf", "/h", false);
    assert_int_equal(chdir("/tmp"), 0);
    setenv("AMX_HOME", "here", 1);
    expect(NULL, "/tmp/here/amx.conf", "/tmp/here", false);
}

static void a_named_file_comes_first(void **state)
{
    (void)state;
    setenv("AMX_HOME", "/h", 1);
    setenv("AMX_CONFIG", "/x/env.conf", 1);
    expect(NULL, "/x/env.conf", "/h", true);
    expect("/x/flag.conf", "/x/flag.conf", "/h", true);
    setenv("AMX_CONFIG", "", 1);
    expect(NULL, "/h/amx.conf", "/h", false);
}

static mode_t mode_of(const char *path)
{
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    return status.st_mode & 07777;
}

static bool prepare(const char *folder, Error *err)
{
    Paths paths;
    setenv("AMX_HOME", folder, 1);
    assert_true(paths_find(NULL, &paths, err));
    bool prepared = paths_prepare(&paths, err);
    paths_free(&paths);
    return prepared;
}

static void folders_are_private_whatever_the_umask(void **state)
{
    (void)state;
    static const mode_t masks[] = {0, 022, 0777};
    for (size_t i = 0; i < sizeof masks / sizeof *masks; i++) {
        const char *base = support_folder();
        char *parent = text_format("%s/a", base);
        char *folder = text_format("%s/a/b", base);
        Error err = {0};
        mode_t before = umask(masks[i]);
        bool prepared = prepare(folder, &err);
        umask(before);
        assert_true(prepared);
        assert_int_equal(mode_of(parent), 0700);
        assert_int_equal(mode_of(folder), 0700);
        assert_true(prepare(folder, &err)); /* again, now that it is there */
        free(parent);
        free(folder);
    }
}

static void folders_that_others_control_are_refused(void **state)
{
    (void)state;
    Error err = {0};
    const char *open = support_folder();
    assert_int_equal(chmod(open, 0770), 0);
    assert_false(prepare(open, &err));
    assert_int_equal(err.kind, ERROR_SYSTEM);
    assert_non_null(strstr(err.message, "can be written to by others"));
    assert_int_equal(chmod(open, 0755), 0);
    assert_true(prepare(open, &err)); /* reading is not writing */

    const char *base = support_folder();
    char *own = text_format("%s/own", base);
    assert_int_equal(symlink(open, own), 0);
    assert_true(prepare(own, &err));
    if (geteuid() == 0) {
        assert_int_equal(lchown(own, 4711, 4711), 0);
        assert_false(prepare(own, &err));
        assert_non_null(strstr(err.message, "symbolic link"));
        assert_int_equal(chown(open, 4711, 4711), 0);
        assert_false(prepare(open, &err));
        assert_non_null(strstr(err.message, "belongs to somebody else"));
        assert_int_equal(chown(open, 0, 0), 0);
    }
    free(own);
}

static void what_is_no_folder_is_refused(void **state)
{
    (void)state;
    Error err = {0};
    const char *file = support_file(support_folder(), "file", "");
    assert_false(prepare(file, &err));
    assert_int_equal(err.kind, ERROR_SYSTEM);
    assert_non_null(strstr(err.message, file));

    char *below = text_format("%s/below", file);
    assert_false(prepare(below, &err));
    assert_int_equal(err.kind, ERROR_SYSTEM);
    free(below);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(home_is_the_default, clean_environment),
        cmocka_unit_test_setup(without_home_the_password_database_knows, clean_environment),
        cmocka_unit_test_setup(xdg_variables_are_followed_when_absolute, clean_environment),
        cmocka_unit_test_setup(amx_home_holds_both, clean_environment),
        cmocka_unit_test_setup(a_named_file_comes_first, clean_environment),
        cmocka_unit_test_setup(folders_are_private_whatever_the_umask, clean_environment),
        cmocka_unit_test_setup(folders_that_others_control_are_refused, clean_environment),
        cmocka_unit_test_setup(what_is_no_folder_is_refused, clean_environment),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
