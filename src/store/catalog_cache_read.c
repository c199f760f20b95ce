/* The cached catalog, asked: lists and searches. */
#include "catalog_cache.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unicase.h>
#include <uninorm.h>

#include "local_sqlite.h"
#include "memory.h"
#include "text.h"

/* --- objects --- */

#define OBJECT_COLUMNS                                                                                       \
    "schema_name, table_name, column_name, kind, data_type, coalesce(comment, accepted), "                   \
    "comment IS NULL AND accepted IS NOT NULL, refers_to, words, id "

enum { OBJECT_WIDTH = 10 };

static bool each_object(Sqlite *db, SqliteRows *rows, CatalogObjectFunction each, void *context, Error *err)
{
    while (sqlite_next(rows)) {
        const char *column = sqlite_text(rows, 2);
        CatalogObject object = {.schema = sqlite_text(rows, 0),
                                .table = sqlite_text(rows, 1),
                                .column = text_is_empty(column) ? NULL : column,
                                .kind = sqlite_text(rows, 3),
                                .type = sqlite_text(rows, 4),
                                .description = sqlite_text(rows, 5),
                                .accepted = sqlite_int(rows, 6) != 0,
                                .refers_to = sqlite_text(rows, 7),
                                .words = sqlite_text(rows, 8),
                                .id = sqlite_int(rows, 9)};
        each(context, &object);
    }
    return sqlite_done(db, rows, err);
}

bool catalog_cache_list(Local *local, const char *fingerprint, const char *schema, const char *table,
                        CatalogObjectFunction each, void *context, Error *err)
{
    Sqlite *db = local_sqlite(local);
    SqliteRows *rows = sqlite_query(db, err,
                                    "SELECT " OBJECT_COLUMNS "FROM catalog_object WHERE fingerprint = $1 "
                                    "AND schema_name = $2 AND table_name = $3 ORDER BY id",
                                    VALUES(value_text(fingerprint), value_text(schema), value_text(table)));
    return each_object(db, rows, each, context, err);
}

bool catalog_cache_table(Local *local, const char *fingerprint, int64_t id, CatalogObjectFunction each,
                         void *context, Error *err)
{
    Sqlite *db = local_sqlite(local);
    SqliteRows *rows = sqlite_query(
        db, err,
        "SELECT " OBJECT_COLUMNS "FROM catalog_object WHERE fingerprint = $1 AND (schema_name, table_name) = "
        "(SELECT schema_name, table_name FROM catalog_object WHERE id = $2) ORDER BY id",
        VALUES(value_text(fingerprint), value_int(id)));
    return each_object(db, rows, each, context, err);
}

/* SQLite's NOCASE knows the letters of ASCII alone: the others are looked for as they stand, all small, all
 * capital, and with a capital first. */
enum { CASES = 4 };
typedef struct Cases {
    char *items[CASES];
} Cases;

typedef uint8_t *(*CaseMapping)(const uint8_t *, size_t, const char *, uninorm_t, uint8_t *, size_t *);

static char *mapped(CaseMapping map, const char *name)
{
    size_t length = 0;
    uint8_t *bytes = map((const uint8_t *)name, strlen(name), NULL, UNINORM_NFC, NULL, &length);
    return text_take_bytes(bytes, length);
}

/* The name in that case; NULL when it would be another name: capital "straße" is "STRASSE", and small that is
 * "strasse". */
static char *same_in(CaseMapping map, const char *name, const char *small)
{
    char *other = mapped(map, name);
    char *back = other ? mapped(u8_tolower, other) : NULL;
    if (!text_equal(back, small)) {
        free(other);
        other = NULL;
    }
    free(back);
    return other;
}

/* None of NULL. */
static Cases cases_of(const char *name)
{
    Cases cases = {{memory_string(name)}};
    if (name && !text_is_ascii(name)) {
        char *small = mapped(u8_tolower, name);
        cases.items[1] = small;
        cases.items[2] = same_in(u8_toupper, name, small);
        cases.items[3] = same_in(u8_totitle, name, small);
    }
    return cases;
}

static void cases_free(Cases *cases)
{
    for (size_t i = 0; i < CASES; i++) {
        free(cases->items[i]);
    }
}

/* Is it the same as one before to NOCASE? */
static bool is_repeated(const Cases *cases, size_t number)
{
    for (size_t i = 0; i < number; i++) {
        if (cases->items[i] && strcasecmp(cases->items[i], cases->items[number]) == 0) {
            return true;
        }
    }
    return false;
}

#define TABLES_NAMED                                                                                         \
    "FROM catalog_object INDEXED BY catalog_object_named WHERE fingerprint = $1 AND table_name = $3 "        \
    "COLLATE NOCASE AND column_name = '' "                                                                   \
    "AND schema_name = ifnull($2, schema_name) COLLATE NOCASE "

/* One query for each case of the table's name: SQLite uses the index for = and not for IN. */
bool catalog_cache_named(Local *local, const char *fingerprint, const char *schema, const char *table,
                         const char *column, CatalogObjectFunction each, void *context, Error *err)
{
    static const char tables[] = "SELECT " OBJECT_COLUMNS TABLES_NAMED "ORDER BY id";
    static const char columns[] =
        "SELECT " OBJECT_COLUMNS "FROM catalog_object WHERE fingerprint = $1 AND column_name <> '' "
        "AND column_name COLLATE NOCASE IN ($4, $5, $6, $7) "
        "AND (schema_name, table_name) IN (SELECT schema_name, table_name " TABLES_NAMED ") ORDER BY id";
    Sqlite *db = local_sqlite(local);
    Cases names = cases_of(table), of_column = cases_of(column);
    bool ok = true;
    for (size_t i = 0; ok && i < CASES; i++) {
        if (names.items[i] && !is_repeated(&names, i)) {
            const Value values[] = {value_text(fingerprint),        value_text(schema),
                                    value_text(names.items[i]),     value_text(of_column.items[0]),
                                    value_text(of_column.items[1]), value_text(of_column.items[2]),
                                    value_text(of_column.items[3])};
            SqliteRows *rows = sqlite_query(db, err, column ? columns : tables, values, column ? 7 : 3);
            ok = each_object(db, rows, each, context, err);
        }
    }
    cases_free(&of_column);
    cases_free(&names);
    return ok;
}

enum { FILTER_VALUES = 46 };

/* Only those tables that the query names, or those that it does not. */
static void add_has(Text *sql, CatalogHas has, const char *query)
{
    if (has != CATALOG_HAS_ANY) {
        text_addf(sql, " AND (schema_name, table_name) %sIN (SELECT %s)",
                  has == CATALOG_HAS_NOT ? "NOT " : "", query);
    }
}

static void add_rows(Text *sql, CatalogHas rows)
{
    if (rows != CATALOG_HAS_ANY) {
        text_addf(
            sql,
            " AND (schema_name, table_name) IN (SELECT schema_name, table_name FROM catalog_estimate WHERE "
            "fingerprint = $1 AND row_count %s 0)",
            rows == CATALOG_HAS ? ">" : "=");
    }
}

/* Only those columns of which the rule holds, or does not. */
static void add_rule(Text *sql, CatalogHas has, const char *rule)
{
    if (has != CATALOG_HAS_ANY) {
        text_addf(sql, " AND id IN (SELECT id FROM catalog_rule WHERE %s%s)",
                  has == CATALOG_HAS ? "" : "NOT ", rule);
    }
}

static const char *measure_sql(CatalogMeasure by)
{
    switch (by) {
    case CATALOG_COLUMNS:
        return "(SELECT count(*) FROM catalog_object c WHERE c.fingerprint = $1 AND c.schema_name = "
               "catalog_object.schema_name AND c.table_name = catalog_object.table_name AND c.column_name <> "
               "'')";
    case CATALOG_FOREIGN_KEYS:
        return "(SELECT count(DISTINCT key) FROM catalog_reference r WHERE r.fingerprint = $1 AND "
               "r.schema_name = "
               "catalog_object.schema_name AND r.table_name = catalog_object.table_name)";
    case CATALOG_REFERENCES:
        return "(SELECT count(DISTINCT key) FROM catalog_reference r WHERE r.fingerprint = $1 AND "
               "r.to_schema = "
               "catalog_object.schema_name AND r.to_table = catalog_object.table_name)";
    case CATALOG_ROWS:
        break;
    }
    return "(SELECT row_count FROM catalog_estimate e WHERE e.fingerprint = $1 AND e.schema_name = "
           "catalog_object.schema_name AND e.table_name = catalog_object.table_name)";
}

/* As it stands there ("numeric(10,2)"), without its length ("timestamp(3) with time zone" is one with time
 * zone), or without its schema. */
static void add_types(Text *sql, const CatalogFilter *filter, Value values[FILTER_VALUES], int *count)
{
    const char *type = "replace(lower(data_type), ', ', ',')";
    if (filter->arrays) {
        text_add(sql, " AND data_type LIKE '%[]'");
        type = "rtrim(replace(lower(data_type), ', ', ','), '[]')";
    }
    for (int i = 0; filter->types && filter->types[i] && *count + 1 < FILTER_VALUES; i++) {
        values[(*count)++] = value_text(filter->types[i]);
        text_addf(sql,
                  "%s %s = $%d OR %s LIKE $%d || '(%%)' "
                  "OR substr(%s, 1, instr(%s, '(') - 1) || substr(%s, instr(%s, ')') + 1) = $%d "
                  "OR substr(%s, -length($%d) - 1) = '.' || $%d",
                  i ? " OR" : " AND (", type, *count, type, *count, type, type, type, type, *count, type,
                  *count, *count);
    }
    text_add(sql, filter->types && filter->types[0] ? ")" : "");
}

/* In any case. */
static void add_column(Text *sql, const CatalogFilter *filter, const Cases *column,
                       Value values[FILTER_VALUES], int *count)
{
    if (filter->column) {
        text_addf(sql, " AND column_name COLLATE NOCASE IN ($%d, $%d, $%d, $%d)", *count + 1, *count + 2,
                  *count + 3, *count + 4);
        for (size_t i = 0; i < CASES; i++) {
            values[(*count)++] = value_text(column->items[i]);
        }
    }
}

/* The condition of a filter, and its values after the fingerprint. */
static int add_filter(Text *sql, const CatalogFilter *filter, const Cases *column,
                      Value values[FILTER_VALUES])
{
    int count = 1;
    text_add(sql, "FROM catalog_object WHERE fingerprint = $1");
    if (filter->schema) {
        values[count++] = value_text(filter->schema);
        text_addf(sql, " AND schema_name = $%d", count);
    }
    if (filter->table) {
        values[count++] = value_text(filter->table);
        text_addf(sql, " AND table_name = $%d", count);
    }
    if (filter->lacks) {
        text_add(sql, " AND (schema_name, table_name) NOT IN (SELECT schema_name, table_name "
                      "FROM catalog_object WHERE fingerprint = $1 AND column_name <> ''");
    }
    add_column(sql, filter, column, values, &count);
    add_types(sql, filter, values, &count);
    text_add(sql, filter->lacks ? ")" : "");
    if (filter->kind) {
        values[count++] = value_text(filter->kind);
        text_addf(sql, " AND kind LIKE '%%' || $%d", count);
    }
    add_has(sql, filter->primary_key, "schema_name, table_name FROM catalog_key WHERE fingerprint = $1");
    add_has(sql, filter->foreign_key,
            "schema_name, table_name FROM catalog_reference WHERE fingerprint = $1");
    add_has(
        sql, filter->referenced,
        "to_schema, to_table FROM catalog_reference WHERE fingerprint = $1 AND (schema_name, table_name) <> "
        "(to_schema, to_table)");
    add_has(sql, filter->self_reference,
            "schema_name, table_name FROM catalog_reference WHERE fingerprint = $1 AND "
            "(schema_name, table_name) = (to_schema, to_table)");
    if (filter->apart_from) {
        values[count++] = value_text(filter->apart_from->schema);
        values[count++] = value_text(filter->apart_from->table);
        text_addf(sql,
                  " AND (schema_name, table_name) <> ($%d, $%d) AND (schema_name, table_name) NOT IN (SELECT "
                  "schema_name, table_name FROM catalog_reference WHERE fingerprint = $1 AND "
                  "(to_schema, to_table) = ($%d, $%d))",
                  count - 1, count, count - 1, count);
    }
    add_rows(sql, filter->rows);
    add_has(sql, filter->indexed,
            "schema_name, table_name FROM catalog_index WHERE fingerprint = $1 UNION "
            "SELECT schema_name, table_name FROM catalog_key WHERE fingerprint = $1");
    add_rule(sql, filter->not_null, "not_null");
    add_rule(sql, filter->unique, "is_unique");
    add_rule(sql, filter->generated, "generated");
    add_rule(sql, filter->with_default, "(default_value IS NOT NULL AND NOT generated)");
    if (filter->bounds) {
        values[count++] = value_int(filter->bounds->least);
        values[count++] = value_int(filter->bounds->most);
        text_addf(sql, " AND %s BETWEEN $%d AND $%d", measure_sql(filter->bounds->by), count - 1, count);
    }
    if (filter->tables != filter->columns) {
        text_add(sql, filter->tables ? " AND column_name = ''" : " AND column_name <> ''");
    }
    if (filter->undescribed) {
        text_add(sql, " AND coalesce(comment, accepted, '') = ''");
    }
    if (filter->described) {
        text_add(sql, " AND coalesce(comment, accepted, '') <> ''");
    }
    return count;
}

bool catalog_cache_select(Local *local, const char *fingerprint, const CatalogFilter *filter, int limit,
                          CatalogObjectFunction each, void *context, int64_t *total, Error *err)
{
    Sqlite *db = local_sqlite(local);
    Value values[FILTER_VALUES] = {value_text(fingerprint)};
    Text condition = {0};
    Cases column = cases_of(filter->column);
    int count = add_filter(&condition, filter, &column, values);
    char *counted = text_format("SELECT count(*) %s", text_string(&condition));
    char *listed =
        text_format("SELECT " OBJECT_COLUMNS "%s ORDER BY id LIMIT $%d", text_string(&condition), count + 1);
    bool ok = sqlite_number(db, err, 0, total, counted, values, count);
    if (ok) {
        values[count] = value_int(limit);
        ok = each_object(db, sqlite_query(db, err, listed, values, count + 1), each, context, err);
    }
    free(listed);
    free(counted);
    text_free(&condition);
    cases_free(&column);
    return ok;
}

typedef struct Ranking {
    CatalogMeasureFunction each;
    void *context;
    SqliteRows *rows;
} Ranking;

static void rank_one(void *context, const CatalogObject *object)
{
    Ranking *ranking = context;
    ranking->each(ranking->context, object, sqlite_real(ranking->rows, OBJECT_WIDTH));
}

bool catalog_cache_rank(Local *local, const char *fingerprint, const CatalogFilter *filter, CatalogMeasure by,
                        bool least, int limit, CatalogMeasureFunction each, void *context, int64_t *total,
                        Error *err)
{
    Sqlite *db = local_sqlite(local);
    Value values[FILTER_VALUES] = {value_text(fingerprint)};
    Text condition = {0};
    Cases column = cases_of(filter->column);
    int count = add_filter(&condition, filter, &column, values);
    const char *measure = measure_sql(by);
    if (by == CATALOG_ROWS) {
        text_addf(&condition, " AND %s IS NOT NULL", measure);
    }
    char *counted = text_format("SELECT count(*) %s", text_string(&condition));
    char *ranked = text_format("SELECT " OBJECT_COLUMNS ", %s AS number %s ORDER BY number %s, id LIMIT $%d",
                               measure, text_string(&condition), least ? "ASC" : "DESC", count + 1);
    bool ok = sqlite_number(db, err, 0, total, counted, values, count);
    if (ok) {
        values[count] = value_int(limit);
        Ranking ranking = {.each = each, .context = context};
        SqliteRows *rows = sqlite_query(db, err, ranked, values, count + 1);
        ranking.rows = rows;
        ok = each_object(db, rows, rank_one, &ranking, err);
    }
    free(ranked);
    free(counted);
    text_free(&condition);
    cases_free(&column);
    return ok;
}

/* --- the index --- */

/* bm25 is lower for better matches. */
#define TOPICS                                                                                               \
    "FROM catalog_topic WHERE catalog_topic MATCH $2 AND rowid BETWEEN (SELECT first_id FROM catalog_span "  \
    "WHERE fingerprint = $1) AND (SELECT last_id FROM catalog_span WHERE fingerprint = $1) "

static bool each_topic(Sqlite *db, SqliteRows *rows, CatalogTopicFunction each, void *context, Error *err)
{
    while (sqlite_next(rows)) {
        each(context, sqlite_int(rows, 0));
    }
    return sqlite_done(db, rows, err);
}

bool catalog_cache_search(Local *local, const char *fingerprint, const char *expression, int limit,
                          CatalogTopicFunction each, void *context, Error *err)
{
    Sqlite *db = local_sqlite(local);
    SqliteRows *rows = sqlite_query(
        db, err, "SELECT rowid " TOPICS "ORDER BY bm25(catalog_topic, 10.0, 3.0, 4.0, 1.0), rowid LIMIT $3",
        VALUES(value_text(fingerprint), value_text(expression), value_int(limit)));
    return each_topic(db, rows, each, context, err);
}

bool catalog_cache_fitting(Local *local, const char *fingerprint, const char *expression, int limit,
                           CatalogTopicFunction each, void *context, Error *err)
{
    Sqlite *db = local_sqlite(local);
    SqliteRows *rows =
        sqlite_query(db, err, "SELECT rowid " TOPICS "ORDER BY rowid LIMIT $3",
                     VALUES(value_text(fingerprint), value_text(expression), value_int(limit)));
    return each_topic(db, rows, each, context, err);
}

bool catalog_cache_count(Local *local, const char *fingerprint, const char *expression, int64_t *out,
                         Error *err)
{
    return sqlite_number(local_sqlite(local), err, 0, out, "SELECT count(*) " TOPICS,
                         VALUES(value_text(fingerprint), value_text(expression)));
}

bool catalog_cache_table_count(Local *local, const char *fingerprint, int64_t *out, Error *err)
{
    return sqlite_number(local_sqlite(local), err, 0, out,
                         "SELECT table_count FROM catalog_span WHERE fingerprint = $1",
                         VALUES(value_text(fingerprint)));
}

static bool each_word(Sqlite *db, SqliteRows *rows, CatalogWordFunction each, void *context, Error *err)
{
    while (sqlite_next(rows)) {
        each(context, sqlite_text(rows, 0), sqlite_int(rows, 1));
    }
    return sqlite_done(db, rows, err);
}

bool catalog_cache_vocabulary(Local *local, CatalogWordFunction each, void *context, Error *err)
{
    Sqlite *db = local_sqlite(local);
    return each_word(db, sqlite_query(db, err, "SELECT term, doc FROM catalog_word", NO_VALUES), each,
                     context, err);
}

bool catalog_cache_key(Local *local, const char *fingerprint, const char *schema, const char *table,
                       CatalogWordFunction each, void *context, Error *err)
{
    Sqlite *db = local_sqlite(local);
    SqliteRows *rows =
        sqlite_query(db, err,
                     "SELECT column_name, position FROM catalog_key WHERE fingerprint = $1 AND "
                     "schema_name = $2 AND table_name = $3 ORDER BY position",
                     VALUES(value_text(fingerprint), value_text(schema), value_text(table)));
    return each_word(db, rows, each, context, err);
}
