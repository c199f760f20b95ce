#include "record.h"

#include <stdlib.h>
#include <string.h>

#include "local_sqlite.h"
#include "schema_local.h"
#include "memory.h"
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

static void add_condition(Text *sql, Value *values, int *count, const char *column, const char *compare,
                          Value value)
{
    values[(*count)++] = value;
    text_addf(sql, " AND t.%s %s $%d", column, compare, *count);
}

void record_add_filter(Text *sql, Value values[RECORD_VALUES], int *count, const RecordFilter *filter,
                       const SyncedTable *table)
{
    if (filter->who) {
        add_condition(sql, values, count, "created_by", "=", value_text(filter->who));
    }
    if (filter->host) {
        add_condition(sql, values, count, "hostname", "=", value_text(filter->host));
    }
    if (filter->since) {
        /* the time that orders the listing ends it, too: no older row is read */
        const char *time = record_time_column(table);
        add_condition(sql, values, count, time ? time : "created_at", ">=", value_text(filter->since));
    }
    if (filter->origin) {
        add_condition(sql, values, count, "origin_id", "=", value_text(filter->origin));
    }
    if (filter->local_id) {
        add_condition(sql, values, count, "local_id", "=", value_int(filter->local_id));
    }
    if (filter->parent) {
        add_condition(sql, values, count, table->parent_column, "=", value_int(filter->parent));
    }
    for (size_t i = 0; i < sizeof filter->match / sizeof *filter->match && filter->match[i].column; i++) {
        if (filter->match[i].value) {
            add_condition(sql, values, count, filter->match[i].column, "=",
                          value_text(filter->match[i].value));
        } else {
            text_addf(sql, " AND t.%s IS NULL", filter->match[i].column);
        }
    }
}

bool record_list(Local *local, const SyncedTable *table, const RecordFilter *filter, RecordEach each,
                 void *context, Error *err)
{
    Value values[RECORD_VALUES];
    int count = 0;
    Text sql = {0};
    bool newest_first = record_time_column(table) != NULL;
    for (size_t i = 0; i < synced_width(table); i++) {
        text_addf(&sql, "%s%s", i ? ", " : "SELECT ", synced_column(table, i)->name);
    }
    text_addf(&sql, " FROM %s t WHERE true", table->name);
    record_add_filter(&sql, values, &count, filter, table);
    if (filter->after) {
        add_condition(&sql, values, &count, "local_id", newest_first ? "<" : ">", value_int(filter->after));
    }
    text_addf(&sql, " ORDER BY local_id%s", newest_first ? " DESC" : "");
    if (filter->limit > 0) {
        text_addf(&sql, " LIMIT %d", filter->limit);
    }
    Value *row = memory_zero(synced_width(table), sizeof *row);
    Sqlite *db = local_sqlite(local);
    SqliteRows *rows = sqlite_query(db, err, text_string(&sql), values, count);
    while (sqlite_next(rows)) {
        for (size_t i = 0; i < synced_width(table); i++) {
            row[i] = sqlite_value(rows, (int)i);
        }
        each(context, table, row);
    }
    bool ok = sqlite_done(db, rows, err);
    free(row);
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

static const Value *find(const SyncedTable *table, const Value *values, const char *column)
{
    for (size_t i = 0; i < synced_width(table); i++) {
        if (strcmp(synced_column(table, i)->name, column) == 0) {
            return &values[i];
        }
    }
    return NULL;
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
