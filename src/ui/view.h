/* Views: what the screen shows, one on top of the other. A view is one ops struct plus private state; a key
 * it does not know falls through to the keys that work everywhere. */
#ifndef AMX_UI_VIEW_H
#define AMX_UI_VIEW_H

#include <stdbool.h>

#include "config.h"
#include "draw.h"
#include "keys.h"
#include "status.h"
#include "worker.h"

typedef struct Screen Screen;
typedef struct View View;

typedef struct ViewOps {
    Bindings bindings;
    bool modal;  /* drawn over the view below it, which stays visible; gets every key */
    bool pastes; /* has fields: pasted text arrives as keys. Elsewhere it is thrown away */
    /* For the title row, owned by the caller; NULL for modal views. */
    char *(*title)(const View *view);
    void (*draw)(View *view, const Screen *screen, const Area *body);
    /* Each of these may be NULL. A function that pops its own view must not touch its state afterwards. */
    bool (*key)(View *view, Screen *screen, Key key);              /* before the bindings; true: used up */
    bool (*act)(View *view, Screen *screen, Action action);        /* true: done */
    bool (*outcome)(View *view, Screen *screen, Outcome *outcome); /* true: it was this view's job */
    void (*shown)(View *view, Screen *screen);                     /* is the top view again */
    void (*resized)(View *view);                                   /* the terminal has another size */
    void (*changed)(View *view, Screen *screen);                   /* somebody wrote into history.db */
    char *(*copy)(const View *view);                               /* the selected row; NULL: none */
    char *(*text)(const View *view);                               /* the whole text */
    void (*close)(View *view);                                     /* releases the state */
} ViewOps;

struct View {
    const ViewOps *ops;
    void *state;
};

/* Opens a view on top; one that is not modal goes below the modal ones, so that it never takes their keys. */
View *screen_push(Screen *screen, const ViewOps *ops, void *state);
/* Closes the top view; closing the last one leaves the program. */
void screen_pop(Screen *screen);
/* Closes everything above the picker. */
void screen_home(Screen *screen);
void screen_leave(Screen *screen);

/* Shows a message in the message line and keeps it for the list of messages. */
void screen_say(Screen *screen, DrawStyle style, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Empties the message line; the list keeps what it said. */
void screen_say_no_more(Screen *screen);
void screen_say_error(Screen *screen, const Error *err);

/* Hands a command line to the worker; its outcome comes back to the views, or is shown by screen_show. */
unsigned screen_submit(Screen *screen, const char *line);
/* The same for what a view reads for itself: quietly, and instead of what `owner` (its state) asked for
 * before. screen_forget: it goes away. */
unsigned screen_read(Screen *screen, const void *owner, const char *line);
void screen_forget(Screen *screen, const void *owner);
void screen_stop(Screen *screen);             /* asks the command that runs to stop */
void screen_answer(Screen *screen, bool yes); /* to the question that a command asked */
/* Asks for the status again, first what is known locally, then over the network. */
void screen_refresh(Screen *screen);
/* Opens the view that fits the report, which the view takes over. */
void screen_show(Screen *screen, Outcome *outcome);

const Status *screen_status(const Screen *screen);
const AppOptions *screen_options(const Screen *screen); /* what amx was started with */
const Config *screen_config(const Screen *screen);

#endif
