#include "team.h"

#include "delivery.h"

bool team_open(App *app, Shared **out, Error *err)
{
    Local *local = NULL;
    if (!app_local_read(app, &local, err)) {
        return false;
    }
    if (!local) {
        error_set(err, ERROR_USAGE, "sharing was never switched on, so there is no team history");
        return error_hint(err, "switch it on with: amx db history-store enable");
    }
    return delivery_open_shared(app, local, app_deliver_deadline(app), out, err);
}
