/* A progress bar: how far a long command is, how fast, and how long it still takes. Knows no terminal and no
 * clock: who draws it says what time it is. */
#ifndef AMX_UI_BAR_H
#define AMX_UI_BAR_H

#include <stdbool.h>
#include <stdint.h>

/* Starts zeroed, and zeroed it shows nothing. */
typedef struct Bar {
    char what[80];
    long long done;
    long long total;    /* 0: unknown */
    int64_t began_ms;   /* 0: nothing was reported yet */
    int64_t sampled_ms; /* when the rate was last measured, and what was done then */
    long long sampled;
    double rate; /* per second, smoothed over some seconds; 0 until it means something */
} Bar;

/* Takes over how far the command is. Another `what`, or less done than before, begins anew: it is another
 * job. The time is monotonic; one that stands still or goes back changes no rate. */
void bar_update(Bar *bar, const char *what, long long done, long long total, int64_t now_ms);

/* "delivering [#####-----] 12,000/100,000  41,200/s  2 s left  ^C stops" in at most `width` cells: what does
 * not fit is left out, the least important first; below 30 cells only the count stays. A total of 0 has no
 * bar and no end: count and rate, and ".." before there is a count. `blocks` draws the bar with block
 * characters (for UTF-8), else with ASCII. Harmless, owned by the caller. */
char *bar_text(const Bar *bar, int width, bool blocks);

#endif
