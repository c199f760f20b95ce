/* What keys do on the screen: the top view first, then the bindings that work everywhere. */
#include "screen_internal.h"

#include "guard.h"
#include "memory.h"
#include "prompt.h"
#include "tty.h"
#include "view_document.h"

static void run_typed(Screen *screen, void *context, const char *text)
{
    (void)context;
    if (text_equal(text, "q") || text_equal(text, "quit")) {
        screen_leave(screen);
    } else if (*text) {
        guard_run(screen, text);
    }
}

void screen_stop(Screen *screen)
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
        screen_stop(screen);
    } else {
        screen_pop(screen);
    }
}

static void show_messages(Screen *screen)
{
    screen_say_no_more(screen); /* the list ends with it */
    view_document_open(screen, &(DocumentSpec){.title = "Messages",
                                               .text = memory_string(text_string(&screen->messages)),
                                               .wrap = true,
                                               .save_as = "amx-messages.txt"});
}

static void switch_mouse(Screen *screen)
{
    tty_take_mouse(!tty_has_mouse());
    screen_say(screen, DRAW_PLAIN,
               tty_has_mouse() ? "mouse on: click selects, double click opens, m: off"
                               : "mouse off: the terminal selects text itself, m: on");
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
    case ACTION_MOUSE:
        switch_mouse(screen);
        break;
    case ACTION_REDRAW:
        clearok(curscr, TRUE);
        break;
    case ACTION_SUSPEND:
        tty_suspend();
        break;
    case ACTION_STOP:
        screen_stop(screen);
        break;
    default:
        break;
    }
}

static void take_mouse(Screen *screen, View *view)
{
    Mouse mouse;
    if (!tty_mouse(&mouse) || (view->ops->mouse && view->ops->mouse(view, screen, &mouse))) {
        return;
    }
    if (view->ops->act && (mouse.kind == MOUSE_WHEEL_UP || mouse.kind == MOUSE_WHEEL_DOWN)) {
        view->ops->act(view, screen, mouse.kind == MOUSE_WHEEL_UP ? ACTION_UP : ACTION_DOWN);
    }
}

static void take_key(Screen *screen, Key key)
{
    View *view = screen_top(screen);
    if (key == KEY_MOUSE_EVENT) {
        take_mouse(screen, view);
        return;
    }
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

/* What a person can't see they don't answer: while the terminal is too small, only leaving works. */
static void take_key_blind(Screen *screen, Key key)
{
    if (key == 'q' || key == KEY_CONTROL('c')) {
        screen_leave(screen);
    }
}

void screen_take_keys(Screen *screen)
{
    Key key;
    bool pasted;
    while (!screen->leaving && tty_key(&key, &pasted)) {
        if (pasted && !screen_top(screen)->ops->pastes) {
            continue;
        }
        /* A line break in pasted text is not an Enter. */
        if (pasted && (key < ' ' || key == KEY_RETURN)) {
            continue;
        }
        if (screen_too_small()) {
            take_key_blind(screen, pasted ? 0 : key);
        } else {
            take_key(screen, key);
        }
    }
}
