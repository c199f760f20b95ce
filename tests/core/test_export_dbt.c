/* export --dbt and --tbls: what a team's schema.yml and .tbls.yml hold afterwards, read by another reader of
 * YAML than ours, and what of them stays as it was. */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "support_internal.h"
#include "text.h"

/* Prints every text of a file, "kind table.column=text" with escapes, as PyYAML reads it. */
static const char reader[] =
    "import sys, yaml\n"
    "d = yaml.safe_load(open(sys.argv[1], encoding='utf-8-sig'))\n"
    "def say(*w):\n"
    "    assert all(isinstance(x, (str, type(None))) for x in w), w\n"
    "    print(*(ascii(x) for x in w))\n"
    "for s in d.get('sources', []):\n"
    "    for t in s['tables']:\n"
    "        say(s['schema'], t['name'], None, t.get('description'), None)\n"
    "        for c in t['columns']:\n"
    "            say(s['schema'], t['name'], c['name'], c.get('description'), c.get('data_type'))\n"
    "for t in d.get('comments') or []:\n"
    "    say(t['table'], None, t.get('tableComment'))\n"
    "    for c, text in t.get('columnComments', {}).items():\n"
    "        say(t['table'], c, text)\n";

static const char *read_back(const Cli *cli, const char *name)
{
    const char *script = support_file(support_folder(), "read.py", reader);
    char command[512];
    snprintf(command, sizeof command, "cd %s && python3 %s %s", cli->home, script, name);
    SupportRun run = support_shell(cli->env, command);
    if (run.exit_code != 0) {
        fail_msg("%s", run.err);
    }
    return run.out;
}

static const char *file_of(const Cli *cli, const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", cli->home, name);
    return support_read(path);
}

/* A person with a SQLite database in which `comments` are rows of ('table', 'column', 'text'). */
static Cli person(const char *tables, const char *comments)
{
    Cli ann = cli_new("ann", "db_profile shop { backend = sqlite\n path = shop.db }\n");
    const char *path = support_file(ann.home, "shop.db", "");
    support_sqlite(path, tables);
    support_sqlite(path, "CREATE TABLE amx_comments (table_name TEXT NOT NULL, column_name TEXT NOT NULL, "
                         "comment TEXT NOT NULL, updated_at TEXT NOT NULL DEFAULT '2026-11-23T00:00:00Z', "
                         "PRIMARY KEY (table_name, column_name))");
    char *sql =
        text_format("INSERT INTO amx_comments (table_name, column_name, comment) VALUES %s", comments);
    support_sqlite(path, sql);
    free(sql);
    return ann;
}

static const char two_tables[] = "CREATE TABLE customer (id INTEGER PRIMARY KEY, email TEXT, note TEXT);"
                                 "CREATE TABLE \"order\" (id INTEGER PRIMARY KEY, total NUMERIC(10,2));";

static Cli shopkeeper(void)
{
    return person(two_tables, "('customer', '', 'One row per customer'), ('customer', 'id', 'Key'),"
                              "('order', 'total', 'What it costs: net')");
}

static void a_new_dbt_file_holds_every_table_and_column(void **state)
{
    (void)state;
    Cli ann = shopkeeper();
    const char *whole = "version: 2\n"
                        "sources:\n"
                        "  - name: main\n"
                        "    schema: main\n"
                        "    tables:\n"
                        "      - name: customer\n"
                        "        description: One row per customer\n"
                        "        columns:\n"
                        "          - name: id\n"
                        "            description: Key\n"
                        "            data_type: INTEGER\n"
                        "          - name: email\n"
                        "            data_type: TEXT\n"
                        "          - name: note\n"
                        "            data_type: TEXT\n"
                        "      - name: order\n"
                        "        columns:\n"
                        "          - name: id\n"
                        "            data_type: INTEGER\n"
                        "          - name: total\n"
                        "            description: \"What it costs: net\"\n"
                        "            data_type: NUMERIC(10,2)\n";
    assert_string_equal(cli_ok(&ann, "export --dbt").out, whole);
    cli_ok(&ann, "export --dbt -o \"$AMX_HOME\"/schema.yml");
    assert_string_equal(file_of(&ann, "schema.yml"), whole);
    cli_ok(&ann, "export --dbt -o \"$AMX_HOME\"/schema.yml");
    assert_string_equal(file_of(&ann, "schema.yml"), whole);
    cli_ok(&ann, "diff --with \"$AMX_HOME\"/schema.yml");
}

static void nasty_names_and_texts_reach_another_reader_of_yaml_whole(void **state)
{
    (void)state;
    Cli ann = person("CREATE TABLE \"yes\" (\"null\" INT, \"1.0\" INT, \"a: b\" INT, \"#x\" INT, \"- y\" "
                     "INT, \"\xC3\xA9\" INT,"
                     " \"it's\" INT, \"{}\" INT);",
                     "('yes', '', '~'), ('yes', 'null', 'no'), ('yes', '1.0', '12:30:45'),"
                     "('yes', 'a: b', 'one' || char(10) || 'two: # x'), ('yes', '#x', char(9) || 'tab' || "
                     "char(8238) || char(133)),"
                     "('yes', '- y', ' spaces '), ('yes', '\xC3\xA9', '\xF0\x9F\x98\x80 \"quoted\" \\'), "
                     "('yes', 'it''s', 'ends' || char(10)),"
                     "('yes', '{}', '$HOME costs ${PRICE}')");
    cli_ok(&ann, "export --dbt -o \"$AMX_HOME\"/schema.yml");
    assert_string_equal(read_back(&ann, "schema.yml"),
                        "'main' 'yes' None '~' None\n"
                        "'main' 'yes' 'null' 'no' 'INT'\n"
                        "'main' 'yes' '1.0' '12:30:45' 'INT'\n"
                        "'main' 'yes' 'a: b' 'one\\ntwo: # x' 'INT'\n"
                        "'main' 'yes' '#x' '\\ttab\\u202e\\x85' 'INT'\n"
                        "'main' 'yes' '- y' ' spaces ' 'INT'\n"
                        "'main' 'yes' '\\xe9' '\\U0001f600 \"quoted\" \\\\' 'INT'\n"
                        "'main' 'yes' \"it's\" 'ends\\n' 'INT'\n"
                        "'main' 'yes' '{}' '$HOME costs ${PRICE}' 'INT'\n");
    cli_ok(&ann, "diff --with \"$AMX_HOME\"/schema.yml");
    cli_ok(&ann, "export --tbls -o \"$AMX_HOME\"/.tbls.yml");
    assert_string_equal(read_back(&ann, ".tbls.yml"), "'yes' None '~'\n"
                                                      "'yes' 'null' 'no'\n"
                                                      "'yes' '1.0' '12:30:45'\n"
                                                      "'yes' 'a: b' 'one\\ntwo: # x'\n"
                                                      "'yes' '#x' '\\ttab\\u202e\\x85'\n"
                                                      "'yes' '- y' ' spaces '\n"
                                                      "'yes' '\\xe9' '\\U0001f600 \"quoted\" \\\\'\n"
                                                      "'yes' \"it's\" 'ends\\n'\n"
                                                      "'yes' '{}' '$HOME costs ${PRICE}'\n");
    /* tbls would replace them by environment variables. */
    cli_hides(file_of(&ann, ".tbls.yml"), "$");
    cli_ok(&ann, "diff --with \"$AMX_HOME\"/.tbls.yml");
}

static void what_looks_like_jinja_is_written_as_text_for_dbt(void **state)
{
    (void)state;
    Cli ann = person("CREATE TABLE t (a INT);",
                     "('t', '', 'Says {{ hello }}, {% raw %} and {# x #}'), ('t', 'a', '{{{%')");
    const char *written = cli_ok(&ann, "export --dbt").out;
    cli_shows(written, "description: \"Says {{ '{{' }} hello }}, {{ '{%' }} raw %} and {{ '{#' }} x #}\"\n");
    cli_shows(written, "description: \"{{ '{{' }}{{ '{%' }}\"\n");
    cli_ok(&ann, "export --dbt -o \"$AMX_HOME\"/schema.yml");
    cli_ok(&ann, "diff --with \"$AMX_HOME\"/schema.yml");
}

static const char team_file[] = "# Sources of the shop; ask ann before you touch them.\r\n"
                                "version: 2\r\n"
                                "\r\n"
                                "models:\r\n"
                                "  - {name: stg_customer, tests: [unique]}   # a model\r\n"
                                "sources:\r\n"
                                "    -   name: shop\r\n"
                                "        schema: main\r\n"
                                "        quoting: {database: false}\r\n"
                                "        tables:\r\n"
                                "            -   name: kunden\r\n"
                                "                identifier: customer\r\n"
                                "                description: \"old\"   # why\r\n"
                                "                meta: {owner: '@ann'}\r\n"
                                "                columns:\r\n"
                                "                    # the key\r\n"
                                "                    -   name: id\r\n"
                                "                        tests:\r\n"
                                "                            - unique\r\n"
                                "\r\n"
                                "                    -   {name: email, description: a person wrote this}\r\n"
                                "                    -   name: was\r\n"
                                "            -   name: dropped\r\n"
                                "                tags: [x]\r\n"
                                "exposures: []\r\n";

static void a_file_of_the_team_gets_descriptions_and_keeps_the_rest(void **state)
{
    (void)state;
    Cli ann = shopkeeper();
    support_file(ann.home, "schema.yml", team_file);
    SupportRun run = cli_ok(&ann, "export --dbt customer -o \"$AMX_HOME\"/schema.yml");
    assert_string_equal(file_of(&ann, "schema.yml"),
                        "# Sources of the shop; ask ann before you touch them.\r\n"
                        "version: 2\r\n"
                        "\r\n"
                        "models:\r\n"
                        "  - {name: stg_customer, tests: [unique]}   # a model\r\n"
                        "sources:\r\n"
                        "    -   name: shop\r\n"
                        "        schema: main\r\n"
                        "        quoting: {database: false}\r\n"
                        "        tables:\r\n"
                        "            -   name: kunden\r\n"
                        "                identifier: customer\r\n"
                        "                description: \"One row per customer\"   # why\r\n"
                        "                meta: {owner: '@ann'}\r\n"
                        "                columns:\r\n"
                        "                    # the key\r\n"
                        "                    -   name: id\r\n"
                        "                        description: Key\r\n"
                        "                        tests:\r\n"
                        "                            - unique\r\n"
                        "\r\n"
                        "                    -   {name: email, description: a person wrote this}\r\n"
                        "                    -   name: was\r\n"
                        "                    - name: note\r\n"
                        "                      data_type: TEXT\r\n"
                        "            -   name: dropped\r\n"
                        "                tags: [x]\r\n"
                        "exposures: []\r\n");
    cli_shows(run.err, "line 22: main.customer has no column was in the database; left as it is");
    cli_shows(run.err, "line 23: the database has no table main.dropped; left as it is");
    cli_ok(&ann, "export --dbt -o \"$AMX_HOME\"/schema.yml");
    cli_shows(file_of(&ann, "schema.yml"), "                tags: [x]\r\n"
                                           "            - name: order\r\n"
                                           "              columns:\r\n");
}

static void what_jinja_makes_or_an_alias_repeats_is_left_and_told(void **state)
{
    (void)state;
    Cli ann = shopkeeper();
    static const char file[] = "sources:\n"
                               "- name: main\n"
                               "  tables:\n"
                               "  - name: customer\n"
                               "    description: \"{{ doc('customer') }}\"\n"
                               "    columns: &columns\n"
                               "    - name: id\n"
                               "      description: id of both\n"
                               "    - name: email\n"
                               "    - name: note\n"
                               "  - name: order\n"
                               "    columns: *columns\n";
    support_file(ann.home, "schema.yml", file);
    SupportRun run = cli_ok(&ann, "export --dbt -o \"$AMX_HOME\"/schema.yml");
    assert_string_equal(file_of(&ann, "schema.yml"), file);
    cli_shows(run.err, "line 5: the description is made with Jinja; left as it is");
    cli_shows(run.err, "line 8: \"description\" belongs to something that has an anchor");
    cli_shows(run.err, "line 12: \"columns\" belongs to something that has an anchor");
}

static void a_file_that_cannot_be_understood_stays_as_it_was(void **state)
{
    (void)state;
    Cli ann = shopkeeper();
    static const char *const files[][2] = {
        {"version: 2\nsources: [\n", "schema.yml, line 3: did not find expected node content"},
        {"version: 2\n---\nversion: 2\n", "schema.yml, line 2: a second document begins"},
        {"version: 2\nmodels:\nmodels:\n",
         "schema.yml, line 3: the key \"models\" stands twice in one mapping"},
        {"sources:\n\t- name: x\n", "schema.yml, line 2: found character that cannot start any token"},
        {"- a\n- b\n", "its top is no plain mapping"},
        {"sources: {a: b}\n", "\"sources\" is no list that can be added to"},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        support_file(ann.home, "schema.yml", files[i][0]);
        cli_shows(cli_expect(&ann, 1, "export --dbt -o \"$AMX_HOME\"/schema.yml").err, files[i][1]);
        assert_string_equal(file_of(&ann, "schema.yml"), files[i][0]);
    }
}

static void a_tbls_file_gets_comments_and_keeps_the_rest(void **state)
{
    (void)state;
    Cli ann = shopkeeper();
    support_file(ann.home, ".tbls.yml",
                 "dsn: sqlite:///shop.db # local\n"
                 "comments:\n"
                 "- table: customer\n"
                 "  columnComments: {id: old, email: a person wrote this}\n"
                 "  labels: [crm]\n"
                 "- table: dropped\n"
                 "relations: []\n");
    SupportRun run = cli_ok(&ann, "export --tbls -o \"$AMX_HOME\"/.tbls.yml");
    assert_string_equal(file_of(&ann, ".tbls.yml"),
                        "dsn: sqlite:///shop.db # local\n"
                        "comments:\n"
                        "- table: customer\n"
                        "  tableComment: One row per customer\n"
                        "  columnComments: {id: Key, email: a person wrote this}\n"
                        "  labels: [crm]\n"
                        "- table: dropped\n"
                        "- table: order\n"
                        "  columnComments:\n"
                        "    total: \"What it costs: net\"\n"
                        "relations: []\n");
    cli_shows(run.err,
              "line 6: the database has no table main.dropped; left as it is, and tbls will refuse it");
}

static void every_schema_of_postgresql_is_a_source(void **state)
{
    (void)state;
    const char *database = support_database();
    support_sql(database, "CREATE SCHEMA sales; CREATE SCHEMA \"Odd: one\";"
                          "CREATE TABLE sales.customer (id int, tags text[]);"
                          "CREATE TABLE public.customer (id int);"
                          "CREATE VIEW \"Odd: one\".v AS SELECT 1 AS \"A.b\";"
                          "COMMENT ON COLUMN sales.customer.tags IS 'Free tags';"
                          "COMMENT ON TABLE public.customer IS 'The other one';"
                          "COMMENT ON VIEW \"Odd: one\".v IS 'Odd'");
    Cli ann = cli_new("ann", "db_profile shop { backend = postgresql\n conninfo = \"%s\" }\n", database);
    support_file(ann.home, "schema.yml",
                 "sources:\n- name: crm\n  schema: sales\n  tables:\n  - name: customer\n    columns: []\n");
    cli_ok(&ann, "export --dbt -o \"$AMX_HOME\"/schema.yml");
    cli_shows(file_of(&ann, "schema.yml"), "sources:\n- name: crm\n  schema: sales\n");
    assert_string_equal(read_back(&ann, "schema.yml"), "'sales' 'customer' None None None\n"
                                                       "'sales' 'customer' 'id' None 'integer'\n"
                                                       "'sales' 'customer' 'tags' 'Free tags' 'text[]'\n"
                                                       "'Odd: one' 'v' None 'Odd' None\n"
                                                       "'Odd: one' 'v' 'A.b' None 'integer'\n"
                                                       "'public' 'customer' None 'The other one' None\n"
                                                       "'public' 'customer' 'id' None 'integer'\n");
    support_file(ann.home, ".tbls.yml", "comments:\n- table: customer\n  tableComment: old\n");
    cli_ok(&ann, "export --tbls -o \"$AMX_HOME\"/.tbls.yml");
    assert_string_equal(read_back(&ann, ".tbls.yml"), "'customer' None 'The other one'\n"
                                                      "'Odd: one.v' None 'Odd'\n"
                                                      "'sales.customer' None None\n"
                                                      "'sales.customer' 'tags' 'Free tags'\n");
    cli_ok(&ann, "diff --with \"$AMX_HOME\"/.tbls.yml");
    cli_ok(&ann, "diff --with \"$AMX_HOME\"/schema.yml");
}

/* Ann's shop, with a file in which sources of other databases stand. */
static void a_source_of_another_database_is_not_touched(void **state)
{
    (void)state;
    const char *database = support_database();
    support_sql(database, "CREATE SCHEMA sales; CREATE TABLE sales.customer (id int);"
                          "COMMENT ON COLUMN sales.customer.id IS 'Key'");
    const char *name = support_sql_value(database, "SELECT current_database()");
    static const char other[] = "sources:\n"
                                "- name: sales\n"
                                "  database: another\n"
                                "  tables:\n"
                                "  - name: customer\n"
                                "    columns:\n"
                                "    - name: number\n";
    Cli ann = cli_new("ann", "db_profile shop { backend = postgresql\n conninfo = \"%s\" }\n", database);
    support_file(ann.home, "schema.yml", other);
    SupportRun run = cli_ok(&ann, "export --dbt -o \"$AMX_HOME\"/schema.yml");
    char *told = text_format("the new source of schema sales is called %s_sales", name);
    char *whole = text_format("%s- name: %s_sales\n"
                              "  schema: sales\n"
                              "  tables:\n"
                              "    - name: customer\n"
                              "      columns:\n"
                              "        - name: id\n"
                              "          description: Key\n"
                              "          data_type: integer\n",
                              other, name);
    cli_shows(run.err, told);
    cli_hides(run.err, "number");
    assert_string_equal(file_of(&ann, "schema.yml"), whole);
    run = cli_ok(&ann, "export --dbt -o \"$AMX_HOME\"/schema.yml");
    cli_hides(run.err, "new source");
    assert_string_equal(file_of(&ann, "schema.yml"), whole);
    cli_ok(&ann, "diff --with \"$AMX_HOME\"/schema.yml");
    free(whole);
    free(told);
}

static void a_source_that_names_this_database_or_leaves_it_to_jinja_is_merged_into(void **state)
{
    (void)state;
    const char *database = support_database();
    support_sql(database, "CREATE TABLE customer (id int); COMMENT ON TABLE customer IS 'Who buys'");
    const char *names[] = {support_sql_value(database, "SELECT current_database()"),
                           "\"{{ target.database }}\""};
    Cli ann = cli_new("ann", "db_profile shop { backend = postgresql\n conninfo = \"%s\" }\n", database);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *file = text_format("sources:\n- name: public\n  database: %s\n  tables:\n  - name: customer\n"
                                 "    columns:\n    - name: id\n",
                                 names[i]);
        support_file(ann.home, "schema.yml", file);
        cli_ok(&ann, "export --dbt -o \"$AMX_HOME\"/schema.yml");
        cli_shows(file_of(&ann, "schema.yml"),
                  "  - name: customer\n    description: Who buys\n    columns:\n");
        free(file);
    }
}

static void of_two_sources_of_a_schema_the_one_that_names_this_database_is_added_to(void **state)
{
    (void)state;
    const char *database = support_database();
    support_sql(database, "CREATE TABLE customer (id int)");
    const char *name = support_sql_value(database, "SELECT current_database()");
    Cli ann = cli_new("ann", "db_profile shop { backend = postgresql\n conninfo = \"%s\" }\n", database);
    static const char first[] =
        "sources:\n- name: any\n  schema: public\n  tables: []\n- name: public\n  database: ";
    char *file = text_format("%s%s\n", first, name);
    support_file(ann.home, "schema.yml", file);
    cli_ok(&ann, "export --dbt -o \"$AMX_HOME\"/schema.yml");
    char *whole = text_format("%s  tables:\n    - name: customer\n", file);
    cli_shows(file_of(&ann, "schema.yml"), whole);
    free(whole);
    free(file);
}

static void what_is_added_gets_a_name_that_nothing_else_has(void **state)
{
    (void)state;
    Cli ann = shopkeeper();
    static const char tables[] = "sources:\n"
                                 "- name: main\n"
                                 "  tables:\n"
                                 "  - name: order\n"
                                 "    identifier: order_v1\n";
    support_file(ann.home, "schema.yml", tables);
    SupportRun run = cli_ok(&ann, "export --dbt -o \"$AMX_HOME\"/schema.yml");
    cli_shows(run.err, "the new table main.order is called main_order: a table order is there");
    cli_shows(file_of(&ann, "schema.yml"), "  - name: main_order\n    identifier: order\n    columns:\n");
    const char *once = file_of(&ann, "schema.yml");
    cli_ok(&ann, "export --dbt -o \"$AMX_HOME\"/schema.yml");
    assert_string_equal(file_of(&ann, "schema.yml"), once);
    cli_ok(&ann, "diff --with \"$AMX_HOME\"/schema.yml order");

    support_file(ann.home, "schema.yml", "sources:\n- name: main\n  schema: legacy\n  tables: []\n");
    run = cli_ok(&ann, "export --dbt -o \"$AMX_HOME\"/schema.yml");
    cli_shows(run.err, "the new source of schema main is called shop_main: a source main is there");
    cli_shows(file_of(&ann, "schema.yml"), "- name: shop_main\n  schema: main\n");
}

static void a_folded_description_that_says_the_same_stays_folded(void **state)
{
    (void)state;
    Cli ann = shopkeeper();
    static const char file[] = "sources:\n"
                               "- name: main\n"
                               "  tables:\n"
                               "  - name: customer\n"
                               "    description: >\n"
                               "      One row\n"
                               "      per customer\n"
                               "\n"
                               "    columns:\n"
                               "    - name: id\n"
                               "      description: >-\n"
                               "        Key\n"
                               "    - name: email\n"
                               "    - name: note\n"
                               "  - name: order\n"
                               "    columns:\n"
                               "    - name: id\n"
                               "    - name: total\n"
                               "      description: >\n"
                               "        What it\n"
                               "        costs: net\n";
    support_file(ann.home, "schema.yml", file);
    cli_ok(&ann, "export --dbt -o \"$AMX_HOME\"/schema.yml");
    assert_string_equal(file_of(&ann, "schema.yml"), file);
    support_sqlite(support_keep(text_format("%s/shop.db", ann.home)),
                   "UPDATE amx_comments SET comment = 'Its key' WHERE column_name = 'id'");
    cli_ok(&ann, "export --dbt -o \"$AMX_HOME\"/schema.yml");
    cli_shows(file_of(&ann, "schema.yml"), "    description: >\n      One row\n      per customer\n\n");
    cli_shows(file_of(&ann, "schema.yml"), "Its key");
    cli_shows(file_of(&ann, "schema.yml"), "      description: >\n        What it\n        costs: net\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_dbt_file_holds_every_table_and_column),
        cmocka_unit_test(nasty_names_and_texts_reach_another_reader_of_yaml_whole),
        cmocka_unit_test(what_looks_like_jinja_is_written_as_text_for_dbt),
        cmocka_unit_test(a_file_of_the_team_gets_descriptions_and_keeps_the_rest),
        cmocka_unit_test(what_jinja_makes_or_an_alias_repeats_is_left_and_told),
        cmocka_unit_test(a_file_that_cannot_be_understood_stays_as_it_was),
        cmocka_unit_test(a_tbls_file_gets_comments_and_keeps_the_rest),
        cmocka_unit_test(every_schema_of_postgresql_is_a_source),
        cmocka_unit_test(a_source_of_another_database_is_not_touched),
        cmocka_unit_test(a_source_that_names_this_database_or_leaves_it_to_jinja_is_merged_into),
        cmocka_unit_test(of_two_sources_of_a_schema_the_one_that_names_this_database_is_added_to),
        cmocka_unit_test(what_is_added_gets_a_name_that_nothing_else_has),
        cmocka_unit_test(a_folded_description_that_says_the_same_stays_folded),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
