/* Texts that people wrote for another database: offered where a name and a type come again, and never more
 * than that. */
#include <string.h>

#include "cli.h"
#include "text.h"

#define CONF                                                                                                 \
    "db_profile crm {\n  backend = sqlite\n  path = \"%s\"\n}\n"                                             \
    "db_profile shop {\n  backend = sqlite\n  path = \"%s\"\n}\n"

static const char *new_file(const char *sql)
{
    const char *path = support_file(support_folder(), "data.db", "");
    support_sqlite(path, sql);
    return path;
}

/* Results of crm: 1 person, 2 id, 3 email, 4 rating. In the shop, ratings are words. */
static Cli make_ann(void)
{
    return cli_new("ann", CONF,
                   new_file("CREATE TABLE person (id INTEGER PRIMARY KEY, email TEXT, rating INTEGER)"),
                   new_file("CREATE TABLE person (id INTEGER PRIMARY KEY, email VARCHAR(80), rating TEXT);"
                            "CREATE TABLE letter (id INTEGER PRIMARY KEY, person_id INTEGER)"));
}

/* Of the last run: the alternatives, or another member, of a column; "" is the table itself. */
static const char *drafted(const Cli *ann, const char *member, const char *table, const char *column)
{
    char *sql = text_format("SELECT %s FROM run_results WHERE run_id = (SELECT max(run_id) FROM run_results) "
                            "AND table_name = '%s' AND coalesce(column_name, '') = '%s'",
                            member, table, column);
    const char *value = support_sqlite_value(ann->history, sql);
    free(sql);
    return value;
}

static const char *last_alternative(const Cli *ann, const char *table, const char *column)
{
    return drafted(ann, "json_extract(alternatives, '$[#-1]')", table, column);
}

static void test_offered_with_its_source(void **state)
{
    (void)state;
    Cli ann = make_ann();
    cli_ok(&ann, "-p shop run");
    const char *first = drafted(&ann, "json_extract(alternatives, '$[0]')", "person", "email");
    const char *confidence = drafted(&ann, "confidence", "person", "email");
    cli_ok(&ann, "-p crm run");
    cli_ok(&ann, "review 2 --result 8 --text 'Everybody we ever wrote to.'");
    cli_ok(&ann, "review 2 --result 10 --text 'Where invoices go.'");
    cli_ok(&ann, "-p shop run");

    assert_string_equal(last_alternative(&ann, "person", "email"), "Where invoices go.");
    cli_shows(drafted(&ann, "evidence", "person", "email"), "accepted for crm main.person.email by ann@");
    cli_shows(drafted(&ann, "evidence", "person", "email"), " on 20");
    assert_string_equal(last_alternative(&ann, "person", ""), "Everybody we ever wrote to.");
    cli_shows(drafted(&ann, "evidence", "person", ""), "accepted for crm main.person by ann@");
    cli_hides(drafted(&ann, "alternatives", "letter", ""), "Everybody");

    /* it takes no draft's place, and makes none surer */
    assert_string_equal(drafted(&ann, "json_extract(alternatives, '$[0]')", "person", "email"), first);
    assert_string_equal(drafted(&ann, "confidence", "person", "email"), confidence);
}

static void test_not_for_another_type(void **state)
{
    (void)state;
    Cli ann = make_ann();
    cli_ok(&ann, "-p crm run");
    cli_ok(&ann, "review 1 --result 4 --text 'How much they bought, from 1 to 5.'");
    cli_ok(&ann, "-p shop run");
    cli_hides(drafted(&ann, "alternatives", "person", "rating"), "How much");
    cli_hides(drafted(&ann, "evidence", "person", "rating"), "accepted for");
}

static void test_not_after_the_decision_was_taken_back(void **state)
{
    (void)state;
    Cli ann = make_ann();
    cli_ok(&ann, "-p crm run");
    cli_ok(&ann, "review 1 --result 3 --text 'Where invoices go.'");
    cli_ok(&ann, "review 1 --result 3 --undecide");
    cli_ok(&ann, "-p shop run");
    cli_hides(drafted(&ann, "alternatives", "person", "email"), "Where invoices go.");
}

static void test_the_newest_text_is_offered_and_stays_when_it_is_applied(void **state)
{
    (void)state;
    const char *crm = support_database();
    support_sql(crm, "CREATE TABLE person (id integer PRIMARY KEY, email text);"
                     "CREATE TABLE firm (id integer PRIMARY KEY, email text)");
    const char *shop = support_database();
    support_sql(shop, "CREATE TABLE buyer (id integer PRIMARY KEY, email varchar(80))");
    Cli ann = cli_new("ann",
                      "db_profile crm {\n  backend = postgresql\n  conninfo = \"%s\"\n}\n"
                      "db_profile shop {\n  backend = postgresql\n  conninfo = \"%s\"\n}\n",
                      crm, shop);
    cli_ok(&ann, "-p crm run"); /* 1 firm, 2 id, 3 email, 4 person, 5 id, 6 email */
    cli_ok(&ann, "review 1 --result 6 --text 'Where letters go.'");
    cli_ok(&ann, "review 1 --result 3 --text 'Where bills go.'");
    cli_ok(&ann, "-p crm apply 1 --yes");
    cli_ok(&ann, "-p shop run");
    assert_string_equal(last_alternative(&ann, "buyer", "email"), "Where bills go.");
    cli_shows(drafted(&ann, "evidence", "buyer", "email"), "accepted for crm public.firm.email by ann@");
    cli_hides(drafted(&ann, "alternatives", "buyer", "email"), "Where letters go.");

    cli_ok(&ann, "-p crm run --all"); /* what its own database says is not elsewhere */
    cli_hides(drafted(&ann, "evidence", "firm", "email"), "accepted for");
}

/* It says what holds of that database, and may be wrong of any other. */
static void test_a_draft_accepted_as_it_was_is_not_offered(void **state)
{
    (void)state;
    Cli ann = cli_new("ann", CONF,
                      new_file("CREATE TABLE cust (id INTEGER PRIMARY KEY, email TEXT);"
                               "CREATE VIEW w AS SELECT id FROM cust;"
                               "CREATE TABLE z1 (z INT CHECK (z <> 0), a INT, b INT, UNIQUE (a, b))"),
                      new_file("CREATE TABLE device (id INT, z INT); CREATE TABLE wr (b INT, email TEXT)"));
    cli_ok(&ann, "-p crm run");
    cli_ok(&ann, "review 1 --accept low");
    cli_ok(&ann, "-p shop run");
    assert_string_equal(support_sqlite_value(ann.history, "SELECT count(*) FROM run_results WHERE run_id = 2 "
                                                          "AND instr(evidence, 'accepted for') > 0"),
                        "0");
    cli_hides(drafted(&ann, "alternatives", "device", "id"), "From cust");
    cli_hides(drafted(&ann, "alternatives", "device", "z"), "Not 0");
    cli_hides(drafted(&ann, "alternatives", "wr", "b"), "together");
}

/* Nor to other columns of its own database, once it is the comment; that of a person is. */
static void test_a_comment_that_was_drafted_is_not_offered_to_others(void **state)
{
    (void)state;
    Cli ann = cli_new("ann", CONF,
                      new_file("CREATE TABLE z1 (zeta INT CHECK (zeta <> 0), tier INT);"
                               "CREATE TABLE z2 (zeta INT, tier INT);"
                               "CREATE VIEW w AS SELECT zeta, tier FROM z1"),
                      new_file("CREATE TABLE t (a INT)"));
    cli_ok(&ann, "-p crm run z1");
    cli_ok(&ann, "review 1 --accept low");
    cli_ok(&ann, "review 1 --result 3 --text 'Rank among customers.'");
    cli_ok(&ann, "-p crm apply 1 --yes");
    cli_ok(&ann, "-p crm run");
    cli_hides(drafted(&ann, "alternatives", "z2", "zeta"), "ot 0");
    cli_shows(drafted(&ann, "alternatives", "z2", "tier"), "Rank among customers.");
    cli_hides(drafted(&ann, "evidence", "w", "zeta"), "the text is the comment");
    cli_shows(drafted(&ann, "alternatives", "w", "zeta"), "From z1.zeta: ");
    cli_shows(drafted(&ann, "evidence", "w", "tier"), "the text is the comment of z1.tier");
}

/* What a reviewer chooses is the text alone, by its number as any other. */
static void test_it_can_be_chosen(void **state)
{
    (void)state;
    Cli ann = make_ann();
    cli_ok(&ann, "-p crm run");
    cli_ok(&ann, "review 1 --result 3 --text 'Where invoices go.'");
    cli_ok(&ann, "-p shop run person.email");
    const char *number = drafted(&ann, "json_array_length(alternatives)", "person", "email");
    cli_ok(&ann, "review 2 --result 5 --choose %s", number);
    assert_string_equal(drafted(&ann, "chosen_text", "person", "email"), "Where invoices go.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_offered_with_its_source),
        cmocka_unit_test(test_not_for_another_type),
        cmocka_unit_test(test_not_after_the_decision_was_taken_back),
        cmocka_unit_test(test_the_newest_text_is_offered_and_stays_when_it_is_applied),
        cmocka_unit_test(test_a_draft_accepted_as_it_was_is_not_offered),
        cmocka_unit_test(test_a_comment_that_was_drafted_is_not_offered_to_others),
        cmocka_unit_test(test_it_can_be_chosen),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
