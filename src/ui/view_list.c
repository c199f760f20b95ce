#include "view_list_internal.h"

#include <string.h>

#include "display.h"
#include "guard.h"
#include "memory.h"
#include "prompt.h"
#include "quote.h"
#include "text.h"
#include "view_compare.h"
#include "view_document.h"
#include "view_session.h"

/* By what is shown: another scope may be under way. */
static bool shows_team(const List *list)
{
    return list_query_traits(list->shown.line).team;
}

/* --- reading --- */

/* Asks for the page that is missing, if one is. */
static void fetch(List *list, Screen *screen)
{
    PageWish wish;
    if (list->traits.paged && page_model_ask(&list->rows.pages, &wish)) {
        char *line = list_query_page(&list->wanted, &wish);
        list->ticket = screen_read(screen, list, line);
        free(line);
    }
}

static void reload(List *list, Screen *screen)
{
    if (list->traits.paged) {
        page_model_reload(&list->rows.pages);
        fetch(list, screen);
    } else {
        list->ticket = screen_read(screen, list, list->wanted.line);
    }
}

/* Reads what is wanted now; a whole list has it already. */
static void renew(List *list, Screen *screen)
{
    if (list->traits.paged) {
        page_model_renew(&list->rows.pages);
        fetch(list, screen);
        return;
    }
    list_model_filter(&list->rows.whole, list->wanted.filter);
    list_model_sort(&list->rows.whole, list->wanted.sort, list->wanted.descending);
    list_query_set(&list->shown, list->shown.line, list->wanted.filter);
    list->shown.sort = list->wanted.sort;
    list->shown.descending = list->wanted.descending;
}

/* What is wanted does not come: what is shown stays. */
static void revert(List *list)
{
    list_query_copy(&list->wanted, &list->shown);
    list->traits = list_query_traits(list->shown.line);
}

static void count_rows(List *list)
{
    if (!*list->shown.filter) {
        list->unfiltered = list_rows_count(&list->rows, &list->all_known);
    }
}

static void step_sort(List *list, Screen *screen, int by);

/* A column that the command can't sort by is passed over. */
static bool pass_unsortable(List *list, Screen *screen, const Error *err)
{
    const Table *table = list_rows_columns(&list->rows);
    for (size_t i = 0; i < table->columns && i < 64 && err->kind == ERROR_USAGE; i++) {
        if (list->wanted.sort != list->shown.sort && text_equal(table->shown[i].key, list->wanted.sort)) {
            list->unsortable |= UINT64_C(1) << i;
            if (list->sort_step == 0) {
                return false; /* somebody asked for this very column */
            }
            step_sort(list, screen, list->sort_step);
            return true;
        }
    }
    return false;
}

static void take_page(List *list, Screen *screen, Outcome *got)
{
    if (got->done && got->report.body == REPORT_LIST) {
        page_model_take(&list->rows.pages, &got->report);
        if (!list->rows.pages.building) {
            list_query_copy(&list->shown, &list->wanted);
            count_rows(list);
        }
    } else if (got->stopped) {
        page_model_retry(&list->rows.pages);
    } else if (!pass_unsortable(list, screen, &got->error)) {
        page_model_fail(&list->rows.pages);
        revert(list);
        screen_say_error(screen, &got->error);
    }
    fetch(list, screen);
}

static void take_whole(List *list, Screen *screen, Outcome *got)
{
    if (!got->done) {
        revert(list);
        screen_say_error(screen, &got->error);
    } else if (got->report.body == REPORT_LIST) {
        list_model_take(&list->rows.whole, &got->report);
        list_query_copy(&list->shown, &list->wanted);
        list->unfiltered = list->rows.whole.table.rows;
    }
}

static bool outcome(View *view, Screen *screen, Outcome *got)
{
    List *list = view->state;
    if (list->resuming && got->ticket == list->resuming) {
        list->resuming = 0;
        view_session_resumed(screen, got);
        return true;
    }
    if (!list->ticket || got->ticket != list->ticket) {
        return false;
    }
    list->ticket = 0;
    if (list->traits.paged) {
        take_page(list, screen, got);
    } else {
        take_whole(list, screen, got);
    }
    if (list->stale && !list->ticket) {
        list->stale = false;
        reload(list, screen);
    }
    return true;
}

/* Quietly: the selection stays, and there is nothing to say. A team's list is read when somebody asks. */
static void changed(View *view, Screen *screen)
{
    List *list = view->state;
    if (list->traits.local && list->ticket) {
        list->stale = true;
    } else if (list->traits.local) {
        reload(list, screen);
    }
}

/* --- what the keys do --- */

/* A row by itself, every titled column in full. */
static void show_row(const List *list, Screen *screen, json_t *row)
{
    Report report = {.body = REPORT_OBJECT,
                     .columns = list_rows_report(&list->rows)->columns,
                     .column_count = list_rows_report(&list->rows)->column_count,
                     .items = row};
    char *title = view_list_name(list);
    view_document_open(screen,
                       &(DocumentSpec){.title = title, .text = display_object(&report), .wrap = true});
    free(title);
}

/* The command that shows a row in full: a teammate's is named by its origin, too. */
static char *open_line(const List *list, const ListKind *kind, const json_t *row)
{
    Text line = {0};
    const char *origin = json_string_value(json_object_get(row, "origin_id"));
    text_addf(&line, "%s %" JSON_INTEGER_FORMAT, kind->open,
              json_integer_value(json_object_get(row, "local_id")));
    if (origin && shows_team(list)) {
        text_add(&line, " --origin ");
        quote_add(&line, origin);
    }
    return text_take(&line);
}

static void open_selected(const List *list, Screen *screen)
{
    json_t *row = list_rows_selected(&list->rows);
    const ListKind *kind = view_list_kind(list_rows_report(&list->rows));
    if (!row) {
        return;
    }
    if (!kind || !kind->open || !json_is_integer(json_object_get(row, "local_id"))) {
        show_row(list, screen, row);
        return;
    }
    char *line = open_line(list, kind, row);
    if (text_starts(kind->schema, "amx.sessions/")) {
        view_session_open(screen, line, row);
    } else {
        screen_submit(screen, line);
    }
    free(line);
}

static void set_filter(Screen *screen, void *context, const char *text)
{
    List *list = context;
    if (!text_equal(text, list->wanted.filter)) {
        list_query_set(&list->wanted, list->wanted.line, text);
        renew(list, screen);
    }
}

static void keep_filter_before(Screen *screen, void *context)
{
    List *list = context;
    char *before = memory_string(list->before);
    set_filter(screen, list, before);
    free(before);
}

static void type_filter(List *list, Screen *screen)
{
    free(list->before);
    list->before = memory_string(list->wanted.filter);
    prompt_open(screen, &(PromptSpec){.label = "/",
                                      .initial = list->wanted.filter,
                                      .answered = set_filter,
                                      .changed = set_filter,
                                      .cancelled = keep_filter_before,
                                      .context = list});
}

/* Place of the column that rows are sorted by, counted from 1; 0: as they come. */
static size_t sort_place(const List *list)
{
    const Table *table = list_rows_columns(&list->rows);
    for (size_t i = 0; list->wanted.sort && i < table->columns; i++) {
        if (text_equal(table->shown[i].key, list->wanted.sort)) {
            return i + 1;
        }
    }
    return 0;
}

static void step_sort(List *list, Screen *screen, int by)
{
    const Table *table = list_rows_columns(&list->rows);
    size_t places = table->columns + 1;
    size_t place = sort_place(list);
    list->sort_step = by;
    do {
        place = (place + (by > 0 ? 1 : places - 1)) % places;
    } while (place > 0 && place <= 64 && (list->unsortable >> (place - 1) & 1));
    list->wanted.sort = place ? table->shown[place - 1].key : NULL;
    list->wanted.descending = false;
    renew(list, screen);
}

static void reverse_sort(List *list, Screen *screen)
{
    if (list->wanted.sort) {
        list->wanted.descending = !list->wanted.descending;
        renew(list, screen);
    } else {
        screen_say(screen, DRAW_PLAIN, "choose a column to sort by first, with < or >");
    }
}

/* By this column; by the one that rows are sorted by already: the other way round. */
static void sort_by(List *list, Screen *screen, size_t column)
{
    const char *key = list_rows_columns(&list->rows)->shown[column].key;
    if (text_equal(key, list->wanted.sort)) {
        reverse_sort(list, screen);
        return;
    }
    list->sort_step = 0;
    list->wanted.sort = key;
    list->wanted.descending = false;
    renew(list, screen);
}

static void next_scope(List *list, Screen *screen)
{
    bool alone = status_enabled(screen_status(screen)) == TRI_NO;
    const char *line = list_query_next_scope(list->wanted.line, alone);
    if (!line) {
        screen_say(screen, DRAW_PLAIN, "this list has one scope; sessions and runs have several");
        return;
    }
    list_query_set(&list->wanted, line, list->wanted.filter);
    list->traits = list_query_traits(line);
    if (list->traits.paged) {
        renew(list, screen);
    } else {
        list->ticket = screen_read(screen, list, line);
    }
}

static void move_by(List *list, Screen *screen, long by)
{
    list_rows_move(&list->rows, by);
    fetch(list, screen);
}

static void jump(List *list, Screen *screen, bool last)
{
    list_rows_jump(&list->rows, last);
    fetch(list, screen);
}

static void scroll_columns(List *list, bool right)
{
    if (right && list->cut && list->skipped + 2 < list_rows_columns(&list->rows)->columns) {
        list->skipped++;
    } else if (!right && list->skipped > 0) {
        list->skipped--;
    }
}

/* A command about the selected run; a teammate's is not ours to decide about. */
static void run_about(const List *list, Screen *screen, const char *command)
{
    const json_t *row = list_rows_selected(&list->rows);
    const char *origin = json_string_value(json_object_get(row, "origin_id"));
    if (row && shows_team(list) && !text_equal(origin, status_text(screen_status(screen), "origin"))) {
        screen_say(screen, DRAW_WARNING, "a teammate's run is read-only: %s decides about it",
                   json_string_value(json_object_get(row, "who")));
    } else if (row) {
        char *line =
            text_format("%s %lld", command, (long long)json_integer_value(json_object_get(row, "local_id")));
        guard_run(screen, line);
        free(line);
    }
}

static void resume(List *list, Screen *screen)
{
    const json_t *row = list_rows_selected(&list->rows);
    if (row) {
        list->resuming = view_session_resume(screen, row, shows_team(list));
    }
}

static bool act(View *view, Screen *screen, Action action)
{
    List *list = view->state;
    long page = (long)list_rows_select(&list->rows)->height;
    switch (action) {
    case ACTION_UP:
        move_by(list, screen, -1);
        return true;
    case ACTION_DOWN:
        move_by(list, screen, 1);
        return true;
    case ACTION_PAGE_UP:
        move_by(list, screen, -page);
        return true;
    case ACTION_PAGE_DOWN:
        move_by(list, screen, page);
        return true;
    case ACTION_FIRST:
        jump(list, screen, false);
        return true;
    case ACTION_LAST:
        jump(list, screen, true);
        return true;
    case ACTION_LEFT:
        scroll_columns(list, false);
        return true;
    case ACTION_RIGHT:
        scroll_columns(list, true);
        return true;
    case ACTION_OPEN:
        open_selected(list, screen);
        return true;
    case ACTION_RELOAD:
        reload(list, screen);
        screen_refresh(screen);
        return true;
    case ACTION_FILTER:
        type_filter(list, screen);
        return true;
    case ACTION_SORT_LEFT:
        step_sort(list, screen, -1);
        return true;
    case ACTION_SORT_RIGHT:
        step_sort(list, screen, 1);
        return true;
    case ACTION_SORT_REVERSE:
        reverse_sort(list, screen);
        return true;
    case ACTION_NEXT: /* every row that is shown matches */
        move_by(list, screen, 1);
        return true;
    case ACTION_PREVIOUS:
        move_by(list, screen, -1);
        return true;
    case ACTION_SCOPE:
        next_scope(list, screen);
        return true;
    case ACTION_MARK:
        view_compare_mark(screen, &list->mark, list_rows_selected(&list->rows), shows_team(list));
        return true;
    case ACTION_RESUME:
        resume(list, screen);
        return true;
    case ACTION_REVIEW:
        run_about(list, screen, "review");
        return true;
    case ACTION_ROLL_BACK:
        run_about(list, screen, "rollback");
        return true;
    default:
        return false;
    }
}

/* A click selects, a double one opens; on the heading of a column it sorts by it. */
static bool mouse(View *view, Screen *screen, const Mouse *event)
{
    List *list = view->state;
    size_t column;
    const Select *select = list_rows_select(&list->rows);
    long row = (long)select->top + event->row - list->first_line;
    bool click = event->kind == MOUSE_CLICK || event->kind == MOUSE_DOUBLE;
    if (click && event->row == list->first_line - 1 && view_list_heading_at(list, event->column, &column)) {
        sort_by(list, screen, column);
        return true;
    }
    if (!click || event->row < list->first_line || row >= (long)select->count) {
        return false;
    }
    move_by(list, screen, row - (long)select->selected);
    if (event->kind == MOUSE_DOUBLE) {
        open_selected(list, screen);
    }
    return true;
}

static void close_list(View *view)
{
    List *list = view->state;
    screen_forget(list->screen, list);
    list_rows_free(&list->rows);
    list_query_free(&list->shown);
    list_query_free(&list->wanted);
    free(list->before);
    view_compare_unmark(&list->mark);
    free(list);
}

/* --- what leaves the screen --- */

/* The selected row, its cells between tabs. Owned by the caller; NULL when there is none. */
static char *copy(const View *view)
{
    const List *list = view->state;
    const Select *select = list_rows_select(&list->rows);
    if (select->count == 0) {
        return NULL;
    }
    Text text = {0};
    table_add_cells(&text, list_rows_columns(&list->rows), list_rows_cells(&list->rows, select->selected));
    return text_take(&text);
}

/* The rows that are here, each a line, under the titles of their columns. */
static char *all_text(const View *view)
{
    const List *list = view->state;
    const Table *layout = list_rows_columns(&list->rows);
    Text text = {0};
    table_add_titles(&text, layout);
    for (size_t row = 0; row < list_rows_select(&list->rows)->count; row++) {
        text_add(&text, "\n");
        table_add_cells(&text, layout, list_rows_cells(&list->rows, row));
    }
    text_add(&text, "\n");
    return text_take(&text);
}

#define LIST_BINDINGS(has_scopes)                                                                            \
    {{KEY_RETURN, '\n', KEY_FUNCTION(KEY_ENTER)}, "Enter", "open", NULL, ACTION_OPEN, true},                 \
        {{'/'}, "/", "filter", NULL, ACTION_FILTER, true},                                                   \
        {{'n'}, "n", "next row that matches", NULL, ACTION_NEXT, false},                                     \
        {{'N'}, "N", "row before that matches", NULL, ACTION_PREVIOUS, false},                               \
        {{'f'}, "f", "scope", NULL, ACTION_SCOPE, has_scopes},                                               \
        {{'<'}, "<", "sort by the column before", NULL, ACTION_SORT_LEFT, false},                            \
        {{'>'}, ">", "sort by the next column", NULL, ACTION_SORT_RIGHT, false},                             \
    {                                                                                                        \
        {'!'}, "!", "sort the other way round", NULL, ACTION_SORT_REVERSE, false                             \
    }

static const Binding bindings[] = {LIST_BINDINGS(false)};
static const Binding session_bindings[] = {
    LIST_BINDINGS(true),
    {{'r'}, "r", "resume, or why not", NULL, ACTION_RESUME, true},
};
static const Binding run_bindings[] = {
    LIST_BINDINGS(true),
    {{'v'}, "v", "review", NULL, ACTION_REVIEW, true},
    {{'c'}, "c", "compare two", NULL, ACTION_MARK, true},
    {{'b'}, "b", "roll back what was applied (asks)", NULL, ACTION_ROLL_BACK, false},
};

const Bindings view_list_keys = KEYS_OF(bindings);
const Bindings view_list_session_keys = KEYS_OF(session_bindings);
const Bindings view_list_run_keys = KEYS_OF(run_bindings);

/* Esc lets a marked run go, then takes the filter away; q leaves. */
static bool key(View *view, Screen *screen, Key pressed)
{
    List *list = view->state;
    if (pressed == KEY_ESCAPE && list->mark.run) {
        view_compare_unmark(&list->mark);
        screen_say_no_more(screen);
        return true;
    }
    if (pressed == KEY_ESCAPE && *list->wanted.filter) {
        set_filter(screen, list, "");
        return true;
    }
    return false;
}

#define LIST_OPS                                                                                             \
    .title = view_list_title, .draw = view_list_draw, .key = key, .act = act, .outcome = outcome,            \
    .shown = changed, .changed = changed, .mouse = mouse, .copy = copy, .text = all_text,                    \
    .close = close_list

static const ViewOps list_ops = {.bindings = KEYS_OF(bindings), LIST_OPS};
static const ViewOps session_list_ops = {.bindings = KEYS_OF(session_bindings), LIST_OPS};
static const ViewOps run_list_ops = {.bindings = KEYS_OF(run_bindings), LIST_OPS};

void view_list_open(Screen *screen, Outcome *got)
{
    List *list = memory_zero(1, sizeof *list);
    list->screen = screen;
    list->traits = list_query_traits(got->line);
    list_query_set(&list->shown, got->line, "");
    list_query_copy(&list->wanted, &list->shown);
    list_rows_open(&list->rows, list->traits.paged, &got->report);
    count_rows(list);
    screen_push(screen,
                view_list_is_runs(list)       ? &run_list_ops
                : view_list_is_sessions(list) ? &session_list_ops
                                              : &list_ops,
                list);
    fetch(list, screen);
}
