/* The DDL of the shared schema, made from the declaration in synced.h. It uses only what distributed
 * PostgreSQLs have too: no SERIAL, no sequence, no temporary table, every key and reference begins with
 * origin_id. */
#ifndef AMX_STORE_SCHEMA_SHARED_H
#define AMX_STORE_SCHEMA_SHARED_H

#include "database.h"
#include "synced.h"
#include "text.h"

/* Appends idempotent statements, each ended by a semicolon and a newline, that make the schema or take an
 * older one to SYNCED_VERSION. Each stands by itself: it may be a transaction of its own, for databases whose
 * DDL is not transactional, and so that several at once do not deadlock. The row in `store`, which says that
 * the schema is complete, comes last: a bootstrap that was cut off is simply run again. `prefix` is written
 * in front of table names: the quoted schema and a dot, "" in a SQLite file. */
void schema_shared_script(Text *sql, Backend backend, const char *prefix, bool with_schema);

/* The same with words for the database administrator who runs it by hand, and the rights the team needs. */
void schema_shared_document(Text *sql, Backend backend, const char *schema, const char *plain_schema);

/* Appends the statement that adds a column to a table of an older version. The scripts above hold those for
 * PostgreSQL; SQLite knows no IF NOT EXISTS there, so whoever runs the script looks first. */
void schema_shared_add_column(Text *sql, Backend backend, const char *prefix, const SyncedTable *table,
                              const SyncedColumn *column);

#endif
