/* libpq, in one place: non-blocking, with our own deadlines.
 *
 * libpq's connect_timeout, tcp_user_timeout and keepalives all miss a peer that accepts and stays silent, so
 * every call here takes a Deadline and gives up by itself. After ERROR_TIMEOUT, ERROR_INTERRUPTED or
 * ERROR_CONNECTION the connection must be closed: what the server did is not known. Connection strings go to
 * libpq untouched, so service files, .pgpass, TLS settings and several hosts work as in psql. Passwords are
 * scrubbed from errors. See https://www.postgresql.org/docs/15/libpq-async.html. */
#ifndef AMX_STORE_PG_H
#define AMX_STORE_PG_H

#include <stdbool.h>
#include <stddef.h>

#include "clock.h"
#include "error.h"
#include "text.h"

typedef struct Pg Pg;
typedef struct PgRows PgRows;

/* A parameter. Text unless binary; NULL data is SQL NULL. `type` is the parameter's OID, 0 = the server
 * infers. */
typedef struct PgParam {
    const char *data;
    size_t length; /* only for binary */
    unsigned type;
    bool binary;
} PgParam;

/* Connects; conninfo "" means libpq's own environment. On success *out is owned by the caller (pg_close).
 * Of several hosts, one whose connect hangs is given up after connect_timeout, or a fair share of the
 * deadline; one that accepts and stays mute uses up the deadline. Errors: ERROR_CONFIG (conninfo can't be
 * parsed), ERROR_CONNECTION (message names host, port and database and carries the server's reason; sqlstate
 * set when the server sent one, 28P01 for a wrong password), ERROR_TIMEOUT, ERROR_INTERRUPTED, ERROR_SYSTEM
 * (no libpq on this machine). */
bool pg_connect(const char *conninfo, Deadline deadline, Pg **out, Error *err);
void pg_close(Pg *pg); /* NULL is allowed; never blocks */

/* Runs one statement with parameters and waits for its result. `out` may be NULL when no rows are wanted;
 * otherwise *out is owned by the caller (pg_rows_free). Errors: ERROR_DATABASE with the sqlstate and the
 * server's message (and hint), ERROR_CONNECTION, ERROR_TIMEOUT, ERROR_INTERRUPTED (the statement was
 * cancelled on the server as far as that could be asked for). */
bool pg_query(Pg *pg, const char *sql, int count, const PgParam *params, Deadline deadline, PgRows **out,
              Error *err);
/* Runs a script of several statements without parameters (DDL). Stops at the first error. */
bool pg_script(Pg *pg, const char *sql, Deadline deadline, Error *err);
/* Ends a transaction without writing, whatever state it is in; there need not be one. After any failure the
 * connection must be closed. Errors as of pg_query. */
bool pg_roll_back(Pg *pg, Deadline deadline, Error *err);

/* Runs "COPY .. FROM STDIN" and streams its data: `next` puts a piece into the emptied buffer and gives false
 * when there is none left. Memory holds about one piece. Errors as of pg_query. */
typedef bool (*PgPiece)(void *context, Text *piece);
bool pg_copy_in(Pg *pg, const char *sql, PgPiece next, void *context, Deadline deadline, Error *err);

int pg_rows_count(const PgRows *rows);
int pg_rows_columns(const PgRows *rows);
/* Rows affected by the statement (INSERT, UPDATE, ..). */
long long pg_rows_affected(const PgRows *rows);
/* A field as text, NULL for SQL NULL. Lives as long as the rows. */
const char *pg_rows_text(const PgRows *rows, int row, int column);
long long pg_rows_int(const PgRows *rows, int row, int column); /* NULL gives 0 */
bool pg_rows_bool(const PgRows *rows, int row, int column);
void pg_rows_free(PgRows *rows);

/* Appends a quoted identifier or literal. Refuses what PostgreSQL could not hold: "", invalid in the
 * connection's encoding (CVE-2025-1094), and identifiers of 64 bytes and more, which it would cut silently:
 * ERROR_USAGE, and nothing is appended. For a document that is written without a connection, pg may be NULL
 * in pg_add_identifier. */
bool pg_add_identifier(Pg *pg, Text *sql, const char *name, Error *err);
bool pg_add_literal(Pg *pg, Text *sql, const char *value, Error *err);

/* What a person may see of the connection: "host:port/database" of the host that answered. Lives with pg. */
const char *pg_target(const Pg *pg);

/* Resolves a conninfo as libpq does (environment, service file, defaults) without connecting, and writes
 * host list, port list and database; never user or password. Strings are owned by the caller.
 * Errors: ERROR_CONFIG, ERROR_SYSTEM (no libpq). */
bool pg_resolve(const char *conninfo, char **hosts, char **ports, char **database, Error *err);
/* Does the string hold a password? (for the warning about world-readable files) */
bool pg_conninfo_has_password(const char *conninfo);

#endif
