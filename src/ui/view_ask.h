/* Ask: the conversation with the database of the active profile. It shows the session of that profile that
 * was active when it was opened, follows the profile, and goes over to another session when this screen
 * begins, forks or resumes one, or somebody asks it to; what another amx makes active it tells. The first
 * question starts a session where there is none. */
#ifndef AMX_UI_VIEW_ASK_H
#define AMX_UI_VIEW_ASK_H

#include "view.h"

/* Opens it in the tab whose turn it is. */
void view_ask_open(Screen *screen);

/* Hears of every command that was run on the screen: the session that one has begun or resumed is shown. */
void view_ask_hear(Screen *screen, const Outcome *outcome);

/* Is this a line of the command `ask` that belongs here: into the session that is active, with nothing that
 * makes it a matter of its own (another profile or session, --local-only, --show-prompt)? */
bool view_ask_takes(const Args *args);
/* Shows the tab and asks there what the line asks. */
void view_ask_question(Screen *screen, const Args *args);

/* Its key tables: while something is typed, also under an answer that is under way, while a citation is
 * chosen or the conversation is read, and where nothing can be asked because amx only reads. */
extern const Bindings view_ask_keys;
extern const Bindings view_ask_waiting_keys;
extern const Bindings view_ask_reading_keys;
extern const Bindings view_ask_only_keys;

#endif
