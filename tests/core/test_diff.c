/* diff: what a person is told about a database and the file that documents it. */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "text.h"

static Cli person(const char *comments)
{
    Cli ann = cli_new("ann", "db_profile shop { backend = sqlite\n path = shop.db }\n");
    const char *path = support_file(ann.home, "shop.db", "");
    support_sqlite(path, "CREATE TABLE customer (id INTEGER PRIMARY KEY, email TEXT, note TEXT);"
                         "CREATE TABLE \"order\" (id INTEGER PRIMARY KEY, total INT);"
                         "CREATE TABLE amx_comments (table_name TEXT NOT NULL, column_name TEXT NOT NULL, "
                         "comment TEXT NOT NULL, updated_at TEXT NOT NULL DEFAULT '2026-11-23T00:00:00Z', "
                         "PRIMARY KEY (table_name, column_name))");
    char *sql =
        text_format("INSERT INTO amx_comments (table_name, column_name, comment) VALUES %s", comments);
    support_sqlite(path, sql);
    free(sql);
    return ann;
}

static Cli shopkeeper(void)
{
    return person("('customer', '', 'One row per customer'), ('customer', 'id', '=SUM(\"a\", 1)'),"
                  "('customer', 'note', 'two' || char(10) || 'lines'), ('order', 'total', 'Net')");
}

static const char *const formats[] = {"dbt s.yml", "tbls .tbls.yml", "json s.json", "csv s.csv"};

static void an_export_says_the_same_as_the_database(void **state)
{
    (void)state;
    Cli ann = shopkeeper();
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        const char *name = strchr(formats[i], ' ') + 1;
        cli_ok(&ann, "export --%.*s -o \"$AMX_HOME\"/%s", (int)strcspn(formats[i], " "), formats[i], name);
        SupportRun run = cli_ok(&ann, "diff --with \"$AMX_HOME\"/%s", name);
        assert_string_equal(run.out, "The database and the file say the same.\n");
        assert_string_equal(
            cli_json(cli_ok(&ann, "diff --json --with \"$AMX_HOME\"/%s", name).out, "items.#"), "0");
    }
}

static void every_format_shows_what_changed_since(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        Cli ann = shopkeeper();
        char path[512];
        const char *name = strchr(formats[i], ' ') + 1;
        cli_ok(&ann, "export --%.*s -o \"$AMX_HOME\"/%s", (int)strcspn(formats[i], " "), formats[i], name);
        snprintf(path, sizeof path, "%s/shop.db", ann.home);
        support_sqlite(
            path, "UPDATE amx_comments SET comment = 'Gross' WHERE column_name = 'total';"
                  "DELETE FROM amx_comments WHERE column_name = 'id';"
                  "INSERT INTO amx_comments (table_name, column_name, comment) VALUES ('order', 'id', 'Key');"
                  "ALTER TABLE customer DROP COLUMN note");
        SupportRun run = cli_expect(&ann, 7, "diff --json --with \"$AMX_HOME\"/%s", name);
        assert_string_equal(cli_json(run.out, "items.#"), "4");
        assert_string_equal(cli_json(run.out, "items.0.object"), "main.customer.id");
        assert_string_equal(cli_json(run.out, "items.0.difference"), "only in file");
        assert_string_equal(cli_json(run.out, "items.0.database_text"), "null");
        assert_string_equal(cli_json(run.out, "items.1.object"), "main.order.id");
        assert_string_equal(cli_json(run.out, "items.1.difference"), "only in database");
        assert_string_equal(cli_json(run.out, "items.1.database_text"), "Key");
        assert_string_equal(cli_json(run.out, "items.1.state"), "present");
        assert_string_equal(cli_json(run.out, "items.2.difference"), "differs");
        assert_string_equal(cli_json(run.out, "items.2.database_text"), "Gross");
        assert_string_equal(cli_json(run.out, "items.2.file_text"), "Net");
        assert_string_equal(cli_json(run.out, "items.3.object"), "main.customer.note");
        assert_string_equal(cli_json(run.out, "items.3.difference"), "not in database");
        assert_string_equal(cli_json(run.out, "items.3.file_text"), "two\nlines");
        cli_shows(run.err, "4 differences between the database and");
    }
}

static void a_scope_leaves_out_the_rest(void **state)
{
    (void)state;
    Cli ann = shopkeeper();
    support_file(ann.home, "s.yml",
                 "sources: [{name: main, tables: [{name: customer, description: x},"
                 " {name: gone, description: y}, {name: order}]}]\n");
    cli_shows(cli_expect(&ann, 7, "diff order --with \"$AMX_HOME\"/s.yml").err, "1 difference between");
    SupportRun column = cli_expect(&ann, 7, "diff customer.note --json --with \"$AMX_HOME\"/s.yml");
    assert_string_equal(cli_json(column.out, "items.#"), "1");
    assert_string_equal(cli_json(column.out, "items.0.difference"), "only in database");
    cli_ok(&ann, "diff customer.email --with \"$AMX_HOME\"/s.yml");
    assert_string_equal(
        cli_json(cli_expect(&ann, 7, "diff --json --with \"$AMX_HOME\"/s.yml").out, "items.#"), "5");
    cli_shows(cli_expect(&ann, 2, "diff nothing --with \"$AMX_HOME\"/s.yml").err, "nothing");
}

static void an_accepted_text_counts_as_export_writes_it(void **state)
{
    (void)state;
    Cli ann = shopkeeper();
    cli_ok(&ann, "export --dbt -o \"$AMX_HOME\"/s.yml");
    cli_ok(&ann, "run customer.email --all");
    cli_ok(&ann, "review 1 --result 1 --text Address");
    SupportRun run = cli_expect(&ann, 7, "diff --json --with \"$AMX_HOME\"/s.yml");
    assert_string_equal(cli_json(run.out, "items.#"), "1");
    assert_string_equal(cli_json(run.out, "items.0.state"), "accepted");
    cli_ok(&ann, "export --dbt -o \"$AMX_HOME\"/s.yml");
    cli_ok(&ann, "diff --with \"$AMX_HOME\"/s.yml");
}

static void how_a_text_ends_and_what_jinja_makes_is_no_difference(void **state)
{
    (void)state;
    Cli ann = person("('customer', '', 'One'), ('order', '', 'Two')");
    support_file(ann.home, "s.yml",
                 "sources:\n- name: main\n  tables:\n  - name: customer\n    description: |\n      One\n\n"
                 "  - name: order\n    description: \"{{ doc('order') }}\"\n");
    SupportRun run = cli_ok(&ann, "diff --with \"$AMX_HOME\"/s.yml");
    cli_shows(run.err, "1 description of ");
    cli_shows(run.err, "made with Jinja can't be compared");
}

static void a_file_that_says_nothing_is_refused(void **state)
{
    (void)state;
    Cli ann = shopkeeper();
    static const char *const files[][3] = {
        {"a.yml", "models: []\n", "holds neither \"sources\" of dbt nor \"comments\" of tbls"},
        {"a.yml", "a: [\n", "line 2: "},
        {"a.json", "{\n\"a\":", "line 2: "},
        {"a.json", "{}", "is no amx.export/1"},
        {"a.csv", "a,b\r\n", "lacks one of the columns"},
        {"a.csv", "schema_name,table_name,column_name,description\r\nmain,\"t\r\n",
         "line 2: this row is not like the heading"},
        {"a.csv", "schema_name,table_name,column_name,description\r\nmain,t\r\n",
         "line 2: this row is not like the heading"},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        support_file(ann.home, files[i][0], files[i][1]);
        SupportRun run = cli_expect(&ann, 1, "diff --with \"$AMX_HOME\"/%s", files[i][0]);
        cli_shows(run.err, files[i][2]);
        cli_shows(run.err, "--with takes a schema.yml of dbt");
    }
    cli_shows(cli_expect(&ann, 1, "diff --with \"$AMX_HOME\"/nowhere.yml").err, "can't be read");
    cli_shows(cli_expect(&ann, 2, "diff").err, "diff needs a file to compare with");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_export_says_the_same_as_the_database),
        cmocka_unit_test(every_format_shows_what_changed_since),
        cmocka_unit_test(a_scope_leaves_out_the_rest),
        cmocka_unit_test(an_accepted_text_counts_as_export_writes_it),
        cmocka_unit_test(how_a_text_ends_and_what_jinja_makes_is_no_difference),
        cmocka_unit_test(a_file_that_says_nothing_is_refused),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
