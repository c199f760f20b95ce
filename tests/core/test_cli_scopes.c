/* What a scope may name: a partition like any table, and a schema or a database that has no tables. */
#include <string.h>

#include "cli.h"
#include "support_internal.h"
#include "text.h"

static Cli with_partitions(void)
{
    const char *conninfo = support_database();
    support_sql(conninfo, "CREATE SCHEMA empty;"
                          "CREATE TABLE sale (id integer, day date) PARTITION BY RANGE (day);"
                          "CREATE TABLE part_1 PARTITION OF sale FOR VALUES FROM ('2026-01-01') TO "
                          "('2026-02-01')");
    return cli_new("ann", "db_profile shop {\n  backend = postgresql\n  conninfo = \"%s\"\n}\n", conninfo);
}

static const char *planned(const Cli *cli, const char *scope)
{
    return cli_json(cli_ok(cli, "run --dry-run --json %s", scope).out, "planned");
}

static void a_partition_is_found_by_its_name_alone(void **state)
{
    (void)state;
    Cli ann = with_partitions();
    assert_string_equal(planned(&ann, "part_1"), "3");
    assert_string_equal(planned(&ann, "public.part_1"), "3");
    assert_string_equal(planned(&ann, "part_1.day"), "1");
    assert_string_equal(planned(&ann, "public.part_1.day"), "1");
    assert_string_equal(planned(&ann, ""), "3"); /* the partitioned table alone */
    cli_shows(cli_ok(&ann, "db tables part_1").out, "part_1");
    cli_shows(cli_ok(&ann, "export part_1 --json").out, "part_1");
    cli_shows(cli_expect(&ann, 2, "run part_2").err, "there is no schema, table or column part_2");
    cli_expect(&ann, 2, "run part_1.month");
    cli_expect(&ann, 2, "run public.part_1.month");
}

static void a_schema_without_tables_is_no_error(void **state)
{
    (void)state;
    Cli ann = with_partitions();
    cli_shows(cli_ok(&ann, "run empty").err, "nothing to do: there are no tables in schema empty");
    cli_ok(&ann, "coverage empty --min 100");
    cli_ok(&ann, "db tables empty");
    cli_expect(&ann, 2, "coverage nowhere");
    cli_expect(&ann, 2, "run nowhere");
    cli_expect(&ann, 2, "run empty.sale");
}

static void a_database_without_tables_says_so(void **state)
{
    (void)state;
    const char *file = support_keep(text_format("%s/shop.db", support_folder()));
    support_sqlite(file, "PRAGMA user_version = 1");
    Cli ann = cli_new("ann", "db_profile shop {\n  backend = sqlite\n  path = \"%s\"\n}\n", file);
    cli_shows(cli_ok(&ann, "run").err, "nothing to do: there are no tables in this database");
    cli_shows(cli_ok(&ann, "run main").err, "nothing to do: there are no tables in schema main");
    cli_expect(&ann, 2, "run other");
    support_sqlite(file, "CREATE TABLE customer (id INTEGER PRIMARY KEY)");
    cli_ok(&ann, "run");
    cli_ok(&ann, "review 1 --accept low");
    cli_ok(&ann, "apply 1 --yes");
    cli_shows(cli_ok(&ann, "run").err, "nothing to do: everything there has a description");
}

static void the_history_of_a_table_is_found_by_its_name_alone(void **state)
{
    (void)state;
    const char *conninfo = support_database();
    support_sql(conninfo, "CREATE SCHEMA a; CREATE SCHEMA b; CREATE TABLE a.item (id integer);"
                          "CREATE TABLE b.item (id integer); CREATE TABLE b.te (id integer)");
    Cli ann = cli_new("ann", "db_profile shop {\n  backend = postgresql\n  conninfo = \"%s\"\n}\n", conninfo);
    assert_string_equal(cli_json(cli_ok(&ann, "history table te --json").out, "items.#"), "0");
    cli_ok(&ann, "run");
    const char *rows = cli_ok(&ann, "history table te --json").out;
    assert_string_equal(cli_json(rows, "items.#"), "2");
    assert_string_equal(cli_json(rows, "items.0.schema_name"), "b");
    cli_shows(cli_expect(&ann, 2, "history table item").err, "there are both a.item and b.item");
    assert_string_equal(cli_json(cli_ok(&ann, "history table a.item --json").out, "items.#"), "2");
    cli_shows(cli_expect(&ann, 2, "history table a.item.id").err, "no table and no schema.table");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_partition_is_found_by_its_name_alone),
        cmocka_unit_test(a_schema_without_tables_is_no_error),
        cmocka_unit_test(the_history_of_a_table_is_found_by_its_name_alone),
        cmocka_unit_test(a_database_without_tables_says_so),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
