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

bool team_read_page(App *app, const RecordPage *page, RecordCollector *collector, Error *err)
{
    Local *local = NULL;
    Shared *shared = NULL;
    if (!page->team) {
        return app_local_read(app, &local, err) &&
               (!local || record_list(local, page->table, &page->filter, record_collect, collector, err));
    }
    if (!team_open(app, &shared, err)) {
        return false;
    }
    bool ok = shared_list(shared, page->table, &page->filter, app_deliver_deadline(app), record_collect,
                          collector, err);
    shared_close(shared);
    return ok;
}
