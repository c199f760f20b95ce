#include "scroll.h"

bool scroll_rows(Action action, const Select *select, long *by)
{
    switch (action) {
    case ACTION_UP:
        *by = -1;
        return true;
    case ACTION_DOWN:
        *by = 1;
        return true;
    case ACTION_PAGE_UP:
        *by = -(long)select->height;
        return true;
    case ACTION_PAGE_DOWN:
        *by = (long)select->height;
        return true;
    case ACTION_FIRST:
        *by = -(long)select->count;
        return true;
    case ACTION_LAST:
        *by = (long)select->count;
        return true;
    default:
        return false;
    }
}
