/* A documented database: the one whose tables and columns get descriptions. An ops struct with two
 * implementations, postgresql and sqlite, and one conformance suite (tests/store/test_database.c).
 *
 * SQLite has no COMMENT. There the descriptions live in a side table of the documented file,
 *   amx_comments(table_name, column_name, comment, updated_at)   -- column_name '' describes the table
 * made by the first apply, dropped by the rollback that empties it. */
#ifndef AMX_STORE_DATABASE_H
#define AMX_STORE_DATABASE_H

#include "catalog.h"
#include "clock.h"
#include "error.h"
#include "text.h"

typedef enum Backend { BACKEND_POSTGRESQL, BACKEND_SQLITE } Backend;
const char *backend_name(Backend backend); /* "postgresql", "sqlite" */
bool backend_parse(const char *name, Backend *out);

/* How to reach a database. Strings belong to the caller and must outlive the call. */
typedef struct DatabaseTarget {
    Backend backend;
    const char *conninfo; /* postgresql; "" = libpq's environment */
    const char *path;     /* sqlite */
} DatabaseTarget;

/* What a profile points to, whoever connects: "postgresql://host:port/database" or "sqlite:/absolute/path",
 * resolved as libpq resolves it, without user or password, without connecting. It is both what people see as
 * the target and what binds a session (guard 1). Owned by the caller. Errors: ERROR_CONFIG. */
bool database_fingerprint(const DatabaseTarget *target, char **out, Error *err);

/* The name that the server has for the database, resolved in the same way; NULL for a file. Owned by the
 * caller. Errors: ERROR_CONFIG. */
bool database_name(const DatabaseTarget *target, char **out, Error *err);

typedef struct Database Database;

/* Opens for reading and applying. A SQLite file that does not exist is ERROR_CONNECTION, never created.
 * Errors as pg_connect. After ERROR_TIMEOUT, ERROR_INTERRUPTED or ERROR_CONNECTION from any call on it, close
 * it. */
bool database_open(const DatabaseTarget *target, Deadline deadline, Database **out, Error *err);
void database_close(Database *database);

/* What part of the database is meant; NULL members mean all. System schemas are left out unless named;
 * partitions and the members of extensions are left out unless `table` names them. */
typedef struct DatabaseScope {
    const char *schema;
    const char *table;
    const char *column;
    const char *partitions; /* a JSON array of [schema, table]: reads these partitions, too, and those that
                               have a comment of their own */
} DatabaseScope;

/* Reads the catalog of a scope with a fixed number of queries however many tables there are, in one read-only
 * REPEATABLE READ snapshot. `column` does not narrow the reading. Tables that foreign keys of the scope point
 * to but that lie outside it are not read. *out is owned by the caller (catalog_free). ERROR_NOT_FOUND when
 * the scope names a schema or table that is not there; a schema without tables is. */
bool database_read_catalog(Database *database, const DatabaseScope *scope, Deadline deadline, Catalog **out,
                           Error *err);

#define DATABASE_SAMPLES 3 /* values of one column, at most */
#define DATABASE_SAMPLE_CHARACTERS 40

/* Values that rows of a table hold in a column. The column and `refuses` are the caller's, the rest is
 * released by database_sample_free. */
typedef struct DatabaseSample {
    const CatalogColumn *column;
    /* A value that is to be passed over for the next; it hears of more of it than is kept. NULL: none is. */
    bool (*refuses)(const char *value);
    char *values[DATABASE_SAMPLES]; /* distinct, none of them NULL; cut, and as text_visible shows them */
    size_t count;
} DatabaseSample;

/* Looks at the first rows of a table, in a read-only snapshot and for a few seconds at most, and keeps what
 * they hold in the columns of `samples`. Binary columns and values have no samples, nor has a view, whose
 * query would be run for them. Errors: ERROR_DATABASE (no right to read it, locked, too slow: others may
 * still be read), and as of every call ERROR_CONNECTION, ERROR_TIMEOUT and ERROR_INTERRUPTED. No samples are
 * left after a failure. */
bool database_read_samples(Database *database, const CatalogTable *table, DatabaseSample *samples,
                           size_t count, Deadline deadline, Error *err);
void database_sample_free(DatabaseSample *sample);

typedef enum CommentOutcome {
    COMMENT_PENDING,
    COMMENT_APPLIED,
    COMMENT_UNCHANGED, /* it said so already, whatever was expected */
    COMMENT_MISSING,   /* table or column is not there any more */
    COMMENT_CHANGED,   /* present text is not the expected one, or (see error) it is something else that is
                          described; left alone */
    COMMENT_HELD,      /* could be written, and was not, because others could not (all_or_nothing) */
    COMMENT_FAILED     /* the database refused this one, or it is too long; see error */
} CommentOutcome;
#define COMMENT_OUTCOMES (COMMENT_FAILED + 1)
/* Missing, changed or failed: what stands there is not what was to be written. */
bool comment_refused(CommentOutcome outcome);

/* One description to write. The caller owns the const strings; database_apply fills the rest, which
 * comment_change_free releases. */
typedef struct CommentChange {
    const char *schema;
    const char *table;
    const char *column;   /* NULL: the table itself */
    CatalogKind kind;     /* of the table: COMMENT ON VIEW is not COMMENT ON TABLE; set to what is found */
    const char *made_for; /* the column's type, or the table's kind (catalog_kind_name), that new_text was
                             made for: anything else is COMMENT_CHANGED; NULL: whatever is there */
    const char *new_text; /* NULL or "" removes the comment */
    const char
        *expected;      /* only looked at with only_expected: the text that must be there now, NULL = none */
    bool only_expected; /* leave alone (COMMENT_CHANGED) unless the present text is `expected` */
    bool orphaned;      /* also a text that is kept for what is gone, as a SQLite file keeps it */
    size_t most_bytes;  /* a longer new_text is COMMENT_FAILED; 0: any length */
    CommentOutcome outcome;
    char *old_text; /* text found there before, NULL = none */
    char *error;    /* of COMMENT_FAILED, and of COMMENT_CHANGED where it is not the text; else NULL */
} CommentChange;

typedef struct DatabaseApplyRules {
    bool all_or_nothing;      /* when one change is refused nothing is written: the others are COMMENT_HELD */
    int statement_timeout_ms; /* for one statement; 0: as long as the server allows. Not in SQLite */
} DatabaseApplyRules;

/* Writes the changes in one transaction: reads the present texts (a fixed number of queries), then one
 * COMMENT each, in batches, and each in its own savepoint where a batch was refused, so that one refusal does
 * not take the rest along. A table that others keep locked for 3 s, or for most of a shorter
 * statement_timeout_ms, is a refusal of what lies in it; a statement that takes too long is one, too. Applies
 * of several amxes to one database come one after the other, each seeing what the one before wrote; who waits
 * for longer than a minute gets ERROR_DATABASE. Returns false only when the transaction as a whole did not
 * happen: then nothing was written, unless it ended during the commit, which nobody can know
 * (database_apply_in_doubt). A refused change is no error, nor is holding back the rest for it. */
bool database_apply(Database *database, CommentChange *changes, size_t count, const DatabaseApplyRules *rules,
                    Deadline deadline, Error *err);
/* After a database_apply that failed: was the commit under way, so that the changes may be written or not? */
bool database_apply_in_doubt(const Database *database);
/* May one of these transactions (names from DatabaseCommitting, with commas between) still commit, though
 * nobody waits for it any more? Until it is over, what the database says does not tell how it ended. */
bool database_apply_under_way(Database *database, const char *transactions, Deadline deadline, bool *out,
                              Error *err);
void comment_change_free(CommentChange *change);

/* Told from inside database_apply: how many of its changes are done so far, as often as that moves. */
typedef void (*DatabaseApplied)(void *context, size_t done);
/* And right before the commit: the changes with the texts that were found inside the transaction, and the
 * transaction's name for database_apply_under_way, NULL where it ends with this process or wrote nothing.
 * False, with the error filled, lets the apply fail: nothing is written then. */
typedef bool (*DatabaseCommitting)(void *context, const CommentChange *changes, const char *transaction,
                                   Error *err);
/* Who is told. NULL: nobody wants to know (the default). */
void database_watch_apply(Database *database, DatabaseApplied applied, DatabaseCommitting committing,
                          void *context);

/* Reads the present comments of the changes' objects into old_text (and COMMENT_MISSING), writing nothing. */
bool database_read_comments(Database *database, CommentChange *changes, size_t count, Deadline deadline,
                            Error *err);

/* Appends the statement that database_apply would run for this change, with a final ";\n": for --dry-run and
 * exports. Identifiers and text quoted as the database wants it. */
bool database_comment_sql(Database *database, const CommentChange *change, Text *sql, Error *err);
/* The statement, without the final semicolon, that a script of such statements begins with: a copy of a
 * SQLite file may not have the side table yet. Static. */
const char *database_comment_preamble(const Database *database);

/* "PostgreSQL 15.18", "SQLite 3.40.1"; lives with the database. */
const char *database_version(const Database *database);

#endif
