/* Shared by the files of the screen: its state, its keys, its drawing. */
#ifndef AMX_UI_SCREEN_INTERNAL_H
#define AMX_UI_SCREEN_INTERNAL_H

#include <panel.h>

#include "bar.h"
#include "line_history.h"
#include "text.h"
#include "view.h"

/* The views of a tab, bottom first; none until it is opened. */
typedef struct Stack {
    View **views;
    size_t count;
    size_t capacity;
    TabId back; /* where one came from */
} Stack;

#define KEYS_AHEAD 32

/* Keys that wait for rows, in the order in which they were typed, and the view they are meant for. */
typedef struct KeysAhead {
    Key keys[KEYS_AHEAD];
    size_t count;
    TabId tab;    /* where they were typed .. */
    size_t depth; /* .. when it had so many views */
} KeysAhead;

/* A command that a tab has asked for. */
typedef struct Request {
    unsigned ticket;
    TabId tab;
} Request;

struct Screen {
    App *app;                  /* of this thread: configuration and paths; commands run in the worker */
    const AppOptions *options; /* of the command line */
    const Config *config;
    Worker *worker;
    Status status;
    unsigned local_ticket; /* status reports under way, or 0 */
    unsigned full_ticket;
    bool refresh_again; /* something changed while they were */
    int64_t looked_ms;  /* when the last full one came */
    Stack stacks[TAB_COUNT];
    TabId tab;    /* the one that is shown */
    TabId acting; /* the one whose views are opened and closed */
    Request *requests;
    size_t request_count;
    size_t request_capacity;
    Outcome held; /* what waits for a prompt or a dialog to close, while it has a line .. */
    TabId held_for;
    int64_t ticked_ms;
    bool pasted_break;  /* the last character that was pasted ended a line, or was a tab */
    unsigned pastes;    /* tty_pastes of the text that was pasted last into a field of several lines */
    bool pasted_return; /* the last one was the end of a line, of which a newline may be the other half */
    KeysAhead ahead;
    LineHistory typed;
    char *message;
    DrawStyle message_style;
    unsigned to_stop; /* the ticket of what somebody is asked about: is it to be stopped? */
    unsigned bar_of;  /* the ticket of what runs .. */
    Bar bar;          /* .. and how far it is */
    Text messages;    /* everything that was said */
    WINDOW *cover;    /* over everything while the terminal is too small */
    PANEL *cover_panel;
    int64_t quit_by_ms; /* when the moment that leaving waits is over; 0 while nobody leaves */
    bool quit_asks;
    bool leaving;
    int ended_by; /* signal, or 0 */
};

/* The view that gets the keys. */
View *screen_top(const Screen *screen);
/* Where in the shown tab the view lies that fills the screen; those above it are modal. */
size_t screen_full(const Screen *screen);
/* Is somebody asked something in this tab? */
bool screen_asks(const Screen *screen, TabId tab);
/* Which tabs there are now. */
void screen_tabs(const Screen *screen, bool present[TAB_COUNT]);
/* Shows the tab after, or before, the one that is shown. */
void screen_go_round(Screen *screen, bool forward);
/* Opens the picker; first of all. */
void screen_open_views(Screen *screen);
void screen_close_views(Screen *screen);

/* Can this tab be shown: is there something in it, or something that fills it? */
bool screen_may_go(const Screen *screen, TabId tab);

/* What is running for a person: what the shown tab asked for, else the first; *others: how many more do.
 * False when nothing is. */
bool screen_running(const Screen *screen, WorkerState *out, size_t *others);
/* Is it the shown tab that asked for it? */
bool screen_tab_asked(const Screen *screen, const WorkerState *running);

/* Would Esc in this view, which lies on top, stop something: *running? It stops what was asked for where it
 * is pressed; what runs for another tab, or lies under a page that was opened since, goes on. */
bool screen_escape_stops(const Screen *screen, const View *view, WorkerState *running);

/* Puts a message, which it takes over, into the message line only. */
void screen_show_message(Screen *screen, DrawStyle style, char *text);
/* Puts a message into the list only. */
void screen_keep_message(Screen *screen, const char *text);

/* Takes what the worker has finished, and what it asks. */
void screen_take_outcomes(Screen *screen);
void screen_take_question(Screen *screen);
/* Shows what waited for a prompt or a dialog to close. */
void screen_take_held(Screen *screen);

/* One who was about to leave stays. */
void screen_stay(Screen *screen);
/* Milliseconds that leaving still waits for what runs; -1 while nobody leaves. */
int screen_quit_wait(const Screen *screen);
/* Leaves, or asks, when it is time for that: true when either was done, or something came to be shown. */
bool screen_take_quit(Screen *screen);

/* Is the terminal smaller than a screen needs? */
bool screen_too_small(void);
/* Tells every view that the terminal has another size. */
void screen_resized(Screen *screen);
/* Reads what was typed and hands each key to the top view, or to the keys that work everywhere. */
void screen_take_keys(Screen *screen);
/* Does with one key what it does now. */
void screen_take_key(Screen *screen, Key key);
/* True: the key waits for rows that are still to come, or has dropped those that did. */
bool screen_holds_key(Screen *screen, Key key);
/* Does what waited, as far as the rows are there. */
void screen_take_keys_ahead(Screen *screen);
/* Draws everything and shows it. */
void screen_draw(Screen *screen);
/* Takes the notice that the terminal is too small away. */
void screen_uncover(Screen *screen);

#endif
