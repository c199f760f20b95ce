#include "record.h"

#include <stdlib.h>
#include <string.h>

#include "local_sqlite.h"
#include "memory.h"
#include "text.h"

#define MAX_VALUES 16

static void add_condition(Text *sql, Value *values, int *count, const char *condition, Value value)
{
    values[(*count)++] = value;
    text_addf(sql, " AND %s $%d", condition, *count);
}

static void add_match(Text *sql, Value *values, int *count, const char *column, const char *value)
{
    char *condition = text_format("%s %s", column, value ? "=" : "IS");
    add_condition(sql, values, count, condition, value_text(value));
    free(condition);
}

bool record_list(Local *local, const SyncedTable *table, const RecordFilter *filter, RecordEach each,
                 void *context, Error *err)
{
    Value values[MAX_VALUES];
    int count = 0;
    Text sql = {0};
    bool newest_first = table->parent == SYNCED_NO_PARENT || synced_id(table) == SYNCED_APPLY_EVENTS;
    for (size_t i = 0; i < synced_width(table); i++) {
        text_addf(&sql, "%s%s", i ? ", " : "SELECT ", synced_column(table, i)->name);
    }
    text_addf(&sql, " FROM %s WHERE true", table->name);
    if (filter->who) {
        add_condition(&sql, values, &count, "created_by =", value_text(filter->who));
    }
    if (filter->host) {
        add_condition(&sql, values, &count, "hostname =", value_text(filter->host));
    }
    if (filter->since) {
        add_condition(&sql, values, &count, "created_at >=", value_text(filter->since));
    }
    if (filter->local_id) {
        add_condition(&sql, values, &count, "local_id =", value_int(filter->local_id));
    }
    if (filter->parent) {
        char *condition = text_format("%s =", table->parent_column);
        add_condition(&sql, values, &count, condition, value_int(filter->parent));
        free(condition);
    }
    for (size_t i = 0; i < 4 && filter->match[i].column; i++) {
        add_match(&sql, values, &count, filter->match[i].column, filter->match[i].value);
    }
    if (filter->after) {
        add_condition(&sql, values, &count, newest_first ? "local_id <" : "local_id >",
                      value_int(filter->after));
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
    char *sql = text_format("SELECT r.local_only, b.state, d.row_version = r.row_version FROM %s r "
                            "JOIN origin o LEFT JOIN outbox b ON b.store_id = o.store_id AND b.tbl = '%s' "
                            "AND b.local_id = r.local_id LEFT JOIN delivered d ON d.store_id = o.store_id "
                            "AND d.tbl = '%s' AND d.local_id = r.local_id WHERE r.local_id = $1",
                            table->name, table->name, table->name);
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
