/* Long-running programs that a test starts for itself: a pooler, a second server. Each is a child of the test
 * program, ends with it, and is stopped by its own process id. As root they run as the user "postgres",
 * because neither PostgreSQL nor PgBouncer runs as root. */
#ifndef AMX_TESTS_DAEMON_H
#define AMX_TESTS_DAEMON_H

#include <sys/types.h>

#include "support.h"

typedef struct Daemon {
    pid_t pid; /* 0: stopped */
    const char *log;
} Daemon;

/* A new temporary folder that such a program may write to. */
const char *daemon_folder(void);
/* Writes a file (0600) that such a program may read; returns its path, owned by the support. */
const char *daemon_file(const char *folder, const char *name, const char *content);
/* Runs a tool (initdb, pg_basebackup, openssl) in the same role to its end. The arguments end with NULL.
 * Fails the test, with what the tool said, unless it exits with 0. */
void daemon_tool(const char *folder, ...) __attribute__((sentinel));

/* Starts a program; what it says goes to folder/log. Does not wait until it is ready. The arguments end with
 * NULL. */
Daemon daemon_start(const char *folder, ...) __attribute__((sentinel));
/* Sends the signal and waits for the end. Does nothing when it is stopped already. */
void daemon_stop(Daemon *daemon, int signal_number);

/* Waits until somebody can log in with the conninfo; fails the test, with the daemon's log, if that does not
 * happen. */
void daemon_await(const Daemon *daemon, const char *conninfo);

/* A second PostgreSQL server: its data in folder/data, its socket in the folder; superuser "tester", trust.
 */
void daemon_initdb(const char *folder);
/* Starts it, without TCP. `...`: more words for postgres ("-c", "ssl=on", ..), ended by NULL. */
Daemon daemon_postgres(const char *folder, ...) __attribute__((sentinel));

#endif
