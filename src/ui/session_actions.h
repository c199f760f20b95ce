/* What can be done with a session on the screen: go on with it, go on from it in one of one's own, write it
 * down. The same on the list of sessions and on a session that is open. */
#ifndef AMX_UI_SESSION_ACTIONS_H
#define AMX_UI_SESSION_ACTIONS_H

#include <jansson.h>

#include "view.h"

/* A session as its commands name it. */
typedef struct SessionName {
    long long id;
    const char *origin; /* of a teammate's; NULL: one's own. Borrowed */
} SessionName;

/* Is this row of a list of sessions, read from the team's store (`team`), somebody else's? */
bool session_actions_is_teammates(const Screen *screen, const json_t *row, bool team);
/* The session of such a row; its strings are the row's. */
SessionName session_actions_name(const Screen *screen, const json_t *row, bool team);

/* Resumes it: returns the ticket of the command, whose outcome is for session_actions_done; 0 when it is a
 * teammate's, and a dialog says what to do instead: `foreign` is why it can only be read. */
unsigned session_actions_resume(Screen *screen, SessionName name, const char *foreign);
/* The same for a fork, which a teammate's allows. */
unsigned session_actions_fork(Screen *screen, SessionName name);
/* It was resumed or forked: Ask shows it. Or tells why not. */
void session_actions_done(Screen *screen, const Outcome *got);
/* Asks for another title, and gives it. */
void session_actions_rename(Screen *screen, SessionName name, const char *title);
/* Shows it as it is written down, to be saved. */
void session_actions_export(Screen *screen, SessionName name);

#endif
