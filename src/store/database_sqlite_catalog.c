/* Reading the catalog of a SQLite database: a fixed number of statements over sqlite_schema and the
 * table-valued pragmas, and what a file answers at once of each table, in one read transaction. */
#include "database_sqlite.h"

#include <string.h>
#include <strings.h>

#include "catalog_build.h"
#include "memory.h"

/* clang-format off */

/* Tables and views that are a person's own: not SQLite's, not the shadow tables of a virtual table, and not the
 * one that holds the comments. ?1 is one table's name, or NULL for all. */
#define SCOPE \
    "WITH scope AS (\n" \
    "  SELECT s.name, s.sql, s.type\n" \
    "    FROM pragma_table_list l CROSS JOIN sqlite_schema s ON s.name = l.name\n" \
    "   WHERE l.schema = 'main' AND l.type IN ('table', 'view', 'virtual') AND s.type IN ('table', 'view')\n" \
    "     AND s.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND s.name <> '" COMMENTS_TABLE "'\n" \
    "     AND (?1 IS NULL OR s.name = ?1))\n"

static const char tables_sql[] = SCOPE
    "SELECT s.name, s.type = 'view', s.sql FROM scope s ORDER BY s.name";

/* Run once per table: SQLite gives up the whole statement at a view that refers to something dropped. */
static const char columns_sql[] =
    "SELECT x.name, x.type, x.\"notnull\", x.dflt_value, x.pk, x.hidden,\n"
    "       (SELECT l.wr FROM pragma_table_list(?1) l WHERE l.schema = 'main'),\n"
    "       (SELECT count(*) FROM pragma_table_xinfo(?1) p WHERE p.pk > 0), x.cid + 1,\n"
    "       EXISTS (SELECT 1 FROM pragma_index_list(?1) i WHERE i.origin = 'pk')\n"
    "  FROM pragma_table_xinfo(?1) x WHERE x.hidden <> 1 ORDER BY x.cid";

/* An expression has no name among the columns of its index; the text is only in CREATE INDEX. */
static const char indexes_sql[] = SCOPE
    "SELECT s.name, i.name, i.origin = 'pk', i.\"unique\", i.partial, c.name, x.sql\n"
    "  FROM scope s JOIN pragma_index_list(s.name) i JOIN pragma_index_info(i.name) c\n"
    "  LEFT JOIN sqlite_schema x ON x.type = 'index' AND x.name = i.name\n"
    " WHERE s.type = 'table' ORDER BY s.name, i.name, c.seqno";

/* A key that names no columns points to the primary key. SQLite lets one point to what is not there. */
static const char foreign_keys_sql[] = SCOPE
    "SELECT s.name, f.id, f.\"table\", f.\"from\",\n"
    "       COALESCE(f.\"to\", (SELECT p.name FROM pragma_table_info(f.\"table\") p WHERE p.pk = f.seq + 1),\n"
    "                f.\"from\"),\n"
    "       COALESCE((SELECT t.name FROM sqlite_schema t WHERE t.type = 'table'\n"
    "                    AND t.name = f.\"table\" COLLATE NOCASE), f.\"table\"),\n"
    "       f.\"from\" <> '' AND EXISTS (SELECT 1 FROM pragma_table_xinfo(\n"
    "         (SELECT t.name FROM sqlite_schema t WHERE t.type = 'table'\n"
    "             AND t.name = f.\"table\" COLLATE NOCASE)) p\n"
    "         WHERE CASE WHEN f.\"to\" IS NULL THEN p.pk = f.seq + 1\n"
    "                    ELSE p.name = f.\"to\" COLLATE NOCASE END)\n"
    "  FROM scope s JOIN pragma_foreign_key_list(s.name) f\n"
    " WHERE s.type = 'table' ORDER BY s.name, f.id, f.seq";

/* The first number of a line is the number of rows. */
static const char estimates_sql[] = SCOPE
    "SELECT s.name, max(CAST(e.stat AS INTEGER)) FROM scope s JOIN sqlite_stat1 e ON e.tbl = s.name\n"
    " GROUP BY s.name ORDER BY s.name";

static const char comments_sql[] = SCOPE
    "SELECT s.name, c.column_name, c.comment FROM scope s JOIN " COMMENTS_TABLE " c ON c.table_name = s.name\n"
    " ORDER BY s.name";

/* clang-format on */

/* --- rows --- */

static const char *field(sqlite3_stmt *row, int column)
{
    return (const char *)sqlite3_column_text(row, column);
}

/* Like field, but never NULL: for names. */
static const char *name_field(sqlite3_stmt *row, int column)
{
    const char *text = field(row, column);
    return text ? text : "";
}

static void take_check(void *context, const char *name, const char *expression)
{
    CatalogTable *table = context;
    CatalogCheck *check = catalog_add_check(&table->checks, &table->check_count);
    check->name = memory_string(name ? name : "");
    check->expression = memory_string(expression);
}

static void take_table(Catalog *catalog, sqlite3_stmt *row)
{
    CatalogTable *table = catalog_add_table(catalog);
    const char *sql = name_field(row, 2);
    table->schema = memory_string(ONLY_SCHEMA);
    table->name = memory_string(name_field(row, 0));
    table->kind = sqlite3_column_int(row, 1) ? CATALOG_VIEW : CATALOG_TABLE;
    table->rows = -1;
    if (table->kind == CATALOG_VIEW) {
        table->definition = memory_string(sql);
    } else {
        sqlite_ddl_checks(sql, take_check, table);
    }
}

/* What lies in a column without a name can't be described: '' stands for the table itself. Without it, what
 * is left of the primary key is none. */
static void drop_nameless_columns(Catalog *catalog, CatalogTable *table)
{
    size_t kept = 0;
    bool key = false;
    for (size_t i = 0; i < table->column_count; i++) {
        if (*table->columns[i].name) {
            table->columns[kept++] = table->columns[i];
        } else {
            key = key || table->columns[i].primary_key;
            catalog_free_column(&table->columns[i]);
        }
    }
    if (kept < table->column_count) {
        catalog_add_skipped(catalog, ONLY_SCHEMA, table->name,
                            "it has a column without a name, which can't be documented");
    }
    table->column_count = kept;
    for (size_t i = 0; i < kept && key; i++) {
        table->columns[i].primary_key = false;
    }
}

static void take_column(CatalogTable *table, sqlite3_stmt *row)
{
    CatalogColumn *column = catalog_add_column(table);
    int hidden = sqlite3_column_int(row, 5);
    bool without_rowid = sqlite3_column_int(row, 6);
    bool only_key = sqlite3_column_int(row, 7) == 1;
    column->number = sqlite3_column_int(row, 8);
    column->name = memory_string(name_field(row, 0));
    column->type = memory_string(name_field(row, 1));
    column->primary_key = sqlite3_column_int(row, 4) > 0;
    column->generated = hidden == 2 || hidden == 3;
    column->default_value = memory_string(field(row, 3));
    /* INTEGER PRIMARY KEY is the rowid itself: numbered by SQLite and never NULL; with DESC, and so with an
     * index, it is not. No other primary key of a table with rowids is NOT NULL unless it says so. */
    bool has_index = sqlite3_column_int(row, 9);
    column->identity = column->primary_key && only_key && !without_rowid && !has_index &&
                       !strcasecmp(column->type, "INTEGER");
    column->not_null =
        sqlite3_column_int(row, 2) || column->identity || (column->primary_key && without_rowid);
    column->unique = column->primary_key && only_key;
}

static CatalogIndex *add_index(CatalogTable *table, sqlite3_stmt *row)
{
    CatalogIndex *index = catalog_add_index(table);
    index->name = memory_string(name_field(row, 1));
    index->primary = sqlite3_column_int(row, 2);
    index->unique = sqlite3_column_int(row, 3);
    sqlite_ddl_index(name_field(row, 6), &index->expressions, &index->predicate);
    return index;
}

static void take_index(Catalog *catalog, long at, sqlite3_stmt *row)
{
    CatalogTable *table = &catalog->tables[at];
    CatalogIndex *last = table->index_count ? &table->indexes[table->index_count - 1] : NULL;
    if (!last || strcmp(last->name, name_field(row, 1)) != 0) {
        last = add_index(table, row);
    }
    const char *name = field(row, 5); /* NULL: of an expression */
    if (name && *name) {
        catalog_add_name(&last->columns, name);
    } else if (name && !last->expressions) {
        last->expressions = memory_string(""); /* a column without a name: the others alone are no key */
    }
}

static void take_foreign_key(Catalog *catalog, long at, sqlite3_stmt *row)
{
    CatalogForeignKey *key =
        catalog->foreign_key_count ? &catalog->foreign_keys[catalog->foreign_key_count - 1] : NULL;
    char *name = text_format("fk_%d", sqlite3_column_int(row, 1)); /* SQLite forgets their names */
    if (key && key->table == (size_t)at && !strcmp(key->name, name)) {
        free(name);
    } else {
        key = catalog_add_foreign_key(catalog);
        key->table = (size_t)at;
        key->name = name;
        key->to_schema = memory_string(ONLY_SCHEMA);
        key->to_table = memory_string(name_field(row, 5));
    }
    catalog_add_name(&key->columns, name_field(row, 3));
    catalog_add_name(&key->to_columns, sqlite3_column_int(row, 6) ? name_field(row, 4) : "");
}

/* Leaves out the keys that lead to a table or a column that is not there, and names them. */
static void drop_dangling_keys(Catalog *catalog)
{
    size_t kept = 0;
    for (size_t i = 0; i < catalog->foreign_key_count; i++) {
        CatalogForeignKey key = catalog->foreign_keys[i];
        bool whole = true;
        for (size_t j = 0; key.to_columns[j]; j++) {
            whole = whole && *key.to_columns[j];
        }
        if (whole) {
            catalog->foreign_keys[kept++] = key;
            continue;
        }
        char *why = text_format("its foreign key on %s leads to something of %s that is not there",
                                key.columns[0], key.to_table);
        catalog_add_skipped(catalog, ONLY_SCHEMA, catalog->tables[key.table].name, why);
        free(why);
        catalog_free_foreign_key(&key);
    }
    catalog->foreign_key_count = kept;
}

static void take_estimate(Catalog *catalog, long at, sqlite3_stmt *row)
{
    catalog->tables[at].rows = sqlite3_column_double(row, 1);
}

static void take_comment(Catalog *catalog, long at, sqlite3_stmt *row)
{
    CatalogTable *table = &catalog->tables[at];
    const char *column_name = name_field(row, 1);
    CatalogColumn *column = *column_name ? catalog_column(table, column_name) : NULL;
    char **comment = column ? &column->comment : &table->comment;
    if ((column || !*column_name) && !*comment) {
        *comment = memory_string(field(row, 2));
    }
}

/* --- statements --- */

typedef void (*TakeRow)(Catalog *catalog, long table, sqlite3_stmt *row);

static bool prepare_scope(sqlite3 *handle, const char *sql, const char *table, sqlite3_stmt **statement)
{
    return sqlite3_prepare_v2(handle, sql, -1, statement, NULL) == SQLITE_OK &&
           sqlite3_bind_text(*statement, 1, table, -1, SQLITE_STATIC) == SQLITE_OK;
}

static bool read_tables(sqlite3 *handle, const char *only, Catalog *catalog)
{
    sqlite3_stmt *statement = NULL;
    int state = prepare_scope(handle, tables_sql, only, &statement) ? SQLITE_ROW : SQLITE_ERROR;
    while (state == SQLITE_ROW && (state = sqlite3_step(statement)) == SQLITE_ROW) {
        take_table(catalog, statement);
    }
    sqlite3_finalize(statement);
    return state == SQLITE_DONE;
}

static bool read_details(sqlite3 *handle, const char *sql, TakeRow take, const char *only, Catalog *catalog)
{
    sqlite3_stmt *statement = NULL;
    int state = prepare_scope(handle, sql, only, &statement) ? SQLITE_ROW : SQLITE_ERROR;
    while (state == SQLITE_ROW && (state = sqlite3_step(statement)) == SQLITE_ROW) {
        long table = catalog_find_table(catalog, ONLY_SCHEMA, name_field(statement, 0));
        if (table >= 0) {
            take(catalog, table, statement);
        }
    }
    sqlite3_finalize(statement);
    return state == SQLITE_DONE;
}

/* Reads the columns of every table. One that can't be resolved is told and keeps no columns. */
static bool read_columns(sqlite3 *handle, Catalog *catalog)
{
    sqlite3_stmt *statement = NULL;
    bool ok = sqlite3_prepare_v2(handle, columns_sql, -1, &statement, NULL) == SQLITE_OK;
    for (size_t i = 0; ok && i < catalog->table_count; i++) {
        CatalogTable *table = &catalog->tables[i];
        int state;
        sqlite3_bind_text(statement, 1, table->name, -1, SQLITE_STATIC);
        while ((state = sqlite3_step(statement)) == SQLITE_ROW) {
            take_column(table, statement);
        }
        ok = state == SQLITE_DONE || state == SQLITE_ERROR;
        if (state == SQLITE_ERROR) {
            catalog_add_skipped(catalog, ONLY_SCHEMA, table->name, sqlite3_errmsg(handle));
        }
        drop_nameless_columns(catalog, table);
        sqlite3_reset(statement);
    }
    sqlite3_finalize(statement);
    return ok;
}

/* Are the rows of the statement those of several queries, so that a column is no one's but theirs? SQLite
 * names the column of one of them all the same. */
static bool combines_queries(sqlite3 *handle, const char *sql)
{
    sqlite3_stmt *plan = NULL;
    char *explain = text_format("EXPLAIN QUERY PLAN %s", sql);
    bool combines = sqlite3_prepare_v2(handle, explain, -1, &plan, NULL) != SQLITE_OK;
    while (!combines && sqlite3_step(plan) == SQLITE_ROW) {
        const char *step = name_field(plan, 3);
        combines = text_starts(step, "COMPOUND QUERY") || text_starts(step, "MERGE (") ||
                   text_starts(step, "RECURSIVE STEP");
    }
    sqlite3_finalize(plan);
    free(explain);
    return combines;
}

static void take_sources(CatalogTable *view, sqlite3_stmt *all)
{
    int count = sqlite3_column_count(all);
    for (size_t i = 0; i < view->column_count && view->columns[i].number <= count; i++) {
        int at = view->columns[i].number - 1;
        const char *table = sqlite3_column_table_name(all, at);
        const char *column = sqlite3_column_origin_name(all, at);
        if (table && !text_is_empty(column)) {
            CatalogSource *source = view->columns[i].source = memory_zero(1, sizeof *source);
            source->schema = memory_string(sqlite3_column_database_name(all, at));
            source->table = memory_string(table);
            source->column = memory_string(column);
        }
    }
}

/* SQLite follows the columns of a statement down to those of tables, through views of views. Nothing of the
 * statement is run. */
static void read_sources(sqlite3 *handle, CatalogTable *view)
{
    sqlite3_stmt *all = NULL;
    char *sql = sqlite3_mprintf("SELECT * FROM main.\"%w\"", view->name);
    if (sql && !combines_queries(handle, sql) &&
        sqlite3_prepare_v2(handle, sql, -1, &all, NULL) == SQLITE_OK) {
        take_sources(view, all);
    }
    sqlite3_finalize(all);
    sqlite3_free(sql);
}

static void read_collations(sqlite3 *handle, CatalogTable *table)
{
    for (size_t i = 0; i < table->column_count; i++) {
        const char *collation = NULL;
        bool known = sqlite3_table_column_metadata(handle, ONLY_SCHEMA, table->name, table->columns[i].name,
                                                   NULL, &collation, NULL, NULL, NULL) == SQLITE_OK;
        table->columns[i].lenient = known && collation && strcasecmp(collation, "BINARY") != 0;
    }
}

static void finish_tables(sqlite3 *handle, Catalog *catalog)
{
    for (size_t i = 0; i < catalog->table_count; i++) {
        catalog_finish_keys(&catalog->tables[i]);
        if (catalog->tables[i].kind != CATALOG_VIEW) {
            read_collations(handle, &catalog->tables[i]);
        }
        if (catalog->tables[i].kind == CATALOG_VIEW && catalog->tables[i].column_count > 0) {
            read_sources(handle, &catalog->tables[i]);
        }
    }
}

bool database_sqlite_read_catalog(Database *database, const DatabaseScope *scope, Deadline deadline,
                                  Catalog *catalog, Error *err)
{
    const SqliteFile *file = database->connection;
    sqlite3 *handle = file->handle;
    SqliteWatch watch;
    if (scope->schema && strcmp(scope->schema, ONLY_SCHEMA) != 0) {
        return true; /* no such schema: nothing is found */
    }
    sqlite_watch_start(&watch, handle, deadline);
    bool ok = sqlite3_exec(handle, "BEGIN", NULL, NULL, NULL) == SQLITE_OK &&
              read_tables(handle, scope->table, catalog) && read_columns(handle, catalog) &&
              read_details(handle, indexes_sql, take_index, scope->table, catalog) &&
              read_details(handle, foreign_keys_sql, take_foreign_key, scope->table, catalog) &&
              (!sqlite_has_table(handle, "sqlite_stat1") ||
               read_details(handle, estimates_sql, take_estimate, scope->table, catalog)) &&
              (!sqlite_has_table(handle, COMMENTS_TABLE) ||
               read_details(handle, comments_sql, take_comment, scope->table, catalog));
    catalog->empty_schema = catalog->table_count == 0 && scope->schema && !scope->table;
    if (ok) {
        finish_tables(handle, catalog);
    } else {
        sqlite_failed(&watch, file->path, err);
    }
    sqlite_watch_stop(&watch);
    sqlite3_exec(handle, "ROLLBACK", NULL, NULL, NULL);
    drop_dangling_keys(catalog);
    catalog_finish_foreign_keys(catalog);
    return ok;
}
