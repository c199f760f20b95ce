/* What happens to the shared store itself: its schema is dropped and made anew by somebody else, the making of
 * it is cut off, a standby answers in place of the primary. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli_team.h"
#include "daemon.h"
#include "synced.h"
#include "text.h"

/* ---- the schema is dropped, and made anew by somebody else ---- */

static void assert_not_in_sync(const Cli *cli, const char *exists, long long pending)
{
    const char *status = cli_ok(cli, "db history-store status --json").out;
    assert_string_equal(cli_json(status, "exists"), exists);
    assert_string_equal(cli_json(status, "in_sync"), "false");
    assert_int_equal(cli_json_number(status, "pending"), pending);
}

static void a_schema_that_was_dropped_and_made_anew_gets_nothing(void **state)
{
    (void)state;
    CliStore store = cli_store_new(false);
    Cli ann = cli_team_person("ann", &store);
    Cli bob = cli_team_person("bob", &store);
    cli_team_work(&ann);
    cli_team_work(&bob);
    const char *old = cli_store_value(&store, "SELECT store_id FROM @store");

    support_sql(store.where, "DROP SCHEMA amx CASCADE");
    cli_team_assert_queued(&ann, "does not exist");
    SupportRun gone = cli_run(&ann, "db history-store flush-pending");
    printf("flush: %d %s\n", gone.exit_code, gone.err);
    assert_not_in_sync(&ann, "false", CLI_TEAM_ROWS);

    Cli cyn = cli_team_person("cyn", &store);
    cli_team_assert_heals(&cyn, &store);
    assert_string_not_equal(cli_store_value(&store, "SELECT store_id FROM @store"), old);
    SupportRun flush = cli_run(&ann, "db history-store flush-pending");
    printf("flush: %d %s\n", flush.exit_code, flush.err);
    SupportRun enable = cli_run(&ann, "db history-store enable");
    printf("enable: %d %s\n", enable.exit_code, enable.err);
    assert_not_in_sync(&ann, "true", CLI_TEAM_ROWS);
    assert_not_in_sync(&bob, "true", 0);
    cli_team_assert_queued(&bob, "made anew");
    SupportRun drop = cli_run(&ann, "db history-store drop-pending");
    printf("drop: %d %s\n", drop.exit_code, drop.err);
    enable = cli_run(&ann, "db history-store enable");
    printf("enable: %d %s\n", enable.exit_code, enable.err);
}

int main(int argc, char **argv)
{
    cmocka_set_test_filter(argc > 1 ? argv[1] : NULL); /* a glob: these tests only */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_schema_that_was_dropped_and_made_anew_gets_nothing),
    };
    return support_cleanup(cmocka_run_group_tests(tests, NULL, NULL));
}
