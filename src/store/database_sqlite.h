/* Between database_sqlite.c, database_sqlite_catalog.c, database_sqlite_samples.c and sqlite_ddl.c. */
#ifndef AMX_STORE_DATABASE_SQLITE_H
#define AMX_STORE_DATABASE_SQLITE_H

#include <sqlite3.h>

#include "database_ops.h"

/* The side table that stands in for COMMENT; it is never listed as a table. */
#define COMMENTS_TABLE "amx_comments"
/* The one schema that is documented: attached files are not part of the profile. */
#define ONLY_SCHEMA "main"

typedef struct SqliteFile {
    sqlite3 *handle; /* read-only */
    char *path;      /* absolute */
} SqliteFile;

/* Lets the deadline and the interrupt flag stop what runs on the handle, waiting for locks included. */
typedef struct SqliteWatch {
    sqlite3 *handle;
    Deadline deadline;
} SqliteWatch;
void sqlite_watch_start(SqliteWatch *watch, sqlite3 *handle, Deadline deadline);
void sqlite_watch_stop(SqliteWatch *watch);

/* Fills the error from the handle's last one, as what the watch did when it stopped it. Returns false. */
bool sqlite_failed(const SqliteWatch *watch, const char *path, Error *err);

/* Is there a table of this name? False when that could not be read. */
bool sqlite_find_table(sqlite3 *handle, const char *name, bool *found);
/* The same, where what can't be read counts as not there. */
bool sqlite_has_table(sqlite3 *handle, const char *name);

bool database_sqlite_read_catalog(Database *database, const DatabaseScope *scope, Deadline deadline,
                                  Catalog *catalog, Error *err);

bool database_sqlite_read_samples(Database *database, const CatalogTable *table, DatabaseSample *samples,
                                  size_t count, Deadline deadline, Error *err);

/* Finds the CHECK constraints in the text of a CREATE TABLE statement, which is the only place where SQLite
 * keeps them. Calls `found` with each name (NULL when it has none) and expression; the strings live for the
 * call. */
void sqlite_ddl_checks(const char *create_table,
                       void (*found)(void *context, const char *name, const char *check), void *context);

/* Finds in the text of a CREATE INDEX statement what nothing else tells: the expressions of its key, joined
 * by
 * ", ", and what a partial index is limited to. New strings, or NULL. */
void sqlite_ddl_index(const char *create_index, char **expressions, char **predicate);

#endif
