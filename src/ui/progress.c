#include "progress.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cells.h"
#include "clock.h"
#include "memory.h"
#include "text.h"

#define BAR_CELLS 24

static void add_bar(Text *line, long long done, long long total)
{
    long long filled = done >= total ? BAR_CELLS : done * BAR_CELLS / total;
    text_add(line, " [");
    for (long long i = 0; i < BAR_CELLS; i++) {
        text_add_char(line, i < filled ? '#' : '.');
    }
    text_add_char(line, ']');
}

char *progress_line(const char *what, long long done, long long total, double per_second, int width)
{
    Text line = {0};
    char *visible = text_visible(what);
    text_add(&line, visible);
    free(visible);
    if (total > 0) {
        add_bar(&line, done, total);
        text_addf(&line, " %lld/%lld", done, total);
    } else {
        text_addf(&line, " %lld", done);
    }
    if (per_second > 0) {
        text_addf(&line, "  %.*f/s", per_second < 10 ? 1 : 0, per_second);
        if (total > done) {
            long long left = (long long)((double)(total - done) / per_second) + 1;
            text_addf(&line, "  %lld:%02lld left", left / 60, left % 60);
        }
    }
    char *fitted = cells_fit(text_string(&line), width, 0);
    text_free(&line);
    return fitted;
}

void progress_show(void *context, const char *what, long long done, long long total)
{
    Progress *progress = context;
    int64_t now = clock_monotonic_ms();
    if (!progress->drawn) {
        *progress = (Progress){.drawn = true, .started_ms = now, .first = done};
    }
    struct winsize size = {0};
    ioctl(STDERR_FILENO, TIOCGWINSZ, &size);
    int width = size.ws_col > 1 ? size.ws_col - 1 : 79;
    int64_t elapsed = now - progress->started_ms;
    long long moved = done - progress->first;
    /* The first second says little about the rest. */
    double rate = elapsed >= 1000 && moved > 0 ? (double)moved * 1000.0 / (double)elapsed : 0;
    char *line = progress_line(what, done, total, rate, width);
    fprintf(stderr, "\r%s", line);
    fflush(stderr);
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
