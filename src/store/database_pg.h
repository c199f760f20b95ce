/* Between database_pg.c, database_pg_catalog.c and database_pg_samples.c. */
#ifndef AMX_STORE_DATABASE_PG_H
#define AMX_STORE_DATABASE_PG_H

#include "database_ops.h"

/* The kind for a pg_class.relkind. */
CatalogKind database_pg_kind(const char *relkind);

bool database_pg_read_catalog(Database *database, const DatabaseScope *scope, Deadline deadline,
                              Catalog *catalog, Error *err);
bool database_pg_read_samples(Database *database, const CatalogTable *table, DatabaseSample *samples,
                              size_t count, Deadline deadline, Error *err);

#endif
