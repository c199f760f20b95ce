/* Guards 1 and 3 through the real binary: a session belongs to its database, and every shared row says who,
 * where and with what. */
#include <stdlib.h>
#include <string.h>

#include "cli_store.h"
#include "support_internal.h"
#include "synced.h"
#include "text.h"

#define HOST "chosen-host-7"

static const char tables_sql[] =
    "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT UNIQUE);"
    "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customer);";

static const char two_profiles[] =
    "db_profile prod { backend = sqlite\n path = %s }\n"
    "db_profile test { backend = sqlite\n path = test.db }\nactive_db_profile = prod\n";

static void configure(const Cli *cli, const char *prod, const CliStore *store)
{
    cli_configure(cli,
                  "db_profile prod { backend = sqlite\n path = %s }\n"
                  "db_profile test { backend = sqlite\n path = test.db }\nactive_db_profile = prod\n%s",
                  prod, store ? cli_store_conf(store) : "");
}

static Cli person(const char *name, const CliStore *store)
{
    static const char *const files[] = {"prod.db", "test.db", "moved.db"};
    Cli cli = cli_new(name, "%s", "");
    configure(&cli, "prod.db", store);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        support_sqlite(support_file(cli.home, files[i], ""), tables_sql);
    }
    return cli;
}

/* All that guard 1 protects. */
static const char *sessions_of(const Cli *cli)
{
    return support_sqlite_value(
        cli->history,
        "SELECT (SELECT coalesce(group_concat(local_id || db_profile || fingerprint || title || last_active "
        "|| "
        "coalesce(ended, '-') || row_version, '|'), '') FROM sessions WHERE local_id = 1) || ' / ' || "
        "(SELECT coalesce(group_concat(local_id || role || content || row_version, '|'), '') FROM "
        "session_turns "
        "WHERE session_id = 1)");
}

/* Every file in the home, with its bytes. */
static const char *bytes_of(const Cli *cli)
{
    return support_shell(
               cli->env,
               "cd \"$AMX_HOME\" && find . -type f | sort | xargs md5sum && ls -lA --time-style=full-iso")
        .out;
}

static void assert_refused(const SupportRun *run, const char *own, const char *present)
{
    cli_shows(run->err, own);
    cli_shows(run->err, present);
    cli_shows(run->err, "session show --id 1");
}

static void test_resume_under_another_profile(void **state)
{
    (void)state;
    Cli ann = person("ann", NULL);
    cli_ok(&ann, "ask which tables hold an email?");
    const char *before = sessions_of(&ann);
    cli_shows(before, "prod");

    SupportRun refused = cli_expect(&ann, 6, "-p test session resume 1");
    assert_refused(&refused, "prod", "test");
    assert_string_equal(sessions_of(&ann), before);
    refused = cli_expect(&ann, 6, "-p test session resume --id 1 --json");
    assert_string_equal(cli_json(refused.err, "error.code"), "refused");
    cli_expect(&ann, 6, "-p test ask --session 1 --show-prompt and who orders?"); /* only a look */
    assert_string_equal(
        support_sqlite_value(ann.history, "SELECT count(*) FROM app_events WHERE kind = 'refused ask'"), "0");
    cli_expect(&ann, 6, "-p test ask --session 1 and who orders?");
    const char *events = cli_ok(&ann, "history events --json").out;
    assert_string_equal(cli_json(events, "items.0.kind"), "refused ask");
    assert_int_equal(cli_json_number(events, "items.0.detail.session"), 1);
    assert_string_equal(cli_json(events, "items.0.detail.db_profile"), "test");
    cli_hides(events, "who orders");
    assert_string_equal(sessions_of(&ann), before);
    cli_ok(&ann, "-p test ask and who orders?"); /* a session of its own */
    assert_string_equal(sessions_of(&ann), before);
    assert_string_equal(
        support_sqlite_value(ann.history, "SELECT db_profile FROM sessions WHERE local_id = 2"), "test");

    /* prod's own session is still its active one */
    cli_ok(&ann, "session resume 1");
    assert_string_equal(cli_json(cli_ok(&ann, "ask --json what is an order?").out, "session"), "1");
    assert_string_equal(
        support_sqlite_value(ann.history, "SELECT count(*) FROM app_events WHERE kind = 'refused resume'"),
        "2");
}

static void test_resume_after_the_profile_was_repointed(void **state)
{
    (void)state;
    Cli ann = person("ann", NULL);
    cli_ok(&ann, "ask which tables hold an email?");
    configure(&ann, "moved.db", NULL);
    const char *before = sessions_of(&ann);
    SupportRun refused = cli_expect(&ann, 6, "session resume 1");
    assert_refused(&refused, "prod.db", "moved.db");
    cli_expect(&ann, 6, "ask --session 1 and who orders?");
    assert_string_equal(sessions_of(&ann), before);
    configure(&ann, "prod.db", NULL);
    cli_ok(&ann, "session resume 1");
}

/* Who leaves out which session is meant gets none that nobody asked for. */
static void test_a_repointed_profile_begins_no_session_by_itself(void **state)
{
    static const char *const paths[] = {
        "ask and who orders?",        "ask - <question", "--local-only ask and who orders?",
        "ask --show-prompt and who?", "session fork",    "session show"};
    (void)state;
    Cli ann = person("ann", NULL);
    support_file(ann.home, "question", "and who orders?\n");
    cli_ok(&ann, "ask which tables hold an email?");
    configure(&ann, "moved.db", NULL);
    const char *before = sessions_of(&ann);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        SupportRun refused =
            support_shell(ann.env, support_keep(text_format("cd '%s' && \"$AMX\" %s", ann.home, paths[i])));
        assert_int_equal(refused.exit_code, 6);
        assert_refused(&refused, "prod.db", "moved.db");
        cli_shows(refused.err, "amx -p 'prod' session new");
    }
    assert_string_equal(sessions_of(&ann), before);
    assert_string_equal(support_sqlite_value(ann.history, "SELECT count(*) FROM sessions"), "1");

    /* to begin one is to say so; both go on where they belong */
    cli_ok(&ann, "-p prod session new");
    assert_string_equal(cli_json(cli_ok(&ann, "ask --json and who orders?").out, "session"), "2");
    assert_string_equal(sessions_of(&ann), before);
    configure(&ann, "prod.db", NULL);
    assert_string_equal(cli_json(cli_ok(&ann, "ask --json and who orders?").out, "session"), "1");
    configure(&ann, "moved.db", NULL);
    assert_string_equal(cli_json(cli_ok(&ann, "ask --json and who orders?").out, "session"), "2");

    /* one that was ended is open no more, and the next question begins another */
    cli_ok(&ann, "session end");
    assert_string_equal(cli_json(cli_ok(&ann, "ask --json and who orders?").out, "session"), "3");
}

static void test_show_changes_nothing(void **state)
{
    (void)state;
    CliStore store = cli_store_new(true);
    Cli ann = person("ann", &store), bob = person("bob", &store);
    cli_ok(&ann, "db history-store enable");
    cli_ok(&bob, "db history-store enable");
    cli_ok(&ann, "ask which tables hold an email?");
    cli_ok(&bob, "ask who orders what?");
    const char *origin = cli_store_value(&store, "SELECT origin_id FROM @sessions WHERE created_by = 'bob'");

    const char *before = bytes_of(&ann);
    cli_shows(cli_ok(&ann, "session show --id 1").out, "which tables hold an email?");
    cli_shows(cli_ok(&ann, "-p test session show --id 1").out, "which tables hold an email?");
    cli_shows(cli_ok(&ann, "-p test session show --id 1 --json").out, "which tables hold an email?");
    cli_shows(cli_ok(&ann, "--read-only session show --id 1 --csv").out, "which tables hold an email?");
    cli_shows(cli_ok(&ann, "session show --id 1 --origin %s", origin).out, "who orders what?");
    cli_expect(&ann, 2, "session show --id 77");
    cli_ok(&ann, "session list --all-profiles");
    cli_shows(cli_ok(&ann, "session list --team").out, "bob@");
    assert_string_equal(bytes_of(&ann), before);
    configure(&ann, "moved.db", &store);
    before = bytes_of(&ann);
    cli_shows(cli_ok(&ann, "session show --id 1").out, "which tables hold an email?");
    assert_string_equal(bytes_of(&ann), before);

    Cli nobody = cli_new("nobody", two_profiles, "x.db"); /* nothing is made where nothing is */
    before = bytes_of(&nobody);
    cli_expect(&nobody, 2, "session show --id 1");
    assert_string_equal(bytes_of(&nobody), before);
}

static void test_life_of_a_session(void **state)
{
    (void)state;
    CliStore store = cli_store_new(false);
    Cli ann = person("ann", &store);
    cli_ok(&ann, "db history-store enable");
    cli_expect(&ann, 2, "session end"); /* none is active */
    SupportRun made = cli_ok(&ann, "session new --json --title Orders");
    assert_string_equal(cli_json(made.out, "title"), "Orders");
    assert_string_equal(cli_json(made.out, "created_by"), "ann");
    cli_ok(&ann, "ask which tables hold an email?");
    cli_ok(&ann, "ask - <%s", support_file(ann.home, "question", "who orders?\n"));
    assert_string_equal(cli_json(cli_ok(&ann, "session show --json").out, "items.#"), "4");
    cli_ok(&ann, "session end");
    assert_string_not_equal(support_sqlite_value(ann.history, "SELECT ended FROM sessions"), "");
    cli_ok(&ann, "session new");
    assert_string_equal(cli_json(cli_ok(&ann, "session list --json").out, "items.#"), "2");
    cli_store_same(&store, &ann);

    cli_shows(cli_expect(&ann, 2, "session delete 1").err, "--yes");
    cli_ok(&ann, "session delete 1 --yes");
    cli_expect(&ann, 2, "session show 1");
    assert_string_equal(
        cli_store_value(
            &store,
            "SELECT count(*) FROM @sessions WHERE local_id = 1 AND deleted_at IS NOT NULL AND title IS NULL"),
        "1");
    assert_string_equal(
        cli_store_value(
            &store, "SELECT count(*) FROM @session_turns WHERE deleted_at IS NULL OR content IS NOT NULL"),
        "0");
    assert_string_equal(cli_store_value(&store, "SELECT count(*) FROM @session_turns"), "4");
    cli_store_same(&store, &ann);
}

static void test_local_only_stays_local(void **state)
{
    (void)state;
    CliStore store = cli_store_new(true);
    Cli ann = person("ann", &store);
    cli_ok(&ann, "db history-store enable");
    cli_ok(&ann, "--local-only run");
    cli_ok(&ann, "review 1 --accept low"); /* what hangs on it inherits that */
    cli_ok(&ann, "apply 1 --yes");
    cli_ok(&ann, "rollback 1 --yes");
    cli_ok(&ann, "--local-only session new");
    cli_ok(&ann, "ask which tables hold an email?");
    cli_ok(&ann, "session end 1");
    cli_ok(&ann, "db history-store migrate-from-local");
    cli_ok(&ann, "db history-store disable");
    cli_ok(&ann, "db history-store enable");
    cli_ok(&ann, "db history-store migrate-from-local");
    for (int i = 0; i < SYNCED_TABLE_COUNT; i++) {
        if (i != SYNCED_APP_EVENTS) {
            char *count = text_format("SELECT count(*) FROM @%s", synced_tables[i].name);
            char *mine = text_format("SELECT count(*) > 0 FROM %s", synced_tables[i].name);
            assert_string_equal(cli_store_value(&store, count), "0");
            assert_string_equal(support_sqlite_value(ann.history, mine), "1");
            free(count);
            free(mine);
        }
    }
    cli_ok(&ann, "session delete 1 --yes");
    assert_string_equal(cli_store_value(&store, "SELECT count(*) FROM @sessions"), "0");
    assert_int_equal(cli_queued(&ann), 0);
}

/* ---- guard 3
 * ---------------------------------------------------------------------------------------------------- */

/* Every command that writes, each kind of row; "no N" expects exit N. broken.conf points the team to nowhere.
 */
static const char every_command[] = "hostname " HOST "\n"
                                    "ok() { \"$AMX\" \"$@\" >>\"$AMX_HOME/log\" 2>&1 || { echo \"failed: "
                                    "$*\"; tail -3 \"$AMX_HOME/log\"; exit 99; }; }\n"
                                    "no() { code=$1; shift; \"$AMX\" \"$@\" >>\"$AMX_HOME/log\" 2>&1; [ $? = "
                                    "$code ] || { echo \"not $code: $*\"; exit 99; }; }\n"
                                    "broken=\"--config $AMX_HOME/broken.conf\"\n"
                                    "ok db history-store enable\n"
                                    "ok run\n"
                                    "ok review 1 --accept low\n"
                                    "ok apply 1 --yes\n"
                                    "ok rollback 1 --yes\n"
                                    "ok session new --title First\n"
                                    "ok ask which tables hold an email?\n"
                                    "ok session end 1\n"
                                    "ok session resume 1\n"
                                    "no 6 -p test session resume 1\n"
                                    "ok session new --title Second\n"
                                    "ok ask who orders?\n"
                                    "ok session delete 2 --yes\n"
                                    "ok $broken run --all customer\n"
                                    "ok db history-store flush-pending\n"
                                    "ok $broken run --all orders\n"
                                    "ok db history-store drop-pending\n"
                                    "ok db history-store disable\n"
                                    "ok run --all orders\n"
                                    "ok db use prod\n"
                                    "ok db history-store enable\n"
                                    "ok db history-store migrate-from-local\n"
                                    "ok db history-store flush-pending\n";

/* Runs the script where the machine has the name that the test chooses. */
static void run_on_chosen_host(const Cli *cli, const char *script)
{
    support_file(cli->home, "script", script);
    const char *as_root = "unshare --uts true 2>/dev/null";
    const char *as_user = "unshare --user --map-root-user --uts true 2>/dev/null";
    const char *command = NULL;
    if (support_shell(cli->env, as_root).exit_code == 0) {
        command = "unshare --uts sh \"$AMX_HOME/script\"";
    } else if (support_shell(cli->env, as_user).exit_code == 0) {
        command = "unshare --user --map-root-user --uts sh \"$AMX_HOME/script\"";
    } else {
        print_message("no UTS namespace can be made here: the machine's name can't be chosen\n");
        skip();
    }
    SupportRun run = support_shell(cli->env, command);
    if (run.exit_code != 0) {
        fail_msg("exit %d: %s%s", run.exit_code, run.out, run.err);
    }
}

static void assert_attributed(const CliStore *store, const char *user)
{
    for (int i = 0; i < SYNCED_TABLE_COUNT; i++) {
        const char *name = synced_tables[i].name;
        char *all = text_format("SELECT count(*) FROM @%s", name);
        char *good =
            text_format("SELECT count(*) FROM @%s WHERE created_by = '%s' AND hostname = '" HOST "' AND "
                        "client_version = '" AMX_VERSION "' AND local_id > 0",
                        name, user);
        const char *count = cli_store_value(store, all);
        if (strcmp(count, "0") == 0 || strcmp(cli_store_value(store, good), count) != 0) {
            fail_msg("%s: %s of %s rows say who, where and with what", name, cli_store_value(store, good),
                     count);
        }
        for (size_t c = SYNCED_ORIGIN_ID; c <= SYNCED_CLIENT_VERSION; c++) {
            const char *column = synced_common[c].name;
            char *required =
                store->file ? text_format("SELECT \"notnull\" FROM pragma_table_info('%s') WHERE name = '%s'",
                                          name, column)
                            : text_format("SELECT attnotnull FROM pg_attribute WHERE attrelid = "
                                          "'amx.%s'::regclass AND attname = '%s'",
                                          name, column);
            const char *answer = cli_store_value(store, required);
            assert_true(strcmp(answer, "1") == 0 || strcmp(answer, "t") == 0);
            free(required);
        }
        free(all);
        free(good);
    }
    assert_string_equal(cli_store_value(store, "SELECT count(*) FROM @origins WHERE hostname = '" HOST "'"),
                        "1");
}

static void attribution_in(bool file)
{
    CliStore store = cli_store_new(file);
    Cli ann = person("ann.o'neil", &store);
    CliStore nowhere = {true, "/nonexistent/team.db"};
    char *broken = text_format(two_profiles, "prod.db");
    char *both = text_format("%s%s", broken, cli_store_conf(&nowhere));
    support_file(ann.home, "broken.conf", both);
    free(broken);
    free(both);
    run_on_chosen_host(&ann, every_command);
    assert_attributed(&store, "ann.o''neil");
    assert_string_equal(cli_json(cli_ok(&ann, "db history-store status --json").out, "in_sync"), "true");
    cli_store_same(&store, &ann);
    static const char *const kinds[] = {"enable", "migrate", "flush", "drop", "refused resume", "disable"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        char *sql = text_format("SELECT count(*) FROM @app_events WHERE kind = '%s'", kinds[i]);
        assert_string_not_equal(cli_store_value(&store, sql), "0");
        free(sql);
    }
}

static void test_attribution_on_postgresql(void **state)
{
    (void)state;
    attribution_in(false);
}

static void test_attribution_in_a_file(void **state)
{
    (void)state;
    attribution_in(true);
}

/* The name at the time of writing counts, not that at the delivery. */
static void test_names_come_from_the_write(void **state)
{
    (void)state;
    CliStore store = cli_store_new(true);
    Cli ann = person("ann", &store);
    cli_ok(&ann, "db history-store enable");
    CliStore nowhere = {true, "/nonexistent/team.db"};
    configure(&ann, "prod.db", &nowhere);
    cli_ok(&ann, "run customer");
    configure(&ann, "prod.db", &store);
    Cli eve = ann;
    eve.env[1] = "LOGNAME=eve";
    cli_ok(&eve, "db history-store flush-pending");
    assert_string_equal(cli_store_value(&store, "SELECT created_by FROM @runs"), "ann");
    cli_ok(&eve, "run orders");
    assert_string_equal(cli_store_value(&store, "SELECT created_by FROM @runs WHERE local_id = 2"), "eve");
}

/* Who a run is recorded under, here and in the store, with this environment. */
static const char *recorded(const CliStore *store, Cli cli, const char *logname)
{
    cli.env[1] = logname;
    const char *run = cli_json(cli_ok(&cli, "run --all --json customer").out, "run");
    char *sql = text_format("SELECT created_by FROM @runs WHERE local_id = %s", run);
    const char *name = cli_store_value(store, sql);
    free(sql);
    return name;
}

static void test_strange_names(void **state)
{
    (void)state;
    CliStore store = cli_store_new(false);
    Cli ann = person("ann", &store);
    cli_set(&ann, "USER=fallback");
    cli_ok(&ann, "db history-store enable");
    assert_string_equal(recorded(&store, ann, "LOGNAME="), "fallback");
    assert_string_equal(recorded(&store, ann,
                                 "LOGNAME=a\xff"
                                 "b"),
                        "a\xef\xbf\xbd"
                        "b");
    assert_string_equal(recorded(&store, ann, "LOGNAME=J\xc3\xbcrgen"), "J\xc3\xbcrgen");
    char *name = text_format("LOGNAME=%0300d", 7);
    const char *kept = recorded(&store, ann, name);
    assert_int_equal(strncmp(kept, "000000", 6), 0);
    assert_true(strlen(kept) >= 64);
    free(name);
    cli_store_same(&store, &ann);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_resume_under_another_profile),
        cmocka_unit_test(test_resume_after_the_profile_was_repointed),
        cmocka_unit_test(test_a_repointed_profile_begins_no_session_by_itself),
        cmocka_unit_test(test_show_changes_nothing),
        cmocka_unit_test(test_life_of_a_session),
        cmocka_unit_test(test_local_only_stays_local),
        cmocka_unit_test(test_attribution_on_postgresql),
        cmocka_unit_test(test_attribution_in_a_file),
        cmocka_unit_test(test_names_come_from_the_write),
        cmocka_unit_test(test_strange_names),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
