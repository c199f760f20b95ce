/* Keys. A binding is a key, a note, and what it does: a command line that a script could run as well, or an
 * action of the screen. Key handling, the hint row and the help all read the same bindings. */
#ifndef AMX_UI_KEYS_H
#define AMX_UI_KEYS_H

#include <stdbool.h>
#include <stddef.h>

/* A character is its code point; a function key is the negative of its curses code, so that the two never
 * meet. */
typedef int Key;
#define KEY_FUNCTION(code) (-(code))
#define KEY_CONTROL(letter) ((letter)&0x1f)
#define KEY_ESCAPE 27
#define KEY_TAB '\t'
#define KEY_RETURN '\r'
#define KEY_MOUSE_EVENT 0x110000 /* beyond every character: what the mouse did tells tty_mouse */
#define KEY_ALT_RETURN 0x110001  /* the one key that is known with Alt */

typedef enum Action {
    ACTION_NONE,
    ACTION_UP,
    ACTION_DOWN,
    ACTION_LEFT,
    ACTION_RIGHT,
    ACTION_PAGE_UP,
    ACTION_PAGE_DOWN,
    ACTION_FIRST,
    ACTION_LAST,
    ACTION_OPEN,
    ACTION_BACK,
    ACTION_RELOAD,
    ACTION_FILTER,
    ACTION_SORT_LEFT, /* by the column to the left */
    ACTION_SORT_RIGHT,
    ACTION_SORT_REVERSE,
    ACTION_SCOPE,
    ACTION_MARK, /* to compare it with another */
    ACTION_REVIEW,
    ACTION_ROLL_BACK,
    ACTION_SEND,
    ACTION_NEWLINE,
    ACTION_FORK, /* a session of one's own from somebody's */
    ACTION_RENAME,
    ACTION_HISTORY, /* of a table */
    ACTION_SWITCH,  /* to the view's other half */
    ACTION_RESUME,
    ACTION_EXPORT,
    ACTION_SAVE,
    ACTION_HELP,
    ACTION_COMMAND,
    ACTION_MESSAGES,
    ACTION_REDRAW,
    ACTION_MOUSE,
    ACTION_SUSPEND,
    ACTION_STOP,
    ACTION_NEXT, /* match */
    ACTION_PREVIOUS,
    ACTION_COPY,
    ACTION_PAGER,
    ACTION_EDITOR,
    ACTION_TAB_NEXT,
    ACTION_TAB_PREVIOUS,
    ACTION_TAB_PICKER,
    ACTION_TAB_SESSIONS,
    ACTION_TAB_ASK,
    ACTION_TAB_RUNS,
    ACTION_TAB_REVIEW,
    ACTION_TAB_TEAM,
    ACTION_TAB_EVENTS
} Action;

typedef struct Binding {
    Key keys[4];       /* 0-ended when there are fewer; none: only explained, the view takes the key itself */
    const char *label; /* how people call them: "Up k" */
    const char *note;  /* what for */
    const char *line;  /* the command it runs, or NULL */
    Action action;     /* else */
    bool hint;         /* in the hint row */
} Binding;

typedef struct Bindings {
    const Binding *items;
    size_t count;
} Bindings;

/* An initializer for the Bindings of an array. */
#define KEYS_OF(array)                                                                                       \
    {                                                                                                        \
        (array), sizeof(array) / sizeof *(array)                                                             \
    }

/* The keys that work on every full view. */
extern const Bindings keys_global;

/* The binding of a key, or of an action; NULL when there is none. */
const Binding *keys_find(Bindings bindings, Key key);
const Binding *keys_find_action(Bindings bindings, Action action);
/* Does this key, where a view leaves it to those that work everywhere, leave the view or do something beside
 * it, whatever the view shows? */
bool keys_leads_away(Key key);
/* "Enter run  q back  ..": the hinted bindings of a view, then the global ones it has not replaced, as many
 * as fit into `width` cells; where they do not all, the last one is the help, which has them. Owned by the
 * caller. */
char *keys_hints(Bindings own, int width);
/* The same for a view over another one, where no other keys work: its own, as many as fit. */
char *keys_hints_alone(Bindings own, int width);
/* The bindings of a view whose hints say "Esc stop" while that is what Esc does, in place of "back". Its
 * items are freed by the caller. */
Bindings keys_stopping(Bindings own);
/* The help of a view: every binding a line, of which `filter` lets those through that hold it, in any case
 * ("": all). Owned by the caller. */
char *keys_help(Bindings own, const char *filter);

#endif
