/* A documented PostgreSQL database: connecting, fingerprint, reading and writing comments. The catalog is
 * read in database_pg_catalog.c. */
#include "database_pg.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "pg.h"

/* --- connecting --- */

static bool open_database(Database *database, const DatabaseTarget *target, Deadline deadline, Error *err)
{
    Pg *pg = NULL;
    PgRows *rows = NULL;
    if (!pg_connect(target->conninfo ? target->conninfo : "", deadline, &pg, err)) {
        return false;
    }
    database->connection = pg;
    /* "15.18 (Debian 15.18-0+deb12u1)": the number is enough */
    if (!pg_query(pg, "SELECT split_part(current_setting('server_version'), ' ', 1)", 0, NULL, deadline,
                  &rows, err)) {
        return false;
    }
    database->version = text_format("PostgreSQL %s", pg_rows_text(rows, 0, 0));
    pg_rows_free(rows);
    return true;
}

static void close_database(Database *database)
{
    pg_close(database->connection);
}

/* --- fingerprint --- */

/* One host as it stands in a URL; a socket is a place on this machine. */
static void add_host(Text *out, const char *host, size_t length)
{
    if (length == 0) {
        text_add(out, "local");
    } else if (*host == '/' || *host == '@') {
        text_addf(out, "local[%.*s]", (int)length, host);
    } else if (memchr(host, ':', length)) {
        text_addf(out, "[%.*s]", (int)length, host);
    } else {
        text_add_n(out, host, length);
    }
}

/* Takes the next item of a comma-separated list; the last one is given again when the list has ended. */
static const char *next_item(const char **list, size_t *length)
{
    const char *item = *list;
    *length = strcspn(item, ",");
    if (item[*length] == ',') {
        *list = item + *length + 1;
    }
    return item;
}

static bool fingerprint(const DatabaseTarget *target, char **out, Error *err)
{
    char *hosts, *ports, *database;
    if (!pg_resolve(target->conninfo ? target->conninfo : "", &hosts, &ports, &database, err)) {
        return false;
    }
    Text text = {0};
    const char *host_list = hosts, *port_list = ports;
    bool more;
    text_add(&text, "postgresql://");
    do {
        size_t host_length, port_length;
        const char *host = next_item(&host_list, &host_length);
        const char *port = next_item(&port_list, &port_length);
        more = host[host_length] == ',';
        add_host(&text, host, host_length);
        text_addf(&text, ":%.*s%s", port_length ? (int)port_length : 4, port_length ? port : "5432",
                  more ? "," : "");
    } while (more);
    text_addf(&text, "/%s", database);
    *out = text_take(&text);
    free(hosts);
    free(ports);
    free(database);
    return true;
}

static bool name(const DatabaseTarget *target, char **out, Error *err)
{
    char *hosts, *ports;
    if (!pg_resolve(target->conninfo ? target->conninfo : "", &hosts, &ports, out, err)) {
        return false;
    }
    free(hosts);
    free(ports);
    return true;
}

/* --- comments --- */

/* The catalog is read under the same path, which decides which types are spelled with their schema. */
#define SPELL_LIKE_CATALOG "SET LOCAL search_path TO pg_catalog"

/* $1, $2, $3: schemas, tables and columns ('' = the table itself) of the changes, in order. */
static const char present_comments_sql[] =
    "SELECT c.oid IS NOT NULL AND (wanted.column_name = '' OR a.attnum IS NOT NULL), c.relkind, "
    "d.description,\n"
    "       pg_catalog.format_type(a.atttypid, a.atttypmod)\n"
    "  FROM ROWS FROM (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[]),\n"
    "                  pg_catalog.unnest($3::text[])) WITH ORDINALITY\n"
    "       AS wanted (schema_name, table_name, column_name, position)\n"
    "  LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = wanted.schema_name\n"
    "  LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = wanted.table_name\n"
    "       AND c.relkind IN ('r', 'p', 'v', 'm', 'f')\n"
    "  LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = wanted.column_name\n"
    "       AND a.attnum > 0 AND NOT a.attisdropped\n"
    "  LEFT JOIN pg_catalog.pg_description d ON d.classoid = 'pg_catalog.pg_class'::regclass AND d.objoid = "
    "c.oid\n"
    "       AND d.objsubid = CASE WHEN wanted.column_name = '' THEN 0 ELSE a.attnum END\n"
    " ORDER BY wanted.position";

/* Appends one element to an array literal that began with "{". */
static void add_element(Text *array, const char *value)
{
    text_add(array, array->length > 1 ? ",\"" : "\"");
    for (const char *at = value; *at; at++) {
        if (*at == '"' || *at == '\\') {
            text_add_char(array, '\\');
        }
        text_add_char(array, *at);
    }
    text_add_char(array, '"');
}

/* Looks at what is there now, inside a transaction in which types are spelled as the catalog spells them. */
static bool read_present(Database *database, CommentChange *changes, size_t count, Deadline deadline,
                         Error *err)
{
    Text schemas = {0}, tables = {0}, columns = {0};
    PgRows *rows = NULL;
    text_add(&schemas, "{");
    text_add(&tables, "{");
    text_add(&columns, "{");
    for (size_t i = 0; i < count; i++) {
        add_element(&schemas, changes[i].schema);
        add_element(&tables, changes[i].table);
        add_element(&columns, changes[i].column ? changes[i].column : "");
    }
    text_add(&schemas, "}");
    text_add(&tables, "}");
    text_add(&columns, "}");
    const PgParam params[] = {{.data = schemas.data}, {.data = tables.data}, {.data = columns.data}};
    bool ok = pg_query(database->connection, present_comments_sql, 3, params, deadline, &rows, err);
    for (size_t i = 0; ok && i < count; i++) {
        bool exists = pg_rows_bool(rows, (int)i, 0);
        CommentObject present = {.kind = CATALOG_TABLE};
        if (exists) {
            present.kind = database_pg_kind(pg_rows_text(rows, (int)i, 1));
            present.comment = pg_rows_text(rows, (int)i, 2);
            present.type = pg_rows_text(rows, (int)i, 3);
        }
        comment_change_found(&changes[i], exists ? &present : NULL);
    }
    pg_rows_free(rows);
    text_free(&schemas);
    text_free(&tables);
    text_free(&columns);
    return ok;
}

static bool read_comments(Database *database, CommentChange *changes, size_t count, Deadline deadline,
                          Error *err)
{
    Pg *pg = database->connection;
    bool ok = pg_script(pg, "BEGIN READ ONLY; " SPELL_LIKE_CATALOG, deadline, err) &&
              read_present(database, changes, count, deadline, err);
    return pg_script(pg, "ROLLBACK", deadline, ok ? err : NULL) && ok;
}

static const char *comment_object(const CommentChange *change)
{
    if (change->column) {
        return "COLUMN";
    }
    switch (change->kind) {
    case CATALOG_VIEW:
        return "VIEW";
    case CATALOG_MATERIALIZED_VIEW:
        return "MATERIALIZED VIEW";
    case CATALOG_FOREIGN_TABLE:
        return "FOREIGN TABLE";
    case CATALOG_TABLE:
    case CATALOG_PARTITIONED:
        break;
    }
    return "TABLE";
}

/* Appends the whole statement or nothing. */
static bool comment_sql(Database *database, const CommentChange *change, Text *sql, Error *err)
{
    Pg *pg = database->connection;
    const char *text = comment_change_text(change);
    Text statement = {0};
    bool ok = false;
    text_addf(&statement, "COMMENT ON %s ", comment_object(change));
    if (!pg_add_identifier(pg, &statement, change->schema, err)) {
        goto done;
    }
    text_add(&statement, ".");
    if (!pg_add_identifier(pg, &statement, change->table, err)) {
        goto done;
    }
    if (change->column) {
        text_add(&statement, ".");
        if (!pg_add_identifier(pg, &statement, change->column, err)) {
            goto done;
        }
    }
    text_add(&statement, " IS ");
    if (!text) {
        text_add(&statement, "NULL");
    } else if (!pg_add_literal(pg, &statement, text, err)) {
        goto done;
    }
    text_addf(sql, "%s;\n", text_string(&statement));
    ok = true;
done:
    text_free(&statement);
    return ok;
}

/* --- applying --- */

/* Two applies over the same tables would each read what the other is about to replace: the second waits for
 * the first (the key is "amx" in ASCII), and then sees what that one wrote, which READ COMMITTED makes sure
 * of. After that, COMMENT waits behind VACUUM, ANALYZE and DDL, and one table that stays locked must not use
 * up the time of all. */
#define BEGIN_APPLY                                                                                          \
    "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = '60s'; "                                 \
    "SELECT pg_catalog.pg_advisory_xact_lock(6385016); " SPELL_LIKE_CATALOG
#define APPLY_BATCH 1000 /* statements in one round trip, under one savepoint */

#define LOCK_NOT_AVAILABLE "55P03"
#define QUERY_CANCELED "57014"
#define INSUFFICIENT_PRIVILEGE "42501"

typedef struct Applying {
    Database *database;
    CommentChange *changes;
    size_t count;
    const DatabaseApplyRules *rules;
    Deadline deadline;
} Applying;

/* Runs statements inside a savepoint. Returns false when they were refused or the connection failed; after a
 * refusal (ERROR_DATABASE) the transaction is as it was before. */
static bool run_in_savepoint(Pg *pg, const char *statements, Deadline deadline, Error *err)
{
    Error undone = {0};
    char *script = text_format("SAVEPOINT amx;\n%sRELEASE SAVEPOINT amx", statements);
    bool ok = pg_script(pg, script, deadline, err);
    free(script);
    if (!ok && err->kind == ERROR_DATABASE &&
        !pg_script(pg, "ROLLBACK TO SAVEPOINT amx; RELEASE SAVEPOINT amx", deadline, &undone)) {
        *err = undone;
        err->kind = ERROR_CONNECTION; /* the transaction can't go on */
    }
    return ok;
}

static void mark_applied(CommentChange *changes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (changes[i].outcome == COMMENT_PENDING) {
            changes[i].outcome = COMMENT_APPLIED;
        }
    }
}

/* Who may describe the table $1.$2, and what does this role lack? */
static const char rights_sql[] =
    "SELECT pg_catalog.pg_get_userbyid(c.relowner), pg_catalog.pg_has_role(c.relowner, 'USAGE'), "
    "current_user,\n"
    "       pg_catalog.has_schema_privilege(n.oid, 'USAGE'), pg_catalog.pg_get_userbyid(n.nspowner)\n"
    "  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace\n"
    " WHERE n.nspname = $1 AND c.relname = $2";

/* Says which right a refused change lacks, and who has it; NULL: it is none of the table's as a whole. */
static bool missing_right(const Applying *applying, const CommentChange *change, char **out, Error *err)
{
    PgRows *rows = NULL;
    const PgParam params[] = {{.data = change->schema}, {.data = change->table}};
    *out = NULL;
    if (!pg_query(applying->database->connection, rights_sql, 2, params, applying->deadline, &rows, err)) {
        return false;
    }
    if (pg_rows_count(rows) == 1 && !pg_rows_bool(rows, 0, 1)) {
        *out = text_format("only the owner of %s may describe it: %s, or a member of that role; you are %s",
                           change->table, pg_rows_text(rows, 0, 0), pg_rows_text(rows, 0, 2));
    } else if (pg_rows_count(rows) == 1 && !pg_rows_bool(rows, 0, 3)) {
        *out = text_format("%s has no right to use the schema %s; its owner can grant it: %s",
                           pg_rows_text(rows, 0, 2), change->schema, pg_rows_text(rows, 0, 4));
    }
    pg_rows_free(rows);
    return true;
}

/* What holds for a table holds for its columns, which stand beside it: asking again for each, and waiting for
 * its lock again, would only take time. */
static void refuse_table(const Applying *applying, size_t first, const char *why)
{
    const CommentChange *refused = &applying->changes[first];
    for (size_t i = first; i < applying->count; i++) {
        CommentChange *change = &applying->changes[i];
        if (!text_equal(change->table, refused->table) || !text_equal(change->schema, refused->schema)) {
            return;
        }
        if (change->outcome == COMMENT_PENDING) {
            comment_change_failed(change, why);
        }
    }
}

/* Takes in a refusal. Returns false when the transaction can't go on. */
static bool take_refusal(const Applying *applying, size_t index, const Error *refused, Error *err)
{
    CommentChange *change = &applying->changes[index];
    char *why = NULL;
    if (text_equal(refused->sqlstate, INSUFFICIENT_PRIVILEGE)) {
        if (!missing_right(applying, change, &why, err)) {
            return false;
        }
    } else if (text_equal(refused->sqlstate, LOCK_NOT_AVAILABLE)) {
        why = text_format("somebody else keeps %s locked; try again later (%s)", change->table,
                          refused->message);
    }
    if (why) {
        refuse_table(applying, index, why);
    } else if (text_equal(refused->sqlstate, QUERY_CANCELED) && applying->rules->statement_timeout_ms > 0) {
        why = text_format("%s; one statement may take %d ms", refused->message,
                          applying->rules->statement_timeout_ms);
        comment_change_failed(change, why);
    } else {
        comment_change_failed(change, refused->message);
    }
    free(why);
    return true;
}

static bool apply_one(const Applying *applying, size_t index, Error *err)
{
    Database *database = applying->database;
    CommentChange *change = &applying->changes[index];
    Text sql = {0};
    Error refused = {0};
    bool ok = comment_sql(database, change, &sql, &refused) &&
              run_in_savepoint(database->connection, text_string(&sql), applying->deadline, &refused);
    text_free(&sql);
    if (ok) {
        mark_applied(change, 1);
        return true;
    }
    if (refused.kind == ERROR_DATABASE || refused.kind == ERROR_USAGE) {
        return take_refusal(applying, index, &refused, err);
    }
    *err = refused;
    return false;
}

/* All of a batch in one round trip; one by one when something in it is refused. */
static bool apply_batch(const Applying *applying, size_t first, size_t count, Error *err)
{
    Database *database = applying->database;
    CommentChange *changes = applying->changes + first;
    Text sql = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++) {
        ok = changes[i].outcome != COMMENT_PENDING || comment_sql(database, &changes[i], &sql, err);
    }
    ok = ok && (sql.length == 0 || run_in_savepoint(database->connection, sql.data, applying->deadline, err));
    text_free(&sql);
    if (ok) {
        mark_applied(changes, count);
        return true;
    }
    if (err->kind != ERROR_DATABASE && err->kind != ERROR_USAGE) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (changes[i].outcome == COMMENT_PENDING && !apply_one(applying, first + i, err)) {
            return false;
        }
    }
    return true;
}

/* A server may say itself that it does not know: 08007 transaction_resolution_unknown, 40003
 * statement_completion_unknown. */
static bool refused(const Error *err)
{
    return err->kind == ERROR_DATABASE && !text_equal(err->sqlstate, "08007") &&
           !text_equal(err->sqlstate, "40003");
}

static bool commit(Database *database, Deadline deadline, Error *err)
{
    if (interrupt_requested()) { /* the last moment at which it is certain that nothing is written */
        return error_set(err, ERROR_INTERRUPTED, "interrupted before the commit");
    }
    if (deadline_left(deadline) == 0) { /* it would not even be sent */
        return error_set(err, ERROR_TIMEOUT, "the time limit passed before the commit");
    }
    database->in_doubt = true;
    bool ok = pg_query(database->connection, "COMMIT", 0, NULL, deadline, NULL, err);
    database->in_doubt = !ok && !refused(err);
    return ok;
}

/* The id under which pg_locks shows the transaction; nothing when it wrote nothing. */
static const char transaction_sql[] = "SELECT pg_catalog.txid_current_if_assigned() % 4294967296";

static bool tell_committing(Database *database, const CommentChange *changes, Deadline deadline, Error *err)
{
    PgRows *rows = NULL;
    if (!pg_query(database->connection, transaction_sql, 0, NULL, deadline, &rows, err)) {
        return false;
    }
    bool ok = database_committing(database, changes, pg_rows_text(rows, 0, 0), err);
    pg_rows_free(rows);
    return ok;
}

static bool begin(Pg *pg, Deadline deadline, Error *err)
{
    if (pg_script(pg, BEGIN_APPLY, deadline, err)) {
        return true;
    }
    if (text_equal(err->sqlstate, LOCK_NOT_AVAILABLE)) {
        error_set(err, ERROR_DATABASE, "another apply or rollback has been under way there for a minute");
        error_hint(err, "try again when it is over; nothing was written");
    }
    return false;
}

/* From here on: looking at what is there is one query for all, and triggers that fire on a comment expect the
 * path that the database sets. A wait for a lock must end before its statement does, or nobody would know
 * that it was the lock, and that it is the same for all of the table. */
static bool limit_statements(Pg *pg, const DatabaseApplyRules *rules, Deadline deadline, Error *err)
{
    enum { LOCK_MS = 3000 };
    int most = rules->statement_timeout_ms;
    int lock = most > 0 && most <= LOCK_MS ? most - most / 4 - 1 : LOCK_MS;
    char limits[128];
    int length =
        snprintf(limits, sizeof limits, "SET LOCAL search_path TO DEFAULT; SET LOCAL lock_timeout = %d",
                 lock > 0 ? lock : 1);
    if (most > 0) {
        snprintf(limits + length, sizeof limits - (size_t)length, "; SET LOCAL statement_timeout = %d", most);
    }
    return pg_script(pg, limits, deadline, err);
}

static bool write_changes(const Applying *applying, bool *held, Error *err)
{
    Database *database = applying->database;
    bool ok = read_present(database, applying->changes, applying->count, applying->deadline, err) &&
              limit_statements(database->connection, applying->rules, applying->deadline, err);
    database_applied(database, 0); /* the first batch may wait long for a lock */
    for (size_t i = 0; ok && i < applying->count; i += APPLY_BATCH) {
        size_t left = applying->count - i;
        size_t batch = left < APPLY_BATCH ? left : APPLY_BATCH;
        ok = apply_batch(applying, i, batch, err);
        database_applied(database, i + batch);
    }
    *held = ok && comment_changes_held(applying->changes, applying->count, applying->rules);
    return ok && (*held || (tell_committing(database, applying->changes, applying->deadline, err) &&
                            commit(database, applying->deadline, err)));
}

static bool apply(Database *database, CommentChange *changes, size_t count, const DatabaseApplyRules *rules,
                  Deadline deadline, Error *err)
{
    Pg *pg = database->connection;
    Error failure = {0};
    bool held = false;
    Applying applying = {database, changes, count, rules, deadline};
    bool ok = begin(pg, deadline, &failure) && write_changes(&applying, &held, &failure);
    if (!ok || held) {
        pg_script(pg, "ROLLBACK", deadline, NULL);
    }
    if (!ok && err) {
        *err = failure;
    }
    return ok;
}

/* A transaction that writes keeps its own id locked until it is over, however long it waits for a commit that
 * is still on its way, or for a standby; and everybody may see that, whoever runs it under whatever name. */
static const char under_way_sql[] =
    "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_locks\n"
    " WHERE locktype = 'transactionid' AND mode = 'ExclusiveLock' AND granted\n"
    "   AND transactionid::text = ANY (pg_catalog.string_to_array($1, ',')))";

static bool apply_under_way(Database *database, const char *transactions, Deadline deadline, bool *out,
                            Error *err)
{
    PgRows *rows = NULL;
    const PgParam param = {.data = transactions};
    if (!pg_query(database->connection, under_way_sql, 1, &param, deadline, &rows, err)) {
        return false;
    }
    *out = pg_rows_bool(rows, 0, 0);
    pg_rows_free(rows);
    return true;
}

const DatabaseOps database_pg_ops = {
    .open = open_database,
    .close = close_database,
    .read_catalog = database_pg_read_catalog,
    .read_samples = database_pg_read_samples,
    .read_comments = read_comments,
    .apply = apply,
    .apply_under_way = apply_under_way,
    .comment_sql = comment_sql,
    .comment_preamble = "SET client_encoding = 'UTF8';\nSET standard_conforming_strings = on",
    .fingerprint = fingerprint,
    .name = name,
};
