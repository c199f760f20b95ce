#include "screen.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "memory.h"
#include "print.h"
#include "screen_internal.h"
#include "tty.h"

#define TICK_MS 1000
#define MESSAGES_KEPT (64 * 1024) /* bytes */

const Status *screen_status(const Screen *screen)
{
    return &screen->status;
}

const AppOptions *screen_options(const Screen *screen)
{
    return screen->options;
}

const Config *screen_config(const Screen *screen)
{
    return screen->config;
}

bool screen_read_only(const Screen *screen)
{
    return screen->options->read_only || screen->config->ui_read_only;
}

/* --- messages --- */

/* Lines, until the rest is what is kept. */
static void drop_oldest(Text *messages)
{
    const char *start = messages->data + messages->length - MESSAGES_KEPT;
    const char *line_end = strchr(start, '\n');
    char *kept = memory_string(line_end ? line_end + 1 : start);
    text_clear(messages);
    text_add(messages, kept);
    free(kept);
}

void screen_keep_message(Screen *screen, const char *text)
{
    if (*text) {
        text_addf(&screen->messages, "%s\n", text);
    }
    if (screen->messages.length > MESSAGES_KEPT) {
        drop_oldest(&screen->messages);
    }
}

void screen_say_no_more(Screen *screen)
{
    free(screen->message);
    screen->message = NULL;
}

void screen_show_message(Screen *screen, DrawStyle style, char *text)
{
    screen_say_no_more(screen);
    screen->message = text;
    screen->message_style = style;
}

/* What a colour tells is told without one as well. */
static const char *mark_of(DrawStyle style)
{
    return style == DRAW_ERROR ? "error: " : style == DRAW_WARNING ? "! " : "";
}

void screen_say(Screen *screen, DrawStyle style, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *said = text_vformat(format, args);
    va_end(args);
    char *text = text_format("%s%s", mark_of(style), said);
    free(said);
    screen_keep_message(screen, text);
    screen_show_message(screen, style, text);
}

void screen_say_error(Screen *screen, const Error *err)
{
    screen_say(screen, DRAW_ERROR, err->hint[0] ? "%s: %s" : "%s", err->message, err->hint);
}

/* --- the loop --- */

void screen_resized(Screen *screen)
{
    for (int tab = 0; tab < TAB_COUNT; tab++) {
        const Stack *stack = &screen->stacks[tab];
        for (size_t i = 0; i < stack->count; i++) {
            if (stack->views[i]->ops->resized) {
                stack->views[i]->ops->resized(stack->views[i]);
            }
        }
    }
}

static void take_signals(Screen *screen)
{
    for (int number = tty_signal(); number != 0; number = tty_signal()) {
        if (number == SIGWINCH) {
            tty_resize();
            screen_resized(screen);
        } else if (number == SIGTSTP) {
            tty_suspend();
            screen_resized(screen);
        } else if (number != SIGCHLD) {
            screen->ended_by = number;
            screen_leave(screen);
        }
    }
}

/* Can a view be seen that wants to know how time goes by? */
static bool has_tick(const Screen *screen)
{
    const Stack *stack = &screen->stacks[screen->tab];
    for (size_t i = screen_full(screen); i < stack->count; i++) {
        if (stack->views[i]->ops->tick) {
            return true;
        }
    }
    return false;
}

/* True when something must be drawn anew. */
static bool tick(Screen *screen)
{
    int64_t now = clock_monotonic_ms();
    if (now - screen->ticked_ms < TICK_MS) {
        return false;
    }
    screen->ticked_ms = now;
    bool changed = false;
    const Stack *stack = &screen->stacks[screen->tab];
    for (size_t i = screen_full(screen); i < stack->count; i++) {
        View *view = stack->views[i];
        changed = (view->ops->tick && view->ops->tick(view, screen)) || changed;
    }
    return changed;
}

/* Milliseconds to the next tick, or to the end of the moment that leaving waits; -1 where nobody waits. */
static int wait_ms(const Screen *screen)
{
    int quit = screen_quit_wait(screen);
    int64_t left = screen->ticked_ms + TICK_MS - clock_monotonic_ms();
    int next = !has_tick(screen) ? -1 : left > 0 ? (int)left : 0;
    return quit >= 0 && (next < 0 || quit < next) ? quit : next;
}

static void take_everything(Screen *screen)
{
    take_signals(screen);
    screen_take_outcomes(screen);
    screen_take_keys(screen);
    screen_take_held(screen);
    screen_take_question(screen);
}

static void loop(Screen *screen)
{
    bool changed = true;
    while (!screen->leaving) {
        if (changed) {
            screen_draw(screen);
        }
        struct pollfd ready[] = {
            {.fd = STDIN_FILENO, .events = POLLIN},
            {.fd = tty_signal_fd(), .events = POLLIN},
            {.fd = worker_fd(screen->worker), .events = POLLIN},
        };
        int count = poll(ready, sizeof ready / sizeof *ready, wait_ms(screen));
        if (count < 0 && errno != EINTR) {
            screen_leave(screen);
        }
        if (ready[0].revents & (POLLHUP | POLLERR | POLLNVAL)) {
            screen->ended_by = SIGHUP; /* the terminal is gone */
            screen_leave(screen);
        }
        if (count != 0) {
            take_everything(screen);
        }
        bool quits = screen_take_quit(screen);
        changed = (!screen->leaving && tick(screen)) || count != 0 || quits;
    }
}

static void close_screen(Screen *screen)
{
    screen_close_views(screen);
    screen_uncover(screen);
    free(screen->requests);
    outcome_free(&screen->held);
    line_history_close(&screen->typed);
    free(screen->message);
    text_free(&screen->messages);
    status_free(&screen->status);
}

/* What was typed on the `:` line is kept beside history.db, but not by an amx that may not write. */
static void open_typed(Screen *screen)
{
    char *path = text_format("%s/command_lines", app_paths(screen->app)->state);
    line_history_open(&screen->typed, path, !screen_read_only(screen));
    free(path);
}

bool screen_run(const Args *args, App *app, Error *err)
{
    const Config *config = app_config(app);
    Screen screen = {.app = app, .options = &args->app, .config = config};
    if (!tty_open(config, print_style(args, config, stdout).color, err)) {
        return false;
    }
    if (!worker_open(&args->app, &screen.worker, err)) {
        tty_close();
        return false;
    }
    open_typed(&screen);
    screen_open_views(&screen);
    screen_refresh(&screen);
    loop(&screen);
    close_screen(&screen);
    tty_close();
    if (!worker_close(screen.worker)) {
        /* It hangs where no interrupt reaches (a name server, a network disk). What it had committed is safe;
         * what exit handlers would tear down is in use. */
        _exit(screen.ended_by ? 128 + screen.ended_by : 0);
    }
    if (screen.ended_by) {
        return error_set(err, ERROR_INTERRUPTED, "ended by a signal: %s", strsignal(screen.ended_by));
    }
    return true;
}
