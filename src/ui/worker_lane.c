/* The lanes of the worker: threads that run jobs, each with an App of its own. */
#include "worker_internal.h"

#include <errno.h>
#include <time.h>

#include "memory.h"
#include "text.h"

#define LOOK_MS 400 /* how often the reading lane looks for what others wrote */

/* ProgressFunction of a lane's App; runs in the lane. */
static void show_progress(void *context, const char *what, long long done, long long total)
{
    Lane *lane = context;
    pthread_mutex_lock(&lane->worker->lock);
    text_copy(lane->what, sizeof lane->what, what);
    lane->done = done;
    lane->total = total;
    pthread_mutex_unlock(&lane->worker->lock);
    worker_wake_screen(lane->worker);
}

/* StreamFunction of a lane's App; runs in the lane. */
static void take_stream(void *context, const char *text, size_t length)
{
    Lane *lane = context;
    pthread_mutex_lock(&lane->worker->lock);
    if (!text) {
        text_clear(&lane->stream);
        lane->stream_anew = true;
    } else {
        size_t room = WORKER_STREAM_LIMIT - lane->stream.length;
        text_add_n(&lane->stream, text, length < room ? length : room);
    }
    pthread_mutex_unlock(&lane->worker->lock);
    worker_wake_screen(lane->worker);
}

/* Asks what a person has to say, when nobody else is asking. A stop is a no: the question may have gone from
 * the screen unanswered. The lock is held. */
static bool ask_in_turn(Worker *worker, const char *question)
{
    while (worker->question != QUESTION_NONE && !interrupt_requested()) {
        pthread_cond_wait(&worker->wake, &worker->lock);
    }
    if (interrupt_requested()) {
        return false;
    }
    worker->question = QUESTION_ASKED;
    worker->question_text = memory_string(question);
    worker_wake_screen(worker);
    while (worker->question != QUESTION_YES && worker->question != QUESTION_NO && !interrupt_requested()) {
        pthread_cond_wait(&worker->wake, &worker->lock);
    }
    bool yes = worker->question == QUESTION_YES;
    worker->question = QUESTION_NONE;
    free(worker->question_text);
    worker->question_text = NULL;
    pthread_cond_broadcast(&worker->wake); /* another lane may ask now */
    return yes;
}

/* AskFunction of the Apps that write: hands the question to the screen and waits for the answer. */
static bool ask_screen(void *context, const char *question)
{
    Lane *lane = context;
    pthread_mutex_lock(&lane->worker->lock);
    lane->what[0] = '\0'; /* nothing goes on until there is an answer */
    bool yes = ask_in_turn(lane->worker, question);
    pthread_mutex_unlock(&lane->worker->lock);
    return yes;
}

static bool only_reads(const Lane *lane)
{
    const Lane *lanes = lane->worker->lanes;
    return lane == &lanes[LANE_READS] || lane == &lanes[LANE_NETWORK];
}

/* The options of one job: what its line says, else what the screen was started with. */
static AppOptions merge_options(Lane *lane, const AppOptions *line)
{
    Worker *worker = lane->worker;
    AppOptions merged = worker->options;
    merged.profile = line->profile ? line->profile : merged.profile;
    merged.local_only = merged.local_only || line->local_only;
    merged.read_only = merged.read_only || line->read_only;
    merged.timeout_ms = line->timeout_ms > 0 ? line->timeout_ms : merged.timeout_ms;
    merged.progress = show_progress;
    merged.progress_context = lane;
    merged.stream = take_stream;
    merged.stream_context = lane;
    merged.ask = only_reads(lane) ? NULL : ask_screen;
    merged.ask_context = lane;
    merged.reading = only_reads(lane);
    merged.no_input = true;
    return merged;
}

/* Gives the lane its App, if it has none yet; another one when amx.conf was changed since, which a profile
 * that points elsewhere now must not outlive. */
static bool open_app(Lane *lane, const AppOptions *options, Error *err)
{
    if (lane->app && app_config_changed(lane->app)) {
        app_close(lane->app);
        lane->app = NULL;
    }
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

/* Every lane has its configuration from the same file. */
static bool keeps_config(const Args *args, Error *err)
{
    if (!args->app.config_path) {
        return true;
    }
    error_set(err, ERROR_USAGE, "the screen keeps the amx.conf that it was started with");
    return error_hint(err, "leave it with :q and start: amx --config %s", args->app.config_path);
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

static void run_line(Lane *lane, const char *line, Outcome *outcome)
{
    Args *args = NULL;
    if (!command_parse_line(line, &args, &outcome->error)) {
        return;
    }
    outcome->flags = args->command ? args->command->flags : 0;
    if (answer_help(args, &outcome->report)) {
        outcome->done = true;
    } else if (!keeps_config(args, &outcome->error)) {
        outcome->done = false;
    } else if (args->command->flags & COMMAND_BARE) {
        outcome->done = command_run_bare(args, &outcome->report, &outcome->error);
    } else {
        run_command(lane, args, outcome);
    }
    args_free(args);
}

/* True when there is something to tell. */
static bool settle_runs(Lane *lane, Outcome *outcome)
{
    AppOptions options = merge_options(lane, &(AppOptions){0});
    if (open_app(lane, &options, NULL)) { /* a command that a person asked for says why not */
        command_settle_runs(lane->app, &outcome->report);
    }
    outcome->done = true;
    return outcome->report.message_count > 0;
}

static void run_job(Lane *lane, Job *job, Outcome *outcome)
{
    outcome->ticket = job->ticket;
    outcome->kind = job->kind;
    outcome->line = memory_string(job->line ? job->line : "");
    if (job->line) {
        run_line(lane, job->line, outcome);
    } else if (!settle_runs(lane, outcome)) {
        job->forgotten = true;
    }
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
        worker_wake_screen(worker);
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

/* Takes the job that is next; NULL when the worker closes and none has to run all the same. */
static Job *take_job(Lane *lane)
{
    Job **at = &lane->jobs;
    while (*at && lane->worker->closing && !(*at)->must_run) {
        at = &(*at)->next;
    }
    Job *job = *at;
    if (job) {
        *at = job->next;
    }
    return job;
}

/* Waits for a job and marks it as running; NULL when there is none any more. */
static Job *next_job(Lane *lane)
{
    Worker *worker = lane->worker;
    pthread_mutex_lock(&worker->lock);
    while (!await_job(lane)) {
        pthread_mutex_unlock(&worker->lock);
        look_for_changes(lane);
        pthread_mutex_lock(&worker->lock);
    }
    Job *job = take_job(lane);
    if (job) {
        lane->running = job;
        interrupt_clear(); /* under the lock: a stop that was meant for the last job must not hit this one */
        lane->what[0] = '\0';
        text_clear(&lane->stream);
        lane->stream_anew = false;
    }
    pthread_mutex_unlock(&worker->lock);
    if (job && job->kind == JOB_FOREGROUND) {
        worker_wake_screen(worker); /* which says what runs */
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
        worker_free_finished(finished);
    } else {
        Finished **last = &worker->finished;
        while (*last) {
            last = &(*last)->next;
        }
        *last = finished;
    }
    pthread_mutex_unlock(&worker->lock);
    worker_free_job(job);
    worker_wake_screen(worker);
}

void *worker_lane_work(void *context)
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
