/* The workstation of one engineer, Ann, with a documented database of her own and a shared store in a file.
 */
#ifndef AMX_TESTS_WORKSTATION_H
#define AMX_TESTS_WORKSTATION_H

#include "cli.h"
#include "terminal.h"

/* Ann, with the DB profiles shop (active; one table, customer) and team (the shared store, in a folder of its
 * own; sharing is off). `more` is what amx.conf says besides. */
Cli workstation_new(const char *more);
/* Writes amx.conf anew, with another body of the profile team. */
void workstation_configure(const Cli *ann, const char *team, const char *more);

/* Switches sharing on, in the schema amx. */
void workstation_share(const Cli *ann);
/* Takes the shared store away, and brings it back. */
void workstation_cut(const Cli *ann);
void workstation_mend(const Cli *ann);
/* What `db history-store status --json` prints; owned by the support. */
const char *workstation_status(const Cli *ann);

/* Opens amx with a shell's `arguments` in a terminal of 80x24, and waits for the picker and its title. */
Terminal *workstation_open(const Cli *ann, const char *arguments);
/* Leaves amx from any tab, by its picker; as terminal_leave. */
void workstation_leave(Terminal *terminal);

#endif
