/* Reading the catalog of a PostgreSQL database: a fixed number of queries over sets, in one snapshot. The
 * first finds the relations; the others take their oids, and give their rows in the order of these, so that
 * the table of a row is mostly the one of the row before. */
#include "database_pg.h"

#include <jansson.h>
#include <limits.h>
#include <string.h>

#include "database_pg_reading.h"
#include "memory.h"

/* With only pg_catalog in the path, what the server prints is qualified and the same for everybody, and
 * nobody's look-alike function is called. */
#define BEGIN_READING "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL search_path TO pg_catalog"

/* The planner expects few rows of joins between catalogs, and would loop over them for each of thousands of
 * tables. For few tables that is right. */
#define MANY_TABLES 100
#define PLAN_FOR_FEW "SET LOCAL jit TO off"
#define PLAN_FOR_MANY "SET LOCAL enable_nestloop TO off; SET LOCAL work_mem TO '32MB'; " PLAN_FOR_FEW

/* What may be refused is read behind a savepoint. To print an expression or a view, the server locks the
 * tables: somebody who is changing one must not hold up everything. */
#define BEGIN_OPTIONAL "SAVEPOINT optional; SET LOCAL lock_timeout TO '3s'"
#define UNDO_OPTIONAL "ROLLBACK TO SAVEPOINT optional"

/* clang-format off */

/* The relations meant by $1 (schema or NULL) and $2 (table or NULL). Partitions hold the rows of the table
 * that is described, and members of extensions are described by their extension: both are left out unless
 * named; $3 not NULL takes partitions that are described themselves, or listed there. */
static const char tables_sql[] =
    "SELECT c.oid, n.nspname, c.relname, c.relkind, c.relispartition,\n"
    "       CASE WHEN c.relkind = 'v' THEN -1 ELSE c.reltuples END, d.description,\n"
    "       has_schema_privilege(n.oid, 'USAGE'), has_any_column_privilege(c.oid, 'SELECT'),\n"
    "       c.relhassubclass AND c.relkind <> 'p'\n"
    "         AND EXISTS (SELECT FROM pg_inherits h WHERE h.inhparent = c.oid)\n"
    "  FROM pg_class c\n"
    "  JOIN pg_namespace n ON n.oid = c.relnamespace\n"
    "  LEFT JOIN pg_description d ON d.classoid = 'pg_class'::regclass AND d.objoid = c.oid\n"
    "       AND d.objsubid = 0\n"
    " WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')\n"
    "   AND (n.nspname = $1\n"
    "        OR ($1 IS NULL AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'))\n"
    "   AND (c.relname = $2 OR ($2 IS NULL AND (NOT c.relispartition OR ($3 IS NOT NULL AND (\n"
    "          EXISTS (SELECT FROM pg_description o WHERE o.classoid = 'pg_class'::regclass AND o.objoid = c.oid)\n"
    "          OR (n.nspname, c.relname) IN (SELECT l->>0, l->>1 FROM json_array_elements($3::json) l))))\n"
    "        AND NOT EXISTS (\n"
    "        SELECT FROM pg_depend e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid\n"
    "           AND e.objsubid = 0 AND e.deptype = 'e')))\n"
    " ORDER BY n.nspname COLLATE \"C\", c.relname COLLATE \"C\"";

/* A default of the column comes before that of its domain. What generates a column names others and is read
 * with the expressions; a default names none, so that the server need not look at the table. */
static const char columns_sql[] =
    "WITH serial AS (\n"
    "  SELECT DISTINCT d.refobjid, d.refobjsubid\n"
    "    FROM pg_depend d JOIN pg_class q ON q.oid = d.objid AND q.relkind = 'S'\n"
    "   WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'a')\n"
    "SELECT a.attrelid, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,\n"
    "       a.attgenerated <> '', a.attidentity <> '' OR serial.refobjid IS NOT NULL,\n"
    "       COALESCE(pg_get_expr(e.adbin, 0), t.typdefault), d.description,\n"
    "       CASE WHEN t.typcategory = 'A' AND t.typtype <> 'd' THEN t.typelem ELSE t.oid END,\n"
    "       t.typtype, t.typcategory, a.attcollation IN " PG_READING_LENIENT "\n"
    "  FROM " PG_READING_SCOPE "\n"
    "  JOIN pg_attribute a ON a.attrelid = s.oid AND a.attnum > 0 AND NOT a.attisdropped\n"
    "  JOIN pg_type t ON t.oid = a.atttypid\n"
    "  LEFT JOIN pg_attrdef e ON e.adrelid = a.attrelid AND e.adnum = a.attnum\n"
    "       AND a.attgenerated = ''\n"
    "  LEFT JOIN pg_description d ON d.classoid = 'pg_class'::regclass AND d.objoid = a.attrelid\n"
    "       AND d.objsubid = a.attnum\n"
    "  LEFT JOIN serial ON serial.refobjid = a.attrelid AND serial.refobjsubid = a.attnum\n"
    " ORDER BY a.attrelid, a.attnum";

/* Behind every primary key and unique constraint is an index of the same name. By way of JSON, as servers before
 * 15 have no indnullsnotdistinct. */
static const char indexes_sql[] =
    "SELECT x.indrelid, i.relname, x.indisprimary, x.indisunique, x.indkey, x.indnkeyatts,\n"
    "       x.indexprs IS NOT NULL, x.indpred IS NOT NULL,\n"
    "       x.indisunique AND NOT x.indisprimary AND to_jsonb(x) @> '{\"indnullsnotdistinct\": true}'\n"
    "  FROM " PG_READING_SCOPE "\n"
    "  JOIN pg_index x ON x.indrelid = s.oid AND x.indisvalid\n"
    "  JOIN pg_class i ON i.oid = x.indexrelid\n"
    " ORDER BY x.indrelid, i.relname COLLATE \"C\"";

static const char generated_sql[] =
    "SELECT a.attrelid, a.attnum, pg_get_expr(e.adbin, e.adrelid)\n"
    "  FROM " PG_READING_SCOPE "\n"
    "  JOIN pg_attribute a ON a.attrelid = s.oid AND a.attgenerated <> ''\n"
    "  JOIN pg_attrdef e ON e.adrelid = a.attrelid AND e.adnum = a.attnum";

static const char index_expressions_sql[] =
    "SELECT x.indrelid, i.relname, pg_get_expr(x.indexprs, x.indrelid), pg_get_expr(x.indpred, x.indrelid)\n"
    "  FROM " PG_READING_SCOPE "\n"
    "  JOIN pg_index x ON x.indrelid = s.oid AND x.indisvalid\n"
    "       AND (x.indexprs IS NOT NULL OR x.indpred IS NOT NULL)\n"
    "  JOIN pg_class i ON i.oid = x.indexrelid";

static const char checks_sql[] =
    "SELECT k.conrelid, k.conname, pg_get_expr(k.conbin, k.conrelid), k.convalidated, k.connoinherit\n"
    "  FROM " PG_READING_SCOPE "\n"
    "  JOIN pg_constraint k ON k.conrelid = s.oid AND k.contype = 'c'\n"
    " ORDER BY k.conrelid, k.conname COLLATE \"C\"";

/* A key to or from a partitioned table is repeated for each partition; only the written one counts. Only of a
 * table outside the scope must the server name the columns. */
static const char foreign_keys_sql[] =
    "SELECT k.conrelid, k.conname, k.conkey, k.confrelid, k.confkey, n.nspname, c.relname,\n"
    "       CASE WHEN t.oid IS NULL THEN\n"
    "         (SELECT json_agg(a.attname ORDER BY listed.position)\n"
    "            FROM unnest(k.confkey) WITH ORDINALITY listed (number, position)\n"
    "            JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = listed.number) END,\n"
    "       k.convalidated\n"
    "  FROM " PG_READING_SCOPE "\n"
    "  JOIN pg_constraint k ON k.conrelid = s.oid AND k.contype = 'f'\n"
    "  JOIN pg_class r ON r.oid = k.conrelid\n"
    "  JOIN pg_class c ON c.oid = k.confrelid\n"
    "  JOIN pg_namespace n ON n.oid = c.relnamespace\n"
    "  LEFT JOIN unnest($1::oid[]) t (oid) ON t.oid = k.confrelid\n"
    " WHERE k.conparentid = 0 OR r.relispartition\n"
    " ORDER BY k.conrelid";

/* The comments above a partition, the nearest first; the last row is of the topmost table. */
static const char parents_sql[] =
    "WITH RECURSIVE above AS (\n"
    "  SELECT s.oid AS partition, i.inhparent AS ancestor, 1 AS distance\n"
    "    FROM " PG_READING_SCOPE "\n"
    "    JOIN pg_class c ON c.oid = s.oid AND c.relispartition\n"
    "    JOIN pg_inherits i ON i.inhrelid = c.oid\n"
    "  UNION ALL\n"
    "  SELECT above.partition, i.inhparent, distance + 1\n"
    "    FROM above\n"
    "    JOIN pg_class c ON c.oid = above.ancestor AND c.relispartition\n"
    "    JOIN pg_inherits i ON i.inhrelid = c.oid)\n"
    "SELECT above.partition, n.nspname, c.relname, a.attname, d.description\n"
    "  FROM above\n"
    "  JOIN pg_class c ON c.oid = above.ancestor\n"
    "  JOIN pg_namespace n ON n.oid = c.relnamespace\n"
    "  LEFT JOIN pg_description d ON d.classoid = 'pg_class'::regclass AND d.objoid = c.oid\n"
    "  LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.objsubid AND a.attnum > 0\n"
    " ORDER BY above.partition, above.distance";

static const char definitions_sql[] =
    "SELECT c.oid, pg_get_viewdef(c.oid, true)\n"
    "  FROM " PG_READING_SCOPE "\n"
    "  JOIN pg_class c ON c.oid = s.oid AND c.relkind IN ('v', 'm')";

/* clang-format on */

/* --- helpers --- */

CatalogKind database_pg_kind(const char *relkind)
{
    switch (*relkind) {
    case 'p':
        return CATALOG_PARTITIONED;
    case 'v':
        return CATALOG_VIEW;
    case 'm':
        return CATALOG_MATERIALIZED_VIEW;
    case 'f':
        return CATALOG_FOREIGN_TABLE;
    default: /* 'r': the query asks for no other kind */
        return CATALOG_TABLE;
    }
}

char **pg_reading_names(const char *json)
{
    char **names = NULL;
    json_t *list = json ? json_loads(json, 0, NULL) : NULL;
    size_t count = json_array_size(list);
    if (count > 0) {
        names = memory_zero(count + 1, sizeof *names);
    }
    for (size_t i = 0; i < count; i++) {
        const char *name = json_string_value(json_array_get(list, i));
        names[i] = memory_string(name ? name : "");
    }
    json_decref(list);
    return names;
}

bool pg_reading_query(const PgReading *reading, const char *sql, PgRows **rows, Error *err)
{
    return pg_query(reading->pg, sql, 1, &(PgParam){.data = reading->oids}, reading->deadline, rows, err);
}

PgOid pg_reading_oid(const PgRows *rows, int row, int column)
{
    return (PgOid)pg_rows_int(rows, row, column);
}

static int compare_places(const void *a, const void *b)
{
    const PgPlace *left = a, *right = b;
    return (left->oid > right->oid) - (left->oid < right->oid);
}

CatalogTable *pg_reading_table(PgReading *reading, PgOid oid)
{
    if (reading->place_count == 0) {
        return NULL;
    }
    if (reading->places[reading->last].oid != oid) {
        const PgPlace *place = bsearch(&(PgPlace){.oid = oid}, reading->places, reading->place_count,
                                       sizeof *reading->places, compare_places);
        if (!place) {
            return NULL;
        }
        reading->last = (size_t)(place - reading->places);
    }
    return &reading->catalog->tables[reading->places[reading->last].table];
}

/* The names of the columns whose numbers are listed ("{1,2}" or "1 2"), at most `limit`; those of expressions
 * are 0. */
static char **names_of_numbers(CatalogTable *table, const char *numbers, long long limit)
{
    char **names = NULL;
    const char *at = numbers + strcspn(numbers, "0123456789-");
    for (long long i = 0; *at && i < limit; i++) {
        char *end;
        const CatalogColumn *column = catalog_column_number(table, (int)strtol(at, &end, 10));
        if (column) {
            catalog_add_name(&names, column->name);
        }
        at = end + strcspn(end, "0123456789-");
    }
    return names;
}

/* --- what each row becomes --- */

static void take_table(PgReading *reading, const PgRows *rows, int row)
{
    Catalog *catalog = reading->catalog;
    reading->places[row] = (PgPlace){pg_reading_oid(rows, row, 0), catalog->table_count};
    CatalogTable *table = catalog_add_table(catalog);
    table->schema = memory_string(pg_rows_text(rows, row, 1));
    table->name = memory_string(pg_rows_text(rows, row, 2));
    table->kind = database_pg_kind(pg_rows_text(rows, row, 3));
    table->rows = strtod(pg_rows_text(rows, row, 5), NULL);
    table->comment = memory_string(pg_rows_text(rows, row, 6));
    table->has_children = pg_rows_bool(rows, row, 9);
    reading->views =
        reading->views || table->kind == CATALOG_VIEW || table->kind == CATALOG_MATERIALIZED_VIEW;
    reading->partitions = reading->partitions || pg_rows_bool(rows, row, 4);
    if (!pg_rows_bool(rows, row, 7)) {
        catalog_add_without_statistics(catalog, table->schema, table->name, "no USAGE right on the schema");
    } else if (!pg_rows_bool(rows, row, 8)) {
        catalog_add_without_statistics(catalog, table->schema, table->name, "no SELECT right");
    }
}

static void take_column(PgReading *reading, CatalogTable *table, const PgRows *rows, int row)
{
    CatalogColumn *column = catalog_add_column(table);
    column->number = (int)pg_rows_int(rows, row, 1);
    column->name = memory_string(pg_rows_text(rows, row, 2));
    column->type = memory_string(pg_rows_text(rows, row, 3));
    column->not_null = pg_rows_bool(rows, row, 4);
    column->generated = pg_rows_bool(rows, row, 5);
    column->identity = pg_rows_bool(rows, row, 6);
    column->default_value = memory_string(pg_rows_text(rows, row, 7));
    column->comment = memory_string(pg_rows_text(rows, row, 8));
    column->lenient = pg_rows_bool(rows, row, 12);
    pg_reading_set_type(reading, column, pg_reading_oid(rows, row, 9), *pg_rows_text(rows, row, 10),
                        *pg_rows_text(rows, row, 11));
}

static void take_index(PgReading *reading, CatalogTable *table, const PgRows *rows, int row)
{
    CatalogIndex *index = catalog_add_index(table);
    (void)reading;
    index->name = memory_string(pg_rows_text(rows, row, 1));
    index->primary = pg_rows_bool(rows, row, 2);
    index->unique = pg_rows_bool(rows, row, 3);
    /* what is only INCLUDEd is no part of the key */
    index->columns = names_of_numbers(table, pg_rows_text(rows, row, 4), pg_rows_int(rows, row, 5));
    /* the texts follow, when they can be had */
    index->expressions = pg_rows_bool(rows, row, 6) ? memory_string("") : NULL;
    index->predicate = pg_rows_bool(rows, row, 7) ? memory_string("") : NULL;
    index->one_null = pg_rows_bool(rows, row, 8);
}

static void take_generated(PgReading *reading, CatalogTable *table, const PgRows *rows, int row)
{
    CatalogColumn *column = catalog_column_number(table, (int)pg_rows_int(rows, row, 1));
    (void)reading;
    if (column) {
        free(column->default_value);
        column->default_value = memory_string(pg_rows_text(rows, row, 2));
    }
}

static void replace_text(char **text, const char *other)
{
    if (*text && other) {
        free(*text);
        *text = memory_string(other);
    }
}

static void take_index_expressions(PgReading *reading, CatalogTable *table, const PgRows *rows, int row)
{
    (void)reading;
    for (size_t i = 0; i < table->index_count; i++) {
        if (!strcmp(table->indexes[i].name, pg_rows_text(rows, row, 1))) {
            replace_text(&table->indexes[i].expressions, pg_rows_text(rows, row, 2));
            replace_text(&table->indexes[i].predicate, pg_rows_text(rows, row, 3));
        }
    }
}

static void take_check(PgReading *reading, CatalogTable *table, const PgRows *rows, int row)
{
    CatalogCheck *check = catalog_add_check(&table->checks, &table->check_count);
    (void)reading;
    check->name = memory_string(pg_rows_text(rows, row, 1));
    check->expression = memory_string(pg_rows_text(rows, row, 2));
    check->unproven = !pg_rows_bool(rows, row, 3) || table->kind == CATALOG_FOREIGN_TABLE;
    check->no_inherit = pg_rows_bool(rows, row, 4);
}

static void take_foreign_key(PgReading *reading, CatalogTable *table, const PgRows *rows, int row)
{
    Catalog *catalog = reading->catalog;
    CatalogForeignKey *key = catalog_add_foreign_key(catalog);
    key->table = (size_t)(table - catalog->tables);
    key->name = memory_string(pg_rows_text(rows, row, 1));
    key->columns = names_of_numbers(table, pg_rows_text(rows, row, 2), INT_MAX);
    CatalogTable *target = pg_reading_table(reading, pg_reading_oid(rows, row, 3));
    key->to_columns = target ? names_of_numbers(target, pg_rows_text(rows, row, 4), INT_MAX)
                             : pg_reading_names(pg_rows_text(rows, row, 7));
    key->to_schema = memory_string(pg_rows_text(rows, row, 5));
    key->to_table = memory_string(pg_rows_text(rows, row, 6));
    key->unproven = !pg_rows_bool(rows, row, 8);
}

static void inherit(char **comment, bool *inherited, const char *text)
{
    if (!*comment && text) {
        *comment = memory_string(text);
        *inherited = true;
    }
}

static void take_parent(PgReading *reading, CatalogTable *table, const PgRows *rows, int row)
{
    const char *name = pg_rows_text(rows, row, 3), *text = pg_rows_text(rows, row, 4);
    CatalogColumn *column = name ? catalog_column(table, name) : NULL;
    (void)reading;
    free(table->parent_schema);
    free(table->parent_table);
    table->parent_schema = memory_string(pg_rows_text(rows, row, 1));
    table->parent_table = memory_string(pg_rows_text(rows, row, 2));
    if (column) {
        inherit(&column->comment, &column->inherited, text);
    } else if (!name) {
        inherit(&table->comment, &table->inherited, text);
    }
}

static void take_definition(PgReading *reading, CatalogTable *table, const PgRows *rows, int row)
{
    (void)reading;
    table->definition = memory_string(pg_rows_text(rows, row, 1));
}

/* --- reading --- */

static void keep_places(PgReading *reading)
{
    Text oids = {0};
    if (reading->place_count > 1) {
        qsort(reading->places, reading->place_count, sizeof *reading->places, compare_places);
    }
    text_add(&oids, "{");
    for (size_t i = 0; i < reading->place_count; i++) {
        text_addf(&oids, "%s%u", i ? "," : "", reading->places[i].oid);
    }
    text_add(&oids, "}");
    reading->oids = text_take(&oids);
}

static bool read_tables(PgReading *reading, const DatabaseScope *scope, Error *err)
{
    enum { TEXT_OID = 25 }; /* $1 IS NULL alone would leave the type open */
    const PgParam params[] = {{.data = scope->schema, .type = TEXT_OID},
                              {.data = scope->table, .type = TEXT_OID},
                              {.data = scope->partitions, .type = TEXT_OID}};
    PgRows *rows = NULL;
    if (!pg_query(reading->pg, tables_sql, 3, params, reading->deadline, &rows, err)) {
        return false;
    }
    reading->place_count = (size_t)pg_rows_count(rows);
    reading->places = memory_zero(reading->place_count + 1, sizeof *reading->places);
    for (int row = 0; row < pg_rows_count(rows); row++) {
        take_table(reading, rows, row);
    }
    pg_rows_free(rows);
    keep_places(reading);
    return true;
}

bool pg_reading_details(PgReading *reading, const char *sql, PgTakeRow *take, Error *err)
{
    PgRows *rows = NULL;
    if (!pg_reading_query(reading, sql, &rows, err)) {
        return false;
    }
    for (int row = 0; row < pg_rows_count(rows); row++) {
        CatalogTable *table = pg_reading_table(reading, pg_reading_oid(rows, row, 0));
        if (table) {
            take(reading, table, rows, row);
        }
    }
    pg_rows_free(rows);
    return true;
}

static bool read_keys(PgReading *reading, Error *err)
{
    if (!pg_reading_details(reading, indexes_sql, take_index, err)) {
        return false;
    }
    for (size_t i = 0; i < reading->catalog->table_count; i++) {
        catalog_finish_keys(&reading->catalog->tables[i]);
    }
    return true;
}

static bool read_expressions(PgReading *reading, Error *err)
{
    return pg_reading_details(reading, generated_sql, take_generated, err) &&
           pg_reading_details(reading, index_expressions_sql, take_index_expressions, err) &&
           pg_reading_details(reading, checks_sql, take_check, err) && pg_reading_domain_checks(reading, err);
}

static bool read_definitions(PgReading *reading, Error *err)
{
    return pg_reading_details(reading, definitions_sql, take_definition, err);
}

/* What helps, but without which a catalog is a catalog: a server may keep it to itself, which is then told of
 * the object that it refused. */
static bool read_optional(PgReading *reading, const char *object,
                          bool (*read)(PgReading *reading, Error *err), Error *err)
{
    Error refused = {0};
    if (!pg_script(reading->pg, BEGIN_OPTIONAL, reading->deadline, err)) {
        return false;
    }
    if (read(reading, &refused)) {
        return true;
    }
    if (refused.kind != ERROR_DATABASE) {
        if (err) {
            *err = refused;
        }
        return false;
    }
    catalog_add_skipped(reading->catalog, "pg_catalog", object, refused.message);
    return pg_script(reading->pg, UNDO_OPTIONAL, reading->deadline, err);
}

static bool plan_for_many(PgReading *reading, Error *err)
{
    return pg_script(reading->pg, reading->place_count < MANY_TABLES ? PLAN_FOR_FEW : PLAN_FOR_MANY,
                     reading->deadline, err);
}

/* A schema without tables is no wrong name. */
static bool look_for_schema(PgReading *reading, const DatabaseScope *scope, Error *err)
{
    PgRows *rows = NULL;
    if (reading->place_count > 0 || !scope->schema || scope->table) {
        return true;
    }
    if (!pg_query(reading->pg, "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)", 1,
                  &(PgParam){.data = scope->schema}, reading->deadline, &rows, err)) {
        return false;
    }
    reading->catalog->empty_schema = pg_rows_bool(rows, 0, 0);
    pg_rows_free(rows);
    return true;
}

static bool read_all(PgReading *reading, const DatabaseScope *scope, Error *err)
{
    return read_tables(reading, scope, err) && look_for_schema(reading, scope, err) &&
           (reading->place_count == 0 ||
            (plan_for_many(reading, err) && pg_reading_types(reading, err) &&
             pg_reading_details(reading, columns_sql, take_column, err) && read_keys(reading, err) &&
             pg_reading_details(reading, foreign_keys_sql, take_foreign_key, err) &&
             (!reading->partitions || pg_reading_details(reading, parents_sql, take_parent, err)) &&
             read_optional(reading, "pg_get_expr", read_expressions, err) &&
             (!reading->views || (read_optional(reading, "pg_rewrite", pg_reading_sources, err) &&
                                  read_optional(reading, "pg_get_viewdef", read_definitions, err))) &&
             read_optional(reading, "pg_stats", pg_reading_statistics, err)));
}

bool database_pg_read_catalog(Database *database, const DatabaseScope *scope, Deadline deadline,
                              Catalog *catalog, Error *err)
{
    PgReading reading = {.pg = database->connection, .deadline = deadline, .catalog = catalog};
    if (!pg_script(reading.pg, BEGIN_READING, deadline, err)) {
        return false;
    }
    bool ok = read_all(&reading, scope, err);
    catalog_finish_foreign_keys(catalog);
    pg_script(reading.pg, "ROLLBACK", deadline,
              NULL); /* nothing was written; a failed one is closed by its owner */
    pg_reading_types_free(&reading);
    free(reading.places);
    free(reading.oids);
    return ok;
}
