/* Sessions and their turns in the local store. Guard 1 stands here, in SQL: a turn is written only into a
 * session that is bound to the profile and the fingerprint its writer works under.
 *
 * Every function here fails with ERROR_LOCAL when history.db can't be read or written, and those that write
 * have changed nothing then; what else it fails with stands at each. */
#ifndef AMX_STORE_SESSIONS_H
#define AMX_STORE_SESSIONS_H

#include "local.h"

typedef struct SessionBinding {
    const char *db_profile;
    const char *fingerprint;
} SessionBinding;

/* A new session under a binding; it becomes the active one of its profile. */
bool sessions_start(Local *local, const SessionBinding *binding, const char *title, bool private_session,
                    int64_t *id, Error *err);
/* Makes a session the active one of its profile. ERROR_GUARD when it is bound elsewhere (both profiles and
 * the way out are named), ERROR_NOT_FOUND; nothing is changed then. A session that was ended is opened again.
 */
bool sessions_resume(Local *local, int64_t id, const SessionBinding *binding, Error *err);
/* The active session of a binding, 0 when there is none (ended, deleted, or the profile points elsewhere
 * now). Once the profile points back, it is the one of before again. */
bool sessions_active(Local *local, const SessionBinding *binding, int64_t *id, Error *err);
/* May a binding without an active session be given one that nobody asked for? ERROR_GUARD when a session of
 * its profile is still open where the profile pointed before: both databases and the way out are named, and
 * *left is that session, 0 otherwise. A session that was started here (sessions_start) is the consent. */
bool sessions_none_left(Local *local, const SessionBinding *binding, int64_t *left, Error *err);
/* Was the session made with --local-only: is it never shared? ERROR_NOT_FOUND. */
bool sessions_is_private(Local *local, int64_t id, bool *out, Error *err);
/* Gives a session another title. ERROR_NOT_FOUND. */
bool sessions_rename(Local *local, int64_t id, const char *title, Error *err);
/* It takes no more turns until it is resumed; of one that was ended before, the time stays. ERROR_NOT_FOUND.
 */
bool sessions_end(Local *local, int64_t id, Error *err);
/* Removes a session with its turns; the shared store empties them too. ERROR_NOT_FOUND. */
bool sessions_delete(Local *local, int64_t id, Error *err);

/* A session without a title takes so many characters of its first question that has a word in it: a letter,
 * of any script. */
#define SESSIONS_TITLE_LENGTH 200

typedef struct SessionTurn {
    const char *role; /* user or assistant */
    const char *content;
    const char *citations;   /* JSON array or NULL */
    const char *model;       /* what answered: "builtin" or a model's name; NULL of a question */
    int64_t answers;         /* of an answer: turn_index of its question; 0: nobody knows */
    const char *copied_from; /* of a turn that a fork copies: JSON {"session", "who", "created_at",
                                "client_version"}, so that nobody is taken to have said what another did */
} SessionTurn;
/* Appends a turn. ERROR_GUARD, nothing written, unless the session is bound to `binding` and not ended. */
bool sessions_add_turn(Local *local, int64_t id, const SessionBinding *binding, const SessionTurn *turn,
                       Error *err);

/* What a fork is made from, as it was read: a session of one's own, or a teammate's. */
typedef struct SessionOriginal {
    const char *origin; /* origin_id */
    int64_t id;
    const char *db_profile;
    const char *fingerprint;
    const char *title;
    const char *who;         /* "bob@lap" */
    const char *forked_from; /* NULL: it is no fork itself, and has no title that tells of one */
} SessionOriginal;
/* A new session that goes on where another one is; it becomes the active one of its profile, and says what it
 * was forked from. Its turns are added by the caller, in the same transaction (local_begin). What is private,
 * or waits for migrate-from-local, stays that in a copy. ERROR_GUARD, nothing written, unless the original is
 * bound to `binding`. */
bool sessions_fork(Local *local, const SessionBinding *binding, const SessionOriginal *original,
                   bool private_session, int64_t *id, Error *err);
/* Would a turn be taken? Writes nothing. ERROR_GUARD unless the session is bound to `binding` and not ended;
 * ERROR_NOT_FOUND. */
bool sessions_takes_turns(Local *local, int64_t id, const SessionBinding *binding, Error *err);
/* The turn_index of the newest turn, 0 when there is none: in the transaction of sessions_add_turn, of the
 * turn that was added. */
bool sessions_last_turn(Local *local, int64_t id, int64_t *turn, Error *err);

#endif
