/* Ask: the conversation with the database of the active profile. It shows the active session of that profile,
 * and follows both; the first question starts a session where there is none. */
#ifndef AMX_UI_VIEW_ASK_H
#define AMX_UI_VIEW_ASK_H

#include "view.h"

/* Opens it in the tab whose turn it is. */
void view_ask_open(Screen *screen);

/* Is this a line of the command `ask` that belongs here: into the session that is active, with nothing that
 * makes it a matter of its own (another profile or session, --local-only, --show-prompt)? */
bool view_ask_takes(const Args *args);
/* Shows the tab and asks there what the line asks. */
void view_ask_question(Screen *screen, const Args *args);

/* Its key tables: while something is typed, while a citation is chosen or the conversation is read, and where
 * nothing can be asked because amx only reads. */
extern const Bindings view_ask_keys;
extern const Bindings view_ask_reading_keys;
extern const Bindings view_ask_only_keys;

#endif
