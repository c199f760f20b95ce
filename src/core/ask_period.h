/* Times as people say them. */
#ifndef AMX_CORE_ASK_PERIOD_H
#define AMX_CORE_ASK_PERIOD_H

#include "ask_work.h"

/* Days in UTC, as "2026-11-16"; empty: no bound. */
typedef struct AskPeriod {
    char since[16];
    char until[16]; /* the day after the last one */
} AskPeriod;

/* "today", "yesterday", "this week" (from Monday), "last week", "this month", "last month", "since
 * 2026-11-01", "last 3 days"; false when the question names none. `now` is UTC in seconds. */
bool ask_period(const AskWork *work, int64_t now, AskPeriod *out);

#endif
