#include "view_list_internal.h"

#include <stdlib.h>
#include <string.h>

#include "display.h"
#include "guard.h"
#include "memory.h"
#include "quote.h"
#include "session_actions.h"
#include "session_text.h"
#include "sparkline.h"
#include "text.h"
#include "view_compare.h"
#include "view_document.h"
#include "view_session.h"

/* --- reading --- */

/* Does the first page hold every run of the last days? */
static bool knows_days(const Listing *rows, const Report *report)
{
    bool as_they_come = !report->previous && !rows->shown.sort && !*rows->shown.filter;
    return as_they_come && (!report->next || sparkline_day_span(report->items, "started") >= DAYS);
}

/* Runs a day, from the newest ones; kept while others are in sight. */
static void keep_days(List *list)
{
    const Report *report = list_rows_report(&list->listing.rows);
    bool known = view_list_is_runs(list) && knows_days(&list->listing, report);
    if (known || !text_equal(list->days_line, list->listing.shown.line)) {
        free(list->days);
        free(list->days_line);
        list->days =
            known ? sparkline_of_days(report->items, "started", NULL, DAYS, sparkline_has_blocks()) : NULL;
        list->days_line = memory_string(list->listing.shown.line);
    }
}

static bool outcome(View *view, Screen *screen, Outcome *got)
{
    List *list = view->state;
    if (list->going_on && got->ticket == list->going_on) {
        list->going_on = 0;
        session_actions_done(screen, got);
        return true;
    }
    ListingNews news = listing_outcome(&list->listing, screen, got);
    if (news == LISTING_READ) {
        keep_days(list);
    } else if (news == LISTING_FAILED) {
        screen_say_error(screen, &got->error);
    }
    return news != LISTING_OTHER;
}

static void changed(View *view, Screen *screen)
{
    listing_changed(&((List *)view->state)->listing, screen);
}

/* --- what the keys do --- */

/* A row by itself, every titled column in full. */
static void show_row(const List *list, Screen *screen, json_t *row)
{
    Report report = {.body = REPORT_OBJECT,
                     .columns = list_rows_report(&list->listing.rows)->columns,
                     .column_count = list_rows_report(&list->listing.rows)->column_count,
                     .items = row};
    char *title = view_list_name(list);
    view_document_open(screen,
                       &(DocumentSpec){.title = title, .text = display_object(&report), .wrap = true});
    free(title);
}

/* The command that shows a row in full: a teammate's is named by its origin, too. */
static char *open_line(const List *list, const ListKind *kind, const json_t *row)
{
    Text line = {0};
    const char *origin = json_string_value(json_object_get(row, "origin_id"));
    text_addf(&line, "%s %" JSON_INTEGER_FORMAT, kind->open,
              json_integer_value(json_object_get(row, "local_id")));
    if (origin && listing_shows_team(&list->listing)) {
        text_add(&line, " --origin ");
        quote_add(&line, origin);
    }
    return text_take(&line);
}

static void open_selected(const List *list, Screen *screen)
{
    json_t *row = listing_selected(&list->listing);
    const ListKind *kind = view_list_kind(list_rows_report(&list->listing.rows));
    if (!row) {
        return;
    }
    if (!kind || !kind->open || !json_is_integer(json_object_get(row, "local_id"))) {
        show_row(list, screen, row);
        return;
    }
    char *line = open_line(list, kind, row);
    if (text_starts(kind->schema, "amx.sessions/")) {
        view_session_open(screen, line, row);
    } else {
        screen_submit(screen, line);
    }
    free(line);
}

static void next_scope(List *list, Screen *screen)
{
    bool alone = status_enabled(screen_status(screen)) == TRI_NO;
    const char *line = list_query_next_scope(list->listing.wanted.line, alone);
    if (line) {
        listing_turn_to(&list->listing, screen, line);
    } else {
        screen_say(screen, DRAW_PLAIN, "this list has one scope; sessions, runs and events have several");
    }
}

/* A command about the selected run; a teammate's is not ours to decide about. */
static void run_about(const List *list, Screen *screen, const char *command)
{
    const json_t *row = listing_selected(&list->listing);
    const char *origin = json_string_value(json_object_get(row, "origin_id"));
    if (row && listing_shows_team(&list->listing) &&
        !text_equal(origin, status_text(screen_status(screen), "origin"))) {
        screen_say(screen, DRAW_WARNING, "a teammate's run is read-only: %s decides about it",
                   json_string_value(json_object_get(row, "who")));
    } else if (row) {
        char *line =
            text_format("%s %lld", command, (long long)json_integer_value(json_object_get(row, "local_id")));
        guard_run(screen, line);
        free(line);
    }
}

/* Why it can only be read is said by whoever refuses. */
static void go_on_with(List *list, Screen *screen, const json_t *row)
{
    bool team = listing_shows_team(&list->listing);
    char *foreign = session_text_foreign(row, team);
    list->going_on = session_actions_resume(screen, session_actions_name(screen, row, team), foreign);
    free(foreign);
}

static void act_on_session(List *list, Screen *screen, Action action)
{
    const json_t *row = listing_selected(&list->listing);
    if (!row || !view_list_is_sessions(list)) {
        return;
    }
    SessionName name = session_actions_name(screen, row, listing_shows_team(&list->listing));
    switch (action) {
    case ACTION_RESUME:
        go_on_with(list, screen, row);
        break;
    case ACTION_FORK:
        list->going_on = session_actions_fork(screen, name);
        break;
    case ACTION_RENAME:
        session_actions_rename(screen, name, json_string_value(json_object_get(row, "title")));
        break;
    default:
        session_actions_export(screen, name);
    }
}

static bool act(View *view, Screen *screen, Action action)
{
    List *list = view->state;
    switch (action) {
    case ACTION_OPEN:
        open_selected(list, screen);
        return true;
    case ACTION_RELOAD:
        screen_refresh(screen);
        return listing_act(&list->listing, screen, action);
    case ACTION_SCOPE:
        next_scope(list, screen);
        return true;
    case ACTION_MARK:
        view_compare_mark(screen, &list->mark, listing_selected(&list->listing),
                          listing_shows_team(&list->listing));
        return true;
    case ACTION_RESUME:
    case ACTION_FORK:
    case ACTION_RENAME:
    case ACTION_EXPORT:
        act_on_session(list, screen, action);
        return true;
    case ACTION_REVIEW:
        run_about(list, screen, "review");
        return true;
    case ACTION_ROLL_BACK:
        run_about(list, screen, "rollback");
        return true;
    default:
        return listing_act(&list->listing, screen, action);
    }
}

/* A double click opens. */
static bool mouse(View *view, Screen *screen, const Mouse *event)
{
    List *list = view->state;
    bool open;
    bool used = listing_mouse(&list->listing, screen, event, &open);
    if (open) {
        open_selected(list, screen);
    }
    return used;
}

static void close_list(View *view)
{
    List *list = view->state;
    listing_close(&list->listing);
    view_compare_unmark(&list->mark);
    free(list->days);
    free(list->days_line);
    free(list);
}

static char *copy(const View *view)
{
    return listing_copy(&((const List *)view->state)->listing);
}

static char *all_text(const View *view)
{
    return listing_text(&((const List *)view->state)->listing);
}

#define LIST_BINDINGS(has_scopes)                                                                            \
    {{KEY_RETURN, '\n', KEY_FUNCTION(KEY_ENTER)}, "Enter", "open", NULL, ACTION_OPEN, true},                 \
        LISTING_BINDINGS,                                                                                    \
    {                                                                                                        \
        {'f'}, "f", "scope", NULL, ACTION_SCOPE, has_scopes                                                  \
    }

static const Binding bindings[] = {LIST_BINDINGS(false)};
static const Binding event_bindings[] = {LIST_BINDINGS(true)};
static const Binding session_bindings[] = {
    LIST_BINDINGS(true),
    {{'r'}, "r", "resume", NULL, ACTION_RESUME, true},
    {{'F'}, "F", "fork", NULL, ACTION_FORK, true},
    {{'t'}, "t", "title", NULL, ACTION_RENAME, true},
    {{'x'}, "x", "export", NULL, ACTION_EXPORT, true},
};
static const Binding run_bindings[] = {
    LIST_BINDINGS(true),
    {{'v'}, "v", "review", NULL, ACTION_REVIEW, true},
    {{'c'}, "c", "compare two", NULL, ACTION_MARK, true},
    {{'b'}, "b", "roll back what was applied (asks)", NULL, ACTION_ROLL_BACK, false},
};

const Bindings view_list_keys = KEYS_OF(bindings);
const Bindings view_list_event_keys = KEYS_OF(event_bindings);
const Bindings view_list_session_keys = KEYS_OF(session_bindings);
const Bindings view_list_run_keys = KEYS_OF(run_bindings);

/* Esc lets a marked run go, then takes the filter away; q leaves. */
static bool key(View *view, Screen *screen, Key pressed)
{
    List *list = view->state;
    if (pressed == KEY_ESCAPE && list->mark.run) {
        view_compare_unmark(&list->mark);
        screen_say_no_more(screen);
        return true;
    }
    return listing_key(&list->listing, screen, pressed);
}

static bool awaits(const View *view, Key key)
{
    return listing_awaits(&((const List *)view->state)->listing, view_keys(view), key);
}

#define LIST_OPS                                                                                             \
    .title = view_list_title, .draw = view_list_draw, .key = key, .act = act, .awaits = awaits,              \
    .outcome = outcome, .shown = changed, .changed = changed, .mouse = mouse, .copy = copy,                  \
    .text = all_text, .close = close_list

static const ViewOps list_ops = {.bindings = KEYS_OF(bindings), LIST_OPS};
static const ViewOps event_list_ops = {.bindings = KEYS_OF(event_bindings), LIST_OPS};
static const ViewOps session_list_ops = {.bindings = KEYS_OF(session_bindings), LIST_OPS};
static const ViewOps run_list_ops = {.bindings = KEYS_OF(run_bindings), LIST_OPS};

void view_list_open(Screen *screen, Outcome *got)
{
    List *list = memory_zero(1, sizeof *list);
    list->listing.mark = &list->mark;
    listing_open(&list->listing, screen, got->line, &got->report);
    keep_days(list);
    screen_push(screen,
                view_list_is_runs(list)       ? &run_list_ops
                : view_list_is_sessions(list) ? &session_list_ops
                : view_list_is_events(list)   ? &event_list_ops
                                              : &list_ops,
                list);
}
