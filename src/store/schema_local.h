/* The DDL of history.db, made from the declaration in synced.h. */
#ifndef AMX_STORE_SCHEMA_LOCAL_H
#define AMX_STORE_SCHEMA_LOCAL_H

#include "synced.h"
#include "text.h"

/* "AMX1" in the header of every history.db. */
#define SCHEMA_LOCAL_APPLICATION_ID 0x414d5831

/* Appends the statements that take a file from `version` (0: empty) to SYNCED_VERSION. Triggers are made
 * anew, because they name columns. To be run in one transaction. */
void schema_local_upgrade(Text *sql, int version);

/* The indexes that listings need, each IF NOT EXISTS: for a file that an earlier amx made. */
extern const char schema_local_indexes[];

/* Appends an expression: whether the row with this alias is shared (NULL), 'private', or 'off' (written while
 * sharing was off). That belongs to the family, so it is kept once, in the row at its head. */
void schema_local_only(Text *sql, const SyncedTable *table, const char *row);

/* Appends statements: dropped deletes come back under those deletes of `table` that `of`, a condition on
 * their local_id ("= 5"), chooses. Whatever queues a delete must run them: a delete is never sent before
 * those below it. */
void schema_local_undrop_below(Text *sql, const SyncedTable *table, const char *of);

#endif
