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
 * NULL for a table. Returns a new string. The store knows no dictionary; core lends it one (search.h). */
typedef struct CatalogWords {
    char *(*of)(void *context, const char *name, const char *type);
    void *context;
} CatalogWords;

/* Replaces what is kept of a profile, in one transaction. Foreign keys are kept when both of their ends are
 * part of the catalog. Also ERROR_INTERRUPTED, which it looks for after every table. */
bool catalog_cache_save(Local *local, const char *fingerprint, const Catalog *catalog,
                        const CatalogWords *words, Error *err);

/* When the catalog was read, "" when it never was (or by an amx that kept less of it), and how many
 * seconds ago; negative when the clock was set back since. */
bool catalog_cache_age(Local *local, const char *fingerprint, char taken_at[CLOCK_TEXT_SIZE],
                       int64_t *seconds, Error *err);

/* Has amx written comments to the database since its catalog was kept? */
bool catalog_cache_is_outdated(Local *local, const char *fingerprint, bool *out, Error *err);

/* What is kept, as a catalog: tables with kind, row estimate and comment, columns with type and comment, and
 * what could not be read; nothing else. Empty when nothing is kept. *out is owned by the caller
 * (catalog_free). */
bool catalog_cache_load(Local *local, const char *fingerprint, Catalog **out, Error *err);

/* Brings the descriptions up to date with the reviews: where the database has no comment, the text that a
 * person accepted last counts. Writes only what changed since the last time; nothing is read or written when
 * no decision was made since. */
bool catalog_cache_describe(Local *local, const char *fingerprint, Error *err);

/* Begins to read (local_begin_reading): until local_end_reading all that is asked here is of one moment,
 * whoever reads the catalog anew meanwhile, with the descriptions as reviews have them. A file that may only
 * be read (LOCAL_READ) keeps its own; copies in memory have the new ones that long. */
bool catalog_cache_begin(Local *local, const char *fingerprint, Error *err);

/* A table or column. Strings live until the callback returns. */
typedef struct CatalogObject {
    const char *schema;
    const char *table;
    const char *column;      /* NULL: the table itself */
    const char *kind;        /* "table", "view", .., "column" */
    const char *type;        /* of a column, else NULL */
    const char *description; /* comment or accepted text, NULL when there is neither */
    bool accepted;           /* the description comes from a review, not from the database */
    const char
        *refers_to;    /* "table.column" a foreign key of the column points to, quoted as SQL does, or NULL */
    const char *words; /* of its name, as CatalogWords gave them */
    int64_t id;        /* until the catalog is read again; a table's comes before its columns' */
} CatalogObject;
typedef void (*CatalogObjectFunction)(void *context, const CatalogObject *object);

/* A table, and its columns as they stand in it; nothing when there is no such table. */
bool catalog_cache_list(Local *local, const char *fingerprint, const char *schema, const char *table,
                        CatalogObjectFunction each, void *context, Error *err);
/* The table of an id and its columns. */
bool catalog_cache_table(Local *local, const char *fingerprint, int64_t id, CatalogObjectFunction each,
                         void *context, Error *err);
/* The tables of this name in any case, by schema; `schema` NULL: any. With a `column` (NULL: none) in their
 * place the columns of that name, in any case, that they have. */
bool catalog_cache_named(Local *local, const char *fingerprint, const char *schema, const char *table,
                         const char *column, CatalogObjectFunction each, void *context, Error *err);

/* What a table must have to pass a filter. */
typedef enum CatalogHas { CATALOG_HAS_ANY, CATALOG_HAS, CATALOG_HAS_NOT } CatalogHas;

/* What tables are compared by. */
typedef enum CatalogMeasure {
    CATALOG_COLUMNS,
    CATALOG_ROWS,         /* as the database estimates them; tables without an estimate are left out */
    CATALOG_FOREIGN_KEYS, /* that it has */
    CATALOG_REFERENCES    /* foreign keys that point to it */
} CatalogMeasure;

/* How many of something a table has. */
typedef struct CatalogBounds {
    CatalogMeasure by;
    int64_t least;
    int64_t most;
} CatalogBounds;

/* A table, by its names. */
typedef struct CatalogPlace {
    const char *schema;
    const char *table;
} CatalogPlace;

/* Which objects a question is about. */
typedef struct CatalogFilter {
    const char *schema; /* NULL: any */
    const char *table;  /* NULL: any */
    const char *column; /* columns of this name in any case; NULL: any */
    const char *kind;   /* how the kind of the table ends, "view" is also a materialized one; NULL: any */
    CatalogHas primary_key;
    CatalogHas foreign_key;         /* to a table, be it itself */
    CatalogHas referenced;          /* a foreign key of another table points to it */
    CatalogHas self_reference;      /* a foreign key to itself */
    const CatalogPlace *apart_from; /* another table, without a foreign key to this one; NULL: any */
    CatalogHas indexed;             /* it has an index, be it that of a key */
    CatalogHas rows;                /* by the database's estimate; without one it is neither */
    bool tables;
    bool columns;
    bool lacks;                  /* of tables: `column`, `types` and `arrays` are of what they do not have */
    bool undescribed;            /* only those without a description */
    bool described;              /* only those with one */
    CatalogHas not_null;         /* of columns that are none of a view, as the next three: may not be null */
    CatalogHas unique;           /* by itself */
    CatalogHas generated;        /* computed, or numbered by the database */
    CatalogHas with_default;     /* has a default, and is not generated */
    const char *const *types;    /* NULL-ended, in lower case, or NULL: any; of "numeric(10,2)" also
                                  * "numeric", and of "sales.mood" also "mood" */
    const CatalogBounds *bounds; /* of the table; NULL: any */
    bool arrays;                 /* only arrays; `types` are then those of their elements */
} CatalogFilter;
/* Those that pass, in the order of the catalog, at most `limit`; *total says how many there are. */
bool catalog_cache_select(Local *local, const char *fingerprint, const CatalogFilter *filter, int limit,
                          CatalogObjectFunction each, void *context, int64_t *total, Error *err);

typedef void (*CatalogMeasureFunction)(void *context, const CatalogObject *table, double number);
/* The tables that pass the filter, those with the most first or (`least`) those with the fewest, at most
 * `limit`; *total says how many there are that can be compared. */
bool catalog_cache_rank(Local *local, const char *fingerprint, const CatalogFilter *filter, CatalogMeasure by,
                        bool least, int limit, CatalogMeasureFunction each, void *context, int64_t *total,
                        Error *err);

/* The ids of tables that fit an FTS5 expression (search.h) over the columns name, columns, description and
 * details (what is said of the columns), best first by BM25: a name weighs more than a description. */
typedef void (*CatalogTopicFunction)(void *context, int64_t id);
bool catalog_cache_search(Local *local, const char *fingerprint, const char *expression, int limit,
                          CatalogTopicFunction each, void *context, Error *err);
/* The first of them as they were read, without a look at how well they fit: quick for words that are
 * everywhere. */
bool catalog_cache_fitting(Local *local, const char *fingerprint, const char *expression, int limit,
                           CatalogTopicFunction each, void *context, Error *err);
/* How many tables fit, and how many there are. */
bool catalog_cache_count(Local *local, const char *fingerprint, const char *expression, int64_t *out,
                         Error *err);
bool catalog_cache_table_count(Local *local, const char *fingerprint, int64_t *out, Error *err);

/* Every word of the index, of all profiles and also of descriptions, in no order to rely on. */
typedef void (*CatalogWordFunction)(void *context, const char *word, int64_t tables);
bool catalog_cache_vocabulary(Local *local, CatalogWordFunction each, void *context, Error *err);

/* The columns of a table's primary key, in order. */
bool catalog_cache_key(Local *local, const char *fingerprint, const char *schema, const char *table,
                       CatalogWordFunction each, void *context, Error *err);

/* What the database says of a column. Strings live until the callback returns. */
typedef struct CatalogRule {
    bool not_null;
    bool unique; /* by itself */
    bool generated;
    const char *default_value; /* SQL text, or NULL */
} CatalogRule;
typedef void (*CatalogRuleFunction)(void *context, const CatalogRule *rule);
/* Nothing when there is no such column, or it is one of a view. */
bool catalog_cache_rule(Local *local, const char *fingerprint, const char *schema, const char *table,
                        const char *column, CatalogRuleFunction each, void *context, Error *err);

/* An index of a table. */
typedef struct CatalogKeptIndex {
    const char *schema;
    const char *table;
    const char *name;
    bool unique;
    const char *first_column; /* NULL: of a partial index, or one that begins with an expression */
    const char *keys;      /* columns and expressions, with commas between; "": the database did not tell */
    const char *predicate; /* SQL text of a partial one, or "" when it was not told; else NULL */
} CatalogKeptIndex;
typedef void (*CatalogIndexFunction)(void *context, const CatalogKeptIndex *index);
/* All of a table, by name; with a `column` (or NULL) those that begin with it. A schema or table of NULL is
 * any. */
bool catalog_cache_indexes(Local *local, const char *fingerprint, const char *schema, const char *table,
                           const char *column, CatalogIndexFunction each, void *context, Error *err);

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
/* The foreign keys that a table has and those that point to it, in the order of their keys. */
bool catalog_cache_references(Local *local, const char *fingerprint, const char *schema, const char *table,
                              CatalogReferenceFunction each, void *context, Error *err);
/* The first pairs of the foreign keys, of one schema or (NULL) of all, whose first column no index begins
 * with, at most `limit`; *total says how many there are. */
bool catalog_cache_unindexed(Local *local, const char *fingerprint, const char *schema, int limit,
                             CatalogReferenceFunction each, void *context, int64_t *total, Error *err);

#endif
