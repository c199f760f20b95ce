#include "screen.h"

#include <errno.h>
#include <panel.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cells.h"
#include "clock.h"
#include "dialog.h"
#include "guard.h"
#include "memory.h"
#include "print.h"
#include "prompt.h"
#include "tty.h"
#include "text.h"
#include "display.h"
#include "view.h"
#include "view_document.h"
#include "view_list.h"
#include "view_picker.h"

#define LEAST_LINES 15
#define LEAST_COLUMNS 60

#define STATUS_LOCAL "db history-store status --offline"
#define STATUS_FULL "db history-store status"

struct Screen {
    const Config *config;
    Worker *worker;
    Status status;
    unsigned local_ticket; /* status reports under way, or 0 */
    unsigned full_ticket;
    bool refresh_again; /* something changed while they were */
    View **views;       /* bottom first */
    size_t view_count;
    size_t view_capacity;
    char *message;
    DrawStyle message_style;
    Text messages; /* everything that was said */
    WINDOW *cover; /* over everything while the terminal is too small */
    PANEL *cover_panel;
    bool leaving;
    int ended_by; /* signal, or 0 */
};

const Status *screen_status(const Screen *screen)
{
    return &screen->status;
}

const Config *screen_config(const Screen *screen)
{
    return screen->config;
}

void screen_leave(Screen *screen)
{
    screen->leaving = true;
}

/* --- views --- */

static View *top_view(const Screen *screen)
{
    return screen->views[screen->view_count - 1];
}

View *screen_push(Screen *screen, const ViewOps *ops, void *state)
{
    View *view = memory_zero(1, sizeof *view);
    *view = (View){.ops = ops, .state = state};
    memory_grow((void **)&screen->views, screen->view_count, &screen->view_capacity, sizeof(View *));
    size_t at = screen->view_count++;
    while (!ops->modal && at > 0 && screen->views[at - 1]->ops->modal) {
        screen->views[at] = screen->views[at - 1];
        at--;
    }
    screen->views[at] = view;
    return view;
}

static void close_top(Screen *screen)
{
    View *view = top_view(screen);
    screen->view_count--;
    view->ops->close(view);
    free(view);
}

static void show_top(Screen *screen)
{
    View *view = top_view(screen);
    if (view->ops->shown) {
        view->ops->shown(view, screen);
    }
}

void screen_pop(Screen *screen)
{
    if (screen->view_count == 1) {
        screen_leave(screen);
        return;
    }
    close_top(screen);
    show_top(screen);
}

void screen_home(Screen *screen)
{
    while (screen->view_count > 1) {
        close_top(screen);
    }
    show_top(screen);
}

/* --- messages --- */

static void set_message(Screen *screen, DrawStyle style, char *text)
{
    free(screen->message);
    screen->message = text;
    screen->message_style = style;
    if (*text) {
        text_addf(&screen->messages, "%s\n", text);
    }
}

void screen_say(Screen *screen, DrawStyle style, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    set_message(screen, style, text_vformat(format, args));
    va_end(args);
}

void screen_say_error(Screen *screen, const Error *err)
{
    screen_say(screen, DRAW_ERROR, err->hint[0] ? "%s: %s" : "%s", err->message, err->hint);
}

static void say_messages(Screen *screen, const Report *report)
{
    Text all = {0};
    DrawStyle style = DRAW_PLAIN;
    for (size_t i = 0; i < report->message_count; i++) {
        text_addf(&all, "%s%s", i ? "; " : "", report->messages[i].text);
        style = report->messages[i].level == REPORT_WARNING ? DRAW_WARNING : style;
    }
    if (report->message_count > 0) {
        set_message(screen, style, text_take(&all));
    }
}

static void show_messages(Screen *screen)
{
    view_document_open(screen, &(DocumentSpec){.title = "Messages",
                                               .text = memory_string(text_string(&screen->messages)),
                                               .wrap = true,
                                               .save_as = "amx-messages.txt"});
}

/* --- the worker --- */

unsigned screen_submit(Screen *screen, const char *line)
{
    free(screen->message);
    screen->message = NULL;
    return worker_submit(screen->worker, line, JOB_FOREGROUND);
}

void screen_answer(Screen *screen, bool yes)
{
    worker_answer(screen->worker, yes);
}

void screen_refresh(Screen *screen)
{
    if (screen->full_ticket) {
        screen->refresh_again = true;
        return;
    }
    screen->local_ticket = worker_submit(screen->worker, STATUS_LOCAL, JOB_BACKGROUND);
    screen->full_ticket = worker_submit(screen->worker, STATUS_FULL, JOB_BACKGROUND);
}

/* Takes a status report; false when the outcome is of another job. */
static bool take_status(Screen *screen, const Outcome *outcome)
{
    bool local_only = outcome->ticket == screen->local_ticket;
    if (!local_only && outcome->ticket != screen->full_ticket) {
        return false;
    }
    *(local_only ? &screen->local_ticket : &screen->full_ticket) = 0;
    if (outcome->stopped) {
        screen->refresh_again = true; /* made room for what a person asked for */
    } else if (outcome->done) {
        status_update(&screen->status, &outcome->report, local_only);
    } else {
        status_fail(&screen->status, &outcome->error);
    }
    return true;
}

void screen_show(Screen *screen, Outcome *outcome)
{
    Report *report = &outcome->report;
    char *text = NULL;
    switch (report->body) {
    case REPORT_EMPTY:
        if (report->message_count == 0) {
            screen_say(screen, DRAW_PLAIN, "done: %s", outcome->line);
        }
        return;
    case REPORT_LIST:
        view_list_open(screen, outcome);
        return;
    case REPORT_OBJECT:
        text = display_object(report);
        break;
    case REPORT_DOCUMENT:
        text = memory_string(report->document);
        break;
    }
    bool ddl = report->body == REPORT_DOCUMENT;
    view_document_open(screen, &(DocumentSpec){.title = outcome->line,
                                               .text = text,
                                               .wrap = !ddl,
                                               .save_as = ddl ? "amx.sql" : "amx.txt"});
}

static void take_outcome(Screen *screen, Outcome *outcome)
{
    if (take_status(screen, outcome)) {
        return;
    }
    say_messages(screen, &outcome->report);
    bool taken = false;
    for (size_t i = screen->view_count; i-- > 0 && !taken;) {
        View *view = screen->views[i];
        taken = view->ops->outcome && view->ops->outcome(view, screen, outcome);
    }
    if (!taken && outcome->done) {
        screen_show(screen, outcome);
    } else if (!taken) {
        screen_say_error(screen, &outcome->error);
    }
    screen_refresh(screen);
}

static void question_answered(Screen *screen, const char *line, size_t button)
{
    (void)line;
    screen_answer(screen, button == 1);
}

static void take_outcomes(Screen *screen)
{
    Outcome outcome;
    worker_acknowledge(screen->worker);
    while (worker_take(screen->worker, &outcome)) {
        take_outcome(screen, &outcome);
        outcome_free(&outcome);
    }
    if (screen->refresh_again && !screen->full_ticket && !worker_state(screen->worker).busy) {
        screen->refresh_again = false;
        screen_refresh(screen);
    }
    char *question = worker_question(screen->worker);
    if (question) {
        dialog_confirm(screen, "The command asks", question, "", question_answered);
        free(question);
    }
}

/* --- keys --- */

static void run_typed(Screen *screen, void *context, const char *text)
{
    (void)context;
    if (text_equal(text, "q") || text_equal(text, "quit")) {
        screen_leave(screen);
    } else if (*text) {
        guard_run(screen, text);
    }
}

static void stop_worker(Screen *screen)
{
    if (worker_state(screen->worker).busy) {
        worker_stop(screen->worker);
        screen_say(screen, DRAW_WARNING, "stopping..");
    } else {
        screen_say(screen, DRAW_PLAIN, "nothing runs; q leaves");
    }
}

static void go_back(Screen *screen, Key key)
{
    if (key == KEY_ESCAPE && worker_state(screen->worker).busy) {
        stop_worker(screen);
    } else {
        screen_pop(screen);
    }
}

static void act(Screen *screen, View *view, Action action, Key key)
{
    switch (action) {
    case ACTION_BACK:
        go_back(screen, key);
        break;
    case ACTION_HELP:
        view_document_open(screen, &(DocumentSpec){.title = "Help",
                                                   .text = keys_help(view->ops->bindings),
                                                   .wrap = true,
                                                   .save_as = "amx-help.txt"});
        break;
    case ACTION_COMMAND:
        prompt_open(screen, &(PromptSpec){.label = ":", .answered = run_typed});
        break;
    case ACTION_MESSAGES:
        show_messages(screen);
        break;
    case ACTION_RELOAD:
        screen_refresh(screen);
        break;
    case ACTION_REDRAW:
        clearok(curscr, TRUE);
        break;
    case ACTION_SUSPEND:
        tty_suspend();
        break;
    case ACTION_STOP:
        stop_worker(screen);
        break;
    default:
        break;
    }
}

static void take_key(Screen *screen, Key key)
{
    View *view = top_view(screen);
    if (view->ops->key && view->ops->key(view, screen, key)) {
        return;
    }
    const Binding *binding = keys_find(view->ops->bindings, key);
    binding = binding ? binding : keys_find(keys_global, key);
    if (!binding) {
        return;
    }
    if (binding->line) {
        guard_run(screen, binding->line);
    } else if (!view->ops->act || !view->ops->act(view, screen, binding->action)) {
        act(screen, view, binding->action, key);
    }
}

static bool too_small(void)
{
    return LINES < LEAST_LINES || COLS < LEAST_COLUMNS;
}

/* What a person can't see they don't answer: while the terminal is too small, only leaving works. */
static void take_key_blind(Screen *screen, Key key)
{
    if (key == 'q' || key == KEY_CONTROL('c')) {
        screen_leave(screen);
    }
}

static void take_keys(Screen *screen)
{
    Key key;
    bool pasted;
    while (!screen->leaving && tty_key(&key, &pasted)) {
        if (pasted && !top_view(screen)->ops->pastes) {
            continue;
        }
        /* A line break in pasted text is not an Enter. */
        if (pasted && (key < ' ' || key == KEY_RETURN)) {
            continue;
        }
        if (too_small()) {
            take_key_blind(screen, key);
        } else {
            take_key(screen, key);
        }
    }
}

/* --- drawing --- */

static const View *full_view(const Screen *screen)
{
    size_t i = screen->view_count - 1;
    while (i > 0 && screen->views[i]->ops->modal) {
        i--;
    }
    return screen->views[i];
}

static void draw_title(const Screen *screen, const View *view)
{
    Area row = {.window = stdscr, .height = 1, .width = COLS};
    char *left = view->ops->title(view);
    char *right = status_title(&screen->status);
    char *harmless = text_visible(right);
    int room = cells_width(harmless) + 1;
    room = room > COLS / 2 ? COLS / 2 : room;
    char *text = text_format(" %s", left);
    draw_line(&row, 0, DRAW_BAR, "");
    draw_text(&row, 0, 0, COLS - room - 1, DRAW_BAR, text);
    draw_text(&row, 0, COLS - room, room - 1, DRAW_BAR, harmless);
    free(text);
    free(harmless);
    free(right);
    free(left);
}

static void draw_message(Screen *screen)
{
    Area row = {.window = stdscr, .top = LINES - 2, .height = 1, .width = COLS};
    WorkerState state = worker_state(screen->worker);
    if (state.busy) {
        char *progress =
            *state.what ? text_format("  %s %lld/%lld", state.what, state.done, state.total) : NULL;
        char *text = state.queued
                         ? text_format(" %s ..%s  (Esc stops it; %zu wait)", state.line,
                                       progress ? progress : "", state.queued)
                         : text_format(" %s ..%s  (Esc stops it)", state.line, progress ? progress : "");
        draw_line(&row, 0, DRAW_WARNING, text);
        free(text);
        free(progress);
    } else if (screen->message) {
        char *text = text_format(" %s", screen->message);
        draw_line(&row, 0, screen->message_style, text);
        free(text);
    }
}

static void draw_hints(const View *view)
{
    Area row = {.window = stdscr, .top = LINES - 1, .height = 1, .width = COLS};
    char *hints = keys_hints(view->ops->bindings);
    draw_line(&row, 0, DRAW_BAR, hints);
    free(hints);
}

static void draw_cover(Screen *screen)
{
    if (!screen->cover) {
        screen->cover = newwin(0, 0, 0, 0);
        screen->cover_panel = new_panel(screen->cover);
    }
    wresize(screen->cover, LINES, COLS);
    replace_panel(screen->cover_panel, screen->cover);
    top_panel(screen->cover_panel);
    werase(screen->cover);
    Area area = {.window = screen->cover, .height = LINES, .width = COLS};
    char *text = text_format("amx needs %d columns and %d lines; this terminal has %d and %d.\nq leaves.",
                             LEAST_COLUMNS, LEAST_LINES, COLS, LINES);
    draw_paragraph(&area, 0, DRAW_BOLD, text);
    free(text);
}

static void remove_cover(Screen *screen)
{
    if (screen->cover) {
        del_panel(screen->cover_panel);
        delwin(screen->cover);
        screen->cover = NULL;
    }
}

static void draw_views(Screen *screen)
{
    const View *full = full_view(screen);
    Area body = {.window = stdscr, .top = 1, .height = LINES - 3, .width = COLS};
    draw_message(screen);
    bool drawing = false;
    for (size_t i = 0; i < screen->view_count; i++) {
        View *view = screen->views[i];
        drawing = drawing || view == full;
        if (drawing) {
            view->ops->draw(view, screen, &body);
        }
    }
    draw_title(screen, full); /* after its body, which knows now how much of it fits */
    draw_hints(full);
}

static void draw(Screen *screen)
{
    werase(stdscr);
    if (too_small()) {
        draw_cover(screen);
    } else {
        remove_cover(screen);
        draw_views(screen);
    }
    wnoutrefresh(stdscr); /* update_panels knows of it only once there has been a panel */
    update_panels();
    doupdate();
}

/* --- the loop --- */

static void take_signals(Screen *screen)
{
    for (int number = tty_signal(); number != 0; number = tty_signal()) {
        if (number == SIGWINCH) {
            tty_resize();
        } else if (number == SIGTSTP) {
            tty_suspend();
        } else {
            screen->ended_by = number;
            screen_leave(screen);
        }
    }
}

static void loop(Screen *screen)
{
    while (!screen->leaving) {
        draw(screen);
        struct pollfd ready[] = {
            {.fd = STDIN_FILENO, .events = POLLIN},
            {.fd = tty_signal_fd(), .events = POLLIN},
            {.fd = worker_fd(screen->worker), .events = POLLIN},
        };
        if (poll(ready, sizeof ready / sizeof *ready, -1) < 0 && errno != EINTR) {
            screen_leave(screen);
        }
        if ((ready[0].revents & (POLLHUP | POLLERR | POLLNVAL)) && !(ready[0].revents & POLLIN)) {
            screen->ended_by = SIGHUP; /* the terminal is gone */
            screen_leave(screen);
        }
        take_signals(screen);
        take_outcomes(screen);
        take_keys(screen);
    }
}

static void close_screen(Screen *screen)
{
    while (screen->view_count > 0) {
        close_top(screen);
    }
    remove_cover(screen);
    free(screen->views);
    free(screen->message);
    text_free(&screen->messages);
    status_free(&screen->status);
}

bool screen_run(const Args *args, const Config *config, Error *err)
{
    Screen screen = {.config = config};
    if (!tty_open(print_style(args, config, stdout).color, err)) {
        return false;
    }
    if (!worker_open(&args->app, &screen.worker, err)) {
        tty_close();
        return false;
    }
    view_picker_open(&screen);
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
