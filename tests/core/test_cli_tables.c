/* db tables: from the catalog as it was last read, with its age; anew when that is asked for or needed. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "text.h"

#define SQLITE_FILE "db_profile shop { backend = sqlite\n path = \"%s\" }\n"
#define POSTGRESQL "db_profile shop { backend = postgresql\n conninfo = \"%s\" }\n"

static const char shop[] = "CREATE TABLE customer (id INTEGER PRIMARY KEY, email TEXT);"
                           "CREATE TABLE orders (id INTEGER PRIMARY KEY);"
                           "CREATE VIEW mails AS SELECT email FROM customer;";

static const char *new_file(void)
{
    const char *path = support_file(support_folder(), "data.db", "");
    support_sqlite(path, shop);
    return path;
}

static void grow_old(const Cli *ann, const char *by)
{
    char *sql = text_format(
        "UPDATE catalog_cache SET taken_at = strftime('%%Y-%%m-%%dT%%H:%%M:%%fZ', 'now', '%s')", by);
    support_sqlite(ann->history, sql);
    free(sql);
}

static void tables_come_from_the_last_reading_with_its_age(void **state)
{
    (void)state;
    const char *path = new_file();
    Cli ann = cli_new("ann", SQLITE_FILE, path);
    SupportRun run = cli_ok(&ann, "db tables --json");
    assert_string_equal(cli_json(run.out, "items.#"), "3");
    assert_string_equal(cli_json(run.out, "items.1.kind"), "view");
    support_sqlite(path, "CREATE TABLE voucher (code TEXT)");
    grow_old(&ann, "-190 seconds");
    run = cli_ok(&ann, "db tables");
    cli_shows(run.err, "3 minutes ago");
    cli_shows(run.err, "--refresh");
    cli_shows(run.out, "customer");
    cli_hides(run.out, "voucher");
    run = cli_ok(&ann, "db tables --refresh");
    cli_shows(run.out, "voucher");
    cli_hides(run.err, "minutes ago");
}

static void an_old_reading_is_renewed(void **state)
{
    (void)state;
    const char *path = new_file();
    Cli ann = cli_new("ann", SQLITE_FILE, path);
    cli_ok(&ann, "db tables");
    support_sqlite(path, "CREATE TABLE voucher (code TEXT)");
    grow_old(&ann, "-1 day");
    cli_shows(cli_ok(&ann, "db tables").out, "voucher");
}

static void what_is_newer_than_the_reading_is_found_by_its_name(void **state)
{
    (void)state;
    const char *path = new_file();
    Cli ann = cli_new("ann", SQLITE_FILE, path);
    cli_ok(&ann, "db tables");
    support_sqlite(path, "CREATE TABLE voucher (code TEXT)");
    cli_shows(cli_ok(&ann, "db tables voucher").out, "voucher");
    cli_expect(&ann, 2, "db tables nothing");
}

static void tables_are_listed_offline(void **state)
{
    (void)state;
    const char *path = new_file();
    Cli ann = cli_new("ann", SQLITE_FILE, path);
    support_sqlite(path, "ANALYZE");
    const char *before = cli_ok(&ann, "db tables --csv").out;
    assert_int_equal(unlink(path), 0);
    assert_string_equal(cli_ok(&ann, "db tables --csv").out, before);
    grow_old(&ann, "-2 hours");
    SupportRun run = cli_ok(&ann, "db tables main.customer");
    cli_shows(run.out, "customer");
    cli_hides(run.out, "orders");
    cli_shows(run.err, "from the catalog as it was read at");
    cli_shows(run.err, "2 hours ago");
    run = cli_ok(&ann, "--read-only db tables");
    cli_shows(run.out, "orders");
    cli_shows(run.err, "2 hours ago");
    Cli bob = cli_new("bob", SQLITE_FILE, path);
    cli_expect(&bob, 3, "db tables"); /* nothing was ever read */
}

static void reading_only_keeps_nothing(void **state)
{
    (void)state;
    Cli ann = cli_new("ann", SQLITE_FILE, new_file());
    cli_shows(cli_ok(&ann, "--read-only db tables").out, "customer");
    assert_int_not_equal(access(ann.history, F_OK), 0);
}

static void own_comments_are_seen_at_once(void **state)
{
    (void)state;
    Cli ann = cli_new("ann", SQLITE_FILE, new_file());
    assert_int_equal(cli_json_number(cli_ok(&ann, "db tables customer --json").out, "items.0.described"), 0);
    cli_ok(&ann, "run customer");
    cli_ok(&ann, "review 1 --accept low");
    cli_ok(&ann, "apply 1 --yes");
    assert_true(cli_json_number(cli_ok(&ann, "db tables customer --json").out, "items.0.described") > 0);
}

static void system_schemas_and_partitions_are_listed_by_name(void **state)
{
    (void)state;
    const char *conninfo = support_database();
    support_sql(conninfo, "CREATE TABLE event (day date) PARTITION BY RANGE (day);"
                          "CREATE TABLE event_26 PARTITION OF event DEFAULT;"
                          "COMMENT ON TABLE event IS 'What happened.'");
    Cli ann = cli_new("ann", POSTGRESQL, conninfo);
    const char *all = cli_ok(&ann, "db tables").out;
    cli_shows(all, "public.event");
    cli_hides(all, "event_26");
    cli_hides(all, "pg_class");
    cli_shows(cli_ok(&ann, "db tables pg_catalog").out, "pg_catalog.pg_class");
    cli_shows(cli_ok(&ann, "db tables public.event_26").out, "What happened.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_come_from_the_last_reading_with_its_age),
        cmocka_unit_test(an_old_reading_is_renewed),
        cmocka_unit_test(what_is_newer_than_the_reading_is_found_by_its_name),
        cmocka_unit_test(tables_are_listed_offline),
        cmocka_unit_test(reading_only_keeps_nothing),
        cmocka_unit_test(own_comments_are_seen_at_once),
        cmocka_unit_test(system_schemas_and_partitions_are_listed_by_name),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
