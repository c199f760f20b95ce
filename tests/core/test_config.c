#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support.h"
#include "text.h"

static const char *write_config(const char *content)
{
    return support_file(support_folder(), "amx.conf", content);
}

static Config *load(const char *content)
{
    Config *config = NULL;
    Error err = {0};
    if (!config_load(write_config(content), true, &config, &err)) {
        fail_msg("not accepted: %s (%s)", err.message, err.hint);
    }
    return config;
}

/* The file is refused; the message stands at this line and holds these words, the hint those. */
static void refused_text(const char *content, int line, const char *words, const char *hint)
{
    Config *config = NULL;
    Error err = {0};
    const char *path = write_config(content);
    assert_false(config_load(path, true, &config, &err));
    assert_int_equal(err.kind, ERROR_CONFIG);
    char *place = text_format("%s:%d: ", path, line);
    if (!text_starts(err.message, place) || !strstr(err.message, words) || !strstr(err.hint, hint)) {
        fail_msg("expected %s..%s.. (..%s..), got %s (%s)", place, words, hint, err.message, err.hint);
    }
    free(place);
}

static void no_file_means_defaults(void **state)
{
    (void)state;
    Config *config = NULL;
    Error err = {0};
    char *path = text_format("%s/amx.conf", support_folder());
    assert_true(config_load(path, false, &config, &err));
    assert_false(config->exists);
    assert_string_equal(config->path, path);
    assert_null(config->active_db_profile);
    assert_null(config->history_profile);
    assert_int_equal(config->profile_count, 0);
    assert_string_equal(config->history_schema, "amx");
    assert_true(config->apply_enabled);
    assert_string_equal(config->ui_color, "auto");
    assert_true(config->ui_mouse);
    assert_false(config->ui_read_only);
    assert_int_equal(config->connect_timeout_ms, 5000);
    assert_int_equal(config->query_timeout_ms, 0);
    assert_int_equal(config->deliver_timeout_ms, 2000);
    assert_int_equal(config->busy_timeout_ms, 30000);
    assert_null(config->warnings[0]);
    config_free(config);
    free(path);
}

static void everything_can_be_set(void **state)
{
    (void)state;
    Config *config = load("active_db_profile = b\n"
                          "db_profile a { conninfo = 'host=h dbname=d' }\n"
                          "db_profile \"b c\" { backend = sqlite path = /x/y.db }\n"
                          "db_profile b { backend = \"sqlite\" path = \"/z.db\" }\n"
                          "history_store { profile = a schema = team }\n"
                          "apply { enabled = no }\n"
                          "ui { color = never mouse = off read_only = true }\n"
                          "timeouts { connect_ms = 1 query_ms = 2 deliver_ms = 3 busy_ms = 4 }\n");
    assert_true(config->exists);
    assert_string_equal(config->active_db_profile, "b");
    assert_int_equal(config->profile_count, 3);
    assert_string_equal(config->profiles[0].name, "a");
    assert_int_equal(config->profiles[0].target.backend, BACKEND_POSTGRESQL);
    assert_string_equal(config->profiles[0].target.conninfo, "host=h dbname=d");
    assert_null(config->profiles[0].target.path);
    assert_false(config->profiles[0].implicit);
    assert_int_equal(config_profile(config, "b c")->target.backend, BACKEND_SQLITE);
    assert_string_equal(config_profile(config, "b c")->target.path, "/x/y.db");
    assert_string_equal(config_profile(config, "b")->target.path, "/z.db");
    assert_null(config_profile(config, "c"));
    assert_string_equal(config->history_profile, "a");
    assert_string_equal(config->history_schema, "team");
    assert_false(config->apply_enabled);
    assert_string_equal(config->ui_color, "never");
    assert_false(config->ui_mouse);
    assert_true(config->ui_read_only);
    assert_int_equal(config->connect_timeout_ms, 1);
    assert_int_equal(config->query_timeout_ms, 2);
    assert_int_equal(config->deliver_timeout_ms, 3);
    assert_int_equal(config->busy_timeout_ms, 4);
    config_free(config);
}

static void paths_count_from_the_file_and_from_home(void **state)
{
    (void)state;
    const char *path = write_config("db_profile a { backend = sqlite path = data/a.db }\n"
                                    "db_profile b { backend = sqlite path = ~/b.db }\n");
    char *folder = strndup(path, (size_t)(strrchr(path, '/') - path));
    char *expected = text_format("%s/data/a.db", folder);
    setenv("HOME", "/home/ann", 1);
    Config *config = NULL;
    Error err = {0};
    assert_true(config_load(path, true, &config, &err));
    assert_string_equal(config->profiles[0].target.path, expected);
    assert_string_equal(config->profiles[1].target.path, "/home/ann/b.db");
    config_free(config);

    assert_int_equal(chdir(folder), 0);
    assert_true(config_load("amx.conf", true, &config, &err));
    assert_string_equal(config->profiles[0].target.path, expected);
    config_free(config);
    assert_int_equal(chdir("/"), 0);
    free(expected);
    free(folder);
}

static void the_environment_is_put_in(void **state)
{
    (void)state;
    setenv("AMX_TEST_HOST", "db1", 1);
    unsetenv("AMX_TEST_NOTHING");
    Config *config = load("db_profile a { conninfo = \"host=${AMX_TEST_HOST} user=x${AMX_TEST_NOTHING}\" }\n"
                          "db_profile b { conninfo = 'host=${AMX_TEST_HOST}' }\n");
    assert_string_equal(config->profiles[0].target.conninfo, "host=db1 user=x");
    assert_string_equal(config->profiles[1].target.conninfo, "host=${AMX_TEST_HOST}");
    config_free(config);
}

static void libpq_environment_is_a_profile_when_there_is_no_other(void **state)
{
    (void)state;
    static const char *const names[] = {"PGHOST", "PGHOSTADDR", "PGSERVICE", "PGDATABASE"};
    for (size_t i = 0; i < 4; i++) {
        setenv(names[i], "x", 1);
        Config *config = load("active_db_profile = environment\n");
        assert_int_equal(config->profile_count, 1);
        assert_string_equal(config->profiles[0].name, "environment");
        assert_string_equal(config->profiles[0].target.conninfo, "");
        assert_true(config->profiles[0].implicit);
        config_free(config);

        config = load("db_profile a { conninfo = '' }\n");
        assert_int_equal(config->profile_count, 1);
        assert_string_equal(config->profiles[0].name, "a");
        config_free(config);
        unsetenv(names[i]);
    }
    setenv("PGHOST", "", 1);
    Config *config = load("");
    assert_int_equal(config->profile_count, 0);
    config_free(config);
    unsetenv("PGHOST");
}

static void mistakes_are_named_with_their_line(void **state)
{
    (void)state;
    refused_text("\nactiv_db_profile = x\n", 2, "no such option 'activ_db_profile'",
                 "active_db_profile, active_llm_profile, db_profile");
    refused_text("ui {\n  colour = auto\n}\n", 2, "no such option 'colour'",
                 "in ui: color, mouse, read_only");
    refused_text("ui {\n  color = blue\n}\n", 2, "color = \"blue\"", "auto, always, never");
    refused_text("ui {\n  color = \"auto, always\"\n}\n", 2, "color", "auto, always, never");
    refused_text("ui {\n  theme = blue\n}\n", 2, "theme = \"blue\"", "dark, light, none");
    refused_text("ui {\n  color_bar = \"bold yelow\"\n}\n", 2,
                 "color_bar = \"bold yelow\" is not allowed: \"yelow\" is neither a colour nor an attribute",
                 "bold yellow on blue");
    refused_text("ui { color_bar = \"red on\" }\n", 1, "there is no colour after", "color_bar takes");
    refused_text("ui { color_bar = 256 }\n", 1, "\"256\" is neither", "0 to 255");
    refused_text("ui { color_bar = \"red blue\" }\n", 1, "\"blue\" is one colour too many",
                 "color_bar takes");
    refused_text("ui { mouse = maybe }\n", 1, "mouse = \"maybe\"", "true or false");
    refused_text("timeouts {\n\nquery_ms = soon }\n", 3, "query_ms = \"soon\"", "from 0 to 86400000");
    refused_text("timeouts { connect_ms = 0 }\n", 1, "connect_ms = \"0\"", "from 1 to 86400000");
    refused_text("timeouts { query_ms = -1 }\n", 1, "query_ms", "from 0");
    refused_text("timeouts { busy_ms = 99999999999999999999 }\n", 1, "busy_ms", "from 0");
    refused_text("timeouts { busy_ms = \"\" }\n", 1, "busy_ms", "from 0");
    refused_text("apply { enabled = true\nenabled = false }\n", 2, "set on line 1", "keep one");
    refused_text("ui { mouse = on }\nui { mouse = on }\n", 2, "set on line 1", "keep one");
    refused_text("history_store { schema = '' }\n", 1, "1 to 63 bytes", "amx");
    refused_text("active_db_profile x\n", 1, "missing equal sign", "allowed at the top level");
    refused_text("active_db_profile = two words\n", 1, "no such option 'words'", "need quotes");
    refused_text("}\n", 1, "unexpected closing brace", "");
}

static void mistakes_in_profiles_are_named_with_their_line(void **state)
{
    (void)state;
    refused_text("db_profile a { conninfo = '' }\ndb_profile a { conninfo = '' }\n", 2, "duplicate title 'a'",
                 "");
    refused_text("db_profile { conninfo = '' }\n", 1, "missing title", "");
    refused_text("db_profile '' { conninfo = '' }\n", 1, "empty name", "db_profile warehouse");
    refused_text("db_profile 'a\x1b' { conninfo = '' }\n", 1, "control characters", "");
    refused_text("db_profile a {\n backend = mysql\n}\n", 2, "backend = \"mysql\"", "postgresql, sqlite");
    refused_text("db_profile a {\n}\n", 2, "db_profile a has no conninfo", "add conninfo");
    refused_text("db_profile a {\n path = x\n}\n", 2, "postgresql, which takes no path", "backend = sqlite");
    refused_text("db_profile a {\n backend = sqlite\n}\n", 3, "db_profile a has no path", "add path");
    refused_text("db_profile a { backend = sqlite path = '' }\n", 1, "has no path", "add path");
    refused_text("db_profile a {\n conninfo = ''\n path = x\n backend = sqlite }\n", 2,
                 "sqlite, which takes no conninfo", "path");
    refused_text("db_profile a { conninfo = '' }\n\nactive_db_profile = b\n", 3,
                 "active_db_profile names the profile \"b\"", "declared are: a");
    refused_text("history_store {\n profile = b\n}\n", 2, "profile names the profile \"b\"",
                 "db_profile b { .. }");
}

static void comments_do_not_shift_the_lines(void **state)
{
    (void)state;
    refused_text("# one\n// two\n/* three\n four */\nbogus = 5\n", 5, "'bogus'", "");
    refused_text("ui { # a { brace\n color = auto# b\n}\nbogus = 4\n", 4, "'bogus'", "");
    refused_text("active_db_profile = \"#no comment\n\"\n\nbogus = 4\n", 4, "'bogus'", "");

    Config *config = load("db_profile a { conninfo = 'x#1 // /* \\' ' } # \"\n"
                          "db_profile b { backend = sqlite path = /srv//b.db } /* ' */ # }\n"
                          "db_profile /* here, too */ c { conninfo = \"\\\"#\" }\r\n");
    assert_string_equal(config->profiles[0].target.conninfo, "x#1 // /* ' ");
    assert_string_equal(config->profiles[1].target.path, "/srv//b.db");
    assert_string_equal(config->profiles[2].target.conninfo, "\"#");
    config_free(config);
}

static void what_is_left_open_is_named_where_it_begins(void **state)
{
    (void)state;
    refused_text("\nui {\n mouse = on\n\n", 2, "section is never closed", "}");
    refused_text("\nactive_db_profile = \"x\n\n", 2, "quote is never closed", "\"");
    refused_text("active_db_profile = 'x\\'\n", 1, "quote is never closed", "'");
    refused_text("\n\n/* x\n\n", 3, "comment is never closed", "*/");
    refused_text("active_db_profile = ${HOME\n", 1, "${ is never closed", "}");
}

static void text_must_be_utf8(void **state)
{
    (void)state;
    refused_text("ui { }\n# caf\xe9\n", 2, "UTF-8", "UTF-8");
    Config *config = load("\xef\xbb\xbf"
                          "db_profile \"caf\xc3\xa9\" { conninfo = '' }\n");
    assert_string_equal(config->profiles[0].name, "caf\xc3\xa9");
    config_free(config);
}

static void files_that_can_not_be_read_are_refused(void **state)
{
    (void)state;
    Config *config = NULL;
    Error err = {0};
    char *missing = text_format("%s/none.conf", support_folder());
    assert_false(config_load(missing, true, &config, &err));
    assert_int_equal(err.kind, ERROR_CONFIG);
    assert_non_null(strstr(err.message, missing));
    free(missing);

    assert_false(config_load(support_folder(), false, &config, &err));
    assert_int_equal(err.kind, ERROR_CONFIG);
    assert_non_null(strstr(err.message, "folder"));

    const char *locked = write_config("");
    assert_int_equal(chmod(locked, 0), 0);
    if (geteuid() != 0) { /* nothing is locked for root */
        assert_false(config_load(locked, false, &config, &err));
        assert_non_null(strstr(err.message, "Permission denied"));
    }
}

static void a_password_others_can_read_is_warned_of(void **state)
{
    (void)state;
    static const struct {
        const char *conninfo;
        mode_t mode;
        bool warned;
    } cases[] = {
        {"host=h password=hunter2", 0644, true},
        {"postgresql://u:hunter2@h/d", 0640, true},
        {"host=h password=hunter2", 0600, false},
        {"host=h user=u", 0644, false},
        {"host=h password=${AMX_TEST_PASSWORD}", 0644, false},
    };
    setenv("AMX_TEST_PASSWORD", "hunter2", 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *content = text_format("db_profile a { conninfo = \"%s\" }\n", cases[i].conninfo);
        const char *path = write_config(content);
        assert_int_equal(chmod(path, cases[i].mode), 0);
        Config *config = NULL;
        Error err = {0};
        assert_true(config_load(path, true, &config, &err));
        if (cases[i].warned) {
            assert_non_null(config->warnings[0]);
            assert_non_null(strstr(config->warnings[0], path));
            assert_null(strstr(config->warnings[0], "hunter2"));
        } else {
            assert_null(config->warnings[0]);
        }
        config_free(config);
        free(content);
    }
}

static void the_team_says_what_its_abbreviations_mean(void **state)
{
    (void)state;
    Config *config = load("abbreviation kna { means = \"customer master\" }\n"
                          "abbreviation amt { means = office }\n");
    assert_int_equal(config->abbreviation_count, 2);
    assert_string_equal(config->abbreviations[0].abbreviation, "kna");
    assert_string_equal(config->abbreviations[0].expansion, "customer master");
    assert_string_equal(config->abbreviations[1].expansion, "office");
    config_free(config);
    refused_text("abbreviation KNA { means = x }\n", 1, "\"KNA\" is not one word in lower case",
                 "like: abbreviation");
    refused_text("abbreviation k_a { means = x }\n", 1, "not one word", "one part of a name");
    refused_text("\nabbreviation kna { }\n", 2, "abbreviation kna has no means", "means = ");
    refused_text("abbreviation kna {\n  means = \" \"\n}\n", 2, "empty", "a few words");
    refused_text("abbreviation kna { meaning = x }\n", 1, "meaning", "allowed in abbreviation: means");
    refused_text("abbreviation a { means = x }\nabbreviation a { means = y }\n", 2, "a", "");
}

#define MODEL "base_url = 'http://localhost:11434/v1' model = llama "

static void language_models_are_declared_with_defaults(void **state)
{
    (void)state;
    Config *config = load("llm_profile local { base_url = 'http://localhost:11434/v1/' model = llama }\n");
    const LlmProfile *local = config_llm_profile(config, NULL);
    assert_non_null(local);
    assert_ptr_equal(local, config_llm_profile(config, "local"));
    assert_null(config_llm_profile(config, "other"));
    assert_string_equal(local->base_url, "http://localhost:11434/v1");
    assert_null(local->api_key);
    assert_null(local->api_key_env);
    assert_null(local->api_key_command);
    assert_int_equal(local->sends, LLM_SENDS_COMMENTS);
    assert_int_equal(local->max_tokens, 1024);
    assert_int_equal(local->context_tokens, 8192);
    assert_int_equal(local->retries, 2);
    assert_true(local->price_input == 0 && local->price_output == 0);
    assert_string_equal(local->currency, "USD");
    assert_int_equal(local->alternatives, 1);
    assert_null(config->warnings[0]);
    assert_null(config->advice[0]);
    config_free(config);
}

static void the_model_to_use_is_the_active_or_the_only_one(void **state)
{
    (void)state;
    Config *config = load("active_llm_profile = b\nllm_profile a { " MODEL "}\nllm_profile b { " MODEL
                          "sends = 'names,samples , statistics' price_input = 0.15 price_output = '10' }\n");
    assert_string_equal(config_llm_profile(config, NULL)->name, "b");
    assert_int_equal(config_llm_profile(config, NULL)->sends, LLM_SENDS_SAMPLES | LLM_SENDS_STATISTICS);
    assert_true(config_llm_profile(config, "b")->price_input == 0.15);
    assert_true(config_llm_profile(config, "b")->price_output == 10);
    config_free(config);
    config = load("llm_profile a { " MODEL "}\nllm_profile b { " MODEL "}\n");
    assert_null(config_llm_profile(config, NULL));
    config_free(config);
    config = load("active_llm_profile = none\nllm_profile a { " MODEL "}\n");
    assert_null(config_llm_profile(config, NULL));
    assert_non_null(config_llm_profile(config, "a"));
    config_free(config);
    config = load("");
    assert_null(config_llm_profile(config, NULL));
    config_free(config);
}

static void mistakes_in_language_models_are_named_with_their_line(void **state)
{
    (void)state;
    refused_text("llm_profile a { model = x }\n", 1, "llm_profile a has no base_url", "base_url = ");
    refused_text("llm_profile a {\n base_url = 'http://h/v1'\n}\n", 3, "llm_profile a has no model",
                 "model = ");
    refused_text("llm_profile none { " MODEL "}\n", 1, "no name of its own", "llm_profile local");
    refused_text("llm_profile builtin { " MODEL "}\n", 1, "no name of its own", "llm_profile local");
    refused_text("llm_profile a {\n base_url = 'ftp://h'\n}\n", 2, "no http:// or https:// address", "/v1");
    refused_text("llm_profile a { base_url = 'http:///v1' }\n", 1, "with a host", "/v1");
    refused_text("llm_profile a { base_url = 'https://u:p@h/v1' }\n", 1, "a user or a password", "/v1");
    refused_text("llm_profile a { base_url = 'https://h/v1?key=x' }\n", 1, "a query", "/v1");
    refused_text("llm_profile a {\n sends = 'names, data'\n}\n", 2, "a word of it is not known",
                 "names, comments, statistics, samples");
    refused_text("llm_profile a { sends = '' }\n", 1, "sends", "names");
    refused_text("llm_profile a { price_input = cheap }\n", 1, "no amount", "0.15");
    refused_text("llm_profile a { price_input = -1 }\n", 1, "no amount", "0.15");
    refused_text("llm_profile a { currency = moneymoney }\n", 1, "too long", "8 bytes");
    refused_text("llm_profile a { alternatives = 4 }\n", 1, "alternatives", "from 1 to 3");
    refused_text("llm_profile a { " MODEL "api_key_env = X api_key = Y }\n", 1,
                 "more than once where its key is: api_key_env, api_key", "keep one");
    refused_text("llm_profile a { " MODEL "\n max_tokens = 9000\n}\n", 2, "no room for a question",
                 "context_tokens");
    refused_text("\nactive_llm_profile = b\nllm_profile a { " MODEL "}\n", 2,
                 "names the llm_profile \"b\", which is not declared", "it takes: a, none");
}

/* The same, and nothing of "SECRET" is repeated. */
static void refused_unseen(const char *content, int line, const char *words)
{
    Config *config = NULL;
    Error err = {0};
    refused_text(content, line, words, "");
    assert_false(config_load(write_config(content), true, &config, &err));
    assert_null(strstr(err.message, "SECRET"));
    assert_null(strstr(err.hint, "SECRET"));
}

static void no_mistake_repeats_what_may_be_a_key(void **state)
{
    (void)state;
    refused_unseen("llm_profile a {\n base_url = 'http://joe:pw-SECRET@127.0.0.1/v1?key=SECRET'\n}\n", 2,
                   "base_url is not allowed: it holds a user or a password");
    refused_unseen("llm_profile a { base_url = 'http://h/v1?key=SECRET' }\n", 1, "a query");
    refused_unseen("llm_profile a { base_url = 'ftp://joe:SECRET@h' }\n", 1, "no http:// or https://");
    refused_unseen("llm_profile a { " MODEL "\n api_key_env = 'sk-SECRET'\n}\n", 2,
                   "api_key_env is not allowed: this looks like a key");
    refused_unseen("llm_profile a { " MODEL "api_key_env = 1SECRET }\n", 1, "api_key_env is not allowed");
    refused_unseen("llm_profile a { " MODEL "api_key_env = SECRETx }\n", 1, "api_key_env is not allowed");
    refused_unseen("llm_profile a { " MODEL "\n api_key = sk-SECRET+SECRET=\n}\n", 2,
                   "what follows api_key ");
    refused_unseen("llm_profile a { " MODEL "\n api_key = sk SECRET\n}\n", 2, "what follows api_key ");
    refused_unseen("llm_profile a { " MODEL "\n api_key = 'sk'SECRET\n}\n", 2, "what follows api_key ");
    refused_unseen("llm_profile a { " MODEL "\n api_key = sk-(SECRET)\n}\n", 2, "what follows api_key ");
    refused_unseen("llm_profile a { " MODEL "\n api_key_command = pass SECRET\n}\n", 2,
                   "what follows api_key_command ");
    refused_unseen("llm_profile a { " MODEL "\n api_key:sk-SECRET\n}\n", 2, "what follows api_key ");
    refused_unseen("db_profile a {\n conninfo = \"host=h password=it\"SECRET\n}\n", 2,
                   "what follows conninfo ");
    refused_text("llm_profile a { " MODEL "api_key = K\n bogus = 1\n}\n", 2, "no such option 'bogus'", "");
    config_free(load("llm_profile a { " MODEL "api_key_env = _KEY_2 }\n"));
}

static void a_key_in_the_file_is_warned_of(void **state)
{
    (void)state;
    static const struct {
        const char *key;
        mode_t mode;
        bool warned, advised;
    } cases[] = {
        {"api_key = 'sk-secret'", 0644, true, true},
        {"api_key = 'sk-secret'", 0600, false, true},
        {"api_key = \"${AMX_TEST_KEY}\"", 0644, false, false},
        {"api_key_env = AMX_TEST_KEY", 0644, false, false},
    };
    setenv("AMX_TEST_KEY", "sk-secret", 1);
    setenv("AMX_TEST_HOST", "localhost", 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *content = text_format(
            "llm_profile a { base_url = \"http://${AMX_TEST_HOST}/v1\" model = llama %s }\n", cases[i].key);
        const char *path = write_config(content);
        assert_int_equal(chmod(path, cases[i].mode), 0);
        Config *config = NULL;
        Error err = {0};
        assert_true(config_load(path, true, &config, &err));
        assert_true((config->warnings[0] != NULL) == cases[i].warned);
        assert_true((config->advice[0] != NULL) == cases[i].advised);
        if (cases[i].warned) {
            assert_non_null(strstr(config->warnings[0], "holds the key of an llm_profile"));
            assert_null(strstr(config->warnings[0], "sk-secret"));
        }
        if (cases[i].advised) {
            assert_non_null(strstr(config->advice[0], "in clear"));
            assert_null(strstr(config->advice[0], "sk-secret"));
        }
        char *shown = config_llm_value(&config->llm_profiles[0], "api_key");
        assert_true(!shown || strcmp(shown, "***") == 0);
        free(shown);
        config_free(config);
        free(content);
    }
}

static void a_key_that_would_go_over_the_network_in_clear_is_warned_of(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        bool warned;
    } cases[] = {
        {"http://models.example/v1", true},    {"https://models.example/v1", false},
        {"http://localhost:1/v1", false},      {"http://127.0.0.2/v1", false},
        {"http://[::1]:8080/v1", false},       {"http://localhost.example/v1", true},
        {"http://127.0.0.1.example/v1", true}, {"http://10.0.0.1/v1", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *content =
            text_format("llm_profile a { base_url = '%s' model = llama api_key_env = K }\n", cases[i].url);
        Config *config = load(content);
        if ((config->warnings[0] != NULL) != cases[i].warned) {
            fail_msg("%s: %s", cases[i].url, config->warnings[0] ? config->warnings[0] : "no warning");
        }
        config_free(config);
        free(content);
    }
    Config *config = load("llm_profile a { base_url = 'http://models.example/v1' model = llama }\n");
    assert_null(config->warnings[0]); /* there is no key */
    config_free(config);
}

/* The example is what people copy: it parses, and says of every option what the code says. */
static void the_example_and_the_code_agree(void **state)
{
    (void)state;
    const char *example = support_read(AMX_SOURCE_DIR "/amx.conf.example");
    Config *config = load(example);
    config_free(config);

    size_t count = 0;
    const ConfigOption *options = config_options(&count);
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++) {
        const ConfigOption *option = &options[i];
        char *opening = *option->section ? text_format("\n%s ", option->section) : strdup("\n");
        const char *section = strstr(example, opening);
        char *comment = text_format("# %s\n", option->comment);
        const char *fallback = option->fallback ? option->fallback : "";
        const char *quote = strchr(fallback, ',') ? "\"" : "";
        char *setting = text_format("%s = %s%s%s", option->name, quote, fallback, quote);
        if (!section || !strstr(section, comment) || !strstr(section, setting)) {
            fail_msg("amx.conf.example lacks, in section \"%s\": %s%s", option->section, comment, setting);
        }
        free(opening);
        free(comment);
        free(setting);
    }
}

int main(void)
{
    unsetenv("PGHOST");
    unsetenv("PGHOSTADDR");
    unsetenv("PGSERVICE");
    unsetenv("PGDATABASE");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_file_means_defaults),
        cmocka_unit_test(everything_can_be_set),
        cmocka_unit_test(paths_count_from_the_file_and_from_home),
        cmocka_unit_test(the_environment_is_put_in),
        cmocka_unit_test(libpq_environment_is_a_profile_when_there_is_no_other),
        cmocka_unit_test(mistakes_are_named_with_their_line),
        cmocka_unit_test(mistakes_in_profiles_are_named_with_their_line),
        cmocka_unit_test(comments_do_not_shift_the_lines),
        cmocka_unit_test(what_is_left_open_is_named_where_it_begins),
        cmocka_unit_test(text_must_be_utf8),
        cmocka_unit_test(files_that_can_not_be_read_are_refused),
        cmocka_unit_test(a_password_others_can_read_is_warned_of),
        cmocka_unit_test(the_team_says_what_its_abbreviations_mean),
        cmocka_unit_test(language_models_are_declared_with_defaults),
        cmocka_unit_test(the_model_to_use_is_the_active_or_the_only_one),
        cmocka_unit_test(mistakes_in_language_models_are_named_with_their_line),
        cmocka_unit_test(no_mistake_repeats_what_may_be_a_key),
        cmocka_unit_test(a_key_in_the_file_is_warned_of),
        cmocka_unit_test(a_key_that_would_go_over_the_network_in_clear_is_warned_of),
        cmocka_unit_test(the_example_and_the_code_agree),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
