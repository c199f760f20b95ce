#include "freshness.h"

#include <stdlib.h>
#include <time.h>

#include "memory.h"
#include "text.h"

static void set_clock(ClockFace face)
{
    struct tm local;
    time_t now = time(NULL);
    localtime_r(&now, &local);
    strftime(face, sizeof(ClockFace), "%H:%M", &local);
}

void freshness_take(Freshness *freshness)
{
    set_clock(freshness->as_of);
    freshness->loaded = true;
    freshness->away = false;
    free(freshness->trouble);
    freshness->trouble = NULL;
}

void freshness_fail(Freshness *freshness, const Error *err)
{
    bool away = err->kind != ERROR_USAGE && err->kind != ERROR_CONFIG && err->kind != ERROR_NOT_FOUND &&
                err->kind != ERROR_INTERRUPTED;
    if (away && !freshness->away) {
        set_clock(freshness->since);
    }
    free(freshness->trouble);
    freshness->trouble =
        err->hint[0] && !away ? text_format("%s: %s", err->message, err->hint) : memory_string(err->message);
    freshness->away = away;
}

char *freshness_text(const Freshness *freshness, bool reading)
{
    Text out = {0};
    if (freshness->loaded) { /* first: a reason may be too long for the line */
        text_addf(&out, "rows as of %s", freshness->as_of);
    }
    const char *joint = out.length ? "; " : "";
    if (reading) {
        text_addf(&out, "%schecking..", joint);
    } else if (freshness->away) {
        text_addf(&out, "%sout of reach since %s (%s)", joint, freshness->since, freshness->trouble);
    } else if (freshness->trouble) {
        text_addf(&out, "%s%s", joint, freshness->trouble);
    }
    return text_take(&out);
}

void freshness_free(Freshness *freshness)
{
    free(freshness->trouble);
    *freshness = (Freshness){0};
}
