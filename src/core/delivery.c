#include "delivery.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "memory.h"
#include "sharing.h"
#include "text.h"

#define BATCH_ROWS 1000
#define BATCH_BYTES (4u << 20)
#define FLUSH_STEP_MS 30000
/* A store that failed rests 1, 2, 4 .. seconds, at most five minutes, before a command tries it again. */
#define LONGEST_REST_S 300

/* ---- where to ---------------------------------------------------------------------------------------------
 */

bool delivery_target(App *app, Local *local, DeliveryTarget *out, Error *err)
{
    *out = (DeliveryTarget){.profile_name = local_setting(local, "sharing.profile"),
                            .schema = local_setting(local, "sharing.schema")};
    if (!out->profile_name || !out->schema) {
        error_set(err, ERROR_USAGE, "sharing was never switched on");
        error_hint(err, "switch it on with: amx db history-store enable --profile PROFILE");
        delivery_target_free(out);
        return false;
    }
    out->profile = config_profile(app_config(app), out->profile_name);
    if (!out->profile) {
        error_set(err, ERROR_CONFIG, "sharing uses the profile %s, which %s does not declare",
                  out->profile_name, app_config(app)->path);
        error_hint(err,
                   "declare it again, or enable sharing with another profile; what is queued stays queued");
        delivery_target_free(out);
        return false;
    }
    return true;
}

void delivery_target_free(DeliveryTarget *target)
{
    free(target->profile_name);
    free(target->schema);
    *target = (DeliveryTarget){0};
}

bool delivery_set_target(Local *local, const char *profile, const char *schema, const char *where, Error *err)
{
    return local_set_setting(local, "sharing.profile", profile, err) &&
           local_set_setting(local, "sharing.schema", schema, err) &&
           local_set_setting(local, "sharing.target", where, err);
}

bool delivery_open_shared(App *app, Local *local, Deadline deadline, Shared **out, Error *err)
{
    DeliveryTarget target;
    if (!delivery_target(app, local, &target, err)) {
        return false;
    }
    bool ok = shared_open(&target.profile->target, target.schema, deadline, out, err);
    delivery_target_free(&target);
    return ok;
}

/* ---- backoff, kept across processes
 * -------------------------------------------------------------------------- */

static void time_text(time_t when, char out[CLOCK_TEXT_SIZE])
{
    struct tm utc;
    gmtime_r(&when, &utc);
    strftime(out, CLOCK_TEXT_SIZE, "%Y-%m-%dT%H:%M:%S.000Z", &utc);
}

/* Is the store resting? A clock that was set back must not make that long. */
static bool is_resting(Local *local)
{
    char now[CLOCK_TEXT_SIZE];
    char latest[CLOCK_TEXT_SIZE];
    char *until = local_setting(local, "sharing.retry_at");
    time_text(time(NULL), now);
    time_text(time(NULL) + LONGEST_REST_S, latest);
    bool resting = until && strcmp(until, now) > 0 && strcmp(until, latest) <= 0;
    free(until);
    return resting;
}

static bool note_trouble(Local *local, const Error *trouble, Error *err)
{
    char *failures = local_setting(local, "sharing.failures");
    long count = failures ? strtol(failures, NULL, 10) : 0;
    free(failures);
    long rest = count < 8 ? 1L << count : LONGEST_REST_S;
    char until[CLOCK_TEXT_SIZE];
    time_text(time(NULL) + rest, until);
    char *next = text_format("%ld", count + 1);
    bool ok = local_begin(local, err);
    if (ok) {
        ok = local_set_setting(local, "sharing.failures", next, err) &&
             local_set_setting(local, "sharing.retry_at", until, err) &&
             local_set_setting(local, "sharing.last_error", trouble->message, err) &&
             local_set_setting(local, "sharing.last_error_kind", error_code(trouble->kind), err);
        if (ok) {
            ok = local_commit(local, err);
        } else {
            local_rollback(local);
        }
    }
    free(next);
    return ok;
}

bool delivery_forget_trouble(Local *local, Error *err)
{
    char *had = local_setting(local, "sharing.failures");
    bool ok = !had || (local_set_setting(local, "sharing.failures", NULL, err) &&
                       local_set_setting(local, "sharing.retry_at", NULL, err) &&
                       local_set_setting(local, "sharing.last_error_kind", NULL, err) &&
                       local_set_setting(local, "sharing.last_error", NULL, err));
    free(had);
    return ok;
}

static bool note_success(Local *local, Error *err)
{
    char now[CLOCK_TEXT_SIZE];
    clock_now(now);
    if (!local_begin(local, err)) {
        return false;
    }
    if (!delivery_forget_trouble(local, err) ||
        !local_set_setting(local, "sharing.last_delivery", now, err)) {
        local_rollback(local);
        return false;
    }
    return local_commit(local, err);
}

/* ---- one deliverer at a time
 * ---------------------------------------------------------------------------------- */

/* An advisory lock beside the file keeps deliveries of one history.db in turn; a dead process cannot hold it.
 * Safety does not rest on it: the fence tokens do that. Returns the descriptor, or -1. */
static int lock_deliveries(const Local *local, Deadline deadline, Error *err)
{
    char *path = text_format("%s.delivery", local_path(local));
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        error_set(err, ERROR_LOCAL, "%s can't be opened: %s", path, strerror(errno));
    }
    while (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (deadline_left(deadline) == 0 || interrupt_requested()) {
            error_set(err, interrupt_requested() ? ERROR_INTERRUPTED : ERROR_TIMEOUT,
                      "another amx is delivering from this history.db");
            error_hint(err, "it delivers these rows too; look again in a moment");
            close(fd);
            fd = -1;
            break;
        }
        poll(NULL, 0, 20);
    }
    free(path);
    return fd;
}

/* ---- sending
 * --------------------------------------------------------------------------------------------------- */

/* Turns a verdict that is not "sent" into words. */
static bool explain_verdict(const Shared *shared, const SharedAnswer *answer, Error *trouble)
{
    switch (answer->verdict) {
    case SHARED_SENT:
        return true;
    case SHARED_STRANGE:
        error_set(trouble, ERROR_GUARD,
                  "%s shows %s for this history.db: the file was copied or restored from a backup, or the "
                  "shared store was; "
                  "nothing was sent",
                  shared_target(shared),
                  *answer->token ? "a delivery token that is not its last one" : "no delivery yet");
        return error_hint(
            trouble,
            "use the newest history.db and the newest shared store; until then rows stay queued here");
    case SHARED_OTHER_STORE:
        error_set(trouble, ERROR_GUARD,
                  "%s is not the shared store the queue is for (it was made anew, or the profile points "
                  "elsewhere now); "
                  "nothing was sent",
                  shared_target(shared));
        return error_hint(trouble,
                          "point the profile to the old store again; or give the queue up with: amx db "
                          "history-store drop-pending, and enable the new store");
    case SHARED_TOO_NEW:
        error_set(trouble, ERROR_GUARD, "%s has schema version %lld; this amx knows %d",
                  shared_target(shared), (long long)answer->version, SYNCED_VERSION);
        return error_hint(trouble, "upgrade amx on this machine; rows stay queued until then");
    }
    return false;
}

typedef struct Round {
    App *app;
    Local *local;
    Shared *shared;
    DeliveryHow how;
    Deadline deadline; /* of the whole delivery, after a command */
    Delivery *out;
    int64_t total;
} Round;

static Deadline step_deadline(const Round *round)
{
    int configured = app_options(round->app)->timeout_ms;
    return round->how == DELIVERY_FLUSH ? deadline_in(configured > 0 ? configured : FLUSH_STEP_MS)
                                        : round->deadline;
}

/* One batch. *more says whether another is worth it. False: the local store failed. */
static bool deliver_batch(Round *round, bool *more, Error *err)
{
    OutboxBatch *batch = NULL;
    SharedAnswer answer;
    *more = false;
    if (!outbox_mint(round->local, BATCH_ROWS, BATCH_BYTES, &batch, err)) {
        return false;
    }
    bool ok = true;
    if (!shared_send(round->shared, batch, step_deadline(round), &answer, &round->out->trouble)) {
        ok = outbox_note_failure(round->local, batch, round->out->trouble.message, err);
    } else if (explain_verdict(round->shared, &answer, &round->out->trouble) && batch->row_count > 0) {
        bool counted = false;
        ok = outbox_acknowledge(round->local, batch, &counted, err);
        size_t confirmed = 0;
        for (size_t i = 0; i < batch->row_count; i++) {
            confirmed += batch->rows[i].result == OUTBOX_CONFIRMED;
        }
        if (ok && counted) {
            round->out->delivered += (int64_t)confirmed;
            round->out->parked += (int64_t)answer.refused;
        }
        *more = ok && (!counted || confirmed + answer.refused > 0);
    }
    outbox_free(batch);
    return ok;
}

static bool deliver_all(Round *round, Error *err)
{
    bool more = true;
    while (more) {
        if (!deliver_batch(round, &more, err)) {
            return false;
        }
        app_progress(round->app, "delivering", round->out->delivered, round->total);
        if (interrupt_requested()) {
            return error_set(&round->out->trouble, ERROR_INTERRUPTED, "interrupted") || true;
        }
        /* out of time between two batches is no trouble: the rest is simply still queued */
        if (round->how == DELIVERY_AFTER_COMMAND && deadline_left(round->deadline) < 100) {
            break;
        }
    }
    return true;
}

static bool deliver_locked(Round *round, Error *err)
{
    Deadline connect = round->how == DELIVERY_FLUSH ? app_connect_deadline(round->app) : round->deadline;
    if (!delivery_open_shared(round->app, round->local, connect, &round->shared, &round->out->trouble)) {
        return true;
    }
    bool ok = deliver_all(round, err);
    shared_close(round->shared);
    return ok;
}

bool delivery_run(App *app, DeliveryHow how, Delivery *out, Error *err)
{
    Local *local = NULL;
    Sharing sharing;
    *out = (Delivery){0};
    if (!app_local(app, &local, err) || !sharing_read(local, &sharing, err)) {
        return false;
    }
    if (!sharing.enabled) {
        return true;
    }
    if (!outbox_count(local, &out->left, err)) {
        return false;
    }
    if (how == DELIVERY_AFTER_COMMAND) {
        if (out->left.queued - out->left.waiting == 0) {
            return true;
        }
        if (is_resting(local)) {
            char *why = local_setting(local, "sharing.last_error");
            error_set(&out->trouble, ERROR_CONNECTION, "%s",
                      why ? why : "the shared store failed a moment ago");
            free(why);
            return true;
        }
    }
    Round round = {.app = app,
                   .local = local,
                   .how = how,
                   .deadline = app_deliver_deadline(app),
                   .out = out,
                   .total = out->left.queued};
    int lock = lock_deliveries(local, how == DELIVERY_FLUSH ? deadline_in(FLUSH_STEP_MS) : round.deadline,
                               &out->trouble);
    if (lock < 0) {
        return outbox_count(local, &out->left, err);
    }
    out->attempted = true;
    bool ok = deliver_locked(&round, err);
    close(lock);
    if (ok) {
        ok = out->trouble.kind == ERROR_NONE          ? note_success(local, err)
             : out->trouble.kind == ERROR_INTERRUPTED ? true
                                                      : note_trouble(local, &out->trouble, err);
    }
    return ok && outbox_count(local, &out->left, err);
}
