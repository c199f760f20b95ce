/* The tabs of the screen: what they are called, which key shows them, and what fills them. */
#ifndef AMX_UI_TABS_H
#define AMX_UI_TABS_H

#include <stdbool.h>
#include <stddef.h>

#include "draw.h"
#include "keys.h"
#include "worker.h"

typedef struct Screen Screen;

typedef enum TabId {
    TAB_PICKER,
    TAB_SESSIONS,
    TAB_ASK,
    TAB_RUNS,
    TAB_REVIEW,
    TAB_TEAM,
    TAB_EVENTS,
    TAB_COUNT
} TabId;

typedef struct TabKind {
    const char *name;
    Action action;                                  /* of the binding that shows it */
    void (*open)(Screen *screen);                   /* opens its first view at once, or NULL */
    const char *line;                               /* else the command that fills it; NULL: it is there only
                                                       while a view is open in it */
    void (*show)(Screen *screen, Outcome *outcome); /* opens the view of what the command found */
} TabKind;

const TabKind *tabs_kind(TabId tab);
/* The tab that an action shows; false when it is not such an action. */
bool tabs_of_action(Action action, TabId *tab);

/* The tab row: those that are `present`, the one that is `shown` in another style and between brackets. */
void tabs_draw(const Area *row, const bool present[TAB_COUNT], TabId shown);
/* The tab at a column of that row; false where there is none. */
bool tabs_at(int width, const bool present[TAB_COUNT], TabId shown, int column, TabId *tab);

#endif
