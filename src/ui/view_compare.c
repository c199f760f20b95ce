#include "view_compare.h"

#include <stdlib.h>

#include "cells.h"
#include "compare_model.h"
#include "freshness.h"
#include "list_query.h"
#include "memory.h"
#include "page_model.h"
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
    Freshness fresh;
    int height; /* lines shown */
} Compare;

static char *title(const View *view)
{
    const Compare *compare = view->state;
    const CompareModel *model = &compare->model;
    const Select *select = &model->select;
    size_t place = select->count ? select->selected + 1 : 0;
    /* the numbers first: where there is little room, the names of the runs are cut */
    if (model->only) {
        return text_format("Compare  %zu/%zu differing  %s", place, select->count, model->report.title);
    }
    return text_format("Compare  %zu/%zu  %zu differ%s  %s", place, select->count, model->different,
                       model->different == 1 ? "s" : "", model->report.title);
}

static void draw_head(const Area *area, int line, const CompareLine *head, bool selected)
{
    char *marked = text_format(" %c %s", selected ? '>' : ' ', head->left);
    draw_line(area, line, selected ? DRAW_SELECTED : DRAW_BOLD, marked);
    free(marked);
}

/* Why there is nothing newer, above what there is. */
static void draw_trouble(const Compare *compare, const Screen *screen, Area *body)
{
    Area area = {body->window, body->top, body->left + 1, body->height, body->width - 2};
    char *why = freshness_text(&compare->fresh, screen_status(screen), compare->ticket);
    int lines = draw_paragraph(&area, 0, DRAW_WARNING, why);
    body->top += lines;
    body->height -= lines;
    free(why);
}

static void draw_pairs(Compare *compare, const Area *body)
{
    CompareModel *model = &compare->model;
    int width = (body->width - EDGE - GAP) / 2;
    if (model->select.count == 0) {
        draw_text(body, 1, EDGE, body->width - EDGE, DRAW_PLAIN,
                  model->count ? "The two say the same of everything." : model->report.empty);
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

static void draw(View *view, const Screen *screen, const Area *body)
{
    Compare *compare = view->state;
    Area rest = *body;
    if (compare->fresh.trouble) {
        draw_trouble(compare, screen, &rest);
    }
    draw_pairs(compare, &rest);
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

static void step(CompareModel *model, Screen *screen, bool forward)
{
    if (!compare_model_step(model, forward)) {
        screen_say(screen, DRAW_PLAIN, forward ? "no difference further down" : "no difference further up");
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
    case ACTION_SWITCH:
        compare_model_only(model, !model->only);
        return true;
    case ACTION_NEXT:
        step(model, screen, true);
        return true;
    case ACTION_PREVIOUS:
        step(model, screen, false);
        return true;
    case ACTION_RELOAD:
        reload(compare, screen);
        return true;
    default:
        return false;
    }
}

/* Of a teammate's run it stays to be seen; one's own are always in reach. */
static void take_trouble(Compare *compare, Screen *screen, const Error *err)
{
    if (compare->local) {
        screen_say_error(screen, err);
    } else {
        freshness_fail(&compare->fresh, err);
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
        take_trouble(compare, screen, &got->error);
    } else if (got->report.body == REPORT_LIST) {
        freshness_take(&compare->fresh);
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
    freshness_free(&compare->fresh);
    free(compare->line);
    free(compare);
}

static const Binding bindings[] = {
    {{KEY_RETURN, '\n', KEY_FUNCTION(KEY_ENTER)}, "Enter", "both in full", NULL, ACTION_OPEN, true},
    {{'d'}, "d", "differing/all", NULL, ACTION_SWITCH, true},
    {{'n'}, "n", "next difference", NULL, ACTION_NEXT, true},
    {{'N'}, "N", "difference before", NULL, ACTION_PREVIOUS, true},
};

const Bindings view_compare_keys = KEYS_OF(bindings);

static const ViewOps compare_ops = {
    .bindings = KEYS_OF(bindings),
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
    freshness_take(&compare->fresh);
    screen_push(screen, &compare_ops, compare);
}

bool view_compare_fits(const Outcome *got)
{
    return got->report.schema && text_starts(got->report.schema, "amx.compare/");
}

/* A run as `history compare` takes it: "12", or "ORIGIN/12" of the team's. */
static void add_run(Text *line, const CompareMark *mark)
{
    const char *origin = json_string_value(json_object_get(mark->run, "origin_id"));
    long long id = (long long)json_integer_value(json_object_get(mark->run, "local_id"));
    char *name = mark->team && origin ? text_format("%s/%lld", origin, id) : text_format("%lld", id);
    text_add_char(line, ' ');
    quote_add(line, name);
    free(name);
}

static void compare_runs(Screen *screen, const CompareMark *a, const CompareMark *b)
{
    Text line = {0};
    text_add(&line, "history compare");
    add_run(&line, a);
    add_run(&line, b);
    screen_submit(screen, text_string(&line));
    text_free(&line);
}

char *view_compare_name(const CompareMark *mark)
{
    long long id = (long long)json_integer_value(json_object_get(mark->run, "local_id"));
    return mark->team ? text_format("run %lld of %s", id, member(mark->run, "who"))
                      : text_format("run %lld", id);
}

bool view_compare_marked(const CompareMark *mark, const json_t *run)
{
    return mark->run && run && page_same_row(mark->run, run);
}

void view_compare_unmark(CompareMark *mark)
{
    json_decref(mark->run);
    *mark = (CompareMark){0};
}

static void say_mark(Screen *screen, const CompareMark *mark, const char *what)
{
    char *name = view_compare_name(mark);
    screen_say(screen, DRAW_PLAIN, "%s %s", name, what);
    free(name);
}

void view_compare_mark(Screen *screen, CompareMark *mark, json_t *run, bool team)
{
    CompareMark other = {.run = run, .team = team};
    if (!run) {
        return;
    }
    if (!mark->run) {
        *mark = (CompareMark){.run = json_incref(run), .team = team};
        say_mark(screen, mark, "is marked; c on another run compares the two, Esc lets it go");
        return;
    }
    if (view_compare_marked(mark, run)) {
        say_mark(screen, mark, "is no longer marked");
    } else {
        compare_runs(screen, mark, &other);
    }
    view_compare_unmark(mark);
}
