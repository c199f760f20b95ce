/* What dbt's properties files (schema.yml) say about sources, read the way dbt reads them.
 *
 * A source's schema is `schema`, else its name; a table's name in the database is `identifier`, else its
 * name. A source lies in another database when its `database` says so.
 *
 * dbt renders names and descriptions as Jinja. A text that only looks like Jinja is written so that it comes
 * out as it is: "{{" as {{ '{{' }}, likewise "{%" and "{#". What closes needs nothing. Read back, exactly
 * these become text again; any other Jinja (a doc() reference, a variable) is not a text that amx can know.
 */
#ifndef AMX_CORE_DBT_FILE_H
#define AMX_CORE_DBT_FILE_H

#include "yml.h"

/* A text as dbt has to read it. Owned by the caller. */
char *dbt_literal(const char *text);
/* The text that dbt makes of this; NULL when Jinja decides about it. NULL gives NULL. Owned by the caller. */
char *dbt_literal_read(const char *written);

/* Is this the source of another database than the one with this name (NULL: nobody knows that name)? Not
 * where Jinja decides: that is mostly how a file serves several. */
bool dbt_is_elsewhere(const YmlNode *source, const char *database);
/* A source, table or column: its name in the database, NULL when there is none or Jinja decides. Owned by the
 * caller. */
char *dbt_schema_of(const YmlNode *source);
char *dbt_table_of(const YmlNode *table);
char *dbt_column_of(const YmlNode *column);

typedef struct DbtTable {
    char *schema;
    char *name;
    YmlNode *node;
} DbtTable;

/* The tables of all sources but those of other databases, by schema and name in byte order, then as they
 * stand in the file. */
typedef struct DbtTables {
    DbtTable *items;
    size_t count;
    size_t capacity;
} DbtTables;

void dbt_tables_read(const YmlNode *root, const char *database, DbtTables *out);
void dbt_tables_free(DbtTables *tables);
/* The first of the entries for this table; `*count` of them follow each other. NULL when there is none. */
const DbtTable *dbt_tables_find(const DbtTables *tables, const char *schema, const char *name, size_t *count);

#endif
