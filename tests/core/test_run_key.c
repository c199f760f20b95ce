/* run --drafter llm with a key that a command tells. */
#include <signal.h>

#include "model_shop.h"
#include "text.h"

/* amx.conf with an api_key_command, of which "FILE" is a file that it may write. Returns the file. */
static const char *with_command(const ModelShop *person, const char *command)
{
    const char *file = support_file(support_folder(), "told", "");
    cli_configure(&person->cli,
                  "db_profile shop { backend = sqlite\n path = \"%s\" }\n"
                  "llm_profile local { base_url = \"%s\" model = llama retries = 0 "
                  "api_key_command = \"FILE='%s'; %s\" }\n",
                  person->database, fake_llm_url(person->fake), file, command);
    return file;
}

static void a_run_of_many_requests_runs_the_command_once(void **state)
{
    ModelShop *person = *state;
    const char *file = with_command(person, "echo x >> $FILE; echo " MODEL_SHOP_KEY);
    model_shop_says(person, model_shop_good, NULL);
    SupportRun run = cli_ok(&person->cli, "run --drafter llm");
    assert_int_equal(fake_llm_count(person->fake), MODEL_SHOP_TABLES);
    cli_shows(fake_llm_headers(person->fake, 1), "Bearer " MODEL_SHOP_KEY);
    assert_string_equal(support_read(file), "x\n");
    model_shop_expect_no_key(person, run);
}

static bool has_begun(void *context)
{
    return *support_read(context) != '\0';
}

static bool is_gone(void *context)
{
    return kill((pid_t)strtol(support_read(context), NULL, 10), 0) != 0;
}

static void a_command_that_hangs_ends_with_the_shorter_limit(void **state)
{
    ModelShop *person = *state;
    const char *file = with_command(person, "echo $$ > $FILE; sleep 1000");
    SupportRun run = cli_ok(&person->cli, "--timeout 1 run --drafter llm --json");
    assert_int_equal(cli_json_number(run.out, "by_builtin"), MODEL_SHOP_OBJECTS);
    assert_int_equal(cli_json_number(run.out, "input_tokens"), 0); /* nothing was sent */
    cli_shows(run.err, "its api_key_command does not end within ");
    assert_true(support_wait(is_gone, (void *)file));
    assert_int_equal(fake_llm_count(person->fake), 0);
}

static void control_c_ends_the_command_at_once(void **state)
{
    ModelShop *person = *state;
    const char *file = with_command(person, "echo $$ > $FILE; sleep 1000");
    CliProcess process = cli_start(&person->cli, "run --drafter llm");
    assert_true(support_wait(has_begun, (void *)file));
    assert_int_equal(kill(process.pid, SIGINT), 0);
    SupportRun run = cli_wait(&process);
    assert_int_equal(run.exit_code, 130);
    assert_true(support_wait(is_gone, (void *)file));
    assert_int_equal(fake_llm_count(person->fake), 0);
}

/* As whoever started amx may have done. */
static void a_command_is_waited_for_though_ended_children_were_ignored(void **state)
{
    ModelShop *person = *state;
    with_command(person, "test -n $FILE && echo " MODEL_SHOP_KEY "; sleep 0.1");
    model_shop_says(person, model_shop_good, NULL);
    SupportRun run =
        support_shell(person->cli.env, "trap '' CHLD; exec \"$AMX\" --timeout 5 run customer --drafter llm");
    assert_int_equal(run.exit_code, 0);
    assert_int_equal(fake_llm_count(person->fake), 1);
    with_command(person, "test -n $FILE && echo x; exit 3");
    run = support_shell(person->cli.env, "trap '' CHLD; exec \"$AMX\" run customer --all --drafter llm");
    cli_shows(run.err, "ends with exit code 3"); /* it is known how it ended, too */
}

static void the_command_is_not_shown_for_a_token_may_stand_in_it(void **state)
{
    ModelShop *person = *state;
    with_command(person, "curl -H token:$FILE-hush");
    SupportRun shown = cli_ok(&person->cli, "config show");
    cli_shows(shown.out, "api_key_command");
    cli_hides(shown.out, "hush");
    cli_hides(cli_ok(&person->cli, "config show --json").out, "hush");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, model_shop_start, model_shop_stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_run_of_many_requests_runs_the_command_once),
        TEST(a_command_that_hangs_ends_with_the_shorter_limit),
        TEST(control_c_ends_the_command_at_once),
        TEST(a_command_is_waited_for_though_ended_children_were_ignored),
        TEST(the_command_is_not_shown_for_a_token_may_stand_in_it),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
