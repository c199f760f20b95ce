/* For the store room only: the SQLite connection behind a Local. No query leaves the store. */
#ifndef AMX_STORE_LOCAL_SQLITE_H
#define AMX_STORE_LOCAL_SQLITE_H

#include "local.h"
#include "sqlite.h"

Sqlite *local_sqlite(Local *local);

#endif
