/* The frame around the views: title, message and hint rows, and the notice that the terminal is too small. */
#include "screen_internal.h"

#include "cells.h"
#include "clock.h"
#include "memory.h"

#define LEAST_LINES 15
#define LEAST_COLUMNS 60

bool screen_too_small(void)
{
    return LINES < LEAST_LINES || COLS < LEAST_COLUMNS;
}

/* How things stand takes what the view's title leaves, and half of the row where that is long. */
static void draw_title(const Screen *screen, const View *view)
{
    Area row = {.window = stdscr, .height = 1, .width = COLS};
    const char *mark = screen_read_only(screen) ? "read-only | " : "";
    char *left = view->ops->title(view);
    int beside = COLS - cells_width(left) - 3;
    int most = beside > COLS / 2 ? beside : COLS / 2;
    char *status = status_title(&screen->status, beside - cells_width(mark));
    char *right = text_format("%s%s", mark, status);
    char *harmless = text_visible(right);
    int width = cells_width(harmless) < most ? cells_width(harmless) : most;
    char *text = text_format(" %s", left);
    draw_line(&row, 0, DRAW_BAR, "");
    draw_text(&row, 0, 0, COLS - width - 2, DRAW_BAR, text);
    draw_text(&row, 0, COLS - width - 1, width, DRAW_BAR, harmless);
    free(text);
    free(harmless);
    free(right);
    free(status);
    free(left);
}

static void draw_tabs(const Screen *screen)
{
    Area row = {.window = stdscr, .top = 1, .height = 1, .width = COLS};
    bool present[TAB_COUNT];
    screen_tabs(screen, present);
    tabs_draw(&row, present, screen->tab);
}

/* What does not fit says where the rest is. */
static void draw_said(const Area *row, DrawStyle style, const char *message)
{
    static const char more[] = " M: more";
    char *text = text_format(" %s", message);
    char *harmless = text_visible(text);
    if (cells_width(harmless) > row->width) {
        int room = row->width - cells_width(more);
        draw_text(row, 0, 0, room, style, harmless);
        draw_text(row, 0, room, row->width - room, style, more);
    } else {
        draw_line(row, 0, style, harmless);
    }
    free(harmless);
    free(text);
}

#define STOPS "..  ^C stops"

/* "  2 wait  1 more runs"; owned by the caller. */
static char *tell_rest(const WorkerState *state, size_t others)
{
    Text text = {0};
    if (state->queued) {
        text_addf(&text, "  %zu wait", state->queued);
    }
    if (others) {
        text_addf(&text, "  %zu more run%s", others, others == 1 ? "s" : "");
    }
    return text_take(&text);
}

/* "ask 'where is the customer?' ..  ^C stops", however long the question is; owned by the caller. */
static char *tell_line(const WorkerState *state, int width)
{
    char *line = text_visible(state->line);
    int room = width - 1 - cells_width(STOPS);
    char *fitting = cells_width(line) > room && room > 0 ? cells_fit(line, room, 0) : memory_string(line);
    char *told = text_format("%s " STOPS, fitting);
    free(fitting);
    free(line);
    return told;
}

/* What runs: its bar once it has told how far it is. */
static void draw_running(Screen *screen, const Area *row, const WorkerState *state, size_t others)
{
    char *rest = tell_rest(state, others);
    int width = row->width - 1 - cells_width(rest);
    char *running;
    if (*state->what) {
        bar_update(&screen->bar, state->what, state->done, state->total, clock_monotonic_ms());
        running = bar_text(&screen->bar, width, cells_unicode());
    } else {
        running = tell_line(state, width);
    }
    char *text = text_format(" %s%s", running, rest);
    draw_line(row, 0, DRAW_WARNING, text);
    free(text);
    free(running);
    free(rest);
}

/* What was said, and that something runs. */
static void draw_both(const Screen *screen, const Area *row, const WorkerState *state)
{
    Area left = *row;
    Area right = *row;
    right.width = row->width / 3;
    left.width -= right.width;
    right.left = left.width;
    char *running = tell_line(state, right.width - 2);
    char *apart = text_format("  %s", running);
    draw_said(&left, screen->message_style, screen->message);
    draw_line(&right, 0, DRAW_WARNING, apart);
    free(apart);
    free(running);
}

static void draw_message(Screen *screen)
{
    Area row = {.window = stdscr, .top = LINES - 2, .height = 1, .width = COLS};
    WorkerState state;
    size_t others;
    bool busy = screen_running(screen, &state, &others);
    if (!busy || !*state.what || state.ticket != screen->bar_of) {
        screen->bar = (Bar){0};
        screen->bar_of = busy ? state.ticket : 0;
    }
    if (busy && screen->message) {
        draw_both(screen, &row, &state);
    } else if (busy) {
        draw_running(screen, &row, &state, others);
    } else if (screen->message) {
        draw_said(&row, screen->message_style, screen->message);
    }
}

static char *hints_of(const View *view, Bindings keys, int width)
{
    return view->ops->modal || view->ops->types ? keys_hints_alone(keys, width) : keys_hints(keys, width);
}

static void draw_hints(const Screen *screen, const View *view)
{
    Area row = {.window = stdscr, .top = LINES - 1, .height = 1, .width = COLS};
    WorkerState running;
    Bindings stopping = {0};
    if (!view->ops->modal && screen_escape_stops(screen, view, &running)) {
        stopping = keys_stopping(view_keys(view));
    }
    char *hints = hints_of(view, stopping.items ? stopping : view_keys(view), row.width);
    draw_line(&row, 0, DRAW_BAR, hints);
    free(hints);
    free((void *)stopping.items);
}

static void draw_cover(Screen *screen)
{
    if (!screen->cover) {
        screen->cover = newwin(0, 0, 0, 0);
        screen->cover_panel = new_panel(screen->cover);
    }
    wresize(screen->cover, LINES, COLS);
    replace_panel(screen->cover_panel, screen->cover);
    top_panel(screen->cover_panel);
    werase(screen->cover);
    Area area = {.window = screen->cover, .height = LINES, .width = COLS};
    char *text = text_format("amx needs %d columns and %d lines; this terminal has %d and %d.\nq leaves.",
                             LEAST_COLUMNS, LEAST_LINES, COLS, LINES);
    draw_paragraph(&area, 0, DRAW_BOLD, text);
    free(text);
}

void screen_uncover(Screen *screen)
{
    if (screen->cover) {
        del_panel(screen->cover_panel);
        delwin(screen->cover);
        screen->cover = NULL;
    }
}

static void draw_views(Screen *screen)
{
    const Stack *stack = &screen->stacks[screen->tab];
    size_t full = screen_full(screen);
    Area body = {.window = stdscr, .top = 2, .height = LINES - 4, .width = COLS};
    draw_message(screen);
    for (size_t i = full; i < stack->count; i++) {
        stack->views[i]->ops->draw(stack->views[i], screen, &body);
    }
    draw_title(screen, stack->views[full]); /* after its body, which knows now how much of it fits */
    draw_tabs(screen);
    draw_hints(screen, screen_top(screen));
}

void screen_draw(Screen *screen)
{
    werase(stdscr);
    if (screen_too_small()) {
        draw_cover(screen);
    } else {
        screen_uncover(screen);
        draw_views(screen);
    }
    wnoutrefresh(stdscr); /* update_panels knows of it only once there has been a panel */
    update_panels();
    doupdate();
}
