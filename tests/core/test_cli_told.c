/* What a person is told about sharing when something is not as they think: what is not shared, what stopped,
 * what helps. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli_store.h"
#include "text.h"

static void configure(const Cli *cli, const CliStore *store)
{
    cli_configure(cli,
                  "db_profile shop { backend = sqlite\n path = shop.db }\nactive_db_profile = shop\n"
                  "timeouts { deliver_ms = 5000\n connect_ms = 5000 }\n%s",
                  cli_store_conf(store));
}

static Cli person(const char *name, const CliStore *store)
{
    Cli cli = cli_new(name, "%s", "");
    configure(&cli, store);
    support_sqlite(support_file(cli.home, "shop.db", ""), "CREATE TABLE orders (id INTEGER PRIMARY KEY)");
    return cli;
}

static void a_refused_enable_makes_nothing(void **state)
{
    (void)state;
    CliStore store = cli_store_new(false);
    CliStore other = cli_store_new(false);
    Cli ann = person("ann", &store);
    cli_ok(&ann, "db history-store enable");
    support_sql(store.where, "ALTER SCHEMA amx RENAME TO away");
    cli_ok(&ann, "session new --title queued");
    configure(&ann, &other);
    SupportRun refused = cli_expect(&ann, 6, "db history-store enable");
    cli_shows(refused.err, "still queued for the store that was enabled before");
    assert_string_equal(
        support_sql_value(other.where, "SELECT count(*) FROM pg_namespace WHERE nspname = 'amx'"), "0");
}

static void what_stopped_says_how_to_go_on(void **state)
{
    (void)state;
    CliStore store = cli_store_new(false);
    Cli ann = person("ann", &store);
    cli_ok(&ann, "db history-store enable");
    support_sql(store.where, "ALTER SCHEMA amx RENAME TO away");
    cli_shows(cli_ok(&ann, "session new --title first").err,
              "the shared schema was dropped, or is not whole");
    support_sql(store.where, "ALTER SCHEMA away RENAME TO amx");
    SupportRun second = cli_ok(&ann, "session new --title second");
    cli_shows(second.err, "pending");
    cli_shows(second.err, "start them again with: amx db history-store flush-pending");
    cli_ok(&ann, "db history-store flush-pending");
    assert_int_equal(cli_queued(&ann), 0);
    cli_store_same(&store, &ann);
}

static void a_file_that_is_away_is_waited_for(void **state)
{
    (void)state;
    CliStore store = cli_store_new(true);
    Cli ann = person("ann", &store);
    cli_ok(&ann, "db history-store enable");
    char *away = text_format("%s.away", store.where);
    assert_int_equal(rename(store.where, away), 0);
    cli_shows(cli_ok(&ann, "session new --title queued").err, "is the share mounted?");
    SupportRun status = cli_ok(&ann, "db history-store status --json");
    assert_string_equal(cli_json(status.out, "reachable"), "false");
    assert_string_equal(cli_json(status.out, "exists"), "null");
    cli_shows(status.err, "is the share mounted?");
    cli_hides(status.err, "drop-pending");
    cli_shows(cli_expect(&ann, 3, "history list --team").err, "is the share mounted?");
    cli_expect(&ann, 3, "db history-store flush-pending");
    SupportRun refused =
        cli_expect(&ann, 6, "db history-store enable"); /* a second store would part the team */
    cli_shows(refused.err, "still queued");
    assert_int_equal(access(store.where, F_OK), -1);
    assert_int_equal(rename(away, store.where), 0);
    /* the rest after a failure is over: the next command delivers, and nobody has to start that */
    support_sqlite(ann.history, "DELETE FROM settings WHERE key = 'sharing.retry_at'");
    cli_ok(&ann, "session new --title after");
    assert_int_equal(cli_queued(&ann), 0);
    cli_store_same(&store, &ann);
    free(away);
}

static void a_file_without_the_schema_was_emptied(void **state)
{
    (void)state;
    CliStore store = cli_store_new(true);
    Cli ann = person("ann", &store);
    cli_ok(&ann, "db history-store enable");
    assert_int_equal(remove(store.where), 0);
    support_sqlite(store.where, "CREATE TABLE other (id INTEGER)");
    cli_shows(cli_ok(&ann, "session new --title first").err,
              "the shared schema was dropped, or is not whole");
}

static void a_file_that_was_never_made_is_no_trouble(void **state)
{
    (void)state;
    CliStore store = cli_store_new(true);
    Cli ann = person("ann", &store);
    SupportRun status = cli_ok(&ann, "db history-store status --json");
    assert_string_equal(cli_json(status.out, "exists"), "false");
    cli_hides(status.err, "mounted");
    cli_ok(&ann, "db history-store enable");
}

/* Lines about the queue come from a delivery that was tried. */
static void a_refusal_does_not_wait_for_the_team(void **state)
{
    (void)state;
    CliStore store = cli_store_new(false);
    Cli ann = person("ann", &store);
    cli_configure(&ann,
                  "db_profile shop { backend = sqlite\n path = shop.db }\n"
                  "db_profile else { backend = sqlite\n path = else.db }\nactive_db_profile = shop\n"
                  "timeouts { deliver_ms = 5000\n connect_ms = 5000 }\n%s",
                  cli_store_conf(&store));
    support_sqlite(support_file(ann.home, "else.db", ""), "CREATE TABLE other (id INTEGER PRIMARY KEY)");
    cli_ok(&ann, "db history-store enable");
    support_sql(store.where, "ALTER SCHEMA amx RENAME TO away");
    cli_ok(&ann, "run");
    cli_ok(&ann, "review 1 --accept low");
    SupportRun refused = cli_expect(&ann, 6, "-p else apply 1 --yes");
    cli_shows(refused.err, "run 1 was drafted for profile shop");
    cli_shows(refused.err, "amx db use 'shop' (on the screen :db use 'shop')");
    cli_hides(refused.err, "pending");
    cli_shows(cli_ok(&ann, "apply 1 --yes").err, "pending");
}

static void what_was_written_while_off_is_counted(void **state)
{
    (void)state;
    CliStore store = cli_store_new(false);
    Cli ann = person("ann", &store);
    cli_ok(&ann, "session new --title alone");
    cli_ok(&ann, "db history-store enable");
    SupportRun status = cli_ok(&ann, "db history-store status --json");
    assert_string_equal(cli_json(status.out, "not_shared"), "1");
    cli_shows(status.err, "migrate-from-local");
    cli_ok(&ann, "db history-store migrate-from-local");
    cli_ok(&ann, "db history-store flush-pending");
    cli_hides(cli_ok(&ann, "db history-store status --json").out, "not_shared");
    cli_store_same(&store, &ann);
}

static void a_store_that_has_nothing_of_mine_is_a_warning(void **state)
{
    (void)state;
    CliStore store = cli_store_new(false);
    Cli ann = person("ann", &store);
    cli_ok(&ann, "db history-store enable");
    cli_ok(&ann, "session new --title here");
    cli_ok(&ann, "db history-store flush-pending");
    support_sql(store.where, "DROP SCHEMA amx CASCADE");
    cli_shows(cli_ok(&ann, "db history-store enable").err, "rows that this one lacks");
    cli_ok(&ann, "db history-store migrate-from-local");
    cli_ok(&ann, "db history-store flush-pending");
    cli_store_same(&store, &ann);
}

static void parked_rows_name_a_way_out_that_works(void **state)
{
    (void)state;
    CliStore store = cli_store_new(false);
    Cli ann = person("ann", &store);
    cli_ok(&ann, "db history-store enable");
    cli_ok(&ann, "session new --title twin");
    support_sql(store.where, "CREATE UNIQUE INDEX narrow ON amx.sessions (title)");
    cli_ok(&ann, "session new --title twin");
    cli_shows(cli_ok(&ann, "db history-store list-pending").err, "migrate-from-local");
    cli_shows(cli_expect(&ann, 5, "db history-store flush-pending").err, "migrate-from-local");
    support_sql(store.where, "DROP INDEX amx.narrow");
    cli_ok(&ann, "db history-store migrate-from-local");
    assert_int_equal(cli_queued(&ann), 0);
    cli_store_same(&store, &ann);
}

static void a_title_is_text(void **state)
{
    (void)state;
    CliStore store = cli_store_new(true);
    Cli ann = person("ann", &store);
    cli_shows(cli_expect(&ann, 2, "session new --title \"$(printf 'a\\377b')\"").err, "not valid UTF-8");
    cli_shows(cli_expect(&ann, 2, "session new --title \"$(printf %%05000d 1)\"").err, "longer than");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refused_enable_makes_nothing),
        cmocka_unit_test(what_stopped_says_how_to_go_on),
        cmocka_unit_test(a_file_that_is_away_is_waited_for),
        cmocka_unit_test(a_file_without_the_schema_was_emptied),
        cmocka_unit_test(a_file_that_was_never_made_is_no_trouble),
        cmocka_unit_test(a_refusal_does_not_wait_for_the_team),
        cmocka_unit_test(what_was_written_while_off_is_counted),
        cmocka_unit_test(a_store_that_has_nothing_of_mine_is_a_warning),
        cmocka_unit_test(parked_rows_name_a_way_out_that_works),
        cmocka_unit_test(a_title_is_text),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
