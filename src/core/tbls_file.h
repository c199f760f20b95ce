/* Which tables the `comments` of a .tbls.yml are about, found the way tbls finds them: "schema.table" in
 * PostgreSQL, where a name without a schema is one of public; the bare name in SQLite. */
#ifndef AMX_CORE_TBLS_FILE_H
#define AMX_CORE_TBLS_FILE_H

#include "catalog.h"
#include "database.h"
#include "yml.h"

typedef struct TblsTable {
    char *schema;
    char *name;
    YmlNode *node;
} TblsTable;

/* By schema and name in byte order, then as they stand in the file. */
typedef struct TblsTables {
    TblsTable *items;
    size_t count;
    size_t capacity;
} TblsTables;

/* The name that tbls knows a table by. Owned by the caller. */
char *tbls_name(Backend backend, const char *schema, const char *name);

/* The catalog tells which dot of a name stands between schema and table. */
void tbls_tables_read(const YmlNode *root, Backend backend, const Catalog *catalog, TblsTables *out);
void tbls_tables_free(TblsTables *tables);
/* The entry of a table; of several the last, because that is the one that counts. NULL: none. */
YmlNode *tbls_tables_find(const TblsTables *tables, const char *schema, const char *name);

#endif
