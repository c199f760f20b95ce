#include "catalog_cache.h"

#include <stdlib.h>

#include "catalog_build.h"
#include "catalog_topic.h"
#include "local_sqlite.h"
#include "memory.h"
#include "text.h"

enum { OBJECT_WIDTH = 9, RULE_WIDTH = 5 };

static const char *text_or_null(const char *text)
{
    return text_is_empty(text) ? NULL : text;
}

/* The objects of one reading have ids one after the other, each table before its columns, so that a part of
 * an index is one profile's. What was accepted since the descriptions were last brought up to date shows in
 * `described`. */
const char catalog_cache_tables[] =
    "CREATE TABLE IF NOT EXISTS catalog_estimate(\n"
    "  fingerprint TEXT NOT NULL,\n"
    "  schema_name TEXT NOT NULL,\n"
    "  table_name TEXT NOT NULL,\n"
    "  row_count REAL NOT NULL,\n"
    "  PRIMARY KEY(fingerprint, schema_name, table_name)) WITHOUT ROWID;\n"
    "CREATE TABLE IF NOT EXISTS catalog_gap(\n"
    "  fingerprint TEXT NOT NULL,\n"
    "  position INTEGER NOT NULL,\n"
    "  gap TEXT NOT NULL,\n" /* "schema.name: why" */
    "  PRIMARY KEY(fingerprint, position)) WITHOUT ROWID;\n"
    "CREATE TABLE IF NOT EXISTS catalog_index(\n"
    "  fingerprint TEXT NOT NULL,\n"
    "  schema_name TEXT NOT NULL,\n"
    "  table_name TEXT NOT NULL,\n"
    "  index_name TEXT NOT NULL,\n"
    "  is_unique INTEGER NOT NULL,\n"
    "  first_column TEXT,\n"  /* NULL: of a partial index, or one over expressions */
    "  keys TEXT NOT NULL,\n" /* as people read them: "customer_id, lower(email)" */
    "  predicate TEXT,\n"
    "  PRIMARY KEY(fingerprint, schema_name, table_name, index_name)) WITHOUT ROWID;\n"
    "CREATE TABLE IF NOT EXISTS catalog_key(\n" /* the columns of the primary keys */
    "  fingerprint TEXT NOT NULL,\n"
    "  schema_name TEXT NOT NULL,\n"
    "  table_name TEXT NOT NULL,\n"
    "  position INTEGER NOT NULL,\n"
    "  column_name TEXT NOT NULL,\n"
    "  PRIMARY KEY(fingerprint, schema_name, table_name, position)) WITHOUT ROWID;\n"
    "CREATE TABLE IF NOT EXISTS catalog_rule(\n"
    "  id INTEGER PRIMARY KEY,\n" /* of the column */
    "  not_null INTEGER,\n"       /* NULL, as all that follows: of a view, of which no database tells */
    "  is_unique INTEGER,\n"      /* by itself */
    "  generated INTEGER,\n"      /* computed, or numbered by the database */
    "  default_value TEXT);\n"
    "CREATE TABLE IF NOT EXISTS catalog_span(\n"
    "  fingerprint TEXT PRIMARY KEY,\n"
    "  first_id INTEGER NOT NULL,\n"
    "  last_id INTEGER NOT NULL,\n"
    "  table_count INTEGER NOT NULL,\n"
    "  described INTEGER NOT NULL) WITHOUT ROWID;\n"
    "CREATE INDEX IF NOT EXISTS catalog_object_named ON " CATALOG_NAMED_INDEX ";\n"
    "CREATE INDEX IF NOT EXISTS catalog_reference_from ON catalog_reference(fingerprint, schema_name, "
    "table_name);\n"
    "CREATE INDEX IF NOT EXISTS catalog_reference_to ON catalog_reference(fingerprint, to_schema, "
    "to_table);\n"
    "CREATE VIRTUAL TABLE IF NOT EXISTS catalog_topic USING " CATALOG_TOPIC_INDEX ";\n"
    "CREATE VIRTUAL TABLE IF NOT EXISTS catalog_word USING " CATALOG_WORD_INDEX ";\n"
    "CREATE TRIGGER IF NOT EXISTS catalog_reviewed AFTER UPDATE OF evaluation, chosen_text ON run_results\n"
    "  WHEN OLD.evaluation IS NOT NEW.evaluation OR OLD.chosen_text IS NOT NEW.chosen_text BEGIN\n"
    "  UPDATE catalog_span SET described = 0 WHERE described;\n"
    "END;\n"
    "CREATE TRIGGER IF NOT EXISTS catalog_review_added AFTER INSERT ON run_results\n"
    "  WHEN NEW.evaluation IS NOT NULL BEGIN\n"
    "  UPDATE catalog_span SET described = 0 WHERE described;\n"
    "END;\n"
    "CREATE TRIGGER IF NOT EXISTS catalog_review_removed AFTER DELETE ON run_results\n"
    "  WHEN OLD.evaluation IS NOT NULL BEGIN\n"
    "  UPDATE catalog_span SET described = 0 WHERE described;\n"
    "END;\n"
    "CREATE TRIGGER IF NOT EXISTS catalog_run_moved AFTER UPDATE OF fingerprint ON runs BEGIN\n"
    "  UPDATE catalog_span SET described = 0 WHERE described;\n"
    "END;\n"
    /* an index of every column, which an earlier amx kept */
    "DROP TRIGGER IF EXISTS catalog_object_insert;\n"
    "DROP TRIGGER IF EXISTS catalog_object_update;\n"
    "DROP TRIGGER IF EXISTS catalog_object_delete;\n"
    "DROP TABLE IF EXISTS catalog_search;\n";

static bool clear(Sqlite *db, const char *fingerprint, Error *err)
{
    static const char topics[] = "DELETE FROM catalog_topic WHERE rowid IN (SELECT id FROM catalog_object "
                                 "WHERE fingerprint = $1 AND column_name = '')";
    static const char rules[] = "DELETE FROM catalog_rule WHERE id IN (SELECT id FROM catalog_object "
                                "WHERE fingerprint = $1)";
    static const char *const statements[] = {topics,
                                             rules,
                                             "DELETE FROM catalog_object WHERE fingerprint = $1",
                                             "DELETE FROM catalog_reference WHERE fingerprint = $1",
                                             "DELETE FROM catalog_estimate WHERE fingerprint = $1",
                                             "DELETE FROM catalog_gap WHERE fingerprint = $1",
                                             "DELETE FROM catalog_index WHERE fingerprint = $1",
                                             "DELETE FROM catalog_key WHERE fingerprint = $1",
                                             "DELETE FROM catalog_span WHERE fingerprint = $1",
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

/* As SQL quotes it, where it is no plain lower-case word. */
#define QUOTED(name)                                                                                         \
    "CASE WHEN " name " GLOB '[a-z_]*' AND " name " NOT GLOB '*[^a-z0-9_]*' THEN " name                      \
    " ELSE '\"' || replace(" name ", '\"', '\"\"') || '\"' END"

static bool add_references(Sqlite *db, const char *fingerprint, const Catalog *catalog, Error *err)
{
    for (size_t i = 0; i < catalog->foreign_key_count; i++) {
        if (is_whole(catalog, &catalog->foreign_keys[i]) &&
            !add_reference(db, fingerprint, catalog, i, err)) {
            return false;
        }
    }
    /* of several keys over one column, the first is told */
    return sqlite_run(
        db, err,
        "UPDATE catalog_object SET refers_to = r.target FROM ("
        "SELECT schema_name, table_name, column_name, "
        "CASE to_schema WHEN schema_name THEN '' ELSE " QUOTED("to_schema") " || '.' END || " QUOTED(
            "to_table") " || '.' || " QUOTED("to_column") " AS target, min(key) "
                                                          "FROM catalog_reference WHERE fingerprint = $1 "
                                                          "GROUP BY schema_name, table_name, column_name) r "
                                                          "WHERE catalog_object.fingerprint = $1 AND "
                                                          "catalog_object.schema_name = r.schema_name "
                                                          "AND catalog_object.table_name = r.table_name "
                                                          "AND catalog_object.column_name = r.column_name",
        VALUES(value_text(fingerprint)));
}

/* The rows of one INSERT. */
typedef struct Rows {
    Sqlite *db;
    Text sql;
    Value values[SQLITE_ROWS * OBJECT_WIDTH];
    char *phrases[SQLITE_ROWS];
    int count;
    Value rules[SQLITE_ROWS * RULE_WIDTH];
    int rule_count;
    int64_t next_id;
} Rows;

/* An earlier amx, which knows no rules, leaves those of a catalog that it reads anew. */
static bool flush_rules(Rows *rows, Error *err)
{
    if (rows->rule_count == 0) {
        return true;
    }
    text_clear(&rows->sql);
    text_add(
        &rows->sql,
        "INSERT OR REPLACE INTO catalog_rule(id, not_null, is_unique, generated, default_value) VALUES ");
    sqlite_add_places(&rows->sql, rows->rule_count, RULE_WIDTH);
    bool ok = sqlite_run(rows->db, err, text_string(&rows->sql), rows->rules, rows->rule_count * RULE_WIDTH);
    rows->rule_count = 0;
    return ok;
}

static bool flush(Rows *rows, Error *err)
{
    if (rows->count == 0) {
        return true;
    }
    text_clear(&rows->sql);
    text_add(&rows->sql, "INSERT INTO catalog_object(id, fingerprint, schema_name, table_name, column_name, "
                         "kind, data_type, comment, words) VALUES ");
    sqlite_add_places(&rows->sql, rows->count, OBJECT_WIDTH);
    bool ok = sqlite_run(rows->db, err, text_string(&rows->sql), rows->values, rows->count * OBJECT_WIDTH);
    for (int i = 0; i < rows->count; i++) {
        free(rows->phrases[i]);
    }
    rows->count = 0;
    return ok && flush_rules(rows, err);
}

static void drop(Rows *rows)
{
    for (int i = 0; i < rows->count; i++) {
        free(rows->phrases[i]);
    }
    text_free(&rows->sql);
}

/* Of the column of the next id. */
static void add_rule(Rows *rows, const CatalogTable *table, const CatalogColumn *column)
{
    Value *at = rows->rules + rows->rule_count++ * RULE_WIDTH;
    const Value none = value_text(NULL);
    bool view = table->kind == CATALOG_VIEW || table->kind == CATALOG_MATERIALIZED_VIEW;
    at[0] = value_int(rows->next_id);
    at[1] = view ? none : value_int(column->not_null);
    at[2] = view ? none : value_int(column->unique);
    at[3] = view ? none : value_int(column->generated || column->identity);
    at[4] = view ? none : value_text(text_or_null(column->default_value));
}

static bool add_object(Rows *rows, const char *fingerprint, const CatalogTable *table,
                       const CatalogColumn *column, const CatalogWords *words, Text *names, Error *err)
{
    const char *type = column ? column->type : NULL;
    const char *name = column ? column->name : table->name;
    char *phrase = words->of(words->context, name, type);
    Value *at = rows->values + rows->count * OBJECT_WIDTH;
    if (column) {
        add_rule(rows, table, column);
    }
    const Value values[OBJECT_WIDTH] = {
        value_int(rows->next_id++),
        value_text(fingerprint),
        value_text(table->schema),
        value_text(table->name),
        value_text(column ? column->name : ""),
        value_text(column ? "column" : catalog_kind_name(table->kind)),
        value_text(type),
        value_text(text_or_null(column ? column->comment : table->comment)),
        value_text(phrase),
    };
    for (int i = 0; i < OBJECT_WIDTH; i++) {
        at[i] = values[i];
    }
    text_addf(names, "%s %s\n", name, phrase);
    rows->phrases[rows->count++] = phrase;
    return rows->count < SQLITE_ROWS || flush(rows, err);
}

static bool add_key_column(Sqlite *db, const char *fingerprint, const CatalogTable *table, size_t position,
                           const char *column, Error *err)
{
    return sqlite_run(db, err, "INSERT INTO catalog_key VALUES ($1, $2, $3, $4, $5)",
                      VALUES(value_text(fingerprint), value_text(table->schema), value_text(table->name),
                             value_int((int64_t)position), value_text(column)));
}

static const CatalogIndex *primary_index(const CatalogTable *table)
{
    for (size_t i = 0; i < table->index_count; i++) {
        if (table->indexes[i].primary && table->indexes[i].columns) {
            return &table->indexes[i];
        }
    }
    return NULL;
}

/* The index tells the order of the columns; SQLite has none for an INTEGER PRIMARY KEY. */
static bool add_key(Sqlite *db, const char *fingerprint, const CatalogTable *table, Error *err)
{
    const CatalogIndex *index = primary_index(table);
    size_t count = 0;
    bool ok = true;
    for (size_t i = 0; ok && index && index->columns[i]; i++) {
        ok = add_key_column(db, fingerprint, table, ++count, index->columns[i], err);
    }
    for (size_t i = 0; ok && !index && i < table->column_count; i++) {
        if (table->columns[i].primary_key) {
            ok = add_key_column(db, fingerprint, table, ++count, table->columns[i].name, err);
        }
    }
    return ok;
}

static bool add_index(Sqlite *db, const char *fingerprint, const CatalogTable *table,
                      const CatalogIndex *index, Error *err)
{
    Text keys = {0};
    for (size_t i = 0; index->columns && index->columns[i]; i++) {
        text_addf(&keys, "%s%s", i ? ", " : "", index->columns[i]);
    }
    if (!text_is_empty(index->expressions)) {
        /* the catalog keeps columns and expressions apart */
        text_addf(&keys, keys.length ? " and %s, in an order that is not kept" : "%s", index->expressions);
    }
    bool plain = index->columns && !index->expressions && !index->predicate;
    bool ok = sqlite_run(db, err,
                         "INSERT OR REPLACE INTO catalog_index(fingerprint, schema_name, table_name, "
                         "index_name, is_unique, first_column, keys, predicate) "
                         "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                         VALUES(value_text(fingerprint), value_text(table->schema), value_text(table->name),
                                value_text(index->name), value_int(index->unique),
                                value_text(plain ? index->columns[0] : NULL), value_text(text_string(&keys)),
                                value_text(index->predicate)));
    text_free(&keys);
    return ok;
}

static bool add_indexes(Sqlite *db, const char *fingerprint, const CatalogTable *table, Error *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < table->index_count; i++) {
        ok = add_index(db, fingerprint, table, &table->indexes[i], err);
    }
    return ok;
}

static void add_comment(Text *text, const char *comment)
{
    if (!text_is_empty(comment)) {
        text_addf(text, "%s%s", text->length ? "\n" : "", comment);
    }
}

/* What of a table the index holds. */
typedef struct Topic {
    int64_t id;
    Text name;
    Text columns;
    Text details;
} Topic;

static bool add_topic(Sqlite *db, const Topic *topic, const CatalogTable *table, Error *err)
{
    return sqlite_run(
        db, err,
        "INSERT INTO catalog_topic(rowid, name, columns, description, details) VALUES ($1, $2, $3, $4, $5)",
        VALUES(value_int(topic->id), value_text(text_string(&topic->name)),
               value_text(text_string(&topic->columns)), value_text(text_or_null(table->comment)),
               value_text(text_or_null(text_string(&topic->details)))));
}

static bool add_estimate(Sqlite *db, const char *fingerprint, const CatalogTable *table, Error *err)
{
    return table->rows < 0 || sqlite_run(db, err, "INSERT INTO catalog_estimate VALUES ($1, $2, $3, $4)",
                                         VALUES(value_text(fingerprint), value_text(table->schema),
                                                value_text(table->name), value_real(table->rows)));
}

static bool add_table(Rows *rows, const char *fingerprint, const CatalogTable *table,
                      const CatalogWords *words, Error *err)
{
    Topic topic = {.id = rows->next_id};
    bool ok = add_object(rows, fingerprint, table, NULL, words, &topic.name, err) &&
              add_key(rows->db, fingerprint, table, err) && add_indexes(rows->db, fingerprint, table, err) &&
              add_estimate(rows->db, fingerprint, table, err);
    for (size_t i = 0; ok && i < table->column_count; i++) {
        ok = add_object(rows, fingerprint, table, &table->columns[i], words, &topic.columns, err);
        add_comment(&topic.details, table->columns[i].comment);
    }
    ok = ok && add_topic(rows->db, &topic, table, err);
    text_free(&topic.name);
    text_free(&topic.columns);
    text_free(&topic.details);
    return ok;
}

static bool add_tables(Sqlite *db, const char *fingerprint, const Catalog *catalog, const CatalogWords *words,
                       Error *err)
{
    int64_t last = 0;
    if (!sqlite_number(db, err, 0, &last, "SELECT max(id) FROM catalog_object", NO_VALUES)) {
        return false;
    }
    Rows rows = {.db = db, .next_id = last + 1};
    bool ok = true;
    for (size_t i = 0; ok && i < catalog->table_count; i++) {
        ok = add_table(&rows, fingerprint, &catalog->tables[i], words, err) &&
             (!interrupt_requested() ||
              error_set(err, ERROR_INTERRUPTED, "interrupted while the catalog was being indexed"));
    }
    ok = ok && flush(&rows, err) &&
         sqlite_run(db, err, "INSERT INTO catalog_span VALUES ($1, $2, $3, $4, 0)",
                    VALUES(value_text(fingerprint), value_int(last + 1), value_int(rows.next_id - 1),
                           value_int((int64_t)catalog->table_count)));
    drop(&rows);
    return ok;
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
                        const CatalogWords *words, Error *err)
{
    char now[CLOCK_TEXT_SIZE];
    clock_now(now);
    return add_tables(db, fingerprint, catalog, words, err) &&
           add_references(db, fingerprint, catalog, err) && add_gaps(db, fingerprint, catalog, err) &&
           sqlite_run(db, err, "INSERT INTO catalog_cache(fingerprint, taken_at) VALUES ($1, $2)",
                      VALUES(value_text(fingerprint), value_text(now)));
}

bool catalog_cache_save(Local *local, const char *fingerprint, const Catalog *catalog,
                        const CatalogWords *words, Error *err)
{
    Sqlite *db = local_sqlite(local);
    if (!local_begin(local, err)) {
        return false;
    }
    if (!clear(db, fingerprint, err) || !add_catalog(db, fingerprint, catalog, words, err) ||
        !catalog_cache_describe(local, fingerprint, err)) {
        local_rollback(local);
        return false;
    }
    return local_commit(local, err);
}

/* A file that is only read may be of an earlier amx, which kept less: the newest parts tell. */
static bool is_kept(Sqlite *db, bool *out, Error *err)
{
    int64_t parts = 0;
    bool ok = sqlite_number(db, err, 0, &parts,
                            "SELECT count(*) FROM sqlite_schema WHERE name IN ('catalog_rule', "
                            "'catalog_object_named')",
                            NO_VALUES);
    *out = parts == 2;
    return ok;
}

bool catalog_cache_age(Local *local, const char *fingerprint, char taken_at[CLOCK_TEXT_SIZE],
                       int64_t *seconds, Error *err)
{
    Sqlite *db = local_sqlite(local);
    bool kept = false;
    *taken_at = '\0';
    *seconds = 0;
    if (!is_kept(db, &kept, err)) {
        return false;
    }
    if (!kept) {
        return true;
    }
    SqliteRows *rows = sqlite_query(db, err,
                                    "SELECT taken_at, strftime('%s', 'now') - strftime('%s', taken_at) "
                                    "FROM catalog_cache JOIN catalog_span USING (fingerprint) "
                                    "WHERE fingerprint = $1 AND (last_id - first_id + 1 = table_count "
                                    "OR EXISTS (SELECT 1 FROM catalog_rule WHERE id BETWEEN first_id AND "
                                    "last_id))",
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
