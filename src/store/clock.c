#include "clock.h"

#include <limits.h>
#include <stdio.h>
#include <time.h>

static Interrupt of_process;
static _Thread_local Interrupt *current; /* NULL: the process's */

void clock_now(char out[CLOCK_TEXT_SIZE])
{
    struct timespec now;
    struct tm utc;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    size_t used = strftime(out, CLOCK_TEXT_SIZE, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(out + used, CLOCK_TEXT_SIZE - used, ".%03dZ", (int)(now.tv_nsec / 1000000));
}

int64_t clock_monotonic_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

Deadline deadline_in(int64_t milliseconds)
{
    return clock_monotonic_ms() + milliseconds;
}

/* The monotonic clock is never below 0. */
Deadline deadline_each(int64_t milliseconds)
{
    return -milliseconds;
}

Deadline deadline_begin(Deadline deadline)
{
    return deadline < 0 ? deadline_in(-deadline) : deadline;
}

int deadline_left(Deadline deadline)
{
    if (deadline == DEADLINE_NONE) {
        return INT_MAX / 2;
    }
    int64_t left = deadline < 0 ? -deadline : deadline - clock_monotonic_ms();
    if (left < 0) {
        return 0;
    }
    return left > INT_MAX / 2 ? INT_MAX / 2 : (int)left;
}

void interrupt_use(Interrupt *interrupt)
{
    current = interrupt;
}

Interrupt *interrupt_current(void)
{
    return current ? current : &of_process;
}

void interrupt_raise(Interrupt *interrupt)
{
    atomic_store(&interrupt->requested, true);
}

void interrupt_raise_for_good(Interrupt *interrupt)
{
    atomic_store(&interrupt->for_good, true);
}

void interrupt_request(void)
{
    interrupt_raise(interrupt_current());
}

bool interrupt_requested(void)
{
    Interrupt *interrupt = interrupt_current();
    return atomic_load(&interrupt->requested) || atomic_load(&interrupt->for_good);
}

void interrupt_clear(void)
{
    atomic_store(&interrupt_current()->requested, false);
}
