/* The synced tables, declared once. From this declaration come the SQLite DDL and triggers (schema_local.c),
 * the shared DDL with a comment on every table and column (schema_shared.c), the upserts, and the JSON names.
 * A new column is one line in synced.c, with the schema version that brought it. */
#ifndef AMX_STORE_SYNCED_H
#define AMX_STORE_SYNCED_H

#include <stdbool.h>
#include <stddef.h>

/* Version of the local file and of the shared schema: the highest `since` in the declaration. */
#define SYNCED_VERSION 3

typedef enum SyncedType { SYNCED_INT, SYNCED_REAL, SYNCED_TEXT, SYNCED_TIME, SYNCED_JSON } SyncedType;

typedef struct SyncedColumn {
    const char *name;
    SyncedType type;
    bool required; /* NOT NULL where the row is written; content is emptied by a delete in the shared store */
    int since;
    const char *comment;
} SyncedColumn;

typedef enum SyncedTableId {
    SYNCED_RUNS,
    SYNCED_RUN_RESULTS,
    SYNCED_SESSIONS,
    SYNCED_SESSION_TURNS,
    SYNCED_APPLY_EVENTS,
    SYNCED_APP_EVENTS,
    SYNCED_TABLE_COUNT
} SyncedTableId;
#define SYNCED_NO_PARENT (-1)
#define SYNCED_DEPTH 3 /* runs <- run_results <- apply_events */

typedef struct SyncedTable {
    const char *name;
    const char *comment;
    int parent;                /* SyncedTableId or SYNCED_NO_PARENT */
    const char *parent_column; /* holds the parent's local_id; one of the columns */
    const SyncedColumn *columns;
    size_t column_count;
} SyncedTable;

/* Parents come before children. */
extern const SyncedTable synced_tables[SYNCED_TABLE_COUNT];

/* The columns every synced table begins with: origin_id, local_id, born_origin, created_by, hostname,
 * client_version, created_at, updated_at, row_version, deleted_at. */
enum {
    SYNCED_ORIGIN_ID,
    SYNCED_LOCAL_ID,
    SYNCED_BORN_ORIGIN,
    SYNCED_CREATED_BY,
    SYNCED_HOSTNAME,
    SYNCED_CLIENT_VERSION,
    SYNCED_CREATED_AT,
    SYNCED_UPDATED_AT,
    SYNCED_ROW_VERSION,
    SYNCED_DELETED_AT,
    SYNCED_COMMON_COUNT
};
extern const SyncedColumn synced_common[SYNCED_COMMON_COUNT];

/* Common columns and own columns as one sequence: 0 .. synced_width - 1. */
size_t synced_width(const SyncedTable *table);
const SyncedColumn *synced_column(const SyncedTable *table, size_t index);
/* The table with this name, or NULL. */
const SyncedTable *synced_find(const char *name);
int synced_id(const SyncedTable *table);

#endif
