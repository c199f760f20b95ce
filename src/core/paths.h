/* Where amx keeps its files: $AMX_CONFIG, else $XDG_CONFIG_HOME/amx/amx.conf; state in $XDG_STATE_HOME/amx/;
 * $AMX_HOME puts both in one folder. Folders are made 0700, files 0600, whatever the umask; a state folder
 * that is a symbolic link owned by someone else, or that others can write to, is refused. */
#ifndef AMX_CORE_PATHS_H
#define AMX_CORE_PATHS_H

#include <stdbool.h>

#include "error.h"

typedef struct Paths {
    char *config;      /* amx.conf */
    bool config_named; /* by --config or AMX_CONFIG: must exist */
    char *state;       /* folder */
    char *history;     /* <state>/history.db */
} Paths;

/* `config_flag` is --config or NULL. Makes nothing. ERROR_CONFIG when neither AMX_HOME, XDG_* nor HOME nor
 * the password database says where home is. */
bool paths_find(const char *config_flag, Paths *out, Error *err);
/* Makes the state folder (and its parents) when it is not there. ERROR_SYSTEM. */
bool paths_prepare(const Paths *paths, Error *err);
void paths_free(Paths *paths);

#endif
