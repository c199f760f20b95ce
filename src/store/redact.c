#include "redact.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "events.h"
#include "local_sqlite.h"
#include "memory.h"
#include "sessions.h"
#include "text.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* --- rows --- */

/* Names, and words of amx's own: redacted, a row would not be found, or be another one. */
static bool is_name(const char *column)
{
    static const char *const names[] = {"scope",       "db_profile", "fingerprint", "drafter", "status",
                                        "schema_name", "table_name", "column_name", "kind",    "data_type",
                                        "source",      "evaluation", "forked_from", "role",    "model",
                                        "target",      "outcome"};
    for (size_t i = 0; i < COUNT(names); i++) {
        if (strcmp(names[i], column) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_redacted(const SyncedColumn *column)
{
    return (column->type == SYNCED_TEXT || column->type == SYNCED_JSON) && !is_name(column->name);
}

static char *redact_value(const SyncedColumn *column, const char *text, const char *secret)
{
    return column->type == SYNCED_JSON ? redact_json_text(text, secret) : redact_text(text, secret);
}

bool redact_row_holds(const SyncedTable *table, const Value *values, const char *secret)
{
    bool holds = false;
    for (size_t i = 0; i < table->column_count && !holds; i++) {
        const Value *value = &values[SYNCED_COMMON_COUNT + i];
        if (is_redacted(&table->columns[i]) && value->type == VALUE_TEXT) {
            char *redacted = redact_value(&table->columns[i], value->text, secret);
            holds = redacted != NULL;
            free(redacted);
        }
    }
    return holds;
}

typedef struct Ids {
    int64_t *ids;
    size_t count;
    size_t capacity;
} Ids;

/* Adds the ids that a query with one value yields. */
static bool add_ids(Sqlite *db, Ids *ids, const char *sql, Value value, Error *err)
{
    SqliteRows *rows = sqlite_query(db, err, sql, VALUES(value));
    while (sqlite_next(rows)) {
        memory_grow((void **)&ids->ids, ids->count, &ids->capacity, sizeof *ids->ids);
        ids->ids[ids->count++] = sqlite_int(rows, 0);
    }
    return sqlite_done(db, rows, err);
}

/* In JSON a backslash or an exponent may hide it. */
#define MAY_HIDE " OR instr(%s, '\\') OR %s GLOB '*[0-9][eE]*'"

/* The rows that may hold the secret. */
static bool find_rows(Sqlite *db, const SyncedTable *table, const char *secret, Ids *out, Error *err)
{
    Text sql = {0};
    text_addf(&sql, "SELECT local_id FROM %s WHERE false", table->name);
    for (size_t i = 0; i < table->column_count; i++) {
        const SyncedColumn *column = &table->columns[i];
        if (is_redacted(column)) {
            text_addf(&sql, " OR instr(%s, $1)", column->name);
            text_addf(&sql, column->type == SYNCED_JSON ? MAY_HIDE : "", column->name, column->name);
        }
    }
    bool ok = add_ids(db, out, text_string(&sql), value_text(secret), err);
    text_free(&sql);
    return ok;
}

/* The texts of one row without the secret; NULL where they do not hold it. Owned by the caller, who has
 * zeroed them. */
static bool read_row(Sqlite *db, const SyncedTable *table, int64_t id, const char *secret, char **texts,
                     Error *err)
{
    Text sql = {0};
    for (size_t i = 0; i < table->column_count; i++) {
        text_addf(&sql, "%s%s", i ? ", " : "SELECT ", table->columns[i].name);
    }
    text_addf(&sql, " FROM %s WHERE local_id = $1", table->name);
    SqliteRows *rows = sqlite_query(db, err, text_string(&sql), VALUES(value_int(id)));
    if (sqlite_next(rows)) {
        for (size_t i = 0; i < table->column_count; i++) {
            const char *text = is_redacted(&table->columns[i]) ? sqlite_text(rows, (int)i) : NULL;
            texts[i] = text ? redact_value(&table->columns[i], text, secret) : NULL;
        }
    }
    text_free(&sql);
    return sqlite_done(db, rows, err);
}

/* Writes the texts that changed. *changed: there were any. */
static bool write_row(Sqlite *db, const SyncedTable *table, int64_t id, char *const *texts, bool *changed,
                      Error *err)
{
    Text sql = {0};
    Value *values = memory_zero(table->column_count + 1, sizeof *values);
    int count = 0;
    values[count++] = value_int(id);
    text_addf(&sql, "UPDATE %s SET ", table->name);
    for (size_t i = 0; i < table->column_count; i++) {
        if (texts[i]) {
            text_addf(&sql, "%s%s = $%d", count > 1 ? ", " : "", table->columns[i].name, count + 1);
            values[count++] = value_text(texts[i]);
        }
    }
    text_add(&sql, " WHERE local_id = $1");
    *changed = count > 1;
    bool ok = !*changed || sqlite_run(db, err, text_string(&sql), values, count);
    free(values);
    text_free(&sql);
    return ok;
}

static bool redact_row(Sqlite *db, const SyncedTable *table, int64_t id, const char *secret, bool *changed,
                       Error *err)
{
    char **texts = memory_zero(table->column_count, sizeof *texts);
    bool ok = read_row(db, table, id, secret, texts, err) && write_row(db, table, id, texts, changed, err);
    for (size_t i = 0; i < table->column_count; i++) {
        free(texts[i]);
    }
    free(texts);
    return ok;
}

static bool redact_answer(Sqlite *db, int64_t answer, bool own, const char *secret, Error *err)
{
    char *text = NULL;
    SqliteRows *rows =
        sqlite_query(db, err, "SELECT content, citations FROM session_turns WHERE local_id = $1",
                     VALUES(value_int(answer)));
    if (sqlite_next(rows)) {
        text = own ? redact_echo(sqlite_text(rows, 0), secret, sqlite_text(rows, 1))
                   : redact_quote(sqlite_text(rows, 0), secret);
    }
    bool ok = sqlite_done(db, rows, err) &&
              (!text || sqlite_run(db, err, "UPDATE session_turns SET content = $2 WHERE local_id = $1",
                                   VALUES(value_int(answer), value_text(text))));
    free(text);
    return ok;
}

/* The answers after a question that held the secret; an amx that did not say which question it answers most
 * likely answered the one before. */
#define LATER_ANSWERS                                                                                        \
    "SELECT a.local_id FROM session_turns q JOIN session_turns a ON a.session_id = q.session_id "            \
    "AND a.turn_index > q.turn_index WHERE q.local_id = $1 AND q.role = 'user' AND a.role = 'assistant' "
#define OWN_ANSWER                                                                                           \
    "coalesce(a.answers, (SELECT max(b.turn_index) FROM session_turns b WHERE b.session_id = a.session_id "  \
    "AND b.role = 'user' AND b.turn_index < a.turn_index)) = q.turn_index"

static bool redact_answers(Sqlite *db, int64_t question, const char *secret, Error *err)
{
    Ids own = {0}, later = {0};
    bool ok = add_ids(db, &own, LATER_ANSWERS "AND " OWN_ANSWER, value_int(question), err) &&
              add_ids(db, &later, LATER_ANSWERS, value_int(question), err);
    for (size_t i = 0; ok && i < own.count; i++) {
        ok = redact_answer(db, own.ids[i], true, secret, err);
    }
    for (size_t i = 0; ok && i < later.count; i++) {
        ok = redact_answer(db, later.ids[i], false, secret, err);
    }
    free(own.ids);
    free(later.ids);
    return ok;
}

/* A title that is the beginning of a long question may end within the secret. */
static bool redact_title(Sqlite *db, int64_t question, const char *secret, Error *err)
{
    int64_t session = 0;
    char *old = NULL;
    SqliteRows *rows = sqlite_query(db, err,
                                    "SELECT session_id, content FROM session_turns WHERE local_id = $1 "
                                    "AND role = 'user' AND length(content) > $2",
                                    VALUES(value_int(question), value_int(SESSIONS_TITLE_LENGTH)));
    if (sqlite_next(rows)) {
        session = sqlite_int(rows, 0);
        old = memory_string(sqlite_text(rows, 1));
    }
    char *redacted = old ? redact_text(old, secret) : NULL;
    bool ok =
        sqlite_done(db, rows, err) &&
        (!redacted || sqlite_run(db, err,
                                 "UPDATE sessions SET title = substr($2, 1, $4) || substr(title, $4 + 1) "
                                 "WHERE local_id = $1 AND substr(title, 1, $4) = substr($3, 1, $4)",
                                 VALUES(value_int(session), value_text(redacted), value_text(old),
                                        value_int(SESSIONS_TITLE_LENGTH))));
    free(redacted);
    free(old);
    return ok;
}

/* A turn may hold the secret in its answer and its session's title as well. */
static bool redact_turn(Sqlite *db, const SyncedTable *table, int64_t id, const char *secret, Error *err)
{
    bool changed = false;
    return redact_title(db, id, secret, err) && redact_row(db, table, id, secret, &changed, err) &&
           (!changed || redact_answers(db, id, secret, err));
}

static bool redact_table(Sqlite *db, const SyncedTable *table, const char *secret, Error *err)
{
    Ids found = {0};
    bool ok = find_rows(db, table, secret, &found, err);
    for (size_t i = 0; ok && i < found.count; i++) {
        bool changed;
        ok = synced_id(table) == SYNCED_SESSION_TURNS
                 ? redact_turn(db, table, found.ids[i], secret, err)
                 : redact_row(db, table, found.ids[i], secret, &changed, err);
    }
    free(found.ids);
    return ok;
}

static bool count_rows(Sqlite *db, const SyncedTable *table, Redacted *out, Error *err)
{
    int64_t *rows = &out->rows[synced_id(table)];
    char *sql = text_format("SELECT count(*) FROM %s WHERE row_version > $1", table->name);
    bool ok = sqlite_number(db, err, 0, rows, sql, VALUES(value_int(out->before)));
    out->total += *rows;
    free(sql);
    return ok;
}

/* Turns go before their sessions, so that a title is still the beginning of its question. */
static bool redact_tables(Local *local, const char *secret, Redacted *out, Error *err)
{
    Sqlite *db = local_sqlite(local);
    char *visible = text_visible(secret); /* as an error that was recorded shows it */
    bool same = text_equal(visible, secret);
    bool ok = local_version(local, &out->before, err);
    for (int i = SYNCED_TABLE_COUNT - 1; ok && i >= 0; i--) {
        ok = redact_table(db, &synced_tables[i], secret, err) &&
             (same || redact_table(db, &synced_tables[i], visible, err));
    }
    free(visible);
    for (int i = 0; ok && i < SYNCED_TABLE_COUNT; i++) {
        ok = count_rows(db, &synced_tables[i], out, err);
    }
    return ok && local_version(local, &out->after, err);
}

/* --- what is not synced --- */

static bool redact_errors_of(Sqlite *db, const char *secret, Redacted *out, Error *err)
{
    static const char *const statements[] = {
        "UPDATE outbox SET last_error = replace(last_error, $1, '" REDACTED "') WHERE instr(last_error, $1)",
        "UPDATE settings SET value = replace(value, $1, '" REDACTED "') "
        "WHERE key = 'sharing.last_error' AND instr(value, $1)"};
    for (size_t i = 0; i < COUNT(statements); i++) {
        if (!sqlite_run(db, err, statements[i], VALUES(value_text(secret)))) {
            return false;
        }
        out->errors += sqlite_changes(db);
    }
    return true;
}

/* Errors are kept as they are shown, in visible characters. */
static bool redact_errors(Sqlite *db, const char *secret, Redacted *out, Error *err)
{
    char *visible = text_visible(secret);
    bool ok = redact_errors_of(db, secret, out, err) &&
              (text_equal(visible, secret) || redact_errors_of(db, visible, out, err));
    free(visible);
    return ok;
}

typedef struct Names {
    char **items;
    size_t count;
    size_t capacity;
} Names;

static void free_names(Names *names)
{
    for (size_t i = 0; i < names->count; i++) {
        free(names->items[i]);
    }
    free(names->items);
}

/* Adds what the first column of a query gives. */
static bool add_names(Sqlite *db, Names *names, const char *sql, const Value *values, int count, Error *err)
{
    SqliteRows *rows = sqlite_query(db, err, sql, values, count);
    while (sqlite_next(rows)) {
        memory_grow((void **)&names->items, names->count, &names->capacity, sizeof *names->items);
        names->items[names->count++] = memory_string(sqlite_text(rows, 0));
    }
    return sqlite_done(db, rows, err);
}

/* The tables that keep catalogs, and their indexes: the names say so. Not what FTS5 keeps for an index,
 * called as it is and more, and not the list of its words. */
#define IS_INDEX "sql LIKE '%USING fts5(%'"
#define CATALOG_TABLES                                                                                       \
    "SELECT name FROM sqlite_schema s WHERE type = 'table' AND name LIKE 'catalog!_%' ESCAPE '!' AND NOT "   \
    "EXISTS (SELECT 1 FROM sqlite_schema v WHERE v." IS_INDEX " AND instr(s.name, v.name || '_') = 1) "      \
    "AND sql NOT LIKE '%USING fts5vocab(%'"

/* Does a text of any row of the table hold the secret? Sets *holds when it does. */
static bool look_for(Sqlite *db, const char *table, const char *secret, bool *holds, Error *err)
{
    Names columns = {0};
    Text sql = {0};
    int64_t found = 0;
    bool ok = add_names(
        db, &columns,
        "SELECT name FROM pragma_table_info($1) WHERE name <> 'fingerprint' AND type IN ('TEXT', '')",
        VALUES(value_text(table)), err);
    text_addf(&sql, "SELECT 1 FROM %s WHERE false", table);
    for (size_t i = 0; i < columns.count; i++) {
        text_addf(&sql, " OR instr(\"%s\", $1)", columns.items[i]);
    }
    text_add(&sql, " LIMIT 1");
    ok = ok && (columns.count == 0 ||
                sqlite_number(db, err, 0, &found, text_string(&sql), VALUES(value_text(secret))));
    *holds = *holds || found;
    text_free(&sql);
    free_names(&columns);
    return ok;
}

static bool delete_all(Sqlite *db, const Names *tables, Error *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < tables->count; i++) {
        char *sql = text_format("DELETE FROM %s", tables->items[i]);
        ok = sqlite_run(db, err, sql, NO_VALUES);
        free(sql);
    }
    return ok;
}

/* An index of FTS5 keeps the words of what was deleted until its parts are merged. */
static bool merge_all(Sqlite *db, const Names *indexes, Error *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < indexes->count; i++) {
        char *sql =
            text_format("INSERT INTO %s(%s) VALUES ('optimize')", indexes->items[i], indexes->items[i]);
        ok = sqlite_run(db, err, sql, NO_VALUES);
        free(sql);
    }
    return ok;
}

/* What is kept can be read again: when the secret stands in any of it, all of it is forgotten. */
static bool forget_catalogs(Sqlite *db, const char *secret, Redacted *out, Error *err)
{
    Names tables = {0};
    Names indexes = {0};
    bool holds = false;
    bool ok = add_names(db, &tables, CATALOG_TABLES, NO_VALUES, err) &&
              add_names(db, &indexes, CATALOG_TABLES " AND " IS_INDEX, NO_VALUES, err);
    for (size_t i = 0; ok && !holds && i < tables.count; i++) {
        ok = look_for(db, tables.items[i], secret, &holds, err);
    }
    if (ok && holds) {
        ok = sqlite_number(db, err, 0, &out->catalogs, "SELECT count(*) FROM catalog_cache", NO_VALUES) &&
             delete_all(db, &tables, err) && merge_all(db, &indexes, err);
    }
    free_names(&indexes);
    free_names(&tables);
    return ok;
}

/* --- all of it --- */

/* Only how many: an event that told the secret would undo what it tells. */
static bool record_event(Local *local, const Redacted *redacted, Error *err)
{
    json_t *detail = json_pack("{s:I}", "rows", (json_int_t)redacted->total);
    char *text = json_dumps(detail, JSON_COMPACT);
    bool ok = events_add(local, "redact", "ok", text, err);
    free(text);
    json_decref(detail);
    return ok;
}

static bool redact_all(Local *local, const char *secret, Redacted *out, Error *err)
{
    Sqlite *db = local_sqlite(local);
    if (!local_begin(local, err)) {
        return false;
    }
    bool ok = redact_tables(local, secret, out, err) && redact_errors(db, secret, out, err) &&
              forget_catalogs(db, secret, out, err) && record_event(local, out, err);
    return local_end(local, ok, err);
}

bool redact_local(Local *local, const char *secret, Redacted *out, Error *err)
{
    Sqlite *db = local_sqlite(local);
    int64_t erased = 0;
    int64_t busy = 0;
    *out = (Redacted){0};
    if (!sqlite_number(db, err, 0, &erased, "PRAGMA secure_delete", NO_VALUES) ||
        !sqlite_script(db, "PRAGMA secure_delete = ON", err)) {
        return false;
    }
    bool ok = redact_all(local, secret, out, err);
    if (erased != 1) {
        sqlite_script(db, erased == 0 ? "PRAGMA secure_delete = OFF" : "PRAGMA secure_delete = FAST", NULL);
    }
    /* what another amx reads just now keeps the log from being emptied: it is emptied by its next writer */
    sqlite_number(db, NULL, 0, &busy, "PRAGMA wal_checkpoint(TRUNCATE)", NO_VALUES);
    return ok;
}

/* FROM and WHERE: what stores are known to have of the redacted rows of a table, as d, as it was before, and
 * are not owed anew. */
static char *stale_rows(const SyncedTable *table)
{
    return text_format("FROM delivered d JOIN %s s ON s.local_id = d.local_id WHERE d.tbl = '%s' "
                       "AND d.origin_id = s.origin_id AND d.row_version < s.row_version "
                       "AND s.row_version > $1 AND s.row_version <= $2 "
                       "AND NOT EXISTS (SELECT 1 FROM outbox q WHERE q.store_id = d.store_id "
                       "AND q.tbl = d.tbl AND q.local_id = d.local_id AND q.state IN ('queued', 'parked'))",
                       table->name, table->name);
}

/* Counts the rows of one table; adds to *out. */
static bool add_sharing(Local *local, const SyncedTable *table, const Redacted *redacted,
                        RedactedSharing *out, Error *err)
{
    Sqlite *db = local_sqlite(local);
    char *stale = stale_rows(table);
    char *sql = text_format(
        "SELECT coalesce(d.row_version >= r.row_version, 0), b.state IN ('queued', 'parked'), "
        "EXISTS (SELECT 1 %s AND s.local_id = r.local_id) FROM %s r "
        "JOIN origin o LEFT JOIN delivered d ON d.store_id = o.store_id AND d.tbl = '%s' "
        "AND d.local_id = r.local_id LEFT JOIN outbox b ON b.store_id = o.store_id AND b.tbl = '%s' "
        "AND b.local_id = r.local_id WHERE r.row_version > $1 AND r.row_version <= $2",
        stale, table->name, table->name, table->name);
    SqliteRows *rows =
        sqlite_query(db, err, sql, VALUES(value_int(redacted->before), value_int(redacted->after)));
    while (sqlite_next(rows)) {
        bool elsewhere = sqlite_int(rows, 2) != 0;
        int64_t *count = sqlite_int(rows, 1)   ? &out->waiting
                         : sqlite_int(rows, 0) ? &out->delivered
                         : elsewhere           ? NULL
                                               : &out->here;
        if (count) {
            ++*count;
        }
        out->elsewhere += elsewhere;
    }
    free(stale);
    free(sql);
    return sqlite_done(db, rows, err);
}

bool redact_sharing(Local *local, const Redacted *redacted, RedactedSharing *out, Error *err)
{
    bool ok = true;
    *out = (RedactedSharing){0};
    for (int i = 0; ok && i < SYNCED_TABLE_COUNT; i++) {
        ok = add_sharing(local, &synced_tables[i], redacted, out, err);
    }
    return ok;
}

bool redact_stores(Local *local, const Redacted *redacted, RedactedStore each, void *context, Error *err)
{
    Sqlite *db = local_sqlite(local);
    Text sql = {0};
    text_add(&sql, "SELECT store_id, count(*) FROM (");
    for (int i = 0; i < SYNCED_TABLE_COUNT; i++) {
        char *stale = stale_rows(&synced_tables[i]);
        text_addf(&sql, "%sSELECT d.store_id %s", i ? " UNION ALL " : "", stale);
        free(stale);
    }
    text_add(&sql, ") GROUP BY store_id ORDER BY store_id");
    SqliteRows *rows = sqlite_query(db, err, text_string(&sql),
                                    VALUES(value_int(redacted->before), value_int(redacted->after)));
    while (sqlite_next(rows)) {
        each(context, sqlite_text(rows, 0), sqlite_int(rows, 1));
    }
    text_free(&sql);
    return sqlite_done(db, rows, err);
}
