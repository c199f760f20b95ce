/* What a documented database consists of, as far as drafting, searching and reviewing need it.
 * Filled by database_read_catalog, plain data, no connection behind it. */
#ifndef AMX_STORE_CATALOG_H
#define AMX_STORE_CATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum CatalogKind {
    CATALOG_TABLE,
    CATALOG_PARTITIONED,
    CATALOG_VIEW,
    CATALOG_MATERIALIZED_VIEW,
    CATALOG_FOREIGN_TABLE
} CatalogKind;

typedef struct CatalogColumn {
    char *name;
    char *type; /* as the database prints it: "character varying(64)" */
    bool not_null;
    bool primary_key;    /* part of the primary key */
    bool unique;         /* alone the key of a unique constraint or unique index */
    bool generated;      /* computed by an expression */
    bool identity;       /* numbered by the database: AS IDENTITY, serial, SQLite's INTEGER PRIMARY KEY */
    char *default_value; /* SQL text or NULL */
    char *comment;       /* present comment or NULL */
    char **enum_labels;  /* of an enum type, in order; NULL-ended, or NULL */
    /* Planner statistics (pg_stats), when there are any. Values themselves are never kept. */
    bool has_statistics;
    double null_fraction; /* 0..1 */
    double distinct;      /* number of distinct values; negative: minus the fraction of rows (as pg_stats) */
    const char *format;   /* format that all sampled values share: "email", "url", "uuid", "iso date",
                             "json", "ipv4", or NULL; a static string */
} CatalogColumn;

typedef struct CatalogCheck {
    char *name;
    char *expression;
} CatalogCheck;

typedef struct CatalogUnique { /* unique constraint or index; primary keys are not repeated here */
    char *name;
    char **columns; /* NULL-ended */
} CatalogUnique;

typedef struct CatalogTable {
    char *schema; /* "main" in SQLite */
    char *name;
    CatalogKind kind;
    char *comment;
    char *definition; /* of a view, else NULL */
    double rows;      /* planner's estimate, -1 unknown */
    CatalogColumn *columns;
    size_t column_count;
    CatalogCheck *checks;
    size_t check_count;
    CatalogUnique *uniques;
    size_t unique_count;
} CatalogTable;

typedef struct CatalogForeignKey {
    char *name;
    size_t table;   /* index into Catalog.tables: the referencing table */
    char **columns; /* NULL-ended */
    char *to_schema;
    char *to_table;
    char **to_columns; /* NULL-ended, same length */
    long target;       /* index into Catalog.tables of the referenced table, -1 when out of scope */
} CatalogForeignKey;

typedef struct Catalog {
    CatalogTable *tables; /* sorted by schema and name, byte order */
    size_t table_count;
    CatalogForeignKey *foreign_keys; /* sorted by table, name */
    size_t foreign_key_count;
    char **skipped; /* objects that could not be read, "schema.name: why"; NULL-ended or NULL */
} Catalog;

void catalog_free(Catalog *catalog); /* NULL is allowed */
/* The index of a table, or -1. schema NULL finds the name in any schema (the first). */
long catalog_find_table(const Catalog *catalog, const char *schema, const char *name);
const CatalogColumn *catalog_find_column(const CatalogTable *table, const char *name);
const char *catalog_kind_name(CatalogKind kind); /* "table", "view", "materialized view", .. */

#endif
