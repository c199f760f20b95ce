#include "fill_catalog.h"

#include <string.h>

#include "bench.h"
#include "text.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

#define VIEW_EVERY 20
#define TABLES_PER_SCHEMA 1000
#define TABLES_PER_SCRIPT 50 /* as many as there are entities: 20 qualifiers make a schema of them */

static const char *const schemas[] = {"sales",     "billing", "logistics", "inventory", "hr",
                                      "marketing", "support", "finance",   "analytics", "iot"};

static const char *const entities[] = {
    "customer", "order",       "order_item", "invoice",  "payment",    "refund",     "product",  "category",
    "supplier", "warehouse",   "shipment",   "address",  "contact",    "contract",   "employee", "department",
    "project",  "task",        "ticket",     "message",  "attachment", "campaign",   "segment",  "coupon",
    "discount", "price_list",  "tax_rate",   "currency", "country",    "region",     "store",    "device",
    "sensor",   "reading",     "alert",      "user",     "role",       "permission", "session",  "audit_log",
    "account",  "transaction", "ledger",     "budget",   "forecast",   "vehicle",    "driver",   "route",
    "delivery", "subscription"};

static const char *const qualifiers[] = {"",         "archived", "daily",    "monthly", "external",
                                         "internal", "pending",  "legacy",   "staging", "partner",
                                         "regional", "global",   "mobile",   "web",     "batch",
                                         "manual",   "draft",    "approved", "closed",  "temporary"};

static const struct {
    const char *name;
    const char *definition;
} attributes[] = {
    {"name", "text NOT NULL"},
    {"code", "varchar(20) UNIQUE"},
    {"status", "public.order_status NOT NULL DEFAULT 'new'"},
    {"email", "public.email_address"},
    {"phone_number", "varchar(30)"},
    {"created_at", "timestamptz NOT NULL DEFAULT now()"},
    {"updated_at", "timestamptz"},
    {"deleted_at", "timestamptz"},
    {"created_by", "text"},
    {"is_active", "boolean NOT NULL DEFAULT true"},
    {"quantity", "integer CHECK (quantity >= 0)"},
    {"unit_price", "numeric(12,2) CHECK (unit_price >= 0)"},
    {"total_amount", "numeric(14,2)"},
    {"discount_pct", "numeric(5,2) CHECK (discount_pct BETWEEN 0 AND 100)"},
    {"currency_code", "char(3)"},
    {"description", "text"},
    {"external_ref", "text"},
    {"start_date", "date"},
    {"end_date", "date"},
    {"priority", "public.priority_level"},
    {"due_date", "date"},
    {"weight_kg", "real"},
    {"latitude", "double precision CHECK (latitude BETWEEN -90 AND 90)"},
    {"longitude", "double precision CHECK (longitude BETWEEN -180 AND 180)"},
    {"row_version", "integer NOT NULL DEFAULT 1"},
    {"payload", "jsonb"},
    {"tags", "text[]"},
    {"uuid", "uuid DEFAULT gen_random_uuid()"},
    {"ip_address", "inet"},
    {"url", "text"},
    {"sort_order", "smallint"},
    {"approved_at", "timestamptz"},
    {"approved_by", "text"},
    {"tax_amount", "numeric(12,2)"},
    {"channel", "text CHECK (channel IN ('web', 'phone', 'shop'))"},
    {"custNo", "integer"},
    {"qty_on_hand", "integer DEFAULT 0"},
    {"valid_during", "tstzrange"},
    {"notes", "text"},
    {"checksum", "bytea"},
    {"language_code", "char(2) DEFAULT 'en'"},
};

static const char types_sql[] =
    "CREATE TYPE public.order_status AS ENUM ('new', 'paid', 'shipped', 'cancelled');"
    "CREATE TYPE public.priority_level AS ENUM ('low', 'normal', 'high', 'urgent');"
    "CREATE DOMAIN public.email_address AS text CHECK (VALUE LIKE '%@%');";

static bool is_view(int table)
{
    return table % VIEW_EVERY == VIEW_EVERY - 1;
}

static const char *entity(int table)
{
    return entities[table % COUNT(entities)];
}

static void add_table_name(Text *sql, int table)
{
    const char *qualifier = qualifiers[table % TABLES_PER_SCHEMA / COUNT(entities)];
    text_addf(sql, "%s.\"%s%s%s\"", schemas[table / TABLES_PER_SCHEMA], qualifier, *qualifier ? "_" : "",
              entity(table));
}

/* The earlier table of the schema that a foreign key of this one refers to. */
static int parent_of(int table, int key)
{
    int first = table - table % TABLES_PER_SCHEMA;
    int parent = key == 1 ? table - 1 - table % 7 : first + table % 10;
    return parent < first ? first : is_view(parent) ? parent - 1 : parent;
}

/* Column 0 is the key; 1 and 2 refer to other tables. */
static void add_column_name(Text *sql, int table, int column)
{
    if (column == 0) {
        text_addf(sql, "%s_id", entity(table));
    } else if (column < 3) {
        int parent = parent_of(table, column);
        const char *role = column == 2 ? "owning_" : parent == table ? "parent_" : "";
        text_addf(sql, "%s%s_id", role, entity(parent));
    } else {
        text_addf(sql, "\"%s\"", attributes[(table * 7 + column) % COUNT(attributes)].name);
    }
}

static void add_column(Text *sql, int table, int column)
{
    add_column_name(sql, table, column);
    if (column == 0) {
        text_addf(sql, " bigint%s PRIMARY KEY", table % 2 ? " GENERATED ALWAYS AS IDENTITY" : "");
    } else if (column < 3) {
        text_addf(sql, " bigint%s REFERENCES ", column == 1 ? " NOT NULL" : "");
        add_table_name(sql, parent_of(table, column));
    } else {
        text_addf(sql, " %s", attributes[(table * 7 + column) % COUNT(attributes)].definition);
    }
}

static void add_table(Text *sql, int table, int columns)
{
    text_add(sql, "CREATE TABLE ");
    add_table_name(sql, table);
    for (int i = 0; i < columns; i++) {
        text_add(sql, i ? ", " : " (");
        add_column(sql, table, i);
    }
    text_add(sql, "); CREATE INDEX ON ");
    add_table_name(sql, table);
    text_add(sql, " (");
    add_column_name(sql, table, 1);
    text_add(sql, ");\n");
}

/* Shows the columns of the table before it. */
static void add_view(Text *sql, int view, int columns)
{
    text_add(sql, "CREATE VIEW ");
    add_table_name(sql, view);
    text_add(sql, " AS SELECT ");
    for (int i = 0; i < columns; i++) {
        text_add(sql, i ? ", v." : "v.");
        add_column_name(sql, view - 1, i);
    }
    text_add(sql, " FROM ");
    add_table_name(sql, view - 1);
    text_add(sql, " v WHERE v.");
    add_column_name(sql, view - 1, 1);
    text_add(sql, " > 0;\n");
}

static void add_comments(Text *sql, int table, int columns)
{
    if (table % 10 == 0) {
        text_add(sql, "COMMENT ON TABLE ");
        add_table_name(sql, table);
        text_addf(sql, " IS 'One row for each %s that the team has ever met.';\n", entity(table));
    }
    for (int i = (table + 11) % 23; i < columns; i += 23) {
        text_add(sql, "COMMENT ON COLUMN ");
        add_table_name(sql, table);
        text_add(sql, ".");
        add_column_name(sql, is_view(table) ? table - 1 : table, i);
        text_addf(sql, " IS 'As the source system gave it for this %s.';\n", entity(table));
    }
}

void fill_catalog(PGconn *conn, int tables, int columns)
{
    Text sql = {0};
    if (tables > FILL_CATALOG_TABLES || columns < 4 || columns > FILL_CATALOG_COLUMNS) {
        bench_fail("catalog", "so many tables or columns can't be made up");
    }
    bench_pg(conn, types_sql, NULL);
    for (int i = 0; i < tables; i++) {
        if (i % TABLES_PER_SCHEMA == 0) {
            text_addf(&sql, "CREATE SCHEMA %s;\n", schemas[i / TABLES_PER_SCHEMA]);
        }
        (is_view(i) ? add_view : add_table)(&sql, i, columns);
        add_comments(&sql, i, columns);
        if (i % TABLES_PER_SCRIPT == TABLES_PER_SCRIPT - 1 || i == tables - 1) {
            bench_pg(conn, text_string(&sql), NULL);
            text_clear(&sql);
        }
    }
    text_free(&sql);
}
