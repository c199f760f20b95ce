#include "table.h"

#include <limits.h>

#include "cells.h"
#include "display.h"
#include "memory.h"
#include "text.h"

#define NARROWEST 4 /* of whatever is cut, where nothing else helps */

/* Cells that a column of text needs to say something. */
#define LEAST_TEXT 8
#define LEAST_WIDE 10
#define LEAST_WHO 12
#define LEAST_NAME 24
#define LEAST_STATE 14 /* "partly applied" */

/* Of the room there is, in percent: what a name may take while long text has less than the second share; but
 * an ordinary name stays whole. */
#define MOST_NAME 40
#define ENOUGH_WIDE 40
#define ORDINARY_NAME 32

/* By what people tell rows apart: these columns are cut last and never left out. */
static const struct {
    const char *key;
    int least;
} names[] = {
    {"object", LEAST_NAME}, {"table", LEAST_NAME}, {"scope", LEAST_NAME},
    {"title", LEAST_NAME},  {"who", LEAST_WHO},    {"state", LEAST_STATE},
};

/* What is left out where there is little room, first to last: what says the same on most rows, what is a
 * detail of another column. A row that is opened shows all of it. */
static const char *const spare[] = {
    "client_version", "data_type", "shared",   "db_profile", "a_level", "b_level",
    "fingerprint",    "results",   "accepted", "applied",    "a_state", "b_state",
    "evaluation",     "attempts",  "failed",   "level",
};

void table_open(Table *table, const Report *report)
{
    *table = (Table){.rows = json_array_size(report->items)};
    table->shown = memory_zero(report->column_count, sizeof *table->shown);
    for (size_t i = 0; i < report->column_count; i++) {
        if (report->columns[i].title) {
            table->shown[table->columns++] = report->columns[i];
        }
    }
    table->cells = memory_zero(table->rows * table->columns, sizeof *table->cells);
    table->natural = memory_zero(table->columns, sizeof *table->natural);
    table->widths = memory_zero(table->columns, sizeof *table->widths);
    table->left_out = memory_zero(table->columns, sizeof *table->left_out);
    for (size_t column = 0; column < table->columns; column++) {
        const ReportColumn *shown = &table->shown[column];
        table->natural[column] = cells_width(shown->title);
        for (size_t row = 0; row < table->rows; row++) {
            json_t *value = json_object_get(json_array_get(report->items, row), shown->key);
            char *cell = display_value(value, shown->format);
            int width = cells_width(cell);
            table->cells[row * table->columns + column] = cell;
            table->natural[column] = width > table->natural[column] ? width : table->natural[column];
        }
    }
    table_layout(table, 0);
}

/* The first column stays, however far the others are scrolled. */
static bool in_sight(const Table *table, size_t column)
{
    return column == 0 || column > table->skipped;
}

bool table_shows(const Table *table, size_t column)
{
    return in_sight(table, column) && !table->left_out[column];
}

bool table_column_at(const Table *table, int cell, size_t *column)
{
    for (size_t i = 0; i < table->columns; i++) {
        if (table_shows(table, i)) {
            if (cell >= 0 && cell < table->widths[i]) {
                *column = i;
                return true;
            }
            cell -= table->widths[i] + TABLE_GAP;
        }
    }
    return false;
}

static int total_width(const Table *table)
{
    int total = 0;
    for (size_t i = 0; i < table->columns; i++) {
        total += table_shows(table, i) ? table->widths[i] + (i ? TABLE_GAP : 0) : 0;
    }
    return total;
}

static int least_of_format(ReportFormat format)
{
    switch (format) {
    case REPORT_TEXT:
        return LEAST_TEXT;
    case REPORT_WIDE:
        return LEAST_WIDE;
    case REPORT_NUMBER:
    case REPORT_AGE:
    case REPORT_TIME:
        break;
    }
    return INT_MAX; /* half a number is another number */
}

/* Cells below which a column is not cut while anything else helps. */
static int least_width(const Table *table, size_t column)
{
    int least = least_of_format(table->shown[column].format);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        least = text_equal(table->shown[column].key, names[i].key) ? names[i].least : least;
    }
    return least < table->natural[column] ? least : table->natural[column];
}

/* Leaves columns out until the others have room, each at its least. */
static void leave_out(Table *table, int width)
{
    int total = -TABLE_GAP;
    for (size_t i = 0; i < table->columns; i++) {
        total += in_sight(table, i) ? least_width(table, i) + TABLE_GAP : 0;
    }
    for (size_t s = 0; s < sizeof spare / sizeof *spare && total > width; s++) {
        for (size_t i = 1; i < table->columns; i++) {
            if (in_sight(table, i) && text_equal(table->shown[i].key, spare[s])) {
                table->left_out[i] = true;
                total -= least_width(table, i) + TABLE_GAP;
            }
        }
    }
}

/* Cells that the columns of long text can give away and still have enough. */
static int spare_of_wide(const Table *table, int width)
{
    int enough = width * ENOUGH_WIDE / 100;
    int room = 0;
    bool any = false;
    for (size_t i = 0; i < table->columns; i++) {
        if (table->shown[i].format == REPORT_WIDE && table_shows(table, i)) {
            any = true;
            room += table->widths[i] > enough ? table->widths[i] - enough : 0;
        }
    }
    return any ? room : INT_MAX; /* without such a column nothing starves */
}

/* What is read for its text must not starve beside one long name: takes what is missing from the names that
 * have most of the room; returns what is left of the excess. */
static int shrink_names(Table *table, int excess, int width)
{
    int missing = excess - spare_of_wide(table, width);
    int share = width * MOST_NAME / 100;
    int most = share > ORDINARY_NAME ? share : ORDINARY_NAME;
    for (size_t i = 0; i < table->columns && missing > 0; i++) {
        int least = most > least_width(table, i) ? most : least_width(table, i);
        int room = table->widths[i] - least;
        if (table->shown[i].format == REPORT_TEXT && room > 0 && table_shows(table, i)) {
            int taken = room < missing ? room : missing;
            table->widths[i] -= taken;
            missing -= taken;
            excess -= taken;
        }
    }
    return excess;
}

/* Takes `excess` cells from the columns of long text, down to what still says something, the last one first;
 * returns what is left of the excess. */
static int shrink_wide(Table *table, int excess)
{
    for (size_t i = table->columns; i-- > 0 && excess > 0;) {
        int room = table->widths[i] - least_width(table, i);
        if (table->shown[i].format == REPORT_WIDE && room > 0 && table_shows(table, i)) {
            int taken = room < excess ? room : excess;
            table->widths[i] -= taken;
            excess -= taken;
        }
    }
    return excess;
}

/* The column that is cut next, the widest of those above their least; `past_least`: of those that can be cut
 * at all. False: there is none. */
static bool widest_column(const Table *table, bool past_least, size_t *widest)
{
    bool found = false;
    for (size_t i = 0; i < table->columns; i++) {
        bool whole = least_of_format(table->shown[i].format) == INT_MAX;
        int least = past_least && !whole ? NARROWEST : least_width(table, i);
        bool wider = !found || table->widths[i] > table->widths[*widest];
        if (table_shows(table, i) && table->widths[i] > least && wider) {
            *widest = i;
            found = true;
        }
    }
    return found;
}

/* Takes one cell at a time from whichever column is widest. */
static int shrink_widest(Table *table, int excess, bool past_least)
{
    size_t widest = 0;
    while (excess > 0 && widest_column(table, past_least, &widest)) {
        table->widths[widest]--;
        excess--;
    }
    return excess;
}

bool table_scroll(Table *table, size_t skipped, int width)
{
    table->skipped = skipped;
    for (size_t i = 0; i < table->columns; i++) {
        table->widths[i] = table->natural[i];
        table->left_out[i] = false;
    }
    bool cut = width > 0 && total_width(table) > width;
    if (cut) {
        leave_out(table, width);
        int excess = shrink_names(table, total_width(table) - width, width);
        excess = shrink_wide(table, excess);
        excess = shrink_widest(table, excess, false);
        shrink_widest(table, excess, true);
    }
    return skipped > 0 || cut;
}

void table_layout(Table *table, int width)
{
    table_scroll(table, 0, width);
}

bool table_same_columns(const Table *a, const Table *b)
{
    bool same = a->columns == b->columns;
    for (size_t i = 0; same && i < a->columns; i++) {
        same = text_equal(a->shown[i].key, b->shown[i].key);
    }
    return same;
}

void table_widen(Table *table, const Table *other)
{
    for (size_t i = 0; i < table->columns && i < other->columns; i++) {
        table->natural[i] = other->natural[i] > table->natural[i] ? other->natural[i] : table->natural[i];
    }
}

static void trim_end(Text *line)
{
    while (line->length > 0 && line->data[line->length - 1] == ' ') {
        line->data[--line->length] = '\0';
    }
}

static void add_cell(Text *line, const Table *table, size_t column, const char *cell)
{
    if (!table_shows(table, column)) {
        return;
    }
    char *fitted = cells_fit(cell, table->widths[column], table->shown[column].format == REPORT_NUMBER);
    text_addf(line, "%*s%s", column ? TABLE_GAP : 0, "", fitted);
    free(fitted);
}

char *table_heading(const Table *table)
{
    Text line = {0};
    for (size_t i = 0; i < table->columns; i++) {
        add_cell(&line, table, i, table->shown[i].title);
    }
    trim_end(&line);
    return text_take(&line);
}

char *table_line(const Table *table, size_t row)
{
    Text line = {0};
    for (size_t i = 0; i < table->columns; i++) {
        add_cell(&line, table, i, table->cells[row * table->columns + i]);
    }
    trim_end(&line);
    return text_take(&line);
}

void table_close(Table *table)
{
    for (size_t i = 0; i < table->rows * table->columns; i++) {
        free(table->cells[i]);
    }
    free(table->cells);
    free(table->shown);
    free(table->natural);
    free(table->widths);
    free(table->left_out);
    *table = (Table){0};
}

void table_add_titles(Text *out, const Table *table)
{
    for (size_t i = 0; i < table->columns; i++) {
        text_addf(out, "%s%s", i ? "\t" : "", table->shown[i].title);
    }
}

void table_add_cells(Text *out, const Table *table, char *const *cells)
{
    for (size_t i = 0; i < table->columns; i++) {
        text_addf(out, "%s%s", i ? "\t" : "", cells[i]);
    }
}
