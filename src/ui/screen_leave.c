/* How one leaves: what was just asked for, such as a decision that is being written, gets a moment to end;
 * about what takes longer a person is asked. */
#include "screen_internal.h"

#include "clock.h"
#include "dialog.h"
#include "memory.h"

#define MOMENT_MS 500

void screen_leave(Screen *screen)
{
    screen->leaving = true;
}

static void leave_if_yes(Screen *screen, const char *line, size_t button)
{
    (void)line;
    if (button == 1) {
        screen_leave(screen);
    }
}

/* Leaving stops what runs: a person may not have that in mind. */
static void ask_to_leave(Screen *screen, const WorkerState *running, size_t others)
{
    char *more = others ? text_format(", and %zu more", others) : text_format("%s", "");
    char *text = text_format("%s is still running%s. Leaving stops it; what it has done is kept.",
                             running->line, more);
    dialog_confirm(screen, "Stop it and leave?", text, "", leave_if_yes);
    free(more);
    free(text);
}

void screen_quit(Screen *screen, bool asks)
{
    WorkerState running;
    size_t others;
    if (!screen_running(screen, &running, &others)) {
        screen_leave(screen);
        return;
    }
    screen->quit_by_ms = clock_monotonic_ms() + MOMENT_MS;
    screen->quit_asks = asks;
}

void screen_stay(Screen *screen)
{
    screen->quit_by_ms = 0;
}

int screen_quit_wait(const Screen *screen)
{
    int64_t left = screen->quit_by_ms - clock_monotonic_ms();
    return screen->quit_by_ms == 0 ? -1 : left > 0 ? (int)left : 0;
}

bool screen_take_quit(Screen *screen)
{
    WorkerState running;
    size_t others;
    if (screen->quit_by_ms == 0) {
        return false;
    }
    if (!screen_running(screen, &running, &others)) {
        screen_take_outcomes(screen); /* what it has to say when it did not succeed keeps us here */
        screen->leaving = screen->leaving || screen->quit_by_ms != 0;
        return true;
    }
    if (screen_quit_wait(screen) > 0) {
        return false;
    }
    screen_stay(screen);
    if (screen->quit_asks) {
        ask_to_leave(screen, &running, others);
    } else {
        screen_leave(screen);
    }
    return true;
}
