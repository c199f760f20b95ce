/* The session that `ask` appends to: which one it is, and the two turns of a question. */
#ifndef AMX_CORE_ASK_SESSION_H
#define AMX_CORE_ASK_SESSION_H

#include "ask.h"
#include "command.h"
#include "sessions.h"

typedef struct AskSession {
    App *app;
    Local *local;
    SessionBinding binding;
    int64_t id;    /* once the question was recorded */
    int64_t asked; /* number of the question's turn; whatever comes later was not there when it was asked */
    bool redacted; /* what was said was, until the answer came */
} AskSession;

/* Appends the question to the session of --session, else the active one, else a new one; session and question
 * in one transaction, so that a refused question leaves no empty session behind. Refused when a session of
 * the profile is open where it pointed before, and none was started since; and when the profile was taken out
 * of amx.conf or pointed to another database since the command began. Without `keep`
 * nothing is recorded, and it only tells whether the question would be refused. ERROR_GUARD, ERROR_NOT_FOUND,
 * ERROR_LOCAL.
 */
bool ask_session_question(AskSession *session, const Args *args, const char *question, bool keep, Error *err);

/* Which session it would be (id 0: a new one), and whether it would take the question. Writes nothing. Errors
 * as above. */
bool ask_session_find(AskSession *session, const Args *args, Error *err);

/* Appends the answer to `question`, which `model` ("builtin", or its name) gave; *turn is its number. An
 * answer takes its time: when meanwhile the profile was taken out of amx.conf or pointed to another database,
 * or the session was ended or may no longer be shared, the answer is refused; also when the question or a
 * turn before it was redacted: `session->redacted` is set then, and the answer must not be shown either,
 * which may repeat it. ERROR_GUARD or ERROR_NOT_FOUND, nothing written then; ERROR_LOCAL. */
bool ask_session_answer(AskSession *session, const AskQuestion *question, const Answer *answer,
                        const char *model, int64_t *turn, Error *err);

#endif
