#include "view_compare.h"

#include <stdlib.h>

#include "cells.h"
#include "compare_model.h"
#include "list_query.h"
#include "memory.h"
#include "quote.h"
#include "text.h"
#include "view_document.h"

#define EDGE 3 /* cells left of the text */
#define GAP 3  /* between the columns */

typedef struct Compare {
    Screen *screen; /* for what it reads */
    CompareModel model;
    char *line;
    bool local;      /* both runs are of history.db */
    bool stale;      /* which changed while they were read */
    unsigned ticket; /* of a reload that is under way, or 0 */
    int height;      /* lines shown */
} Compare;

static char *title(const View *view)
{
    const Compare *compare = view->state;
    const Select *select = &compare->model.select;
    return text_format("%s  %zu/%zu", compare->line, select->count ? select->selected + 1 : 0, select->count);
}

static void draw_head(const Area *area, int line, const CompareLine *head, bool selected)
{
    char *marked = text_format(" %c %s", selected ? '>' : ' ', head->left);
    draw_line(area, line, selected ? DRAW_SELECTED : DRAW_BOLD, marked);
    free(marked);
}

static void draw(View *view, const Screen *screen, const Area *body)
{
    (void)screen;
    Compare *compare = view->state;
    CompareModel *model = &compare->model;
    int width = (body->width - EDGE - GAP) / 2;
    if (model->select.count == 0) {
        draw_text(body, 1, EDGE, body->width - EDGE, DRAW_PLAIN, model->report.empty);
        return;
    }
    compare_model_layout(model, width);
    compare->height = body->height - 1;
    compare_model_scroll(model, (size_t)compare->height);
    draw_text(body, 0, EDGE, width, DRAW_BOLD, "A");
    draw_text(body, 0, EDGE + width + GAP, width, DRAW_BOLD, "B");
    for (int i = 0; i < compare->height && model->top + (size_t)i < model->line_count; i++) {
        const CompareLine *line = &model->lines[model->top + (size_t)i];
        if (line->head) {
            draw_head(body, i + 1, line, line->pair == model->select.selected);
        } else {
            draw_text(body, i + 1, EDGE, width, DRAW_PLAIN, line->left);
            draw_text(body, i + 1, EDGE + width + GAP, width, DRAW_PLAIN, line->right);
        }
    }
}

static const char *member(const json_t *row, const char *key)
{
    const char *text = json_string_value(json_object_get(row, key));
    return text ? text : "-";
}

/* One pair by itself, one text below the other: to be read, copied, saved. */
static void show_pair(Screen *screen, const json_t *row)
{
    if (row) {
        char *text = text_format("%s: %s\n\nA  %s, %s\n%s\n\nB  %s, %s\n%s\n", member(row, "object"),
                                 member(row, "change"), member(row, "a_state"), member(row, "a_level"),
                                 member(row, "a_text"), member(row, "b_state"), member(row, "b_level"),
                                 member(row, "b_text"));
        view_document_open(screen,
                           &(DocumentSpec){.title = member(row, "object"), .text = text, .wrap = true});
    }
}

static void reload(Compare *compare, Screen *screen)
{
    compare->stale = false;
    compare->ticket = screen_read(screen, compare, compare->line);
}

/* Somebody wrote. A teammate's run is read when somebody asks. */
static void changed(View *view, Screen *screen)
{
    Compare *compare = view->state;
    if (compare->ticket) {
        compare->stale = compare->local;
    } else if (compare->local) {
        reload(compare, screen);
    }
}

static bool act(View *view, Screen *screen, Action action)
{
    Compare *compare = view->state;
    CompareModel *model = &compare->model;
    switch (action) {
    case ACTION_UP:
        select_move(&model->select, -1);
        return true;
    case ACTION_DOWN:
        select_move(&model->select, 1);
        return true;
    case ACTION_PAGE_UP:
        compare_model_page(model, -compare->height);
        return true;
    case ACTION_PAGE_DOWN:
        compare_model_page(model, compare->height);
        return true;
    case ACTION_FIRST:
        select_to(&model->select, 0);
        return true;
    case ACTION_LAST:
        select_move(&model->select, (long)model->select.count);
        return true;
    case ACTION_OPEN:
        show_pair(screen, compare_model_selected(model));
        return true;
    case ACTION_RELOAD:
        reload(compare, screen);
        return true;
    default:
        return false;
    }
}

static bool outcome(View *view, Screen *screen, Outcome *got)
{
    Compare *compare = view->state;
    if (!compare->ticket || got->ticket != compare->ticket) {
        return false;
    }
    compare->ticket = 0;
    if (got->stopped) { /* made room for what a person asked for */
        reload(compare, screen);
    } else if (!got->done) {
        screen_say_error(screen, &got->error);
    } else if (got->report.body == REPORT_LIST) {
        compare_model_take(&compare->model, &got->report);
    }
    if (compare->stale && !compare->ticket) {
        reload(compare, screen);
    }
    return true;
}

static void close_compare(View *view)
{
    Compare *compare = view->state;
    screen_forget(compare->screen, compare);
    compare_model_free(&compare->model);
    free(compare->line);
    free(compare);
}

static const Binding bindings[] = {
    {{KEY_RETURN, '\n', KEY_FUNCTION(KEY_ENTER)}, "Enter", "both in full", NULL, ACTION_OPEN, true},
};

const Bindings view_compare_keys = {bindings, sizeof bindings / sizeof *bindings};

static const ViewOps compare_ops = {
    .bindings = {bindings, sizeof bindings / sizeof *bindings},
    .title = title,
    .draw = draw,
    .act = act,
    .outcome = outcome,
    .shown = changed,
    .changed = changed,
    .close = close_compare,
};

void view_compare_open(Screen *screen, Outcome *got)
{
    Compare *compare = memory_zero(1, sizeof *compare);
    compare->screen = screen;
    compare->line = memory_string(got->line);
    compare->local = list_query_traits(got->line).local;
    compare_model_take(&compare->model, &got->report);
    screen_push(screen, &compare_ops, compare);
}

bool view_compare_fits(const Outcome *got)
{
    return got->report.schema && text_starts(got->report.schema, "amx.compare/");
}

/* A run as `history compare` takes it: "12", or "ORIGIN/12" of the team's. Owned by the caller. */
static char *name_of(const json_t *run, bool team)
{
    const char *origin = json_string_value(json_object_get(run, "origin_id"));
    long long id = (long long)json_integer_value(json_object_get(run, "local_id"));
    return team && origin ? text_format("%s/%lld", origin, id) : text_format("%lld", id);
}

static void compare_runs(Screen *screen, const char *a, const char *b)
{
    Text line = {0};
    text_add(&line, "history compare ");
    quote_add(&line, a);
    text_add_char(&line, ' ');
    quote_add(&line, b);
    screen_submit(screen, text_string(&line));
    text_free(&line);
}

void view_compare_mark(Screen *screen, char **marked, const json_t *run, bool team)
{
    if (!run) {
        return;
    }
    char *name = name_of(run, team);
    if (!*marked) {
        *marked = name;
        screen_say(screen, DRAW_PLAIN, "run %s is marked; c on another run compares the two", name);
        return;
    }
    if (text_equal(*marked, name)) {
        screen_say(screen, DRAW_PLAIN, "run %s is no longer marked", name);
    } else {
        compare_runs(screen, *marked, name);
    }
    free(name);
    free(*marked);
    *marked = NULL;
}
