/* The descriptions that reviews add to the cached catalog. */
#include "catalog_cache.h"

#include <string.h>

#include "catalog_topic.h"
#include "local_sqlite.h"

/* Of the tables whose own or whose columns' descriptions are others now. */
static const char describe_topics[] =
    "UPDATE catalog_topic SET description = t.description, details = t.details FROM ("
    "SELECT o.id, coalesce(o.comment, o.accepted) AS description, (SELECT group_concat(said, char(10)) FROM "
    "(SELECT coalesce(c.comment, c.accepted) AS said FROM catalog_object c WHERE c.fingerprint = "
    "o.fingerprint AND c.schema_name = o.schema_name AND c.table_name = o.table_name AND c.column_name <> "
    "'' ORDER BY c.id)) AS details "
    "FROM catalog_object o WHERE o.fingerprint = $1 AND o.column_name = '') t "
    "WHERE catalog_topic.rowid = t.id AND (catalog_topic.description IS NOT t.description OR "
    "catalog_topic.details IS NOT t.details)";

static const char describe_objects[] =
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
    "WHERE catalog_object.id = changed.id";

static bool is_stale(Sqlite *db, const char *fingerprint, bool *out, Error *err)
{
    int64_t stale = 0;
    bool ok =
        sqlite_number(db, err, 0, &stale, "SELECT NOT described FROM catalog_span WHERE fingerprint = $1",
                      VALUES(value_text(fingerprint)));
    *out = stale != 0;
    return ok;
}

static bool run_all(Sqlite *db, const char *fingerprint, const char *const *statements, Error *err)
{
    const Value values[] = {value_text(fingerprint)};
    bool ok = true;
    for (size_t i = 0; ok && statements[i]; i++) {
        ok = sqlite_run(db, err, statements[i], values, strstr(statements[i], "$1") ? 1 : 0);
    }
    return ok;
}

static bool describe(Sqlite *db, const char *fingerprint, Error *err)
{
    static const char *const statements[] = {describe_objects, describe_topics,
                                             "UPDATE catalog_span SET described = 1 WHERE fingerprint = $1",
                                             NULL};
    return run_all(db, fingerprint, statements, err);
}

bool catalog_cache_describe(Local *local, const char *fingerprint, Error *err)
{
    Sqlite *db = local_sqlite(local);
    bool stale = false;
    if (!is_stale(db, fingerprint, &stale, err)) {
        return false;
    }
    return !stale || (local_begin(local, err) && local_end(local, describe(db, fingerprint, err), err));
}

/* Temporary tables go before those of the file by the same name. Of the index all is copied: how rare a word
 * is depends on every profile's tables. */
static bool copy_aside(Sqlite *db, const char *fingerprint, Error *err)
{
    static const char *const statements[] = {
        "CREATE TABLE temp.catalog_span AS SELECT * FROM main.catalog_span WHERE fingerprint = $1",
        "CREATE TABLE temp.catalog_object AS SELECT * FROM main.catalog_object WHERE fingerprint = $1",
        "CREATE INDEX temp.catalog_object_id ON catalog_object(id)",
        "CREATE INDEX temp.catalog_object_table ON catalog_object(fingerprint, schema_name, table_name, "
        "column_name)",
        "CREATE INDEX temp.catalog_object_named ON " CATALOG_NAMED_INDEX,
        "CREATE VIRTUAL TABLE temp.catalog_topic USING " CATALOG_TOPIC_INDEX,
        "CREATE VIRTUAL TABLE temp.catalog_word USING " CATALOG_WORD_INDEX,
        "INSERT INTO temp.catalog_topic(rowid, name, columns, description, details) "
        "SELECT rowid, name, columns, description, details FROM main.catalog_topic",
        NULL};
    return run_all(db, fingerprint, statements, err);
}

static bool describe_aside(Sqlite *db, const char *fingerprint, Error *err)
{
    bool stale = false;
    return is_stale(db, fingerprint, &stale, err) &&
           (!stale || (copy_aside(db, fingerprint, err) && describe(db, fingerprint, err)));
}

bool catalog_cache_begin(Local *local, const char *fingerprint, Error *err)
{
    Sqlite *db = local_sqlite(local);
    bool reads = sqlite_is_read_only(db);
    bool ok = reads ? sqlite_script(db, "PRAGMA temp_store=MEMORY", err)
                    : catalog_cache_describe(local, fingerprint, err);
    if (!ok || !local_begin_reading(local, err)) {
        return false;
    }
    if (reads && !describe_aside(db, fingerprint, err)) {
        local_end_reading(local);
        return false;
    }
    return true;
}
