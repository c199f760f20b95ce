/* How a list looks. */
#include "view_list_internal.h"

#include "cells.h"
#include "match.h"
#include "memory.h"
#include "sparkline.h"
#include "table_draw.h"
#include "text.h"

#define DAYS 14  /* of runs, in the title */
#define MARGIN 3 /* cells before the first column: the mark of the selected row */

static const ListKind kinds[] = {
    {"amx.sessions/", "Sessions", "session show --id"},
    {"amx.runs/", "Runs", "history show"},
    {"amx.events/", "Events", NULL},
};

const ListKind *view_list_kind(const Report *report)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (report->schema && text_starts(report->schema, kinds[i].schema)) {
            return &kinds[i];
        }
    }
    return NULL;
}

static bool lists(const List *list, const char *what)
{
    const char *schema = list_rows_report(&list->rows)->schema;
    return schema && text_starts(schema, what);
}

bool view_list_is_runs(const List *list)
{
    return lists(list, "amx.runs/");
}

bool view_list_is_sessions(const List *list)
{
    return lists(list, "amx.sessions/");
}

char *view_list_name(const List *list)
{
    const Report *report = list_rows_report(&list->rows);
    const ListKind *kind = view_list_kind(report);
    return memory_string(report->title ? report->title : kind ? kind->title : list->shown.line);
}

/* Which of them, as far as that is not said by a scope; and the one that waits to be compared. */
static void add_choice(Text *text, const List *list)
{
    char *choice = list_query_choice(list->shown.line);
    text_addf(text, "%s%s", *choice ? "  " : "", choice);
    free(choice);
}

static void add_mark(Text *text, const List *list)
{
    if (list->mark.run) {
        char *name = view_compare_name(&list->mark);
        text_addf(text, "  A: %s", name);
        free(name);
    }
}

/* Does the first page hold every run of the last days? */
static bool knows_days(const List *list, const Report *report)
{
    bool as_they_come = !report->previous && !list->shown.sort && !*list->shown.filter;
    return as_they_come && (!report->next || sparkline_day_span(report->items, "started") >= DAYS);
}

/* Runs a day, while the newest ones are in sight; owned by the caller. */
static char *days_of(const List *list)
{
    const Report *report = list_rows_report(&list->rows);
    if (!view_list_is_runs(list) || !knows_days(list, report)) {
        return NULL;
    }
    char *line = sparkline_of_days(report->items, "started", NULL, DAYS, sparkline_has_blocks());
    char *days = line ? text_format("  %s", line) : NULL;
    free(line);
    return days;
}

char *view_list_title(const View *view)
{
    const List *list = view->state;
    char *name = view_list_name(list);
    const char *scope = list_query_scope(list->shown.line);
    bool all = true;
    size_t count = list_rows_count(&list->rows, &all);
    Text text = {0};
    text_add(&text, name);
    free(name);
    if (scope) {
        text_addf(&text, "  scope: %s", scope);
    } else {
        add_choice(&text, list);
    }
    if (*list->wanted.filter) {
        text_addf(&text, "  /%s", list->wanted.filter);
    }
    if (!*list->shown.filter && !list->all_known) {
        text_addf(&text, "  %zu+", count);
    } else {
        text_addf(&text, "  %zu%s of %zu%s", count, all ? "" : "+", list->unfiltered,
                  list->all_known ? "" : "+");
    }
    add_mark(&text, list);
    char *days = days_of(list);
    text_add(&text, days ? days : "");
    free(days);
    if (list->ticket && (list->rows.pages.building || !list->traits.local)) {
        text_add(&text, "  reading..");
    }
    return text_take(&text);
}

static const char *arrow(bool descending)
{
    bool utf8 = cells_unicode();
    return descending ? (utf8 ? "↓" : "v") : (utf8 ? "↑" : "^");
}

static char *heading_of(const List *list, const ReportColumn *column)
{
    bool sorted = text_equal(column->key, list->shown.sort);
    return text_format("%s%s", column->title, sorted ? arrow(list->shown.descending) : "");
}

static void draw_heading(const List *list, const Area *body, const Table *layout)
{
    char **titles = memory_zero(layout->columns, sizeof *titles);
    for (size_t i = 0; i < layout->columns; i++) {
        titles[i] = heading_of(list, &layout->shown[i]);
    }
    table_draw(body, 0, MARGIN, DRAW_BOLD, layout, titles, "");
    for (size_t i = 0; i < layout->columns; i++) {
        free(titles[i]);
    }
    free(titles);
}

static void draw_rows(const List *list, const Area *body, const Table *layout)
{
    const Select *select = list_rows_select(&list->rows);
    char *needle = match_fold(list->wanted.filter);
    for (size_t i = 0; i < select->height && select->top + i < select->count; i++) {
        size_t row = select->top + i;
        bool selected = row == select->selected;
        bool marked = view_compare_marked(&list->mark, list_rows_row(&list->rows, row));
        DrawStyle style = selected ? DRAW_SELECTED : marked ? DRAW_BOLD : DRAW_PLAIN;
        const char sign[] = {marked ? 'A' : ' ', selected ? '>' : ' ', '\0'};
        draw_line(body, (int)i + 1, style, sign);
        table_draw(body, (int)i + 1, MARGIN, style, layout, list_rows_cells(&list->rows, row), needle);
    }
    free(needle);
}

/* Columns as wide as what is in them; the arrow of the sorted one needs a cell as well. */
static void lay_out(List *list, int width)
{
    Table *layout = list_rows_layout(&list->rows);
    for (size_t i = 0; i < layout->columns; i++) {
        char *heading = heading_of(list, &layout->shown[i]);
        int cells = cells_width(heading);
        layout->natural[i] = cells > layout->natural[i] ? cells : layout->natural[i];
        free(heading);
    }
    list->cut = table_scroll(layout, list->skipped, width - MARGIN - 1);
}

bool view_list_heading_at(const List *list, int cell, size_t *column)
{
    return list_rows_select(&list->rows)->count > 0 &&
           table_column_at(list_rows_columns(&list->rows), cell - MARGIN, column);
}

void view_list_draw(View *view, const Screen *screen, const Area *body)
{
    (void)screen;
    List *list = view->state;
    list->first_line = body->top + 1;
    list_rows_resize(&list->rows, (size_t)body->height - 1);
    if (list_rows_select(&list->rows)->count == 0) {
        const char *empty =
            list_rows_report(&list->rows)->empty ? list_rows_report(&list->rows)->empty : "Nothing here.";
        draw_text(body, 1, MARGIN, body->width - MARGIN, DRAW_PLAIN,
                  *list->shown.filter ? "No row matches the filter." : empty);
        return;
    }
    lay_out(list, body->width);
    draw_heading(list, body, list_rows_columns(&list->rows));
    draw_rows(list, body, list_rows_columns(&list->rows));
}
