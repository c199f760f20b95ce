/* Reading the catalog of a PostgreSQL database: a fixed number of queries over sets, in one snapshot. Every
 * query gives its rows by schema and table, so that finding the table of a row is a binary search at worst.
 */
#include "database_pg.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "catalog_build.h"
#include "memory.h"
#include "pg.h"

/* With only pg_catalog in the path, what the server prints is qualified and the same for everybody, and
 * nobody's look-alike function is called. */
#define BEGIN_READING "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL search_path TO pg_catalog"

/* clang-format off */

/* The relations meant by $1 (schema or NULL) and $2 (table or NULL). Partitions hold the rows of the table
 * that is described, and members of extensions are described by their extension: both are left out unless
 * named. */
#define SCOPE \
    "WITH scope AS (\n" \
    "  SELECT c.oid, c.relname, c.relkind, c.reltuples, c.relispartition, n.oid AS schema_oid, n.nspname\n" \
    "    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace\n" \
    "   WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')\n" \
    "     AND (n.nspname = $1\n" \
    "          OR ($1 IS NULL AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'))\n" \
    "     AND (c.relname = $2 OR ($2 IS NULL AND NOT c.relispartition AND NOT EXISTS (\n" \
    "          SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid\n" \
    "             AND d.objsubid = 0 AND d.deptype = 'e'))))\n"
#define SCOPE_ORDER " ORDER BY s.nspname COLLATE \"C\", s.relname COLLATE \"C\""

/* The names of the columns whose numbers stand in an array, in that order, as JSON. */
#define COLUMN_NAMES(relation, numbers) \
    "(SELECT json_agg(a.attname ORDER BY listed.position)\n" \
    "   FROM unnest(" numbers ") WITH ORDINALITY listed (number, position)\n" \
    "   JOIN pg_attribute a ON a.attrelid = " relation " AND a.attnum = listed.number)"

static const char tables_sql[] = SCOPE
    "SELECT s.nspname, s.relname, s.relkind, obj_description(s.oid, 'pg_class'),\n"
    "       CASE WHEN s.relkind IN ('v', 'm') THEN pg_get_viewdef(s.oid, true) END,\n"
    "       CASE WHEN s.relkind = 'v' THEN -1 ELSE s.reltuples END,\n"
    "       has_schema_privilege(s.schema_oid, 'USAGE'), has_any_column_privilege(s.oid, 'SELECT')\n"
    "  FROM scope s"
    SCOPE_ORDER;

static const char columns_sql[] = SCOPE
    ", labels AS (\n"
    "  SELECT enumtypid, json_agg(enumlabel ORDER BY enumsortorder) AS list\n"
    "    FROM pg_enum GROUP BY enumtypid)\n"
    ", serial AS (\n"
    "  SELECT DISTINCT d.refobjid, d.refobjsubid\n"
    "    FROM pg_depend d JOIN pg_class q ON q.oid = d.objid AND q.relkind = 'S'\n"
    "   WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'a')\n"
    "SELECT s.nspname, s.relname, a.attname, format_type(a.atttypid, a.atttypmod),\n"
    "       a.attnotnull OR t.typtype = 'd' AND t.typnotnull, a.attgenerated <> '',\n"
    "       a.attidentity <> '' OR serial.refobjid IS NOT NULL,\n"
    "       COALESCE(pg_get_expr(d.adbin, d.adrelid), t.typdefault),\n"
    "       col_description(a.attrelid, a.attnum), labels.list\n"
    "  FROM scope s\n"
    "  JOIN pg_attribute a ON a.attrelid = s.oid AND a.attnum > 0 AND NOT a.attisdropped\n"
    "  JOIN pg_type t ON t.oid = a.atttypid\n"
    "  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum\n"
    "  LEFT JOIN serial ON serial.refobjid = a.attrelid AND serial.refobjsubid = a.attnum\n"
    "  LEFT JOIN labels ON labels.enumtypid = CASE WHEN t.typtype = 'd' THEN t.typbasetype\n"
    "                                              WHEN t.typcategory = 'A' THEN t.typelem\n"
    "                                              ELSE t.oid END"
    SCOPE_ORDER ", a.attnum";

/* Constraints and plain unique indexes alike: behind every primary key and unique constraint is an index of
 * the same name. Columns that are only INCLUDEd are no part of the key. */
static const char keys_sql[] = SCOPE
    "SELECT s.nspname, s.relname, i.relname, x.indisprimary,\n"
    COLUMN_NAMES("s.oid", "(x.indkey::int2[])[0:x.indnkeyatts - 1]") "\n"
    "  FROM scope s\n"
    "  JOIN pg_index x ON x.indrelid = s.oid\n"
    "  JOIN pg_class i ON i.oid = x.indexrelid\n"
    " WHERE x.indisunique AND x.indisvalid AND x.indpred IS NULL AND x.indexprs IS NULL"
    SCOPE_ORDER ", i.relname COLLATE \"C\"";

static const char checks_sql[] = SCOPE
    "SELECT s.nspname, s.relname, k.conname, pg_get_expr(k.conbin, k.conrelid)\n"
    "  FROM scope s\n"
    "  JOIN pg_constraint k ON k.conrelid = s.oid AND k.contype = 'c'"
    SCOPE_ORDER ", k.conname COLLATE \"C\"";

/* A key to or from a partitioned table is repeated for each partition; only the written one counts. */
static const char foreign_keys_sql[] = SCOPE
    "SELECT s.nspname, s.relname, k.conname,\n"
    COLUMN_NAMES("k.conrelid", "k.conkey") ",\n"
    "       n.nspname, c.relname,\n"
    COLUMN_NAMES("k.confrelid", "k.confkey") "\n"
    "  FROM scope s\n"
    "  JOIN pg_constraint k ON k.conrelid = s.oid AND k.contype = 'f'\n"
    "  JOIN pg_class c ON c.oid = k.confrelid\n"
    "  JOIN pg_namespace n ON n.oid = c.relnamespace\n"
    " WHERE k.conparentid = 0 OR s.relispartition"
    SCOPE_ORDER;

/* Samples only of text columns, the only ones whose format the type does not tell, and of each no more than
 * it takes to see a format. Statistics that include a table's children come last, and stay. */
static const char statistics_sql[] = SCOPE
    "SELECT s.nspname, s.relname, p.attname, p.null_frac, p.n_distinct,\n"
    "       CASE WHEN t.typcategory = 'S' THEN left(p.most_common_vals::text, 2000) END,\n"
    "       CASE WHEN t.typcategory = 'S' THEN left(p.histogram_bounds::text, 2000) END\n"
    "  FROM scope s\n"
    "  JOIN pg_stats p ON p.schemaname = s.nspname AND p.tablename = s.relname\n"
    "  JOIN pg_attribute a ON a.attrelid = s.oid AND a.attname = p.attname\n"
    "  JOIN pg_type t ON t.oid = a.atttypid"
    SCOPE_ORDER ", p.inherited";

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

/* A JSON array of strings as a NULL-ended list; NULL for NULL. */
static char **names_from_json(const char *json)
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

/* The table that a row belongs to by its first two fields, or -1. Rows come in the order of the tables, so it
 * is mostly the one of the row before. */
static long table_of_row(const Catalog *catalog, const PgRows *rows, int row, long last)
{
    const char *schema = pg_rows_text(rows, row, 0), *name = pg_rows_text(rows, row, 1);
    if (last >= 0 && !strcmp(catalog->tables[last].name, name) &&
        !strcmp(catalog->tables[last].schema, schema)) {
        return last;
    }
    return catalog_find_table(catalog, schema, name);
}

/* --- what each row becomes --- */

static void take_table(Catalog *catalog, const PgRows *rows, int row)
{
    CatalogTable *table = catalog_add_table(catalog);
    table->schema = memory_string(pg_rows_text(rows, row, 0));
    table->name = memory_string(pg_rows_text(rows, row, 1));
    table->kind = database_pg_kind(pg_rows_text(rows, row, 2));
    table->comment = memory_string(pg_rows_text(rows, row, 3));
    table->definition = memory_string(pg_rows_text(rows, row, 4));
    table->rows = strtod(pg_rows_text(rows, row, 5), NULL);
    if (!pg_rows_bool(rows, row, 6)) {
        catalog_add_skipped(catalog, table->schema, table->name,
                            "no USAGE right on the schema, so no statistics");
    } else if (!pg_rows_bool(rows, row, 7)) {
        catalog_add_skipped(catalog, table->schema, table->name, "no SELECT right, so no statistics");
    }
}

static void take_column(Catalog *catalog, long table, const PgRows *rows, int row)
{
    CatalogColumn *column = catalog_add_column(&catalog->tables[table]);
    column->name = memory_string(pg_rows_text(rows, row, 2));
    column->type = memory_string(pg_rows_text(rows, row, 3));
    column->not_null = pg_rows_bool(rows, row, 4);
    column->generated = pg_rows_bool(rows, row, 5);
    column->identity = pg_rows_bool(rows, row, 6);
    column->default_value = memory_string(pg_rows_text(rows, row, 7));
    column->comment = memory_string(pg_rows_text(rows, row, 8));
    column->enum_labels = names_from_json(pg_rows_text(rows, row, 9));
}

static void mark_primary_key(CatalogTable *table, const CatalogUnique *key)
{
    for (char **name = key->columns; name && *name; name++) {
        CatalogColumn *column = catalog_column(table, *name);
        if (column) {
            column->primary_key = true;
        }
    }
}

static void free_unique(CatalogUnique *unique)
{
    for (char **name = unique->columns; name && *name; name++) {
        free(*name);
    }
    free(unique->columns);
    free(unique->name);
}

static void take_key(Catalog *catalog, long table, const PgRows *rows, int row)
{
    CatalogTable *of = &catalog->tables[table];
    CatalogUnique key = {.name = memory_string(pg_rows_text(rows, row, 2)),
                         .columns = names_from_json(pg_rows_text(rows, row, 4))};
    catalog_mark_unique(of, &key);
    if (pg_rows_bool(rows, row, 3)) {
        mark_primary_key(of, &key);
        free_unique(&key);
    } else {
        *catalog_add_unique(of) = key;
    }
}

static void take_check(Catalog *catalog, long table, const PgRows *rows, int row)
{
    CatalogTable *of = &catalog->tables[table];
    CatalogCheck *check = catalog_add_check(&of->checks, &of->check_count);
    check->name = memory_string(pg_rows_text(rows, row, 2));
    check->expression = memory_string(pg_rows_text(rows, row, 3));
}

static void take_foreign_key(Catalog *catalog, long table, const PgRows *rows, int row)
{
    CatalogForeignKey *key = catalog_add_foreign_key(catalog);
    key->table = (size_t)table;
    key->name = memory_string(pg_rows_text(rows, row, 2));
    key->columns = names_from_json(pg_rows_text(rows, row, 3));
    key->to_schema = memory_string(pg_rows_text(rows, row, 4));
    key->to_table = memory_string(pg_rows_text(rows, row, 5));
    key->to_columns = names_from_json(pg_rows_text(rows, row, 6));
}

/* Shows the complete elements of an array's text ({a,"b \"c\"",NULL}) to the sample; it may have been cut
 * short. */
static void sample_array(FormatSample *sample, const char *array)
{
    Text value = {0};
    bool quoted = false, was_quoted = false;
    for (const char *at = array && *array == '{' ? array + 1 : ""; *at; at++) {
        if (*at == '\\' && at[1]) {
            text_add_char(&value, *++at);
        } else if (*at == '"') {
            quoted = !quoted;
            was_quoted = true;
        } else if (quoted || (*at != ',' && *at != '}')) {
            text_add_char(&value, *at);
        } else {
            if (was_quoted || strcmp(text_string(&value), "NULL") != 0) {
                format_sample_add(sample, text_string(&value));
            }
            text_clear(&value);
            was_quoted = false;
        }
    }
    text_free(&value);
}

static void take_statistics(Catalog *catalog, long table, const PgRows *rows, int row)
{
    CatalogColumn *column = catalog_column(&catalog->tables[table], pg_rows_text(rows, row, 2));
    if (!column) {
        return;
    }
    FormatSample sample = FORMAT_SAMPLE_START;
    sample_array(&sample, pg_rows_text(rows, row, 5));
    sample_array(&sample, pg_rows_text(rows, row, 6));
    column->has_statistics = true;
    column->null_fraction = strtod(pg_rows_text(rows, row, 3), NULL);
    column->distinct = strtod(pg_rows_text(rows, row, 4), NULL);
    column->format = format_sample_result(&sample);
}

/* --- reading --- */

typedef void (*TakeRow)(Catalog *catalog, long table, const PgRows *rows, int row);

static bool query_scope(Pg *pg, const char *sql, const DatabaseScope *scope, Deadline deadline, PgRows **rows,
                        Error *err)
{
    enum { TEXT_OID = 25 }; /* $1 IS NULL alone would leave the type open */
    const PgParam params[] = {{.data = scope->schema, .type = TEXT_OID},
                              {.data = scope->table, .type = TEXT_OID}};
    return pg_query(pg, sql, 2, params, deadline, rows, err);
}

static bool read_tables(Pg *pg, const DatabaseScope *scope, Deadline deadline, Catalog *catalog, Error *err)
{
    PgRows *rows = NULL;
    if (!query_scope(pg, tables_sql, scope, deadline, &rows, err)) {
        return false;
    }
    for (int row = 0; row < pg_rows_count(rows); row++) {
        take_table(catalog, rows, row);
    }
    pg_rows_free(rows);
    return true;
}

static bool read_details(Pg *pg, const char *sql, TakeRow take, const DatabaseScope *scope, Deadline deadline,
                         Catalog *catalog, Error *err)
{
    PgRows *rows = NULL;
    long table = -1;
    if (!query_scope(pg, sql, scope, deadline, &rows, err)) {
        return false;
    }
    for (int row = 0; row < pg_rows_count(rows); row++) {
        table = table_of_row(catalog, rows, row, table);
        if (table >= 0) {
            take(catalog, table, rows, row);
        }
    }
    pg_rows_free(rows);
    return true;
}

/* Statistics help, but a catalog without them is a catalog: a server may keep pg_stats to itself. */
static bool read_statistics(Pg *pg, const DatabaseScope *scope, Deadline deadline, Catalog *catalog,
                            Error *err)
{
    Error refused = {0};
    if (read_details(pg, statistics_sql, take_statistics, scope, deadline, catalog, &refused)) {
        return true;
    }
    if (refused.kind != ERROR_DATABASE) {
        if (err) {
            *err = refused;
        }
        return false;
    }
    catalog_add_skipped(catalog, "pg_catalog", "pg_stats", refused.message);
    return true;
}

bool database_pg_read_catalog(Database *database, const DatabaseScope *scope, Deadline deadline,
                              Catalog *catalog, Error *err)
{
    Pg *pg = database->connection;
    if (!pg_script(pg, BEGIN_READING, deadline, err)) {
        return false;
    }
    bool ok = read_tables(pg, scope, deadline, catalog, err) &&
              read_details(pg, columns_sql, take_column, scope, deadline, catalog, err) &&
              read_details(pg, keys_sql, take_key, scope, deadline, catalog, err) &&
              read_details(pg, checks_sql, take_check, scope, deadline, catalog, err) &&
              read_details(pg, foreign_keys_sql, take_foreign_key, scope, deadline, catalog, err) &&
              read_statistics(pg, scope, deadline, catalog, err);
    catalog_finish_foreign_keys(catalog);
    pg_script(pg, "ROLLBACK", deadline, NULL); /* nothing was written; a failed one is closed by its owner */
    return ok;
}
