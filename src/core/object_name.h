/* Names of tables and columns as people write them: sales.customer.name, "odd.name".x */
#ifndef AMX_CORE_OBJECT_NAME_H
#define AMX_CORE_OBJECT_NAME_H

#include <stdbool.h>

#include "catalog.h"
#include "error.h"

/* One to three parts joined by dots; a part that is no plain lower-case word is quoted as SQL does. NULL
 * parts are left out. Owned by the caller. */
char *object_name(const char *schema, const char *table, const char *column);

/* A scope: what of a catalog is meant. Members are NULL for "all of it" and owned by the caller
 * (object_scope_free). */
typedef struct ObjectScope {
    char *parts[3];
    int count;
} ObjectScope;
/* Splits at dots outside double quotes. NULL or "" gives no parts. ERROR_USAGE for more than three parts, an
 * empty one, or an open quote. */
bool object_scope_parse(const char *text, ObjectScope *out, Error *err);
void object_scope_free(ObjectScope *scope);

/* Does the scope cover this table, or this column of it (column NULL: the table itself)? One part means a
 * schema, or else a table; two mean schema.table, or else table.column; three mean schema.table.column. */
typedef struct ObjectMatch {
    const char *schema;
    const char *table;
    const char *column;
} ObjectMatch;
/* Finds out which reading of the scope the catalog knows. ERROR_NOT_FOUND names what is not there. */
bool object_scope_resolve(const ObjectScope *scope, const Catalog *catalog, ObjectMatch *out, Error *err);
bool object_matches(const ObjectMatch *match, const CatalogTable *table, const CatalogColumn *column);

#endif
