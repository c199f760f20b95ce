/* amx.conf with mistakes next to secrets, and read by several threads at once. */
#include "config.h"

#include <pthread.h>
#include <string.h>

#include "support.h"
#include "text.h"
#include "thread.h"

#define MODEL "base_url = 'http://localhost/v1' model = llama "

/* The file is refused in this line with these words, and nothing of "SECRET" is repeated. */
static void expect_refusal(const char *content, int line, const char *words)
{
    Config *config = NULL;
    Error err = {0};
    const char *path = support_file(support_folder(), "amx.conf", content);
    char *place = text_format("%s:%d: ", path, line);
    assert_false(config_load(path, true, &config, &err));
    if (!text_starts(err.message, place) || !strstr(err.message, words)) {
        fail_msg("expected %s..%s.., got %s", place, words, err.message);
    }
    assert_null(strstr(err.message, "SECRET"));
    assert_null(strstr(err.hint, "SECRET"));
    free(place);
}

static void a_secret_that_goes_on_in_the_next_line_is_not_repeated(void **state)
{
    (void)state;
    expect_refusal("llm_profile a { " MODEL "\n api_key = sk-abc\n  deSECRET\n}\n", 3,
                   "what follows api_key ");
    expect_refusal("llm_profile a { " MODEL "\n api_key = sk-abc\n  deSECRET==\n}\n", 3,
                   "what follows api_key ");
    expect_refusal("llm_profile a { " MODEL "\n api_key = sk-abc\n\n  SECRET = SECRET\n}\n", 4,
                   "what follows api_key ");
    expect_refusal("llm_profile a { " MODEL "\n api_key = sk-abc\n  'deSECRET'\n}\n", 3,
                   "what follows api_key ");
    expect_refusal("llm_profile a { " MODEL "\n api_key_command = pass\n  show SECRET\n}\n", 3,
                   "what follows api_key_command ");
    expect_refusal("llm_profile a { " MODEL "\n api_key = sk-abc\n  (SECRET)\n}\n", 3, "");
}

/* What is written like an option is told by its name. */
static void an_option_after_a_secret_is_named(void **state)
{
    (void)state;
    expect_refusal("llm_profile a { " MODEL "\n api_key = K\n bogus = 1\n}\n", 3, "no such option 'bogus'");
    expect_refusal("llm_profile a { " MODEL "\n api_key = K\n retry_count=3\n}\n", 3, "'retry_count'");
    expect_refusal("llm_profile a { " MODEL "\n api_key = K\n retries 3\n}\n", 3, "'retries'");
}

static void a_key_in_place_of_a_variables_name_is_told_as_one(void **state)
{
    (void)state;
    static const char *const keys[] = {"AKIA0123456789SECRET",
                                       "ASIASECRET0123456789",
                                       "sk-SECRET",
                                       "SECRETx",
                                       "MY-SECRET",
                                       "A0123456789012345678901234567890123SECRET"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        char *content = text_format("llm_profile a { " MODEL "\n api_key_env = '%s'\n}\n", keys[i]);
        expect_refusal(
            content, 2,
            "api_key_env is not allowed: this looks like a key, not like the name of an environment "
            "variable");
        free(content);
    }
    expect_refusal("llm_profile a { " MODEL "api_key_env = 1SECRET }\n", 1, "no name of an environment");
}

static void a_variable_may_have_a_long_name(void **state)
{
    (void)state;
    static const char *const names[] = {"MY_COMPANY_DATA_PLATFORM_OPENAI_API_KEY_PROD", "ASIA_PACIFIC_KEY",
                                        "ASIAPACIFICOPENAIPRODUCTION_KEY", "AKIAKEY"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        Config *config = NULL;
        Error err = {0};
        char *content = text_format("llm_profile a { " MODEL "\n api_key_env = %s\n}\n", names[i]);
        if (!config_load(support_file(support_folder(), "amx.conf", content), true, &config, &err)) {
            fail_msg("%s", err.message);
        }
        assert_string_equal(config_llm_profile(config, "a")->api_key_env, names[i]);
        config_free(config);
        free(content);
    }
}

/* --- several threads --- */

enum { READINGS = 60 };

typedef struct Reader {
    const char *path;
    const char *model; /* that it finds there */
    int good;
} Reader;

static void *read_again_and_again(void *context)
{
    Reader *reader = context;
    for (int i = 0; i < READINGS; i++) {
        Config *config = NULL;
        Error err = {0};
        if (config_load(reader->path, true, &config, &err)) {
            const LlmProfile *profile = config_llm_profile(config, NULL);
            reader->good += profile && text_equal(profile->model, reader->model);
        }
        config_free(config);
    }
    return NULL;
}

/* As lanes of the screen's worker do, while somebody looks whether the file has changed; one of the files has
 * a mistake, whose message is its own, too. */
static void several_threads_read_the_configuration_at_once(void **state)
{
    (void)state;
    enum { READERS = 3 };
    static const char *const models[READERS] = {"first", "second", "third"};
    Reader readers[READERS];
    pthread_t threads[READERS];
    for (size_t i = 0; i < READERS; i++) {
        char *content =
            text_format("llm_profile p%zu { base_url = 'http://localhost/v1' model = %s api_key = "
                        "'sk-%s' }\nabbreviation kna { means = 'customer %s' }\n",
                        i, models[i], models[i], models[i]);
        readers[i] = (Reader){support_file(support_folder(), "amx.conf", content), models[i], 0};
        free(content);
    }
    const char *wrong = support_file(support_folder(), "amx.conf", "\nllm_profile a { bogus = 1 }\n");
    for (size_t i = 0; i < READERS; i++) {
        assert_true(thread_start(&threads[i], read_again_and_again, &readers[i]));
    }
    for (int i = 0; i < READINGS; i++) {
        Config *config = NULL;
        Error err = {0};
        assert_false(config_load(wrong, true, &config, &err));
        assert_non_null(strstr(err.message, ":2: no such option 'bogus'"));
    }
    for (size_t i = 0; i < READERS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(readers[i].good, READINGS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_secret_that_goes_on_in_the_next_line_is_not_repeated),
        cmocka_unit_test(an_option_after_a_secret_is_named),
        cmocka_unit_test(a_key_in_place_of_a_variables_name_is_told_as_one),
        cmocka_unit_test(a_variable_may_have_a_long_name),
        cmocka_unit_test(several_threads_read_the_configuration_at_once),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
