#include "freshness.h"

#include <stdlib.h>
#include <time.h>

#include "clock.h"
#include "memory.h"
#include "text.h"

#define ASK_AGAIN_MS 5000

void freshness_take(Freshness *freshness)
{
    status_clock(time(NULL), freshness->as_of);
    freshness->loaded = true;
    freshness->away = freshness->late = false;
    free(freshness->trouble);
    freshness->trouble = NULL;
}

void freshness_fail(Freshness *freshness, const Error *err)
{
    bool away = status_is_away(err);
    free(freshness->trouble);
    freshness->trouble =
        err->hint[0] && !away ? text_format("%s: %s", err->message, err->hint) : memory_string(err->message);
    freshness->away = away;
    freshness->late = err->kind == ERROR_TIMEOUT;
    freshness->failed_ms = clock_monotonic_ms();
}

/* An answer that was not there in time: the store was away when the status says so. */
static bool was_away(const Freshness *freshness, const Status *status)
{
    return freshness->away || (freshness->late && status->reach == TRI_NO);
}

char *freshness_text(const Freshness *freshness, const Status *status, bool reading)
{
    Text out = {0};
    if (freshness->loaded) { /* first: a reason may be too long for the line */
        text_addf(&out, "rows as of %s", freshness->as_of);
    }
    const char *joint = out.length ? "; " : "";
    if (reading) {
        text_addf(&out, "%schecking..", joint);
    } else if (was_away(freshness, status) && status->reach == TRI_NO) {
        StatusClock since;
        status_since(status, since);
        text_addf(&out, "%sout of reach since %s (%s)", joint, since, freshness->trouble);
    } else if (freshness->trouble) {
        text_addf(&out, "%s%s", joint, freshness->trouble);
    }
    return text_take(&out);
}

bool freshness_is_due(Freshness *freshness, const Status *status)
{
    freshness->away = was_away(freshness, status);
    return freshness->away && status->reach == TRI_YES &&
           clock_monotonic_ms() - freshness->failed_ms >= ASK_AGAIN_MS;
}

void freshness_free(Freshness *freshness)
{
    free(freshness->trouble);
    *freshness = (Freshness){0};
}
