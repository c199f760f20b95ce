#include "worker_internal.h"

#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "memory.h"
#include "text.h"
#include "thread.h"

#define CLOSE_SECONDS 3

void worker_wake_screen(Worker *worker)
{
    ssize_t ignored = write(worker->pipe[1], "", 1); /* a full pipe wakes it as well */
    (void)ignored;
}

void outcome_free(Outcome *outcome)
{
    free(outcome->line);
    report_free(&outcome->report);
    *outcome = (Outcome){0};
}

void worker_free_finished(Finished *finished)
{
    outcome_free(&finished->outcome);
    free(finished);
}

void worker_free_job(Job *job)
{
    free(job->line);
    free(job);
}

static Worker *worker_new(const AppOptions *options)
{
    Worker *worker = memory_zero(1, sizeof *worker);
    pthread_condattr_t attributes;
    worker->options = *options;
    pthread_mutex_init(&worker->opening, NULL);
    pthread_mutex_init(&worker->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&worker->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    return worker;
}

static void worker_free(Worker *worker)
{
    while (worker->finished) {
        Finished *finished = worker->finished;
        worker->finished = finished->next;
        worker_free_finished(finished);
    }
    for (size_t i = 0; i < LANES; i++) {
        while (worker->lanes[i].jobs) {
            Job *job = worker->lanes[i].jobs;
            worker->lanes[i].jobs = job->next;
            worker_free_job(job);
        }
        text_free(&worker->lanes[i].stream);
    }
    close(worker->pipe[0]);
    close(worker->pipe[1]);
    pthread_cond_destroy(&worker->wake);
    pthread_mutex_destroy(&worker->lock);
    pthread_mutex_destroy(&worker->opening);
    free(worker);
}

/* Ends the first `count` lanes; false when one does not end in time. */
static bool end_lanes(Worker *worker, size_t count)
{
    pthread_mutex_lock(&worker->lock);
    worker->closing = true;
    for (size_t i = 0; i < count; i++) {
        interrupt_raise_for_good(&worker->lanes[i].interrupt);
    }
    pthread_cond_broadcast(&worker->wake);
    pthread_mutex_unlock(&worker->lock);

    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += CLOSE_SECONDS;
    for (size_t i = 0; i < count; i++) {
        if (pthread_timedjoin_np(worker->lanes[i].thread, NULL, &until) != 0) {
            return false;
        }
    }
    return true;
}

bool worker_open(const AppOptions *options, Worker **out, Error *err)
{
    Worker *worker = worker_new(options);
    if (pipe2(worker->pipe, O_CLOEXEC | O_NONBLOCK) != 0) {
        worker->pipe[0] = worker->pipe[1] = -1;
        worker_free(worker);
        error_set(err, ERROR_SYSTEM, "no pipe for the screen's worker: too many open files");
        return error_hint(err, "end other programs, or raise the limit: ulimit -n");
    }
    for (size_t i = 0; i < LANES; i++) {
        worker->lanes[i] = (Lane){.worker = worker, .seen = SEEN_NEVER};
        if (!thread_start(&worker->lanes[i].thread, worker_lane_work, &worker->lanes[i])) {
            if (end_lanes(worker, i)) {
                worker_free(worker);
            }
            error_set(err, ERROR_SYSTEM, "the screen's worker threads can't be started");
            return error_hint(err, "end other programs, or raise the limit: ulimit -u");
        }
    }
    *out = worker;
    return true;
}

int worker_fd(const Worker *worker)
{
    return worker->pipe[0];
}

void worker_acknowledge(Worker *worker)
{
    char bytes[64];
    while (read(worker->pipe[0], bytes, sizeof bytes) > 0) {
    }
}

static void insert_job(Lane *lane, Job *job)
{
    Job **at = &lane->jobs;
    while (*at && !(job->kind == JOB_FOREGROUND && (*at)->kind != JOB_FOREGROUND)) {
        at = &(*at)->next;
    }
    job->next = *at;
    *at = job;
    if (job->kind == JOB_FOREGROUND && lane->running && lane->running->kind != JOB_FOREGROUND) {
        interrupt_raise(&lane->interrupt);
    }
}

/* Also with an option of a command that else writes. */
static bool only_reads(const Args *args)
{
    static const unsigned others = COMMAND_ASKS_IF_EXISTS | COMMAND_BARE | COMMAND_SCREEN;
    return args->command && !args->help && !command_writes(args) && !(args->command->flags & others);
}

bool worker_stays_at_home(const Args *args)
{
    return only_reads(args) && !command_is_remote(args);
}

/* Which lane a line runs in, and what follows from it. */
typedef struct Route {
    LaneName lane;
    bool must_run;   /* also when the worker closes: a person asked for it, and history.db is all it needs */
    bool shows_runs; /* those whose amx ended early have to be marked, which the reading lane may not do */
} Route;

static LaneName lane_of(const Command *command)
{
    return command->flags & COMMAND_ANSWERS  ? LANE_ANSWERS
           : command->flags & COMMAND_DRAFTS ? LANE_DRAFTS
                                             : LANE_COMMANDS;
}

static Route route_of(const char *line, JobKind kind)
{
    Route route = {.lane = LANE_COMMANDS};
    Args *args = NULL;
    if (!command_parse_line(line, &args, NULL)) {
        return route;
    }
    bool remote = command_is_remote(args);
    if (only_reads(args)) {
        route.lane = remote ? LANE_NETWORK : LANE_READS;
        route.shows_runs = text_starts(args->command->name, "history ");
    } else if (args->command && (args->command->flags & COMMAND_WRITES)) {
        route.lane = lane_of(args->command);
        route.must_run = kind == JOB_FOREGROUND && !remote && !args->help;
    }
    args_free(args);
    return route;
}

static void forget_waiting(Lane *lane, const void *owner)
{
    for (Job **at = &lane->jobs; *at;) {
        Job *job = *at;
        if (job->owner == owner) {
            *at = job->next;
            worker_free_job(job);
        } else {
            at = &job->next;
        }
    }
}

static void forget_finished(Worker *worker, const void *owner)
{
    for (Finished **at = &worker->finished; *at;) {
        Finished *finished = *at;
        if (finished->owner == owner) {
            *at = finished->next;
            worker_free_finished(finished);
        } else {
            at = &finished->next;
        }
    }
}

/* The lock is held. */
static void forget(Worker *worker, const void *owner)
{
    for (size_t i = 0; i < LANES; i++) {
        Lane *lane = &worker->lanes[i];
        forget_waiting(lane, owner);
        if (lane->running && lane->running->owner == owner) {
            lane->running->forgotten = true;
            interrupt_raise(&lane->interrupt);
        }
    }
    forget_finished(worker, owner);
}

/* Has the runs of amxs that ended early marked, once for all who ask while it waits. The lock is held. */
static void settle_runs(Worker *worker)
{
    Lane *lane = &worker->lanes[LANE_COMMANDS];
    for (const Job *job = lane->jobs; job; job = job->next) {
        if (!job->line) {
            return;
        }
    }
    Job *job = memory_zero(1, sizeof *job);
    job->kind = JOB_BACKGROUND;
    job->ticket = ++worker->last_ticket;
    insert_job(lane, job);
}

static unsigned submit(Worker *worker, const void *owner, const char *line, JobKind kind)
{
    Job *job = memory_zero(1, sizeof *job);
    job->kind = kind;
    job->owner = owner;
    job->line = memory_string(line);
    Route route = route_of(line, kind);
    job->must_run = route.must_run;
    pthread_mutex_lock(&worker->lock);
    if (owner) {
        forget(worker, owner);
    }
    unsigned ticket = job->ticket = ++worker->last_ticket;
    insert_job(&worker->lanes[route.lane], job);
    if (route.shows_runs) {
        settle_runs(worker);
    }
    pthread_cond_broadcast(&worker->wake);
    pthread_mutex_unlock(&worker->lock);
    return ticket;
}

unsigned worker_submit(Worker *worker, const char *line, JobKind kind)
{
    return submit(worker, NULL, line, kind);
}

unsigned worker_read(Worker *worker, const void *owner, const char *line)
{
    return submit(worker, owner, line, JOB_READ);
}

void worker_forget(Worker *worker, const void *owner)
{
    pthread_mutex_lock(&worker->lock);
    forget(worker, owner);
    pthread_mutex_unlock(&worker->lock);
}

bool worker_changed(Worker *worker)
{
    pthread_mutex_lock(&worker->lock);
    bool changed = worker->changed;
    worker->changed = false;
    pthread_mutex_unlock(&worker->lock);
    return changed;
}

bool worker_take(Worker *worker, Outcome *out)
{
    pthread_mutex_lock(&worker->lock);
    Finished *finished = worker->finished;
    if (finished) {
        worker->finished = finished->next;
    }
    pthread_mutex_unlock(&worker->lock);
    if (!finished) {
        return false;
    }
    *out = finished->outcome;
    free(finished);
    return true;
}

static bool runs_for_a_person(const Lane *lane)
{
    return lane->running && lane->running->kind == JOB_FOREGROUND;
}

void worker_stop(Worker *worker, unsigned ticket)
{
    pthread_mutex_lock(&worker->lock);
    for (size_t i = 0; i < LANES; i++) {
        Lane *lane = &worker->lanes[i];
        if (lane->running && lane->running->ticket == ticket) {
            interrupt_raise(&lane->interrupt);
        }
    }
    pthread_cond_broadcast(&worker->wake); /* what waits for an answer is told as well */
    pthread_mutex_unlock(&worker->lock);
}

static WorkerState state_of(const Lane *lane)
{
    WorkerState state = {.ticket = lane->running->ticket, .done = lane->done, .total = lane->total};
    text_copy(state.what, sizeof state.what, lane->what);
    text_copy(state.line, sizeof state.line, lane->running->line);
    for (const Job *job = lane->jobs; job; job = job->next) {
        state.queued += job->kind == JOB_FOREGROUND;
    }
    return state;
}

size_t worker_states(Worker *worker, WorkerState states[WORKER_LANES])
{
    size_t count = 0;
    pthread_mutex_lock(&worker->lock);
    for (size_t i = 0; i < LANES; i++) {
        if (runs_for_a_person(&worker->lanes[i])) {
            states[count++] = state_of(&worker->lanes[i]);
        }
    }
    pthread_mutex_unlock(&worker->lock);
    return count;
}

/* The lock is held. */
static bool take_stream(Lane *lane, Streamed *out)
{
    if (!runs_for_a_person(lane) || (lane->stream.length == 0 && !lane->stream_anew)) {
        return false;
    }
    *out =
        (Streamed){.ticket = lane->running->ticket, .anew = lane->stream_anew, .length = lane->stream.length};
    out->text = text_take(&lane->stream);
    lane->stream_anew = false;
    return true;
}

bool worker_stream(Worker *worker, Streamed *out)
{
    bool taken = false;
    pthread_mutex_lock(&worker->lock);
    for (size_t i = 0; i < LANES && !taken; i++) {
        taken = take_stream(&worker->lanes[i], out);
    }
    pthread_mutex_unlock(&worker->lock);
    return taken;
}

char *worker_question(Worker *worker)
{
    char *question = NULL;
    pthread_mutex_lock(&worker->lock);
    if (worker->question == QUESTION_ASKED) {
        worker->question = QUESTION_SHOWN;
        question = memory_string(worker->question_text);
    }
    pthread_mutex_unlock(&worker->lock);
    return question;
}

void worker_answer(Worker *worker, bool yes)
{
    pthread_mutex_lock(&worker->lock);
    if (worker->question == QUESTION_SHOWN) {
        worker->question = yes ? QUESTION_YES : QUESTION_NO;
        pthread_cond_broadcast(&worker->wake);
    }
    pthread_mutex_unlock(&worker->lock);
}

bool worker_close(Worker *worker)
{
    bool ended = end_lanes(worker, LANES);
    if (ended) {
        worker_free(worker);
    }
    return ended;
}
