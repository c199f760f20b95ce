#include "worker.h"

#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "memory.h"
#include "text.h"

#define CLOSE_SECONDS 3

typedef struct Job {
    struct Job *next;
    unsigned ticket;
    JobKind kind;
    char *line;
} Job;

typedef struct Finished {
    struct Finished *next;
    Outcome outcome;
} Finished;

typedef enum Question { QUESTION_NONE, QUESTION_ASKED, QUESTION_SHOWN, QUESTION_YES, QUESTION_NO } Question;

struct Worker {
    AppOptions options;
    pthread_t thread;
    pthread_mutex_t lock; /* guards everything below */
    pthread_cond_t wake;
    int pipe[2];
    unsigned last_ticket;
    Job *jobs; /* in the order they run */
    Job *running;
    Finished *finished;
    WorkerState state;
    Question question;
    char *question_text;
    bool closing;
};

static void wake_screen(Worker *worker)
{
    ssize_t ignored = write(worker->pipe[1], "", 1); /* a full pipe wakes it as well */
    (void)ignored;
}

static void job_free(Job *job)
{
    free(job->line);
    free(job);
}

void outcome_free(Outcome *outcome)
{
    free(outcome->line);
    report_free(&outcome->report);
    *outcome = (Outcome){0};
}

/* ProgressFunction of the worker's App; runs in the worker. */
static void show_progress(void *context, const char *what, long long done, long long total)
{
    Worker *worker = context;
    pthread_mutex_lock(&worker->lock);
    text_copy(worker->state.what, sizeof worker->state.what, what);
    worker->state.done = done;
    worker->state.total = total;
    pthread_mutex_unlock(&worker->lock);
    wake_screen(worker);
}

/* AskFunction of the worker's App: hands the question to the screen and waits for the answer. */
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
static AppOptions merge_options(Worker *worker, const AppOptions *line)
{
    AppOptions merged = worker->options;
    merged.config_path = line->config_path ? line->config_path : merged.config_path;
    merged.profile = line->profile ? line->profile : merged.profile;
    merged.local_only = merged.local_only || line->local_only;
    merged.read_only = merged.read_only || line->read_only;
    merged.timeout_ms = line->timeout_ms > 0 ? line->timeout_ms : merged.timeout_ms;
    merged.progress = show_progress;
    merged.progress_context = worker;
    merged.ask = ask_screen;
    merged.ask_context = worker;
    return merged;
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

static void run_command(Worker *worker, App **app, Args *args, Outcome *outcome)
{
    args->app = merge_options(worker, &args->app);
    if (*app || app_open(&args->app, app, &outcome->error)) {
        outcome->done = command_run(*app, args, &outcome->report, &outcome->error);
        /* The strings of this line's options die with its Args. */
        AppOptions lasting = merge_options(worker, &(AppOptions){0});
        app_set_options(*app, &lasting);
    }
}

static void run_job(Worker *worker, App **app, const Job *job, Outcome *outcome)
{
    Args *args = NULL;
    outcome->ticket = job->ticket;
    outcome->line = memory_string(job->line);
    if (!command_parse_line(job->line, &args, &outcome->error)) {
        return;
    }
    outcome->flags = args->command ? args->command->flags : 0;
    if (answer_help(args, &outcome->report)) {
        outcome->done = true;
    } else if (args->command->flags & COMMAND_BARE) {
        outcome->done = command_run_bare(args, &outcome->report, &outcome->error);
    } else {
        run_command(worker, app, args, outcome);
    }
    args_free(args);
}

/* Waits for a job and marks it as running; NULL when the worker closes. */
static Job *next_job(Worker *worker)
{
    pthread_mutex_lock(&worker->lock);
    while (!worker->jobs && !worker->closing) {
        pthread_cond_wait(&worker->wake, &worker->lock);
    }
    Job *job = worker->closing ? NULL : worker->jobs;
    if (job) {
        worker->jobs = job->next;
        worker->running = job;
        interrupt_clear(); /* under the lock: a stop that was meant for the last job must not hit this one */
        worker->state.busy = job->kind == JOB_FOREGROUND;
        worker->state.what[0] = '\0';
        text_copy(worker->state.line, sizeof worker->state.line, job->line);
    }
    pthread_mutex_unlock(&worker->lock);
    return job;
}

static void finish_job(Worker *worker, Job *job, Finished *finished)
{
    pthread_mutex_lock(&worker->lock);
    finished->outcome.stopped = interrupt_requested();
    worker->running = NULL;
    worker->state.busy = false;
    Finished **last = &worker->finished;
    while (*last) {
        last = &(*last)->next;
    }
    *last = finished;
    pthread_mutex_unlock(&worker->lock);
    job_free(job);
    wake_screen(worker);
}

static void *work(void *context)
{
    Worker *worker = context;
    App *app = NULL;
    Job *job;
    while ((job = next_job(worker)) != NULL) {
        Finished *finished = memory_zero(1, sizeof *finished);
        run_job(worker, &app, job, &finished->outcome);
        finish_job(worker, job, finished);
    }
    if (app) {
        app_close(app);
    }
    return NULL;
}

bool worker_open(const AppOptions *options, Worker **out, Error *err)
{
    Worker *worker = memory_zero(1, sizeof *worker);
    worker->options = *options;
    pthread_mutex_init(&worker->lock, NULL);
    pthread_cond_init(&worker->wake, NULL);
    if (pipe2(worker->pipe, O_CLOEXEC | O_NONBLOCK) != 0) {
        free(worker);
        return error_set(err, ERROR_SYSTEM, "no pipe for the screen's worker: too many open files");
    }
    if (pthread_create(&worker->thread, NULL, work, worker) != 0) {
        close(worker->pipe[0]);
        close(worker->pipe[1]);
        free(worker);
        return error_set(err, ERROR_SYSTEM, "the screen's worker thread can't be started");
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

static void insert_job(Worker *worker, Job *job)
{
    Job **at = &worker->jobs;
    while (*at && !(job->kind == JOB_FOREGROUND && (*at)->kind == JOB_BACKGROUND)) {
        at = &(*at)->next;
    }
    job->next = *at;
    *at = job;
}

unsigned worker_submit(Worker *worker, const char *line, JobKind kind)
{
    Job *job = memory_zero(1, sizeof *job);
    job->kind = kind;
    job->line = memory_string(line);
    pthread_mutex_lock(&worker->lock);
    unsigned ticket = job->ticket = ++worker->last_ticket;
    insert_job(worker, job);
    if (kind == JOB_FOREGROUND && worker->running && worker->running->kind == JOB_BACKGROUND) {
        interrupt_request();
    }
    pthread_cond_broadcast(&worker->wake);
    pthread_mutex_unlock(&worker->lock);
    return ticket;
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

void worker_stop(Worker *worker)
{
    pthread_mutex_lock(&worker->lock);
    if (worker->running) {
        interrupt_request();
    }
    pthread_mutex_unlock(&worker->lock);
}

WorkerState worker_state(Worker *worker)
{
    pthread_mutex_lock(&worker->lock);
    WorkerState state = worker->state;
    state.queued = 0;
    for (const Job *job = worker->jobs; job; job = job->next) {
        state.queued += job->kind == JOB_FOREGROUND;
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

static void free_worker(Worker *worker)
{
    Outcome outcome;
    while (worker_take(worker, &outcome)) {
        outcome_free(&outcome);
    }
    while (worker->jobs) {
        Job *job = worker->jobs;
        worker->jobs = job->next;
        job_free(job);
    }
    close(worker->pipe[0]);
    close(worker->pipe[1]);
    pthread_cond_destroy(&worker->wake);
    pthread_mutex_destroy(&worker->lock);
    free(worker);
}

bool worker_close(Worker *worker)
{
    pthread_mutex_lock(&worker->lock);
    worker->closing = true;
    interrupt_request();
    pthread_cond_broadcast(&worker->wake);
    pthread_mutex_unlock(&worker->lock);

    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += CLOSE_SECONDS;
    if (pthread_timedjoin_np(worker->thread, NULL, &until) != 0) {
        return false;
    }
    free_worker(worker);
    return true;
}
