#include "first_step.h"

#include "text.h"

char *first_step(const Config *config)
{
    if (config->profile_count > 0) {
        return NULL;
    }
    return text_format("No database is configured yet. Declare one as a db_profile in %s (amx.conf.example "
                       "shows how), or set PGHOST and PGDATABASE; then start amx again.",
                       config->path);
}
