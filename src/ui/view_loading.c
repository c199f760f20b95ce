#include "view_loading.h"

#include "memory.h"

typedef struct Loading {
    Screen *screen; /* for what it reads */
    const TabKind *kind;
    unsigned ticket; /* of the command that runs, or 0 */
    char *error;     /* why it failed, or NULL */
    char *hint;
} Loading;

static char *title(const View *view)
{
    const Loading *loading = view->state;
    return memory_string(loading->kind->name);
}

static void draw(View *view, const Screen *screen, const Area *body)
{
    (void)screen;
    const Loading *loading = view->state;
    Area area = *body;
    area.left += 2;
    area.width -= 4;
    if (loading->ticket) {
        draw_line(&area, 1, DRAW_PLAIN, "loading..");
        return;
    }
    int line = draw_paragraph(&area, 1, DRAW_ERROR, loading->error);
    if (*loading->hint) {
        line = draw_paragraph(&area, line, DRAW_PLAIN, loading->hint);
    }
    draw_paragraph(&area, line + 1, DRAW_PLAIN, "F5 tries again.");
}

static void forget(Loading *loading)
{
    free(loading->error);
    free(loading->hint);
    loading->error = loading->hint = NULL;
}

static void load(Loading *loading, Screen *screen)
{
    forget(loading);
    loading->ticket = screen_read(screen, loading, loading->kind->line);
}

static bool act(View *view, Screen *screen, Action action)
{
    Loading *loading = view->state;
    if (action != ACTION_RELOAD) {
        return false;
    }
    if (!loading->ticket) {
        load(loading, screen);
    }
    return true;
}

static bool outcome(View *view, Screen *screen, Outcome *got)
{
    Loading *loading = view->state;
    if (!loading->ticket || got->ticket != loading->ticket) {
        return false;
    }
    loading->ticket = 0;
    if (got->done) {
        loading->error = memory_string("There is nothing to show.");
        loading->hint = memory_string("");
        loading->kind->show(screen, got);
        screen_close(screen, view); /* stays where nothing was opened */
    } else {
        screen_drop_keys(screen);
        loading->error = memory_string(got->error.message);
        loading->hint = memory_string(got->error.hint);
    }
    return true;
}

static void close_loading(View *view)
{
    Loading *loading = view->state;
    screen_forget(loading->screen, loading);
    forget(loading);
    free(loading);
}

static const Binding bindings[] = {
    {{KEY_FUNCTION(KEY_F(5)), KEY_CONTROL('r')}, "F5", "try again", NULL, ACTION_RELOAD, true},
};

const Bindings view_loading_keys = KEYS_OF(bindings);

/* What is typed ahead is meant for what is still to come. */
static bool awaits(const View *view, Key key)
{
    const Loading *loading = view->state;
    return loading->ticket && !keys_leads_away(key);
}

static const ViewOps loading_ops = {
    .bindings = KEYS_OF(bindings),
    .title = title,
    .draw = draw,
    .act = act,
    .awaits = awaits,
    .outcome = outcome,
    .close = close_loading,
};

void view_loading_open(Screen *screen, const TabKind *kind)
{
    Loading *loading = memory_zero(1, sizeof *loading);
    loading->screen = screen;
    loading->kind = kind;
    screen_push(screen, &loading_ops, loading);
    load(loading, screen);
}
