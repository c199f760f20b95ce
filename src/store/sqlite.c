#include "sqlite.h"

#include <sqlite3.h>
#include <string.h>

#include "clock.h"
#include "memory.h"
#include "text.h"

#define WATCH_INSTRUCTIONS 1000 /* far less than a millisecond between two looks at the interrupt flag */

#define STEPS_TOLD 1000 /* some milliseconds */

typedef struct Prepared {
    const char *sql; /* the statement's own copy */
    sqlite3_stmt *statement;
    int *parameters; /* of $1, $2, ..: SQLite's index; 0 = not looked up yet */
    int parameter_count;
} Prepared;

struct Sqlite {
    sqlite3 *handle;
    char *path;
    ErrorKind kind;
    int depth; /* of nested begins */
    Prepared *prepared;
    size_t prepared_count;
    size_t prepared_capacity;
    SqliteTold told; /* hears how far a statement is */
    void *told_context;
    int64_t steps;
};

static const struct {
    int code; /* extended result code, or primary one with the low byte only */
    const char *sqlstate;
    const char *hint;
} failures[] = {
    {SQLITE_CONSTRAINT_FOREIGNKEY, "23503", NULL},
    {SQLITE_CONSTRAINT_NOTNULL, "23502", NULL},
    {SQLITE_CONSTRAINT_UNIQUE, "23505", NULL},
    {SQLITE_CONSTRAINT_PRIMARYKEY, "23505", NULL},
    {SQLITE_CONSTRAINT_DATATYPE, "22P02", NULL},
    {SQLITE_CONSTRAINT, "23514", NULL},
    {SQLITE_MISMATCH, "22P02", NULL},
    {SQLITE_TOOBIG, "54000", NULL},
    {SQLITE_READONLY, "42501", "make the file and its folder writable for you"},
    {SQLITE_PERM, "42501", "make the file and its folder readable and writable for you"},
    {SQLITE_AUTH, "42501", NULL},
    {SQLITE_NOMEM, "53200", "end other programs, or give this one more memory, then run the command again"},
    {SQLITE_FULL, "53100", "the disk is full: make room, then run the command again"},
    {SQLITE_IOERR, "58030",
     "the disk or file system reports an error: look at the system log before you go on"},
    {SQLITE_BUSY, "55P03", "another program holds the file locked: end it, or try again"},
    {SQLITE_LOCKED, "55P03", "another program holds the file locked: end it, or try again"},
    {SQLITE_CORRUPT, "XX001", "keep the file; restore a backup, or move it away to begin a new one"},
    {SQLITE_NOTADB, "XX001", "the file is no SQLite database: move it away, or name another one"},
    {SQLITE_CANTOPEN, "58030", "is the folder there, and may you write to it?"},
};

bool sqlite_error(Sqlite *db, Error *err)
{
    int code = sqlite3_extended_errcode(db->handle);
    const char *text = sqlite3_errmsg(db->handle);
    if (code == SQLITE_INTERRUPT) {
        return error_set(err, ERROR_INTERRUPTED, "interrupted while reading %s", db->path);
    }
    error_set(err, db->kind, "%s: %s", db->path, text);
    if (!err) {
        return false;
    }
    if (strstr(text, "no such table")) {
        text_copy(err->sqlstate, sizeof err->sqlstate, "42P01");
        return false;
    }
    if (strstr(text, "no such column")) {
        text_copy(err->sqlstate, sizeof err->sqlstate, "42703");
        return false;
    }
    for (size_t i = 0; i < sizeof failures / sizeof *failures; i++) {
        if (failures[i].code == code || failures[i].code == (code & 0xff)) {
            text_copy(err->sqlstate, sizeof err->sqlstate, failures[i].sqlstate);
            if (failures[i].hint) {
                error_hint(err, "%s", failures[i].hint);
            }
            break;
        }
    }
    return false;
}

bool sqlite_open(const char *path, SqliteMode mode, int busy_timeout_ms, ErrorKind kind, Sqlite **out,
                 Error *err)
{
    int flags = SQLITE_OPEN_NOMUTEX;
    flags |= mode == SQLITE_MODE_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    flags |= mode == SQLITE_MODE_CREATE ? SQLITE_OPEN_CREATE : 0;
    Sqlite *db = memory_zero(1, sizeof *db);
    db->path = memory_string(path);
    db->kind = kind;
    if (sqlite3_open_v2(path, &db->handle, flags, NULL) != SQLITE_OK) {
        sqlite_error(db, err);
        sqlite_close(db);
        return false;
    }
    sqlite3_extended_result_codes(db->handle, 1);
    sqlite3_busy_timeout(db->handle, busy_timeout_ms);
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
    if (!sqlite_script(db, "PRAGMA synchronous=FULL", err)) {
        sqlite_close(db);
        return false;
    }
    *out = db;
    return true;
}

void sqlite_close(Sqlite *db)
{
    if (!db) {
        return;
    }
    for (size_t i = 0; i < db->prepared_count; i++) {
        sqlite3_finalize(db->prepared[i].statement);
        free(db->prepared[i].parameters);
    }
    sqlite3_close_v2(db->handle);
    free(db->prepared);
    free(db->path);
    free(db);
}

static int look_up_parameter(sqlite3_stmt *statement, int number)
{
    char name[16];
    sqlite3_snprintf(sizeof name, name, "$%d", number);
    int index = sqlite3_bind_parameter_index(statement, name);
    return index ? index : number;
}

/* `$1` is a name to SQLite, numbered by its first appearance: portable SQL means what it says only when the
 * names are looked up. That is done once per statement. */
static int parameter_index(Prepared *prepared, int number)
{
    if (number > prepared->parameter_count) {
        return look_up_parameter(prepared->statement, number);
    }
    int *index = &prepared->parameters[number - 1];
    if (*index == 0) {
        *index = look_up_parameter(prepared->statement, number);
    }
    return *index;
}

/* Statements are few and fixed, so a short list beats a hash table; one that is used again and again stands
 * first. */
static Prepared *prepare(Sqlite *db, const char *sql, Error *err)
{
    for (size_t i = 0; i < db->prepared_count; i++) {
        if (strcmp(db->prepared[i].sql, sql) == 0 && !sqlite3_stmt_busy(db->prepared[i].statement)) {
            Prepared found = db->prepared[i];
            db->prepared[i] = db->prepared[i / 2];
            db->prepared[i / 2] = found;
            return &db->prepared[i / 2];
        }
    }
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) != SQLITE_OK) {
        sqlite_error(db, err);
        return NULL;
    }
    memory_grow((void **)&db->prepared, db->prepared_count, &db->prepared_capacity, sizeof *db->prepared);
    Prepared *prepared = &db->prepared[db->prepared_count++];
    int parameters = sqlite3_bind_parameter_count(statement);
    *prepared = (Prepared){.sql = sqlite3_sql(statement),
                           .statement = statement,
                           .parameters = memory_zero((size_t)parameters, sizeof *prepared->parameters),
                           .parameter_count = parameters};
    return prepared;
}

static int bind(sqlite3_stmt *statement, int index, const Value *value)
{
    switch (value->type) {
    case VALUE_NULL:
        return sqlite3_bind_null(statement, index);
    case VALUE_INT:
        return sqlite3_bind_int64(statement, index, value->integer);
    case VALUE_REAL:
        return sqlite3_bind_double(statement, index, value->real);
    case VALUE_TEXT:
        return sqlite3_bind_text64(statement, index, value->text, value->length, SQLITE_STATIC, SQLITE_UTF8);
    }
    return SQLITE_MISUSE; /* not reached: every type has its case (-Wswitch) */
}

static int must_stop(void *context)
{
    (void)context;
    return interrupt_requested();
}

void sqlite_heed_interrupt(Sqlite *db, bool heed)
{
    sqlite3_progress_handler(db->handle, WATCH_INSTRUCTIONS, heed ? must_stop : NULL, NULL);
}

static void take_step(sqlite3_context *context, int count, sqlite3_value **values)
{
    Sqlite *db = sqlite3_user_data(context);
    (void)count;
    (void)values;
    if (++db->steps % STEPS_TOLD == 0) {
        db->told(db->told_context, db->steps);
    }
    sqlite3_result_int(context, 1);
}

bool sqlite_tell_steps(Sqlite *db, SqliteTold told, void *context, Error *err)
{
    if (!db->told && sqlite3_create_function(db->handle, SQLITE_STEP, 1, SQLITE_UTF8, db, take_step, NULL,
                                             NULL) != SQLITE_OK) {
        return sqlite_error(db, err);
    }
    db->told = told;
    db->told_context = context;
    db->steps = 0;
    return true;
}

SqliteRows *sqlite_query(Sqlite *db, Error *err, const char *sql, const Value *values, int count)
{
    Prepared *prepared = prepare(db, sql, err);
    if (!prepared) {
        return NULL;
    }
    sqlite3_stmt *statement = prepared->statement; /* its bindings were cleared when it ended last */
    for (int i = 0; i < count; i++) {
        if (bind(statement, parameter_index(prepared, i + 1), &values[i]) != SQLITE_OK) {
            sqlite_error(db, err);
            sqlite3_clear_bindings(statement);
            return NULL;
        }
    }
    return statement;
}

bool sqlite_next(SqliteRows *rows)
{
    return rows && sqlite3_step(rows) == SQLITE_ROW;
}

bool sqlite_done(Sqlite *db, SqliteRows *rows, Error *err)
{
    if (!rows) {
        return false;
    }
    /* reset repeats the error of the last step, and leaves its message in place */
    bool failed = sqlite3_reset(rows) != SQLITE_OK;
    if (failed) {
        sqlite_error(db, err);
    }
    /* The values are borrowed: leave no pointer to them behind. */
    sqlite3_clear_bindings(rows);
    return !failed;
}

bool sqlite_run(Sqlite *db, Error *err, const char *sql, const Value *values, int count)
{
    SqliteRows *rows = sqlite_query(db, err, sql, values, count);
    while (sqlite_next(rows)) {
    }
    return sqlite_done(db, rows, err);
}

void sqlite_add_places(Text *sql, int rows, int columns)
{
    for (int i = 0; i < rows * columns; i++) {
        text_addf(sql, "%s$%d", i % columns ? ", " : i ? "), (" : "(", i + 1);
    }
    text_add(sql, ")");
}

static char *insert_sql(const char *insert, int rows, int columns)
{
    Text sql = {0};
    text_add(&sql, insert);
    sqlite_add_places(&sql, rows, columns);
    return text_take(&sql);
}

bool sqlite_insert_rows(Sqlite *db, Error *err, const char *insert, int columns, SqliteRowValues *values_of,
                        const void *rows, size_t count)
{
    size_t width = (size_t)columns;
    char *many = count >= SQLITE_ROWS ? insert_sql(insert, SQLITE_ROWS, columns) : NULL;
    char *one = insert_sql(insert, 1, columns);
    Value *values = memory_zero(SQLITE_ROWS * width, sizeof *values);
    bool ok = true;
    for (size_t row = 0, batch; ok && row < count; row += batch) {
        batch = count - row < SQLITE_ROWS ? 1 : SQLITE_ROWS;
        for (size_t i = 0; i < batch; i++) {
            values_of(rows, row + i, values + i * width);
        }
        ok = sqlite_run(db, err, batch == 1 ? one : many, values, (int)batch * columns);
    }
    free(values);
    free(one);
    free(many);
    return ok;
}

bool sqlite_script(Sqlite *db, const char *sql, Error *err)
{
    return sqlite3_exec(db->handle, sql, NULL, NULL, NULL) == SQLITE_OK || sqlite_error(db, err);
}

int64_t sqlite_changes(Sqlite *db)
{
    return sqlite3_changes64(db->handle);
}

bool sqlite_seen(Sqlite *db, SqliteSeen *out, Error *err)
{
    out->ours = sqlite3_total_changes64(db->handle);
    return sqlite_number(db, err, 0, &out->others, "PRAGMA data_version", NO_VALUES);
}

int64_t sqlite_last_id(Sqlite *db)
{
    return sqlite3_last_insert_rowid(db->handle);
}

int64_t sqlite_int(SqliteRows *rows, int column)
{
    return sqlite3_column_int64(rows, column);
}

double sqlite_real(SqliteRows *rows, int column)
{
    return sqlite3_column_double(rows, column);
}

const char *sqlite_text(SqliteRows *rows, int column)
{
    return (const char *)sqlite3_column_text(rows, column);
}

bool sqlite_is_null(SqliteRows *rows, int column)
{
    return sqlite3_column_type(rows, column) == SQLITE_NULL;
}

int sqlite_columns(SqliteRows *rows)
{
    return sqlite3_column_count(rows);
}

Value sqlite_value(SqliteRows *rows, int column)
{
    switch (sqlite3_column_type(rows, column)) {
    case SQLITE_NULL:
        return value_null();
    case SQLITE_INTEGER:
        return value_int(sqlite3_column_int64(rows, column));
    case SQLITE_FLOAT:
        return value_real(sqlite3_column_double(rows, column));
    default: { /* text; a blob, which only a raw writer leaves, is taken byte by byte */
        const char *text = (const char *)sqlite3_column_text(rows, column);
        return (Value){.type = VALUE_TEXT,
                       .text = text ? text : "",
                       .length = (size_t)sqlite3_column_bytes(rows, column)};
    }
    }
}

bool sqlite_number(Sqlite *db, Error *err, int64_t fallback, int64_t *out, const char *sql,
                   const Value *values, int count)
{
    SqliteRows *rows = sqlite_query(db, err, sql, values, count);
    *out = sqlite_next(rows) && !sqlite_is_null(rows, 0) ? sqlite_int(rows, 0) : fallback;
    return sqlite_done(db, rows, err);
}

bool sqlite_string(Sqlite *db, Error *err, char **out, const char *sql, const Value *values, int count)
{
    SqliteRows *rows = sqlite_query(db, err, sql, values, count);
    *out = sqlite_next(rows) ? memory_string(sqlite_text(rows, 0)) : NULL;
    return sqlite_done(db, rows, err);
}

bool sqlite_begin(Sqlite *db, Error *err)
{
    if (db->depth == 0 && !sqlite_run(db, err, "BEGIN IMMEDIATE", NO_VALUES)) {
        return false;
    }
    db->depth++;
    return true;
}

bool sqlite_commit(Sqlite *db, Error *err)
{
    if (db->depth > 1) {
        db->depth--;
        return true;
    }
    if (!sqlite_run(db, err, "COMMIT", NO_VALUES)) {
        sqlite_rollback(db);
        return false;
    }
    db->depth = 0;
    return true;
}

void sqlite_rollback(Sqlite *db)
{
    /* A full disk or an I/O error may have rolled back already. */
    if (!sqlite3_get_autocommit(db->handle)) {
        sqlite_run(db, NULL, "ROLLBACK", NO_VALUES);
    }
    db->depth = 0;
}

bool sqlite_in_transaction(Sqlite *db)
{
    return db->depth > 0;
}
