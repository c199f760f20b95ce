/* Where the columns of PostgreSQL's views come from. The rules of all views are read at once, also of those
 * outside the scope that its views rest on; then each column is followed down to one that is of no view. */
#include "database_pg_reading.h"

#include <stdlib.h>

#include "memory.h"
#include "pg_rule.h"

#define DEPTH_LIMIT 100 /* views over views; PostgreSQL lets none rest on itself */

/* clang-format off */

static const char rules_sql[] =
    "WITH RECURSIVE reached (oid) AS (\n"
    "  SELECT c.oid FROM " PG_READING_SCOPE " JOIN pg_class c ON c.oid = s.oid\n"
    "   WHERE c.relkind IN ('v', 'm')\n"
    "  UNION\n"
    "  SELECT c.oid\n"
    "    FROM reached JOIN pg_rewrite r ON r.ev_class = reached.oid\n"
    "    JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid\n"
    "         AND d.refclassid = 'pg_class'::regclass\n"
    "    JOIN pg_class c ON c.oid = d.refobjid AND c.relkind IN ('v', 'm'))\n"
    "SELECT r.ev_class, r.ev_action\n"
    "  FROM reached JOIN pg_rewrite r ON r.ev_class = reached.oid AND r.rulename = '_RETURN'";

static const char names_sql[] =
    "SELECT n.nspname, c.relname, a.attname\n"
    "  FROM ROWS FROM (unnest($1::oid[]), unnest($2::int2[])) WITH ORDINALITY w (oid, number, position)\n"
    "  LEFT JOIN pg_attribute a ON a.attrelid = w.oid AND a.attnum = w.number\n"
    "  LEFT JOIN pg_class c ON c.oid = a.attrelid\n"
    "  LEFT JOIN pg_namespace n ON n.oid = c.relnamespace\n"
    " ORDER BY w.position";

/* clang-format on */

/* A column of a view and where its rule says it comes from. */
typedef struct Link {
    PgOid view;
    PgRuleColumn column;
} Link;

typedef struct Links {
    Link *items; /* by view and number */
    size_t count;
    size_t capacity;
    PgOid view; /* whose rule is being read */
} Links;

static int compare_links(const void *a, const void *b)
{
    const Link *left = a, *right = b;
    if (left->view != right->view) {
        return left->view < right->view ? -1 : 1;
    }
    return (left->column.number > right->column.number) - (left->column.number < right->column.number);
}

static void add_link(void *context, const PgRuleColumn *column)
{
    Links *links = context;
    memory_grow((void **)&links->items, links->count, &links->capacity, sizeof *links->items);
    links->items[links->count++] = (Link){links->view, *column};
}

static const Link *find_link(const Links *links, PgOid view, int number)
{
    Link wanted = {.view = view, .column.number = number};
    return bsearch(&wanted, links->items, links->count, sizeof *links->items, compare_links);
}

static bool read_links(const PgReading *reading, Links *links, Error *err)
{
    PgRows *rows = NULL;
    if (!pg_reading_query(reading, rules_sql, &rows, err)) {
        return false;
    }
    for (int row = 0; row < pg_rows_count(rows); row++) {
        const char *action = pg_rows_text(rows, row, 1);
        links->view = pg_reading_oid(rows, row, 0);
        pg_rule_columns(action ? action : "", add_link, links);
    }
    pg_rows_free(rows);
    if (links->count > 1) {
        qsort(links->items, links->count, sizeof *links->items, compare_links);
    }
    return true;
}

/* The last link of the chain that begins with this one. */
static const Link *follow(const Links *links, const Link *link)
{
    for (int depth = 0; depth < DEPTH_LIMIT; depth++) {
        const Link *next = find_link(links, link->column.from_table, link->column.from_column);
        if (!next) {
            break;
        }
        link = next;
    }
    return link;
}

/* The column of a catalog that a link is about, NULL when it is outside the scope. */
static CatalogColumn *link_column(PgReading *reading, const Link *link)
{
    CatalogTable *table = pg_reading_table(reading, link->view);
    return table ? catalog_column_number(table, link->column.number) : NULL;
}

static void take_source(CatalogColumn *column, const PgRows *rows, int row)
{
    if (column && pg_rows_text(rows, row, 2)) {
        column->source = memory_zero(1, sizeof *column->source);
        column->source->schema = memory_string(pg_rows_text(rows, row, 0));
        column->source->table = memory_string(pg_rows_text(rows, row, 1));
        column->source->column = memory_string(pg_rows_text(rows, row, 2));
    }
}

/* One row for each link, in their order. */
static bool name_sources(PgReading *reading, const Links *links, Error *err)
{
    Text oids = {0}, numbers = {0};
    PgRows *rows = NULL;
    for (size_t i = 0; i < links->count; i++) {
        const Link *last = follow(links, &links->items[i]);
        text_addf(&oids, "%c%u", i ? ',' : '{', last->column.from_table);
        text_addf(&numbers, "%c%d", i ? ',' : '{', last->column.from_column);
    }
    text_add(&oids, "}");
    text_add(&numbers, "}");
    const PgParam params[] = {{.data = text_string(&oids)}, {.data = text_string(&numbers)}};
    bool ok = pg_query(reading->pg, names_sql, 2, params, reading->deadline, &rows, err);
    for (int row = 0; ok && row < pg_rows_count(rows); row++) {
        take_source(link_column(reading, &links->items[row]), rows, row);
    }
    pg_rows_free(rows);
    text_free(&oids);
    text_free(&numbers);
    return ok;
}

bool pg_reading_sources(PgReading *reading, Error *err)
{
    Links links = {0};
    bool ok = read_links(reading, &links, err) && (links.count == 0 || name_sources(reading, &links, err));
    free(links.items);
    return ok;
}
