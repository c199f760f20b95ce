/* What the commands about sessions share: which session is meant, where it is read, how it is reported. */
#ifndef AMX_CORE_SESSION_COMMAND_H
#define AMX_CORE_SESSION_COMMAND_H

#include "command.h"
#include "record.h"
#include "sessions.h"
#include "shared.h"

/* The name and the fingerprint of the profile that the command works under; both live with the app. As
 * app_profile and app_fingerprint. */
bool session_bind(App *app, SessionBinding *out, Error *err);

/* The session that --id N, or the word after the command, names; else the active one (`local` NULL: there is
 * none). ERROR_USAGE, ERROR_NOT_FOUND; ERROR_GUARD when the one that was active belongs to where the profile
 * pointed before, *id is that one then. */
bool session_choose(App *app, Local *local, const Args *args, long long *id, Error *err);

/* A title is one line of text, which any store can hold; NULL is none. ERROR_USAGE. */
bool session_check_title(const char *title, Error *err);

/* What stands where a session's title would: nothing with a word in it was asked yet. */
#define SESSION_UNTITLED "untitled"

/* Sets "private" of a session's row: was it made to stay on this machine? `local` NULL: it was read in the
 * shared store. */
bool session_mark_private(Local *local, int64_t id, json_t *row, Error *err);

/* Fills an object report with a session of one's own. */
bool session_report(Local *local, int64_t id, bool active, Report *report, Error *err);

/* Must what is said now stay on this machine: --local-only, or history_store { share_sessions = false }? Then
 * a new session is private, and one that may be shared takes no more text. */
bool session_stays_here(const App *app);
/* The option that says so, for messages. */
const char *session_why_here(const App *app);

/* Guard 1 against what happened since the command began: does amx.conf, as it is now, still lead the profile
 * to the database of the binding? Asked right before a turn is written. *stays_here: must it stay on this
 * machine, as amx.conf says now. `what` is refused otherwise: "the answer". A file that is half saved is read
 * once more. ERROR_GUARD when the profile is gone, was re-pointed, or amx.conf can't be read. */
bool session_still_bound(App *app, const SessionBinding *binding, const char *what, bool *stays_here,
                         Error *err);

/* Remembers in app_events that somebody meant to go on with, or copy, another database's conversation. `kind`
 * is "refused resume", "refused fork" or "refused ask"; `origin` NULL: of one's own session. What can't be
 * recorded is left out: the refusal itself counts. */
void session_record_refusal(Local *local, const char *kind, const char *origin, long long id,
                            const SessionBinding *binding);

/* A session to be read: in one's own file, or a teammate's in the shared store. */
typedef struct SessionSource {
    App *app;
    Local *local;
    Shared *shared;     /* NULL: one's own */
    const char *origin; /* of the shared one; borrowed from the command line */
    long long id;
} SessionSource;

/* Finds the session that --id, the word or --origin names. `local` is the caller's and may be NULL: nothing
 * was recorded yet. ERROR_USAGE; ERROR_NOT_FOUND; those of delivery_open_shared. Call session_source_close,
 * whatever it returns. */
bool session_source_open(App *app, Local *local, const Args *args, SessionSource *out, Error *err);
void session_source_close(SessionSource *source);
/* The rows of `table` that the filter lets through, wherever the session is. */
bool session_source_read(const SessionSource *source, int table, const RecordFilter *filter, RecordEach each,
                         void *context, Error *err);
/* Hands the session's own row to `each`. ERROR_NOT_FOUND, with how to find one, when it is not there, or was
 * deleted. */
bool session_source_head(const SessionSource *source, RecordEach each, void *context, Error *err);

/* Is the session still there after its turns were read? One that somebody has deleted meanwhile is not taken
 * for one without turns. Errors as above. */
bool session_source_still_there(const SessionSource *source, Error *err);

/* Ways out of a refusal (ERROR_GUARD) that lead through the session's own profile lead nowhere when amx.conf
 * has it no more: says that instead. */
void session_hint_profile(const SessionSource *source, Error *err);

#endif
