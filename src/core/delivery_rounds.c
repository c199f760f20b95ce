/* Batch after batch: sending one while the next is read, until nothing is left that can go. */
#include "delivery_rounds.h"

#include <stdlib.h>

#include "doubt.h"
#include "memory.h"
#include "text.h"
#include "thread.h"

#define FLUSH_STEP_MS 30000
static const OutboxLimit batch_limit = {.rows = 4000, .bytes = 4u << 20};

/* --- what the store answers --- */

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
                          "history-store disable, then drop-pending, and enable the new store");
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
    return false; /* not reached: -Wswitch names a verdict that is missing above */
}

/* The server's words say which table is missing; a person needs to know what became of the schema. */
static void explain_missing(Error *trouble)
{
    if (text_equal(trouble->sqlstate, "42P01") || text_equal(trouble->sqlstate, "3F000")) {
        error_prefix(trouble, "the shared schema was dropped, or is not whole: ");
        error_hint(trouble,
                   "the rows stay queued; to share them into a new schema: amx db history-store disable, "
                   "drop-pending, enable, then migrate-from-local");
    }
}

bool delivery_check(Local *local, Shared *shared, Deadline deadline, Error *err)
{
    OutboxBatch *question = NULL;
    SharedAnswer answer;
    bool ok = outbox_question(local, &question, err) &&
              shared_send(shared, question, deadline, &answer, err) && explain_verdict(shared, &answer, err);
    if (!ok && err) {
        explain_missing(err);
    }
    outbox_free(question);
    return ok;
}

/* A store that shows a strange token again and again is being written by somebody else of this file. */
#define DOUBTS 5

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
        notice = text_format("%s went back in time; %lld row%s that it lost %s sent again",
                             shared_target(round->shared), (long long)finding->marked,
                             text_plural(finding->marked), finding->marked == 1 ? "is" : "are");
    } else if (finding->verdict == DOUBT_FILE_IS_COPY) {
        notice = text_format(
            "this history.db is a copy, or was restored from a backup: it goes on as a new origin, and its "
            "%lld row%s shared again under it%s",
            (long long)finding->marked, finding->marked == 1 ? " is" : "s are",
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
        error_hint(&round->out->trouble,
                   "end it there, or move its copy away; the rows stay queued until: amx "
                   "db history-store flush-pending");
    }
    return true;
}

/* --- a batch on its way --- */

typedef enum Going { UNDECIDED, GO, STAY } Going;

/* A batch that is being sent, in a thread of its own where there is something to do meanwhile. One that sets
 * out early is not minted yet: its rows travel, and its token waits to hear whether it was. */
typedef struct Sending {
    const Round *round; /* the thread looks only at what stays as it is */
    OutboxBatch *batch;
    bool sent;
    SharedAnswer answer;
    Error trouble;
    bool threaded;
    pthread_t thread;
    bool early;
    bool called_off;      /* it stayed, and left the connection as it was */
    pthread_mutex_t lock; /* over going */
    pthread_cond_t decided;
    Going going;
} Sending;

static bool wait_for_decision(Sending *sending)
{
    pthread_mutex_lock(&sending->lock);
    while (sending->going == UNDECIDED) {
        pthread_cond_wait(&sending->decided, &sending->lock);
    }
    bool go = sending->going == GO;
    pthread_mutex_unlock(&sending->lock);
    return go;
}

static void *run_sending(void *context)
{
    Sending *sending = context;
    Shared *shared = sending->round->shared;
    Deadline deadline = step_deadline(sending->round);
    if (sending->early) {
        shared_stage(shared, sending->batch, deadline);
        if (!wait_for_decision(sending)) {
            sending->called_off = shared_unstage(shared, deadline, &sending->trouble);
            return NULL;
        }
    }
    sending->sent = shared_send(shared, sending->batch, deadline, &sending->answer, &sending->trouble);
    return NULL;
}

static Sending *new_sending(const Round *round, OutboxBatch *batch)
{
    Sending *sending = memory_zero(1, sizeof *sending);
    sending->round = round;
    sending->batch = batch;
    pthread_mutex_init(&sending->lock, NULL);
    pthread_cond_init(&sending->decided, NULL);
    return sending;
}

/* Waits until it has arrived, or not. */
static void join(Sending *sending)
{
    if (sending->threaded) {
        pthread_join(sending->thread, NULL);
        sending->threaded = false;
    }
}

static void free_sending(Sending *sending)
{
    if (sending) {
        join(sending);
        pthread_cond_destroy(&sending->decided);
        pthread_mutex_destroy(&sending->lock);
        free(sending);
    }
}

/* Is there something to read behind this batch, while it is on its way? */
static bool has_more(const Round *round, const OutboxBatch *batch)
{
    return batch->row_count > 0 && round->total - round->out->delivered > (int64_t)batch->row_count;
}

/* Sends a minted batch, which stays the caller's. */
static Sending *set_out(const Round *round, OutboxBatch *batch)
{
    Sending *sending = new_sending(round, batch);
    sending->threaded = has_more(round, batch) && thread_start(&sending->thread, run_sending, sending);
    if (!sending->threaded) {
        run_sending(sending);
    }
    return sending;
}

/* Sends the rows of what was read ahead, while it is being minted; NULL where that is not worth it. */
static Sending *set_out_early(const Round *round, OutboxBatch *ahead)
{
    if (!ahead || !shared_may_stage(round->shared, ahead)) {
        return NULL;
    }
    Sending *sending = new_sending(round, ahead);
    sending->early = true;
    sending->threaded = thread_start(&sending->thread, run_sending, sending);
    if (!sending->threaded) {
        free_sending(sending);
        return NULL;
    }
    return sending;
}

static void decide(Sending *sending, bool go)
{
    pthread_mutex_lock(&sending->lock);
    sending->going = go ? GO : STAY;
    pthread_cond_signal(&sending->decided);
    pthread_mutex_unlock(&sending->lock);
}

/* --- what became of it --- */

/* Between two batches: out of time is no trouble, the rest is simply still queued. */
static bool must_stop(const Round *round)
{
    return interrupt_requested() ||
           (round->how == DELIVERY_AFTER_COMMAND && deadline_left(round->deadline) < 100);
}

/* Nor is it trouble in the midst of one: the store took what came before, and this amx waits no longer. A
 * store that took nothing may as well be out of reach. */
static bool ran_out_of_time(const Round *round, const Error *trouble)
{
    return round->how == DELIVERY_AFTER_COMMAND && trouble->kind == ERROR_TIMEOUT &&
           deadline_left(round->deadline) == 0 && round->out->delivered + round->out->parked > 0;
}

/* What became of the rows of a batch. */
typedef struct Outcome {
    int64_t confirmed;
    int64_t refused;
    int64_t waiting; /* their parent is not there; they go to the tail of the queue */
} Outcome;

static Outcome outcome_of(const OutboxBatch *batch)
{
    Outcome outcome = {0};
    for (size_t i = 0; i < batch->row_count; i++) {
        outcome.confirmed += batch->rows[i].result == OUTBOX_CONFIRMED;
        outcome.refused += batch->rows[i].result == OUTBOX_REFUSED;
        outcome.waiting += batch->rows[i].result == OUTBOX_WAITS;
    }
    return outcome;
}

/* Acknowledges, notes that the store took something, and mints the next batch, *next, in one transaction.
 * `ahead` stays the caller's; *next may be it. */
static bool acknowledge(Round *round, const OutboxBatch *batch, OutboxBatch *ahead, OutboxBatch **next,
                        Error *err)
{
    bool counted = false;
    Outcome outcome = outcome_of(batch);
    round->waited += outcome.waiting;
    bool stuck = outcome.confirmed + outcome.refused == 0 && round->waited >= round->total;
    if (!local_begin(round->local, err)) {
        return false;
    }
    if (!(must_stop(round) ? outbox_acknowledge(round->local, batch, &counted, err)
                           : outbox_turn(round->local, batch, ahead, batch_limit, &counted, next, err))) {
        return false;
    }
    bool last = !*next || (*next)->row_count == 0 || (counted && stuck);
    bool ok = local_end(round->local, !counted || delivery_note_success(round->local, err), err);
    if (last || !ok) {
        if (*next != ahead) {
            outbox_free(*next);
        }
        *next = NULL;
    }
    round->noted = ok && counted;
    if (round->noted) {
        round->out->delivered += outcome.confirmed;
        round->out->parked += outcome.refused;
    }
    return ok;
}

/* The turn from one batch to the next, which is on its way already when this returns. `ahead` is taken over.
 */
static bool turn(Round *round, const OutboxBatch *batch, OutboxBatch *ahead, Sending **next, Error *err)
{
    OutboxBatch *minted = NULL;
    /* what was read ahead counts only if all of the batch was confirmed */
    bool certain = outcome_of(batch).confirmed == (int64_t)batch->row_count && !must_stop(round);
    Sending *early = certain ? set_out_early(round, ahead) : NULL;
    bool ok = acknowledge(round, batch, ahead, &minted, err);
    bool as_read = minted && minted == ahead;
    if (early) {
        decide(early, as_read);
    }
    if (early && as_read) {
        *next = early;
        return ok;
    }
    if (early) {
        join(early);
        if (minted && !early->called_off) {
            if (!ran_out_of_time(round, &early->trouble)) {
                round->out->trouble = early->trouble;
            }
            outbox_free(minted); /* its token stays pending, which does no harm */
            minted = NULL;
        }
        free_sending(early);
    }
    if (!as_read) {
        outbox_free(ahead);
    }
    *next = minted ? set_out(round, minted) : NULL;
    return ok;
}

/* The store showed a strange token. */
static bool begin_anew(Round *round, const OutboxBatch *batch, Sending **next, Error *err)
{
    bool more = false;
    OutboxBatch *minted = NULL;
    bool ok = settle_doubt(round, batch, &more, err) &&
              (!more || must_stop(round) || outbox_mint(round->local, batch_limit, &minted, err));
    *next = minted ? set_out(round, minted) : NULL;
    return ok;
}

/* Reads ahead while a batch is on its way, and does what its arrival calls for; *next is then on its way,
 * NULL when that was all. False: the local store failed. */
static bool deliver_batch(Round *round, Sending *sending, Sending **next, Error *err)
{
    OutboxBatch *batch = sending->batch;
    OutboxBatch *ahead = NULL;
    if (sending->threaded) {
        /* where that fails the rows are chosen in their turn */
        outbox_look_ahead(round->local, batch, batch_limit, &ahead, NULL);
    }
    join(sending);
    if (sending->sent && sending->answer.verdict == SHARED_SENT && batch->row_count > 0) {
        return turn(round, batch, ahead, next, err);
    }
    outbox_free(ahead);
    if (!sending->sent && ran_out_of_time(round, &sending->trouble)) {
        return true;
    }
    if (!sending->sent) {
        explain_missing(&sending->trouble);
        round->out->trouble = sending->trouble;
        return outbox_note_failure(round->local, batch, sending->trouble.message, err);
    }
    if (sending->answer.verdict == SHARED_STRANGE) {
        return begin_anew(round, batch, next, err);
    }
    explain_verdict(round->shared, &sending->answer, &round->out->trouble);
    return true;
}

bool delivery_rounds(Round *round, Error *err)
{
    OutboxBatch *batch = NULL;
    app_progress(round->app, "delivering", round->out->delivered, round->total);
    bool ok = outbox_mint(round->local, batch_limit, &batch, err);
    Sending *sending = ok ? set_out(round, batch) : NULL;
    while (sending) {
        Sending *next = NULL;
        ok = deliver_batch(round, sending, &next, err);
        outbox_free(sending->batch);
        free_sending(sending);
        sending = next;
        app_progress(round->app, "delivering", round->out->delivered, round->total);
    }
    if (ok && interrupt_requested() && round->out->trouble.kind == ERROR_NONE) {
        error_set(&round->out->trouble, ERROR_INTERRUPTED, "interrupted");
        error_hint(&round->out->trouble,
                   "the rest stays queued; go on with: amx db history-store flush-pending");
    }
    /* somebody switched sharing off meanwhile: that ends the delivery */
    return ok || err->kind == ERROR_USAGE;
}
