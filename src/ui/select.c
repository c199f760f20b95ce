#include "select.h"

static size_t moved(size_t from, long by, size_t last)
{
    if (by < 0) {
        size_t back = (size_t)-by;
        return from > back ? from - back : 0;
    }
    return last - from > (size_t)by ? from + (size_t)by : last;
}

static size_t last_of(size_t count)
{
    return count > 0 ? count - 1 : 0;
}

static size_t last_top(const Select *select)
{
    return select->count > select->height ? select->count - select->height : 0;
}

static void bring_into_sight(Select *select)
{
    if (select->selected < select->top) {
        select->top = select->selected;
    } else if (select->height > 0 && select->selected >= select->top + select->height) {
        select->top = select->selected - select->height + 1;
    }
    if (select->top > last_top(select)) {
        select->top = last_top(select);
    }
}

void select_resize(Select *select, size_t count, size_t height)
{
    select->count = count;
    select->height = height;
    if (select->selected > last_of(count)) {
        select->selected = last_of(count);
    }
    bring_into_sight(select);
}

void select_move(Select *select, long by)
{
    select_to(select, moved(select->selected, by, last_of(select->count)));
}

void select_to(Select *select, size_t row)
{
    select->selected = row > last_of(select->count) ? last_of(select->count) : row;
    bring_into_sight(select);
}

void select_scroll(Select *select, long by)
{
    size_t last = last_top(select);
    size_t from = select->top > last ? last : select->top;
    select->top = moved(from, by, last);
    select->selected = select->top;
}
