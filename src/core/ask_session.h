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
    int64_t id; /* once the question was recorded */
} AskSession;

/* Appends the question to the session of --session, else the active one, else a new one; session and question
 * in one transaction, so that a refused question leaves no empty session behind. Without `keep` nothing is
 * recorded, and it only tells whether the question would be refused, and which session it would be (one that
 * would be new has no turns). ERROR_GUARD, ERROR_NOT_FOUND, ERROR_LOCAL. */
bool ask_session_question(AskSession *session, const Args *args, const char *question, bool keep, Error *err);

/* Appends the answer, which `model` ("builtin", or its name) gave; *turn is its number. An answer takes its
 * time: when meanwhile the profile was taken out of amx.conf or pointed to another database, or the session
 * was ended, the answer is refused. ERROR_GUARD, nothing written then; ERROR_LOCAL. */
bool ask_session_answer(AskSession *session, const Answer *answer, const char *model, int64_t *turn,
                        Error *err);

#endif
