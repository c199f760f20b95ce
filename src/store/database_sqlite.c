/* A documented SQLite database: opening, fingerprint, reading and writing comments. The catalog is read in
 * database_sqlite_catalog.c. The file is open for reading only, and opened for writing just for the apply. */
#include "database_sqlite.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "memory.h"

#define WATCH_INSTRUCTIONS 10000 /* a few milliseconds at most between two looks at the clock */
#define BUSY_PAUSE_US 20000

/* --- time limits and errors --- */

static bool must_stop(const SqliteWatch *watch)
{
    return interrupt_requested() || deadline_left(watch->deadline) == 0;
}

static int stop_statement(void *context)
{
    return must_stop(context);
}

static int wait_for_lock(void *context, int tries)
{
    (void)tries;
    if (must_stop(context)) {
        return 0;
    }
    usleep(BUSY_PAUSE_US);
    return 1;
}

void sqlite_watch_start(SqliteWatch *watch, sqlite3 *handle, Deadline deadline)
{
    *watch = (SqliteWatch){.handle = handle, .deadline = deadline_begin(deadline)};
    sqlite3_progress_handler(handle, WATCH_INSTRUCTIONS, stop_statement, watch);
    sqlite3_busy_handler(handle, wait_for_lock, watch);
}

void sqlite_watch_stop(SqliteWatch *watch)
{
    sqlite3_progress_handler(watch->handle, 0, NULL, NULL);
    sqlite3_busy_handler(watch->handle, NULL, NULL);
}

bool sqlite_failed(const SqliteWatch *watch, const char *path, Error *err)
{
    int code = sqlite3_errcode(watch->handle);
    bool stopped =
        code == SQLITE_INTERRUPT || code == SQLITE_BUSY; /* in a statement, or waiting for a lock */
    if (stopped && interrupt_requested()) {
        return error_set(err, ERROR_INTERRUPTED, "interrupted while working on %s", path);
    }
    if (code == SQLITE_INTERRUPT) {
        error_set(err, ERROR_TIMEOUT, "%s did not answer within the time limit", path);
        return error_hint(err, "try again, or allow more time");
    }
    if (code == SQLITE_BUSY || code == SQLITE_LOCKED) {
        error_set(err, ERROR_TIMEOUT, "%s is locked by another program", path);
        return error_hint(err, "try again when that program has finished its transaction");
    }
    return error_set(err, ERROR_DATABASE, "%s: %s", path, sqlite3_errmsg(watch->handle));
}

/* The next row of a statement, or none. False: it failed. */
static bool step(sqlite3_stmt *statement, bool *row)
{
    int code = sqlite3_step(statement);
    *row = code == SQLITE_ROW;
    return *row || code == SQLITE_DONE;
}

bool sqlite_find_table(sqlite3 *handle, const char *name, bool *found)
{
    sqlite3_stmt *statement = NULL;
    *found = false;
    bool ok = sqlite3_prepare_v2(handle, "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1", -1,
                                 &statement, NULL) == SQLITE_OK &&
              sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC) == SQLITE_OK && step(statement, found);
    sqlite3_finalize(statement);
    return ok;
}

bool sqlite_has_table(sqlite3 *handle, const char *name)
{
    bool found;
    return sqlite_find_table(handle, name, &found) && found;
}

/* --- opening --- */

/* The absolute path of a file that may not exist in a folder that does. */
static char *absolute_path(const char *path)
{
    char *whole = realpath(path, NULL);
    if (whole || errno != ENOENT) {
        return whole;
    }
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    char *folder = slash ? memory_string_n(path, (size_t)(name - path)) : memory_string(".");
    char *real_folder = *name ? realpath(folder, NULL) : NULL;
    if (real_folder) {
        whole = text_format("%s/%s", strcmp(real_folder, "/") ? real_folder : "", name);
    }
    free(real_folder);
    free(folder);
    return whole;
}

static bool fingerprint(const DatabaseTarget *target, char **out, Error *err)
{
    if (text_is_empty(target->path)) {
        return error_set(err, ERROR_CONFIG, "a sqlite profile needs a path");
    }
    char *path = absolute_path(target->path);
    if (!path) {
        return error_set(err, ERROR_CONFIG, "%s: %s", target->path, strerror(errno));
    }
    *out = text_format("sqlite:%s", path);
    free(path);
    return true;
}

static bool open_handle(const char *path, int flags, sqlite3 **handle, Error *err)
{
    if (sqlite3_open_v2(path, handle, flags | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK) {
        return true;
    }
    error_set(err, ERROR_CONNECTION, "can't open %s: %s", path,
              access(path, F_OK) ? strerror(errno) : sqlite3_errmsg(*handle));
    error_hint(err, "check the path in the profile, and your rights on the file and its folder");
    sqlite3_close(*handle);
    *handle = NULL;
    return false;
}

static void close_file(SqliteFile *file)
{
    sqlite3_close(file->handle);
    free(file->path);
    free(file);
}

static bool open_database(Database *database, const DatabaseTarget *target, Deadline deadline, Error *err)
{
    char *print = NULL;
    SqliteWatch watch;
    if (!fingerprint(target, &print, err)) {
        return false;
    }
    SqliteFile *file = memory_zero(1, sizeof *file);
    database->connection = file;
    database->version = text_format("SQLite %s", sqlite3_libversion());
    file->path = memory_string(print + strlen("sqlite:"));
    free(print);
    if (!open_handle(file->path, SQLITE_OPEN_READONLY, &file->handle, err)) {
        return false;
    }
    /* SQLite looks into a file only when it is first used: is it one of its own? */
    sqlite_watch_start(&watch, file->handle, deadline);
    bool ok = sqlite3_exec(file->handle, "SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL) == SQLITE_OK;
    if (!ok) {
        sqlite_failed(&watch, file->path, err);
    }
    if (!ok && err && err->kind == ERROR_DATABASE) {
        err->kind = ERROR_CONNECTION;
        error_hint(err, "check that the profile's path names a SQLite database that is not encrypted");
    }
    sqlite_watch_stop(&watch);
    return ok;
}

static void close_database(Database *database)
{
    close_file(database->connection);
}

/* --- comments --- */

#define OBJECT_SQL                                                                                           \
    "SELECT s.type = 'view', CASE WHEN ?2 IS NOT NULL THEN "                                                 \
    "(SELECT x.type FROM pragma_table_xinfo(s.name) x WHERE x.name = ?2) END"                                \
    " FROM sqlite_schema s WHERE s.name = ?1 AND s.type IN ('table', 'view')"                                \
    " AND (?2 IS NULL OR EXISTS (SELECT 1 FROM pragma_table_xinfo(s.name) x WHERE x.name = ?2))"
#define COMMENT_SQL "SELECT comment FROM " COMMENTS_TABLE " WHERE table_name = ?1 AND column_name = ?2"

/* Leaves the statement at the object's row, when it is there. A column of a view that can't be resolved,
 * which is an SQLITE_ERROR, does not exist either. */
static bool find_object(sqlite3_stmt *statement, const CommentChange *change, bool *found)
{
    *found = false;
    if (strcmp(change->schema, ONLY_SCHEMA) != 0) {
        return true;
    }
    sqlite3_bind_text(statement, 1, change->table, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 2, change->column, -1, SQLITE_STATIC);
    return step(statement, found) ||
           (change->column && sqlite3_errcode(sqlite3_db_handle(statement)) == SQLITE_ERROR);
}

/* `statement` NULL: there is no side table. */
static bool find_comment(sqlite3_stmt *statement, const CommentChange *change, bool *found)
{
    *found = false;
    if (!statement) {
        return true;
    }
    sqlite3_bind_text(statement, 1, change->table, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 2, change->column ? change->column : "", -1, SQLITE_STATIC);
    return step(statement, found);
}

/* A text outlives what it describes: the side table knows nothing of a rename, nor of a DROP. */
static bool find_one(sqlite3_stmt *object, sqlite3_stmt *comment, CommentChange *change)
{
    bool there, described = false;
    if (!find_object(object, change, &there) ||
        ((there || change->orphaned) && !find_comment(comment, change, &described))) {
        return false;
    }
    CommentObject present = {.kind = CATALOG_TABLE};
    if (there) {
        present.kind = sqlite3_column_int(object, 0) ? CATALOG_VIEW : CATALOG_TABLE;
        present.type = (const char *)sqlite3_column_text(object, 1);
    }
    if (described) {
        present.comment = (const char *)sqlite3_column_text(comment, 0);
    }
    comment_change_found(change, there || described ? &present : NULL);
    sqlite3_reset(object);
    sqlite3_reset(comment);
    return true;
}

/* False: something could not be read, as the handle says. */
static bool find_present(sqlite3 *handle, CommentChange *changes, size_t count)
{
    sqlite3_stmt *object = NULL, *comment = NULL;
    bool described;
    bool ok = sqlite_find_table(handle, COMMENTS_TABLE, &described) &&
              sqlite3_prepare_v2(handle, OBJECT_SQL, -1, &object, NULL) == SQLITE_OK &&
              (!described || sqlite3_prepare_v2(handle, COMMENT_SQL, -1, &comment, NULL) == SQLITE_OK);
    for (size_t i = 0; ok && i < count; i++) {
        ok = find_one(object, comment, &changes[i]);
    }
    sqlite3_finalize(object);
    sqlite3_finalize(comment);
    return ok;
}

static bool read_comments(Database *database, CommentChange *changes, size_t count, Deadline deadline,
                          Error *err)
{
    SqliteFile *file = database->connection;
    SqliteWatch watch;
    sqlite_watch_start(&watch, file->handle, deadline);
    bool ok = sqlite3_exec(file->handle, "BEGIN", NULL, NULL, NULL) == SQLITE_OK &&
              find_present(file->handle, changes, count);
    if (!ok) {
        sqlite_failed(&watch, file->path, err);
    }
    sqlite_watch_stop(&watch);
    sqlite3_exec(file->handle, "ROLLBACK", NULL, NULL, NULL);
    return ok;
}

/* When the statement runs: the same change is the same statement whenever it is written down. */
#define COMMENTS_NOW "strftime('%%Y-%%m-%%dT%%H:%%M:%%fZ', 'now')"

static bool comment_sql(Database *database, const CommentChange *change, Text *sql, Error *err)
{
    (void)database;
    const char *text = comment_change_text(change);
    const char *column = change->column ? change->column : "";
    if (text && !text_is_utf8(text, strlen(text))) {
        return error_set(err, ERROR_USAGE, "a text is not valid UTF-8, so it can't be written");
    }
    char *statement =
        text ? sqlite3_mprintf(
                   "INSERT INTO " COMMENTS_TABLE " (table_name, column_name, comment, updated_at)"
                   " VALUES (%Q, %Q, %Q, " COMMENTS_NOW ") ON CONFLICT (table_name, column_name)"
                   " DO UPDATE SET comment = excluded.comment, updated_at = excluded.updated_at;\n",
                   change->table, column, text)
             : sqlite3_mprintf("DELETE FROM " COMMENTS_TABLE " WHERE table_name = %Q AND column_name = %Q;\n",
                               change->table, column);
    if (!statement) {
        return error_set(err, ERROR_SYSTEM, "out of memory");
    }
    text_add(sql, statement);
    sqlite3_free(statement);
    return true;
}

/* --- applying --- */

static const char make_comments_sql[] = "CREATE TABLE IF NOT EXISTS " COMMENTS_TABLE " (\n"
                                        "  table_name TEXT NOT NULL,\n"
                                        "  column_name TEXT NOT NULL, -- '' describes the table\n"
                                        "  comment TEXT NOT NULL,\n"
                                        "  updated_at TEXT NOT NULL,\n"
                                        "  PRIMARY KEY (table_name, column_name))";

static bool run(sqlite3 *handle, const char *sql)
{
    return sqlite3_exec(handle, sql, NULL, NULL, NULL) == SQLITE_OK;
}

static bool any_pending(const CommentChange *changes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (changes[i].outcome == COMMENT_PENDING) {
            return true;
        }
    }
    return false;
}

/* One change in its savepoint. Returns false only when the transaction is gone (disk full, interrupt, ..). */
static bool apply_one(Database *database, sqlite3 *handle, CommentChange *change)
{
    Text sql = {0};
    Error refused = {0};
    if (!comment_sql(database, change, &sql, &refused)) {
        comment_change_failed(change, refused.message);
        return true;
    }
    run(handle, "SAVEPOINT amx");
    if (run(handle, text_string(&sql))) {
        change->outcome = COMMENT_APPLIED;
    } else {
        comment_change_failed(change, sqlite3_errmsg(handle));
        if (!sqlite3_get_autocommit(handle)) {
            run(handle, "ROLLBACK TO amx");
        }
    }
    text_free(&sql);
    return !sqlite3_get_autocommit(handle) && run(handle, "RELEASE amx");
}

/* An empty side table leaves nothing behind in a database that is not ours. */
static bool drop_when_empty(sqlite3 *handle)
{
    sqlite3_stmt *statement = NULL;
    bool found;
    if (!sqlite_find_table(handle, COMMENTS_TABLE, &found)) {
        return false;
    }
    if (!found) {
        return true;
    }
    bool described;
    bool ok = sqlite3_prepare_v2(handle, "SELECT 1 FROM " COMMENTS_TABLE " LIMIT 1", -1, &statement, NULL) ==
                  SQLITE_OK &&
              step(statement, &described);
    sqlite3_finalize(statement);
    return ok && (described || run(handle, "DROP TABLE " COMMENTS_TABLE));
}

/* A commit that failed at the disk may have been the last step of one that counts, or not. */
static bool commit(Database *database, sqlite3 *handle)
{
    bool ok = run(handle, "COMMIT");
    database->in_doubt = !ok && sqlite3_errcode(handle) == SQLITE_IOERR;
    return ok;
}

/* False: what the handle says, unless the error is filled. */
static bool write_changes(Database *database, sqlite3 *handle, CommentChange *changes, size_t count,
                          const DatabaseApplyRules *rules, Error *err)
{
    if (!run(handle, "BEGIN IMMEDIATE") || !find_present(handle, changes, count)) {
        return false;
    }
    if (any_pending(changes, count)) {
        if (!run(handle, make_comments_sql)) {
            return false;
        }
        for (size_t i = 0; i < count; i++) {
            if (changes[i].outcome == COMMENT_PENDING && !apply_one(database, handle, &changes[i])) {
                return false;
            }
            database_applied(database, i + 1);
        }
    }
    if (comment_changes_held(changes, count, rules)) {
        return run(handle, "ROLLBACK");
    }
    return drop_when_empty(handle) && database_committing(database, changes, NULL, err) &&
           commit(database, handle);
}

static bool apply(Database *database, CommentChange *changes, size_t count, const DatabaseApplyRules *rules,
                  Deadline deadline, Error *err)
{
    const SqliteFile *file = database->connection;
    sqlite3 *handle = NULL;
    SqliteWatch watch;
    if (!open_handle(file->path, SQLITE_OPEN_READWRITE, &handle, err)) {
        return false;
    }
    sqlite_watch_start(&watch, handle, deadline);
    Error failure = {0};
    bool ok = write_changes(database, handle, changes, count, rules, &failure);
    if (!ok && failure.kind == ERROR_NONE) {
        sqlite_failed(&watch, file->path, err);
    } else if (!ok && err) {
        *err = failure;
    }
    sqlite_watch_stop(&watch);
    sqlite3_close(handle); /* rolls back what was not committed */
    return ok;
}

const DatabaseOps database_sqlite_ops = {
    .open = open_database,
    .close = close_database,
    .read_catalog = database_sqlite_read_catalog,
    .read_samples = database_sqlite_read_samples,
    .read_comments = read_comments,
    .apply = apply,
    .comment_sql = comment_sql,
    .comment_preamble = make_comments_sql,
    .fingerprint = fingerprint,
};
