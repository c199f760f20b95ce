#include "delivery.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "delivery_rounds.h"
#include "memory.h"
#include "sharing.h"
#include "text.h"
#include "trend.h"

/* A store that failed rests 1, 2, 4 .. seconds, at most five minutes, before a command tries it again. */
#define LONGEST_REST_S 300
/* A flush waits this long for another delivery of the same file. */
#define FLUSH_LOCK_MS 30000

/* --- where to --- */

bool delivery_place(Local *local, DeliveryPlace *out, Error *err)
{
    *out = (DeliveryPlace){0};
    return local_setting(local, "sharing.profile", &out->profile, err) &&
           local_setting(local, "sharing.schema", &out->schema, err) &&
           local_setting(local, "sharing.target", &out->target, err) &&
           local_setting(local, "sharing.fingerprint", &out->fingerprint, err);
}

void delivery_place_free(DeliveryPlace *place)
{
    free(place->profile);
    free(place->schema);
    free(place->target);
    free(place->fingerprint);
    *place = (DeliveryPlace){0};
}

bool delivery_set_place(Local *local, const char *profile, const char *schema, const char *target,
                        const char *fingerprint, Error *err)
{
    return local_set_setting(local, "sharing.profile", profile, err) &&
           local_set_setting(local, "sharing.schema", schema, err) &&
           local_set_setting(local, "sharing.target", target, err) &&
           local_set_setting(local, "sharing.fingerprint", fingerprint, err);
}

static char *store_key(const char *store_id, const char *what)
{
    return text_format("store.%s.%s", store_id, what);
}

bool delivery_note_store(Local *local, const char *store_id, const char *profile, const char *schema,
                         Error *err)
{
    char *profile_key = store_key(store_id, "profile");
    char *schema_key = store_key(store_id, "schema");
    bool ok = local_set_setting(local, profile_key, profile, err) &&
              local_set_setting(local, schema_key, schema, err);
    free(schema_key);
    free(profile_key);
    return ok;
}

bool delivery_noted_store(Local *local, const char *store_id, DeliveryPlace *out, Error *err)
{
    char *profile_key = store_key(store_id, "profile");
    char *schema_key = store_key(store_id, "schema");
    *out = (DeliveryPlace){0};
    bool ok = local_setting(local, profile_key, &out->profile, err) &&
              local_setting(local, schema_key, &out->schema, err);
    free(schema_key);
    free(profile_key);
    return ok;
}

static bool open_place(App *app, const DeliveryPlace *place, Deadline deadline, Shared **out, Error *err)
{
    if (!place->profile || !place->schema) {
        error_set(err, ERROR_USAGE, "sharing was never switched on");
        return error_hint(err, "switch it on with: amx db history-store enable --profile PROFILE");
    }
    const Profile *profile = config_profile(app_config(app), place->profile);
    if (!profile) {
        error_set(err, ERROR_CONFIG, "sharing uses the profile %s, which %s does not declare", place->profile,
                  app_config(app)->path);
        return error_hint(
            err, "declare it again, or enable sharing with another profile; what is queued stays queued");
    }
    return shared_open(&profile->target, place->schema, deadline, out, err);
}

bool delivery_open_shared(App *app, Local *local, Deadline deadline, Shared **out, Error *err)
{
    DeliveryPlace place;
    bool ok = delivery_place(local, &place, err) && open_place(app, &place, deadline, out, err);
    delivery_place_free(&place);
    return ok;
}

/* --- backoff, kept across processes --- */

static void time_text(time_t when, char out[CLOCK_TEXT_SIZE])
{
    struct tm utc;
    gmtime_r(&when, &utc);
    strftime(out, CLOCK_TEXT_SIZE, "%Y-%m-%dT%H:%M:%S.000Z", &utc);
}

/* Why no delivery is tried now: the store rests after a failure, or a person has to mend something first.
 * `*why` is owned by the caller, NULL when nothing is in the way. */
static bool reason_to_wait(Local *local, char **why, Error *err)
{
    char now[CLOCK_TEXT_SIZE];
    char latest[CLOCK_TEXT_SIZE];
    char *until = NULL;
    char *stopped = NULL;
    *why = NULL;
    if (!local_setting(local, "sharing.retry_at", &until, err) ||
        !local_setting(local, "sharing.stopped", &stopped, err)) {
        free(until);
        return false;
    }
    time_text(time(NULL), now);
    time_text(time(NULL) + LONGEST_REST_S, latest);
    /* a clock that was set back must not make the rest long */
    bool resting = until && strcmp(until, now) > 0 && strcmp(until, latest) <= 0;
    bool ok = !(resting || stopped) || local_setting(local, "sharing.last_error", why, err);
    free(until);
    free(stopped);
    return ok;
}

/* What needs a person is not tried again by itself; that must be said each time, with the way on. */
static void explain_stop(Local *local, Error *trouble)
{
    char *stopped = NULL;
    if (local_setting(local, "sharing.stopped", &stopped, NULL) && stopped) {
        error_hint(trouble, "deliveries stopped at this; when it is mended, start them again with: amx db "
                            "history-store flush-pending");
    }
    free(stopped);
}

bool delivery_rests(Local *local)
{
    char *why = NULL;
    bool rests = !reason_to_wait(local, &why, NULL) || why;
    free(why);
    return rests;
}

static bool record_trouble(Local *local, const Error *trouble, Error *err)
{
    char until[CLOCK_TEXT_SIZE];
    char *failures = NULL;
    if (!local_setting(local, "sharing.failures", &failures, err)) {
        return false;
    }
    long count = failures ? strtol(failures, NULL, 10) : 0;
    free(failures);
    time_text(time(NULL) + (count < 8 ? 1L << count : LONGEST_REST_S), until);
    char *next = text_format("%ld", count + 1);
    bool stop = shared_failure(trouble) == SHARED_FAILURE_STOP;
    bool ok = local_set_setting(local, "sharing.failures", next, err) &&
              local_set_setting(local, "sharing.retry_at", stop ? NULL : until, err) &&
              local_set_setting(local, "sharing.stopped", stop ? "1" : NULL, err) &&
              local_set_setting(local, "sharing.last_error", trouble->message, err);
    free(next);
    return ok;
}

static bool note_trouble(Local *local, const Error *trouble, Error *err)
{
    if (!local_begin(local, err)) {
        return false;
    }
    if (!record_trouble(local, trouble, err) || !trend_note_before(local, err)) {
        local_rollback(local);
        return false;
    }
    return local_commit(local, err);
}

bool delivery_forget_trouble(Local *local, Error *err)
{
    static const char *const keys[] = {"sharing.failures", "sharing.retry_at", "sharing.stopped",
                                       "sharing.last_error"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (!local_set_setting(local, keys[i], NULL, err)) {
            return false;
        }
    }
    return true;
}

bool delivery_note_success(Local *local, Error *err)
{
    char now[CLOCK_TEXT_SIZE];
    clock_now(now);
    return delivery_forget_trouble(local, err) && local_set_setting(local, "sharing.last_delivery", now, err);
}

/* --- one deliverer at a time --- */

/* An advisory lock beside the file keeps deliveries of one history.db in turn; a dead process cannot hold it.
 * Safety does not rest on it: the fence tokens do that. Returns the descriptor, or -1. */
static int lock_deliveries(App *app, const Local *local, Deadline deadline, Error *err)
{
    char *path = text_format("%s.delivery", local_path(local));
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        error_set(err, ERROR_LOCAL, "%s can't be opened: %s", path, strerror(errno));
        error_hint(err, "make it a file that you may read and write, or remove it: amx makes it anew");
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
        app_progress(app, "waiting for another amx that delivers", 0, 0);
        poll(NULL, 0, 20);
    }
    free(path);
    return fd;
}

static bool deliver_locked(Round *round, Error *err)
{
    Deadline connect = round->how == DELIVERY_FLUSH ? app_connect_deadline(round->app) : round->deadline;
    app_progress(round->app, "waiting for the shared store", 0, 0);
    if (!delivery_open_shared(round->app, round->local, connect, &round->shared, &round->out->trouble)) {
        return true;
    }
    bool ok = delivery_rounds(round, err);
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
        char *why = NULL;
        if (!reason_to_wait(local, &why, err)) {
            return false;
        }
        if (why) {
            error_set(&out->trouble, ERROR_CONNECTION, "%s", why);
            explain_stop(local, &out->trouble);
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
    int asked = app_options(app)->timeout_ms;
    Deadline patience =
        how == DELIVERY_FLUSH ? deadline_in(asked > 0 ? asked : FLUSH_LOCK_MS) : round.deadline;
    int lock = lock_deliveries(app, local, patience, &out->trouble);
    if (lock < 0) {
        return outbox_count(local, &out->left, err);
    }
    out->attempted = true;
    bool ok = deliver_locked(&round, err);
    close(lock);
    if (ok && out->trouble.kind == ERROR_NONE && !round.noted) {
        ok = local_begin(local, err) && local_end(local, delivery_note_success(local, err), err);
    } else if (ok && out->trouble.kind != ERROR_NONE && out->trouble.kind != ERROR_INTERRUPTED) {
        ok = note_trouble(local, &out->trouble, err);
    }
    return ok && outbox_count(local, &out->left, err);
}
