/* People who document a small shop and share through one store: what the tests of faults begin with, and
 * look at afterwards. */
#ifndef AMX_TESTS_CLI_TEAM_H
#define AMX_TESTS_CLI_TEAM_H

#include "cli_store.h"

/* What cli_team_work leaves: a run and its four results. */
#define CLI_TEAM_ROWS 5

/* Somebody with a shop of their own, and no amx.conf yet. */
Cli cli_team_newcomer(const char *name);
/* Somebody with a shop of their own and sharing switched on. */
Cli cli_team_person(const char *name, const CliStore *store);
/* Writes amx.conf anew: the store is now looked for at `where` (NULL: where it is), and the local file waits
 * `busy_ms` for other writers. */
void cli_team_configure(const Cli *cli, const CliStore *store, const char *where, int busy_ms);
/* The same for one who soon gives up a store that is silent. */
void cli_team_configure_impatient(const Cli *cli, const CliStore *store, const char *where);
/* A run over one table; fails the test unless it is done with exit code 0. */
SupportRun cli_team_work(const Cli *cli);
/* The same while the store can't take it: done, kept, counted, exit 0, told with the reason. */
void cli_team_assert_queued(const Cli *cli, const char *reason);
/* Delivers, and fails the test unless everything is there, once, and amx says so. */
void cli_team_assert_heals(const Cli *cli, const CliStore *store);
/* What must hold at any moment: the file is sound, and every row that is shared has a mark or was delivered.
 */
void cli_team_assert_sound(const Cli *cli);

#endif
