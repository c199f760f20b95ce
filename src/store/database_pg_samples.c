/* Reading a few values of the rows of a PostgreSQL table. */
#include "database_pg.h"

#include "pg.h"

enum { LOCK_MS = 1000, ROLLBACK_MS = 2000 };

/* Who waits for the server's own limit learns that it was too slow, and may go on with the connection. */
static int statement_ms(Deadline deadline)
{
    int left = deadline_left(deadline);
    int most = left - left / 4;
    return most <= 0 ? 1 : most < DATABASE_SAMPLE_MS ? most : DATABASE_SAMPLE_MS;
}

static bool begin(Pg *pg, Deadline deadline, Error *err)
{
    char *script = text_format("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL search_path TO "
                               "pg_catalog; SET LOCAL lock_timeout = %d; SET LOCAL statement_timeout = %d",
                               LOCK_MS, statement_ms(deadline));
    bool ok = pg_script(pg, script, deadline, err);
    free(script);
    return ok;
}

static bool add_query(Pg *pg, Text *sql, const CatalogTable *table, const DatabaseSample *samples,
                      size_t count, Error *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++) {
        text_add(sql, i == 0 ? "SELECT pg_catalog.left((" : ", pg_catalog.left((");
        ok = pg_add_identifier(pg, sql, samples[i].column->name, err);
        text_addf(sql, ")::pg_catalog.text, %d)", DATABASE_SAMPLE_READ);
    }
    text_add(sql, " FROM ");
    ok = ok && pg_add_identifier(pg, sql, table->schema, err);
    text_add(sql, ".");
    ok = ok && pg_add_identifier(pg, sql, table->name, err);
    text_addf(sql, " LIMIT %d", DATABASE_SAMPLE_ROWS);
    return ok;
}

static void take_rows(const PgRows *rows, DatabaseSample *samples, size_t count)
{
    for (int row = 0; row < pg_rows_count(rows); row++) {
        for (size_t i = 0; i < count; i++) {
            database_sample_take(&samples[i], pg_rows_text(rows, row, (int)i));
        }
    }
}

bool database_pg_read_samples(Database *database, const CatalogTable *table, DatabaseSample *samples,
                              size_t count, Deadline deadline, Error *err)
{
    Pg *pg = database->connection;
    Text sql = {0};
    PgRows *rows = NULL;
    bool ok = add_query(pg, &sql, table, samples, count, err);
    if (ok) {
        ok = begin(pg, deadline, err) && pg_query(pg, text_string(&sql), 0, NULL, deadline, &rows, err);
        if (ok) {
            take_rows(rows, samples, count);
        }
        /* other tables follow on this connection, also when the time for this one is over */
        ok = pg_roll_back(pg, deadline_in(ROLLBACK_MS), ok ? err : NULL) && ok;
    }
    pg_rows_free(rows);
    text_free(&sql);
    return ok;
}
