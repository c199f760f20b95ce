/* The DDL of the shared schema, made from the declaration in synced.h. It uses only what distributed
 * PostgreSQLs have too: no SERIAL, no sequence, no temporary table, every key and reference begins with
 * origin_id. */
#ifndef AMX_STORE_SCHEMA_SHARED_H
#define AMX_STORE_SCHEMA_SHARED_H

#include "database.h"
#include "text.h"

/* Appends idempotent statements that make the schema, or take an older one to SYNCED_VERSION. The row in
 * `store`, which says that the schema is complete, comes last: a bootstrap that was cut off is simply run
 * again. `schema` is the quoted schema name, NULL for a SQLite file. */
void schema_shared_script(Text *sql, Backend backend, const char *schema);

/* The same with words for the database administrator who runs it by hand, and the rights the team needs. */
void schema_shared_document(Text *sql, Backend backend, const char *schema, const char *plain_schema);

#endif
