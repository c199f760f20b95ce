/* The progress bar of a long command, on standard error while that is a terminal. */
#ifndef AMX_UI_PROGRESS_H
#define AMX_UI_PROGRESS_H

#include "bar.h"

/* Starts zeroed. */
typedef struct Progress {
    bool drawn; /* a bar is on the line */
    Bar bar;
} Progress;

/* A ProgressFunction; `context` is a Progress. */
void progress_show(void *context, const char *what, long long done, long long total);
/* Erases the bar, so that what follows starts on a clean line. */
void progress_end(Progress *progress);

#endif
