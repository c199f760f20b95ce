/* How fresh what a view shows of the shared store is: as of when, and whether the store has been out of reach
 * since. Knows no terminal. */
#ifndef AMX_UI_FRESHNESS_H
#define AMX_UI_FRESHNESS_H

#include <stdbool.h>

#include <stdint.h>

#include "error.h"
#include "status.h"

typedef struct Freshness {
    bool loaded; /* it was read once .. */
    StatusClock as_of;
    char *trouble;     /* why the last read failed, or NULL */
    bool away;         /* because the store was out of reach */
    bool late;         /* because its answer was not there in time */
    int64_t failed_ms; /* when that was, by clock_monotonic_ms */
} Freshness;

/* It was read. */
void freshness_take(Freshness *freshness);
/* It could not be read. */
void freshness_fail(Freshness *freshness, const Error *err);
/* "rows as of 13:40; out of reach since 14:02 (..)", "checking.." while it is being read; owned by the
 * caller. Since when, the status knows for all views. */
char *freshness_text(const Freshness *freshness, const Status *status, bool reading);
/* Is it time to read again what could not be read: is the store in reach again, and the failure not of just
 * now? One that was in reach all the time, but too slow for this read, is not asked again by itself. To be
 * asked now and then: it notes what the status says. */
bool freshness_is_due(Freshness *freshness, const Status *status);
void freshness_free(Freshness *freshness);

#endif
