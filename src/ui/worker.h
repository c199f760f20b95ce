/* The screen's worker: it runs command lines, so that the screen never waits for the network or for
 * history.db.
 *
 * It has lanes, threads with an App of their own: one each for questions and for drafting, where a language
 * model takes its time (COMMAND_ANSWERS, COMMAND_DRAFTS), one for all else that changes something, one for
 * what only reads history.db, one for what only reads over the network. A model that thinks delays no
 * decision, a flush that meets a silent store delays no list, and a team's list delays none of one's own. To
 * each other, lanes are what two amxs are. In each lane jobs run one after the other; foreground jobs go
 * before the rest, and stop one of the rest that runs. The reading lane also notices what others write into
 * history.db. */
#ifndef AMX_UI_WORKER_H
#define AMX_UI_WORKER_H

#include <stdbool.h>

#include "app.h"
#include "command.h"
#include "error.h"
#include "report.h"

typedef struct Worker Worker;

typedef enum JobKind {
    JOB_FOREGROUND, /* a person asked for it; worker_close tells which of these are done whatever comes */
    JOB_BACKGROUND, /* the screen keeps itself up to date */
    JOB_READ        /* a view needs it (worker_read) */
} JobKind;

/* What became of a job. */
typedef struct Outcome {
    unsigned ticket;
    JobKind kind;
    char *line;
    unsigned flags; /* of the command */
    bool done;      /* false: see error */
    bool stopped;   /* it was asked to stop while it ran: what it reports may be only half looked at */
    Report report;
    Error error;
} Outcome;

#define WORKER_LANES 5

/* A foreground job that runs. */
typedef struct WorkerState {
    unsigned ticket;
    char line[200];
    char what[80]; /* progress, "" while there is none */
    long long done;
    long long total;
    size_t queued; /* foreground jobs that wait for it */
} WorkerState;

#define WORKER_STREAM_LIMIT (256 * 1024) /* bytes that wait to be taken */

/* Part of an answer that a job gives while it runs (app_stream). */
typedef struct Streamed {
    unsigned ticket; /* of the job */
    bool anew;       /* what came before does not count any more */
    char *text;      /* hostile, and may end inside a character; never NULL; owned by the caller */
    size_t length;
} Streamed;

/* Starts the threads. `options` (borrowed; strings must outlive the worker) hold for every job. ERROR_SYSTEM.
 */
bool worker_open(const AppOptions *options, Worker **out, Error *err);
/* Readable when there is something to take, show or answer. */
int worker_fd(const Worker *worker);
/* Empties the pipe behind worker_fd. */
void worker_acknowledge(Worker *worker);
/* Queues a command line; returns its ticket. None reads standard input, and none may name another amx.conf:
 * both are ERROR_USAGE. */
unsigned worker_submit(Worker *worker, const char *line, JobKind kind);
/* Queues a command line that only reads, for `owner` (a view's state). Takes the place of what the owner
 * asked for before, which is stopped and forgotten: its outcome never comes. Returns its ticket. */
unsigned worker_read(Worker *worker, const void *owner, const char *line);
/* Stops and forgets what the owner asked for: it goes away. */
void worker_forget(Worker *worker, const void *owner);
/* Does this command only read, and only history.db? */
bool worker_stays_at_home(const Args *args);
/* True once after somebody, this amx or another, has written into history.db. */
bool worker_changed(Worker *worker);
/* The next finished job, owned by the caller (outcome_free); false when there is none. */
bool worker_take(Worker *worker, Outcome *out);
/* Asks a job to stop, if it runs. */
void worker_stop(Worker *worker, unsigned ticket);
/* What is being done for a person just now; returns how many states were filled. */
size_t worker_states(Worker *worker, WorkerState states[WORKER_LANES]);
/* What a foreground job that runs has said since the last call; false when there is nothing new. What nobody
 * took before the job ended is gone: the outcome has the whole answer, as it has what did not fit into
 * WORKER_STREAM_LIMIT. */
bool worker_stream(Worker *worker, Streamed *out);
/* The question a command asks and waits for, once, owned by the caller; NULL when there is none. When several
 * ask, the next one does when the one before was answered. */
char *worker_question(Worker *worker);
/* Answers the question that worker_question gave out; without one nothing happens. */
void worker_answer(Worker *worker, bool yes);
/* Stops what runs and ends the threads. Foreground jobs that need nothing but history.db (decisions of a
 * review, what is done to a session) are done first, those that wait included; what they wrote is queued for
 * the shared store, and the next amx delivers it. All other jobs that wait are dropped, and nobody takes the
 * outcomes. False when a thread did not end within three seconds; it is left alone then and the process must
 * not clean up behind its back. */
bool worker_close(Worker *worker);

/* Leaves the outcome zeroed. */
void outcome_free(Outcome *outcome);

#endif
