/* Listings through the real binary: pages in both directions, order, filters, and what is said of sessions
 * that can only be read. */
#include <stdlib.h>
#include <string.h>

#include "cli_store.h"
#include "fill_sessions.h"
#include "support_store.h"
#include "text.h"

enum { SESSIONS = 30, TURNS = 90 };

static const char conf[] = "db_profile shop { backend = sqlite\n path = shop.db }\n"
                           "db_profile dev_lite { backend = sqlite\n path = dev.db }\n"
                           "active_db_profile = shop\n%s";

static Cli person(const char *name, const CliStore *store)
{
    Cli cli = cli_new(name, conf, store ? cli_store_conf(store) : "");
    support_sqlite(support_file(cli.home, "shop.db", ""), "CREATE TABLE customer (id INTEGER, name TEXT)");
    support_sqlite(support_file(cli.home, "dev.db", ""), "CREATE TABLE draft (id INTEGER, name TEXT)");
    return cli;
}

/* With sessions 1 to 30; those whose number 5 divides are of dev_lite. */
static Cli filled(const char *name)
{
    Cli cli = person(name, NULL);
    char *fingerprint = text_format("sqlite:%s/shop.db", cli.home);
    Local *local = support_local(cli.history, &support_ada);
    assert_true(fill_sessions(local, &(SessionBinding){"shop", fingerprint}, SESSIONS, TURNS, NULL));
    local_close(local);
    free(fingerprint);
    return cli;
}

/* "30 29 28": the ids of a page. */
static const char *ids_of(const char *page)
{
    static Text ids;
    text_clear(&ids);
    for (long long i = 0; i < cli_json_number(page, "items.#"); i++) {
        char *at = text_format("items.%lld.local_id", i);
        text_addf(&ids, "%s%s", i ? " " : "", cli_json(page, at));
        free(at);
    }
    return text_string(&ids);
}

static const char *page(const Cli *cli, const char *words)
{
    return cli_ok(cli, "%s --json", words).out;
}

/* The page beside another one, by what that calls its neighbour. */
static const char *beside(const Cli *cli, const char *words, const char *option, const char *other)
{
    const char *key = cli_json(other, strcmp(option, "after") == 0 ? "next" : "previous");
    return cli_ok(cli, "%s --%s %s --json", words, option, key).out;
}

static void a_listing_is_read_page_by_page_there_and_back(void **state)
{
    (void)state;
    Cli ann = filled("ann");
    const char *list = "session list --all-profiles -n 12 --sort local_id";
    const char *first = page(&ann, list);
    assert_string_equal(ids_of(first), "1 2 3 4 5 6 7 8 9 10 11 12");
    assert_string_equal(cli_json(first, "previous"), "null");
    assert_string_equal(cli_json(first, "total"), "30");
    const char *second = beside(&ann, list, "after", first);
    const char *third = beside(&ann, list, "after", second);
    assert_string_equal(ids_of(third), "25 26 27 28 29 30");
    assert_string_equal(cli_json(third, "next"), "null");
    const char *back = beside(&ann, list, "before", third);
    assert_string_equal(ids_of(back), "13 14 15 16 17 18 19 20 21 22 23 24");
    assert_string_equal(ids_of(beside(&ann, list, "after", back)), "25 26 27 28 29 30");
    assert_string_equal(ids_of(beside(&ann, list, "before", back)), "1 2 3 4 5 6 7 8 9 10 11 12");
    const char *last = cli_ok(&ann, "%s --last --json", list).out;
    assert_string_equal(ids_of(last), "19 20 21 22 23 24 25 26 27 28 29 30");
    assert_string_equal(cli_json(last, "next"), "null");
    assert_string_equal(ids_of(beside(&ann, list, "before", last)), "7 8 9 10 11 12 13 14 15 16 17 18");
    cli_shows(cli_ok(&ann, "%s", list).out, ".. more: --after ");
}

static void a_page_that_is_gone_leads_back(void **state)
{
    (void)state;
    Cli ann = filled("ann");
    const char *list = "session list --all-profiles -n 25 --sort local_id";
    const char *first = page(&ann, list);
    support_sqlite(ann.history, "DELETE FROM sessions WHERE local_id > 25");
    const char *none = beside(&ann, list, "after", first);
    assert_string_equal(cli_json(none, "items.#"), "0");
    assert_string_equal(cli_json(none, "next"), "null");
    assert_string_equal(cli_json(beside(&ann, list, "before", none), "items.#"), "24");
}

static void a_key_survives_any_text(void **state)
{
    (void)state;
    Cli ann = filled("ann");
    support_sqlite(ann.history,
                   "UPDATE sessions SET title = CASE local_id % 3 WHEN 0 THEN 'a/b''\"\\$(x) ' || "
                   "char(10, 27, 8238) WHEN 1 THEN CAST(x'ff00fe' AS TEXT) ELSE '' END");
    const char *list = "session list --all-profiles -n 1 --sort -title";
    const char *here = page(&ann, list);
    for (int i = 1; i < SESSIONS; i++) {
        here = beside(&ann, list, "after", here);
        assert_string_equal(cli_json(here, "items.#"), "1");
    }
    assert_string_equal(cli_json(here, "next"), "null");
}

static void a_key_belongs_to_its_order(void **state)
{
    (void)state;
    Cli ann = filled("ann");
    const char *key = cli_json(page(&ann, "session list -n 2"), "next");
    cli_ok(&ann, "session list -n 2 --after %s", key);
    cli_shows(cli_expect(&ann, 2, "session list --sort title --after %s", key).err, "--after");
    cli_expect(&ann, 2, "session list --reverse --after %s", key);
    cli_expect(&ann, 2, "session list --after %s0", key);
    cli_expect(&ann, 2, "session list --after 42");
    cli_expect(&ann, 2, "session list --before ''");
    cli_expect(&ann, 2, "session list --last --after %s", key);
    cli_expect(&ann, 2, "session list --before %s --after %s", key, key);
}

static void sessions_are_sorted_by_any_column(void **state)
{
    (void)state;
    Cli ann = filled("ann");
    support_sqlite(ann.history, "DELETE FROM session_turns WHERE session_id = 7");
    assert_string_equal(ids_of(page(&ann, "session list -n 1 --sort turns")), "7");
    assert_string_equal(ids_of(page(&ann, "session list -n 2 --sort -local_id")), "29 28");
    assert_string_equal(ids_of(page(&ann, "session list -n 2 --sort -local_id --reverse")), "1 2");
    assert_string_equal(
        cli_json(page(&ann, "session list --all-profiles -n 1 --sort db_profile"), "items.0.db_profile"),
        "dev_lite");
    const char *err = cli_expect(&ann, 2, "session list --sort row_version").err;
    cli_shows(err, "row_version");
    cli_shows(err, "last_active");
    cli_expect(&ann, 2, "session list --sort 'title; DROP TABLE sessions'");
    cli_expect(&ann, 2, "session list --sort state");
    cli_ok(&ann, "history list --sort -drafted");
    cli_ok(&ann, "history events --sort who --reverse");
}

static void a_filter_finds_what_a_listing_shows_and_what_was_said(void **state)
{
    (void)state;
    Cli ann = filled("ann");
    support_sqlite(ann.history, "UPDATE session_turns SET content = 'Use the 100%_Rule' WHERE session_id = 8 "
                                "AND turn_index = 2");
    const char *found = page(&ann, "session list --filter '0%_rule'");
    assert_string_equal(ids_of(found), "8");
    assert_string_equal(cli_json(found, "total"), "null");
    assert_string_equal(cli_json(found, "items.0.turns"), "3");
    assert_string_equal(ids_of(page(&ann, "session list --filter 'TICKET 17'")), "17");
    assert_string_equal(cli_json(page(&ann, "session list --filter dev_lite"), "items.#"), "0");
    assert_string_equal(cli_json(page(&ann, "session list --all-profiles --filter DEV_LITE"), "items.#"),
                        "6");
    cli_shows(cli_ok(&ann, "session list --filter %%").out, "8");
    cli_shows(cli_ok(&ann, "session list --filter ';--'").out, "No session matches.");
    cli_ok(&ann, "run");
    assert_string_equal(cli_json(page(&ann, "history list --filter BUILTIN"), "items.#"), "1");
    assert_string_equal(cli_json(page(&ann, "history list --filter nothing"), "items.#"), "0");
    assert_string_equal(cli_json(page(&ann, "history events --filter zz"), "items.#"), "0");
}

static void a_session_of_another_profile_says_whose_it_is(void **state)
{
    (void)state;
    Cli ann = filled("ann");
    const char *all = page(&ann, "session list --all-profiles --sort local_id");
    assert_string_equal(cli_json(all, "items.4.foreign"), "belongs to dev_lite: view only");
    assert_string_equal(cli_json(all, "items.4.resumable"), "false");
    assert_string_equal(cli_json(all, "items.0.foreign"), "null");
    assert_string_equal(cli_json(all, "items.0.resumable"), "true");
    assert_string_equal(cli_json(page(&ann, "session list"), "total"), "24");
    cli_configure(&ann, conf, "");
    support_sqlite(ann.history, "UPDATE sessions SET fingerprint = 'sqlite:/old.db' WHERE local_id = 2");
    assert_string_equal(cli_json(page(&ann, "session list --sort local_id"), "items.1.foreign"),
                        "belongs to shop as it was (sqlite:/old.db): view only");
}

static void a_long_session_is_read_page_by_page(void **state)
{
    (void)state;
    Cli ann = filled("ann");
    const char *show = "session show 3 -n 2";
    const char *first = page(&ann, show);
    assert_string_equal(cli_json(first, "items.1.turn_index"), "2");
    assert_string_equal(cli_json(first, "total"), "3");
    assert_string_equal(cli_json(first, "items.1.client_version"), support_ada.client_version);
    assert_string_equal(cli_json(first, "items.1.citations.0.table"), "ticket_3");
    assert_string_equal(cli_json(beside(&ann, show, "after", first), "items.0.turn_index"), "3");
    const char *last = page(&ann, "session show 3 -n 2 --last");
    assert_string_equal(cli_json(last, "items.0.turn_index"), "2");
    assert_string_equal(cli_json(last, "items.1.turn_index"), "3");
    assert_string_equal(cli_json(beside(&ann, show, "before", last), "items.0.turn_index"), "1");
    SupportRun text = cli_ok(&ann, "%s", show);
    cli_shows(text.out, "(amx ");
    cli_shows(text.err, "--after ");
    cli_hides(cli_ok(&ann, "session show 3").err, "--after");
}

static void the_team_is_listed_alike(bool file)
{
    CliStore store = cli_store_new(file);
    Cli ann = person("ann", &store), bob = person("bob", &store);
    cli_ok(&ann, "db history-store enable");
    cli_ok(&bob, "db history-store enable");
    cli_ok(&ann, "ask which tables hold a NAME?");
    cli_ok(&bob, "ask where are the drafts?");
    cli_ok(&bob, "session new --title 'Price lists 100%%'");
    cli_ok(&bob, "run");
    const char *list = "session list --team -n 1";
    const char *first = page(&ann, list);
    assert_string_equal(cli_json(first, "items.0.title"), "Price lists 100%");
    cli_shows(cli_json(first, "items.0.foreign"), "belongs to bob@");
    assert_string_equal(cli_json(first, "total"), "null");
    const char *second = beside(&ann, list, "after", first);
    assert_string_equal(cli_json(second, "items.0.turns"), "2");
    assert_string_equal(cli_json(beside(&ann, list, "before", second), "items.0.title"), "Price lists 100%");
    const char *last = page(&ann, "session list --team -n 1 --last");
    assert_string_equal(cli_json(last, "items.0.created_by"), "ann");
    assert_string_equal(cli_json(last, "items.0.resumable"), "true");
    assert_string_equal(cli_json(page(&ann, "session list --team --filter 'a name'"), "items.#"), "1");
    assert_string_equal(cli_json(page(&ann, "session list --team --filter 'LISTS 100%'"), "items.#"), "1");
    assert_string_equal(cli_json(page(&ann, "session list --team --filter 'lists_100'"), "items.#"), "0");
    static const char *const sorts[] = {"turns", "who", "ended", "title", "local_id", "-last_active"};
    for (size_t i = 0; i < sizeof sorts / sizeof *sorts; i++) {
        char *sorted = text_format("session list --team -n 2 --sort %s", sorts[i]);
        const char *begin = page(&ann, sorted);
        assert_string_equal(cli_json(begin, "items.#"), "2");
        const char *end = beside(&ann, sorted, "after", begin);
        assert_string_equal(cli_json(end, "items.#"), "1");
        assert_string_equal(ids_of(beside(&ann, sorted, "before", end)), ids_of(begin));
        free(sorted);
    }
    assert_string_equal(cli_json(page(&ann, "history list --team --filter bob@ --sort -drafted"), "items.#"),
                        "1");
    assert_string_equal(
        cli_json(page(&ann, "history events --team --filter ENABLE --sort detail"), "items.#"), "2");
    const char *origin = cli_json(first, "items.0.origin_id");
    char *show = text_format("session show --id 1 --origin %s -n 1", origin);
    first = page(&ann, show);
    cli_shows(cli_json(first, "items.0.content"), "where are the drafts");
    assert_string_equal(cli_json(beside(&ann, show, "after", first), "items.0.role"), "assistant");
    free(show);
}

static void the_team_is_listed_alike_on_postgresql(void **state)
{
    (void)state;
    the_team_is_listed_alike(false);
}

static void the_team_is_listed_alike_in_a_file(void **state)
{
    (void)state;
    the_team_is_listed_alike(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_listing_is_read_page_by_page_there_and_back),
        cmocka_unit_test(a_page_that_is_gone_leads_back),
        cmocka_unit_test(a_key_survives_any_text),
        cmocka_unit_test(a_key_belongs_to_its_order),
        cmocka_unit_test(sessions_are_sorted_by_any_column),
        cmocka_unit_test(a_filter_finds_what_a_listing_shows_and_what_was_said),
        cmocka_unit_test(a_session_of_another_profile_says_whose_it_is),
        cmocka_unit_test(a_long_session_is_read_page_by_page),
        cmocka_unit_test(the_team_is_listed_alike_on_postgresql),
        cmocka_unit_test(the_team_is_listed_alike_in_a_file),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
