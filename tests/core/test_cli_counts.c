/* Counted things in what a person is told: one text, two texts. */
#include "cli_store.h"
#include "text.h"

static Cli person(const char *sql)
{
    Cli ann = cli_new("ann", "db_profile shop { backend = sqlite\n path = shop.db }\n");
    support_sqlite(support_file(ann.home, "shop.db", ""), sql);
    return ann;
}

static void an_ending_follows_its_count(void **state)
{
    (void)state;
    assert_string_equal(text_plural(0), "s");
    assert_string_equal(text_plural(1), "");
    assert_string_equal(text_plural(2), "s");
}

static void what_is_done_to_one_thing_is_told_of_one(void **state)
{
    (void)state;
    Cli ann = person("CREATE VIEW customer AS SELECT 1 AS id");
    cli_shows(cli_ok(&ann, "config check").err, "is fine: 1 profile\n");
    cli_shows(cli_ok(&ann, "run customer.id --dry-run").err, "1 table or column would be drafted");
    cli_shows(cli_ok(&ann, "run customer.id").err, "run 1: 1 draft (");
    cli_ok(&ann, "review 1 --accept low");
    cli_shows(cli_ok(&ann, "apply 1 --yes").err, "1 description written; undo with: amx rollback 1");
    cli_shows(cli_ok(&ann, "rollback 1 --yes").err, "1 text restored");
    cli_shows(cli_ok(&ann, "db history-store disable").err, "0 queued rows stay queued");
}

static void the_status_names_the_active_database(void **state)
{
    (void)state;
    Cli ann = cli_new("ann", "db_profile shop { backend = sqlite\n path = shop.db }\n"
                             "db_profile crm { backend = sqlite\n path = crm.db }\n");
    cli_shows(cli_ok(&ann, "db history-store status --offline --json").out, "\"db_profile\": null");
    cli_ok(&ann, "db use crm");
    cli_shows(cli_ok(&ann, "db history-store status --offline --json").out, "\"db_profile\": \"crm\"");
    cli_shows(cli_ok(&ann, "-p shop db history-store status --offline --json").out,
              "\"db_profile\": \"shop\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ending_follows_its_count),
        cmocka_unit_test(what_is_done_to_one_thing_is_told_of_one),
        cmocka_unit_test(the_status_names_the_active_database),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
