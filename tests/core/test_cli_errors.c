/* What goes wrong before or beside the work: command lines, amx.conf, streams, and text that means harm. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "text.h"

static const char sqlite_profile[] = "db_profile shop { backend = sqlite\n path = shop.db }\n";

static Cli person(const char *sql)
{
    Cli cli = cli_new("ann", "%s", sqlite_profile);
    support_sqlite(support_file(cli.home, "shop.db", ""), sql);
    return cli;
}

static Cli shopkeeper(void)
{
    return person("CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT UNIQUE)");
}

static void test_usage(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "rnu",
        "run --alle",
        "run a b",
        "review",
        "review one --accept high",
        "review 1 --accept",
        "review -1 --accept high",
        "history show 99999999999999999999",
        "run --all --missing-only",
        "run --drafter nobody",
        "session show --id x",
        "history list --since yesterday",
        "apply 1 --yes=please",
        "--timeout x run",
        "run 'a.\"b'",
        "db history-store enabel",
        "--color purple run",
    };
    Cli ann = shopkeeper();
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        SupportRun run = cli_expect(&ann, 2, "%s", wrong[i]);
        assert_string_equal(run.out, "");
        assert_int_equal(strncmp(run.err, "amx: ", 5), 0);
        SupportRun json = cli_expect(&ann, 2, "--json %s", wrong[i]);
        assert_string_not_equal(cli_json(json.err, "error.message"), "");
        assert_string_equal(json.out, "");
    }
    cli_shows(cli_expect(&ann, 2, "rnu").err, "hint: ");
    cli_shows(cli_expect(&ann, 2, "db history-store enabel").err, "amx help db history-store");
    cli_shows(cli_ok(&ann, "help db history-store").out, "db history-store enable");
    cli_shows(cli_expect(&ann, 2, "run --alle").err, "--alle");
    cli_shows(cli_expect(&ann, 2, " ").out, "history"); /* without a terminal: the help */
    assert_int_equal(support_shell(ann.env, "test -e \"$AMX_HOME/history.db\"").exit_code,
                     1); /* nothing was begun */
}

static void test_errors_as_json(void **state)
{
    (void)state;
    Cli ann = shopkeeper();
    SupportRun run = cli_expect(&ann, 2, "--json history show 7");
    assert_string_equal(cli_json(run.err, "error.code"), "not_found");
    assert_string_not_equal(cli_json(run.err, "error.hint"), "");
    assert_string_equal(run.out, "");
    run = cli_expect(&ann, 2, "-p nobody run --json");
    assert_string_equal(cli_json(run.err, "error.code"), "config");
    cli_shows(cli_json(run.err, "error.message"), "nobody");
    cli_shows(cli_json(run.err, "error.hint"), "shop");
    cli_configure(&ann, "db_profile shop { backend = sqlite\n path = nowhere.db }\n");
    run = cli_expect(&ann, 3, "run --json");
    assert_string_equal(cli_json(run.err, "error.code"), "connection");
    assert_int_equal(support_shell(ann.env, "test -e \"$AMX_HOME/nowhere.db\"").exit_code, 1);
}

static void test_broken_configuration(void **state)
{
    (void)state;
    Cli ann = shopkeeper();
    static const struct {
        const char *conf;
        const char *line;
    } broken[] = {
        {"# a comment\ndb_profile a {\n  backend = sqlite\n  pth = x\n}\n", "amx.conf:4"},
        {"ui { mouse = perhaps }\n", "amx.conf:1"},
        {"\n\ndb_profile a { backend = oracle }\n", "amx.conf:3"},
        {"ui {\n", "amx.conf:1"},
        {"active_db_profile = nobody\n", "nobody"},
    };
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        cli_configure(&ann, "%s", broken[i].conf);
        cli_shows(cli_expect(&ann, 2, "run").err, broken[i].line);
        cli_shows(cli_json(cli_expect(&ann, 2, "config check --json").err, "error.message"), broken[i].line);
        cli_ok(&ann, "help run"); /* help is there all the same */
        cli_ok(&ann, "version");
    }
    cli_shows(cli_expect(&ann, 2, "--config /nonexistent/amx.conf run").err, "/nonexistent/amx.conf");
}

static void test_streams(void **state)
{
    (void)state;
    Cli ann = shopkeeper();
    cli_ok(&ann, "run");
    SupportRun piped =
        support_shell(ann.env, "{ \"$AMX\" history results 1; echo \"code $?\" >&2; } | head -1");
    cli_shows(piped.err, "code 0");
    cli_hides(piped.err, "amx:");
    SupportRun full = cli_expect(&ann, 1, "history list >/dev/full");
    cli_shows(full.err, "standard output");
    cli_expect(&ann, 1, "help >/dev/full");
    cli_expect(&ann, 1, "history list --json >/dev/full");
    cli_expect(&ann, 1, "history list >&-");
    cli_ok(&ann, "history list 2>&-");
    cli_ok(&ann, "history list <&-");
    SupportRun run = cli_ok(&ann, "run --all"); /* data and talk do not mix */
    cli_hides(run.out, "amx:");
    assert_string_equal(cli_ok(&ann, "-q run --all").err, "");
}

static void test_empty_environment(void **state)
{
    (void)state;
    Cli ann = shopkeeper();
    SupportRun run = support_shell(ann.env, "exec env -i AMX_HOME=\"$AMX_HOME\" \"$AMX\" run --json");
    assert_int_equal(run.exit_code, 0);
    assert_string_not_equal(support_sqlite_value(ann.history, "SELECT created_by FROM runs"), "");
    SupportRun nothing = support_shell(ann.env, "cd / && exec env -i \"$AMX\" db list");
    assert_true(nothing.exit_code == 0 || nothing.exit_code == 2);
    assert_int_equal(support_shell(ann.env, "cd / && env -i \"$AMX\" version").exit_code, 0);
}

/* ---- hostile text
 * -------------------------------------------------------------------------------------------------- */

#define ESC "\x1b"
#define BIDI "\xe2\x80\xae"
#define C1 "\xc2\x9b"
#define ZERO_WIDTH "\xe2\x80\x8b"

static void assert_harmless(const char *words, const char *text)
{
    static const char *const raw[] = {ESC, BIDI, C1, ZERO_WIDTH, "\x07", "\x7f"};
    for (size_t i = 0; i < sizeof raw / sizeof *raw; i++) {
        if (strstr(text, raw[i])) {
            fail_msg("amx %s let character %zu through: %s", words, i, text);
        }
    }
    for (const char *at = text; (at = strchr(at, '\r')); at++) {
        assert_int_equal(at[1], '\n'); /* CSV ends its lines so */
    }
}

static const char *const listings[] = {
    "run --all",
    "history list",
    "history show 1",
    "history results 1",
    "review 1 --export",
    "review 1 --accept low",
    "apply 1 --dry-run",
    "apply 1 --yes",
    "history results 1",
    "run 'e" ESC "[2J'",
    "rollback 1 --yes",
    "db tables",
    "coverage",
    "export --md",
    "export --csv",
    "export --sql",
    "db list",
    "db show",
    "session new --title 't" ESC "]0;x\x07" BIDI "'",
    "ask which tables hold a name?",
    "ask 'what is e" ESC "[31m?'",
    "session list",
    "session show 1",
    "history events",
    "db history-store status",
    "db history-store list-pending",
    "config show",
    "-p 'x" ESC "[1m' run",
};

static void assert_parses(const char *words, const char *format, const char *out)
{
    json_error_t why;
    if (strcmp(format, "--json") == 0 && *out) {
        json_t *value = json_loads(out, JSON_REJECT_DUPLICATES, &why);
        if (!value || !json_object_get(value, "schema")) {
            fail_msg("amx %s --json: %s: %s", words, why.text, out);
        }
        json_decref(value);
    } else if (strcmp(format, "--jsonl") == 0) {
        char *copy = text_format("%s", out);
        char *rest = NULL;
        for (char *line = strtok_r(copy, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
            json_t *value = json_loads(line, JSON_REJECT_DUPLICATES, &why);
            if (!json_is_object(value)) {
                fail_msg("amx %s --jsonl: %s: %s", words, why.text, line);
            }
            json_decref(value);
        }
        free(copy);
    }
}

/* RFC 4180: every record has as many fields as the first. */
static void assert_csv(const char *words, const char *out)
{
    int fields = 1, first = 0;
    bool quoted = false;
    for (const char *at = out; *at; at++) {
        quoted ^= *at == '"';
        fields += *at == ',' && !quoted;
        if (*at == '\n' && !quoted) {
            first = first ? first : fields;
            if (fields != first) {
                fail_msg("amx %s --csv: %d fields, not %d: %s", words, fields, first, out);
            }
            fields = 1;
        }
    }
    assert_false(quoted);
}

static void hostile_text_in(const Cli *ann)
{
    static const char *const formats[] = {"", "--json", "--jsonl", "--csv"};
    for (size_t f = 0; f < 4; f++) {
        for (size_t i = 0; i < sizeof listings / sizeof *listings; i++) {
            SupportRun run = cli_run(ann, "%s %s", listings[i], formats[f]);
            assert_true(run.exit_code < 100);
            assert_harmless(listings[i], run.out);
            assert_harmless(listings[i], run.err);
            assert_parses(listings[i], formats[f], run.out);
            if (f == 3 && !strstr(listings[i], "--dry-run")) {
                assert_csv(listings[i], run.out);
            }
        }
    }
}

static void test_hostile_text_in_sqlite(void **state)
{
    (void)state;
    Cli ann =
        person("CREATE TABLE \"e" ESC "[2J\" (\"n" BIDI "ame\" TEXT, \"=cmd()\" TEXT, \"a,\"\"b\nc\" TEXT);"
               "CREATE TABLE amx_comments (table_name TEXT, column_name TEXT, comment TEXT, updated_at TEXT);"
               "CREATE TABLE name (id INTEGER PRIMARY KEY, name TEXT)");
    hostile_text_in(&ann);
}

static void test_hostile_text_in_postgresql(void **state)
{
    (void)state;
    const char *db = support_database();
    support_sql(db,
                "CREATE TABLE \"e" ESC "[2J\" (\"n" BIDI
                "ame\" text, \"=cmd()\" text, \"a,\"\"b\nc\" text, fine int);"
                "COMMENT ON TABLE \"e" ESC "[2J\" IS E'red" ESC "[31m " BIDI C1 ZERO_WIDTH "\\r\\x07\\x7f';"
                "COMMENT ON COLUMN \"e" ESC "[2J\".fine IS 'bell\x07" ESC "]0;title\x07'");
    Cli ann = cli_new("ann", "db_profile shop { backend = postgresql\n conninfo = \"%s\" }\n", db);
    hostile_text_in(&ann);
    /* a formula in a cell of a sheet is text */
    assert_null(strstr(cli_ok(&ann, "history results 1 --csv").out, ",=cmd"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_usage),
        cmocka_unit_test(test_errors_as_json),
        cmocka_unit_test(test_broken_configuration),
        cmocka_unit_test(test_streams),
        cmocka_unit_test(test_empty_environment),
        cmocka_unit_test(test_hostile_text_in_sqlite),
        cmocka_unit_test(test_hostile_text_in_postgresql),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
