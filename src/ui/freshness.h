/* How fresh what a view shows of the shared store is: as of when, and whether the store has been out of reach
 * since. Knows no terminal. */
#ifndef AMX_UI_FRESHNESS_H
#define AMX_UI_FRESHNESS_H

#include <stdbool.h>

#include "error.h"

typedef char ClockFace[sizeof "23:59"];

typedef struct Freshness {
    bool loaded; /* it was read once .. */
    ClockFace as_of;
    char *trouble; /* why the last read failed, or NULL */
    bool away;     /* the store was out of reach .. */
    ClockFace since;
} Freshness;

/* It was read. */
void freshness_take(Freshness *freshness);
/* It could not be read. */
void freshness_fail(Freshness *freshness, const Error *err);
/* "rows as of 13:40; out of reach since 14:02 (..)", "checking.." while it is being read; owned by the
 * caller. */
char *freshness_text(const Freshness *freshness, bool reading);
void freshness_free(Freshness *freshness);

#endif
