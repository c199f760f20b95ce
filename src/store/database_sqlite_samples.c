/* Reading a few values of the rows of a SQLite table. */
#include "database_sqlite.h"

#include "memory.h"

/* A value has a type of its own there, whatever the column's is. Released with sqlite3_free. */
static char *sample_query(const CatalogTable *table, const DatabaseSample *samples, size_t count)
{
    sqlite3_str *sql = sqlite3_str_new(NULL);
    for (size_t i = 0; i < count; i++) {
        const char *name = samples[i].column->name;
        sqlite3_str_appendf(
            sql, "%s CASE typeof(\"%w\") WHEN 'blob' THEN NULL ELSE substr(CAST(\"%w\" AS TEXT), 1, %d) END",
            i == 0 ? "SELECT" : ",", name, name, DATABASE_SAMPLE_READ);
    }
    sqlite3_str_appendf(sql, " FROM " ONLY_SCHEMA ".\"%w\" LIMIT %d", table->name, DATABASE_SAMPLE_ROWS);
    char *query = sqlite3_str_finish(sql);
    if (!query) {
        memory_exhausted();
    }
    return query;
}

static bool read_rows(sqlite3 *handle, const char *query, DatabaseSample *samples, size_t count)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(handle, query, -1, &statement, NULL);
    if (code == SQLITE_OK) {
        while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
            for (size_t i = 0; i < count; i++) {
                database_sample_take(&samples[i], (const char *)sqlite3_column_text(statement, (int)i));
            }
        }
    }
    sqlite3_finalize(statement);
    return code == SQLITE_DONE;
}

bool database_sqlite_read_samples(Database *database, const CatalogTable *table, DatabaseSample *samples,
                                  size_t count, Deadline deadline, Error *err)
{
    const SqliteFile *file = database->connection;
    SqliteWatch watch;
    Error why = {0};
    Deadline all = deadline_begin(deadline);
    Deadline own = deadline_in(DATABASE_SAMPLE_MS);
    char *query = sample_query(table, samples, count);
    sqlite_watch_start(&watch, file->handle, own < all ? own : all);
    /* one statement is a snapshot by itself, and the handle can't write */
    bool ok = read_rows(file->handle, query, samples, count);
    if (!ok) {
        sqlite_failed(&watch, file->path, &why);
    }
    if (!ok && why.kind == ERROR_TIMEOUT && deadline_left(all) > 0) {
        why.kind = ERROR_DATABASE; /* it was this table that took too long */
    }
    sqlite_watch_stop(&watch);
    sqlite3_free(query);
    if (!ok && err) {
        *err = why;
    }
    return ok;
}
