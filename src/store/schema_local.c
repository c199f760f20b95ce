#include "schema_local.h"

#include "rules.h"
#include "synced.h"

#define NOW "strftime('%Y-%m-%dT%H:%M:%fZ','now')"
#define NOW_IN_FORMAT "strftime('%%Y-%%m-%%dT%%H:%%M:%%fZ','now')" /* the same inside a printf format */

/* What belongs to this file alone (PROTOCOL.md, local tables). `origin` is one row: who this file is, its
 * counters, the store its marks are for, and the identity of the present writer, which the triggers stamp on
 * rows. */
static const char local_tables[] =
    "CREATE TABLE origin(\n"
    "  id INTEGER PRIMARY KEY CHECK(id = 1),\n"
    "  origin_id TEXT NOT NULL,\n"
    "  row_version INTEGER NOT NULL DEFAULT 0,\n"
    "  seq INTEGER NOT NULL DEFAULT 0,\n"
    "  position INTEGER NOT NULL DEFAULT 0,\n"
    "  enabled INTEGER NOT NULL DEFAULT 0,\n"
    "  store_id TEXT,\n"
    "  created_by TEXT NOT NULL,\n"
    "  hostname TEXT NOT NULL,\n"
    "  client_version TEXT NOT NULL);\n"
    "CREATE TABLE settings(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;\n"
    "CREATE TABLE outbox(\n"
    "  store_id TEXT NOT NULL,\n"
    "  tbl TEXT NOT NULL,\n"
    "  local_id INTEGER NOT NULL,\n"
    "  position INTEGER NOT NULL,\n"
    "  seq INTEGER NOT NULL,\n"
    "  op TEXT NOT NULL CHECK(op IN ('u','d')),\n"
    "  state TEXT NOT NULL DEFAULT 'queued' CHECK(state IN ('queued','parked','dropped')),\n"
    "  sent INTEGER NOT NULL DEFAULT 0,\n"
    "  queued_at TEXT NOT NULL,\n"
    "  attempts INTEGER NOT NULL DEFAULT 0,\n"
    "  last_error TEXT,\n"
    "  PRIMARY KEY(store_id, tbl, local_id)) WITHOUT ROWID;\n"
    "CREATE INDEX outbox_queue ON outbox(store_id, state, position);\n"
    "CREATE TABLE delivered(\n"
    "  store_id TEXT NOT NULL,\n"
    "  tbl TEXT NOT NULL,\n"
    "  local_id INTEGER NOT NULL,\n"
    "  origin_id TEXT NOT NULL,\n"
    "  row_version INTEGER NOT NULL,\n"
    "  PRIMARY KEY(store_id, tbl, local_id)) WITHOUT ROWID;\n"
    "CREATE TABLE tombstones(\n"
    "  tbl TEXT NOT NULL,\n"
    "  local_id INTEGER NOT NULL,\n"
    "  parent INTEGER,\n"
    "  origin_id TEXT NOT NULL,\n"
    "  row_version INTEGER NOT NULL,\n"
    "  local_only TEXT,\n"
    "  deleted_by TEXT NOT NULL,\n"
    "  hostname TEXT NOT NULL,\n"
    "  client_version TEXT NOT NULL,\n"
    "  deleted_at TEXT NOT NULL,\n"
    "  PRIMARY KEY(tbl, local_id)) WITHOUT ROWID;\n"
    "CREATE INDEX tombstones_parent ON tombstones(tbl, parent);\n"
    "CREATE TABLE tokens(\n"
    "  n INTEGER PRIMARY KEY AUTOINCREMENT,\n"
    "  store_id TEXT NOT NULL,\n"
    "  origin_id TEXT NOT NULL,\n"
    "  token TEXT NOT NULL UNIQUE,\n"
    "  state TEXT NOT NULL CHECK(state IN ('pending','acked','old')));\n"
    "CREATE INDEX tokens_live ON tokens(store_id, origin_id, state) WHERE state <> 'old';\n"
    "CREATE TABLE catalog_cache(\n"
    "  fingerprint TEXT PRIMARY KEY,\n"
    "  taken_at TEXT NOT NULL) WITHOUT ROWID;\n"
    "CREATE TABLE catalog_object(\n"
    "  id INTEGER PRIMARY KEY,\n"
    "  fingerprint TEXT NOT NULL,\n"
    "  schema_name TEXT NOT NULL,\n"
    "  table_name TEXT NOT NULL,\n"
    "  column_name TEXT NOT NULL,\n" /* '' for the table itself */
    "  kind TEXT NOT NULL,\n"
    "  data_type TEXT,\n"
    "  comment TEXT,\n"
    "  accepted TEXT,\n"
    "  refers_to TEXT,\n"
    "  words TEXT NOT NULL,\n"
    "  UNIQUE(fingerprint, schema_name, table_name, column_name));\n"
    "CREATE TABLE catalog_reference(\n"
    "  fingerprint TEXT NOT NULL,\n"
    "  key INTEGER NOT NULL,\n"
    "  position INTEGER NOT NULL,\n"
    "  schema_name TEXT NOT NULL,\n"
    "  table_name TEXT NOT NULL,\n"
    "  column_name TEXT NOT NULL,\n"
    "  to_schema TEXT NOT NULL,\n"
    "  to_table TEXT NOT NULL,\n"
    "  to_column TEXT NOT NULL,\n"
    "  PRIMARY KEY(fingerprint, key, position)) WITHOUT ROWID;\n";

/* Listings run along these: newest first, all or of one profile; the rows under a parent; and where a run
 * stands. */
const char schema_local_indexes[] =
    "CREATE INDEX IF NOT EXISTS runs_by_profile ON runs(fingerprint, local_id);\n"
    "CREATE INDEX IF NOT EXISTS runs_by_time ON runs(started, local_id);\n"
    "CREATE UNIQUE INDEX IF NOT EXISTS run_results_object ON run_results(run_id, schema_name, "
    "table_name, ifnull(column_name, ''));\n"
    "CREATE INDEX IF NOT EXISTS run_results_state ON run_results(run_id, evaluation, applied_at);\n"
    "CREATE INDEX IF NOT EXISTS sessions_by_activity ON sessions(last_active, local_id);\n"
    "CREATE INDEX IF NOT EXISTS sessions_by_profile ON sessions(db_profile, last_active, local_id);\n"
    "CREATE UNIQUE INDEX IF NOT EXISTS session_turns_place ON session_turns(session_id, turn_index);\n"
    "CREATE INDEX IF NOT EXISTS apply_events_result ON apply_events(result_id);\n"
    "CREATE INDEX IF NOT EXISTS apply_events_pending ON apply_events(local_id) WHERE outcome = 'pending';\n"
    "CREATE INDEX IF NOT EXISTS app_events_by_time ON app_events(created_at, local_id);\n";

static const char *sqlite_type(SyncedType type)
{
    return type == SYNCED_INT ? "INTEGER" : type == SYNCED_REAL ? "REAL" : "TEXT";
}

/* Metadata is filled by the insert trigger; the defaults only let the INSERT pass until then. */
static const char *common_default(size_t index)
{
    switch (index) {
    case SYNCED_ROW_VERSION:
        return " DEFAULT 0";
    case SYNCED_CREATED_AT:
    case SYNCED_UPDATED_AT:
        return " DEFAULT (" NOW ")";
    default:
        return " DEFAULT ''";
    }
}

static void add_create_table(Text *sql, const SyncedTable *table)
{
    text_addf(sql, "CREATE TABLE %s(\n  local_id INTEGER PRIMARY KEY AUTOINCREMENT", table->name);
    for (size_t i = 0; i < synced_width(table); i++) {
        const SyncedColumn *column = synced_column(table, i);
        if (i == SYNCED_LOCAL_ID) {
            continue;
        }
        text_addf(sql, ",\n  %s %s", column->name, sqlite_type(column->type));
        if (column->required) {
            text_add(sql, " NOT NULL");
            text_add(sql, i < SYNCED_COMMON_COUNT ? common_default(i) : "");
        }
        if (table->parent != SYNCED_NO_PARENT && text_equal(column->name, table->parent_column)) {
            text_addf(sql, " REFERENCES %s(local_id)", synced_tables[table->parent].name);
        }
    }
    if (table->parent == SYNCED_NO_PARENT) {
        text_add(sql, ",\n  local_only TEXT CHECK(local_only IN ('private','off')));\n");
        text_addf(sql, "CREATE INDEX %s_off ON %s(local_only) WHERE local_only = 'off';\n", table->name,
                  table->name);
    } else {
        text_add(sql, ");\n");
        text_addf(sql, "CREATE INDEX %s_parent ON %s(%s);\n", table->name, table->name, table->parent_column);
    }
}

static void add_columns_since(Text *sql, const SyncedTable *table, int version)
{
    for (size_t i = 0; i < table->column_count; i++) {
        const SyncedColumn *column = &table->columns[i];
        if (column->since > version) {
            text_addf(sql, "ALTER TABLE %s ADD COLUMN %s %s;\n", table->name, column->name,
                      sqlite_type(column->type));
        }
    }
}

void schema_local_only(Text *sql, const SyncedTable *table, const char *row)
{
    Text id = {0};
    if (!rule_holds(RULE_LOCAL_ONLY)) {
        text_add(sql, "NULL");
        return;
    }
    if (table->parent == SYNCED_NO_PARENT) {
        text_addf(sql, "%s.local_only", row);
        return;
    }
    text_addf(&id, "%s.%s", row, table->parent_column);
    for (table = &synced_tables[table->parent]; table->parent != SYNCED_NO_PARENT;
         table = &synced_tables[table->parent]) {
        char *below = text_take(&id);
        text_addf(&id, "(SELECT %s FROM %s WHERE local_id = %s)", table->parent_column, table->name, below);
        free(below);
    }
    text_addf(sql, "(SELECT local_only FROM %s WHERE local_id = %s)", table->name, text_string(&id));
    text_free(&id);
}

/* Puts the mark of one row into the outbox of the store that sharing is, or last was, switched to. A mark
 * that is there keeps its position; its seq always moves. `row` is NEW or OLD. */
static void add_mark(Text *sql, const SyncedTable *table, const char *row, char op)
{
    text_addf(sql,
              "  INSERT INTO outbox(store_id, tbl, local_id, position, seq, op, queued_at)\n"
              "    SELECT o.store_id, '%s', %s.local_id, o.position, o.seq, '%c', " NOW_IN_FORMAT "\n"
              "    FROM origin o WHERE o.store_id IS NOT NULL AND ",
              table->name, row, op);
    if (op == 'u' && table->parent == SYNCED_NO_PARENT &&
        rule_holds(RULE_LOCAL_ONLY)) { /* NEW is the row before the trigger filled it */
        text_addf(sql, "(SELECT local_only FROM %s WHERE local_id = NEW.local_id)", table->name);
    } else {
        schema_local_only(sql, table, row);
    }
    text_add(sql, op == 'u' ? " IS NULL\n" : " IS NULL AND OLD.origin_id = o.origin_id\n");
    text_add(sql, RULE_SQL(RULE_SEQ_MOVES, "    ON CONFLICT(store_id, tbl, local_id) DO UPDATE SET\n      ",
                           "seq = excluded.seq, ", "",
                           "op = excluded.op, state = 'queued', attempts = 0, last_error = NULL;\n"));
}

/* Queueing a row brings its dropped ancestors back: without them it could never be delivered. */
static void add_undrop_ancestors(Text *sql, const SyncedTable *table)
{
    Text id = {0};
    Text only = {0};
    schema_local_only(&only, table, "NEW");
    text_addf(&id, "NEW.%s", table->parent_column ? table->parent_column : "");
    for (int up = table->parent; rule_holds(RULE_UNDROP_ANCESTORS) && up != SYNCED_NO_PARENT;
         up = synced_tables[up].parent) {
        text_addf(sql,
                  "  UPDATE outbox SET state = 'queued', seq = (SELECT seq FROM origin)\n"
                  "    WHERE store_id = (SELECT store_id FROM origin) AND tbl = '%s' AND state = 'dropped'\n"
                  "    AND local_id = %s AND %s IS NULL;\n",
                  synced_tables[up].name, text_string(&id), text_string(&only));
        char *inner = text_take(&id);
        text_addf(&id, "(SELECT %s FROM %s WHERE local_id = %s)",
                  synced_tables[up].parent_column ? synced_tables[up].parent_column : "",
                  synced_tables[up].name, inner);
        free(inner);
    }
    text_free(&only);
    text_free(&id);
}

#define NEXT_NUMBERS                                                                                         \
    "  UPDATE origin SET row_version = row_version + 1, seq = seq + 1, position = position + 1;\n"

static void add_insert_trigger(Text *sql, const SyncedTable *table)
{
    text_addf(sql, "CREATE TRIGGER %s_insert AFTER INSERT ON %s BEGIN\n" NEXT_NUMBERS, table->name,
              table->name);
    text_addf(
        sql,
        "  UPDATE %s SET (origin_id, born_origin, row_version, created_by, hostname, client_version) =\n"
        "      (SELECT origin_id, origin_id, row_version, created_by, hostname, client_version FROM "
        "origin)%s\n",
        table->name,
        table->parent != SYNCED_NO_PARENT
            ? ""
            : ",\n    local_only = CASE WHEN NEW.local_only IS NOT NULL THEN NEW.local_only\n"
              "      WHEN (SELECT enabled FROM origin) THEN NULL ELSE 'off' END");
    text_add(sql, "    WHERE local_id = NEW.local_id;\n");
    add_mark(sql, table, "NEW", 'u');
    add_undrop_ancestors(sql, table);
    text_add(sql, "END;\n");
}

/* Only columns of content: a change of origin_id or local_only is no write of the row. */
static void add_update_trigger(Text *sql, const SyncedTable *table)
{
    text_addf(sql, "CREATE TRIGGER %s_update AFTER UPDATE OF ", table->name);
    for (size_t i = 0; i < table->column_count; i++) {
        text_addf(sql, "%s%s", i ? ", " : "", table->columns[i].name);
    }
    text_addf(sql, " ON %s BEGIN\n" NEXT_NUMBERS, table->name);
    text_addf(sql,
              "  UPDATE %s SET row_version = (SELECT row_version FROM origin), updated_at = " NOW_IN_FORMAT
              "\n"
              "    WHERE local_id = NEW.local_id;\n",
              table->name);
    add_mark(sql, table, "NEW", 'u');
    add_undrop_ancestors(sql, table);
    text_add(sql, "END;\n");
}

/* Appends the ids of a table's tombstones that lie under those tombstones of `top` that `of` chooses. */
static void add_tombstones_below(Text *sql, int top, const SyncedTable *table, const char *of)
{
    text_addf(sql, "(SELECT local_id FROM tombstones WHERE tbl = '%s' AND parent ", table->name);
    if (table->parent == top) {
        text_add(sql, of);
    } else {
        text_add(sql, "IN ");
        add_tombstones_below(sql, top, &synced_tables[table->parent], of);
    }
    text_add(sql, ")");
}

static bool is_below(int top, const SyncedTable *table)
{
    for (int up = table->parent; up != SYNCED_NO_PARENT; up = synced_tables[up].parent) {
        if (up == top) {
            return true;
        }
    }
    return false;
}

void schema_local_undrop_below(Text *sql, const SyncedTable *table, const char *of)
{
    for (int i = 0; rule_holds(RULE_UNDROP_DELETES) && i < SYNCED_TABLE_COUNT; i++) {
        if (is_below(synced_id(table), &synced_tables[i])) {
            text_addf(sql,
                      "  UPDATE outbox SET state = 'queued', seq = (SELECT seq FROM origin)\n"
                      "    WHERE store_id = (SELECT store_id FROM origin) AND tbl = '%s' AND op = 'd'\n"
                      "    AND state = 'dropped' AND local_id IN ",
                      synced_tables[i].name);
            add_tombstones_below(sql, synced_id(table), &synced_tables[i], of);
            text_add(sql, ";\n");
        }
    }
}

static void add_delete_triggers(Text *sql, const SyncedTable *table)
{
    text_addf(sql, "CREATE TRIGGER %s_delete_children BEFORE DELETE ON %s BEGIN\n", table->name, table->name);
    bool has_children = false;
    for (int i = 0; i < SYNCED_TABLE_COUNT; i++) {
        if (synced_tables[i].parent == synced_id(table)) {
            text_addf(sql, "  DELETE FROM %s WHERE %s = OLD.local_id;\n", synced_tables[i].name,
                      synced_tables[i].parent_column);
            has_children = true;
        }
    }
    text_add(sql, has_children ? "END;\n" : "  SELECT 1;\nEND;\n");
    Text only = {0};
    schema_local_only(&only, table, "OLD");
    text_addf(sql,
              "CREATE TRIGGER %s_delete AFTER DELETE ON %s BEGIN\n" NEXT_NUMBERS
              "  INSERT INTO tombstones SELECT '%s', OLD.local_id, %s%s, OLD.origin_id, o.row_version,\n"
              "    %s, o.created_by, o.hostname, o.client_version, " NOW_IN_FORMAT " FROM origin o;\n",
              table->name, table->name, table->name, table->parent_column ? "OLD." : "NULL",
              table->parent_column ? table->parent_column : "", text_string(&only));
    text_free(&only);
    add_mark(sql, table, "OLD", 'd');
    schema_local_undrop_below(sql, table, "= OLD.local_id");
    text_add(sql, "END;\n");
}

static void add_triggers(Text *sql)
{
    for (int i = 0; i < SYNCED_TABLE_COUNT; i++) {
        const SyncedTable *table = &synced_tables[i];
        add_insert_trigger(sql, table);
        add_update_trigger(sql, table);
        add_delete_triggers(sql, table);
    }
}

static void add_drop_triggers(Text *sql)
{
    static const char *const suffixes[] = {"insert", "update", "delete", "delete_children"};
    for (int i = 0; i < SYNCED_TABLE_COUNT; i++) {
        for (size_t s = 0; s < sizeof suffixes / sizeof *suffixes; s++) {
            text_addf(sql, "DROP TRIGGER IF EXISTS %s_%s;\n", synced_tables[i].name, suffixes[s]);
        }
    }
}

void schema_local_upgrade(Text *sql, int version)
{
    if (version == 0) {
        text_add(sql, local_tables);
        for (int i = 0; i < SYNCED_TABLE_COUNT; i++) {
            add_create_table(sql, &synced_tables[i]);
        }
        text_add(sql, schema_local_indexes);
    } else {
        add_drop_triggers(sql);
        for (int i = 0; i < SYNCED_TABLE_COUNT; i++) {
            add_columns_since(sql, &synced_tables[i], version);
        }
    }
    add_triggers(sql);
    text_addf(sql, "PRAGMA application_id = %d;\nPRAGMA user_version = %d;\n", SCHEMA_LOCAL_APPLICATION_ID,
              SYNCED_VERSION);
}
