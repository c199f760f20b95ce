#include "descriptions.h"

#include "local_sqlite.h"
#include "shared_ops.h"

/* The members of DescriptionRow, in their order. */
#define WIDTH 8
/* And those of DescriptionElsewhere behind them. */
#define WIDTH_ELSEWHERE (WIDTH + 2)
/* Of one name and type: enough to find a text that a draft does not say already. */
#define MOST_OF_A_NAME "8"

typedef struct Reading {
    DescriptionEach each;
    void *context;
} Reading;

static DescriptionRow row_of(const Value values[WIDTH])
{
    return (DescriptionRow){.schema = values[0].text,
                            .table = values[1].text,
                            .column = values[2].text,
                            .text = values[3].text,
                            .created_by = values[4].text,
                            .hostname = values[5].text,
                            .client_version = values[6].text,
                            .at = values[7].text};
}

static void take_row(void *context, const Value *values, int count)
{
    const Reading *reading = context;
    DescriptionRow row = row_of(values);
    (void)count;
    reading->each(reading->context, &row);
}

/* Gives what a query finds to `take`, `width` values a row. */
static bool read_rows(Local *local, const char *sql, const char *fingerprint, int width,
                      void (*take)(void *context, const Value *values, int count), void *context, Error *err)
{
    Sqlite *db = local_sqlite(local);
    sqlite_heed_interrupt(db, true);
    SqliteRows *rows = sqlite_query(db, err, sql, VALUES(value_text(fingerprint)));
    while (sqlite_next(rows)) {
        Value row[WIDTH_ELSEWHERE];
        for (int i = 0; i < width; i++) {
            row[i] = sqlite_value(rows, i);
        }
        take(context, row, width);
    }
    bool ok = sqlite_done(db, rows, err);
    sqlite_heed_interrupt(db, false);
    return ok;
}

static bool read_local(Local *local, const char *sql, const char *fingerprint, Reading *reading, Error *err)
{
    return read_rows(local, sql, fingerprint, WIDTH, take_row, reading, err);
}

/* Of a result: a rollback took its text back, and nobody decided on it since. */
#define ROLLED_BACK                                                                                          \
    "coalesce((SELECT e.kind = 'rollback' AND e.created_at >= a.evaluated_at FROM apply_events e "           \
    "WHERE e.result_id = a.local_id AND e.outcome IN ('applied', 'unchanged') AND e.deleted_at IS NULL "     \
    "ORDER BY e.local_id DESC LIMIT 1), 0)"

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
                      "AND t.chosen_text <> '') a WHERE place = 1 AND applied_at IS NULL "
                      "AND NOT " ROLLED_BACK,
                      fingerprint, &(Reading){each, context}, err);
}

/* Of the same text for the same object the newest. The same for both stores but for what stands in front of
 * tables and round times. */
static char *applied_statement(const char *prefix, const char *time_before, const char *time_after)
{
    Text sql = {0};
    text_addf(&sql,
              "SELECT schema_name, table_name, column_name, new_text, created_by, hostname, client_version, "
              "%screated_at%s FROM (SELECT s.schema_name, s.table_name, s.column_name, t.new_text, "
              "t.created_by, t.hostname, t.client_version, t.created_at, row_number() OVER (PARTITION BY "
              "s.schema_name, s.table_name, s.column_name, t.new_text "
              "ORDER BY t.created_at DESC, t.origin_id, t.local_id DESC) AS place FROM %sruns r "
              "JOIN %srun_results s ON s.origin_id = r.origin_id AND s.run_id = r.local_id "
              "JOIN %sapply_events t ON t.origin_id = s.origin_id AND t.result_id = s.local_id "
              "WHERE r.fingerprint = $1 AND t.kind = 'apply' AND t.outcome = 'applied' "
              "AND t.new_text <> '' AND r.deleted_at IS NULL AND s.deleted_at IS NULL "
              "AND t.deleted_at IS NULL",
              time_before, time_after, prefix, prefix, prefix);
    shared_add_hidden(&sql, prefix, &synced_tables[SYNCED_APPLY_EVENTS]);
    text_add(&sql, ") newest WHERE place = 1");
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

typedef struct ReadingElsewhere {
    DescriptionElsewhereEach each;
    void *context;
} ReadingElsewhere;

static void take_elsewhere(void *context, const Value *values, int count)
{
    const ReadingElsewhere *reading = context;
    (void)count;
    reading->each(reading->context, &(DescriptionElsewhere){.db_profile = values[WIDTH].text,
                                                            .data_type = values[WIDTH + 1].text,
                                                            .row = row_of(values)});
}

/* CROSS JOIN: from the runs, of which there are few, to what was edited of their results along
 * run_results_state. */
bool descriptions_elsewhere(Local *local, const char *fingerprint, DescriptionElsewhereEach each,
                            void *context, Error *err)
{
    return read_rows(
        local,
        "SELECT schema_name, table_name, column_name, chosen_text, created_by, hostname, "
        "client_version, evaluated_at, db_profile, data_type FROM (SELECT t.schema_name, "
        "t.table_name, t.column_name, t.chosen_text, t.created_by, t.hostname, t.client_version, "
        "t.evaluated_at, t.local_id, t.data_type, r.db_profile, "
        "row_number() OVER (PARTITION BY t.column_name IS NULL, "
        "coalesce(t.column_name, t.table_name), t.data_type "
        "ORDER BY t.evaluated_at DESC, t.local_id DESC) AS place "
        "FROM runs r CROSS JOIN run_results t ON t.run_id = r.local_id "
        "WHERE r.fingerprint <> $1 AND t.evaluation = 'edited' "
        "AND t.chosen_text <> '' AND r.deleted_at IS NULL AND t.deleted_at IS NULL) "
        "WHERE place <= " MOST_OF_A_NAME " ORDER BY evaluated_at DESC, local_id DESC",
        fingerprint, WIDTH_ELSEWHERE, take_elsewhere, &(ReadingElsewhere){each, context}, err);
}
