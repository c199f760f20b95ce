/* Time: wall clock for records, monotonic clock for deadlines and durations; and interrupts. */
#ifndef AMX_STORE_CLOCK_H
#define AMX_STORE_CLOCK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* UTC as "2026-11-22T21:50:43.123Z": sorts as text, read by PostgreSQL and SQLite alike. */
#define CLOCK_TEXT_SIZE 32
void clock_now(char out[CLOCK_TEXT_SIZE]);

/* Milliseconds of CLOCK_MONOTONIC. */
int64_t clock_monotonic_ms(void);

/* A point of the monotonic clock after which an operation gives up; DEADLINE_NONE waits for ever. */
typedef int64_t Deadline;
#define DEADLINE_NONE INT64_MAX
Deadline deadline_in(int64_t milliseconds);
/* A limit that begins anew with each statement that is run under it, where one call makes many. */
Deadline deadline_each(int64_t milliseconds);
/* The point at which a statement that begins now gives up. */
Deadline deadline_begin(Deadline deadline);
/* Milliseconds left, 0 when passed; at most INT_MAX / 2. Of a limit for each statement: all of it. */
int deadline_left(Deadline deadline);

/* A wish that what is running should stop. Long operations look at the one they run under at least ten times
 * a second and return ERROR_INTERRUPTED. Zeroed: nothing is asked for. */
typedef struct Interrupt {
    atomic_bool requested;
    atomic_bool for_good;
} Interrupt;

/* A thread runs under the process's interrupt (signal handlers, the shell) unless it was started by one that
 * runs under another (thread_start), or chose one itself. `interrupt` is borrowed for as long as the thread
 * and those it starts look at it; NULL: the process's. */
void interrupt_use(Interrupt *interrupt);
Interrupt *interrupt_current(void);
/* Asks from another thread. */
void interrupt_raise(Interrupt *interrupt);
/* The same, for all that is still to come: interrupt_clear does not take it back. */
void interrupt_raise_for_good(Interrupt *interrupt);

/* The interrupt that the calling thread runs under. interrupt_request is async-signal-safe. */
void interrupt_request(void);
bool interrupt_requested(void);
void interrupt_clear(void);

#endif
