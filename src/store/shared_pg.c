/* The shared store in a schema of a PostgreSQL database. Everything works through a transaction pooler:
 * unnamed statements, no session state. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "pg.h"
#include "pg_array.h"
#include "shared_ops.h"

struct SharedConnection {
    Pg *pg;
};

static bool shared_pg_open(const DatabaseTarget *target, Deadline deadline, SharedConnection **out,
                           Error *err)
{
    Pg *pg = NULL;
    if (!pg_connect(target->conninfo, deadline, &pg, err)) {
        return false;
    }
    SharedConnection *connection = memory_zero(1, sizeof *connection);
    connection->pg = pg;
    *out = connection;
    return true;
}

static void shared_pg_close(SharedConnection *connection)
{
    if (connection) {
        pg_close(connection->pg);
        free(connection);
    }
}

static const char *shared_pg_target(const SharedConnection *connection)
{
    return pg_target(connection->pg);
}

static bool shared_pg_prefix(SharedConnection *connection, const char *schema, Text *out, Error *err)
{
    if (!pg_add_identifier(connection->pg, out, schema, err)) {
        return false;
    }
    text_add_char(out, '.');
    return true;
}

#define NUMBER_SIZE 40

/* Numbers travel as text; the server infers their type. */
static PgParam *make_params(const Value *values, int count, char (**numbers)[NUMBER_SIZE])
{
    PgParam *params = memory_zero((size_t)count, sizeof *params);
    *numbers = memory_zero((size_t)count, NUMBER_SIZE);
    for (int i = 0; i < count; i++) {
        switch (values[i].type) {
        case VALUE_NULL:
            break;
        case VALUE_INT:
            snprintf((*numbers)[i], NUMBER_SIZE, "%lld", (long long)values[i].integer);
            params[i].data = (*numbers)[i];
            break;
        case VALUE_REAL:
            snprintf((*numbers)[i], NUMBER_SIZE, "%.17g", values[i].real);
            params[i].data = (*numbers)[i];
            break;
        case VALUE_TEXT:
            params[i].data = values[i].text;
            break;
        }
    }
    return params;
}

static void give_rows(PgRows *rows, SharedRow each, void *context)
{
    int columns = pg_rows_columns(rows);
    Value *values = memory_zero((size_t)columns, sizeof *values);
    for (int r = 0; r < pg_rows_count(rows); r++) {
        for (int c = 0; c < columns; c++) {
            values[c] = value_text(pg_rows_text(rows, r, c));
        }
        each(context, values, columns);
    }
    free(values);
}

static bool shared_pg_query(SharedConnection *connection, const char *sql, const Value *values, int count,
                            Deadline deadline, SharedRow each, void *context, int64_t *affected, Error *err)
{
    char(*numbers)[NUMBER_SIZE];
    PgParam *params = make_params(values, count, &numbers);
    PgRows *rows = NULL;
    bool ok = pg_query(connection->pg, sql, count, params, deadline, &rows, err);
    if (ok && affected) {
        *affected = pg_rows_affected(rows);
    }
    if (ok && each) {
        give_rows(rows, each, context);
    }
    pg_rows_free(rows);
    free(params);
    free(numbers);
    return ok;
}

/* Statement by statement, each a transaction of its own: several bootstraps at once wait for one another, but
 * hold no lock while they do, so they can't deadlock. */
static bool shared_pg_script(SharedConnection *connection, const char *sql, Deadline deadline, Error *err)
{
    bool ok = true;
    while (ok && *sql) {
        const char *end = strstr(sql, ";\n");
        size_t length = end ? (size_t)(end - sql) : strlen(sql);
        char *statement = memory_string_n(sql, length);
        ok = pg_query(connection->pg, statement, 0, NULL, deadline, NULL, err);
        free(statement);
        sql += length + (end ? 2 : 0);
    }
    return ok;
}

static PgArrayType array_type(SyncedType type)
{
    return type == SYNCED_INT ? PG_ARRAY_INT8 : type == SYNCED_REAL ? PG_ARRAY_FLOAT8 : PG_ARRAY_TEXT;
}

static const char *const element_types[] = {
    [PG_ARRAY_INT8] = "bigint[]", [PG_ARRAY_FLOAT8] = "float8[]", [PG_ARRAY_TEXT] = "text[]"};

static const char *cast_of(SyncedType type)
{
    return type == SYNCED_TIME ? "::timestamptz" : type == SYNCED_JSON ? "::jsonb" : "";
}

static void fill_array(Text *array, SyncedType type, OutboxRow *const *rows, size_t count, size_t column)
{
    pg_array_begin(array, array_type(type), count);
    for (size_t r = 0; r < count; r++) {
        const Value *value = &rows[r]->values[column];
        if (value->type == VALUE_NULL) {
            pg_array_null(array);
        } else if (array_type(type) == PG_ARRAY_INT8) {
            pg_array_int8(array, value->integer);
        } else if (array_type(type) == PG_ARRAY_FLOAT8) {
            pg_array_float8(array, value->type == VALUE_INT ? (double)value->integer : value->real);
        } else if (value->type == VALUE_TEXT) {
            pg_array_text(array, value->text, value->length);
        } else {
            /* a raw writer left a number where text belongs; SQLite's affinity makes this rare */
            char number[NUMBER_SIZE];
            int length = value->type == VALUE_INT
                             ? snprintf(number, sizeof number, "%lld", (long long)value->integer)
                             : snprintf(number, sizeof number, "%.17g", value->real);
            pg_array_text(array, number, (size_t)length);
        }
    }
}

/* Runs a bulk statement whose parameters are `before`, then one array for each of `columns`. */
static bool run_bulk(SharedConnection *connection, const char *sql, const PgParam *before,
                     size_t before_count, const SyncedTable *table, const size_t *columns,
                     size_t column_count, OutboxRow *const *rows, size_t count, Deadline deadline,
                     PgRows **out, Error *err)
{
    Text *arrays = memory_zero(column_count, sizeof *arrays);
    PgParam *params = memory_zero(before_count + column_count, sizeof *params);
    for (size_t i = 0; i < before_count; i++) {
        params[i] = before[i];
    }
    for (size_t i = 0; i < column_count; i++) {
        SyncedType type = synced_column(table, columns[i])->type;
        fill_array(&arrays[i], type, rows, count, columns[i]);
        params[before_count + i] = pg_array_param(&arrays[i], array_type(type));
    }
    bool ok = pg_query(connection->pg, sql, (int)(before_count + column_count), params, deadline, out, err);
    for (size_t i = 0; i < column_count; i++) {
        text_free(&arrays[i]);
    }
    free(arrays);
    free(params);
    return ok;
}

/* "unnest($1::bigint[], ..) AS u(c1, ..)" over the columns, the first parameter being number `first`. */
static void add_unnest(Text *sql, const SyncedTable *table, const size_t *columns, size_t count, size_t first)
{
    for (size_t i = 0; i < count; i++) {
        text_addf(sql, "%s$%zu::%s", i ? ", " : "unnest(", i + first,
                  element_types[array_type(synced_column(table, columns[i])->type)]);
    }
    for (size_t i = 0; i < count; i++) {
        text_addf(sql, "%s%s", i ? ", " : ") AS u(", synced_column(table, columns[i])->name);
    }
    text_add(sql, ")");
}

/* The columns that are written, and their names with commas between. */
static size_t written_columns(const SyncedTable *table, size_t *columns, Text *names)
{
    size_t used = 0;
    for (size_t i = 0; i < synced_width(table); i++) {
        if (shared_is_written(i)) {
            text_addf(names, "%s%s", used ? ", " : "", synced_column(table, i)->name);
            columns[used++] = i;
        }
    }
    return used;
}

static void add_upsert(Text *sql, const char *prefix, const SyncedTable *table, const size_t *columns,
                       size_t used, const char *names, size_t first, const char *where)
{
    text_addf(sql, "INSERT INTO %s%s AS t (%s) SELECT ", prefix, table->name, names);
    for (size_t i = 0; i < used; i++) {
        const SyncedColumn *column = synced_column(table, columns[i]);
        text_addf(sql, "%su.%s%s", i ? ", " : "", column->name, cast_of(column->type));
    }
    text_add(sql, " FROM ");
    add_unnest(sql, table, columns, used, first);
    text_addf(sql, "%s ON CONFLICT (origin_id, local_id) DO UPDATE SET ", where);
    shared_add_assignments(sql, table);
    text_add(sql, " WHERE t.row_version < excluded.row_version");
}

static bool shared_pg_write(SharedConnection *connection, const char *prefix, const SyncedTable *table,
                            OutboxRow *const *rows, size_t count, Deadline deadline, Error *err)
{
    size_t *columns = memory_zero(synced_width(table), sizeof *columns);
    Text names = {0};
    Text sql = {0};
    size_t used = written_columns(table, columns, &names);
    add_upsert(&sql, prefix, table, columns, used, text_string(&names), 1, "");
    bool ok = run_bulk(connection, text_string(&sql), NULL, 0, table, columns, used, rows, count, deadline,
                       NULL, err);
    free(columns);
    text_free(&names);
    text_free(&sql);
    return ok;
}

/* A WITH that writes runs to its end whether or not it is asked for, and sees the tables as they were before
 * the statement; only what it returns goes from one to the other
 * (https://www.postgresql.org/docs/15/queries-with.html). So the rows wait for the claim. */
static bool shared_pg_write_claiming(SharedConnection *connection, const char *prefix, const char *claim,
                                     const Value *values, int value_count, const SyncedTable *table,
                                     OutboxRow *const *rows, size_t count, Deadline deadline, bool *claimed,
                                     Error *err)
{
    size_t *columns = memory_zero(synced_width(table), sizeof *columns);
    char(*numbers)[NUMBER_SIZE];
    PgParam *before = make_params(values, value_count, &numbers);
    Text names = {0};
    Text sql = {0};
    PgRows *answer = NULL;
    size_t used = written_columns(table, columns, &names);
    text_addf(&sql, "WITH claim AS (%s RETURNING 1), sent AS (", claim);
    add_upsert(&sql, prefix, table, columns, used, text_string(&names), (size_t)value_count + 1,
               " WHERE EXISTS (SELECT 1 FROM claim)");
    text_add(&sql, ") SELECT count(*) FROM claim");
    bool ok = run_bulk(connection, text_string(&sql), before, (size_t)value_count, table, columns, used, rows,
                       count, deadline, &answer, err);
    *claimed = ok && pg_rows_int(answer, 0, 0) == 1;
    pg_rows_free(answer);
    free(before);
    free(numbers);
    free(columns);
    text_free(&names);
    text_free(&sql);
    return ok;
}

/* --- COPY --- */

#define PIECE_BYTES 65536

typedef struct CopyRows {
    const size_t *columns;
    size_t column_count;
    OutboxRow *const *rows;
    size_t count;
    size_t next;
} CopyRows;

/* The text format of COPY: only these four have a meaning in it
 * (https://www.postgresql.org/docs/15/sql-copy.html). */
static void add_copy_text(Text *piece, const char *text)
{
    for (;;) {
        size_t plain = strcspn(text, "\\\t\n\r");
        text_add_n(piece, text, plain);
        text += plain;
        switch (*text++) {
        case '\0':
            return;
        case '\t':
            text_add(piece, "\\t");
            break;
        case '\n':
            text_add(piece, "\\n");
            break;
        case '\r':
            text_add(piece, "\\r");
            break;
        default:
            text_add(piece, "\\\\");
        }
    }
}

static void add_copy_value(Text *piece, const Value *value)
{
    switch (value->type) {
    case VALUE_NULL:
        text_add(piece, "\\N");
        break;
    case VALUE_INT:
        text_addf(piece, "%lld", (long long)value->integer);
        break;
    case VALUE_REAL:
        text_addf(piece, "%.17g", value->real);
        break;
    case VALUE_TEXT:
        add_copy_text(piece, value->text);
        break;
    }
}

static bool next_piece(void *context, Text *piece)
{
    CopyRows *copy = context;
    bool any = copy->next < copy->count;
    while (copy->next < copy->count && piece->length < PIECE_BYTES) {
        const OutboxRow *row = copy->rows[copy->next++];
        for (size_t i = 0; i < copy->column_count; i++) {
            add_copy_value(piece, &row->values[copy->columns[i]]);
            text_add_char(piece, i + 1 < copy->column_count ? '\t' : '\n');
        }
    }
    return any;
}

static bool shared_pg_append(SharedConnection *connection, const char *prefix, const SyncedTable *table,
                             OutboxRow *const *rows, size_t count, Deadline deadline, Error *err)
{
    size_t *columns = memory_zero(synced_width(table), sizeof *columns);
    Text names = {0};
    CopyRows copy = {.columns = columns, .rows = rows, .count = count};
    copy.column_count = written_columns(table, columns, &names);
    char *sql = text_format("COPY %s%s (%s) FROM STDIN", prefix, table->name, text_string(&names));
    bool ok = pg_copy_in(connection->pg, sql, next_piece, &copy, deadline, err);
    free(sql);
    text_free(&names);
    free(columns);
    return ok;
}

static bool shared_pg_erase(SharedConnection *connection, const char *prefix, const SyncedTable *table,
                            OutboxRow *const *rows, size_t count, Deadline deadline, Error *err)
{
    static const size_t columns[] = {SYNCED_ORIGIN_ID,  SYNCED_LOCAL_ID,       SYNCED_CREATED_BY,
                                     SYNCED_HOSTNAME,   SYNCED_CLIENT_VERSION, SYNCED_DELETED_AT,
                                     SYNCED_ROW_VERSION};
    size_t used = sizeof columns / sizeof *columns;
    Text sql = {0};
    text_addf(&sql, "UPDATE %s%s AS t SET ", prefix, table->name);
    shared_add_emptied(&sql, table);
    text_add(&sql, ", created_by = u.created_by, hostname = u.hostname, client_version = u.client_version, "
                   "updated_at = u.deleted_at::timestamptz, deleted_at = u.deleted_at::timestamptz, "
                   "row_version = u.row_version FROM ");
    add_unnest(&sql, table, columns, used, 1);
    text_add(
        &sql,
        " WHERE t.origin_id = u.origin_id AND t.local_id = u.local_id AND t.row_version < u.row_version");
    bool ok = run_bulk(connection, text_string(&sql), NULL, 0, table, columns, used, rows, count, deadline,
                       NULL, err);
    text_free(&sql);
    return ok;
}

const SharedOps shared_pg_ops = {
    .backend = BACKEND_POSTGRESQL,
    .open = shared_pg_open,
    .close = shared_pg_close,
    .target = shared_pg_target,
    .prefix = shared_pg_prefix,
    .query = shared_pg_query,
    .script = shared_pg_script,
    .begin = "BEGIN",
    .begin_reading = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    .like = "ILIKE",
    .time_before = "to_char(",
    .time_after = " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')",
    .write = shared_pg_write,
    .append = shared_pg_append,
    .write_claiming = shared_pg_write_claiming,
    .erase = shared_pg_erase,
};
