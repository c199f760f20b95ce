/* Filling a Catalog: for the backends that read one. Each function adds one zeroed element and returns it;
 * the pointer is good until the next one is added to the same array. */
#ifndef AMX_STORE_CATALOG_BUILD_H
#define AMX_STORE_CATALOG_BUILD_H

#include "catalog.h"

CatalogTable *catalog_add_table(Catalog *catalog);
CatalogColumn *catalog_add_column(CatalogTable *table);
CatalogCheck *catalog_add_check(CatalogCheck **checks, size_t *count); /* of a table or of a domain */
CatalogUnique *catalog_add_unique(CatalogTable *table);
CatalogIndex *catalog_add_index(CatalogTable *table);
CatalogDomain *catalog_add_domain(Catalog *catalog); /* moves the others: no column may point to one yet */
CatalogForeignKey *catalog_add_foreign_key(Catalog *catalog);
/* Release what an element holds that is taken out again; its place is the caller's. */
void catalog_free_column(CatalogColumn *column);
void catalog_free_foreign_key(CatalogForeignKey *key);
void catalog_add_skipped(Catalog *catalog, const char *schema, const char *name, const char *why);
void catalog_add_without_statistics(Catalog *catalog, const char *schema, const char *name, const char *why);

/* Appends a copy of a name to a NULL-ended list, which may be NULL. */
void catalog_add_name(char ***names, const char *name);
/* As catalog_find_column, for writing. */
CatalogColumn *catalog_column(CatalogTable *table, const char *name);
/* The column of a number; the columns are complete. */
CatalogColumn *catalog_column_number(CatalogTable *table, int number);
/* Tells from the indexes of a table, which are complete, what is a key: adds its uniques, and marks the
 * columns that are part of the primary key or unique by themselves. */
void catalog_finish_keys(CatalogTable *table);
/* Sorts the foreign keys by table and name, and sets their targets. Call it after the tables are
 * complete and in order. */
void catalog_finish_foreign_keys(Catalog *catalog);

/* The format that all values of a sample share ("email", "url", ..). Keeps counts only, never a value. */
typedef struct FormatSample {
    unsigned possible; /* one bit per format that no value has ruled out */
    size_t count;
} FormatSample;
#define FORMAT_SAMPLE_START ((FormatSample){.possible = ~0U})
void format_sample_add(FormatSample *sample, const char *value);
/* A static string; NULL when the values share no known format, or are too few to tell. */
const char *format_sample_result(const FormatSample *sample);

#endif
