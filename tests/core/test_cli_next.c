/* What commands say about where things stand and what to do next, and what a read-only amx may do. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli_team.h"
#include "text.h"

static void status_tells_where_a_profile_points_now_and_whose_queue_it_is(void **state)
{
    (void)state;
    CliStore store = cli_store_new(false);
    CliStore other = cli_store_new(false);
    Cli ann = cli_team_person("ann", &store);
    const char *before = cli_json(cli_ok(&ann, "db history-store status --json").out, "target");
    cli_hides(cli_ok(&ann, "db history-store status --json").out, "queue_target");
    cli_team_configure(&ann, &store, other.where, 30000);
    cli_team_work(&ann);
    SupportRun status = cli_ok(&ann, "db history-store status --json");
    const char *now = cli_json(status.out, "target");
    assert_string_not_equal(now, before);
    assert_string_equal(cli_json(status.out, "queue_target"), before);
    cli_shows(status.err, now);
    cli_shows(status.err, "belongs to the store at");
    cli_shows(status.err, "let the profile point there again; or move to the new store: amx db history-store "
                          "disable, drop-pending, enable, then migrate-from-local");
    cli_hides(status.err, "deliver with"); /* it could not be */

    cli_ok(&ann, "db history-store disable");
    cli_ok(&ann, "db history-store drop-pending");
    cli_ok(&ann, "db history-store enable");
    cli_ok(&ann, "db history-store migrate-from-local");
    status = cli_ok(&ann, "db history-store status --json");
    cli_hides(status.out, "queue_target");
    cli_shows(cli_json(status.out, "target"), strrchr(now, '/'));
    assert_string_equal(cli_json(status.out, "in_sync"), "true");
    cli_store_same(&other, &ann);
}

static void another_name_for_the_same_store_is_no_other_store(void **state)
{
    (void)state;
    CliStore store = cli_store_new(false);
    Cli ann = cli_team_person("ann", &store);
    char *where = text_format("%s port=%d,%d host=%s,/nowhere", store.where, support_server()->port,
                              support_server()->port, support_server()->folder);
    cli_team_configure(&ann, &store, where, 30000);
    SupportRun status = cli_ok(&ann, "db history-store status --json");
    assert_string_equal(cli_json(status.out, "in_sync"), "true");
    cli_hides(status.out, "queue_target");
    cli_hides(status.err, "belongs to the store");
    free(where);
}

/* Whether the store is asked or not: the screen does the one and the other, and must know the place again. */
static void status_names_one_place_asked_or_not(void **state)
{
    (void)state;
    static const char *const forget[] = {
        "SELECT 1",                                               /* as it is today */
        "DELETE FROM settings WHERE key = 'sharing.fingerprint'", /* an older amx switched it on */
        "DELETE FROM settings WHERE key IN ('sharing.target', 'sharing.profile')", /* never switched on */
    };
    CliStore store = cli_store_new(false);
    Cli ann = cli_team_person("ann", &store);
    for (size_t i = 0; i < sizeof forget / sizeof *forget; i++) {
        support_sqlite(ann.history, forget[i]);
        const char *asked = cli_json(cli_ok(&ann, "db history-store status --json").out, "target");
        assert_string_equal(cli_json(cli_ok(&ann, "db history-store status --offline --json").out, "target"),
                            asked);
    }
}

static void a_review_says_what_is_really_next(void **state)
{
    (void)state;
    CliStore store = cli_store_new(true);
    Cli ann = cli_team_person("ann", &store);
    cli_team_work(&ann);
    SupportRun review = cli_ok(&ann, "review 1 --result 1 --skip");
    cli_hides(review.err, "amx apply");
    cli_shows(review.err, "next: accept something, amx review 1 --accept high");
    review = cli_ok(&ann, "review 1 --result 2 --choose 1");
    cli_shows(review.err, "next: amx apply 1");
    cli_ok(&ann, "apply 1 --yes");
    review = cli_ok(&ann, "review 1 --result 3 --skip");
    cli_hides(review.err, "amx apply");
    review = cli_ok(&ann, "review 1 --result 4 --skip");
    cli_shows(review.err, "0 of 4 left undecided; nothing waits to be applied");
}

static void a_read_only_amx_reads_all_there_is_to_read(void **state)
{
    (void)state;
    static const char *const reads[] = {
        "review 1 --export",
        "review 1 --export --jsonl",
        "run --dry-run --all",
        "apply 1 --dry-run",
        "rollback 1 --dry-run",
        "history list",
        "history show 1",
        "history results 1",
        "history drafts 1 --today",
        "history compare 1 1",
        "history events",
        "history stats",
        "session list",
        "session show --id 1",
        "db list",
        "db show",
        "db test",
        "db tables",
        "coverage",
        "export --json",
        "db history-store status",
        "db history-store list-pending",
        "db history-store dump-ddl",
        "config path",
        "config show",
        "config check",
        "completion bash",
    };
    CliStore store = cli_store_new(false);
    Cli ann = cli_team_person("ann", &store);
    cli_team_work(&ann);
    cli_ok(&ann, "review 1 --accept high");
    cli_ok(&ann, "session new --title Prices");
    support_sql(store.where, "ALTER SCHEMA amx RENAME TO away");
    cli_ok(&ann, "session new --title queued");
    support_sql(store.where, "ALTER SCHEMA away RENAME TO amx");
    const char *before = cli_ok(&ann, "version >/dev/null; sha256sum <%s", ann.history).out;
    for (size_t i = 0; i < sizeof reads / sizeof *reads; i++) {
        cli_ok(&ann, "--read-only %s", reads[i]);
    }
    assert_string_equal(cli_ok(&ann, "version >/dev/null; sha256sum <%s", ann.history).out, before);
    assert_true(cli_queued(&ann) > 0); /* reading delivers nothing either */
}

static void a_read_only_amx_refuses_all_that_writes(void **state)
{
    (void)state;
    static const char *const writes[] = {
        "review 1 --accept high",
        "review 1 --result 1 --skip",
        "run",
        "run --all customer",
        "apply 1 --yes",
        "rollback 1 --yes",
        "ask which?",
        "session new",
        "session resume 1",
        "session end",
        "session delete --id 1 --yes",
        "db use shop",
        "db history-store enable",
        "db history-store disable",
        "db history-store flush-pending",
        "db history-store drop-pending",
        "db history-store migrate-from-local",
    };
    CliStore store = cli_store_new(true);
    Cli ann = cli_team_person("ann", &store);
    cli_team_work(&ann);
    const char *before = cli_ok(&ann, "version >/dev/null; sha256sum <%s", ann.history).out;
    for (size_t i = 0; i < sizeof writes / sizeof *writes; i++) {
        cli_shows(cli_expect(&ann, 6, "--read-only %s", writes[i]).err, "this amx is read-only");
    }
    assert_string_equal(cli_ok(&ann, "version >/dev/null; sha256sum <%s", ann.history).out, before);
}

static void counting_what_would_be_drafted_leaves_nothing_behind(void **state)
{
    (void)state;
    CliStore store = cli_store_new(true);
    Cli ann = cli_team_newcomer("ann");
    cli_team_configure(&ann, &store, NULL, 30000);
    cli_ok(&ann, "--read-only run --dry-run");
    assert_int_not_equal(access(ann.history, F_OK), 0);
    cli_shows(cli_expect(&ann, 2, "--read-only review 1 --export").err, "there is no run 1");
    cli_shows(cli_expect(&ann, 2, "--read-only apply 1 --dry-run").err, "there is no run 1");
    assert_int_not_equal(access(ann.history, F_OK), 0);
}

/* What a terminal gets to see of a command, with all that was overwritten since. */
static const char *on_terminal(const Cli *cli, const char *words)
{
    return cli_ok(cli, "version >/dev/null; script -qec \"\\\"$AMX\\\" %s\" /dev/null", words).out;
}

static void a_migration_shows_its_bar_from_the_first_row_on(void **state)
{
    (void)state;
    CliStore store = cli_store_new(true);
    Cli ann = cli_team_newcomer("ann");
    cli_team_configure(&ann, &store, NULL, 30000);
    cli_team_work(&ann);
    cli_ok(&ann, "db history-store enable");
    const char *shown = on_terminal(&ann, "db history-store migrate-from-local");
    const char *marking = strstr(shown, "queueing older rows [");
    assert_non_null(marking);
    cli_shows(marking, "] 0/");
    assert_non_null(strstr(marking, "delivering ["));
    SupportRun piped = cli_ok(&ann, "db history-store migrate-from-local");
    cli_hides(piped.err, "queueing");
}

static void a_refusal_says_what_to_do_instead(void **state)
{
    (void)state;
    CliStore store = cli_store_new(true);
    Cli ann = cli_team_newcomer("ann");
    cli_team_configure(&ann, &store, NULL, 30000);
    cli_shows(cli_expect(&ann, 2, "session list --team").err,
              "switch it on with: amx db history-store enable");
    cli_team_work(&ann);
    cli_shows(cli_expect(&ann, 2, "review 1 --result 1 --choose 9").err,
              "choose one of them, or write a text");
    cli_shows(cli_expect(&ann, 2, "review 1 --result 1 --text ''").err, "leave the database as it is");
    cli_shows(
        cli_expect(&ann, 2, "version >/dev/null; head -c 70000 /dev/zero | tr '\\0' x | \"$AMX\" ask -").err,
        "in a few words");
    cli_shows(cli_expect(&ann, 2, "version >/dev/null; printf 'cust\\0omer' | \"$AMX\" ask -").err,
              "the question holds a NUL character");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(status_tells_where_a_profile_points_now_and_whose_queue_it_is),
        cmocka_unit_test(another_name_for_the_same_store_is_no_other_store),
        cmocka_unit_test(status_names_one_place_asked_or_not),
        cmocka_unit_test(a_review_says_what_is_really_next),
        cmocka_unit_test(a_read_only_amx_reads_all_there_is_to_read),
        cmocka_unit_test(a_read_only_amx_refuses_all_that_writes),
        cmocka_unit_test(counting_what_would_be_drafted_leaves_nothing_behind),
        cmocka_unit_test(a_migration_shows_its_bar_from_the_first_row_on),
        cmocka_unit_test(a_refusal_says_what_to_do_instead),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
