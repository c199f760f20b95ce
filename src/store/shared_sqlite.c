/* The shared store in a SQLite file: the embedded default, for one machine and for demos. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "memory.h"
#include "rules.h"
#include "schema_shared.h"
#include "shared_ops.h"
#include "sqlite.h"

struct SharedConnection {
    Sqlite *db; /* NULL while there is no file */
    char *path;
    int busy_timeout_ms;
};

/* A local file needs no long wait; whoever holds it locked is another amx for milliseconds. */
#define LONGEST_WAIT_MS 30000

static bool open_file(SharedConnection *connection, SqliteMode mode, Error *err)
{
    if (!sqlite_open(connection->path, mode, connection->busy_timeout_ms, ERROR_DATABASE, &connection->db,
                     err)) {
        if (err) {
            err->kind = ERROR_CONNECTION;
        }
        return false;
    }
    return true;
}

static bool shared_sqlite_open(const DatabaseTarget *target, Deadline deadline, SharedConnection **out,
                               Error *err)
{
    SharedConnection *connection = memory_zero(1, sizeof *connection);
    connection->path = memory_string(target->path);
    int left = deadline_left(deadline);
    connection->busy_timeout_ms = left < LONGEST_WAIT_MS ? left : LONGEST_WAIT_MS;
    struct stat file;
    if (stat(target->path, &file) == 0) {
        if (!open_file(connection, SQLITE_MODE_WRITE, err)) {
            shared_sqlite_ops.close(connection);
            return false;
        }
    } else if (errno != ENOENT) {
        error_set(err, ERROR_CONNECTION, "%s can't be reached: %s", target->path, strerror(errno));
        shared_sqlite_ops.close(connection);
        return error_hint(err, "check the path of the profile and the rights on its folder");
    }
    *out = connection;
    return true;
}

static void shared_sqlite_close(SharedConnection *connection)
{
    if (connection) {
        sqlite_close(connection->db);
        free(connection->path);
        free(connection);
    }
}

static const char *shared_sqlite_target(const SharedConnection *connection)
{
    return connection->path;
}

static bool shared_sqlite_prefix(SharedConnection *connection, const char *schema, Text *out, Error *err)
{
    (void)connection;
    (void)schema;
    (void)err;
    text_clear(out);
    return true;
}

static bool shared_sqlite_absent(const SharedConnection *connection)
{
    return !connection->db;
}

/* A file that is away is a server that is down: its folder may be a share that is not mounted now. To make it
 * anew unasked would split the team's history in two. */
static bool no_file(const SharedConnection *connection, Error *err)
{
    error_set(err, ERROR_CONNECTION, "there is no file %s; is the share mounted?", connection->path);
    return error_hint(err, "bring the file back: what is queued waits for it, and follows by itself");
}

/* Every field as text, as libpq gives it. */
static void give_row(SqliteRows *rows, SharedRow each, void *context)
{
    int count = sqlite_columns(rows);
    Value *values = memory_zero((size_t)count, sizeof *values);
    for (int i = 0; i < count; i++) {
        values[i] = value_text(sqlite_text(rows, i));
    }
    each(context, values, count);
    free(values);
}

static bool shared_sqlite_query(SharedConnection *connection, const char *sql, const Value *values, int count,
                                Deadline deadline, SharedRow each, void *context, int64_t *affected,
                                Error *err)
{
    (void)deadline;
    if (!connection->db) {
        return no_file(connection, err);
    }
    sqlite_heed_interrupt(connection->db, each != NULL); /* what writes is finished */
    SqliteRows *rows = sqlite_query(connection->db, err, sql, values, count);
    while (sqlite_next(rows)) {
        if (each) {
            give_row(rows, each, context);
        }
    }
    bool ok = sqlite_done(connection->db, rows, err);
    sqlite_heed_interrupt(connection->db, false);
    if (!ok) {
        return false;
    }
    if (affected) {
        *affected = sqlite_changes(connection->db);
    }
    return true;
}

static bool add_missing_column(SharedConnection *connection, const SyncedTable *table,
                               const SyncedColumn *column, Error *err)
{
    int64_t missing = 0;
    Text sql = {0};
    if (!sqlite_number(connection->db, err, 0, &missing,
                       "SELECT sum(name = $2) = 0 FROM pragma_table_info($1)",
                       VALUES(value_text(table->name), value_text(column->name)))) {
        return false;
    }
    if (missing) {
        schema_shared_add_column(&sql, BACKEND_SQLITE, "", table, column);
    }
    bool ok = sqlite_script(connection->db, text_string(&sql), err);
    text_free(&sql);
    return ok;
}

/* Takes the tables of an older version along; those that are not there yet are made with all columns. */
static bool add_missing_columns(SharedConnection *connection, Error *err)
{
    for (int i = 0; i < SYNCED_TABLE_COUNT; i++) {
        const SyncedTable *table = &synced_tables[i];
        for (size_t c = 0; c < table->column_count; c++) {
            if (table->columns[c].since > 1 &&
                !add_missing_column(connection, table, &table->columns[c], err)) {
                return false;
            }
        }
    }
    return true;
}

static bool shared_sqlite_script(SharedConnection *connection, const char *sql, Deadline deadline, Error *err)
{
    (void)deadline;
    if (!connection->db) {
        /* 0600: who may read the team's history is for its owner to widen. Not open(): its close() would drop
         * the locks of other connections of this process. */
        if (mknod(connection->path, S_IFREG | 0600, 0) == 0) {
            chmod(connection->path, 0600);
        } else if (errno != EEXIST) {
            error_set(err, ERROR_DATABASE, "%s can't be made: %s", connection->path, strerror(errno));
            return error_hint(err, "name a path in a folder that is there and writable for you");
        }
        if (!open_file(connection, SQLITE_MODE_WRITE, err)) {
            return false;
        }
    }
    if (!sqlite_begin(connection->db, err)) {
        return false;
    }
    if (!add_missing_columns(connection, err) || !sqlite_script(connection->db, sql, err)) {
        sqlite_rollback(connection->db);
        return false;
    }
    return sqlite_commit(connection->db, err);
}

static char *upsert_sql(const SyncedTable *table)
{
    Text sql = {0};
    Text places = {0};
    text_addf(&sql, "INSERT INTO %s AS t (", table->name);
    int place = 0;
    for (size_t i = 0; i < synced_width(table); i++) {
        if (shared_is_written(i)) {
            text_addf(&sql, "%s%s", place ? ", " : "", synced_column(table, i)->name);
            text_addf(&places, "%s$%d", place ? ", " : "", place + 1);
            place++;
        }
    }
    text_addf(&sql, ") VALUES (%s) ON CONFLICT (origin_id, local_id) DO UPDATE SET ", text_string(&places));
    shared_add_assignments(&sql, table);
    text_add(&sql, rule_holds(RULE_HIGHER_VERSION) ? " WHERE t.row_version < excluded.row_version" : "");
    text_free(&places);
    return text_take(&sql);
}

static bool shared_sqlite_write(SharedConnection *connection, const char *prefix, const SyncedTable *table,
                                OutboxRow *const *rows, size_t count, Deadline deadline, Error *err)
{
    (void)prefix;
    (void)deadline;
    char *sql = upsert_sql(table);
    Value *values = memory_zero(synced_width(table), sizeof *values);
    bool ok = true;
    for (size_t r = 0; ok && r < count; r++) {
        int used = 0;
        for (size_t i = 0; i < synced_width(table); i++) {
            if (shared_is_written(i)) {
                values[used++] = rows[r]->values[i];
            }
        }
        ok = sqlite_run(connection->db, err, sql, values, used);
    }
    free(values);
    free(sql);
    return ok;
}

static bool shared_sqlite_erase(SharedConnection *connection, const char *prefix, const SyncedTable *table,
                                OutboxRow *const *rows, size_t count, Deadline deadline, Error *err)
{
    (void)prefix;
    (void)deadline;
    Text sql = {0};
    text_addf(&sql, "UPDATE %s SET ", table->name);
    shared_add_emptied(&sql, table);
    text_add(
        &sql,
        RULE_SQL(RULE_HIGHER_VERSION,
                 ", created_by = $3, hostname = $4, client_version = $5, updated_at = $6, deleted_at = $6, "
                 "row_version = $7 WHERE origin_id = $1 AND local_id = $2",
                 " AND row_version < $7", "", ""));
    bool ok = true;
    for (size_t r = 0; ok && r < count; r++) {
        const Value *row = rows[r]->values;
        ok = sqlite_run(connection->db, err, text_string(&sql),
                        VALUES(row[SYNCED_ORIGIN_ID], row[SYNCED_LOCAL_ID], row[SYNCED_CREATED_BY],
                               row[SYNCED_HOSTNAME], row[SYNCED_CLIENT_VERSION], row[SYNCED_DELETED_AT],
                               row[SYNCED_ROW_VERSION]));
    }
    text_free(&sql);
    return ok;
}

const SharedOps shared_sqlite_ops = {
    .backend = BACKEND_SQLITE,
    .open = shared_sqlite_open,
    .close = shared_sqlite_close,
    .target = shared_sqlite_target,
    .absent = shared_sqlite_absent,
    .prefix = shared_sqlite_prefix,
    .query = shared_sqlite_query,
    .script = shared_sqlite_script,
    .begin = "BEGIN IMMEDIATE",
    .begin_reading = "BEGIN",
    .like = "LIKE",
    .time_before = "",
    .time_after = "",
    .write = shared_sqlite_write,
    .erase = shared_sqlite_erase,
};
