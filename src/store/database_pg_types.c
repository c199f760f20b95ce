/* The enums and domains of a PostgreSQL database. */
#include "database_pg_reading.h"

#include <jansson.h>
#include <stdlib.h>

#include "memory.h"

/* clang-format off */

/* VALUE in a domain's check has the collation of the type below, not the domain's own. */
static const char types_sql[] =
    "WITH labels AS (\n"
    "  SELECT enumtypid, json_agg(enumlabel ORDER BY enumsortorder) AS list\n"
    "    FROM pg_enum GROUP BY enumtypid)\n"
    "SELECT t.oid,\n"
    "       CASE WHEN b.typcategory = 'A' AND b.typtype <> 'd' THEN b.typelem ELSE b.oid END,\n"
    "       labels.list, format_type(t.oid, NULL), format_type(t.typbasetype, t.typtypmod),\n"
    "       t.typnotnull, d.description, b.typcollation IN " PG_READING_LENIENT "\n"
    "  FROM pg_type t\n"
    "  LEFT JOIN pg_type b ON b.oid = t.typbasetype\n"
    "  LEFT JOIN labels ON labels.enumtypid = t.oid\n"
    "  LEFT JOIN pg_description d ON d.classoid = 'pg_type'::regclass AND d.objoid = t.oid\n"
    "       AND d.objsubid = 0\n"
    " WHERE t.typtype IN ('d', 'e')\n"
    " ORDER BY t.oid";

/* The checks of each domain and of those below it. */
static const char domain_checks_sql[] =
    "WITH RECURSIVE below AS (\n"
    "  SELECT oid AS domain, oid AS type, 0 AS depth FROM pg_type WHERE typtype = 'd'\n"
    "  UNION ALL\n"
    "  SELECT below.domain, t.typbasetype, depth + 1\n"
    "    FROM below JOIN pg_type t ON t.oid = below.type AND t.typtype = 'd')\n"
    "SELECT below.domain, k.conname, pg_get_expr(k.conbin, 0), k.convalidated\n"
    "  FROM below JOIN pg_constraint k ON k.contypid = below.type AND k.contype = 'c'\n"
    " ORDER BY below.domain, below.depth, k.conname COLLATE \"C\"";

/* clang-format on */

static int compare_types(const void *a, const void *b)
{
    const PgType *left = a, *right = b;
    return (left->oid > right->oid) - (left->oid < right->oid);
}

static const PgType *find_type(const PgReading *reading, PgOid oid)
{
    return reading->type_count ? bsearch(&(PgType){.oid = oid}, reading->types, reading->type_count,
                                         sizeof *reading->types, compare_types)
                               : NULL;
}

static void take_type(PgReading *reading, PgType *type, const PgRows *rows, int row)
{
    Catalog *catalog = reading->catalog;
    const char *labels = pg_rows_text(rows, row, 2);
    type->oid = pg_reading_oid(rows, row, 0);
    type->base = pg_reading_oid(rows, row, 1);
    type->labels = memory_string(labels);
    type->domain = -1;
    if (type->base) {
        type->domain = (long)catalog->domain_count;
        CatalogDomain *domain = catalog_add_domain(catalog);
        domain->name = memory_string(pg_rows_text(rows, row, 3));
        domain->base_type = memory_string(pg_rows_text(rows, row, 4));
        domain->not_null = pg_rows_bool(rows, row, 5);
        domain->comment = memory_string(pg_rows_text(rows, row, 6));
        domain->lenient = pg_rows_bool(rows, row, 7);
    }
}

/* A domain is in the end what the last of those below it is; NULL is out, and a collation lenient, where one
 * of them says so. */
static void resolve_domain(const PgReading *reading, const PgType *type)
{
    CatalogDomain *domain = &reading->catalog->domains[type->domain];
    for (const PgType *below = find_type(reading, type->base); below && below->domain >= 0;
         below = find_type(reading, below->base)) {
        const CatalogDomain *base = &reading->catalog->domains[below->domain];
        free(domain->base_type);
        domain->base_type = memory_string(base->base_type);
        domain->not_null = domain->not_null || base->not_null;
        domain->lenient = domain->lenient || base->lenient;
    }
}

bool pg_reading_domain_checks(PgReading *reading, Error *err)
{
    PgRows *rows = NULL;
    if (!pg_query(reading->pg, domain_checks_sql, 0, NULL, reading->deadline, &rows, err)) {
        return false;
    }
    for (int row = 0; row < pg_rows_count(rows); row++) {
        const PgType *type = find_type(reading, pg_reading_oid(rows, row, 0));
        if (type && type->domain >= 0) {
            CatalogDomain *domain = &reading->catalog->domains[type->domain];
            CatalogCheck *check = catalog_add_check(&domain->checks, &domain->check_count);
            check->name = memory_string(pg_rows_text(rows, row, 1));
            check->expression = memory_string(pg_rows_text(rows, row, 2));
            check->unproven = !pg_rows_bool(rows, row, 3);
        }
    }
    pg_rows_free(rows);
    return true;
}

bool pg_reading_types(PgReading *reading, Error *err)
{
    PgRows *rows = NULL;
    if (!pg_query(reading->pg, types_sql, 0, NULL, reading->deadline, &rows, err)) {
        return false;
    }
    reading->type_count = (size_t)pg_rows_count(rows);
    reading->types = memory_zero(reading->type_count + 1, sizeof *reading->types);
    for (size_t i = 0; i < reading->type_count; i++) {
        take_type(reading, &reading->types[i], rows, (int)i);
    }
    pg_rows_free(rows);
    for (size_t i = 0; i < reading->type_count; i++) {
        if (reading->types[i].domain >= 0) {
            resolve_domain(reading, &reading->types[i]);
        }
    }
    return true;
}

void pg_reading_types_free(PgReading *reading)
{
    for (size_t i = 0; i < reading->type_count; i++) {
        free(reading->types[i].labels);
    }
    free(reading->types);
}

static CatalogTypeClass type_class(char kind, char category)
{
    switch (kind) {
    case 'c':
        return CATALOG_TYPE_COMPOSITE;
    case 'd':
        return CATALOG_TYPE_DOMAIN;
    case 'e':
        return CATALOG_TYPE_ENUM;
    case 'm':
    case 'r':
        return CATALOG_TYPE_RANGE;
    default:
        return category == 'A' ? CATALOG_TYPE_ARRAY : CATALOG_TYPE_PLAIN;
    }
}

void pg_reading_set_type(const PgReading *reading, CatalogColumn *column, PgOid core, char kind,
                         char category)
{
    column->type_class = type_class(kind, category);
    const PgType *type = column->type_class == CATALOG_TYPE_PLAIN ? NULL : find_type(reading, core);
    if (type && column->type_class == CATALOG_TYPE_DOMAIN) {
        column->domain = &reading->catalog->domains[type->domain];
        column->not_null = column->not_null || column->domain->not_null;
    }
    while (type && type->domain >= 0) {
        type = find_type(reading, type->base);
    }
    if (type) {
        column->enum_labels = pg_reading_names(type->labels);
    }
}
