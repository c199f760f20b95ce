/* libpq, loaded when a PostgreSQL database is first needed rather than linked.
 *
 * libpq brings some twenty libraries with it (TLS, Kerberos, LDAP and what they need), and loading them takes
 * longer than all else that a command on local files does. So amx does without until then, as systemd does
 * with its heavy optional libraries. A machine without libpq can still document SQLite databases.
 *
 * Only pg.c and pg_connect.c call it: libpq_load first, then libpq.PQfinish(conn) and so on, all typed by
 * libpq's own header. */
#ifndef AMX_STORE_LIBPQ_H
#define AMX_STORE_LIBPQ_H

#include <libpq-fe.h>
#include <stdbool.h>

#include "error.h"

/* Every function of libpq that amx calls. All of them are older than any release that is still supported. */
#define LIBPQ_FUNCTIONS(X)                                                                                   \
    X(PQcancel)                                                                                              \
    X(PQclear)                                                                                               \
    X(PQcmdTuples)                                                                                           \
    X(PQconnectPoll)                                                                                         \
    X(PQconnectStartParams)                                                                                  \
    X(PQconninfo)                                                                                            \
    X(PQconninfoFree)                                                                                        \
    X(PQconninfoParse)                                                                                       \
    X(PQconsumeInput)                                                                                        \
    X(PQdb)                                                                                                  \
    X(PQerrorMessage)                                                                                        \
    X(PQescapeIdentifier)                                                                                    \
    X(PQescapeLiteral)                                                                                       \
    X(PQfinish)                                                                                              \
    X(PQflush)                                                                                               \
    X(PQfreeCancel)                                                                                          \
    X(PQfreemem)                                                                                             \
    X(PQgetCancel)                                                                                           \
    X(PQgetResult)                                                                                           \
    X(PQgetisnull)                                                                                           \
    X(PQgetvalue)                                                                                            \
    X(PQhost)                                                                                                \
    X(PQisBusy)                                                                                              \
    X(PQnfields)                                                                                             \
    X(PQntuples)                                                                                             \
    X(PQport)                                                                                                \
    X(PQputCopyData)                                                                                         \
    X(PQputCopyEnd)                                                                                          \
    X(PQresultErrorField)                                                                                    \
    X(PQresultErrorMessage)                                                                                  \
    X(PQresultStatus)                                                                                        \
    X(PQsendQuery)                                                                                           \
    X(PQsendQueryParams)                                                                                     \
    X(PQsetErrorVerbosity)                                                                                   \
    X(PQsetNoticeReceiver)                                                                                   \
    X(PQsetnonblocking)                                                                                      \
    X(PQsocket)                                                                                              \
    X(PQstatus)                                                                                              \
    X(PQtransactionStatus)

typedef struct Libpq {
#define X(name) __typeof__(name) *(name);
    LIBPQ_FUNCTIONS(X)
#undef X
} Libpq;

/* All NULL until libpq_load has succeeded; never changes after that. */
extern Libpq libpq;

/* Loads libpq when that has not been done yet; any thread may call it. It stays loaded: libraries below it
 * register what runs at exit. Error: ERROR_SYSTEM when there is no libpq or one that lacks a function; trying
 * again gives the same answer. */
bool libpq_load(Error *err);

#endif
