/* For the store room only: the SQLite connection behind a Local. No query leaves the store. */
#ifndef AMX_STORE_LOCAL_SQLITE_H
#define AMX_STORE_LOCAL_SQLITE_H

#include "local.h"
#include "sqlite.h"

Sqlite *local_sqlite(Local *local);
/* SYNCED_VERSION, or of a file that is only read the lower one of the amx that wrote it. */
int local_schema_version(const Local *local);

#endif
