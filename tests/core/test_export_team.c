/* Who wrote what a database says about itself: exports and coverage over one database and several people. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli_store.h"
#include "text.h"

static const char shop[] =
    "CREATE TABLE customer (id integer PRIMARY KEY, name text NOT NULL);"
    "CREATE TABLE orders (id integer PRIMARY KEY, customer_id integer NOT NULL REFERENCES customer);";

/* Places in an export of the shop, and in the results of a run over it. */
#define CUSTOMER "tables.0"
#define CUSTOMER_NAME "tables.0.columns.1"
#define RESULT_CUSTOMER 1
#define RESULT_CUSTOMER_NAME 3
#define RESULTS 6 /* of one run over all of it */

typedef struct Team {
    const char *shop;
    CliStore store;
    Cli ann;
    Cli bob;
} Team;

static Cli member(const Team *team, const char *name)
{
    Cli cli = cli_new(
        name, "db_profile shop { backend = postgresql\n conninfo = \"%s\" }\nactive_db_profile = shop\n%s",
        team->shop, cli_store_conf(&team->store));
    cli_ok(&cli, "db history-store enable");
    return cli;
}

/* Two people, one shop, and a shared store in a file or on a server. */
static Team new_team(bool file)
{
    Team team = {.shop = support_database(), .store = cli_store_new(file)};
    support_sql(team.shop, shop);
    team.ann = member(&team, "ann");
    team.bob = member(&team, "bob");
    return team;
}

static void accept_text(const Cli *cli, int run, int result, const char *text)
{
    cli_ok(cli, "review %d --result %d --text '%s'", run, result, text);
}

/* A value of an object in what a person exports. */
static void expect(const Cli *cli, const char *object, const char *member_name, const char *expected)
{
    char *path = text_format("%s.%s", object, member_name);
    assert_string_equal(cli_json(cli_ok(cli, "export --json").out, path), expected);
    free(path);
}

static void expect_names(bool file)
{
    Team team = new_team(file);
    cli_ok(&team.ann, "run --all");
    accept_text(&team.ann, 1, RESULT_CUSTOMER_NAME, "How we call them.");
    cli_ok(&team.ann, "apply 1 --yes");
    cli_ok(&team.bob, "run --all");
    accept_text(&team.bob, 1, RESULT_CUSTOMER, "People who buy.");
    cli_ok(&team.bob, "apply 1 --yes");
    const Cli *readers[] = {&team.ann, &team.bob};
    for (size_t i = 0; i < 2; i++) {
        expect(readers[i], CUSTOMER, "description", "People who buy.");
        expect(readers[i], CUSTOMER, "created_by", "bob");
        expect(readers[i], CUSTOMER_NAME, "created_by", "ann");
        expect(readers[i], CUSTOMER_NAME, "state", "present");
        const char *json = cli_ok(readers[i], "export --json").out;
        assert_string_equal(cli_json(json, CUSTOMER ".client_version"), AMX_VERSION);
        assert_int_equal(strlen(cli_json(json, CUSTOMER ".written_at")), strlen("2026-11-22T14:00:00.000Z"));
        assert_true(*cli_json(json, CUSTOMER ".hostname"));
    }
    assert_string_equal(cli_ok(&team.ann, "export --md").out, cli_ok(&team.bob, "export --md").out);
    cli_shows(cli_ok(&team.ann, "export --md").out, "Written by bob@");
    cli_shows(cli_ok(&team.ann, "export --csv").out, "People who buy.,present,bob,");
    cli_shows(cli_ok(&team.ann, "export --sql").out, "-- bob@");
}

static void a_text_has_the_name_of_who_applied_it(void **state)
{
    (void)state;
    expect_names(true);
    expect_names(false);
}

static void the_last_writer_of_exactly_this_text_counts(void **state)
{
    (void)state;
    Team team = new_team(true);
    cli_ok(&team.ann, "run --all customer");
    cli_ok(&team.bob, "run --all customer");
    accept_text(&team.ann, 1, RESULT_CUSTOMER, "Ann says.");
    cli_ok(&team.ann, "apply 1 --yes");
    accept_text(&team.bob, 1, RESULT_CUSTOMER, "Bob says.");
    cli_ok(&team.bob, "apply 1 --yes");
    expect(&team.ann, CUSTOMER, "created_by", "bob");
    /* what a rollback restores is its writer's again */
    cli_ok(&team.bob, "rollback 1 --yes");
    expect(&team.bob, CUSTOMER, "description", "Ann says.");
    expect(&team.bob, CUSTOMER, "created_by", "ann");
    /* and what was written with another tool is nobody's */
    support_sql(team.shop, "COMMENT ON TABLE customer IS 'psql says.'");
    expect(&team.ann, CUSTOMER, "description", "psql says.");
    expect(&team.ann, CUSTOMER, "created_by", "null");
}

static void an_accepted_text_is_exported_before_it_is_applied(void **state)
{
    (void)state;
    Team team = new_team(true);
    support_sql(team.shop, "COMMENT ON COLUMN customer.name IS 'The old text.'");
    cli_ok(&team.ann, "run --all");
    accept_text(&team.ann, 1, RESULT_CUSTOMER_NAME, "The new text.");
    expect(&team.ann, CUSTOMER_NAME, "description", "The new text.");
    expect(&team.ann, CUSTOMER_NAME, "state", "accepted");
    expect(&team.ann, CUSTOMER_NAME, "created_by", "ann");
    cli_shows(cli_ok(&team.ann, "export --md").out, "(accepted, not applied yet)");
    cli_shows(cli_ok(&team.ann, "export --sql").out, "-- accepted by ann@");
    /* it is Ann's alone until then */
    expect(&team.bob, CUSTOMER_NAME, "description", "The old text.");
    expect(&team.bob, CUSTOMER_NAME, "state", "present");
    /* a later decision takes its place, applied or not */
    cli_ok(&team.ann, "run --all customer");
    accept_text(&team.ann, 2, RESULTS + RESULT_CUSTOMER_NAME, "The newest text.");
    cli_ok(&team.ann, "apply 1 --yes");
    expect(&team.ann, CUSTOMER_NAME, "description", "The newest text.");
    expect(&team.ann, CUSTOMER_NAME, "state", "accepted");
    expect(&team.bob, CUSTOMER_NAME, "description", "The new text.");
    expect(&team.bob, CUSTOMER_NAME, "created_by", "ann");
    cli_ok(&team.ann, "apply 2 --yes");
    expect(&team.bob, CUSTOMER_NAME, "description", "The newest text.");
    expect(&team.ann, CUSTOMER_NAME, "state", "present");
}

static void of_two_who_applied_the_same_text_the_last_is_named(void **state)
{
    (void)state;
    Team team = new_team(true);
    const Cli *writers[] = {&team.ann, &team.bob};
    for (size_t i = 0; i < 2; i++) {
        support_sql(team.shop, "COMMENT ON TABLE customer IS 'psql says.'");
        cli_ok(writers[i], "run --all customer");
        accept_text(writers[i], 1, RESULT_CUSTOMER, "People who buy.");
        cli_ok(writers[i], "apply 1 --yes");
        expect(&team.ann, CUSTOMER, "created_by", i == 0 ? "ann" : "bob");
        expect(&team.bob, CUSTOMER, "created_by", i == 0 ? "ann" : "bob");
    }
}

static void what_was_rolled_back_is_exported_no_more_until_it_is_accepted_again(void **state)
{
    (void)state;
    Team team = new_team(true);
    cli_ok(&team.ann, "run --all customer.name");
    accept_text(&team.ann, 1, 1, "How we call them.");
    cli_ok(&team.ann, "apply 1 --yes");
    cli_ok(&team.ann, "rollback 1 --yes");
    cli_hides(cli_ok(&team.ann, "export --sql").out, "How we call them.");
    expect(&team.ann, CUSTOMER_NAME, "state", "missing");
    assert_int_equal(
        cli_json_number(cli_ok(&team.ann, "coverage customer.name --json").out, "items.0.accepted"), 0);
    cli_ok(&team.ann, "review 1 --result 1 --undecide");
    accept_text(&team.ann, 1, 1, "How we call them.");
    expect(&team.ann, CUSTOMER_NAME, "state", "accepted");
}

static void a_store_out_of_reach_costs_only_the_names_of_teammates(void **state)
{
    (void)state;
    Team team = new_team(true);
    cli_ok(&team.bob, "run --all");
    accept_text(&team.bob, 1, RESULT_CUSTOMER, "People who buy.");
    cli_ok(&team.bob, "apply 1 --yes");
    cli_ok(&team.ann, "run --all");
    accept_text(&team.ann, 1, RESULT_CUSTOMER_NAME, "How we call them.");
    cli_ok(&team.ann, "apply 1 --yes");
    char *away = text_format("%s.away", team.store.where);
    assert_int_equal(rename(team.store.where, away), 0);
    SupportRun run = cli_ok(&team.ann, "export --json");
    cli_shows(run.err, "warning: only texts written from here have a name");
    assert_string_equal(cli_json(run.out, CUSTOMER ".description"), "People who buy.");
    assert_string_equal(cli_json(run.out, CUSTOMER ".created_by"), "null");
    assert_string_equal(cli_json(run.out, CUSTOMER_NAME ".created_by"), "ann");
    /* what names nobody asks nobody */
    cli_hides(cli_ok(&team.ann, "coverage").err, "warning");
    cli_hides(cli_ok(&team.ann, "export --dbt").err, "warning");
    assert_int_equal(rename(away, team.store.where), 0);
    /* while sharing is off, nobody expects them */
    cli_ok(&team.ann, "db history-store disable");
    run = cli_ok(&team.ann, "export --json");
    cli_hides(run.err, "warning");
    assert_string_equal(cli_json(run.out, CUSTOMER ".created_by"), "null");
    free(away);
}

static void coverage_counts_and_says_what_lacks(void **state)
{
    (void)state;
    Team team = new_team(true);
    support_sql(team.shop, "COMMENT ON TABLE customer IS 'People who buy.'");
    cli_ok(&team.ann, "run --all");
    accept_text(&team.ann, 1, RESULT_CUSTOMER_NAME, "How we call them.");
    const char *json = cli_ok(&team.ann, "coverage --json").out;
    assert_int_equal(cli_json_number(json, "items.#"), 3);
    assert_string_equal(cli_json(json, "items.0.object"), "public.customer");
    assert_int_equal(cli_json_number(json, "items.0.objects"), 3);
    assert_int_equal(cli_json_number(json, "items.0.described"), 1);
    assert_int_equal(cli_json_number(json, "items.0.accepted"), 1);
    assert_int_equal(cli_json_number(json, "items.0.percent"), 33);
    assert_string_equal(cli_json(json, "items.2.object"), "total");
    assert_int_equal(cli_json_number(json, "items.2.objects"), 6);
    assert_int_equal(cli_json_number(json, "items.2.percent"), 16);
    cli_shows(cli_ok(&team.ann, "coverage --csv").out, "public.customer,table,3,1,1,33,public,customer\r\n");

    SupportRun run = cli_expect(&team.ann, 7, "coverage --min 17");
    cli_shows(run.out, "total");
    cli_shows(run.err, "16 % is described, less than the 17 % asked for: 5 of 6");
    cli_shows(run.err, "public.orders (3), public.customer (2)");
    cli_shows(run.err, "16 % described, 33 % once what is accepted is applied");
    cli_ok(&team.ann, "coverage --min 16");
    cli_expect(&team.ann, 7, "coverage orders --min 1");
    /* what waits for apply is in no database: CI, which has no history.db, finds the same */
    cli_expect(&team.bob, 7, "coverage customer.name --min 100");
    cli_expect(&team.ann, 7, "coverage customer.name --min 100");
    cli_ok(&team.ann, "apply 1 --yes");
    run = cli_ok(&team.ann, "coverage customer.name --min 100");
    cli_hides(run.err, "once what is accepted");
    cli_expect(&team.ann, 2, "coverage --min 101");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_has_the_name_of_who_applied_it),
        cmocka_unit_test(the_last_writer_of_exactly_this_text_counts),
        cmocka_unit_test(of_two_who_applied_the_same_text_the_last_is_named),
        cmocka_unit_test(an_accepted_text_is_exported_before_it_is_applied),
        cmocka_unit_test(what_was_rolled_back_is_exported_no_more_until_it_is_accepted_again),
        cmocka_unit_test(a_store_out_of_reach_costs_only_the_names_of_teammates),
        cmocka_unit_test(coverage_counts_and_says_what_lacks),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
