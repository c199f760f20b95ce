/* What the screen asks of its worker, and what becomes of the answers. */
#include "screen_internal.h"

#include "clock.h"
#include "dialog.h"
#include "display.h"
#include "list_query.h"
#include "memory.h"
#include "view_ask.h"
#include "view_compare.h"
#include "view_document.h"
#include "view_list.h"
#include "view_review.h"
#include "view_run.h"
#include "view_session.h"
#include "view_team.h"

#define STATUS_LOCAL "db history-store status --offline"
#define STATUS_FULL "db history-store status"
#define LOOK_AGAIN_MS 10000

/* A conversation is shown under its own messages: who began it, under which profile. */
static bool is_conversation(const Report *report)
{
    return report->schema && text_starts(report->schema, "amx.turns/");
}

static bool is_review(const Report *report)
{
    return report->schema && text_starts(report->schema, "amx.drafts/");
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
        screen_keep_message(screen, text_string(&all));
    } else if (report->message_count > 0) {
        screen_say(screen, style, "%s", text_string(&all));
    }
    text_free(&all);
}

unsigned screen_submit_for(Screen *screen, TabId tab, const char *line, JobKind kind)
{
    unsigned ticket = worker_submit(screen->worker, line, kind);
    memory_grow((void **)&screen->requests, screen->request_count, &screen->request_capacity,
                sizeof *screen->requests);
    screen->requests[screen->request_count++] = (Request){.ticket = ticket, .tab = tab};
    return ticket;
}

unsigned screen_submit(Screen *screen, const char *line)
{
    screen_say_no_more(screen);
    return screen_submit_for(screen, screen->acting, line, JOB_FOREGROUND);
}

unsigned screen_read(Screen *screen, const void *owner, const char *line)
{
    return worker_read(screen->worker, owner, line);
}

void screen_forget(Screen *screen, const void *owner)
{
    worker_forget(screen->worker, owner);
}

void screen_answer(Screen *screen, bool yes)
{
    worker_answer(screen->worker, yes);
}

void screen_refresh(Screen *screen)
{
    if (screen->full_ticket) {
        screen->refresh_again = true;
        screen_look_at_home(screen);
        return;
    }
    screen_look_at_home(screen);
    screen->full_ticket = worker_submit(screen->worker, STATUS_FULL, JOB_BACKGROUND);
}

void screen_look_at_home(Screen *screen)
{
    if (!screen->local_ticket) {
        screen->local_ticket = worker_submit(screen->worker, STATUS_LOCAL, JOB_BACKGROUND);
    }
}

void screen_look_again(Screen *screen)
{
    if (!screen->full_ticket && clock_monotonic_ms() - screen->looked_ms >= LOOK_AGAIN_MS) {
        screen->full_ticket = worker_submit(screen->worker, STATUS_FULL, JOB_BACKGROUND);
    }
}

/* Tells the views, whichever tab they are in. */
static void tell_status(Screen *screen)
{
    for (int tab = 0; tab < TAB_COUNT; tab++) {
        const Stack *stack = &screen->stacks[tab];
        for (size_t i = 0; i < stack->count; i++) {
            if (stack->views[i]->ops->status) {
                stack->views[i]->ops->status(stack->views[i], screen);
            }
        }
    }
}

/* Takes a status report; false when the outcome is of another job. */
static bool take_status(Screen *screen, const Outcome *outcome)
{
    bool local_only = outcome->ticket == screen->local_ticket;
    if (!local_only && outcome->ticket != screen->full_ticket) {
        return false;
    }
    *(local_only ? &screen->local_ticket : &screen->full_ticket) = 0;
    screen->looked_ms = local_only ? screen->looked_ms : clock_monotonic_ms();
    if (outcome->stopped) {
        screen->refresh_again = true; /* made room for what a person asked for */
    } else if (!local_only && screen->refresh_again) {
        return true; /* something happened while it looked: the next one knows better */
    } else if (outcome->done) {
        status_update(&screen->status, &outcome->report, local_only);
    } else {
        status_fail(&screen->status, &outcome->error);
    }
    tell_status(screen);
    return true;
}

/* A document that a program reads has a name that the program expects. */
static const char *file_name(const Report *report)
{
    static const struct {
        const char *schema;
        const char *name;
    } files[] = {{"amx.ddl/", "amx.sql"},
                 {"amx.sql/", "amx.sql"},
                 {"amx.decisions/", "amx-decisions.jsonl"},
                 {"amx.man/", "amx.1"}};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        if (report->schema && text_starts(report->schema, files[i].schema)) {
            return files[i].name;
        }
    }
    return NULL;
}

static void show_text(Screen *screen, const Outcome *outcome, char *text, bool wrap)
{
    view_document_open(screen, &(DocumentSpec){.title = outcome->line,
                                               .text = text,
                                               .wrap = wrap,
                                               .save_as = file_name(&outcome->report)});
}

static void show_list(Screen *screen, Outcome *outcome)
{
    const Report *report = &outcome->report;
    if (is_conversation(report)) {
        view_session_show(screen, outcome);
    } else if (is_review(report)) {
        view_review_open(screen, outcome);
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
        } else if (report->document) { /* an answer, as it reads */
            show_text(screen, outcome, memory_string(report->document), true);
        } else if (!is_told(outcome)) {
            show_text(screen, outcome, display_object(report), true);
        }
        break;
    case REPORT_DOCUMENT:
        show_text(screen, outcome, memory_string(report->document), false);
        break;
    }
}

bool screen_tab_asked(const Screen *screen, const WorkerState *running)
{
    for (size_t i = 0; i < screen->request_count; i++) {
        if (screen->requests[i].ticket == running->ticket) {
            return screen->requests[i].tab == screen->tab;
        }
    }
    return false;
}

bool screen_running(const Screen *screen, WorkerState *out, size_t *others)
{
    WorkerState states[WORKER_LANES];
    size_t count = worker_states(screen->worker, states);
    size_t chosen = 0;
    while (chosen < count && !screen_tab_asked(screen, &states[chosen])) {
        chosen++;
    }
    if (count == 0) {
        return false;
    }
    *out = states[chosen < count ? chosen : 0];
    *others = count - 1;
    return true;
}

/* The tab that asked for it; the one that is shown when none did. */
static TabId take_request(Screen *screen, unsigned ticket)
{
    TabId tab = screen->tab;
    for (size_t i = 0; i < screen->request_count; i++) {
        if (screen->requests[i].ticket == ticket) {
            tab = screen->requests[i].tab;
            screen->requests[i] = screen->requests[--screen->request_count];
            break;
        }
    }
    return tab;
}

/* To the views of one tab, the top one first; true when one took it. */
static bool offer(Screen *screen, TabId tab, Outcome *outcome)
{
    const Stack *stack = &screen->stacks[tab];
    screen->acting = tab;
    for (size_t i = stack->count; i-- > 0;) {
        View *view = stack->views[i];
        if (view->ops->outcome && view->ops->outcome(view, screen, outcome)) {
            return true;
        }
    }
    return false;
}

/* Nobody waits for it: opens it where it was asked for. A review takes the place of the one that is open, but
 * not while somebody is typing there, or is asked something. */
static void show_unclaimed(Screen *screen, TabId tab, Outcome *outcome)
{
    size_t before = screen->stacks[tab].count;
    screen->acting = tab;
    if (!outcome->done) {
        screen_say_error(screen, &outcome->error);
        return;
    }
    if (is_review(&outcome->report) && screen_asks(screen, TAB_REVIEW)) {
        outcome_free(&screen->held);
        screen->held = *outcome;
        screen->held_for = tab;
        *outcome = (Outcome){0};
        return;
    }
    screen_show(screen, outcome);
    if (tab != screen->tab && screen->stacks[tab].count > before) {
        screen_say(screen, DRAW_PLAIN, "%s: to be seen under %s", outcome->line, tabs_kind(tab)->name);
    }
}

/* A read of the shared store tells whether the shared store is in reach, as the status does. A store that did
 * not answer this read in time may be slow, or away: the status asks it for less. */
static void hear(Screen *screen, const Outcome *outcome)
{
    bool away = !outcome->done && status_is_away(&outcome->error);
    bool late = !outcome->done && outcome->error.kind == ERROR_TIMEOUT;
    if (!list_query_traits(outcome->line).shared || outcome->stopped) {
        return;
    }
    if (late ? screen->status.reach != TRI_NO
             : (outcome->done || away) && status_hear(&screen->status, !away)) {
        screen_refresh(screen);
    }
}

/* What a view read for itself: nothing to say, and nothing that anybody else would show. */
static void take_read(Screen *screen, Outcome *outcome)
{
    bool taken = false;
    hear(screen, outcome);
    for (int tab = 0; tab < TAB_COUNT && !taken; tab++) {
        taken = offer(screen, (TabId)tab, outcome);
    }
    screen->acting = screen->tab;
}

/* The view that is seen reads anew; the others do when they are shown again. */
static void take_changes(Screen *screen)
{
    View *view = screen->stacks[screen->tab].views[screen_full(screen)];
    if (worker_changed(screen->worker) && view->ops->changed) {
        view->ops->changed(view, screen);
    }
}

static void take_outcome(Screen *screen, Outcome *outcome)
{
    if (take_status(screen, outcome)) {
        return;
    }
    if (outcome->kind == JOB_READ) {
        take_read(screen, outcome);
        return;
    }
    if (!outcome->done) {
        screen_stay(screen); /* to read why */
    }
    say_messages(screen, &outcome->report);
    view_ask_hear(screen, outcome);
    TabId asked = take_request(screen, outcome->ticket);
    if (!offer(screen, asked, outcome)) {
        show_unclaimed(screen, asked, outcome);
    }
    screen->acting = screen->tab;
    screen_refresh(screen);
}

void screen_take_held(Screen *screen)
{
    if (!screen->held.line || screen_asks(screen, TAB_REVIEW)) {
        return;
    }
    Outcome outcome = screen->held;
    screen->held = (Outcome){0};
    show_unclaimed(screen, screen->held_for, &outcome);
    screen->acting = screen->tab;
    outcome_free(&outcome);
}

static void question_answered(Screen *screen, const char *line, size_t button)
{
    (void)line;
    screen_answer(screen, button == 1);
}

/* To the views of the tab that asked for it; what none of them wants is in the outcome, too. */
static void take_stream(Screen *screen, const Streamed *streamed)
{
    for (size_t i = 0; i < screen->request_count; i++) {
        if (screen->requests[i].ticket != streamed->ticket) {
            continue;
        }
        const Stack *stack = &screen->stacks[screen->requests[i].tab];
        for (size_t v = stack->count; v-- > 0;) {
            View *view = stack->views[v];
            if (view->ops->stream && view->ops->stream(view, screen, streamed)) {
                return;
            }
        }
    }
}

static void take_streams(Screen *screen)
{
    Streamed streamed;
    while (worker_stream(screen->worker, &streamed)) {
        take_stream(screen, &streamed);
        free(streamed.text);
    }
}

void screen_take_outcomes(Screen *screen)
{
    Outcome outcome;
    worker_acknowledge(screen->worker);
    take_streams(screen);
    while (worker_take(screen->worker, &outcome)) {
        take_outcome(screen, &outcome);
        outcome_free(&outcome);
    }
    take_changes(screen);
    if (screen->refresh_again && !screen->full_ticket) {
        screen->refresh_again = false;
        screen_refresh(screen);
    }
}

/* Shows what a command asks, but not under the fingers of somebody who is typing something else. */
void screen_take_question(Screen *screen)
{
    char *question = screen_top(screen)->ops->modal ? NULL : worker_question(screen->worker);
    if (question) {
        screen_stay(screen);
        dialog_confirm(screen, "The command asks", question, "", question_answered);
        free(question);
    }
}
