/* Statements over an open connection: send, wait within the deadline, collect. Connecting is in pg_connect.c.
 */
#include "pg_internal.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <string.h>

#include "memory.h"
#include "thread.h"

#define IDENTIFIER_MAX 63 /* NAMEDATALEN - 1: PostgreSQL cuts longer names without a word */

struct PgRows {
    PGresult *result;
};

short pg_wait_socket(PGconn *conn, short events, Deadline deadline)
{
    int left = deadline_left(deadline);
    struct pollfd watched = {.fd = libpq.PQsocket(conn), .events = events};
    int ready = poll(&watched, 1, left < PG_SLICE_MS ? left : PG_SLICE_MS);
    if (ready <= 0) {
        return 0;
    }
    return watched.revents;
}

char *pg_one_line(const char *message)
{
    Text line = {0};
    for (const char *at = message; *at;) {
        size_t length = strcspn(at, "\n");
        if (length && *at != '\t' && !text_starts(at, "LOCATION:")) {
            text_add(&line, line.length ? "; " : "");
            text_add_n(&line, at, length);
        }
        at += length + (at[length] == '\n');
    }
    return text_take(&line);
}

void pg_close(Pg *pg)
{
    if (pg) {
        libpq.PQfinish(
            pg->conn); /* non-blocking connection: the farewell is sent only if it can be at once */
        free(pg->target);
        free(pg);
    }
}

const char *pg_target(const Pg *pg)
{
    return pg->target;
}

/* --- cancelling --- */

#define CANCEL_GRACE_MS 250

/* PQcancel blocks while it connects, so a thread does it; whoever lets go last frees this. */
typedef struct CancelRequest {
    PGcancel *cancel;
    atomic_bool sent;
    atomic_int holders;
} CancelRequest;

static void cancel_release(CancelRequest *request)
{
    if (atomic_fetch_sub(&request->holders, 1) == 1) {
        libpq.PQfreeCancel(request->cancel);
        free(request);
    }
}

static void *run_cancel(void *context)
{
    CancelRequest *request = context;
    char ignored[256];
    libpq.PQcancel(request->cancel, ignored, sizeof ignored);
    atomic_store(&request->sent, true);
    cancel_release(request);
    return NULL;
}

/* Asks the server to stop the running statement, so that it does not go on holding locks for nobody. Waits a
 * moment, because a program that exits takes the thread with it; a server that does not answer is left to
 * notice by itself. */
static void cancel_statement(PGconn *conn)
{
    CancelRequest *request = memory_zero(1, sizeof *request);
    pthread_t thread;
    request->cancel = libpq.PQgetCancel(conn);
    atomic_init(&request->holders, 1);
    bool started = false;
    if (request->cancel) {
        atomic_store(&request->holders, 2);
        started = thread_start(&thread, run_cancel, request);
        atomic_fetch_sub(&request->holders, !started);
    }
    if (started) {
        pthread_detach(thread);
        Deadline grace = deadline_in(CANCEL_GRACE_MS);
        while (!atomic_load(&request->sent) && deadline_left(grace) > 0) {
            poll(NULL, 0, 5);
        }
    }
    cancel_release(request);
}

/* --- errors --- */

static bool is_good(const PGresult *result)
{
    ExecStatusType status = libpq.PQresultStatus(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY;
}

static bool is_copy(const PGresult *result)
{
    ExecStatusType status = libpq.PQresultStatus(result);
    return status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH;
}

static const char *diagnostic(const PGresult *result, int field)
{
    const char *text = libpq.PQresultErrorField(result, field);
    return text ? text : "";
}

static void set_sqlstate(Error *err, const PGresult *result)
{
    if (err) {
        text_copy(err->sqlstate, sizeof err->sqlstate, diagnostic(result, PG_DIAG_SQLSTATE));
    }
}

static bool connection_lost(Pg *pg, const PGresult *result, Error *err)
{
    pg->broken = true;
    const char *primary = result ? diagnostic(result, PG_DIAG_MESSAGE_PRIMARY) : "";
    char *reason = pg_one_line(*primary ? primary : libpq.PQerrorMessage(pg->conn));
    error_set(err, ERROR_CONNECTION, "lost the connection to %s: %s", pg->target, reason);
    set_sqlstate(err, result);
    error_hint(err, "what the server did last is not known; try again when it can be reached");
    free(reason);
    return false;
}

static bool statement_failed(const PGresult *result, Error *err)
{
    if (is_copy(result)) {
        return error_set(err, ERROR_DATABASE, "COPY can't be run here");
    }
    const char *primary = diagnostic(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *detail = diagnostic(result, PG_DIAG_MESSAGE_DETAIL);
    char *other = pg_one_line(libpq.PQresultErrorMessage(result));
    error_set(err, ERROR_DATABASE, *detail ? "%s (%s)" : "%s", *primary ? primary : other, detail);
    set_sqlstate(err, result);
    error_hint(err, "%s", diagnostic(result, PG_DIAG_MESSAGE_HINT));
    free(other);
    return false;
}

static bool stopped_waiting(Pg *pg, ErrorKind kind, Error *err)
{
    pg->broken = true;
    cancel_statement(pg->conn);
    if (kind == ERROR_INTERRUPTED) {
        return error_set(err, kind, "interrupted while waiting for %s", pg->target);
    }
    error_set(err, kind, "no answer from %s within the time limit", pg->target);
    return error_hint(err, "try again later, or allow more time");
}

/* --- sending and waiting --- */

/* Sends what libpq has buffered and, when `all`, reads until a result can be taken without blocking. Reading
 * while sending matters: a server that is itself blocked on writing to us would never read the rest. */
static bool await(Pg *pg, bool all, Deadline deadline, Error *err)
{
    int unsent = libpq.PQflush(pg->conn);
    while (unsent >= 0 && (unsent || (all && libpq.PQisBusy(pg->conn)))) {
        if (interrupt_requested()) {
            return stopped_waiting(pg, ERROR_INTERRUPTED, err);
        }
        if (deadline_left(deadline) == 0) {
            return stopped_waiting(pg, ERROR_TIMEOUT, err);
        }
        short ready = pg_wait_socket(pg->conn, unsent ? POLLIN | POLLOUT : POLLIN, deadline);
        if ((ready & ~POLLOUT) && !libpq.PQconsumeInput(pg->conn)) {
            break;
        }
        unsent = unsent ? libpq.PQflush(pg->conn) : 0;
    }
    /* When sending or reading failed, PQgetResult does not block and says why. */
    return true;
}

static bool await_result(Pg *pg, Deadline deadline, Error *err)
{
    return await(pg, true, deadline, err);
}

/* Decides what a collected statement came to, once all of it is known: a FATAL error is followed by the end
 * of the connection, and only then is it more than a refused statement. */
static bool judge(Pg *pg, const PGresult *failed, Error *err)
{
    if (libpq.PQstatus(pg->conn) == CONNECTION_BAD) {
        return connection_lost(pg, failed, err);
    }
    return failed ? statement_failed(failed, err) : true;
}

/* Collects every result of what was sent. Gives the last good one to *last; the first bad one decides. */
static bool collect(Pg *pg, Deadline deadline, PGresult **last, Error *err)
{
    PGresult *good = NULL, *failed = NULL;
    bool ok = false, more, copying;
    do {
        if (!await_result(pg, deadline, err)) {
            goto done;
        }
        PGresult *result = libpq.PQgetResult(pg->conn);
        more = result;
        copying = is_copy(result);
        if (is_good(result)) {
            libpq.PQclear(good);
            good = result;
        } else if (!failed) {
            failed = result;
        } else {
            libpq.PQclear(result);
        }
    } while (more && !copying && libpq.PQstatus(pg->conn) != CONNECTION_BAD);
    pg->broken |= copying; /* COPY would wait for data that nobody sends */
    ok = judge(pg, failed, err);
    if (ok && last) {
        *last = good;
        good = NULL;
    }
done:
    libpq.PQclear(good);
    libpq.PQclear(failed);
    return ok;
}

static bool may_start(Pg *pg, Deadline deadline, Error *err)
{
    if (pg->broken) {
        return error_set(err, ERROR_CONNECTION, "the connection to %s was given up before", pg->target);
    }
    bool interrupted = interrupt_requested();
    if (!interrupted && deadline_left(deadline) > 0) {
        return true;
    }
    /* Nobody will end a transaction that is open now, so it must not meet the next one. */
    pg->broken = libpq.PQtransactionStatus(pg->conn) != PQTRANS_IDLE;
    return interrupted ? error_set(err, ERROR_INTERRUPTED, "interrupted before asking %s", pg->target)
                       : error_set(err, ERROR_TIMEOUT, "the time limit passed before asking %s", pg->target);
}

static bool send_statement(PGconn *conn, const char *sql, int count, const PgParam *params)
{
    size_t slots = count > 0 ? (size_t)count : 1;
    const char **values = memory_zero(slots, sizeof *values);
    Oid *types = memory_zero(slots, sizeof *types);
    int *lengths = memory_zero(slots, sizeof *lengths);
    int *formats = memory_zero(slots, sizeof *formats);
    for (int i = 0; i < count; i++) {
        values[i] = params[i].data;
        types[i] = params[i].type;
        lengths[i] = (int)params[i].length;
        formats[i] = params[i].binary;
    }
    bool sent = libpq.PQsendQueryParams(conn, sql, count, types, values, lengths, formats, 0);
    free(formats);
    free(lengths);
    free(types);
    free(values);
    return sent;
}

bool pg_query(Pg *pg, const char *sql, int count, const PgParam *params, Deadline deadline, PgRows **out,
              Error *err)
{
    deadline = deadline_begin(deadline);
    if (!may_start(pg, deadline, err)) {
        return false;
    }
    if (!send_statement(pg->conn, sql, count, params)) {
        return connection_lost(pg, NULL, err);
    }
    PGresult *result = NULL;
    if (!collect(pg, deadline, &result, err)) {
        return false;
    }
    if (!out) {
        libpq.PQclear(result);
        return true;
    }
    *out = memory_zero(1, sizeof **out);
    (*out)->result = result;
    return true;
}

bool pg_script(Pg *pg, const char *sql, Deadline deadline, Error *err)
{
    deadline = deadline_begin(deadline);
    if (!may_start(pg, deadline, err)) {
        return false;
    }
    if (!libpq.PQsendQuery(pg->conn, sql)) {
        return connection_lost(pg, NULL, err);
    }
    return collect(pg, deadline, NULL, err);
}

bool pg_roll_back(Pg *pg, Deadline deadline, Error *err)
{
    bool ok = pg_script(pg, "ROLLBACK", deadline, err);
    pg->broken |= !ok;
    return ok;
}

/* --- COPY --- */

/* libpq's buffer is emptied after each piece, so that it does not grow with the data. */
static bool send_pieces(Pg *pg, PgPiece next, void *context, Deadline deadline, Error *err)
{
    Text piece = {0};
    bool ok = true;
    while (ok && next(context, &piece)) {
        /* what can't be put any more says why in the result that collect() waits for */
        if (libpq.PQputCopyData(pg->conn, piece.data, (int)piece.length) != 1) {
            break;
        }
        ok = await(pg, false, deadline, err);
        text_clear(&piece);
    }
    text_free(&piece);
    if (ok) {
        libpq.PQputCopyEnd(pg->conn, NULL);
    }
    return ok;
}

bool pg_copy_in(Pg *pg, const char *sql, PgPiece next, void *context, Deadline deadline, Error *err)
{
    deadline = deadline_begin(deadline);
    if (!may_start(pg, deadline, err)) {
        return false;
    }
    if (!libpq.PQsendQuery(pg->conn, sql)) {
        return connection_lost(pg, NULL, err);
    }
    if (!await_result(pg, deadline, err)) {
        return false;
    }
    PGresult *begun = libpq.PQgetResult(pg->conn);
    bool ok = libpq.PQresultStatus(begun) == PGRES_COPY_IN;
    if (!ok) {
        collect(pg, deadline, NULL, NULL); /* nothing but the end follows a refusal */
        if (judge(pg, begun, err)) {
            error_set(err, ERROR_DATABASE, "%s did not begin a COPY", pg->target);
        }
    }
    libpq.PQclear(begun);
    return ok && send_pieces(pg, next, context, deadline, err) && collect(pg, deadline, NULL, err);
}

/* --- rows --- */

int pg_rows_count(const PgRows *rows)
{
    return libpq.PQntuples(rows->result);
}

int pg_rows_columns(const PgRows *rows)
{
    return libpq.PQnfields(rows->result);
}

long long pg_rows_affected(const PgRows *rows)
{
    return strtoll(libpq.PQcmdTuples(rows->result), NULL, 10);
}

const char *pg_rows_text(const PgRows *rows, int row, int column)
{
    return libpq.PQgetisnull(rows->result, row, column) ? NULL : libpq.PQgetvalue(rows->result, row, column);
}

long long pg_rows_int(const PgRows *rows, int row, int column)
{
    return strtoll(libpq.PQgetvalue(rows->result, row, column), NULL, 10);
}

bool pg_rows_bool(const PgRows *rows, int row, int column)
{
    return libpq.PQgetvalue(rows->result, row, column)[0] == 't';
}

void pg_rows_free(PgRows *rows)
{
    if (rows) {
        libpq.PQclear(rows->result);
        free(rows);
    }
}

/* --- quoting --- */

/* Takes over what libpq allocated; NULL means that it refused. */
static bool add_quoted(Text *sql, char *quoted)
{
    if (!quoted) {
        return false;
    }
    text_add(sql, quoted);
    libpq.PQfreemem(quoted);
    return true;
}

/* What PQescapeIdentifier does, for documents that are written without a connection; the name is checked
 * UTF-8. */
static void add_quoted_offline(Text *sql, const char *name)
{
    text_add_char(sql, '"');
    for (; *name; name++) {
        text_add(sql, *name == '"' ? "\"" : "");
        text_add_char(sql, *name);
    }
    text_add_char(sql, '"');
}

bool pg_add_identifier(Pg *pg, Text *sql, const char *name, Error *err)
{
    size_t length = strlen(name);
    if (length == 0) {
        return error_set(err, ERROR_USAGE, "an empty name can't name anything in PostgreSQL");
    }
    if (length > IDENTIFIER_MAX) {
        return error_set(err, ERROR_USAGE, "\"%s\" is %zu bytes long; PostgreSQL cuts names after %d", name,
                         length, IDENTIFIER_MAX);
    }
    if (!text_is_utf8(name, length)) {
        return error_set(err, ERROR_USAGE, "the name \"%s\" is not valid UTF-8", name);
    }
    if (!pg) {
        add_quoted_offline(sql, name);
        return true;
    }
    if (!add_quoted(sql, libpq.PQescapeIdentifier(pg->conn, name, length))) {
        return error_set(err, ERROR_USAGE, "the name \"%s\" can't be quoted", name);
    }
    return true;
}

bool pg_add_literal(Pg *pg, Text *sql, const char *value, Error *err)
{
    size_t length = strlen(value);
    if (!text_is_utf8(value, length) || !add_quoted(sql, libpq.PQescapeLiteral(pg->conn, value, length))) {
        return error_set(err, ERROR_USAGE, "a text is not valid UTF-8, so it can't be sent");
    }
    return true;
}
