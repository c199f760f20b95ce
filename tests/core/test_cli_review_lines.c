/* Decisions that people write into files: lines of another history, texts that were edited, mistakes. */
#include <string.h>
#include <sys/stat.h>

#include "cli.h"
#include "support_internal.h"
#include "text.h"

#define TWO_SCHEMAS                                                                                          \
    "CREATE SCHEMA sales; CREATE SCHEMA stock;"                                                              \
    "CREATE TABLE sales.item (id integer PRIMARY KEY, price numeric);"                                       \
    "CREATE TABLE stock.item (id integer PRIMARY KEY, price numeric)"

#define SHOP                                                                                                 \
    "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT, email TEXT);"                                 \
    "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customer(id), total REAL)"

/* Somebody with a run over a scope of a PostgreSQL database. */
static Cli with_run_over(const char *name, const char *conninfo, const char *scope)
{
    Cli cli = cli_new(name, "db_profile shop {\n  backend = postgresql\n  conninfo = \"%s\"\n}\n", conninfo);
    cli_ok(&cli, "run %s", scope);
    return cli;
}

/* Somebody with a run over a SQLite file: result 1 is the table customer, 2 to 4 its columns. */
static Cli with_run(void)
{
    const char *file = support_keep(text_format("%s/shop.db", support_folder()));
    support_sqlite(file, SHOP);
    Cli cli = cli_new("ann", "db_profile shop {\n  backend = sqlite\n  path = \"%s\"\n}\n", file);
    cli_ok(&cli, "run");
    return cli;
}

static SupportRun read_back(const Cli *cli, int code, const char *lines)
{
    return cli_expect(cli, code, "review 1 --from %s", support_file(cli->home, "lines.jsonl", lines));
}

/* "sales.item.id edited Its number." of all that is decided, one a line. */
static const char *decided(const Cli *cli)
{
    return support_sqlite_value(
        cli->history,
        "SELECT coalesce(group_concat(schema_name || '.' || table_name || coalesce('.' || column_name, '') "
        "|| ' ' || evaluation || ' ' || coalesce(chosen_text, ''), '\n'), '') FROM run_results "
        "WHERE evaluation IS NOT NULL");
}

static const char *origin(const Cli *cli)
{
    return cli_json(cli_ok(cli, "review 1 --export --json").out, "items.0.origin");
}

static void the_lines_of_a_colleague_decide_about_the_same_objects(void **state)
{
    (void)state;
    const char *conninfo = support_database();
    support_sql(conninfo, TWO_SCHEMAS);
    Cli ann = with_run_over("ann", conninfo, "");
    Cli bob = with_run_over("bob", conninfo, "stock");
    cli_ok(&bob, "review 1 --result 1 --text 'What lies in stock.'");
    cli_ok(&bob, "review 1 --result 2 --skip");
    cli_ok(&bob, "review 1 --export >%s/bob.jsonl", ann.home);
    cli_ok(&ann, "review 1 --from %s/bob.jsonl", ann.home);
    assert_string_equal(decided(&ann), "stock.item edited What lies in stock.\nstock.item.id skipped ");
    /* what Bob's run doesn't have is refused, and the line says what the number means there */
    cli_ok(&ann, "review 1 --export >%s/ann.jsonl", ann.home);
    SupportRun refused = cli_expect(&bob, 2, "review 1 --from %s/ann.jsonl", ann.home);
    cli_shows(refused.err, "ann.jsonl:1: ");
    cli_shows(refused.err, "result 1 is none of this run, nor is sales.item");
}

static void a_number_counts_only_with_the_names_beside_it(void **state)
{
    (void)state;
    Cli ann = with_run();
    read_back(&ann, 0,
              "{\"result\":1,\"schema\":\"main\",\"table\":\"customer\",\"column\":\"email\","
              "\"decision\":\"skip\"}\n");
    assert_string_equal(decided(&ann), "main.customer.email skipped ");
    cli_ok(&ann, "review 1 --result 4 --undecide");
    cli_shows(
        read_back(&ann, 2, "{\"result\":1,\"table\":\"gone\",\"column\":null,\"decision\":\"skip\"}\n").err,
        "result 1 is main.customer in this run, and not gone");
    /* no column says nothing against the number, null says that it is the table */
    read_back(&ann, 0, "{\"result\":2,\"table\":\"customer\",\"decision\":\"skip\"}\n");
    assert_string_equal(decided(&ann), "main.customer.id skipped ");
    read_back(&ann, 0,
              "{\"result\":2,\"table\":\"customer\",\"column\":null,\"decision\":\"skip\"}\n"
              "{\"result\":2,\"decision\":\"undecide\"}\n");
    assert_string_equal(decided(&ann), "main.customer skipped ");
    cli_shows(read_back(&ann, 2, "{\"result\":2,\"table\":\"orders\",\"decision\":\"skip\"}\n").err,
              "result 2 is main.customer.id in this run, and not orders");
    cli_shows(read_back(&ann, 2, "{\"result\":2,\"origin\":\"elsewhere\",\"decision\":\"skip\"}\n").err,
              "the line names no table");
}

static void a_name_in_two_schemas_has_to_say_which(void **state)
{
    (void)state;
    const char *conninfo = support_database();
    support_sql(conninfo, TWO_SCHEMAS);
    Cli ann = with_run_over("ann", conninfo, "");
    SupportRun refused = read_back(&ann, 2, "{\"table\":\"item\",\"column\":\"id\",\"decision\":\"skip\"}\n");
    cli_shows(refused.err, "both sales.item.id and stock.item.id");
    read_back(&ann, 0, "{\"schema\":\"stock\",\"table\":\"item\",\"column\":\"id\",\"decision\":\"skip\"}\n");
    assert_string_equal(decided(&ann), "stock.item.id skipped ");
}

static void an_accepted_text_that_was_edited_is_an_edit(void **state)
{
    (void)state;
    Cli ann = with_run();
    const char *done =
        read_back(&ann, 0, "{\"result\":3,\"decision\":\"accept\",\"text\":\"As ann says.\"}\n").err;
    cli_shows(done, "1 edited");
    assert_string_equal(decided(&ann), "main.customer.name edited As ann says.");
    cli_ok(&ann, "review 1 --result 3 --undecide");
    /* the text of an alternative accepts it, and what contradicts itself is refused */
    read_back(
        &ann, 0,
        "{\"result\":2,\"decision\":\"accept\",\"text\":\"Primary key; generated by the database.\"}\n");
    assert_string_equal(decided(&ann), "main.customer.id accepted Primary key; generated by the database.");
    cli_shows(read_back(&ann, 2,
                        "{\"result\":2,\"decision\":\"accept\",\"choice\":1,"
                        "\"text\":\"Primary key; generated by the database.\"}\n")
                  .err,
              "\"choice\" is 1, and \"text\" is alternative 2");
    read_back(&ann, 0, "{\"result\":2,\"decision\":\"accept\",\"choice\":2,\"text\":\"Its number.\"}\n");
    assert_string_equal(decided(&ann), "main.customer.id edited Its number.");
    cli_shows(
        read_back(&ann, 2, "{\"result\":3,\"decision\":null,\"text\":\"Lost?\",\"alternatives\":[\"A.\"]}\n")
            .err,
        "set \"decision\" to \"edit\"");
}

static void a_changed_text_without_a_decision_that_writes_it_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        const char *message;
    } lost[] = {
        {"{\"result\":3,\"text\":\"Mine.\"}",
         "text of your own and no decision; set \"decision\" to \"edit\""},
        {"{\"result\":3,\"decision\":null,\"text\":\"Mine.\"}", "set \"decision\" to \"edit\""},
        {"{\"result\":3,\"decision\":\"skip\",\"text\":\"Mine.\"}",
         "the decision is \"skip\"; set \"decision\" to \"edit\", or leave the text out"},
        {"{\"result\":3,\"decision\":\"undecide\",\"text\":\"Mine.\"}", "the decision is \"undecide\""},
        {"{\"result\":3,\"decision\":\"skip\",\"text\":\"Mine.\",\"alternatives\":[\"A.\"]}", "is \"skip\""},
    };
    Cli ann = with_run();
    for (size_t i = 0; i < sizeof lost / sizeof *lost; i++) {
        char *lines = text_format("{\"result\":1,\"decision\":\"skip\"}\n%s\n", lost[i].line);
        const char *told = read_back(&ann, 2, lines).err;
        cli_shows(told, "lines.jsonl:2: ");
        cli_shows(told, lost[i].message);
        free(lines);
    }
    assert_string_equal(decided(&ann), "");
}

static void an_export_that_nobody_touched_is_read_back_without_harm(void **state)
{
    (void)state;
    Cli ann = with_run();
    cli_ok(&ann, "review 1 --result 1 --text 'Who buys.'");
    cli_ok(&ann, "review 1 --result 2 --choose 2");
    cli_ok(&ann, "review 1 --result 3 --skip");
    const char *before = decided(&ann);
    cli_ok(&ann, "review 1 --export >%s/all.jsonl", ann.home);
    cli_ok(&ann, "review 1 --from %s/all.jsonl", ann.home);
    assert_string_equal(decided(&ann), before);
    /* only the decision of an edited text is changed: the text is the one that stood there */
    read_back(&ann, 0, "{\"result\":1,\"decision\":\"skip\",\"text\":\"Who buys.\"}\n");
    cli_shows(decided(&ann), "main.customer skipped");
}

static void a_choice_counts_the_alternatives_in_its_line(void **state)
{
    (void)state;
    Cli ann = with_run();
    read_back(&ann, 0,
              "{\"result\":9,\"origin\":\"elsewhere\",\"table\":\"customer\",\"column\":\"name\","
              "\"decision\":\"accept\",\"choice\":2,\"alternatives\":[\"One.\",\"Two.\"]}\n");
    assert_string_equal(decided(&ann), "main.customer.name edited Two.");
}

static void what_a_line_can_not_say_is_refused_by_its_number(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        const char *message;
    } wrong[] = {
        {"{\"result\":2,\"decision\":\"accept\",\"choose\":9}", "there is no key \"choose\""},
        {"{\"result\":2,\"decision\":\"accept\",\"choice\":\"1\"}",
         "\"choice\" is \"1\"; it has to be a whole"},
        {"{\"result\":2,\"decision\":\"accept\",\"choice\":null}", "\"choice\" is null"},
        {"{\"result\":2,\"decision\":\"accept\",\"choice\":1.0}", "\"choice\" is 1.0"},
        {"{\"result\":2,\"decision\":\"accept\",\"choice\":0}", "no alternative 0"},
        {"{\"result\":2,\"decision\":\"accept\",\"choice\":9}", "no alternative 9"},
        {"{\"result\":2,\"choice\":1}", "set \"decision\" to \"accept\""},
        {"{\"result\":\"2\",\"decision\":\"skip\"}",
         "\"result\" is \"2\"; it has to be a whole number, without"},
        {"{\"result\":2,\"decision\":true}", "\"decision\" is true"},
        {"{\"result\":2,\"decision\":\"edit\",\"text\":7}", "\"text\" is 7"},
        {"{\"result\":2,\"decision\":\"edit\"}", "needs a text"},
        {"{\"result\":2,\"decision\":\"edit\",\"text\":\" \\n\"}", "empty or blank"},
        {"{\"result\":2,\"decision\":\"edit\",\"text\":\"\\u00a0\\u2003\\u200b\"}", "empty or blank"},
        {"{\"table\":[],\"decision\":\"skip\"}", "\"table\" is []"},
        {"{\"decision\":\"skip\"}", "names no result of this run"},
        {"{\"table\":\"gone\",\"decision\":\"skip\"}", "gone is no result of this run"},
        {"[]", "this is no JSON object"},
    };
    Cli ann = with_run();
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char *lines = text_format("{\"result\":1,\"decision\":\"skip\"}\n\n%s\n", wrong[i].line);
        const char *told = read_back(&ann, 2, lines).err;
        cli_shows(told, "lines.jsonl:3: ");
        cli_shows(told, wrong[i].message);
        free(lines);
    }
    assert_string_equal(decided(&ann), "");
}

static void others_decide_while_lines_are_waited_for(void **state)
{
    (void)state;
    Cli ann = with_run();
    cli_configure(&ann,
                  "db_profile shop {\n  backend = sqlite\n  path = \"%s/none.db\"\n}\n"
                  "timeouts { busy_ms = 200 }\n",
                  ann.home);
    char *fifo = text_format("%s/lines", ann.home);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    /* opened for writing as soon as the first one reads */
    CliProcess first = cli_start(&ann, "review 1 --from %s", fifo);
    cli_ok(&ann,
           "--version; exec 3>%s; \"$AMX\" review 1 --result 2 --skip && "
           "echo '{\"result\":3,\"decision\":\"skip\"}' >&3",
           fifo);
    assert_int_equal(cli_wait(&first).exit_code, 0);
    assert_string_equal(decided(&ann), "main.customer.id skipped \nmain.customer.name skipped ");
    free(fifo);
}

static void accepting_by_confidence_leaves_what_was_decided(void **state)
{
    (void)state;
    Cli ann = with_run();
    cli_ok(&ann, "review 1 --result 2 --skip");
    cli_ok(&ann, "review 1 --result 5 --text 'What was bought.'");
    const char *done = cli_ok(&ann, "review 1 --accept high --json").out;
    const char *high =
        support_sqlite_value(ann.history, "SELECT count(*) FROM run_results WHERE confidence >= 0.8 "
                                          "AND local_id NOT IN (2, 5)");
    assert_string_equal(cli_json(done, "accepted"), high);
    cli_ok(&ann, "review 1 --accept low");
    cli_shows(decided(&ann), "main.customer.id skipped \n");
    cli_shows(decided(&ann), "main.orders edited What was bought.\n");
}

static void an_export_says_whose_numbers_it_has(void **state)
{
    (void)state;
    Cli ann = with_run();
    assert_string_equal(origin(&ann),
                        support_sqlite_value(ann.history, "SELECT origin_id FROM run_results LIMIT 1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_lines_of_a_colleague_decide_about_the_same_objects),
        cmocka_unit_test(a_number_counts_only_with_the_names_beside_it),
        cmocka_unit_test(a_name_in_two_schemas_has_to_say_which),
        cmocka_unit_test(an_accepted_text_that_was_edited_is_an_edit),
        cmocka_unit_test(a_changed_text_without_a_decision_that_writes_it_is_refused),
        cmocka_unit_test(an_export_that_nobody_touched_is_read_back_without_harm),
        cmocka_unit_test(a_choice_counts_the_alternatives_in_its_line),
        cmocka_unit_test(what_a_line_can_not_say_is_refused_by_its_number),
        cmocka_unit_test(others_decide_while_lines_are_waited_for),
        cmocka_unit_test(accepting_by_confidence_leaves_what_was_decided),
        cmocka_unit_test(an_export_says_whose_numbers_it_has),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
