/* Where the key of a language model comes from, and what is said when there is none. */
#include "llm_key.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "support.h"
#include "text.h"
#include "thread.h"

#define KEY "sk-very-secret-0123456789"

static LlmProfile with_command(const char *command)
{
    return (LlmProfile){.name = "local", .api_key_command = (char *)command};
}

static void expect_key(const LlmProfile *profile, const char *expected)
{
    char *key = NULL;
    Error err = {0};
    if (!llm_key_find(profile, deadline_in(20000), &key, &err)) {
        fail_msg("no key: %s (%s)", err.message, err.hint);
    }
    if (expected) {
        assert_string_equal(key, expected);
    } else {
        assert_null(key);
    }
    llm_key_free(key);
}

static void expect_error(const LlmProfile *profile, Deadline deadline, ErrorKind kind, const char *words,
                         const char *hint)
{
    char *key = NULL;
    Error err = {0};
    assert_false(llm_key_find(profile, deadline, &key, &err));
    assert_null(key);
    assert_non_null(strstr(err.message, "llm_profile local"));
    assert_null(strstr(err.message, KEY));
    assert_null(strstr(err.hint, KEY));
    if (err.kind != kind || !strstr(err.message, words) || !strstr(err.hint, hint)) {
        fail_msg("expected %s: ..%s.. (..%s..), got %s: %s (%s)", error_code(kind), words, hint,
                 error_code(err.kind), err.message, err.hint);
    }
}

static void a_key_comes_from_the_environment_a_command_or_the_file(void **state)
{
    (void)state;
    setenv("AMX_TEST_KEY", KEY, 1);
    LlmProfile command = with_command("echo $AMX_TEST_KEY; echo something else");
    expect_key(&(LlmProfile){.name = "local", .api_key_env = "AMX_TEST_KEY"}, KEY);
    expect_key(&(LlmProfile){.name = "local", .api_key = KEY}, KEY);
    expect_key(&(LlmProfile){.name = "local"}, NULL);
    expect_key(&command, KEY);
    command = with_command("printf '" KEY "\\r\\n'");
    expect_key(&command, KEY);
}

static void a_key_that_is_not_there_is_named_by_where_it_should_be(void **state)
{
    (void)state;
    unsetenv("AMX_TEST_NO_KEY");
    LlmProfile env = {.name = "local", .api_key_env = "AMX_TEST_NO_KEY"};
    LlmProfile silent = with_command("true");
    expect_error(&env, DEADLINE_NONE, ERROR_CONFIG, "environment variable AMX_TEST_NO_KEY holds none",
                 "export AMX_TEST_NO_KEY=");
    setenv("AMX_TEST_NO_KEY", "", 1);
    expect_error(&env, DEADLINE_NONE, ERROR_CONFIG, "holds none", "export");
    expect_error(&silent, DEADLINE_NONE, ERROR_CONFIG, "api_key_command holds none",
                 "the first line of output of api_key_command has to be the key");
}

static void what_can_not_stand_in_a_header_is_no_key(void **state)
{
    (void)state;
    static const char *const keys[] = {KEY " x", KEY "\r\nX-Evil: 1", KEY "\x1b[31m", "caf\xc3\xa9" KEY};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        LlmProfile profile = {.name = "local", .api_key = (char *)keys[i]};
        expect_error(&profile, DEADLINE_NONE, ERROR_CONFIG, "is no key", "more copied");
    }
}

static void a_command_that_fails_is_not_quoted_for_it_may_have_said_the_key(void **state)
{
    (void)state;
    LlmProfile failing = with_command("set -x; echo " KEY "; echo vault is locked >&2; exit 3");
    LlmProfile killed = with_command("kill -9 $$");
    LlmProfile missing = with_command("amx-no-such-program");
    expect_error(&failing, DEADLINE_NONE, ERROR_CONFIG, "api_key_command ends with exit code 3",
                 "in a shell");
    expect_error(&killed, DEADLINE_NONE, ERROR_CONFIG, "is killed by signal 9", "in a shell");
    expect_error(&missing, DEADLINE_NONE, ERROR_CONFIG, "ends with exit code 127", "in a shell");
}

static void a_command_gets_no_input_and_may_say_much(void **state)
{
    (void)state;
    LlmProfile reading = with_command("cat; echo " KEY);
    LlmProfile loud = with_command("echo " KEY "; head -c 300000 /dev/zero; head -c 300000 /dev/zero >&2");
    LlmProfile leaving = with_command("echo " KEY "; sleep 5 & exit 0");
    expect_key(&reading, KEY);
    expect_key(&loud, KEY);
    expect_key(&leaving, KEY); /* what runs on in the background is not waited for */
}

static bool is_gone(void *context)
{
    return kill(*(const pid_t *)context, 0) != 0;
}

/* The group that the command leads, from the file in which it wrote its number. */
static pid_t group_of(const char *path)
{
    return (pid_t)-strtol(support_read(path), NULL, 10);
}

static void a_command_that_does_not_end_is_killed_with_all_it_started(void **state)
{
    (void)state;
    const char *path = support_file(support_folder(), "pid", "");
    char *line = text_format("echo $$ > '%s'; sleep 1000 | sleep 1000", path);
    LlmProfile profile = with_command(line);
    expect_error(&profile, deadline_in(500), ERROR_TIMEOUT, "does not end", "no terminal");
    pid_t group = group_of(path);
    assert_true(group < -1);
    assert_true(support_wait(is_gone, &group));
    free(line);
}

static bool is_there(void *context)
{
    return access(context, F_OK) == 0;
}

static void a_command_that_never_stops_talking_is_killed(void **state)
{
    (void)state;
    const char *path = support_file(support_folder(), "pid", "");
    char *line = text_format("trap '' PIPE; echo $$ > '%s'; while :; do echo much; done", path);
    LlmProfile endless = with_command(line);
    LlmProfile left_talking = with_command("echo " KEY "; cat /dev/zero & exit 0");
    expect_error(&endless, deadline_in(500), ERROR_TIMEOUT, "does not end", "no terminal");
    pid_t group = group_of(path);
    assert_true(group < -1);
    assert_true(support_wait(is_gone, &group));
    expect_key(&left_talking, KEY);
    free(line);
}

/* As a daemon, or a shell with trap '' CHLD, leaves it to what it starts: the system forgets the command. */
static void a_command_whose_end_nobody_is_told_of_has_ended_all_the_same(void **state)
{
    (void)state;
    LlmProfile profile = with_command("echo " KEY "; : forgotten");
    LlmProfile silent = with_command(": forgotten");
    signal(SIGCHLD, SIG_IGN);
    expect_key(&profile, KEY);
    expect_error(&silent, DEADLINE_NONE, ERROR_CONFIG, "api_key_command holds none", "");
    signal(SIGCHLD, SIG_DFL);
}

typedef struct Stopper {
    char *path; /* that the command makes */
    Interrupt *interrupt;
} Stopper;

static void *stop_when_it_runs(void *context)
{
    const Stopper *stopper = context;
    support_wait(is_there, stopper->path);
    interrupt_raise(stopper->interrupt);
    return NULL;
}

static void a_command_can_be_interrupted(void **state)
{
    (void)state;
    Interrupt own = {0};
    pthread_t thread;
    const char *folder = support_folder();
    char *path = text_format("%s/runs", folder);
    char *line = text_format("echo > '%s'; sleep 1000", path);
    Stopper stopper = {.path = path, .interrupt = &own};
    LlmProfile profile = with_command(line);
    interrupt_use(&own);
    assert_true(thread_start(&thread, stop_when_it_runs, &stopper));
    expect_error(&profile, DEADLINE_NONE, ERROR_INTERRUPTED, "interrupted while", "");
    pthread_join(thread, NULL);
    interrupt_use(NULL);
    assert_true(is_there(path));
    free(line);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_comes_from_the_environment_a_command_or_the_file),
        cmocka_unit_test(a_key_that_is_not_there_is_named_by_where_it_should_be),
        cmocka_unit_test(what_can_not_stand_in_a_header_is_no_key),
        cmocka_unit_test(a_command_that_fails_is_not_quoted_for_it_may_have_said_the_key),
        cmocka_unit_test(a_command_gets_no_input_and_may_say_much),
        cmocka_unit_test(a_command_that_does_not_end_is_killed_with_all_it_started),
        cmocka_unit_test(a_command_that_never_stops_talking_is_killed),
        cmocka_unit_test(a_command_whose_end_nobody_is_told_of_has_ended_all_the_same),
        cmocka_unit_test(a_command_can_be_interrupted),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
