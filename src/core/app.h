/* What a command works with: configuration, identity, the local store, the active profile. One App per
 * thread: the shell has one, the screen's worker has its own. */
#ifndef AMX_CORE_APP_H
#define AMX_CORE_APP_H

#include <stdbool.h>
#include <stddef.h>

#include "config.h"
#include "identity.h"
#include "paths.h"

typedef struct App App;

/* Progress of a long command: at once when it begins something, then at most ten times a second, from the
 * command's thread. `total` 0: unknown. */
typedef void (*ProgressFunction)(void *context, const char *what, long long done, long long total);
/* Part of an answer while it is still being given, from the command's thread. `text` is not NUL-ended, may
 * end inside a character and is as hostile as its source; NULL: what was said so far does not count, it
 * begins anew. */
typedef void (*StreamFunction)(void *context, const char *text, size_t length);
/* Asks a person a yes/no question; false also at end of input. Set only where a person can answer. */
typedef bool (*AskFunction)(void *context, const char *question);

/* Options that stand before the command, and what the caller offers. Strings are borrowed for the call. */
typedef struct AppOptions {
    const char *config_path; /* --config or NULL */
    const char *profile;     /* -p or NULL */
    bool local_only;         /* --local-only */
    bool read_only;          /* --read-only */
    int timeout_ms;          /* --timeout: deadline for shared store and databases; 0: as configured */
    ProgressFunction progress;
    void *progress_context;
    StreamFunction stream; /* NULL: nobody reads along; the whole answer is in the report all the same */
    void *stream_context;
    bool reading;    /* this App only reads: another one says what became of runs that ended early */
    bool no_input;   /* standard input belongs to somebody else: what would read it refuses */
    AskFunction ask; /* NULL: nobody can answer; a command that would ask refuses and names the flag */
    void *ask_context;
} AppOptions;

/* Reads the configuration and captures the identity; opens nothing. *out is owned by the caller (app_close).
 * ERROR_CONFIG. */
bool app_open(const AppOptions *options, App **out, Error *err);
void app_close(App *app);
/* Was amx.conf written, removed or made since the App was opened? An App goes on with what it has read: who
 * keeps one for long opens another one then, or a profile that was pointed elsewhere is worked under as it
 * was. */
bool app_config_changed(const App *app);
/* Changes the options between commands (the `:` prompt takes the same flags as the shell). --config is not
 * among them: an App keeps the configuration it was opened with. */
void app_set_options(App *app, const AppOptions *options);

const AppOptions *app_options(const App *app);
const Config *app_config(const App *app);
const Identity *app_identity(const App *app);
const Paths *app_paths(const App *app);

/* The local store, opened on first use. app_local makes it when it is missing; app_local_read opens it
 * strictly for reading (not a byte of the file changes) and gives NULL with success when there is none yet.
 * Both stay open until app_close, or app_leave_lost_local. */
bool app_local(App *app, Local **out, Error *err);
bool app_local_read(App *app, Local **out, Error *err);
/* Between commands: lets go of a file that was removed or replaced since, so that the next command opens what
 * is there now. */
void app_leave_lost_local(App *app);

/* The profile this command works under: -p, then AMX_PROFILE, then `db use`, then active_db_profile, then the
 * only one there is. ERROR_CONFIG when there is none or the name is unknown: the message lists what there is.
 */
bool app_profile(App *app, const Profile **out, Error *err);
/* The fingerprint of a profile (database_fingerprint), cached in the app; borrowed. */
bool app_fingerprint(App *app, const Profile *profile, const char **out, Error *err);
/* Connects to the active profile's database; kept until app_release_database, which every command's end
 * calls: a connection that broke is not met again by the next one. */
bool app_database(App *app, Database **out, Error *err);
void app_release_database(App *app);

/* May the command read standard input? ERROR_USAGE. */
bool app_may_read_input(const App *app, Error *err);

Deadline app_connect_deadline(const App *app); /* for connecting to a documented database, from now */
Deadline app_query_deadline(const App *app);   /* for each query there; --timeout: for all of one call */
Deadline app_deliver_deadline(const App *app); /* for the shared store */

/* `what` is static: "delivering". */
void app_progress(App *app, const char *what, long long done, long long total);
/* Hands on a part of an answer (StreamFunction); nothing where nobody reads along. */
void app_stream(App *app, const char *text, size_t length);

#endif
