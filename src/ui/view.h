/* Views: what the screen shows, one on top of the other. A view is one ops struct plus private state; a key
 * it does not know falls through to the keys that work everywhere. */
#ifndef AMX_UI_VIEW_H
#define AMX_UI_VIEW_H

#include <stdbool.h>

#include "config.h"
#include "draw.h"
#include "keys.h"
#include "mouse.h"
#include "status.h"
#include "tabs.h"
#include "worker.h"

typedef struct View View;

typedef struct ViewOps {
    Bindings bindings;
    Bindings (*keys)(const View *view); /* instead of them, where they depend on the state; or NULL */
    bool modal;  /* drawn over the view below it, which stays visible; no other keys work */
    bool pastes; /* has fields: pasted text arrives as keys. Elsewhere it is thrown away */
    bool types;  /* what is typed goes into a field of it: the hint row has its own keys alone */
    /* For the title row, owned by the caller; NULL for modal views. */
    char *(*title)(const View *view);
    void (*draw)(View *view, const Screen *screen, const Area *body);
    /* Each of these may be NULL. A function that pops its own view must not touch its state afterwards. */
    bool (*key)(View *view, Screen *screen, Key key);       /* before the bindings; true: used up */
    bool (*act)(View *view, Screen *screen, Action action); /* true: done */
    /* Instead of `pastes`, for a field of several lines: one character of a pasted text, '\n' between lines;
     * `begins`: it is the first one of that text. */
    void (*paste)(View *view, Screen *screen, Key character, bool begins);
    /* Is this key about rows that are still to come? It waits then until it no longer is; what is typed after
     * it waits, too. */
    bool (*awaits)(const View *view, Key key);
    bool (*outcome)(View *view, Screen *screen, Outcome *outcome); /* true: it was this view's job */
    /* What a command of this tab says while it runs; true: it was this view's job. */
    bool (*stream)(View *view, Screen *screen, const Streamed *streamed);
    void (*status)(View *view, Screen *screen);  /* how things stand is known anew (screen_status) */
    void (*shown)(View *view, Screen *screen);   /* is the top view again */
    void (*resized)(View *view);                 /* the terminal has another size */
    void (*changed)(View *view, Screen *screen); /* somebody wrote into history.db */
    /* The mouse, wherever it is but on the tab row. True: used up; else the wheel moves up and down. */
    bool (*mouse)(View *view, Screen *screen, const Mouse *mouse);
    /* About once a second while the view can be seen. True: something must be drawn anew. */
    bool (*tick)(View *view, Screen *screen);
    /* What `y` puts on the clipboard: the selected row; NULL when nothing is selected. Owned by the caller,
     * and may be hostile, as the next one. */
    char *(*copy)(const View *view);
    /* The whole text, for the pager and the editor; where there is no `copy`, for the clipboard too. */
    char *(*text)(const View *view);
    void (*close)(View *view); /* releases the state */
} ViewOps;

struct View {
    const ViewOps *ops;
    void *state;
};

Bindings view_keys(const View *view);

/* Views lie in stacks, one per tab. The functions below work on the tab whose turn it is: the one that is
 * shown, or while an outcome is handed out, the one that asked for it. */

/* Opens a view on top; one that is not modal goes below the modal ones, so that it never takes their keys.
 * `ops` outlive it; `state` becomes the view's, whose `close` releases it. The view is the screen's: it is
 * gone after `close`. */
View *screen_push(Screen *screen, const ViewOps *ops, void *state);
/* Opens a view as the bottom of a tab, in place of everything that the tab held, and shows that tab: how a
 * tab comes to be that no key opens. Back on it leads to the tab that was shown before. Not while somebody
 * is asked something there. */
View *screen_push_tab(Screen *screen, TabId tab, const ViewOps *ops, void *state);
/* Closes the top view. The bottom one of a tab stays, unless the tab is there only while it is open
 * (screen_push_tab), and the tab that one came from is shown; on the picker it leaves the program. */
void screen_pop(Screen *screen);
/* Closes this view, wherever in its tab it is, unless it is the only one there. */
void screen_close(Screen *screen, View *view);
/* Shows a tab as it was left; one that was never opened runs the command that fills it. In the one that is
 * shown already everything above its bottom view closes. */
void screen_go(Screen *screen, TabId tab);
/* The bottom view of a tab; NULL before it was opened. */
View *screen_bottom(const Screen *screen, TabId tab);
/* Shows a tab because a command in the tab whose turn it is was about it; what was said stays said. Not under
 * the fingers of somebody who is elsewhere by now, or typing. */
void screen_lead(Screen *screen, TabId tab);
/* Shows the picker, and closes everything above it. */
void screen_home(Screen *screen);
/* Ends the program once what is being done now is done; views are closed then. */
void screen_leave(Screen *screen);
/* As screen_leave, but what runs for a person gets a moment to end first, and one who presses a key
 * meanwhile, or whose command fails, stays. What takes longer is stopped: after a question where asks is
 * true. */
void screen_quit(Screen *screen, bool asks);

/* Keys that wait for what this tab reads wait in vain: drops them, and says so. */
void screen_drop_keys(Screen *screen);

/* Shows a message in the message line and keeps it for the list of messages. */
void screen_say(Screen *screen, DrawStyle style, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Empties the message line; the list keeps what it said. */
void screen_say_no_more(Screen *screen);
/* Shows an error with its hint. */
void screen_say_error(Screen *screen, const Error *err);

/* Hands a command line, which is copied, to the worker and returns its ticket, never 0. Its outcome comes
 * back to the views of the tab that asked, whichever is shown then; what none of them wants is opened there
 * by screen_show. It always comes: a line that can't be run comes back as a failed one. */
unsigned screen_submit(Screen *screen, const char *line);
/* The same for what a view reads for itself: quietly, and instead of what `owner` (its state) asked for
 * before. screen_forget: it goes away. */
unsigned screen_read(Screen *screen, const void *owner, const char *line);
void screen_forget(Screen *screen, const void *owner);
/* The same for the views of one tab, and without a word in the message line. */
unsigned screen_submit_for(Screen *screen, TabId tab, const char *line, JobKind kind);
/* Asks what the shown tab asked for, while it runs, to stop; else asks the person whether what another tab
 * asked for is meant. */
void screen_stop(Screen *screen);
void screen_stop_job(Screen *screen, unsigned ticket); /* this job, if it runs */
void screen_answer(Screen *screen, bool yes);          /* to the question that a command asked */
/* Asks for the status again, first what is known locally, then over the network. */
void screen_refresh(Screen *screen);
/* Asks what is known locally alone, unless that is under way. */
void screen_look_at_home(Screen *screen);
/* For a tick: asks over the network alone, and only when the last answer is ten seconds old. What is shown
 * stays until the answer is there. */
void screen_look_again(Screen *screen);
/* Opens the view that fits the report, which the view takes over. */
void screen_show(Screen *screen, Outcome *outcome);

const Status *screen_status(const Screen *screen);
bool screen_read_only(const Screen *screen);
const AppOptions *screen_options(const Screen *screen); /* what amx was started with */
const Config *screen_config(const Screen *screen);

#endif
