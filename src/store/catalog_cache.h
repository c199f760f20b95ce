/* The catalog of each profile as it was last read, kept in history.db and indexed for searching. Local only,
 * never synced; whatever is lost here is read again from the database. A profile is named by its fingerprint.
 * ERROR_LOCAL. */
#ifndef AMX_STORE_CATALOG_CACHE_H
#define AMX_STORE_CATALOG_CACHE_H

#include "catalog.h"
#include "clock.h"
#include "local.h"

/* Its younger tables, made when they are missing: files made by an earlier amx lack them. */
extern const char catalog_cache_tables[];

/* The words of a name, for the index: "tbl_cust_addr" gives "customer address". `type` is that of a column,
 * NULL for a table. Returns a new string. The store knows no dictionary; core lends it one. */
typedef char *(*CatalogWordsFunction)(const char *name, const char *type);

/* Replaces what is kept of a profile, in one transaction. Foreign keys are kept when both of their ends are
 * part of the catalog. */
bool catalog_cache_save(Local *local, const char *fingerprint, const Catalog *catalog,
                        CatalogWordsFunction words, Error *err);

/* When the catalog was read, "" when it never was, and how many seconds ago; negative when the clock was set
 * back since. */
bool catalog_cache_age(Local *local, const char *fingerprint, char taken_at[CLOCK_TEXT_SIZE],
                       int64_t *seconds, Error *err);

/* Has amx written comments to the database since its catalog was kept? */
bool catalog_cache_is_outdated(Local *local, const char *fingerprint, bool *out, Error *err);

/* What is kept, as a catalog: tables with kind, row estimate and comment, columns with type and comment, and
 * what could not be read; nothing else. Empty when nothing is kept. *out is owned by the caller
 * (catalog_free). */
bool catalog_cache_load(Local *local, const char *fingerprint, Catalog **out, Error *err);

/* Brings the descriptions up to date with the reviews: where the database has no comment, the text that a
 * person accepted last counts. Writes only what changed since the last time. */
bool catalog_cache_describe(Local *local, const char *fingerprint, Error *err);

/* A table or column. Strings live until the callback returns. */
typedef struct CatalogObject {
    const char *schema;
    const char *table;
    const char *column;      /* NULL: the table itself */
    const char *kind;        /* "table", "view", .., "column" */
    const char *type;        /* of a column, else NULL */
    const char *description; /* comment or accepted text, NULL when there is neither */
    bool accepted;           /* the description comes from a review, not from the database */
    const char *refers_to;   /* "table.column" a foreign key of the column points to, or NULL */
    double relevance;        /* of a search: higher is better; else 0 */
} CatalogObject;
typedef void (*CatalogObjectFunction)(void *context, const CatalogObject *object);

/* The objects that fit an FTS5 expression (search.h), best first: a name weighs more than a description. */
bool catalog_cache_search(Local *local, const char *fingerprint, const char *expression, int limit,
                          CatalogObjectFunction each, void *context, Error *err);
/* All objects (of a schema, of a table; NULL: any), by schema, table (itself first) and column. */
bool catalog_cache_list(Local *local, const char *fingerprint, const char *schema, const char *table,
                        CatalogObjectFunction each, void *context, Error *err);

/* One column pair of a foreign key; the pairs of a key come one after the other. */
typedef struct CatalogReference {
    int64_t key;
    const char *schema;
    const char *table;
    const char *column;
    const char *to_schema;
    const char *to_table;
    const char *to_column;
} CatalogReference;
typedef void (*CatalogReferenceFunction)(void *context, const CatalogReference *reference);
bool catalog_cache_references(Local *local, const char *fingerprint, CatalogReferenceFunction each,
                              void *context, Error *err);

#endif
