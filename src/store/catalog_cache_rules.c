/* The cached catalog, asked: what the database demands of columns, indexes and foreign keys. */
#include "catalog_cache.h"

#include "local_sqlite.h"

bool catalog_cache_rule(Local *local, const char *fingerprint, const char *schema, const char *table,
                        const char *column, CatalogRuleFunction each, void *context, Error *err)
{
    Sqlite *db = local_sqlite(local);
    SqliteRows *rows = sqlite_query(
        db, err,
        "SELECT not_null, is_unique, generated, default_value FROM catalog_rule WHERE not_null IS NOT NULL "
        "AND id = ("
        "SELECT id FROM catalog_object WHERE fingerprint = $1 AND schema_name = $2 AND table_name = $3 "
        "AND column_name = $4)",
        VALUES(value_text(fingerprint), value_text(schema), value_text(table), value_text(column)));
    if (sqlite_next(rows)) {
        const CatalogRule rule = {.not_null = sqlite_int(rows, 0) != 0,
                                  .unique = sqlite_int(rows, 1) != 0,
                                  .generated = sqlite_int(rows, 2) != 0,
                                  .default_value = sqlite_text(rows, 3)};
        each(context, &rule);
    }
    return sqlite_done(db, rows, err);
}

bool catalog_cache_indexes(Local *local, const char *fingerprint, const char *schema, const char *table,
                           const char *column, CatalogIndexFunction each, void *context, Error *err)
{
    Sqlite *db = local_sqlite(local);
    SqliteRows *rows = sqlite_query(
        db, err,
        "SELECT index_name, is_unique, first_column, keys, predicate, schema_name, table_name "
        "FROM catalog_index WHERE fingerprint = $1 AND schema_name = ifnull($2, schema_name) "
        "AND table_name = ifnull($3, table_name) AND ($4 IS NULL OR first_column = $4) "
        "ORDER BY schema_name, table_name, index_name",
        VALUES(value_text(fingerprint), value_text(schema), value_text(table), value_text(column)));
    while (sqlite_next(rows)) {
        const CatalogKeptIndex index = {.schema = sqlite_text(rows, 5),
                                        .table = sqlite_text(rows, 6),
                                        .name = sqlite_text(rows, 0),
                                        .unique = sqlite_int(rows, 1) != 0,
                                        .first_column = sqlite_text(rows, 2),
                                        .keys = sqlite_text(rows, 3),
                                        .predicate = sqlite_text(rows, 4)};
        each(context, &index);
    }
    return sqlite_done(db, rows, err);
}

static bool each_reference(Sqlite *db, SqliteRows *rows, CatalogReferenceFunction each, void *context,
                           Error *err)
{
    while (sqlite_next(rows)) {
        const CatalogReference reference = {.key = sqlite_int(rows, 0),
                                            .schema = sqlite_text(rows, 1),
                                            .table = sqlite_text(rows, 2),
                                            .column = sqlite_text(rows, 3),
                                            .to_schema = sqlite_text(rows, 4),
                                            .to_table = sqlite_text(rows, 5),
                                            .to_column = sqlite_text(rows, 6)};
        each(context, &reference);
    }
    return sqlite_done(db, rows, err);
}

bool catalog_cache_references(Local *local, const char *fingerprint, const char *schema, const char *table,
                              CatalogReferenceFunction each, void *context, Error *err)
{
    Sqlite *db = local_sqlite(local);
    SqliteRows *rows = sqlite_query(
        db, err,
        "SELECT key, schema_name, table_name, column_name, to_schema, to_table, to_column "
        "FROM catalog_reference WHERE fingerprint = $1 AND key IN ("
        "SELECT key FROM catalog_reference WHERE fingerprint = $1 AND schema_name = $2 AND table_name = $3 "
        "UNION SELECT key FROM catalog_reference WHERE fingerprint = $1 AND to_schema = $2 AND to_table = "
        "$3) ORDER BY key, position",
        VALUES(value_text(fingerprint), value_text(schema), value_text(table)));
    return each_reference(db, rows, each, context, err);
}

/* SQLite keeps no index for an INTEGER PRIMARY KEY, which is one. */
#define UNINDEXED                                                                                            \
    "FROM catalog_reference r WHERE fingerprint = $1 AND position = 0 "                                      \
    "AND schema_name = ifnull($2, schema_name) AND NOT EXISTS (SELECT 1 FROM catalog_index i "               \
    "WHERE i.fingerprint = $1 AND i.schema_name = r.schema_name AND i.table_name = r.table_name "            \
    "AND i.first_column = r.column_name) AND NOT EXISTS (SELECT 1 FROM catalog_key k "                       \
    "WHERE k.fingerprint = $1 AND k.schema_name = r.schema_name AND k.table_name = r.table_name "            \
    "AND k.position = 1 AND k.column_name = r.column_name)"

bool catalog_cache_unindexed(Local *local, const char *fingerprint, const char *schema, int limit,
                             CatalogReferenceFunction each, void *context, int64_t *total, Error *err)
{
    Sqlite *db = local_sqlite(local);
    if (!sqlite_number(db, err, 0, total, "SELECT count(*) " UNINDEXED,
                       VALUES(value_text(fingerprint), value_text(schema)))) {
        return false;
    }
    SqliteRows *rows = sqlite_query(
        db, err,
        "SELECT key, schema_name, table_name, column_name, to_schema, to_table, to_column " UNINDEXED
        " ORDER BY schema_name, table_name, key LIMIT $3",
        VALUES(value_text(fingerprint), value_text(schema), value_int(limit)));
    return each_reference(db, rows, each, context, err);
}
