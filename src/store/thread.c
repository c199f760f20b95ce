#include "thread.h"

#include <signal.h>

#include "clock.h"
#include "memory.h"

typedef struct Start {
    void *(*run)(void *context);
    void *context;
    Interrupt *interrupt;
} Start;

static void *begin(void *context)
{
    Start start = *(Start *)context;
    free(context);
    interrupt_use(start.interrupt);
    return start.run(start.context);
}

bool thread_start(pthread_t *thread, void *(*run)(void *context), void *context)
{
    sigset_t all;
    sigset_t before;
    Start *start = memory_alloc(sizeof *start);
    *start = (Start){.run = run, .context = context, .interrupt = interrupt_current()};
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* a new thread inherits the mask */
    bool started = pthread_create(thread, NULL, begin, start) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!started) {
        free(start);
    }
    return started;
}
