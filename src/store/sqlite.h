/* SQLite with errors for people: opening, statements that are prepared once, rows.
 * Used by the local store and by the sqlite shared store. One thread at a time. */
#ifndef AMX_STORE_SQLITE_H
#define AMX_STORE_SQLITE_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "text.h"
#include "value.h"

typedef struct Sqlite Sqlite;
typedef struct sqlite3_stmt SqliteRows; /* a running query */

typedef enum SqliteMode { SQLITE_MODE_CREATE, SQLITE_MODE_WRITE, SQLITE_MODE_READ } SqliteMode;

/* Opens a file with synchronous=FULL, foreign keys on, and a busy timeout. `kind` is the error kind of
 * everything that goes wrong with it: ERROR_LOCAL, or ERROR_DATABASE for a shared store. *out is owned by the
 * caller. */
bool sqlite_open(const char *path, SqliteMode mode, int busy_timeout_ms, ErrorKind kind, Sqlite **out,
                 Error *err);
void sqlite_close(Sqlite *db); /* rolls back what is open; NULL is allowed */

/* Runs one statement that returns nothing of interest; `$1` or `?1` number the values. */
bool sqlite_run(Sqlite *db, Error *err, const char *sql, const Value *values, int count);
/* Appends "($1, $2), ($3, $4)": the places of the values of so many rows. One INSERT of many rows takes half
 * the time of many INSERTs; SQLITE_ROWS of them are enough for that. */
#define SQLITE_ROWS 20
void sqlite_add_places(Text *sql, int rows, int columns);
/* Writes the values of the row of this number, in the order of the columns. They are borrowed. */
typedef void SqliteRowValues(const void *rows, size_t row, Value *out);
/* Adds rows, so many to a statement; `insert` is "INSERT INTO table(its columns) VALUES ". */
bool sqlite_insert_rows(Sqlite *db, Error *err, const char *insert, int columns, SqliteRowValues *values_of,
                        const void *rows, size_t count);
/* Runs a script without values. */
bool sqlite_script(Sqlite *db, const char *sql, Error *err);
int64_t sqlite_changes(Sqlite *db); /* rows changed by the last statement, triggers not counted */
int64_t sqlite_last_id(Sqlite *db);

/* A state of the file: two that are equal, taken by one connection, mean that nobody
 * changed a row in between (https://sqlite.org/pragma.html#pragma_data_version). */
typedef struct SqliteSeen {
    int64_t ours;   /* rows changed by this connection so far */
    int64_t others; /* moves when another connection commits */
} SqliteSeen;
bool sqlite_seen(Sqlite *db, SqliteSeen *out, Error *err);

/* While this is on, a query that runs long ends with ERROR_INTERRUPTED soon after interrupt_requested. Off at
 * first: a write that has begun is finished. */
void sqlite_heed_interrupt(Sqlite *db, bool heed);

/* How far a long statement is: the SQL function SQLITE_STEP(row's column) is true and counts its calls since
 * sqlite_tell_steps; now and then `told` hears the count. What is registered lasts until the next call. */
#define SQLITE_STEP "amx_step"
typedef void (*SqliteTold)(void *context, int64_t steps);
bool sqlite_tell_steps(Sqlite *db, SqliteTold told, void *context, Error *err);

/* Starts a query. The statement is kept for the next time; finish the rows before running the same text
 * again. NULL on error. */
SqliteRows *sqlite_query(Sqlite *db, Error *err, const char *sql, const Value *values, int count);
/* The next row: true; false at the end or on an error, which is told apart by sqlite_done. */
bool sqlite_next(SqliteRows *rows);
/* Ends a query; false when it ended with an error. NULL is allowed (and false). */
bool sqlite_done(Sqlite *db, SqliteRows *rows, Error *err);

int64_t sqlite_int(SqliteRows *rows, int column);
double sqlite_real(SqliteRows *rows, int column);
const char *sqlite_text(SqliteRows *rows, int column); /* NULL for NULL; lives until the next row */
bool sqlite_is_null(SqliteRows *rows, int column);
int sqlite_columns(SqliteRows *rows);
/* The field as it is stored, text borrowed until the next row. A blob comes as text. */
Value sqlite_value(SqliteRows *rows, int column);

/* The first field of the first row as a number, or `fallback` when there is none. */
bool sqlite_number(Sqlite *db, Error *err, int64_t fallback, int64_t *out, const char *sql,
                   const Value *values, int count);
/* The first field of the first row as a new string, NULL when there is none. */
bool sqlite_string(Sqlite *db, Error *err, char **out, const char *sql, const Value *values, int count);

/* Counted transactions: only the outermost begin and commit reach SQLite. A rollback undoes all levels. */
bool sqlite_begin(Sqlite *db, Error *err);  /* BEGIN IMMEDIATE */
bool sqlite_commit(Sqlite *db, Error *err); /* rolls back when it fails */
void sqlite_rollback(Sqlite *db);
bool sqlite_in_transaction(Sqlite *db);

/* Fills `err` from what SQLite last said, with the nearest SQLSTATE (23503 foreign key, 23502, 23514, 54000,
 * 42501 read-only, 42P01 no such table, 42703 no such column, 53100 disk full, 55P03 locked) and a hint.
 * Returns false. */
bool sqlite_error(Sqlite *db, Error *err);

#endif
