#include "view_session.h"

#include "command.h"
#include "dialog.h"
#include "list_query.h"
#include "memory.h"
#include "quote.h"
#include "scroll.h"
#include "session_text.h"
#include "text.h"
#include "view_document.h"

#define TURNS_AT_ONCE 200
#define TURNS_MOST 2000 /* of a longer session the rest is left to the command line */

typedef struct Session {
    Screen *screen; /* for what it reads */
    char *line;     /* the command that shows it */
    long long id;   /* 0: unknown */
    bool team;      /* read from the team's store .. */
    bool teammates; /* .. where somebody else wrote it */
    char *head;     /* whose it is, or NULL before that is known */
    char *foreign;  /* why it can only be read, or NULL */
    bool deleted;   /* while it was shown */
    json_t *turns;
    bool reading; /* turns are under way; what is here is not all */
    bool more;    /* there are more than are shown */
    bool stale;   /* history.db changed while turns were read */
    json_t *next; /* turns that are read anew, to take the place of the others; or NULL */
    unsigned ticket;
    unsigned resume_ticket;
    SessionText text; /* laid out for `width` */
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

static void export_session(View *view, Screen *screen)
{
    const Session *session = view->state;
    if (session->id && command_find("session export")) {
        char *line = text_format("session export %lld", session->id);
        screen_submit(screen, line);
        free(line);
        return;
    }
    char *name = text_format("amx-session-%lld.txt", session->id);
    view_document_open(
        screen,
        &(DocumentSpec){.title = session->line, .text = whole_text(view), .wrap = true, .save_as = name});
    free(name);
}

static void close_dialog(Screen *screen, const char *line, size_t button)
{
    (void)screen;
    (void)line;
    (void)button;
}

static void say_refused(Screen *screen, const char *why)
{
    dialog_open(screen, &(DialogSpec){.title = "Not resumed",
                                      .text = why,
                                      .buttons = {{"Close", 'c'}},
                                      .button_count = 1,
                                      .line = "",
                                      .answered = close_dialog});
}

static void refuse(Screen *screen, const char *foreign)
{
    char *why = text_format("%s\n\nA conversation belongs to the history it was begun in. Start one of your "
                            "own with: amx session new",
                            foreign);
    say_refused(screen, why);
    free(why);
}

static unsigned resume(Screen *screen, long long id)
{
    char *line = text_format("session resume %lld", id);
    unsigned ticket = screen_submit(screen, line);
    free(line);
    return ticket;
}

bool view_session_foreign(const Screen *screen, const json_t *row, bool team)
{
    const char *origin = json_string_value(json_object_get(row, "origin_id"));
    return team && !text_equal(origin, status_text(screen_status(screen), "origin"));
}

unsigned view_session_resume(Screen *screen, const json_t *row, bool team)
{
    if (view_session_foreign(screen, row, team)) {
        char *foreign = session_text_foreign(row, true);
        refuse(screen, foreign);
        free(foreign);
        return 0;
    }
    return resume(screen, (long long)json_integer_value(json_object_get(row, "local_id")));
}

void view_session_resumed(Screen *screen, const Outcome *got)
{
    if (!got->done && got->error.kind == ERROR_GUARD) {
        char *why = text_format("%s.\n\n%s.", got->error.message, got->error.hint);
        say_refused(screen, why);
        free(why);
    } else if (!got->done) {
        screen_say_error(screen, &got->error);
    }
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
        if (session->teammates) {
            refuse(screen, session->foreign);
        } else if (session->id) {
            session->resume_ticket = resume(screen, session->id);
        }
        return true;
    case ACTION_EXPORT:
        export_session(view, screen);
        return true;
    default:
        return false;
    }
}

static void take_resumed(View *view, Screen *screen, const Outcome *got);

static bool outcome(View *view, Screen *screen, Outcome *got)
{
    Session *session = view->state;
    if (session->resume_ticket && got->ticket == session->resume_ticket) {
        take_resumed(view, screen, got);
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
    free(session->line);
    free(session);
}

#define SESSION_BINDINGS(resume_note)                                                                        \
    {{'r'}, "r", resume_note, NULL, ACTION_RESUME, true},                                                    \
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

static void take_resumed(View *view, Screen *screen, const Outcome *got)
{
    Session *session = view->state;
    session->resume_ticket = 0;
    view_session_resumed(screen, got);
    if (got->done) {
        free(session->foreign);
        session->foreign = NULL;
        view->ops = &session_ops;
        lay_out(session, session->width);
    }
}

static Session *session_new(Screen *screen, const char *line)
{
    Session *session = memory_zero(1, sizeof *session);
    session->screen = screen;
    session->line = memory_string(line);
    session->team = list_query_traits(line).origin;
    session->turns = json_array();
    session->next = json_array();
    session->reading = true;
    return session;
}

void view_session_open(Screen *screen, const char *line, const json_t *row)
{
    Session *session = session_new(screen, line);
    session->id = (long long)json_integer_value(json_object_get(row, "local_id"));
    session->teammates = view_session_foreign(screen, row, session->team);
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
