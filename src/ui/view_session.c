#include "view_session.h"

#include "command.h"
#include "list_query.h"
#include "memory.h"
#include "quote.h"
#include "scroll.h"
#include "session_actions.h"
#include "session_text.h"
#include "text.h"

#define TURNS_AT_ONCE 200
#define TURNS_MOST 2000 /* of a longer session the rest is left to the command line */

typedef struct Session {
    Screen *screen; /* for what it reads */
    char *line;     /* the command that shows it */
    long long id;   /* 0: unknown */
    bool team;      /* read from the team's store .. */
    bool teammates; /* .. where somebody else wrote it .. */
    char *origin;   /* .. in this history */
    char *head;     /* whose it is, or NULL before that is known */
    char *foreign;  /* why it can only be read, or NULL */
    bool deleted;   /* while it was shown */
    json_t *turns;
    bool reading; /* turns are under way; what is here is not all */
    bool more;    /* there are more than are shown */
    bool stale;   /* history.db changed while turns were read */
    json_t *next; /* turns that are read anew, to take the place of the others; or NULL */
    unsigned ticket;
    unsigned going_on; /* ticket of what resumes or forks it, or 0 */
    SessionText text;  /* laid out for `width` */
    int width;
    Select scroll;
} Session;

/* --- reading --- */

static void lay_out(Session *session, int width)
{
    session_text_free(&session->text);
    session->text = session_text_open(session->head, session->foreign, session->turns, width);
    session->width = width;
    select_resize(&session->scroll, session->text.count, session->scroll.height);
}

static void read_turns(Session *session, const char *after)
{
    Text line = {0};
    text_add(&line, session->line);
    if (after) {
        text_addf(&line, " --limit %d --after=", TURNS_AT_ONCE);
        quote_add(&line, after);
    }
    session->ticket = screen_read(session->screen, session, text_string(&line));
    text_free(&line);
}

static void read_anew(Session *session)
{
    session->stale = false;
    json_decref(session->next);
    session->next = json_array();
    read_turns(session, NULL);
}

static void take_head(Session *session, const Report *report)
{
    if (report->message_count > 0) {
        free(session->head);
        session->head = memory_string(report->messages[0].text);
    }
    session->id =
        session->id
            ? session->id
            : (long long)json_integer_value(json_object_get(json_array_get(report->items, 0), "session_id"));
}

static void take_turns(Session *session, const Report *report)
{
    take_head(session, report);
    json_array_extend(session->next, report->items);
    session->more = report->next && json_array_size(session->next) >= TURNS_MOST;
    if (report->next && !session->more) {
        read_turns(session, report->next);
        return;
    }
    json_decref(session->turns);
    session->turns = session->next;
    session->next = NULL;
    session->reading = false;
    lay_out(session, session->width);
}

static const ViewOps deleted_ops;

/* What somebody has deleted is not shown any longer, and there is nothing to do with it. */
static void take_deletion(View *view)
{
    Session *session = view->state;
    view->ops = &deleted_ops;
    free(session->foreign);
    session->foreign = memory_string("This session was deleted, and its turns with it. q goes back.");
    session->deleted = true;
    session->reading = false;
    json_array_clear(session->turns);
    lay_out(session, session->width);
}

/* --- drawing --- */

static char *title(const View *view)
{
    const Session *session = view->state;
    size_t last = session->scroll.top + session->scroll.height;
    last = last < session->scroll.count ? last : session->scroll.count;
    Text text = {0};
    text_add(&text, "Session");
    if (session->id) {
        text_addf(&text, " %lld", session->id);
    }
    if (session->deleted) {
        text_add(&text, "  DELETED");
        return text_take(&text);
    }
    if (session->reading) {
        text_add(&text, "  reading..");
    } else {
        text_addf(&text, "  %zu%s turns  %zu/%zu", json_array_size(session->turns), session->more ? "+" : "",
                  last, session->scroll.count);
    }
    text_add(&text, session->foreign ? "  READ-ONLY" : "");
    return text_take(&text);
}

static DrawStyle style_of(SessionLineKind kind)
{
    switch (kind) {
    case SESSION_HEAD:
    case SESSION_SPEAKER:
        return DRAW_BOLD;
    case SESSION_FOREIGN:
        return DRAW_FOREIGN;
    case SESSION_SPEECH:
    case SESSION_CITES:
        break;
    }
    return DRAW_PLAIN;
}

static void draw(View *view, const Screen *screen, const Area *body)
{
    (void)screen;
    Session *session = view->state;
    if (session->width != body->width - 2) {
        lay_out(session, body->width - 2);
    }
    session->scroll.height = (size_t)body->height;
    select_scroll(&session->scroll, 0);
    for (int i = 0; i < body->height; i++) {
        size_t at = session->scroll.top + (size_t)i;
        if (at < session->text.count) {
            const SessionLine *line = &session->text.lines[at];
            draw_text(body, i, 1, body->width - 2, style_of(line->kind), line->text);
        }
    }
    if (!session->reading && !session->deleted && json_array_size(session->turns) == 0) {
        draw_line(body, (int)session->text.count + 1, DRAW_PLAIN, " No turns yet.");
    }
}

/* --- what the keys do --- */

static char *whole_text(const View *view)
{
    const Session *session = view->state;
    SessionText laid = session_text_open(session->head, session->foreign, session->turns, 0);
    Text text = {0};
    for (size_t i = 0; i < laid.count; i++) {
        text_addf(&text, "%s\n", laid.lines[i].text);
    }
    session_text_free(&laid);
    return text_take(&text);
}

static SessionName name_of(const Session *session)
{
    return (SessionName){.id = session->id, .origin = session->teammates ? session->origin : NULL};
}

static bool act(View *view, Screen *screen, Action action)
{
    Session *session = view->state;
    long by = 0;
    if (scroll_rows(action, &session->scroll, &by)) {
        select_scroll(&session->scroll, by);
        return true;
    }
    switch (action) {
    case ACTION_RELOAD:
        read_anew(session);
        screen_refresh(screen);
        return true;
    case ACTION_RESUME:
        if (session->id) {
            session->going_on = session_actions_resume(screen, name_of(session), session->foreign);
        }
        return true;
    case ACTION_FORK:
        if (session->id) {
            session->going_on = session_actions_fork(screen, name_of(session));
        }
        return true;
    case ACTION_EXPORT:
        if (session->id) {
            session_actions_export(screen, name_of(session));
        }
        return true;
    default:
        return false;
    }
}

static void take_gone_on(View *view, Screen *screen, const Outcome *got);

static bool outcome(View *view, Screen *screen, Outcome *got)
{
    Session *session = view->state;
    if (session->going_on && got->ticket == session->going_on) {
        take_gone_on(view, screen, got);
        return true;
    }
    if (!session->ticket || got->ticket != session->ticket) {
        return false;
    }
    session->ticket = 0;
    if (got->stopped) { /* made room for what a person asked for */
        read_anew(session);
    } else if (got->done) {
        take_turns(session, &got->report);
    } else if (got->error.kind == ERROR_NOT_FOUND) { /* it was there to be opened */
        take_deletion(view);
    } else {
        session->reading = false;
        screen_say_error(screen, &got->error);
    }
    if (session->stale && !session->ticket) {
        read_anew(session);
    }
    return true;
}

static void changed(View *view, Screen *screen)
{
    (void)screen;
    Session *session = view->state;
    if (session->deleted) {
        return;
    }
    if (session->ticket) {
        session->stale = !session->team;
    } else if (!session->team) {
        read_anew(session);
    }
}

static void close_session(View *view)
{
    Session *session = view->state;
    screen_forget(session->screen, session);
    session_text_free(&session->text);
    json_decref(session->turns);
    json_decref(session->next);
    free(session->foreign);
    free(session->head);
    free(session->origin);
    free(session->line);
    free(session);
}

#define SESSION_BINDINGS(resume_note)                                                                        \
    {{'r'}, "r", resume_note, NULL, ACTION_RESUME, true}, {{'F'}, "F", "fork", NULL, ACTION_FORK, true},     \
    {                                                                                                        \
        {'x'}, "x", "export", NULL, ACTION_EXPORT, true                                                      \
    }

static const Binding bindings[] = {SESSION_BINDINGS("resume")};
static const Binding foreign_bindings[] = {SESSION_BINDINGS("why it is read-only")};

const Bindings view_session_keys = KEYS_OF(bindings);
const Bindings view_session_foreign_keys = KEYS_OF(foreign_bindings);

#define SESSION_OPS                                                                                          \
    .title = title, .draw = draw, .act = act, .outcome = outcome, .shown = changed, .changed = changed,      \
    .text = whole_text, .close = close_session

static const ViewOps session_ops = {.bindings = KEYS_OF(bindings), SESSION_OPS};
static const ViewOps deleted_ops = {SESSION_OPS};
static const ViewOps foreign_ops = {.bindings = KEYS_OF(foreign_bindings), SESSION_OPS};

static void push(Screen *screen, Session *session)
{
    screen_push(screen, session->foreign ? &foreign_ops : &session_ops, session);
}

/* A session that was resumed can be written to now; one that was forked stays what it is. */
static void take_gone_on(View *view, Screen *screen, const Outcome *got)
{
    Session *session = view->state;
    session->going_on = 0;
    if (got->done && text_starts(got->line, "session resume")) {
        free(session->foreign);
        session->foreign = NULL;
        view->ops = &session_ops;
        lay_out(session, session->width);
    }
    session_actions_done(screen, got);
}

/* The history that a line names with --origin; NULL when it names none. */
static char *origin_of(const char *line)
{
    Args *args = NULL;
    if (!command_parse_line(line, &args, NULL)) {
        return NULL;
    }
    const char *origin = args_text(args, "origin");
    char *copy = origin ? memory_string(origin) : NULL;
    args_free(args);
    return copy;
}

static Session *session_new(Screen *screen, const char *line)
{
    Session *session = memory_zero(1, sizeof *session);
    session->screen = screen;
    session->line = memory_string(line);
    session->team = list_query_traits(line).origin;
    session->origin = origin_of(line);
    session->turns = json_array();
    session->next = json_array();
    session->reading = true;
    return session;
}

void view_session_open(Screen *screen, const char *line, const json_t *row)
{
    Session *session = session_new(screen, line);
    session->id = (long long)json_integer_value(json_object_get(row, "local_id"));
    session->teammates = session_actions_is_teammates(screen, row, session->team);
    session->foreign = session->team && !session->teammates ? NULL : session_text_foreign(row, session->team);
    push(screen, session);
    read_turns(session, NULL);
}

void view_session_show(Screen *screen, Outcome *got)
{
    Session *session = session_new(screen, got->line);
    if (session->team) {
        session->teammates = true;
        session->foreign = memory_string("A session of the team's store: to be read only.");
    }
    push(screen, session);
    take_turns(session, &got->report);
}
