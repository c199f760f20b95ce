/* What the files of the Ask view share. */
#ifndef AMX_UI_VIEW_ASK_INTERNAL_H
#define AMX_UI_VIEW_ASK_INTERNAL_H

#include "ask_model.h"
#include "screen.h"
#include "view.h"

typedef struct Ask {
    Screen *screen; /* for what it reads */
    AskModel model;
    unsigned reading; /* tickets, or 0 */
    unsigned asking;
    unsigned looking; /* what became of .. */
    long long left;   /* .. the session that was shown before; 0: of none. Owns the read, too */
    bool stale;       /* something changed while the conversation was read */
    bool own;         /* what is read is the session that is shown, not the active one */
    bool follows;     /* the active one is to be shown, whichever it is: this screen made it so */
    bool apart;       /* the one that is shown is not the active one */
    bool read_only;
    int top; /* row of the terminal where the conversation begins */
} Ask;

/* "Ask 7  shop  4 turns  citation 1/3"; owned by the caller. */
char *view_ask_title(const View *view);
/* The conversation, what is to be told, the field; keeps where the conversation begins. */
void view_ask_draw(View *view, const Screen *screen, const Area *body);

#endif
