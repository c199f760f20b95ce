/* db history-store status: is sharing on, is the store in reach, what is queued. Says "in sync" only after
 * looking. */
#include "commands.h"

#include <stdlib.h>

#include "delivery.h"
#include "events.h"
#include "sharing.h"
#include "text.h"

static const ReportColumn columns[] = {
    {"enabled", "sharing", REPORT_TEXT},
    {"profile", "profile", REPORT_TEXT},
    {"target", "target", REPORT_TEXT},
    {"store_schema", "schema", REPORT_TEXT},
    {"store_version", "schema version", REPORT_NUMBER},
    {"exists", "schema exists", REPORT_TEXT},
    {"reachable", "in reach", REPORT_TEXT},
    {"latency_ms", "latency (ms)", REPORT_NUMBER},
    {"in_sync", "in sync", REPORT_TEXT},
    {"pending", "pending", REPORT_NUMBER},
    {"waiting", "waiting", REPORT_NUMBER},
    {"parked", "parked", REPORT_NUMBER},
    {"dropped", "dropped", REPORT_NUMBER},
    {"oldest", "oldest", REPORT_AGE},
    {"last_error", "last error", REPORT_WIDE},
    {"retry_at", "next try", REPORT_TIME},
    {"last_delivery", "last delivery", REPORT_AGE},
    {"origin", "origin", REPORT_TEXT},
    {"who", "you are", REPORT_TEXT},
    {"client_version", "version", REPORT_TEXT},
    {"local_db", "local store", REPORT_TEXT},
};

typedef struct Probe {
    bool asked;
    bool reachable;
    bool matches; /* the very store the queue is for */
    int64_t latency_ms;
    SharedState state;
    Error trouble;
} Probe;

/* The store that sharing uses, or that `enable` would use by amx.conf. */
static bool open_store(App *app, Local *local, Deadline deadline, Shared **out, Error *err)
{
    const Config *config = app_config(app);
    char *known = local ? local_setting(local, "sharing.profile") : NULL;
    free(known);
    if (known) {
        return delivery_open_shared(app, local, deadline, out, err);
    }
    const Profile *profile = config->history_profile ? config_profile(config, config->history_profile) : NULL;
    if (!profile) {
        return error_set(err, ERROR_USAGE, "no shared store is configured");
    }
    return shared_open(&profile->target, config->history_schema, deadline, out, err);
}

static void probe_store(App *app, Local *local, const Sharing *sharing, Probe *probe)
{
    Shared *shared = NULL;
    int64_t start = clock_monotonic_ms();
    Deadline deadline = app_deliver_deadline(app);
    if (open_store(app, local, deadline, &shared, &probe->trouble)) {
        probe->reachable = shared_inspect(shared, deadline, &probe->state, &probe->trouble);
        probe->latency_ms = clock_monotonic_ms() - start;
        probe->matches = probe->state.exists && text_equal(probe->state.store_id, sharing->store_id);
        shared_close(shared);
    }
    probe->asked = probe->trouble.kind != ERROR_USAGE;
    if (probe->reachable && sharing->enabled && !probe->matches) {
        error_set(&probe->trouble, ERROR_GUARD,
                  probe->state.exists ? "another shared store stands there than the one the queue is for"
                                      : "the shared schema is not there any more");
    } else if (probe->reachable && probe->state.version > SYNCED_VERSION) {
        error_set(&probe->trouble, ERROR_GUARD, "the shared schema has version %lld; this amx knows %d",
                  (long long)probe->state.version, SYNCED_VERSION);
    }
}

static void add_setting(json_t *row, const char *key, Local *local, const char *setting)
{
    char *value = local ? local_setting(local, setting) : NULL;
    row_text(row, key, value);
    free(value);
}

static void add_target(json_t *row, App *app, Local *local)
{
    const Config *config = app_config(app);
    char *profile = local ? local_setting(local, "sharing.profile") : NULL;
    if (profile) {
        row_text(row, "profile", profile);
        add_setting(row, "target", local, "sharing.target");
        add_setting(row, "store_schema", local, "sharing.schema");
    } else {
        const char *target = NULL;
        const Profile *configured =
            config->history_profile ? config_profile(config, config->history_profile) : NULL;
        row_text(row, "profile", config->history_profile);
        row_text(row, "target",
                 configured && app_fingerprint(app, configured, &target, NULL) ? target : NULL);
        row_text(row, "store_schema", config->history_schema);
    }
    free(profile);
}

static void add_probe(json_t *row, const Probe *probe, const Sharing *sharing, const OutboxCounts *counts)
{
    if (!probe->asked) {
        row_json(row, "reachable", json_null());
        row_json(row, "exists", json_null());
        row_json(row, "in_sync", json_null());
        return;
    }
    row_bool(row, "reachable", probe->reachable);
    if (!probe->reachable) {
        row_json(row, "exists", json_null());
        row_json(row, "in_sync", json_null());
        return;
    }
    row_bool(row, "exists", probe->state.exists);
    row_int(row, "latency_ms", probe->latency_ms);
    if (probe->state.exists) {
        row_int(row, "store_version", probe->state.version);
    }
    row_bool(row, "in_sync",
             sharing->enabled && probe->matches && counts->queued + counts->parked + counts->dropped == 0);
}

static void add_words(Report *report, const Probe *probe, const Sharing *sharing, const OutboxCounts *counts)
{
    if (probe->trouble.kind != ERROR_NONE && probe->trouble.kind != ERROR_USAGE) {
        report_warning(report, "%s", probe->trouble.message);
        if (*probe->trouble.hint) {
            report_note(report, "%s", probe->trouble.hint);
        }
    }
    if (!sharing->enabled) {
        report_note(report, "sharing is off; switch it on with: amx db history-store enable");
    } else if (probe->matches && counts->queued + counts->parked + counts->dropped == 0) {
        report_note(report, "in sync");
    } else if (counts->queued + counts->parked > 0) {
        report_note(report, "%lld pending; deliver with: amx db history-store flush-pending",
                    (long long)counts->queued + counts->parked);
    }
}

bool cmd_store_status(App *app, const Args *args, Report *report, Error *err)
{
    Local *local = NULL;
    Sharing sharing = {0};
    OutboxCounts counts = {0};
    Probe probe = {0};
    if (!app_local_read(app, &local, err)) {
        return false;
    }
    if (local && (!sharing_read(local, &sharing, err) || !outbox_count(local, &counts, err))) {
        return false;
    }
    if (!args_flag(args, "offline")) {
        probe_store(app, local, &sharing, &probe);
        /* what was queued may have left while the store was asked */
        if (local && !outbox_count(local, &counts, err)) {
            return false;
        }
    }
    report_object(report, "amx.store/1", columns, sizeof columns / sizeof *columns);
    json_t *row = report_row(report);
    const Identity *who = app_identity(app);
    char *user = text_format("%s@%s", who->created_by, who->hostname);
    row_bool(row, "enabled", sharing.enabled);
    add_target(row, app, local);
    add_probe(row, &probe, &sharing, &counts);
    row_int(row, "pending", counts.queued + counts.parked);
    row_int(row, "waiting", counts.waiting);
    row_int(row, "parked", counts.parked);
    row_int(row, "dropped", counts.dropped);
    row_text(row, "oldest", *counts.oldest ? counts.oldest : NULL);
    if (probe.trouble.kind != ERROR_NONE && probe.trouble.kind != ERROR_USAGE) {
        row_text(row, "last_error", probe.trouble.message);
    } else {
        add_setting(row, "last_error", local, "sharing.last_error");
    }
    add_setting(row, "retry_at", local, "sharing.retry_at");
    add_setting(row, "last_delivery", local, "sharing.last_delivery");
    row_text(row, "origin", local ? sharing.origin_id : NULL);
    row_text(row, "who", user);
    row_text(row, "client_version", who->client_version);
    row_text(row, "local_db", app_paths(app)->history);
    free(user);
    if (!args_flag(args, "offline")) {
        add_words(report, &probe, &sharing, &counts);
    }
    return true;
}
