/* Time: wall clock for records, monotonic clock for deadlines and durations, and the one interrupt flag. */
#ifndef AMX_STORE_CLOCK_H
#define AMX_STORE_CLOCK_H

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
/* Milliseconds left, 0 when passed; at most INT_MAX / 2. */
int deadline_left(Deadline deadline);

/* Set from a signal handler (async-signal-safe) or from the screen to stop what is running; long
 * operations look at it at least ten times a second and return ERROR_INTERRUPTED. */
void interrupt_request(void);
bool interrupt_requested(void);
void interrupt_clear(void);

#endif
