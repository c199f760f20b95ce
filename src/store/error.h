/* The one error object. A function that can fail returns false and fills an Error; only ui prints it.
 *
 * A message says what happened and to what; the hint says what to do next. Both are valid UTF-8 of limited
 * length, never hold a password, and may hold hostile text: whoever prints them escapes them. */
#ifndef AMX_STORE_ERROR_H
#define AMX_STORE_ERROR_H

#include <stdbool.h>

/* kind, the code that scripts see in --json, the exit code */
#define ERROR_KINDS(X)                                                                                       \
    X(NONE, "ok", 0)                                                                                         \
    X(DATABASE, "database", 1)     /* the documented or shared database said no */                           \
    X(LOCAL, "local_store", 1)     /* history.db can't be read or written */                                 \
    X(SYSTEM, "system", 1)         /* a file, a folder, the machine */                                       \
    X(USAGE, "usage", 2)           /* the command line */                                                    \
    X(CONFIG, "config", 2)         /* amx.conf */                                                            \
    X(NOT_FOUND, "not_found", 2)   /* no such session, run, table, profile */                                \
    X(CONNECTION, "connection", 3) /* no connection, or it broke */                                          \
    X(TIMEOUT, "timeout", 4)       /* our own deadline passed */                                             \
    X(PARTLY, "partly_done", 5)                                                                              \
    X(GUARD, "refused", 6) /* one of the guards, or read-only, or apply switched off */                      \
    X(CHECK, "check_failed", 7)                                                                              \
    X(INTERRUPTED, "interrupted", 130)

typedef enum ErrorKind {
#define X(kind, code, exit_code) ERROR_##kind,
    ERROR_KINDS(X)
#undef X
} ErrorKind;

typedef struct Error {
    ErrorKind kind;
    char sqlstate[6];   /* of a PostgreSQL error, else "" */
    char message[1024]; /* one sentence, no final newline */
    char hint[1024];    /* what to do next, or "" */
} Error;

/* Fills `err` (may be NULL) from a printf format and returns false, so that a function can `return
 * error_set(..)`. Text that does not fit is cut at a character. Clears sqlstate and hint. */
bool error_set(Error *err, ErrorKind kind, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Notes the SQLSTATE of a filled error, or the nearest one where the database has none; returns false. */
bool error_sqlstate(Error *err, const char *sqlstate);

/* Sets the hint of a filled error; returns false like error_set. */
bool error_hint(Error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts words in front of the message ("run 12: "): for callers that know what was being done. */
bool error_prefix(Error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

void error_clear(Error *err);

/* The code printed in --json ("connection") and the process's exit code for a kind. */
const char *error_code(ErrorKind kind);
int error_exit_code(ErrorKind kind);

#endif
