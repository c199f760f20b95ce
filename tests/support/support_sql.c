/* SQL behind the back of the program under test. */
#include "support_internal.h"

#include <libpq-fe.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

static void ignore_notice(void *context, const char *message)
{
    (void)context;
    (void)message;
}

const char *support_sql_value(const char *conninfo, const char *sql)
{
    PGconn *conn = PQconnectdb(conninfo);
    if (PQstatus(conn) != CONNECTION_OK) {
        fail_msg("can't connect: %s", PQerrorMessage(conn));
    }
    PQsetNoticeProcessor(conn, ignore_notice, NULL);
    PGresult *result = PQexec(conn, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        fail_msg("%s: %s", sql, PQerrorMessage(conn));
    }
    char *value =
        memory_string(PQntuples(result) > 0 && PQnfields(result) > 0 ? PQgetvalue(result, 0, 0) : "");
    PQclear(result);
    PQfinish(conn);
    return support_keep(value);
}

void support_sql(const char *conninfo, const char *sql)
{
    (void)support_sql_value(conninfo, sql);
}

/* Runs every statement; the first field of the first row is the value. */
const char *support_sqlite_value(const char *path, const char *sql)
{
    sqlite3 *file = NULL;
    char *value = NULL;
    const char *rest = sql;
    if (sqlite3_open(path, &file) != SQLITE_OK) {
        fail_msg("can't open %s: %s", path, sqlite3_errmsg(file));
    }
    sqlite3_busy_timeout(file, 10000);
    while (*rest) {
        sqlite3_stmt *statement = NULL;
        int state = sqlite3_prepare_v2(file, rest, -1, &statement, &rest);
        for (; statement && state != SQLITE_DONE && (state == SQLITE_OK || state == SQLITE_ROW);) {
            state = sqlite3_step(statement);
            if (state == SQLITE_ROW && !value && sqlite3_column_count(statement) > 0) {
                const char *text = (const char *)sqlite3_column_text(statement, 0);
                value = memory_string(text ? text : "");
            }
        }
        if (state != SQLITE_DONE && state != SQLITE_OK) {
            fail_msg("%s: %s", sql, sqlite3_errmsg(file));
        }
        sqlite3_finalize(statement);
    }
    sqlite3_close(file);
    return support_keep(value ? value : memory_string(""));
}

void support_sqlite(const char *path, const char *sql)
{
    (void)support_sqlite_value(path, sql);
}
