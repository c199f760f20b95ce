#include "schema_shared.h"

#include <string.h>

#include "synced.h"

static const char *const types[][2] = {
    /* PostgreSQL, SQLite (STRICT) */
    [SYNCED_INT] = {"bigint", "INTEGER"}, [SYNCED_REAL] = {"double precision", "REAL"},
    [SYNCED_TEXT] = {"text", "TEXT"},     [SYNCED_TIME] = {"timestamptz", "TEXT"},
    [SYNCED_JSON] = {"jsonb", "TEXT"},
};

static const char *type_name(const SyncedColumn *column, Backend backend)
{
    return types[column->type][backend == BACKEND_SQLITE];
}

/* Single quotes doubled: comments of the declaration are ours, but may hold an apostrophe. */
static void add_quoted(Text *sql, const char *text)
{
    text_add_char(sql, '\'');
    for (; *text; text++) {
        text_add_n(sql, text, 1);
        if (*text == '\'') {
            text_add_char(sql, '\'');
        }
    }
    text_add_char(sql, '\'');
}

/* Content is there unless the row was deleted. */
static void add_content_check(Text *sql, const SyncedTable *table)
{
    bool any = false;
    for (size_t i = 0; i < table->column_count; i++) {
        if (table->columns[i].required && table->columns[i].since == 1) {
            text_addf(sql, "%s%s IS NOT NULL", any ? " AND " : ",\n  CHECK (deleted_at IS NOT NULL OR (",
                      table->columns[i].name);
            any = true;
        }
    }
    text_add(sql, any ? "))" : "");
}

void schema_shared_add_column(Text *sql, Backend backend, const char *prefix, const SyncedTable *table,
                              const SyncedColumn *column)
{
    text_addf(sql, "ALTER TABLE %s%s ADD COLUMN %s%s %s;\n", prefix, table->name,
              backend == BACKEND_POSTGRESQL ? "IF NOT EXISTS " : "", column->name,
              type_name(column, backend));
}

static void add_table(Text *sql, Backend backend, const char *prefix, const SyncedTable *table)
{
    text_addf(sql, "CREATE TABLE IF NOT EXISTS %s%s (\n", prefix, table->name);
    for (size_t i = 0; i < synced_width(table); i++) {
        const SyncedColumn *column = synced_column(table, i);
        text_addf(sql, "  %s %s%s,\n", column->name, type_name(column, backend),
                  i < SYNCED_COMMON_COUNT && column->required ? " NOT NULL" : "");
    }
    text_add(sql, "  PRIMARY KEY (origin_id, local_id)");
    if (table->parent != SYNCED_NO_PARENT) {
        text_addf(sql, ",\n  FOREIGN KEY (origin_id, %s) REFERENCES %s%s (origin_id, local_id)",
                  table->parent_column, prefix, synced_tables[table->parent].name);
    }
    add_content_check(sql, table);
    text_addf(sql, ")%s;\n", backend == BACKEND_SQLITE ? " STRICT" : "");
    for (size_t i = 0; i < table->column_count; i++) {
        if (table->columns[i].since > 1 && backend == BACKEND_POSTGRESQL) {
            schema_shared_add_column(sql, backend, prefix, table, &table->columns[i]);
        }
    }
    if (table->parent != SYNCED_NO_PARENT) {
        /* local_id last: the rows under a parent are read, and paged, in that order */
        text_addf(sql, "CREATE INDEX IF NOT EXISTS %s_parent ON %s%s (origin_id, %s, local_id);\n",
                  table->name, prefix, table->name, table->parent_column);
    }
}

static void add_comments(Text *sql, const char *prefix, const SyncedTable *table)
{
    text_addf(sql, "COMMENT ON TABLE %s%s IS ", prefix, table->name);
    add_quoted(sql, table->comment);
    text_add(sql, ";\n");
    for (size_t i = 0; i < synced_width(table); i++) {
        text_addf(sql, "COMMENT ON COLUMN %s%s.%s IS ", prefix, table->name, synced_column(table, i)->name);
        add_quoted(sql, synced_column(table, i)->comment);
        text_add(sql, ";\n");
    }
}

/* Team listings read newest first and page by the key at the end of each index. One person's or one machine's
 * runs have an index of their own: among those of a thousand origins they may be few, and far back. ASC:
 * YugabyteDB would hash a first column. */
static const char *const indexes[] = {
    "runs_started ON %sruns (started ASC, origin_id, local_id)",
    "runs_who ON %sruns (created_by, started, origin_id, local_id)",
    "runs_host ON %sruns (hostname, started, origin_id, local_id)",
    "sessions_last_active ON %ssessions (last_active ASC, origin_id, local_id)",
    "apply_events_target ON %sapply_events (target, created_at, origin_id, local_id)",
    "app_events_created ON %sapp_events (created_at ASC, origin_id, local_id)",
};

static const char *const own_comments[][2] = {
    {"TABLE %sstore", "One row: which shared store this is, and the version of its schema"},
    {"COLUMN %sstore.id", "Always 1"},
    {"COLUMN %sstore.store_id", "Random name of this store; a queue belongs to one store_id"},
    {"COLUMN %sstore.schema_version", "Version of the tables here; an older amx refuses a newer one"},
    {"TABLE %sorigins", "The history.db files that deliver here, one row each"},
    {"COLUMN %sorigins.origin_id", "Random name of the history.db"},
    {"COLUMN %sorigins.token", "Fence token of its last delivery: tells copies and rewinds apart"},
    {"COLUMN %sorigins.created_by", "Login name of who delivered last"},
    {"COLUMN %sorigins.hostname", "Machine of the last delivery"},
    {"COLUMN %sorigins.client_version", "Version of amx of the last delivery"},
    {"COLUMN %sorigins.first_seen", "First delivery, UTC"},
    {"COLUMN %sorigins.last_seen", "Last delivery, UTC"},
};

static void add_prefixed(Text *sql, const char *with_prefix, const char *prefix)
{
    for (; *with_prefix; with_prefix++) {
        if (with_prefix[0] == '%' && with_prefix[1] == 's') {
            text_add(sql, prefix);
            with_prefix++;
        } else {
            text_add_n(sql, with_prefix, 1);
        }
    }
}

static void add_own_tables(Text *sql, Backend backend, const char *prefix)
{
    const char *time = types[SYNCED_TIME][backend == BACKEND_SQLITE];
    const char *end = backend == BACKEND_SQLITE ? ") STRICT;\n" : ");\n";
    text_addf(sql,
              "CREATE TABLE IF NOT EXISTS %sstore (\n"
              "  id integer PRIMARY KEY CHECK (id = 1),\n"
              "  store_id text NOT NULL,\n"
              "  schema_version integer NOT NULL%s"
              "CREATE TABLE IF NOT EXISTS %sorigins (\n"
              "  origin_id text PRIMARY KEY,\n"
              "  token text NOT NULL,\n"
              "  created_by text NOT NULL,\n"
              "  hostname text NOT NULL,\n"
              "  client_version text NOT NULL,\n"
              "  first_seen %s NOT NULL,\n"
              "  last_seen %s NOT NULL%s",
              prefix, end, prefix, time, time, end);
}

void schema_shared_script(Text *sql, Backend backend, const char *prefix, bool with_schema)
{
    int schema = (int)strlen(prefix) - 1; /* without the dot */
    if (with_schema) {
        text_addf(sql, "CREATE SCHEMA IF NOT EXISTS %.*s;\n", schema, prefix);
        text_addf(sql, "COMMENT ON SCHEMA %.*s IS 'Shared history of amx: who documented what, when'", schema,
                  prefix);
        text_add(sql, ";\n");
    }
    add_own_tables(sql, backend, prefix);
    for (int i = 0; i < SYNCED_TABLE_COUNT; i++) {
        add_table(sql, backend, prefix, &synced_tables[i]);
    }
    for (size_t i = 0; i < sizeof indexes / sizeof *indexes; i++) {
        text_add(sql, "CREATE INDEX IF NOT EXISTS ");
        add_prefixed(sql, indexes[i], prefix);
        text_add(sql, ";\n");
    }
    if (backend == BACKEND_POSTGRESQL) {
        for (size_t i = 0; i < sizeof own_comments / sizeof *own_comments; i++) {
            text_add(sql, "COMMENT ON ");
            add_prefixed(sql, own_comments[i][0], prefix);
            text_add(sql, " IS ");
            add_quoted(sql, own_comments[i][1]);
            text_add(sql, ";\n");
        }
        for (int i = 0; i < SYNCED_TABLE_COUNT; i++) {
            add_comments(sql, prefix, &synced_tables[i]);
        }
    }
    text_addf(sql,
              "INSERT INTO %sstore (id, store_id, schema_version) VALUES (1, %s, %d)\n"
              "  ON CONFLICT (id) DO UPDATE SET schema_version = excluded.schema_version\n"
              "  WHERE store.schema_version < excluded.schema_version;\n",
              prefix,
              backend == BACKEND_POSTGRESQL ? "gen_random_uuid()::text" : "lower(hex(randomblob(16)))",
              SYNCED_VERSION);
}

void schema_shared_document(Text *sql, Backend backend, const char *schema, const char *plain_schema)
{
    text_addf(sql,
              "-- Shared history of amx %s, schema version %d.\n"
              "-- Run it once %s; running it again changes nothing.\n",
              AMX_VERSION, SYNCED_VERSION,
              schema ? "as a role that may create schemas in this database" : "on an empty SQLite file");
    if (schema) {
        char *visible = text_visible(plain_schema); /* a newline would end the comment */
        char *quoted = text_visible(schema);
        text_addf(sql,
                  "-- Then let the engineers in (they need no right to create anything):\n"
                  "--   GRANT USAGE ON SCHEMA %s TO engineers;\n"
                  "--   GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA %s TO engineers;\n"
                  "-- and each of them runs: amx db history-store enable --schema %s\n",
                  quoted, quoted, visible);
        free(quoted);
        free(visible);
        text_add(sql, "BEGIN;\n");
    }
    char *prefix = text_format("%s%s", schema ? schema : "", schema ? "." : "");
    schema_shared_script(sql, backend, prefix, schema != NULL);
    free(prefix);
    text_add(sql, schema ? "COMMIT;\n" : "");
}
