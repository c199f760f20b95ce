/* Exports, as those read them who get them: people, programs, spreadsheets, databases. On PostgreSQL and on
 * SQLite. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "text.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const char *const formats[] = {"--md", "--json", "--csv", "--sql"};

/* --- databases --- */

static const char shop_pg[] =
    "CREATE SCHEMA sales; CREATE SCHEMA \"Odd.\"\"Schema\";"
    "CREATE TABLE sales.customer (id integer PRIMARY KEY, name text NOT NULL, email text UNIQUE);"
    "CREATE TABLE sales.orders (id integer PRIMARY KEY, customer_id integer NOT NULL REFERENCES "
    "sales.customer);"
    "CREATE VIEW sales.big AS SELECT id FROM sales.orders;"
    "CREATE TABLE \"Odd.\"\"Schema\".\"a|b`c \\ <i>\" (\"x.y\" integer, U&\"rtl\\202Edo\" integer, \"=1+1\" "
    "integer);";

static const char described_pg[] =
    "COMMENT ON TABLE sales.customer IS 'People who buy.';"
    "COMMENT ON COLUMN sales.customer.email IS E'a | b `c` <script>x</script> *d* [e](f) \\\\ \\x1b[31m\\n"
    "second \\'line\\' \\u202Egnp.exe \\U0001F468\\u200D\\U0001F469';"
    "COMMENT ON VIEW sales.big IS '- no list';"
    "COMMENT ON TABLE \"Odd.\"\"Schema\".\"a|b`c \\ <i>\" IS E'1. no list\\r\\n# no heading';"
    "COMMENT ON COLUMN \"Odd.\"\"Schema\".\"a|b`c \\ <i>\".\"x.y\" IS '=HYPERLINK(\"http://x\")';"
    "COMMENT ON COLUMN \"Odd.\"\"Schema\".\"a|b`c \\ <i>\".U&\"rtl\\202Edo\" IS 'Seen from the right.';"
    "COMMENT ON COLUMN \"Odd.\"\"Schema\".\"a|b`c \\ <i>\".\"=1+1\" IS '-2';";

static const char comments_pg[] =
    "SELECT coalesce(string_agg(n.nspname || '/' || c.relname || '/' || d.objsubid || '/' || d.description, "
    "'~' ORDER BY n.nspname COLLATE \"C\", c.relname COLLATE \"C\", d.objsubid), 'none') "
    "FROM pg_description d JOIN pg_class c ON c.oid = d.objoid AND d.classoid = 'pg_class'::regclass "
    "JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')";

static const char shop_lite[] =
    "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL, \"it's |odd\" TEXT);"
    "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customer);";

static const char described_lite[] =
    "CREATE TABLE amx_comments (table_name TEXT NOT NULL, column_name TEXT NOT NULL, comment TEXT NOT NULL, "
    "updated_at TEXT NOT NULL, PRIMARY KEY (table_name, column_name));"
    "INSERT INTO amx_comments VALUES ('customer', '', 'People who \"buy\".', ''),"
    "('customer', 'it''s |odd', 'a' || char(27) || 'b' || char(8238) || ' \\ ''c''' || char(10) || '=2', ''),"
    "('orders', 'customer_id', 'Who ordered.', '');";

static const char comments_lite[] =
    "SELECT group_concat(line, '~') FROM (SELECT table_name || '/' || column_name || '/' || comment AS line "
    "FROM amx_comments ORDER BY table_name, column_name)";

static Cli person_pg(const char *name, const char *conninfo)
{
    return cli_new(name, "db_profile shop { backend = postgresql\n conninfo = \"%s\" }\n", conninfo);
}

static Cli person_lite(const char *name, const char *path)
{
    return cli_new(name, "db_profile shop { backend = sqlite\n path = \"%s\" }\n", path);
}

static const char *new_pg(bool described)
{
    const char *conninfo = support_database();
    support_sql(conninfo, shop_pg);
    if (described) {
        support_sql(conninfo, described_pg);
    }
    return conninfo;
}

static const char *new_lite(bool described)
{
    const char *path = support_file(support_folder(), "shop.db", "");
    support_sqlite(path, shop_lite);
    if (described) {
        support_sqlite(path, described_lite);
    }
    return path;
}

/* A shop with descriptions on either database. */
static Cli person(bool file)
{
    return file ? person_lite("ann", new_lite(true)) : person_pg("ann", new_pg(true));
}

/* No byte of it could do anything to a terminal, or hide what it says. */
static void assert_harmless(const char *document)
{
    for (const char *c = document; *c; c++) {
        bool line_end = *c == '\r' && c[1] == '\n';
        assert_true((unsigned char)*c >= 0x20 || *c == '\n' || *c == '\t' || line_end);
    }
    cli_hides(document, "\u202e");
}

/* --- what every format keeps --- */

static void the_same_descriptions_are_the_same_bytes(void **state)
{
    (void)state;
    for (int file = 0; file < 2; file++) {
        Cli ann = person(file);
        for (size_t i = 0; i < COUNT(formats); i++) {
            const char *printed = cli_ok(&ann, "export %s", formats[i]).out;
            cli_ok(&ann, "export %s -o %s/out", formats[i], ann.home);
            char *path = text_format("%s/out", ann.home);
            assert_string_equal(support_read(path), printed);
            assert_harmless(printed);
            free(path);
        }
    }
}

static void an_empty_database_is_an_empty_document(void **state)
{
    (void)state;
    Cli on_server = person_pg("ann", support_database());
    Cli on_file = person_lite("ann", support_file(support_folder(), "empty.db", ""));
    const Cli *people[] = {&on_server, &on_file};
    for (size_t i = 0; i < COUNT(people); i++) {
        cli_shows(cli_ok(people[i], "export --md").out, "No tables.");
        const char *json = cli_ok(people[i], "export --json").out;
        assert_string_equal(cli_json(json, "schema"), "amx.export/1");
        assert_int_equal(cli_json_number(json, "tables.#"), 0);
        assert_null(strchr(strchr(cli_ok(people[i], "export --csv").out, '\n') + 1, '\n'));
        cli_shows(cli_ok(people[i], "export --sql").out, "COMMIT;");
        assert_int_equal(cli_ok(people[i], "coverage --min 100").exit_code, 0);
    }
}

static void a_scope_narrows_what_is_exported(void **state)
{
    (void)state;
    Cli ann = person(false);
    const char *schema = cli_ok(&ann, "export sales --json").out;
    assert_int_equal(cli_json_number(schema, "tables.#"), 3);
    assert_string_equal(cli_json(schema, "tables.0.table_name"), "big");
    const char *table = cli_ok(&ann, "export sales.customer --json").out;
    assert_int_equal(cli_json_number(table, "tables.#"), 1);
    assert_int_equal(cli_json_number(table, "tables.0.columns.#"), 3);
    const char *column = cli_ok(&ann, "export sales.orders.customer_id --json").out;
    assert_int_equal(cli_json_number(column, "tables.0.columns.#"), 1);
    assert_string_equal(cli_json(column, "tables.0.columns.0.column_name"), "customer_id");
    assert_string_equal(cli_json(column, "tables.0.columns.0.references.table_name"), "customer");
    cli_hides(cli_ok(&ann, "export customer.email --sql").out, "COMMENT ON TABLE");
    cli_shows(cli_expect(&ann, 2, "export nowhere --md").err, "there is no schema, table or column nowhere");
    cli_shows(cli_expect(&ann, 2, "export '' --md").err, "the scope is empty");
}

static void the_text_of_a_partitioned_table_is_not_a_partition_s_own(void **state)
{
    (void)state;
    const char *shop = support_database();
    support_sql(shop, "CREATE TABLE parts (id int) PARTITION BY RANGE (id);"
                      "CREATE TABLE part_1 PARTITION OF parts FOR VALUES FROM (0) TO (9);"
                      "COMMENT ON TABLE parts IS 'All parts.'; COMMENT ON COLUMN parts.id IS 'The key.'");
    Cli ann = person_pg("ann", shop);
    const char *json = cli_ok(&ann, "export public.part_1 --json").out;
    assert_string_equal(cli_json(json, "tables.0.description"), "All parts.");
    assert_string_equal(cli_json(json, "tables.0.state"), "inherited");
    assert_string_equal(cli_json(json, "tables.0.columns.0.state"), "inherited");
    cli_shows(cli_ok(&ann, "export public.part_1 --md").out, "| The key. | said of the partitioned table |");
    SupportRun run = cli_ok(&ann, "export public.part_1 --sql");
    cli_hides(run.out, "COMMENT ON");
    cli_shows(run.err, "2 texts are those of the partitioned table");
    support_sql(shop, "COMMENT ON TABLE part_1 IS 'The first.'");
    run = cli_ok(&ann, "export public.part_1 --sql");
    cli_shows(run.out, "'The first.'");
    cli_hides(run.out, "The key.");
    cli_hides(cli_ok(&ann, "export public.parts --sql").err, "partition");
}

/* "p1|The first." of every comment, by name. */
static const char *comments(const char *conninfo)
{
    return support_sql_value(
        conninfo, "SELECT string_agg(c.relname || coalesce('.' || a.attname, '') || '|' || d.description, "
                  "'\n' ORDER BY c.relname, d.objsubid) FROM pg_description d "
                  "JOIN pg_class c ON c.oid = d.objoid AND d.classoid = 'pg_class'::regclass "
                  "AND c.relnamespace = 'public'::regnamespace "
                  "LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.objsubid AND "
                  "a.attnum > 0");
}

static void a_partition_with_a_text_of_its_own_is_a_part_of_every_export(void **state)
{
    (void)state;
    const char *const tables = "CREATE TABLE p (id int, v int) PARTITION BY LIST (id);"
                               "CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);"
                               "CREATE TABLE p2 PARTITION OF p FOR VALUES IN (2);"
                               "CREATE TABLE p3 PARTITION OF p FOR VALUES IN (3)";
    const char *shop = support_database();
    support_sql(shop, tables);
    support_sql(shop, "COMMENT ON TABLE p IS 'All.'; COMMENT ON TABLE p1 IS 'The first.';"
                      "COMMENT ON COLUMN p1.v IS 'Its value.'");
    Cli ann = person_pg("ann", shop);
    const char *json = cli_ok(&ann, "export --json").out;
    assert_int_equal(cli_json_number(json, "tables.#"), 2);
    assert_string_equal(cli_json(json, "tables.1.description"), "The first.");
    cli_shows(cli_ok(&ann, "export public --csv").out, "Its value.");
    cli_hides(cli_ok(&ann, "export --md").out, "p2");
    /* replayed, the comments are the same */
    const char *copy = support_database();
    support_sql(copy, tables);
    support_sql(copy, cli_ok(&ann, "export --sql").out);
    assert_string_equal(comments(copy), comments(shop));
    /* and so is one that waits for apply; what compares the file with the database knows them, too */
    cli_ok(&ann, "run p2");
    cli_ok(&ann, "review 1 --result 1 --text 'The second.'");
    cli_shows(cli_ok(&ann, "export --sql").out, "\"p2\".\"id\" IS 'The second.'");
    cli_ok(&ann, "export --json -o %s/all.json", ann.home);
    cli_ok(&ann, "diff --with %s/all.json", ann.home);
    assert_int_equal(cli_json_number(cli_ok(&ann, "coverage --json").out, "items.#"), 2);
}

static void a_dot_in_the_name_of_a_schema_is_found_again_in_a_tbls_file(void **state)
{
    (void)state;
    const char *shop = support_database();
    support_sql(shop, "CREATE SCHEMA \"we ird.schema\"; CREATE TABLE \"we ird.schema\".\"sel.ect\" (id int);"
                      "COMMENT ON TABLE \"we ird.schema\".\"sel.ect\" IS 'Odd.'");
    Cli ann = person_pg("ann", shop);
    cli_ok(&ann, "export --tbls -o \"$AMX_HOME\"/.tbls.yml");
    char *path = text_format("%s/.tbls.yml", ann.home);
    const char *once = support_read(path);
    cli_ok(&ann, "export --tbls -o \"$AMX_HOME\"/.tbls.yml");
    assert_string_equal(support_read(path), once);
    cli_ok(&ann, "diff --with \"$AMX_HOME\"/.tbls.yml");
    free(path);
}

static void a_schema_that_is_there_and_empty_is_no_wrong_name(void **state)
{
    (void)state;
    const char *shop = support_database();
    support_sql(shop, "CREATE SCHEMA empty; CREATE TABLE customer (id int)");
    Cli ann = person_pg("ann", shop);
    Cli bob = person_lite("bob", support_file(support_folder(), "empty.db", ""));
    cli_shows(cli_ok(&ann, "coverage empty --min 100").out, "No tables.");
    cli_shows(cli_ok(&bob, "coverage main --min 100").out, "No tables.");
    cli_shows(cli_ok(&ann, "export empty --md").out, "No tables.");
    cli_ok(&ann, "run empty");
    cli_shows(cli_expect(&ann, 2, "coverage empt").err, "there is no schema, table or column empt");
    cli_expect(&ann, 2, "coverage empty.customer");
    cli_ok(&ann, "export --dbt -o \"$AMX_HOME\"/schema.yml");
    cli_ok(&ann, "diff empty --with \"$AMX_HOME\"/schema.yml");
}

static void what_lacks_statistics_is_told_by_run_alone_and_not_at_length(void **state)
{
    (void)state;
    const char *shop = support_database();
    support_sql(
        shop,
        "DO $$ BEGIN CREATE ROLE reader LOGIN; EXCEPTION WHEN duplicate_object THEN END $$;"
        "DO $$ BEGIN FOR i IN 1..7 LOOP EXECUTE format('CREATE TABLE t%s (id int)', i); END LOOP; END $$");
    char *conninfo = text_format("%s user=reader", shop);
    Cli ann = person_pg("ann", conninfo);
    cli_hides(cli_ok(&ann, "coverage").err, "warning");
    cli_hides(cli_ok(&ann, "export --md").err, "warning");
    SupportRun run = cli_ok(&ann, "run");
    cli_shows(run.err, "read without statistics: public.t5: no SELECT right");
    cli_hides(run.err, "public.t6");
    cli_shows(run.err, "read without statistics: 2 more; run --dry-run lists them all");
    run = cli_ok(&ann, "run --dry-run");
    cli_shows(run.err, "public.t7: no SELECT right");
    cli_hides(run.err, "more");
    free(conninfo);
}

static void gaps_are_told_of_what_is_meant_alone(void **state)
{
    (void)state;
    const char *shop = support_database();
    support_sql(
        shop,
        "DO $$ BEGIN CREATE ROLE reader LOGIN; EXCEPTION WHEN duplicate_object THEN END $$;"
        "CREATE SCHEMA e5; GRANT USAGE ON SCHEMA e5 TO reader; CREATE TABLE e5.ok (id int);"
        "GRANT SELECT ON e5.ok TO reader; CREATE TABLE e5.\"No: way\" (id int); CREATE TABLE no (id int)");
    char *conninfo = text_format("%s user=reader", shop);
    Cli ann = person_pg("ann", conninfo);
    cli_hides(cli_ok(&ann, "run e5.ok").err, "statistics");
    SupportRun run = cli_ok(&ann, "run e5");
    cli_shows(run.err, "read without statistics: e5.\"No: way\": no SELECT right");
    cli_hides(run.err, "public.no");
    free(conninfo);
}

static void exactly_one_format_is_named(void **state)
{
    (void)state;
    Cli ann = person(true);
    cli_shows(cli_expect(&ann, 2, "export").err, "--md, --json");
    cli_shows(cli_expect(&ann, 2, "export --md --csv").err, "one format at a time");
    cli_shows(cli_expect(&ann, 2, "--json export --md").err, "one format at a time");
    /* before or behind the command, it is the format of the export */
    assert_string_equal(cli_ok(&ann, "--json export").out, cli_ok(&ann, "export --json").out);
    assert_string_equal(cli_ok(&ann, "--csv export").out, cli_ok(&ann, "export --csv").out);
    /* JSON Lines is none, so it stays what it is for every document */
    cli_shows(cli_json(cli_ok(&ann, "--jsonl export --md").out, "text"), "## main.customer");
}

/* --- each for its reader --- */

static void a_replayed_script_gives_an_empty_copy_the_same_comments(void **state)
{
    (void)state;
    const char *from = new_pg(true);
    const char *to = new_pg(false);
    Cli ann = person_pg("ann", from);
    assert_string_equal(support_sql_value(to, comments_pg), "none");
    /* whatever the copy takes for an escape by itself */
    support_sql(to, "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET standard_conforming_strings = off', "
                    "current_database()); END $$");
    support_sql(to, cli_ok(&ann, "export --sql").out);
    assert_string_equal(support_sql_value(to, comments_pg), support_sql_value(from, comments_pg));

    const char *from_file = new_lite(true);
    const char *to_file = new_lite(false);
    Cli bob = person_lite("bob", from_file);
    support_sqlite(to_file, cli_ok(&bob, "export --sql").out);
    assert_string_equal(support_sqlite_value(to_file, comments_lite),
                        support_sqlite_value(from_file, comments_lite));
    support_sqlite(to_file, cli_ok(&bob, "export --sql").out); /* and once more harms nothing */
    assert_string_equal(support_sqlite_value(to_file, comments_lite),
                        support_sqlite_value(from_file, comments_lite));
}

static void markdown_takes_no_text_for_markup(void **state)
{
    (void)state;
    Cli ann = person(false);
    const char *md = cli_ok(&ann, "export --md").out;
    cli_shows(md,
              "| `email` | text | unique | a \\| b \\`c\\` &lt;script&gt;x&lt;/script&gt; \\*d\\* "
              "\\[e\\](f) \\\\ \\\\x1b\\[31m<br>second 'line' \\\\u202egnp.exe \U0001F468\u200D\U0001F469 |");
    cli_shows(md, "\n\\- no list\n");
    cli_shows(md, "\n1\\. no list<br>\\# no heading\n");
    /* what is linked is there, once */
    cli_shows(md, "[`customer`](#sales.customer)");
    cli_shows(md, "<a id=\"sales.customer\"></a>\n\n## sales.customer\n");
    cli_shows(md, "](#Odd~2e~22Schema.a~7cb~60c~20~5c~20~3ci~3e)");
    cli_shows(md, "<a id=\"Odd~2e~22Schema.a~7cb~60c~20~5c~20~3ci~3e\"></a>");
    cli_shows(md, "| `customer_id` | integer, not null | [`customer.id`](#sales.customer) |");
    /* every line of a table has as many cells as its heading */
    for (const char *line = strstr(md, "\n| "); line; line = strstr(line + 1, "\n| ")) {
        int bars = 0;
        for (const char *c = line + 1; *c && *c != '\n'; c++) {
            bars += *c == '|' && c[-1] != '\\';
        }
        assert_int_equal(bars, 6);
    }
}

static void json_keeps_every_text_as_it_is(void **state)
{
    (void)state;
    Cli ann = person(false);
    const char *json = cli_ok(&ann, "export --json").out;
    assert_int_equal(cli_json_number(json, "tables.#"), 4);
    assert_string_equal(cli_json(json, "tables.0.schema_name"), "Odd.\"Schema");
    assert_string_equal(cli_json(json, "tables.0.table_name"), "a|b`c \\ <i>");
    assert_string_equal(cli_json(json, "tables.0.columns.1.column_name"), "rtl\u202edo");
    assert_string_equal(cli_json(json, "tables.2.columns.2.description"),
                        "a | b `c` <script>x</script> *d* [e](f) \\ \x1b[31m\nsecond 'line' "
                        "\u202egnp.exe \U0001F468\u200D\U0001F469");
    assert_string_equal(cli_json(json, "tables.2.columns.2.state"), "present");
    assert_string_equal(cli_json(json, "tables.2.columns.2.created_by"), "null"); /* not with amx */
    assert_string_equal(cli_json(json, "tables.2.columns.1.state"), "missing");
    assert_string_equal(cli_json(json, "tables.2.columns.1.description"), "null");
}

static void csv_is_no_formula_in_a_spreadsheet(void **state)
{
    (void)state;
    Cli ann = person(false);
    const char *csv = cli_ok(&ann, "export --csv").out;
    cli_shows(csv, "schema_name,table_name,column_name,kind,data_type,description,state,created_by,hostname,"
                   "client_version,written_at\r\n");
    cli_shows(csv, "x.y,column,integer,\"'=HYPERLINK(\"\"http://x\"\")\",present,,,,\r\n");
    cli_shows(csv, ",'=1+1,column,integer,'-2,present,,,,\r\n");
    cli_shows(csv, "sales,customer,name,column,text,,missing,,,,\r\n");
    cli_shows(csv, "\"Odd.\"\"Schema\",");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_descriptions_are_the_same_bytes),
        cmocka_unit_test(an_empty_database_is_an_empty_document),
        cmocka_unit_test(a_scope_narrows_what_is_exported),
        cmocka_unit_test(the_text_of_a_partitioned_table_is_not_a_partition_s_own),
        cmocka_unit_test(a_partition_with_a_text_of_its_own_is_a_part_of_every_export),
        cmocka_unit_test(a_dot_in_the_name_of_a_schema_is_found_again_in_a_tbls_file),
        cmocka_unit_test(a_schema_that_is_there_and_empty_is_no_wrong_name),
        cmocka_unit_test(what_lacks_statistics_is_told_by_run_alone_and_not_at_length),
        cmocka_unit_test(gaps_are_told_of_what_is_meant_alone),
        cmocka_unit_test(exactly_one_format_is_named),
        cmocka_unit_test(a_replayed_script_gives_an_empty_copy_the_same_comments),
        cmocka_unit_test(markdown_takes_no_text_for_markup),
        cmocka_unit_test(json_keeps_every_text_as_it_is),
        cmocka_unit_test(csv_is_no_formula_in_a_spreadsheet),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
