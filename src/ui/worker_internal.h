/* Between the worker's two sides: worker.c takes jobs and hands outcomes out, worker_lane.c runs them. */
#ifndef AMX_UI_WORKER_INTERNAL_H
#define AMX_UI_WORKER_INTERNAL_H

#include <pthread.h>

#include "clock.h"
#include "text.h"
#include "worker.h"

typedef enum LaneName {
    LANE_ANSWERS, /* the first of those that work is what the screen tells first */
    LANE_DRAFTS,
    LANE_COMMANDS,
    LANE_READS,
    LANE_NETWORK,
    LANES
} LaneName;
_Static_assert(LANES == WORKER_LANES, "the screen has room for what every lane does");

typedef struct Job {
    struct Job *next;
    unsigned ticket;
    JobKind kind;
    const void *owner; /* of a read, or NULL */
    char *line;        /* NULL: says what became of runs whose amx ended early */
    bool must_run;     /* also when the worker closes */
    bool forgotten;    /* while it runs: nobody waits for its outcome any more */
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
    Text stream;      /* what it says, until the screen takes it */
    bool stream_anew; /* the screen is to forget what it took before */
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

/* Makes worker_fd readable. */
void worker_wake_screen(Worker *worker);
/* Free the item, not the list it was taken out of. */
void worker_free_job(Job *job);
void worker_free_finished(Finished *finished);

/* The main function of a lane's thread; `lane` is a Lane. */
void *worker_lane_work(void *lane);

#endif
