/* The views of the screen: a stack for each tab. */
#include "screen_internal.h"

#include "memory.h"
#include "view_loading.h"

Bindings view_keys(const View *view)
{
    return view->ops->keys ? view->ops->keys(view) : view->ops->bindings;
}

static Stack *acting(Screen *screen)
{
    return &screen->stacks[screen->acting];
}

View *screen_top(const Screen *screen)
{
    const Stack *stack = &screen->stacks[screen->tab];
    return stack->views[stack->count - 1];
}

View *screen_bottom(const Screen *screen, TabId tab)
{
    const Stack *stack = &screen->stacks[tab];
    return stack->count > 0 ? stack->views[0] : NULL;
}

static size_t full_of(const Stack *stack)
{
    size_t i = stack->count - 1;
    while (i > 0 && stack->views[i]->ops->modal) {
        i--;
    }
    return i;
}

size_t screen_full(const Screen *screen)
{
    return full_of(&screen->stacks[screen->tab]);
}

bool screen_asks(const Screen *screen, TabId tab)
{
    const Stack *stack = &screen->stacks[tab];
    return stack->count > 0 && stack->views[stack->count - 1]->ops->modal;
}

void screen_tabs(const Screen *screen, bool present[TAB_COUNT])
{
    for (int i = 0; i < TAB_COUNT; i++) {
        present[i] = screen_may_go(screen, (TabId)i);
    }
}

static bool fills_itself(TabId tab)
{
    return tabs_kind(tab)->open || tabs_kind(tab)->line;
}

bool screen_may_go(const Screen *screen, TabId tab)
{
    return fills_itself(tab) || screen->stacks[tab].count > 0;
}

/* --- opening and closing views --- */

View *screen_push(Screen *screen, const ViewOps *ops, void *state)
{
    Stack *stack = acting(screen);
    View *view = memory_zero(1, sizeof *view);
    *view = (View){.ops = ops, .state = state};
    memory_grow((void **)&stack->views, stack->count, &stack->capacity, sizeof(View *));
    size_t at = stack->count++;
    while (!ops->modal && at > 0 && stack->views[at - 1]->ops->modal) {
        stack->views[at] = stack->views[at - 1];
        at--;
    }
    stack->views[at] = view;
    return view;
}

static void close_at(Stack *stack, size_t at)
{
    View *view = stack->views[at];
    stack->count--;
    for (size_t i = at; i < stack->count; i++) {
        stack->views[i] = stack->views[i + 1];
    }
    view->ops->close(view);
    free(view);
}

static void show_top(Screen *screen)
{
    const Stack *stack = acting(screen);
    View *view = stack->views[stack->count - 1];
    if (view->ops->shown) {
        view->ops->shown(view, screen);
    }
}

void screen_close(Screen *screen, View *view)
{
    Stack *stack = acting(screen);
    bool only = full_of(stack) == 0 && stack->views[0] == view;
    for (size_t i = 0; i < stack->count && !only; i++) {
        if (stack->views[i] == view) {
            close_at(stack, i);
        }
    }
}

/* Its bottom view stays for the next time, unless nothing but a command like the one that opened it would
 * bring it back. */
static void leave_tab(Screen *screen, TabId tab)
{
    Stack *stack = &screen->stacks[tab];
    TabId back = stack->back;
    if (!fills_itself(tab)) {
        close_at(stack, 0);
    }
    if (tab == screen->tab) {
        screen_go(screen, back);
    }
}

void screen_pop(Screen *screen)
{
    Stack *stack = acting(screen);
    if (stack->count > 1) {
        close_at(stack, stack->count - 1);
        show_top(screen);
    } else if (screen->acting == TAB_PICKER) {
        screen_leave(screen);
    } else {
        leave_tab(screen, screen->acting);
    }
}

/* --- tabs --- */

static void fill(Screen *screen)
{
    if (tabs_kind(screen->tab)->open) {
        tabs_kind(screen->tab)->open(screen);
    } else {
        view_loading_open(screen, tabs_kind(screen->tab));
    }
}

/* Down to the bottom view of the shown tab. */
static void close_above(Screen *screen)
{
    while (acting(screen)->count > 1) {
        close_at(acting(screen), acting(screen)->count - 1);
    }
}

void screen_go(Screen *screen, TabId tab)
{
    if (screen->tab == tab) {
        close_above(screen);
    }
    screen->tab = screen->acting = tab;
    screen_say_no_more(screen); /* it was about what was shown */
    if (screen->stacks[tab].count == 0) {
        fill(screen);
    } else {
        show_top(screen);
    }
}

void screen_go_round(Screen *screen, bool forward)
{
    bool present[TAB_COUNT];
    screen_tabs(screen, present);
    int tab = screen->tab;
    do {
        tab = (tab + (forward ? 1 : TAB_COUNT - 1)) % TAB_COUNT;
    } while (!present[tab]);
    screen_go(screen, (TabId)tab);
}

View *screen_push_tab(Screen *screen, TabId tab, const ViewOps *ops, void *state)
{
    TabId asked = screen->acting;
    screen->acting = tab;
    while (acting(screen)->count > 0) {
        close_at(acting(screen), acting(screen)->count - 1);
    }
    View *view = screen_push(screen, ops, state);
    screen->acting = asked;
    if (asked != tab) {
        screen->stacks[tab].back = asked;
    }
    /* Not under the fingers of somebody who is elsewhere, or typing. */
    if (asked == screen->tab && asked != tab && !screen_top(screen)->ops->modal) {
        screen_go(screen, tab);
    } else if (tab != screen->tab) {
        screen_say(screen, DRAW_PLAIN, "%s is open: Tab goes there", tabs_kind(tab)->name);
    }
    return view;
}

void screen_lead(Screen *screen, TabId tab)
{
    if (screen->acting != screen->tab || screen_top(screen)->ops->modal) {
        return;
    }
    char *said = screen->message;
    screen->message = NULL;
    screen_go(screen, tab);
    if (said && !screen->message) {
        screen_show_message(screen, screen->message_style, said);
    } else {
        free(said);
    }
}

void screen_home(Screen *screen)
{
    screen->tab = screen->acting = TAB_PICKER;
    close_above(screen);
    show_top(screen);
}

void screen_open_views(Screen *screen)
{
    screen->tab = screen->acting = TAB_PICKER;
    fill(screen);
}

void screen_close_views(Screen *screen)
{
    for (int tab = 0; tab < TAB_COUNT; tab++) {
        Stack *stack = &screen->stacks[tab];
        while (stack->count > 0) {
            close_at(stack, stack->count - 1);
        }
        free(stack->views);
    }
}
