#include "descriptions.h"

#include "local_sqlite.h"
#include "shared_ops.h"

/* The members of DescriptionRow, in their order. */
#define WIDTH 8

typedef struct Reading {
    DescriptionEach each;
    void *context;
} Reading;

static void take_row(void *context, const Value *values, int count)
{
    const Reading *reading = context;
    (void)count;
    reading->each(reading->context, &(DescriptionRow){.schema = values[0].text,
                                                      .table = values[1].text,
                                                      .column = values[2].text,
                                                      .text = values[3].text,
                                                      .created_by = values[4].text,
                                                      .hostname = values[5].text,
                                                      .client_version = values[6].text,
                                                      .at = values[7].text});
}

static bool read_local(Local *local, const char *sql, const char *fingerprint, Reading *reading, Error *err)
{
    Sqlite *db = local_sqlite(local);
    sqlite_heed_interrupt(db, true);
    SqliteRows *rows = sqlite_query(db, err, sql, VALUES(value_text(fingerprint)));
    while (sqlite_next(rows)) {
        Value row[WIDTH];
        for (int i = 0; i < WIDTH; i++) {
            row[i] = sqlite_value(rows, i);
        }
        take_row(reading, row, WIDTH);
    }
    bool ok = sqlite_done(db, rows, err);
    sqlite_heed_interrupt(db, false);
    return ok;
}

bool descriptions_accepted(Local *local, const char *fingerprint, DescriptionEach each, void *context,
                           Error *err)
{
    return read_local(local,
                      "SELECT schema_name, table_name, column_name, chosen_text, created_by, hostname, "
                      "client_version, evaluated_at FROM (SELECT t.*, row_number() OVER (PARTITION BY "
                      "t.schema_name, t.table_name, t.column_name "
                      "ORDER BY t.evaluated_at DESC, t.local_id DESC) AS place "
                      "FROM run_results t JOIN runs r ON r.local_id = t.run_id "
                      "WHERE r.fingerprint = $1 AND t.evaluation IN ('accepted', 'edited') "
                      "AND t.chosen_text <> '') WHERE place = 1 AND applied_at IS NULL",
                      fingerprint, &(Reading){each, context}, err);
}

/* The same for both stores but for what stands in front of tables and round times. */
static char *applied_statement(const char *prefix, const char *time_before, const char *time_after)
{
    Text sql = {0};
    text_addf(&sql,
              "SELECT s.schema_name, s.table_name, s.column_name, t.new_text, t.created_by, t.hostname, "
              "t.client_version, %st.created_at%s FROM %sruns r "
              "JOIN %srun_results s ON s.origin_id = r.origin_id AND s.run_id = r.local_id "
              "JOIN %sapply_events t ON t.origin_id = s.origin_id AND t.result_id = s.local_id "
              "WHERE r.fingerprint = $1 AND t.kind = 'apply' AND t.outcome = 'applied' "
              "AND t.new_text <> '' AND r.deleted_at IS NULL AND s.deleted_at IS NULL "
              "AND t.deleted_at IS NULL",
              time_before, time_after, prefix, prefix, prefix);
    shared_add_hidden(&sql, prefix, &synced_tables[SYNCED_APPLY_EVENTS]);
    return text_take(&sql);
}

bool descriptions_applied(Local *local, const char *fingerprint, DescriptionEach each, void *context,
                          Error *err)
{
    char *sql = applied_statement("", "", "");
    bool ok = read_local(local, sql, fingerprint, &(Reading){each, context}, err);
    free(sql);
    return ok;
}

bool descriptions_applied_shared(Shared *shared, const char *fingerprint, Deadline deadline,
                                 DescriptionEach each, void *context, Error *err)
{
    Reading reading = {each, context};
    char *sql =
        applied_statement(text_string(&shared->prefix), shared->ops->time_before, shared->ops->time_after);
    bool ok = shared->ops->query(shared->connection, sql, VALUES(value_text(fingerprint)), deadline, take_row,
                                 &reading, NULL, err);
    free(sql);
    return ok;
}
