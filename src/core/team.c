#include "team.h"

#include "delivery.h"
#include "record.h"
#include "text.h"

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

typedef struct Origins {
    char first[ID_SIZE];
    int count;
} Origins;

static void take_origin(void *context, const SyncedTable *table, const Value *values)
{
    Origins *origins = context;
    if (origins->count++ == 0) {
        text_copy(origins->first, sizeof origins->first, record_text(table, values, "origin_id"));
    }
}

bool team_choose_origin(App *app, const Args *args, int64_t run_id, char buffer[ID_SIZE], const char **out,
                        Error *err)
{
    RecordFilter filter = {.local_id = run_id, .limit = 2, .interruptible = true};
    Origins origins = {0};
    Shared *shared = NULL;
    *out = args_text(args, "origin");
    if (*out || !args_flag(args, "team")) {
        return true;
    }
    if (!team_open(app, &shared, err)) {
        return false;
    }
    bool ok = shared_list(shared, &synced_tables[SYNCED_RUNS], &filter, app_deliver_deadline(app),
                          take_origin, &origins, err);
    shared_close(shared);
    if (ok && origins.count == 0) {
        error_set(err, ERROR_NOT_FOUND, "there is no run %lld in the team's store", (long long)run_id);
        return error_hint(err, "list what there is with: amx history list --team");
    }
    if (ok && origins.count > 1) {
        error_set(err, ERROR_USAGE, "the team has several runs with the number %lld", (long long)run_id);
        return error_hint(err, "name the run's --origin (amx history list --team --json has it)");
    }
    text_copy(buffer, ID_SIZE, origins.first);
    *out = buffer;
    return ok;
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
