/* A window over the screen (a panel), centered and redrawn wherever the screen's size puts it. */
#ifndef AMX_UI_POPUP_H
#define AMX_UI_POPUP_H

#include <panel.h>

#include "draw.h"

/* A window above the views. Starts zeroed. */
typedef struct Popup {
    WINDOW *window;
    PANEL *panel;
} Popup;

/* Places the window (made on first use) in the middle, `height` by `width` cells with its border or what the
 * screen has room for, draws the frame, and returns the area inside. */
Area popup_place(Popup *popup, int height, int width, const char *title);
/* Takes it off the screen; it can be placed again. */
void popup_close(Popup *popup);

#endif
