/* amx on a command line: exit codes, streams, pipes. */
#include <string.h>

#include "support.h"
#include "text.h"

static const char *const env[] = {"HOME=/nonexistent", "LOGNAME=ann", NULL};

static void bare_amx_without_a_terminal_prints_help_and_exits_2(void **state)
{
    (void)state;
    SupportRun run = support_amx(env, NULL, NULL);
    assert_int_equal(run.exit_code, 2);
    assert_non_null(strstr(run.out, "amx"));
}

static void help_goes_to_stdout(void **state)
{
    (void)state;
    SupportRun run = support_amx(env, NULL, "--help", NULL);
    assert_int_equal(run.exit_code, 0);
    assert_true(strlen(run.out) > 0);
    assert_string_equal(run.err, "");
}

static void version_names_itself(void **state)
{
    (void)state;
    SupportRun run = support_amx(env, NULL, "--version", NULL);
    assert_int_equal(run.exit_code, 0);
    assert_ptr_equal(strstr(run.out, "amx "), run.out);
    run = support_amx(env, NULL, "--version", "--json", NULL);
    assert_int_equal(run.exit_code, 0);
    SupportRun command = support_amx(env, NULL, "version", "--json", NULL);
    assert_string_equal(run.out, command.out);
    assert_non_null(strstr(run.out, "\"schema\": \"amx.version/1\""));
}

static void a_failure_prints_no_empty_body(void **state)
{
    (void)state;
    const char *folder = support_folder();
    char *text = text_format("AMX_HOME=%s", folder);
    const char *const home[] = {text, "LOGNAME=ann", NULL};
    support_file(folder, "amx.conf", "db_profile shop {\n    backend = sqlite\n    path = \"x.db\"\n}\n");
    static const char *const formats[] = {"--color=never", "--json", "--csv"};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        SupportRun run = support_amx(home, NULL, formats[i], "history", "list", "--team", NULL);
        assert_int_not_equal(run.exit_code, 0);
        assert_string_equal(run.out, "");
        assert_true(strlen(run.err) > 0);
    }
    free(text);
}

static void usage_errors_exit_2_and_keep_stdout_clean(void **state)
{
    (void)state;
    SupportRun run = support_amx(env, NULL, "frobnicate", NULL);
    assert_int_equal(run.exit_code, 2);
    assert_string_equal(run.out, "");
    assert_non_null(strstr(run.err, "frobnicate"));
    run = support_amx(env, NULL, "--json", "frobnicate", NULL);
    assert_int_equal(run.exit_code, 2);
    assert_ptr_equal(strstr(run.err, "{\"error\":{\"code\":\"usage\""), run.err);
}

static void a_reader_that_has_seen_enough_is_no_error(void **state)
{
    (void)state;
    SupportRun run = support_shell(env, "{ $AMX --help; echo $? >&2; } | true");
    assert_string_equal(run.err, "0\n");
}

static void a_full_disk_is_an_error(void **state)
{
    (void)state;
    SupportRun run = support_shell(env, "$AMX --help >/dev/full");
    assert_int_equal(run.exit_code, 1);
}

static void hostile_arguments_come_back_harmless(void **state)
{
    (void)state;
    SupportRun run = support_amx(env, NULL, "\x1b]0;owned\a", NULL);
    assert_int_equal(run.exit_code, 2);
    assert_null(strchr(run.err, 0x1b));
    assert_null(strchr(run.err, '\a'));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bare_amx_without_a_terminal_prints_help_and_exits_2),
        cmocka_unit_test(help_goes_to_stdout),
        cmocka_unit_test(version_names_itself),
        cmocka_unit_test(a_failure_prints_no_empty_body),
        cmocka_unit_test(usage_errors_exit_2_and_keep_stdout_clean),
        cmocka_unit_test(a_reader_that_has_seen_enough_is_no_error),
        cmocka_unit_test(a_full_disk_is_an_error),
        cmocka_unit_test(hostile_arguments_come_back_harmless),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
