/* The progress bar of a long command, on standard error while that is a terminal. */
#ifndef AMX_UI_PROGRESS_H
#define AMX_UI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct Progress {
    bool drawn;
    int64_t started_ms;
    long long first; /* what was done already when the bar started */
} Progress;

/* One line of at most `width` cells: what, bar, count, rate, remaining time (those two once they mean
 * something). `total` 0: only the count. Harmless, owned by the caller. */
char *progress_line(const char *what, long long done, long long total, double per_second, int width);
/* A ProgressFunction; `context` is a zeroed Progress. */
void progress_show(void *context, const char *what, long long done, long long total);
/* Erases the bar, so that what follows starts on a clean line. */
void progress_end(Progress *progress);

#endif
