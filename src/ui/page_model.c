#include "page_model.h"

#include <string.h>

#include "memory.h"

#define NEAR 100 /* rows from the end of the window at which the next page is fetched */
#define FULL(window) ((window)->count == PAGE_LIMIT)

/* --- identity --- */

static bool same_member(const json_t *a, const json_t *b, const char *key)
{
    const json_t *left = json_object_get(a, key);
    const json_t *right = json_object_get(b, key);
    return left && right ? json_equal(left, right) : left == right;
}

bool page_same_row(const json_t *a, const json_t *b)
{
    bool named = json_object_get(a, "local_id") || json_object_get(a, "key");
    return named && same_member(a, b, "local_id") && same_member(a, b, "origin_id") &&
           same_member(a, b, "table") && same_member(a, b, "key");
}

/* --- windows --- */

static Page page_open(Report *report)
{
    Page page = {.report = *report};
    *report = (Report){0};
    table_open(&page.table, &page.report);
    return page;
}

static void page_close(Page *page)
{
    table_close(&page->table);
    report_free(&page->report);
}

static void window_free(PageWindow *window)
{
    for (size_t i = 0; i < window->count; i++) {
        page_close(&window->pages[i]);
    }
    *window = (PageWindow){0};
}

static const char *window_previous(const PageWindow *window)
{
    return window->count ? window->pages[0].report.previous : NULL;
}

static const char *window_next(const PageWindow *window)
{
    return window->count ? window->pages[window->count - 1].report.next : NULL;
}

static void window_insert(PageWindow *window, size_t at, Page page)
{
    memmove(&window->pages[at + 1], &window->pages[at], (window->count - at) * sizeof(Page));
    window->pages[at] = page;
    window->count++;
    window->rows += page.table.rows;
}

static void window_remove(PageWindow *window, size_t at)
{
    window->rows -= window->pages[at].table.rows;
    page_close(&window->pages[at]);
    window->count--;
    memmove(&window->pages[at], &window->pages[at + 1], (window->count - at) * sizeof(Page));
}

/* The page of a row; *row becomes its place on it. NULL when there is no such row. */
static const Page *window_find(const PageWindow *window, size_t *row)
{
    for (size_t i = 0; i < window->count; i++) {
        const Page *page = &window->pages[i];
        if (*row < page->table.rows) {
            return page;
        }
        *row -= page->table.rows;
    }
    return NULL;
}

static json_t *window_row(const PageWindow *window, size_t row)
{
    const Page *page = window_find(window, &row);
    return page ? json_array_get(page->report.items, row) : NULL;
}

/* --- moving --- */

void page_model_resize(PageModel *model, size_t height)
{
    select_resize(&model->select, model->shown.rows, height);
}

static void drop_next(PageModel *model)
{
    window_free(&model->next);
    free(model->start_key);
    model->start_key = NULL;
    model->building = false;
}

/* Begins a new window; what was under way is of no use any more. */
static void build(PageModel *model, PageWhere where, const char *key, size_t least, PageGoal goal)
{
    char *own = memory_string(key); /* the key may be of what is dropped */
    drop_next(model);
    model->building = true;
    model->start_key = own;
    model->start = (PageWish){.where = where, .key = own};
    model->least = least;
    model->goal = goal;
    model->asked = false;
    model->stuck = false;
    model->owed = goal == PAGE_SELECT_SAME ? model->owed : 0;
}

void page_model_renew(PageModel *model)
{
    model->other = true;
    build(model, PAGE_FIRST, NULL, 1, PAGE_SELECT_FOUND);
}

void page_model_reload(PageModel *model)
{
    const PageWindow *shown = &model->shown;
    size_t least = shown->rows + NEAR; /* some may have come in between */
    if (model->building && model->goal != PAGE_SELECT_SAME) {
        /* a jump or another filter is under way, which reads anew anyway */
        build(model, model->start.where, model->start_key, model->least, model->goal);
    } else if (!window_previous(shown)) {
        build(model, PAGE_FIRST, NULL, least, PAGE_SELECT_SAME);
    } else if (!window_next(shown)) {
        build(model, PAGE_LAST, NULL, least, PAGE_SELECT_SAME);
    } else {
        build(model, PAGE_BEFORE, window_next(shown), least, PAGE_SELECT_SAME);
    }
}

/* A jump in the rows that are shown is called off by the next one. */
static void call_off_jump(PageModel *model)
{
    if (model->building && (model->goal == PAGE_SELECT_FIRST || model->goal == PAGE_SELECT_LAST)) {
        drop_next(model);
        model->asked = false;
    }
}

void page_model_first(PageModel *model)
{
    if (model->other || window_previous(&model->shown)) {
        build(model, PAGE_FIRST, NULL, 1, PAGE_SELECT_FIRST);
    } else {
        call_off_jump(model);
        select_to(&model->select, 0);
    }
}

void page_model_last(PageModel *model)
{
    if (model->other || window_next(&model->shown)) {
        build(model, PAGE_LAST, NULL, 1, PAGE_SELECT_LAST);
    } else {
        call_off_jump(model);
        select_move(&model->select, (long)model->select.count);
    }
}

/* How far beyond the window a move goes where the listing does not end with it. */
static long beyond(const PageModel *model, long by)
{
    long target = (long)model->select.selected + by;
    long last = (long)model->select.count - 1;
    if (target > last && window_next(&model->shown)) {
        return target - last;
    }
    return target < 0 && window_previous(&model->shown) ? target : 0;
}

static void move_by(PageModel *model, long by)
{
    model->owed = beyond(model, by);
    select_move(&model->select, by);
}

void page_model_move(PageModel *model, long by)
{
    bool same_way = model->owed && (model->owed > 0) == (by > 0);
    model->stuck = false;
    move_by(model, same_way ? by + model->owed : by);
}

/* --- fetching --- */

/* The next page of the window that is being built. */
static PageWish wish_to_build(const PageModel *model)
{
    if (model->next.count == 0) {
        return model->start;
    }
    return model->start.where == PAGE_FIRST
               ? (PageWish){.where = PAGE_AFTER, .key = window_next(&model->next)}
               : (PageWish){.where = PAGE_BEFORE, .key = window_previous(&model->next)};
}

/* How near the selection comes to an end of the window before there must be more. A full window drops a page
 * for each that comes: it must never want back at once what it dropped. */
static size_t nearness(const PageModel *model)
{
    size_t near = NEAR > 2 * model->select.height ? NEAR : 2 * model->select.height;
    size_t most = model->shown.rows / 4;
    return FULL(&model->shown) && near > most ? most : near;
}

static bool wish_to_go_on(const PageModel *model, PageWish *out)
{
    const Select *select = &model->select;
    size_t near = nearness(model);
    if (window_next(&model->shown) && select->selected + near >= select->count) {
        *out = (PageWish){.where = PAGE_AFTER, .key = window_next(&model->shown)};
        return true;
    }
    if (window_previous(&model->shown) && select->selected < near) {
        *out = (PageWish){.where = PAGE_BEFORE, .key = window_previous(&model->shown)};
        return true;
    }
    return false;
}

bool page_model_ask(PageModel *model, PageWish *out)
{
    if (model->asked || model->stuck) {
        return false;
    }
    if (model->building) {
        *out = wish_to_build(model);
    } else if (!wish_to_go_on(model, out)) {
        return false;
    }
    model->asked = true;
    model->where = out->where;
    return true;
}

/* The widths of the columns: those of the window, and as long as the rows are of the same kind, what was
 * shown before, so that nothing jumps. */
static void lay_out(PageModel *model)
{
    const Report *report = &model->shown.pages[0].report;
    if (!model->layout.shown || !table_same_columns(&model->layout, &model->shown.pages[0].table)) {
        table_close(&model->layout);
        Report heading = {.columns = report->columns, .column_count = report->column_count};
        table_open(&model->layout, &heading);
    }
    for (size_t i = 0; i < model->shown.count; i++) {
        table_widen(&model->layout, &model->shown.pages[i].table);
    }
}

static bool find_row(const PageWindow *window, const json_t *wanted, size_t *out)
{
    for (size_t row = 0; wanted && row < window->rows; row++) {
        if (page_same_row(wanted, window_row(window, row))) {
            *out = row;
            return true;
        }
    }
    return false;
}

static size_t place_of_goal(const PageModel *model, const json_t *selected)
{
    size_t row = 0;
    switch (model->goal) {
    case PAGE_SELECT_FIRST:
        return 0;
    case PAGE_SELECT_LAST:
        return model->shown.rows;
    case PAGE_SELECT_SAME:
        return find_row(&model->shown, selected, &row) ? row : model->select.selected;
    case PAGE_SELECT_FOUND:
        return find_row(&model->shown, selected, &row) ? row : 0;
    }
    return 0;
}

/* The new window takes the place of the shown one; the selected row stays where it is on the screen, but
 * where the listing begins it goes on doing so: what is new there is seen. */
static void show_next(PageModel *model)
{
    json_t *selected = json_incref(page_model_selected(model));
    bool at_head = model->select.top == 0 && !window_previous(&model->shown);
    size_t above = model->select.selected - model->select.top;
    window_free(&model->shown);
    model->shown = model->next;
    model->next = (PageWindow){0};
    size_t place = place_of_goal(model, selected);
    drop_next(model);
    model->other = false;
    lay_out(model);
    model->select.count = model->shown.rows;
    model->select.top = place > above && !at_head ? place - above : 0;
    select_to(&model->select, place);
    json_decref(selected);
}

/* True: the window is whole, and shown. */
static bool take_to_build(PageModel *model, Page page)
{
    PageWindow *next = &model->next;
    bool forward = model->start.where == PAGE_FIRST;
    window_insert(next, forward ? next->count : 0, page);
    const char *more = forward ? window_next(next) : window_previous(next);
    bool whole = next->rows >= model->least || !more || FULL(next);
    if (whole) {
        show_next(model);
    }
    return whole;
}

/* Drops the page at the other end when the window is full; false when the selection has gone there. */
static bool make_room(PageModel *model, bool at_head)
{
    PageWindow *shown = &model->shown;
    size_t rows = shown->pages[at_head ? 0 : shown->count - 1].table.rows;
    Select *select = &model->select;
    if (!FULL(shown)) {
        return true;
    }
    if (at_head ? select->top < rows : select->top + select->height > shown->rows - rows) {
        return false;
    }
    window_remove(shown, at_head ? 0 : shown->count - 1);
    select->selected -= at_head ? rows : 0;
    select->top -= at_head ? rows : 0;
    return true;
}

static void take_to_go_on(PageModel *model, Page page)
{
    bool forward = model->where == PAGE_AFTER;
    if (!make_room(model, forward)) {
        model->stuck = true; /* until the selection comes near that end again */
        page_close(&page);
        return;
    }
    if (!forward) {
        model->select.selected += page.table.rows;
        model->select.top += page.table.rows;
    }
    table_widen(&model->layout, &page.table);
    window_insert(&model->shown, forward ? model->shown.count : 0, page);
    select_resize(&model->select, model->shown.rows, model->select.height);
    if (model->owed && (model->owed > 0) == forward) {
        move_by(model, model->owed);
    }
}

bool page_model_take(PageModel *model, Report *report)
{
    if (!model->asked) {
        report_free(report);
        return false;
    }
    model->asked = false;
    bool first = model->building && model->next.count == 0;
    if (report->total >= 0 || report->least > 0 || first) {
        model->total = report->total;
        model->known = report->least;
    }
    Page page = page_open(report);
    if (model->building) {
        return take_to_build(model, page);
    }
    take_to_go_on(model, page);
    return true;
}

void page_model_fail(PageModel *model)
{
    drop_next(model);
    model->other = false;
    model->asked = false;
    model->stuck = true;
    model->owed = 0;
}

void page_model_retry(PageModel *model)
{
    model->asked = false;
}

void page_model_begin(PageModel *model)
{
    model->total = -1;
    page_model_renew(model);
}

void page_model_open(PageModel *model, Report *first)
{
    page_model_begin(model);
    model->asked = true;
    page_model_take(model, first);
}

void page_model_free(PageModel *model)
{
    drop_next(model);
    window_free(&model->shown);
    table_close(&model->layout);
    *model = (PageModel){0};
}

/* --- reading --- */

json_t *page_model_row(const PageModel *model, size_t row)
{
    return window_row(&model->shown, row);
}

char *const *page_model_cells(const PageModel *model, size_t row)
{
    const Page *page = window_find(&model->shown, &row);
    return page ? page->table.cells + row * page->table.columns : NULL;
}

json_t *page_model_selected(const PageModel *model)
{
    return window_row(&model->shown, model->select.selected);
}

size_t page_model_count(const PageModel *model, bool *all)
{
    *all = model->total >= 0 || (!window_previous(&model->shown) && !window_next(&model->shown));
    size_t known = model->total >= 0 ? (size_t)model->total : (size_t)model->known;
    return model->total >= 0 || known > model->shown.rows ? known : model->shown.rows;
}
