/* What the tests share: temporary folders, a private PostgreSQL cluster, running the real binary. */
#ifndef AMX_TESTS_SUPPORT_H
#define AMX_TESTS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* A new empty folder under $TMPDIR, removed with everything in it by support_cleanup. Owned by the support.
 */
const char *support_folder(void);
/* The same where the length of the path matters: a pattern for mkdtemp ("/tmp/amx-XXXXXX"). */
const char *support_folder_as(const char *pattern);

/* A private PostgreSQL 15 cluster, started once per test program in a folder of its own, listening on a unix
 * socket in that folder and on no TCP port; owned by user "tester" (superuser, trust). As root, the server
 * runs as the user "postgres". Stopped with pg_ctl by support_cleanup. Fails the test when it can't be
 * started. */
typedef struct SupportServer {
    char *folder; /* PGDATA lies in here */
    char *socket; /* folder of the socket, for host= */
    int port;     /* part of the socket's name, for port= */
} SupportServer;
const SupportServer *support_server(void);
void support_server_stop(const char *mode); /* "fast", "immediate" */
void support_server_start(void);            /* after a stop */
/* A new empty database on it; returns a conninfo ("host=.. port=.. user=tester dbname=.."), owned by the
 * support. */
const char *support_database(void);
/* Runs SQL through libpq; fails the test on an error. */
void support_sql(const char *conninfo, const char *sql);
/* The first field of the first row as text ("" for NULL or no row); owned by the support. */
const char *support_sql_value(const char *conninfo, const char *sql);
/* The same for a SQLite file. */
void support_sqlite(const char *path, const char *sql);
const char *support_sqlite_value(const char *path, const char *sql);

/* A server on 127.0.0.1 that takes connections (the kernel does) and never says a word. Returns its socket,
 * to be closed by the caller. */
int support_mute_server(int *port);

/* Writes a file (0600) into a folder; returns its path, owned by the support. */
const char *support_file(const char *folder, const char *name, const char *content);
/* Reads a whole file; owned by the support. */
const char *support_read(const char *path);

/* One run of the real binary. */
typedef struct SupportRun {
    int exit_code; /* 128 + N when killed by signal N */
    const char *out;
    const char *err;
} SupportRun;
/* `env`: "NAME=value" strings that replace the whole environment but PATH, LANG, ASAN/UBSAN options;
 * NULL-ended. `input` NULL: /dev/null. Arguments end with NULL. Killed, and the test failed, after 60 s. */
SupportRun support_amx(const char *const *env, const char *input, ...) __attribute__((sentinel));
/* The same through /bin/sh -c, with AMX set to the binary: for pipes. */
SupportRun support_shell(const char *const *env, const char *command);

/* Waits (at most 20 s) until the condition holds, asking 50 times a second; returns whether it did. */
bool support_wait(bool (*condition)(void *context), void *context);

/* To be called last by every test program: stops the server, removes the folders; returns `result`. */
int support_cleanup(int result);

#endif
