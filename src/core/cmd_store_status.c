/* db history-store status: is sharing on, is the store in reach, what is queued. Says "in sync" only after
 * looking. */
#include "commands.h"

#include <stdlib.h>
#include <string.h>

#include "delivery.h"
#include "sharing.h"
#include "text.h"
#include "trend.h"

static const ReportColumn columns[] = {
    {"db_profile", "DB profile", REPORT_TEXT},
    {"enabled", "sharing", REPORT_TEXT},
    {"profile", "profile", REPORT_TEXT},
    {"target", "target", REPORT_TEXT},
    {"queue_target", "queue is for", REPORT_TEXT},
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
    {"not_shared", "written while off", REPORT_NUMBER},
    {"oldest", "oldest", REPORT_AGE},
    {"last_error", "last error", REPORT_WIDE},
    {"retry_at", "next try", REPORT_TIME},
    {"last_delivery", "last delivery", REPORT_AGE},
    {"origin", "origin", REPORT_TEXT},
    {"who", "you are", REPORT_TEXT},
    {"client_version", "version", REPORT_TEXT},
    {"local_db", "local store", REPORT_TEXT},
    {"depth", NULL, REPORT_TEXT},
};

typedef struct Probe {
    bool asked;
    bool reachable;
    bool ours; /* the very store the queue is for, as this history.db left it */
    int64_t latency_ms;
    SharedState state;
    Error trouble;
} Probe;

/* The store that sharing uses, or that `enable` would use by amx.conf. */
static bool open_store(App *app, Local *local, const DeliveryPlace *place, Deadline deadline, Shared **out,
                       Error *err)
{
    const Config *config = app_config(app);
    if (place->profile) {
        return delivery_open_shared(app, local, deadline, out, err);
    }
    const Profile *profile = config->history_profile ? config_profile(config, config->history_profile) : NULL;
    if (!profile) {
        return error_set(err, ERROR_USAGE, "no shared store is configured");
    }
    return shared_open(&profile->target, config->history_schema, deadline, out, err);
}

static void probe_store(App *app, Local *local, const DeliveryPlace *place, const Sharing *sharing,
                        Probe *probe)
{
    Shared *shared = NULL;
    int64_t start = clock_monotonic_ms();
    Deadline deadline = app_deliver_deadline(app);
    if (open_store(app, local, place, deadline, &shared, &probe->trouble)) {
        /* where sharing never was on, the file is simply yet to be made */
        bool unmade = !place->profile && shared_is_absent(shared);
        probe->reachable = unmade || shared_inspect(shared, deadline, &probe->state, &probe->trouble);
        probe->latency_ms = clock_monotonic_ms() - start;
        probe->ours =
            probe->reachable && sharing->enabled && delivery_check(local, shared, deadline, &probe->trouble);
        shared_close(shared);
    }
    probe->asked = probe->trouble.kind != ERROR_USAGE;
}

static bool is_in_sync(const Probe *probe, const OutboxCounts *counts)
{
    return probe->ours && counts->queued + counts->parked + counts->dropped == 0;
}

static bool add_setting(json_t *row, const char *key, Local *local, const char *setting, Error *err)
{
    char *value = NULL;
    bool ok = !local || local_setting(local, setting, &value, err);
    row_text(row, key, value);
    free(value);
    return ok;
}

/* The outbox over the last hour, minute by minute, null where nobody knows. What it is now was counted. */
static bool add_depth(json_t *row, Local *local, const OutboxCounts *counts, Error *err)
{
    int64_t depth[TREND_MINUTES];
    if (!trend_outbox(local, depth, err)) {
        return false;
    }
    depth[TREND_MINUTES - 1] = counts->queued + counts->parked;
    json_t *minutes = json_array();
    for (size_t i = 0; i < TREND_MINUTES; i++) {
        json_array_append_new(minutes, depth[i] == TREND_UNKNOWN ? json_null() : json_integer(depth[i]));
    }
    row_json(row, "depth", minutes);
    return true;
}

/* Where the profile of the shared store points now, which need not be where it pointed when sharing was
 * switched on. */
typedef struct Pointing {
    const char *profile;
    const char *schema;
    const char *target; /* borrowed; NULL: nobody can tell */
    bool moved;         /* elsewhere, and not just by another name for the same store */
} Pointing;

/* The place in a fingerprint: "postgresql://host:port/database", "sqlite:/path". */
static const char *without_scheme(const char *fingerprint)
{
    const char *colon = strchr(fingerprint, ':');
    return !colon ? fingerprint : text_starts(colon, "://") ? colon + 3 : colon + 1;
}

static Pointing pointing_of(App *app, const DeliveryPlace *place, const Probe *probe)
{
    const Config *config = app_config(app);
    Pointing out = {.profile = place->profile ? place->profile : config->history_profile,
                    .schema = place->profile ? place->schema : config->history_schema,
                    .target = place->target};
    const Profile *profile = out.profile ? config_profile(config, out.profile) : NULL;
    const char *fingerprint = NULL;
    if (!profile || !app_fingerprint(app, profile, &fingerprint, NULL)) {
        return out;
    }
    bool as_noted = text_equal(fingerprint, place->fingerprint);
    out.moved = place->fingerprint && !as_noted && probe->asked && !probe->ours;
    /* by what is noted here, not by what answered: whether the store was asked or not, it is the same place
     */
    if (!place->target || (place->fingerprint && !as_noted)) {
        out.target = without_scheme(fingerprint);
    }
    return out;
}

/* Where none is chosen yet there is none: what needs one says what to do. */
static void add_profile(json_t *row, App *app)
{
    const Profile *profile = NULL;
    row_text(row, "db_profile", app_profile(app, &profile, NULL) ? profile->name : NULL);
}

static void add_target(json_t *row, const Pointing *pointing, const DeliveryPlace *place)
{
    row_text(row, "profile", pointing->profile);
    row_text(row, "target", pointing->target);
    row_text(row, "store_schema", pointing->schema);
    if (pointing->moved) {
        row_text(row, "queue_target", place->target);
    }
}

static void add_probe(json_t *row, const Probe *probe, const OutboxCounts *counts)
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
    row_bool(row, "in_sync", is_in_sync(probe, counts));
}

static void warn_of_move(Report *report, const Pointing *pointing, const DeliveryPlace *place)
{
    report_warning(report,
                   "the profile %s points at %s now; the queue belongs to the store at %s, and goes nowhere "
                   "else",
                   pointing->profile, pointing->target, place->target);
    report_note(report,
                "let the profile point there again; or move to the new store: amx db history-store disable, "
                "drop-pending, enable, then migrate-from-local");
}

static void add_words(Report *report, const Probe *probe, const Pointing *pointing, const Sharing *sharing,
                      const OutboxCounts *counts)
{
    if (probe->trouble.kind != ERROR_NONE && probe->trouble.kind != ERROR_USAGE) {
        report_warning(report, "%s", probe->trouble.message);
        if (*probe->trouble.hint && !pointing->moved) {
            report_note(report, "%s", probe->trouble.hint);
        }
    }
    if (!sharing->enabled) {
        report_note(report, "sharing is off; switch it on with: amx db history-store enable");
    } else if (is_in_sync(probe, counts)) {
        report_note(report, "in sync");
    } else if (counts->queued + counts->parked > 0 && !pointing->moved) {
        report_note(report, "%lld pending; deliver with: amx db history-store flush-pending",
                    (long long)counts->queued + counts->parked);
    }
}

static bool report_status(App *app, Local *local, const DeliveryPlace *place, const Pointing *pointing,
                          const Sharing *sharing, const OutboxCounts *counts, const Probe *probe,
                          Report *report, Error *err)
{
    report_object(report, "amx.store/1", columns, sizeof columns / sizeof *columns);
    json_t *row = report_row(report);
    const Identity *who = app_identity(app);
    bool in_trouble = probe->trouble.kind != ERROR_NONE && probe->trouble.kind != ERROR_USAGE;
    add_profile(row, app);
    row_bool(row, "enabled", sharing->enabled);
    add_target(row, pointing, place);
    add_probe(row, probe, counts);
    row_int(row, "pending", counts->queued + counts->parked);
    row_int(row, "waiting", counts->waiting);
    row_int(row, "parked", counts->parked);
    row_int(row, "dropped", counts->dropped);
    row_text(row, "oldest", *counts->oldest ? counts->oldest : NULL);
    int64_t off = 0;
    bool ok = (!local || !sharing->enabled || sharing_count_off(local, &off, err)) &&
              add_setting(row, "last_error", local, "sharing.last_error", err) &&
              add_setting(row, "retry_at", local, "sharing.retry_at", err) &&
              add_setting(row, "last_delivery", local, "sharing.last_delivery", err) &&
              (!local || add_depth(row, local, counts, err));
    if (pointing->moved && probe->reachable) {
        row_text(
            row, "last_error",
            "the profile points at another store: let it point back, or disable, drop the queue and enable");
    } else if (in_trouble) {
        row_text(row, "last_error", probe->trouble.message);
    }
    char *user = text_format("%s@%s", who->created_by, who->hostname);
    row_text(row, "origin", local ? sharing->origin_id : NULL);
    row_text(row, "who", user);
    row_text(row, "client_version", who->client_version);
    if (off > 0) {
        row_int(row, "not_shared", off);
        report_note(report,
                    "%lld %s written while sharing was off; share %s with: amx db history-store "
                    "migrate-from-local",
                    (long long)off, off == 1 ? "run, session or event was" : "runs, sessions and events were",
                    off == 1 ? "it" : "them");
    }
    row_text(row, "local_db", app_paths(app)->history);
    free(user);
    return ok;
}

bool cmd_store_status(App *app, const Args *args, Report *report, Error *err)
{
    Local *local = NULL;
    DeliveryPlace place = {0};
    Sharing sharing = {0};
    OutboxCounts counts = {0};
    Probe probe = {0};
    bool offline = args_flag(args, "offline");
    if (!app_local_read(app, &local, err)) {
        return false;
    }
    bool ok = !local || (delivery_place(local, &place, err) && sharing_read(local, &sharing, err));
    if (ok && !offline) {
        probe_store(app, local, &place, &sharing, &probe);
    }
    /* counted last: what was queued may have left while the store was asked */
    ok = ok && (!local || outbox_count(local, &counts, err));
    Pointing pointing = pointing_of(app, &place, &probe);
    pointing.moved = pointing.moved && (sharing.enabled || counts.queued + counts.parked > 0);
    ok = ok && report_status(app, local, &place, &pointing, &sharing, &counts, &probe, report, err);
    if (ok && pointing.moved) {
        warn_of_move(report, &pointing, &place);
    }
    if (ok && !offline) {
        add_words(report, &probe, &pointing, &sharing, &counts);
    }
    delivery_place_free(&place);
    return ok;
}
