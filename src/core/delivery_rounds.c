/* Batch after batch: sending one while the next is read, until nothing is left that can go. */
#include "delivery_rounds.h"

#include <stdlib.h>

#include "doubt.h"
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

/* --- one batch --- */

/* A batch that is being sent, in a thread of its own where there is something to do meanwhile. */
typedef struct Sending {
    Shared *shared;
    OutboxBatch *batch;
    Deadline deadline;
    bool sent;
    SharedAnswer answer;
    Error trouble;
} Sending;

static void *run_sending(void *context)
{
    Sending *sending = context;
    sending->sent =
        shared_send(sending->shared, sending->batch, sending->deadline, &sending->answer, &sending->trouble);
    return NULL;
}

/* Sends a batch. While the server works, reads what comes next into *ahead, owned by the caller; NULL where
 * that is not worth it, or failed: then the rows are chosen in their turn. */
static void send_batch(const Round *round, Sending *sending, OutboxBatch **ahead)
{
    pthread_t thread;
    *ahead = NULL;
    int64_t more = round->total - round->out->delivered - (int64_t)sending->batch->row_count;
    if (more <= 0 || sending->batch->row_count == 0 || !thread_start(&thread, run_sending, sending)) {
        run_sending(sending);
        return;
    }
    outbox_look_ahead(round->local, sending->batch, batch_limit, ahead, NULL);
    pthread_join(thread, NULL);
}

/* Between two batches: out of time is no trouble, the rest is simply still queued. */
static bool must_stop(const Round *round)
{
    return interrupt_requested() ||
           (round->how == DELIVERY_AFTER_COMMAND && deadline_left(round->deadline) < 100);
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

/* Acknowledges, notes that the store took something, and mints the next batch, in one transaction. */
static bool acknowledge(Round *round, const OutboxBatch *batch, OutboxBatch *ahead, bool stuck, bool *counted,
                        OutboxBatch **next, Error *err)
{
    bool stop = must_stop(round);
    if (stop) {
        outbox_free(ahead);
        ahead = NULL;
    }
    if (!local_begin(round->local, err)) {
        outbox_free(ahead);
        return false;
    }
    if (!(stop ? outbox_acknowledge(round->local, batch, counted, err)
               : outbox_turn(round->local, batch, ahead, batch_limit, counted, next, err))) {
        return false;
    }
    bool last = !*next || (*next)->row_count == 0 || (*counted && stuck);
    bool ok = local_end(round->local, !*counted || delivery_note_success(round->local, err), err);
    if (last || !ok) {
        outbox_free(*next);
        *next = NULL;
    }
    round->noted = ok && *counted;
    return ok;
}

static bool settle_sent(Round *round, const OutboxBatch *batch, OutboxBatch *ahead, OutboxBatch **next,
                        Error *err)
{
    Outcome outcome = outcome_of(batch);
    bool counted = false;
    round->waited += outcome.waiting;
    bool stuck = outcome.confirmed + outcome.refused == 0 && round->waited >= round->total;
    if (!acknowledge(round, batch, ahead, stuck, &counted, next, err)) {
        return false;
    }
    if (counted) {
        round->out->delivered += outcome.confirmed;
        round->out->parked += outcome.refused;
    }
    return true;
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

/* Delivers one batch; *next is the one after it, NULL when that was all. False: the local store failed. */
static bool deliver_batch(Round *round, OutboxBatch *batch, OutboxBatch **next, Error *err)
{
    Sending sending = {.shared = round->shared, .batch = batch, .deadline = step_deadline(round)};
    OutboxBatch *ahead;
    bool more = false;
    send_batch(round, &sending, &ahead);
    if (!sending.sent) {
        explain_missing(&sending.trouble);
        round->out->trouble = sending.trouble;
        outbox_free(ahead);
        return outbox_note_failure(round->local, batch, sending.trouble.message, err);
    }
    if (sending.answer.verdict == SHARED_STRANGE) {
        outbox_free(ahead);
        return settle_doubt(round, batch, &more, err) &&
               (!more || must_stop(round) || outbox_mint(round->local, batch_limit, next, err));
    }
    if (!explain_verdict(round->shared, &sending.answer, &round->out->trouble) || batch->row_count == 0) {
        outbox_free(ahead);
        return true;
    }
    return settle_sent(round, batch, ahead, next, err);
}

bool delivery_rounds(Round *round, Error *err)
{
    OutboxBatch *batch = NULL;
    bool ok = outbox_mint(round->local, batch_limit, &batch, err);
    while (ok && batch && round->out->trouble.kind == ERROR_NONE) {
        OutboxBatch *next = NULL;
        ok = deliver_batch(round, batch, &next, err);
        outbox_free(batch);
        batch = next;
        app_progress(round->app, "delivering", round->out->delivered, round->total);
        if (ok && interrupt_requested() && round->out->trouble.kind == ERROR_NONE) {
            error_set(&round->out->trouble, ERROR_INTERRUPTED, "interrupted");
        }
    }
    outbox_free(batch);
    /* somebody switched sharing off meanwhile: that ends the delivery */
    return ok || err->kind == ERROR_USAGE;
}
