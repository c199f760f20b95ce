#include "schemas.h"

#include <stdlib.h>
#include <unistd.h>

#include "memory.h"
#include "support.h"
#include "text.h"

static char *folder(void)
{
    const char *named = getenv("AMX_SCHEMAS");
    const char *cache = getenv("XDG_CACHE_HOME");
    const char *home = getenv("HOME");
    return named && *named   ? memory_string(named)
           : cache && *cache ? text_format("%s/amx-tests", cache)
                             : text_format("%s/.cache/amx-tests", home ? home : "");
}

const char *schemas_sql(const char *name)
{
    char *where = folder();
    char *path = text_format("%s/%s-schema.sql", where, name);
    free(where);
    if (access(path, R_OK) != 0) {
        fail_msg(
            "%s is not there: scripts/test fetches it from a Debian package, which needs the network once; "
            "or name a folder that holds it with AMX_SCHEMAS",
            path);
    }
    const char *sql = support_read(path);
    free(path);
    return sql;
}
