/* Between the files that read a PostgreSQL catalog: database_pg_catalog.c, database_pg_statistics.c,
 * database_pg_types.c and database_pg_views.c. Every query but the first works on the set of relations that
 * the first one found: it takes their oids as $1. */
#ifndef AMX_STORE_DATABASE_PG_READING_H
#define AMX_STORE_DATABASE_PG_READING_H

#include "catalog_build.h"
#include "clock.h"
#include "pg.h"
#include "text.h"

typedef unsigned PgOid;

/* Where a relation stands in Catalog.tables. */
typedef struct PgPlace {
    PgOid oid;
    size_t table;
} PgPlace;

/* A domain or an enum. */
typedef struct PgType {
    PgOid oid;
    PgOid base;   /* of a domain: what it rests on, of an array its element; else 0 */
    long domain;  /* index into Catalog.domains, -1 for an enum */
    char *labels; /* of an enum: JSON array */
} PgType;

typedef struct PgReading {
    Pg *pg;
    Deadline deadline;
    Catalog *catalog;
    PgPlace *places; /* by oid */
    size_t place_count;
    size_t last;   /* the place that was found last: rows come in the order of oids */
    char *oids;    /* the same as an array literal */
    PgType *types; /* by oid */
    size_t type_count;
    bool views; /* are there any? */
    bool partitions;
} PgReading;

#define PG_READING_SCOPE "unnest($1::oid[]) s (oid)" /* the relations that are read */

/* The collations that take texts for equal that differ; by way of JSON, as servers before 12 have no
 * collisdeterministic. */
#define PG_READING_LENIENT                                                                                   \
    "(SELECT l.oid FROM pg_collation l WHERE to_jsonb(l) @> '{\"collisdeterministic\": false}')"

/* Runs a query whose $1 is the oids of the relations that are read. */
bool pg_reading_query(const PgReading *reading, const char *sql, PgRows **rows, Error *err);

/* Runs one whose rows begin with the oid of their table, and hands them over with that table. */
typedef void PgTakeRow(PgReading *reading, CatalogTable *table, const PgRows *rows, int row);
bool pg_reading_details(PgReading *reading, const char *sql, PgTakeRow *take, Error *err);

PgOid pg_reading_oid(const PgRows *rows, int row, int column); /* NULL gives 0 */
/* The table of an oid, NULL when it is none of those that are read. */
CatalogTable *pg_reading_table(PgReading *reading, PgOid oid);

/* A JSON array of strings as a NULL-ended list; NULL for NULL. */
char **pg_reading_names(const char *json);

/* Reads all enums and domains, these into Catalog.domains. */
bool pg_reading_types(PgReading *reading, Error *err);
/* Reads the checks of the domains that are read already. */
bool pg_reading_domain_checks(PgReading *reading, Error *err);
void pg_reading_types_free(PgReading *reading);
/* What a column has of its type: class, domain, labels, and what a domain adds to NOT NULL. `core` is the
 * type, of an array its element; `kind` and `category` are its typtype and typcategory. */
void pg_reading_set_type(const PgReading *reading, CatalogColumn *column, PgOid core, char kind,
                         char category);

/* Reads what was sampled of the columns' values. */
bool pg_reading_statistics(PgReading *reading, Error *err);

/* Reads which column each column of a view passes on, into CatalogColumn.source. */
bool pg_reading_sources(PgReading *reading, Error *err);

#endif
