#include "screen.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "dialog.h"
#include "display.h"
#include "memory.h"
#include "print.h"
#include "screen_internal.h"
#include "tty.h"
#include "view_compare.h"
#include "view_document.h"
#include "view_list.h"
#include "view_picker.h"
#include "view_run.h"
#include "view_team.h"

#define STATUS_LOCAL "db history-store status --offline"
#define STATUS_FULL "db history-store status"

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

void screen_leave(Screen *screen)
{
    screen->leaving = true;
}

/* --- views --- */

View *screen_top(const Screen *screen)
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
    View *view = screen_top(screen);
    screen->view_count--;
    view->ops->close(view);
    free(view);
}

static void show_top(Screen *screen)
{
    View *view = screen_top(screen);
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

static void keep_message(Screen *screen, const char *text)
{
    if (*text) {
        text_addf(&screen->messages, "%s\n", text);
    }
}

static void set_message(Screen *screen, DrawStyle style, char *text)
{
    keep_message(screen, text);
    free(screen->message);
    screen->message = text;
    screen->message_style = style;
}

void screen_say_no_more(Screen *screen)
{
    free(screen->message);
    screen->message = NULL;
}

/* A conversation is shown under its own messages: who began it, under which profile. */
static bool is_conversation(const Report *report)
{
    return report->schema && text_starts(report->schema, "amx.turns/");
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
    if (is_conversation(report)) {
        keep_message(screen, text_string(&all));
    } else if (report->message_count > 0) {
        set_message(screen, style, text_take(&all));
    }
    text_free(&all);
}

/* --- the worker --- */

unsigned screen_submit(Screen *screen, const char *line)
{
    screen_say_no_more(screen);
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

static void show_text(Screen *screen, const Outcome *outcome, char *text, bool wrap)
{
    view_document_open(screen, &(DocumentSpec){.title = outcome->line,
                                               .text = text,
                                               .wrap = wrap,
                                               .save_as = wrap ? "amx.txt" : "amx.sql"});
}

static void show_list(Screen *screen, Outcome *outcome)
{
    const Report *report = &outcome->report;
    if (is_conversation(report)) {
        show_text(screen, outcome, display_conversation(report), true);
    } else if (view_compare_fits(outcome)) {
        view_compare_open(screen, outcome);
    } else if (view_team_fits(outcome)) {
        view_team_show(screen, outcome);
    } else {
        view_list_open(screen, outcome);
    }
}

/* What a command did fits the message line, where say_messages has put it; what it found needs a view. */
static bool is_told(const Outcome *outcome)
{
    return outcome->report.message_count > 0 && (outcome->flags & COMMAND_WRITES);
}

void screen_show(Screen *screen, Outcome *outcome)
{
    const Report *report = &outcome->report;
    switch (report->body) {
    case REPORT_EMPTY:
        if (report->message_count == 0) {
            screen_say(screen, DRAW_PLAIN, "done: %s", outcome->line);
        }
        break;
    case REPORT_LIST:
        show_list(screen, outcome);
        break;
    case REPORT_OBJECT:
        if (view_run_fits(outcome)) {
            view_run_open(screen, outcome);
        } else if (!is_told(outcome)) {
            show_text(screen, outcome, display_object(report), true);
        }
        break;
    case REPORT_DOCUMENT:
        show_text(screen, outcome, memory_string(report->document), false);
        break;
    }
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
}

/* Shows what a command asks, but not under the fingers of somebody who is typing something else. */
static void take_question(Screen *screen)
{
    char *question = screen_top(screen)->ops->modal ? NULL : worker_question(screen->worker);
    if (question) {
        dialog_confirm(screen, "The command asks", question, "", question_answered);
        free(question);
    }
}

/* --- the loop --- */

static void take_size(Screen *screen)
{
    tty_resize();
    for (size_t i = 0; i < screen->view_count; i++) {
        if (screen->views[i]->ops->resized) {
            screen->views[i]->ops->resized(screen->views[i]);
        }
    }
}

static void take_signals(Screen *screen)
{
    for (int number = tty_signal(); number != 0; number = tty_signal()) {
        if (number == SIGWINCH) {
            take_size(screen);
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
        screen_draw(screen);
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
        screen_take_keys(screen);
        take_question(screen);
    }
}

static void close_screen(Screen *screen)
{
    while (screen->view_count > 0) {
        close_top(screen);
    }
    screen_uncover(screen);
    free(screen->views);
    free(screen->message);
    text_free(&screen->messages);
    status_free(&screen->status);
}

bool screen_run(const Args *args, const Config *config, Error *err)
{
    Screen screen = {.options = &args->app, .config = config};
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
