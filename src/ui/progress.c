#include "progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cells.h"
#include "clock.h"

#define USUAL_WIDTH 80

/* One cell stays free: a full last cell makes some terminals begin a new line. */
static int line_width(void)
{
    struct winsize size = {0};
    ioctl(STDERR_FILENO, TIOCGWINSZ, &size);
    return (size.ws_col > 1 ? size.ws_col : USUAL_WIDTH) - 1;
}

void progress_show(void *context, const char *what, long long done, long long total)
{
    Progress *progress = context;
    bar_update(&progress->bar, what, done, total, clock_monotonic_ms());
    char *line = bar_text(&progress->bar, line_width(), cells_unicode());
    fprintf(stderr, "\r%s\x1b[K", line);
    fflush(stderr);
    progress->drawn = true;
    free(line);
}

void progress_end(Progress *progress)
{
    if (progress->drawn) {
        fputs("\r\x1b[K", stderr);
        fflush(stderr);
        *progress = (Progress){0};
    }
}
