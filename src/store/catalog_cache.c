#include "catalog_cache.h"

#include <stdlib.h>

#include "catalog_build.h"
#include "local_sqlite.h"
#include "memory.h"
#include "text.h"

static const char *text_or_null(const char *text)
{
    return text_is_empty(text) ? NULL : text;
}

const char catalog_cache_tables[] = "CREATE TABLE IF NOT EXISTS catalog_estimate(\n"
                                    "  fingerprint TEXT NOT NULL,\n"
                                    "  schema_name TEXT NOT NULL,\n"
                                    "  table_name TEXT NOT NULL,\n"
                                    "  row_count REAL NOT NULL,\n"
                                    "  PRIMARY KEY(fingerprint, schema_name, table_name)) WITHOUT ROWID;\n"
                                    "CREATE TABLE IF NOT EXISTS catalog_gap(\n"
                                    "  fingerprint TEXT NOT NULL,\n"
                                    "  position INTEGER NOT NULL,\n"
                                    "  gap TEXT NOT NULL,\n" /* "schema.name: why" */
                                    "  PRIMARY KEY(fingerprint, position)) WITHOUT ROWID;\n";

static bool clear(Sqlite *db, const char *fingerprint, Error *err)
{
    static const char *const statements[] = {"DELETE FROM catalog_object WHERE fingerprint = $1",
                                             "DELETE FROM catalog_reference WHERE fingerprint = $1",
                                             "DELETE FROM catalog_estimate WHERE fingerprint = $1",
                                             "DELETE FROM catalog_gap WHERE fingerprint = $1",
                                             "DELETE FROM catalog_cache WHERE fingerprint = $1"};
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++) {
        if (!sqlite_run(db, err, statements[i], VALUES(value_text(fingerprint)))) {
            return false;
        }
    }
    return true;
}

/* Are both ends of the key part of the catalog? SQLite lets a foreign key point to what is not there. */
static bool is_whole(const Catalog *catalog, const CatalogForeignKey *key)
{
    if (key->target < 0) {
        return false;
    }
    for (size_t i = 0; key->columns[i]; i++) {
        if (!catalog_find_column(&catalog->tables[key->table], key->columns[i]) || !key->to_columns[i] ||
            !catalog_find_column(&catalog->tables[key->target], key->to_columns[i])) {
            return false;
        }
    }
    return true;
}

static bool add_reference(Sqlite *db, const char *fingerprint, const Catalog *catalog, size_t number,
                          Error *err)
{
    const CatalogForeignKey *key = &catalog->foreign_keys[number];
    const CatalogTable *table = &catalog->tables[key->table];
    for (size_t i = 0; key->columns[i]; i++) {
        if (!sqlite_run(db, err, "INSERT INTO catalog_reference VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                        VALUES(value_text(fingerprint), value_int((int64_t)number), value_int((int64_t)i),
                               value_text(table->schema), value_text(table->name),
                               value_text(key->columns[i]), value_text(key->to_schema),
                               value_text(key->to_table), value_text(key->to_columns[i])))) {
            return false;
        }
    }
    return true;
}

static bool add_references(Sqlite *db, const char *fingerprint, const Catalog *catalog, Error *err)
{
    for (size_t i = 0; i < catalog->foreign_key_count; i++) {
        if (is_whole(catalog, &catalog->foreign_keys[i]) &&
            !add_reference(db, fingerprint, catalog, i, err)) {
            return false;
        }
    }
    /* of several keys over one column, the first is told */
    return sqlite_run(db, err,
                      "UPDATE catalog_object SET refers_to = r.target FROM ("
                      "SELECT schema_name, table_name, column_name, "
                      "CASE to_schema WHEN schema_name THEN '' ELSE to_schema || '.' END || "
                      "to_table || '.' || to_column AS target, min(key) "
                      "FROM catalog_reference WHERE fingerprint = $1 "
                      "GROUP BY schema_name, table_name, column_name) r "
                      "WHERE catalog_object.fingerprint = $1 AND catalog_object.schema_name = r.schema_name "
                      "AND catalog_object.table_name = r.table_name "
                      "AND catalog_object.column_name = r.column_name",
                      VALUES(value_text(fingerprint)));
}

static bool add_object(Sqlite *db, const char *fingerprint, const CatalogTable *table,
                       const CatalogColumn *column, CatalogWordsFunction words, Error *err)
{
    const char *type = column ? column->type : NULL;
    char *phrase = words(column ? column->name : table->name, type);
    bool ok = sqlite_run(
        db, err,
        "INSERT INTO catalog_object(fingerprint, schema_name, table_name, column_name, kind, "
        "data_type, comment, words) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        VALUES(value_text(fingerprint), value_text(table->schema), value_text(table->name),
               value_text(column ? column->name : ""),
               value_text(column ? "column" : catalog_kind_name(table->kind)), value_text(type),
               value_text(text_or_null(column ? column->comment : table->comment)), value_text(phrase)));
    free(phrase);
    return ok;
}

static bool add_table(Sqlite *db, const char *fingerprint, const CatalogTable *table,
                      CatalogWordsFunction words, Error *err)
{
    if (!add_object(db, fingerprint, table, NULL, words, err) ||
        (table->rows >= 0 && !sqlite_run(db, err, "INSERT INTO catalog_estimate VALUES ($1, $2, $3, $4)",
                                         VALUES(value_text(fingerprint), value_text(table->schema),
                                                value_text(table->name), value_real(table->rows))))) {
        return false;
    }
    for (size_t i = 0; i < table->column_count; i++) {
        if (!add_object(db, fingerprint, table, &table->columns[i], words, err)) {
            return false;
        }
    }
    return true;
}

static bool add_gaps(Sqlite *db, const char *fingerprint, const Catalog *catalog, Error *err)
{
    for (size_t i = 0; catalog->skipped && catalog->skipped[i]; i++) {
        if (!sqlite_run(
                db, err, "INSERT INTO catalog_gap VALUES ($1, $2, $3)",
                VALUES(value_text(fingerprint), value_int((int64_t)i), value_text(catalog->skipped[i])))) {
            return false;
        }
    }
    return true;
}

static bool add_catalog(Sqlite *db, const char *fingerprint, const Catalog *catalog,
                        CatalogWordsFunction words, Error *err)
{
    char now[CLOCK_TEXT_SIZE];
    clock_now(now);
    for (size_t i = 0; i < catalog->table_count; i++) {
        if (!add_table(db, fingerprint, &catalog->tables[i], words, err)) {
            return false;
        }
    }
    return add_references(db, fingerprint, catalog, err) && add_gaps(db, fingerprint, catalog, err) &&
           sqlite_run(db, err, "INSERT INTO catalog_cache(fingerprint, taken_at) VALUES ($1, $2)",
                      VALUES(value_text(fingerprint), value_text(now)));
}

bool catalog_cache_save(Local *local, const char *fingerprint, const Catalog *catalog,
                        CatalogWordsFunction words, Error *err)
{
    Sqlite *db = local_sqlite(local);
    if (!local_begin(local, err)) {
        return false;
    }
    if (!clear(db, fingerprint, err) || !add_catalog(db, fingerprint, catalog, words, err)) {
        local_rollback(local);
        return false;
    }
    return local_commit(local, err);
}

bool catalog_cache_age(Local *local, const char *fingerprint, char taken_at[CLOCK_TEXT_SIZE],
                       int64_t *seconds, Error *err)
{
    Sqlite *db = local_sqlite(local);
    SqliteRows *rows = sqlite_query(db, err,
                                    "SELECT taken_at, strftime('%s', 'now') - strftime('%s', taken_at) "
                                    "FROM catalog_cache WHERE fingerprint = $1",
                                    VALUES(value_text(fingerprint)));
    bool found = sqlite_next(rows);
    text_copy(taken_at, CLOCK_TEXT_SIZE, found ? sqlite_text(rows, 0) : "");
    *seconds = found ? sqlite_int(rows, 1) : 0;
    return sqlite_done(db, rows, err);
}

/* Of the newest apply or rollback there; a row that changes later was written before. */
bool catalog_cache_is_outdated(Local *local, const char *fingerprint, bool *out, Error *err)
{
    Sqlite *db = local_sqlite(local);
    SqliteRows *rows = sqlite_query(db, err,
                                    "SELECT e.updated_at >= c.taken_at FROM catalog_cache c, apply_events e "
                                    "JOIN runs ON runs.local_id = e.run_id AND runs.fingerprint = $1 "
                                    "WHERE c.fingerprint = $1 ORDER BY e.local_id DESC LIMIT 1",
                                    VALUES(value_text(fingerprint)));
    *out = sqlite_next(rows) && sqlite_int(rows, 0);
    return sqlite_done(db, rows, err);
}

static bool load_tables(Sqlite *db, const char *fingerprint, Catalog *catalog, Error *err)
{
    SqliteRows *rows =
        sqlite_query(db, err,
                     "SELECT schema_name, table_name, kind, comment, row_count FROM catalog_object "
                     "LEFT JOIN catalog_estimate USING (fingerprint, schema_name, table_name) "
                     "WHERE fingerprint = $1 AND column_name = '' ORDER BY schema_name, table_name",
                     VALUES(value_text(fingerprint)));
    while (sqlite_next(rows)) {
        CatalogTable *table = catalog_add_table(catalog);
        table->schema = memory_string(sqlite_text(rows, 0));
        table->name = memory_string(sqlite_text(rows, 1));
        table->kind = catalog_kind_of(sqlite_text(rows, 2));
        table->comment = memory_string(sqlite_text(rows, 3));
        table->rows = sqlite_text(rows, 4) ? sqlite_real(rows, 4) : -1;
    }
    return sqlite_done(db, rows, err);
}

/* Columns were written in the order of their table, and got their ids so. */
static bool load_columns(Sqlite *db, const char *fingerprint, Catalog *catalog, Error *err)
{
    SqliteRows *rows =
        sqlite_query(db, err,
                     "SELECT schema_name, table_name, column_name, data_type, comment FROM catalog_object "
                     "WHERE fingerprint = $1 AND column_name <> '' ORDER BY id",
                     VALUES(value_text(fingerprint)));
    while (sqlite_next(rows)) {
        long at = catalog_find_table(catalog, sqlite_text(rows, 0), sqlite_text(rows, 1));
        if (at >= 0) {
            CatalogColumn *column = catalog_add_column(&catalog->tables[at]);
            column->number = (int)catalog->tables[at].column_count;
            column->name = memory_string(sqlite_text(rows, 2));
            column->type = memory_string(sqlite_text(rows, 3));
            column->comment = memory_string(sqlite_text(rows, 4));
        }
    }
    return sqlite_done(db, rows, err);
}

static bool load_gaps(Sqlite *db, const char *fingerprint, Catalog *catalog, Error *err)
{
    SqliteRows *rows =
        sqlite_query(db, err, "SELECT gap FROM catalog_gap WHERE fingerprint = $1 ORDER BY position",
                     VALUES(value_text(fingerprint)));
    while (sqlite_next(rows)) {
        catalog_add_name(&catalog->skipped, sqlite_text(rows, 0));
    }
    return sqlite_done(db, rows, err);
}

bool catalog_cache_load(Local *local, const char *fingerprint, Catalog **out, Error *err)
{
    Sqlite *db = local_sqlite(local);
    Catalog *catalog = memory_zero(1, sizeof *catalog);
    if (!load_tables(db, fingerprint, catalog, err) || !load_columns(db, fingerprint, catalog, err) ||
        !load_gaps(db, fingerprint, catalog, err)) {
        catalog_free(catalog);
        return false;
    }
    *out = catalog;
    return true;
}

bool catalog_cache_describe(Local *local, const char *fingerprint, Error *err)
{
    if (!local_begin(local, err)) {
        return false;
    }
    if (!sqlite_run(local_sqlite(local), err,
                    "UPDATE catalog_object SET accepted = changed.text FROM ("
                    "SELECT o.id, d.chosen_text AS text FROM catalog_object o LEFT JOIN ("
                    "SELECT r.schema_name, r.table_name, ifnull(r.column_name, '') AS column_name, "
                    "r.chosen_text, row_number() OVER (PARTITION BY r.schema_name, r.table_name, "
                    "ifnull(r.column_name, '') ORDER BY r.evaluated_at DESC, r.local_id DESC) AS place "
                    "FROM run_results r JOIN runs ON runs.local_id = r.run_id "
                    "WHERE runs.fingerprint = $1 AND r.evaluation IN ('accepted', 'edited') "
                    "AND r.chosen_text <> '') d "
                    "ON d.place = 1 AND d.schema_name = o.schema_name AND d.table_name = o.table_name "
                    "AND d.column_name = o.column_name "
                    "WHERE o.fingerprint = $1 AND o.accepted IS NOT d.chosen_text) changed "
                    "WHERE catalog_object.id = changed.id",
                    VALUES(value_text(fingerprint)))) {
        local_rollback(local);
        return false;
    }
    return local_commit(local, err);
}

#define OBJECT_COLUMNS                                                                                       \
    "schema_name, table_name, column_name, kind, data_type, coalesce(comment, accepted), "                   \
    "comment IS NULL AND accepted IS NOT NULL, refers_to"

static bool each_object(Sqlite *db, SqliteRows *rows, CatalogObjectFunction each, void *context, Error *err)
{
    while (sqlite_next(rows)) {
        CatalogObject object = {.schema = sqlite_text(rows, 0),
                                .table = sqlite_text(rows, 1),
                                .column = text_or_null(sqlite_text(rows, 2)),
                                .kind = sqlite_text(rows, 3),
                                .type = sqlite_text(rows, 4),
                                .description = sqlite_text(rows, 5),
                                .accepted = sqlite_int(rows, 6) != 0,
                                .refers_to = sqlite_text(rows, 7),
                                .relevance = sqlite_real(rows, 8)};
        each(context, &object);
    }
    return sqlite_done(db, rows, err);
}

bool catalog_cache_search(Local *local, const char *fingerprint, const char *expression, int limit,
                          CatalogObjectFunction each, void *context, Error *err)
{
    Sqlite *db = local_sqlite(local);
    /* bm25 is lower for better matches */
    SqliteRows *rows =
        sqlite_query(db, err,
                     "SELECT " OBJECT_COLUMNS ", -bm25(catalog_search, 6.0, 6.0, 1.0) AS relevance "
                     "FROM catalog_search JOIN catalog_object ON id = catalog_search.rowid "
                     "WHERE catalog_search MATCH $2 AND fingerprint = $1 "
                     "ORDER BY relevance DESC, schema_name, table_name, column_name LIMIT $3",
                     VALUES(value_text(fingerprint), value_text(expression), value_int(limit)));
    return each_object(db, rows, each, context, err);
}

bool catalog_cache_list(Local *local, const char *fingerprint, const char *schema, const char *table,
                        CatalogObjectFunction each, void *context, Error *err)
{
    Sqlite *db = local_sqlite(local);
    SqliteRows *rows = sqlite_query(db, err,
                                    "SELECT " OBJECT_COLUMNS ", 0 FROM catalog_object WHERE fingerprint = $1 "
                                    "AND schema_name = ifnull($2, schema_name) "
                                    "AND table_name = ifnull($3, table_name) "
                                    "ORDER BY schema_name, table_name, column_name",
                                    VALUES(value_text(fingerprint), value_text(schema), value_text(table)));
    return each_object(db, rows, each, context, err);
}

bool catalog_cache_references(Local *local, const char *fingerprint, CatalogReferenceFunction each,
                              void *context, Error *err)
{
    Sqlite *db = local_sqlite(local);
    SqliteRows *rows = sqlite_query(db, err,
                                    "SELECT key, schema_name, table_name, column_name, to_schema, to_table, "
                                    "to_column FROM catalog_reference WHERE fingerprint = $1 "
                                    "ORDER BY key, position",
                                    VALUES(value_text(fingerprint)));
    while (sqlite_next(rows)) {
        CatalogReference reference = {.key = sqlite_int(rows, 0),
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
