/* Times as people say them. */
#ifndef AMX_CORE_ASK_PERIOD_H
#define AMX_CORE_ASK_PERIOD_H

#include "ask_work.h"

typedef enum AskPeriodKind { ASK_PERIOD_NONE, ASK_PERIOD_KNOWN, ASK_PERIOD_UNKNOWN } AskPeriodKind;

/* Days in UTC, as "2026-11-16"; empty: no bound. */
typedef struct AskPeriod {
    char since[16];
    char until[16];   /* the day after the last one */
    char unknown[64]; /* what was said, when it is not understood: "in the spring" */
} AskPeriod;

/* A day ("2026-11-01", "3 june", "today", "monday"), a month ("2026-11", "june 2026", "june": the last one
 * that began), a year ("2026"), "this" or "last week", "month", "year" or "june", "last 3 days", "2 weeks
 * ago"; alone, or behind "on", "in", "since", "after", "before", "until"; from one to another: "between A and
 * B", "from A to B", "A - B", both in it. Half of a range, and several times, are not understood. `now` is
 * UTC in seconds. */
AskPeriodKind ask_period(const AskWork *work, int64_t now, AskPeriod *out);

#endif
