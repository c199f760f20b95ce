#include "worker.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "memory.h"
#include "text.h"
#include "thread.h"

#define CLOSE_SECONDS 3
#define LOOK_MS 400 /* how often the reading lane looks for what others wrote */

typedef enum LaneName { LANE_COMMANDS, LANE_READS, LANE_NETWORK, LANES } LaneName;

typedef struct Job {
    struct Job *next;
    unsigned ticket;
    JobKind kind;
    const void *owner; /* of a read, or NULL */
    char *line;
    bool forgotten; /* while it runs: nobody waits for its outcome any more */
} Job;

typedef struct Finished {
    struct Finished *next;
    const void *owner;
    Outcome outcome;
} Finished;

typedef enum Question { QUESTION_NONE, QUESTION_ASKED, QUESTION_SHOWN, QUESTION_YES, QUESTION_NO } Question;

typedef struct Lane {
    Worker *worker;
    pthread_t thread;
    App *app;     /* of the thread; NULL until it is needed */
    int64_t seen; /* of the thread: local_seen, or SEEN_* */
    Interrupt interrupt;
    Job *jobs; /* in the order they run */
    Job *running;
    char what[80]; /* progress of what runs */
    long long done;
    long long total;
} Lane;

enum { SEEN_NEVER = -2, SEEN_NO_FILE = -1 };

struct Worker {
    AppOptions options;
    pthread_mutex_t opening; /* one amx.conf is read at a time: its parser has a state of its own */
    pthread_mutex_t lock;    /* guards everything below, and in the lanes what is not the thread's */
    pthread_cond_t wake;
    int pipe[2];
    unsigned last_ticket;
    Lane lanes[LANES];
    Finished *finished;
    Question question;
    char *question_text;
    bool changed;
    bool closing;
};

static void wake_screen(Worker *worker)
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

static void finished_free(Finished *finished)
{
    outcome_free(&finished->outcome);
    free(finished);
}

static void job_free(Job *job)
{
    free(job->line);
    free(job);
}

/* ProgressFunction of a lane's App; runs in the lane. */
static void show_progress(void *context, const char *what, long long done, long long total)
{
    Lane *lane = context;
    pthread_mutex_lock(&lane->worker->lock);
    text_copy(lane->what, sizeof lane->what, what);
    lane->done = done;
    lane->total = total;
    pthread_mutex_unlock(&lane->worker->lock);
    wake_screen(lane->worker);
}

/* AskFunction of the App that runs commands: hands the question to the screen and waits for the answer. */
static bool ask_screen(void *context, const char *question)
{
    Worker *worker = context;
    pthread_mutex_lock(&worker->lock);
    worker->question = QUESTION_ASKED;
    worker->question_text = memory_string(question);
    wake_screen(worker);
    while (worker->question != QUESTION_YES && worker->question != QUESTION_NO && !worker->closing) {
        pthread_cond_wait(&worker->wake, &worker->lock);
    }
    bool yes = worker->question == QUESTION_YES;
    worker->question = QUESTION_NONE;
    free(worker->question_text);
    worker->question_text = NULL;
    pthread_mutex_unlock(&worker->lock);
    return yes;
}

/* The options of one job: what its line says, else what the screen was started with. */
static AppOptions merge_options(Lane *lane, const AppOptions *line)
{
    Worker *worker = lane->worker;
    AppOptions merged = worker->options;
    merged.config_path = line->config_path ? line->config_path : merged.config_path;
    merged.profile = line->profile ? line->profile : merged.profile;
    merged.local_only = merged.local_only || line->local_only;
    merged.read_only = merged.read_only || line->read_only;
    merged.timeout_ms = line->timeout_ms > 0 ? line->timeout_ms : merged.timeout_ms;
    merged.progress = show_progress;
    merged.progress_context = lane;
    merged.ask = lane == &worker->lanes[LANE_COMMANDS] ? ask_screen : NULL;
    merged.ask_context = worker;
    return merged;
}

/* Gives the lane its App, if it has none yet. */
static bool open_app(Lane *lane, const AppOptions *options, Error *err)
{
    pthread_mutex_lock(&lane->worker->opening);
    bool ok = lane->app || app_open(options, &lane->app, err);
    pthread_mutex_unlock(&lane->worker->opening);
    return ok;
}

/* Help and version are answered without running anything. */
static bool answer_help(const Args *args, Report *report)
{
    if (args->version) {
        report_note(report, "amx %s", AMX_VERSION);
    } else if (args->help || !args->command) {
        report_document(report, NULL, command_help(args->command ? args->command->name : NULL));
    } else {
        return false;
    }
    return true;
}

static bool run_bare(Lane *lane, const Args *args, Outcome *outcome)
{
    pthread_mutex_lock(&lane->worker->opening);
    bool done = command_run_bare(args, &outcome->report, &outcome->error);
    pthread_mutex_unlock(&lane->worker->opening);
    return done;
}

static void run_command(Lane *lane, Args *args, Outcome *outcome)
{
    args->app = merge_options(lane, &args->app);
    if (open_app(lane, &args->app, &outcome->error)) {
        outcome->done = command_run(lane->app, args, &outcome->report, &outcome->error);
        /* The strings of this line's options die with its Args. */
        AppOptions lasting = merge_options(lane, &(AppOptions){0});
        app_set_options(lane->app, &lasting);
    }
}

static void run_job(Lane *lane, const Job *job, Outcome *outcome)
{
    Args *args = NULL;
    outcome->ticket = job->ticket;
    outcome->kind = job->kind;
    outcome->line = memory_string(job->line);
    if (!command_parse_line(job->line, &args, &outcome->error)) {
        return;
    }
    outcome->flags = args->command ? args->command->flags : 0;
    if (answer_help(args, &outcome->report)) {
        outcome->done = true;
    } else if (args->command->flags & COMMAND_BARE) {
        outcome->done = run_bare(lane, args, outcome);
    } else {
        run_command(lane, args, outcome);
    }
    args_free(args);
}

/* Looks whether somebody has written into history.db; tells the screen when that is so. */
static void look_for_changes(Lane *lane)
{
    Worker *worker = lane->worker;
    AppOptions options = merge_options(lane, &(AppOptions){0});
    Local *local = NULL;
    int64_t seen = SEEN_NO_FILE;
    if (!open_app(lane, &options, NULL) || !app_local_read(lane->app, &local, NULL) ||
        (local && !local_seen(local, &seen, NULL))) {
        return; /* whoever reads it next is told why not */
    }
    bool changed = lane->seen != SEEN_NEVER && lane->seen != seen;
    lane->seen = seen;
    if (changed) {
        pthread_mutex_lock(&worker->lock);
        worker->changed = true;
        pthread_mutex_unlock(&worker->lock);
        wake_screen(worker);
    }
}

static bool watches(const Lane *lane)
{
    return lane == &lane->worker->lanes[LANE_READS];
}

/* Waits for a job, or the time to look around; false when it is time. The lock is held. */
static bool await_job(Lane *lane)
{
    Worker *worker = lane->worker;
    int64_t until = deadline_in(LOOK_MS);
    struct timespec time = {.tv_sec = until / 1000, .tv_nsec = (until % 1000) * 1000000};
    while (!lane->jobs && !worker->closing) {
        if (!watches(lane)) {
            pthread_cond_wait(&worker->wake, &worker->lock);
        } else if (pthread_cond_timedwait(&worker->wake, &worker->lock, &time) == ETIMEDOUT) {
            return lane->jobs || worker->closing;
        }
    }
    return true;
}

/* Waits for a job and marks it as running; NULL when the worker closes. */
static Job *next_job(Lane *lane)
{
    Worker *worker = lane->worker;
    pthread_mutex_lock(&worker->lock);
    while (!await_job(lane)) {
        pthread_mutex_unlock(&worker->lock);
        look_for_changes(lane);
        pthread_mutex_lock(&worker->lock);
    }
    Job *job = worker->closing ? NULL : lane->jobs;
    if (job) {
        lane->jobs = job->next;
        lane->running = job;
        interrupt_clear(); /* under the lock: a stop that was meant for the last job must not hit this one */
        lane->what[0] = '\0';
    }
    pthread_mutex_unlock(&worker->lock);
    if (job && job->kind == JOB_FOREGROUND) {
        wake_screen(worker); /* which says what runs */
    }
    return job;
}

static void finish_job(Lane *lane, Job *job, Finished *finished)
{
    Worker *worker = lane->worker;
    pthread_mutex_lock(&worker->lock);
    finished->owner = job->owner;
    finished->outcome.stopped = interrupt_requested();
    lane->running = NULL;
    if (job->forgotten) {
        finished_free(finished);
    } else {
        Finished **last = &worker->finished;
        while (*last) {
            last = &(*last)->next;
        }
        *last = finished;
    }
    pthread_mutex_unlock(&worker->lock);
    job_free(job);
    wake_screen(worker);
}

static void *work(void *context)
{
    Lane *lane = context;
    Job *job;
    interrupt_use(&lane->interrupt);
    if (watches(lane)) {
        look_for_changes(lane); /* before anything is shown: what comes later is a change */
    }
    while ((job = next_job(lane)) != NULL) {
        Finished *finished = memory_zero(1, sizeof *finished);
        run_job(lane, job, &finished->outcome);
        finish_job(lane, job, finished);
    }
    app_close(lane->app);
    return NULL;
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
        finished_free(finished);
    }
    for (size_t i = 0; i < LANES; i++) {
        while (worker->lanes[i].jobs) {
            Job *job = worker->lanes[i].jobs;
            worker->lanes[i].jobs = job->next;
            job_free(job);
        }
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
        interrupt_raise(&worker->lanes[i].interrupt);
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
        return error_set(err, ERROR_SYSTEM, "no pipe for the screen's worker: too many open files");
    }
    for (size_t i = 0; i < LANES; i++) {
        worker->lanes[i] = (Lane){.worker = worker, .seen = SEEN_NEVER};
        if (!thread_start(&worker->lanes[i].thread, work, &worker->lanes[i])) {
            if (end_lanes(worker, i)) {
                worker_free(worker);
            }
            return error_set(err, ERROR_SYSTEM, "the screen's worker threads can't be started");
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

/* "ORIGIN/12" */
static bool names_a_teammate(const Args *args)
{
    bool found = false;
    for (int i = 0; i < args->word_count; i++) {
        found = found || strchr(args_word(args, i), '/');
    }
    return found;
}

bool worker_stays_at_home(const Args *args)
{
    if (!args->command || args->help || args->command->flags) {
        return false;
    }
    const char *name = args->command->name;
    bool listing = text_starts(name, "session ") || text_starts(name, "history ") ||
                   text_equal(name, "db history-store list-pending");
    bool asks_others =
        args_flag(args, "today") || text_equal(name, "history choices") || names_a_teammate(args);
    return listing && !asks_others && !args_flag(args, "team") && !args_text(args, "origin");
}

static LaneName lane_of(const char *line, JobKind kind)
{
    Args *args = NULL;
    if (kind == JOB_BACKGROUND || !command_parse_line(line, &args, NULL)) {
        return LANE_COMMANDS;
    }
    bool reads = args->command && !args->help && !args->command->flags;
    LaneName lane = !reads ? LANE_COMMANDS : worker_stays_at_home(args) ? LANE_READS : LANE_NETWORK;
    args_free(args);
    return lane;
}

static void forget_waiting(Lane *lane, const void *owner)
{
    for (Job **at = &lane->jobs; *at;) {
        Job *job = *at;
        if (job->owner == owner) {
            *at = job->next;
            job_free(job);
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
            finished_free(finished);
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

static unsigned submit(Worker *worker, const void *owner, const char *line, JobKind kind)
{
    Job *job = memory_zero(1, sizeof *job);
    job->kind = kind;
    job->owner = owner;
    job->line = memory_string(line);
    LaneName lane = lane_of(line, kind);
    pthread_mutex_lock(&worker->lock);
    if (owner) {
        forget(worker, owner);
    }
    unsigned ticket = job->ticket = ++worker->last_ticket;
    insert_job(&worker->lanes[lane], job);
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

void worker_stop(Worker *worker)
{
    pthread_mutex_lock(&worker->lock);
    for (size_t i = 0; i < LANES; i++) {
        if (runs_for_a_person(&worker->lanes[i])) {
            interrupt_raise(&worker->lanes[i].interrupt);
        }
    }
    pthread_mutex_unlock(&worker->lock);
}

/* Shows the lane that works for a person; of several, the first. */
static void add_state(const Lane *lane, WorkerState *state)
{
    for (const Job *job = lane->jobs; job; job = job->next) {
        state->queued += job->kind == JOB_FOREGROUND;
    }
    if (runs_for_a_person(lane) && !state->busy) {
        state->busy = true;
        state->done = lane->done;
        state->total = lane->total;
        text_copy(state->what, sizeof state->what, lane->what);
        text_copy(state->line, sizeof state->line, lane->running->line);
    }
}

WorkerState worker_state(Worker *worker)
{
    WorkerState state = {0};
    pthread_mutex_lock(&worker->lock);
    for (size_t i = 0; i < LANES; i++) {
        add_state(&worker->lanes[i], &state);
    }
    pthread_mutex_unlock(&worker->lock);
    return state;
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
