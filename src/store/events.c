#include "events.h"

#include "local_sqlite.h"

bool events_add(Local *local, const char *kind, const char *status, const char *detail, Error *err)
{
    if (!local_begin(local, err)) {
        return false;
    }
    bool ok = sqlite_run(local_sqlite(local), err,
                         "INSERT INTO app_events(kind, status, detail) VALUES ($1, $2, $3)",
                         VALUES(value_text(kind), value_text(status), value_text(detail)));
    return local_end(local, ok, err);
}
