/* A database as large teams have them: for timing what reads all of it, or writes to all of it. */
#ifndef AMX_BENCH_FILL_CATALOG_H
#define AMX_BENCH_FILL_CATALOG_H

#include <libpq-fe.h>

enum { FILL_CATALOG_TABLES = 10000, FILL_CATALOG_COLUMNS = 40 };

/* Creates `tables` empty relations (at most FILL_CATALOG_TABLES) of `columns` columns each (4 to
 * FILL_CATALOG_COLUMNS), in schemas of a thousand: primary, foreign and unique keys, checks, defaults, enums,
 * a domain, indexes, some comments; every twentieth relation is a view. The same numbers give the same
 * database. Ends the program when the server refuses. */
void fill_catalog(PGconn *conn, int tables, int columns);

#endif
