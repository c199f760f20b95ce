#include "view_ask.h"

#include <string.h>

#include "command.h"
#include "dialog.h"
#include "external.h"
#include "guard.h"
#include "input_key.h"
#include "memory.h"
#include "object_name.h"
#include "quote.h"
#include "scroll.h"
#include "view_ask_internal.h"

#define DESCRIPTION "export --md"
#define HISTORY "history table"
#define WHEEL_ROWS 3

static const ViewOps field_ops;
static const ViewOps waiting_ops;
static const ViewOps reading_ops;
static const ViewOps only_ops;

/* Which keys there are depends on what they would do. */
static void choose_ops(View *view)
{
    const Ask *ask = view->state;
    view->ops = ask->read_only       ? &only_ops
                : ask->model.reading ? &reading_ops
                : ask->asking        ? &waiting_ops
                                     : &field_ops;
}

/* --- reading --- */

static void read_turns(Ask *ask, bool own)
{
    char *line = ask_model_reading(&ask->model, own);
    ask->own = own;
    ask->stale = false;
    ask->reading = screen_read(ask->screen, ask, line);
    free(line);
}

/* First the active session, which tells whether the one that is shown still is it. */
static void read_conversation(Ask *ask)
{
    read_turns(ask, false);
}

static void follow(Ask *ask, Screen *screen)
{
    const Status *status = screen_status(screen);
    if (status->row && ask_model_turn_to(&ask->model, status_text(status, "db_profile"))) {
        read_conversation(ask);
    }
}

/* Somebody may have deleted the session that was shown. */
static void look_after(Ask *ask, long long session)
{
    char *line = text_format("session show --id %lld --limit 1", session);
    ask->left = session;
    ask->looking = screen_read(ask->screen, &ask->left, line);
    free(line);
}

static void take_left(Ask *ask, const Outcome *got)
{
    ask->looking = 0;
    if (got->stopped) {
        look_after(ask, ask->left);
    } else if (!got->done && got->error.kind == ERROR_NOT_FOUND) {
        ask_model_deleted(&ask->model, ask->left);
    }
}

static void take_turns(Ask *ask, Outcome *got)
{
    if (got->done) {
        ask_model_take(&ask->model, &got->report);
    } else if (got->error.kind == ERROR_NOT_FOUND) {
        ask_model_take_none(&ask->model);
    } else {
        ask_model_take_none(&ask->model);
        if (ask->model.notice.error) {
            return; /* why a question was refused says more */
        }
        ask_model_tell(&ask->model, true, got->error.hint[0] ? "%s: %s" : "%s", got->error.message,
                       got->error.hint);
    }
}

/* Another amx may have begun or resumed another session, or there is none where the profile points now: that
 * changes nothing here. One that was active and is not any more was ended or deleted. */
static bool is_kept(const Ask *ask, const Outcome *got)
{
    if (ask->own || ask->follows || ask->model.session == 0) {
        return false;
    }
    return got->done ? ask_model_is_other(&ask->model, &got->report)
                     : got->error.kind == ERROR_GUARD || (ask->apart && got->error.kind == ERROR_NOT_FOUND);
}

static void keep_conversation(Ask *ask, const Outcome *got)
{
    if (got->done && !ask->apart) {
        ask->apart = true;
        ask_model_stays(&ask->model);
    }
    read_turns(ask, true);
}

static void take_conversation(Ask *ask, Outcome *got)
{
    long long shown = ask->model.session;
    if (ask->apart && !(ask->own && got->done)) {
        ask->apart = false;
        ask_model_tell(&ask->model, false, NULL);
    }
    take_turns(ask, got);
    if (shown > 0 && shown != ask->model.session) {
        look_after(ask, shown);
    }
}

static void take_reading(Ask *ask, Outcome *got)
{
    bool again = got->stopped || ask->stale;
    bool gone = ask->own && !got->done; /* another one may be active */
    ask->reading = 0;
    if (!got->stopped && is_kept(ask, got)) {
        keep_conversation(ask, got);
        return;
    }
    if (!got->stopped) {
        take_conversation(ask, got);
    }
    if (again || gone) {
        read_conversation(ask);
    } else if (!ask->own) {
        ask->follows = false;
    }
}

/* Another amx may have switched the profile. */
static void changed(View *view, Screen *screen)
{
    Ask *ask = view->state;
    screen_look_at_home(screen);
    if (ask->reading) {
        ask->stale = true;
    } else {
        read_conversation(ask);
    }
}

static void status(View *view, Screen *screen)
{
    follow(view->state, screen);
    choose_ops(view);
}

static void close_dialog(Screen *screen, const char *line, size_t button)
{
    (void)screen;
    (void)line;
    (void)button;
}

/* An answer that its session did not take was paid for all the same, and the conversation is gone. */
static void show_unrecorded(Screen *screen, const Outcome *got)
{
    const char *answer = json_string_value(json_object_get(got->report.items, "answer"));
    if (!answer) {
        return;
    }
    Text text = {0};
    text_addf(&text, "%s\n\n%s", answer, got->error.message);
    for (size_t i = 0; i < got->report.message_count; i++) {
        if (got->report.messages[i].level == REPORT_NOTE) {
            text_addf(&text, "\n%s", got->report.messages[i].text);
        }
    }
    dialog_open(screen, &(DialogSpec){.title = "Not recorded",
                                      .text = text_string(&text),
                                      .buttons = {{"Close", 'c'}},
                                      .button_count = 1,
                                      .line = "",
                                      .answered = close_dialog});
    text_free(&text);
}

static bool outcome(View *view, Screen *screen, Outcome *got)
{
    Ask *ask = view->state;
    if (ask->reading && got->ticket == ask->reading) {
        take_reading(ask, got);
    } else if (ask->looking && got->ticket == ask->looking) {
        take_left(ask, got);
    } else if (ask->asking && got->ticket == ask->asking) {
        ask->asking = 0;
        if (got->done) {
            ask_model_answered(&ask->model, &got->report);
        } else {
            ask_model_failed(&ask->model, &got->error);
            show_unrecorded(screen, got);
        }
        if (got->stopped) {
            screen_say_no_more(screen); /* it was "stopping.." */
        }
        changed(view, screen);
    } else {
        return false;
    }
    choose_ops(view);
    return true;
}

static bool stream(View *view, Screen *screen, const Streamed *streamed)
{
    (void)screen;
    Ask *ask = view->state;
    if (!ask->asking || streamed->ticket != ask->asking) {
        return false;
    }
    ask_model_stream(&ask->model, streamed->text, streamed->length, streamed->anew);
    return true;
}

/* --- asking --- */

static void submit(Ask *ask, char *line)
{
    if (line) {
        ask->asking = screen_submit_for(ask->screen, TAB_ASK, line, JOB_FOREGROUND);
        free(line);
    }
}

static void edit_outside(Ask *ask, Screen *screen)
{
    Error err = {0};
    char *text = input_text(&ask->model.field);
    char *edited = NULL;
    if (!external_edit(text, &edited, &err)) {
        screen_say_error(screen, &err);
    } else {
        size_t length = strlen(edited);
        while (length > 0 && edited[length - 1] == '\n') { /* what editors end a file with */
            edited[--length] = '\0';
        }
        ask_model_take_text(&ask->model, edited);
    }
    free(edited);
    free(text);
}

/* --- keys --- */

static bool key(View *view, Screen *screen, Key pressed)
{
    (void)screen;
    Ask *ask = view->state;
    bool empty = ask->model.field.length == 0;
    if (ask->read_only || ask->model.reading || (empty && pressed == ':')) {
        return false;
    }
    ask_model_touch(&ask->model);
    if (pressed >= ' ' && pressed < KEY_MOUSE_EVENT) {
        ask_model_tell_full(&ask->model, (wchar_t)pressed);
    }
    return input_key(&ask->model.field, pressed);
}

static void paste(View *view, Screen *screen, Key character, bool begins)
{
    (void)screen;
    Ask *ask = view->state;
    ask_model_paste(&ask->model, character == KEY_TAB ? L' ' : (wchar_t)character, begins);
}

/* Runs a command about the table that the chosen citation names. */
static void open_cite(const Ask *ask, Screen *screen, const char *command)
{
    const SessionCite *cite = ask_model_cite(&ask->model);
    if (!cite) {
        screen_say(screen, DRAW_PLAIN, "no citation is chosen: Tab chooses one");
        return;
    }
    Text line = {0};
    char *name = object_name(json_string_value(json_object_get(cite->cited, "schema")),
                             json_string_value(json_object_get(cite->cited, "table")), NULL);
    text_add(&line, "-p ");
    quote_add(&line, ask->model.profile);
    text_addf(&line, " %s ", command);
    quote_add(&line, name);
    screen_submit(screen, text_string(&line));
    text_free(&line);
    free(name);
}

/* From the field through the citations, and on to the next tab; backwards likewise. */
static bool step(Ask *ask, bool forward)
{
    AskModel *model = &ask->model;
    bool stepped = (forward || model->reading) && ask_model_step(model, forward);
    if (!stepped && forward && !model->reading && model->text.count > 0) {
        model->reading = stepped = true;
    } else if (!stepped && !forward && model->reading && !ask->read_only) {
        ask_model_type(model);
        stepped = true;
    } else if (!stepped && forward) {
        ask_model_type(model);
    }
    return stepped;
}

static bool move_in(Ask *ask, Action action)
{
    AskModel *model = &ask->model;
    long by = 0;
    if (!scroll_rows(action, &model->scroll, &by)) {
        return false;
    }
    bool typing = !ask->read_only && !model->reading;
    if (typing && (action == ACTION_UP || action == ACTION_DOWN)) {
        ask_model_recall(model, action == ACTION_UP ? 1 : -1);
    } else {
        ask_model_scroll(model, by);
    }
    return true;
}

static bool do_action(Ask *ask, Screen *screen, Action action)
{
    switch (action) {
    case ACTION_SEND:
        submit(ask, ask_model_send(&ask->model));
        return true;
    case ACTION_NEWLINE:
        ask_model_touch(&ask->model);
        input_insert(&ask->model.field, L'\n');
        return true;
    case ACTION_EDITOR:
        if (!ask->read_only) {
            edit_outside(ask, screen);
        }
        return !ask->read_only;
    case ACTION_OPEN:
        open_cite(ask, screen, DESCRIPTION);
        return true;
    case ACTION_HISTORY:
        open_cite(ask, screen, HISTORY);
        return true;
    case ACTION_SWITCH:
        ask_model_type(&ask->model);
        return true;
    case ACTION_TAB_NEXT:
    case ACTION_TAB_PREVIOUS:
        return step(ask, action == ACTION_TAB_NEXT);
    case ACTION_RELOAD:
        ask_model_tell(&ask->model, false, NULL);
        ask->follows = true;
        read_conversation(ask);
        screen_refresh(screen);
        return true;
    default:
        return move_in(ask, action);
    }
}

static bool act(View *view, Screen *screen, Action action)
{
    bool done = do_action(view->state, screen, action);
    choose_ops(view);
    if (action == ACTION_EDITOR && done) {
        clearok(curscr, TRUE); /* the editor had the terminal */
    }
    return done;
}

/* Which citation lies there; false when none does. */
static bool cite_at(const Ask *ask, const Mouse *event, size_t *cite)
{
    const AskModel *model = &ask->model;
    long line = (long)model->scroll.top + event->row - ask->top;
    for (size_t i = 0; i < model->text.cite_count; i++) {
        const SessionCite *at = &model->text.cites[i];
        if ((long)at->line == line && event->column > at->column && event->column <= at->column + at->cells) {
            *cite = i;
            return true;
        }
    }
    return false;
}

static bool mouse(View *view, Screen *screen, const Mouse *event)
{
    Ask *ask = view->state;
    AskModel *model = &ask->model;
    bool in_sight = event->row >= ask->top && event->row < ask->top + (int)model->scroll.height;
    if (event->kind == MOUSE_WHEEL_UP || event->kind == MOUSE_WHEEL_DOWN) {
        ask_model_scroll(model, event->kind == MOUSE_WHEEL_UP ? -WHEEL_ROWS : WHEEL_ROWS);
    } else if (in_sight) {
        size_t cite;
        if (cite_at(ask, event, &cite)) {
            model->cite = cite;
            model->reading = true;
            if (event->kind == MOUSE_DOUBLE) {
                open_cite(ask, screen, DESCRIPTION);
            }
        }
    } else {
        ask_model_type(model);
    }
    choose_ops(view);
    return true;
}

/* --- what can be taken out --- */

static char *whole_text(const View *view)
{
    const AskModel *model = &((const Ask *)view->state)->model;
    SessionText laid = session_text_open(model->head, NULL, model->turns, 0);
    Text text = {0};
    for (size_t i = 0; i < laid.count; i++) {
        text_addf(&text, "%s\n", laid.lines[i].text);
    }
    session_text_free(&laid);
    return text_take(&text);
}

static char *cited_name(const View *view)
{
    const SessionCite *cite = ask_model_cite(&((const Ask *)view->state)->model);
    return cite ? object_name(json_string_value(json_object_get(cite->cited, "schema")),
                              json_string_value(json_object_get(cite->cited, "table")),
                              json_string_value(json_object_get(cite->cited, "column")))
                : whole_text(view);
}

/* A view that was left goes on with its turn; what else became of the session is read when it is shown. */
static void shown(View *view, Screen *screen)
{
    follow(view->state, screen);
    changed(view, screen);
}

static void close_ask(View *view)
{
    Ask *ask = view->state;
    screen_forget(ask->screen, ask);
    screen_forget(ask->screen, &ask->left);
    ask_model_close(&ask->model);
    free(ask);
}

#define NEW_SESSION                                                                                          \
    {                                                                                                        \
        {KEY_CONTROL('n')}, "^N", "new", "session new", ACTION_NONE, true                                    \
    }
#define CITATION_BINDINGS                                                                                    \
    {{KEY_RETURN, '\n', KEY_FUNCTION(KEY_ENTER)}, "Enter", "the table", NULL, ACTION_OPEN, true},            \
        {{'H'}, "H", "its history", NULL, ACTION_HISTORY, true},                                             \
        {{KEY_TAB}, "Tab", "next citation", NULL, ACTION_TAB_NEXT, true},                                    \
    {                                                                                                        \
        {KEY_FUNCTION(KEY_BTAB)}, "Shift-Tab", "citation before", NULL, ACTION_TAB_PREVIOUS, false           \
    }

/* What the field has besides Enter. */
#define FIELD_BINDINGS                                                                                       \
    {{KEY_ALT_RETURN}, "Alt-Enter", "newline", NULL, ACTION_NEWLINE, true},                                  \
        {{KEY_ESCAPE}, "Esc", "back", NULL, ACTION_BACK, true},                                              \
        {{KEY_FUNCTION(KEY_F(1))}, "F1", "help", NULL, ACTION_HELP, true},                                   \
        {{KEY_TAB}, "Tab", "cites", NULL, ACTION_TAB_NEXT, true},                                            \
        {{KEY_CONTROL('x')}, "^X", "editor", NULL, ACTION_EDITOR, true}, NEW_SESSION,                        \
        {{0}, ":", "command, while nothing is typed", NULL, ACTION_NONE, false},                             \
        {{0}, "Up/Down", "questions before", NULL, ACTION_NONE, false},                                      \
        {{0}, "PgUp/PgDn", "scroll the conversation", NULL, ACTION_NONE, false},                             \
    {                                                                                                        \
        {0}, "^U ^W ^A ^E", "clear, erase a word, to the start, to the end", NULL, ACTION_NONE, false        \
    }

static const Binding field_bindings[] = {
    {{KEY_RETURN, '\n', KEY_FUNCTION(KEY_ENTER)}, "Enter", "send", NULL, ACTION_SEND, true},
    FIELD_BINDINGS,
};
/* One question at a time, whatever session it is for. */
static const Binding waiting_bindings[] = {
    {{KEY_RETURN, '\n', KEY_FUNCTION(KEY_ENTER)},
     "Enter",
     "send, once this is answered",
     NULL,
     ACTION_SEND,
     true},
    FIELD_BINDINGS,
};
static const Binding reading_bindings[] = {
    CITATION_BINDINGS,
    {{KEY_ESCAPE}, "Esc", "to the field", NULL, ACTION_SWITCH, true},
    NEW_SESSION,
};
static const Binding only_bindings[] = {CITATION_BINDINGS};

const Bindings view_ask_keys = KEYS_OF(field_bindings);
const Bindings view_ask_waiting_keys = KEYS_OF(waiting_bindings);
const Bindings view_ask_reading_keys = KEYS_OF(reading_bindings);
const Bindings view_ask_only_keys = KEYS_OF(only_bindings);

#define ASK_OPS                                                                                              \
    .title = view_ask_title, .draw = view_ask_draw, .act = act, .outcome = outcome, .stream = stream,        \
    .status = status, .shown = shown, .changed = changed, .mouse = mouse, .copy = cited_name,                \
    .text = whole_text, .close = close_ask

static const ViewOps field_ops = {
    .bindings = KEYS_OF(field_bindings), .types = true, .key = key, .paste = paste, ASK_OPS};
static const ViewOps waiting_ops = {
    .bindings = KEYS_OF(waiting_bindings), .types = true, .key = key, .paste = paste, ASK_OPS};
static const ViewOps reading_ops = {.bindings = KEYS_OF(reading_bindings), ASK_OPS};
static const ViewOps only_ops = {.bindings = KEYS_OF(only_bindings), ASK_OPS};

void view_ask_open(Screen *screen)
{
    Ask *ask = memory_zero(1, sizeof *ask);
    ask->screen = screen;
    ask->read_only = screen_read_only(screen);
    ask_model_open(&ask->model);
    choose_ops(screen_push(screen, &field_ops, ask));
    follow(ask, screen);
    if (!ask->reading) {
        read_conversation(ask);
    }
}

static bool chooses_session(const char *line)
{
    static const char *const names[] = {"session new", "session fork", "session resume"};
    Args *args = NULL;
    bool chooses = false;
    if (command_parse_line(line, &args, NULL)) {
        for (size_t i = 0; args->command && i < sizeof names / sizeof *names; i++) {
            chooses = chooses || text_equal(args->command->name, names[i]);
        }
        args_free(args);
    }
    return chooses;
}

void view_ask_hear(Screen *screen, const Outcome *outcome)
{
    View *view = screen_bottom(screen, TAB_ASK);
    if (view && outcome->done && chooses_session(outcome->line)) {
        Ask *ask = view->state;
        ask->follows = true;
        ask->stale = ask->reading != 0;
        if (!ask->reading) {
            read_conversation(ask);
        }
    }
}

bool view_ask_takes(const Args *args)
{
    const AppOptions *app = &args->app;
    return text_equal(args->command->name, "ask") && !args_text(args, "session") &&
           !args_flag(args, "show-prompt") && !app->profile && !app->local_only && !app->read_only &&
           app->timeout_ms == 0 && !text_equal(args_word(args, 0), "-");
}

void view_ask_question(Screen *screen, const Args *args)
{
    Text question = {0};
    for (int i = 0; i < args->word_count; i++) {
        text_addf(&question, "%s%s", i ? " " : "", args_word(args, i));
    }
    screen_go(screen, TAB_ASK);
    View *view = screen_bottom(screen, TAB_ASK);
    Ask *ask = view->state;
    AskOptions options = {.model = args_text(args, "model"), .refresh = args_flag(args, "refresh")};
    submit(ask, ask_model_ask(&ask->model, text_string(&question), &options));
    choose_ops(view);
    text_free(&question);
}
