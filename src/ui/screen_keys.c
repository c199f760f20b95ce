/* What keys do on the screen: the top view first, then the bindings that work everywhere. */
#include "screen_internal.h"

#include "clipboard.h"
#include "command_line.h"
#include "dialog.h"
#include "external.h"
#include "guard.h"
#include "memory.h"
#include "tty.h"
#include "view_document.h"

void screen_stop_job(Screen *screen, unsigned ticket)
{
    worker_stop(screen->worker, ticket);
    screen_say(screen, DRAW_WARNING, "stopping..");
}

static void stop_if_yes(Screen *screen, const char *line, size_t button)
{
    (void)line;
    if (button == 1) {
        screen_stop_job(screen, screen->to_stop);
    }
}

/* Of another tab: a person may mean what has just ended here. */
static void ask_to_stop(Screen *screen, const WorkerState *running)
{
    char *text = text_format(
        "%s was asked for in another tab and is still running. What it has done is kept.", running->line);
    screen->to_stop = running->ticket;
    dialog_confirm(screen, "Stop it?", text, "", stop_if_yes);
    free(text);
}

void screen_stop(Screen *screen)
{
    WorkerState running;
    size_t others;
    if (!screen_running(screen, &running, &others)) {
        screen_say(screen, DRAW_PLAIN, "nothing runs; q leaves");
    } else if (screen_tab_asked(screen, &running)) {
        screen_stop_job(screen, running.ticket);
    } else {
        ask_to_stop(screen, &running);
    }
}

bool screen_escape_stops(const Screen *screen, const View *view, WorkerState *running)
{
    size_t others;
    const Binding *own = keys_find(view_keys(view), KEY_ESCAPE);
    return (!own || own->action == ACTION_BACK) && screen->stacks[screen->tab].count == 1 &&
           screen_running(screen, running, &others) && screen_tab_asked(screen, running);
}

static void go_back(Screen *screen, const View *view, Key key)
{
    WorkerState running;
    size_t others;
    if (key == KEY_ESCAPE && screen_escape_stops(screen, view, &running)) {
        screen_stop_job(screen, running.ticket);
    } else if (screen->tab == TAB_PICKER && screen->stacks[screen->tab].count == 1 &&
               screen_running(screen, &running, &others)) {
        screen_quit(screen, true);
    } else {
        screen_pop(screen);
    }
}

static void show_messages(Screen *screen)
{
    const char *messages = text_string(&screen->messages);
    screen_say_no_more(screen); /* the list ends with it */
    view_document_open(screen,
                       &(DocumentSpec){.title = "Messages",
                                       .text = memory_string(*messages ? messages : "No messages yet."),
                                       .wrap = true,
                                       .save_as = "amx-messages.txt"});
}

static void switch_mouse(Screen *screen)
{
    tty_take_mouse(!tty_has_mouse());
    screen_say(screen, DRAW_PLAIN,
               tty_has_mouse() ? "mouse on: click selects, double click opens, a heading sorts, F9: off"
                               : "mouse off: the terminal selects text itself, F9: on");
}

static char *render_help(const void *about, const char *filter)
{
    const Bindings *own = about;
    return keys_help(*own, filter);
}

static void show_help(Screen *screen, const View *view)
{
    if (view->ops->modal) { /* a page of help would lie below it */
        screen_say(screen, DRAW_PLAIN, "only the keys in the last row work here");
        return;
    }
    view_document_open(screen, &(DocumentSpec){.title = "Help",
                                               .render = render_help,
                                               .about = &view->ops->bindings,
                                               .wrap = true,
                                               .save_as = "amx-help.txt"});
}

static void suspend(Screen *screen)
{
    tty_suspend();
    screen_resized(screen); /* it may have been, meanwhile */
}

/* --- clipboard, pager, editor --- */

static char *text_of(const View *view)
{
    return view->ops->text ? view->ops->text(view) : view->ops->copy ? view->ops->copy(view) : NULL;
}

static void copy(Screen *screen, const View *view)
{
    char *text = view->ops->copy ? view->ops->copy(view) : text_of(view);
    if (!text) {
        screen_say(screen, DRAW_PLAIN, "there is nothing to copy here");
        return;
    }
    char *harmless = text_visible_lines(text);
    bool cut = false;
    clipboard_copy(harmless, &cut);
    if (cut) {
        screen_say(screen, DRAW_WARNING, "copied the first %zu KiB: a clipboard takes no more",
                   CLIPBOARD_LIMIT / 1024);
    } else {
        char *told = clipboard_told(harmless);
        screen_say(screen, DRAW_GOOD, "%s", told);
        free(told);
    }
    free(harmless);
    free(text);
}

/* The text is only shown: what an editor makes of it is not kept. */
static bool look_in_editor(const char *text, Error *err)
{
    char *edited = NULL;
    bool done = external_edit(text, &edited, err);
    free(edited);
    return done;
}

static void open_outside(Screen *screen, const View *view, bool (*open)(const char *text, Error *err))
{
    Error err = {0};
    char *text = text_of(view);
    if (!text) {
        screen_say(screen, DRAW_PLAIN, "there is no text to open here");
        return;
    }
    char *harmless = text_visible_lines(text);
    if (!open(harmless, &err)) {
        screen_say_error(screen, &err);
    }
    screen_resized(screen);
    free(harmless);
    free(text);
}

/* --- keys --- */

static void go_to_tab(Screen *screen, TabId tab)
{
    if (screen_may_go(screen, tab)) {
        screen_go(screen, tab);
    } else {
        screen_say(screen, DRAW_PLAIN, "no review is open: v on a run opens one");
    }
}

static void act(Screen *screen, View *view, Action action, Key key)
{
    TabId tab;
    switch (action) {
    case ACTION_BACK:
        go_back(screen, view, key);
        break;
    case ACTION_HELP:
        show_help(screen, view);
        break;
    case ACTION_COMMAND:
        command_line_open(screen);
        break;
    case ACTION_MESSAGES:
        show_messages(screen);
        break;
    case ACTION_RELOAD:
        screen_refresh(screen);
        break;
    case ACTION_MOUSE:
        switch_mouse(screen);
        break;
    case ACTION_REDRAW:
        clearok(curscr, TRUE);
        break;
    case ACTION_SUSPEND:
        suspend(screen);
        break;
    case ACTION_STOP:
        screen_stop(screen);
        break;
    case ACTION_COPY:
        copy(screen, view);
        break;
    case ACTION_PAGER:
        open_outside(screen, view, external_page);
        break;
    case ACTION_EDITOR:
        open_outside(screen, view, look_in_editor);
        break;
    case ACTION_TAB_NEXT:
    case ACTION_TAB_PREVIOUS:
        screen_go_round(screen, action == ACTION_TAB_NEXT);
        break;
    default:
        if (tabs_of_action(action, &tab)) {
            go_to_tab(screen, tab);
        }
    }
}

/* Neither is ever an answer or a part of a text: they work over every view. */
static bool take_reserved(Screen *screen, View *view, Key key)
{
    const Binding *binding = keys_find(keys_global, key);
    if (!binding || (binding->action != ACTION_SUSPEND && binding->action != ACTION_REDRAW)) {
        return false;
    }
    act(screen, view, binding->action, key);
    return true;
}

/* What was said was about the key before. */
void screen_take_key(Screen *screen, Key key)
{
    View *view = screen_top(screen);
    screen_say_no_more(screen);
    if (view->ops->key && view->ops->key(view, screen, key)) {
        return;
    }
    const Binding *binding = keys_find(view_keys(view), key);
    binding = binding || view->ops->modal ? binding : keys_find(keys_global, key);
    if (!binding) {
        if (!view->ops->modal) {
            screen_show_message(screen, DRAW_PLAIN, memory_string("no such key here: ?  shows the keys"));
        }
    } else if (binding->line) {
        guard_run(screen, binding->line);
    } else if (!view->ops->act || !view->ops->act(view, screen, binding->action)) {
        act(screen, view, binding->action, key);
    }
}

static void take_key(Screen *screen, Key key)
{
    screen_stay(screen);
    if (!take_reserved(screen, screen_top(screen), key) && !screen_holds_key(screen, key)) {
        screen_take_key(screen, key);
    }
}

static void give_mouse(Screen *screen, const Mouse *mouse)
{
    View *view = screen_top(screen);
    TabId tab;
    bool present[TAB_COUNT];
    screen_tabs(screen, present);
    screen_stay(screen);
    screen_say_no_more(screen);
    if (!view->ops->modal && mouse->row == 1) {
        if (mouse->kind == MOUSE_CLICK && tabs_at(COLS, present, screen->tab, mouse->column, &tab)) {
            screen_go(screen, tab);
        }
    } else if (view->ops->mouse && view->ops->mouse(view, screen, mouse)) {
        return;
    } else if (!view->ops->modal && mouse->kind == MOUSE_WHEEL_UP) {
        take_key(screen, KEY_FUNCTION(KEY_UP));
    } else if (!view->ops->modal && mouse->kind == MOUSE_WHEEL_DOWN) {
        take_key(screen, KEY_FUNCTION(KEY_DOWN));
    }
}

static void take_mouse(Screen *screen)
{
    Mouse mouse;
    while (!screen->leaving && tty_mouse(&mouse)) {
        screen_drop_keys(screen); /* they came first, and would come last */
        give_mouse(screen, &mouse);
    }
}

/* What a person can't see they don't answer: while the terminal is too small, only leaving works. */
static void take_key_blind(Screen *screen, Key key)
{
    if (key == 'q' || key == KEY_CONTROL('c')) {
        screen_leave(screen);
    }
}

/* A field of several lines takes a pasted text as it is; lines end as they end elsewhere. */
static bool paste_lines(Screen *screen, Key key)
{
    View *view = screen_top(screen);
    bool behind_return = screen->pasted_return;
    screen->pasted_return = key == KEY_RETURN;
    if (!view->ops->paste || screen_too_small()) {
        return false;
    }
    if (key != '\n' || !behind_return) {
        bool begins = screen->pastes != tty_pastes();
        screen->pastes = tty_pastes();
        view->ops->paste(view, screen, key == KEY_RETURN ? '\n' : key, begins);
    }
    return true;
}

/* Pasted text is text: where a line ends, or a tab stands, is one blank in a field, however many there are.
 * False: nothing is to be typed. */
static bool take_pasted(Screen *screen, Key *key)
{
    bool before = screen->pasted_break;
    screen->pasted_break = *key == '\n' || *key == KEY_RETURN || *key == KEY_TAB;
    if (!screen_top(screen)->ops->pastes || screen_too_small() || (screen->pasted_break && before)) {
        return false;
    }
    *key = screen->pasted_break ? ' ' : *key;
    return *key >= ' ';
}

void screen_take_keys(Screen *screen)
{
    Key key;
    bool pasted;
    screen_take_keys_ahead(screen);
    while (!screen->leaving && tty_key(&key, &pasted)) {
        if (pasted && (paste_lines(screen, key) || !take_pasted(screen, &key))) {
            continue;
        }
        if (key == KEY_ALT_RETURN && !screen_top(screen)->ops->paste) {
            continue; /* there are no lines to end */
        }
        screen->pasted_break = screen->pasted_break && pasted;
        if (key == KEY_FUNCTION(KEY_RESIZE)) {
            continue; /* curses' word for what a signal told already */
        }
        if (screen_too_small()) {
            take_key_blind(screen, key);
        } else if (key == KEY_MOUSE_EVENT) {
            take_mouse(screen);
        } else {
            take_key(screen, key);
        }
    }
}
