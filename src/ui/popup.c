#include "popup.h"

static int at_most(int value, int limit)
{
    return value < limit ? value : limit;
}

Area popup_place(Popup *popup, int height, int width, const char *title)
{
    int rows = at_most(height, LINES);
    int columns = at_most(width, COLS);
    if (!popup->window) {
        popup->window = newwin(rows, columns, (LINES - rows) / 2, (COLS - columns) / 2);
        popup->panel = new_panel(popup->window);
    } else if (getmaxy(popup->window) != rows || getmaxx(popup->window) != columns) {
        WINDOW *old = popup->window;
        popup->window = newwin(rows, columns, (LINES - rows) / 2, (COLS - columns) / 2);
        replace_panel(popup->panel, popup->window);
        delwin(old);
    }
    move_panel(popup->panel, (LINES - rows) / 2, (COLS - columns) / 2);
    draw_frame(popup->window, title);
    return (Area){.window = popup->window, .top = 1, .left = 2, .height = rows - 2, .width = columns - 4};
}

void popup_close(Popup *popup)
{
    if (popup->panel) {
        del_panel(popup->panel);
        delwin(popup->window);
        *popup = (Popup){0};
    }
}
