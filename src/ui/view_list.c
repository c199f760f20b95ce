#include "view_list.h"

#include <string.h>

#include "cells.h"
#include "list_model.h"
#include "memory.h"
#include "prompt.h"
#include "quote.h"
#include "sparkline.h"
#include "text.h"
#include "display.h"
#include "view_compare.h"
#include "view_document.h"

#define DAYS 14 /* of runs, in the title */

typedef struct List {
    ListModel model;
    char *line;      /* the command that made it */
    unsigned ticket; /* of a reload that is under way, or 0 */
    char *marked;    /* the run to compare with the next one, or NULL */
} List;

/* What is known of a kind of list beyond its columns. */
typedef struct ListKind {
    const char *schema;
    const char *title;
    const char
        *open; /* the command that shows one row in full, by its local_id; NULL: the row itself is shown */
} ListKind;

static const ListKind kinds[] = {
    {"amx.sessions/", "Sessions", "session show --id"},
    {"amx.runs/", "Runs", "history show"},
};

static const ListKind *kind_of(const Report *report)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (report->schema && text_starts(report->schema, kinds[i].schema)) {
            return &kinds[i];
        }
    }
    return NULL;
}

static bool is_runs(const List *list)
{
    const char *schema = list->model.report.schema;
    return schema && text_starts(schema, "amx.runs/");
}

static char *title(const View *view)
{
    const List *list = view->state;
    const ListKind *kind = kind_of(&list->model.report);
    const char *filter = list->model.filter;
    char *days = is_runs(list) ? sparkline_of_days(list->model.report.items, "started", NULL, DAYS,
                                                   sparkline_has_blocks())
                               : NULL;
    char *text =
        text_format("%s  %s%s%s%zu of %zu  %s", kind ? kind->title : list->line, *filter ? "/" : "", filter,
                    *filter ? "  " : "", list->model.select.count, list->model.table.rows, days ? days : "");
    free(days);
    return text;
}

static void draw(View *view, const Screen *screen, const Area *body)
{
    (void)screen;
    List *list = view->state;
    ListModel *model = &list->model;
    if (model->select.count == 0) {
        const char *empty = model->report.empty ? model->report.empty : "Nothing here.";
        draw_line(body, 1, DRAW_PLAIN, model->table.rows ? "  No row matches the filter." : empty);
        return;
    }
    table_layout(&model->table, body->width - 4);
    select_resize(&model->select, model->select.count, (size_t)body->height - 1);
    char *heading = table_heading(&model->table);
    draw_text(body, 0, 3, body->width - 3, DRAW_BOLD, heading);
    free(heading);
    for (size_t i = 0; i < model->select.height; i++) {
        size_t shown = model->select.top + i;
        if (shown >= model->select.count) {
            break;
        }
        bool selected = shown == model->select.selected;
        char *line = table_line(&model->table, model->rows[shown]);
        char *marked = text_format(" %c %s", selected ? '>' : ' ', line);
        draw_line(body, (int)i + 1, selected ? DRAW_SELECTED : DRAW_PLAIN, marked);
        free(marked);
        free(line);
    }
}

/* A row by itself, every titled column in full. */
static void show_row(const List *list, Screen *screen, json_t *row)
{
    Report report = {.body = REPORT_OBJECT,
                     .columns = list->model.report.columns,
                     .column_count = list->model.report.column_count,
                     .items = row};
    view_document_open(screen,
                       &(DocumentSpec){.title = list->line, .text = display_object(&report), .wrap = true});
}

/* The command that shows a row in full: a teammate's is named by its origin, too. */
static char *open_line(const List *list, const ListKind *kind, const json_t *row)
{
    Text line = {0};
    const char *origin = json_string_value(json_object_get(row, "origin_id"));
    text_addf(&line, "%s %" JSON_INTEGER_FORMAT, kind->open,
              json_integer_value(json_object_get(row, "local_id")));
    if (origin && strstr(list->line, " --team")) {
        text_add(&line, " --origin ");
        quote_add(&line, origin);
    }
    return text_take(&line);
}

static void open_selected(const List *list, Screen *screen)
{
    json_t *row = list_model_selected(&list->model);
    const ListKind *kind = kind_of(&list->model.report);
    if (!row) {
        return;
    }
    if (!kind || !json_is_integer(json_object_get(row, "local_id"))) {
        show_row(list, screen, row);
        return;
    }
    char *line = open_line(list, kind, row);
    screen_submit(screen, line);
    free(line);
}

static void set_filter(Screen *screen, void *context, const char *text)
{
    (void)screen;
    List *list = context;
    list_model_filter(&list->model, text);
}

static bool act(View *view, Screen *screen, Action action)
{
    List *list = view->state;
    Select *select = &list->model.select;
    long page = (long)select->height;
    switch (action) {
    case ACTION_UP:
        select_move(select, -1);
        return true;
    case ACTION_DOWN:
        select_move(select, 1);
        return true;
    case ACTION_PAGE_UP:
        select_move(select, -page);
        return true;
    case ACTION_PAGE_DOWN:
        select_move(select, page);
        return true;
    case ACTION_FIRST:
        select_to(select, 0);
        return true;
    case ACTION_LAST:
        select_move(select, (long)select->count);
        return true;
    case ACTION_OPEN:
        open_selected(list, screen);
        return true;
    case ACTION_RELOAD:
        list->ticket = screen_submit(screen, list->line);
        return true;
    case ACTION_FILTER:
        prompt_open(screen, &(PromptSpec){.label = "/",
                                          .initial = list->model.filter,
                                          .answered = set_filter,
                                          .context = list});
        return true;
    default:
        return false;
    }
}

static bool key(View *view, Screen *screen, Key pressed)
{
    List *list = view->state;
    if (pressed != 'c' || !is_runs(list)) {
        return false;
    }
    view_compare_mark(screen, &list->marked, list_model_selected(&list->model),
                      strstr(list->line, " --team") != NULL);
    return true;
}

static bool outcome(View *view, Screen *screen, Outcome *got)
{
    List *list = view->state;
    if (!list->ticket || got->ticket != list->ticket) {
        return false;
    }
    list->ticket = 0;
    if (!got->done) {
        screen_say_error(screen, &got->error);
    } else if (got->report.body == REPORT_LIST) {
        list_model_take(&list->model, &got->report);
    }
    return true;
}

static void close_list(View *view)
{
    List *list = view->state;
    list_model_free(&list->model);
    free(list->line);
    free(list->marked);
    free(list);
}

static const Binding bindings[] = {
    {{KEY_RETURN, '\n', KEY_FUNCTION(KEY_ENTER)}, "Enter", "open", NULL, ACTION_OPEN, true},
    {{'/'}, "/", "filter", NULL, ACTION_FILTER, true},
    {{0}, "c", "in a list of runs: mark one, then compare it with another", NULL, ACTION_NONE, false},
};

static const ViewOps list_ops = {
    .bindings = {bindings, sizeof bindings / sizeof *bindings},
    .title = title,
    .draw = draw,
    .key = key,
    .act = act,
    .outcome = outcome,
    .close = close_list,
};

void view_list_open(Screen *screen, Outcome *got)
{
    List *list = memory_zero(1, sizeof *list);
    list->line = memory_string(got->line);
    list_model_take(&list->model, &got->report);
    screen_push(screen, &list_ops, list);
}
