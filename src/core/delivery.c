#include "delivery.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "doubt.h"
#include "memory.h"
#include "sharing.h"
#include "text.h"

#define BATCH_ROWS 4000
#define BATCH_BYTES (4u << 20)
#define FLUSH_STEP_MS 30000
/* A store that failed rests 1, 2, 4 .. seconds, at most five minutes, before a command tries it again. */
#define LONGEST_REST_S 300

/* --- where to --- */

bool delivery_place(Local *local, DeliveryPlace *out, Error *err)
{
    *out = (DeliveryPlace){0};
    return local_setting(local, "sharing.profile", &out->profile, err) &&
           local_setting(local, "sharing.schema", &out->schema, err) &&
           local_setting(local, "sharing.target", &out->target, err);
}

void delivery_place_free(DeliveryPlace *place)
{
    free(place->profile);
    free(place->schema);
    free(place->target);
    *place = (DeliveryPlace){0};
}

bool delivery_set_place(Local *local, const char *profile, const char *schema, const char *target, Error *err)
{
    return local_set_setting(local, "sharing.profile", profile, err) &&
           local_set_setting(local, "sharing.schema", schema, err) &&
           local_set_setting(local, "sharing.target", target, err);
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
    if (!record_trouble(local, trouble, err)) {
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

/* --- one deliverer at a time --- */

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

/* --- sending --- */

/* Turns a verdict that is not "sent" into words. */
static bool explain_verdict(const Shared *shared, const SharedAnswer *answer, Error *trouble)
{
    switch (answer->verdict) {
    case SHARED_SENT:
        return true;
    case SHARED_STRANGE:
        error_set(trouble, ERROR_GUARD,
                  "%s shows %s for this history.db: the file was copied or restored from a backup, or the "
                  "shared store was",
                  shared_target(shared),
                  *answer->token ? "a delivery token that is not its last one" : "no delivery yet");
        return error_hint(
            trouble, "the next delivery finds out which, and mends it: amx db history-store flush-pending");
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
    case SHARED_TOO_OLD:
        error_set(trouble, ERROR_GUARD,
                  "%s has schema version %lld; this amx writes version %d, which one of the team "
                  "must bring about with: amx db history-store enable",
                  shared_target(shared), (long long)answer->version, SYNCED_VERSION);
        return error_hint(
            trouble, "an older amx can't deliver there any more then; rows stay queued until it is done");
    }
    return false;
}

bool delivery_check(Local *local, Shared *shared, Deadline deadline, Error *err)
{
    OutboxBatch *question = NULL;
    SharedAnswer answer;
    bool ok = outbox_question(local, &question, err) &&
              shared_send(shared, question, deadline, &answer, err) && explain_verdict(shared, &answer, err);
    outbox_free(question);
    return ok;
}

/* A store that shows a strange token again and again is being written by somebody else of this file. */
#define DOUBTS 5

typedef struct Round {
    App *app;
    Local *local;
    Shared *shared;
    DeliveryHow how;
    Deadline deadline; /* of the whole delivery, after a command */
    Delivery *out;
    int64_t total;
    int doubts;     /* strange tokens met */
    int64_t waited; /* rows met whose parent the store lacks; they went to the tail of the queue */
} Round;

static Deadline step_deadline(const Round *round)
{
    int configured = app_options(round->app)->timeout_ms;
    return round->how == DELIVERY_FLUSH ? deadline_in(configured > 0 ? configured : FLUSH_STEP_MS)
                                        : round->deadline;
}

static void tell_finding(const Round *round, const DoubtFinding *finding)
{
    char *notice = NULL;
    if (finding->verdict == DOUBT_STORE_WENT_BACK) {
        notice = text_format("%s went back in time; %lld rows that it lost are sent again",
                             shared_target(round->shared), (long long)finding->marked);
    } else if (finding->verdict == DOUBT_FILE_IS_COPY) {
        notice = text_format(
            "this history.db is a copy, or was restored from a backup: it goes on as a new origin, and its "
            "%lld rows are shared again under it%s",
            (long long)finding->marked,
            finding->unwithdrawn ? "; deletes that can't reach the old ones are listed in: amx history events"
                                 : "");
    }
    if (notice) {
        text_copy(round->out->notice, sizeof round->out->notice, notice);
    }
    free(notice);
}

/* The store shows a token that the batch does not accept: finds out why, mends it, and says whether to go on.
 */
static bool settle_doubt(Round *round, const OutboxBatch *batch, bool *more, Error *err)
{
    DoubtFinding finding;
    Error why = {0};
    if (!doubt_judge(round->local, batch, round->shared, step_deadline(round), &finding, &why)) {
        if (why.kind == ERROR_LOCAL) {
            *err = why;
            return false;
        }
        round->out->trouble = why;
        return true;
    }
    tell_finding(round, &finding);
    *more = ++round->doubts < DOUBTS;
    if (!*more) {
        error_set(&round->out->trouble, ERROR_DATABASE,
                  "%s: another amx delivers from a copy of this history.db at the same time",
                  shared_target(round->shared));
    }
    return true;
}

/* One batch. *more says whether another is worth it. False: the local store failed. */
static bool deliver_batch(Round *round, bool *more, Error *err)
{
    OutboxBatch *batch = NULL;
    SharedAnswer answer;
    *more = false;
    if (!outbox_mint(round->local, BATCH_ROWS, BATCH_BYTES, &batch, err)) {
        return err->kind == ERROR_USAGE; /* somebody switched sharing off meanwhile: that ends the delivery */
    }
    bool ok = true;
    if (!shared_send(round->shared, batch, step_deadline(round), &answer, &round->out->trouble)) {
        ok = outbox_note_failure(round->local, batch, round->out->trouble.message, err);
    } else if (answer.verdict == SHARED_STRANGE) {
        ok = settle_doubt(round, batch, more, err);
    } else if (explain_verdict(round->shared, &answer, &round->out->trouble) && batch->row_count > 0) {
        bool counted = false;
        ok = outbox_acknowledge(round->local, batch, &counted, err);
        size_t confirmed = 0;
        for (size_t i = 0; i < batch->row_count; i++) {
            confirmed += batch->rows[i].result == OUTBOX_CONFIRMED;
            round->waited += batch->rows[i].result == OUTBOX_WAITS;
        }
        if (ok && counted) {
            round->out->delivered += (int64_t)confirmed;
            round->out->parked += (int64_t)answer.refused;
        }
        *more = ok && (!counted || confirmed + answer.refused > 0 || round->waited < round->total);
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
        char *why = NULL;
        if (!reason_to_wait(local, &why, err)) {
            return false;
        }
        if (why) {
            error_set(&out->trouble, ERROR_CONNECTION, "%s", why);
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
