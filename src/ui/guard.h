/* Guard 2: what a person picks or types on the screen is asked about first when its command row says so. */
#ifndef AMX_UI_GUARD_H
#define AMX_UI_GUARD_H

#include "view.h"

/* Runs a command line of the screen: refuses at once what a read-only amx may not do, asks first where the
 * command asks (disable, flush, drop, dump-ddl over an existing schema), opens the form where it needs values
 * (enable), goes to the picker where it is the picker's name. */
void guard_run(Screen *screen, const char *line);

#endif
