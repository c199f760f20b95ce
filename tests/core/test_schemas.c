/* What a data engineer does with a database, from the first draft to the last rollback, on real schemas that
 * are none of ours. */
#include <stdlib.h>
#include <string.h>

#include "cli_store.h"
#include "schemas.h"
#include "support_internal.h"
#include "text.h"

typedef struct Work {
    const char *name;
    const char *scope; /* the schema in the database */
    const char *database;
    Cli ann;
    const char *before; /* the comments that came with it */
} Work;

/* A database that holds the schema. PostgreSQL's own is in every one. */
static const char *new_copy(const char *name)
{
    const char *database = support_database();
    if (strcmp(name, "pg_catalog") != 0) {
        support_sql(database, schemas_sql(name));
    }
    return database;
}

/* What the database says of tables, views and columns, a line each: table.column=text. */
static const char *comments(const Work *work, const char *database)
{
    char *sql = text_format(
        "SELECT coalesce(string_agg(c.relname || '.' || coalesce(a.attname, '') || '=' || d.description, "
        "E'\\n' "
        "ORDER BY c.relname COLLATE \"C\", a.attnum), '') FROM pg_description d JOIN pg_class c ON c.oid = "
        "d.objoid AND d.classoid = 'pg_class'::regclass AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND "
        "c.relnamespace = '%s'::regnamespace LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = "
        "d.objsubid AND d.objsubid > 0",
        work->scope);
    const char *value = support_sql_value(database, sql);
    free(sql);
    return value;
}

/* Every column that there is, a line each: table.column */
static const char *columns(const Work *work)
{
    char *sql = text_format(
        "SELECT string_agg(line, E'\\n' ORDER BY line COLLATE \"C\") FROM (SELECT c.relname || '.' || "
        "a.attname "
        "AS line FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT "
        "a.attisdropped WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relnamespace = "
        "'%s'::regnamespace) l",
        work->scope);
    const char *value = support_sql_value(work->database, sql);
    free(sql);
    return value;
}

static Work begin(const char *name)
{
    CliStore store = cli_store_new(true);
    Work work = {
        .name = name, .scope = strcmp(name, "pg_catalog") == 0 ? name : "public", .database = new_copy(name)};
    work.before = comments(&work, work.database);
    work.ann = cli_new("ann",
                       "db_profile it { backend = postgresql\n conninfo = \"%s\" }\nactive_db_profile = it\n"
                       "timeouts { deliver_ms = 45000 }\n%s",
                       work.database, cli_store_conf(&store));
    cli_ok(&work.ann, "db history-store enable");
    return work;
}

static size_t lines(const char *text)
{
    size_t count = *text ? 1 : 0;
    for (const char *at = text; *at; at++) {
        count += *at == '\n';
    }
    return count;
}

/* Drafts what has no text, accepts all of it, writes it; what is described is not drafted again. */
static void describe(const Work *work)
{
    SupportRun run = cli_ok(&work->ann, "run %s --json", work->scope);
    long long drafted = cli_json_number(run.out, "drafted");
    assert_true(drafted > 50);
    assert_int_equal(cli_json_number(run.out, "failed"), 0);
    assert_int_equal(cli_json_number(cli_ok(&work->ann, "review 1 --accept low --json").out, "accepted"),
                     drafted);
    SupportRun applied = cli_ok(&work->ann, "apply 1 --yes --json");
    assert_int_equal(cli_json_number(applied.out, "applied"), drafted);
    /* a text may hold no line end: the drafter writes none */
    assert_int_equal(lines(comments(work, work->database)), lines(work->before) + (size_t)drafted);

    SupportRun again = cli_ok(&work->ann, "run %s --missing-only --json", work->scope);
    assert_string_equal(cli_json(again.out, "status"), "nothing to do");
    assert_string_equal(cli_json(again.out, "run"), "null");
    assert_string_equal(cli_json(cli_ok(&work->ann, "history list --json").out, "items.#"), "1");
}

static const char *export_as(const Work *work, const char *format, const char *file)
{
    char *path = text_format("%s/%s", work->ann.home, file);
    cli_ok(&work->ann, "export %s --%s -o '%s'", work->scope, format, path);
    const char *first = support_read(path);
    cli_ok(&work->ann, "export %s --%s -o '%s'", work->scope, format, path);
    assert_string_equal(support_read(path), first); /* merged into itself, or written anew: the same */
    assert_true(strlen(first) > 1000);
    const char *kept = support_keep(path);
    return kept;
}

/* Another YAML parser than ours finds every column in the dbt file. */
static void assert_dbt_holds_every_column(const Work *work, const char *path)
{
    char *command = text_format(
        "python3 -c 'import sys, yaml\n"
        "for source in yaml.safe_load(open(sys.argv[1], encoding=\"utf-8\"))[\"sources\"]:\n"
        "  for table in source[\"tables\"]:\n"
        "    for column in table[\"columns\"]: print(table[\"name\"] + \".\" + column[\"name\"])' '%s' | "
        "LC_ALL=C sort",
        path);
    SupportRun read = support_shell(NULL, command);
    free(command);
    assert_string_equal(read.err, "");
    char *wanted = text_format("%s\n", columns(work));
    assert_string_equal(read.out, wanted);
    free(wanted);
}

/* The script gives an empty copy of the schema the same comments. */
static void assert_script_replays(const Work *work, const char *path)
{
    const char *copy = new_copy(work->name);
    char *command = text_format("psql -X -q -v ON_ERROR_STOP=1 -f '%s' '%s'", path, copy);
    SupportRun replayed = support_shell(NULL, command);
    free(command);
    assert_string_equal(replayed.err, "");
    assert_int_equal(replayed.exit_code, 0);
    assert_string_equal(comments(work, copy), comments(work, work->database));
}

static void hand_on(const Work *work)
{
    const char *dbt = export_as(work, "dbt", "schema.yml");
    assert_dbt_holds_every_column(work, dbt);
    cli_ok(&work->ann, "diff %s --with '%s'", work->scope, dbt);
    assert_script_replays(work, export_as(work, "sql", "comments.sql"));
    cli_ok(&work->ann, "diff %s --with '%s'", work->scope, export_as(work, "json", "it.json"));
    cli_ok(&work->ann, "diff %s --with '%s'", work->scope, export_as(work, "csv", "it.csv"));
    cli_ok(&work->ann, "diff %s --with '%s'", work->scope, export_as(work, "tbls", ".tbls.yml"));
    cli_shows(support_read(export_as(work, "md", "it.md")), "ann@");
    cli_ok(&work->ann, "coverage %s --min 50", work->scope);
}

static void undo(const Work *work)
{
    SupportRun undone = cli_ok(&work->ann, "rollback 1 --yes --json");
    assert_string_equal(cli_json(undone.out, "failed"), "0");
    assert_string_equal(comments(work, work->database), work->before);
}

static void go_the_whole_way(const char *name)
{
    Work work = begin(name);
    describe(&work);
    hand_on(&work);
    undo(&work);
}

static void icinga_is_described_and_undone(void **state)
{
    (void)state;
    go_the_whole_way("icinga");
}

static void roundcube_is_described_and_undone(void **state)
{
    (void)state;
    go_the_whole_way("roundcube");
}

static void bacula_is_described_and_undone(void **state)
{
    (void)state;
    go_the_whole_way("bacula");
}

static void zabbix_is_described_and_undone(void **state)
{
    (void)state;
    go_the_whole_way("zabbix");
}

static void the_catalog_of_the_server_is_described_and_undone(void **state)
{
    (void)state;
    go_the_whole_way("pg_catalog");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roundcube_is_described_and_undone),
        cmocka_unit_test(bacula_is_described_and_undone),
        cmocka_unit_test(icinga_is_described_and_undone),
        cmocka_unit_test(zabbix_is_described_and_undone),
        cmocka_unit_test(the_catalog_of_the_server_is_described_and_undone),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
