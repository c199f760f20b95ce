#include "listing.h"

#include <stdlib.h>

#include "listing_internal.h"
#include "memory.h"
#include "prompt.h"
#include "scroll.h"

/* --- reading --- */

/* Asks for the page that is missing, if one is. */
static void fetch(Listing *list, Screen *screen)
{
    PageWish wish;
    if (list->traits.paged && page_model_ask(&list->rows.pages, &wish)) {
        char *line = list_query_page(&list->wanted, &wish);
        list->ticket = screen_read(screen, list, line);
        free(line);
    }
}

void listing_reload(Listing *list, Screen *screen)
{
    if (list->traits.paged) {
        page_model_reload(&list->rows.pages);
        fetch(list, screen);
    } else {
        list->ticket = screen_read(screen, list, list->wanted.line);
    }
}

/* Reads what is wanted now; a whole list has it already. */
static void renew(Listing *list, Screen *screen)
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
static void revert(Listing *list)
{
    list_query_copy(&list->wanted, &list->shown);
    list->traits = list_query_traits(list->shown.line);
}

static void count_rows(Listing *list)
{
    if (!*list->shown.filter) {
        list->unfiltered = list_rows_count(&list->rows, &list->all_known);
    }
}

static void step_sort(Listing *list, Screen *screen, int by);

/* A column that the command can't sort by is passed over. */
static bool pass_unsortable(Listing *list, Screen *screen, const Error *err)
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

static ListingNews take_page(Listing *list, Screen *screen, Outcome *got)
{
    ListingNews news = LISTING_UNDER_WAY;
    if (got->done && got->report.body == REPORT_LIST) {
        if (page_model_take(&list->rows.pages, &got->report)) {
            list_query_copy(&list->shown, &list->wanted);
            list->loaded = true;
            count_rows(list);
            news = LISTING_READ;
        }
    } else if (got->stopped) {
        page_model_retry(&list->rows.pages);
    } else if (!pass_unsortable(list, screen, &got->error)) {
        page_model_fail(&list->rows.pages);
        revert(list);
        news = LISTING_FAILED;
    }
    fetch(list, screen);
    return news;
}

static ListingNews take_whole(Listing *list, Screen *screen, Outcome *got)
{
    if (got->stopped) { /* to make room for what a person asked for */
        listing_reload(list, screen);
        return LISTING_UNDER_WAY;
    }
    if (!got->done || got->report.body != REPORT_LIST) {
        revert(list);
        return got->done ? LISTING_UNDER_WAY : LISTING_FAILED;
    }
    list_model_take(&list->rows.whole, &got->report);
    list_query_copy(&list->shown, &list->wanted);
    list->unfiltered = list->rows.whole.table.rows;
    list->all_known = true;
    list->loaded = true;
    return LISTING_READ;
}

ListingNews listing_outcome(Listing *list, Screen *screen, Outcome *got)
{
    if (!list->ticket || got->ticket != list->ticket) {
        return LISTING_OTHER;
    }
    list->ticket = 0;
    ListingNews news = list->traits.paged ? take_page(list, screen, got) : take_whole(list, screen, got);
    if (news == LISTING_FAILED) {
        screen_drop_keys(screen);
    }
    if (list->stale && !list->ticket) {
        list->stale = false;
        listing_reload(list, screen);
    }
    return news;
}

/* Quietly: the selection stays, and there is nothing to say. A team's list is read when somebody asks. */
void listing_changed(Listing *list, Screen *screen)
{
    if (list->traits.local && list->ticket) {
        list->stale = true;
    } else if (list->traits.local) {
        listing_reload(list, screen);
    }
}

void listing_turn_to(Listing *list, Screen *screen, const char *line)
{
    list_query_set(&list->wanted, line, list->wanted.filter);
    list->traits = list_query_traits(line);
    if (list->traits.paged) {
        renew(list, screen);
    } else {
        list->ticket = screen_read(screen, list, line);
    }
}

/* --- opening and closing --- */

static void start(Listing *list, Screen *screen, const char *line)
{
    list->screen = screen;
    list->traits = list_query_traits(line);
    list_query_set(&list->shown, line, "");
    list_query_copy(&list->wanted, &list->shown);
}

void listing_open(Listing *list, Screen *screen, const char *line, Report *report)
{
    start(list, screen, line);
    list_rows_open(&list->rows, list->traits.paged, report);
    list->loaded = true;
    count_rows(list);
    fetch(list, screen);
}

void listing_begin(Listing *list, Screen *screen, const char *line)
{
    start(list, screen, line);
    list_rows_begin(&list->rows, list->traits.paged);
}

void listing_close(Listing *list)
{
    screen_forget(list->screen, list);
    list_rows_free(&list->rows);
    list_query_free(&list->shown);
    list_query_free(&list->wanted);
    free(list->before);
}

/* --- what the keys do --- */

static void set_filter(Screen *screen, void *context, const char *text)
{
    Listing *list = context;
    if (!text_equal(text, list->wanted.filter)) {
        list_query_set(&list->wanted, list->wanted.line, text);
        renew(list, screen);
    }
}

static void keep_filter_before(Screen *screen, void *context)
{
    Listing *list = context;
    char *before = memory_string(list->before);
    set_filter(screen, list, before);
    free(before);
}

static void type_filter(Listing *list, Screen *screen)
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
static size_t sort_place(const Listing *list)
{
    const Table *table = list_rows_columns(&list->rows);
    for (size_t i = 0; list->wanted.sort && i < table->columns; i++) {
        if (text_equal(table->shown[i].key, list->wanted.sort)) {
            return i + 1;
        }
    }
    return 0;
}

static void step_sort(Listing *list, Screen *screen, int by)
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

static void reverse_sort(Listing *list, Screen *screen)
{
    if (list->wanted.sort) {
        list->wanted.descending = !list->wanted.descending;
        renew(list, screen);
    } else {
        screen_say(screen, DRAW_PLAIN, "choose a column to sort by first, with < or >");
    }
}

/* By this column; by the one that rows are sorted by already: the other way round. */
static void sort_by(Listing *list, Screen *screen, size_t column)
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

static void move_by(Listing *list, Screen *screen, long by)
{
    list_rows_move(&list->rows, by);
    fetch(list, screen);
}

static void jump(Listing *list, Screen *screen, bool last)
{
    list_rows_jump(&list->rows, last);
    fetch(list, screen);
}

static void scroll_columns(Listing *list, bool right)
{
    if (right && list->cut && list->skipped + 2 < list_rows_columns(&list->rows)->columns) {
        list->skipped++;
    } else if (!right && list->skipped > 0) {
        list->skipped--;
    }
}

/* Rows are read further where the selection goes. */
static bool move_rows(Listing *list, Screen *screen, Action action)
{
    long by = 0;
    switch (action) {
    case ACTION_FIRST:
    case ACTION_LAST:
        jump(list, screen, action == ACTION_LAST);
        return true;
    case ACTION_NEXT: /* every row that is shown matches */
    case ACTION_PREVIOUS:
        move_by(list, screen, action == ACTION_NEXT ? 1 : -1);
        return true;
    case ACTION_LEFT:
    case ACTION_RIGHT:
        scroll_columns(list, action == ACTION_RIGHT);
        return true;
    default:
        if (!scroll_rows(action, list_rows_select(&list->rows), &by)) {
            return false;
        }
        move_by(list, screen, by);
        return true;
    }
}

bool listing_act(Listing *list, Screen *screen, Action action)
{
    if (action == ACTION_RELOAD) {
        listing_reload(list, screen);
        return true;
    }
    if (!list->loaded) {
        return false;
    }
    switch (action) {
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
    default:
        return move_rows(list, screen, action);
    }
}

bool listing_key(Listing *list, Screen *screen, Key key)
{
    if (key != KEY_ESCAPE || !*list->wanted.filter) {
        return false;
    }
    set_filter(screen, list, "");
    return true;
}

/* --- keys that come before their rows --- */

/* Other rows than those that are shown: under another filter, in another order, of another scope. */
static bool awaits_others(const Listing *list)
{
    const PageModel *pages = &list->rows.pages;
    return list->ticket && (list->traits.paged ? pages->building && pages->goal == PAGE_SELECT_FOUND
                                               : !text_equal(list->wanted.line, list->shown.line));
}

static bool awaits_selection(const Listing *list)
{
    const PageModel *pages = &list->rows.pages;
    return list->ticket && ((pages->building && pages->goal != PAGE_SELECT_SAME) || pages->owed);
}

bool listing_awaits(const Listing *list, Bindings own, Key key)
{
    if (!list->ticket || keys_leads_away(key)) {
        return false;
    }
    if (!list->loaded) {
        return true;
    }
    const Binding *binding = keys_find(own, key);
    binding = binding ? binding : keys_find(keys_global, key);
    switch (binding ? binding->action : ACTION_NONE) {
    case ACTION_UP:
    case ACTION_DOWN:
    case ACTION_PAGE_UP:
    case ACTION_PAGE_DOWN:
    case ACTION_FIRST:
    case ACTION_LAST:
    case ACTION_NEXT:
    case ACTION_PREVIOUS:
        return awaits_others(list);
    case ACTION_OPEN:
    case ACTION_MARK:
    case ACTION_REVIEW:
    case ACTION_ROLL_BACK:
    case ACTION_RESUME:
    case ACTION_COPY:
    case ACTION_PAGER:
    case ACTION_EDITOR:
        return awaits_others(list) || awaits_selection(list);
    default:
        return false;
    }
}

bool listing_mouse(Listing *list, Screen *screen, const Mouse *event, bool *open)
{
    size_t column;
    const Select *select = list_rows_select(&list->rows);
    long row = (long)select->top + event->row - list->first_line;
    bool click = event->kind == MOUSE_CLICK || event->kind == MOUSE_DOUBLE;
    *open = false;
    if (!click || !list->loaded) {
        return false;
    }
    if (event->row == list->first_line - 1 && listing_heading_at(list, event->column, &column)) {
        sort_by(list, screen, column);
        return true;
    }
    if (event->row < list->first_line || row >= (long)select->count) {
        return false;
    }
    bool goes_away = awaits_others(list);
    move_by(list, screen, row - (long)select->selected);
    *open = event->kind == MOUSE_DOUBLE && !goes_away;
    if (event->kind == MOUSE_DOUBLE && goes_away) {
        screen_say(screen, DRAW_PLAIN, "still reading: open it when the rows are there");
    }
    return true;
}

json_t *listing_selected(const Listing *list)
{
    return list->loaded ? list_rows_selected(&list->rows) : NULL;
}

/* By what is shown: another scope may be under way. */
bool listing_shows_team(const Listing *list)
{
    return list_query_traits(list->shown.line).team;
}

/* --- what leaves the screen --- */

char *listing_copy(const Listing *list)
{
    const Select *select = list_rows_select(&list->rows);
    if (select->count == 0) {
        return NULL;
    }
    Text text = {0};
    table_add_cells(&text, list_rows_columns(&list->rows), list_rows_cells(&list->rows, select->selected));
    return text_take(&text);
}

char *listing_text(const Listing *list)
{
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
