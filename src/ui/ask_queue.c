#include "ask_queue.h"

#include "dialog.h"
#include "memory.h"
#include "prompt.h"
#include "text.h"

#define LOOK "db history-store status --offline"
#define DROP "db history-store drop-pending --expect"

enum { FLUSH_REPLAY, FLUSH_DROP, FLUSH_CANCEL };

/* The question, while history.db is read for it. */
typedef struct Look {
    Screen *screen;
    unsigned ticket;
    char *line; /* to replay; NULL: it is to be dropped */
} Look;

/* --- the questions --- */

static void drop_if_counted(Screen *screen, void *context, const char *typed)
{
    const char *count = context;
    if (text_equal(typed, count)) { /* by now there may be others in the queue */
        char *line = text_format(DROP " %s", count);
        screen_submit(screen, line);
        free(line);
    } else {
        screen_say(screen, DRAW_WARNING, "nothing was dropped: the count is %s", count);
    }
}

static void ask_count(Screen *screen, long long pending)
{
    char *label =
        text_format("Type %lld to drop %lld queued row%s: ", pending, pending, text_plural(pending));
    prompt_open(screen, &(PromptSpec){.label = label,
                                      .guarded = true,
                                      .answered = drop_if_counted,
                                      .context = text_format("%lld", pending),
                                      .release = free});
    free(label);
}

static void flush_answered(Screen *screen, const char *line, size_t button)
{
    switch (button) {
    case FLUSH_REPLAY:
        screen_submit(screen, line);
        break;
    case FLUSH_DROP:
        ask_queue_drop(screen);
        break;
    default:
        screen_say(screen, DRAW_PLAIN, "nothing was changed");
    }
}

static void ask_what(Screen *screen, const char *line, long long pending)
{
    char *replay = text_format("Replay %lld queued", pending);
    dialog_open(screen,
                &(DialogSpec){.title = "Flush pending",
                              .text = "Replay delivers the queued rows to the shared store, each once.\n"
                                      "Drop empties the queue; the rows stay in your local history.",
                              .buttons = {[FLUSH_REPLAY] = {replay, 'r'},
                                          [FLUSH_DROP] = {"Drop the queue", 'd'},
                                          [FLUSH_CANCEL] = {"Cancel", 'c'}},
                              .button_count = 3,
                              .harmless = FLUSH_CANCEL,
                              .line = line,
                              .answered = flush_answered});
    free(replay);
}

/* --- looking --- */

static void draw(View *view, const Screen *screen, const Area *body)
{
    (void)view;
    (void)screen;
    draw_line(body, body->height - 1, DRAW_BAR, " looking at the queue..");
}

/* No key is for what is not there yet. */
static bool key(View *view, Screen *screen, Key pressed)
{
    (void)view;
    if (pressed == KEY_ESCAPE || pressed == KEY_CONTROL('c')) {
        screen_pop(screen);
    }
    return true;
}

static void ask(Screen *screen, const char *line, const Report *report)
{
    long long pending = (long long)json_integer_value(json_object_get(report->items, "pending"));
    if (pending == 0) {
        screen_say(screen, DRAW_PLAIN, "nothing is queued: 0 pending");
    } else if (line) {
        ask_what(screen, line, pending);
    } else {
        ask_count(screen, pending);
    }
}

static bool outcome(View *view, Screen *screen, Outcome *got)
{
    Look *look = view->state;
    if (got->ticket != look->ticket) {
        return false;
    }
    if (got->stopped) { /* it made room for what a person asked for */
        look->ticket = screen_read(screen, look, LOOK);
        return true;
    }
    char *line = look->line;
    look->line = NULL;
    screen_close(screen, view);
    if (got->done) {
        ask(screen, line, &got->report);
    } else {
        screen_say_error(screen, &got->error);
    }
    free(line);
    return true;
}

static void close_look(View *view)
{
    Look *look = view->state;
    screen_forget(look->screen, look);
    free(look->line);
    free(look);
}

static const Binding bindings[] = {
    {{0}, "Esc", "cancel", NULL, ACTION_NONE, true},
};

const Bindings ask_queue_keys = {bindings, sizeof bindings / sizeof *bindings};

static const ViewOps look_ops = {.bindings = {bindings, sizeof bindings / sizeof *bindings},
                                 .modal = true,
                                 .draw = draw,
                                 .key = key,
                                 .outcome = outcome,
                                 .close = close_look};

static void look_first(Screen *screen, const char *line)
{
    Look *look = memory_zero(1, sizeof *look);
    look->screen = screen;
    look->line = line ? memory_string(line) : NULL;
    look->ticket = screen_read(screen, look, LOOK);
    screen_push(screen, &look_ops, look);
}

void ask_queue_flush(Screen *screen, const char *line)
{
    look_first(screen, line);
}

void ask_queue_drop(Screen *screen)
{
    look_first(screen, NULL);
}
