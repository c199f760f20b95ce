/* What is drafted of checks as the databases print them: spelled out only where they are about the value
 * itself, and quoted where a cast or a collation comes between. */
#include <string.h>

#include "cli.h"
#include "memory.h"
#include "text.h"

/* The first alternative of a column, in the one run there was. */
static const char *drafted(const Cli *ann, const char *column)
{
    char *sql =
        text_format("SELECT json_extract(alternatives, '$[0]') FROM run_results WHERE table_name = 't' "
                    "AND column_name = '%s'",
                    column);
    const char *value = support_sqlite_value(ann->history, sql);
    free(sql);
    return value;
}

static Cli drafted_pg(const char *sql)
{
    const char *conninfo = support_database();
    support_sql(conninfo, sql);
    Cli ann = cli_new("ann", "db_profile shop {\n  backend = postgresql\n  conninfo = \"%s\"\n}\n", conninfo);
    cli_ok(&ann, "run");
    return ann;
}

static void a_check_behind_a_cast_that_changes_values_is_quoted(void **state)
{
    (void)state;
    static const char *const columns[] = {"amount", "code", "ts",  "one", "zero", "l8",
                                          "ch",     "nu",   "top", "low", NULL};
    Cli ann =
        drafted_pg("CREATE TABLE t (amount numeric CHECK (amount::int BETWEEN 1 AND 2),"
                   "code text CHECK (code::varchar(1) IN ('a', 'b')),"
                   "ts timestamp CHECK (ts::date <= '2020-01-01'), one numeric CHECK (one::int = 5),"
                   "zero numeric CHECK (zero::int <> 1), l8 text CHECK (length(l8::varchar(3)) = 3),"
                   "ch text CHECK (ch::char(1) = 'a'), nu numeric CHECK (nu::numeric(5,0) <= 3),"
                   "top int CHECK (top <= 2.6::int), low text CHECK (lower(low)::text = 'a'));"
                   "INSERT INTO t VALUES (0.6, 'abc', '2020-01-01 15:00', 5.4, 0.4, 'abcdef', 'ab', 3.4, 3)");
    for (const char *const *column = columns; *column; column++) {
        cli_shows(drafted(&ann, *column), "estricted by the check (");
    }
}

static void a_cast_that_changes_nothing_is_overlooked(void **state)
{
    (void)state;
    static const char *const told[][2] = {
        {"v", "One of 'a', 'b'."},        {"v2", "Always 'x'."},      {"c", "One of 'a', 'b'."},
        {"n", "From 0 to 9.5."},          {"i", "Greater than 0.5."}, {"na", "One of 1, 2.5."},
        {"d", "From 0.5 to 2."},          {"r", "At least 0.5."},     {"m", "One of 'sad', 'ok'."},
        {"da", "At least '2020-01-01'."}, {"b", "Not -1."},           {"co", "One of 'a', 'b'."},
        {"le", "Length always 3."},       {"nm", "Not empty."},
    };
    Cli ann = drafted_pg("CREATE TYPE mood AS ENUM ('sad', 'ok');"
                         "CREATE DOMAIN cod AS varchar(10) CHECK (VALUE IN ('a', 'b'));"
                         "CREATE TABLE t (v varchar(5) CHECK (v IN ('a', 'b')), v2 varchar CHECK (v2 = 'x'),"
                         "c char(2) CHECK (c IN ('a', 'b')), n numeric(5,2) CHECK (n >= 0 AND n <= 9.5),"
                         "i int CHECK (i > 0.5), na numeric CHECK (na IN (1, 2.5)),"
                         "d double precision CHECK (d >= 0.5 AND d <= 2), r real CHECK (r >= 0.5),"
                         "m mood CHECK (m IN ('sad', 'ok')), da date CHECK (da >= '2020-01-01'),"
                         "b bigint CHECK (b <> -1), co cod, le varchar(9) CHECK (length(le) = 3),"
                         "nm name CHECK (nm <> ''))");
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        assert_string_equal(drafted(&ann, told[i][0]), told[i][1]);
    }
}

static void what_a_lenient_collation_compares_is_quoted(void **state)
{
    (void)state;
    Cli ann =
        drafted_pg("CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);"
                   "CREATE DOMAIN x AS text COLLATE ci; CREATE DOMAIN y AS x CHECK (VALUE = 'x');"
                   "CREATE TABLE t (c text COLLATE ci CHECK (c IN ('a', 'b')),"
                   "v varchar COLLATE ci CHECK (v = 'x'), le text COLLATE ci CHECK (length(le) = 3),"
                   "d y, own text COLLATE \"C\" CHECK (own = 'x'));"
                   "INSERT INTO t VALUES ('B', 'X', 'ABC', 'X', 'x')");
    cli_shows(drafted(&ann, "c"), "Restricted by the check (c = ANY ");
    cli_shows(drafted(&ann, "v"), "Restricted by the check (");
    cli_hides(drafted(&ann, "d"), "lways");
    assert_string_equal(drafted(&ann, "le"), "Length always 3.");
    assert_string_equal(drafted(&ann, "own"), "Own; always 'x'.");
}

static void what_sqlite_compares_without_case_is_quoted(void **state)
{
    (void)state;
    const char *path = support_file(support_folder(), "data.db", "");
    support_sqlite(path, "CREATE TABLE t (c TEXT COLLATE NOCASE CHECK (c IN ('a', 'b')),"
                         "v TEXT COLLATE RTRIM CHECK (v = 'x'), own TEXT CHECK (own = 'x'),"
                         "le TEXT COLLATE NOCASE CHECK (length(le) = 3));"
                         "INSERT INTO t VALUES ('A', 'x ', 'x', 'ABC')");
    Cli ann = cli_new("ann", "db_profile shop {\n  backend = sqlite\n  path = \"%s\"\n}\n", path);
    cli_ok(&ann, "run");
    assert_string_equal(drafted(&ann, "c"), "Restricted by the check c IN ('a', 'b').");
    assert_string_equal(drafted(&ann, "v"), "Restricted by the check v = 'x'.");
    assert_string_equal(drafted(&ann, "own"), "Own; always 'x'.");
    assert_string_equal(drafted(&ann, "le"), "Length always 3.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_check_behind_a_cast_that_changes_values_is_quoted),
        cmocka_unit_test(a_cast_that_changes_nothing_is_overlooked),
        cmocka_unit_test(what_a_lenient_collation_compares_is_quoted),
        cmocka_unit_test(what_sqlite_compares_without_case_is_quoted),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
