#include "record.h"

#include <stdlib.h>
#include <string.h>

#include "local_sqlite.h"
#include "memory.h"
#include "record_sql.h"
#include "schema_local.h"
#include "text.h"

const char *record_time_column(const SyncedTable *table)
{
    switch (synced_id(table)) {
    case SYNCED_RUNS:
        return "started";
    case SYNCED_SESSIONS:
        return "last_active";
    case SYNCED_APPLY_EVENTS:
    case SYNCED_APP_EVENTS:
        return "created_at";
    default: /* rows under a parent come in the order they were written */
        return NULL;
    }
}

const char *record_derived(const SyncedTable *table)
{
    switch (synced_id(table)) {
    case SYNCED_SESSIONS:
        return RECORD_TURNS;
    case SYNCED_RUNS:
        return RECORD_STATE;
    default:
        return NULL;
    }
}

static bool is_derived(const SyncedTable *table, const char *column)
{
    return text_equal(record_derived(table), column);
}

size_t record_width(const SyncedTable *table)
{
    return synced_width(table) + (record_derived(table) ? 2 : 1);
}

static const Value *find(const SyncedTable *table, const Value *values, const char *column)
{
    for (size_t i = 0; i < synced_width(table); i++) {
        if (strcmp(synced_column(table, i)->name, column) == 0) {
            return &values[i];
        }
    }
    return is_derived(table, column) ? &values[synced_width(table)] : NULL;
}

/* Derived from the result's own columns. */
static bool is_of_result(const SyncedTable *table, const char *column)
{
    return synced_id(table) == SYNCED_RUN_RESULTS &&
           (strcmp(column, RECORD_OBJECT) == 0 || strcmp(column, RECORD_LEVEL) == 0);
}

bool record_can_sort(const SyncedTable *table, const char *column)
{
    for (size_t i = 0; i < synced_width(table); i++) {
        if (strcmp(synced_column(table, i)->name, column) == 0) {
            return true;
        }
    }
    return strcmp(column, RECORD_WHO) == 0 || is_derived(table, column) || is_of_result(table, column);
}

SyncedType record_sort_type(const SyncedTable *table, const char *column)
{
    for (size_t i = 0; i < synced_width(table); i++) {
        if (strcmp(synced_column(table, i)->name, column) == 0) {
            return synced_column(table, i)->type;
        }
    }
    return strcmp(column, RECORD_TURNS) == 0   ? SYNCED_INT
           : strcmp(column, RECORD_LEVEL) == 0 ? SYNCED_REAL
                                               : SYNCED_TEXT;
}

static const RecordDialect local_dialect = {
    .prefix = "", .like = "LIKE", .time_before = "", .time_after = ""};

/* A file of an older amx that is only read lacks columns: nothing stands in them. */
static void add_source(Text *sql, const Local *local, const SyncedTable *table)
{
    text_add(sql, "(SELECT *");
    for (size_t i = 0; i < table->column_count; i++) {
        if (table->columns[i].since > local_schema_version(local)) {
            text_addf(sql, ", NULL AS %s", table->columns[i].name);
        }
    }
    text_addf(sql, " FROM %s) t WHERE true", table->name);
}

static void add_from(Text *sql, const Local *local, const SyncedTable *table)
{
    text_add(sql, " FROM ");
    if (local_schema_version(local) < SYNCED_VERSION) {
        add_source(sql, local, table);
    } else {
        text_addf(sql, "%s t WHERE true", table->name);
    }
}

static bool read_rows(Local *local, const SyncedTable *table, const char *sql, const Value *values, int count,
                      RecordEach each, void *context, Error *err)
{
    size_t width = record_width(table);
    Value *row = memory_zero(width, sizeof *row);
    Sqlite *db = local_sqlite(local);
    SqliteRows *rows = sqlite_query(db, err, sql, values, count);
    while (sqlite_next(rows)) {
        for (size_t i = 0; i < width; i++) {
            row[i] = sqlite_value(rows, (int)i);
        }
        each(context, table, row);
    }
    free(row);
    return sqlite_done(db, rows, err);
}

bool record_list(Local *local, const SyncedTable *table, const RecordFilter *filter, RecordEach each,
                 void *context, Error *err)
{
    Value values[RECORD_VALUES];
    int count = 0;
    char *pattern;
    Text sql = {0};
    text_add(&sql, "SELECT ");
    record_add_columns(&sql, &local_dialect, table, filter);
    add_from(&sql, local, table);
    record_add_filter(&sql, values, &count, &local_dialect, table, filter, &pattern);
    record_add_page(&sql, values, &count, &local_dialect, table, filter);
    sqlite_heed_interrupt(local_sqlite(local), filter->interruptible);
    bool ok = read_rows(local, table, text_string(&sql), values, count, each, context, err);
    sqlite_heed_interrupt(local_sqlite(local), false);
    free(pattern);
    text_free(&sql);
    return ok;
}

bool record_total(Local *local, const SyncedTable *table, const RecordFilter *filter, int64_t most,
                  int64_t *out, Error *err)
{
    Value values[RECORD_VALUES];
    int count = 0;
    char *pattern;
    Text sql = {0};
    text_add(&sql, "SELECT count(*) FROM (SELECT 1");
    add_from(&sql, local, table);
    record_add_filter(&sql, values, &count, &local_dialect, table, filter, &pattern);
    values[count++] = value_int(most);
    text_addf(&sql, " LIMIT $%d)", count);
    sqlite_heed_interrupt(local_sqlite(local), filter->interruptible);
    bool ok = sqlite_number(local_sqlite(local), err, 0, out, text_string(&sql), values, count);
    sqlite_heed_interrupt(local_sqlite(local), false);
    free(pattern);
    text_free(&sql);
    return ok;
}

bool record_sharing(Local *local, const SyncedTable *table, int64_t local_id, RecordSharing *out, Error *err)
{
    Sqlite *db = local_sqlite(local);
    Text only = {0};
    schema_local_only(&only, table, "r");
    char *sql = text_format("SELECT %s, b.state, d.row_version = r.row_version FROM %s r "
                            "JOIN origin o LEFT JOIN outbox b ON b.store_id = o.store_id AND b.tbl = '%s' "
                            "AND b.local_id = r.local_id LEFT JOIN delivered d ON d.store_id = o.store_id "
                            "AND d.tbl = '%s' AND d.local_id = r.local_id WHERE r.local_id = $1",
                            text_string(&only), table->name, table->name, table->name);
    SqliteRows *rows = sqlite_query(db, err, sql, VALUES(value_int(local_id)));
    *out = RECORD_LOCAL_ONLY;
    if (sqlite_next(rows) && sqlite_is_null(rows, 0)) {
        const char *state = sqlite_text(rows, 1);
        if (!state) {
            *out = sqlite_int(rows, 2) ? RECORD_SHARED : RECORD_LOCAL_ONLY;
        } else {
            *out = strcmp(state, "parked") == 0    ? RECORD_PARKED
                   : strcmp(state, "dropped") == 0 ? RECORD_DROPPED
                                                   : RECORD_QUEUED;
        }
    }
    bool ok = sqlite_done(db, rows, err);
    text_free(&only);
    free(sql);
    return ok;
}

const char *record_sharing_name(RecordSharing sharing)
{
    static const char *const names[] = {"shared", "queued", "parked", "dropped", "local only"};
    return names[sharing];
}

const char *record_text(const SyncedTable *table, const Value *values, const char *column)
{
    const Value *value = find(table, values, column);
    return value && value->type == VALUE_TEXT ? value->text : NULL;
}

int64_t record_int(const SyncedTable *table, const Value *values, const char *column)
{
    const Value *value = find(table, values, column);
    if (!value || value->type == VALUE_NULL) {
        return 0;
    }
    return value->type == VALUE_TEXT ? strtoll(value->text, NULL, 10) : value->integer;
}

const char *record_result_state(const SyncedTable *table, const Value *values)
{
    const char *evaluation = record_text(table, values, "evaluation");
    return record_text(table, values, "apply_error")  ? "failed"
           : record_text(table, values, "applied_at") ? "applied"
           : evaluation                               ? evaluation
                                                      : "undecided";
}

double record_real(const SyncedTable *table, const Value *values, const char *column)
{
    const Value *value = find(table, values, column);
    if (!value || value->type == VALUE_NULL) {
        return 0;
    }
    return value->type == VALUE_TEXT  ? strtod(value->text, NULL)
           : value->type == VALUE_INT ? (double)value->integer
                                      : value->real;
}

/* The shared store gives every value as text. */
static Value typed(Value value, SyncedType type)
{
    if (value.type != VALUE_TEXT) {
        return value;
    }
    return type == SYNCED_INT    ? value_int(strtoll(value.text, NULL, 10))
           : type == SYNCED_REAL ? value_real(strtod(value.text, NULL))
                                 : value;
}

RecordKey record_key(const SyncedTable *table, const RecordFilter *filter, const Value *values)
{
    Value value = values[record_width(table) - 1];
    return (RecordKey){.value = filter->sort ? typed(value, record_sort_type(table, filter->sort)) : value,
                       .origin = record_text(table, values, "origin_id"),
                       .local_id = record_int(table, values, "local_id")};
}
