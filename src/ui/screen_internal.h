/* Shared by the files of the screen: its state, its keys, its drawing. */
#ifndef AMX_UI_SCREEN_INTERNAL_H
#define AMX_UI_SCREEN_INTERNAL_H

#include <panel.h>

#include "bar.h"
#include "text.h"
#include "view.h"

struct Screen {
    const AppOptions *options; /* of the command line */
    const Config *config;
    Worker *worker;
    Status status;
    unsigned local_ticket; /* status reports under way, or 0 */
    unsigned full_ticket;
    bool refresh_again; /* something changed while they were */
    View **views;       /* bottom first */
    size_t view_count;
    size_t view_capacity;
    char *message;
    DrawStyle message_style;
    Bar bar;       /* of the command that runs */
    Text messages; /* everything that was said */
    WINDOW *cover; /* over everything while the terminal is too small */
    PANEL *cover_panel;
    bool leaving;
    int ended_by; /* signal, or 0 */
};

View *screen_top(const Screen *screen);
/* Is the terminal smaller than a screen needs? */
bool screen_too_small(void);
/* Reads what was typed and hands each key to the top view, or to the keys that work everywhere. */
void screen_take_keys(Screen *screen);
/* Draws everything and shows it. */
void screen_draw(Screen *screen);
/* Takes the notice that the terminal is too small away. */
void screen_uncover(Screen *screen);

#endif
