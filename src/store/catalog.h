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

/* What kind of type a column has. */
typedef enum CatalogTypeClass {
    CATALOG_TYPE_PLAIN,
    CATALOG_TYPE_ENUM,
    CATALOG_TYPE_DOMAIN,
    CATALOG_TYPE_ARRAY,
    CATALOG_TYPE_COMPOSITE,
    CATALOG_TYPE_RANGE /* multiranges too */
} CatalogTypeClass;

typedef struct CatalogCheck {
    char *name;
    char *expression;
    bool unproven;   /* NOT VALID, or of a foreign table: rows may break it */
    bool no_inherit; /* does not bind the tables that inherit from this one */
} CatalogCheck;

/* A domain: a type with a name, rules and a comment of its own. */
typedef struct CatalogDomain {
    char *name;      /* as CatalogColumn.type prints it: "sales.email" */
    char *base_type; /* what it is in the end, through domains over domains: "character varying(200)" */
    char *comment;   /* or NULL */
    bool not_null;
    bool lenient;         /* as of CatalogColumn, of what its checks compare */
    CatalogCheck *checks; /* its own and those of the domains it rests on */
    size_t check_count;
} CatalogDomain;

/* The column that a view's column shows unchanged: that of a table, or of a view that computes it (SQLite
 * tells only those of tables). */
typedef struct CatalogSource {
    char *schema;
    char *table;
    char *column;
} CatalogSource;

typedef struct CatalogColumn {
    char *name;
    char *type;                  /* as the database prints it: "character varying(64)" */
    const CatalogDomain *domain; /* of CATALOG_TYPE_DOMAIN, one of Catalog.domains; else NULL */
    char *default_value;         /* SQL text or NULL; in PostgreSQL the expression of a generated column */
    char *comment;               /* present comment or NULL */
    char **enum_labels;    /* of an enum type, a domain over one or an array of it, in order; NULL-ended, or
                              NULL */
    CatalogSource *source; /* of a view's column that passes a column on, through views of views, in the
                              catalog or not; NULL: computed, of a set operation, or no view */
    /* Planner statistics (pg_stats), when there are any. Values themselves are never kept. */
    const char *format;   /* format that all sampled values share: "email", "url", "uuid", "iso date",
                             "json", "ipv4", "phone", "currency code", or NULL; a static string */
    double null_fraction; /* 0..1 */
    double distinct;      /* number of distinct values; negative: minus the fraction of rows (as pg_stats) */
    double low;           /* of the sampled numbers of a number column */
    double high;
    bool has_statistics;
    bool has_range; /* low and high are known */
    bool inherited; /* the comment is that of the partitioned table; this partition has none */
    bool not_null;
    bool primary_key; /* part of the primary key */
    bool unique;      /* alone the key of a unique constraint or unique index */
    bool generated;   /* computed by an expression */
    bool lenient;     /* its collation takes texts for equal that differ: NOCASE, one not deterministic */
    bool identity;    /* numbered by the database: AS IDENTITY, serial, SQLite's INTEGER PRIMARY KEY */
    CatalogTypeClass type_class; /* PLAIN in SQLite */
    int number;                  /* the database's own; ascending, with gaps where columns were dropped */
} CatalogColumn;

typedef struct CatalogUnique { /* unique constraint or index; primary keys are not repeated here */
    char *name;
    char **columns; /* NULL-ended */
    bool one_null;  /* NULLS NOT DISTINCT: NULL counts as a value like any other */
} CatalogUnique;

typedef struct CatalogIndex { /* every index in use, also those behind primary keys and unique constraints */
    char *name;
    char **columns; /* plain columns of the key, in order; NULL-ended, or NULL when all are expressions */
    bool unique;
    bool primary;
    bool one_null;     /* as of CatalogUnique */
    char *expressions; /* SQL text of the others, "lower(email), (a + b)"; NULL: none, "": not told */
    char *predicate;   /* of a partial index, SQL text or "" as above; else NULL */
} CatalogIndex;

typedef struct CatalogTable {
    char *schema; /* "main" in SQLite */
    char *name;
    CatalogKind kind;
    char *comment;
    bool inherited;      /* the comment is that of the partitioned table; this partition has none */
    char *parent_schema; /* of a partition: the table it is a part of, the topmost one; else NULL */
    char *parent_table;
    char *definition; /* of a view, else NULL */
    double rows;      /* planner's estimate, -1 unknown */
    bool
        has_children; /* others inherit from it: a query shows their rows too, which none of its keys binds */
    CatalogColumn *columns;
    size_t column_count;
    CatalogCheck *checks;
    size_t check_count;
    CatalogUnique *uniques;
    size_t unique_count;
    CatalogIndex *indexes; /* by name */
    size_t index_count;
} CatalogTable;

typedef struct CatalogForeignKey {
    char *name;
    size_t table;   /* index into Catalog.tables: the referencing table */
    char **columns; /* NULL-ended */
    char *to_schema;
    char *to_table;
    char **to_columns; /* NULL-ended, same length */
    long target;       /* index into Catalog.tables of the referenced table, -1 when out of scope */
    bool unproven;     /* NOT VALID: rows of before it may lead nowhere */
} CatalogForeignKey;

typedef struct Catalog {
    CatalogTable *tables; /* sorted by schema and name, byte order */
    size_t table_count;
    CatalogForeignKey *foreign_keys; /* sorted by table, name */
    size_t foreign_key_count;
    CatalogDomain *domains; /* of the whole database, in no order to rely on */
    size_t domain_count;
    char **skipped;            /* objects that could not be read, "schema.name: why"; NULL-ended or NULL */
    char **without_statistics; /* likewise of objects that were read, but for their statistics */
    bool empty_schema;         /* there are no tables, and the scope names a schema that is there */
} Catalog;

void catalog_free(Catalog *catalog); /* NULL is allowed */
/* The index of a table, or -1. schema NULL finds the name in any schema (the first). */
long catalog_find_table(const Catalog *catalog, const char *schema, const char *name);
const CatalogColumn *catalog_find_column(const CatalogTable *table, const char *name);
const char *catalog_kind_name(CatalogKind kind); /* "table", "view", "materialized view", .. */
/* The kind of a name; CATALOG_TABLE for any other. */
CatalogKind catalog_kind_of(const char *name);

#endif
