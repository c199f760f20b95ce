/* Connecting, and what can be known about a connection string without connecting.
 *
 * PQconnectStart and PQconnectPoll look up host names with getaddrinfo, which blocks for as long as the
 * resolver likes, and so do Kerberos and LDAP look-ups. So connecting runs in a thread of its own; pg_connect
 * waits for it within the deadline. When the deadline passes first, the thread is left alone: as soon as
 * libpq comes back to it, it sees that nobody waits any more, closes what it has and ends. */
#include "pg_internal.h"

#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "memory.h"
#include "thread.h"

/* --- connection strings --- */

/* libpq checks sslmode after it has merged conninfo, service file, environment and defaults, and before it
 * looks up a name or opens a socket. With this value it stops right there, and PQconninfo tells what it
 * merged. */
#define NO_SUCH_SSLMODE "amx-resolves-only"

static bool is_uri(const char *conninfo)
{
    return text_starts(conninfo, "postgresql://") || text_starts(conninfo, "postgres://");
}

/* Could the text hold a password, parsed or not? */
static bool may_hold_password(const char *conninfo)
{
    return strcasestr(conninfo, "password") || (is_uri(conninfo) && strchr(conninfo, '@'));
}

/* libpq quotes the part of a connection string that it could not read, and that part may be the password. */
static char *scrub(const char *message, const char *conninfo)
{
    char *line = pg_one_line(message);
    if (!may_hold_password(conninfo)) {
        return line;
    }
    Text clean = {0};
    bool quoted = false;
    for (const char *at = line; *at; at++) {
        if (*at == '"') {
            quoted = !quoted;
            text_add(&clean, quoted ? "\"***" : "\"");
        } else if (!quoted) {
            text_add_char(&clean, *at);
        }
    }
    free(line);
    return text_take(&clean);
}

static bool conninfo_error(const char *conninfo, const char *reason, Error *err)
{
    char *clean = scrub(reason, conninfo);
    error_set(err, ERROR_CONFIG, "the connection string can't be used: %s", clean);
    error_hint(err, "write it as for psql, for example \"host=db.example dbname=shop user=me\" or "
                    "\"service=shop\"; in a URI, write @ : / %% in a password as %%40 %%3A %%2F %%25");
    free(clean);
    return false;
}

static const char *option_value(const PQconninfoOption *options, const char *keyword)
{
    for (const PQconninfoOption *option = options; option && option->keyword; option++) {
        if (!strcmp(option->keyword, keyword)) {
            return option->val ? option->val : "";
        }
    }
    return "";
}

/* An '@' or '/' that was not percent-encoded in a URI's password moves the rest of the password into the
 * host, port or database, where it would be printed. */
static bool looks_misplaced(const char *conninfo, const char *hosts, const char *ports, const char *database)
{
    if (!is_uri(conninfo)) {
        return false;
    }
    bool encoded = strcasestr(conninfo, "%40");
    return strspn(ports, "0123456789,") != strlen(ports) ||
           (!encoded && (strchr(hosts, '@') || strchr(database, '@')));
}

bool pg_resolve(const char *conninfo, char **hosts, char **ports, char **database, Error *err)
{
    const char *const keywords[] = {"dbname", "sslmode", NULL};
    const char *const values[] = {conninfo, NO_SUCH_SSLMODE, NULL};
    if (!libpq_load(err)) {
        return false;
    }
    PGconn *conn = libpq.PQconnectStartParams(keywords, values, 1);
    PQconninfoOption *options = conn ? libpq.PQconninfo(conn) : NULL;
    bool ok = false;

    if (!conn || !options) {
        error_set(err, ERROR_SYSTEM, "out of memory while reading a connection string");
        goto done;
    }
    if (!strstr(libpq.PQerrorMessage(conn), NO_SUCH_SSLMODE)) {
        conninfo_error(conninfo, libpq.PQerrorMessage(conn), err);
        goto done;
    }
    const char *host = option_value(options, "host");
    if (!*host) {
        host = option_value(options, "hostaddr");
    }
    const char *port = option_value(options, "port");
    const char *dbname = option_value(options, "dbname");
    if (looks_misplaced(conninfo, host, port, dbname)) {
        conninfo_error(conninfo, "the host, port or database in the URI looks like a part of a password",
                       err);
        goto done;
    }
    *hosts = memory_string(host);
    *ports = memory_string(port);
    *database = memory_string(dbname);
    ok = true;
done:
    libpq.PQconninfoFree(options);
    libpq.PQfinish(conn);
    return ok;
}

bool pg_conninfo_has_password(const char *conninfo)
{
    PQconninfoOption *options = libpq_load(NULL) ? libpq.PQconninfoParse(conninfo, NULL) : NULL;
    if (!options) {
        return may_hold_password(conninfo);
    }
    bool found = *option_value(options, "password") || *option_value(options, "sslpassword");
    libpq.PQconninfoFree(options);
    return found;
}

/* --- connecting --- */

/* Shared by pg_connect and its thread; whoever lets go last frees it. */
typedef struct Attempt {
    pthread_mutex_t lock;
    pthread_cond_t finished;
    pthread_t thread; /* joined when it is done, detached when it is abandoned */
    char *conninfo;
    Deadline deadline;
    bool abandoned; /* pg_connect has stopped waiting */
    bool done;      /* conn is final: connected, failed, or NULL when there was no memory */
    PGconn *conn;
} Attempt;

static void attempt_free(Attempt *attempt)
{
    libpq.PQfinish(attempt->conn);
    pthread_cond_destroy(&attempt->finished);
    pthread_mutex_destroy(&attempt->lock);
    free(attempt->conninfo);
    free(attempt);
}

static bool is_abandoned(Attempt *attempt)
{
    pthread_mutex_lock(&attempt->lock);
    bool abandoned = attempt->abandoned;
    pthread_mutex_unlock(&attempt->lock);
    return abandoned;
}

/* How long one host may take to accept: connect_timeout where set, else a fair share of the deadline. */
static Deadline host_deadline(PGconn *conn, Deadline deadline)
{
    PQconninfoOption *options = libpq.PQconninfo(conn);
    int hosts = 1;
    for (const char *at = option_value(options, "host"); (at = strchr(at, ',')); at++) {
        hosts++;
    }
    long seconds = strtol(option_value(options, "connect_timeout"), NULL, 10);
    libpq.PQconninfoFree(options);
    if (seconds > 0) {
        return deadline_in(seconds * 1000L);
    }
    return deadline == DEADLINE_NONE || hosts == 1 ? deadline : deadline_in(deadline_left(deadline) / hosts);
}

/* PQconnectPoll has no time limit per host and no way to say "try the next one". Shutting down a socket whose
 * connect is under way makes that connect fail, and libpq goes on with the next address by itself. */
static void give_up_host(PGconn *conn)
{
    shutdown(libpq.PQsocket(conn), SHUT_RDWR);
}

static void poll_until_connected(Attempt *attempt, PGconn *conn)
{
    PostgresPollingStatusType want = PGRES_POLLING_WRITING;
    Deadline host_limit = host_deadline(conn, attempt->deadline);
    while (want != PGRES_POLLING_OK && want != PGRES_POLLING_FAILED) {
        short ready =
            pg_wait_socket(conn, want == PGRES_POLLING_READING ? POLLIN : POLLOUT, attempt->deadline);
        if (is_abandoned(attempt) || deadline_left(attempt->deadline) == 0) {
            return;
        }
        if (!ready && libpq.PQstatus(conn) == CONNECTION_STARTED && deadline_left(host_limit) == 0) {
            give_up_host(conn);
            host_limit = host_deadline(conn, attempt->deadline);
        } else if (!ready) {
            continue;
        }
        want = libpq.PQconnectPoll(conn);
    }
}

static void ignore_notice(void *context, const PGresult *result)
{
    (void)context; /* notices would be written to stderr, over the screen */
    (void)result;
}

static void *run_attempt(void *context)
{
    Attempt *attempt = context;
    const char *const keywords[] = {"dbname", "client_encoding", "fallback_application_name", NULL};
    const char *const values[] = {attempt->conninfo, "UTF8", "amx", NULL};
    PGconn *conn = libpq.PQconnectStartParams(keywords, values, 1);
    if (conn && libpq.PQstatus(conn) != CONNECTION_BAD) {
        /* The only way to learn the SQLSTATE of a refused connection is to have it printed in the message. */
        libpq.PQsetErrorVerbosity(conn, PQERRORS_VERBOSE);
        libpq.PQsetNoticeReceiver(conn, ignore_notice, NULL);
        poll_until_connected(attempt, conn);
    }
    pthread_mutex_lock(&attempt->lock);
    attempt->conn = conn;
    attempt->done = true;
    bool abandoned = attempt->abandoned;
    pthread_cond_signal(&attempt->finished);
    pthread_mutex_unlock(&attempt->lock);
    if (abandoned) {
        attempt_free(attempt);
    }
    return NULL;
}

static bool start_attempt(Attempt *attempt)
{
    return thread_start(&attempt->thread, run_attempt, attempt);
}

static Attempt *attempt_new(const char *conninfo, Deadline deadline)
{
    Attempt *attempt = memory_zero(1, sizeof *attempt);
    pthread_condattr_t attributes;
    pthread_mutex_init(&attempt->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&attempt->finished, &attributes);
    pthread_condattr_destroy(&attributes);
    attempt->conninfo = memory_string(conninfo);
    attempt->deadline = deadline;
    return attempt;
}

/* Waits for the thread. Takes the connection out of a finished attempt and frees it; abandons an unfinished
 * one. */
static ErrorKind await_attempt(Attempt *attempt, PGconn **conn)
{
    ErrorKind kind = ERROR_NONE;
    pthread_mutex_lock(&attempt->lock);
    while (!attempt->done && kind == ERROR_NONE) {
        int64_t until =
            deadline_in(PG_SLICE_MS) < attempt->deadline ? deadline_in(PG_SLICE_MS) : attempt->deadline;
        struct timespec time = {.tv_sec = until / 1000, .tv_nsec = (until % 1000) * 1000000};
        pthread_cond_timedwait(&attempt->finished, &attempt->lock, &time);
        if (interrupt_requested()) {
            kind = ERROR_INTERRUPTED;
        } else if (deadline_left(attempt->deadline) == 0) {
            kind = ERROR_TIMEOUT;
        }
    }
    bool done = attempt->done;
    pthread_t thread = attempt->thread;
    attempt->abandoned = !done;
    pthread_mutex_unlock(&attempt->lock);
    if (!done) {
        pthread_detach(thread);
        return kind;
    }
    pthread_join(thread, NULL); /* it has nothing left to do but to end */
    *conn = attempt->conn;
    attempt->conn = NULL;
    attempt_free(attempt);
    if (interrupt_requested()) {
        return ERROR_INTERRUPTED;
    }
    /* A thread that saw the deadline pass leaves a connection that is neither good nor bad. */
    ConnStatusType status = libpq.PQstatus(*conn);
    return status == CONNECTION_OK || status == CONNECTION_BAD ? ERROR_NONE : ERROR_TIMEOUT;
}

/* --- saying why not --- */

static bool is_sqlstate(const char *text)
{
    return strspn(text, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 5 && text[5] == ':' && text[6] == ' ';
}

/* Takes "FATAL:  28P01: " out of a verbose message, whatever the server's language; keeps the last code. */
static char *take_sqlstate(const char *message, char sqlstate[6])
{
    Text clean = {0};
    const char *at = message;
    for (const char *mark; (mark = strstr(at, ":  ")); at = mark) {
        if (is_sqlstate(mark + 3)) {
            text_add_n(&clean, at, (size_t)(mark - at) + 3);
            memcpy(sqlstate, mark + 3, 5);
            sqlstate[5] = '\0';
            mark += 3 + 7;
        } else {
            text_add_n(&clean, at, (size_t)(mark - at) + 1);
            mark += 1;
        }
    }
    text_add(&clean, at);
    return text_take(&clean);
}

static void hint_connection(const char *sqlstate, Error *err)
{
    if (text_starts(sqlstate, "28")) {
        error_hint(err, "check user and password as for psql: ~/.pgpass, a service file, or PGPASSWORD");
    } else if (!strcmp(sqlstate, "3D000")) {
        error_hint(err, "check dbname in the connection string; psql -l lists the databases");
    } else if (!strcmp(sqlstate, "53300") || text_starts(sqlstate, "57P")) {
        error_hint(err, "the server is there but takes no connection now; try again in a moment");
    } else {
        error_hint(err, "check host and port, and that the server is running and can be reached from here");
    }
}

/* libpq begins each host's reason with which host it was. The message names a single host already. */
static const char *without_repeated_host(const char *reason)
{
    static const char start[] = "connection to server ", end[] = " failed: ";
    const char *found = strstr(reason, end);
    bool one_host = text_starts(reason, start) && !strstr(reason + 1, start);
    return one_host && found ? found + strlen(end) : reason;
}

static bool refused(PGconn *conn, const char *target, Error *err)
{
    char sqlstate[6] = "";
    char *lines = take_sqlstate(conn ? libpq.PQerrorMessage(conn) : "out of memory", sqlstate);
    char *reason = pg_one_line(lines);
    error_set(err, ERROR_CONNECTION, "can't connect to %s: %s", target, without_repeated_host(reason));
    if (err) {
        memcpy(err->sqlstate, sqlstate, sizeof sqlstate);
    }
    hint_connection(sqlstate, err);
    free(reason);
    free(lines);
    return false;
}

static bool gave_up(ErrorKind kind, const char *target, Error *err)
{
    if (kind == ERROR_INTERRUPTED) {
        return error_set(err, kind, "interrupted while connecting to %s", target);
    }
    error_set(err, ERROR_TIMEOUT, "no answer from %s within the time limit", target);
    return error_hint(err, "check that host and port are right and reachable, or allow more time");
}

/* The target of a connection that does not exist yet: every host that would be tried. */
static bool describe(const char *conninfo, char **target, Error *err)
{
    char *hosts, *ports, *database;
    if (!pg_resolve(conninfo, &hosts, &ports, &database, err)) {
        return false;
    }
    *target = text_format("%s:%s/%s", *hosts ? hosts : "local", ports, database);
    free(hosts);
    free(ports);
    free(database);
    return true;
}

bool pg_connect(const char *conninfo, Deadline deadline, Pg **out, Error *err)
{
    char *target = NULL;
    PGconn *conn = NULL;
    if (!describe(conninfo, &target, err)) {
        return false;
    }
    Attempt *attempt = attempt_new(conninfo, deadline);
    if (!start_attempt(attempt)) {
        attempt_free(attempt);
        free(target);
        return error_set(err, ERROR_SYSTEM, "can't start a thread to connect");
    }
    ErrorKind kind = await_attempt(attempt, &conn);
    if (kind != ERROR_NONE) {
        gave_up(kind, target, err);
    } else if (!conn || libpq.PQstatus(conn) != CONNECTION_OK) {
        refused(conn, target, err);
    } else {
        libpq.PQsetErrorVerbosity(conn, PQERRORS_DEFAULT);
        libpq.PQsetnonblocking(conn, 1);
        *out = memory_zero(1, sizeof **out);
        (*out)->conn = conn;
        (*out)->target = text_format("%s:%s/%s", libpq.PQhost(conn), libpq.PQport(conn), libpq.PQdb(conn));
        free(target);
        return true;
    }
    libpq.PQfinish(conn);
    free(target);
    return false;
}
