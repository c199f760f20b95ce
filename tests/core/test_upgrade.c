/* A history.db and a shared schema of version 2, in which turns do not say what answered them, nor runs what
 * they cost. */
#include <stdlib.h>
#include <string.h>

#include "cli_team.h"
#include "support_internal.h"
#include "synced.h"
#include "text.h"

/* Takes from a file of this version what version 3 brought. */
static void age_file(const Cli *cli)
{
    static const char *const suffixes[] = {"insert", "update", "delete", "delete_children"};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        char *sql =
            text_format("DROP TRIGGER session_turns_%s; DROP TRIGGER runs_%s", suffixes[i], suffixes[i]);
        support_sqlite(cli->history, sql);
        free(sql);
    }
    support_sqlite(cli->history, "ALTER TABLE session_turns DROP COLUMN model;"
                                 "ALTER TABLE session_turns DROP COLUMN answers;"
                                 "ALTER TABLE session_turns DROP COLUMN copied_from;"
                                 "ALTER TABLE runs DROP COLUMN input_tokens;"
                                 "ALTER TABLE runs DROP COLUMN output_tokens;"
                                 "ALTER TABLE runs DROP COLUMN cost;"
                                 "ALTER TABLE runs DROP COLUMN currency;"
                                 "PRAGMA user_version = 2");
}

static void age_store(const CliStore *store)
{
    cli_store_value(store, "ALTER TABLE @session_turns DROP COLUMN model");
    cli_store_value(store, "ALTER TABLE @session_turns DROP COLUMN answers");
    cli_store_value(store, "ALTER TABLE @session_turns DROP COLUMN copied_from");
    cli_store_value(store, "ALTER TABLE @runs DROP COLUMN input_tokens");
    cli_store_value(store, "ALTER TABLE @runs DROP COLUMN output_tokens");
    cli_store_value(store, "ALTER TABLE @runs DROP COLUMN cost");
    cli_store_value(store, "ALTER TABLE @runs DROP COLUMN currency");
    cli_store_value(store, "UPDATE @store SET schema_version = 2");
}

static const char *turns_of(const Cli *cli)
{
    return support_sqlite_value(
        cli->history,
        "SELECT group_concat(local_id || role || content || row_version || updated_at) FROM session_turns");
}

static void take_along(bool file)
{
    CliStore store = cli_store_new(file);
    Cli ann = cli_team_person("ann", &store);
    cli_ok(&ann, "ask which tables hold an email?");
    const char *before = turns_of(&ann);
    age_file(&ann);
    age_store(&store);

    /* what only reads leaves the file as it is */
    const char *shown = cli_ok(&ann, "--read-only session show 1 --json").out;
    assert_string_equal(cli_json(shown, "items.#"), "2");
    assert_string_equal(cli_json(shown, "items.1.model"), "null");
    assert_string_equal(support_sqlite_value(ann.history, "PRAGMA user_version"), "2");

    SupportRun run = cli_ok(&ann, "ask who orders?");
    cli_shows(run.err, "amx db history-store enable");
    assert_true(cli_queued(&ann) > 0);
    assert_string_equal(support_sqlite_value(ann.history, "PRAGMA user_version"), "3");
    cli_ok(&ann, "db history-store enable");
    cli_ok(&ann, "db history-store flush-pending");
    assert_int_equal(cli_queued(&ann), 0);
    assert_string_equal(cli_store_value(&store, "SELECT schema_version FROM @store"), "3");
    assert_non_null(strstr(turns_of(&ann), before)); /* what was there was not written anew */
    assert_string_equal(
        cli_store_value(&store, "SELECT count(*) FROM @session_turns WHERE model = 'builtin'"), "1");
    cli_store_same(&store, &ann);
    cli_team_assert_sound(&ann);
}

static void a_file_and_a_postgresql_store_of_version_2_come_along(void **state)
{
    (void)state;
    take_along(false);
}

static void a_file_and_a_sqlite_store_of_version_2_come_along(void **state)
{
    (void)state;
    take_along(true);
}

static void a_file_that_keeps_no_catalog_says_what_to_do_before_it_is_asked(void **state)
{
    (void)state;
    static const char *const older[] = {"DROP INDEX catalog_object_named", "DROP TABLE catalog_span"};
    Cli ann = cli_new("ann", "db_profile shop { backend = sqlite\n path = shop.db }\n"
                             "llm_profile local { base_url = \"http://127.0.0.1:1/v1\" model = llama }\n");
    support_sqlite(support_file(ann.home, "shop.db", ""), "CREATE TABLE customer(id INTEGER, email TEXT)");
    cli_ok(&ann, "ask --model builtin which tables hold an email?");
    age_file(&ann);
    for (size_t i = 0; i < sizeof older / sizeof *older; i++) {
        support_sqlite(ann.history, older[i]);
        SupportRun run = cli_expect(&ann, 2, "--read-only ask --show-prompt which tables hold an email?");
        cli_shows(run.err, "the catalog of profile shop was never read here");
        cli_shows(run.err, "amx -p 'shop' db tables --refresh");
    }
    cli_ok(&ann, "db tables --refresh");
    cli_shows(cli_ok(&ann, "ask --show-prompt which tables hold an email?").out, "customer");
}

static void an_older_store_says_what_to_do_before_it_is_read(void **state)
{
    (void)state;
    for (int file = 0; file <= 1; file++) {
        CliStore store = cli_store_new(file);
        Cli ann = cli_team_person("ann", &store);
        cli_ok(&ann, "ask which tables hold an email?");
        const char *origin = cli_store_value(&store, "SELECT origin_id FROM @sessions");
        age_store(&store);
        SupportRun run = cli_run(&ann, "session show --id 1 --origin %s", origin);
        assert_int_not_equal(run.exit_code, 0);
        cli_shows(run.err, "amx db history-store enable");
        cli_ok(&ann, "db history-store enable");
        cli_ok(&ann, "session show --id 1 --origin %s", origin);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_and_a_postgresql_store_of_version_2_come_along),
        cmocka_unit_test(a_file_and_a_sqlite_store_of_version_2_come_along),
        cmocka_unit_test(a_file_that_keeps_no_catalog_says_what_to_do_before_it_is_asked),
        cmocka_unit_test(an_older_store_says_what_to_do_before_it_is_read),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
